//! Where the link into an input really comes from.

use std::cell::Cell;

use serde_json::Value;

use super::book::{Book, Stands};
use super::error::ConvertError;
use super::file::{INPUT_SIDE, Link, Mode, Scope, Slot, UiNode};
use super::frames::{Frame, Frames};
use super::note::Place;
use super::roles::Role;
use super::sockets::outer_slot;
use super::widgets::Forced;
use crate::core::workflow::object_info::types_fit;

/// Reroutes, bypassed nodes and subgraph borders that one link may pass; more is a circle.
const MOST_HOPS: usize = 1_000;

/// Steps that following all links of a workflow may take; a real one of 2,000 nodes takes some 10,000.
const MOST_STEPS: usize = 4_000_000;

/// What feeds an input.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fed {
    /// An output of a node that is sent.
    By(String, usize),
    /// A value.
    Value(Forced),
    /// A value from a primitive whose text asks for field replacement.
    Fields(Forced),
    /// Nothing, because this node is muted.
    Muted(String),
    /// Nothing, because this bypassed node has no input of a fitting type.
    Lost(String),
    /// Nothing.
    Nothing,
}

/// Follows links through a workflow.
#[derive(Debug)]
pub(super) struct Tracer<'t, 'f> {
    pub(super) book: &'t Book<'f>,
    pub(super) frames: &'t Frames<'f>,
    /// Steps taken so far.
    steps: Cell<usize>,
}

/// A point on the way back along a link.
#[derive(Debug, Clone)]
struct Point {
    frame: usize,
    link: String,
}

/// One step back.
enum Step {
    To(usize, Option<String>),
    End(Fed),
}

/// The input whose source is looked for.
struct Asked<'t> {
    place: &'t dyn Fn() -> Place,
    input: &'t str,
    /// Type that a bypassed node has to pass on.
    type_name: String,
}

impl<'t, 'f> Tracer<'t, 'f> {
    /// Gets ready to follow links.
    pub(super) const fn new(book: &'t Book<'f>, frames: &'t Frames<'f>) -> Self {
        Self {
            book,
            frames,
            steps: Cell::new(0),
        }
    }

    /// Counts steps; refuses a workflow that would take for ever.
    fn count(&self, steps: usize) -> Result<(), ConvertError> {
        self.steps.set(self.steps.get().saturating_add(steps));
        if self.steps.get() > MOST_STEPS {
            return Err(ConvertError::TooTangled);
        }
        Ok(())
    }

    /// Finds what feeds an input of a node.
    pub(super) fn feed(
        &self,
        frame: usize,
        node: &UiNode<'_>,
        slot: &Slot,
    ) -> Result<Fed, ConvertError> {
        let prefix = self.frames.get(frame).map_or("", |frame| &frame.prefix);
        let asked = Asked {
            place: &|| self.book.place(prefix, node),
            input: &slot.name,
            type_name: self.book.input_type(node, slot),
        };
        let mut step = Step::To(frame, slot.link.clone());
        for _ in 0..MOST_HOPS {
            match step {
                Step::End(fed) => return Ok(fed),
                Step::To(_, None) => return Ok(Fed::Nothing),
                Step::To(frame, Some(link)) => {
                    step = self.back(&asked, &Point { frame, link })?;
                }
            }
        }
        Err(ConvertError::LinkCircle {
            place: Box::new((asked.place)()),
            input: asked.input.to_owned(),
        })
    }

    /// Goes one step back along a link.
    fn back(&self, asked: &Asked<'_>, at: &Point) -> Result<Step, ConvertError> {
        let Some(frame) = self.frames.get(at.frame) else {
            return Ok(Step::End(Fed::Nothing));
        };
        let Some(link) = frame.scope.links.get(&at.link) else {
            return Err(ConvertError::LinkMissing {
                place: Box::new((asked.place)()),
                input: asked.input.to_owned(),
                link: at.link.clone(),
            });
        };
        if link.origin == INPUT_SIDE && frame.outer.is_some() {
            return Ok(outward(frame, link.origin_slot));
        }
        let Some(origin) = frame.scope.nodes.get(&link.origin) else {
            return Err(ConvertError::OriginMissing {
                place: Box::new((asked.place)()),
                input: asked.input.to_owned(),
                origin: link.origin.clone(),
            });
        };
        let stands = self.book.stands(origin);
        self.count(match stands {
            Stands::Class(Role::Getter) => frame.scope.nodes.len(),
            Stands::Class(_) | Stands::Subgraph(_) | Stands::Group(_) => 1 + origin.inputs.len(),
        })?;
        Ok(self.through(asked, at.frame, (origin, stands), link))
    }

    /// Goes through the node that a link comes from.
    fn through(
        &self,
        asked: &Asked<'_>,
        frame: usize,
        (origin, stands): (&'f UiNode<'f>, Stands<'f>),
        link: &Link,
    ) -> Step {
        if let Stands::Class(Role::Primitive) = stands {
            return Step::End(primitive(origin));
        }
        match origin.mode {
            Mode::Muted => return Step::End(Fed::Muted(origin.id.clone())),
            Mode::Bypassed => return self.bypass(asked, frame, origin, link.origin_slot),
            Mode::Active => {}
        }
        let here = self.frames.get(frame);
        match stands {
            Stands::Class(Role::Sent | Role::Broadcast) => {
                let prefix = here.map_or("", |frame| &frame.prefix);
                let id = format!("{prefix}{}", origin.id);
                Step::End(Fed::By(id, link.origin_slot))
            }
            Stands::Class(Role::Reroute | Role::Setter) => {
                let slot = origin
                    .inputs
                    .get(link.origin_slot)
                    .or(origin.inputs.first());
                Step::To(frame, slot.and_then(|slot| slot.link.clone()))
            }
            Stands::Class(Role::Getter) => {
                let setter = here.and_then(|frame| setter(frame.scope, origin));
                let slot = setter.and_then(|setter| setter.inputs.first());
                Step::To(frame, slot.and_then(|slot| slot.link.clone()))
            }
            Stands::Class(Role::Drawn | Role::Primitive) => Step::End(Fed::Nothing),
            Stands::Subgraph(_) | Stands::Group(_) => self.inward(frame, origin, link.origin_slot),
        }
    }

    /// Goes into a subgraph by one of its outputs.
    fn inward(&self, frame: usize, origin: &UiNode<'_>, slot: usize) -> Step {
        let Some(inside) = self.book.stands(origin).inside() else {
            return Step::End(Fed::Nothing);
        };
        let Some(child) = self.frames.child(frame, &origin.id) else {
            return Step::End(Fed::Nothing);
        };
        let port = inside.outputs.get(slot);
        let mut links = port.into_iter().flat_map(|port| &port.links);
        let link = links.find(|id| inside.scope.links.contains_key(*id));
        Step::To(child, link.cloned())
    }

    /// Goes through a bypassed node by the input whose type fits best.
    fn bypass(&self, asked: &Asked<'_>, frame: usize, node: &UiNode<'_>, slot: usize) -> Step {
        let inputs = self.book.live_inputs(node);
        let wanted = asked.type_name.as_str();
        let output = self.book.output_type(node, slot);
        let fits = |input: &&Slot| {
            types_fit(&input.type_name, &output) && types_fit(&input.type_name, wanted)
        };
        let chosen = if wanted.is_empty() || wanted == "*" {
            inputs.get(slot).or(inputs.first())
        } else {
            inputs
                .get(slot)
                .filter(fits)
                .or_else(|| inputs.iter().find(|input| input.type_name == wanted))
                .or_else(|| inputs.iter().find(fits))
        };
        match chosen {
            Some(input) => Step::To(frame, input.link.clone()),
            None => Step::End(Fed::Lost(node.id.clone())),
        }
    }
}

/// Leaves a subgraph by one of its inputs.
fn outward(frame: &Frame<'_>, port: usize) -> Step {
    let Some((parent, instance)) = frame.outer else {
        return Step::End(Fed::Nothing);
    };
    if let Some(link) = outer_slot(instance, frame.ports, port).and_then(|slot| slot.link.clone()) {
        return Step::To(parent, Some(link));
    }
    let promoted = frame.settings.promoted.get(port);
    Step::End(match promoted.and_then(Option::as_ref) {
        Some(value) => Fed::Value(value.clone()),
        None => Fed::Nothing,
    })
}

/// Finds the `SetNode` that a `GetNode` stands for, by the name both carry as first value.
fn setter<'f>(scope: &'f Scope<'f>, getter: &UiNode<'_>) -> Option<&'f UiNode<'f>> {
    let name = getter.listed().first().and_then(Value::as_str)?;
    scope.nodes.values().find(|node| {
        node.class == "SetNode" && node.listed().first().and_then(Value::as_str) == Some(name)
    })
}

/// Gives the value of a primitive.
fn primitive(node: &UiNode<'_>) -> Fed {
    let Some(value) = node.listed().first() else {
        return Fed::Nothing;
    };
    let forced = Forced {
        value: value.clone(),
        verbatim: false,
    };
    match node.property("Run widget replace on values") {
        Some(Value::Bool(true)) => Fed::Fields(forced),
        Some(_) | None => Fed::Value(forced),
    }
}
