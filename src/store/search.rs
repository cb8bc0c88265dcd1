//! Full-text search over prompts, for writers in English and Korean.
//!
//! FTS5 cuts words at spaces, and Korean glues particles to its words: 골목 must be found in 골목길을. So each run of
//! Hangul is indexed as its overlapping syllable pairs, closed by its last syllable alone:
//! 골목길 becomes `골목 목길 길`. Then
//! - a word of two or more syllables is a phrase of pairs (골목길 → `"골목 목길"`), found anywhere in a run;
//! - a pair of the next run never follows directly, because the lone syllable stands between;
//! - a single syllable is the beginning of some pair or a lone one: a prefix search.
//!
//! Results come newest first, straight off the index, so a query costs what it shows and not what there is.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::Error;
use crate::core::text::nfc;

/// The longest query that is looked at, in characters; the rest is ignored.
const QUERY: usize = 512;

/// Adds a text to the index under a revision's number.
///
/// # Errors
/// When SQLite refuses.
pub(crate) fn add(conn: &Connection, seq: i64, text: &str) -> Result<(), Error> {
    conn.prepare_cached("INSERT INTO revision_words (rowid, text) VALUES (?1, ?2)")?
        .execute((seq, indexed(text)))?;
    Ok(())
}

/// Writes the FTS5 expression for texts that hold every word of a query; `None` when it holds no word.
///
/// A word that ends in `*` stands for all that begin like it.
#[must_use]
pub(crate) fn every_word(query: &str) -> Option<String> {
    expression(query, " AND ")
}

/// Writes the FTS5 expression for texts that share any word with this one; the caller weighs them with [`likeness`].
#[must_use]
pub(crate) fn any_word(text: &str) -> Option<String> {
    expression(text, " OR ")
}

/// Weighs how much of two texts is the same, from 0 to 1: Dice's coefficient over their index words.
#[must_use]
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (words(one), words(other));
    let all = one.len() + other.len();
    if all == 0 {
        return 0.0;
    }
    let shared = one.intersection(&other).count();
    let part = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    2.0 * part(shared) / part(all)
}

fn expression(query: &str, between: &str) -> Option<String> {
    let terms = terms(query);
    (!terms.is_empty()).then(|| terms.join(between))
}

/// Writes a text as it goes into the index.
fn indexed(text: &str) -> String {
    let text = nfc(text);
    let mut out = String::with_capacity(text.len() * 2);
    for run in runs(&text) {
        match run {
            Run::Hangul(syllables) => {
                out.push(' ');
                for (at, first) in syllables.iter().enumerate() {
                    out.push(*first);
                    out.extend(syllables.get(at + 1));
                    out.push(' ');
                }
            }
            Run::Other(other) => out.push_str(&other),
        }
    }
    out
}

/// Writes a query's words as FTS5 phrases, each quoted so that nothing in it is an operator.
fn terms(query: &str) -> Vec<String> {
    let query: String = nfc(query).chars().take(QUERY).collect();
    let runs = query.split_whitespace().flat_map(|word| {
        let open = word.ends_with('*');
        let mut phrases: Vec<String> = runs(word).filter_map(|run| phrase(&run)).collect();
        if let Some(last) = phrases
            .last_mut()
            .filter(|last| open && !last.ends_with('*'))
        {
            last.push('*');
        }
        phrases
    });
    let unique: BTreeSet<String> = runs.collect();
    unique.into_iter().collect()
}

fn phrase(run: &Run) -> Option<String> {
    match run {
        Run::Hangul(syllables) if syllables.len() == 1 => {
            syllables.first().map(|only| format!("\"{only}\"*"))
        }
        Run::Hangul(syllables) => {
            let pairs: Vec<String> = syllables
                .windows(2)
                .map(|pair| pair.iter().collect())
                .collect();
            Some(format!("\"{}\"", pairs.join(" ")))
        }
        Run::Other(other) => other
            .chars()
            .any(char::is_alphanumeric)
            .then(|| format!("\"{}\"", other.replace(['"', '\0'], " "))),
    }
}

/// Lists the words of a text as the index knows them, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    indexed(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

enum Run {
    Hangul(Vec<char>),
    Other(String),
}

/// Cuts a text where Hangul begins and ends.
fn runs(text: &str) -> impl Iterator<Item = Run> {
    let mut rest = text.chars().peekable();
    std::iter::from_fn(move || {
        let hangul = is_syllable(*rest.peek()?);
        let mut run = Vec::new();
        while let Some(c) = rest.next_if(|c| is_syllable(*c) == hangul) {
            run.push(c);
        }
        Some(if hangul {
            Run::Hangul(run)
        } else {
            Run::Other(run.into_iter().collect())
        })
    })
}

const fn is_syllable(c: char) -> bool {
    matches!(c, '가'..='힣')
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::tests::fresh;
    use super::*;

    fn shelf(texts: &[&str]) -> (tempfile::TempDir, Store) {
        let (folder, store) = fresh();
        for (seq, text) in (1..).zip(texts) {
            add(store.conn(), seq, text).unwrap();
        }
        (folder, store)
    }

    fn find(store: &Store, query: &str, limit: i64) -> Option<Vec<i64>> {
        let sql = "SELECT rowid FROM revision_words WHERE revision_words MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
        let mut statement = store.conn().prepare_cached(sql).unwrap();
        let rows = statement
            .query_map((every_word(query)?, limit), |row| row.get(0))
            .unwrap();
        Some(rows.collect::<Result<_, _>>().unwrap())
    }

    #[test]
    fn hangul_is_indexed_by_pairs_closed_by_the_last_syllable() {
        assert_eq!(
            indexed("골목길 4K영상 rain").trim(),
            "골목 목길 길  4K 영상 상  rain"
        );
        assert_eq!(indexed("\u{1112}\u{1161}\u{11ab}").trim(), "한");
    }

    #[test]
    fn a_word_of_two_syllables_is_found_whatever_clings_to_it() {
        let (_folder, store) = shelf(&[
            "비 오는 골목길을 걷는 사람",
            "A puppy runs through a sunny alley",
            "귀여운 강아지가 뛰노는 밝은 영상. A cute puppy plays, café terrace",
            "강아 아지랑이",
        ]);
        for (query, found) in [
            ("골목", &[1][..]),
            ("목길", &[1]),
            ("강아지", &[3]),
            ("강아지 puppy", &[3]),
            ("puppy", &[3, 2]),
            ("PUPPY", &[3, 2]),
            ("cafe", &[3]),
            ("비", &[1]),
            ("강", &[4, 3]),
            ("pup*", &[3, 2]),
            ("골목길 puppy", &[]),
            ("고양이", &[]),
            ("\u{1100}\u{1169}\u{11af}\u{1106}\u{1169}\u{11a8}", &[1]),
        ] {
            let rows = find(&store, query, 10).unwrap();
            assert_eq!(rows, found, "{query}");
        }
    }

    #[test]
    fn newest_come_first_and_no_more_than_asked() {
        let (_folder, store) = shelf(&["rain", "rain", "sun", "rain"]);
        assert_eq!(find(&store, "rain", 2).unwrap(), [4, 2]);
    }

    #[test]
    fn nothing_a_person_types_is_an_operator_or_an_error() {
        let (_folder, store) = shelf(&["say \"cut\" OR not", "near"]);
        for query in [
            "\"",
            "\"\"\"",
            "a OR",
            "NOT",
            "NEAR(a b)",
            "text:a",
            "^a",
            "-",
            "(",
            "a\0b",
            "cut\"",
            "{}",
            "+ +",
        ] {
            let _no_panic = find(&store, query, 5);
        }
        assert_eq!(find(&store, "\"cut\"", 5).unwrap(), [1]);
        assert_eq!(find(&store, "  - ! ", 5), None);
        let long = "비 ".repeat(10_000);
        assert_eq!(find(&store, &long, 5), Some(vec![]));
    }

    #[test]
    fn likeness_is_one_for_the_same_words_and_none_for_others() {
        for (one, other, low, high) in [
            ("a rainy alley", "Alley, a rainy", 1.0, 1.0),
            ("a rainy alley", "the blue sea", 0.0, 0.0),
            ("비 오는 골목", "비 오는 골목길", 0.7, 0.99),
            ("", "", 0.0, 0.0),
        ] {
            let found = likeness(one, other);
            assert!((low..=high).contains(&found), "{one} / {other}: {found}");
        }
    }
}
