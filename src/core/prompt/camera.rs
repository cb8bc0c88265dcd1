//! The idea's own camera words as one sentence.

use super::brief::Brief;
use super::english;

/// Says what the idea's own camera words ask for.
pub(super) fn sentence(brief: &Brief) -> Option<String> {
    let (speed, moves): (Vec<&String>, Vec<&String>) = brief.moves.iter().partition(|m| {
        ["motion", "lapse", "footage", "frame"]
            .iter()
            .any(|w| m.ends_with(w))
    });
    let mut parts = Vec::new();
    if !brief.shot.is_empty() {
        parts.push(format!(
            "frames the scene as {}",
            with_articles(&brief.shot)
        ));
    }
    if !moves.is_empty() {
        let moves: Vec<String> = moves.into_iter().cloned().collect();
        parts.push(format!("moves with {}", with_articles(&moves)));
    }
    if !brief.lens.is_empty() {
        parts.push(format!(
            "uses {}",
            english::list(&brief.lens.iter().map(|l| lens(l)).collect::<Vec<_>>())
        ));
    }
    let mut text = if parts.is_empty() {
        String::new()
    } else {
        format!("The camera {}", english::list(&parts))
    };
    if let Some(speed) = speed.first() {
        let how = if speed.ends_with("motion") {
            format!("in {speed}")
        } else {
            format!("as {}", with_articles(&[(*speed).clone()]))
        };
        text = if text.is_empty() {
            format!("The shot plays {how}")
        } else {
            format!("{text}, and the shot plays {how}")
        };
    }
    (!text.is_empty()).then_some(text)
}

fn lens(text: &str) -> String {
    if text.ends_with("lens") || text.ends_with("flare") || text.ends_with("depth of field") {
        with_articles(&[text.to_owned()])
    } else {
        text.to_owned()
    }
}

fn with_articles(items: &[String]) -> String {
    english::list(
        &items
            .iter()
            .map(|i| format!("{} {i}", english::article(i)))
            .collect::<Vec<_>>(),
    )
}
