//! Reads a configuration: whatever its text holds, the answer is a shot and a list of slips.

use std::collections::HashSet;

use indexmap::IndexMap;
use jiff::civil::Date;

use super::super::field::{Field, Group, Kind};
use super::super::tree::{Branch, Tree};
use super::super::value::Value;
use super::{Origin, Read, Slip, SlipKind, Waiver};
use crate::core::text::nfc;
use crate::core::workflow::near::nearest;

/// The longest free text, in characters.
const LONGEST_TEXT: usize = 8_000;
/// The longest id or word, in characters.
const LONGEST_WORD: usize = 200;
/// The longest list.
const LONGEST_LIST: usize = 64;
/// The greatest number of any field, either way.
const GREATEST: i64 = 1_000_000_000;
/// The most slips and waivers that are kept.
const MOST: usize = 200;

/// Reads the fields of a tree, at its top or under one `shot` table.
pub(in super::super) fn read_tree(tree: Tree) -> Read {
    let mut read = Read::default();
    let line = tree.line;
    let Branch::Table(mut table) = tree.branch else {
        read.slip(
            SlipKind::WrongKind,
            line,
            "",
            "a shot is a table",
            "숏은 표여야 합니다",
        );
        return read;
    };
    let under = matches!(table.get("shot"), Some(tree) if matches!(tree.branch, Branch::Table(_)));
    if under && let Some(inner) = table.shift_remove("shot") {
        let Branch::Table(inner) = inner.branch else {
            return read;
        };
        read.table("", inner);
    }
    read.table("", table);
    read
}

impl Read {
    fn slip(&mut self, kind: SlipKind, line: Option<usize>, path: &str, en: &str, ko: &str) {
        if self.slips.len() < MOST {
            self.slips.push(Slip {
                kind,
                line,
                path: path.to_owned(),
                message: en.to_owned(),
                message_ko: ko.to_owned(),
                near: Vec::new(),
            });
        }
    }

    fn table(&mut self, prefix: &str, table: IndexMap<String, Tree>) {
        for (key, tree) in table {
            let path = match prefix {
                "" => key.clone(),
                prefix => format!("{prefix}.{key}"),
            };
            match path.as_str() {
                "waivers" | "waiver" => self.waivers(tree),
                "origins" => self.origins(tree),
                _ => self.key(&path, tree),
            }
        }
    }

    fn key(&mut self, path: &str, tree: Tree) {
        if let Some(field) = Field::all().find(|field| field.path() == path) {
            return self.value(field, tree);
        }
        let group = Group::TABLES.into_iter().find(|group| group.path() == path);
        match (group, tree.branch) {
            (Some(_), Branch::Table(inner)) => self.table(path, inner),
            (Some(Group::Movement), branch @ Branch::Text(_)) => {
                self.value(Field::MOVEMENT, Tree { branch, ..tree });
            }
            (Some(group), branch) if group.owner().is_some() => {
                if let Some(owner) = group.owner() {
                    self.value(owner, Tree { branch, ..tree });
                }
            }
            (Some(_) | None, _) => self.unknown(path, tree.line),
        }
    }

    fn unknown(&mut self, path: &str, line: Option<usize>) {
        let names = Field::all().flat_map(|field| [field.path(), field.name()]);
        let near = nearest(path, names, 1);
        let (hint, hint_ko) = near.first().map_or_else(Default::default, |near| {
            (
                format!(" Did you mean {near}?"),
                format!(" {near}을(를) 뜻하셨나요?"),
            )
        });
        let shown: String = path.chars().take(LONGEST_WORD).collect();
        self.slip(
            SlipKind::UnknownKey,
            line,
            &shown,
            &format!("A shot has no {shown}.{hint}"),
            &format!("숏에는 {shown} 항목이 없습니다.{hint_ko}"),
        );
        if let Some(slip) = self.slips.last_mut() {
            slip.near = near;
        }
    }

    fn value(&mut self, field: Field, tree: Tree) {
        let line = tree.line;
        match value_of(field.kind(), tree) {
            Ok(Some(value)) => {
                self.shot.values.insert(field, value);
                if let Some(line) = line {
                    self.lines.insert(field, line);
                }
            }
            Ok(None) => {}
            Err(wanted) => self.slip(
                SlipKind::WrongKind,
                line,
                field.name(),
                &format!("{} takes {wanted}.", field.name()),
                &format!("{}의 값이 올바르지 않습니다({wanted}).", field.name()),
            ),
        }
    }

    fn waivers(&mut self, tree: Tree) {
        let Branch::List(list) = tree.branch else {
            return self.bad_waiver(tree.line, "waivers are a list of tables");
        };
        for tree in list.into_iter().take(MOST) {
            let line = tree.line;
            match waiver(tree) {
                Ok(waiver) => self.shot.waivers.push(waiver),
                Err(reason) => self.bad_waiver(line, reason),
            }
        }
    }

    fn bad_waiver(&mut self, line: Option<usize>, reason: &str) {
        self.slip(
            SlipKind::BadWaiver,
            line,
            "waivers",
            &format!("This waiver does not count: {reason}."),
            &format!("이 면제는 효력이 없습니다: {reason}."),
        );
    }

    fn origins(&mut self, tree: Tree) {
        let Branch::Table(table) = tree.branch else {
            return;
        };
        for (name, tree) in table {
            if let (Some(field), Branch::Text(word)) = (Field::find(&name), tree.branch) {
                let origin = Origin::from_word(&word);
                if origin != Origin::Own {
                    self.shot.origins.insert(field, origin);
                }
            }
        }
    }
}

fn waiver(tree: Tree) -> Result<Waiver, &'static str> {
    let Branch::Table(mut table) = tree.branch else {
        return Err("it is no table");
    };
    let mut word = |key: &str| match table.shift_remove(key).map(|tree| tree.branch) {
        Some(Branch::Text(text)) if !text.trim().is_empty() => {
            Some(text.chars().take(LONGEST_TEXT).collect::<String>())
        }
        _ => None,
    };
    let rule = word("rule").ok_or("it names no rule")?;
    let reason = word("reason").ok_or("it gives no reason")?;
    let until = word("until")
        .map(|until| until.parse::<Date>())
        .transpose()
        .map_err(|_| "until is no date such as 2026-12-31")?;
    Ok(Waiver {
        rule,
        reason,
        until,
    })
}

/// Fits a value to a kind; `None` for an empty id, which is the same as none.
fn value_of(kind: Kind, tree: Tree) -> Result<Option<Value>, &'static str> {
    match (kind, tree.branch) {
        (_, Branch::Null) => Ok(None),
        (Kind::Flag, Branch::Flag(flag)) => Ok(Some(flag.into())),
        (Kind::Flag, _) => Err("true or false"),
        (Kind::Whole, branch) => whole(&branch)
            .map(|n| Some(n.into()))
            .ok_or("a whole number of at most nine digits"),
        (Kind::Real, branch) => real(&branch)
            .map(|n| Some(n.into()))
            .ok_or("a number below 1,000,000,000"),
        (Kind::Text, Branch::Text(text)) => text_of(&text, LONGEST_TEXT)
            .map(Some)
            .ok_or("text of at most 8,000 characters"),
        (Kind::Pick(_), Branch::Text(text)) if text.is_empty() => Ok(None),
        (Kind::Pick(_), Branch::Text(text)) => text_of(&text, LONGEST_WORD)
            .map(Some)
            .ok_or("an id of at most 200 characters"),
        (Kind::Text | Kind::Pick(_), _) => Err("text"),
        (Kind::Words | Kind::Picks(_), branch) => {
            words(branch).map(Some).ok_or("a list of at most 64 ids")
        }
        (Kind::Reals, Branch::List(list)) if list.len() <= LONGEST_LIST => {
            let numbers: Option<Vec<f64>> = list.iter().map(|tree| real(&tree.branch)).collect();
            numbers
                .map(|numbers| Some(Value::Reals(numbers)))
                .ok_or("a list of numbers")
        }
        (Kind::Reals, _) => Err("a list of at most 64 numbers"),
    }
}

fn text_of(text: &str, longest: usize) -> Option<Value> {
    (text.chars().count() <= longest).then(|| Value::Text(nfc(text).into_owned()))
}

fn whole(branch: &Branch) -> Option<i64> {
    let n = match branch {
        Branch::Whole(n) => *n,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within nine digits, and whole"
        )]
        Branch::Real(n) if n.fract() == 0.0 && n.abs() <= 1e9 => *n as i64,
        _ => return None,
    };
    (-GREATEST..=GREATEST).contains(&n).then_some(n)
}

fn real(branch: &Branch) -> Option<f64> {
    let n = match branch {
        Branch::Real(n) => *n,
        #[expect(
            clippy::cast_precision_loss,
            reason = "beyond 2^52 it is refused below"
        )]
        Branch::Whole(n) => *n as f64,
        _ => return None,
    };
    (n.is_finite() && n.abs() <= 1e9).then_some(n)
}

/// A list of words, each once, in their order; one word alone is a list too.
fn words(branch: Branch) -> Option<Value> {
    let list = match branch {
        Branch::Text(word) => {
            return words(Branch::List(vec![Tree {
                line: None,
                branch: Branch::Text(word),
            }]));
        }
        Branch::List(list) if list.len() <= LONGEST_LIST => list,
        _ => return None,
    };
    let mut seen = HashSet::new();
    let mut words = Vec::new();
    for tree in list {
        match tree.branch {
            Branch::Text(word) if word.chars().count() <= LONGEST_WORD => {
                let word = nfc(&word).into_owned();
                if seen.insert(word.clone()) {
                    words.push(word);
                }
            }
            _ => return None,
        }
    }
    Some(Value::Texts(words))
}
