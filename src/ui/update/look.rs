//! The clip: stepping, playing, strip, player; and comparing in the history.

use std::sync::Arc;

use super::{due, verbs};
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::lang::Say;
use crate::ui::layout::{Pane, Screen};
use crate::ui::picture::Shown;
use crate::ui::state::{Form, Paint, Run, State, Tone};

/// Carries out a verb of the preview or the history; `false` where it is none.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    let second = state
        .preview
        .shown
        .as_ref()
        .map_or(24.0, |shown| shown.fps)
        .clamp(1.0, 240.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most 240")]
    let second = second.round() as isize;
    match action {
        Action::PlayClip => play(state),
        Action::FrameNext => step(state, 1),
        Action::FrameBack => step(state, -1),
        Action::SecondNext => step(state, second),
        Action::SecondBack => step(state, -second),
        Action::Strip => {
            state.preview.form = match state.preview.form {
                Form::Single => Form::Strip,
                Form::Strip => Form::Single,
            };
            state.preview.run = Run::Still;
        }
        Action::Player => match state.preview.path.clone() {
            Some(path) => effects.push(Effect::Play(path)),
            None => say(state, Say::NoClip),
        },
        Action::MarkRevision => mark(state),
        _ => return false,
    }
    true
}

fn say(state: &mut State, say: Say) {
    let text = state.lang().say(say).to_owned();
    state.tell(Tone::Bad, text);
}

/// Plays or stops.
pub(super) fn play(state: &mut State) {
    state.preview.run = match state.preview.run {
        Run::Plays => Run::Still,
        Run::Still => {
            state.preview.form = Form::Single;
            state.preview.next_at = state.now;
            Run::Plays
        }
    };
    if frames(state) < 2 {
        state.preview.run = Run::Still;
    }
}

/// Shows the next frame, once the one before was shown: a slow link skips frames, it never queues them.
pub(super) fn play_on(state: &mut State) {
    let Some(shown) = state.preview.shown.clone() else {
        state.preview.run = Run::Still;
        return;
    };
    if shown.frame != state.preview.frame && state.preview.failed.is_none() {
        state.preview.next_at = state.now + 20;
        return;
    }
    let rate = if state.start.ssh { 8.0 } else { 24.0 };
    let fps = shown.fps.clamp(1.0, 240.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 240"
    )]
    let stride = (fps / fps.min(rate)).round().max(1.0) as usize;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a few hundred at most"
    )]
    let pause = (1000.0 * stride as f64 / fps) as i64;
    let next = state.preview.frame + stride;
    state.preview.frame = if next >= shown.frames { 0 } else { next };
    state.preview.next_at = state.now + pause.max(10);
}

fn frames(state: &State) -> usize {
    state.preview.shown.as_ref().map_or(0, |shown| shown.frames)
}

fn step(state: &mut State, by: isize) {
    let last = frames(state).saturating_sub(1);
    state.preview.run = Run::Still;
    state.preview.form = Form::Single;
    state.preview.frame = state.preview.frame.saturating_add_signed(by).min(last);
}

/// Takes a picture that is ready.
pub(super) fn pictured(state: &mut State, made: Result<Arc<Shown>, String>) {
    match made {
        Ok(shown) => {
            state.preview.failed = None;
            state.preview.shown = Some(shown);
        }
        Err(why) => {
            state.preview.run = Run::Still;
            state.preview.failed = Some(crate::core::text::scrub(&why).into_owned());
        }
    }
    due(state, Paint::Data);
}

/// Shows the files of the job meant.
pub(super) fn outputs(state: &mut State, _: &mut Vec<Effect>) {
    if state.focus == Pane::Queue {
        if let Some(id) = state.job_row().map(|row| row.id.clone()) {
            super::queue::open(state, id);
            state.tab = crate::ui::state::Tab::Files;
        }
        return;
    }
    let page = state.snapshot.job.as_ref();
    let path = page.and_then(|page| {
        page.artifacts
            .iter()
            .find(|file| file.kind == "video" || file.kind == "image")
    });
    match path.map(|file| file.path.clone()) {
        Some(path) => {
            state.preview.opened = Some(path);
            state.preview.frame = 0;
            verbs::show(state, Screen::Preview);
        }
        None => say(state, Say::NoClip),
    }
}

fn mark(state: &mut State) {
    let row = state
        .snapshot
        .history
        .get(state.lists.history.cursor)
        .cloned();
    let same = state.marked.as_ref().map(|marked| &marked.id) == row.as_ref().map(|row| &row.id);
    state.marked = if same { None } else { row };
    if state.marked.is_some() {
        let key = state.key(Action::MarkRevision);
        let text = state.lang().fill(Say::Marked, &[&key]);
        state.tell(Tone::Good, text);
    }
}
