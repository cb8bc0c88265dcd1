//! The fallback ladder: what to try next when a render fails softly.
//!
//! The rungs are in the manifest; this turns them into concrete sizes, lengths and settings.

use serde::Serialize;
use serde_json::{Map, Value};

use super::geometry::{Family, frames_for};
use super::library;
use super::manifest::{Manifest, PromptForm, RungRule};

/// What the person asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Length when `seconds` is `None`, frames.
    pub frames: u32,
    /// Duration, seconds; decides the length when given.
    pub seconds: Option<f64>,
    /// Frame rate.
    pub fps: f64,
}

/// One attempt to make.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// Name shown with the attempt.
    pub name: String,
    /// Workflow id.
    pub workflow: String,
    /// Form of the prompt.
    pub prompt: PromptForm,
    /// Width to ask for, pixels.
    pub width: u32,
    /// Height to ask for, pixels.
    pub height: u32,
    /// Length to ask for, frames.
    pub frames: u32,
    /// Settings of this rung: they win over what the person set.
    pub set: Map<String, Value>,
    /// Longest run, seconds.
    pub timeout_s: u64,
}

/// Lays out the attempts for a request, the first as asked.
///
/// A rung never enlarges and never turns a portrait into a landscape. A rung for another workflow is left out
/// where that one is not shipped. After the last rung the caller may repeat it. A workflow without a ladder is
/// tried once.
#[must_use]
pub fn ladder(manifest: &Manifest, asked: Asked) -> Vec<Rung> {
    if manifest.ladder.is_empty() {
        let rule = RungRule {
            name: "as asked".to_owned(),
            ..RungRule::default()
        };
        return vec![rung(manifest, &rule, asked)];
    }
    let runs = |rule: &&RungRule| {
        rule.workflow
            .as_deref()
            .is_none_or(|id| id == manifest.id || library::find(id).is_some())
    };
    manifest
        .ladder
        .iter()
        .filter(runs)
        .map(|rule| rung(manifest, rule, asked))
        .collect()
}

fn rung(manifest: &Manifest, rule: &RungRule, asked: Asked) -> Rung {
    let other = rule.workflow.as_deref().and_then(library::find);
    let target = other.map_or(manifest, |template| &template.manifest);
    let (width, height) = rule
        .size
        .map_or((asked.width, asked.height), |size| shrink(asked, size));
    let mut set = rule.set.clone();
    if other.is_some() {
        for (name, value) in &target.fixed {
            set.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Rung {
        name: rule.name.clone(),
        workflow: target.id.clone(),
        prompt: rule.prompt,
        width,
        height,
        frames: length(manifest.family, rule, asked),
        set,
        timeout_s: target.timeout_s,
    }
}

fn shrink(asked: Asked, [long, short]: [u32; 2]) -> (u32, u32) {
    let (width, height) = if asked.height > asked.width {
        (short, long)
    } else {
        (long, short)
    };
    if u64::from(asked.width) * u64::from(asked.height) <= u64::from(width) * u64::from(height) {
        (asked.width, asked.height)
    } else {
        (width, height)
    }
}

fn length(family: Family, rule: &RungRule, asked: Asked) -> u32 {
    match (asked.seconds, rule.seconds, rule.frames) {
        (Some(seconds), cap, _) => frames_for(
            family,
            cap.map_or(seconds, |cap| seconds.min(cap)),
            asked.fps,
        ),
        (None, _, Some(frames)) => asked.frames.min(frames),
        (None, _, None) => asked.frames,
    }
}
