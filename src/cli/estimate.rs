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
    let spread = spread(&took, work_asked(&template));
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

/// How much a render is: pixels × frames × steps, as far as they are known.
fn work_asked(template: &Template) -> Option<f64> {
    let number = |name: &str| {
        let slot = template.slot(name);
        let value = slot.and_then(|slot| slot.value(&template.graph));
        value
            .or_else(|| template.manifest.fixed.get(name))
            .and_then(Value::as_f64)
    };
    Some(
        number("width")?
            * number("height")?
            * number("frames").unwrap_or(1.0)
            * number("steps").unwrap_or(1.0),
    )
}

fn work_done(took: &Took) -> Option<f64> {
    let work = f64::from(took.width?) * f64::from(took.height?);
    Some(work * f64::from(took.frames.unwrap_or(1)) * f64::from(took.steps.unwrap_or(1)))
}

/// Scales each past render to the asked one's work and takes the spread; a render of unknown work counts as it was.
fn spread(took: &[Took], asked: Option<f64>) -> Option<Spread> {
    let mut seconds: Vec<f64> = took
        .iter()
        .map(|one| match (asked, work_done(one)) {
            (Some(asked), Some(done)) if done > 0.0 => one.run_s * asked / done,
            _ => one.run_s,
        })
        .collect();
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

    #[test]
    fn a_clip_twice_as_long_takes_twice_as_long() {
        let asked = Some(100.0 * 100.0 * 20.0);
        let spread = spread(&[took(3.0, 10), took(6.0, 20), took(12.0, 40)], asked).unwrap();
        assert!((spread.p50 - 6.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_measured_is_nothing_said() {
        assert_eq!(spread(&[], Some(1.0)), None);
    }
}
