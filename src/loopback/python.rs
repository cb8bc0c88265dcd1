//! What Python makes of JSON values: spelling, truth and conversion, as a server's validation shows them.

use serde_json::Value;

use super::json::float_text;

/// Spells a value as `repr` does.
pub(crate) fn repr(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            text(value)
        }
    }
}

/// Spells a value as `str` does.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(yes) => if *yes { "True" } else { "False" }.to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float_text(float),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, item)| format!("{}: {}", quoted(name), repr(item)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == mark => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push(mark);
    out
}

/// Names a value's type as a `TypeError` does.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Says whether `if value:` is taken.
pub(crate) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Converts as `int()` does, or says what the exception would.
pub(crate) fn int(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(yes) => Ok(Value::from(i64::from(*yes))),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => whole(float),
            _ => Ok(value.clone()),
        },
        Value::String(given) => {
            let digits = given.trim().replace('_', "");
            let digits = digits.strip_prefix('+').unwrap_or(&digits);
            let parsed = digits
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| digits.parse::<u64>().map(Value::from));
            parsed.map_err(|_| format!("invalid literal for int() with base 10: {}", quoted(given)))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => Err(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            type_name(value)
        )),
    }
}

/// Cuts a float to an integer; what does not fit 64 bits is clamped.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, which is as near as 64 bits get"
)]
fn whole(float: f64) -> Result<Value, String> {
    if float.is_nan() {
        return Err("cannot convert float NaN to integer".to_owned());
    }
    Ok(Value::from(float.trunc() as i64))
}

/// Converts as `float()` does, or says what the exception would.
pub(crate) fn float(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(yes) => Ok(Value::from(f64::from(*yes))),
        Value::Number(number) => Ok(number.as_f64().map_or(Value::Null, Value::from)),
        Value::String(given) => given
            .trim()
            .replace('_', "")
            .parse::<f64>()
            .ok()
            .filter(|float| float.is_finite())
            .map(Value::from)
            .ok_or_else(|| format!("could not convert string to float: {}", quoted(given))),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(format!(
            "float() argument must be a string or a real number, not '{}'",
            type_name(value)
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_whole_numbers_as_python_makes_them() {
        for (given, made) in [
            (json!("64"), Ok(json!(64))),
            (json!(64.9), Ok(json!(64))),
            (json!(true), Ok(json!(1))),
            (json!("18446744073709551615"), Ok(json!(u64::MAX))),
            (
                json!("64.5"),
                Err("invalid literal for int() with base 10: '64.5'".to_owned()),
            ),
        ] {
            assert_eq!(int(&given), made, "{given}");
        }
        assert!(int(&Value::Null).unwrap_err().ends_with("not 'NoneType'"));
    }

    #[test]
    fn lists_are_spelled_with_single_quotes_unless_a_quote_is_inside() {
        assert_eq!(
            repr(&json!(["a", 1, null, "it's", 0.5])),
            "['a', 1, None, \"it's\", 0.5]"
        );
        assert_eq!(text(&json!({"k": true})), "{'k': True}");
    }
}
