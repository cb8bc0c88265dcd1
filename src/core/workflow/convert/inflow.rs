//! What comes into a node: over its links, from the subgraph instance it is in, and by name into file names.

use std::cell::OnceCell;
use std::collections::HashMap;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::error::ConvertError;
use super::file::{Slot, UiNode};
use super::note::NoteKind;
use super::text;
use super::trace::{Fed, Tracer};
use super::widgets::{self, Forced, ForcedValues};

/// A node with where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'t, 'f> {
    pub(super) frame: usize,
    pub(super) prefix: &'t str,
    pub(super) node: &'f UiNode<'f>,
}

/// What comes into a node.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Values by input.
    pub(super) values: ForcedValues,
    /// Links in the order of the node's sockets.
    pub(super) links: Vec<(Slot, Value)>,
    /// What was noticed on the way.
    pub(super) notes: Vec<NoteKind>,
}

/// Finds what comes into nodes.
#[derive(Debug)]
pub(super) struct Inflow<'t, 'f> {
    pub(super) tracer: Tracer<'t, 'f>,
    /// Local time for file names.
    now: Option<DateTime>,
    /// Nodes by search name and by title, the first of each.
    named: OnceCell<(Names<'t, 'f>, Names<'t, 'f>)>,
}

/// Nodes by a name.
type Names<'t, 'f> = HashMap<&'f str, Spot<'t, 'f>>;

impl<'t, 'f> Inflow<'t, 'f> {
    /// Gets ready.
    pub(super) const fn new(tracer: Tracer<'t, 'f>, now: Option<DateTime>) -> Self {
        Self {
            tracer,
            now,
            named: OnceCell::new(),
        }
    }

    /// Follows all links into a node.
    pub(super) fn brought(&self, spot: Spot<'_, 'f>) -> Result<Brought, ConvertError> {
        let mut brought = Brought {
            values: self.set_on_instance(spot),
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

    /// Fills the `%…%` fields of a text; says whether a date stayed.
    pub(super) fn filled(&self, value: Value) -> (Value, bool) {
        let Value::String(text) = value else {
            return (value, false);
        };
        let look = |node: &str, widget: &str| self.look(node, widget);
        let (text, date_kept) = text::file_fields(&text, self.now, &look);
        (Value::String(text), date_kept)
    }

    /// Finds the value of a node's widget for a file-name field: by the node's search name, else by its title.
    fn look(&self, name: &str, widget: &str) -> Option<Value> {
        let (searched, titled) = self.named.get_or_init(|| self.names());
        let spot = searched.get(name).or_else(|| titled.get(name)).copied()?;
        let class = self.tracer.book.info.class(spot.node.class)?;
        let brought = self.values(spot);
        let reading = widgets::read(class, spot.node, &brought);
        let mut widgets = reading.widgets.into_iter();
        let found = widgets.find(|found| found.name == widget)?;
        Some(found.value.unwrap_or(Value::Null))
    }

    /// Gives the values, not the links, that come into a node.
    fn values(&self, spot: Spot<'_, 'f>) -> ForcedValues {
        let mut values = self.set_on_instance(spot);
        for slot in spot.node.inputs.iter().filter(|slot| slot.link.is_some()) {
            if let Ok(Fed::Value(value)) = self.tracer.feed(spot.frame, spot.node, slot) {
                values.insert(slot.name.clone(), value);
            }
        }
        values
    }

    /// Gives what the subgraph instance around a node sets for it.
    fn set_on_instance(&self, spot: Spot<'_, 'f>) -> ForcedValues {
        let here = self.tracer.frames.get(spot.frame);
        here.and_then(|here| here.settings.inner.get(&spot.node.id))
            .cloned()
            .unwrap_or_default()
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
