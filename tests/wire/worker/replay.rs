//! Plays a transcript's client against a loopback worker and collects every difference.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rushes::loopback::{self, Imitates, Options, Running};
use serde_json::{Value, json};

use super::{
    compare, events, payload,
    transcript::{Step, Transcript},
    wire::{self, Answer, Ear, Heard, Socket},
};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Recorded pauses are kept up to this, so that servers have done what they did in them.
const LONGEST_PAUSE: f64 = 2_500.0;
/// A shorter pause was none.
const SHORTEST_PAUSE: f64 = 250.0;

struct Player<'a> {
    transcript: &'a Transcript,
    root: &'a Path,
    worker: Option<Running>,
    addr: SocketAddr,
    sockets: HashMap<String, Socket>,
    ears: BTreeMap<String, Arc<Ear>>,
    /// What the recorded server minted, and what ours did.
    renames: Vec<(String, String)>,
    /// Sockets nobody reads.
    slow: Vec<tokio::net::TcpStream>,
    /// Something that had to come did not: what follows makes no sense.
    lost: bool,
    lines: Vec<String>,
}

/// Plays one transcript; an empty list means that nothing differed.
pub(crate) async fn play(transcript: &Transcript) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    transcript.prepare(home.path());
    let worker = start(transcript, home.path(), "127.0.0.1:0".parse().unwrap()).await;
    let mut player = Player {
        transcript,
        root: home.path(),
        addr: worker.addr,
        worker: Some(worker),
        sockets: HashMap::new(),
        ears: BTreeMap::new(),
        renames: Vec::new(),
        slow: Vec::new(),
        lost: false,
        lines: Vec::new(),
    };
    player.use_up_numbers().await;
    let mut last = 0.0;
    for (at, step) in transcript.steps.iter().enumerate() {
        player.step(at, step, last).await;
        last = f64::max(last, step.end);
        if player.lost {
            break;
        }
    }
    if !player.lost {
        player.listen_to_the_end().await;
    }
    player.compare_events();
    player.lines
}

async fn start(transcript: &Transcript, root: &Path, listen: SocketAddr) -> Running {
    let version = match transcript.version.as_str() {
        "0.25.0" => Imitates::V0_25_0,
        _ => Imitates::V0_3_64,
    };
    let options = Options {
        listen,
        version,
        step: Duration::ZERO,
        seed: 1,
        faults: Vec::new(),
        files: root.to_owned(),
        name: "cpu".to_owned(),
    };
    loopback::start(options).await.unwrap()
}

impl Player<'_> {
    fn is(&self, scenario: &str) -> bool {
        self.transcript.name.starts_with(scenario)
    }

    /// Recorded servers had run other scenarios before: their numbers are used up first.
    async fn use_up_numbers(&self) {
        let used = self.transcript.numbers_before();
        wire::use_up_numbers(self.addr, used).await.unwrap();
    }

    async fn step(&mut self, at: usize, step: &Step, last: f64) {
        let body = &step.body;
        let socket = body["socket"].as_str().unwrap_or("").to_owned();
        let acts =
            matches!(step.kind.as_str(), "http" | "ws_open" | "ws_close") || body["dir"] == "out";
        if acts {
            self.hear_what_came_before(at).await;
            self.keep_the_pause(step.at - last).await;
        }
        match step.kind.as_str() {
            "http" => self.http(at, body).await,
            "ws_open" => self.open(at, &socket, body).await,
            "ws_text" if body["dir"] == "out" => {
                let said = self.sockets.get_mut(&socket).unwrap();
                said.say(body["message"].to_string()).await;
            }
            "ws_close" => self.close(at, &socket, body).await,
            "note" => self.note(body["text"].as_str().unwrap_or("")).await,
            _ => {}
        }
    }

    async fn keep_the_pause(&self, pause: f64) {
        if pause > SHORTEST_PAUSE {
            let pause = pause.min(LONGEST_PAUSE) / 1_000.0;
            tokio::time::sleep(Duration::from_secs_f64(pause)).await;
        }
    }

    /// Notes say what a script did beside the recorded steps.
    async fn note(&mut self, text: &str) {
        if text.contains("SIGKILL") {
            self.worker.take().unwrap().stop().await;
        } else if text.contains("server is up again") {
            self.worker = Some(start(self.transcript, self.root, self.addr).await);
        } else if text.contains("socket 'slow' connected") {
            self.slow.push(silent_socket(self.addr).await);
        } else if text.contains("messages B received about its job in 4 s") {
            let heard = self.ears["B"].all();
            let over = heard
                .iter()
                .filter(|heard| events::is_the_end_of_a_job(heard))
                .count();
            if over > 1 {
                self.lines
                    .push("a socket that does not read holds up nobody".to_owned());
            }
        }
    }

    /// Waits until each socket heard as much of what counts as it had when it was recorded.
    async fn hear_what_came_before(&mut self, at: usize) {
        let before = &self.transcript.steps[..at];
        for (socket, ear) in &self.ears {
            if !self.slow.is_empty() && before.iter().any(|step| step.at > 1_967.0) {
                continue;
            }
            let steps: Vec<&Step> = events::since_open(before, socket);
            let wanted = steps
                .iter()
                .filter(|step| events::counts(&step.body))
                .count();
            let stepping = steps.last().is_some_and(|step| {
                let kind = &step.body["message"]["type"];
                kind == "progress" || kind == "progress_state"
            });
            let closing = self
                .transcript
                .steps
                .get(at)
                .is_some_and(|step| step.kind == "ws_close");
            let thinned = steps
                .last()
                .filter(|_| closing && self.transcript.name.starts_with("s27"));
            let heard_enough = |ear: &Ear| {
                let (heard, steps) = ear.tally();
                let last = thinned.is_none_or(|last| events::is_heard(ear, last));
                last && (heard > wanted || (heard == wanted && (!stepping || steps)))
            };
            let begun = tokio::time::Instant::now();
            while !heard_enough(ear) && !ear.has_ended() {
                if begun.elapsed() > PATIENCE {
                    let heard = ear.all().len();
                    self.lines
                        .push(format!("step {at}: {socket} heard {heard} messages only"));
                    return;
                }
                ear.news(Duration::from_millis(200)).await;
            }
        }
    }

    async fn open(&mut self, at: usize, socket: &str, body: &Value) {
        let expected = self.transcript.steps[at..].iter().find(|step| {
            step.body["socket"] == *socket && step.body["message"]["data"]["sid"].is_string()
        });
        if let Some(step) = expected {
            let count = &step.body["message"]["data"]["status"]["exec_info"]["queue_remaining"];
            self.until_remaining(count).await;
        }
        let headers = payload::headers(&body["headers"]);
        let refused = self.transcript.steps[at + 1..]
            .iter()
            .find(|step| step.kind == "ws_refused" && step.body["socket"] == *socket);
        let opened = wire::open(self.addr, body["path"].as_str().unwrap(), &headers).await;
        match (opened, refused) {
            (Ok(opened), None) => {
                self.ears.insert(socket.to_owned(), Arc::clone(&opened.ear));
                self.sockets.insert(socket.to_owned(), opened);
            }
            (Err(status), Some(step)) if step.body["status"] == status => {}
            (Ok(_), Some(_)) => self.lines.push(format!("{socket} should be refused")),
            (Err(status), _) => self
                .lines
                .push(format!("{socket} was refused with {status}")),
        }
        if self.is("s40") && socket.starts_with("big") {
            let size = if socket == "big" { 5 << 20 } else { 3 << 20 };
            let said = self.sockets.get_mut(socket).unwrap();
            said.say("x".repeat(size)).await;
        }
    }

    async fn until_remaining(&self, count: &Value) {
        for _ in 0..200 {
            let found = wire::request(self.addr, "GET", "/prompt", &[], b"")
                .await
                .unwrap();
            let found: Value = serde_json::from_slice(&found.body).unwrap();
            if &found["exec_info"]["queue_remaining"] == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    async fn close(&mut self, at: usize, socket: &str, body: &Value) {
        let Some(open) = self.sockets.remove(socket) else {
            return;
        };
        let aborted = self.transcript.steps[..at]
            .iter()
            .rev()
            .find(|step| step.kind == "note")
            .is_some_and(|step| {
                step.body["text"]
                    .to_string()
                    .contains("aborted by the client")
            });
        if body["code"].is_null() {
            open.close().await;
        } else if aborted {
            open.abort();
        } else {
            if self.is("s22") && socket == "B" {
                self.worker.take().unwrap().stop().await;
            }
            let ear = Arc::clone(&open.ear);
            for _ in 0..100 {
                if ear.has_ended() {
                    return;
                }
                ear.news(Duration::from_millis(100)).await;
            }
            self.lines.push(format!(
                "{socket} stays open, recorded: closed with {}",
                body["code"]
            ));
        }
    }

    async fn http(&mut self, at: usize, body: &Value) {
        let request = &body["request"];
        let method = request["method"].as_str().unwrap();
        let path = self.ours(request["path"].as_str().unwrap());
        let (mut head, sent) = self.payload(request);
        for (name, value) in payload::headers(&request["headers"]) {
            let value = self
                .ours(&value)
                .replace("127.0.0.1:8188", &self.addr.to_string());
            head.push((name, value));
        }
        let note = body["note"].as_str().unwrap_or("");
        for attempt in 0.. {
            let found = wire::request(self.addr, method, &path, &head, &sent).await;
            let lines = match (found, body.get("response")) {
                (Err(_), None) if body.get("error").is_some() => Vec::new(),
                (Ok(_), None) if body.get("error").is_none() => Vec::new(),
                (Ok(found), Some(recorded)) => self.judge(&path, note, recorded, &found, request),
                (Ok(found), None) => {
                    vec![format!("answered {}, recorded: unreachable", found.status)]
                }
                (Err(fault), _) => vec![format!("no answer: {fault}")],
            };
            if lines.is_empty() {
                if note.contains("HTTP still answers") {
                    self.slow.clear();
                }
                return;
            }
            if method != "GET" || attempt > 40 {
                let lines = lines.join("; ");
                self.lines
                    .push(format!("step {at} {method} {path}: {lines} ({note})"));
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn judge(
        &mut self,
        path: &str,
        note: &str,
        recorded: &Value,
        found: &Answer,
        request: &Value,
    ) -> Vec<String> {
        if note.contains("may still be {}") {
            return Vec::new();
        }
        let text = String::from_utf8_lossy(&found.body).into_owned();
        if let Ok(answer) = serde_json::from_str::<Value>(&text)
            && let (Some(theirs), Some(ours)) = (
                recorded["body"]["prompt_id"].as_str(),
                answer["prompt_id"].as_str(),
            )
            && request["body"]["prompt_id"] != *theirs
            && uuid::Uuid::try_parse(ours).is_ok()
            && theirs != ours
        {
            self.renames.push((theirs.to_owned(), ours.to_owned()));
        }
        for name in ["etag", "last-modified"] {
            if let (Some(theirs), Some(ours)) =
                (recorded["headers"][name].as_str(), found.header(name))
            {
                self.renames.push((theirs.to_owned(), ours));
            }
        }
        let text = self.theirs(&text).unwrap_or(text);
        let varies = events::branching(self.transcript)
            .iter()
            .any(|id| path.ends_with(id.as_str()));
        if (varies || self.is("s27"))
            && let Ok(found) = serde_json::from_str(&compare::numbers_out(&text))
        {
            let recorded = compare::numbers_out(&recorded["body"].to_string());
            return compare::json(&serde_json::from_str(&recorded).unwrap(), &found);
        }
        let kind = found.header("content-type").unwrap_or_default();
        let mut renamed = found.clone();
        if kind.contains("json") {
            renamed.body = text.into_bytes();
        }
        compare::answer(path, note, recorded, &renamed)
    }

    /// Writes what the recorded server minted as ours did.
    fn ours(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in self.renames.iter().rev() {
            text = text.replace(theirs, ours);
        }
        for (theirs, ours) in self.temporary_names() {
            text = text.replace(&theirs, &ours);
        }
        text
    }

    fn theirs(&self, text: &str) -> Option<String> {
        let mut changed = None;
        for (theirs, ours) in &self.renames {
            if theirs.len() == 36 && text.contains(ours.as_str()) {
                let now = changed.take().unwrap_or_else(|| text.to_owned());
                changed = Some(now.replace(ours.as_str(), theirs));
            }
        }
        changed
    }

    /// Pairs the random parts of temporary names: recorded, ours.
    fn temporary_names(&self) -> Vec<(String, String)> {
        let letters = |events: Vec<String>| -> Vec<String> {
            let cut = |event: &String| {
                let (_, after) = event.split_once("_temp_")?;
                Some(format!("_temp_{}", after.get(..5)?))
            };
            events.iter().filter_map(cut).collect()
        };
        let mut pairs = Vec::new();
        for (socket, ear) in &self.ears {
            let recorded = self.transcript.steps.iter();
            let recorded = recorded
                .filter(|step| {
                    step.body["socket"] == *socket && step.body["message"]["type"] == "executed"
                })
                .map(|step| step.body["message"].to_string())
                .collect();
            let ours = ear.all().into_iter().filter_map(|heard| match heard {
                Heard::Text(message) if message["type"] == "executed" => Some(message.to_string()),
                _ => None,
            });
            pairs.extend(letters(recorded).into_iter().zip(letters(ours.collect())));
        }
        pairs
    }

    /// Builds the bytes of a request body.
    fn payload(&self, request: &Value) -> (Vec<(String, String)>, Vec<u8>) {
        let plain = Vec::new();
        if let Some(parts) = request["multipart"].as_array() {
            return payload::multipart(parts);
        }
        match (&request["body"], request["body_raw"].as_str()) {
            (Value::Object(fields), _)
                if fields
                    .get("prompt")
                    .is_some_and(|p| p == "graph with a 20 MiB _meta title") =>
            {
                let mut graph = super::picture(64, 64);
                graph["1"]["_meta"] = json!({ "title": "x".repeat(20 << 20) });
                (plain, json!({ "prompt": graph }).to_string().into_bytes())
            }
            (Value::Null, Some("<101 MiB JSON>")) => (
                plain,
                format!("{{\"x\": \"{}\"}}", "x".repeat(101 << 20)).into_bytes(),
            ),
            (Value::Null, Some("//4A")) => (plain, wire::base64("//4A")),
            (Value::Null, Some(raw)) => (plain, raw.as_bytes().to_vec()),
            (Value::Null, None) => (plain, Vec::new()),
            (body, _) => (plain, self.ours(&body.to_string()).into_bytes()),
        }
    }

    /// Waits until every socket has heard what it will hear.
    async fn listen_to_the_end(&mut self) {
        self.slow.clear();
        self.hear_what_came_before(self.transcript.steps.len())
            .await;
    }

    fn compare_events(&mut self) {
        let branching = events::branching(self.transcript);
        for (socket, ear) in &self.ears {
            let steps = events::since_open(&self.transcript.steps, socket);
            let recorded: Vec<(String, String)> = steps
                .iter()
                .filter_map(|step| compare::event(&events::recorded_event(step)?))
                .collect();
            let theirs = |text: String| self.theirs(&text).unwrap_or(text);
            let found: Vec<(String, String)> = ear
                .all()
                .iter()
                .filter_map(compare::event)
                .map(|(prompt, what)| (theirs(prompt), theirs(what)))
                .collect();
            let (a, b) = (
                events::reduce(&recorded, &branching),
                events::reduce(&found, &branching),
            );
            let thinned = self.is("s27");
            if let Some(line) = events::difference(&a, &b, thinned) {
                self.lines.push(format!("events of {socket}: {line}"));
            }
        }
    }
}

async fn silent_socket(addr: SocketAddr) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    let head = format!(
        "GET /ws?clientId=slow HTTP/1.1\r\nHost: {addr}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    stream
}
