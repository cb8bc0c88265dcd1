//! Refuses what a real server refuses, in its words.
//!
//! The order of steps, the texts and their quirks follow the recorded servers: values are coerced in place, unknown inputs are
//! ignored, a prompt with one good output runs although `node_errors` is not empty.

mod classes;
mod judge;
mod value;

use serde_json::{Map, Value, json};

use self::judge::Judge;
use super::{Imitates, catalog::Catalog, files::Files};

/// What validation found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Outputs that will run, in the order they stand in the prompt.
    pub(crate) outputs: Vec<String>,
    /// Complaints by node.
    pub(crate) node_errors: Map<String, Value>,
    /// The error of the whole prompt, when nothing can run.
    pub(crate) error: Option<Value>,
}

/// Says that a real server would raise here and answer 500.
#[derive(Debug)]
pub(crate) struct Crash;

/// What validation looks things up in.
#[derive(Clone, Copy)]
pub(crate) struct Library<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) files: &'a Files,
}

/// Checks a prompt, coercing its values.
pub(crate) fn check(
    library: Library<'_>,
    prompt: &mut Value,
    targets: Option<&Value>,
) -> Result<Verdict, Crash> {
    if library.catalog.version == Imitates::V0_25_0 {
        classes::replace_retired(library.catalog, prompt)?;
    }
    let outputs = match classes::outputs(library.catalog, prompt, targets)? {
        Ok(outputs) => outputs,
        Err(error) => {
            return Ok(Verdict {
                error: Some(error),
                ..Verdict::default()
            });
        }
    };
    let Value::Object(nodes) = prompt else {
        return Err(Crash);
    };
    let mut judge = Judge::new(library, nodes);
    Ok(judge.verdict(outputs))
}

/// Builds the error object of a refusal.
#[expect(
    clippy::needless_pass_by_value,
    reason = "callers build it on the spot"
)]
pub(crate) fn refusal(kind: &str, message: &str, details: &str, extra: Value) -> Value {
    json!({ "type": kind, "message": message, "details": details, "extra_info": extra })
}

#[cfg(test)]
mod tests;
