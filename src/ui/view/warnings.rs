//! Findings on the prompt.

use ratatui::layout::Rect;

use super::{Ink, cursor_meaning, wrap};
use crate::ui::check::Severity;
use crate::ui::glyph::Sign;
use crate::ui::lang::Say;
use crate::ui::layout::{Pane, inside};
use crate::ui::theme::Meaning;

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let findings = &state.findings;
    let count = if findings.is_empty() {
        String::new()
    } else {
        findings.len().to_string()
    };
    ink.title(area, Pane::Warnings, "", &count);
    let area = inside(area);
    if findings.is_empty() {
        let text = ink.say(Say::NoWarnings);
        let sign = ink.sign(Sign::Good);
        ink.text(
            area.x,
            area.y,
            area.width,
            &format!("{sign} {text}"),
            Meaning::Faint,
        );
        return;
    }
    let mut y = area.y;
    for (at, finding) in findings
        .iter()
        .enumerate()
        .skip(state.lists.warnings.cursor.saturating_sub(1))
    {
        let (say, meaning) = match finding.severity {
            Severity::Hard => (Say::Hard, Meaning::Bad),
            Severity::Soft => (Say::Soft, Meaning::Warn),
            Severity::Info => (Say::Info, Meaning::Faint),
        };
        let here = at == state.lists.warnings.cursor;
        let head = format!(
            "{} {} {}",
            ink.sign(Sign::Alert),
            ink.say(say),
            finding.fields.join(", ")
        );
        if y >= area.bottom() {
            return;
        }
        ink.text(area.x, y, area.width, &head, meaning);
        if here {
            ink.highlight(area, y, cursor_meaning(state, Pane::Warnings));
        }
        y += 1;
        for line in wrap::plain(finding.says(state.lang()), area.width.saturating_sub(2)) {
            if y >= area.bottom() {
                return;
            }
            ink.text(
                area.x + 2,
                y,
                area.width.saturating_sub(2),
                &line,
                Meaning::Text,
            );
            y += 1;
        }
    }
}
