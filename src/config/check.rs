//! Reads one layer after the other and says, by file and line, what is wrong with each.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, Table, TableLike};

use super::WorkerEntry;
use super::keys::{self, KEYS, Key, Value, WORKER, Wrong, nearest};
use crate::core::job::HeaderFiles;
use crate::core::text::scrub;

/// A file's text and how far it may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its name in messages.
    pub name: String,
    /// What it says, in TOML.
    pub text: String,
    /// What it may set.
    pub reach: Reach,
}

/// What a file may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything: it is the user's own.
    User,
    /// Only how clips are made. A project folder may come from a stranger, and must not be able to send the
    /// user's keys to a worker of its choice.
    Project,
}

/// What is wrong with a file or a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the variable.
    pub file: String,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The nearest valid word.
    pub nearest: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", scrub(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", scrub(&self.message))?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

impl Fault {
    /// Says that a file cannot be read.
    pub(super) fn of_file(file: &Path, error: &io::Error) -> Self {
        Self {
            file: file.display().to_string(),
            line: None,
            message: format!("cannot be read: {error}"),
            nearest: None,
        }
    }
}

/// The values so far, and what was wrong on the way.
#[derive(Debug)]
pub(super) struct Sheet {
    values: BTreeMap<&'static str, Value>,
    pub(super) origins: BTreeMap<&'static str, String>,
    pub(super) workers: Vec<WorkerEntry>,
    pub(super) faults: Vec<Fault>,
}

impl Sheet {
    /// Begins with the shipped values; a test keeps them complete and without fault.
    pub(super) fn shipped(text: &str) -> Self {
        let mut sheet = Self {
            values: BTreeMap::new(),
            origins: BTreeMap::new(),
            workers: Vec::new(),
            faults: Vec::new(),
        };
        sheet.lay(&Layer {
            name: "shipped".to_owned(),
            text: text.to_owned(),
            reach: Reach::User,
        });
        sheet
    }

    /// Lays a file over what is there.
    pub(super) fn lay(&mut self, layer: &Layer) {
        match Document::parse(layer.text.as_str()) {
            Ok(document) => Page { sheet: self, layer }.read(document.as_table()),
            Err(error) => {
                let message = error.message().to_owned();
                let line = error.span().map(|span| line_of(&layer.text, span.start));
                self.faults.push(Fault {
                    file: layer.name.clone(),
                    line,
                    message: format!("not TOML: {message}"),
                    nearest: None,
                });
            }
        }
    }

    /// Sets a key from its `RUSHES_*` variable; a variable that is not ours is passed over.
    pub(super) fn set_from_environment(&mut self, name: &str, value: &str) {
        if !name.starts_with("RUSHES_") || keys::OTHER_VARIABLES.contains(&name) {
            return;
        }
        let checked = match KEYS.iter().find(|key| key.variable() == name) {
            Some(key) if key.is_number() => match value.trim().parse() {
                Ok(number) => key.accept_number(number).map(|value| (key, value)),
                Err(_) => key.accept_text(value).map(|value| (key, value)),
            },
            Some(key) => key.accept_text(value).map(|value| (key, value)),
            None => Err(unknown_variable(name)),
        };
        match checked {
            Ok((key, value)) => self.set(key, value, name),
            Err(wrong) => self.faults.push(Fault {
                file: name.to_owned(),
                line: None,
                message: wrong.message,
                nearest: wrong.nearest,
            }),
        }
    }

    /// Reads a text; empty where the key holds none.
    pub(super) fn text(&self, key: &str) -> String {
        match self.values.get(key) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Number(_)) | None => String::new(),
        }
    }

    /// Reads a number; 0 where the key holds none.
    pub(super) fn number(&self, key: &str) -> f64 {
        match self.values.get(key) {
            Some(Value::Number(number)) => *number,
            Some(Value::Text(_)) | None => 0.0,
        }
    }

    /// Reads a whole number; 0 where the key holds none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be whole and within the bounds of its key"
    )]
    pub(super) fn whole(&self, key: &str) -> u64 {
        self.number(key) as u64
    }

    fn set(&mut self, key: &Key, value: Value, origin: &str) {
        self.values.insert(key.path, value);
        self.origins.insert(key.path, origin.to_owned());
    }
}

fn unknown_variable(name: &str) -> Wrong {
    let variables: Vec<String> = KEYS.iter().map(Key::variable).collect();
    let words: Vec<String> = variables.iter().map(|name| name.to_lowercase()).collect();
    let valid: Vec<&str> = words.iter().map(String::as_str).collect();
    Wrong {
        message: "unknown variable".to_owned(),
        nearest: nearest(name, &valid).map(|near| near.to_uppercase()),
    }
}

/// A file being read onto the sheet.
struct Page<'a> {
    sheet: &'a mut Sheet,
    layer: &'a Layer,
}

impl Page<'_> {
    fn read(&mut self, root: &Table) {
        for (name, item) in root.iter() {
            let span = span(root, name);
            if name == "worker" {
                self.workers(item, span);
            } else if let Some(section) = item.as_table_like() {
                self.section(name, section, span);
            } else {
                self.value(name, item, span);
            }
        }
    }

    fn section(&mut self, section: &str, table: &dyn TableLike, at: Option<Range<usize>>) {
        let prefix = format!("{section}.");
        if !KEYS.iter().any(|key| key.path.starts_with(&prefix)) {
            return self.unknown(section, &sections(), at);
        }
        for (name, item) in table.iter() {
            let at = table
                .key(name)
                .and_then(toml_edit::Key::span)
                .or_else(|| item.span());
            self.value(&format!("{section}.{name}"), item, at);
        }
    }

    fn value(&mut self, path: &str, item: &Item, at: Option<Range<usize>>) {
        let Some(key) = KEYS.iter().find(|key| key.path == path) else {
            return self.unknown_key(path, at);
        };
        if self.layer.reach == Reach::Project && !key.in_project {
            let wrong =
                format!("{path} may not be set by a project: put it into your own config.toml");
            return self.fault(Wrong::plain(wrong), at);
        }
        let checked = if let Some(text) = item.as_str() {
            key.accept_text(text)
        } else if let Some(number) = number(item) {
            key.accept_number(number)
        } else {
            Err(Wrong::plain(format!(
                "{} cannot stand here",
                item.type_name()
            )))
        };
        match checked {
            Ok(value) => self.sheet.set(key, value, &self.layer.name),
            Err(wrong) => self.fault(
                Wrong {
                    message: format!("{path}: {}", wrong.message),
                    ..wrong
                },
                at,
            ),
        }
    }

    fn unknown_key(&mut self, path: &str, at: Option<Range<usize>>) {
        let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
        let elsewhere = KEYS
            .iter()
            .find(|key| key.path.rsplit('.').next() == Some(name));
        if let Some(key) = elsewhere {
            let wrong = Wrong {
                message: format!("unknown key {name:?}"),
                nearest: Some(key.path.to_owned()),
            };
            return self.fault(wrong, at);
        }
        let siblings: Vec<&str> = KEYS
            .iter()
            .filter_map(|key| match key.path.rsplit_once('.') {
                Some((of, sibling)) if of == section => Some(sibling),
                None if section.is_empty() => Some(key.path),
                Some(_) | None => None,
            })
            .chain(section.is_empty().then(sections).into_iter().flatten())
            .collect();
        self.unknown(name, &siblings, at);
    }

    fn unknown(&mut self, name: &str, valid: &[&str], at: Option<Range<usize>>) {
        let wrong = Wrong {
            message: format!("unknown key {name:?}"),
            nearest: nearest(name, valid),
        };
        self.fault(wrong, at);
    }

    fn workers(&mut self, item: &Item, at: Option<Range<usize>>) {
        if self.layer.reach == Reach::Project {
            let message =
                "workers may not be named by a project: put them into your own config.toml";
            return self.fault(Wrong::plain(message.to_owned()), at);
        }
        let Some(tables) = item.as_array_of_tables() else {
            return self.fault(
                Wrong::plain("write each worker under its own [[worker]]".to_owned()),
                at,
            );
        };
        for table in tables {
            self.worker(table);
        }
    }

    fn worker(&mut self, table: &Table) {
        let whole = table.span();
        let mut sound = true;
        for (name, _) in table.iter() {
            if !WORKER.contains(&name) {
                self.unknown(name, WORKER, span(table, name));
                sound = false;
            }
        }
        if !sound {
            return;
        }
        let text = |name| {
            table
                .get(name)
                .and_then(Item::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let entry = WorkerEntry {
            name: text("name"),
            url: text("url"),
            headers: self.headers(table),
        };
        let twice = self
            .sheet
            .workers
            .iter()
            .any(|worker| worker.name == entry.name);
        if let Err(message) = worker_name(&entry.name) {
            self.fault(Wrong::plain(message), span(table, "name").or(whole));
        } else if twice {
            let message = format!("a second worker named {:?}", entry.name);
            self.fault(Wrong::plain(message), span(table, "name"));
        } else if let Err(message) = worker_url(&entry.url) {
            self.fault(Wrong::plain(message), span(table, "url").or(whole));
        } else {
            self.sheet.workers.push(entry);
        }
    }

    fn headers(&mut self, table: &Table) -> HeaderFiles {
        let mut headers = HeaderFiles::new();
        let Some(item) = table.get("headers") else {
            return headers;
        };
        let Some(list) = item.as_table_like() else {
            let wrong = "headers: write { NAME = \"@FILE\" }".to_owned();
            self.fault(Wrong::plain(wrong), span(table, "headers"));
            return headers;
        };
        for (name, value) in list.iter() {
            match value
                .as_str()
                .filter(|value| value.len() > 1 && value.starts_with('@'))
            {
                Some(file) => {
                    headers.insert(name.to_owned(), file.to_owned());
                }
                None => {
                    let at = list.key(name).and_then(toml_edit::Key::span);
                    let wrong = format!(
                        "header {name}: put the value into a file and write \"@FILE\" here"
                    );
                    self.fault(Wrong::plain(wrong), at.or_else(|| span(table, "headers")));
                }
            }
        }
        headers
    }

    fn fault(&mut self, wrong: Wrong, at: Option<Range<usize>>) {
        self.sheet.faults.push(Fault {
            file: self.layer.name.clone(),
            line: at.map(|at| line_of(&self.layer.text, at.start)),
            message: wrong.message,
            nearest: wrong.nearest,
        });
    }
}

/// Checks what a worker may be called: letters, digits, `.`, `_`, `-`, at most 64.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn worker_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        Err("a worker needs a name".to_owned())
    } else if name.chars().count() > 64 || !name.chars().all(fits) {
        Err(format!(
            "{name:?} is no name for a worker: use up to 64 letters, digits, . _ -"
        ))
    } else {
        Ok(())
    }
}

/// Checks a worker's address: http or https, a host, and no password in it.
///
/// # Errors
/// A sentence for a person, which does not repeat the address if a password may be in it.
pub(crate) fn worker_url(url: &str) -> Result<(), String> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else {
        return Err("a worker needs a url that begins with http:// or https://".to_owned());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        Err("a url may not hold a password: use headers = { Authorization = \"@FILE\" }".to_owned())
    } else if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Err(format!("{:?} is no address", scrub(url)))
    } else {
        Ok(())
    }
}

fn sections() -> Vec<&'static str> {
    let mut names: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| key.path.split_once('.').map(|(section, _)| section))
        .collect();
    names.dedup();
    names.push("worker");
    names
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no key takes a number beyond 2^53"
)]
fn number(item: &Item) -> Option<f64> {
    item.as_integer()
        .map(|whole| whole as f64)
        .or_else(|| item.as_float())
}

/// Finds where a key of a table was written.
fn span(table: &Table, name: &str) -> Option<Range<usize>> {
    table
        .key(name)
        .and_then(toml_edit::Key::span)
        .or_else(|| table.get(name).and_then(Item::span))
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::SHIPPED;
    use super::*;

    #[test]
    fn the_shipped_file_sets_and_documents_every_key_and_nothing_else() {
        let sheet = Sheet::shipped(SHIPPED);
        assert_eq!(sheet.faults, []);
        let set: Vec<&str> = sheet.values.keys().copied().collect();
        let mut known: Vec<&str> = KEYS.iter().map(|key| key.path).collect();
        known.sort_unstable();
        assert_eq!(set, known);
        let lines: Vec<&str> = SHIPPED.lines().collect();
        for pair in lines.windows(2) {
            if pair[1].contains(" = ") && !pair[1].starts_with('#') {
                assert!(pair[0].starts_with("# "), "{} is not documented", pair[1]);
            }
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_repeating_it() {
        let said = worker_url("http://me:hunter2@gpu1:8188").unwrap_err();
        assert!(!said.contains("hunter2"), "{said}");
        for (url, fine) in [
            ("http://gpu1:8188", true),
            ("https://gpu.example/comfy", true),
            ("gpu1:8188", false),
            ("ftp://gpu1", false),
            ("http://", false),
            ("http://a b", false),
        ] {
            assert_eq!(worker_url(url).is_ok(), fine, "{url}");
        }
    }
}
