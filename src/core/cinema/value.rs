//! What a field of a shot may hold.

use std::fmt;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::Val;
use serde::{Deserialize, Serialize};

/// A value of a field.
///
/// Whole and real numbers are kept apart because rules do: CEL does not mix them in arithmetic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number: a year, a count.
    Whole(i64),
    /// A real number: millimetres, seconds, a stop. Always finite.
    Real(f64),
    /// An id or free text.
    Text(String),
    /// Several ids, without repetition.
    Texts(Vec<String>),
    /// Several real numbers.
    Reals(Vec<f64>),
}

impl Value {
    /// The text, when it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Flag(_) | Self::Whole(_) | Self::Real(_) | Self::Texts(_) | Self::Reals(_) => {
                None
            }
        }
    }

    /// The ids it holds: one for a text, several for a list, none for a number.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::Texts(texts) => texts.iter().map(String::as_str).collect(),
            Self::Flag(_) | Self::Whole(_) | Self::Real(_) | Self::Reals(_) => Vec::new(),
        }
    }

    /// The number, when it is one.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "years, counts and pixels are far below 2^52"
    )]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(n) => Some(*n as f64),
            Self::Real(n) => Some(*n),
            Self::Flag(_) | Self::Text(_) | Self::Texts(_) | Self::Reals(_) => None,
        }
    }

    /// Writes it as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Turns it into what rules see.
    pub(super) fn into_cel(self) -> Box<dyn Val> {
        match self {
            Self::Flag(flag) => Box::new(CelBool::from(flag)),
            Self::Whole(n) => Box::new(CelInt::from(n)),
            Self::Real(n) => Box::new(CelDouble::from(n)),
            Self::Text(text) => Box::new(CelString::from(text)),
            Self::Texts(texts) => {
                let items = texts
                    .into_iter()
                    .map(|text| Box::new(CelString::from(text)) as Box<dyn Val>);
                Box::new(CelList::from(items.collect::<Vec<_>>()))
            }
            Self::Reals(numbers) => {
                let items = numbers
                    .into_iter()
                    .map(|n| Box::new(CelDouble::from(n)) as Box<dyn Val>);
                Box::new(CelList::from(items.collect::<Vec<_>>()))
            }
        }
    }
}

/// As people write it: `a, b` for a list, no quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Whole(n) => write!(f, "{n}"),
            Self::Real(n) => write!(f, "{n}"),
            Self::Text(text) => f.write_str(text),
            Self::Texts(texts) => f.write_str(&texts.join(", ")),
            Self::Reals(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                f.write_str(&numbers.join(", "))
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Whole(n)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Real(n)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&[String]> for Value {
    fn from(texts: &[String]) -> Self {
        Self::Texts(texts.to_vec())
    }
}
