//! Where the camera is at a moment.

use super::canvas::{Point, real};
use super::chance::smooth;
use super::look::{Action, Look, Move, Place, Subject};

/// A camera position, in units of the picture's shorter side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// How far the camera has gone to the right.
    pub(super) x: f32,
    /// How far it has gone up.
    pub(super) y: f32,
    /// Magnification of the middle distance; 1 is the start of most moves.
    pub(super) zoom: f32,
    /// Around which depth it turns: 0 for none, 1 when it orbits the subject.
    pub(super) pivot: f32,
}

/// The camera's path through a scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    way: Move,
    chase: f32,
    pace: f32,
}

impl Camera {
    pub(super) fn new(look: &Look) -> Self {
        let pace = if look.slow { 0.45 } else { 1.0 };
        Self {
            way: look.camera,
            chase: chase(look) * pace,
            pace,
        }
    }

    /// The view `t` seconds in, at `share` of the whole film.
    pub(super) fn view(&self, t: f32, share: f32) -> View {
        let eased = smooth(share);
        let (mut x, mut y, mut zoom, mut pivot) = (self.chase * t, 0.0, 1.0, 0.0);
        match self.way {
            Move::Drift => {
                x += 0.03 * t * self.pace;
                zoom = 1.0 + 0.07 * eased;
            }
            Move::Still => {}
            Move::PanLeft => x -= 0.12 * t * self.pace + 0.1 * eased,
            Move::PanRight => x += 0.12 * t * self.pace + 0.1 * eased,
            Move::TiltUp => y = 0.34 * eased - 0.12,
            Move::TiltDown => y = 0.22 - 0.34 * eased,
            Move::DollyIn => zoom = 1.0 + 0.45 * eased,
            Move::DollyOut => zoom = 1.45 - 0.45 * eased,
            Move::Orbit => {
                x += 0.1 * t * self.pace;
                pivot = 1.0;
            }
            Move::Handheld => {
                x += 0.012 * ((t * 2.1).sin() + 0.6 * (t * 5.3).sin());
                y += 0.009 * ((t * 2.7).cos() + 0.5 * (t * 6.1).sin());
                zoom = 1.03 + 0.01 * (t * 0.9).sin();
            }
            Move::Crane => {
                y = 0.3 * eased;
                zoom = 1.12 - 0.12 * eased;
                x += 0.04 * t * self.pace;
            }
        }
        View { x, y, zoom, pivot }
    }
}

/// How fast the camera follows the subject, in shorter sides per second.
fn chase(look: &Look) -> f32 {
    if matches!(look.place, Place::Room) {
        return 0.0;
    }
    let speed = match look.action {
        Action::Walk => 0.1,
        Action::Run => 0.34,
        Action::Jump => 0.14,
        Action::Fly => 0.12,
        Action::Swim => 0.08,
        Action::Still | Action::Fall | Action::Dance => 0.0,
    };
    match look.subject {
        Subject::Car | Subject::Train if look.action == Action::Run => 0.6,
        Subject::Flower => 0.0,
        Subject::Beast(..)
        | Subject::Person
        | Subject::Pair
        | Subject::Bird
        | Subject::Car
        | Subject::Boat
        | Subject::Train
        | Subject::Fish
        | Subject::Rocket
        | Subject::Balloon => speed,
    }
}

/// Maps between the world and the picture for one view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lens {
    view: View,
    width: f32,
    height: f32,
    /// Shorter side of the picture in pixels, the unit of everything.
    pub(super) unit: f32,
}

impl Lens {
    pub(super) fn new(view: View, (width, height): (i32, i32)) -> Self {
        let (width, height) = (real(width), real(height));
        Self {
            view,
            width,
            height,
            unit: width.min(height * 1.2),
        }
    }

    /// Magnification at a depth: 0 is the horizon, 1 the subject.
    pub(super) fn zoom(&self, depth: f32) -> f32 {
        1.0 + (self.view.zoom - 1.0) * depth
    }

    /// How far the world at a depth has moved to the left, in units.
    pub(super) fn shift(&self, depth: f32) -> f32 {
        self.view.x * (depth - self.view.pivot)
    }

    /// Where a place of the picture (in pixels) lies in the world at a depth (in units from its middle).
    pub(super) fn world_x(&self, px: f32, depth: f32) -> f32 {
        (px - self.width / 2.0) / (self.unit * self.zoom(depth)) + self.shift(depth)
    }

    /// Where a place of the world appears, from units across and a share of the height.
    pub(super) fn place(&self, (x, share): Point, depth: f32) -> Point {
        let x = (x - self.shift(depth)) * self.unit * self.zoom(depth) + self.width / 2.0;
        (x, self.height_at(share, depth))
    }

    /// Where a height, as a share of the picture's height, appears at a depth.
    pub(super) fn height_at(&self, share: f32, depth: f32) -> f32 {
        let level = 0.62;
        let rise = self.view.y * (0.35 + 0.65 * depth) * self.unit;
        (share - level) * self.height * self.zoom(depth) + level * self.height + rise
    }
}
