//! Keeping a prompt inside a model's window, least important part first.

use super::super::Dropped;
use super::super::target::{Limits, Target};
use super::Part;

/// Counts words as people do: by white space.
pub(in crate::core::prompt) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Estimates tokens, rather too many than too few: no encoder's own vocabulary is shipped.
///
/// Short words are one token, longer ones one per five letters, stops one each, letters outside ASCII two each.
pub(super) fn tokens(text: &str) -> usize {
    text.split_whitespace()
        .map(|word| {
            let plain = word.chars().filter(char::is_ascii_alphanumeric).count();
            let stops = word.chars().filter(char::is_ascii_punctuation).count();
            let other = word.chars().filter(|c| !c.is_ascii()).count();
            let plain = if plain == 0 {
                0
            } else if plain <= 7 {
                1
            } else {
                plain.div_ceil(5)
            };
            plain + stops + other * 2
        })
        .sum()
}

fn fits(text: &str, limits: Limits) -> bool {
    words(text) <= limits.words.1
        && limits.tokens.is_none_or(|most| tokens(text) <= most)
        && limits
            .characters
            .is_none_or(|most| text.chars().count() <= most)
}

/// Joins the parts and drops or cuts until the text fits; reports what went.
pub(super) fn fit(mut parts: Vec<Part>, joint: &str, target: Target) -> (String, Vec<Dropped>) {
    let limits = target.limits();
    let mut dropped = Vec::new();
    parts.retain(|p| !p.text.trim().is_empty());
    let join = |parts: &[Part]| {
        parts
            .iter()
            .map(|p| p.text.as_str())
            .collect::<Vec<_>>()
            .join(joint)
    };
    let reason = |what: &str| format!("{what} did not fit {} ({})", target.title(), window(limits));
    let mut text = join(&parts);
    while !fits(&text, limits) {
        let least = parts
            .iter()
            .enumerate()
            .filter(|(_, p)| p.weight < 9)
            .min_by_key(|(_, p)| p.weight);
        let Some(at) = least.map(|(at, _)| at) else {
            break;
        };
        let part = parts.remove(at);
        dropped.push(Dropped {
            text: part.text,
            reason: reason(part.name),
        });
        text = join(&parts);
    }
    if !fits(&text, limits) {
        let (kept, cut) = cut(&text, limits);
        dropped.push(Dropped {
            text: cut,
            reason: reason("the end of the idea"),
        });
        text = kept;
    }
    (text, dropped)
}

fn window(limits: Limits) -> String {
    match (limits.tokens, limits.characters) {
        (Some(tokens), _) => format!("{} words, {tokens} tokens", limits.words.1),
        (None, Some(characters)) => format!("{} words, {characters} characters", limits.words.1),
        (None, None) => format!("{} words", limits.words.1),
    }
}

/// Cuts at the last word (or, without spaces, the last character) that fits.
fn cut(text: &str, limits: Limits) -> (String, String) {
    let ends: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| c.is_whitespace())
        .map(|(at, _)| at)
        .collect();
    let whole = |at: &&usize| text.get(..**at).is_some_and(|head| fits(head, limits));
    let end = ends.iter().rev().find(whole).copied().unwrap_or_else(|| {
        text.char_indices()
            .map(|(at, _)| at)
            .take_while(|at| text.get(..*at).is_some_and(|h| fits(h, limits)))
            .last()
            .unwrap_or(0)
    });
    let (kept, cut) = text.split_at_checked(end).unwrap_or((text, ""));
    (kept.trim_end().to_owned(), cut.trim().to_owned())
}
