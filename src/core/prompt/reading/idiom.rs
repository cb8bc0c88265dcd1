//! Noun and predicate that mean one thing together: 손을 흔들다, 비 오는, 노래를 하다.

use super::super::conjugation::Form;
use super::super::lexicon::{Entry, Kind, Lexicon, Part};
use super::super::particle::Role;
use super::{Chunk, Noun, Predicate};

/// Joins a predicate with the noun before it where the lexicon knows the pair.
pub(super) fn join(
    lexicon: &'static Lexicon,
    out: &mut Vec<Chunk>,
    next: Chunk,
    after: Option<&Chunk>,
) -> Chunk {
    let Chunk::Predicate(predicate) = next else {
        return next;
    };
    let at = match out.as_slice() {
        [.., Chunk::Noun(_)] => out.len() - 1,
        [.., Chunk::Noun(_), Chunk::Adverb(_)] => out.len() - 2,
        _ => return Chunk::Predicate(predicate),
    };
    let before = at.checked_sub(1).and_then(|b| out.get(b));
    let described = match before {
        Some(Chunk::Modifier(..)) => true,
        Some(Chunk::Predicate(p)) => p.form.adnominal(),
        Some(Chunk::Noun(n)) => n.role == Role::Of,
        _ => false,
    };
    let Some(Chunk::Noun(noun)) = out.get(at) else {
        return Chunk::Predicate(predicate);
    };
    let Some(entry) = find(lexicon, noun, &predicate, described, after) else {
        return Chunk::Predicate(played(lexicon, noun, predicate));
    };
    if entry.part == Part::Adjective && matches!(out.last(), Some(Chunk::Adverb(_))) {
        out.pop();
    }
    swallow(out, at, &predicate);
    let states = entry.part == Part::Adjective && predicate.form == Form::Done;
    let form = if states { Form::Now } else { predicate.form };
    Chunk::Predicate(Predicate {
        entry,
        form,
        full: true,
        ..predicate
    })
}

fn find(
    lexicon: &'static Lexicon,
    noun: &Noun,
    predicate: &Predicate,
    described: bool,
    after: Option<&Chunk>,
) -> Option<&'static Entry> {
    if noun.amount.is_some() || matches!(noun.role, Role::Of | Role::Like | Role::With | Role::Or) {
        return None;
    }
    let head = noun.head()?.text.as_str();
    let verb = predicate.entry.head.as_str();
    let shown = matches!(after, Some(Chunk::Noun(n)) if n.kind() == Some(Kind::Media));
    let known = lexicon
        .idiom(head, verb)
        .filter(|_| !described)
        .filter(|entry| {
            entry.part == Part::Verb || predicate.form.adnominal() && !shown || !is_event(noun)
        });
    known.or_else(|| {
        let light = matches!(verb, "하다" | "되다" | "추다" | "치다");
        let whole = |tail: &str| lexicon.predicate(&format!("{head}{tail}"));
        light
            .then(|| whole("하다").or_else(|| whole("추다")))
            .flatten()
    })
}

/// What happens is told as an event when it ends a clause: "rain falls", not "is rainy"; only states of a person stay.
fn is_event(noun: &Noun) -> bool {
    !matches!(
        noun.kind(),
        Some(Kind::Idea | Kind::Feeling | Kind::Body) | None
    )
}

/// 축구를 하다: games are played.
fn played(lexicon: &'static Lexicon, noun: &Noun, predicate: Predicate) -> Predicate {
    if noun.kind() == Some(Kind::Sport)
        && predicate.entry.head == "하다"
        && let Some(entry) = lexicon.predicate("경기하다")
    {
        return Predicate { entry, ..predicate };
    }
    predicate
}

/// Takes the noun out; what stood before it in a compound stays as object or place.
fn swallow(out: &mut Vec<Chunk>, at: usize, predicate: &Predicate) {
    let mut lead = Vec::new();
    if let Some(Chunk::Noun(noun)) = out.get_mut(at) {
        noun.words.pop();
        lead = std::mem::take(&mut noun.words);
    }
    if at < out.len() {
        out.remove(at);
    }
    if !lead.is_empty() {
        let role = if predicate.entry.transitive {
            Role::Object
        } else {
            Role::In
        };
        out.insert(
            at,
            Chunk::Noun(Noun {
                words: lead,
                role,
                plural: false,
                amount: None,
                measure: None,
            }),
        );
    }
}
