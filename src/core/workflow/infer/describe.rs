//! Types, limits, choices and help of a slot, from the inputs that consume it.

use serde_json::Value;

use super::View;
use super::collect::Candidate;
use crate::core::text::scrub;
use crate::core::workflow::object_info::{InputKind, InputSpec};
use crate::core::workflow::slot::{Slot, SlotKind};

/// Completes a slot with what the node definitions say, or with what the graph shows.
pub(super) fn finish(view: View<'_>, candidate: Candidate) -> Slot {
    let Candidate {
        mut slot,
        consumers,
    } = candidate;
    slot.default = slot.value(view.graph).cloned();
    slot.unit = unit(&slot.name).map(str::to_owned);
    for consumer in &consumers {
        let class = view
            .info
            .and_then(|info| info.class(view.class(&consumer.node)));
        if let Some(spec) = class.and_then(|class| class.input(&consumer.input)) {
            narrow(&mut slot, spec);
        }
    }
    if slot.help.is_empty() {
        help(&slot.name).clone_into(&mut slot.help);
    }
    slot
}

/// Takes the stricter of what is known and what one consumer says.
fn narrow(slot: &mut Slot, spec: &InputSpec) {
    match &spec.kind {
        InputKind::Int(range) => {
            if slot.kind == SlotKind::Float {
                slot.kind = SlotKind::Int;
            }
            if slot.kind != SlotKind::Seed {
                limit(
                    slot,
                    range.min.map(real),
                    range.max.map(real),
                    range.step.map(real),
                );
            }
        }
        InputKind::Float(range) => limit(slot, range.min, range.max, range.step),
        InputKind::Boolean => slot.kind = SlotKind::Bool,
        InputKind::Combo(_) | InputKind::DynamicCombo(_) if !slot.kind.is_file() => {
            slot.kind = SlotKind::Choice;
            if slot.choices.is_empty()
                && let InputKind::Combo(choices) = &spec.kind
            {
                slot.choices.clone_from(&choices.values);
            } else if let InputKind::DynamicCombo(options) = &spec.kind {
                slot.choices = options
                    .iter()
                    .map(|o| Value::from(o.key.as_str()))
                    .collect();
            }
        }
        InputKind::String(_) => {
            if matches!(
                slot.kind,
                SlotKind::Choice | SlotKind::Float | SlotKind::Int
            ) {
                slot.kind = SlotKind::Text;
            }
        }
        InputKind::Combo(_)
        | InputKind::DynamicCombo(_)
        | InputKind::Autogrow(_)
        | InputKind::Special
        | InputKind::Socket => {}
    }
    if slot.help.is_empty()
        && let Some(tooltip) = &spec.tooltip
    {
        slot.help = scrub(tooltip).chars().take(300).collect();
    }
}

fn limit(slot: &mut Slot, min: Option<f64>, max: Option<f64>, step: Option<f64>) {
    let stricter = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) => a.or(b),
    };
    slot.min = stricter(slot.min, min, f64::max);
    slot.max = stricter(slot.max, max, f64::min);
    slot.step = slot.step.or(step);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "limits are shown and compared, not computed with"
)]
const fn real(whole: i128) -> f64 {
    whole as f64
}

fn base(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn unit(name: &str) -> Option<&'static str> {
    match base(name) {
        "width" | "height" => Some("px"),
        "frames" => Some("frames"),
        "fps" => Some("fps"),
        "steps" => Some("steps"),
        "seconds" => Some("s"),
        _ => None,
    }
}

fn help(name: &str) -> &'static str {
    match base(name) {
        "prompt" => "What should be seen.",
        "negative" => "What should not be seen.",
        "seed" => "Noise: the same seed gives the same result.",
        "width" | "height" => "Size of the result.",
        "frames" => "Length of the result.",
        "seconds" => "Duration of the result.",
        "fps" => "Frame rate of the result.",
        "image" | "video" | "audio" | "mask" => "File that goes in.",
        "output" => "Folder and start of the file name on the worker.",
        _ => "",
    }
}
