//! Text to written words, each with its place counted in Unicode scalars.

use super::super::hangul::is_hangul;

/// One run of letters between spaces and stops, or one stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    /// First scalar in the idea.
    pub(super) start: usize,
    pub(super) kind: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Comma,
    Stop,
}

impl Token {
    /// Splits into runs of Hangul and of everything else, with their offsets.
    pub(super) fn runs(&self) -> Vec<(String, usize, bool)> {
        let mut out: Vec<(String, usize, bool)> = Vec::new();
        for (at, c) in self.text.chars().enumerate() {
            let hangul = is_hangul(c);
            match out.last_mut() {
                Some((text, _, same)) if *same == hangul => text.push(c),
                _ => out.push((c.to_string(), self.start + at, hangul)),
            }
        }
        out
    }

    pub(super) fn all_hangul(&self) -> bool {
        self.kind == TokenKind::Word && self.text.chars().all(is_hangul)
    }
}

fn kind(c: char) -> Option<TokenKind> {
    match c {
        ',' | '、' | '·' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”'
        | '‘' | '「' | '」' | '/' | '~' | '—' | '–' | '*' | '#' => Some(TokenKind::Comma),
        '.' | '!' | '?' | '…' | '。' => Some(TokenKind::Stop),
        _ => None,
    }
}

/// Splits an idea. A stop inside a figure or word (2.39:1, it's) belongs to it; a line break ends a sentence.
pub(super) fn split(idea: &str) -> Vec<Token> {
    let letters: Vec<char> = idea.chars().collect();
    let mut out = Vec::new();
    let mut word = String::new();
    let inside = |at: usize| {
        let near = |at: Option<usize>| {
            at.and_then(|at| letters.get(at))
                .is_some_and(char::is_ascii_alphanumeric)
        };
        near(at.checked_sub(1)) && near(Some(at + 1))
    };
    for (at, c) in letters.iter().copied().chain(['\n']).enumerate() {
        let stop = kind(c).filter(|_| !(matches!(c, '.' | ':' | '/') && inside(at)));
        if !c.is_whitespace() && stop.is_none() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let text = std::mem::take(&mut word);
            let start = at - text.chars().count();
            out.push(Token {
                text,
                start,
                kind: TokenKind::Word,
            });
        }
        let stop = if c == '\n' {
            Some(TokenKind::Stop)
        } else {
            stop
        };
        if let Some(kind) = stop {
            out.push(Token {
                text: c.to_string(),
                start: at,
                kind,
            });
        }
    }
    out
}
