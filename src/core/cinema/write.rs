//! A configuration in the words of a target model.
//!
//! Each value becomes a piece with a role and a rank. The target's own order (from `formatters.toml`) arranges the
//! roles, its form joins them, its window is kept by dropping the pieces of the lowest rank first: what was dropped is
//! told, and why.

mod lead;
mod pieces;

use std::fmt::Write as _;

use serde::Serialize;

use super::Cinema;
use super::catalog::Target;
use super::field::Field;
use super::shot::Shot;
use crate::core::text::scrub;
use pieces::{Piece, Role};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The configuration.
    pub shot: &'a Shot,
    /// Who and what is seen, in the writer's words; where empty, the shot's own `subject`.
    pub subject: &'a str,
    /// The target model's id.
    pub target: &'a str,
}

/// A configuration said for a target model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The prompt.
    pub prompt: String,
    /// What to avoid, where the target takes it apart from the prompt.
    pub negative: Option<String>,
    /// The target model.
    pub target: String,
    /// Words in the prompt.
    pub words: usize,
    /// Tokens, estimated from above: the models' own tokenizers are not here.
    pub tokens: usize,
    /// Unicode scalars in the prompt.
    pub chars: usize,
    /// What was left out, and why, in the order it went.
    pub dropped: Vec<Dropped>,
}

/// Words that did not go into the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The words.
    pub text: String,
    /// Why.
    pub reason: String,
}

impl Cinema {
    /// Writes the prompt; `None` when there is no such target.
    #[must_use]
    pub fn write(&self, ask: &Ask<'_>) -> Option<Written> {
        let target = self.catalog().targets.get(ask.target)?;
        let mut draft = Draft {
            lead: lead::terms(target, ask.shot, self.catalog()),
            pieces: pieces::of(self.catalog(), target, ask),
            tail: tail(self, target, ask.shot),
            dropped: Vec::new(),
        };
        draft.unfit(target);
        let prompt = draft.fit(target);
        let negative = ask
            .shot
            .text(Field::NEGATIVE)
            .filter(|text| !text.trim().is_empty());
        let negative = negative.map(|text| scrub(text).into_owned());
        if let (Some(text), "none") = (&negative, target.negative.as_str()) {
            draft.dropped.push(Dropped {
                text: text.clone(),
                reason: format!("{} takes no negative prompt", target.name),
            });
        }
        Some(Written {
            words: words(&prompt),
            tokens: tokens(&prompt),
            chars: prompt.chars().count(),
            negative: negative.filter(|_| target.negative == "field"),
            target: target.id.clone(),
            dropped: draft.dropped,
            prompt,
        })
    }
}

/// A prompt in the making.
struct Draft {
    lead: Vec<(Field, String)>,
    pieces: Vec<Piece>,
    tail: String,
    dropped: Vec<Dropped>,
}

impl Draft {
    /// Takes out what the target has no use for.
    fn unfit(&mut self, target: &Target) {
        // A lead term for the light says less than the light's own words, which stay.
        let told = self.lead.iter().map(|(field, _)| *field);
        let told: Vec<Field> = told.filter(|field| *field != Field::SOURCE).collect();
        let mut kept = Vec::new();
        for piece in std::mem::take(&mut self.pieces) {
            if told.contains(&piece.field) {
                continue;
            }
            match useless(target, &piece) {
                None => kept.push(piece),
                Some(reason) => self.drop(piece.text, reason),
            }
        }
        self.pieces = kept;
    }

    /// Drops the least important piece until the prompt is short enough.
    fn fit(&mut self, target: &Target) -> String {
        loop {
            let prompt = self.join(target);
            let Some(reason) = too_long(target, &prompt) else {
                return prompt;
            };
            let ranks = self.pieces.iter().enumerate();
            let least = ranks.filter(|(_, piece)| piece.role != Role::Subject);
            match least.min_by_key(|(n, piece)| (piece.rank, usize::MAX - n)) {
                Some((n, _)) => {
                    let piece = self.pieces.remove(n);
                    self.drop(piece.text, &reason);
                }
                None => {
                    if !self.shorten(&reason) {
                        return prompt;
                    }
                }
            }
        }
    }

    /// Cuts the subject, which is all that is left, by its last words.
    fn shorten(&mut self, reason: &str) -> bool {
        let Some(subject) = self.pieces.first_mut() else {
            return self.lead.pop().is_some();
        };
        let all: Vec<&str> = subject.text.split_whitespace().collect();
        let keep = all.len() * 9 / 10;
        if keep == 0 {
            let half = subject.text.chars().count() / 2;
            if half == 0 {
                return false;
            }
            let (head, rest) = split(&subject.text, half);
            subject.text = head;
            self.drop(rest, reason);
            return true;
        }
        let (head, rest) = all.split_at(keep);
        let (head, rest) = (head.join(" "), rest.join(" "));
        subject.text = head;
        self.drop(rest, reason);
        true
    }

    fn drop(&mut self, text: String, reason: &str) {
        self.dropped.push(Dropped {
            text,
            reason: reason.to_owned(),
        });
    }

    fn join(&self, target: &Target) -> String {
        let roles = arranged(target);
        let said = |role: &Role| {
            let pieces = self.pieces.iter().filter(|piece| piece.role == *role);
            let texts: Vec<&str> = pieces.map(|piece| piece.text.as_str()).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        };
        let tagged = matches!(
            target.form.as_str(),
            "tags" | "tags-or-short-prose" | "short-prose"
        );
        let spoken = |role: &Role| match role {
            Role::Mood if !tagged => said(role).map(|mood| format!("{mood} mood")),
            role => said(role),
        };
        let lead: Vec<&str> = self.lead.iter().map(|(_, text)| text.as_str()).collect();
        let body = if tagged {
            roles
                .iter()
                .filter_map(spoken)
                .collect::<Vec<_>>()
                .join(", ")
        } else if target.form == "structured-prose" {
            let head = [Role::Move, Role::Frame];
            let rest = roles.iter().filter(|role| !head.contains(role));
            let head: Vec<String> = head.iter().filter_map(said).collect();
            structured(
                &head.join(", "),
                &rest.filter_map(spoken).collect::<Vec<_>>(),
            )
        } else {
            sentences(&roles.iter().filter_map(spoken).collect::<Vec<_>>())
        };
        let whole = match lead.as_slice() {
            [] => body,
            lead => format!("{}. {body}", lead.join(", ")),
        };
        format!("{}{}", whole.trim(), self.tail)
    }
}

fn split(text: &str, at: usize) -> (String, String) {
    (
        text.chars().take(at).collect(),
        text.chars().skip(at).collect(),
    )
}

/// Says why a target has no use for a piece.
fn useless(target: &Target, piece: &Piece) -> Option<&'static str> {
    if target.kind == "image" && piece.role == Role::Move {
        return Some("a still picture does not move");
    }
    if target.needs_image == Some(true)
        && !matches!(piece.role, Role::Subject | Role::Move | Role::Style)
    {
        return Some("the picture that it starts from shows it already");
    }
    if target.id.starts_with("wan") && piece.role == Role::Mood {
        return Some("Wan asks for no sentences about mood");
    }
    if target.form == "short-prose" && matches!(piece.field, Field::CAMERA | Field::STOP) {
        return Some("camera specifications dilute the picture here");
    }
    None
}

/// The roles in the order in which a target wants them, each once.
fn arranged(target: &Target) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for word in &target.order {
        for role in meant(word) {
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
    }
    if !roles.contains(&Role::Place) {
        let after = roles.iter().position(|role| *role == Role::Subject);
        roles.insert(after.map_or(0, |at| at + 1), Role::Place);
    }
    for role in Role::ALL {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}

/// The roles that a word of a target's order stands for; some words ask for what no configuration holds.
fn meant(word: &str) -> &'static [Role] {
    match word {
        "subject" | "action" | "subject-motion" | "motion" | "movement" => &[Role::Subject],
        "setting" | "scene" | "scene-motion" => &[Role::Place],
        "lighting" => &[Role::Light],
        "style" => &[Role::Style],
        "shot" | "angle" => &[Role::Frame],
        "camera" => &[Role::Frame, Role::Move, Role::Gear],
        "camera-motion" => &[Role::Move],
        "lens" => &[Role::Gear],
        "details" => &[Role::Frame, Role::Gear],
        "atmosphere" => &[Role::Mood],
        _ => &[],
    }
}

fn sentences(parts: &[String]) -> String {
    let said: Vec<String> = parts.iter().map(|part| sentence(part)).collect();
    said.join(" ")
}

fn sentence(part: &str) -> String {
    let mut letters = part.trim().chars();
    let mut said: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    if !said.ends_with(['.', '!', '?', '。', '…', '"']) {
        said.push('.');
    }
    said
}

/// `[camera]: [scene]. [details].`
fn structured(camera: &str, rest: &[String]) -> String {
    match (camera, rest) {
        ("", rest) => sentences(rest),
        (camera, []) => sentence(camera),
        (camera, rest) => {
            let camera = sentence(camera);
            format!("{}: {}", camera.trim_end_matches('.'), sentences(rest))
        }
    }
}

/// Parameters at the end of the prompt, where the target has such.
fn tail(cinema: &Cinema, target: &Target, shot: &Shot) -> String {
    let mut tail = String::new();
    if target.aspect.starts_with("--ar")
        && let Some(id) = shot.text(Field::ASPECT)
        && let Some(ratio) = cinema
            .catalog()
            .term("aspect_ratio", id)
            .and_then(|term| term.ratio)
        && let Some((w, h)) = whole_ratio(ratio)
    {
        let _never_fails = write!(tail, " --ar {w}:{h}");
    }
    if target.negative.starts_with("--no")
        && let Some(negative) = shot
            .text(Field::NEGATIVE)
            .filter(|text| !text.trim().is_empty())
    {
        let plain = scrub(negative).replace("--", " ");
        let _never_fails = write!(tail, " --no {}", plain.trim());
    }
    tail
}

/// Width and height in whole numbers, the customary pair where there is one.
fn whole_ratio(ratio: f64) -> Option<(u32, u32)> {
    const CUSTOMARY: [(f64, (u32, u32)); 8] = [
        (1.333, (4, 3)),
        (1.778, (16, 9)),
        (0.5625, (9, 16)),
        (0.75, (3, 4)),
        (0.667, (2, 3)),
        (1.667, (5, 3)),
        (1.0, (1, 1)),
        (1.5, (3, 2)),
    ];
    let near = CUSTOMARY
        .iter()
        .find(|(known, _)| (known - ratio).abs() < 0.008);
    if let Some((_, pair)) = near {
        return Some(*pair);
    }
    let hundredths = (ratio * 100.0).round();
    if !(1.0..=10_000.0).contains(&hundredths) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range just tested"
    )]
    let width = hundredths as u32;
    let shared = divisor(width, 100);
    Some((width / shared, 100 / shared))
}

const fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

fn too_long(target: &Target, prompt: &str) -> Option<String> {
    if words(prompt) > target.words_max {
        return Some(format!(
            "{} reads best up to {} words",
            target.name, target.words_max
        ));
    }
    if target
        .token_limit
        .is_some_and(|limit| tokens(prompt) > limit)
    {
        let limit = target.token_limit.unwrap_or_default();
        return Some(format!("{} reads {limit} tokens", target.name));
    }
    let limit = target
        .char_limit
        .filter(|limit| prompt.chars().count() > *limit)?;
    Some(format!("{} takes {limit} characters", target.name))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Tokens, estimated from above: a word of Latin letters counts one for each four, any other letter one a byte.
fn tokens(text: &str) -> usize {
    let of_word = |word: &str| {
        let plain = word.chars().filter(char::is_ascii_alphanumeric).count();
        let marks = word.chars().filter(char::is_ascii_punctuation).count();
        let foreign: usize = word
            .chars()
            .filter(|c| !c.is_ascii())
            .map(char::len_utf8)
            .sum();
        plain.div_ceil(4) + marks + foreign
    };
    text.split_whitespace().map(of_word).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_said_in_whole_numbers() {
        for (ratio, pair) in [
            (1.78, (16, 9)),
            (2.39, (239, 100)),
            (1.85, (37, 20)),
            (0.56, (9, 16)),
            (1.33, (4, 3)),
        ] {
            assert_eq!(whole_ratio(ratio), Some(pair), "{ratio}");
        }
        assert_eq!(whole_ratio(f64::NAN), None);
    }

    #[test]
    fn tokens_are_never_estimated_below_words() {
        assert_eq!(tokens("a red fox"), 3);
        assert!(tokens("extraordinary") >= 3);
        assert!(tokens("골목") >= 6);
    }
}
