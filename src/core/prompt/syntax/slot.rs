//! Words that frame a picture instead of standing in it: 영상, 분위기, 클로즈업, 수채화 스타일.

use super::super::conjugation::Form;
use super::super::lexicon::Kind;
use super::super::particle::Role;
use super::super::phrase::{Np, rank};
use super::super::reading::{Chunk, Noun, Predicate, Word};
use super::{Arg, Parser, Slot};

/// Verbs that only say that something is filmed or wanted.
const FRAMING: &[&str] = &[
    "담다",
    "보여주다",
    "찍다",
    "촬영하다",
    "그리다",
    "표현하다",
    "만들다",
    "원하다",
    "나오다",
    "펼쳐지다",
    "담기다",
    "보이다",
    "시작하다",
    "끝나다",
    "바라다",
    "필요하다",
    "부탁하다",
    "생성하다",
    "잡다",
    "비추다",
    "이다",
    "만들어주다",
    "포착하다",
];

impl Parser<'_> {
    /// Takes a noun that fills a slot; says whether it did.
    pub(super) fn slotted(&mut self, noun: &Noun) -> bool {
        let drone = noun.role == Role::To && noun.head().is_some_and(|w| w.text == "드론");
        match noun.kind() {
            _ if drone => {
                self.fill(Kind::Camera, "aerial drone shot".to_owned());
                true
            }
            Some(kind @ (Kind::Style | Kind::Camera | Kind::Move | Kind::Lens)) => {
                self.style(noun, kind)
            }
            Some(Kind::Tone) => self.tone(noun),
            Some(Kind::Media) => self.media(noun),
            _ => false,
        }
    }

    fn fill(&mut self, kind: Kind, english: String) {
        let slot = Slot { kind, english };
        if !self.draft.slots.contains(&slot) {
            self.draft.slots.push(slot);
        }
    }

    fn style(&mut self, noun: &Noun, kind: Kind) -> bool {
        let entry = noun.entry();
        let english = noun
            .words
            .iter()
            .map(Word::english)
            .collect::<Vec<_>>()
            .join(" ");
        let describes_next = matches!(self.next(), Some(Chunk::Noun(n)) if !matches!(n.kind(),
            Some(Kind::Media | Kind::Tone | Kind::Style | Kind::Camera | Kind::Move | Kind::Lens)));
        if kind == Kind::Style
            && matches!(noun.role, Role::Bare | Role::Is(Form::Now))
            && describes_next
            && let Some(adjective) = entry.and_then(|e| e.get("adj"))
        {
            self.mods
                .adjectives
                .push((rank(Kind::Opinion), adjective.to_owned()));
            return true;
        }
        let waiting = std::mem::take(&mut self.mods.adjectives);
        let lead: Vec<String> = waiting.into_iter().map(|(_, text)| text).collect();
        let text = if lead.is_empty() {
            english
        } else {
            format!("{} {english}", lead.join(" "))
        };
        self.fill(kind, text);
        if self.describes_next(noun) {
            return true;
        }
        self.return_owner();
        self.unwrap(noun);
        true
    }

    fn tone(&mut self, noun: &Noun) -> bool {
        for (_, text) in std::mem::take(&mut self.mods.adjectives) {
            self.fill(Kind::Tone, text);
        }
        for word in noun.words.iter().take(noun.words.len().saturating_sub(1)) {
            self.fill(
                Kind::Style,
                looks_like(&Np {
                    words: vec![word.clone()],
                    ..Np::default()
                }),
            );
        }
        let before = match (self.mods.owner.take(), self.args.last()) {
            (Some(owner), _) => Some(owner),
            (None, Some(Arg::Np(np, Role::Bare))) => {
                let np = np.clone();
                self.args.pop();
                Some(np)
            }
            (None, _) => None,
        };
        if let Some(np) = before {
            self.fill(Kind::Style, looks_like(&np));
        }
        if !self.describes_next(noun) {
            self.unwrap(noun);
        }
        true
    }

    fn media(&mut self, noun: &Noun) -> bool {
        let conj = noun.entry().and_then(|e| e.get("conj"));
        if let Some(conj) = conj {
            return self.conjunction(conj, noun);
        }
        for (_, text) in std::mem::take(&mut self.mods.adjectives) {
            self.fill(Kind::Tone, text);
        }
        if let Some(owner) = self.mods.owner.take() {
            match self.mods.clauses.last_mut() {
                Some(clause) if clause.subject.is_none() => clause.subject = Some(owner),
                _ => self.args.push(Arg::Np(owner, Role::Bare)),
            }
        }
        self.unwrap(noun);
        true
    }

    /// "사이버펑크 스타일의 여자": what waits belongs to the noun that comes.
    fn describes_next(&self, noun: &Noun) -> bool {
        let toned = matches!(self.next(), Some(Chunk::Noun(n)) if n.role == Role::Of && n.kind() == Some(Kind::Tone));
        toned
            || noun.role == Role::Of
                && matches!(self.next(), Some(Chunk::Noun(_) | Chunk::Predicate(_)))
    }

    fn return_owner(&mut self) {
        if let Some(owner) = self.mods.owner.take() {
            self.args.push(Arg::Np(owner, Role::Bare));
        }
    }

    /// Frees the clauses inside "X가 뛰노는 영상": they are what is shown.
    fn unwrap(&mut self, noun: &Noun) {
        let framed = self.frames_ahead();
        let clauses = std::mem::take(&mut self.mods.clauses);
        let after = std::mem::take(&mut self.mods.after);
        if !framed && noun.role != Role::Of {
            if let Some(mut clause) = clauses.into_iter().next_back() {
                let mut np = clause.subject.take().unwrap_or_else(|| Np::of("someone"));
                let participle = clause.participle(&np);
                np.after.push(participle);
                self.args.push(Arg::Np(np, noun.role));
            } else if noun.kind() == Some(Kind::Media)
                && matches!(noun.role, Role::Object | Role::Subject | Role::Topic)
            {
                self.args.push(Arg::Frame);
            }
            return;
        }
        for mut clause in clauses {
            clause.predicate.form = if clause.predicate.form.adnominal() {
                Form::End
            } else {
                clause.predicate.form
            };
            self.clauses.push(clause);
        }
        if !after.is_empty()
            && let Some(Arg::Np(np, _)) = self.args.last_mut()
        {
            np.after.extend(after);
        }
        if framed && noun.role != Role::Of && noun.role != Role::Bare && noun.role != Role::To {
            self.args.push(Arg::Frame);
        }
    }

    /// Says whether what follows only frames (…을 담은 영상, …이 보인다) or nothing follows.
    fn frames_ahead(&self) -> bool {
        self.ahead()
            .find_map(|c| match c {
                Chunk::Predicate(p) => {
                    Some(FRAMING.contains(&p.entry.head.as_str()) || p.entry.head == "있다")
                }
                _ => None,
            })
            .unwrap_or(true)
    }

    /// 때, 동안, 후, 전, 채: the clause before it says when or how.
    fn conjunction(&mut self, conj: &str, noun: &Noun) -> bool {
        let Some(clause) = self.mods.clauses.pop() else {
            if let Some(Arg::Np(np, Role::Bare)) = self.args.last() {
                let time = format!(
                    "{} {}",
                    if conj == "while" { "during" } else { conj },
                    np.say()
                );
                self.args.pop();
                self.args.push(Arg::Time(time));
                return true;
            }
            return noun.role != Role::Bare;
        };
        if conj == "how" {
            let how = Np::of(&format!("how to {}", clause.infinitive(&Np::default())));
            self.args
                .push(Arg::Np(Np { whole: true, ..how }, noun.role));
        } else if conj == "as" {
            let said = clause.participle(&Np::default());
            self.args.push(Arg::Phrase(said));
        } else if let Some(subject) = &clause.subject {
            let said = format!("{conj} {} {}", subject.say(), clause.finite(subject));
            self.front.push(said);
        } else {
            self.args.push(Arg::Time(format!(
                "{conj} {}",
                clause.participle(&Np::default())
            )));
        }
        true
    }

    /// "드론으로 촬영한 …": says how it is filmed, which is known already.
    pub(super) fn filmed(&mut self, predicate: &Predicate) -> bool {
        if FRAMING.contains(&predicate.entry.head.as_str())
            && self.args.iter().any(|a| matches!(a, Arg::Frame))
        {
            self.args.retain(|a| !matches!(a, Arg::Frame));
            return true;
        }
        let media = matches!(self.next(), Some(Chunk::Noun(n)) if n.kind() == Some(Kind::Media));
        if media && FRAMING.contains(&predicate.entry.head.as_str()) && self.only_shown() {
            self.show();
            return true;
        }
        let shown = self.args.iter().any(|a| matches!(a, Arg::Np(..)));
        let seen = matches!(
            predicate.entry.head.as_str(),
            "내려다보다" | "바라보다" | "올려다보다" | "보다"
        );
        (seen || FRAMING.contains(&predicate.entry.head.as_str()))
            && !shown
            && !self.draft.slots.is_empty()
            && self.mods.clauses.is_empty()
    }

    /// Says whether something is filmed and nobody is said to do it.
    fn only_shown(&self) -> bool {
        self.args
            .iter()
            .any(|a| matches!(a, Arg::Np(_, Role::Object)))
            && !self
                .args
                .iter()
                .any(|a| matches!(a, Arg::Np(_, Role::Subject | Role::Topic)))
    }

    /// What is filmed is what is shown.
    fn show(&mut self) {
        for arg in &mut self.args {
            if let Arg::Np(_, role) = arg
                && *role == Role::Object
            {
                *role = Role::Bare;
            }
        }
    }

    /// Swallows a verb that only frames; says whether it did.
    pub(super) fn framed(&mut self, predicate: &Predicate) -> bool {
        if !FRAMING.contains(&predicate.entry.head.as_str()) {
            return false;
        }
        let frame = self.args.iter().any(|a| matches!(a, Arg::Frame));
        if !frame && self.only_shown() && !self.draft.slots.is_empty() {
            self.show();
            if predicate.form == Form::End {
                self.finish();
            }
            return true;
        }
        let shown = self.args.iter().any(|a| matches!(a, Arg::Np(..)));
        if frame || (!shown && !self.draft.slots.is_empty()) {
            self.args.retain(|a| !matches!(a, Arg::Frame));
            if predicate.form == Form::End {
                self.finish();
            }
            return true;
        }
        false
    }
}

fn looks_like(np: &Np) -> String {
    np.entry().and_then(|e| e.get("adj")).map_or_else(
        || {
            np.words
                .last()
                .map_or(String::new(), |w| format!("{} look", w.english()))
        },
        str::to_owned,
    )
}
