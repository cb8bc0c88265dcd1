//! Help, generated from the verbs and the keys bound to them; the README's table is the same list.

use ratatui::layout::{Position, Rect};

use super::ink::Part;
use super::{Ink, popup};
use crate::ui::action::{Action, Scope};
use crate::ui::field::Field;
use crate::ui::keymap::Keymap;
use crate::ui::lang::{Lang, Say};
use crate::ui::state::State;
use crate::ui::theme::Meaning;

/// A line of the help: a heading, or keys with name and sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Heading(&'static str),
    Verb(String, &'static str, &'static str),
}

fn entries(keymap: &Keymap, lang: Lang, first: &[Scope], words: &str) -> Vec<Entry> {
    let wanted = words.to_lowercase();
    let mut scopes: Vec<Scope> = first.to_vec();
    scopes.extend(Scope::ALL.iter().filter(|scope| !first.contains(scope)));
    let mut entries = Vec::new();
    for scope in scopes {
        let verbs = Action::ALL
            .iter()
            .filter(|action| action.verb().scope == scope)
            .filter_map(|action| {
                let keys = keymap.keys_for(*action).join(", ");
                if keys.is_empty() {
                    return None;
                }
                let (name, help) = (action.name(lang), action.help(lang));
                let hay = format!("{keys} {name} {help} {}", action.verb().id).to_lowercase();
                hay.contains(&wanted)
                    .then_some(Entry::Verb(keys, name, help))
            });
        let verbs: Vec<Entry> = verbs.collect();
        if !verbs.is_empty() {
            entries.push(Entry::Heading(scope.name(lang)));
            entries.extend(verbs);
        }
    }
    entries
}

fn shown(state: &State, field: &Field) -> Vec<Entry> {
    entries(
        &state.start.keymap,
        state.lang(),
        &state.scopes(),
        field.text(),
    )
}

/// Counts the lines of the help for what was typed.
#[must_use]
pub fn lines(state: &State, field: &Field) -> usize {
    shown(state, field).len()
}

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, field: &Field, top: usize) -> Position {
    let state = ink.state;
    let entries = shown(state, field);
    let area = popup::middle(
        area,
        area.width.saturating_sub(4).min(110),
        area.height.saturating_sub(2),
    );
    let title = format!("{} ({})", ink.say(Say::Help), state.start.keymap.name);
    let inner = popup::open(ink, area, &title);
    let used = ink.text(
        inner.x,
        inner.y,
        inner.width,
        &format!("> {}", field.text()),
        Meaning::Strong,
    );
    if field.text().is_empty() {
        let x = inner.x + used + 2;
        ink.text(
            x,
            inner.y,
            inner.right().saturating_sub(x),
            ink.say(Say::HelpTop),
            Meaning::Faint,
        );
    }
    let keys = (inner.width / 4).clamp(8, 24).min(inner.width);
    let names = (inner.width / 5).clamp(8, 20).min(inner.width);
    for (entry, y) in entries.iter().skip(top).zip(inner.y + 1..inner.bottom()) {
        match entry {
            Entry::Heading(name) => drop(ink.text(inner.x, y, inner.width, name, Meaning::Focus)),
            Entry::Verb(bound, name, help) => {
                let parts = [
                    Part::left(keys, format!("  {bound}"), Meaning::Key),
                    Part::left(names, *name, Meaning::Text),
                    Part::left(
                        inner.width.saturating_sub(keys + names + 2),
                        *help,
                        Meaning::Faint,
                    ),
                ];
                ink.row(inner, y, &parts);
            }
        }
    }
    if entries.is_empty() {
        let text = state.lang().fill(Say::NoMatch, &[field.text()]);
        ink.text(inner.x, inner.y + 1, inner.width, &text, Meaning::Faint);
    }
    Position {
        x: (inner.x + used).min(inner.right()),
        y: inner.y,
    }
}

/// The table of keys for the README, as Markdown.
#[must_use]
pub fn table(keymap: &Keymap, lang: Lang) -> String {
    let mut text = String::new();
    for entry in entries(keymap, lang, &[], "") {
        match entry {
            Entry::Heading(name) => {
                text.push_str(
                    &["\n**", name, "**\n\n| key | command | |\n|---|---|---|\n"].concat(),
                );
            }
            Entry::Verb(keys, name, help) => {
                let keys = keys.replace('|', "\\|");
                text.push_str(&["| `", &keys, "` | ", name, " | ", help, " |\n"].concat());
            }
        }
    }
    text
}
