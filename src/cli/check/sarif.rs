//! Findings as a SARIF 2.1.0 log, which code hosts and editors read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Checked;
use crate::core::cinema::{Cinema, Finding, Severity};

/// The schema that the log follows, by its published address.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the log of one run.
pub(super) fn log(cinema: &Cinema, all: &[Checked]) -> Value {
    let results: Vec<Value> = all
        .iter()
        .flat_map(|checked| {
            let findings = checked.report.findings.iter();
            findings.map(|finding| result(&checked.page.name, finding))
        })
        .collect();
    let rules: Vec<Value> = cinema
        .rules()
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.message},
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {"category": rule.category},
            })
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rushes",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    let place = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(file)},
        "region": {"startLine": finding.line.unwrap_or(1)},
    }});
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": finding.message},
        "locations": [place],
    });
    if let (Some(waiver), Some(map)) = (&finding.waived, result.as_object_mut()) {
        map.insert(
            "suppressions".to_owned(),
            json!([{"kind": "external", "justification": waiver.reason}]),
        );
    }
    result
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Hard => "error",
        Severity::Soft => "warning",
        Severity::Info => "note",
    }
}

/// A file name as a relative reference: everything that is not plain is percent-encoded.
fn uri(file: &str) -> String {
    let mut uri = String::new();
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _never_fails = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_becomes_a_reference_that_readers_accept() {
        assert_eq!(uri("shots/비 1.toml"), "shots/%EB%B9%84%201.toml");
    }
}
