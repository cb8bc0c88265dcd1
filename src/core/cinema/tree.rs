//! TOML and JSON read into one shape that remembers lines, so that one reader serves both.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with the line it stands on; JSON has none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) line: Option<usize>,
    pub(super) branch: Branch,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Branch {
    Null,
    Flag(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    List(Vec<Tree>),
    Table(IndexMap<String, Tree>),
}

/// Finds the line of a byte, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

impl Tree {
    /// Reads TOML.
    ///
    /// # Errors
    /// Line and reason when it is no TOML.
    pub(super) fn toml(text: &str) -> Result<Self, (usize, String)> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (line_of(text, at), error.message().to_owned())
        })?;
        Ok(Self {
            line: Some(1),
            branch: Branch::Table(from_table(text, table.into_inner())),
        })
    }

    /// Takes over one parsed TOML value.
    pub(super) fn of_toml(text: &str, value: Spanned<DeValue<'_>>) -> Self {
        let line = Some(line_of(text, value.span().start));
        let branch = match value.into_inner() {
            DeValue::String(string) => Branch::Text(string.into_owned()),
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
                .map_or_else(|_| Branch::Text(n.as_str().to_owned()), Branch::Whole),
            DeValue::Float(n) => n
                .as_str()
                .parse()
                .map_or_else(|_| Branch::Text(n.as_str().to_owned()), Branch::Real),
            DeValue::Boolean(flag) => Branch::Flag(flag),
            DeValue::Datetime(moment) => Branch::Text(moment.to_string()),
            DeValue::Array(items) => Branch::List(
                items
                    .into_iter()
                    .map(|item| Self::of_toml(text, item))
                    .collect(),
            ),
            DeValue::Table(table) => Branch::Table(from_table(text, table)),
        };
        Self { line, branch }
    }

    /// Takes over JSON.
    pub(super) fn json(value: serde_json::Value) -> Self {
        use serde_json::Value;
        let branch = match value {
            Value::Null => Branch::Null,
            Value::Bool(flag) => Branch::Flag(flag),
            Value::Number(n) => n.as_i64().map_or_else(
                || n.as_f64().map_or(Branch::Null, Branch::Real),
                Branch::Whole,
            ),
            Value::String(text) => Branch::Text(text),
            Value::Array(items) => Branch::List(items.into_iter().map(Self::json).collect()),
            Value::Object(map) => Branch::Table(
                map.into_iter()
                    .map(|(key, value)| (key, Self::json(value)))
                    .collect(),
            ),
        };
        Self { line: None, branch }
    }
}

fn from_table(text: &str, table: DeTable<'_>) -> IndexMap<String, Tree> {
    table
        .into_iter()
        .map(|(key, value)| {
            let line = line_of(text, key.span().start);
            let tree = Tree {
                line: Some(line),
                ..Tree::of_toml(text, value)
            };
            (key.into_inner().into_owned(), tree)
        })
        .collect()
}
