//! A clause before a noun: "a girl reading a book", "a street where people walk", "a cat with big eyes".

use super::super::conjugation::Form;
use super::super::english;
use super::super::lexicon::{Entry, Kind, Part};
use super::super::phrase::{Clause, Np};

/// Makes a clause describe a noun.
pub(super) fn attach(np: &mut Np, mut clause: Clause) {
    if clause.subject.is_none() {
        each_their_own(&mut clause, np);
    }
    match clause.subject.take() {
        Some(subject) => with_subject(np, &clause, subject),
        None => without_subject(np, &clause),
    }
}

/// Many people ride many bicycles.
pub(super) fn each_their_own(clause: &mut Clause, of: &Np) {
    if let Some(object) = &mut clause.object
        && of.many()
        && object.amount.is_none()
        && matches!(
            object
                .words
                .last()
                .map(super::super::reading::Word::english),
            Some(
                "bicycle"
                    | "motorcycle"
                    | "skateboard"
                    | "kick scooter"
                    | "scooter"
                    | "umbrella"
                    | "horse"
                    | "hat"
                    | "backpack"
                    | "flag"
                    | "mask"
            )
        )
    {
        object.plural = true;
    }
}

fn without_subject(np: &mut Np, clause: &Clause) {
    let verb = clause.predicate.entry;
    let done = clause.predicate.form == Form::Done;
    if verb.head == "있다" && !clause.predicate.negative {
        let place = clause.phrases.join(" ");
        if !place.is_empty() {
            np.after.push(place);
        }
        return;
    }
    if verb.part == Part::Adjective {
        let text = clause.participle(np);
        np.after.push(text);
        return;
    }
    if clause.predicate.form == Form::Will {
        np.after.push(format!("to {}", clause.infinitive(np)));
        return;
    }
    if let Some(adjective) = short(clause, np) {
        np.adjectives.push((6, adjective));
        return;
    }
    let place = np.entry().is_some_and(Entry::place);
    let human = matches!(
        verb.kind,
        Kind::Action | Kind::Talk | Kind::Work | Kind::Wear
    );
    let text = if place && human && !done {
        let people = Np::of("people");
        format!(
            "where people {}",
            clause.finite(&Np {
                plural: true,
                amount: Some(super::super::reading::Amount::Exactly(2)),
                ..people
            })
        )
    } else if verb.transitive
        && done
        && clause.object.is_none()
        && !clause.predicate.full
        && !verb.is("state")
    {
        clause.passive(np)
    } else if verb.transitive && clause.object.is_none() && !clause.predicate.full && !np.animate()
    {
        format!("being {}", clause.passive(np))
    } else if let (true, Some(result)) = (done, verb.get("done")) {
        let mut said = clause.clone();
        said.saying = Some(format!("be {result}"));
        said.participle(np)
    } else {
        clause.participle(np)
    };
    np.after.push(text);
}

/// Finds the adjective form of a verb that stands alone: "a smiling child", "fallen leaves", "grilled fish".
fn short(clause: &Clause, np: &Np) -> Option<String> {
    let verb = clause.predicate.entry;
    if !clause.simple() || clause.predicate.negative {
        return None;
    }
    if let Some(adjective) = verb.get("adj") {
        return Some(adjective.to_owned());
    }
    let done = clause.predicate.form == Form::Done;
    if let (true, Some(result)) = (done, verb.get("done")) {
        return (!result.contains(' ')).then(|| result.to_owned());
    }
    let base = clause.base();
    if let Some(rest) = base.strip_prefix("be ") {
        return (!rest.contains(' ')).then(|| rest.to_owned());
    }
    if base.contains([' ', '~', '@']) || clause.predicate.full {
        return None;
    }
    if verb.transitive && done && !verb.is("state") {
        return Some(english::done(&base));
    }
    if verb.transitive && !np.animate() {
        return None;
    }
    Some(english::ing(&base))
}

fn with_subject(np: &mut Np, clause: &Clause, mut subject: Np) {
    let verb = clause.predicate.entry;
    let said = subject.say();
    let entry = np.entry();
    let text = match verb.head.as_str() {
        "있다" if !clause.predicate.negative => format!("with {}", join(&said, &clause.phrases)),
        "없다" => format!("without {}", bare(&subject)),
        _ if entry.is_some_and(Entry::temporal) => {
            format!("when {said} {}", clause.finite(&subject))
        }
        _ if entry.is_some_and(Entry::place) && verb.part == Part::Verb && !pass(clause) => {
            format!("where {said} {}", clause.finite(&subject))
        }
        _ if verb.part == Part::Adjective && !clause.predicate.negative => {
            subject
                .adjectives
                .push((super::rank(verb.kind), verb.english.clone()));
            format!("with {}", subject.say())
        }
        _ if verb.transitive
            && clause.object.is_none()
            && clause.predicate.form == Form::Done
            && !clause.predicate.full =>
        {
            format!("{} by {said}", clause.passive(np))
        }
        _ if verb.transitive && clause.object.is_none() && !clause.predicate.full => {
            format!("that {said} {}", clause.finite(&subject))
        }
        _ if !verb.transitive => {
            let participle = match (clause.predicate.form, verb.get("done")) {
                (Form::Done, Some(result)) => result.to_owned(),
                _ => clause.participle(&subject),
            };
            format!("with {said} {participle}")
        }
        _ => format!("where {said} {}", clause.finite(&subject)),
    };
    np.after.push(text);
}

/// Says whether the place is itself the object ("a street that people love").
fn pass(clause: &Clause) -> bool {
    clause.predicate.entry.transitive
        && clause.object.is_none()
        && clause.predicate.entry.kind == Kind::Feeling
}

fn bare(np: &Np) -> String {
    let said = np.say();
    ["a ", "an ", "the "]
        .iter()
        .find_map(|article| said.strip_prefix(article))
        .map_or(said.clone(), str::to_owned)
}

fn join(said: &str, phrases: &[String]) -> String {
    let mut out = said.to_owned();
    for phrase in phrases {
        out.push(' ');
        out.push_str(phrase);
    }
    out
}
