//! Clauses to sentences: who carries over, what joins with what.

use super::super::conjugation::Form;
use super::super::english;
use super::super::lexicon::Kind;
use super::super::particle::Role;
use super::super::phrase::{Clause, Np};
use super::super::reading::Turn;
use super::{Arg, Parser};

/// One English sentence, without capital and full stop.
#[derive(Clone, Debug, Default)]
pub(in crate::core::prompt) struct Sentence {
    /// All of it.
    pub(in crate::core::prompt) text: String,
    /// The same as motion alone: "the woman walks". Empty where nothing moves.
    pub(in crate::core::prompt) motion: String,
    /// The same as a full sentence, where the idea is a noun phrase: "a man is drinking coffee".
    pub(in crate::core::prompt) full: String,
    /// The same as a noun phrase: "a woman walking in an alley".
    pub(in crate::core::prompt) tag: String,
    /// It is about the camera.
    pub(in crate::core::prompt) camera: bool,
    /// It names a thing and says nothing of it.
    pub(in crate::core::prompt) noun_only: bool,
    /// Who or what leads: the phrase again ("the woman"), its kind, its possessive, whether it is many.
    pub(in crate::core::prompt) lead: Option<Lead>,
    /// Nobody was named, so "a person" was supplied.
    pub(in crate::core::prompt) supplied: bool,
}

/// Who leads a sentence.
#[derive(Clone, Debug)]
pub(in crate::core::prompt) struct Lead {
    pub(in crate::core::prompt) again: String,
    pub(in crate::core::prompt) possessive: &'static str,
    pub(in crate::core::prompt) kind: Option<Kind>,
}

impl Lead {
    fn of(np: &Np) -> Self {
        let kind = if np.entry().is_none() && np.is("person") {
            Some(Kind::Person)
        } else if np.entry().is_some_and(|e| e.is("group")) {
            np.words.first().and_then(|w| w.entry).map(|e| e.kind)
        } else {
            np.kind()
        };
        Self {
            again: np.again(),
            possessive: np.possessive(),
            kind,
        }
    }
}

impl Parser<'_> {
    /// Ends the sentence: clauses first, else the nouns that are left.
    pub(super) fn finish(&mut self) {
        self.args.retain(|a| !matches!(a, Arg::Frame));
        let mut clauses = std::mem::take(&mut self.clauses);
        if let Some(last) = clauses.last_mut() {
            if last.link() != Form::End {
                last.predicate.form = Form::End;
            }
            self.claim(last);
            self.draft.sentences.push(sentence(clauses));
        }
        if let Some(sentence) = self.nouns() {
            self.draft.sentences.push(sentence);
        }
        for (_, text) in std::mem::take(&mut self.mods.adjectives) {
            self.draft.slots.push(super::Slot {
                kind: Kind::Tone,
                english: text,
            });
        }
        self.front.clear();
    }

    /// Gives phrases that follow the last verb to it, and leaves new nouns for a sentence of their own.
    fn claim(&mut self, last: &mut Clause) {
        for arg in std::mem::take(&mut self.args) {
            match arg {
                Arg::Phrase(text) => last.phrases.push(text),
                Arg::Time(text) => last.times.push(text),
                Arg::Adverb(text, _) => last.manner.push(text),
                Arg::Np(np, Role::In | Role::At | Role::Bare)
                    if np.entry().is_some_and(super::super::lexicon::Entry::place) =>
                {
                    last.phrases.push(super::role::located(&np, None));
                }
                other @ (Arg::Np(..) | Arg::Frame) => self.args.push(other),
            }
        }
    }

    /// Says what is left when nothing happens: "a sunset at the beach".
    fn nouns(&mut self) -> Option<Sentence> {
        let args = std::mem::take(&mut self.args);
        let mut owner: Vec<Np> = self.mods.owner.take().into_iter().collect();
        let (mut phrases, mut nps): (Vec<String>, Vec<Np>) = (Vec::new(), Vec::new());
        for arg in args {
            match arg {
                Arg::Np(np, Role::In | Role::At) => phrases.push(super::role::located(&np, None)),
                Arg::Np(np, Role::To | Role::From | Role::Until | Role::Dative) => {
                    phrases.push(format!("with {}", np.say()));
                }
                Arg::Np(np, _) => nps.push(np),
                Arg::Adverb(text, _) | Arg::Phrase(text) | Arg::Time(text) => phrases.push(text),
                Arg::Frame => {}
            }
        }
        nps.append(&mut owner);
        for clause in std::mem::take(&mut self.mods.clauses) {
            phrases.push(clause.participle(&Np::default()));
        }
        phrases.append(&mut self.mods.after);
        settle(&mut nps);
        let lead = nps.last().map(Lead::of);
        let mut said: Vec<String> = nps.iter().map(Np::say).collect();
        if said.is_empty() && phrases.is_empty() {
            return None;
        }
        if said.is_empty() {
            said.push(phrases.remove(0));
        }
        let mut text = english::list(&said);
        for phrase in &phrases {
            text.push(' ');
            text.push_str(phrase);
        }
        let front = std::mem::take(&mut self.front);
        let text = if front.is_empty() {
            text
        } else {
            format!("{text} {}", front.join(" "))
        };
        let (full, motion) = full(&nps, &phrases);
        Some(Sentence {
            full,
            motion,
            tag: text.clone(),
            text,
            lead,
            noun_only: true,
            ..Sentence::default()
        })
    }
}

/// Makes a sentence of "a man drinking coffee": "a man is drinking coffee", and of its motion "the man is …".
fn full(nps: &[Np], phrases: &[String]) -> (String, String) {
    let [np] = nps else { return Default::default() };
    let acts = np
        .after
        .first()
        .and_then(|a| a.split(' ').next())
        .is_some_and(|w| w.ends_with("ing") && w != "during");
    if !acts || !np.also.is_empty() {
        return Default::default();
    }
    // Two participles: what one wears stays with the noun, what one does becomes the verb.
    let stays = usize::from(
        np.after.len() > 1
            && np
                .after
                .iter()
                .skip(1)
                .any(|a| a.split(' ').next().is_some_and(|w| w.ends_with("ing"))),
    );
    let (kept, told) = np.after.split_at_checked(stays).unwrap_or_default();
    let bare = Np {
        after: kept.to_vec(),
        ..np.clone()
    };
    let is = if np.many() { "are" } else { "is" };
    let doing = told
        .iter()
        .chain(phrases)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    (
        format!("{} {is} {doing}", bare.say()),
        format!("{} {is} {doing}", bare.again()),
    )
}

/// A bare place before another noun is where that noun is.
fn settle(nps: &mut Vec<Np>) {
    let place = |np: &Np| np.entry().is_some_and(super::super::lexicon::Entry::place);
    let [.., _, last] = nps.as_slice() else {
        return;
    };
    if place(last) {
        return;
    }
    if let Some(at) = nps.iter().position(place) {
        let scene = nps.remove(at);
        if let Some(last) = nps.last_mut() {
            last.after.push(super::role::located(&scene, None));
        }
    }
}

fn sentence(mut clauses: Vec<Clause>) -> Sentence {
    let mut out = Sentence::default();
    let Some(mut main) = clauses.pop() else {
        return out;
    };
    let clauses_end_in_then = clauses.last().is_some_and(|c| c.link() == Form::Then);
    let holder = clauses.iter().rposition(|c| c.subject.is_some());
    let inherited = holder
        .and_then(|at| clauses.get(at))
        .and_then(|c| c.subject.clone());
    let own = main.subject.take();
    let shared = own.is_none();
    let subject = own.or(inherited).unwrap_or_else(|| {
        out.supplied = true;
        supplied(&main)
    });
    out.camera = subject.is("카메라");
    out.lead = Some(Lead::of(&subject));
    let mut build = Build {
        fronts: Vec::new(),
        before: Vec::new(),
        chain: Vec::new(),
        tail: Vec::new(),
    };
    for (at, mut clause) in clauses.into_iter().enumerate() {
        build.fronts.extend(clause.front.iter().cloned());
        if shared && holder == Some(at) {
            clause.subject = None;
        }
        build.add(clause, &subject);
    }
    build.fronts.extend(main.front.iter().cloned());
    super::relative::each_their_own(&mut main, &subject);
    let then = shared && clauses_end_in_then;
    let verb = main.finite(&subject);
    let verb = if then { format!("then {verb}") } else { verb };
    let mut chain = std::mem::take(&mut build.chain);
    chain.push(verb);
    let said = if out.camera {
        "the camera".to_owned()
    } else {
        subject.say()
    };
    let core = format!("{said} {}{}", english::list(&chain), build.tail.concat());
    out.motion = format!(
        "{} {}{}",
        subject.again(),
        english::list(&chain),
        build.tail.concat()
    );
    out.tag = format!(
        "{} {}{}",
        subject.say(),
        main.participle(&subject),
        build.tail.concat()
    );
    let mut text = String::new();
    for front in &build.fronts {
        text.push_str(front);
        text.push_str(", ");
    }
    for before in &build.before {
        text.push_str(before);
    }
    text.push_str(&core);
    out.text = text;
    out
}

/// Names a subject for a clause that has none.
fn supplied(main: &Clause) -> Np {
    let english = if matches!(
        main.predicate.entry.kind,
        Kind::Weather | Kind::Light | Kind::State
    ) && main.predicate.turn == Turn::Plain
    {
        "it"
    } else {
        "a person"
    };
    if english == "it" {
        Np::of("It")
    } else {
        Np {
            amount: Some(super::super::reading::Amount::Exactly(1)),
            ..Np::of("person")
        }
    }
}

struct Build {
    /// Said first, with a comma: "when the sun sets".
    fronts: Vec<String>,
    /// Clauses of their own before the main one, with what joins them.
    before: Vec<String>,
    /// Verbs of the same subject.
    chain: Vec<String>,
    /// Said last, with what joins it: " while smiling".
    tail: Vec<String>,
}

impl Build {
    fn add(&mut self, mut clause: Clause, main: &Np) {
        let own = clause.subject.take();
        let same = own.is_none();
        let link = clause.link();
        if same {
            match link {
                Form::While => self
                    .tail
                    .push(format!(" while {}", clause.participle(main))),
                Form::And | Form::Since | Form::Bare
                    if clause.predicate.entry.is("state")
                        || clause.predicate.entry.is("while")
                        || clause.predicate.turn == Turn::Ongoing =>
                {
                    self.tail.push(format!(", {}", clause.participle(main)));
                }
                Form::Aim => self.tail.push(format!(" to {}", clause.infinitive(main))),
                Form::If => {
                    self.fronts
                        .push(format!("when {} {}", main.again(), clause.finite(main)));
                }
                Form::But => self.chain.push(format!("{} but", clause.finite(main))),
                Form::And
                | Form::Since
                | Form::Bare
                | Form::As
                | Form::Or
                | Form::Then
                | Form::Now
                | Form::Done
                | Form::Will
                | Form::End
                | Form::Manner
                | Form::Noun
                | Form::Not => self.chain.push(clause.finite(main)),
            }
            return;
        }
        let Some(subject) = own else { return };
        let said = format!("{} {}", subject.say(), clause.finite(&subject));
        match link {
            Form::While | Form::As | Form::Since | Form::Bare => {
                self.fronts.push(format!("as {said}"));
            }
            Form::If => self.fronts.push(format!("when {said}")),
            Form::But => self.before.push(format!("{said}, but ")),
            Form::And
            | Form::Aim
            | Form::Or
            | Form::Then
            | Form::Now
            | Form::Done
            | Form::Will
            | Form::End
            | Form::Manner
            | Form::Noun
            | Form::Not => self.before.push(format!("{said}, and ")),
        }
    }
}
