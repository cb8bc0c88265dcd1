//! Text to chunks: each word of an idea with what it is and what role it plays.

mod hangul_word;
mod idiom;
mod merge;
mod token;

use super::conjugation::Form;
use super::english;
use super::lexicon::{Entry, Kind, Lexicon, Reading};
use super::particle::Role;

/// A word of a noun chunk: known, or as typed.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) entry: Option<&'static Entry>,
    /// As typed, without particle.
    pub(super) text: String,
}

impl Word {
    pub(super) fn known(entry: &'static Entry) -> Self {
        Self {
            entry: Some(entry),
            text: entry.head.clone(),
        }
    }

    /// Gives its English, or the word itself.
    pub(super) fn english(&self) -> &str {
        self.entry
            .map_or(self.text.as_str(), |entry| entry.english.as_str())
    }
}

/// How many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Exactly(u32),
    Some(String),
}

impl Amount {
    pub(super) fn say(&self) -> String {
        match self {
            Self::Exactly(n) => english::number(*n),
            Self::Some(word) => word.clone(),
        }
    }
}

/// A noun with its compounds, particle and number.
#[derive(Clone, Debug)]
pub(super) struct Noun {
    pub(super) words: Vec<Word>,
    pub(super) role: Role,
    pub(super) plural: bool,
    pub(super) amount: Option<Amount>,
    /// "cup of", from a counter.
    pub(super) measure: Option<String>,
}

impl Noun {
    pub(super) fn head(&self) -> Option<&Word> {
        self.words.last()
    }

    pub(super) fn entry(&self) -> Option<&'static Entry> {
        self.head().and_then(|word| word.entry)
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.entry().map(|entry| entry.kind)
    }
}

/// A conjugated word with its auxiliaries resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Predicate {
    pub(super) entry: &'static Entry,
    pub(super) form: Form,
    pub(super) becomes: bool,
    pub(super) negative: bool,
    pub(super) turn: Turn,
    /// The idiom that swallowed a noun, so that its role is known to be filled.
    pub(super) full: bool,
}

/// What an auxiliary adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Plain,
    /// Going on (-고 있다).
    Ongoing,
    /// Standing as a result (-아 있다).
    Standing,
    Begins,
    Wants,
    About,
    Can,
    Cannot,
}

impl Predicate {
    fn new(reading: Reading) -> Self {
        let Reading {
            entry,
            form,
            becomes,
        } = reading;
        Self {
            entry,
            form,
            becomes,
            negative: false,
            turn: Turn::Plain,
            full: false,
        }
    }
}

/// One unit of an idea.
#[derive(Clone, Debug)]
pub(super) enum Chunk {
    Noun(Noun),
    Predicate(Predicate),
    Adverb(&'static Entry),
    /// English that stands before a noun.
    Modifier(Kind, String),
    Amount(Amount),
    /// A counter with the particle it carries.
    Counter(&'static Entry, Role),
    /// A word nothing is known about, before a noun.
    Foreign(String),
    /// A conjugated word nothing is known about.
    Unread(String, Form),
    Comma,
    Stop,
}

/// What reading an idea gives.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) chunks: Vec<Chunk>,
    pub(super) unknown: Vec<super::Unknown>,
}

/// Reads an idea word by word, then joins numbers with nouns, idioms and auxiliaries.
pub(super) fn read(lexicon: &'static Lexicon, idea: &str) -> Read {
    let tokens = token::split(idea);
    let mut reader = hangul_word::Reader {
        lexicon,
        idea,
        out: Read::default(),
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += reader
            .phrase(tokens.get(at..).unwrap_or_default())
            .unwrap_or_else(|| {
                reader.token(token, tokens.get(at + 1));
                1
            });
    }
    let mut read = reader.out;
    read.chunks = merge::all(lexicon, read.chunks);
    read
}
