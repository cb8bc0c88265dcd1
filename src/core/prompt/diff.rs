//! Word-level differences between two revisions of a prompt, and their way back.

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, TextDiff};
use thiserror::Error;

/// Names what an operation does to the old text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpKind {
    /// Both texts have it.
    Equal,
    /// Only the new text has it.
    Insert,
    /// Only the old text has it.
    Delete,
    /// One run of words stands where another stood.
    Replace,
}

/// One step from the old text to the new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// What happens.
    pub op: OpKind,
    /// The words of the old text, empty for an insertion.
    pub old: String,
    /// The words of the new text, empty for a deletion.
    pub new: String,
    /// Where in the old text, in Unicode scalars, `[start, end)`.
    pub old_range: [usize; 2],
    /// Where in the new text, in Unicode scalars, `[start, end)`.
    pub new_range: [usize; 2],
}

/// The whole difference, as `rushes diff --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// What was compared; always `word`.
    pub unit: String,
    /// Share of words the texts have in common, 0 to 1, by count over both texts.
    pub similarity: f64,
    /// The steps, in order, covering both texts without gaps.
    pub ops: Vec<Op>,
    /// Words that only the new text has, in order.
    pub added: Vec<String>,
    /// Words that only the old text has, in order.
    pub removed: Vec<String>,
}

/// Says why recorded steps do not belong to a text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Misfit {
    /// The old text does not read what the step expects there.
    #[error(
        "step {step} expects {expected:?} at character {at} of the old text, which does not read so: this difference belongs to another text"
    )]
    OtherText {
        /// Step, counted from one.
        step: usize,
        /// Offset in Unicode scalars.
        at: usize,
        /// What the step says stands there.
        expected: String,
    },
    /// The steps end before the old text does.
    #[error("the steps cover {covered} of {length} characters: the difference is cut short")]
    CutShort {
        /// Scalars the steps account for.
        covered: usize,
        /// Scalars in the old text.
        length: usize,
    },
}

/// Compares two texts word by word (Unicode word boundaries, white space and punctuation kept as their own units).
///
/// Ranges count Unicode scalars, never bytes, so that any editor can use them.
#[must_use]
pub fn words(old: &str, new: &str) -> Diff {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_unicode_words(old, new);
    let old_words: Vec<&str> = diff.iter_old_slices().collect();
    let new_words: Vec<&str> = diff.iter_new_slices().collect();
    let (mut at_old, mut at_new) = (0, 0);
    let mut out = Diff {
        unit: "word".to_owned(),
        similarity: 0.0,
        ops: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    for op in diff.ops() {
        let gone = slice(&old_words, op.old_range());
        let come = slice(&new_words, op.new_range());
        let op = step(*op, gone, come, &mut at_old, &mut at_new);
        if op.op != OpKind::Equal {
            out.removed.extend(named(gone));
            out.added.extend(named(come));
        }
        out.ops.push(op);
    }
    out.similarity = similarity(&out, &old_words, &new_words);
    out
}

fn slice<'a, 'b>(words: &'b [&'a str], range: std::ops::Range<usize>) -> &'b [&'a str] {
    words.get(range).unwrap_or_default()
}

fn step(op: DiffOp, gone: &[&str], come: &[&str], at_old: &mut usize, at_new: &mut usize) -> Op {
    let (old, new) = (gone.concat(), come.concat());
    let kind = match op {
        DiffOp::Equal { .. } => OpKind::Equal,
        DiffOp::Delete { .. } => OpKind::Delete,
        DiffOp::Insert { .. } => OpKind::Insert,
        DiffOp::Replace { .. } => OpKind::Replace,
    };
    let old_range = [*at_old, *at_old + old.chars().count()];
    let new_range = [*at_new, *at_new + new.chars().count()];
    [*at_old, *at_new] = [old_range[1], new_range[1]];
    Op {
        op: kind,
        old,
        new,
        old_range,
        new_range,
    }
}

fn named<'a>(words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    words
        .iter()
        .filter(|w| !w.trim().is_empty())
        .map(|w| (*w).to_owned())
}

/// Counts words only: white space would make any two sentences look alike.
fn similarity(diff: &Diff, old: &[&str], new: &[&str]) -> f64 {
    let all = named(old).count() + named(new).count();
    if all == 0 {
        return 1.0;
    }
    let changed = diff.added.len() + diff.removed.len();
    let [all, changed] = [all, changed].map(|n| f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
    1.0 - changed / all
}

/// Rebuilds the new text from the old one and the recorded steps.
///
/// # Errors
/// [`Misfit`] when the steps were recorded for another text.
pub fn apply(old: &str, ops: &[Op]) -> Result<String, Misfit> {
    let mut rest = old;
    let mut at = 0;
    let mut new = String::with_capacity(old.len());
    for (n, op) in ops.iter().enumerate() {
        rest = rest
            .strip_prefix(op.old.as_str())
            .filter(|_| op.old_range[0] == at)
            .ok_or_else(|| Misfit::OtherText {
                step: n + 1,
                at,
                expected: op.old.clone(),
            })?;
        at += op.old.chars().count();
        new.push_str(if op.op == OpKind::Equal {
            &op.old
        } else {
            &op.new
        });
    }
    if rest.is_empty() {
        Ok(new)
    } else {
        Err(Misfit::CutShort {
            covered: at,
            length: at + rest.chars().count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_changed_word_is_one_replacement_at_its_place() {
        let diff = words("비 오는 골목, a woman walks", "비 오는 거리, a woman walks");
        let change: Vec<&Op> = diff
            .ops
            .iter()
            .filter(|op| op.op != OpKind::Equal)
            .collect();
        assert_eq!(change.len(), 1);
        assert_eq!(
            (change[0].op, change[0].old.as_str(), change[0].new.as_str()),
            (OpKind::Replace, "골목", "거리")
        );
        assert_eq!((change[0].old_range, change[0].new_range), ([5, 7], [5, 7]));
        assert_eq!(
            (diff.added, diff.removed),
            (vec!["거리".to_owned()], vec!["골목".to_owned()])
        );
        assert!(diff.similarity > 0.8 && diff.similarity < 1.0);
    }

    #[test]
    fn steps_recorded_for_another_text_are_refused() {
        let diff = words("a cat sleeps", "a dog sleeps");
        assert!(matches!(
            apply("the cat sleeps", &diff.ops),
            Err(Misfit::OtherText { step: 1, at: 0, .. })
        ));
        assert!(matches!(
            apply("a cat sleeps now", &diff.ops),
            Err(Misfit::CutShort { .. })
        ));
    }

    #[test]
    fn the_record_has_the_promised_shape() {
        let json = serde_json::to_value(words("a", "b")).unwrap();
        let expected = serde_json::json!({"unit":"word","similarity":0.0,
            "ops":[{"op":"replace","old":"a","new":"b","old_range":[0,1],"new_range":[0,1]}],
            "added":["b"],"removed":["a"]});
        assert_eq!(json, expected);
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[가-힣]{1,4}",
            "[a-z]{1,5}",
            "[ \t\n\r\u{a0}\u{3000}\u{2028}]{1,3}",
            "[,.!?'\"-]",
            Just("👩\u{200d}🚀".to_owned()),
            Just("🇰🇷".to_owned()),
            Just("ᄒ\u{1161}ᆫ".to_owned()),
            Just("e\u{301}".to_owned()),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn applying_the_steps_to_the_old_text_gives_the_new_one(old in text(), new in text()) {
            let diff = words(&old, &new);
            prop_assert_eq!(apply(&old, &diff.ops), Ok(new.clone()));
            let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
            for op in &diff.ops {
                prop_assert_eq!(&old[op.old_range[0]..op.old_range[1]].iter().collect::<String>(), &op.old);
                prop_assert_eq!(&new[op.new_range[0]..op.new_range[1]].iter().collect::<String>(), &op.new);
            }
        }

        #[test]
        fn a_small_edit_of_a_long_text_is_undone_by_the_opposite_difference(old in text(), at in 0usize..40, word in "[가-힣]{1,3}") {
            let mut letters: Vec<char> = old.chars().collect();
            letters.splice(at.min(letters.len())..at.min(letters.len()), word.chars());
            let new: String = letters.into_iter().collect();
            prop_assert_eq!(apply(&new, &words(&new, &old).ops), Ok(old));
        }
    }
}
