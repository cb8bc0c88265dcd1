//! Wan 2.2: at most four cinematic terms from its published lists, then what is seen, then motion.

use super::super::brief::Brief;
use super::{Part, part, sentence, sentences, style_sentence};

/// Builds the parts: style first if there is one, then terms, subject, motion, camera.
pub(super) fn parts(brief: &Brief) -> Vec<Part> {
    let mut parts = Vec::new();
    parts.push(sentence("style", 7, &style_sentence(brief)));
    parts.push(part(
        "cinematic terms",
        8,
        format!("{}.", terms(brief).join(", ")),
    ));
    parts.extend(sentences("action", 9, &brief.action));
    parts.push(sentence("detail", 3, &brief.detail));
    parts.push(sentence("light", 5, &brief.light));
    parts.push(sentence("camera", 6, &brief.camera));
    parts
}

/// Chooses time, light, shot size and composition; no angle beside a camera move.
fn terms(brief: &Brief) -> Vec<&'static str> {
    let light = brief.light.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| light.contains(w));
    let time = if brief.night || says(&["moonlight", "starlight"]) {
        "Night time"
    } else if says(&["low golden", "fading blue"]) {
        "Sunset time"
    } else if says(&["early morning", "morning"]) {
        "Dawn time"
    } else {
        "Day time"
    };
    let lighting = if says(&["firelight", "candlelight"]) {
        "Firelight"
    } else if says(&["moonlight"]) {
        "Moonlight"
    } else if says(&["overcast", "diffuse"]) {
        "Overcast lighting"
    } else if says(&["hard", "harsh", "contrast"]) {
        "Hard lighting"
    } else {
        "Soft lighting"
    };
    let colour = if says(&["warm", "golden", "orange", "amber"]) {
        "Warm colors"
    } else if says(&["cool", "cold", "blue"]) {
        "Cool colors"
    } else {
        "Balanced composition"
    };
    vec![time, lighting, size(brief), colour]
}

fn size(brief: &Brief) -> &'static str {
    let words = format!("{} {}", brief.shot.join(" "), brief.camera).to_lowercase();
    let table = [
        ("extreme close-up", "Extreme close-up"),
        ("medium close-up", "Medium close-up"),
        ("close-up", "Close-up"),
        ("extreme wide", "Extreme wide shot"),
        ("aerial", "Aerial shot"),
        ("low-angle", "Low angle shot"),
        ("high-angle", "High angle shot"),
        ("wide", "Wide shot"),
        ("full shot", "Medium wide shot"),
    ];
    table
        .iter()
        .find(|(word, _)| words.contains(word))
        .map_or("Medium shot", |(_, term)| term)
}
