//! Reading a manifest and checking it against its graph.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use super::{Kind, Manifest, ManifestError, Model, RungRule, TIMEOUT_S, Template};
use crate::core::text::scrub;
use crate::core::workflow::geometry::Family;
use crate::core::workflow::graph::Graph;
use crate::core::workflow::near::nearest;
use crate::core::workflow::patch;
use crate::core::workflow::slot::{Binding, Slot, SlotKind, link};

/// Longest manifest read, bytes.
const LONGEST: usize = 256 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Spanned<String>,
    title: String,
    #[serde(default)]
    target: String,
    kind: Kind,
    #[serde(default)]
    family: Family,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    timeout_s: Option<u64>,
    #[serde(default)]
    help: String,
    #[serde(default)]
    packs: Vec<String>,
    #[serde(default)]
    fixed: Map<String, Value>,
    #[serde(default, rename = "slot")]
    slots: Vec<RawSlot>,
    #[serde(default, rename = "model")]
    models: Vec<RawModel>,
    #[serde(default)]
    ladder: Vec<Spanned<RungRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlot {
    name: Spanned<String>,
    kind: SlotKind,
    bind: Vec<Spanned<String>>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    min: Option<f64>,
    #[serde(default)]
    max: Option<f64>,
    #[serde(default)]
    step: Option<f64>,
    #[serde(default)]
    choices: Vec<Value>,
    #[serde(default)]
    help: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    within: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    folder: String,
    file: Spanned<String>,
    bind: Vec<Spanned<String>>,
}

/// Reads a manifest and binds it to its graph.
///
/// `file` is only used in messages. Every place a slot or model names has to exist and hold a value, not a
/// link; defaults are read from the graph.
///
/// # Errors
/// The first thing that is wrong, with its line and the nearest right word.
pub fn parse(file: &str, text: &str, graph: Graph) -> Result<Template, ManifestError> {
    let page = Page { file, text };
    if text.len() > LONGEST {
        return Err(page.error(0, "the manifest is longer than 256 KiB".to_owned(), None));
    }
    let raw: Raw = toml::from_str(text).map_err(|error| page.syntax(&error))?;
    let id_at = raw.id.span().start;
    let id = raw.id.into_inner();
    if id.is_empty() || !id.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) {
        let reason = format!(
            "id `{}` may hold letters, digits, `-`, `_` and `.` only",
            scrub(&id)
        );
        return Err(page.error(id_at, reason, None));
    }
    let slots = slots(&page, raw.slots, &graph)?;
    let models = models(&page, raw.models, &graph)?;
    let ladder = ladder(&page, raw.ladder, &slots)?;
    let manifest = Manifest {
        id,
        title: raw.title,
        target: raw.target,
        kind: raw.kind,
        family: raw.family,
        default: raw.default,
        timeout_s: raw.timeout_s.unwrap_or(TIMEOUT_S),
        help: raw.help.trim().to_owned(),
        slots,
        models,
        packs: raw.packs,
        fixed: raw.fixed,
        ladder,
    };
    Ok(Template { manifest, graph })
}

fn slots(page: &Page, raw: Vec<RawSlot>, graph: &Graph) -> Result<Vec<Slot>, ManifestError> {
    let mut slots: Vec<Slot> = Vec::with_capacity(raw.len());
    for raw in raw {
        let at = raw.name.span().start;
        let name = raw.name.into_inner();
        if slots.iter().any(|slot| slot.name == name) {
            return Err(page.error(at, format!("slot `{}` is there twice", scrub(&name)), None));
        }
        let mut slot = Slot {
            bind: binds(page, at, raw.bind, graph)?,
            unit: raw.unit,
            min: raw.min,
            max: raw.max,
            step: raw.step,
            choices: raw.choices,
            help: raw.help,
            required: raw.required,
            within: raw.within,
            ..Slot::new(name, raw.kind, Vec::new())
        };
        slot.default = slot.value(graph).cloned();
        if let Some(value) = slot.default.clone()
            && let Err(error) = patch::fit(&slot, value)
        {
            return Err(page.error(
                at,
                format!("the graph's own value does not fit: {error}"),
                None,
            ));
        }
        slots.push(slot);
    }
    Ok(slots)
}

fn models(page: &Page, raw: Vec<RawModel>, graph: &Graph) -> Result<Vec<Model>, ManifestError> {
    let mut models = Vec::with_capacity(raw.len());
    for raw in raw {
        let at = raw.file.span().start;
        let file = raw.file.into_inner();
        let bind = binds(page, at, raw.bind, graph)?;
        for place in &bind {
            if place.value(graph).and_then(Value::as_str) != Some(&file) {
                let reason = format!("{place} of the graph does not name `{}`", scrub(&file));
                return Err(page.error(at, reason, None));
            }
        }
        models.push(Model {
            folder: raw.folder,
            file,
            bind,
        });
    }
    Ok(models)
}

fn ladder(
    page: &Page,
    raw: Vec<Spanned<RungRule>>,
    slots: &[Slot],
) -> Result<Vec<RungRule>, ManifestError> {
    let mut ladder = Vec::with_capacity(raw.len());
    for raw in raw {
        let at = raw.span().start;
        let rule = raw.into_inner();
        // Another workflow's slots are checked when it is looked up.
        if rule.workflow.is_none() {
            for name in rule.set.keys() {
                if !slots.iter().any(|slot| slot.name == *name) {
                    let reason = format!("rung sets `{}`, which is no slot", scrub(name));
                    let known = slots.iter().map(|slot| slot.name.as_str());
                    return Err(page.error(at, reason, nearest(name, known, 1).pop()));
                }
            }
        }
        ladder.push(rule);
    }
    Ok(ladder)
}

fn binds(
    page: &Page,
    at: usize,
    raw: Vec<Spanned<String>>,
    graph: &Graph,
) -> Result<Vec<Binding>, ManifestError> {
    if raw.is_empty() {
        return Err(page.error(at, "`bind` is empty".to_owned(), None));
    }
    raw.into_iter()
        .map(|place| bind(page, &place, graph))
        .collect()
}

fn bind(page: &Page, place: &Spanned<String>, graph: &Graph) -> Result<Binding, ManifestError> {
    let at = place.span().start;
    let text = place.get_ref();
    let Some(found) = Binding::find(text, graph) else {
        let reason = format!("`{}` names no node of the graph", scrub(text));
        let node = text.split('.').next().unwrap_or(text);
        let near = nearest(node, graph.nodes.keys().map(String::as_str), 1).pop();
        return Err(page.error(at, reason, near));
    };
    let Some(value) = found.value(graph) else {
        let node = graph.nodes.get(&found.node);
        let inputs = node
            .into_iter()
            .flat_map(|node| node.inputs.keys())
            .map(String::as_str);
        let near = nearest(&found.input, inputs, 1).pop();
        let reason = format!(
            "node {} has no input `{}`",
            scrub(&found.node),
            scrub(&found.input)
        );
        return Err(page.error(at, reason, near));
    };
    if let Some((from, _)) = link(value) {
        let reason = format!(
            "{} is fed by node {}; bind that node",
            scrub(text),
            scrub(from)
        );
        return Err(page.error(at, reason, None));
    }
    Ok(found)
}

/// The text being read, for messages.
struct Page<'a> {
    file: &'a str,
    text: &'a str,
}

impl Page<'_> {
    fn error(&self, at: usize, reason: String, near: Option<String>) -> ManifestError {
        let line = self
            .text
            .bytes()
            .take(at)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        ManifestError {
            file: scrub(self.file).into_owned(),
            line,
            reason,
            near,
        }
    }

    fn syntax(&self, error: &toml::de::Error) -> ManifestError {
        let at = error.span().map_or(0, |span| span.start);
        let message = scrub(error.message()).into_owned();
        let near = unknown_word(&message);
        self.error(at, message, near)
    }
}

/// Finds the nearest word in serde's ``unknown field `x`, expected one of `a`, `b` ``.
fn unknown_word(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let word = quoted.next()?;
    nearest(word, quoted, 1).pop()
}
