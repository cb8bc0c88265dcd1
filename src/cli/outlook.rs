//! What the workers that answer would say to a request, before it is sent.

use indexmap::IndexMap;
use serde_json::Value;

use super::classes::{self, Known as Worker};
use super::session::Session;
use crate::core::job::{Request, compose};
use crate::core::workflow::Binding;
use crate::core::workflow::check::{Known, Verdict, check, verdict};
use crate::failure::Failure;
use crate::store::worker;

/// Checks the first rung of a request on every worker that was there when last seen and answers now, or on one of them.
///
/// A worker that is slow to answer is left out: this is advice, and may not hold a command up.
///
/// # Errors
/// What the store says.
pub(super) fn of(
    session: &Session,
    request: &Request,
    only: Option<&str>,
) -> Result<Vec<Verdict>, Failure> {
    let workers = classes::answering(session, |worker| is_there(worker, only))?;
    let files = request.files.iter();
    let uploads: IndexMap<String, Value> = files
        .map(|file| (file.slot.clone(), Value::from("rushes/input.png")))
        .collect();
    let Ok(composed) = compose(request, 0, &uploads, "check") else {
        return Ok(Vec::new()); // the request itself is refused elsewhere
    };
    let supplied: Vec<Binding> = uploads
        .keys()
        .flat_map(|slot| {
            let known = request.slots.iter().find(|known| known.name == **slot);
            known.map_or_else(
                || Binding::find(slot, &composed.graph).into_iter().collect(),
                |known| known.bind.clone(),
            )
        })
        .collect();
    let judged = workers.iter().map(|known: &Worker| {
        let known_here = Known {
            supplied: &supplied,
            ..Known::new(&known.info)
        };
        verdict(&known.name, &check(&composed.graph, known_here))
    });
    Ok(judged.collect())
}

fn is_there(worker: &worker::Worker, only: Option<&str>) -> bool {
    let meant = only.is_none_or(|only| {
        worker.name == only || worker.url.trim_end_matches('/') == only.trim_end_matches('/')
    });
    // A worker that the engine has not asked yet counts as gone until it has.
    let away = worker.state == "gone" && worker.seen.is_some();
    meant && !away && !worker.draining
}
