//! Colours of a scene: natural light by the hour, tinted by mood and weather.

use super::canvas::{Ink, mix};
use super::look::{Hour, Look, Mood, Place, Weather};

/// Colours everything is painted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Palette {
    /// Sky at the upper edge.
    pub(super) zenith: Ink,
    /// Sky at the horizon.
    pub(super) horizon: Ink,
    /// Sun, moon, lit edges.
    pub(super) light: Ink,
    /// Land or water close by.
    pub(super) ground: Ink,
    /// What stands on it in the middle distance.
    pub(super) growth: Ink,
    /// Signs and the progress line.
    pub(super) accent: Ink,
    /// What drifts through the air.
    pub(super) air: Ink,
}

impl Palette {
    /// Mixes the palette of a look.
    pub(super) fn of(look: &Look) -> Self {
        let mut palette = by_hour(look.hour);
        palette.settle(look);
        if let Some(mood) = look.mood {
            palette = palette.towards(by_mood(mood).dimmed(look.hour), 0.5);
        }
        palette.weather(look.weather);
        if let Some(colour) = look.colour {
            palette.accent = mix(palette.accent, colour, 0.6);
        }
        if look.neon {
            palette.accent = [255, 64, 170];
            palette.horizon = mix(palette.horizon, [92, 40, 120], 0.5);
        }
        palette
    }

    /// Moves every colour towards another palette's.
    fn towards(self, other: Self, share: f32) -> Self {
        Self {
            zenith: mix(self.zenith, other.zenith, share),
            horizon: mix(self.horizon, other.horizon, share),
            light: mix(self.light, other.light, share),
            ground: mix(self.ground, other.ground, share),
            growth: mix(self.growth, other.growth, share),
            accent: mix(self.accent, other.accent, share + 0.3),
            air: self.air,
        }
    }

    /// Darkens a palette of daylight to an hour; its light and accent still shine.
    fn dimmed(self, hour: Hour) -> Self {
        let share = match hour {
            Hour::Day => 0.0,
            Hour::Dawn => 0.1,
            Hour::Dusk => 0.3,
            Hour::Night => 0.72,
        };
        let dark = |colour| mix(colour, [6, 8, 20], share);
        Self {
            zenith: dark(self.zenith),
            horizon: dark(self.horizon),
            ground: dark(self.ground),
            growth: dark(self.growth),
            ..self
        }
    }

    /// Takes the ground's colours from the place.
    fn settle(&mut self, look: &Look) {
        let (ground, growth) = match look.place {
            Place::Meadow => ([104, 158, 70], [70, 122, 66]),
            Place::Forest => ([58, 92, 52], [34, 74, 52]),
            Place::Mountain => ([92, 116, 78], [96, 104, 128]),
            Place::Sea => ([40, 104, 142], [70, 98, 120]),
            Place::City => ([66, 68, 78], [82, 88, 110]),
            Place::Village => ([150, 134, 104], [70, 66, 74]),
            Place::Desert => ([218, 172, 108], [190, 134, 84]),
            Place::Room => ([140, 104, 76], [196, 176, 152]),
            Place::Space => ([40, 36, 64], [92, 78, 130]),
            Place::Underwater => ([30, 84, 104], [20, 66, 96]),
        };
        let shade = match look.hour {
            Hour::Day => 0.0,
            Hour::Dawn => 0.25,
            Hour::Dusk => 0.45,
            Hour::Night => 0.72,
        };
        self.ground = mix(ground, self.ground, shade);
        self.growth = mix(growth, self.growth, shade);
        match look.place {
            Place::Space => (self.zenith, self.horizon) = ([6, 6, 18], [28, 22, 58]),
            Place::Underwater => {
                (self.zenith, self.horizon) = ([62, 168, 196], [12, 62, 104]);
            }
            Place::Room => {
                self.horizon = mix(self.horizon, [214, 196, 172], 0.6);
                self.zenith = mix(self.zenith, [176, 158, 138], 0.7);
            }
            Place::Meadow
            | Place::Forest
            | Place::Mountain
            | Place::Sea
            | Place::City
            | Place::Village
            | Place::Desert => {}
        }
        if look.winter {
            self.ground = mix(self.ground, self.light, 0.65);
            self.growth = mix(self.growth, [206, 216, 228], 0.3);
        }
    }

    /// Lets the weather take light and colour away, or give some.
    fn weather(&mut self, weather: Weather) {
        let (veil, share, accent) = match weather {
            Weather::Clear | Weather::Bubbles => return,
            Weather::Cloud => ([168, 176, 186], 0.3, None),
            Weather::Rain => ([84, 98, 116], 0.45, Some([176, 200, 226])),
            Weather::Storm => ([46, 52, 68], 0.6, Some([196, 214, 255])),
            Weather::Snow => ([190, 202, 216], 0.35, Some([250, 252, 255])),
            Weather::Fog => ([186, 190, 192], 0.55, None),
            Weather::Petals => ([255, 208, 220], 0.2, Some([255, 176, 200])),
            Weather::Leaves => ([226, 150, 74], 0.22, Some([222, 106, 36])),
            Weather::Fireflies => ([40, 60, 60], 0.15, Some([236, 240, 130])),
            Weather::Embers => ([92, 34, 20], 0.4, Some([255, 142, 44])),
        };
        for colour in [
            &mut self.zenith,
            &mut self.horizon,
            &mut self.ground,
            &mut self.growth,
        ] {
            // At night a bright veil would glow, so it is dimmed to the light there is.
            let lit = mix(
                *colour,
                veil,
                0.5 + f32::from(brightest(self.light)) / 512.0,
            );
            *colour = mix(*colour, lit, share);
        }
        self.air = accent.unwrap_or(self.accent);
        self.accent = self.air;
    }
}

fn brightest(colour: Ink) -> u8 {
    colour.into_iter().max().unwrap_or(0)
}

fn by_hour(hour: Hour) -> Palette {
    let (zenith, horizon, light, ground, growth, accent) = match hour {
        Hour::Day => (
            [66, 138, 212],
            [204, 228, 240],
            [255, 250, 226],
            [110, 150, 84],
            [76, 120, 84],
            [255, 176, 64],
        ),
        Hour::Dawn => (
            [92, 120, 178],
            [252, 204, 170],
            [255, 226, 180],
            [92, 106, 92],
            [84, 92, 112],
            [255, 150, 110],
        ),
        Hour::Dusk => (
            [72, 62, 122],
            [252, 150, 84],
            [255, 206, 120],
            [62, 48, 58],
            [84, 58, 84],
            [255, 120, 72],
        ),
        Hour::Night => (
            [8, 14, 36],
            [38, 54, 96],
            [226, 232, 255],
            [14, 20, 34],
            [22, 30, 54],
            [120, 170, 255],
        ),
    };
    Palette {
        zenith,
        horizon,
        light,
        ground,
        growth,
        accent,
        air: accent,
    }
}

/// The four colours of each mood (vivid yellow, bright orange, candy pink, electric blue for humour, and so on)
/// laid on sky, land and accent.
fn by_mood(mood: Mood) -> Palette {
    let (zenith, horizon, light, ground, growth, accent) = match mood {
        Mood::Humor => (
            [46, 196, 255],
            [255, 214, 10],
            [255, 244, 190],
            [255, 159, 28],
            [255, 111, 181],
            [255, 214, 10],
        ),
        Mood::Touching => (
            [201, 139, 139],
            [246, 209, 134],
            [255, 243, 224],
            [176, 112, 66],
            [150, 98, 84],
            [244, 162, 89],
        ),
        Mood::Anger => (
            [43, 43, 46],
            [155, 27, 48],
            [255, 150, 70],
            [43, 43, 46],
            [110, 60, 60],
            [204, 85, 0],
        ),
        Mood::Sadness => (
            [91, 112, 131],
            [191, 197, 204],
            [238, 243, 248],
            [74, 90, 108],
            [110, 112, 136],
            [185, 169, 201],
        ),
        Mood::Horror => (
            [8, 12, 10],
            [74, 98, 58],
            [201, 214, 211],
            [11, 13, 12],
            [22, 30, 22],
            [138, 15, 20],
        ),
        Mood::Info => (
            [205, 224, 240],
            [247, 249, 251],
            [255, 255, 255],
            [190, 202, 214],
            [35, 100, 170],
            [31, 167, 160],
        ),
        Mood::Controversy => (
            [14, 14, 16],
            [154, 154, 150],
            [245, 245, 245],
            [44, 30, 22],
            [74, 46, 31],
            [224, 176, 64],
        ),
        Mood::Daily => (
            [142, 197, 232],
            [234, 217, 191],
            [255, 246, 226],
            [167, 192, 138],
            [176, 138, 91],
            [142, 197, 232],
        ),
        Mood::Shock => (
            [10, 10, 10],
            [255, 230, 0],
            [255, 255, 255],
            [10, 10, 10],
            [60, 10, 8],
            [225, 6, 0],
        ),
    };
    Palette {
        zenith,
        horizon,
        light,
        ground,
        growth,
        accent,
        air: accent,
    }
}
