//! The values of a node: which of the stored ones belongs to which input.
//!
//! The file stores values by place, and places follow from the class: every input that has a widget, in
//! order, each followed by the editor's control entries and, for combos that bring inputs of their own,
//! by those of the chosen option.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::file::UiNode;
use super::fit::{fits, is_control, trailing};
use crate::core::workflow::object_info::{Choices, ClassInfo, InputKind, InputSpec, OptionInputs};

/// The class whose choices are typed in by the user; a server's definition has only `choice`.
pub(super) const CUSTOM_COMBO: &str = "CustomCombo";

/// Places that one inner node of a group node can have.
const MOST_PLACES: usize = 1_000;

/// A value that takes the place of the stored one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Forced {
    pub(super) value: Value,
    /// Whether a text is sent as it is, because it was set on a subgraph.
    pub(super) verbatim: bool,
}

/// Values from elsewhere by input name.
pub(super) type ForcedValues = HashMap<String, Forced>;

/// One widget of a node with the value it will send.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Widget<'i> {
    /// Full name, dotted inside dynamic combos.
    pub(super) name: String,
    pub(super) spec: &'i InputSpec,
    /// `None`: nothing to send.
    pub(super) value: Option<Value>,
    pub(super) verbatim: bool,
}

/// All widgets of a node and how well the stored values fitted.
#[derive(Debug, Default)]
pub(super) struct Reading<'i> {
    pub(super) widgets: Vec<Widget<'i>>,
    /// Values in the file, where stored by place.
    pub(super) stored: usize,
    /// Places that the class has, without upload entries at the end.
    pub(super) wanted: usize,
    /// Entries that may follow at the end.
    pub(super) trailing: usize,
    /// Inputs whose place was beyond the end.
    pub(super) defaulted: Vec<String>,
    /// Values of another kind than their input.
    pub(super) odd: Vec<(String, Value)>,
}

impl Reading<'_> {
    /// Says whether the file has another number of values than the class.
    pub(super) fn is_off(&self) -> bool {
        self.is_long() || !self.defaulted.is_empty()
    }

    /// Says whether the file has more values than the class.
    pub(super) const fn is_long(&self) -> bool {
        self.stored > self.wanted + self.trailing
    }
}

/// Reads the widgets of a node.
pub(super) fn read<'i>(
    class: &'i ClassInfo,
    node: &UiNode<'_>,
    forced: &ForcedValues,
) -> Reading<'i> {
    if let Some(Value::Object(named)) = node.values {
        return Reader::new(Stored::Named(named), forced).all(class);
    }
    let placed = without_dummies(class, node.listed());
    let reading = Reader::new(Stored::Placed(&placed), forced).all(class);
    match node.named {
        Some(named) if reading.is_off() => Reader::new(Stored::Named(named), forced).all(class),
        Some(_) | None => reading,
    }
}

/// Reads values by place out of a longer list, as group nodes store them.
pub(super) fn read_placed<'i>(class: &'i ClassInfo, values: &[Value]) -> Reading<'i> {
    let placed: Vec<&Value> = values.iter().take(MOST_PLACES).collect();
    Reader::new(Stored::Placed(&placed), &ForcedValues::new()).all(class)
}

/// Gives what a custom combo sends beside its choice: where the choice stands, and every option.
///
/// Stored are the choice, an index that is not believed, and the options.
pub(super) fn custom_combo(node: &UiNode<'_>, choice: Option<&Value>) -> Map<String, Value> {
    let options = node.listed().get(2..).unwrap_or_default();
    let index = options.iter().position(|option| Some(option) == choice);
    let index = index
        .and_then(|index| i64::try_from(index).ok())
        .unwrap_or(-1);
    let options = options.iter().enumerate();
    std::iter::once(("index".to_owned(), Value::from(index)))
        .chain(options.map(|(at, option)| (format!("option{}", at + 1), option.clone())))
        .collect()
}

/// Drops the values that editors before 1.16 kept for inputs which only take links.
fn without_dummies<'v>(class: &ClassInfo, values: &'v [Value]) -> Vec<&'v Value> {
    let places: Vec<bool> = class
        .visible_inputs()
        .filter(|input| input.force_input || input.is_widget())
        .flat_map(|input| {
            let control = input.control_after_generate == Some(true);
            std::iter::once(input.force_input).chain(control.then_some(false))
        })
        .collect();
    if places.len() != values.len() {
        return values.iter().collect();
    }
    let kept = values.iter().zip(places).filter(|(_, dummy)| !dummy);
    kept.map(|(value, _)| value).collect()
}

/// Takes the prefix off a sampler's name as the first editors stored it.
fn modern_sampler(widget: &mut Widget<'_>) {
    if widget.name == "sampler_name"
        && let Some(name) = widget.value.as_ref().and_then(Value::as_str)
        && let Some(modern) = name.strip_prefix("sample_")
    {
        widget.value = Some(Value::from(modern));
    }
}

/// Where stored values come from.
#[derive(Clone, Copy)]
enum Stored<'v> {
    /// By place.
    Placed(&'v [&'v Value]),
    /// By name.
    Named(&'v Map<String, Value>),
    /// Nowhere: everything gets its default.
    Nowhere,
}

/// Walks a class's inputs and the stored values side by side.
struct Reader<'i, 'v> {
    stored: Stored<'v>,
    forced: &'v ForcedValues,
    place: usize,
    done: Reading<'i>,
}

impl<'i, 'v> Reader<'i, 'v> {
    fn new(stored: Stored<'v>, forced: &'v ForcedValues) -> Self {
        Self {
            stored,
            forced,
            place: 0,
            done: Reading::default(),
        }
    }

    /// Reads everything.
    fn all(mut self, class: &'i ClassInfo) -> Reading<'i> {
        self.inputs(&class.inputs, "");
        self.done.stored = match self.stored {
            Stored::Placed(values) => values.len(),
            Stored::Named(_) | Stored::Nowhere => self.place,
        };
        self.done.wanted = self.place;
        self.done.trailing = trailing(class);
        if matches!(class.name.as_str(), "KSampler" | "KSamplerAdvanced") {
            self.done.widgets.iter_mut().for_each(modern_sampler);
        }
        self.done
    }

    /// Reads a list of inputs, their names prefixed.
    fn inputs(&mut self, inputs: &'i [InputSpec], prefix: &str) {
        for input in inputs.iter().filter(|input| input.is_widget()) {
            self.input(input, &format!("{prefix}{}", input.name));
        }
    }

    /// Reads one input with all that belongs to it.
    fn input(&mut self, spec: &'i InputSpec, name: &str) {
        let stored = self.take(spec, name);
        let forced = self.forced.get(name);
        let value = forced.map_or_else(|| stored.clone(), |forced| Some(forced.value.clone()));
        self.done.widgets.push(Widget {
            name: name.to_owned(),
            spec,
            value: value.clone(),
            verbatim: forced.is_some_and(|forced| forced.verbatim),
        });
        self.controls(spec, name);
        match &spec.kind {
            InputKind::DynamicCombo(options) => {
                self.option(options, name, (stored.as_ref(), value.as_ref()));
            }
            InputKind::Combo(choices) => self.extra(choices, value.as_ref()),
            InputKind::Int(_)
            | InputKind::Float(_)
            | InputKind::String(_)
            | InputKind::Boolean
            | InputKind::Autogrow(_)
            | InputKind::Special
            | InputKind::Socket => {}
        }
    }

    /// Reads the inputs of a dynamic combo's option; those of an option that was replaced are passed over.
    fn option(
        &mut self,
        options: &'i [OptionInputs],
        name: &str,
        (stored, chosen): (Option<&Value>, Option<&Value>),
    ) {
        let find = |key: Option<&Value>| {
            let key = key.and_then(Value::as_str)?;
            options.iter().find(|option| option.key == key)
        };
        let prefix = format!("{name}.");
        if stored == chosen {
            if let Some(option) = find(chosen) {
                self.inputs(&option.inputs, &prefix);
            }
            return;
        }
        let kept = self.done.widgets.len();
        if let Some(option) = find(stored) {
            self.inputs(&option.inputs, &prefix);
        }
        self.done.widgets.truncate(kept);
        let source = std::mem::replace(&mut self.stored, Stored::Nowhere);
        let place = self.place;
        if let Some(option) = find(chosen) {
            self.inputs(&option.inputs, &prefix);
        }
        self.stored = source;
        self.place = place;
    }

    /// Reads the inputs that a plain combo's choice brings.
    fn extra(&mut self, choices: &'i Choices, chosen: Option<&Value>) {
        let extra = chosen
            .and_then(Value::as_str)
            .and_then(|chosen| choices.extra.get(chosen));
        if let Some(extra) = extra {
            self.inputs(extra, "");
        }
    }

    /// Takes the stored value of an input, or its default.
    fn take(&mut self, spec: &InputSpec, name: &str) -> Option<Value> {
        let stored = match self.stored {
            Stored::Placed(values) => values.get(self.place).copied(),
            Stored::Named(values) => values.get(name),
            Stored::Nowhere => None,
        };
        self.place += 1;
        let Some(stored) = stored else {
            if !matches!(self.stored, Stored::Nowhere) {
                self.done.defaulted.push(name.to_owned());
            }
            return spec.initial_value();
        };
        if !fits(spec, stored) {
            self.done.odd.push((name.to_owned(), stored.clone()));
        }
        match (&spec.kind, stored) {
            (InputKind::Combo(_) | InputKind::DynamicCombo(_), Value::Null) => spec.initial_value(),
            _ => Some(stored.clone()),
        }
    }

    /// Passes over the editor's own entries after a value.
    fn controls(&mut self, spec: &InputSpec, name: &str) {
        let asked = spec.control_after_generate;
        let count = match spec.kind {
            InputKind::Int(_) => {
                usize::from(asked.unwrap_or_else(|| name == "seed" || name == "noise_seed"))
            }
            InputKind::Float(_) => usize::from(asked == Some(true)),
            InputKind::Combo(_) if asked == Some(true) => 2,
            InputKind::Combo(_)
            | InputKind::String(_)
            | InputKind::Boolean
            | InputKind::DynamicCombo(_)
            | InputKind::Autogrow(_)
            | InputKind::Special
            | InputKind::Socket => 0,
        };
        if let (Stored::Placed(values), 1..) = (self.stored, count)
            && let Some(control) = values.get(self.place)
            && !is_control(control)
        {
            let entry = format!("{name}, control after generate");
            self.done.odd.push((entry, (*control).clone()));
        }
        self.place += count;
    }
}
