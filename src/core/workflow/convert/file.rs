//! The editor's file, read into nodes and links; text is borrowed from the JSON.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::error::ConvertError;
use crate::core::workflow::object_info::kind_of;

/// Id of a subgraph's input side, as the origin of a link.
pub(super) const INPUT_SIDE: &str = "-10";
/// Id of a subgraph's output side, as the target of a link.
pub(super) const OUTPUT_SIDE: &str = "-20";

/// An editor file.
#[derive(Debug)]
pub(super) struct UiFile<'a> {
    /// What the user sees first.
    pub(super) root: Scope<'a>,
    /// Subgraphs by id.
    pub(super) definitions: HashMap<&'a str, Definition<'a>>,
    /// Deprecated group nodes by name, unread.
    pub(super) groups: Option<&'a Map<String, Value>>,
}

/// One level of nodes and links.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    /// Nodes by id in file order.
    pub(super) nodes: IndexMap<String, UiNode<'a>>,
    /// Links by id.
    pub(super) links: HashMap<String, Link>,
}

/// A subgraph definition.
#[derive(Debug)]
pub(super) struct Definition<'a> {
    /// Name shown to people.
    pub(super) name: &'a str,
    /// What is inside.
    pub(super) scope: Scope<'a>,
    /// Inputs by slot.
    pub(super) inputs: Vec<Port>,
    /// Outputs by slot.
    pub(super) outputs: Vec<Port>,
}

/// One input or output of a subgraph.
#[derive(Debug, Clone)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) type_name: String,
    /// Links inside the definition that start or end here.
    pub(super) links: Vec<String>,
}

/// One link.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) origin: String,
    pub(super) origin_slot: usize,
    pub(super) target: String,
    pub(super) target_slot: usize,
}

/// One node.
#[derive(Debug, Clone)]
pub(super) struct UiNode<'a> {
    pub(super) id: String,
    pub(super) class: &'a str,
    pub(super) mode: Mode,
    pub(super) inputs: Vec<Slot>,
    /// Types of the outputs by slot.
    pub(super) outputs: Vec<String>,
    pub(super) values: Option<&'a Value>,
    pub(super) named: Option<&'a Map<String, Value>>,
    pub(super) properties: Option<&'a Map<String, Value>>,
    pub(super) title: Option<&'a str>,
}

/// One input socket of a node.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) link: Option<String>,
    /// Whether the socket claims to belong to a widget.
    pub(super) is_widget: bool,
}

/// Whether a node takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Modes 0, 1 and 3.
    Active,
    /// Mode 2.
    Muted,
    /// Mode 4.
    Bypassed,
}

impl UiNode<'_> {
    /// Reads a text property.
    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        self.properties.and_then(|properties| properties.get(name))
    }

    /// Lists the values by place, empty where the file has none or names them.
    pub(super) fn listed(&self) -> &[Value] {
        self.values
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

impl<'a> UiFile<'a> {
    /// Reads the JSON of an editor file.
    pub(super) fn read(value: &'a Value) -> Result<Self, ConvertError> {
        let Some(file) = value.as_object() else {
            return Err(malformed("the file", "an object", value));
        };
        let listed = file
            .get("definitions")
            .and_then(|definitions| definitions.get("subgraphs"))
            .and_then(Value::as_array);
        let mut definitions = HashMap::new();
        for (at, given) in listed.into_iter().flatten().enumerate() {
            let at = format!("definitions.subgraphs[{at}]");
            let (id, definition) = Definition::read(given, &at)?;
            definitions.insert(id, definition);
        }
        Ok(Self {
            root: Scope::read(file, "")?,
            definitions,
            groups: file
                .get("extra")
                .and_then(|extra| extra.get("groupNodes"))
                .and_then(Value::as_object),
        })
    }
}

impl<'a> Definition<'a> {
    /// Reads one subgraph with its id.
    fn read(given: &'a Value, at: &str) -> Result<(&'a str, Self), ConvertError> {
        let Some(body) = given.as_object() else {
            return Err(malformed(at, "an object", given));
        };
        let id = body.get("id").unwrap_or(&Value::Null);
        let Some(id) = id.as_str() else {
            return Err(malformed(&format!("{at}.id"), "a text", id));
        };
        let definition = Self {
            name: body.get("name").and_then(Value::as_str).unwrap_or(id),
            scope: Scope::read(body, &format!("{at}."))?,
            inputs: ports(body.get("inputs")),
            outputs: ports(body.get("outputs")),
        };
        Ok((id, definition))
    }
}

impl<'a> Scope<'a> {
    /// Reads the nodes and links of one level.
    fn read(body: &'a Map<String, Value>, at: &str) -> Result<Self, ConvertError> {
        let given = body.get("nodes").unwrap_or(&Value::Null);
        let Some(listed) = given.as_array() else {
            return Err(malformed(&format!("{at}nodes"), "an array", given));
        };
        let mut scope = Self::default();
        for (index, given) in listed.iter().enumerate() {
            let node = UiNode::read(given, || format!("{at}nodes[{index}]"))?;
            let id = node.id.clone();
            if scope.nodes.insert(id.clone(), node).is_some() {
                return Err(ConvertError::TwoNodes { id });
            }
        }
        let links = body.get("links").and_then(Value::as_array);
        for (index, given) in links.into_iter().flatten().enumerate() {
            if given.is_null() {
                continue;
            }
            let Some((id, link)) = Link::read(given) else {
                let at = format!("{at}links[{index}]");
                return Err(ConvertError::Malformed {
                    at,
                    expected: "[id, origin, slot, target, slot, type]",
                    found: "something else",
                });
            };
            scope.links.insert(id, link);
        }
        Ok(scope)
    }
}

impl<'a> UiNode<'a> {
    /// Reads one node.
    pub(super) fn read(given: &'a Value, at: impl Fn() -> String) -> Result<Self, ConvertError> {
        let Some(body) = given.as_object() else {
            return Err(malformed(&at(), "an object", given));
        };
        let raw_id = body.get("id").unwrap_or(&Value::Null);
        let Some(id) = id_of(raw_id) else {
            return Err(malformed(
                &format!("{}.id", at()),
                "a number or a text",
                raw_id,
            ));
        };
        let raw_class = body.get("type").unwrap_or(&Value::Null);
        let Some(class) = raw_class.as_str() else {
            return Err(malformed(&format!("{}.type", at()), "a text", raw_class));
        };
        Ok(Self {
            id,
            class,
            mode: mode(body.get("mode")),
            inputs: list(body.get("inputs")).iter().map(Slot::read).collect(),
            outputs: list(body.get("outputs"))
                .iter()
                .map(|output| type_of(output.get("type")))
                .collect(),
            values: body.get("widgets_values"),
            named: body.get("widgets_values_named").and_then(Value::as_object),
            properties: body.get("properties").and_then(Value::as_object),
            title: body.get("title").and_then(Value::as_str),
        })
    }
}

impl Slot {
    /// Reads one input socket.
    fn read(given: &Value) -> Self {
        let name = given.get("name").and_then(Value::as_str);
        Self {
            name: name.unwrap_or_default().to_owned(),
            type_name: type_of(given.get("type")),
            link: given.get("link").and_then(id_of),
            is_widget: given.get("widget").is_some_and(|widget| !widget.is_null()),
        }
    }
}

impl Link {
    /// Reads a link of either form with its id.
    pub(super) fn read(given: &Value) -> Option<(String, Self)> {
        let part = |index: usize, key: &str| match given {
            Value::Array(parts) => parts.get(index),
            Value::Object(parts) => parts.get(key),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let id = part(0, "id").and_then(id_of)?;
        let link = Self {
            origin: part(1, "origin_id").and_then(id_of)?,
            origin_slot: part(2, "origin_slot").and_then(slot_of)?,
            target: part(3, "target_id").and_then(id_of)?,
            target_slot: part(4, "target_slot").and_then(slot_of)?,
        };
        Some((id, link))
    }
}

/// Reads the inputs or outputs of a subgraph.
fn ports(given: Option<&Value>) -> Vec<Port> {
    let read = |given: &Value| Port {
        name: given
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        type_name: type_of(given.get("type")),
        links: list(given.get("linkIds"))
            .iter()
            .filter_map(id_of)
            .collect(),
    };
    list(given).iter().map(read).collect()
}

/// Gives the elements of an array, none for anything else.
pub(super) fn list(given: Option<&Value>) -> &[Value] {
    given
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Reads an id, which is compared as text.
pub(super) fn id_of(given: &Value) -> Option<String> {
    match given {
        Value::String(id) => Some(id.clone()),
        Value::Number(number) => Some(number.as_f64().filter(|n| n.fract() == 0.0).map_or_else(
            || number.to_string(),
            |_| number.to_string().trim_end_matches(".0").to_owned(),
        )),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads a slot number.
pub(super) fn slot_of(given: &Value) -> Option<usize> {
    match given {
        Value::Number(number) => number.as_u64().and_then(|n| usize::try_from(n).ok()),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads a socket type; an old combo lists its choices in place of a name.
fn type_of(given: Option<&Value>) -> String {
    match given {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(_)) => "COMBO".to_owned(),
        None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            "*".to_owned()
        }
    }
}

/// Reads a node's mode; unknown numbers count as active, as in the editor.
fn mode(given: Option<&Value>) -> Mode {
    match given.and_then(Value::as_u64) {
        Some(2) => Mode::Muted,
        Some(4) => Mode::Bypassed,
        None | Some(_) => Mode::Active,
    }
}

/// Words a fault in the file's shape.
fn malformed(at: &str, expected: &'static str, found: &Value) -> ConvertError {
    ConvertError::Malformed {
        at: at.to_owned(),
        expected,
        found: if found.is_null() {
            "missing"
        } else {
            kind_of(found)
        },
    }
}
