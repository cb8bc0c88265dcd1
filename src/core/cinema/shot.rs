//! The configuration of a shot: which camera, lens, light and movement, in which year, told in which words.

mod read;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::{Map, json};

use super::catalog::Catalog;
use super::field::{Field, Ids, Kind};
use super::value::Value;
use crate::core::workflow::near::nearest;

pub(super) use read::read_tree;

/// A shot: a value for some of the fields, what was waived, and where each value came from.
///
/// A draft may lack anything; two shots can be compared field by field with [`Shot::changes_to`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shot {
    values: BTreeMap<Field, Value>,
    origins: BTreeMap<Field, Origin>,
    /// Rules that somebody decided to pass over.
    pub waivers: Vec<Waiver>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Chosen by a person.
    Own,
    /// Taken from a preset.
    Preset(String),
    /// Set by a fix.
    Fix,
}

/// A rule that somebody decided to pass over in one shot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The rule.
    pub rule: String,
    /// Why; never empty.
    pub reason: String,
    /// The last day it holds; for good when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// One difference between two shots.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field.
    pub field: Field,
    /// What it was.
    pub from: Option<Value>,
    /// What it is.
    pub to: Option<Value>,
}

/// What was read of a configuration, and what could not be.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// The shot, with everything that could be read.
    pub shot: Shot,
    /// What could not.
    pub slips: Vec<Slip>,
    /// The line of each field, from 1; none in JSON.
    pub lines: BTreeMap<Field, usize>,
}

/// Something in a configuration that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// What sort.
    pub kind: SlipKind,
    /// The line, where known.
    pub line: Option<usize>,
    /// The path of the key.
    pub path: String,
    /// What is wrong, for people.
    pub message: String,
    /// The same in Korean.
    pub message_ko: String,
    /// The nearest valid words, best first.
    pub near: Vec<String>,
}

/// Sorts of slips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlipKind {
    /// No field has this name.
    UnknownKey,
    /// The value is not of the field's kind.
    WrongKind,
    /// The id is in no table.
    UnknownId,
    /// A waiver without rule, reason or readable date.
    BadWaiver,
}

impl SlipKind {
    /// The rule id that a finding about it carries.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::UnknownKey => "input.unknown-key",
            Self::WrongKind => "input.wrong-kind",
            Self::UnknownId => "input.unknown-id",
            Self::BadWaiver => "input.bad-waiver",
        }
    }
}

impl Shot {
    /// Reads TOML: the fields at the top, or under one `shot` table.
    ///
    /// # Errors
    /// Line and reason when the text is no TOML; everything else becomes a [`Slip`].
    pub fn from_toml(text: &str) -> Result<Read, (usize, String)> {
        super::tree::Tree::toml(text).map(read_tree)
    }

    /// Reads JSON of the same shape.
    #[must_use]
    pub fn from_json(value: serde_json::Value) -> Read {
        read_tree(super::tree::Tree::json(value))
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.values.get(&field)
    }

    /// The id or text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field)?.text()
    }

    /// Sets a field, as chosen by a person.
    pub fn set(&mut self, field: Field, value: impl Into<Value>) {
        self.put(field, Some(value.into()), Origin::Own);
    }

    /// Sets or clears a field and notes where the value came from.
    pub fn put(&mut self, field: Field, value: Option<Value>, origin: Origin) {
        self.origins.remove(&field);
        let Some(value) = value else {
            self.values.remove(&field);
            return;
        };
        self.values.insert(field, value);
        match origin {
            Origin::Own => {}
            Origin::Preset(_) | Origin::Fix => {
                self.origins.insert(field, origin);
            }
        }
    }

    /// Where the value of a field came from; none when it has no value.
    #[must_use]
    pub fn origin(&self, field: Field) -> Option<&Origin> {
        self.get(field)?;
        Some(self.origins.get(&field).unwrap_or(&Origin::Own))
    }

    /// Its values, in the order of the form.
    pub fn values(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.values.iter().map(|(field, value)| (*field, value))
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Lists what differs in another shot, in the order of the form.
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        Field::all()
            .filter(|field| self.get(*field) != other.get(*field))
            .map(|field| Change {
                field,
                from: self.get(field).cloned(),
                to: other.get(field).cloned(),
            })
            .collect()
    }

    /// Lists ids that no table has, with the nearest ones.
    #[must_use]
    pub fn unknown_ids(&self, catalog: &Catalog) -> Vec<Slip> {
        let mut slips = Vec::new();
        for (field, value) in self.values() {
            let (Kind::Pick(ids) | Kind::Picks(ids)) = field.kind() else {
                continue;
            };
            for id in value.ids() {
                if !catalog.has(ids, id) {
                    slips.push(unknown_id(catalog, field, ids, id));
                }
            }
        }
        slips
    }

    /// Writes it as JSON, of the shape that [`Shot::from_json`] reads.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut top = Map::new();
        for (field, value) in self.values() {
            let mut table = &mut top;
            for word in field
                .group()
                .path()
                .split('.')
                .filter(|word| !word.is_empty())
            {
                let inner = table.entry(word).or_insert_with(|| json!({}));
                let Some(inner) = inner.as_object_mut() else {
                    return json!({});
                };
                table = inner;
            }
            table.insert(field.key().to_owned(), value.to_json());
        }
        let origins: Map<_, _> = self
            .origins
            .iter()
            .filter_map(|(field, origin)| Some((field.name().to_owned(), origin.word()?.into())))
            .collect();
        if !origins.is_empty() {
            top.insert("origins".to_owned(), origins.into());
        }
        if !self.waivers.is_empty() {
            top.insert("waivers".to_owned(), json!(self.waivers));
        }
        top.into()
    }

    /// Writes it as TOML, of the shape that [`Shot::from_toml`] reads.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.to_json()).unwrap_or_default()
    }
}

impl Origin {
    /// Reads it as files write it: `preset:ID` or `fix`; anything else is a person's own.
    fn from_word(word: &str) -> Self {
        match word.strip_prefix("preset:") {
            Some(id) => Self::Preset(id.to_owned()),
            None if word == "fix" => Self::Fix,
            None => Self::Own,
        }
    }

    /// Writes it for files; a person's own choice needs no word.
    #[must_use]
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Own => None,
            Self::Preset(id) => Some(format!("preset:{id}")),
            Self::Fix => Some("fix".to_owned()),
        }
    }
}

impl Serialize for Shot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

fn unknown_id(catalog: &Catalog, field: Field, ids: Ids, id: &str) -> Slip {
    let entries = catalog.entries(ids);
    let mut near = nearest(id, entries.iter().map(|entry| entry.id), 3);
    if near.is_empty() {
        let labels = entries
            .iter()
            .flat_map(|entry| [entry.label, entry.label_ko]);
        let said = nearest(id, labels, 1);
        near = entries
            .iter()
            .filter(|entry| said.iter().any(|s| s == entry.label || s == entry.label_ko))
            .map(|entry| entry.id.to_owned())
            .collect();
    }
    let (hint, hint_ko) = match near.as_slice() {
        [] => (String::new(), String::new()),
        near => (
            format!(" The nearest: {}.", near.join(", ")),
            format!(" 비슷한 이름: {}.", near.join(", ")),
        ),
    };
    Slip {
        kind: SlipKind::UnknownId,
        line: None,
        path: field.name().to_owned(),
        message: format!("There is no {:?} for {}.{hint}", id, field.name()),
        message_ko: format!(
            "{} 목록에 {id:?}이(가) 없습니다.{hint_ko}",
            field.label_ko()
        ),
        near,
    }
}

#[cfg(test)]
mod tests {
    use super::SlipKind::{BadWaiver, UnknownKey, WrongKind};
    use super::*;

    const TEXT: &str = r#"
year = 1975
camera = "panavision-panaflex"
mood = ["tense", "tense"]
fps = 24

[lens]
id = "cooke-s4i"
focal_mm = 50

[lighting.source]
id = "hmi"

[[waivers]]
rule = "lens.not-yet-made"
reason = "the director's own glass"
until = 2026-12-31
"#;

    #[test]
    fn a_configuration_survives_toml_and_json() {
        let read = Shot::from_toml(TEXT).unwrap();
        assert_eq!(read.slips, []);
        assert_eq!(read.lines[&Field::LENS], 8);
        let shot = read.shot;
        assert_eq!(shot.text(Field::CAMERA), Some("panavision-panaflex"));
        assert_eq!(shot.get(Field::FOCAL), Some(&Value::Real(50.0)));
        assert_eq!(
            shot.get(Field::find("mood").unwrap()).unwrap().ids(),
            ["tense"]
        );
        let again = Shot::from_toml(&shot.to_toml()).unwrap();
        assert_eq!((again.shot, again.slips), (shot.clone(), vec![]));
        let again = Shot::from_json(shot.to_json());
        assert_eq!((again.shot, again.slips), (shot.clone(), vec![]));
        let under = Shot::from_json(json!({"shot": shot.to_json()}));
        assert_eq!(under.shot, shot);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_is_kept() {
        let text = "year = \"soon\"\nsizee = \"wide\"\nangle = \"low\"\n[camera]\nwieght_kg = 3\n\
                    [[waivers]]\nrule = \"x\"\n[[waivers]]\nrule = \"y\"\nreason = \"z\"\nuntil = \"never\"\n";
        let read = Shot::from_toml(text).unwrap();
        let said: Vec<_> = read
            .slips
            .iter()
            .map(|slip| (slip.line.unwrap(), slip.kind, slip.near.join(" ")))
            .collect();
        assert_eq!(
            said,
            [
                (1, WrongKind, String::new()),
                (2, UnknownKey, "size".to_owned()),
                (5, UnknownKey, "camera.weight_kg".to_owned()),
                (6, BadWaiver, String::new()),
                (8, BadWaiver, String::new()),
            ]
        );
        assert_eq!(read.shot.text(Field::find("angle").unwrap()), Some("low"));
    }

    #[test]
    fn where_a_value_came_from_is_kept_with_it() {
        let mut shot = Shot::default();
        shot.put(
            Field::CAMERA,
            Some("x".into()),
            Origin::Preset("chinatown".to_owned()),
        );
        shot.set(Field::LENS, "y");
        let again = Shot::from_toml(&shot.to_toml()).unwrap().shot;
        assert_eq!(
            again.origin(Field::CAMERA),
            Some(&Origin::Preset("chinatown".to_owned()))
        );
        assert_eq!(again.origin(Field::LENS), Some(&Origin::Own));
        assert_eq!(again.origin(Field::STOCK), None);
    }
}
