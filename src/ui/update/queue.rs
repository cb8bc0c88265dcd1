//! Jobs: cancel, retry, hold, move, open.

use super::{look, verbs};
use crate::core::job::Phase;
use crate::store::view::JobOrder;
use crate::ui::action::Action;
use crate::ui::effect::{Effect, Wish};
use crate::ui::lang::Say;
use crate::ui::layout::Screen;
use crate::ui::list::List;
use crate::ui::state::{Mode, Question, State, Tab, Tone};

/// Carries out a verb of the queue or the job page; `false` where it is none.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    match action {
        Action::SortJobs => sort(state),
        Action::NextTab => turn(state, 1),
        Action::PreviousTab => turn(state, -1),
        Action::Outputs => look::outputs(state, effects),
        Action::TogglePause => {
            let paused = state.snapshot.engine.paused;
            effects.push(Effect::Ask(if paused { Wish::Resume } else { Wish::Pause }));
        }
        Action::TellMe => tell_me(state),
        Action::Cancel | Action::Retry | Action::Hold | Action::MoveTop | Action::MoveBottom => {
            wish(state, action, effects);
        }
        _ => return false,
    }
    true
}

fn wish(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let Some(job) = state.job_meant() else {
        state.tell(Tone::Bad, lang.say(Say::NeedJob));
        return;
    };
    let (id, name, phase) = (job.id.clone(), job.name.clone(), job.phase);
    let waits = matches!(phase, Phase::Queued | Phase::Blocked | Phase::Held);
    let wish = match action {
        Action::Cancel if phase.is_in_flight() && phase != Phase::Cancelling => {
            state.mode = Mode::Ask(Question::Cancel(id, name));
            return;
        }
        Action::Cancel if waits => Some(Wish::Cancel(id)),
        Action::Retry if matches!(phase, Phase::Failed | Phase::Cancelled | Phase::Done) => {
            Some(Wish::Retry(id))
        }
        Action::Hold if phase == Phase::Held => Some(Wish::Release(id)),
        Action::Hold if waits => Some(Wish::Hold(id)),
        Action::MoveTop if waits => Some(Wish::Top(id)),
        Action::MoveBottom if waits => Some(Wish::Bottom(id)),
        _ => None,
    };
    if let Some(wish) = wish {
        effects.push(Effect::Ask(wish));
        return;
    }
    let words = [action.name(lang), crate::ui::view::phase_word(phase, lang)];
    let text = lang.fill(Say::WontDo, &words);
    state.tell(Tone::Bad, text);
}

/// Cancels a job after the question was answered.
pub(super) fn cancel_now(id: String, effects: &mut Vec<Effect>) {
    effects.push(Effect::Ask(Wish::Cancel(id)));
}

/// Opens the page of a job.
pub(super) fn open(state: &mut State, id: String) {
    let keep = state.came_from;
    let from = state.screen;
    state.job = Some(id);
    state.lists.job = List::default();
    verbs::show(state, Screen::Job);
    state.came_from = if from == Screen::Job { keep } else { from };
}

fn turn(state: &mut State, by: isize) {
    state.tab = state.tab.step(by);
    state.lists.job = List::default();
}

fn sort(state: &mut State) {
    state.order = match state.order {
        JobOrder::Phase => JobOrder::Newest,
        JobOrder::Newest => JobOrder::Batch,
        JobOrder::Batch => JobOrder::Phase,
    };
    let list = &mut state.lists.jobs;
    (list.cursor, list.top, list.id) = (0, 0, None);
    let say = match state.order {
        JobOrder::Phase => Say::ByPhase,
        JobOrder::Newest => Say::ByNewest,
        JobOrder::Batch => Say::ByBatch,
    };
    let text = state.lang().say(say).to_owned();
    state.tell(Tone::Good, text);
}

fn tell_me(state: &mut State) {
    let lang = state.lang();
    let Some(job) = state
        .job_meant()
        .map(|job| (job.id.clone(), job.name.clone()))
    else {
        state.tell(Tone::Bad, lang.say(Say::NeedJob));
        return;
    };
    let (id, name) = job;
    let say = if state.tell.remove(&id) {
        Say::WontTell
    } else {
        if state.tell.len() < 64 {
            state.tell.insert(id);
        }
        Say::WillTell
    };
    let text = lang.fill(say, &[&name]);
    state.tell(Tone::Good, text);
}

/// The tab of the job page shown, where the page is open.
#[must_use]
pub(super) fn compares_graphs(state: &State) -> bool {
    state.tab == Tab::GraphDiff && state.layout().area(crate::ui::layout::Pane::Job).is_some()
}
