//! Values as the server coerces them: Python's `int()`, `float()` and list membership.

use serde_json::Value;

/// A number after coercion, exact where it was a whole number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coerced {
    /// Whole number.
    Whole(i128),
    /// Number.
    Real(f64),
}

impl Coerced {
    /// Gives the number as a float.
    #[expect(
        clippy::cast_precision_loss,
        reason = "only for comparing with a float limit"
    )]
    pub(super) const fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }
}

/// Does what Python's `int(value)` does; `None` where that raises.
pub(super) fn int(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(flag) => Some(i128::from(*flag)),
        Value::Number(number) => {
            if let Some(whole) = number.as_i64() {
                return Some(whole.into());
            }
            if let Some(whole) = number.as_u64() {
                return Some(whole.into());
            }
            let real = number.as_f64().filter(|real| real.is_finite())?;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "cut towards zero, saturating"
            )]
            Some(real as i128)
        }
        Value::String(text) => python_digits(text).and_then(|digits| digits.parse().ok()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Does what Python's `float(value)` does; `None` where that raises.
pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => python_digits(text).and_then(|digits| digits.parse().ok()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Drops the spaces and the underscores between digits that Python allows in a number.
fn python_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let bad = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!bad).then(|| text.replace('_', ""))
}

/// Takes the value out of the wrapper that keeps an array from being read as a link.
pub(super) fn unwrapped(value: &Value) -> &Value {
    value
        .as_object()
        .and_then(|object| object.get("__value__"))
        .unwrap_or(value)
}

/// Quotes a value for a message, short and harmless.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    let clean = crate::core::text::scrub(&text);
    let mut short: String = clean.chars().take(80).collect();
    if clean.chars().count() > 80 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_coerced_as_the_server_does() {
        for (value, whole) in [
            (json!("64"), Some(64)),
            (json!(" 1_000 "), Some(1000)),
            (json!(64.9), Some(64)),
            (json!(true), Some(1)),
            (json!("64.5"), None),
            (json!("wide"), None),
            (json!(null), None),
            (json!(u64::MAX), Some(i128::from(u64::MAX))),
        ] {
            assert_eq!(int(&value), whole, "{value}");
        }
        assert_eq!(float(&json!("2.5")), Some(2.5));
        assert_eq!(float(&json!({})), None);
    }
}
