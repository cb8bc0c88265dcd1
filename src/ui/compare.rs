//! Two texts compared, in the shape of `rushes diff`: by words, or by lines where a text is long.

use similar::{ChangeTag, DiffTag, TextDiff};

use crate::core::prompt::diff;

pub use crate::core::prompt::diff::{Diff as Comparison, Op, OpKind as Step};

/// Texts longer than this are compared by lines, so that a comparison stays within a few frames.
const BY_WORD: usize = 64 * 1024;

/// Says whether the texts are the same.
#[must_use]
pub fn is_same(shown: &Comparison) -> bool {
    shown.ops.iter().all(|op| op.op == Step::Equal)
}

/// Writes the record as `rushes diff --json` does.
#[must_use]
pub fn to_json(shown: &Comparison) -> String {
    serde_json::to_string_pretty(shown).unwrap_or_default()
}

/// Compares two texts.
#[must_use]
pub fn compare(old: &str, new: &str) -> Comparison {
    if old.len().max(new.len()) <= BY_WORD {
        return diff::words(old, new);
    }
    let lines = TextDiff::from_lines(old, new);
    let mut shown = Comparison {
        unit: "line".to_owned(),
        similarity: f64::from(lines.ratio()),
        ops: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    let (mut old_at, mut new_at) = (0, 0);
    for step in lines.ops() {
        let (mut before, mut after) = (String::new(), String::new());
        for change in lines.iter_changes(step) {
            if change.tag() != ChangeTag::Insert {
                before.push_str(change.value());
            }
            if change.tag() != ChangeTag::Delete {
                after.push_str(change.value());
            }
        }
        if step.tag() != DiffTag::Equal {
            shown.removed.extend(before.lines().map(str::to_owned));
            shown.added.extend(after.lines().map(str::to_owned));
        }
        shown.ops.push(Op {
            op: kind(step.tag()),
            old_range: span(&mut old_at, &before),
            new_range: span(&mut new_at, &after),
            old: before,
            new: after,
        });
    }
    shown
}

fn span(at: &mut usize, text: &str) -> [usize; 2] {
    let start = *at;
    *at += text.chars().count();
    [start, *at]
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
    fn the_steps_applied_to_the_old_text_give_the_new_one_whatever_the_length() {
        let long = "비 오는 골목\n".repeat(6_000);
        let longer = long.replacen("골목\n", "골목길\n", 3);
        let table = [
            ("", "a"),
            ("비 오는 골목", "비 그친 골목, 네온"),
            ("same", "same"),
            (long.as_str(), longer.as_str()),
        ];
        for (old, new) in table {
            let shown = compare(old, new);
            assert_eq!(diff::apply(old, &shown.ops).unwrap(), new);
            assert_eq!(is_same(&shown), old == new);
        }
    }
}
