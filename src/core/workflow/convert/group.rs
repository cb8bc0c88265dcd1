//! Group nodes, which editors made before there were subgraphs: read as subgraphs.
//!
//! Inner ids are the inner nodes' indices, so that the graph carries `<group id>:<index>` as the editors
//! of that time sent. Only the plain case is read: groups with hidden or renamed widgets, inner reroutes,
//! primitives or converted widgets are refused with the advice to let the editor make subgraphs of them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::file::{
    Definition, INPUT_SIDE, Link, OUTPUT_SIDE, Port, Scope, Slot, UiFile, UiNode, list, slot_of,
};
use super::widgets::{self, Forced};
use crate::core::workflow::ObjectInfo;
use crate::core::workflow::object_info::ClassInfo;

/// A group node read as a subgraph.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Its inside; sockets come first among its inputs, widgets after.
    pub(super) definition: Definition<'a>,
    /// What each input leads to: inner node and its input.
    leads: Vec<Lead>,
    /// Why it cannot be expanded, if so.
    pub(super) refused: Option<&'static str>,
}

/// Where an input of a group leads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lead {
    node: String,
    input: String,
    is_widget: bool,
}

const ADVICE: &str = "this group node is more than a plain one (hidden, renamed or linked widgets, or inner reroutes); open the file in a current editor, which makes a subgraph of it, and save it again";

/// Reads all group nodes of a file.
pub(super) fn read_all<'a>(file: &UiFile<'a>, info: &ObjectInfo) -> HashMap<&'a str, Group<'a>> {
    let given = file.groups.into_iter().flatten();
    given
        .map(|(name, body)| {
            let group = Group::read(name, body, info).unwrap_or_else(|| Group::refused(name));
            (name.as_str(), group)
        })
        .collect()
}

impl<'a> Group<'a> {
    /// Makes a group that stands only for its refusal.
    fn refused(name: &'a str) -> Self {
        Self {
            definition: Definition {
                name,
                scope: Scope::default(),
                inputs: Vec::new(),
                outputs: Vec::new(),
            },
            leads: Vec::new(),
            refused: Some(ADVICE),
        }
    }

    /// Reads one group; `None` where it is not a plain one.
    fn read(name: &'a str, body: &'a Value, info: &ObjectInfo) -> Option<Self> {
        let config = body.get("config").and_then(Value::as_object);
        if config.is_some_and(|config| !config.is_empty()) {
            return None;
        }
        let mut nodes: Vec<UiNode<'a>> = Vec::new();
        for (index, given) in list(body.get("nodes")).iter().enumerate() {
            let mut node = UiNode::read(given, String::new).ok()?;
            node.id = index.to_string();
            info.class(node.class)?;
            for slot in &mut node.inputs {
                slot.link = None;
            }
            nodes.push(node);
        }
        let mut making = Making {
            nodes,
            links: HashMap::new(),
            used: HashSet::new(),
        };
        making.link(list(body.get("links")))?;
        let (inputs, leads) = making.inputs(info)?;
        let outputs = making.outputs(list(body.get("external")), info)?;
        let nodes = making.nodes.into_iter();
        Some(Self {
            definition: Definition {
                name,
                scope: Scope {
                    nodes: nodes.map(|node| (node.id.clone(), node)).collect(),
                    links: making.links,
                },
                inputs,
                outputs,
            },
            leads,
            refused: None,
        })
    }

    /// Says whether the group shows a widget of this name.
    pub(super) fn has_widget(&self, name: &str) -> bool {
        self.definition
            .inputs
            .iter()
            .zip(&self.leads)
            .any(|(port, lead)| lead.is_widget && port.name == name)
    }

    /// Reads an instance's values: those of all inner nodes, one after the other.
    pub(super) fn values(&self, node: &UiNode<'_>, info: &ObjectInfo) -> Vec<Option<Forced>> {
        let mut rest = node.listed();
        let mut found: HashMap<(&str, String), Value> = HashMap::new();
        for inner in self.definition.scope.nodes.values() {
            let Some(class) = info.class(inner.class) else {
                continue;
            };
            let reading = widgets::read_placed(class, rest);
            let stored = reading
                .widgets
                .into_iter()
                .filter(|widget| !reading.defaulted.contains(&widget.name));
            for widget in stored {
                if let Some(value) = widget.value {
                    found.insert((inner.id.as_str(), widget.name), value);
                }
            }
            rest = rest.get(reading.wanted..).unwrap_or_default();
        }
        self.leads
            .iter()
            .map(|lead| {
                let value = found.remove(&(lead.node.as_str(), lead.input.clone()))?;
                Some(Forced {
                    value,
                    verbatim: false,
                })
            })
            .collect()
    }
}

/// A group node while it is being read.
struct Making<'a> {
    nodes: Vec<UiNode<'a>>,
    links: HashMap<String, Link>,
    /// Outputs that feed inner nodes: node index and slot.
    used: HashSet<(usize, usize)>,
}

impl Making<'_> {
    /// Joins the inner nodes; `[from node or null, slot, to node, slot, …]`.
    fn link(&mut self, given: &[Value]) -> Option<()> {
        for (number, link) in given.iter().enumerate() {
            let part = |at: usize| link.get(at).and_then(slot_of);
            let Some(from) = part(0) else {
                continue;
            };
            let (slot, to, to_slot) = (part(1)?, part(2)?, part(3)?);
            self.nodes.get(from)?;
            let target = self.nodes.get_mut(to)?.inputs.get_mut(to_slot)?;
            if target.is_widget {
                return None;
            }
            let id = format!("inner{number}");
            target.link = Some(id.clone());
            self.used.insert((from, slot));
            let link = Link {
                origin: from.to_string(),
                origin_slot: slot,
                target: to.to_string(),
                target_slot: to_slot,
            };
            self.links.insert(id, link);
        }
        Some(())
    }

    /// Makes the group's inputs: every open socket, then every widget, in the order of the inner nodes.
    fn inputs(&mut self, info: &ObjectInfo) -> Option<(Vec<Port>, Vec<Lead>)> {
        let mut leads = Vec::new();
        for is_widget in [false, true] {
            for node in &self.nodes {
                let class = info.class(node.class)?;
                let names = if is_widget {
                    widget_names(class, node)
                } else {
                    open_sockets(class, node)
                };
                leads.extend(names.into_iter().map(|input| Lead {
                    node: node.id.clone(),
                    input,
                    is_widget,
                }));
            }
        }
        let mut taken = HashSet::new();
        let mut ports = Vec::new();
        for (slot, lead) in leads.iter().enumerate() {
            ports.push(self.port(slot, lead, &mut taken)?);
        }
        Some((ports, leads))
    }

    /// Makes one input of the group and links it to where it leads.
    fn port(&mut self, slot: usize, lead: &Lead, taken: &mut HashSet<String>) -> Option<Port> {
        let index: usize = lead.node.parse().ok()?;
        let node = self.nodes.get_mut(index)?;
        let name = if taken.insert(lead.input.clone()) {
            lead.input.clone()
        } else {
            let long = format!("{} {}", node.title.unwrap_or(node.class), lead.input);
            taken.insert(long.clone());
            long
        };
        let id = format!("port{slot}");
        let known = node
            .inputs
            .iter()
            .position(|input| input.name == lead.input);
        let target_slot = known.unwrap_or(node.inputs.len());
        if known.is_none() {
            node.inputs.push(Slot {
                name: lead.input.clone(),
                type_name: "*".to_owned(),
                link: None,
                is_widget: lead.is_widget,
            });
        }
        let input = node.inputs.get_mut(target_slot)?;
        input.link = Some(id.clone());
        let type_name = input.type_name.clone();
        let link = Link {
            origin: INPUT_SIDE.to_owned(),
            origin_slot: slot,
            target: lead.node.clone(),
            target_slot,
        };
        self.links.insert(id.clone(), link);
        Some(Port {
            name,
            type_name,
            links: vec![id],
        })
    }

    /// Makes the group's outputs: those no inner node uses, and those listed as external.
    fn outputs(&mut self, external: &[Value], info: &ObjectInfo) -> Option<Vec<Port>> {
        let listed: HashSet<(usize, usize)> = external
            .iter()
            .filter_map(|pair| {
                Some((
                    pair.get(0).and_then(slot_of)?,
                    pair.get(1).and_then(slot_of)?,
                ))
            })
            .collect();
        let mut ports = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            for (slot, output) in info.class(node.class)?.outputs.iter().enumerate() {
                if self.used.contains(&(index, slot)) && !listed.contains(&(index, slot)) {
                    continue;
                }
                let id = format!("out{}", ports.len());
                let link = Link {
                    origin: node.id.clone(),
                    origin_slot: slot,
                    target: OUTPUT_SIDE.to_owned(),
                    target_slot: ports.len(),
                };
                self.links.insert(id.clone(), link);
                ports.push(Port {
                    name: output.name.clone(),
                    type_name: output.type_name.clone(),
                    links: vec![id],
                });
            }
        }
        Some(ports)
    }
}

/// Lists the sockets of an inner node that nothing inside feeds.
fn open_sockets(class: &ClassInfo, node: &UiNode<'_>) -> Vec<String> {
    class
        .visible_inputs()
        .filter(|input| !input.is_widget())
        .filter(|input| {
            let linked = |slot: &Slot| slot.name == input.name && slot.link.is_some();
            !node.inputs.iter().any(linked)
        })
        .map(|input| input.name.clone())
        .collect()
}

/// Lists the widgets of an inner node.
fn widget_names(class: &ClassInfo, node: &UiNode<'_>) -> Vec<String> {
    let reading = widgets::read(class, node, &HashMap::new());
    let names = reading.widgets.into_iter();
    names.map(|widget| widget.name).collect()
}
