//! Which of the waiting nouns belong to a predicate, and as what.

use super::super::conjugation::Form;
use super::super::lexicon::Kind;
use super::super::particle::Role;
use super::super::phrase::{Clause, Np};
use super::super::reading::{Chunk, Noun, Predicate};
use super::role::fill;
use super::{Arg, Parser};

impl Parser<'_> {
    /// Builds a clause from everything that waits.
    pub(super) fn clause(&mut self, predicate: Predicate) -> Clause {
        let args = std::mem::take(&mut self.args);
        let mut clause = fill(predicate, args, false);
        clause.front = std::mem::take(&mut self.front);
        clause.early.append(&mut self.mods.degree);
        self.leftover_mods(&mut clause);
        clause
    }

    /// Adjectives left without a noun (mixed or broken input) are kept as manner, never lost.
    fn leftover_mods(&mut self, clause: &mut Clause) {
        for (_, text) in std::mem::take(&mut self.mods.adjectives) {
            clause.manner.push(text);
        }
        clause.phrases.append(&mut self.mods.after);
        if let Some(owner) = self.mods.owner.take() {
            clause.subject.get_or_insert(owner);
        }
    }

    /// Builds an adnominal clause from the waiting nouns that are its own, nearest first.
    pub(super) fn attract(&mut self, predicate: Predicate) -> Clause {
        let takes_subject = self.takes_subject(&predicate);
        let mut mine = Vec::new();
        let (mut subject, mut object) = (false, predicate.full && predicate.entry.transitive);
        while let Some(arg) = self.args.last() {
            let take = match arg {
                Arg::Np(_, Role::Topic) => self.framing_head() && !subject,
                Arg::Np(_, Role::Subject) => !subject && takes_subject,
                Arg::Np(_, Role::Object) => !object,
                Arg::Np(np, Role::Bare) => {
                    if predicate.entry.transitive {
                        !object
                    } else {
                        !subject && !np.animate()
                    }
                }
                Arg::Np(_, Role::In | Role::Dative) | Arg::Phrase(_) => {
                    let holds = predicate.entry.transitive && predicate.entry.is("state");
                    self.framing_head() || !(object || holds)
                }
                Arg::Time(_) => self.framing_head() || subject,
                Arg::Np(..) | Arg::Adverb(..) => true,
                Arg::Frame => false,
            };
            if !take {
                break;
            }
            match arg {
                Arg::Np(_, Role::Subject | Role::Topic) => subject = true,
                Arg::Np(_, Role::Object) => object = true,
                Arg::Np(_, Role::Bare) => {
                    let filled = if predicate.entry.transitive {
                        &mut object
                    } else {
                        &mut subject
                    };
                    *filled = true;
                }
                Arg::Np(..) | Arg::Adverb(..) | Arg::Phrase(_) | Arg::Time(_) | Arg::Frame => {}
            }
            mine.extend(self.args.pop());
        }
        mine.reverse();
        let swimmer = self
            .head_ahead()
            .and_then(Noun::entry)
            .is_some_and(|e| e.is("sea"));
        let mut clause = fill(predicate, mine, swimmer);
        clause.early.append(&mut self.mods.degree);
        self.join_leading(&mut clause);
        clause
    }

    /// Says whether the noun that follows only frames the clause (영상, 모습, 때).
    fn framing_head(&self) -> bool {
        let frames = |e: &super::super::lexicon::Entry| {
            e.kind == Kind::Media && e.get("conj") != Some("how")
        };
        self.head_ahead().is_some_and(|n| {
            n.words.first().and_then(|w| w.entry).is_some_and(frames)
                || n.entry().is_some_and(frames)
        })
    }

    /// A connective clause just before belongs to this one when it has no subject, or both are framed.
    fn join_leading(&mut self, clause: &mut Clause) {
        let framing = self.framing_head();
        if framing {
            return;
        }
        let join = |lead: &Clause| {
            lead.subject.is_none()
                && clause.subject.is_none()
                && matches!(
                    lead.link(),
                    Form::And | Form::While | Form::Since | Form::Bare
                )
        };
        if !self.clauses.last().is_some_and(join) {
            return;
        }
        if let Some(mut lead) = self.clauses.pop() {
            let whose = Np::of("~");
            if lead.link() == Form::While {
                clause
                    .phrases
                    .push(format!("while {}", lead.participle(&whose)));
            } else {
                clause.besides.append(&mut lead.besides);
                clause.besides.push(lead.participle(&whose));
            }
        }
    }

    /// Says whether a waiting subject is this clause's own rather than the main clause's.
    fn takes_subject(&self, predicate: &Predicate) -> bool {
        let Some(head) = self.head_ahead() else {
            return true;
        };
        let head_kind = head.entry();
        if self.framing_head() {
            return true;
        }
        let scene = head_kind.is_some_and(|e| e.place() || e.temporal());
        let subject = self.args.iter().rev().find_map(|a| match a {
            Arg::Np(np, Role::Subject) => Some(np),
            _ => None,
        });
        let Some(subject) = subject else { return true };
        let has_object = self
            .args
            .iter()
            .any(|a| matches!(a, Arg::Np(_, Role::Object)))
            || predicate.full;
        let part = !subject.animate();
        let existence = matches!(predicate.entry.head.as_str(), "있다" | "없다");
        let gap_is_subject = !existence
            && !scene
            && (has_object && predicate.entry.transitive || !predicate.entry.transitive && !part);
        !gap_is_subject && self.main_has_its_own_subject(part)
    }

    fn main_has_its_own_subject(&self, part: bool) -> bool {
        let subjects = self
            .args
            .iter()
            .filter(|a| matches!(a, Arg::Np(_, Role::Subject | Role::Topic)))
            .count();
        let later = self
            .ahead()
            .any(|c| matches!(c, Chunk::Noun(n) if matches!(n.role, Role::Subject | Role::Topic)));
        subjects > 1
            || later
            || part && self.clauses.iter().any(|c| c.subject.is_some())
            || !self.has_predicate_ahead()
    }
}
