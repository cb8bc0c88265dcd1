//! Two texts word by word, in the shape of `rushes diff`.

use std::ops::Range;

use serde::Serialize;
use similar::{ChangeTag, DiffTag, TextDiff};

/// How one text became another.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// What the operations count: `word`, or `line` for long texts.
    pub unit: &'static str,
    /// 0 to 1.
    pub similarity: f64,
    /// Applied in order to the old text, they give the new one exactly.
    pub ops: Vec<Op>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Op {
    /// Kind of step.
    pub op: Step,
    /// Text in the old one.
    pub old: String,
    /// Text in the new one.
    pub new: String,
    /// Unicode scalar offsets `[start, end)` in the old one.
    pub old_range: [usize; 2],
    /// Unicode scalar offsets `[start, end)` in the new one.
    pub new_range: [usize; 2],
}

/// Kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The same in both.
    Equal,
    /// Only in the new one.
    Insert,
    /// Only in the old one.
    Delete,
    /// One for the other.
    Replace,
}

impl Comparison {
    /// Says whether the texts are the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.ops.iter().all(|op| op.op == Step::Equal)
    }

    /// Writes the record as `rushes diff --json` does.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Texts longer than this are compared by lines, so that a comparison stays within a frame or two.
const BY_WORD: usize = 64 * 1024;

/// Compares two texts.
#[must_use]
pub fn compare(old: &str, new: &str) -> Comparison {
    let long = old.len().max(new.len()) > BY_WORD;
    let (unit, diff) = if long {
        ("line", TextDiff::from_lines(old, new))
    } else {
        ("word", TextDiff::from_unicode_words(old, new))
    };
    let mut ops = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    for step in diff.ops() {
        let (mut before, mut after) = (String::new(), String::new());
        for change in diff.iter_changes(step) {
            match change.tag() {
                ChangeTag::Equal => {
                    before.push_str(change.value());
                    after.push_str(change.value());
                }
                ChangeTag::Delete => before.push_str(change.value()),
                ChangeTag::Insert => after.push_str(change.value()),
            }
        }
        let old_range = span(&mut old_at, &before);
        let new_range = span(&mut new_at, &after);
        ops.push(Op {
            op: kind(step.tag()),
            old: before,
            new: after,
            old_range: [old_range.start, old_range.end],
            new_range: [new_range.start, new_range.end],
        });
    }
    Comparison {
        unit,
        similarity: f64::from(diff.ratio()),
        ops,
    }
}

fn span(at: &mut usize, text: &str) -> Range<usize> {
    let start = *at;
    *at += text.chars().count();
    start..*at
}

const fn kind(tag: DiffTag) -> Step {
    match tag {
        DiffTag::Equal => Step::Equal,
        DiffTag::Insert => Step::Insert,
        DiffTag::Delete => Step::Delete,
        DiffTag::Replace => Step::Replace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_applied_to_the_old_text_give_the_new_one() {
        let table = [
            ("", "a"),
            ("비 오는 골목", "비 그친 골목, 네온"),
            ("A slow push in.", "A slow push in on wet neon."),
            ("same", "same"),
        ];
        for (old, new) in table {
            let comparison = compare(old, new);
            let before: String = comparison.ops.iter().map(|op| op.old.as_str()).collect();
            let after: String = comparison.ops.iter().map(|op| op.new.as_str()).collect();
            assert_eq!((before.as_str(), after.as_str()), (old, new));
            assert_eq!(comparison.is_same(), old == new);
        }
    }
}
