//! Which ridges a place has.

use super::canvas::{Ink, mix};
use super::look::{Hour, Look, Place, Subject};
use super::palette::Palette;
use super::ridge::{Shape, Style};

/// Level of the ground the subject stands on, as a share of the height from above.
pub(super) const GROUND: f32 = 0.76;

/// Ridges of a place, back to front; the last with a depth of 1 or less carries the subject.
#[rustfmt::skip]
pub(super) fn ridges(look: &Look, palette: &Palette) -> Vec<Style> {
    use Shape::{Dunes, Flat, Furniture, Grass, Hills, Peaks, Pines, Roofs, Towers};
    let tones = Tones::of(look, palette);
    match look.place {
        Place::Meadow => vec![tones.far(Peaks, 0.16), tones.middle(Hills, 0.14), tones.ground(Hills, 0.03), tones.close(Grass, 0.13)],
        Place::Forest => vec![tones.far(Pines, 0.26), tones.middle(Pines, 0.36), tones.near(Pines, 0.4), tones.ground(Hills, 0.02), tones.close(Grass, 0.15)],
        Place::Mountain => vec![tones.far(Peaks, 0.44), tones.middle(Peaks, 0.28), tones.ground(Hills, 0.05), tones.close(Grass, 0.1)],
        Place::Sea => sea(look, palette, &tones),
        Place::City => vec![tones.far(Towers, 0.36), tones.middle(Towers, 0.46), tones.near(Towers, 0.3), tones.ground(Flat, 0.0)],
        Place::Village => vec![tones.far(Peaks, 0.28), tones.middle(Roofs, 0.14), tones.near(Roofs, 0.2), tones.ground(Flat, 0.0), tones.close(Grass, 0.09)],
        Place::Desert => vec![tones.far(Peaks, 0.12), tones.middle(Dunes, 0.14), tones.ground(Dunes, 0.05), tones.close(Dunes, 0.16)],
        Place::Room => vec![tones.near(Furniture, 0.2).at(0.7, 0.5), tones.ground(Flat, 0.0).at(0.7, 0.6)],
        Place::Space => vec![],
        Place::Underwater => vec![tones.far(Hills, 0.2), tones.middle(Peaks, 0.2), tones.ground(Dunes, 0.06).at(0.92, 1.0), tones.close(Grass, 0.16)],
    }
}

/// Water to the horizon, and a beach for those who cannot float.
fn sea(look: &Look, palette: &Palette, tones: &Tones) -> Vec<Style> {
    let water = Style {
        shape: Shape::Flat,
        base: 0.64,
        rise: 0.0,
        depth: 0.14,
        crest: mix(palette.ground, palette.horizon, 0.65),
        body: mix(palette.ground, palette.zenith, 0.3),
        fade: 0.5,
    };
    let mut sea = vec![tones.far(Shape::Hills, 0.07), water];
    if !afloat(look.subject) {
        let dry = if look.hour == Hour::Night { 0.25 } else { 0.75 };
        let sand = mix(palette.ground, [226, 196, 148], dry);
        sea.push(Style {
            crest: mix(sand, palette.light, 0.3),
            body: mix(sand, [0; 3], 0.15),
            ..tones.ground(Shape::Dunes, 0.03).at(0.83, 1.0)
        });
    }
    sea
}

/// Colours of the land by distance: the further, the more of the horizon's.
#[derive(Debug)]
struct Tones {
    far: (Ink, Ink),
    middle: (Ink, Ink),
    near: (Ink, Ink),
    ground: (Ink, Ink),
    close: (Ink, Ink),
}

impl Tones {
    fn of(look: &Look, palette: &Palette) -> Self {
        let far = mix(palette.growth, palette.horizon, 0.62);
        let middle = mix(palette.growth, palette.horizon, 0.3);
        let near = mix(palette.growth, palette.ground, 0.35);
        let dark = mix(palette.ground, [0; 3], 0.45);
        let shine = if look.hour == Hour::Night { 0.1 } else { 0.22 };
        Self {
            far: (far, mix(far, palette.horizon, 0.6)),
            middle: (middle, mix(middle, far, 0.45)),
            near: (near, mix(near, dark, 0.45)),
            ground: (
                mix(palette.ground, palette.light, shine),
                mix(palette.ground, [0; 3], 0.22),
            ),
            close: (mix(dark, palette.ground, 0.4), dark),
        }
    }

    fn far(&self, shape: Shape, rise: f32) -> Style {
        styled(shape, rise, self.far).at(0.64, 0.14)
    }

    fn middle(&self, shape: Shape, rise: f32) -> Style {
        styled(shape, rise, self.middle).at(0.71, 0.4)
    }

    fn near(&self, shape: Shape, rise: f32) -> Style {
        styled(shape, rise, self.near).at(0.765, 0.7)
    }

    fn ground(&self, shape: Shape, rise: f32) -> Style {
        styled(shape, rise, self.ground).at(GROUND + rise * 0.5, 1.0)
    }

    fn close(&self, shape: Shape, rise: f32) -> Style {
        let style = styled(shape, rise, self.close).at(1.03, 1.7);
        Style { fade: 0.1, ..style }
    }
}

fn styled(shape: Shape, rise: f32, (crest, body): (Ink, Ink)) -> Style {
    Style {
        shape,
        base: GROUND,
        rise,
        depth: 1.0,
        crest,
        body,
        fade: 0.2,
    }
}

impl Style {
    /// Stands at another level and depth.
    fn at(self, base: f32, depth: f32) -> Self {
        Self {
            base,
            depth,
            ..self
        }
    }
}

/// Whether a subject needs no beach to be at the sea.
fn afloat(subject: Subject) -> bool {
    match subject {
        Subject::Bird | Subject::Boat | Subject::Fish | Subject::Rocket | Subject::Balloon => true,
        Subject::Beast(..)
        | Subject::Person
        | Subject::Pair
        | Subject::Car
        | Subject::Train
        | Subject::Flower => false,
    }
}
