//! What nodes pass to each other, and what each class does.
//!
//! Nothing is sampled here. A value carries what the result has to show: size, length, rate, the words, the seed. Classes that change
//! one of these do so as the real ones would; every other class passes on what came in.

mod expression;
mod lab;
mod made;
mod output;
mod sound;

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

use super::{draw::NoPicture, run::Task};

/// What is known about a picture, clip, latent, conditioning or noise on its way through the graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    /// Width in pixels.
    pub(crate) width: Option<u32>,
    /// Height in pixels.
    pub(crate) height: Option<u32>,
    /// Frames of a clip, or pictures of a batch.
    pub(crate) frames: Option<u32>,
    /// Frames per second.
    pub(crate) fps: Option<f64>,
    /// One colour all over, as `0x00RRGGBB`.
    pub(crate) colour: Option<u32>,
    /// Prompt text.
    pub(crate) text: Option<String>,
    /// Seed of the noise.
    pub(crate) seed: Option<u64>,
    /// Sampling steps that a schedule asks for.
    pub(crate) steps: Option<u32>,
    /// Picture on disk that this came from.
    pub(crate) picture: Option<PathBuf>,
    /// Caption that the client asked for beside the graph.
    pub(crate) title: Option<String>,
    /// Mood that the client asked for beside the graph.
    pub(crate) mood: Option<String>,
    /// Samples per channel and channels, of a sound.
    pub(crate) sound: Option<(u32, u16)>,
}

pub(crate) use self::output::tensor;

impl Facts {
    /// Takes over what `other` knows and this does not.
    fn fill(&mut self, other: &Self) {
        let whole = self.width.is_some() || self.height.is_some();
        if !whole {
            self.width = other.width;
            self.height = other.height;
        }
        self.frames = self.frames.or(other.frames);
        self.fps = self.fps.or(other.fps);
        self.colour = self.colour.or(other.colour);
        self.seed = self.seed.or(other.seed);
        self.steps = self.steps.or(other.steps);
        self.sound = self.sound.or(other.sound);
        if self.text.is_none() {
            self.text.clone_from(&other.text);
        }
        if self.picture.is_none() {
            self.picture.clone_from(&other.picture);
        }
    }

    /// Counts pixels of one frame.
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width.unwrap_or(0)) * u64::from(self.height.unwrap_or(0))
    }
}

/// One output of a node.
#[derive(Debug, Clone)]
pub(crate) enum Slot {
    /// A number, text or switch.
    Value(Value),
    /// Anything else.
    Thing(Facts),
    /// Everything downstream is skipped, with a message or in silence.
    Blocked(Option<String>),
}

/// What ends a node early.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Somebody interrupted.
    Interrupted,
    /// Python would raise.
    Raised {
        /// Class of the exception, such as `RuntimeError`.
        kind: &'static str,
        /// Its text, without the line feed the server adds.
        text: String,
    },
    /// The server process or this life of it ends here.
    Ended,
}

impl Halt {
    pub(crate) fn raise(kind: &'static str, text: impl Into<String>) -> Self {
        Self::Raised {
            kind,
            text: text.into(),
        }
    }
}

impl From<NoPicture> for Halt {
    fn from(fault: NoPicture) -> Self {
        match fault {
            NoPicture::Interrupted => Self::Interrupted,
            NoPicture::Encoder(text) => Self::raise("RuntimeError", text),
        }
    }
}

impl From<std::io::Error> for Halt {
    fn from(fault: std::io::Error) -> Self {
        Self::raise("OSError", fault.to_string())
    }
}

impl From<super::files::NoPlace> for Halt {
    fn from(fault: super::files::NoPlace) -> Self {
        Self::raise("Exception", fault.to_string())
    }
}

/// What a node leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) slots: Vec<Slot>,
    /// What goes to the client as `executed` and into history.
    pub(crate) ui: Option<Value>,
    /// Nodes that take this one's place at run time.
    pub(crate) expansion: Option<Expansion>,
}

/// A graph that a node turns into, with its outputs.
#[derive(Debug)]
pub(crate) struct Expansion {
    pub(crate) nodes: IndexMap<String, Value>,
    /// Node id and slot that stand for each output.
    pub(crate) outputs: Vec<(String, usize)>,
}

impl Made {
    fn things(facts: &Facts, count: usize) -> Self {
        Self {
            slots: vec![Slot::Thing(facts.clone()); count.max(1)],
            ..Self::default()
        }
    }

    fn values(values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            slots: values.into_iter().map(Slot::Value).collect(),
            ..Self::default()
        }
    }

    fn ui(ui: Value) -> Self {
        Self {
            ui: Some(ui),
            ..Self::default()
        }
    }
}

/// A node's inputs with links followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs(pub(crate) IndexMap<String, Slot>);

/// Inputs that say most about the result come first; what a `negative` says comes last.
const WEIGHT: [&str; 17] = [
    "latent_image",
    "samples",
    "av_latent",
    "video_latent",
    "latent",
    "images",
    "image",
    "pixels",
    "video",
    "input",
    "positive",
    "conditioning",
    "guider",
    "noise",
    "sigmas",
    "start_image",
    "reference_image",
];
const LATE: [&str; 2] = ["negative", "audio_latent"];

impl Inputs {
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        match self.0.get(name)? {
            Slot::Value(value) => Some(value),
            Slot::Thing(_) | Slot::Blocked(_) => None,
        }
    }

    pub(crate) fn thing(&self, name: &str) -> Option<&Facts> {
        match self.0.get(name)? {
            Slot::Thing(facts) => Some(facts),
            Slot::Value(_) | Slot::Blocked(_) => None,
        }
    }

    /// Finds an input that blocks the node, with its message.
    #[expect(
        clippy::option_option,
        reason = "blocked in silence is not the same as not blocked"
    )]
    pub(crate) fn blocked(&self) -> Option<Option<String>> {
        self.0.values().find_map(|slot| match slot {
            Slot::Blocked(message) => Some(message.clone()),
            Slot::Value(_) | Slot::Thing(_) => None,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    fn float(&self, name: &str) -> Option<f64> {
        self.value(name).and_then(Value::as_f64)
    }

    fn int(&self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        value.as_i64().or_else(|| value.as_f64().map(whole))
    }

    /// Reads a size or count; absent or negative is nothing.
    fn count(&self, name: &str) -> Option<u32> {
        u32::try_from(self.int(name)?).ok()
    }

    fn seed(&self, name: &str) -> Option<u64> {
        let value = self.value(name)?;
        value
            .as_u64()
            .or_else(|| value.as_i64().map(i64::cast_unsigned))
    }

    /// Collects what all inputs together know.
    pub(crate) fn facts(&self) -> Facts {
        let rank = |name: &str| {
            if LATE.contains(&name) {
                return usize::MAX;
            }
            WEIGHT
                .iter()
                .position(|known| *known == name)
                .unwrap_or(WEIGHT.len())
        };
        let mut things: Vec<(usize, &Facts)> = self
            .0
            .iter()
            .filter_map(|(name, slot)| match slot {
                Slot::Thing(facts) => Some((rank(name), facts)),
                Slot::Value(_) | Slot::Blocked(_) => None,
            })
            .collect();
        things.sort_by_key(|(rank, _)| *rank);
        let mut facts = Facts::default();
        for (_, other) in things {
            facts.fill(other);
        }
        facts
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates; sizes are checked where they are used"
)]
pub(crate) fn whole(float: f64) -> i64 {
    float.trunc() as i64
}

/// Runs one node.
pub(crate) async fn run(task: &mut Task<'_>) -> Result<Made, Halt> {
    let class = task.class.clone();
    if class.starts_with("Lab") {
        return lab::run(task, &class).await;
    }
    if let Some(steps) = made::sampling(&class, &task.inputs) {
        return made::sample(task, &class, steps).await;
    }
    if task.is_output() || class == "SaveImageWebsocket" {
        return output::run(task, &class).await;
    }
    made::make(task, &class)
}
