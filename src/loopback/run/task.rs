//! One node at work: progress, pauses, heavy lifting and delivery.

use std::{
    sync::{Arc, LazyLock, atomic::AtomicBool},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Run;
use crate::loopback::{
    Imitates,
    draw::{self, Film, NoPicture},
    files::{Files, Place},
    hub::To,
    json as python_json,
    node::{Facts, Halt, Inputs},
};

/// Drawing up to this many pixels is done on the spot: cheaper than handing it to another thread.
const LIGHT_PIXELS: u64 = 128 * 128;
/// A newer server sends progress at most this often.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);
/// A newer server leaves out steps smaller than one part in this many.
const PROGRESS_PARTS: u32 = 200;
/// Sampler previews are at most this wide and high, in pixels.
const PREVIEW_SIDE: u32 = 512;

/// As many clips are encoded at once, over all workers of this process, as there are cores.
static HEAVY: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, usize::from)));

/// A picture that goes along with progress.
pub(crate) enum Preview {
    /// JPEG bytes.
    Jpeg(Vec<u8>),
    /// PNG bytes.
    Png(Vec<u8>),
}

/// One node of a running job.
pub(crate) struct Task<'a> {
    pub(super) run: &'a mut Run,
    /// Id of the node.
    pub(crate) id: String,
    /// Its class.
    pub(crate) class: String,
    /// Its inputs, links followed.
    pub(crate) inputs: Inputs,
    pub(super) last_sent: Option<Instant>,
}

impl Task<'_> {
    pub(crate) fn files(&self) -> &Files {
        &self.run.server.files
    }

    pub(crate) fn version(&self) -> Imitates {
        self.run.server.options.version
    }

    pub(crate) fn is_output(&self) -> bool {
        self.run.server.catalog.is_output(&self.class)
    }

    /// Counts the outputs of the class.
    pub(crate) fn slots(&self) -> usize {
        self.run.server.catalog.outputs(&self.class).len()
    }

    /// Lists the names of the outputs, by slot.
    pub(crate) fn slot_names(&self) -> Vec<String> {
        let names = self.run.server.catalog.output_names(&self.class);
        names
            .iter()
            .map(|name| name.as_str().unwrap_or("").to_owned())
            .collect()
    }

    /// Five letters that tell this node's temporary files from others, kept while jobs hold the same node.
    pub(crate) fn letters(&self) -> String {
        self.run.server.letters(&self.id, &self.class)
    }

    /// Caption and mood that a client of ours sends beside the graph, as `extra_data.rushes`.
    pub(crate) fn captions(&self) -> (Option<String>, Option<String>) {
        let word = |name: &str| {
            let word = self.run.entry.extra.get("rushes")?.get(name)?.as_str()?;
            Some(word.chars().take(200).collect())
        };
        (word("title"), word("mood"))
    }

    /// Waits, unless somebody interrupts.
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), Halt> {
        self.run.server.interrupt.during(time).await
    }

    /// Reports a step, as often as the imitated server does.
    pub(crate) fn progress(
        &mut self,
        value: u32,
        max: u32,
        preview: Option<Preview>,
    ) -> Result<(), Halt> {
        self.run.server.interrupt.check()?;
        let due = match (self.version(), self.last_sent) {
            (Imitates::V0_3_64, _) | (Imitates::V0_25_0, None) => true,
            (Imitates::V0_25_0, Some(last)) => {
                last.elapsed() >= PROGRESS_PAUSE && max <= PROGRESS_PARTS * value.max(1)
            }
        };
        if !due && value < max && preview.is_none() {
            return Ok(());
        }
        self.last_sent = Some(Instant::now());
        self.run.report(&self.id, value, max, preview);
        Ok(())
    }

    /// Sends a line of text about this node, as binary message 3.
    pub(crate) fn announce(&self, text: &str) {
        let mut bytes = 3_u32.to_be_bytes().to_vec();
        let length = u32::try_from(self.id.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend(self.id.bytes());
        bytes.extend(text.bytes());
        self.run.server.hub.send_binary(self.run.to.clone(), bytes);
    }

    /// Takes sampling steps at the worker's pace, with the faults that strike samplers.
    pub(crate) async fn sample(&mut self, facts: &Facts, steps: u32) -> Result<(), Halt> {
        let server = Arc::clone(&self.run.server);
        if server.dice().runs_out_of_memory(facts.pixels()) {
            return Err(out_of_memory(facts));
        }
        let pace = server.lasting.step().mul_f64(server.dice().slowness());
        let film = self.preview_film(facts).await?;
        for step in 1..=steps {
            self.pause(pace).await?;
            let preview = match &film {
                Some(film) => {
                    let film = Arc::clone(film);
                    let n = part_way(facts.frames.unwrap_or(1), step, steps);
                    let draw = move |_: &AtomicBool| draw::preview(&film.frame(n), PREVIEW_SIDE);
                    Some(Preview::Jpeg(self.heavy(facts.pixels(), draw).await?))
                }
                None => None,
            };
            self.progress(step, steps, preview)?;
        }
        Ok(())
    }

    /// Sets up the pictures a sampler shows, small; nothing unless the job asked for them.
    async fn preview_film(&self, facts: &Facts) -> Result<Option<Arc<Film>>, Halt> {
        let longest = facts.width.max(facts.height).unwrap_or(0);
        if longest == 0 || !self.wants_previews() {
            return Ok(None);
        }
        let fit = |side: Option<u32>| {
            side.map(|side| {
                let shrunk = u64::from(side) * u64::from(PREVIEW_SIDE) / u64::from(longest);
                u32::try_from(shrunk).unwrap_or(side).clamp(1, side.max(1))
            })
        };
        let small = Facts {
            width: fit(facts.width),
            height: fit(facts.height),
            ..facts.clone()
        };
        let film = self.heavy(u64::MAX, move |_| Film::new(&small)).await?;
        Ok(Some(Arc::new(film)))
    }

    /// Newer servers let a job ask for sampler previews; by default there are none.
    fn wants_previews(&self) -> bool {
        let method = self.run.entry.extra.get("preview_method");
        let asked = method.and_then(Value::as_str);
        self.version() == Imitates::V0_25_0
            && matches!(asked, Some("auto" | "latent2rgb" | "taesd"))
    }

    /// Runs work that would hold up the server: off the runtime's threads, few at a time.
    pub(crate) async fn heavy<T: Send + 'static>(
        &self,
        pixels: u64,
        work: impl FnOnce(&AtomicBool) -> Result<T, NoPicture> + Send + 'static,
    ) -> Result<T, Halt> {
        let stop = self.run.server.interrupt.flag();
        if pixels <= LIGHT_PIXELS {
            return Ok(work(&stop)?);
        }
        let refused = |fault: String| Halt::raise("RuntimeError", fault);
        let _permit = HEAVY
            .acquire()
            .await
            .map_err(|fault| refused(fault.to_string()))?;
        let done = tokio::task::spawn_blocking(move || work(&stop)).await;
        Ok(done.map_err(|fault| refused(fault.to_string()))??)
    }

    /// Writes an output file and describes it, damaged if this job is doomed so.
    pub(crate) fn deliver(
        &self,
        at: &Place,
        ending: &str,
        mut bytes: Vec<u8>,
    ) -> Result<Value, Halt> {
        if at.kind == "output" {
            if self.run.doom.truncate {
                bytes.truncate(bytes.len() / 2);
            }
            if self.run.doom.garbage {
                let mut noise = fastrand::Rng::with_seed(at.number);
                bytes.fill_with(|| noise.u8(..));
            }
        }
        Ok(at.write(ending, &bytes)?)
    }

    /// Lists the texts that go into output files: the prompt and each key of `extra_pnginfo`.
    pub(crate) fn texts(&self) -> Result<Vec<(String, String)>, Halt> {
        let mut texts = vec![(
            "prompt".to_owned(),
            python_json::write(&self.run.entry.prompt),
        )];
        match self.run.entry.extra.get("extra_pnginfo") {
            None | Some(Value::Null) => {}
            Some(Value::Object(fields)) => {
                for (name, value) in fields {
                    texts.push((name.clone(), python_json::write(value)));
                }
            }
            Some(_) => {
                return Err(Halt::raise(
                    "TypeError",
                    "string indices must be integers, not 'str'",
                ));
            }
        }
        Ok(texts)
    }
}

/// The frame of a clip that a step stands for.
fn part_way(frames: u32, step: u32, steps: u32) -> u32 {
    let at = u64::from(frames) * u64::from(step.saturating_sub(1)) / u64::from(steps.max(1));
    u32::try_from(at).unwrap_or(0)
}

fn out_of_memory(facts: &Facts) -> Halt {
    Halt::raise(
        "torch.OutOfMemoryError",
        format!(
            "Allocation on device 0 would exceed allowed memory. (out of memory)\nCurrently allocated     : 21.55 GiB\n\
             Requested               : {:.2} GiB\nDevice limit            : 23.99 GiB",
            2.0 + facts.frames.map_or(1.0, f64::from) / 40.0
        ),
    )
}

/// Wraps a preview for a socket: type 4 with its ids for those who asked, else type 1.
pub(super) fn preview_frame(preview: &Preview, metadata: Option<Value>) -> Vec<u8> {
    let (format, media_type, image) = match preview {
        Preview::Jpeg(image) => (1_u32, "image/jpeg", image),
        Preview::Png(image) => (2, "image/png", image),
    };
    let Some(mut metadata) = metadata else {
        let mut bytes = 1_u32.to_be_bytes().to_vec();
        bytes.extend(format.to_be_bytes());
        bytes.extend(image);
        return bytes;
    };
    if let Value::Object(fields) = &mut metadata {
        fields.insert("image_type".to_owned(), json!(media_type));
    }
    let metadata = python_json::write(&metadata);
    let mut bytes = 4_u32.to_be_bytes().to_vec();
    bytes.extend(u32::try_from(metadata.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(metadata.bytes());
    bytes.extend(image);
    bytes
}

/// Addresses everybody or one client; here so that callers need not know the hub.
pub(super) fn address(extra: &Value) -> To {
    To::of(extra.get("client_id"))
}
