//! Workers and GPU gauges.

use ratatui::layout::Rect;

use super::ink::Part;
use super::{Ink, cursor_meaning, time};
use crate::store::view::{GpuRow, WorkerRow};
use crate::ui::lang::{Lang, Say};
use crate::ui::layout::{Pane, Screen, inside};
use crate::ui::theme::Meaning;

/// A reading older than this is shown with its time, in milliseconds.
const STALE: i64 = 15_000;

fn state_word(word: &str, lang: Lang) -> (&'static str, Meaning) {
    let (say, meaning) = match word {
        "ready" => (Say::StateReady, Meaning::Good),
        "busy" => (Say::StateBusy, Meaning::Run),
        "quiet" => (Say::StateQuiet, Meaning::Warn),
        "draining" => (Say::StateDraining, Meaning::Warn),
        _ => (Say::StateGone, Meaning::Bad),
    };
    (lang.say(say), meaning)
}

pub(super) fn workers(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let rows = &state.snapshot.workers;
    ink.title(area, Pane::Workers, "", &rows.len().to_string());
    let area = inside(area);
    if rows.is_empty() {
        return ink.empty(area, &[ink.say(Say::NoWorkers)]);
    }
    let heads = [
        Say::ColName,
        Say::ColState,
        Say::ColSince,
        Say::ColQueue,
        Say::ColVersion,
        Say::ColWhy,
    ];
    let heads = heads.map(|say| ink.say(say));
    let parts: Vec<Part<'_>> = widths(area.width)
        .into_iter()
        .zip(heads)
        .map(|(cells, text)| Part::left(cells, text, Meaning::Faint))
        .collect();
    ink.row(area, area.y, &parts);
    let list = &state.lists.workers;
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let top = list.cursor.saturating_sub(room - 1);
    for ((at, row), y) in rows
        .iter()
        .enumerate()
        .skip(top)
        .zip(area.y + 1..area.bottom())
    {
        let parts = worker(ink, row, area.width);
        ink.row(area, y, &parts);
        if at == list.cursor {
            ink.highlight(area, y, cursor_meaning(state, Pane::Workers));
        }
    }
}

/// Widths: name, state, since, queue, version, why.
fn widths(width: u16) -> [u16; 6] {
    let queue = if width >= 96 { 34 } else { 10 };
    let version = if width >= 80 { 10 } else { 0 };
    let fixed = 12 + 11 + 6 + queue + version + 5;
    [12, 11, 6, queue, version, width.saturating_sub(fixed)]
}

fn worker<'a>(ink: &Ink<'_>, row: &'a WorkerRow, width: u16) -> Vec<Part<'a>> {
    let state = ink.state;
    let [name, word, since, queue, version, why] = widths(width);
    let (said, meaning) = state_word(&row.state, state.lang());
    let counts = [row.running, row.waiting, row.foreign].map(|count| count.to_string());
    let long = state
        .lang()
        .fill(Say::QueueOf, &counts.each_ref().map(String::as_str));
    let counted = if queue > 20 { long } else { counts.join("/") };
    let about = row
        .why
        .as_deref()
        .or(row.job.as_deref())
        .unwrap_or(&row.url);
    vec![
        Part::left(name, row.name.as_str(), Meaning::Strong),
        Part::left(word, said, meaning),
        Part::left(
            since,
            time::moment(row.since, state.now, state.start.zone),
            Meaning::Faint,
        ),
        Part::left(queue, counted, Meaning::Text),
        Part::left(
            version,
            row.version.as_deref().unwrap_or_default(),
            Meaning::Faint,
        ),
        Part::left(why, about, Meaning::Faint),
    ]
}

pub(super) fn gpus(ink: &mut Ink<'_>, area: Rect) {
    let state = ink.state;
    let rows = &state.snapshot.gpus;
    let count = if rows.is_empty() {
        String::new()
    } else {
        rows.len().to_string()
    };
    ink.title(area, Pane::Gpus, "", &count);
    let area = inside(area);
    if rows.is_empty() {
        return ink.empty(area, &[ink.say(Say::NoGpus)]);
    }
    let each = if area.height >= 3 { 3 } else { 1 };
    let room = usize::from(area.height / each).max(1);
    let cursor = state.lists.gpus.cursor;
    let top = cursor.saturating_sub(room - 1);
    let mut y = area.y;
    for (at, gpu) in rows.iter().enumerate().skip(top).take(room) {
        let here = Rect {
            y,
            height: each,
            ..area
        };
        card(ink, here, gpu);
        if at == cursor && (state.focus == Pane::Gpus || state.screen == Screen::Farm) {
            ink.highlight(here, y, cursor_meaning(state, Pane::Gpus));
        }
        y += each;
    }
    let hidden = rows.len().saturating_sub(top + room);
    if hidden > 0 && y < area.bottom() {
        let text = state.lang().fill(Say::More, &[&hidden.to_string()]);
        ink.text(area.x, y, area.width, &text, Meaning::Faint);
    }
}

/// Three lines: who, how busy, whose memory.
fn card(ink: &mut Ink<'_>, area: Rect, gpu: &GpuRow) {
    let state = ink.state;
    let measured = facts(gpu);
    let is_old = state.now - gpu.at > STALE;
    let right = if is_old {
        let when = time::second(gpu.at, state.start.zone);
        format!("{measured} @{when}")
    } else {
        measured
    };
    let cells = u16::try_from(crate::core::text::width(&right)).unwrap_or(0);
    let name = format!("{}:{} {}", gpu.worker, gpu.index, gpu.name);
    let left = area.width.saturating_sub(cells + 1);
    ink.text(area.x, area.y, left, &name, Meaning::Strong);
    let meaning = if is_old {
        Meaning::Warn
    } else {
        Meaning::Faint
    };
    ink.text(
        area.right().saturating_sub(cells),
        area.y,
        cells,
        &right,
        meaning,
    );
    if area.height < 3 {
        return;
    }
    busy(
        ink,
        Rect {
            y: area.y + 1,
            height: 1,
            ..area
        },
        gpu,
    );
    memory(
        ink,
        Rect {
            y: area.y + 2,
            height: 1,
            ..area
        },
        gpu,
    );
}

fn facts(gpu: &GpuRow) -> String {
    let mut facts = Vec::new();
    if let Some(degrees) = gpu.temperature_c {
        facts.push(format!("{degrees:.0}°C"));
    }
    match (gpu.power_w, gpu.power_limit_w) {
        (Some(drawn), Some(limit)) => facts.push(format!("{drawn:.0}/{limit:.0} W")),
        (Some(drawn), None) => facts.push(format!("{drawn:.0} W")),
        (None, _) => {}
    }
    facts.join(" ")
}

fn busy(ink: &mut Ink<'_>, area: Rect, gpu: &GpuRow) {
    let state = ink.state;
    let Some(percent) = gpu.util_pct else {
        ink.text(
            area.x,
            area.y,
            area.width,
            ink.say(Say::Unknown),
            Meaning::Faint,
        );
        return;
    };
    let bar = area.width.saturating_sub(14).clamp(4, 24).min(area.width);
    ink.bar(area.x, area.y, bar, &[(percent / 100.0, Meaning::Bar)]);
    let mut x = area.x + bar + 1;
    x += ink.text(
        x,
        area.y,
        area.right().saturating_sub(x),
        &format!("{percent:3.0}%"),
        Meaning::Text,
    ) + 1;
    let room = usize::from(area.right().saturating_sub(x)).min(24);
    let past = state.gpu_past.get(&(gpu.worker.clone(), gpu.index));
    let past: Vec<u8> = past.into_iter().flatten().copied().collect();
    // One reading is no history.
    let shown = if past.len() > 1 {
        past.len().min(room)
    } else {
        0
    };
    for level in past.iter().skip(past.len() - shown) {
        let spark = state.start.glyphs.spark(level / 13);
        x += ink.text(x, area.y, 1, spark, Meaning::Faint);
    }
}

/// Ours first, then what others hold, then what is free.
fn memory(ink: &mut Ink<'_>, area: Rect, gpu: &GpuRow) {
    let (Some(used), Some(total)) = (gpu.vram_used, gpu.vram_total.filter(|total| *total > 0))
    else {
        ink.text(
            area.x,
            area.y,
            area.width,
            ink.say(Say::Unknown),
            Meaning::Faint,
        );
        return;
    };
    let ours: i64 = gpu
        .processes
        .iter()
        .filter(|one| one.job.is_some())
        .filter_map(|one| one.vram)
        .sum();
    let ours = if gpu.processes.is_empty() {
        used
    } else {
        ours.min(used)
    };
    let share = |bytes: i64| ratio(bytes, total);
    let bar = area.width.saturating_sub(14).clamp(4, 24).min(area.width);
    ink.bar(
        area.x,
        area.y,
        bar,
        &[
            (share(ours), Meaning::Bar),
            (share(used - ours), Meaning::BarOthers),
        ],
    );
    let x = area.x + bar + 1;
    let text = format!("{}/{} GB", gigabytes(used), gigabytes(total));
    let mut at =
        x + ink.text(
            x,
            area.y,
            area.right().saturating_sub(x),
            &text,
            Meaning::Text,
        ) + 1;
    if used > ours && area.right() > at + 8 {
        let others = format!("{} {}", ink.say(Say::Others), gigabytes(used - ours));
        at += ink.text(at, area.y, area.right() - at, &others, Meaning::Warn) + 1;
    }
    if area.right() > at + 8 {
        let free = format!("{} {}", ink.say(Say::Free), gigabytes(total - used));
        ink.text(at, area.y, area.right() - at, &free, Meaning::Faint);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share on screen")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

/// Gigabytes with one digit below 100.
fn gigabytes(bytes: i64) -> String {
    let amount = ratio(bytes, 1 << 30);
    if amount >= 100.0 {
        format!("{amount:.0}")
    } else {
        format!("{amount:.1}")
    }
}
