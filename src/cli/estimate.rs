//! `rushes estimate`: how long a workflow will take, and where it fits.

use clap::Args;
use serde_json::{Value, json};

use super::print::{duration, size};
use super::session::Session;
use super::template;
use crate::clock;
use crate::core::workflow::Template;
use crate::core::workflow::patch;
use crate::failure::{Failure, Kind};
use crate::store::read::{self, Took};
use crate::store::{Error, Role, Store, worker};

/// Renders looked back at.
const SAMPLES: u32 = 200;

/// Options of `rushes estimate`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A workflow: its id, or a file
    workflow: String,
    /// Set a slot, by its name or NODE.INPUT
    #[arg(long, value_name = "SLOT=VALUE")]
    set: Vec<String>,
}

/// Seconds below which a tenth, half and nine tenths of like renders stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    p10: f64,
    p50: f64,
    p90: f64,
}

/// Estimates from what the workflow's past renders took.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    let mut template = template::find(session, &arguments.workflow)?;
    let set = template::settings(&arguments.set)?;
    let values = set
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    patch::set_all(&mut template.graph, &template.manifest.slots, values)
        .map_err(|error| Failure::new(Kind::WorkflowInvalid, "setting slots", error))?;
    let store = session.store(Role::Reader)?;
    let took = read::took(store.conn(), &template.manifest.id, SAMPLES).map_err(Error::from)?;
    let spread = spread(&took, Work::asked(&template));
    let vram = took.iter().filter_map(|took| took.vram).max();
    let fits = fits(session, &store, &template.manifest.id)?;
    if session.style.json {
        session.style.json(&json!({
            "seconds": spread.map(|s| json!({"p10": s.p10, "p50": s.p50, "p90": s.p90})),
            "vram_bytes": vram,
            "fits": fits,
            "samples": took.len(),
        }))?;
        return Ok(0);
    }
    let said = match spread {
        Some(s) => format!(
            "about {}, between {} and {} (from {} renders)",
            duration(s.p50),
            duration(s.p10),
            duration(s.p90),
            took.len()
        ),
        None => "no render of this workflow was measured yet".to_owned(),
    };
    session.style.line(&said)?;
    if let Some(vram) = vram {
        session.style.line(&format!("GPU memory: {}", size(vram)))?;
    }
    let fits = if fits.is_empty() {
        "no worker that answers".to_owned()
    } else {
        fits.join(", ")
    };
    session.style.line(&format!("fits: {fits}"))?;
    Ok(0)
}

/// Lists workers that answer and are given this workflow.
fn fits(session: &Session, store: &Store, workflow: &str) -> Result<Vec<String>, Failure> {
    let block_ms = i64::try_from(session.config().retry.block_s).unwrap_or(i64::MAX / 1000) * 1000;
    let blocks = worker::blocks(store.conn(), clock::now() - block_ms).map_err(Error::from)?;
    let known = worker::list(store.conn()).map_err(Error::from)?;
    Ok(known
        .into_iter()
        .filter(|worker| matches!(worker.state.as_str(), "ready" | "busy") && !worker.draining)
        .filter(|worker| {
            !blocks
                .iter()
                .any(|block| block.worker == worker.name && block.workflow == workflow)
        })
        .map(|worker| worker.name)
        .collect())
}

/// What decides how long a render takes, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Work {
    width: Option<f64>,
    height: Option<f64>,
    frames: Option<f64>,
    steps: Option<f64>,
}

impl Work {
    fn asked(template: &Template) -> Self {
        let number = |name: &str| {
            let slot = template.slot(name);
            let value = slot.and_then(|slot| slot.value(&template.graph));
            value
                .or_else(|| template.manifest.fixed.get(name))
                .and_then(Value::as_f64)
        };
        Self {
            width: number("width"),
            height: number("height"),
            frames: number("frames"),
            steps: number("steps"),
        }
    }

    fn done(took: &Took) -> Self {
        Self {
            width: took.width.map(f64::from),
            height: took.height.map(f64::from),
            frames: took.frames.map(f64::from),
            steps: took.steps.map(f64::from),
        }
    }

    /// How many times as much as another: the product over what is known of both.
    fn over(self, other: Self) -> f64 {
        [
            (self.width, other.width),
            (self.height, other.height),
            (self.frames, other.frames),
            (self.steps, other.steps),
        ]
        .into_iter()
        .filter_map(|(one, other)| Some(one? / other.filter(|other| *other > 0.0)?))
        .product()
    }
}

/// Takes the spread of renders of about the same size; where there are none, of all, scaled to the asked one's work.
fn spread(took: &[Took], asked: Work) -> Option<Spread> {
    const ALIKE: std::ops::RangeInclusive<f64> = 0.5..=2.0;
    let scaled: Vec<(f64, f64)> = took
        .iter()
        .map(|one| {
            let times = asked.over(Work::done(one));
            (times, one.run_s * times)
        })
        .collect();
    let alike = scaled.iter().filter(|(times, _)| ALIKE.contains(times));
    let mut seconds: Vec<f64> = alike.map(|(_, seconds)| *seconds).collect();
    if seconds.is_empty() {
        seconds = scaled.into_iter().map(|(_, seconds)| seconds).collect();
    }
    seconds.sort_by(f64::total_cmp);
    let at = |tenths: usize| {
        seconds
            .get((seconds.len().saturating_sub(1) * tenths + 5) / 10)
            .copied()
    };
    Some(Spread {
        p10: at(1)?,
        p50: at(5)?,
        p90: at(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(run_s: f64, frames: u32) -> Took {
        Took {
            run_s,
            width: Some(100),
            height: Some(100),
            frames: Some(frames),
            steps: None,
            vram: None,
        }
    }

    fn asked(frames: f64) -> Work {
        Work {
            frames: Some(frames),
            steps: Some(8.0),
            ..Work::done(&took(0.0, 1))
        }
    }

    #[test]
    fn a_clip_far_longer_than_any_is_scaled_from_those_there_are() {
        let spread = spread(&[took(3.0, 10), took(6.0, 20)], asked(200.0)).unwrap();
        assert!((spread.p50 - 60.0).abs() < 1e-9);
    }

    #[test]
    fn renders_of_about_the_same_size_count_before_all_others() {
        let spread = spread(&[took(7.0, 20), took(9000.0, 1)], asked(20.0)).unwrap();
        assert!((spread.p90 - 7.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_measured_is_nothing_said() {
        assert_eq!(spread(&[], asked(1.0)), None);
    }
}
