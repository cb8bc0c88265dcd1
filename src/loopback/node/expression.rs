//! The arithmetic of `ComfyMathExpression`: `floor(a * b) + 1`.

use super::Inputs;

/// Deepest nesting that is followed.
const DEPTH: usize = 64;

/// Works out an expression over the inputs `values.a`, `values.b`, …; nothing when it makes no sense.
pub(super) fn solve(text: &str, inputs: &Inputs) -> Option<f64> {
    let mut reader = Reader {
        rest: text.trim(),
        inputs,
        depth: 0,
    };
    let value = reader.sum()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    inputs: &'a Inputs,
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, mark: &str) -> bool {
        match self.rest.trim_start().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut value = self.product()?;
        loop {
            if self.takes("+") {
                value += self.product()?;
            } else if self.takes("-") {
                value -= self.product()?;
            } else {
                self.depth -= 1;
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.power()?;
        loop {
            if self.takes("//") {
                value = (value / self.power()?).floor();
            } else if self.takes("*") {
                value *= self.power()?;
            } else if self.takes("/") {
                value /= self.power()?;
            } else if self.takes("%") {
                value = value.rem_euclid(self.power()?);
            } else {
                return Some(value);
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        if self.takes("-") {
            self.depth += 1;
            if self.depth > DEPTH {
                return None;
            }
            return self.power().map(|value| -value);
        }
        let base = self.atom()?;
        if self.takes("**") {
            return Some(base.powf(self.power()?));
        }
        Some(base)
    }

    fn atom(&mut self) -> Option<f64> {
        if self.takes("(") {
            let value = self.sum()?;
            return self.takes(")").then_some(value);
        }
        let rest = self.rest.trim_start();
        let word: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
            .collect();
        self.rest = rest.strip_prefix(word.as_str())?;
        if let Ok(number) = word.parse::<f64>() {
            return Some(number);
        }
        if self.takes("(") {
            return self.call(&word);
        }
        self.inputs.float(&format!("values.{word}"))
    }

    fn call(&mut self, name: &str) -> Option<f64> {
        let mut given = Vec::new();
        loop {
            given.push(self.sum()?);
            if self.takes(")") {
                break;
            }
            if !self.takes(",") {
                return None;
            }
        }
        match (name, given.as_slice()) {
            ("floor", [a]) => Some(a.floor()),
            ("ceil", [a]) => Some(a.ceil()),
            ("round", [a]) => Some(a.round_ties_even()),
            ("abs", [a]) => Some(a.abs()),
            ("int", [a]) => Some(a.trunc()),
            ("float", [a]) => Some(*a),
            ("sqrt", [a]) => Some(a.sqrt()),
            ("min", _) => given.iter().copied().reduce(f64::min),
            ("max", _) => given.iter().copied().reduce(f64::max),
            ("pow", [a, b]) => Some(a.powf(*b)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::Slot, *};

    #[test]
    fn the_shipped_expressions_give_whole_numbers_of_frames() {
        let inputs = Inputs(
            [("values.a", 5.0), ("values.b", 16.0)]
                .map(|(name, value)| (name.to_owned(), Slot::Value(json!(value))))
                .into(),
        );
        for (text, value) in [
            ("floor(a * b) + 1", Some(81.0)),
            ("floor (a * b + 1)", Some(81.0)),
            ("min(abs(b), 16) * a", Some(80.0)),
            ("-(a - 2) ** 2 // 2", Some(-5.0)),
            ("a +", None),
            ("c * 2", None),
            ("import os", None),
        ] {
            assert_eq!(solve(text, &inputs), value, "{text}");
        }
    }
}
