//! The terms that Wan's own rewriter puts in front: at most four, from its published lists.

use super::super::catalog::{Catalog, Target};
use super::super::field::Field;
use super::super::shot::Shot;

/// The most terms that stand in front.
const MOST: usize = 4;

/// Vocabulary ids and the published term for each.
const TERMS: [(&str, &str, &str); 27] = [
    ("time_of_day", "morning", "Day time"),
    ("time_of_day", "midday", "Day time"),
    ("time_of_day", "afternoon", "Day time"),
    ("time_of_day", "night", "Night time"),
    ("time_of_day", "pre-dawn", "Dawn time"),
    ("time_of_day", "dawn", "Dawn time"),
    ("time_of_day", "sunrise", "Sunrise time"),
    ("lighting.source", "sun", "Sunny lighting"),
    ("lighting.source", "low-sun", "Daylight"),
    ("lighting.source", "overcast-sky", "Overcast lighting"),
    ("lighting.source", "skylight", "Daylight"),
    ("lighting.source", "window-light", "Daylight"),
    ("lighting.source", "moon", "Moonlight"),
    ("lighting.source", "household-bulb", "Practical lighting"),
    ("size", "medium", "Medium shot"),
    ("size", "medium-close-up", "Medium close-up shot"),
    ("size", "wide", "Wide shot"),
    ("size", "medium-wide", "Medium wide shot"),
    ("size", "close-up", "Close-up shot"),
    ("size", "extreme-close-up", "Extreme close-up shot"),
    ("size", "extreme-wide", "Extreme wide shot"),
    ("size", "over-the-shoulder", "Over-the-shoulder shot"),
    ("angle", "low", "Low angle shot"),
    ("angle", "high", "High angle shot"),
    ("angle", "dutch", "Dutch angle shot"),
    ("angle", "bird-eye", "Aerial shot"),
    ("angle", "overhead", "Overhead shot"),
];

/// Chooses the terms for a shot, with the field each stands for.
///
/// No angle is named once the camera moves, as the rewriter does it.
pub(super) fn terms(target: &Target, shot: &Shot, catalog: &Catalog) -> Vec<(Field, String)> {
    if target.form != "prose-with-lead-tags" {
        return Vec::new();
    }
    let moves = shot.text(Field::MOVEMENT).is_some_and(|id| id != "static");
    let mut terms: Vec<(Field, String)> = Vec::new();
    for name in ["time_of_day", "lighting.source", "size", "angle"] {
        let Some(field) = Field::find(name).filter(|_| !(moves && name == "angle")) else {
            continue;
        };
        let Some(id) = shot.text(field) else {
            continue;
        };
        let listed = TERMS
            .iter()
            .find(|(known, value, _)| *known == name && *value == id);
        let by_kind = || {
            let light = catalog.lights.get(id).filter(|_| field == Field::SOURCE)?;
            match light.kind.as_str() {
                "natural" => None,
                "flame" => Some("Firelight"),
                "fluorescent" => Some("Fluorescent lighting"),
                "practical" | "screen" => Some("Practical lighting"),
                _ => Some("Artificial lighting"),
            }
        };
        let term = listed.map(|(_, _, term)| *term).or_else(by_kind);
        terms.extend(term.map(|term| (field, term.to_owned())));
    }
    terms.truncate(MOST);
    terms
}
