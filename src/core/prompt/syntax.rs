//! Chunks to clauses. Korean puts the head last, so the parser keeps what it has read until a head claims it.

mod args;
mod relation;
mod relative;
mod role;
mod sentence;
mod slot;

use super::conjugation::Form;
use super::english;
use super::lexicon::{Kind, Part};
use super::particle::Role;
use super::phrase::{Clause, Np, rank};
use super::reading::{Chunk, Noun, Predicate, Word};

pub(super) use sentence::Sentence;

/// Something read that no head has claimed yet.
#[derive(Clone, Debug)]
pub(super) enum Arg {
    Np(Np, Role),
    /// An adverb; `true` stands before the verb.
    Adverb(String, bool),
    /// A finished prepositional phrase.
    Phrase(String),
    Time(String),
    /// A content noun (영상, 모습) that only frames what is shown.
    Frame,
}

/// What the idea says about style, camera and light, outside its sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) english: String,
}

/// All that was understood of an idea.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) sentences: Vec<Sentence>,
    pub(super) slots: Vec<Slot>,
}

#[derive(Debug, Default)]
struct Mods {
    adjectives: Vec<(u8, String)>,
    clauses: Vec<Clause>,
    after: Vec<String>,
    owner: Option<Np>,
    degree: Vec<String>,
}

/// Parses chunks, sentence by sentence.
pub(super) struct Parser<'c> {
    chunks: &'c [Chunk],
    at: usize,
    args: Vec<Arg>,
    mods: Mods,
    clauses: Vec<Clause>,
    front: Vec<String>,
    draft: Draft,
}

/// Parses all chunks of an idea.
pub(super) fn parse(chunks: &[Chunk]) -> Draft {
    let mut parser = Parser {
        chunks,
        at: 0,
        args: Vec::new(),
        mods: Mods::default(),
        clauses: Vec::new(),
        front: Vec::new(),
        draft: Draft::default(),
    };
    while let Some(chunk) = chunks.get(parser.at) {
        parser.take(chunk);
        parser.at += 1;
    }
    parser.finish();
    parser.draft
}

impl Parser<'_> {
    fn take(&mut self, chunk: &Chunk) {
        match chunk {
            Chunk::Noun(noun) => self.noun(noun),
            Chunk::Predicate(predicate) => self.predicate(*predicate),
            Chunk::Adverb(entry) if entry.kind == Kind::Degree => {
                self.mods.degree.push(entry.english.clone());
            }
            Chunk::Adverb(entry) if entry.kind == Kind::When => {
                self.args.push(Arg::Time(entry.english.clone()));
            }
            Chunk::Adverb(entry) if entry.head == "없이" => self.without(),
            Chunk::Adverb(entry) => self
                .args
                .push(Arg::Adverb(entry.english.clone(), entry.is("pre"))),
            Chunk::Modifier(kind, english) => {
                self.mods.adjectives.push((rank(*kind), english.clone()));
            }
            Chunk::Amount(amount) => self.mods.adjectives.push((0, amount.say())),
            Chunk::Counter(..) => {}
            Chunk::Unread(text, form) => self.unread(text, *form),
            Chunk::Foreign(text) => self.mods.adjectives.push((3, text.clone())),
            Chunk::Comma => self.comma(),
            Chunk::Stop => self.finish(),
        }
    }

    /// A comma after a bare noun lists it; elsewhere it says nothing the endings do not say.
    fn comma(&mut self) {
        if let [.., Arg::Np(_, role)] = self.args.as_mut_slice()
            && *role == Role::Bare
        {
            *role = Role::Topic;
            let another = self
                .ahead()
                .any(|c| matches!(c, Chunk::Noun(n) if n.role == Role::Subject));
            if self.clauses.is_empty()
                && (another || self.args.len() == 1 && !self.has_predicate_ahead())
            {
                self.finish();
            }
        }
    }

    fn next(&self) -> Option<&Chunk> {
        self.chunks.get(self.at + 1)
    }

    /// Looks at the chunks up to the end of the sentence.
    fn ahead(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks
            .iter()
            .skip(self.at + 1)
            .take_while(|c| !matches!(c, Chunk::Stop))
    }

    fn has_predicate_ahead(&self) -> bool {
        self.ahead()
            .any(|c| matches!(c, Chunk::Predicate(p) if !p.form.adnominal()))
    }

    /// Finds the noun that an adnominal form describes.
    fn head_ahead(&self) -> Option<&Noun> {
        self.ahead().find_map(|c| match c {
            Chunk::Noun(noun) => Some(noun),
            _ => None,
        })
    }

    fn noun(&mut self, noun: &Noun) {
        if self.slotted(noun) {
            return;
        }
        let mut noun = noun.clone();
        if let Some(relation) = self.relation(&mut noun) {
            self.relate(&noun, relation);
            return;
        }
        let waiting = self.deferred(&noun);
        let np = self.describe(&noun);
        self.mods.clauses = waiting;
        self.place(np, noun.role);
    }

    /// "책을 고르는 안경 쓴 소녀": glasses choose no books, so the clause waits for the girl.
    fn deferred(&mut self, noun: &Noun) -> Vec<Clause> {
        let described = matches!(self.next(), Some(Chunk::Predicate(p)) if p.form.adnominal());
        let animate = noun.entry().is_some_and(super::lexicon::Entry::animate);
        if !described || animate {
            return Vec::new();
        }
        let acts =
            |c: &Clause| c.predicate.entry.transitive && c.object.is_some() && c.subject.is_none();
        let (wait, now) = std::mem::take(&mut self.mods.clauses)
            .into_iter()
            .partition(acts);
        self.mods.clauses = now;
        wait
    }

    /// Builds the phrase from the noun and all that was waiting to describe it.
    fn describe(&mut self, noun: &Noun) -> Np {
        let mods = std::mem::take(&mut self.mods);
        let mut np = Np {
            words: noun.words.clone(),
            adjectives: mods.adjectives,
            after: mods.after,
            amount: noun.amount.clone(),
            measure: noun.measure.clone(),
            plural: noun.plural,
            ..Np::default()
        };
        split_compound(&mut np);
        if let Some(owner) = mods.owner {
            own(&mut np, &owner);
        }
        for clause in mods.clauses.into_iter().rev() {
            relative::attach(&mut np, clause);
        }
        np
    }

    fn place(&mut self, mut np: Np, role: Role) {
        if role != Role::Of {
            self.coordinate(&mut np);
        }
        match role {
            Role::Of => self.mods.owner = Some(np),
            Role::Like => self
                .args
                .push(Arg::Adverb(format!("like {}", np.say()), false)),
            Role::Is(form) => self.copula(np, form),
            Role::Every => self.args.push(Arg::Time(format!(
                "every {}",
                np.words.last().map_or("", Word::english)
            ))),
            Role::At | Role::Bare | Role::In | Role::Topic
                if np.entry().is_some_and(super::lexicon::Entry::temporal) =>
            {
                self.time(&np, role);
            }
            Role::Bare
            | Role::Subject
            | Role::Topic
            | Role::Object
            | Role::At
            | Role::In
            | Role::To
            | Role::Dative
            | Role::From
            | Role::Until
            | Role::With
            | Role::Only
            | Role::Or => self.args.push(Arg::Np(np, role)),
        }
    }

    /// Times tell when, unless a bare time ends the idea and is itself what is shown (봄 바다의 아침).
    fn time(&mut self, np: &Np, role: Role) {
        let shown = role == Role::Bare
            && self
                .next()
                .is_none_or(|c| matches!(c, Chunk::Comma | Chunk::Stop));
        if shown
            && !self
                .args
                .iter()
                .any(|a| matches!(a, Arg::Np(_, Role::Bare | Role::Subject)))
            && self.clauses.is_empty()
        {
            self.args.push(Arg::Np(np.clone(), role));
            return;
        }
        self.args.push(Arg::Time(when(np)));
    }

    /// Joins "A와" with the noun that is said beside it.
    fn coordinate(&mut self, np: &mut Np) {
        let mut others = Vec::new();
        let mut either = false;
        while let Some(Arg::Np(_, Role::With | Role::Or)) = self.args.last() {
            let Some(Arg::Np(other, role)) = self.args.pop() else {
                break;
            };
            either |= role == Role::Or;
            others.insert(0, other);
        }
        if others.is_empty() {
            return;
        }
        let mut first = others.remove(0);
        first.also.extend(others);
        let last = std::mem::take(np);
        first.also.push(last);
        first.either = either;
        *np = first;
    }

    fn copula(&mut self, np: Np, form: Form) {
        if matches!(form, Form::Now | Form::Done) {
            self.mods.after.push(format!("who is {}", np.say()));
            return;
        }
        let Some(be) = super::lexicon::shipped().predicate("있다") else {
            return;
        };
        let predicate = Predicate {
            entry: be,
            form,
            becomes: false,
            negative: false,
            turn: super::reading::Turn::Plain,
            full: true,
        };
        let mut clause = self.clause(predicate);
        if clause.subject.is_none() {
            self.args.push(Arg::Np(np, Role::Bare));
            return;
        }
        clause.saying = Some(format!("be {}", np.say()));
        self.clauses.push(clause);
        if form == Form::End {
            self.finish();
        }
    }

    fn predicate(&mut self, predicate: Predicate) {
        if predicate.form.adnominal() && self.filmed(&predicate) || self.following(&predicate) {
            return;
        }
        if predicate.entry.head == "같다" {
            self.like();
            return;
        }
        if predicate.entry.part == Part::Adjective && self.adjective(&predicate) {
            return;
        }
        if predicate.form.adnominal() {
            let clause = self.attract(predicate);
            self.mods.clauses.push(clause);
        } else if predicate.form == Form::Manner {
            self.manner(&predicate);
        } else if !self.framed(&predicate) {
            let clause = self.clause(predicate);
            self.clauses.push(clause);
            if matches!(predicate.form, Form::End | Form::Noun | Form::Not) {
                self.finish();
            }
        }
    }

    /// Keeps a predicate that nothing is known about where a verb would stand.
    fn unread(&mut self, text: &str, form: Form) {
        let Some(entry) = super::lexicon::shipped().predicate("하다") else {
            return;
        };
        let predicate = Predicate {
            entry,
            form,
            becomes: false,
            negative: false,
            turn: super::reading::Turn::Plain,
            full: false,
        };
        let mut clause = self.clause(predicate);
        clause.saying = Some(text.to_owned());
        self.clauses.push(clause);
        if form == Form::End {
            self.finish();
        }
    }

    /// "벚꽃길을 따라" → "along a cherry blossom path".
    fn following(&mut self, predicate: &Predicate) -> bool {
        let along =
            predicate.entry.head == "따르다" && matches!(predicate.form, Form::Bare | Form::Since);
        let place = matches!(self.args.last(), Some(Arg::Np(np, Role::Object)) if np.entry().is_some_and(super::lexicon::Entry::place));
        let animate = matches!(self.args.last(), Some(Arg::Np(np, Role::Object)) if np.animate());
        if along
            && (place || animate)
            && let Some(Arg::Np(np, _)) = self.args.pop()
        {
            self.args.push(Arg::Phrase(format!(
                "{} {}",
                if place { "along" } else { "after" },
                np.say()
            )));
            return true;
        }
        false
    }

    /// "우산도 없이" → "without an umbrella".
    fn without(&mut self) {
        if let Some(Arg::Np(np, _)) = self.args.pop() {
            self.args.push(Arg::Phrase(format!("without {}", np.say())));
        }
    }

    /// "영화 같은" describes; "별 같은" compares.
    fn like(&mut self) {
        let Some(Arg::Np(np, _)) = self.args.pop() else {
            return;
        };
        match np.entry().and_then(|e| e.get("adj")) {
            Some(adjective) if np.adjectives.is_empty() => {
                self.mods.adjectives.push((1, adjective.to_owned()));
            }
            _ => self.mods.after.push(format!("like {}", np.say())),
        }
    }

    /// Takes an adjective that simply describes the next noun; says whether it did.
    fn adjective(&mut self, predicate: &Predicate) -> bool {
        let lists = matches!(
            predicate.form,
            Form::And | Form::While | Form::But | Form::Bare | Form::Since
        ) && matches!(self.next(), Some(Chunk::Predicate(p)) if p.form.adnominal() && p.entry.part == Part::Adjective || p.form.adnominal() && predicate.form == Form::And && p.entry.part == Part::Verb && p.full)
            || matches!(predicate.form, Form::And | Form::While)
                && matches!(self.next(), Some(Chunk::Modifier(..)));
        let describes = predicate.form.adnominal() || lists;
        let part = matches!(self.args.last(), Some(Arg::Np(np, Role::Subject)) if !predicate.full && !np.animate());
        let needs = predicate.entry.get("e").is_some()
            && matches!(self.args.last(), Some(Arg::Np(..) | Arg::Phrase(_)));
        if predicate.becomes || !describes || part || needs {
            return false;
        }
        let mut text = predicate.entry.english.clone();
        let degree = std::mem::take(&mut self.mods.degree);
        if !degree.is_empty() {
            text = format!("{} {text}", degree.join(" "));
        }
        if predicate.negative {
            text = format!("not {text}");
        }
        self.mods
            .adjectives
            .push((rank(predicate.entry.kind), text));
        true
    }

    fn manner(&mut self, predicate: &Predicate) {
        let entry = predicate.entry;
        let mut text = match entry.part {
            Part::Adjective => entry
                .get("adv")
                .map_or_else(|| english::adverb(&entry.english), str::to_owned),
            Part::Noun
            | Part::Verb
            | Part::Adverb
            | Part::Modifier
            | Part::Number
            | Part::Counter => {
                let clause = self.clause(*predicate);
                self.args
                    .push(Arg::Phrase(clause.participle(&Np::default())));
                return;
            }
        };
        for degree in std::mem::take(&mut self.mods.degree) {
            text = format!("{degree} {text}");
        }
        self.args.push(Arg::Adverb(text, false));
    }
}

/// Says when: "at night", "on a summer evening".
fn when(np: &Np) -> String {
    let entry = np.entry();
    if np.adjectives.is_empty()
        && np.after.is_empty()
        && np.words.len() == 1
        && np.amount.is_none()
        && let Some(adverbial) = entry.and_then(|e| e.get("adv"))
    {
        return adverbial.to_owned();
    }
    format!(
        "{} {}",
        entry.and_then(|e| e.get("p")).unwrap_or("on"),
        np.say()
    )
}

/// Turns "place + someone" and "someone + thing" compounds into what English says instead.
fn split_compound(np: &mut Np) {
    let Some(head) = np.entry() else { return };
    while np.words.len() > 1 {
        let Some(first) = np.words.first().cloned() else {
            return;
        };
        let Some(entry) = first.entry else { return };
        if entry.kind == Kind::Person
            && !head.animate()
            && head.kind != Kind::Clothes
            && !head.is("role")
        {
            np.owner = Some(format!(
                "{}'s",
                Np {
                    words: vec![first],
                    ..Np::default()
                }
                .say()
            ));
        } else if entry.place() && head.animate() && !entry.is("adj") {
            let place = Np {
                words: vec![first],
                ..Np::default()
            };
            np.after.push(role::located(&place, None));
        } else if entry.temporal() && entry.get("adj").is_none() {
            let time = Np {
                words: vec![first],
                ..Np::default()
            };
            np.after.push(when(&time));
        } else {
            return;
        }
        np.words.remove(0);
    }
}

/// Says whose or of what: "a girl's hand", "a sunset at the beach", "a winter sea".
fn own(np: &mut Np, owner: &Np) {
    let entry = owner.entry();
    let bare = owner.adjectives.is_empty() && owner.after.is_empty();
    let said_of = |np: &Np| Np {
        known: bare && np.words.len() == 1 && np.amount.is_none() && !np.plural,
        ..np.clone()
    };
    if np.animate() && matches!(owner.kind(), Some(Kind::Body | Kind::Feeling | Kind::Sound)) {
        np.after.insert(0, format!("with {}", owner.say()));
    } else if np.animate() && owner.kind() == Some(Kind::Clothes) {
        np.after.insert(0, format!("in {}", owner.say()));
    } else if entry.is_some_and(super::lexicon::Entry::place)
        && np.entry().is_some_and(|e| e.is("view"))
    {
        np.after.insert(0, format!("of {}", said_of(owner).say()));
    } else if entry.is_some_and(super::lexicon::Entry::place) && !np.is("끝") {
        np.after.insert(0, role::located(&said_of(owner), None));
    } else if entry.is_some_and(super::lexicon::Entry::temporal) {
        match entry.and_then(|e| e.get("adj")) {
            Some(adjective) if bare => np.adjectives.push((6, adjective.to_owned())),
            _ => np.after.insert(0, when(owner)),
        }
    } else if entry.is_none_or(super::lexicon::Entry::animate) && owner.after.is_empty() {
        np.owner = Some(possessive(&owner.say()));
    } else if let (true, Some(adjective)) = (bare, entry.and_then(|e| e.get("adj"))) {
        np.adjectives.push((6, adjective.to_owned()));
    } else {
        np.known |= np.kind() == Some(Kind::Body);
        np.after.insert(0, format!("of {}", owner.say()));
    }
}

fn possessive(said: &str) -> String {
    if said.ends_with('s') {
        format!("{said}'")
    } else {
        format!("{said}'s")
    }
}
