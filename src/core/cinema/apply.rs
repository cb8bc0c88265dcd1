//! Works with presets: begins a shot from one, mixes it with own choices, keeps a shot as one.

use serde::Serialize;
use serde_json::json;

use super::Cinema;
use super::catalog::{Confidence, Drawn, Filmed, Preset, Rig};
use super::field::Field;
use super::shot::{Change, Origin, Shot};
use super::value::Value;

/// What becomes of a person's own choices when a preset comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Own {
    /// They stay; the preset fills the rest.
    #[default]
    Stay,
    /// The preset takes their place.
    Yield,
}

/// A shot with a preset applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The shot.
    pub shot: Shot,
    /// What it changed, in the order of the form.
    pub changes: Vec<Change>,
    /// Own choices that stayed although the preset has another value, with the preset's value.
    pub stayed: Vec<(Field, Value)>,
    /// Where the real film bends a rule or a table.
    pub exception: Option<String>,
    /// How well the credits are remembered; none for a drawn style or a kept shot.
    pub confidence: Option<Confidence>,
}

impl Cinema {
    /// Applies a preset; `None` when there is no such preset.
    ///
    /// A film lists several rigs, lights, supports and movements; those are taken that go together, the first ones
    /// preferred. Values of an earlier preset give way, also where the new one has nothing to say.
    #[must_use]
    pub fn apply(&self, shot: &Shot, preset: &str, own: Own) -> Option<Applied> {
        let preset = self.catalog().presets.get(preset)?;
        let mut clean = shot.clone();
        let earlier: Vec<Field> = shot
            .values()
            .filter(|(field, _)| matches!(shot.origin(*field), Some(Origin::Preset(_))))
            .map(|(field, _)| field)
            .collect();
        for field in earlier {
            clean.put(field, None, Origin::Own);
        }
        let (shot_after, stayed) = Self::variants(preset)
            .into_iter()
            .map(|values| overlay(&clean, preset.id(), values, own))
            .map(|mixed| (self.breaks(&mixed.0), mixed))
            .reduce(|best, next| if next.0 < best.0 { next } else { best })?
            .1;
        let (exception, confidence) = match preset {
            Preset::Filmed(film) => (film.exception.clone(), Some(film.confidence)),
            Preset::Drawn(_) | Preset::Saved(_) => (None, None),
        };
        Some(Applied {
            changes: shot.changes_to(&shot_after),
            shot: shot_after,
            stayed,
            exception,
            confidence,
        })
    }

    /// How many hard rules a shot breaks.
    fn breaks(&self, shot: &Shot) -> usize {
        let judge = self.judge(shot);
        self.hard().filter(|rule| judge.breaks(rule)).count()
    }

    /// Every way to take a preset, the one its file names first in front.
    fn variants(preset: &Preset) -> Vec<Vec<(Field, Value)>> {
        match preset {
            Preset::Filmed(film) => filmed(film),
            Preset::Drawn(style) => vec![drawn(style)],
            Preset::Saved(saved) => {
                let values = saved.shot.values();
                vec![
                    values
                        .map(|(field, value)| (field, value.clone()))
                        .collect(),
                ]
            }
        }
    }
}

/// Lays values over a shot and tells which own choices stayed.
fn overlay(
    shot: &Shot,
    preset: &str,
    values: Vec<(Field, Value)>,
    own: Own,
) -> (Shot, Vec<(Field, Value)>) {
    let mut mixed = shot.clone();
    let mut stayed = Vec::new();
    let named = (Field::PRESET, preset.into());
    for (field, value) in values.into_iter().chain([named]) {
        match mixed.get(field) {
            Some(known) if own == Own::Stay && field != Field::PRESET => {
                if *known != value {
                    stayed.push((field, value));
                }
            }
            _ => mixed.put(field, Some(value), Origin::Preset(preset.to_owned())),
        }
    }
    (mixed, stayed)
}

fn field(path: &str) -> Option<Field> {
    Field::find(path)
}

fn filmed(film: &Filmed) -> Vec<Vec<(Field, Value)>> {
    let mut variants = Vec::new();
    for rig in &film.rigs {
        for source in firsts(&film.sources) {
            for equipment in firsts(&film.equipment) {
                for movement in firsts(&film.movement) {
                    variants.push(one_way(film, rig, [source, equipment, movement]));
                }
            }
        }
    }
    variants
}

/// Each of a list, or nothing at all where the list is empty.
fn firsts(list: &[String]) -> Vec<Option<&String>> {
    if list.is_empty() {
        vec![None]
    } else {
        list.iter().map(Some).collect()
    }
}

fn one_way(film: &Filmed, rig: &Rig, picked: [Option<&String>; 3]) -> Vec<(Field, Value)> {
    let [source, equipment, movement] = picked;
    let text = |text: &String| Value::from(text.as_str());
    let tone = rig.color_tone.as_ref().unwrap_or(&film.color_tone);
    let rows: Vec<(&str, Option<Value>)> = vec![
        ("project", Some("live-action".into())),
        ("year", Some(film.shot_year.unwrap_or(film.year).into())),
        ("setting_year", film.setting_year.map(Value::from)),
        ("camera", Some(text(&rig.camera))),
        ("lens", Some(text(&rig.lens))),
        ("stock", rig.stock.as_ref().map(text)),
        ("aspect", Some(text(&film.aspect_ratio))),
        ("lighting.source", source.map(text)),
        ("lighting.style", Some(film.lighting.as_slice().into())),
        ("movement.equipment", equipment.map(text)),
        ("movement.type", movement.map(text)),
        ("mood", Some(film.mood.as_slice().into())),
        ("color_tone", Some(text(tone))),
    ];
    present(rows)
}

fn drawn(style: &Drawn) -> Vec<(Field, Value)> {
    let text = |text: &String| Some(Value::from(text.as_str()));
    present(vec![
        ("project", Some("animation".into())),
        ("aspect", text(&style.aspect_ratio)),
        ("mood", Some(style.mood.as_slice().into())),
        ("color_tone", text(&style.color_tone)),
        ("anim.domain", text(&style.domain)),
        ("anim.medium", text(&style.medium)),
        ("anim.rendering", text(&style.rendering)),
        ("anim.line", text(&style.line)),
        ("anim.color", text(&style.color)),
        ("anim.lighting", text(&style.lighting)),
        ("anim.surface", text(&style.surface)),
        ("anim.motion", text(&style.motion)),
        ("anim.exposure", text(&style.exposure)),
        ("anim.camera", text(&style.camera)),
    ])
}

fn present(rows: Vec<(&str, Option<Value>)>) -> Vec<(Field, Value)> {
    rows.into_iter()
        .filter_map(|(name, value)| Some((field(name)?, value?)))
        .collect()
}

/// A preset as a file holds it.
#[derive(Serialize)]
struct File {
    preset: Vec<serde_json::Value>,
}

/// Writes a shot as a preset file: everything it sets, save waivers and where values came from.
#[must_use]
pub fn keep(shot: &Shot, id: &str, title: &str) -> String {
    let mut plain = Shot::default();
    for (field, value) in shot.values().filter(|(field, _)| *field != Field::PRESET) {
        plain.set(field, value.clone());
    }
    let preset = json!({"id": id, "title": title, "shot": plain.to_json()});
    let file = File {
        preset: vec![preset],
    };
    toml::to_string(&file).unwrap_or_default()
}
