//! Where an idea plays when it does not say.

use super::brief::Brief;
use super::category::Category;
use super::lexicon::Kind;
use super::template::Template;
use super::understanding::Understanding;
use super::{Ask, Setting};

/// Puts the scene where the idea names none, and the country where one is set.
pub(super) fn place(
    brief: &mut Brief,
    template: &Template,
    understood: &Understanding,
    ask: &Ask<'_>,
) {
    let placed = understood.kinds.iter().any(|(kind, english)| {
        matches!(
            kind,
            Kind::Place
                | Kind::Building
                | Kind::City
                | Kind::Region
                | Kind::Nature
                | Kind::Sky
                | Kind::Weather
        ) || english.contains("landscape")
    }) || brief.action.iter().any(|text| places(text));
    let korean = understood
        .kinds
        .iter()
        .any(|(kind, _)| *kind == Kind::Region);
    let mut tail = String::new();
    if !placed
        && !matches!(brief.category, Category::Nature | Category::City)
        && ask.idea.chars().any(super::hangul::is_hangul)
    {
        let scene = if brief.night {
            &template.night_scene
        } else {
            &template.scene
        };
        let dated = brief.action.iter().any(|a| a.contains(" at night"));
        let scene = if dated {
            scene.trim_end_matches(" at night")
        } else {
            scene
        };
        tail.push_str(&toned(scene, &brief.tones));
        brief.notes.push(format!(
            "The idea names no place; \"{}\" comes from the {} template.",
            tail.trim(),
            brief.category.id()
        ));
    }
    if ask.setting == Setting::Korea && !korean {
        tail.push_str(" in present-day South Korea");
    }
    let Some(first) = brief.action.first_mut() else {
        return;
    };
    if !tail.is_empty() {
        *first = placed_in(first, &tail);
        if let Some(tag) = brief.tags.first_mut() {
            tag.push_str(&tail);
        }
    }
}

/// Says whether a sentence already says where.
fn places(text: &str) -> bool {
    const WHERE: &[&str] = &[
        " in a ",
        " in an ",
        " in the ",
        " on a ",
        " on an ",
        " on the ",
        " at a ",
        " at an ",
        " at the ",
        " by the ",
        " by a ",
        " along ",
        " under ",
        " over ",
        " across ",
        " through ",
        " inside ",
        " in front of ",
        " down the ",
        " out the ",
    ];
    WHERE.iter().any(|w| text.contains(w))
}

/// Puts the place behind the action and before a trailing participle: "… in a park, holding a flower."
fn placed_in(sentence: &str, tail: &str) -> String {
    let body = sentence.trim_end_matches('.');
    match body.rsplit_once(", ") {
        Some((head, rest)) if rest.split(' ').next().is_some_and(|w| w.ends_with("ing")) => {
            format!("{head}{tail}, {rest}.")
        }
        _ => format!("{body}{tail}."),
    }
}

/// Gives the template's place the idea's own light: "in a dark outdoor space".
fn toned(scene: &str, tones: &[String]) -> String {
    let dark = tones
        .iter()
        .any(|t| matches!(t.as_str(), "dark" | "gloomy" | "dim" | "pitch-dark"));
    let scene = if dark {
        scene
            .replace("bright, sunlit ", "dark ")
            .replace("naturally lit", "dimly lit")
    } else {
        scene.to_owned()
    };
    format!(" {scene}")
}
