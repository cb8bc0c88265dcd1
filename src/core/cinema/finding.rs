//! What comes of holding the rules against a shot.

use jiff::civil::Date;
use serde::Serialize;

use super::Cinema;
use super::field::Field;
use super::fix::Fix;
use super::rule::{Severity, Verdict};
use super::shot::{Read, Shot, Slip, SlipKind, Waiver};

/// Something to tell about a shot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule, or `input.…` for a slip in the configuration itself.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What to tell, in English.
    pub message: String,
    /// What to tell, in Korean.
    pub message_ko: String,
    /// The fields it is about, by name.
    pub fields: Vec<String>,
    /// What would clear it, nearest first; filled on demand.
    pub fixes: Vec<Fix>,
    /// Why the rule could not be judged: then the finding is about the rule, not about the shot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The waiver under which it is passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waiver>,
    /// The line of the configuration, from 1, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// How many findings of each severity stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Hard ones.
    pub hard: usize,
    /// Soft ones.
    pub soft: usize,
    /// Reminders.
    pub info: usize,
    /// Waived ones, of any severity; they are in none of the other counts.
    pub waived: usize,
}

/// The findings of one shot.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// Gravest first, then in the order of the rules.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Counts what stands.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in &self.findings {
            if finding.waived.is_some() {
                counts.waived += 1;
                continue;
            }
            match finding.severity {
                Severity::Hard => counts.hard += 1,
                Severity::Soft => counts.soft += 1,
                Severity::Info => counts.info += 1,
            }
        }
        counts
    }

    /// The findings that stand, of one severity.
    pub fn standing(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity == severity && finding.waived.is_none())
    }

    /// Adds the slips of a configuration and the lines of its fields.
    pub fn read_from(&mut self, cinema: &Cinema, read: &Read) {
        for finding in &mut self.findings {
            let lines = finding.fields.iter().filter_map(|name| Field::find(name));
            finding.line = lines
                .filter_map(|field| read.lines.get(&field))
                .min()
                .copied();
        }
        let unknown = read
            .shot
            .unknown_ids(cinema.catalog())
            .into_iter()
            .map(|slip| {
                let field = Field::find(&slip.path);
                let line = field.and_then(|field| read.lines.get(&field)).copied();
                Slip { line, ..slip }
            });
        let slips: Vec<Slip> = read.slips.iter().cloned().chain(unknown).collect();
        self.findings
            .extend(slips.into_iter().map(|slip| of_slip(&read.shot, slip)));
        self.sort();
    }

    fn sort(&mut self) {
        self.findings.sort_by_key(|finding| finding.severity);
    }
}

/// Judges every rule.
pub(super) fn check(cinema: &Cinema, shot: &Shot, today: Date) -> Report {
    let judge = cinema.judge(shot);
    let mut findings = Vec::new();
    for rule in cinema.rules() {
        let fault = match judge.judge(rule) {
            Verdict::Kept => continue,
            Verdict::Broken => None,
            Verdict::Fault(reason) => Some(reason),
        };
        let (message, message_ko) = match &fault {
            None => (rule.message.clone(), rule.message_ko.clone()),
            Some(reason) => (
                format!("The rule {} cannot be judged: {reason}.", rule.id),
                format!("규칙 {}을(를) 판정할 수 없습니다: {reason}.", rule.id),
            ),
        };
        findings.push(Finding {
            rule: rule.id.clone(),
            severity: rule.severity,
            message,
            message_ko,
            fields: names(&rule.asks_for(shot)),
            fixes: Vec::new(),
            fault,
            waived: waiver(shot, &rule.id, today).cloned(),
            line: None,
        });
    }
    findings.extend(lapsed(shot, today));
    let mut report = Report { findings };
    report.sort();
    report
}

/// The waiver that holds on a day.
fn waiver<'a>(shot: &'a Shot, rule: &str, today: Date) -> Option<&'a Waiver> {
    shot.waivers
        .iter()
        .find(|waiver| waiver.rule == rule && waiver.until.is_none_or(|until| today <= until))
}

/// Reminds of waivers that are over.
fn lapsed(shot: &Shot, today: Date) -> impl Iterator<Item = Finding> {
    let over = shot
        .waivers
        .iter()
        .filter_map(move |waiver| Some((waiver, waiver.until.filter(|until| today > *until)?)));
    over.map(|(waiver, until)| Finding {
        rule: "waiver.lapsed".to_owned(),
        severity: Severity::Info,
        message: format!("The waiver of {} ended on {until}.", waiver.rule),
        message_ko: format!("{} 면제가 {until}에 끝났습니다.", waiver.rule),
        fields: Vec::new(),
        fixes: Vec::new(),
        fault: None,
        waived: None,
        line: None,
    })
}

fn of_slip(shot: &Shot, slip: Slip) -> Finding {
    let severity = match slip.kind {
        SlipKind::UnknownKey => Severity::Soft,
        SlipKind::WrongKind | SlipKind::UnknownId | SlipKind::BadWaiver => Severity::Hard,
    };
    let fixes = match slip.kind {
        SlipKind::UnknownId => Fix::of_slip(shot, &slip),
        SlipKind::UnknownKey | SlipKind::WrongKind | SlipKind::BadWaiver => Vec::new(),
    };
    Finding {
        rule: slip.kind.rule().to_owned(),
        severity,
        message: slip.message,
        message_ko: slip.message_ko,
        fields: vec![slip.path],
        fixes,
        fault: None,
        waived: None,
        line: slip.line,
    }
}

fn names(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.name().to_owned()).collect()
}
