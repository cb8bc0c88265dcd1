//! Runs one job after the other and says on the sockets what a real server says.

mod graph;
mod order;
mod task;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};

pub(crate) use self::task::{Preview, Task};
use self::{graph::Nodes, order::Order};
use super::{
    Imitates,
    fault::{Doom, Moment},
    heap::Entry,
    hub::To,
    node::{self, Halt, Made, Slot},
    server::{End, Server},
};

/// Ends the text of an out-of-memory error.
const OOM_TIPS: &str = "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have \
                        accidentally set the batch_size to a large number.";

/// What a finished node left in the cache.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    slots: Vec<Slot>,
    /// `{"meta", "output"}` of a node that showed something.
    ui: Option<(Value, Value)>,
}

/// Results by signature: class and inputs, all the way up.
pub(crate) type Cache = HashMap<String, Kept>;

/// Runs jobs until this server life ends or its worker thread dies.
pub(crate) async fn work(server: Arc<Server>) {
    let mut cache = Cache::new();
    loop {
        let taken = server.desk().begin();
        match taken {
            Err(_) => return,
            Ok(None) => server.wake.notified().await,
            Ok(Some(entry)) => {
                server.hub.status(server.desk().remaining());
                if server.take_free_memory() {
                    cache.clear();
                }
                if run_one(&server, entry, &mut cache).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Runs one job; an error means that nothing will run any more.
async fn run_one(server: &Arc<Server>, entry: Arc<Entry>, cache: &mut Cache) -> Result<(), Halt> {
    if !matches!(entry.extra, Value::Object(_) | Value::Array(_)) {
        return Err(Halt::Ended);
    }
    let doom = server.dice().next_job();
    if doom.forget {
        let left = server.desk().forget();
        server.hub.status(left);
        return Ok(());
    }
    let mut run = Run::new(Arc::clone(server), entry, doom, std::mem::take(cache));
    let outcome = run.perform().await;
    *cache = std::mem::take(&mut run.cache);
    outcome?;
    run.close();
    if run.doom.restart.is_some() {
        server.finish(End::Restart);
        return Err(Halt::Ended);
    }
    Ok(())
}

/// Progress of one node as `progress_state` shows it.
#[derive(Debug, Clone)]
struct Progress {
    value: Value,
    max: Value,
    finished: bool,
}

/// One job on its way.
pub(crate) struct Run {
    server: Arc<Server>,
    entry: Arc<Entry>,
    doom: Doom,
    to: To,
    nodes: Nodes,
    cache: Cache,
    /// Results of this job, expanded nodes included.
    results: HashMap<String, Vec<Slot>>,
    progress: IndexMap<String, Progress>,
    executed: IndexSet<String>,
    outputs: Map<String, Value>,
    meta: Map<String, Value>,
    messages: Vec<Value>,
    failed: bool,
}

impl Run {
    fn new(server: Arc<Server>, entry: Arc<Entry>, doom: Doom, cache: Cache) -> Self {
        let to = task::address(&entry.extra);
        let nodes = Nodes::read(&server, &entry.prompt);
        Self {
            server,
            entry,
            doom,
            to,
            nodes,
            cache,
            results: HashMap::new(),
            progress: IndexMap::new(),
            executed: IndexSet::new(),
            outputs: Map::new(),
            meta: Map::new(),
            messages: Vec::new(),
            failed: false,
        }
    }

    /// Says whether events that name the job go to somebody.
    fn has_client(&self) -> bool {
        matches!(self.to, To::Client(_))
    }

    async fn perform(&mut self) -> Result<(), Halt> {
        self.server.interrupt.clear();
        self.server.address(&self.to, None);
        self.message(
            "execution_start",
            json!({ "prompt_id": self.entry.prompt_id }),
            false,
        );
        self.recall();
        let cached: Vec<&String> = self
            .nodes
            .own_ids()
            .filter(|id| self.nodes.is_kept(id))
            .collect();
        let cached = json!({ "nodes": cached, "prompt_id": self.entry.prompt_id });
        self.message("execution_cached", cached, false);
        let mut order = Order::default();
        for output in self.entry.outputs.clone() {
            order.add(&self.nodes, &output);
        }
        let strike = self.strike_at(order.len());
        let mut ran = 0;
        while let Some(id) = order.next(&self.nodes) {
            if ran == strike {
                self.strike();
            }
            ran += 1;
            match self.execute(&id, &mut order, ran > strike).await {
                Ok(Step::Done) => order.done(&id),
                Ok(Step::Later) => {}
                Err(Halt::Ended) => return Err(Halt::Ended),
                Err(halt) => {
                    self.fail(&id, halt);
                    break;
                }
            }
        }
        self.server.address(&self.to, None);
        if !self.failed {
            let data = json!({ "prompt_id": self.entry.prompt_id });
            self.message("execution_success", data, false);
        }
        Ok(())
    }

    /// Keeps of the cache what this prompt can use, and nothing else.
    fn recall(&mut self) {
        let own: Vec<String> = self.nodes.own_ids().cloned().collect();
        let mut kept = Cache::new();
        for id in own {
            let signature = self.nodes.signature(&id);
            if let Some(found) = self.cache.get(&signature) {
                self.results.insert(id.clone(), found.slots.clone());
                self.nodes.keep(&id);
                kept.insert(signature, found.clone());
            }
        }
        self.cache = kept;
        self.server
            .keep_letters(|id, class| self.nodes.class(id) == class);
    }

    /// Chooses before which node this job's faults strike.
    fn strike_at(&self, nodes: usize) -> usize {
        let last = u32::try_from(nodes.saturating_sub(1)).unwrap_or(0);
        usize::try_from(node::whole(self.doom.at * f64::from(last))).unwrap_or(0)
    }

    /// Lets the faults of the socket happen.
    fn strike(&mut self) {
        if self.doom.garbage {
            for nonsense in [
                "{\"type\": \"executing\", \"data\": {\"node\":",
                "\u{7}\u{1b}[2J",
                "[1, 2",
            ] {
                let text = axum::extract::ws::Message::Text(nonsense.into());
                self.server.hub.send_raw(self.to.clone(), text);
            }
            let unknown = [9_u32.to_be_bytes(), [0xff; 4]].concat();
            self.server.hub.send_binary(self.to.clone(), unknown);
        }
        if self.doom.deaf_socket {
            self.server.hub.deafen(&self.to);
        } else if self.doom.drop_socket {
            self.server.hub.cut(&self.to);
        }
    }

    async fn execute(&mut self, id: &str, order: &mut Order, struck: bool) -> Result<Step, Halt> {
        if self.nodes.is_kept(id) {
            self.show_kept(id);
            return Ok(Step::Done);
        }
        if let Some(outputs) = self.nodes.expanded(id) {
            let slots = outputs
                .iter()
                .map(|(from, slot)| self.result(from, *slot))
                .collect();
            self.complete(id, slots, None);
            return Ok(Step::Done);
        }
        self.start(id);
        if let Some(lazy) = self.nodes.open_lazy(id, &self.results) {
            for from in lazy {
                order.link(&self.nodes, &from, id);
            }
            return Ok(Step::Later);
        }
        let inputs = self.nodes.inputs(id, &self.results);
        if let Some(message) = inputs.blocked() {
            self.skip(id, message);
            return Ok(Step::Done);
        }
        self.server.interrupt.check()?;
        if struck {
            self.doomed().await?;
        }
        let class = self.nodes.class(id).to_owned();
        let mut task = Task {
            run: self,
            id: id.to_owned(),
            class,
            inputs,
            last_sent: None,
        };
        let made = node::run(&mut task).await?;
        self.settle(id, made, order)
    }

    /// Lets the faults of the job happen: stand still, raise, end the server.
    async fn doomed(&mut self) -> Result<(), Halt> {
        if self.doom.restart == Some(Moment::During) {
            self.server.finish(End::Restart);
            return Err(Halt::Ended);
        }
        if std::mem::take(&mut self.doom.hang) {
            self.server.interrupt.wait().await;
            return Err(Halt::Interrupted);
        }
        if std::mem::take(&mut self.doom.node_error) {
            return Err(Halt::raise(
                "RuntimeError",
                "CUDA error: an illegal memory access was encountered (fault node-error)",
            ));
        }
        Ok(())
    }

    fn settle(&mut self, id: &str, made: Made, order: &mut Order) -> Result<Step, Halt> {
        let ui = made.ui.map(|output| {
            let meta = self.nodes.meta(id);
            self.outputs.insert(id.to_owned(), output.clone());
            self.meta.insert(id.to_owned(), meta.clone());
            if self.has_client() {
                self.event("executed", self.shown(id, &output));
            }
            (meta, output)
        });
        if let Some(expansion) = made.expansion {
            let inner = self.nodes.expand(id, expansion);
            for output in inner.iter().filter(|id| self.nodes.shows(id)) {
                order.add(&self.nodes, output);
            }
            let wanted = self.nodes.expanded(id).unwrap_or_default();
            let sources = wanted.into_iter().map(|(from, _)| from);
            let shown = inner.iter().filter(|id| self.nodes.shows(id)).cloned();
            for from in shown.chain(sources).collect::<IndexSet<_>>() {
                order.link(&self.nodes, &from, id);
            }
            return Ok(Step::Later);
        }
        self.complete(id, made.slots, ui);
        Ok(Step::Done)
    }

    fn complete(&mut self, id: &str, slots: Vec<Slot>, ui: Option<(Value, Value)>) {
        if self.nodes.is_own(id) {
            let kept = Kept {
                slots: slots.clone(),
                ui,
            };
            self.cache.insert(self.nodes.signature(id), kept);
        }
        self.results.insert(id.to_owned(), slots);
        self.finish_progress(id);
        self.executed.insert(id.to_owned());
    }

    fn result(&self, id: &str, slot: usize) -> Slot {
        let found = self.results.get(id).and_then(|slots| slots.get(slot));
        found.cloned().unwrap_or(Slot::Value(Value::Null))
    }

    /// A cached output is shown again, with its old files.
    fn show_kept(&mut self, id: &str) {
        let kept = self.cache.get(&self.nodes.signature(id)).cloned();
        let ui = kept.and_then(|kept| kept.ui);
        if self.has_client() {
            let output = ui
                .as_ref()
                .map_or(Value::Null, |(_, output)| output.clone());
            self.event("executed", self.shown(id, &output));
        }
        if let Some((meta, output)) = ui
            && (self.has_client() || self.server.options.version == Imitates::V0_3_64)
        {
            self.outputs.insert(id.to_owned(), output);
            self.meta.insert(id.to_owned(), meta);
        }
        self.finish_progress(id);
    }

    /// A blocked input skips the node; its message is an error that does not end the job.
    fn skip(&mut self, id: &str, message: Option<String>) {
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
            self.event("execution_error", data);
        }
        let slots = self.server.catalog.outputs(self.nodes.class(id)).len();
        self.complete(id, vec![Slot::Blocked(None); slots], None);
    }

    fn shown(&self, id: &str, output: &Value) -> Value {
        json!({
            "node": id, "display_node": self.nodes.display(id),
            "output": output, "prompt_id": self.entry.prompt_id
        })
    }

    fn start(&mut self, id: &str) {
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
            self.event("executing", data);
        }
    }

    fn finish_progress(&mut self, id: &str) {
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
    fn report(&mut self, id: &str, value: u32, max: u32, preview: Option<Preview>) {
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
                self.event("progress", data);
            }
            Some(frame) => {
                self.event("progress", data);
                self.server.hub.send_binary(self.to.clone(), frame);
            }
            None => self.event("progress", data),
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
            json!({ "prompt_id": prompt_id, "nodes": nodes }),
        );
    }

    fn event(&self, kind: &str, data: Value) {
        self.server.hub.send(self.to.clone(), kind, data);
    }

    /// Notes an event for history and sends it; an error without a client reaches nobody, an interrupt everybody.
    fn message(&mut self, kind: &str, mut data: Value, to_all: bool) {
        if let Value::Object(fields) = &mut data {
            fields.insert("timestamp".to_owned(), json!(now_ms()));
        }
        self.messages.push(json!([kind, data]));
        if self.has_client() || to_all {
            self.event(kind, data);
        }
    }

    fn fail(&mut self, id: &str, halt: Halt) {
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
    fn close(&mut self) {
        let (text, completed) = if self.failed {
            ("error", false)
        } else {
            ("success", true)
        };
        let mut prompt = self.entry.listed();
        if let Some(Value::Object(extra)) = prompt.get_mut(3) {
            for secret in super::http::SECRETS {
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
            self.event("executing", data);
        }
    }
}

/// Whether a node is finished or waits for others after all.
enum Step {
    Done,
    Later,
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

/// The server's clock, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(0))
}
