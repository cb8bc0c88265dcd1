//! The inputs of one node, against its class.

use serde_json::Value;

use super::inputs::{Expected, expected};
use super::literal::literal;
use super::value::{shown, unwrapped};
use super::{Fault, FaultKind, Known, Report};
use crate::core::text::scrub;
use crate::core::workflow::graph::{Graph, Node};
use crate::core::workflow::near::nearest;
use crate::core::workflow::object_info::ClassInfo;

/// The node being checked.
pub(super) struct Place<'a> {
    pub(super) graph: &'a Graph,
    pub(super) id: &'a str,
    pub(super) node: &'a Node,
    pub(super) class: &'a ClassInfo,
    pub(super) known: Known<'a>,
}

/// Checks every input the node should have, then looks for ones it should not.
pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    let wanted = expected(place.class, &place.node.inputs);
    for input in &wanted {
        match place.node.inputs.get(&input.name) {
            None if input.required => report.errors.push(place.fault(
                input,
                FaultKind::RequiredInputMissing,
                &format!("`{}` has neither a value nor a link", input.name),
            )),
            None => {}
            Some(Value::Array(link)) => linked(place, input, link, report),
            Some(value) => literal(place, input, unwrapped(value), report),
        }
    }
    unknown_inputs(place, &wanted, report);
}

fn unknown_inputs(place: &Place<'_>, wanted: &[Expected<'_>], report: &mut Report) {
    for name in place.node.inputs.keys() {
        if wanted.iter().any(|input| input.name == *name) || place.class.input(name).is_some() {
            continue;
        }
        let near = nearest(name, wanted.iter().map(|input| input.name.as_str()), 1);
        let hint = near
            .first()
            .map(|near| format!("; nearest: {near}"))
            .unwrap_or_default();
        report.warnings.push(Fault {
            node: place.id.to_owned(),
            class: place.node.class_type.clone(),
            input: name.clone(),
            kind: FaultKind::UnknownInput,
            message: format!(
                "{} has no input `{}` and will ignore it{hint}",
                place.node.class_type,
                scrub(name)
            ),
            near: near.into_iter().map(Value::from).collect(),
        });
    }
}

/// Checks an array: `[node, output]` of a fitting type.
fn linked(place: &Place<'_>, input: &Expected<'_>, link: &[Value], report: &mut Report) {
    let [source, slot] = link else {
        let message = format!(
            "`{}` holds a list of {} where a link is [node id, output number]",
            input.name,
            link.len()
        );
        report
            .errors
            .push(place.fault(input, FaultKind::BadLinkedInput, &message));
        return;
    };
    let source_node = source.as_str().and_then(|id| place.graph.nodes.get(id));
    let Some(source_node) = source_node else {
        let message = format!(
            "`{}` is linked to node {}, which is not in the graph",
            input.name,
            shown(source)
        );
        report
            .errors
            .push(place.fault(input, FaultKind::LinkToNowhere, &message));
        return;
    };
    let Some(class) = place.known.info.class(&source_node.class_type) else {
        return;
    };
    let Some(output) = output_at(slot, class) else {
        let message = format!(
            "`{}` is linked to output {} of {}, which has {}",
            input.name,
            shown(slot),
            source_node.class_type,
            class.outputs.len()
        );
        report
            .errors
            .push(place.fault(input, FaultKind::NoSuchOutput, &message));
        return;
    };
    if !fits(output, &input.spec.type_name) {
        let message = format!(
            "`{}` takes {}, but {} ({}) gives {}",
            input.name,
            input.spec.type_name,
            source_node.title(),
            source_node.class_type,
            output
        );
        report
            .errors
            .push(place.fault(input, FaultKind::ReturnTypeMismatch, &message));
    }
}

/// Indexes the outputs as Python does: negative numbers count from the end.
fn output_at<'a>(slot: &Value, class: &'a ClassInfo) -> Option<&'a str> {
    let at = slot.as_i64().or_else(|| slot.as_bool().map(i64::from))?;
    let at = if at < 0 {
        at.checked_add(i64::try_from(class.outputs.len()).ok()?)?
    } else {
        at
    };
    class
        .outputs
        .get(usize::try_from(at).ok()?)
        .map(|output| output.type_name.as_str())
}

/// Compares types as the server does: equal, either one open, or a common entry of comma lists.
fn fits(given: &str, taken: &str) -> bool {
    let open = |name: &str| matches!(name, "*" | "COMFY_MATCHTYPE_V3");
    given == taken
        || open(given)
        || open(taken)
        || given.split(',').any(|g| {
            taken.split(',').any(|t| {
                let (g, t) = (g.trim(), t.trim());
                g == t || g == "*" || t == "*"
            })
        })
}

impl Place<'_> {
    /// Makes a finding about an input of this node.
    pub(super) fn fault(&self, input: &Expected<'_>, kind: FaultKind, message: &str) -> Fault {
        Fault {
            node: self.id.to_owned(),
            class: self.node.class_type.clone(),
            input: input.name.clone(),
            kind,
            message: scrub(message).into_owned(),
            near: Vec::new(),
        }
    }
}
