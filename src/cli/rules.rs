//! `rushes rules`: what a configuration is held against.

use clap::Args;
use serde_json::{Value, json};

use super::configuration;
use super::print::{Cell, Tone};
use super::session::Session;
use crate::core::cinema::{Rule, Severity, Shot};
use crate::core::workflow::near::nearest;
use crate::failure::{Failure, Kind};

/// Options of `rushes rules`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Show one rule in full
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Only rules about this: stock, camera, lens, movement, lighting, aspect, combo, animation, prompt, own
    #[arg(long, value_name = "WORD")]
    category: Option<String>,
    /// Only rules of this severity
    #[arg(long, value_name = "S", value_parser = ["hard", "soft", "info"])]
    severity: Option<String>,
}

/// Lists rules, or shows one.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    let cinema = configuration::open(session, &[])?;
    let korean = configuration::korean(session);
    if let Some(id) = &arguments.id {
        let rule = cinema.rule(id).ok_or_else(|| {
            let ids = cinema.rules().iter().map(|rule| rule.id.as_str());
            let near = nearest(id, ids, 3);
            Failure::new(
                Kind::Unknown,
                "finding the rule",
                format!("there is no rule {id:?}"),
            )
            .hint(format!("near: {}", near.join(", ")))
        })?;
        return show(session, rule, korean);
    }
    let wanted = |rule: &&Rule| {
        let category = arguments.category.as_ref();
        let severity = arguments.severity.as_deref();
        category.is_none_or(|category| *category == rule.category)
            && severity.is_none_or(|severity| severity == rule.severity.word())
    };
    let rules: Vec<&Rule> = cinema.rules().iter().filter(wanted).collect();
    if session.style.json {
        let shapes: Vec<Value> = rules.iter().map(|rule| shape(rule)).collect();
        session.style.json(&shapes)?;
        return Ok(0);
    }
    let rows: Vec<Vec<Cell>> = rules
        .iter()
        .map(|rule| {
            let message = if korean {
                &rule.message_ko
            } else {
                &rule.message
            };
            vec![
                Cell::plain(&rule.id),
                Cell::toned(tone(rule.severity), rule.severity.word()),
                Cell::whole(message),
            ]
        })
        .collect();
    session.style.table(&["rule", "severity", "says"], &rows)?;
    Ok(0)
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Hard => Tone::Bad,
        Severity::Soft => Tone::Busy,
        Severity::Info => Tone::Plain,
    }
}

fn shape(rule: &Rule) -> Value {
    let fields = rule.asks_for(&Shot::default());
    let fields: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    json!({
        "id": rule.id,
        "category": rule.category,
        "severity": rule.severity,
        "message": rule.message,
        "message_ko": rule.message_ko,
        "fields": fields,
        "when": rule.when,
        "file": rule.file,
        "line": rule.line,
        "fault": rule.fault(),
    })
}

fn show(session: &Session, rule: &Rule, korean: bool) -> Result<u8, Failure> {
    let style = session.style;
    if style.json {
        style.json(&shape(rule))?;
        return Ok(0);
    }
    style.line(&format!(
        "{}: {} ({})",
        rule.id, rule.severity, rule.category
    ))?;
    style.line(if korean {
        &rule.message_ko
    } else {
        &rule.message
    })?;
    style.line(&format!("broken when {}", rule.when))?;
    style.line(&format!("{}:{}", rule.file, rule.line))?;
    if let Some(fault) = rule.fault() {
        style.line(&format!("fault: {fault}"))?;
    }
    Ok(0)
}
