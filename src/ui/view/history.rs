//! Every prompt there ever was.

use ratatui::layout::Rect;

use super::ink::Part;
use super::{Ink, cursor_meaning, time};
use crate::store::view::RevisionRow;
use crate::ui::glyph::Sign;
use crate::ui::lang::Say;
use crate::ui::layout::{Pane, inside};
use crate::ui::theme::Meaning;

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let page = &state.snapshot.history;
    let filter = state.lists.history.filter.text();
    let about = if filter.is_empty() {
        String::new()
    } else {
        format!("/{filter}")
    };
    ink.title(area, Pane::History, &about, &page.total.to_string());
    let area = inside(area);
    if page.total == 0 {
        let lang = state.lang();
        let text = if filter.is_empty() {
            lang.say(Say::NoHistory).to_owned()
        } else {
            lang.fill(Say::NoMatch, &[filter])
        };
        return ink.empty(area, &[&text]);
    }
    let [when, shot, who, jobs, prompt] = widths(area.width);
    let parts = [
        Part::left(when, ink.say(Say::ColWhen), Meaning::Faint),
        Part::left(shot, ink.say(Say::ColShot), Meaning::Faint),
        Part::left(who, ink.say(Say::ColWho), Meaning::Faint),
        Part::right(jobs, ink.say(Say::ColJobs), Meaning::Faint),
        Part::left(prompt, ink.say(Say::Prompt), Meaning::Faint),
    ];
    ink.row(area, area.y, &parts);
    let list = &state.lists.history;
    for (y, at) in (area.y + 1..area.bottom()).zip(list.top..) {
        let Some(row) = page.get(at) else { continue };
        let parts = revision(ink, row, area.width);
        ink.row(area, y, &parts);
        if at == list.cursor {
            ink.highlight(area, y, cursor_meaning(state, Pane::History));
        }
    }
}

/// Widths: when, shot, who, jobs, prompt.
fn widths(width: u16) -> [u16; 5] {
    let shot = if width >= 50 { 13 } else { 0 };
    let who = if width >= 70 { 12 } else { 0 };
    let jobs = if width >= 60 { 4 } else { 0 };
    let gaps = [shot, who, jobs].iter().filter(|cells| **cells > 0).count() + 1;
    let fixed = 6 + shot + who + jobs + u16::try_from(gaps).unwrap_or(4);
    [6, shot, who, jobs, width.saturating_sub(fixed)]
}

fn revision<'a>(ink: &Ink<'_>, row: &'a RevisionRow, width: u16) -> Vec<Part<'a>> {
    let state = ink.state;
    let [when, shot, who, jobs, prompt] = widths(width);
    let marked = state
        .marked
        .as_ref()
        .is_some_and(|marked| marked.id == row.id);
    let mark = if marked {
        format!("{} ", ink.sign(Sign::Mark))
    } else {
        String::new()
    };
    vec![
        Part::left(
            when,
            time::moment(row.created, state.now, state.start.zone),
            Meaning::Faint,
        ),
        Part::left(shot, row.shot.as_deref().unwrap_or_default(), Meaning::Text),
        Part::left(who, row.author.as_str(), Meaning::Faint),
        Part::right(jobs, row.jobs.to_string(), Meaning::Faint),
        Part::left(
            prompt,
            format!("{mark}{}", row.prompt.replace('\n', " ")),
            Meaning::Text,
        ),
    ]
}
