//! Everything that happened, newest first.

use ratatui::layout::Rect;

use super::ink::Part;
use super::{Ink, cursor_meaning, job, queue, time};
use crate::core::job::Phase;
use crate::ui::lang::Say;
use crate::ui::layout::{Pane, inside};
use crate::ui::theme::Meaning;

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let page = &state.snapshot.log;
    let filter = state.lists.log.filter.text();
    let about = if filter.is_empty() {
        String::new()
    } else {
        format!("/{filter}")
    };
    ink.title(area, Pane::Log, &about, &page.total.to_string());
    let area = inside(area);
    if page.total == 0 {
        let lang = state.lang();
        let text = if filter.is_empty() {
            lang.say(Say::NoLog).to_owned()
        } else {
            lang.fill(Say::NoMatch, &[filter])
        };
        return ink.empty(area, &[&text]);
    }
    let [when, kind, worker, detail] = widths(area.width);
    let heads = [
        (when, Say::ColWhen),
        (kind, Say::ColEvent),
        (worker, Say::ColWorker),
        (detail, Say::ColDetail),
    ];
    let parts = heads.map(|(cells, say)| Part::left(cells, ink.say(say), Meaning::Faint));
    ink.row(area, area.y, &parts);
    let list = &state.lists.log;
    for (y, at) in (area.y + 1..area.bottom()).zip(list.top..) {
        let Some(row) = page.get(at) else { continue };
        let phase = Phase::from_word(&row.kind);
        let word = phase.map_or(row.kind.as_str(), |phase| {
            super::phase_word(phase, state.lang())
        });
        let about = row
            .job
            .as_deref()
            .map(|id| id.get(id.len().saturating_sub(8)..).unwrap_or(id))
            .unwrap_or_default();
        let parts = [
            Part::left(when, time::second(row.at, state.start.zone), Meaning::Faint),
            Part::left(kind, word, phase.map_or(Meaning::Text, queue::meaning)),
            Part::left(
                worker,
                row.worker.as_deref().unwrap_or_default(),
                Meaning::Text,
            ),
            Part::left(
                detail,
                format!("{about} {}", job::detail(&row.detail)),
                Meaning::Faint,
            ),
        ];
        ink.row(area, y, &parts);
        if at == list.cursor {
            ink.highlight(area, y, cursor_meaning(state, Pane::Log));
        }
    }
}

fn widths(width: u16) -> [u16; 4] {
    let worker = if width >= 60 { 10 } else { 0 };
    let fixed = 8 + 14 + worker + 3;
    [8, 14, worker, width.saturating_sub(fixed)]
}
