//! What a noun's role becomes beside a verb: object, place, goal, instrument.

use super::super::lexicon::{Entry, Kind, Part};
use super::super::particle::Role;
use super::super::phrase::{Clause, Np, rank};
use super::super::reading::{Amount, Predicate, Word};
use super::Arg;

/// Makes "the rain" of a bare "rain": weather is known to everyone in the scene.
fn definite(np: &Np) -> Np {
    let plain = np.adjectives.is_empty() && np.owner.is_none() && np.also.is_empty();
    let known = plain && np.entry().is_some_and(|e| e.is("inthe"));
    Np {
        known: np.known || known,
        ..np.clone()
    }
}

/// Says where: "in an alley", "on the roof". A verb may ask for its own preposition.
pub(super) fn located(np: &Np, verb: Option<&Entry>) -> String {
    let np = &definite(np);
    let Some(entry) = np.entry() else {
        return format!("in {}", np.say());
    };
    let fallback = match entry.kind {
        Kind::Body | Kind::Object | Kind::Clothes | Kind::Material | Kind::Plant => "on",
        Kind::Event | Kind::Sport | Kind::Person | Kind::Animal => "at",
        _ => "in",
    };
    if np.adjectives.iter().any(|(_, a)| a == "frozen") {
        return format!("on {}", np.say());
    }
    let own = verb
        .and_then(|v| v.get("e"))
        .filter(|_| entry.get("p").is_none());
    match own.or_else(|| entry.get("p")).unwrap_or(fallback) {
        "-" => np.say(),
        preposition => format!("{preposition} {}", np.say()),
    }
}

/// Fills a clause with the nouns and phrases that are its own.
pub(super) fn fill(predicate: Predicate, args: Vec<Arg>, swimmer: bool) -> Clause {
    let mut clause = Clause::new(predicate);
    let with = args.iter().any(|a| matches!(a, Arg::Np(_, Role::With)));
    for arg in args {
        match arg {
            Arg::Np(np, Role::In) if swimmer && wet(&np) => {
                clause.phrases.push(format!("in {}", np.say()));
            }
            Arg::Np(np, role) => take(&mut clause, np, role),
            Arg::Adverb(text, true) => clause.early.push(text),
            Arg::Adverb(text, false) if with && text == "together" => {}
            Arg::Adverb(text, false) => clause.manner.push(text),
            Arg::Phrase(text) => clause.phrases.push(text),
            Arg::Time(text) => clause.times.push(text),
            Arg::Frame => {}
        }
    }
    clause
}

fn take(clause: &mut Clause, np: Np, role: Role) {
    let verb = clause.predicate.entry;
    let said = definite(&np).say();
    match role {
        Role::Object => object(clause, &np),
        Role::Only if clause.predicate.entry.transitive && clause.object.is_none() => {
            object(clause, &np);
        }
        Role::Subject | Role::Topic | Role::Only => subject(clause, np),
        Role::Bare => bare(clause, np),
        Role::At => clause.phrases.push(goal(&np, verb)),
        Role::In if verb.is("from") => clause.phrases.push(format!("from {said}")),
        Role::In if in_water(clause, &np) => clause.phrases.push(format!("in {said}")),
        Role::In => clause.phrases.push(located(&np, None)),
        Role::To => clause.phrases.push(toward(&np, verb)),
        Role::Dative => clause
            .dative
            .push(preposed(verb.get("e").unwrap_or("to"), &said)),
        Role::From => clause.phrases.push(format!("from {said}")),
        Role::Until => clause.phrases.push(format!("to {said}")),
        Role::With => clause
            .phrases
            .insert(0, preposed(verb.get("w").unwrap_or("with"), &said)),
        Role::Like => clause.manner.push(format!("like {said}")),
        Role::Or | Role::Of | Role::Every | Role::Is(_) => clause.phrases.push(said),
    }
}

fn preposed(preposition: &str, said: &str) -> String {
    if preposition == "-" {
        said.to_owned()
    } else {
        format!("{preposition} {said}")
    }
}

/// Whales are in the sea, people by it.
fn in_water(clause: &Clause, np: &Np) -> bool {
    let swims = ["swim", "surf", "dive", "splash", "float", "sink", "wash"]
        .iter()
        .any(|v| clause.predicate.entry.english.starts_with(v));
    let lives_there = clause
        .subject
        .as_ref()
        .and_then(Np::entry)
        .is_some_and(|e| e.is("sea"));
    wet(np) && (swims || lives_there)
}

fn wet(np: &Np) -> bool {
    np.kind() == Some(Kind::Nature) && np.entry().is_some_and(|e| e.get("p") == Some("by"))
}

fn subject(clause: &mut Clause, np: Np) {
    let Some(whole) = clause.subject.take() else {
        clause.subject = Some(np);
        return;
    };
    if clause.predicate.entry.part == Part::Adjective && !np.animate() {
        let mut part = np;
        part.adjectives.push((
            rank(clause.predicate.entry.kind),
            clause.predicate.entry.english.clone(),
        ));
        clause.saying = Some(format!("have {}", part.say()));
    } else if clause.object.is_none() && clause.predicate.entry.transitive {
        clause.object = Some(np);
    } else {
        clause.phrases.push(format!("with {}", np.say()));
    }
    clause.subject = Some(whole);
}

fn object(clause: &mut Clause, np: &Np) {
    let verb = clause.predicate.entry;
    let mut np = definite(np);
    let instrument = np.kind() == Some(Kind::Music) && np.words.len() == 1 && np.amount.is_none();
    np.known |= instrument && verb.english == "play";
    if let Some(path) = verb.get("path") {
        along(clause, np, path);
    } else if !verb.transitive && np.entry().is_some_and(Entry::place) {
        clause.phrases.insert(0, located(&np, None));
    } else if clause.object.is_none() {
        clause.object = Some(np);
    } else {
        clause.phrases.push(np.say());
    }
}

/// Says over what ground something moves: along a road, across a field, through a forest.
fn along(clause: &mut Clause, np: Np, path: &str) {
    let entry = np.entry();
    let place = entry.and_then(|e| e.get("p"));
    if path == "-" && !clause.predicate.full {
        clause.object = Some(np);
        return;
    }
    if let Some(verb) = path.strip_prefix('!').filter(|_| place != Some("-")) {
        clause.saying = Some(verb.to_owned());
        clause.object = Some(np);
        return;
    }
    let way = match (path, place, entry.and_then(|e| e.get("via"))) {
        (_, Some("-"), _) | ("-", ..) => String::new(),
        ("along" | "across", _, Some(via)) => format!("{via} "),
        ("along", Some("on" | "by" | "at" | "in"), _) => "along ".to_owned(),
        ("along", None, None) if np.kind() == Some(Kind::Nature) => "across ".to_owned(),
        ("along", ..) => "through ".to_owned(),
        (other, ..) => format!("{other} "),
    };
    clause.phrases.insert(0, format!("{way}{}", np.say()));
}

fn bare(clause: &mut Clause, np: Np) {
    let place = np.entry().is_some_and(Entry::place);
    let told = np.entry().is_some_and(|e| e.get("p").is_some());
    if clause.predicate.entry.transitive
        && clause.object.is_none()
        && !clause.predicate.full
        && !place
    {
        object(clause, &np);
    } else if place
        && (clause.subject.is_some() || clause.predicate.entry.kind == Kind::Motion || told)
    {
        clause.phrases.push(located(&np, None));
    } else if clause.subject.is_none() {
        clause.subject = Some(np);
    } else {
        clause.phrases.push(np.say());
    }
}

fn goal(np: &Np, verb: &Entry) -> String {
    match verb.get("e") {
        Some("-") => definite(np).say(),
        Some(goal @ ("to" | "into" | "at" | "with" | "from" | "against" | "onto" | "over")) => {
            format!("{goal} {}", definite(np).say())
        }
        Some(_) | None => located(&one(np), Some(verb)),
    }
}

/// One sits on a flower, not on flowers, unless told otherwise.
pub(super) fn one(np: &Np) -> Np {
    let plain = np.amount.is_none()
        && !np.plural
        && np.kind() == Some(Kind::Plant)
        && !np.entry().is_some_and(|e| e.is("mass"));
    Np {
        amount: if plain {
            Some(Amount::Exactly(1))
        } else {
            np.amount.clone()
        },
        ..np.clone()
    }
}

fn toward(np: &Np, verb: &Entry) -> String {
    let said = definite(np).say();
    if np.entry().is_some_and(|e| e.is("gate")) {
        return format!("through {said}");
    }
    let place = np.entry().is_some_and(Entry::place);
    let walks = verb.kind == Kind::Motion && !verb.transitive;
    match np.kind() {
        Some(Kind::Vehicle) => format!("by {}", np.words.last().map_or("", Word::english)),
        Some(Kind::Object | Kind::Tech | Kind::Food | Kind::Clothes | Kind::Light)
            if walks && !place =>
        {
            format!("toward {said}")
        }
        Some(
            Kind::Body
            | Kind::Object
            | Kind::Tech
            | Kind::Material
            | Kind::Food
            | Kind::Clothes
            | Kind::Light
            | Kind::Colour
            | Kind::Sound
            | Kind::Feeling
            | Kind::Plant,
        ) if !place => format!(
            "{} {said}",
            verb.get("to").filter(|_| !walks).unwrap_or("with")
        ),
        Some(Kind::Talk) => format!("in {said}"),
        _ => preposed(verb.get("to").unwrap_or("toward"), &said),
    }
}
