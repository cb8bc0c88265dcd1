//! One node after the other into the graph.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::ConvertOptions;
use super::book::Stands;
use super::error::ConvertError;
use super::file::Mode;
use super::inflow::{Brought, Inflow, Spot};
use super::note::{Note, NoteKind, Place};
use super::roles::Role;
use super::send::{Sender, size_of, wrapped};
use super::trace::Tracer;
use super::widgets::{self, CUSTOM_COMBO, Reading, custom_combo};
use crate::core::workflow::object_info::ClassInfo;
use crate::core::workflow::{Graph, Node};

/// Bytes of text that a graph may hold; workers refuse requests above 100 MB.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// Advice for classes that feed others without links.
const BROADCAST: &str = "it feeds other nodes without links, which only its editor extension can follow; turn its broadcasts into real links in the editor and save again";

/// Makes the graph out of the frames.
#[derive(Debug)]
pub(super) struct Exporter<'t, 'f> {
    inflow: Inflow<'t, 'f>,
    seed: u64,
    graph: Graph,
    notes: Vec<Note>,
    unknown: Vec<Place>,
    /// Bytes of text in the graph so far.
    size: usize,
}

impl<'t, 'f> Exporter<'t, 'f> {
    /// Starts with nothing.
    pub(super) fn new(tracer: Tracer<'t, 'f>, options: &ConvertOptions) -> Self {
        Self {
            inflow: Inflow::new(tracer, options.now),
            seed: options.seed,
            graph: Graph::default(),
            notes: Vec::new(),
            unknown: Vec::new(),
            size: 0,
        }
    }

    /// Sends every node that takes part.
    pub(super) fn all(mut self) -> Result<(Graph, Vec<Note>), ConvertError> {
        let frames = self.inflow.tracer.frames;
        for (frame, here) in frames.all.iter().enumerate() {
            let nodes = here.scope.nodes.values();
            for node in nodes.filter(|node| node.mode == Mode::Active) {
                self.node(Spot {
                    frame,
                    prefix: &here.prefix,
                    node,
                })?;
            }
        }
        if !self.unknown.is_empty() {
            let places = self.unknown;
            return Err(ConvertError::UnknownClasses { places });
        }
        drop_dead_links(&mut self.graph);
        Ok((self.graph, self.notes))
    }

    /// Sends one node, if it is one to be sent.
    fn node(&mut self, spot: Spot<'t, 'f>) -> Result<(), ConvertError> {
        let book = self.inflow.tracer.book;
        let place = book.place(spot.prefix, spot.node);
        if !is_sent(book.stands(spot.node), &place)? {
            return Ok(());
        }
        let Some(class) = book.info.class(spot.node.class) else {
            self.unknown.push(place);
            return Ok(());
        };
        let mut brought = self.inflow.brought(spot)?;
        let reading = widgets::read(class, spot.node, &brought.values);
        let mut kinds = judge(&reading, &place)?;
        kinds.append(&mut brought.notes);
        let mut inputs = self.values(&reading, &brought, &place, &mut kinds);
        link(class, &reading, brought, (&mut inputs, &mut kinds));
        if class.name == CUSTOM_COMBO {
            inputs.extend(custom_combo(spot.node, inputs.get("choice")));
        }
        self.size += inputs.values().map(size_of).sum::<usize>();
        if self.size > MOST_TEXT {
            return Err(ConvertError::TooMuchText { most: MOST_TEXT });
        }
        let title = spot.node.title.unwrap_or(&class.display_name);
        let node = Node {
            class_type: class.name.clone(),
            inputs,
            meta: Some(Map::from_iter([("title".to_owned(), json!(title))])),
        };
        self.graph.nodes.insert(place.node.clone(), node);
        let notes = kinds.into_iter().map(|kind| Note {
            place: place.clone(),
            kind,
        });
        self.notes.extend(notes);
        Ok(())
    }

    /// Gives the values of all widgets that no link feeds.
    fn values(
        &self,
        reading: &Reading<'_>,
        brought: &Brought,
        place: &Place,
        kinds: &mut Vec<NoteKind>,
    ) -> Map<String, Value> {
        let sender = Sender {
            inflow: &self.inflow,
            seed: self.seed,
        };
        let linked: HashSet<&str> = brought
            .links
            .iter()
            .map(|(slot, _)| slot.name.as_str())
            .collect();
        let free = reading
            .widgets
            .iter()
            .filter(|widget| !linked.contains(widget.name.as_str()));
        free.filter_map(|widget| Some((widget.name.clone(), sender.value(widget, place, kinds)?)))
            .collect()
    }
}

/// Says whether a node is to be sent.
fn is_sent(stands: Stands<'_>, place: &Place) -> Result<bool, ConvertError> {
    let refused = |why| ConvertError::Unsupported {
        place: Box::new(place.clone()),
        why,
    };
    match stands {
        Stands::Class(Role::Sent) => Ok(true),
        Stands::Class(Role::Broadcast) => Err(refused(BROADCAST)),
        Stands::Group(group) => group.refused.map_or(Ok(false), |why| Err(refused(why))),
        Stands::Class(
            Role::Drawn | Role::Reroute | Role::Primitive | Role::Setter | Role::Getter,
        )
        | Stands::Subgraph(_) => Ok(false),
    }
}

/// Puts links in, and values for inputs that only take links.
fn link(
    class: &ClassInfo,
    reading: &Reading<'_>,
    brought: Brought,
    (inputs, kinds): (&mut Map<String, Value>, &mut Vec<NoteKind>),
) {
    let widgets: HashSet<&str> = reading
        .widgets
        .iter()
        .map(|widget| widget.name.as_str())
        .collect();
    for (name, forced) in brought.values {
        let takes = class.input(&name).is_some_and(|spec| spec.force_input);
        if takes && !widgets.contains(name.as_str()) {
            inputs.insert(name, wrapped(forced.value, false));
        }
    }
    for (slot, link) in brought.links {
        let spec = class.input(&slot.name);
        let is_socket = spec.is_some_and(|spec| !spec.is_widget());
        if slot.is_widget && !is_socket && !widgets.contains(slot.name.as_str()) {
            kinds.push(NoteKind::InputUnknown { input: slot.name });
        } else {
            inputs.insert(slot.name, link);
        }
    }
}

/// Weighs how well stored values fitted: refuses where every value would be a guess.
fn judge(reading: &Reading<'_>, place: &Place) -> Result<Vec<NoteKind>, ConvertError> {
    if let (true, Some((input, value))) = (reading.is_off(), reading.odd.first()) {
        return Err(ConvertError::ValuesMisfit {
            place: Box::new(place.clone()),
            stored: reading.stored,
            wanted: reading.wanted,
            input: input.clone(),
            value: value.to_string(),
        });
    }
    let mut kinds: Vec<NoteKind> = reading
        .odd
        .iter()
        .map(|(input, value)| NoteKind::ValueOdd {
            input: input.clone(),
            value: value.to_string(),
        })
        .collect();
    if !reading.defaulted.is_empty() {
        kinds.push(NoteKind::ValuesShort {
            stored: reading.stored,
            defaulted: reading.defaulted.clone(),
        });
    }
    if reading.is_long() && reading.wanted > 0 {
        kinds.push(NoteKind::ValuesExtra {
            stored: reading.stored,
            wanted: reading.wanted,
        });
    }
    Ok(kinds)
}

/// Removes links to nodes that are not in the graph.
fn drop_dead_links(graph: &mut Graph) {
    let dead = |value: &Value| match value.as_array().map(Vec::as_slice) {
        Some([Value::String(id), _]) => !graph.nodes.contains_key(id),
        Some(_) | None => false,
    };
    let found: Vec<(usize, String)> = graph
        .nodes
        .values()
        .enumerate()
        .flat_map(|(at, node)| {
            let inputs = node.inputs.iter().filter(|(_, value)| dead(value));
            inputs.map(move |(name, _)| (at, name.clone()))
        })
        .collect();
    for (at, name) in found {
        if let Some((_, node)) = graph.nodes.get_index_mut(at) {
            node.inputs.shift_remove(&name);
        }
    }
}
