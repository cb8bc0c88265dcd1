//! Boxes over the panes: palette, which-key, tour. Their edges are sealed over wide glyphs.

use ratatui::layout::{Position, Rect};

use super::{Ink, wrap};
use crate::core::text::width;
use crate::ui::field::Field;
use crate::ui::keymap::Meaning as Keys;
use crate::ui::lang::Say;
use crate::ui::theme::Meaning;
use crate::ui::update::{TOUR, found};

/// Draws an empty box with a title and gives back its inside.
pub(super) fn open(ink: &mut Ink<'_>, area: Rect, title: &str) -> Rect {
    let area = area.intersection(ink.buffer.area);
    seal(ink, area);
    ink.blank(area);
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let [tl, top, tr, left, right, bl, bottom, br] = ink.state.start.glyphs.frame();
    let across = usize::from(area.width - 2);
    let upper = format!("{tl}{}{tr}", top.repeat(across));
    let lower = format!("{bl}{}{br}", bottom.repeat(across));
    ink.text(area.x, area.y, area.width, &upper, Meaning::Focus);
    ink.text(
        area.x,
        area.bottom() - 1,
        area.width,
        &lower,
        Meaning::Focus,
    );
    for y in area.y + 1..area.bottom() - 1 {
        ink.text(area.x, y, 1, left, Meaning::Focus);
        ink.text(area.right() - 1, y, 1, right, Meaning::Focus);
    }
    if !title.is_empty() {
        ink.text(
            area.x + 2,
            area.y,
            area.width.saturating_sub(4),
            &format!(" {title} "),
            Meaning::Focus,
        );
    }
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width - 4,
        height: area.height - 2,
    }
}

/// Blanks a wide glyph that would reach under the left edge: a terminal would draw it over the border.
pub(crate) fn seal(ink: &mut Ink<'_>, area: Rect) {
    let Some(x) = area.x.checked_sub(1) else {
        return;
    };
    for y in area.top()..area.bottom() {
        if let Some(cell) = ink.buffer.cell_mut((x, y))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// A box of a size in the middle of the screen, or as much of it as there is.
pub(super) fn middle(area: Rect, cells: u16, rows: u16) -> Rect {
    let (cells, rows) = (cells.min(area.width), rows.min(area.height));
    Rect {
        x: area.x + (area.width - cells) / 2,
        y: area.y + (area.height - rows) / 3,
        width: cells,
        height: rows,
    }
}

pub(super) fn palette(ink: &mut Ink<'_>, area: Rect, field: &Field, cursor: usize) -> Position {
    let actions = found(field.text());
    let area = middle(area, 76, 18);
    let inner = open(ink, area, ink.say(Say::Palette));
    let used = ink.text(
        inner.x,
        inner.y,
        inner.width,
        &format!("> {}", field.text()),
        Meaning::Strong,
    );
    let room = usize::from(inner.height.saturating_sub(1)).max(1);
    let top = cursor.saturating_sub(room - 1);
    let name_cells = (inner.width / 3).min(24);
    for ((at, action), y) in actions
        .iter()
        .enumerate()
        .skip(top)
        .zip(inner.y + 1..inner.bottom())
    {
        let key = ink.state.start.keymap.key_for(*action).unwrap_or_default();
        let parts = [
            super::ink::Part::left(name_cells, action.name(ink.state.lang()), Meaning::Text),
            super::ink::Part::left(14.min(inner.width), key, Meaning::Key),
            super::ink::Part::left(
                inner.width.saturating_sub(name_cells + 16),
                action.help(ink.state.lang()),
                Meaning::Faint,
            ),
        ];
        ink.row(inner, y, &parts);
        if at == cursor {
            ink.highlight(inner, y, Meaning::Cursor);
        }
    }
    if actions.is_empty() {
        let text = ink.state.lang().fill(Say::NoMatch, &[field.text()]);
        ink.text(inner.x, inner.y + 1, inner.width, &text, Meaning::Faint);
    }
    Position {
        x: (inner.x + used).min(inner.right()),
        y: inner.y,
    }
}

/// After the first key of a chain: what may follow.
pub(super) fn which_key(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    if state.pending.is_empty() || area.height < 6 {
        return;
    }
    let Keys::Prefix(next) = state.start.keymap.meaning(&state.scopes(), &state.pending) else {
        return;
    };
    let columns = (area.width / 30).max(1);
    let rows = u16::try_from(next.len())
        .unwrap_or(u16::MAX)
        .div_ceil(columns)
        .min(area.height - 4);
    let shelf = Rect {
        y: area.bottom() - rows - 3,
        height: rows + 2,
        ..area
    };
    let inner = open(ink, shelf, &crate::ui::keymap::words(&state.pending));
    for (n, (chord, action)) in next.iter().enumerate() {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        let (column, row) = (n / rows.max(1), n % rows.max(1));
        let x = inner.x.saturating_add(column.saturating_mul(30));
        if x >= inner.right() {
            return;
        }
        let y = inner.y + row;
        let used = ink.text(x, y, 12, &chord.to_string(), Meaning::Key);
        let name = action.name(state.lang());
        let room = inner
            .right()
            .saturating_sub(x + used + 1)
            .min(28_u16.saturating_sub(used));
        ink.text(x + used + 1, y, room, name, Meaning::Text);
    }
}

pub(super) fn tour(ink: &mut Ink<'_>, area: Rect, step: usize) {
    let Some((pane, say)) = TOUR.get(step) else {
        return;
    };
    let cells = area.width.clamp(1, 64);
    let lines = wrap::plain(ink.say(*say), cells.saturating_sub(4));
    let rows = u16::try_from(lines.len()).unwrap_or(3) + 4;
    let below = ink
        .state
        .layout()
        .area(*pane)
        .is_some_and(|pane| pane.y > area.height / 2);
    let y = if below {
        area.y + 2
    } else {
        area.bottom().saturating_sub(rows + 2)
    };
    let shelf = Rect {
        x: area.x + (area.width - cells) / 2,
        y,
        width: cells,
        height: rows.min(area.height),
    };
    let blanks = [(step + 1).to_string(), TOUR.len().to_string()];
    let title = format!(
        "{} {}",
        ink.say(Say::Tour),
        ink.state
            .lang()
            .fill(Say::TourOf, &[&blanks[0], &blanks[1]])
    );
    let inner = open(ink, shelf, &title);
    for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
        ink.text(inner.x, y, inner.width, line, Meaning::Strong);
    }
    if inner.height > 2 {
        ink.text(
            inner.x,
            inner.bottom() - 1,
            inner.width,
            ink.say(Say::TourKeys),
            Meaning::Faint,
        );
    }
}
