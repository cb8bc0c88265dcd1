//! What a running job says: events, progress, its end, its history entry.

use serde_json::{Map, Value, json};

use super::{Preview, Progress, Run, now_ms, task};
use crate::loopback::{
    http::SECRETS,
    hub::To,
    node::{Halt, Slot},
};

/// Ends the text of an out-of-memory error.
const OOM_TIPS: &str = "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have \
                        accidentally set the batch_size to a large number.";

impl Run {
    /// A blocked input skips the node; its message is an error that does not end the job.
    pub(super) fn skip(&mut self, id: &str, message: Option<String>) {
        if let Some(message) = message {
            let data = json!({
                "prompt_id": self.entry.prompt_id,
                "node_id": id,
                "node_type": self.nodes.class(id),
                "executed": self.executed,
                "exception_message": format!("Execution Blocked: {message}"),
                "exception_type": "ExecutionBlocked",
                "traceback": [], "current_inputs": [], "current_outputs": [],
            });
            self.event("execution_error", &data);
        }
        let slots = self.server.catalog.outputs(self.nodes.class(id)).len();
        self.complete(id, vec![Slot::Blocked(None); slots], None);
    }

    pub(super) fn shown(&self, id: &str, output: &Value) -> Value {
        json!({
            "node": id, "display_node": self.nodes.display(id),
            "output": output, "prompt_id": self.entry.prompt_id
        })
    }

    pub(super) fn start(&mut self, id: &str) {
        let begun = Progress {
            value: json!(0.0),
            max: json!(1.0),
            finished: false,
        };
        self.progress.insert(id.to_owned(), begun);
        self.progress_state();
        if self.has_client() {
            let display = self.nodes.display(id).to_owned();
            self.server.address(&self.to, Some(&display));
            let data =
                json!({ "node": id, "display_node": display, "prompt_id": self.entry.prompt_id });
            self.event("executing", &data);
        }
    }

    pub(super) fn finish_progress(&mut self, id: &str) {
        let progress = self.progress.entry(id.to_owned()).or_insert(Progress {
            value: json!(0),
            max: json!(1),
            finished: false,
        });
        progress.value.clone_from(&progress.max);
        progress.finished = true;
        self.progress_state();
    }

    /// Reports a step of a node on both channels, with its picture.
    pub(super) fn report(&mut self, id: &str, value: u32, max: u32, preview: Option<Preview>) {
        let now = Progress {
            value: json!(value),
            max: json!(max),
            finished: false,
        };
        self.progress.insert(id.to_owned(), now);
        self.progress_state();
        let client = match &self.to {
            To::All => None,
            To::Client(id) => Some(id),
        };
        let flagged = self.server.hub.wants_metadata(client);
        let frame = preview.map(|preview| {
            let metadata = flagged.then(|| self.nodes.preview_ids(id, &self.entry.prompt_id));
            task::preview_frame(&preview, metadata)
        });
        let data =
            json!({ "value": value, "max": max, "prompt_id": self.entry.prompt_id, "node": id });
        match frame {
            Some(frame) if flagged => {
                self.server.hub.send_binary(self.to.clone(), frame);
                self.event("progress", &data);
            }
            Some(frame) => {
                self.event("progress", &data);
                self.server.hub.send_binary(self.to.clone(), frame);
            }
            None => self.event("progress", &data),
        }
    }

    fn progress_state(&self) {
        let prompt_id = &self.entry.prompt_id;
        let nodes: Map<String, Value> = self
            .progress
            .iter()
            .map(|(id, progress)| (id.clone(), self.nodes.progress(id, prompt_id, progress)))
            .collect();
        self.event(
            "progress_state",
            &json!({ "prompt_id": prompt_id, "nodes": nodes }),
        );
    }

    pub(super) fn event(&self, kind: &str, data: &Value) {
        self.server.hub.send(self.to.clone(), kind, data);
    }

    /// Notes an event for history and sends it; an error without a client reaches nobody, an interrupt everybody.
    pub(super) fn message(&mut self, kind: &str, mut data: Value, to_all: bool) {
        if let Value::Object(fields) = &mut data {
            fields.insert("timestamp".to_owned(), json!(now_ms()));
        }
        if self.has_client() || to_all {
            self.event(kind, &data);
        }
        self.messages.push(json!([kind, data]));
    }

    pub(super) fn fail(&mut self, id: &str, halt: Halt) {
        self.failed = true;
        let real = self.nodes.real(id).to_owned();
        let mut data = json!({
            "prompt_id": self.entry.prompt_id,
            "node_id": real,
            "node_type": self.nodes.class(&real),
            "executed": self.executed,
        });
        let Halt::Raised { kind, text } = halt else {
            self.message("execution_interrupted", data, true);
            return;
        };
        let tips = if kind.ends_with("OutOfMemoryError") {
            OOM_TIPS
        } else {
            ""
        };
        if let Value::Object(fields) = &mut data {
            let all: Vec<_> = self.nodes.own_ids().collect();
            fields.extend([
                (
                    "exception_message".to_owned(),
                    json!(format!("{text}\n{tips}")),
                ),
                ("exception_type".to_owned(), json!(kind)),
                ("traceback".to_owned(), traceback(&real)),
                (
                    "current_inputs".to_owned(),
                    self.nodes.current_inputs(id, &self.results, &self.entry),
                ),
                ("current_outputs".to_owned(), json!(all)),
            ]);
        }
        self.message("execution_error", data, false);
    }

    /// Writes the history entry, then says that the job is over.
    pub(super) fn close(&mut self) {
        let (text, completed) = if self.failed {
            ("error", false)
        } else {
            ("success", true)
        };
        let mut prompt = self.entry.listed();
        if let Some(Value::Object(extra)) = prompt.get_mut(3) {
            for secret in SECRETS {
                extra.shift_remove(secret);
            }
        }
        let entry = json!({
            "prompt": prompt,
            "outputs": self.outputs,
            "status": { "status_str": text, "completed": completed, "messages": self.messages },
            "meta": self.meta,
        });
        let left = self.server.desk().finish(&self.entry.prompt_id, entry);
        self.server.hub.status(left);
        if self.has_client() {
            let data = json!({ "node": null, "prompt_id": self.entry.prompt_id });
            self.event("executing", &data);
        }
    }
}

/// Stands in for the lines of Python a real server sends along.
fn traceback(node: &str) -> Value {
    json!([
        "  File \"/loopback/execution.py\", line 542, in execute\n    output_data, output_ui, has_subgraph, has_pending_tasks = await get_output_data(prompt_id, unique_id, obj, input_data_all)\n",
        format!(
            "  File \"/loopback/nodes.py\", line 1, in node_{}\n",
            node.len()
        )
    ])
}
