//! What a worker says its nodes are: a typed, lenient reading of `GET /object_info`.
//!
//! The answer differs between server generations (a combo is a bare list in one and
//! `["COMBO", {"options": […]}]` in the other; later ones add `input_order`, dynamic combos, growing
//! input groups) and between custom packs, which put anything they like into it. Reading therefore
//! never fails on one odd class: what cannot be understood becomes a socket or is listed in
//! [`ObjectInfo::skipped`], and everything else stays usable.

mod read;
mod spec;

use indexmap::IndexMap;
use serde_json::Value;
use thiserror::Error;

pub use spec::{
    Autogrow, Choices, GrowNames, InputKind, InputSpec, Need, OptionInputs, Range, TextKind,
    Upload, types_fit,
};

/// The node classes that one worker, or several together, can run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectInfo {
    classes: IndexMap<String, ClassInfo>,
    skipped: Vec<String>,
}

/// One node class as a server describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassInfo {
    /// Name used as `class_type`, such as `KSampler`.
    pub name: String,
    /// Name shown in the editor; the class name where the server gives none.
    pub display_name: String,
    /// Menu path, such as `model/sampling`.
    pub category: String,
    /// Prose for people, possibly empty and possibly long.
    pub description: String,
    /// Where the class comes from: `nodes`, `comfy_extras.…` or `custom_nodes.<pack folder>`.
    pub python_module: String,
    /// Inputs in the order the editor lists them: required, optional, then hidden.
    pub inputs: Vec<InputSpec>,
    /// Outputs by slot number.
    pub outputs: Vec<OutputSpec>,
    /// Whether a graph may end here; a graph without such a node is refused.
    pub output_node: bool,
    /// Whether the class is kept only for old graphs.
    pub deprecated: bool,
    /// Whether the class calls a paid service outside the worker.
    pub api_node: bool,
}

/// One output socket of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpec {
    /// Name shown in the editor; the type where the server gives none.
    pub name: String,
    /// Link type, such as `IMAGE`; `COMBO` where the server lists choices; `*` where it says nothing.
    pub type_name: String,
    /// Whether the output is a list that runs what follows once per element.
    pub is_list: bool,
}

/// Says why an answer could not be read as node definitions at all.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ObjectInfoError {
    /// The text is not JSON.
    #[error(
        "node definitions are not JSON (line {line}, column {column}): ask the worker again, or save its /object_info whole"
    )]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The JSON is not an object of classes.
    #[error(
        "node definitions are {found}, not an object of classes: is this really the answer of /object_info?"
    )]
    NotClasses {
        /// What stands there instead, such as `an array`.
        found: &'static str,
    },
}

impl ObjectInfo {
    /// Reads the body of `/object_info` or `/object_info/CLASS`.
    ///
    /// An empty object is fine: that is how a server answers for a class it does not have.
    ///
    /// # Errors
    /// Only when the text is not JSON or not an object; single odd classes go to [`Self::skipped`].
    pub fn parse(text: &str) -> Result<Self, ObjectInfoError> {
        let value = serde_json::from_str(text).map_err(|fault| ObjectInfoError::NotJson {
            line: fault.line(),
            column: fault.column(),
        })?;
        Self::from_value(&value)
    }

    /// Reads node definitions from JSON that has been parsed already.
    ///
    /// # Errors
    /// When the value is not an object.
    pub fn from_value(value: &Value) -> Result<Self, ObjectInfoError> {
        let Value::Object(classes) = value else {
            return Err(ObjectInfoError::NotClasses {
                found: kind_of(value),
            });
        };
        let mut known = Self::default();
        for (name, class) in classes {
            match class {
                Value::Object(class) => {
                    known.insert(read::class(name, class));
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => known.skipped.push(name.clone()),
            }
        }
        Ok(known)
    }

    /// Finds a class by its `class_type`.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&ClassInfo> {
        self.classes.get(name)
    }

    /// Lists all classes in the order the server gave them.
    #[must_use]
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &ClassInfo> {
        self.classes.values()
    }

    /// Counts the classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Says whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Lists entries that were not class definitions, by name.
    #[must_use]
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Adds or replaces one class.
    pub fn insert(&mut self, class: ClassInfo) {
        self.classes.insert(class.name.clone(), class);
    }

    /// Adds the classes of another answer; where both know a class, the other one wins.
    ///
    /// Meant for `/object_info/CLASS` answers and for packs described apart from the server.
    pub fn merge(&mut self, other: Self) {
        self.classes.extend(other.classes);
        self.skipped.extend(other.skipped);
    }
}

impl ClassInfo {
    /// Finds an input by name, as sent in a graph: dotted names reach into dynamic combos and growing groups.
    ///
    /// For a name such as `model.images.image_1` the specification found is the template's.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&InputSpec> {
        spec::find(&self.inputs, name)
    }

    /// Lists the inputs that a graph may set: all but the hidden ones.
    pub fn visible_inputs(&self) -> impl Iterator<Item = &InputSpec> {
        self.inputs
            .iter()
            .filter(|input| input.need != Need::Hidden)
    }

    /// Names the custom pack's folder that provides this class; `None` for built-in ones.
    #[must_use]
    pub fn pack(&self) -> Option<&str> {
        let rest = self.python_module.strip_prefix("custom_nodes.")?;
        rest.split('.').next().filter(|pack| !pack.is_empty())
    }
}

/// Names a JSON kind for messages.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
