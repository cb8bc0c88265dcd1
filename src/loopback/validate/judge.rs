//! Walks from each output up the graph and collects complaints, in the server's order.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Library, Verdict, refusal, value};
use crate::loopback::{Imitates, catalog::Input, python};

/// Longest chain of nodes that is followed; Python's own limit is not far above.
const DEPTH: usize = 250;

/// A node's complaints; sound when there are none and none upstream.
#[derive(Debug, Clone, Default)]
struct Finding {
    sound: bool,
    errors: Vec<Value>,
}

/// What Python would raise in the middle of validating a node.
struct Raised {
    kind: &'static str,
    text: String,
}

pub(super) struct Judge<'a> {
    library: Library<'a>,
    nodes: &'a mut Map<String, Value>,
    seen: IndexMap<String, Finding>,
    path: Vec<String>,
    /// A cycle on a server that does not look for one: its recursion ends in an error without a name.
    endless: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(library: Library<'a>, nodes: &'a mut Map<String, Value>) -> Self {
        Self {
            library,
            nodes,
            seen: IndexMap::new(),
            path: Vec::new(),
            endless: false,
        }
    }
}

impl Judge<'_> {
    /// Judges every output and all that leads to it.
    pub(super) fn verdict(&mut self, outputs: Vec<String>) -> Verdict {
        let mut verdict = Verdict::default();
        let mut details = Vec::new();
        for output in outputs {
            let finding = self.judge_output(&output);
            if finding.sound {
                verdict.outputs.push(output);
                continue;
            }
            details.extend(finding.errors.iter().map(|error| {
                let part = |name| error.get(name).and_then(Value::as_str).unwrap_or("");
                format!("{}: {}", part("message"), part("details"))
            }));
            self.report(&output, &mut verdict.node_errors);
        }
        if verdict.outputs.is_empty() {
            verdict.error = Some(refusal(
                "prompt_outputs_failed_validation",
                "Prompt outputs failed validation",
                &details.join("\n"),
                json!({}),
            ));
        }
        verdict
    }

    fn judge_output(&mut self, output: &str) -> Finding {
        self.path.clear();
        self.endless = false;
        match self.judge(output) {
            Ok(_) if self.endless => {
                self.seen.clear();
                Finding::default()
            }
            Ok(finding) => finding,
            Err(raised) => {
                let finding = Finding {
                    sound: false,
                    errors: vec![refusal(
                        "exception_during_validation",
                        "Exception when validating node",
                        &raised.text,
                        json!({ "exception_type": raised.kind, "traceback": traceback() }),
                    )],
                };
                self.seen.insert(output.to_owned(), finding.clone());
                finding
            }
        }
    }

    /// Adds every complaint known so far to the answer, as the server does after each bad output.
    fn report(&self, output: &str, node_errors: &mut Map<String, Value>) {
        for (id, finding) in &self.seen {
            if finding.sound || finding.errors.is_empty() {
                continue;
            }
            let class = self.nodes.get(id).and_then(|node| node.get("class_type"));
            let entry = node_errors.entry(id.clone()).or_insert_with(|| {
                json!({ "errors": finding.errors, "dependent_outputs": [], "class_type": class })
            });
            if let Some(list) = entry
                .get_mut("dependent_outputs")
                .and_then(Value::as_array_mut)
            {
                list.push(output.into());
            }
        }
    }

    fn judge(&mut self, id: &str) -> Result<Finding, Raised> {
        if let Some(finding) = self.seen.get(id) {
            return Ok(finding.clone());
        }
        if let Some(start) = self.path.iter().position(|seen| seen == id) {
            return Ok(self.cycle(id, start));
        }
        if self.path.len() > DEPTH {
            return Err(Raised {
                kind: "RecursionError",
                text: "maximum recursion depth exceeded".to_owned(),
            });
        }
        let missing = |what: &str| Raised {
            kind: "KeyError",
            text: format!("'{what}'"),
        };
        let node = self.nodes.get(id).ok_or_else(|| missing(id))?;
        let class = node
            .get("class_type")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned();
        let Some(Value::Object(given)) = node.get("inputs") else {
            return Err(missing("inputs"));
        };
        let inputs = self.library.catalog.inputs(&class, given);
        let mut finding = Finding {
            sound: true,
            errors: Vec::new(),
        };
        for input in &inputs {
            self.judge_input(id, &class, input, &mut finding)?;
        }
        finding.errors.extend(self.own_rules(id, &class)?);
        finding.sound &= finding.errors.is_empty();
        if let Some(ring) = self.seen.get(id) {
            return Ok(ring.clone());
        }
        self.seen.insert(id.to_owned(), finding.clone());
        Ok(finding)
    }

    fn cycle(&mut self, id: &str, start: usize) -> Finding {
        if self.library.catalog.version == Imitates::V0_3_64 {
            self.endless = true;
            return Finding::default();
        }
        let ring: Vec<String> = self.path.iter().skip(start).cloned().collect();
        let named = |id: &String| {
            let class = self.nodes.get(id).and_then(|node| node.get("class_type"));
            format!("{id} ({})", class.and_then(Value::as_str).unwrap_or(""))
        };
        let mut steps: Vec<String> = ring.iter().map(named).collect();
        steps.extend(steps.first().cloned());
        for member in &ring {
            let error = refusal(
                "dependency_cycle",
                "Dependency cycle detected",
                &steps.join(" -> "),
                json!({ "node_id": member, "cycle_nodes": ring }),
            );
            let finding = Finding {
                sound: false,
                errors: vec![error],
            };
            self.seen.insert(member.clone(), finding);
        }
        self.seen.get(id).cloned().unwrap_or_default()
    }

    fn judge_input(
        &mut self,
        id: &str,
        class: &str,
        input: &Input,
        finding: &mut Finding,
    ) -> Result<(), Raised> {
        let given = self
            .nodes
            .get(id)
            .and_then(|node| node.get("inputs"))
            .and_then(|inputs| inputs.get(&input.name))
            .cloned();
        match given {
            None => {
                if input.required {
                    finding.errors.push(value::missing(input));
                }
            }
            Some(Value::Array(link)) => self.judge_link(id, input, &link, finding)?,
            Some(given) => match value::settle(self.library, class, input, given) {
                Ok(settled) => self.coerce(id, input, settled),
                Err(refused) => {
                    let (settled, error) = *refused;
                    self.coerce(id, input, settled);
                    finding.errors.push(error);
                }
            },
        }
        Ok(())
    }

    fn coerce(&mut self, id: &str, input: &Input, settled: Value) {
        if let Some(place) = self
            .nodes
            .get_mut(id)
            .and_then(|node| node.get_mut("inputs"))
            .and_then(|inputs| inputs.get_mut(&input.name))
        {
            *place = settled;
        }
    }

    fn judge_link(
        &mut self,
        id: &str,
        input: &Input,
        link: &[Value],
        finding: &mut Finding,
    ) -> Result<(), Raised> {
        let [from, slot] = link else {
            finding.errors.push(value::bad_link(input, link));
            return Ok(());
        };
        let received = self.received(from, slot)?;
        if !value::fits(&received, &input.kind) {
            finding.errors.push(value::mismatch(input, &received, link));
            return Ok(());
        }
        let from = from.as_str().unwrap_or("").to_owned();
        self.path.push(id.to_owned());
        let upstream = self.judge(&from);
        self.path.pop();
        match upstream {
            Ok(upstream) => finding.sound &= upstream.sound,
            Err(raised) => {
                finding.sound = false;
                let extra = json!({
                    "input_name": input.name,
                    "input_config": value::config(input),
                    "exception_message": raised.text,
                    "exception_type": raised.kind,
                    "traceback": traceback(),
                    "linked_node": link,
                });
                let error = refusal(
                    "exception_during_inner_validation",
                    "Exception when validating inner node",
                    &raised.text,
                    extra,
                );
                self.seen.insert(
                    from,
                    Finding {
                        sound: false,
                        errors: vec![error],
                    },
                );
            }
        }
        Ok(())
    }

    /// Finds the type a link delivers, or raises as Python's look-ups do.
    fn received(&self, from: &Value, slot: &Value) -> Result<Value, Raised> {
        let raise = |kind, text: &str| Raised {
            kind,
            text: text.to_owned(),
        };
        let node = from.as_str().and_then(|id| self.nodes.get(id));
        let Some(node) = node else {
            return Err(match from {
                Value::Array(_) => raise("TypeError", "unhashable type: 'list'"),
                Value::Object(_) => raise("TypeError", "unhashable type: 'dict'"),
                other => raise("KeyError", &python::repr(other)),
            });
        };
        let class = node.get("class_type").and_then(Value::as_str).unwrap_or("");
        let outputs = self.library.catalog.outputs(class);
        let Some(at) = slot.as_i64() else {
            let kind = python::type_name(slot);
            return Err(raise(
                "TypeError",
                &format!("tuple indices must be integers or slices, not {kind}"),
            ));
        };
        let length = i64::try_from(outputs.len()).unwrap_or(0);
        usize::try_from(if at < 0 { at + length } else { at })
            .ok()
            .and_then(|at| outputs.get(at))
            .cloned()
            .ok_or_else(|| raise("IndexError", "tuple index out of range"))
    }

    /// Runs the checks that a class brings itself.
    fn own_rules(&self, id: &str, class: &str) -> Result<Vec<Value>, Raised> {
        let inputs = self.nodes.get(id).and_then(|node| node.get("inputs"));
        let widget = |name: &str| inputs.and_then(|i| i.get(name)).filter(|v| !v.is_array());
        if class == "LabRejects" {
            if widget("raise_in_validate") == Some(&Value::Bool(true)) {
                return Err(Raised {
                    kind: "RuntimeError",
                    text: "validator crashed".to_owned(),
                });
            }
            let fine = widget("value").is_none_or(|value| value == "ok");
            let names = ["value", "raise_in_validate"].iter().filter(|_| !fine);
            return Ok(names
                .map(|name| value::own_rule(name, "value must be ok"))
                .collect());
        }
        let Some((input, what)) = value::file_input(class) else {
            return Ok(Vec::new());
        };
        let Some(Value::String(name)) = widget(input) else {
            return Ok(Vec::new());
        };
        if self.library.files.annotated(name).is_some() {
            return Ok(Vec::new());
        }
        let text = format!("Invalid {what} file: {name}");
        Ok(vec![value::own_rule(input, &text)])
    }
}

/// Stands in for the lines of Python a real server sends along.
fn traceback() -> Value {
    json!([
        "  File \"/loopback/execution.py\", line 1172, in validate_prompt\n    m = await validate_inputs(prompt_id, prompt, o, validated)\n"
    ])
}
