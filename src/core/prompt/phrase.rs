//! English noun phrases and clauses, put together from what was read.

use super::conjugation::Form;
use super::english;
use super::lexicon::{Entry, Kind, Part};
use super::reading::{Amount, Predicate, Turn, Word};

/// Words that stand where an article would.
const DETERMINERS: &[&str] = &[
    "the",
    "this",
    "that",
    "each",
    "another",
    "a certain",
    "the whole",
];
/// The same, for many.
const SEVERAL: &[&str] = &[
    "all",
    "several",
    "countless",
    "a few",
    "many",
    "few",
    "various",
    "dozens of",
    "hundreds of",
    "thousands of",
    "all kinds of",
];

/// A noun with all that describes it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says another thing about the article; they combine freely"
)]
#[derive(Clone, Debug, Default)]
pub(super) struct Np {
    pub(super) words: Vec<Word>,
    /// Adjectives with their rank in English order.
    pub(super) adjectives: Vec<(u8, String)>,
    /// What follows the noun: "holding an umbrella", "in the rain".
    pub(super) after: Vec<String>,
    pub(super) amount: Option<Amount>,
    pub(super) measure: Option<String>,
    pub(super) plural: bool,
    /// Whose it is, with its ending: "a girl's".
    pub(super) owner: Option<String>,
    /// Others named beside it.
    pub(super) also: Vec<Np>,
    /// Said as it stands, without article or plural.
    pub(super) whole: bool,
    /// Said as something known: "the rain", "the piano".
    pub(super) known: bool,
    /// Joins `also` with "or".
    pub(super) either: bool,
}

impl Np {
    pub(super) fn of(text: &str) -> Self {
        Self {
            words: vec![Word {
                entry: None,
                text: text.to_owned(),
            }],
            ..Self::default()
        }
    }

    pub(super) fn entry(&self) -> Option<&'static Entry> {
        self.words.last().and_then(|w| w.entry)
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.entry().map(|e| e.kind)
    }

    pub(super) fn is(&self, head: &str) -> bool {
        self.words.last().is_some_and(|w| w.text == head)
    }

    /// Says whether it takes a plural verb.
    pub(super) fn many(&self) -> bool {
        !self.also.is_empty() && !self.either || self.noun_is_many()
    }

    fn noun_is_many(&self) -> bool {
        if self.whole {
            return false;
        }
        let uncountable = self.entry().is_some_and(|e| e.is("mass")) && self.measure.is_none();
        let counted = match &self.amount {
            Some(Amount::Exactly(n)) => Some(*n != 1),
            Some(Amount::Some(word)) => {
                Some(!matches!(word.as_str(), "every" | "each" | "another"))
            }
            None => None,
        };
        let several = self
            .adjectives
            .iter()
            .any(|(_, a)| SEVERAL.contains(&a.as_str()));
        match counted.or(several.then_some(true)) {
            Some(many) => many && !uncountable || self.entry().is_some_and(|e| e.is("plural")),
            None => {
                self.plural && !uncountable
                    || self.entry().is_some_and(|e| e.is("plural") || e.is("many"))
            }
        }
    }

    pub(super) fn animate(&self) -> bool {
        self.entry()
            .map_or_else(|| !self.words.is_empty(), Entry::animate)
    }

    /// Gives "his", "her", "its" or "their".
    pub(super) fn possessive(&self) -> &'static str {
        match self.entry() {
            _ if self.many() => "their",
            Some(e) if e.is("he") => "his",
            Some(e) if e.is("she") => "her",
            Some(e) if e.kind == Kind::Person || e.kind == Kind::Name => "their",
            Some(_) => "its",
            None => "their",
        }
    }

    /// Says it with article or number.
    pub(super) fn say(&self) -> String {
        let mut all = vec![self.one()];
        all.extend(self.also.iter().map(Self::one));
        if self.either {
            all.join(" or ")
        } else {
            english::list(&all)
        }
    }

    /// Says it again, as something known: "the woman".
    pub(super) fn again(&self) -> String {
        let entry = self.entry();
        let noun = self.noun();
        let named = entry.is_none_or(|e| e.is("name"));
        let one = if named && self.owner.is_none() {
            noun
        } else {
            format!("the {noun}")
        };
        let mut all = vec![one];
        all.extend(self.also.iter().map(Self::again));
        english::list(&all)
    }

    fn noun(&self) -> String {
        let Some((head, before)) = self.words.split_last() else {
            return self.measure.as_deref().map_or_else(
                || "one".to_owned(),
                |m| m.trim_end_matches(" of").to_owned(),
            );
        };
        if head.entry.is_some_and(|e| e.is("group"))
            && let Some((member, lead)) = before.split_last()
        {
            let mut members: Vec<String> = lead.iter().map(attributive).collect();
            members.push(english::plural(member.english()));
            return format!("{} of {}", head.english(), members.join(" "));
        }
        let mut parts: Vec<String> = before.iter().map(attributive).collect();
        let falling = self.adjectives.iter().any(|(_, a)| a == "falling");
        let one = head.english();
        parts.push(
            one.strip_prefix("fallen ")
                .filter(|_| falling)
                .unwrap_or(one)
                .to_owned(),
        );
        let mut noun = parts.join(" ");
        if let Some(measure) = &self.measure {
            let inner = if head.entry.is_some_and(|e| e.is("mass") || e.is("plural"))
                || measure == "piece of"
            {
                noun
            } else {
                english::plural(&noun)
            };
            noun = format!("{measure} {inner}");
        }
        let fixed = head
            .entry
            .is_some_and(|e| e.is("plural") || (e.is("mass") && self.measure.is_none()));
        let foreign = head.entry.is_none() && !head.text.is_ascii();
        if self.noun_is_many() && !fixed && !foreign {
            noun = match head.entry.and_then(|e| e.get("pl")) {
                Some(plural) if self.measure.is_none() => {
                    let plural = plural
                        .strip_prefix("fallen ")
                        .filter(|_| falling)
                        .unwrap_or(plural);
                    parts.pop();
                    parts.push(plural.to_owned());
                    parts.join(" ")
                }
                _ => english::plural(&noun),
            };
        }
        noun
    }

    fn one(&self) -> String {
        let mut adjectives = self.adjectives.clone();
        adjectives.sort_by_key(|(rank, _)| *rank);
        let mut core: Vec<String> = Vec::new();
        for (_, text) in adjectives {
            if !core.contains(&text) {
                core.push(text);
            }
        }
        let (post, mut core): (Vec<_>, Vec<_>) = core
            .into_iter()
            .partition(|a| a.contains(' ') && a.split(' ').count() > 2);
        core.push(self.noun());
        let body = core.join(" ");
        let mut out = format!("{}{body}", self.determiner(&body));
        for phrase in post.iter().chain(&self.after) {
            out.push(' ');
            out.push_str(phrase);
        }
        out
    }

    fn determiner(&self, body: &str) -> String {
        if self.whole {
            return String::new();
        }
        let entry = self.entry();
        let described =
            !self.adjectives.is_empty() || !self.after.is_empty() || self.words.len() > 1;
        if self.owner.is_none()
            && self
                .adjectives
                .iter()
                .any(|(_, a)| DETERMINERS.contains(&a.as_str()) || SEVERAL.contains(&a.as_str()))
        {
            return String::new();
        }
        match (&self.owner, &self.amount) {
            (Some(owner), Some(amount)) if *amount != Amount::Exactly(1) => {
                format!("{} of {owner} ", amount.say())
            }
            (Some(owner), _) => format!("{owner} "),
            (None, Some(Amount::Exactly(1))) => format!("{} ", english::article(body)),
            (None, Some(amount)) => format!("{} ", amount.say()),
            (None, None) if self.known && !entry.is_some_and(|e| e.is("name")) => "the ".to_owned(),
            (None, None) if entry.is_none() => self.unknown_article(body),
            (None, None) if self.measure.is_some() => format!("{} ", english::article(body)),
            (None, None) if entry.is_some_and(|e| e.is("name")) && self.words.len() == 1 => {
                String::new()
            }
            (None, None) if entry.is_some_and(|e| e.is("the")) => {
                if described && entry.is_some_and(|e| e.is("athe")) {
                    format!("{} ", english::article(body))
                } else {
                    "the ".to_owned()
                }
            }
            (None, None)
                if entry.is_some_and(|e| e.is("mass") || e.is("name")) || self.noun_is_many() =>
            {
                String::new()
            }
            (None, None) => format!("{} ", english::article(body)),
        }
    }

    /// A word without English reads as a name; a Latin word in small letters as a common noun.
    fn unknown_article(&self, body: &str) -> String {
        let common = self
            .words
            .last()
            .is_some_and(|w| w.text.starts_with(|c: char| c.is_ascii_lowercase()));
        if common && !self.plural && !body.ends_with('s') {
            format!("{} ", english::article(body))
        } else {
            String::new()
        }
    }
}

/// Gives the form a noun takes before another noun.
fn attributive(word: &Word) -> String {
    word.entry
        .and_then(|e| e.get("adj"))
        .unwrap_or(word.english())
        .to_owned()
}

/// A predicate with all its parts, ready to be said in any shape.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) subject: Option<Np>,
    pub(super) predicate: Predicate,
    /// Replaces the predicate's own English (copula, double subject).
    pub(super) saying: Option<String>,
    pub(super) object: Option<Np>,
    pub(super) dative: Vec<String>,
    pub(super) manner: Vec<String>,
    /// Adverbs that stand before the verb.
    pub(super) early: Vec<String>,
    pub(super) phrases: Vec<String>,
    pub(super) times: Vec<String>,
    /// Adverbial clauses and times said first.
    pub(super) front: Vec<String>,
    /// What the same subject does besides, said first in a participle: "sitting on a bench".
    pub(super) besides: Vec<String>,
}

impl Clause {
    pub(super) fn new(predicate: Predicate) -> Self {
        Self {
            subject: None,
            predicate,
            saying: None,
            object: None,
            dative: Vec::new(),
            manner: Vec::new(),
            early: Vec::new(),
            phrases: Vec::new(),
            times: Vec::new(),
            front: Vec::new(),
            besides: Vec::new(),
        }
    }

    /// Gives the bare verb phrase: "walk", "be cute", "begin to run".
    pub(super) fn base(&self) -> String {
        let entry = self.predicate.entry;
        let plain = self.saying.clone().unwrap_or_else(|| match entry.part {
            Part::Adjective if self.predicate.becomes => {
                format!("grow {}", entry.get("grow").unwrap_or(&entry.english))
            }
            Part::Adjective => format!("be {}", entry.english),
            Part::Noun
            | Part::Verb
            | Part::Adverb
            | Part::Modifier
            | Part::Number
            | Part::Counter => entry.english.clone(),
        });
        match self.predicate.turn {
            Turn::Plain | Turn::Ongoing => plain,
            Turn::Standing => match entry.get("done") {
                Some(result) if !entry.transitive => format!("be {result}"),
                Some(_) | None => plain,
            },
            Turn::Begins => format!("begin to {plain}"),
            Turn::Wants => format!("want to {plain}"),
            Turn::About => format!("be about to {plain}"),
            Turn::Can => format!("can {plain}"),
            Turn::Cannot => format!("cannot {plain}"),
        }
    }

    /// Says it of a subject: "walks in a rainy alley".
    pub(super) fn finite(&self, subject: &Np) -> String {
        let many = subject.many();
        let base = self.base();
        let verb = if self.predicate.negative {
            negated(&base, many)
        } else {
            english::present(&base, many)
        };
        self.whole(&verb, subject.possessive())
    }

    /// Says it as a participle: "walking in a rainy alley".
    pub(super) fn participle(&self, of: &Np) -> String {
        let base = self.base();
        let verb = match base.strip_prefix("be ") {
            Some(rest) => rest.to_owned(),
            None => english::ing(&base),
        };
        let verb = if self.predicate.negative {
            format!("not {verb}")
        } else {
            verb
        };
        let said = self.whole(&verb, of.possessive());
        let mut all: Vec<String> = self
            .besides
            .iter()
            .map(|b| b.replace('~', of.possessive()))
            .collect();
        all.push(said);
        english::list(&all)
    }

    /// Says it as a past participle: "baked in an oven".
    pub(super) fn passive(&self, of: &Np) -> String {
        let base = self.base();
        self.whole(
            &english::done(base.strip_prefix("be ").unwrap_or(&base)),
            of.possessive(),
        )
    }

    /// Says it after "to": "walk in a rainy alley".
    pub(super) fn infinitive(&self, of: &Np) -> String {
        self.whole(&self.base(), of.possessive())
    }

    fn whole(&self, verb: &str, whose: &str) -> String {
        let object = self.object.as_ref().map(|o| {
            let mine = (matches!(o.kind(), Some(Kind::Body))
                || o.entry().is_some_and(|e| e.is("own")))
                && o.owner.is_none()
                && !o.is("연기");
            let said = o.say();
            if mine && o.amount.is_none() {
                own(&said, whose)
            } else {
                said
            }
        });
        let verb = verb.replace('~', whose);
        let mut parts = self.early.clone();
        let be = verb
            .split(' ')
            .next()
            .is_some_and(|w| matches!(w, "is" | "are"));
        if be && !parts.is_empty() {
            let (first, rest) = verb.split_once(' ').unwrap_or((&verb, ""));
            parts.insert(0, first.to_owned());
            parts.push(rest.to_owned());
        } else if let (true, Some(object)) = (verb.contains('@'), &object) {
            parts.push(verb.replace('@', object));
        } else {
            parts.push(verb.replace(" @", ""));
        }
        if !verb.contains('@') {
            parts.extend(object);
        }
        if !be && self.object.is_none() && !(self.phrases.is_empty() && self.dative.is_empty()) {
            let (quick, slow): (Vec<_>, Vec<_>) = self
                .manner
                .iter()
                .partition(|m| m.ends_with("ly") && !m.contains(' '));
            parts.splice(0..0, quick.into_iter().cloned());
            parts.extend(self.dative.iter().cloned());
            parts.extend(slow.into_iter().map(|m| m.replace('~', whose)));
            parts.extend(
                self.phrases
                    .iter()
                    .chain(&self.times)
                    .map(|p| p.replace('~', whose)),
            );
            parts.retain(|p| !p.is_empty());
            return parts.join(" ");
        }
        for group in [&self.dative, &self.manner, &self.phrases, &self.times] {
            parts.extend(group.iter().map(|p| p.replace('~', whose)));
        }
        parts.retain(|p| !p.is_empty());
        parts.join(" ")
    }

    /// Says whether nothing but a subject is filled.
    pub(super) fn simple(&self) -> bool {
        self.object.is_none()
            && self.besides.is_empty()
            && self.dative.is_empty()
            && self.phrases.is_empty()
            && self.times.is_empty()
            && self.manner.is_empty()
            && self.early.is_empty()
            && self.saying.is_none()
    }

    /// Says whether it ends a sentence or joins another clause.
    pub(super) fn link(&self) -> Form {
        self.predicate.form
    }
}

/// Puts "her" where the article was: "an arm" → "her arm".
fn own(said: &str, whose: &str) -> String {
    let bare = ["a ", "an ", "the "]
        .iter()
        .find_map(|article| said.strip_prefix(article))
        .unwrap_or(said);
    format!("{whose} {bare}")
}

fn negated(base: &str, many: bool) -> String {
    if let Some(rest) = base.strip_prefix("be ") {
        return format!("{} not {rest}", if many { "are" } else { "is" });
    }
    if let Some(rest) = base.strip_prefix("can ") {
        return format!("cannot {rest}");
    }
    format!("{} not {base}", if many { "do" } else { "does" })
}

/// Gives the rank of an adjective in English order: opinion, size, quality, age, shape, state, colour, material.
pub(super) fn rank(kind: Kind) -> u8 {
    const ORDER: &[(&[Kind], u8)] = &[
        (&[Kind::Degree, Kind::Count], 0),
        (&[Kind::Opinion, Kind::Feeling], 1),
        (&[Kind::Size], 2),
        (&[Kind::Quality, Kind::Weather, Kind::Light, Kind::Sense], 3),
        (&[Kind::Age], 4),
        (&[Kind::Shape], 5),
        (&[Kind::Colour], 7),
        (&[Kind::Material], 8),
    ];
    ORDER
        .iter()
        .find(|(kinds, _)| kinds.contains(&kind))
        .map_or(6, |(_, rank)| *rank)
}
