//! One row of each table, as files write it, and the facts it brings to a shot.

use serde::{Deserialize, Serialize};

use super::super::value::Value;
use super::Entry;

type Facts = Vec<(&'static str, Value)>;

fn put(facts: &mut Facts, key: &'static str, value: Option<impl Into<Value>>) {
    facts.extend(value.map(|value| (key, value.into())));
}

/// How heavy a camera is in the hand, lightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heft {
    /// Below 1.5 kg.
    Ultralight,
    /// Below 3 kg.
    Light,
    /// Below 6 kg.
    Medium,
    /// Below 15 kg.
    Heavy,
    /// Below 40 kg.
    VeryHeavy,
    /// A blimped studio camera.
    Immovable,
}

impl Heft {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ultralight => "ultralight",
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Heavy => "heavy",
            Self::VeryHeavy => "very-heavy",
            Self::Immovable => "immovable",
        }
    }

    /// Its rank, from 0 for ultralight to 5 for immovable.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Ultralight => 0,
            Self::Light => 1,
            Self::Medium => 2,
            Self::Heavy => 3,
            Self::VeryHeavy => 4,
            Self::Immovable => 5,
        }
    }
}

/// A camera body. The head of `cameras.toml` explains each key and says how far the rows were checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Camera {
    pub id: String,
    pub maker: String,
    pub model: String,
    pub year_introduced: i64,
    pub kind: String,
    pub format: String,
    #[serde(default)]
    pub other_formats: Vec<String>,
    pub sensor_mm: Option<[f64; 2]>,
    pub gauge: Option<String>,
    #[serde(default)]
    pub mounts: Vec<String>,
    #[serde(default)]
    pub adapts: Vec<String>,
    #[serde(default)]
    pub rental_mounts: Vec<String>,
    pub max_resolution: Option<String>,
    pub h_pixels: Option<i64>,
    pub max_fps: Option<f64>,
    pub weight_kg: Option<f64>,
    pub heft: Heft,
    pub sync_quiet: Option<bool>,
}

impl Camera {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.model,
            label_ko: &self.model,
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut formats = vec![self.format.clone()];
        formats.extend(self.other_formats.iter().cloned());
        let mut facts = vec![
            ("maker", self.maker.as_str().into()),
            ("kind", self.kind.as_str().into()),
            ("format", self.format.as_str().into()),
            ("formats", Value::Texts(formats)),
            ("year", self.year_introduced.into()),
            ("mounts", self.mounts.as_slice().into()),
            ("adapts", self.adapts.as_slice().into()),
            ("rental_mounts", self.rental_mounts.as_slice().into()),
            ("heft", self.heft.word().into()),
            ("heft_rank", self.heft.rank().into()),
        ];
        put(&mut facts, "gauge", self.gauge.as_deref());
        put(&mut facts, "max_fps", self.max_fps);
        put(&mut facts, "weight_kg", self.weight_kg);
        put(&mut facts, "h_pixels", self.h_pixels);
        put(&mut facts, "sensor_w", self.sensor_mm.map(|[w, _]| w));
        put(&mut facts, "sensor_h", self.sensor_mm.map(|[_, h]| h));
        put(&mut facts, "sync_quiet", self.sync_quiet);
        facts
    }

    pub(super) fn wrong(&self) -> Option<String> {
        if !matches!(self.kind.as_str(), "film" | "digital") {
            return Some(format!("kind {:?} is neither film nor digital", self.kind));
        }
        if self.kind == "film" && self.gauge.is_none() {
            return Some("a film camera needs its gauge".to_owned());
        }
        if self.mounts.is_empty() {
            return Some("mounts is empty".to_owned());
        }
        let sizes = self.sensor_mm.unwrap_or([1.0, 1.0]);
        let numbers = sizes.into_iter().chain(self.max_fps).chain(self.weight_kg);
        year(self.year_introduced).or_else(|| positive(numbers))
    }
}

/// A lens family. The head of `lenses.toml` explains each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Lens {
    pub id: String,
    pub maker: String,
    pub family: String,
    pub year: i64,
    pub mounts: Vec<String>,
    pub coverage: Vec<String>,
    pub anamorphic: bool,
    pub squeeze: Option<f64>,
    pub zoom: bool,
    pub focal_mm: Vec<f64>,
    pub t_stop: f64,
    #[serde(default)]
    pub character: Vec<String>,
}

impl Lens {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.family,
            label_ko: &self.family,
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut facts = vec![
            ("maker", self.maker.as_str().into()),
            ("year", self.year.into()),
            ("mounts", self.mounts.as_slice().into()),
            ("coverage", self.coverage.as_slice().into()),
            ("anamorphic", self.anamorphic.into()),
            ("squeeze", self.squeeze.unwrap_or(1.0).into()),
            ("zoom", self.zoom.into()),
            ("t_stop", self.t_stop.into()),
        ];
        if !self.zoom {
            facts.push(("focal_set", Value::Reals(self.focal_mm.clone())));
        }
        let least = self.focal_mm.iter().copied().reduce(f64::min);
        let most = self.focal_mm.iter().copied().reduce(f64::max);
        put(&mut facts, "focal_min", least);
        put(&mut facts, "focal_max", most);
        facts
    }

    pub(super) fn wrong(&self) -> Option<String> {
        if self.focal_mm.is_empty() {
            return Some("focal_mm is empty".to_owned());
        }
        if self.mounts.is_empty() {
            return Some("mounts is empty".to_owned());
        }
        let numbers = self.focal_mm.iter().copied().chain([self.t_stop]);
        year(self.year).or_else(|| positive(numbers.chain(self.squeeze)))
    }
}

/// A film stock or colour process. The head of `film_stocks.toml` explains each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Stock {
    pub id: String,
    pub maker: String,
    pub name: String,
    pub code: Option<String>,
    pub from_year: i64,
    pub to_year: Option<i64>,
    pub iso: i64,
    pub balance: String,
    pub color: bool,
    pub gauges: Vec<String>,
    pub kind: String,
    #[serde(default)]
    pub look: Vec<String>,
}

impl Stock {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.name,
            label_ko: &self.name,
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut facts = vec![
            ("from_year", self.from_year.into()),
            ("iso", self.iso.into()),
            ("balance", self.balance.as_str().into()),
            ("color", self.color.into()),
            ("gauges", self.gauges.as_slice().into()),
            ("kind", self.kind.as_str().into()),
        ];
        put(&mut facts, "to_year", self.to_year);
        facts
    }

    pub(super) fn wrong(&self) -> Option<String> {
        if !matches!(self.balance.as_str(), "daylight" | "tungsten" | "bw") {
            return Some(format!(
                "balance {:?} is not daylight, tungsten or bw",
                self.balance
            ));
        }
        if self.gauges.is_empty() {
            return Some("gauges is empty".to_owned());
        }
        if self.to_year.is_some_and(|to| to < self.from_year) {
            return Some("to_year lies before from_year".to_owned());
        }
        year(self.from_year).or_else(|| (self.iso < 1).then(|| "iso is below 1".to_owned()))
    }
}

/// A light source. The head of `lighting.toml` explains each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Light {
    pub id: String,
    pub name: String,
    pub label_ko: String,
    pub kind: String,
    pub from_year: i64,
    pub to_year: Option<i64>,
    pub world_from: i64,
    pub color_temp_k: i64,
    pub flicker: bool,
    pub output: String,
    #[serde(default)]
    pub style: Vec<String>,
}

impl Light {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.name,
            label_ko: &self.label_ko,
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut facts = vec![
            ("kind", self.kind.as_str().into()),
            ("from_year", self.from_year.into()),
            ("world_from", self.world_from.into()),
            ("color_temp_k", self.color_temp_k.into()),
            ("flicker", self.flicker.into()),
            ("output", self.output.as_str().into()),
        ];
        put(&mut facts, "to_year", self.to_year);
        facts
    }

    pub(super) fn wrong(&self) -> Option<String> {
        let steps = ["minimal", "low", "medium", "high", "extreme"];
        if !steps.contains(&self.output.as_str()) {
            return Some(format!(
                "output {:?} is not one of {}",
                self.output,
                steps.join(", ")
            ));
        }
        year(self.from_year)
    }
}

/// A word of a vocabulary: how people see it and how prompts say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The id.
    pub id: String,
    /// The label in English.
    pub label_en: String,
    /// The label in Korean.
    pub label_ko: String,
    /// Words for a prompt.
    pub prompt: String,
    /// Width over height, of an aspect ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Class of a support or of a lighting style.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// First year a support was of practical use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_year: Option<i64>,
    /// Rated load of a support in kilograms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_payload_kg: Option<f64>,
    /// Greatest heft rank that a support carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heft_max: Option<i64>,
    /// Movements that a support can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<Vec<String>>,
}

impl Term {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.label_en,
            label_ko: &self.label_ko,
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        put(&mut facts, "ratio", self.ratio);
        if self.moves.is_some() {
            put(&mut facts, "equipment_class", self.class.as_deref());
            put(&mut facts, "equipment_from_year", self.from_year);
            put(&mut facts, "equipment_heft_max", self.heft_max);
            put(&mut facts, "equipment_max_payload_kg", self.max_payload_kg);
            put(&mut facts, "equipment_moves", self.moves.as_deref());
        }
        facts
    }

    pub(super) fn wrong(&self, vocabulary: &str) -> Option<String> {
        match vocabulary {
            "aspect_ratio" if self.ratio.is_none() => {
                Some("an aspect ratio needs its ratio".to_owned())
            }
            "equipment" if self.moves.is_none() || self.heft_max.is_none() => {
                Some("a support needs moves and heft_max".to_owned())
            }
            _ => positive(self.ratio.into_iter().chain(self.max_payload_kg)),
        }
    }
}

/// What a target model reads. `formatters.md` names the source of each figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the head of the file explains each key")]
pub struct Target {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub form: String,
    pub words_min: usize,
    pub words_max: usize,
    pub token_limit: Option<usize>,
    pub char_limit: Option<usize>,
    pub negative: String,
    pub weights: String,
    pub aspect: String,
    pub order: Vec<String>,
    pub languages: Vec<String>,
    pub notes: Option<String>,
    pub frames: Option<String>,
    pub default_frames: Option<i64>,
    pub fps: Option<i64>,
    pub size_multiple: Option<i64>,
    pub audio: Option<String>,
    pub needs_image: Option<bool>,
}

impl Target {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: &self.id,
            label: &self.name,
            label_ko: &self.name,
        }
    }
}

/// How models are told of a camera movement; `{a|b}` in a phrase is a direction left open.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Phrase {
    pub(in super::super) movement: String,
    pub(in super::super) hunyuan: Option<String>,
    pub(in super::super) general: String,
}

fn year(year: i64) -> Option<String> {
    (!(1800..=2200).contains(&year)).then(|| format!("{year} is no year of film making"))
}

fn positive(mut numbers: impl Iterator<Item = f64>) -> Option<String> {
    numbers
        .find(|n| !(n.is_finite() && *n > 0.0 && *n < 1e9))
        .map(|n| format!("{n} is no measure"))
}
