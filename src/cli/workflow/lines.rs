//! A report in lines for people.

use std::collections::BTreeSet;

use crate::core::workflow::check::{Fault, Report};
use crate::core::workflow::packs::pack_of;

/// Words everything that was found, one line each, each thing once.
pub(super) fn of(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let mut told = BTreeSet::new();
    for missing in &report.missing_nodes {
        if told.insert(&missing.class) {
            let pack = pack_of(&missing.class)
                .map(|pack| format!(": {}", pack.advice()))
                .unwrap_or_default();
            lines.push(format!(
                "missing node class {} (node {}){pack}",
                missing.class, missing.node
            ));
        }
    }
    for missing in &report.missing_models {
        let near = match missing.near.as_slice() {
            [] => String::new(),
            near => format!("; there is {}", near.join(", ")),
        };
        let folder = match missing.folder {
            "" => "",
            folder => &format!("{folder}/"),
        };
        lines.push(format!(
            "missing model {folder}{} ({}.{}){near}",
            missing.value, missing.node, missing.input
        ));
    }
    lines.extend(report.errors.iter().map(|fault| line("error", fault)));
    lines.extend(report.warnings.iter().map(|fault| line("warning", fault)));
    lines
}

fn line(word: &str, fault: &Fault) -> String {
    let place = match (fault.node.as_str(), fault.input.as_str()) {
        ("", _) => String::new(),
        (node, "") => format!("node {node} ({}): ", fault.class),
        (node, input) => format!("{node}.{input} ({}): ", fault.class),
    };
    format!("{word}: {place}{}", fault.message)
}

/// Sums a report up.
pub(super) const fn sentence(report: &Report) -> &'static str {
    if report.ok {
        "a server would take it"
    } else {
        "a server would not take it"
    }
}
