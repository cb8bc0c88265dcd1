//! Joins chunks that mean one thing: numbers with nouns, idioms, auxiliaries, compounds.

use super::super::conjugation::Form;
use super::super::lexicon::{Kind, Lexicon};
use super::super::particle::Role;
use super::{Amount, Chunk, Noun, Predicate, Turn, idiom};

/// Runs all joins in order.
pub(super) fn all(lexicon: &'static Lexicon, chunks: Vec<Chunk>) -> Vec<Chunk> {
    let chunks = fold(chunks, |out, next, _| counted(out, next));
    let chunks = fold(chunks, |out, next, after| {
        Some(idiom::join(lexicon, out, next, after))
    });
    let chunks = fold(chunks, |out, next, _| Some(auxiliary(out, next)));
    fold(chunks, |out, next, _| Some(compound(out, next)))
}

/// Rebuilds a list where each step may join the next chunk to what is there, or hand it back; it sees what follows.
fn fold(
    chunks: Vec<Chunk>,
    mut join: impl FnMut(&mut Vec<Chunk>, Chunk, Option<&Chunk>) -> Option<Chunk>,
) -> Vec<Chunk> {
    let mut out = Vec::with_capacity(chunks.len());
    let mut rest = chunks.into_iter().peekable();
    while let Some(chunk) = rest.next() {
        if let Some(chunk) = join(&mut out, chunk, rest.peek()) {
            out.push(chunk);
        }
    }
    out
}

/// 강아지 두 마리가, 두 마리의 강아지, 세 아이, 아이 셋.
fn counted(out: &mut Vec<Chunk>, next: Chunk) -> Option<Chunk> {
    match next {
        Chunk::Counter(entry, role) => {
            let amount = match out.last() {
                Some(Chunk::Amount(amount)) => amount.clone(),
                _ => Amount::Exactly(1),
            };
            if matches!(out.last(), Some(Chunk::Amount(_))) {
                out.pop();
            }
            let measure = (!entry.english.is_empty()).then(|| entry.english.clone());
            if let Some(Chunk::Noun(noun)) = out.last_mut()
                && noun.role == Role::Bare
                && noun.amount.is_none()
            {
                noun.amount = Some(amount);
                noun.measure = measure;
                noun.role = role;
                return None;
            }
            out.push(Chunk::Noun(Noun {
                words: Vec::new(),
                role,
                plural: false,
                amount: Some(amount),
                measure,
            }));
            None
        }
        Chunk::Noun(mut noun) => {
            match out.last() {
                Some(Chunk::Amount(amount)) => {
                    noun.amount = Some(amount.clone());
                    out.pop();
                }
                Some(Chunk::Noun(before)) if before.words.is_empty() => {
                    noun.amount.clone_from(&before.amount);
                    noun.measure.clone_from(&before.measure);
                    out.pop();
                }
                _ => {}
            }
            Some(Chunk::Noun(noun))
        }
        other => Some(other),
    }
}

/// 걷고 있다, 앉아 있는, 울지 않는, 웃기 시작한다, 날려고 한다, 날 수 있다, 걸어 본다.
fn auxiliary(out: &mut Vec<Chunk>, next: Chunk) -> Chunk {
    let Chunk::Predicate(aux) = next else {
        return next;
    };
    if matches!(aux.entry.head.as_str(), "있다" | "없다")
        && let [.., Chunk::Predicate(verb), Chunk::Noun(noun)] = out.as_slice()
        && verb.form == Form::Will
        && noun.head().is_some_and(|w| w.text == "수")
    {
        let turn = if aux.entry.head == "있다" {
            Turn::Can
        } else {
            Turn::Cannot
        };
        let joined = Predicate {
            form: aux.form,
            turn,
            ..*verb
        };
        out.truncate(out.len() - 2);
        return Chunk::Predicate(joined);
    }
    let Some(Chunk::Predicate(verb)) = out.last() else {
        return Chunk::Predicate(aux);
    };
    let Some(joined) = helped(*verb, &aux) else {
        return Chunk::Predicate(aux);
    };
    out.pop();
    Chunk::Predicate(joined)
}

fn helped(verb: Predicate, aux: &Predicate) -> Option<Predicate> {
    let done = |turn| {
        Some(Predicate {
            form: aux.form,
            turn,
            ..verb
        })
    };
    match (verb.form, aux.entry.head.as_str()) {
        (Form::And, "있다" | "계시다") => done(Turn::Ongoing),
        (Form::Bare, "있다" | "계시다") => done(Turn::Standing),
        (Form::And, "싶다") => done(Turn::Wants),
        (
            Form::Bare,
            "가다" | "오다" | "보다" | "주다" | "버리다" | "놓다" | "두다" | "내다" | "나가다"
            | "지다" | "나다" | "하다",
        )
        | (Form::Noun, "하다") => done(verb.turn),
        (Form::Not, "않다" | "못하다" | "말다") => Some(Predicate {
            form: aux.form,
            negative: true,
            ..verb
        }),
        (Form::Noun, "시작하다") => done(Turn::Begins),
        (Form::Aim, "하다") => done(Turn::About),
        _ => None,
    }
}

/// 한강 야경, 도시 골목: nouns without a particle in between make one noun.
fn compound(out: &mut Vec<Chunk>, next: Chunk) -> Chunk {
    let Chunk::Noun(mut noun) = next else {
        return next;
    };
    // "눈 오는 밤 가로등": a described time is when, not what kind.
    let dated = matches!(out.as_slice(), [.., Chunk::Predicate(p), Chunk::Noun(n)]
        if p.form.adnominal() && !matches!(p.entry.english.as_str(), "empty" | "deserted" | "crowded" | "lit-up" | "unlit" | "busy" | "quiet") && n.entry().is_some_and(super::super::lexicon::Entry::temporal));
    if let Some(Chunk::Noun(before)) = out.last_mut()
        && before.role == Role::Bare
        && before.measure.is_none()
        && !noun.words.is_empty()
        && compounds(before, &noun)
        && !dated
    {
        let mut words = std::mem::take(&mut before.words);
        words.append(&mut noun.words);
        let amount = noun.amount.take().or_else(|| before.amount.take());
        out.pop();
        return Chunk::Noun(Noun {
            words,
            amount,
            ..noun
        });
    }
    Chunk::Noun(noun)
}

fn compounds(before: &Noun, noun: &Noun) -> bool {
    let slot = |kind: Option<Kind>| {
        matches!(
            kind,
            Some(
                Kind::Media
                    | Kind::Tone
                    | Kind::Style
                    | Kind::Camera
                    | Kind::Move
                    | Kind::Lens
                    | Kind::Relation
            )
        )
    };
    let first = noun.words.first().and_then(|w| w.entry).map(|e| e.kind);
    if slot(before.kind()) || slot(first) || before.plural {
        return false;
    }
    // "children" after a subject-like bare noun would be another thing: people do not compound onto times or places.
    let person = noun
        .entry()
        .is_some_and(super::super::lexicon::Entry::animate);
    let scene = before.entry().is_some_and(|e| e.temporal() || e.place());
    let dated = before
        .entry()
        .is_some_and(super::super::lexicon::Entry::temporal);
    let unknown = noun.words.first().is_some_and(|w| w.entry.is_none());
    !(person && scene || dated && unknown)
}
