//! Reads tables, shipped and the user's: what is wrong with one entry costs that entry alone.

use std::collections::HashSet;
use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::super::rule::Source;
use super::super::shot;
use super::super::tree::{Branch, Tree, line_of};
use super::{Catalog, Preset, Saved, VOCABULARIES, record};
use crate::core::text::scrub;

/// The longest file of tables, in bytes.
const LONGEST: usize = 8 << 20;
/// The longest id, in bytes.
const LONGEST_ID: usize = 96;
/// The most faults that are told of one file.
const MOST_FAULTS: usize = 200;

/// An entry that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The reason.
    pub reason: String,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, reason) = (scrub(&self.file), scrub(&self.reason));
        write!(f, "{file}:{}: {reason}", self.line)
    }
}

/// Gathers tables from file after file; a later entry takes the place of an earlier one with its id.
#[derive(Debug, Default)]
pub(in super::super) struct Loader {
    catalog: Catalog,
    rules: IndexMap<String, Source>,
    presets: Vec<(Bad, Preset)>,
    bad: Vec<Bad>,
    seen: HashSet<(String, String)>,
}

/// What a loader gathered.
#[derive(Debug)]
pub(in super::super) struct Gathered {
    pub(in super::super) catalog: Catalog,
    pub(in super::super) rules: Vec<Source>,
    pub(in super::super) bad: Vec<Bad>,
}

/// Where an entry stands.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
    table: &'a str,
    line: usize,
}

impl Place<'_> {
    fn bad(&self, reason: impl Into<String>) -> Bad {
        Bad {
            file: self.file.to_owned(),
            line: self.line,
            reason: reason.into(),
        }
    }
}

impl Loader {
    /// Reads one file.
    pub(in super::super) fn read(&mut self, file: &str, text: &str) {
        let mut place = Place {
            file,
            text,
            table: "",
            line: 1,
        };
        if text.len() > LONGEST {
            self.bad.push(place.bad("is longer than 8 MiB"));
            return;
        }
        self.seen.clear();
        let before = self.bad.len();
        let (tables, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            place.line = line_of(text, error.span().map_or(0, |span| span.start));
            self.bad.push(place.bad(error.message()));
        }
        for (name, value) in tables.into_inner() {
            let place = Place {
                file,
                text,
                table: name.get_ref(),
                line: line_of(text, name.span().start),
            };
            match value.into_inner() {
                DeValue::Array(entries) => entries
                    .into_iter()
                    .for_each(|entry| self.entry(&place, entry)),
                _ => self.bad.push(place.bad(format!(
                    "write [[{}]]: each entry is a table of its own",
                    place.table
                ))),
            }
        }
        self.bad.truncate(before + MOST_FAULTS);
    }

    /// Ends the reading: presets are held against the tables, now that all are there.
    pub(in super::super) fn finish(mut self) -> Gathered {
        for (mut place, preset) in self.presets {
            match preset.dangling(&self.catalog) {
                None => {
                    self.catalog.presets.insert(preset.id().to_owned(), preset);
                }
                Some(reason) => {
                    place.reason = format!("preset {}: {reason}", preset.id());
                    self.bad.push(place);
                }
            }
        }
        Gathered {
            catalog: self.catalog,
            rules: self.rules.into_values().collect(),
            bad: self.bad,
        }
    }

    fn entry(&mut self, place: &Place<'_>, value: Spanned<DeValue<'_>>) {
        let place = Place {
            line: line_of(place.text, value.span().start),
            ..*place
        };
        if let Err(bad) = self.file_away(&place, value) {
            self.bad.push(bad);
        }
    }

    fn file_away(&mut self, place: &Place<'_>, value: Spanned<DeValue<'_>>) -> Result<(), Bad> {
        match place.table {
            "camera" => {
                let row: record::Camera = self.row(place, value, |row: &record::Camera| &row.id)?;
                sound(place, &row.id, row.wrong())?;
                self.catalog.cameras.insert(row.id.clone(), row);
            }
            "lens" => {
                let row: record::Lens = self.row(place, value, |row: &record::Lens| &row.id)?;
                sound(place, &row.id, row.wrong())?;
                self.catalog.lenses.insert(row.id.clone(), row);
            }
            "stock" => {
                let row: record::Stock = self.row(place, value, |row: &record::Stock| &row.id)?;
                sound(place, &row.id, row.wrong())?;
                self.catalog.stocks.insert(row.id.clone(), row);
            }
            "source" => {
                let row: record::Light = self.row(place, value, |row: &record::Light| &row.id)?;
                sound(place, &row.id, row.wrong())?;
                self.catalog.lights.insert(row.id.clone(), row);
            }
            "model" => {
                let row: record::Target = self.row(place, value, |row: &record::Target| &row.id)?;
                self.catalog.targets.insert(row.id.clone(), row);
            }
            "camera_phrase" => {
                let row: record::Phrase =
                    self.row(place, value, |row: &record::Phrase| &row.movement)?;
                self.catalog.phrases.insert(row.movement.clone(), row);
            }
            "rule" => {
                let mut row: Source = self.row(place, value, |row: &Source| &row.id)?;
                place.file.clone_into(&mut row.file);
                row.line = place.line;
                self.rules.insert(row.id.clone(), row);
            }
            "preset" => {
                let preset = self.preset(place, value)?;
                self.presets.push((place.bad(""), preset));
            }
            vocabulary if VOCABULARIES.contains(&vocabulary) => {
                let row: record::Term = self.row(place, value, |row: &record::Term| &row.id)?;
                sound(place, &row.id, row.wrong(vocabulary))?;
                let terms = self.catalog.terms.entry(vocabulary.to_owned()).or_default();
                terms.insert(row.id.clone(), row);
            }
            other => return Err(place.bad(unknown_table(other))),
        }
        Ok(())
    }

    /// Reads one entry and sees to it that its id is one, and is there once in the file.
    fn row<T: DeserializeOwned>(
        &mut self,
        place: &Place<'_>,
        value: Spanned<DeValue<'_>>,
        id: impl Fn(&T) -> &String,
    ) -> Result<T, Bad> {
        let row = T::deserialize(ValueDeserializer::from(value)).map_err(|error| {
            let line = error
                .span()
                .map_or(place.line, |span| line_of(place.text, span.start));
            Bad {
                line: line.max(place.line),
                ..place.bad(error.message())
            }
        })?;
        self.first(place, id(&row))?;
        Ok(row)
    }

    fn first(&mut self, place: &Place<'_>, id: &str) -> Result<(), Bad> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(fits) {
            return Err(place.bad(format!(
                "{id:?} is no id: use letters, digits, . _ - and at most {LONGEST_ID} bytes"
            )));
        }
        if !self.seen.insert((place.table.to_owned(), id.to_owned())) {
            return Err(place.bad(format!("{id:?} stands twice; the first one is used")));
        }
        Ok(())
    }

    /// Reads a preset: a film has rigs, a drawn style a domain, a kept shot a shot.
    fn preset(&mut self, place: &Place<'_>, value: Spanned<DeValue<'_>>) -> Result<Preset, Bad> {
        let has = |key: &str| value.get_ref().get(key).is_some();
        if has("shot") {
            return self.saved(place, Tree::of_toml(place.text, value));
        }
        if has("domain") {
            let style = self.row(place, value, |row: &super::Drawn| &row.id)?;
            return Ok(Preset::Drawn(Box::new(style)));
        }
        let film = self.row(place, value, |row: &super::Filmed| &row.id)?;
        Ok(Preset::Filmed(Box::new(film)))
    }

    fn saved(&mut self, place: &Place<'_>, tree: Tree) -> Result<Preset, Bad> {
        let Branch::Table(mut table) = tree.branch else {
            return Err(place.bad("a preset is a table"));
        };
        let mut word = |key: &str| match table.shift_remove(key).map(|tree| tree.branch) {
            Some(Branch::Text(text)) => Some(text),
            _ => None,
        };
        let (id, title, label_ko) = (word("id"), word("title"), word("label_ko"));
        let id = id.ok_or_else(|| place.bad("a preset needs an id"))?;
        self.first(place, &id)?;
        let read = table.shift_remove("shot").map(shot::read_tree);
        let read = read.unwrap_or_default();
        if let Some(slip) = read.slips.first() {
            return Err(Bad {
                line: slip.line.unwrap_or(place.line),
                ..place.bad(slip.message.clone())
            });
        }
        Ok(Preset::Saved(Box::new(Saved {
            title: title.unwrap_or_else(|| id.clone()),
            id,
            label_ko,
            shot: read.shot,
        })))
    }
}

fn sound(place: &Place<'_>, id: &str, wrong: Option<String>) -> Result<(), Bad> {
    wrong.map_or(Ok(()), |reason| {
        Err(place.bad(format!("{} {id}: {reason}", place.table)))
    })
}

fn unknown_table(name: &str) -> String {
    use crate::core::workflow::near::nearest;
    let others = [
        "camera", "lens", "stock", "source", "rule", "preset", "model",
    ];
    let near = nearest(name, others.into_iter().chain(VOCABULARIES), 1);
    match near.first() {
        Some(near) => format!("there are no [[{name}]] tables; did you mean [[{near}]]?"),
        None => format!("there are no [[{name}]] tables"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_entry_is_named_with_its_line_and_the_rest_loads() {
        let text = r#"
[[stock]]
id = "good"
maker = "A"
name = "Good"
from_year = 1950
iso = 50
balance = "bw"
color = false
gauges = ["35mm"]
kind = "negative"

[[stock]]
id = "no-year"
maker = "A"

[[stock]]
id = "odd balance"
maker = "A"

[[stock]]
id = "odd"
maker = "A"
name = "Odd"
from_year = 1950
iso = 50
balance = "moonlight"
color = false
gauges = ["35mm"]
kind = "negative"

[[lense]]
id = "x"

[[preset]]
id = "p"
title = "P"
shot = { camra = "x" }

[mood]
id = "lost"
"#;
        let mut loader = Loader::default();
        loader.read("own.toml", text);
        let gathered = loader.finish();
        let said: Vec<String> = gathered.bad.iter().map(ToString::to_string).collect();
        assert_eq!(gathered.catalog.stocks.len(), 1, "{said:#?}");
        let expected = [
            ("own.toml:13: ", "missing field"),
            ("own.toml:17: ", "missing field"),
            ("own.toml:21: ", "moonlight"),
            ("own.toml:32: ", "did you mean [[lens]]"),
            ("own.toml:38: ", "camera"),
            ("own.toml:40: ", "[[mood]]"),
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, (place, reason)) in said.iter().zip(expected) {
            assert!(said.starts_with(place) && said.contains(reason), "{said}");
        }
    }

    #[test]
    fn a_user_entry_takes_the_place_of_the_shipped_one() {
        let row = |name: &str| {
            format!(
                "[[mood]]\nid = \"calm\"\nlabel_en = \"{name}\"\nlabel_ko = \"고요\"\nprompt = \"calm\"\n"
            )
        };
        let mut loader = Loader::default();
        loader.read("shipped.toml", &row("Calm"));
        loader.read("own.toml", &row("Still"));
        let gathered = loader.finish();
        assert_eq!(gathered.bad, []);
        assert_eq!(
            gathered.catalog.term("mood", "calm").unwrap().label_en,
            "Still"
        );
    }
}
