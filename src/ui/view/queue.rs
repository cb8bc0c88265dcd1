//! The job list.

use ratatui::layout::Rect;

use super::ink::Part;
use super::{Ink, cursor_meaning, has_heads, time};
use crate::core::job::Phase;
use crate::store::view::{JobOrder, JobRow, Progress};
use crate::ui::action::Action;
use crate::ui::glyph::Sign;
use crate::ui::lang::{Lang, Say};
use crate::ui::layout::{Pane, inside};
use crate::ui::theme::Meaning;

/// A phase as people read it.
#[must_use]
pub fn phase_word(phase: Phase, lang: Lang) -> &'static str {
    lang.say(match phase {
        Phase::Queued => Say::PhaseQueued,
        Phase::Blocked => Say::PhaseBlocked,
        Phase::Held => Say::PhaseHeld,
        Phase::Claimed => Say::PhaseClaimed,
        Phase::Sending => Say::PhaseSending,
        Phase::Waiting => Say::PhaseWaiting,
        Phase::Running => Say::PhaseRunning,
        Phase::Collecting => Say::PhaseCollecting,
        Phase::Done => Say::PhaseDone,
        Phase::Failed => Say::PhaseFailed,
        Phase::Lost => Say::PhaseLost,
        Phase::Cancelling => Say::PhaseCancelling,
        Phase::Cancelled => Say::PhaseCancelled,
    })
}

/// The colour of a phase.
pub(super) const fn meaning(phase: Phase) -> Meaning {
    match phase {
        Phase::Claimed | Phase::Sending | Phase::Waiting | Phase::Running | Phase::Collecting => {
            Meaning::Run
        }
        Phase::Queued | Phase::Blocked => Meaning::Wait,
        Phase::Held | Phase::Lost | Phase::Cancelling => Meaning::Warn,
        Phase::Done => Meaning::Good,
        Phase::Failed => Meaning::Bad,
        Phase::Cancelled => Meaning::Faint,
    }
}

/// The sign of a phase.
pub(super) const fn sign(phase: Phase) -> Sign {
    match phase {
        Phase::Claimed | Phase::Sending | Phase::Waiting | Phase::Running | Phase::Collecting => {
            Sign::Run
        }
        Phase::Queued | Phase::Blocked => Sign::Wait,
        Phase::Held => Sign::Held,
        Phase::Done => Sign::Good,
        Phase::Failed => Sign::Bad,
        Phase::Lost | Phase::Cancelling => Sign::Alert,
        Phase::Cancelled => Sign::Stop,
    }
}

pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let page = &state.snapshot.jobs;
    let filter = state.lists.jobs.filter.text();
    let order = match state.order {
        JobOrder::Phase => "",
        JobOrder::Newest => state.lang().say(Say::ByNewest),
        JobOrder::Batch => state.lang().say(Say::ByBatch),
    };
    let about = if filter.is_empty() {
        order.to_owned()
    } else {
        format!("/{filter} {order}")
    };
    ink.title(area, Pane::Queue, &about, &page.total.to_string());
    let mut area = inside(area);
    if page.total == 0 {
        let lang = state.lang();
        let (first, how) = if filter.is_empty() {
            let key = state
                .start
                .keymap
                .key_for(Action::Render)
                .unwrap_or_default();
            (
                lang.say(Say::NoJobs).to_owned(),
                lang.fill(Say::NoJobsHow, &[&key]),
            )
        } else {
            (lang.fill(Say::NoMatch, &[filter]), String::new())
        };
        return ink.empty(area, &[&first, &how]);
    }
    if has_heads(state) {
        heads(ink, area);
        area.y += 1;
        area.height = area.height.saturating_sub(1);
    }
    let list = &state.lists.jobs;
    for (y, at) in (area.top()..area.bottom()).zip(list.top..) {
        let Some(row) = page.get(at) else { continue };
        draw_row(ink, area, y, row);
        if at == list.cursor {
            ink.highlight(area, y, cursor_meaning(state, Pane::Queue));
        }
    }
}

/// Where the columns of a row are.
struct Columns {
    phase: u16,
    name: u16,
    middle: u16,
    eta: u16,
    worker: u16,
    since: u16,
}

fn columns(width: u16) -> Columns {
    let phase = if width >= 30 { 11 } else { 1 };
    let since = if width >= 52 { 8 } else { 0 };
    let eta = if width >= 44 { 7 } else { 0 };
    let worker = if width >= 84 { 10 } else { 0 };
    let gaps = 2 + [since, eta, worker]
        .iter()
        .filter(|cells| **cells > 0)
        .count();
    let fixed = phase + since + eta + worker + u16::try_from(gaps).unwrap_or(5);
    let rest = width.saturating_sub(fixed);
    let name = (rest * 2 / 5).max(rest.min(12));
    Columns {
        phase,
        name,
        middle: rest - name,
        eta,
        worker,
        since,
    }
}

fn heads(ink: &mut Ink<'_>, area: Rect) {
    let c = columns(area.width);
    let parts = [
        Part::left(c.phase, ink.say(Say::ColPhase), Meaning::Faint),
        Part::left(c.name, ink.say(Say::ColName), Meaning::Faint),
        Part::left(c.middle, ink.say(Say::ColProgress), Meaning::Faint),
        Part::right(c.eta, ink.say(Say::ColEta), Meaning::Faint),
        Part::left(c.worker, ink.say(Say::ColWorker), Meaning::Faint),
        Part::right(c.since, ink.say(Say::ColSince), Meaning::Faint),
    ];
    ink.row(area, area.y, &parts);
}

fn draw_row(ink: &mut Ink<'_>, area: Rect, y: u16, row: &JobRow) {
    let state = ink.state;
    let c = columns(area.width);
    let progress = state
        .progress(row)
        .cloned()
        .filter(|_| row.phase.is_in_flight());
    let colour = meaning(row.phase);
    let word = format!(
        "{} {}",
        ink.sign(sign(row.phase)),
        phase_word(row.phase, state.lang())
    );
    let why = row.why.as_deref().unwrap_or_default();
    let eta = progress
        .as_ref()
        .and_then(|progress| progress.eta_s)
        .map(time::left);
    let middle = if progress.is_some() { "" } else { why };
    let reason = if row.phase == Phase::Failed {
        Meaning::Bad
    } else {
        Meaning::Faint
    };
    let parts = [
        Part::left(c.phase, word, colour),
        Part::left(c.name, row.name.as_str(), Meaning::Text),
        Part::left(c.middle, middle, reason),
        Part::right(c.eta, eta.unwrap_or_default(), Meaning::Text),
        Part::left(
            c.worker,
            row.worker.as_deref().unwrap_or_default(),
            Meaning::Faint,
        ),
        Part::right(c.since, since(ink, row), Meaning::Faint),
    ];
    ink.row(area, y, &parts);
    if let Some(progress) = progress {
        let x = area.x + c.phase + c.name + 2;
        gauge(
            ink,
            Rect {
                x,
                y,
                width: c.middle,
                height: 1,
            },
            &progress,
        );
    }
}

/// A bar with percent, node and step; only the percent where there is no room.
pub(super) fn gauge(ink: &mut Ink<'_>, area: Rect, progress: &Progress) {
    let percent = format!("{:3.0}%", (progress.overall * 100.0).clamp(0.0, 100.0));
    if area.width < 12 {
        ink.text(area.x, area.y, area.width, &percent, Meaning::Run);
        return;
    }
    let node = progress
        .class
        .as_deref()
        .or(progress.node.as_deref())
        .unwrap_or_default();
    let step = if progress.max > 1.0 {
        format!("{node} {:.0}/{:.0}", progress.value, progress.max)
    } else {
        node.to_owned()
    };
    let bar = if area.width >= 34 {
        (area.width / 3).min(24)
    } else {
        (area.width - 5).min(14)
    };
    ink.bar(area.x, area.y, bar, &[(progress.overall, Meaning::Bar)]);
    let mut x = area.x + bar + 1;
    x += ink.text(x, area.y, 4, &percent, Meaning::Run) + 1;
    if area.right() > x + 6 {
        ink.text(x, area.y, area.right() - x, &step, Meaning::Faint);
    }
}

/// What is in flight counts, what stands still has a time.
fn since(ink: &Ink<'_>, row: &JobRow) -> String {
    let state = ink.state;
    if row.phase.is_in_flight() {
        time::span(state.now - row.started.unwrap_or(row.since))
    } else {
        time::moment(row.since, state.now, state.start.zone)
    }
}
