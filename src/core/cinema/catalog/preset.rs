//! Presets: films, drawn styles, and shots that somebody kept.

use serde::{Deserialize, Serialize};

use super::super::shot::Shot;
use super::super::value::Value;
use super::{Catalog, Entry};

/// A point to start from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Preset {
    /// A film that was photographed.
    Filmed(Box<Filmed>),
    /// A drawn style.
    Drawn(Box<Drawn>),
    /// A shot kept by the user.
    Saved(Box<Saved>),
}

/// How well the credits of a film are remembered; none was re-checked against a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Well remembered credits.
    High,
    /// Plausible, details unsure.
    Medium,
    /// A stand-in typical of the period.
    Low,
}

/// Gear that went together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rig {
    /// Camera id.
    pub camera: String,
    /// Lens id.
    pub lens: String,
    /// Stock id; none for digital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<String>,
    /// Colour of this rig, where it differs from the film's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_tone: Option<String>,
}

/// A film. The head of `presets_live_action.toml` explains each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Filmed {
    pub id: String,
    pub title: String,
    pub year: i64,
    pub shot_year: Option<i64>,
    pub setting_year: Option<i64>,
    pub director: String,
    pub cinematographer: String,
    pub cameras: Vec<String>,
    pub lenses: Vec<String>,
    #[serde(default)]
    pub stocks: Vec<String>,
    pub rigs: Vec<Rig>,
    pub aspect_ratio: String,
    pub lighting: Vec<String>,
    pub sources: Vec<String>,
    pub equipment: Vec<String>,
    pub movement: Vec<String>,
    pub mood: Vec<String>,
    pub color_tone: String,
    pub palette: Vec<String>,
    pub genre: String,
    pub color_mode: String,
    #[serde(default)]
    pub avoid_mood: Vec<String>,
    pub exception: Option<String>,
    pub confidence: Confidence,
}

/// A drawn style. The head of `presets_animation.toml` explains each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Drawn {
    pub id: String,
    pub name: String,
    pub label_ko: String,
    pub creator: String,
    pub from_year: i64,
    pub domain: String,
    pub medium: String,
    pub rendering: String,
    pub line: String,
    pub color: String,
    pub lighting: String,
    pub surface: String,
    pub motion: String,
    pub exposure: String,
    pub camera: String,
    pub aspect_ratio: String,
    pub mood: Vec<String>,
    pub color_tone: String,
    pub palette: Vec<String>,
    #[serde(default)]
    pub works: Vec<String>,
}

/// A shot that somebody kept as a preset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saved {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The title in Korean, where given.
    pub label_ko: Option<String>,
    /// What it sets.
    pub shot: Shot,
}

impl Preset {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.entry().id
    }

    /// The colour words it goes by; none for a kept shot.
    #[must_use]
    pub fn palette(&self) -> &[String] {
        match self {
            Self::Filmed(film) => &film.palette,
            Self::Drawn(style) => &style.palette,
            Self::Saved(_) => &[],
        }
    }

    pub(super) fn entry(&self) -> Entry<'_> {
        match self {
            Self::Filmed(film) => Entry {
                id: &film.id,
                label: &film.title,
                label_ko: &film.title,
            },
            Self::Drawn(style) => Entry {
                id: &style.id,
                label: &style.name,
                label_ko: &style.label_ko,
            },
            Self::Saved(saved) => Entry {
                id: &saved.id,
                label: &saved.title,
                label_ko: saved.label_ko.as_deref().unwrap_or(&saved.title),
            },
        }
    }

    /// The facts under `shot.preset`; the year is that of photography where it is known apart from the release.
    pub(super) fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Filmed(film) => vec![
                ("year", film.shot_year.unwrap_or(film.year).into()),
                ("genre", film.genre.as_str().into()),
                ("color_mode", film.color_mode.as_str().into()),
                ("mood", film.mood.as_slice().into()),
                ("avoid_mood", film.avoid_mood.as_slice().into()),
            ],
            Self::Drawn(style) => vec![
                ("year", style.from_year.into()),
                ("mood", style.mood.as_slice().into()),
            ],
            Self::Saved(_) => Vec::new(),
        }
    }

    /// Says which id it names that the catalogue does not have.
    pub(super) fn dangling(&self, catalog: &Catalog) -> Option<String> {
        use super::super::field::Ids::{Cameras, Lenses, Lights, Stocks, Terms};
        let names: Vec<(super::super::field::Ids, &String)> = match self {
            Self::Saved(_) => Vec::new(),
            Self::Filmed(film) => {
                if film.rigs.is_empty() {
                    return Some("rigs is empty".to_owned());
                }
                let rigs = film.rigs.iter().flat_map(|rig| {
                    [(Cameras, &rig.camera), (Lenses, &rig.lens)]
                        .into_iter()
                        .chain(rig.stock.as_ref().map(|stock| (Stocks, stock)))
                });
                rigs.chain([
                    (Terms("aspect_ratio"), &film.aspect_ratio),
                    (Terms("color_tone"), &film.color_tone),
                ])
                .chain(film.lighting.iter().map(|id| (Terms("style"), id)))
                .chain(film.sources.iter().map(|id| (Lights, id)))
                .chain(film.equipment.iter().map(|id| (Terms("equipment"), id)))
                .chain(film.movement.iter().map(|id| (Terms("movement"), id)))
                .chain(film.mood.iter().map(|id| (Terms("mood"), id)))
                .chain(film.avoid_mood.iter().map(|id| (Terms("mood"), id)))
                .collect()
            }
            Self::Drawn(style) => [
                (Terms("anim_domain"), &style.domain),
                (Terms("anim_medium"), &style.medium),
                (Terms("anim_rendering"), &style.rendering),
                (Terms("anim_line"), &style.line),
                (Terms("anim_color"), &style.color),
                (Terms("anim_lighting"), &style.lighting),
                (Terms("anim_surface"), &style.surface),
                (Terms("anim_motion"), &style.motion),
                (Terms("anim_exposure"), &style.exposure),
                (Terms("anim_camera"), &style.camera),
                (Terms("aspect_ratio"), &style.aspect_ratio),
                (Terms("color_tone"), &style.color_tone),
            ]
            .into_iter()
            .chain(style.mood.iter().map(|id| (Terms("mood"), id)))
            .collect(),
        };
        names
            .into_iter()
            .find(|(ids, id)| !catalog.has(*ids, id))
            .map(|(_, id)| format!("{id:?} is in no table"))
    }
}
