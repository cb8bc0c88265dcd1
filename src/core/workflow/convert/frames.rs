//! Subgraph instances, each expanded into a frame of its own with its own values.

use std::collections::HashMap;

use serde_json::Value;

use super::book::{Book, Stands};
use super::error::ConvertError;
use super::file::{Definition, Mode, Port, Scope, UiFile, UiNode, id_of, list};
use super::widgets::{Forced, ForcedValues};

/// Values set on an instance that count as one node more.
const VALUES_PER_NODE: usize = 100;

/// A level of the workflow as it will run: the root, or one instance of a subgraph.
#[derive(Debug)]
pub(super) struct Frame<'f> {
    /// Instance ids from the root, each with a `:`; empty at the root.
    pub(super) prefix: String,
    /// What is inside.
    pub(super) scope: &'f Scope<'f>,
    /// Inputs of the subgraph; none at the root.
    pub(super) ports: &'f [Port],
    /// The frame and node that this is an instance of; none at the root.
    pub(super) outer: Option<(usize, &'f UiNode<'f>)>,
    /// What the instance sets.
    pub(super) settings: Settings,
}

/// What an instance sets inside itself.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Values of the subgraph's inputs by slot.
    pub(super) promoted: Vec<Option<Forced>>,
    /// Values for inner nodes, by node id and input.
    pub(super) inner: HashMap<String, ForcedValues>,
}

/// All frames of a workflow.
#[derive(Debug)]
pub(super) struct Frames<'f> {
    /// The root first, instances after what they are in.
    pub(super) all: Vec<Frame<'f>>,
    children: HashMap<(usize, &'f str), usize>,
}

impl<'f> Frames<'f> {
    /// Expands every instance that takes part.
    ///
    /// Circles were refused when the book was opened, so this ends; `most` bounds how much it makes.
    pub(super) fn expand(
        file: &'f UiFile<'f>,
        book: &Book<'f>,
        most: usize,
    ) -> Result<Self, ConvertError> {
        let root = Frame {
            prefix: String::new(),
            scope: &file.root,
            ports: &[],
            outer: None,
            settings: Settings::default(),
        };
        let mut size = root.scope.nodes.len();
        let mut frames = Self {
            all: vec![root],
            children: HashMap::new(),
        };
        let mut next = 0;
        while let Some(scope) = frames.all.get(next).map(|frame| frame.scope) {
            if size > most {
                return Err(ConvertError::TooLarge { most });
            }
            for node in scope.nodes.values() {
                if let (Mode::Active, Some(inside)) = (node.mode, book.stands(node).inside()) {
                    let values = node.listed().len() / VALUES_PER_NODE;
                    size += inside.scope.nodes.len().max(1) + values;
                    frames.add(next, node, inside, book);
                    if size > most {
                        return Err(ConvertError::TooLarge { most });
                    }
                }
            }
            next += 1;
        }
        Ok(frames)
    }

    /// Adds the frame of one instance.
    fn add(
        &mut self,
        parent: usize,
        node: &'f UiNode<'f>,
        inside: &'f Definition<'f>,
        book: &Book<'f>,
    ) {
        let outside = self.all.get(parent);
        let prefix = outside.map_or("", |frame| frame.prefix.as_str());
        let imposed = outside.and_then(|frame| frame.settings.inner.get(&node.id));
        let mut settings = settings(node, inside, book);
        for (port, value) in inside.inputs.iter().zip(&mut settings.promoted) {
            if let Some(forced) = imposed.and_then(|imposed| imposed.get(&port.name)) {
                *value = Some(forced.clone());
            }
        }
        let frame = Frame {
            prefix: format!("{prefix}{}:", node.id),
            scope: &inside.scope,
            ports: &inside.inputs,
            outer: Some((parent, node)),
            settings,
        };
        self.children
            .insert((parent, node.id.as_str()), self.all.len());
        self.all.push(frame);
    }

    /// Gives one frame.
    pub(super) fn get(&self, frame: usize) -> Option<&Frame<'f>> {
        self.all.get(frame)
    }

    /// Finds the frame of an instance.
    pub(super) fn child(&self, frame: usize, node: &str) -> Option<usize> {
        self.children.get(&(frame, node)).copied()
    }
}

/// Reads what an instance sets, from whichever form its file uses.
fn settings(node: &UiNode<'_>, inside: &Definition<'_>, book: &Book<'_>) -> Settings {
    if let Stands::Group(group) = book.stands(node) {
        return Settings {
            promoted: group.values(node, book.info),
            inner: HashMap::new(),
        };
    }
    let mut settings = Settings {
        promoted: vec![None; inside.inputs.len()],
        inner: HashMap::new(),
    };
    let proxies = proxies(node);
    if proxies.is_empty() {
        settings.promoted = by_input(node, inside, book.promoted(node.class));
        return settings;
    }
    for ((id, name), value) in proxies.iter().zip(node.listed()) {
        if !value.is_null() && !name.starts_with("$$") {
            settings.proxy((id, name), value, inside, book);
        }
    }
    settings
}

impl Settings {
    /// Sets one value that the instance shows for an inner node.
    fn proxy(
        &mut self,
        (id, name): (&str, &str),
        value: &Value,
        inside: &Definition<'_>,
        book: &Book<'_>,
    ) {
        if id == "-1" {
            let slot = inside.inputs.iter().position(|port| port.name == name);
            self.promote(slot, value);
            return;
        }
        let Some(node) = inside.scope.nodes.get(id) else {
            return;
        };
        let name = plain_name(name, |name| book.has_widget(node, name));
        if let Some(slot) = Book::port_feeding(inside, node, name) {
            self.promote(Some(slot), value);
            return;
        }
        let forced = Forced {
            value: value.clone(),
            verbatim: false,
        };
        let inner = self.inner.entry(id.to_owned()).or_default();
        inner.insert(name.to_owned(), forced);
    }

    /// Sets the value of a subgraph input.
    fn promote(&mut self, slot: Option<usize>, value: &Value) {
        if let Some(promoted) = slot.and_then(|slot| self.promoted.get_mut(slot)) {
            *promoted = promoted_value(Some(value));
        }
    }
}

/// Reads values that stand in the order of the subgraph's inputs, or carry their names.
fn by_input(node: &UiNode<'_>, inside: &Definition<'_>, promoted: &[bool]) -> Vec<Option<Forced>> {
    let listed = node.listed();
    let count = promoted.iter().filter(|promoted| **promoted).count();
    let named = match node.values {
        Some(Value::Object(named)) => Some(named),
        Some(_) | None => node.named.filter(|_| listed.len() != count),
    };
    let mut values = listed.iter();
    inside
        .inputs
        .iter()
        .zip(promoted)
        .map(|(port, promoted)| match (promoted, named) {
            (false, _) => None,
            (true, Some(named)) => promoted_value(named.get(&port.name)),
            (true, None) => promoted_value(values.next()),
        })
        .collect()
}

/// Makes a value of a subgraph input; null keeps the inner one.
fn promoted_value(value: Option<&Value>) -> Option<Forced> {
    value.filter(|value| !value.is_null()).map(|value| Forced {
        value: value.clone(),
        verbatim: true,
    })
}

/// Reads `properties.proxyWidgets`: pairs of inner node id and widget name.
fn proxies(node: &UiNode<'_>) -> Vec<(String, String)> {
    let given = node.property("proxyWidgets");
    let parsed = given
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    list(parsed.as_ref().or(given))
        .iter()
        .map(|pair| {
            let id = pair.get(0).and_then(id_of).unwrap_or_default();
            let name = pair.get(1).and_then(Value::as_str).unwrap_or_default();
            (id, name.to_owned())
        })
        .collect()
}

/// Strips old prefixes such as `7: ` until a widget of that name exists; gives the name as it is otherwise.
fn plain_name(name: &str, exists: impl Fn(&str) -> bool) -> &str {
    let mut rest = name;
    loop {
        if exists(rest) {
            return rest;
        }
        match rest.split_once(": ") {
            Some((prefix, stripped)) if prefix.chars().all(|c| c.is_ascii_digit()) => {
                rest = stripped;
            }
            Some(_) | None => return name,
        }
    }
}
