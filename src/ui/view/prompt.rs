//! The prompt editor.

use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::{Ink, shows_ghost, wrap};
use crate::ui::action::Action;
use crate::ui::check;
use crate::ui::glyph::Sign;
use crate::ui::lang::Say;
use crate::ui::layout::{Pane, inside};
use crate::ui::theme::Meaning;

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) -> Option<Position> {
    let state = ink.state;
    ink.title(area, Pane::Prompt, &about(ink), &counted(ink));
    let mut area = inside(area);
    if state.desk.place.is_empty() {
        ink.empty(area, &[ink.say(Say::NoShot)]);
        return None;
    }
    if area.height >= 4 {
        head(ink, area);
        area.y += 1;
        area.height -= 1;
    }
    let text = state.desk.editor.text();
    if shows_ghost(state) {
        ghost(ink, area, &text);
    }
    write(ink, area, &text)
}

/// The text itself; one column is left free for the caret behind a full line.
fn write(ink: &mut Ink<'_>, area: Rect, text: &str) -> Option<Position> {
    let state = ink.state;
    let editor = state.desk.editor.area();
    let room = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    if room.is_empty() {
        return None;
    }
    editor.render(room, ink.buffer);
    if text.is_empty() {
        ink.empty(room, &[ink.say(Say::PromptPlaceholder)]);
        faint(ink, room);
    }
    let (top, _) = editor.scroll_offset();
    let at = editor.screen_cursor();
    let row = u16::try_from(at.row).ok()?.checked_sub(top)?;
    let column = u16::try_from(at.col)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(1));
    more(ink, area, room.height, top);
    (row < area.height).then_some(Position {
        x: area.x + column,
        y: area.y + row,
    })
}

fn faint(ink: &mut Ink<'_>, area: Rect) {
    let style = ink.style(Meaning::Faint);
    ink.buffer
        .set_style(area.intersection(ink.buffer.area), style);
}

/// Marks at the right edge that the text goes on above or below.
fn more(ink: &mut Ink<'_>, area: Rect, height: u16, top: u16) {
    let lines = ink.state.desk.editor.area().lines();
    let cells = usize::from(area.width.saturating_sub(1)).max(1);
    let rows: usize = lines
        .iter()
        .map(|line| crate::core::text::width(line) / cells + 1)
        .sum();
    let mark = ink.sign(Sign::More);
    let x = area.right().saturating_sub(1);
    if top > 0 {
        ink.text(x, area.y, 1, mark, Meaning::Faint);
    }
    if rows > usize::from(top) + usize::from(height) && height > 1 {
        ink.text(x, area.bottom() - 1, 1, mark, Meaning::Faint);
    }
}

/// One faint line over the text: idea and what must not be seen.
fn head(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let Some(page) = &state.snapshot.shot else {
        return;
    };
    let newest = page.revisions.first();
    let mut facts = Vec::new();
    if !page.idea.is_empty() {
        facts.push(format!(
            "{}: {}",
            ink.say(Say::Idea),
            page.idea.replace('\n', " ")
        ));
    }
    if let Some(negative) = newest
        .map(|revision| &revision.negative)
        .filter(|text| !text.is_empty())
    {
        facts.push(format!(
            "{}: {}",
            ink.say(Say::Negative),
            negative.replace('\n', " ")
        ));
    }
    let dot = format!(" {} ", ink.sign(Sign::Dot));
    let each = usize::from(area.width) / facts.len().max(1);
    let facts: Vec<String> = facts
        .iter()
        .map(|fact| ink.cut(fact, each.saturating_sub(2)).into_owned())
        .collect();
    ink.text(
        area.x,
        area.y,
        area.width,
        &facts.join(&dot),
        Meaning::Faint,
    );
}

fn about(ink: &Ink<'_>) -> String {
    let state = ink.state;
    let lang = state.lang();
    let dot = format!(" {} ", ink.sign(Sign::Dot));
    let mut facts = Vec::new();
    if let Some(page) = &state.snapshot.shot {
        facts.push(page.row.code.clone());
    }
    if state.desk.edited {
        facts.push(lang.say(Say::Unsaved).to_owned());
    }
    let count = state.revisions().len();
    if let Some(at) = state.desk.looking {
        let key = state.key(Action::Restore);
        facts.push(lang.fill(Say::Looking, &[&count.saturating_sub(at).to_string(), &key]));
    } else if count > 0 {
        facts.push(format!("r{count}"));
    }
    if let Some(target) = state.target() {
        facts.push(target.to_owned());
    }
    facts.join(&dot)
}

fn counted(ink: &Ink<'_>) -> String {
    let state = ink.state;
    let lang = state.lang();
    let count = check::words(&state.desk.editor.text());
    match check::word_limit(state.target()) {
        Some(limit) if count > limit => {
            lang.fill(Say::WordsOver, &[&count.to_string(), &limit.to_string()])
        }
        Some(limit) => lang.fill(Say::Words, &[&count.to_string(), &limit.to_string()]),
        None => lang.fill(Say::WordsOnly, &[&count.to_string()]),
    }
}

/// The parent revision, faintly, under the text.
fn ghost(ink: &mut Ink<'_>, area: Rect, text: &str) {
    let Some((_, parent)) = ink.state.desk.base.clone() else {
        return;
    };
    let cells = area.width.saturating_sub(1);
    let rows = wrap::plain(text, cells).len() + 1;
    let from = u16::try_from(rows).unwrap_or(u16::MAX);
    for (line, y) in wrap::plain(&parent, cells)
        .iter()
        .zip(area.y.saturating_add(from)..area.bottom())
    {
        ink.text(area.x, y, cells, line, Meaning::Ghost);
    }
}
