//! One refused input, in words a person can act on.

use serde_json::Value;

use super::InputFault;
use crate::comfy::error::brief;
use crate::comfy::wire::pick;

impl InputFault {
    pub(super) fn from_value(error: &Value) -> Self {
        let extra = error.get("extra_info").unwrap_or(&Value::Null);
        let kind = pick::text(error, "type").unwrap_or("unknown");
        let input = pick::text(extra, "input_name").map(|name| brief(name, 120));
        let given = extra.get("received_value");
        let choices = choices(extra);
        let nearest = given.and_then(|given| nearest(&plain(given), &choices));
        let message = explain(&Case {
            kind,
            error,
            extra,
            input: input.as_deref(),
            given,
            choices: &choices,
            nearest: nearest.as_deref(),
        });
        Self {
            kind: brief(kind, 80),
            input,
            message: brief(&message, 600),
            nearest,
        }
    }
}

struct Case<'a> {
    kind: &'a str,
    error: &'a Value,
    extra: &'a Value,
    input: Option<&'a str>,
    given: Option<&'a Value>,
    choices: &'a [String],
    nearest: Option<&'a str>,
}

fn explain(case: &Case<'_>) -> String {
    let input = case.input.unwrap_or("an input");
    let given = case.given.map(plain).unwrap_or_default();
    let said = pick::text(case.error, "message").unwrap_or_default();
    let details = pick::text(case.error, "details").unwrap_or_default();
    match case.kind {
        "required_input_missing" => format!("`{input}` is missing"),
        "bad_linked_input" => {
            format!("`{input}` is linked wrongly: a link is [node id, output index]")
        }
        "return_type_mismatch" => {
            let from = case
                .extra
                .pointer("/linked_node/0")
                .map(plain)
                .unwrap_or_default();
            let got = pick::text(case.extra, "received_type").unwrap_or("another type");
            let wanted = case
                .extra
                .pointer("/input_config/0")
                .map(plain)
                .unwrap_or_default();
            format!("`{input}` takes {wanted}, but node {from} gives {got}")
        }
        "invalid_input_type" => {
            let wanted = case
                .extra
                .pointer("/input_config/0")
                .map(plain)
                .unwrap_or_default();
            format!("`{input}` takes {wanted}, not `{given}`")
        }
        "value_smaller_than_min" => format!(
            "`{input}` is {given}, the least is {}",
            bound(case.extra, "min")
        ),
        "value_bigger_than_max" => format!(
            "`{input}` is {given}, the most is {}",
            bound(case.extra, "max")
        ),
        "value_not_in_list" => not_in_list(case, input, &given),
        "custom_validation_failed" => {
            let words = details
                .strip_prefix(&format!("{input} - "))
                .unwrap_or(details);
            format!("`{input}` is refused: {words}")
        }
        "dependency_cycle" => format!(
            "its links run in a circle: {}",
            pick::texts(case.extra, "cycle_nodes").join(" → ")
        ),
        "exception_during_validation" | "exception_during_inner_validation" => {
            broken_link(case, details)
        }
        _ if details.is_empty() => said.to_owned(),
        _ => format!("{said}: {details}"),
    }
}

fn not_in_list(case: &Case<'_>, input: &str, given: &str) -> String {
    match (case.choices, case.nearest) {
        ([], _) if case.extra.get("input_config").is_none_or(Value::is_null) => {
            format!("`{input}` has no choice `{given}` on this worker")
        }
        ([], _) => format!("`{input}` has no choice `{given}`: this worker offers none at all"),
        (_, Some(near)) => format!("`{input}` has no choice `{given}`; the nearest is `{near}`"),
        (choices, None) => {
            let shown: Vec<_> = choices
                .iter()
                .take(8)
                .map(|choice| format!("`{choice}`"))
                .collect();
            format!(
                "`{input}` has no choice `{given}`; choices are {}",
                shown.join(", ")
            )
        }
    }
}

/// A link to a node or slot that does not exist is told as a Python exception.
fn broken_link(case: &Case<'_>, details: &str) -> String {
    let exception = pick::text(case.extra, "exception_type").unwrap_or("an exception");
    let details = details.trim();
    match exception {
        "KeyError" if details == "'inputs'" => "it has no inputs".to_owned(),
        "KeyError" => format!("it is linked to a node that does not exist: {details}"),
        "IndexError" => "it is linked to an output that does not exist".to_owned(),
        _ => format!("checking it raised {exception}: {details}"),
    }
}

/// Choices as old combos (`[[…], …]`) and new ones (`["COMBO", {"options": […]}]`) list them.
fn choices(extra: &Value) -> Vec<String> {
    let config = extra.get("input_config");
    let old = config
        .and_then(|config| config.get(0))
        .and_then(Value::as_array);
    let new = || config?.get(1)?.get("options")?.as_array();
    old.or_else(new)
        .map(|list| list.iter().map(plain).collect())
        .unwrap_or_default()
}

fn bound(extra: &Value, key: &str) -> String {
    extra
        .get("input_config")
        .and_then(|config| config.get(1))
        .and_then(|options| options.get(key))
        .map_or_else(|| "another".to_owned(), plain)
}

/// A value as a person writes it, scrubbed and bounded.
fn plain(value: &Value) -> String {
    brief(
        &value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
        120,
    )
}

/// The choice most like what was given, if one is like it at all.
fn nearest(given: &str, choices: &[String]) -> Option<String> {
    let given: Vec<char> = given.to_lowercase().chars().collect();
    choices
        .iter()
        .map(|choice| {
            (
                distance(&given, &choice.to_lowercase().chars().collect::<Vec<_>>()),
                choice,
            )
        })
        .filter(|(away, choice)| *away * 2 <= given.len().max(choice.chars().count()))
        .min_by_key(|(away, _)| *away)
        .map(|(_, choice)| choice.clone())
}

/// Counts the insertions, deletions and replacements that make one text the other (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, &above) in b.iter().zip(row.iter().skip(1)) {
            let here = if from == to {
                corner
            } else {
                1 + corner.min(left).min(above)
            };
            next.push(here);
            corner = above;
            left = here;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_nearest_choice_is_offered_only_when_it_is_near() {
        let choices = ["euler", "euler_ancestral", "dpmpp_2m"].map(str::to_owned);
        assert_eq!(nearest("eular", &choices).as_deref(), Some("euler"));
        assert_eq!(nearest("EULER", &choices).as_deref(), Some("euler"));
        assert_eq!(nearest("nothing like it", &choices), None);
        assert_eq!(distance(&['a', 'b', 'c'], &['b', 'c', 'd', 'e']), 3);
    }

    #[test]
    fn new_and_old_combos_list_their_choices() {
        for config in [
            json!([["a.safetensors"], {}]),
            json!(["COMBO", {"options": ["a.safetensors"]}]),
        ] {
            let fault = InputFault::from_value(&json!({
                "type": "value_not_in_list",
                "extra_info": {"input_name": "ckpt", "input_config": config, "received_value": "a.safetensor"},
            }));
            assert_eq!(fault.nearest.as_deref(), Some("a.safetensors"));
        }
    }
}
