//! Nouns that say where something is from something else: 위, 아래, 속, 앞, 사이.

use super::super::lexicon::{Entry, Kind};
use super::super::particle::Role;
use super::super::phrase::Np;
use super::super::reading::{Chunk, Noun};
use super::{Arg, Parser};

impl Parser<'_> {
    /// Takes a relational noun off the end of a compound, if there is one.
    pub(super) fn relation(&self, noun: &mut Noun) -> Option<&'static Entry> {
        if noun.kind() != Some(Kind::Relation) {
            return None;
        }
        let anchored = noun.words.len() > 1
            || self.mods.owner.is_some()
            || matches!(self.args.last(), Some(Arg::Np(_, Role::Bare | Role::Topic)))
            || noun.entry().is_some_and(|e| e.get("alone").is_some())
            || self.against(noun);
        if !anchored {
            return None;
        }
        noun.words.pop().and_then(|w| w.entry)
    }

    /// Makes the phrase: "under the bridge", and gives it to what follows.
    pub(super) fn relate(&mut self, noun: &Noun, relation: &Entry) {
        let anchor = if noun.words.is_empty() {
            self.mods.owner.take().or_else(|| self.waiting_noun())
        } else {
            Some(self.describe(&Noun {
                role: Role::Bare,
                ..noun.clone()
            }))
        };
        let flies = matches!(self.next(), Some(Chunk::Predicate(p)) if p.entry.english.starts_with("fly") || p.entry.english.starts_with("soar"));
        let moving = noun.role == Role::To || flies && relation.english == "on";
        let preposition = relation
            .get("to")
            .filter(|_| moving)
            .unwrap_or(&relation.english);
        let text = match anchor {
            Some(np) => format!(
                "{preposition} {}",
                if preposition == "on" {
                    super::role::one(&np)
                } else {
                    np
                }
                .say()
            ),
            None => relation.get("alone").unwrap_or(preposition).to_owned(),
        };
        let describes = noun.role == Role::Of
            || noun.role == Role::Bare && matches!(self.next(), Some(Chunk::Noun(_)));
        if describes {
            self.mods.after.push(text);
        } else {
            self.args.push(Arg::Phrase(text));
        }
    }

    /// "노을을 배경으로": the only relation whose anchor is an object.
    fn against(&self, noun: &Noun) -> bool {
        noun.head().is_some_and(|w| w.text == "배경")
            && matches!(self.args.last(), Some(Arg::Np(_, Role::Object)))
    }

    fn waiting_noun(&mut self) -> Option<Np> {
        match self.args.last() {
            Some(Arg::Np(_, Role::Bare | Role::Topic | Role::Object)) => match self.args.pop() {
                Some(Arg::Np(np, _)) => Some(np),
                _ => None,
            },
            _ => None,
        }
    }
}
