//! The one who moves: simple figures of limbs and ellipses, walking, flying, floating.

mod figures;

use super::canvas::{Canvas, Ink, Point, mix};
use super::look::{Action, Hour, Look, Subject};
use super::palette::Palette;

/// A figure and its colours.
#[derive(Debug)]
pub(super) struct Figure {
    subject: Subject,
    action: Action,
    coat: Ink,
    dark: Ink,
    rim: Ink,
    pace: f32,
}

/// Where a figure stands and how large one unit of it is, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    /// Ground under the figure.
    pub(super) foot: Point,
    /// Height of a person, in pixels.
    pub(super) size: f32,
    /// Seconds since the start.
    pub(super) t: f32,
}

/// Draws in figure units: x to the right, y up from the ground, 1 is a person's height.
struct Pen<'a> {
    canvas: &'a mut Canvas,
    origin: Point,
    size: f32,
}

impl Pen<'_> {
    fn at(&self, (x, y): Point) -> Point {
        (self.origin.0 + x * self.size, self.origin.1 - y * self.size)
    }

    fn limb(&mut self, a: Point, b: Point, (ra, rb): (f32, f32), ink: Ink) {
        let (a, b) = (self.at(a), self.at(b));
        self.canvas
            .limb(a, b, (ra * self.size, rb * self.size), ink, 1.0);
    }

    fn oval(&mut self, at: Point, (rx, ry): (f32, f32), ink: Ink) {
        let at = self.at(at);
        self.canvas
            .ellipse(at, (rx * self.size, ry * self.size), ink, 1.0);
    }

    /// A convex shape whose corners go clockwise on screen.
    fn plate(&mut self, corners: &[Point], ink: Ink) {
        let corners: Vec<Point> = corners.iter().map(|&corner| self.at(corner)).collect();
        self.canvas.polygon(&corners, ink, 1.0);
    }
}

impl Figure {
    pub(super) fn new(look: &Look, palette: &Palette) -> Self {
        let natural = match look.subject {
            Subject::Beast(_, coat) => coat,
            Subject::Person | Subject::Pair => mix(palette.accent, [60, 60, 90], 0.3),
            Subject::Bird => [236, 236, 232],
            Subject::Fish => [240, 140, 70],
            Subject::Boat => [236, 230, 220],
            Subject::Train => [88, 112, 150],
            Subject::Rocket => [226, 230, 236],
            Subject::Car | Subject::Flower | Subject::Balloon => palette.accent,
        };
        let (shade, sky) = match look.hour {
            Hour::Day => (0.04, palette.horizon),
            Hour::Dawn => (0.3, palette.ground),
            Hour::Dusk => (0.5, mix(palette.ground, [20, 12, 24], 0.6)),
            Hour::Night => (0.5, mix(palette.ground, [6, 8, 18], 0.5)),
        };
        let coat = mix(look.colour.unwrap_or(natural), sky, shade);
        Self {
            subject: look.subject,
            action: look.action,
            coat,
            dark: mix(coat, [16, 14, 22], 0.5),
            rim: mix(coat, palette.light, 0.75),
            pace: if look.slow { 0.45 } else { 1.0 },
        }
    }

    /// Draws a soft shadow, a lit edge and the figure.
    pub(super) fn paint(&self, canvas: &mut Canvas, stand: Stand) {
        let t = stand.t * self.pace;
        let size = stand.size * self.scale();
        let lift = self.lift(t);
        if self.grounded() {
            let wide = size * (0.42 - 0.2 * lift.min(1.0));
            canvas.ellipse(stand.foot, (wide, size * 0.045), [0; 3], 0.28);
        }
        let origin = (stand.foot.0, stand.foot.1 - lift * stand.size);
        let edge = (size * 0.014).max(0.7);
        let rim = Self {
            coat: self.rim,
            dark: self.rim,
            ..*self
        };
        rim.draw(
            &mut Pen {
                canvas,
                origin: (origin.0 + edge, origin.1 - edge),
                size,
            },
            t,
        );
        self.draw(
            &mut Pen {
                canvas,
                origin,
                size,
            },
            t,
        );
    }

    fn scale(&self) -> f32 {
        match self.subject {
            Subject::Beast(scale, _) => scale,
            Subject::Person | Subject::Pair => 1.0,
            Subject::Bird => 0.9,
            Subject::Car => 1.25,
            Subject::Boat => 1.35,
            Subject::Train => 1.3,
            Subject::Fish | Subject::Flower => 1.1,
            Subject::Rocket | Subject::Balloon => 1.2,
        }
    }

    /// Whether it has a shadow on the ground.
    fn grounded(&self) -> bool {
        match self.subject {
            Subject::Beast(..)
            | Subject::Person
            | Subject::Pair
            | Subject::Car
            | Subject::Train
            | Subject::Flower => !matches!(self.action, Action::Fly | Action::Swim),
            Subject::Bird | Subject::Boat | Subject::Fish | Subject::Rocket | Subject::Balloon => {
                false
            }
        }
    }

    /// How high it is above the ground, in figure units.
    fn lift(&self, t: f32) -> f32 {
        let hop = |rate: f32, high: f32| (t * rate).sin().abs() * high;
        let above = match self.subject {
            Subject::Bird => 1.25 + 0.12 * (t * 1.3).sin(),
            Subject::Fish => 0.8 + 0.1 * (t * 1.1).sin(),
            Subject::Rocket | Subject::Balloon => 0.7 + 0.08 * (t * 0.8).sin(),
            Subject::Boat => 0.015 * (t * 1.6).sin() - 0.02,
            Subject::Car | Subject::Train | Subject::Flower => return 0.0,
            Subject::Beast(..) | Subject::Person | Subject::Pair => 0.0,
        };
        above
            + match self.action {
                Action::Run => hop(8.5, 0.07),
                Action::Jump => hop(3.6, 0.4),
                Action::Dance => hop(5.0, 0.06),
                Action::Fly if above == 0.0 => 0.8 + 0.08 * (t * 1.2).sin(),
                Action::Fall => (1.0 - (t * 0.5).rem_euclid(1.0)) * 1.4,
                Action::Still | Action::Walk | Action::Fly | Action::Swim => 0.0,
            }
    }

    /// Stride: how far legs swing and how fast.
    fn stride(&self) -> (f32, f32) {
        match self.action {
            Action::Run => (0.95, 11.0),
            Action::Walk => (0.5, 5.2),
            Action::Jump | Action::Dance => (0.6, 6.5),
            Action::Fly | Action::Swim | Action::Fall => (0.35, 3.5),
            Action::Still => (0.04, 1.2),
        }
    }

    fn draw(&self, pen: &mut Pen<'_>, t: f32) {
        match self.subject {
            Subject::Beast(..) => self.beast(pen, t),
            Subject::Person => self.person(pen, (0.0, 1.0), t),
            Subject::Pair => {
                self.person(pen, (-0.24, 0.94), t + 0.4);
                self.person(pen, (0.24, 1.0), t);
            }
            Subject::Bird => self.bird(pen, t),
            Subject::Car => self.car(pen, t),
            Subject::Boat => self.boat(pen, t),
            Subject::Train => self.train(pen),
            Subject::Fish => self.fish(pen, t),
            Subject::Flower => self.flower(pen, t),
            Subject::Rocket => self.rocket(pen, t),
            Subject::Balloon => self.balloon(pen),
        }
    }
}
