//! The command palette: every verb, found by a few letters of its name in either language.

use crossterm::event::{KeyCode, KeyEvent};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{keys::is_control, verbs};
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::state::{Mode, State};

/// Lists the verbs that match what was typed, the best first.
#[must_use]
pub fn found(typed: &str) -> Vec<Action> {
    let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Action)> = Action::ALL
        .iter()
        .filter_map(|action| {
            let verb = action.verb();
            let names = [verb.name.0, verb.name.1, verb.id, verb.help.0, verb.help.1];
            let score = names.iter().enumerate().filter_map(|(rank, name)| {
                let score = pattern.score(Utf32Str::new(name, &mut buffer), &mut matcher)?;
                Some(if rank < 3 { score + 100 } else { score })
            });
            Some((score.max()?, *action))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, action)| action).collect()
}

pub(super) fn key(state: &mut State, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Mode::Palette {
        mut field,
        mut cursor,
    } = state.mode.clone()
    else {
        return;
    };
    let count = found(field.text()).len();
    match key.code {
        KeyCode::Esc => {
            state.mode = Mode::Work;
            return;
        }
        KeyCode::Enter => {
            let chosen = found(field.text()).get(cursor).copied();
            state.mode = Mode::Work;
            if let Some(action) = chosen {
                verbs::act(state, action, effects);
            }
            return;
        }
        KeyCode::Up => cursor = cursor.saturating_sub(1),
        KeyCode::Down | KeyCode::Tab => cursor += 1,
        _ if is_control(key, 'p') => cursor = cursor.saturating_sub(1),
        _ if is_control(key, 'n') => cursor += 1,
        _ => {
            if field.key(key) {
                cursor = 0;
            }
        }
    }
    cursor = cursor.min(count.saturating_sub(1));
    state.mode = Mode::Palette { field, cursor };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_by_letters_of_either_language() {
        assert_eq!(found("suspend").first(), Some(&Action::Suspend));
        assert_eq!(found("대기열 정지").first(), Some(&Action::TogglePause));
        assert_eq!(found("newsh").first(), Some(&Action::NewShot));
        assert!(found("zzzzqq").is_empty());
        assert_eq!(found("").len(), Action::ALL.len());
    }
}
