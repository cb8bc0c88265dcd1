//! Turns each value of a shot into words, with the role they play and how much they matter.

use super::super::catalog::{Catalog, Preset, Target};
use super::super::field::{Field, Ids, Kind};
use super::super::shot::Shot;
use super::super::value::Value;
use super::Ask;
use crate::core::text::scrub;

/// What part words play in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Who and what.
    Subject,
    /// Size, angle, composition.
    Frame,
    /// How the camera moves.
    Move,
    /// Where and when.
    Place,
    /// Light.
    Light,
    /// Lens, camera, stock.
    Gear,
    /// Colour, technique, era.
    Style,
    /// Mood.
    Mood,
}

impl Role {
    /// Every role, in the order for what a target does not order itself.
    pub(super) const ALL: [Self; 8] = [
        Self::Subject,
        Self::Place,
        Self::Frame,
        Self::Move,
        Self::Light,
        Self::Gear,
        Self::Style,
        Self::Mood,
    ];
}

/// Some words.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) field: Field,
    pub(super) role: Role,
    /// How much they matter, 0 to 100.
    pub(super) rank: u8,
    pub(super) text: String,
}

/// The fields that have words, in the order within a role, each with role and rank.
const SAID: [(&str, Role, u8); 33] = [
    ("size", Role::Frame, 92),
    ("angle", Role::Frame, 84),
    ("composition", Role::Frame, 52),
    ("subjects", Role::Frame, 50),
    ("movement.type", Role::Move, 90),
    ("movement.timing", Role::Move, 56),
    ("movement.equipment", Role::Move, 26),
    ("location", Role::Place, 80),
    ("setting_year", Role::Place, 66),
    ("time_of_day", Role::Place, 82),
    ("weather", Role::Place, 78),
    ("lighting.source", Role::Light, 68),
    ("lighting.fill", Role::Light, 30),
    ("lighting.style", Role::Light, 72),
    ("lens_type", Role::Gear, 54),
    ("lens.focal_mm", Role::Gear, 44),
    ("stop", Role::Gear, 18),
    ("lens", Role::Gear, 24),
    ("camera", Role::Gear, 20),
    ("stock", Role::Gear, 34),
    ("anim.domain", Role::Style, 88),
    ("anim.medium", Role::Style, 86),
    ("anim.rendering", Role::Style, 70),
    ("anim.line", Role::Style, 48),
    ("anim.color", Role::Style, 46),
    ("anim.lighting", Role::Light, 58),
    ("anim.surface", Role::Style, 38),
    ("anim.motion", Role::Move, 42),
    ("anim.camera", Role::Move, 60),
    ("color_tone", Role::Style, 64),
    ("preset", Role::Style, 28),
    ("fps", Role::Style, 40),
    ("mood", Role::Mood, 62),
];

/// Says every value of a shot that has words.
pub(super) fn of(catalog: &Catalog, target: &Target, ask: &Ask<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let own = ask.shot.text(Field::SUBJECT).unwrap_or_default();
    let subject = if ask.subject.trim().is_empty() {
        own
    } else {
        ask.subject
    };
    let subject = scrub(subject);
    if !subject.trim().is_empty() {
        pieces.push(Piece {
            field: Field::SUBJECT,
            role: Role::Subject,
            rank: 100,
            text: subject.trim().to_owned(),
        });
    }
    for (name, role, rank) in SAID {
        let Some(field) = Field::find(name) else {
            continue;
        };
        let Some(value) = ask.shot.get(field) else {
            continue;
        };
        let texts = said(catalog, target, ask.shot, field, value);
        pieces.extend(texts.into_iter().map(|text| Piece {
            field,
            role,
            rank,
            text: scrub(&text).into_owned(),
        }));
    }
    pieces
}

/// The words for a value; for a list one piece each, so that one of them may go alone.
fn said(
    catalog: &Catalog,
    target: &Target,
    shot: &Shot,
    field: Field,
    value: &Value,
) -> Vec<String> {
    match field {
        Field::MOVEMENT => value
            .text()
            .map(|id| unhurried(shot, movement(catalog, target, id)))
            .into_iter()
            .collect(),
        Field::EQUIPMENT if idle(catalog, shot, value) => Vec::new(),
        Field::PRESET => value
            .text()
            .and_then(|id| catalog.presets.get(id))
            .map(palette)
            .unwrap_or_default(),
        Field::FPS => slow_motion(value).into_iter().collect(),
        Field::FOCAL => vec![format!("{value}mm lens")],
        Field::STOP => vec![format!("T{value}")],
        _ => match (field.kind(), field.name()) {
            (_, "setting_year") => vec![format!("set in {value}")],
            (_, "subjects") => people(shot, value),
            (Kind::Pick(ids) | Kind::Picks(ids), _) => {
                let words = value.ids().into_iter();
                let silent = |id: &&str| !(field.name() == "movement.timing" && *id == "static");
                words
                    .filter(silent)
                    .filter_map(|id| word(catalog, ids, id))
                    .collect()
            }
            (Kind::Flag | Kind::Whole | Kind::Real | Kind::Text | Kind::Words | Kind::Reals, _) => {
                Vec::new()
            }
        },
    }
}

/// The words for an id; an id that no table has says nothing.
fn word(catalog: &Catalog, ids: Ids, id: &str) -> Option<String> {
    match ids {
        Ids::Cameras => {
            let camera = catalog.cameras.get(id)?;
            Some(format!("shot on {} {}", camera.maker, camera.model))
        }
        Ids::Lenses => {
            let lens = catalog.lenses.get(id)?;
            let kind = if lens.anamorphic { "anamorphic " } else { "" };
            let name = format!("{} {} {kind}lens", lens.maker, lens.family);
            Some(join(name, &spaced(&lens.character).join(", ")))
        }
        Ids::Stocks => {
            let stock = catalog.stocks.get(id)?;
            let name = format!("{} {} film", stock.maker, stock.name);
            Some(join(name, &spaced(&stock.look).join(", ")))
        }
        Ids::Lights => {
            let light = catalog.lights.get(id)?;
            let name = light.name.to_lowercase();
            let name = name.split(" (").next().unwrap_or(&name);
            let look = spaced(&light.style).join(" ");
            let look = if look.is_empty() {
                look
            } else {
                format!("{look} light")
            };
            Some(join(format!("lit by {name}"), &look))
        }
        Ids::Terms(vocabulary) => catalog.term(vocabulary, id).map(|term| term.prompt.clone()),
        Ids::Presets | Ids::Targets | Ids::Mounts | Ids::Gauges | Ids::Fixed(_) => None,
    }
}

/// Writes words of a table as prompts do, without hyphens.
fn spaced(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.replace('-', " ")).collect()
}

fn join(name: String, look: &str) -> String {
    if look.is_empty() {
        name
    } else {
        format!("{name}, {look}")
    }
}

/// How this target is told of a movement. A direction that the configuration leaves open is left open, but for
/// Hunyuan, whose keywords need one: there it is the first.
fn movement(catalog: &Catalog, target: &Target, id: &str) -> String {
    let term = catalog.term("movement", id);
    let plain = term.map_or_else(|| id.replace('-', " "), |term| term.prompt.clone());
    let Some(phrase) = catalog.phrases.get(id) else {
        return plain;
    };
    if target.id.starts_with("hunyuan")
        && let Some(keyword) = &phrase.hunyuan
    {
        return decided(keyword);
    }
    if phrase.general.contains('{') {
        plain
    } else {
        phrase.general.clone()
    }
}

/// Takes a speed out of a phrase where the shot has its own.
fn unhurried(shot: &Shot, phrase: String) -> String {
    let timed = Field::find("movement.timing").is_some_and(|field| shot.get(field).is_some());
    match phrase.strip_prefix("slow ") {
        Some(rest) if timed => rest.to_owned(),
        _ => phrase,
    }
}

/// Whether a support has nothing to say: the camera stands still on it.
fn idle(catalog: &Catalog, shot: &Shot, equipment: &Value) -> bool {
    let support = equipment
        .text()
        .and_then(|id| catalog.term("equipment", id))
        .is_some_and(|term| term.class.as_deref() != Some("body"));
    support && shot.text(Field::MOVEMENT) == Some("static")
}

/// Takes the first of each `{a|b}`.
fn decided(phrase: &str) -> String {
    let mut said = String::new();
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let (choice, after) = after.split_once('}').unwrap_or((after, ""));
        said.push_str(choice.split('|').next().unwrap_or_default());
        rest = after;
    }
    said.push_str(rest);
    said
}

fn palette(preset: &Preset) -> Vec<String> {
    match spaced(preset.palette()).as_slice() {
        [] => Vec::new(),
        colours => vec![format!("palette of {}", colours.join(", "))],
    }
}

fn slow_motion(value: &Value) -> Option<String> {
    let rate = value.number()?;
    match rate {
        rate if rate >= 200.0 => Some("extreme slow motion".to_owned()),
        rate if rate >= 48.0 => Some("slow motion".to_owned()),
        rate if rate < 20.0 => Some("undercranked, slightly sped-up motion".to_owned()),
        _ => None,
    }
}

/// How many people, where the shot size does not say so itself.
fn people(shot: &Shot, value: &Value) -> Vec<String> {
    let size = Field::find("size").and_then(|field| shot.text(field));
    match (value, size) {
        (_, Some("two-shot" | "three-shot" | "over-the-shoulder")) => Vec::new(),
        (Value::Whole(1), _) => vec!["one person in frame".to_owned()],
        (Value::Whole(n), _) if *n > 1 => vec![format!("{n} people in frame")],
        _ => Vec::new(),
    }
}
