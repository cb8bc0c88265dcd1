//! One node after the other into the graph.

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::ConvertOptions;
use super::book::Stands;
use super::file::{Mode, Slot, UiNode};
use super::frames::Frame;
use super::report::{ConvertError, Note, NoteKind, Place};
use super::roles::Role;
use super::text;
use super::trace::{Fed, Tracer};
use super::widgets::{self, CUSTOM_COMBO, Forced, ForcedValues, Reading, Widget, custom_combo};
use crate::core::workflow::object_info::{ClassInfo, InputKind, InputSpec};
use crate::core::workflow::{Graph, Node};

/// Types whose value only the editor's browser can make when it sends.
const EDITOR_MADE: &[&str] = &["LOAD_3D", "WEBCAM", "AUDIO_RECORD"];
/// Types that hold something to look at and are never sent.
const NEVER_SENT: &[&str] = &["IMAGECOMPARE", "AUDIO_UI", "AUDIOUPLOAD", "IMAGEUPLOAD"];

/// Bytes of text that a graph may hold; workers refuse requests above 100 MB.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// Makes the graph out of the frames.
#[derive(Debug)]
pub(super) struct Exporter<'t, 'f> {
    pub(super) tracer: Tracer<'t, 'f>,
    pub(super) options: &'t ConvertOptions,
    pub(super) graph: Graph,
    pub(super) notes: Vec<Note>,
    pub(super) unknown: Vec<Place>,
    /// Bytes of text in the graph so far.
    size: usize,
    /// Nodes by search name and by title, the first of each.
    named: OnceCell<(Names<'t, 'f>, Names<'t, 'f>)>,
}

/// Nodes by a name.
type Names<'t, 'f> = HashMap<&'f str, Spot<'t, 'f>>;

/// A node with where it stands.
#[derive(Debug, Clone, Copy)]
struct Spot<'t, 'f> {
    frame: usize,
    prefix: &'t str,
    node: &'f UiNode<'f>,
}

/// What the links into a node bring.
#[derive(Debug, Default)]
struct Brought {
    values: ForcedValues,
    links: Vec<(Slot, Value)>,
    notes: Vec<NoteKind>,
}

impl<'t, 'f> Exporter<'t, 'f> {
    /// Starts with nothing.
    pub(super) fn new(tracer: Tracer<'t, 'f>, options: &'t ConvertOptions) -> Self {
        Self {
            tracer,
            options,
            graph: Graph::default(),
            notes: Vec::new(),
            unknown: Vec::new(),
            size: 0,
            named: OnceCell::new(),
        }
    }

    /// Sends every node that takes part.
    pub(super) fn all(&mut self) -> Result<(), ConvertError> {
        let frames = self.tracer.frames;
        for (frame, here) in frames.all.iter().enumerate() {
            for node in here.scope.nodes.values() {
                let spot = Spot {
                    frame,
                    prefix: &here.prefix,
                    node,
                };
                if node.mode == Mode::Active {
                    self.node(here, spot)?;
                }
            }
        }
        let Self { graph, unknown, .. } = self;
        if !unknown.is_empty() {
            let places = std::mem::take(unknown);
            return Err(ConvertError::UnknownClasses { places });
        }
        drop_dead_links(graph);
        Ok(())
    }

    /// Sends one node, if it is one to be sent.
    fn node(&mut self, here: &Frame<'f>, spot: Spot<'t, 'f>) -> Result<(), ConvertError> {
        let place = self.tracer.book.place(spot.prefix, spot.node);
        match self.tracer.book.stands(spot.node) {
            Stands::Class(Role::Sent) => {}
            Stands::Class(Role::Broadcast) => {
                return Err(ConvertError::Unsupported {
                    place,
                    why: "it feeds other nodes without links, which only its editor extension can follow; turn its broadcasts into real links in the editor and save again",
                });
            }
            Stands::Group(group) => {
                return match group.refused {
                    Some(why) => Err(ConvertError::Unsupported { place, why }),
                    None => Ok(()),
                };
            }
            Stands::Class(
                Role::Drawn | Role::Reroute | Role::Primitive | Role::Setter | Role::Getter,
            )
            | Stands::Subgraph(_) => return Ok(()),
        }
        let Some(class) = self.tracer.book.info.class(spot.node.class) else {
            self.unknown.push(place);
            return Ok(());
        };
        let brought = self.brought(here, spot)?;
        let reading = widgets::read(class, spot.node, &brought.values);
        let noted = judge(&reading, &place)?;
        self.note(&place, noted.into_iter().chain(brought.notes.clone()));
        let mut inputs = self.inputs(class, &reading, brought, &place);
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
        self.graph.nodes.insert(place.node, node);
        Ok(())
    }

    /// Follows all links into a node.
    fn brought(&self, here: &Frame<'f>, spot: Spot<'_, 'f>) -> Result<Brought, ConvertError> {
        let mut brought = Brought {
            values: here
                .settings
                .inner
                .get(&spot.node.id)
                .cloned()
                .unwrap_or_default(),
            ..Brought::default()
        };
        for slot in spot.node.inputs.iter().filter(|slot| slot.link.is_some()) {
            let name = slot.name.clone();
            let input = || slot.name.clone();
            match self.tracer.feed(spot.frame, spot.node, slot)? {
                Fed::By(id, output) => brought.links.push((slot.clone(), json!([id, output]))),
                Fed::Value(value) => {
                    brought.values.insert(name, value);
                }
                Fed::Fields(forced) => {
                    let value = self.filled(forced.value).0;
                    let verbatim = forced.verbatim;
                    brought.values.insert(name, Forced { value, verbatim });
                }
                Fed::Muted(muted) => {
                    brought.notes.push(NoteKind::LinkMuted {
                        input: input(),
                        muted,
                    });
                }
                Fed::Lost(bypassed) => {
                    brought.notes.push(NoteKind::LinkLost {
                        input: input(),
                        bypassed,
                    });
                }
                Fed::Nothing => {}
            }
        }
        Ok(brought)
    }

    /// Puts widgets and links together.
    fn inputs(
        &mut self,
        class: &ClassInfo,
        reading: &Reading<'_>,
        brought: Brought,
        place: &Place,
    ) -> Map<String, Value> {
        let mut inputs = Map::new();
        for widget in &reading.widgets {
            let linked = brought
                .links
                .iter()
                .any(|(slot, _)| slot.name == widget.name);
            if let Some(value) = self.sent(widget, place, linked) {
                inputs.insert(widget.name.clone(), value);
            }
        }
        let has_widget = |name: &str| reading.widgets.iter().any(|widget| widget.name == name);
        for (name, forced) in brought.values {
            let takes = class.input(&name).is_some_and(|spec| spec.force_input);
            if takes && !has_widget(&name) {
                inputs.insert(name, wrapped(forced.value, false));
            }
        }
        for (slot, link) in brought.links {
            let is_socket = class
                .input(&slot.name)
                .is_some_and(|spec| !spec.is_widget());
            if slot.is_widget && !is_socket && !has_widget(&slot.name) {
                let input = slot.name;
                self.note(place, [NoteKind::InputUnknown { input }]);
            } else {
                inputs.insert(slot.name, link);
            }
        }
        inputs
    }

    /// Gives the value that a widget sends.
    fn sent(&mut self, widget: &Widget<'_>, place: &Place, linked: bool) -> Option<Value> {
        let spec = widget.spec;
        let type_name = spec.type_name.as_str();
        if NEVER_SENT.contains(&type_name) {
            return None;
        }
        let mut kinds = Vec::new();
        if EDITOR_MADE.contains(&type_name) && !linked {
            let input = widget.name.clone();
            kinds.push(NoteKind::EditorMade { input });
        }
        let value = match (widget.value.clone(), &spec.kind) {
            (Some(Value::String(text)), InputKind::String(kind)) if !linked => {
                let text = if kind.dynamic_prompts {
                    self.resolved(text, widget, place, &mut kinds)
                } else {
                    text
                };
                Some(self.named(text, spec, &mut kinds))
            }
            (value, _) => value,
        };
        self.note(place, kinds);
        value.map(|value| wrapped(value, type_name == "CURVE"))
    }

    /// Keeps what was noticed about a node.
    fn note(&mut self, place: &Place, kinds: impl IntoIterator<Item = NoteKind>) {
        let notes = kinds.into_iter().map(|kind| Note {
            place: place.clone(),
            kind,
        });
        self.notes.extend(notes);
    }

    /// Resolves a dynamic prompt and says what became of it.
    fn resolved(
        &self,
        text: String,
        widget: &Widget<'_>,
        place: &Place,
        kinds: &mut Vec<NoteKind>,
    ) -> String {
        let mut random =
            fastrand::Rng::with_seed(self.options.seed ^ seed_of(&place.node, &widget.name));
        let sent = text::dynamic_prompt(&text, &mut |count| random.usize(..count.max(1)));
        if sent == text {
            return text;
        }
        let input = widget.name.clone();
        if widget.verbatim {
            kinds.push(NoteKind::TextKept { input });
            return text;
        }
        let address_cut = text.contains("://") && !sent.contains("://");
        kinds.push(NoteKind::TextResolved {
            input,
            text: sent.clone(),
            address_cut,
        });
        sent
    }

    /// Fills the fields of a file-name prefix.
    fn named(&self, text: String, spec: &InputSpec, kinds: &mut Vec<NoteKind>) -> Value {
        if spec.name != "filename_prefix" || !text.contains('%') {
            return Value::String(text);
        }
        let (value, date_kept) = self.filled(Value::String(text));
        if date_kept {
            let input = spec.name.clone();
            kinds.push(NoteKind::DateKept { input });
        }
        value
    }

    /// Fills the `%…%` fields of a text; says whether a date stayed.
    fn filled(&self, value: Value) -> (Value, bool) {
        let Value::String(text) = value else {
            return (value, false);
        };
        let look = |node: &str, widget: &str| self.look(node, widget);
        let (text, date_kept) = text::file_fields(&text, self.options.now, &look);
        (Value::String(text), date_kept)
    }

    /// Finds the value of a node's widget for a file-name field: by the node's search name, else by its title.
    fn look(&self, name: &str, widget: &str) -> Option<Value> {
        let (searched, titled) = self.named.get_or_init(|| self.names());
        let spot = searched.get(name).or_else(|| titled.get(name)).copied()?;
        let class = self.tracer.book.info.class(spot.node.class)?;
        let here = self.tracer.frames.get(spot.frame)?;
        let brought = self.brought_values(here, spot);
        let reading = widgets::read(class, spot.node, &brought);
        let mut widgets = reading.widgets.into_iter();
        let found = widgets.find(|found| found.name == widget)?;
        Some(found.value.unwrap_or(Value::Null))
    }

    /// Gives the values, not the links, that come into a node.
    fn brought_values(&self, here: &Frame<'f>, spot: Spot<'_, 'f>) -> ForcedValues {
        let mut values = here
            .settings
            .inner
            .get(&spot.node.id)
            .cloned()
            .unwrap_or_default();
        for slot in spot.node.inputs.iter().filter(|slot| slot.link.is_some()) {
            if let Ok(Fed::Value(value)) = self.tracer.feed(spot.frame, spot.node, slot) {
                values.insert(slot.name.clone(), value);
            }
        }
        values
    }

    /// Lists nodes by search name and by title; the root's come before those of subgraphs.
    fn names(&self) -> (Names<'t, 'f>, Names<'t, 'f>) {
        let (mut searched, mut titled) = (Names::new(), Names::new());
        for (frame, here) in self.tracer.frames.all.iter().enumerate() {
            for node in here.scope.nodes.values() {
                let spot = Spot {
                    frame,
                    prefix: &here.prefix,
                    node,
                };
                let name = node.properties.and_then(|p| p.get("Node name for S&R"));
                if let Some(name) = name.and_then(Value::as_str) {
                    searched.entry(name).or_insert(spot);
                }
                let class = self.tracer.book.info.class(node.class);
                let title = node
                    .title
                    .or(class.map(|class| class.display_name.as_str()));
                titled.entry(title.unwrap_or(node.class)).or_insert(spot);
            }
        }
        (searched, titled)
    }
}

/// Weighs how well stored values fitted: refuses where every value would be a guess.
fn judge(reading: &Reading<'_>, place: &Place) -> Result<Vec<NoteKind>, ConvertError> {
    if let (true, Some((input, value))) = (reading.is_off(), reading.odd.first()) {
        return Err(ConvertError::ValuesMisfit {
            place: place.clone(),
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

/// Wraps an array, which would look like a link, and a curve, which the server expects so.
fn wrapped(value: Value, is_curve: bool) -> Value {
    match value {
        value if is_curve => json!({"__type__": "CURVE", "__value__": value}),
        Value::Array(_) => json!({"__value__": value}),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value
        }
    }
}

/// Measures the text in a value.
fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(size_of).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + size_of(value))
            .sum(),
    }
}

/// Makes a number out of a node and an input, so that one text's choice does not depend on the others.
fn seed_of(node: &str, input: &str) -> u64 {
    let bytes = node.bytes().chain([0]).chain(input.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
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
