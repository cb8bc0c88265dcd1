//! Reads a transcript and prepares what its server already held when it was recorded.

use std::{collections::HashMap, fs, path::Path};

use serde_json::{Map, Value, json};

/// One recorded scenario.
pub(crate) struct Transcript {
    /// File name without ending.
    pub(crate) name: String,
    /// Server version that was recorded.
    pub(crate) version: String,
    /// Steps in the order in which the client acted and heard.
    pub(crate) steps: Vec<Step>,
}

/// One recorded step.
pub(crate) struct Step {
    pub(crate) kind: String,
    /// When it happened, in ms; an HTTP request: when it was sent.
    pub(crate) at: f64,
    /// When it was over.
    pub(crate) end: f64,
    pub(crate) body: Value,
}

pub(crate) fn load(path: &Path) -> Transcript {
    let year = jiff::Zoned::now().year();
    let text = fs::read_to_string(path)
        .unwrap()
        .replace("<comfy>", "/loopback")
        .replace("64x64_2026_", &format!("64x64_{year}_"));
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut steps: Vec<Step> = all["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let at = step["t_ms"].as_f64().unwrap_or(0.0);
            Step {
                kind: step["kind"].as_str().unwrap().to_owned(),
                at,
                end: step["t_end_ms"].as_f64().unwrap_or(at),
                body: step.clone(),
            }
        })
        .collect();
    steps.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut transcript = Transcript {
        name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        version: all["comfyui_version"].as_str().unwrap().to_owned(),
        steps,
    };
    transcript.add_unrecorded_posts();
    transcript
}

impl Transcript {
    /// Counts how many numbers the recorded server had given out before.
    pub(crate) fn numbers_before(&self) -> usize {
        let mut used = 0;
        for step in self.posts() {
            let request = &step.body["request"];
            let made_up = step.body.get("response").is_none();
            if made_up || request["body"].get("number").is_some() || !takes_a_number(request) {
                continue;
            }
            if let Some(number) = step.body["response"]["body"]["number"].as_i64() {
                return usize::try_from(number.abs()).unwrap().saturating_sub(used);
            }
            used += 1;
        }
        let mut numbers: Vec<i64> = Vec::new();
        for step in &self.steps {
            let entries = step.body["response"]["body"]
                .as_object()
                .into_iter()
                .flatten();
            numbers.extend(entries.filter_map(|(_, entry)| entry.get("prompt")?.get(0)?.as_i64()));
        }
        numbers
            .into_iter()
            .min()
            .map_or(0, |number| usize::try_from(number).unwrap())
    }

    fn posts(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| {
            let request = &step.body["request"];
            step.kind == "http" && request["method"] == "POST" && request["path"] == "/prompt"
        })
    }

    /// Puts files in place so that counters go on as they did on the recorded server.
    pub(crate) fn prepare(&self, root: &Path) {
        let mut first: HashMap<(String, String), u64> = HashMap::new();
        for step in &self.steps {
            collect(&step.body, &mut first);
        }
        for ((subfolder, stem), number) in first {
            if number > 1 {
                let folder = root.join("output").join(subfolder);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("{stem}_{:05}_.png", number - 1)), b"").unwrap();
            }
        }
        if self.name.starts_with("s24") {
            fs::create_dir_all(root.join("input")).unwrap();
            fs::write(root.join("input/noext"), b"another file").unwrap();
        }
    }

    /// Some long scenarios leave the posting of their jobs out: it is made up from what was heard of them.
    fn add_unrecorded_posts(&mut self) {
        let posts: Vec<&Step> = self.posts().collect();
        let raw = |step: &&Step| step.body["request"].get("body_raw").is_some();
        if posts.iter().any(raw) {
            return;
        }
        let mut seen: Vec<String> = posts
            .iter()
            .flat_map(|step| {
                [
                    &step.body["request"]["body"],
                    &step.body["response"]["body"],
                ]
            })
            .filter_map(|body| body["prompt_id"].as_str().map(str::to_owned))
            .collect();
        let third = posts.get(2).map_or(0.0, |step| step.end);
        let mut known = Map::new();
        let mut made: Vec<(f64, String)> = Vec::new();
        for step in &self.steps {
            let body = &step.body["response"]["body"];
            graphs(body, &mut known);
            for (n, job) in (1_u16..).zip(body["queue_pending"].as_array().into_iter().flatten()) {
                let id = job[1].as_str().unwrap().to_owned();
                known.insert(id.clone(), job[2].clone());
                if !seen.contains(&id) {
                    seen.push(id.clone());
                    made.push((third + f64::from(n) / 10_000.0, id));
                }
            }
        }
        for step in &self.steps {
            let message = &step.body["message"];
            let id = message["data"]["prompt_id"].as_str().unwrap_or("");
            if message["type"] != "execution_start" || seen.iter().any(|known| known == id) {
                continue;
            }
            seen.push(id.to_owned());
            let before = |s: &&Step| s.at < step.at && s.body["message"]["type"] != "status";
            let last = self
                .steps
                .iter()
                .filter(before)
                .map(|s| s.end)
                .fold(0.0, f64::max);
            made.push((last.min(step.at - 0.002).max(0.0) + 0.001, id.to_owned()));
        }
        for (n, (at, id)) in made.into_iter().enumerate() {
            let graph = known.get(&id).cloned().unwrap_or_else(|| picture(n));
            let request = json!({
                "method": "POST", "path": "/prompt",
                "body": { "prompt": graph, "client_id": "client-a", "prompt_id": id }
            });
            self.steps.push(Step {
                kind: "http".to_owned(),
                at,
                end: at,
                body: json!({ "kind": "http", "request": request }),
            });
        }
        self.steps.sort_by(|a, b| a.at.total_cmp(&b.at));
    }
}

fn takes_a_number(request: &Value) -> bool {
    match request.get("body_raw").and_then(Value::as_str) {
        Some(raw) => serde_json::from_str::<Value>(raw).is_ok_and(|body| !body.is_null()),
        None => true,
    }
}

fn picture(n: usize) -> Value {
    json!({
        "1": { "class_type": "EmptyImage", "inputs": { "width": 16, "height": 16, "batch_size": 1, "color": n } },
        "2": { "class_type": "SaveImage", "inputs": { "images": ["1", 0], "filename_prefix": "lab/img" } }
    })
}

/// Finds graphs by prompt id in history answers.
fn graphs(body: &Value, known: &mut Map<String, Value>) {
    for (id, entry) in body.as_object().into_iter().flatten() {
        if let Some(graph) = entry.get("prompt").and_then(|prompt| prompt.get(2)) {
            known.insert(id.clone(), graph.clone());
        }
    }
}

/// Notes the lowest number of each output name.
fn collect(value: &Value, first: &mut HashMap<(String, String), u64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, first)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if let (Some(name), Some(subfolder), Some("output")) =
                (text("filename"), text("subfolder"), text("type"))
                && let Some((stem, number)) = numbered(name)
            {
                let lowest = first.entry((subfolder.to_owned(), stem)).or_insert(number);
                *lowest = number.min(*lowest);
            }
            fields.values().for_each(|item| collect(item, first));
        }
        _ => {}
    }
}

/// Splits `img_00237_.png` into `img` and 237.
fn numbered(name: &str) -> Option<(String, u64)> {
    let plain = name.rsplit_once('.').map_or(name, |(plain, _)| plain);
    let plain = plain.strip_suffix('_').unwrap_or(plain);
    let (stem, digits) = plain.rsplit_once('_')?;
    Some((stem.to_owned(), digits.parse().ok()?))
}
