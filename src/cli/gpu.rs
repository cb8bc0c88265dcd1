//! `rushes gpu`: how the cards are, and what runs on them.

use std::collections::HashMap;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::ask::Watch;
use super::health::{Check, State as Health};
use super::launch;
use super::print::{Cell, Tone, duration, size};
use super::session::Session;
use crate::clock;
use crate::failure::Failure;
use crate::store::gpu::{self, Card, Row, Source, State};
use crate::store::{Error, Role, Store};

/// Age in seconds from which a reading is called old: longer than the pause between two readings at rest.
const OLD: f64 = 30.0;

/// Age in seconds from which a driver that an engine asks is taken to have fallen silent.
const SILENT: f64 = 60.0;

/// How often it is checked that an engine still lives while following.
const ALIVE: Duration = Duration::from_secs(5);

/// Options of `rushes gpu`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Go on printing each new reading, once a second, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
}

/// Shows the readings there are.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    if arguments.follow {
        return follow(session);
    }
    let store = session.store(Role::Reader)?;
    let rows = list(&store)?;
    if session.style.json {
        let cards: Vec<&Card> = rows.iter().map(|row| &row.card).collect();
        session.style.json(&cards)?;
        return Ok(0);
    }
    if launch::living(&store)?.is_none() {
        session
            .style
            .note("no engine reads the GPUs now; `rushes engine --detach` starts one");
    }
    if let Some(why) = absence(&store)? {
        session
            .style
            .note(&format!("no GPU of this machine is read: {why}"));
    }
    if !rows.is_empty() {
        let cells: Vec<Vec<Cell>> = rows.iter().map(|row| cells(&row.card)).collect();
        session.style.table(&HEAD, &cells)?;
    }
    Ok(0)
}

/// Prints each reading as it is, then each new one, one line each; holds the bell, so that the engine looks often.
fn follow(session: &Session) -> Result<u8, Failure> {
    let store = session.store(Role::Person)?;
    launch::ensure(session, &store)?;
    hold(session.home.bell());
    if let Some(why) = absence(&store)? {
        session
            .style
            .note(&format!("no GPU of this machine is read: {why}"));
    }
    let mut watch = Watch::new(&store)?;
    let mut shown: HashMap<(String, u32), i64> = HashMap::new();
    let mut checked = Instant::now();
    loop {
        for row in list(&store)? {
            let place = (row.place.clone(), row.slot);
            if shown.insert(place, row.at) != Some(row.at) {
                print(session, &row.card)?;
            }
        }
        while !watch.pause()? {
            if checked.elapsed() > ALIVE {
                launch::ensure(session, &store)?;
                checked = Instant::now();
            }
        }
    }
}

fn print(session: &Session, card: &Card) -> Result<(), Failure> {
    if session.style.json {
        return session.style.json(card);
    }
    let figures = [
        place(card),
        which(card),
        card.name.clone().unwrap_or_default(),
        load(card),
        memory(card),
        heat(card),
        power(card),
    ];
    let job = card.job.clone().unwrap_or_default();
    let said: Vec<String> = figures.into_iter().chain([job, note(card)]).collect();
    let said: Vec<&str> = said
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty() && *part != NOTHING)
        .collect();
    session.style.line(&said.join(" · "))
}

/// Keeps listening to the bell, over restarts of the engine, and passes over what it says: the rows say it better.
fn hold(bell: PathBuf) {
    let listen = move || {
        loop {
            if let Ok(mut socket) = UnixStream::connect(&bell) {
                let _the_engine_ended = io::copy(&mut socket, &mut io::sink());
            }
            thread::sleep(Duration::from_secs(1));
        }
    };
    // Without it the readings only come more slowly.
    drop(thread::Builder::new().name("bell".into()).spawn(listen));
}

fn list(store: &Store) -> Result<Vec<Row>, Failure> {
    Ok(gpu::list(store.conn(), clock::now()).map_err(Error::from)?)
}

/// Says why this machine's cards are not read, when an engine looked and there was no driver.
fn absence(store: &Store) -> Result<Option<String>, Failure> {
    let driver = gpu::driver(store.conn())?;
    Ok(driver
        .filter(|driver| !driver.present)
        .map(|driver| driver.why.unwrap_or_else(|| "no reason given".to_owned())))
}

const HEAD: [&str; 9] = [
    "worker", "gpu", "name", "load", "memory", "heat", "power", "job", "note",
];

/// What stands where nothing is known.
const NOTHING: &str = "-";

fn cells(card: &Card) -> Vec<Cell> {
    let tone = match card.state {
        State::Ok if card.job.is_some() => Tone::Busy,
        State::Ok | State::Split => Tone::Plain,
        State::Denied | State::Lost => Tone::Bad,
    };
    vec![
        Cell::plain(place(card)),
        Cell::plain(which(card)),
        Cell::plain(card.name.as_deref().unwrap_or(NOTHING)),
        Cell::toned(tone, load(card)),
        Cell::plain(memory(card)),
        Cell::plain(heat(card)),
        Cell::plain(power(card)),
        Cell::plain(card.job.as_deref().unwrap_or(NOTHING)),
        Cell::whole(note(card)),
    ]
}

fn place(card: &Card) -> String {
    card.worker
        .clone()
        .unwrap_or_else(|| "this machine".to_owned())
}

/// Names a card by number: `0`, or `0.1` for the second MIG device of the first card.
fn which(card: &Card) -> String {
    match (card.index, card.mig) {
        (Some(index), Some(mig)) => format!("{index}.{mig}"),
        (Some(index), None) => index.to_string(),
        (None, _) => card.kind.clone().unwrap_or_else(|| NOTHING.to_owned()),
    }
}

fn load(card: &Card) -> String {
    match (card.state, card.util_pct) {
        (State::Lost, _) => "lost".to_owned(),
        (State::Denied, _) => "denied".to_owned(),
        (State::Ok | State::Split, Some(load)) => format!("{load} %"),
        (State::Ok | State::Split, None) => NOTHING.to_owned(),
    }
}

fn memory(card: &Card) -> String {
    match (card.vram_used, card.vram_total) {
        (Some(used), Some(total)) => format!("{} of {}", size(used), size(total)),
        (Some(one), None) | (None, Some(one)) => size(one),
        (None, None) => NOTHING.to_owned(),
    }
}

fn heat(card: &Card) -> String {
    card.temperature_c
        .map_or_else(|| NOTHING.to_owned(), |heat| format!("{heat} °C"))
}

fn power(card: &Card) -> String {
    match (card.power_w, card.power_limit_w) {
        (Some(drawn), Some(limit)) => format!("{drawn:.0} of {limit:.0} W"),
        (Some(drawn), None) => format!("{drawn:.0} W"),
        (None, _) => NOTHING.to_owned(),
    }
}

fn note(card: &Card) -> String {
    let age = (card.age_s > OLD).then(|| format!("{} old", duration(card.age_s)));
    let parts: Vec<String> = age.into_iter().chain(card.why.clone()).collect();
    parts.join("; ")
}

/// Looks at the cards for `rushes health`: a lost one is worth a look, a driver that fell silent too; a machine without
/// any is well.
pub(super) fn check(store: &Store) -> Result<Check, Failure> {
    let is_read = launch::living(store)?.is_some();
    Ok(judged(&list(store)?, is_read.then_some(SILENT)))
}

/// Judges the cards; `silent` is the age in seconds from which a reading means that the driver does not answer.
fn judged(rows: &[Row], silent: Option<f64>) -> Check {
    let cards: Vec<&Card> = rows
        .iter()
        .map(|row| &row.card)
        .filter(|card| card.source == Source::Nvml && card.mig.is_none())
        .collect();
    let faults: Vec<String> = cards
        .iter()
        .filter_map(|card| fault(card, silent))
        .collect();
    let message = match (cards.len(), faults.is_empty()) {
        (0, _) => "no GPU of this machine is read".to_owned(),
        (_, false) => faults.join("; "),
        (1, true) => "1 GPU answers".to_owned(),
        (all, true) => format!("{all} GPUs answer"),
    };
    Check {
        name: "gpu",
        state: if faults.is_empty() {
            Health::Ok
        } else {
            Health::Warn
        },
        value: json!(cards.len() - faults.len()),
        limit: json!(cards.len()),
        message,
    }
}

fn fault(card: &Card, silent: Option<f64>) -> Option<String> {
    if card.state == State::Lost {
        let why = card.why.as_deref().unwrap_or("no reason given");
        return Some(format!("GPU {} is lost: {why}", which(card)));
    }
    silent.filter(|limit| card.age_s > *limit).map(|_| {
        let age = duration(card.age_s);
        format!("the driver has not told of GPU {} for {age}", which(card))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::gpu::HERE;

    fn row(index: u32, state: State, age_s: f64) -> Row {
        let card = Card {
            index: Some(index),
            state,
            why: (state == State::Lost).then(|| "it fell off the bus".to_owned()),
            age_s,
            ..Card::of(Source::Nvml)
        };
        Row {
            place: HERE.to_owned(),
            slot: index,
            at: 0,
            card,
        }
    }

    #[test]
    fn a_lost_card_or_a_silent_driver_is_worth_a_look_and_no_card_at_all_is_well() {
        use State::{Denied, Lost, Ok};
        let lost = "GPU 1 is lost: it fell off the bus";
        let silent = "the driver has not told of GPU 1 for 2 min 00 s";
        for (cards, limit, health, said) in [
            (
                &[][..],
                Some(SILENT),
                Health::Ok,
                "no GPU of this machine is read",
            ),
            (&[(Ok, 1.0)], Some(SILENT), Health::Ok, "1 GPU answers"),
            (
                &[(Ok, 1.0), (Denied, 1.0)],
                Some(SILENT),
                Health::Ok,
                "2 GPUs answer",
            ),
            (&[(Ok, 1.0), (Lost, 1.0)], Some(SILENT), Health::Warn, lost),
            (
                &[(Ok, 1.0), (Ok, 120.0)],
                Some(SILENT),
                Health::Warn,
                silent,
            ),
            (&[(Ok, 1.0), (Ok, 120.0)], None, Health::Ok, "2 GPUs answer"),
        ] {
            let rows = (0..)
                .zip(cards)
                .map(|(n, (state, age))| row(n, *state, *age));
            let check = judged(&rows.collect::<Vec<Row>>(), limit);
            assert_eq!((check.state, check.message.as_str()), (health, said));
        }
    }

    #[test]
    fn figures_are_shown_as_people_read_them_and_gaps_as_gaps() {
        let full = Card {
            index: Some(0),
            mig: Some(1),
            util_pct: Some(97),
            vram_used: Some(3 << 30),
            vram_total: Some(24 << 30),
            temperature_c: Some(71),
            power_w: Some(312.4),
            power_limit_w: Some(450.0),
            age_s: 95.0,
            why: Some("not permitted to read its processes".into()),
            ..Card::of(Source::Nvml)
        };
        let said = |card: &Card| {
            [
                place(card),
                which(card),
                load(card),
                memory(card),
                heat(card),
                power(card),
                note(card),
            ]
        };
        assert_eq!(
            said(&full),
            [
                "this machine",
                "0.1",
                "97 %",
                "3.0 GiB of 24.0 GiB",
                "71 °C",
                "312 of 450 W",
                "1 min 35 s old; not permitted to read its processes"
            ]
        );
        let bare = Card {
            worker: Some("gpu1".into()),
            kind: Some("cpu".into()),
            ..Card::of(Source::Comfyui)
        };
        assert_eq!(said(&bare), ["gpu1", "cpu", "-", "-", "-", "-", ""]);
    }
}
