//! Classes that write files or show something.

use std::sync::Arc;

use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::{Facts, Halt, Made, Slot, sound};
use crate::loopback::{
    Imitates,
    draw::{self, Film},
    files::Place,
    python,
    run::{Preview, Task},
};

/// Most pictures one node writes.
const MOST_PICTURES: u32 = 4096;

/// Runs an output class.
pub(super) async fn run(task: &mut Task<'_>, class: &str) -> Result<Made, Halt> {
    let mut facts = task.inputs.facts();
    (facts.title, facts.mood) = task.captions();
    match class {
        "SaveImage" => stills(task, &facts, "output", "_.png").await,
        "PreviewImage" => stills(task, &facts, "temp", "_.png").await,
        "MaskPreview" => mask(task, &facts).await,
        "SaveImageAdvanced" => {
            if task.inputs.text("format") != Some("png") {
                return Err(Halt::raise(
                    "TypeError",
                    "SaveImageAdvanced.execute() missing 1 required positional argument: 'format'",
                ));
            }
            stills(task, &facts, "output", ".png").await
        }
        "SaveImageWebsocket" => over_the_wire(task, &facts).await,
        "ImageCompare" => compare(task).await,
        "SaveAnimatedWEBP" => moving(task, &facts, ".webp").await,
        "SaveAnimatedPNG" => moving(task, &facts, ".png").await,
        "SaveVideo" => moving(task, &facts, ".mp4").await,
        "SaveWEBM" => moving(task, &facts, ".webm").await,
        "VHS_VideoCombine" => combined(task, facts).await,
        "SaveAudio" => audio(task, &facts, "output", "flac"),
        "SaveAudioMP3" => audio(task, &facts, "output", "mp3"),
        "SaveAudioOpus" => audio(task, &facts, "output", "opus"),
        "PreviewAudio" => audio(task, &facts, "temp", "flac"),
        "SaveLatent" => latent(task),
        "PreviewAny" => Ok(Made::ui(
            json!({ "text": [shown(task.inputs.0.get("source"))] }),
        )),
        "Preview3D" => {
            let file = task.inputs.value("model_file").cloned();
            Ok(Made::ui(json!({ "result": [file, null, null] })))
        }
        _ => Ok(Made::things(&facts, task.slots())),
    }
}

fn shown(slot: Option<&Slot>) -> String {
    match slot {
        Some(Slot::Value(value)) => python::text(value),
        Some(Slot::Thing(facts)) => tensor(facts),
        Some(Slot::Blocked(_)) | None => "None".to_owned(),
    }
}

/// Spells a picture as a printed tensor, cut short.
pub(crate) fn tensor(facts: &Facts) -> String {
    let [_, red, green, blue] = facts.colour.unwrap_or(0).to_be_bytes();
    let part = |byte: u8| f64::from(byte) / 255.0;
    format!(
        "tensor([[[[{:.4}, {:.4}, {:.4}],\n          ...]]])",
        part(red),
        part(green),
        part(blue)
    )
}

/// Chooses the place for a node's files, with the pattern words a server expands.
fn place(task: &Task<'_>, facts: &Facts, default: &str, kind: &'static str) -> Result<Place, Halt> {
    let prefix = match task
        .inputs
        .text("filename_prefix")
        .or(task.inputs.text("prefix"))
    {
        Some(given) if kind == "output" => given.to_owned(),
        _ => format!("{default}_temp_{}", task.letters()),
    };
    let now = jiff::Zoned::now();
    let side = |side: Option<u32>| side.unwrap_or(0).to_string();
    let words = [
        ("%width%", side(facts.width)),
        ("%height%", side(facts.height)),
        ("%year%", now.year().to_string()),
        ("%month%", format!("{:02}", now.month())),
        ("%day%", format!("{:02}", now.day())),
        ("%hour%", format!("{:02}", now.hour())),
        ("%minute%", format!("{:02}", now.minute())),
        ("%second%", format!("{:02}", now.second())),
    ];
    let prefix = words
        .iter()
        .fold(prefix, |prefix, (word, value)| prefix.replace(word, value));
    Ok(task.files().place(&prefix, kind)?)
}

async fn stills(
    task: &mut Task<'_>,
    facts: &Facts,
    kind: &'static str,
    ending: &str,
) -> Result<Made, Halt> {
    let texts = task.texts()?;
    let mut at = place(task, facts, "ComfyUI", kind)?;
    let mut records = Vec::new();
    let film = Arc::new(film_of(task, facts).await?);
    for n in 0..facts.frames.unwrap_or(1).clamp(1, MOST_PICTURES) {
        if n > 0 {
            at = at.next(task.files());
        }
        let (film, texts) = (Arc::clone(&film), texts.clone());
        let bytes = task
            .heavy(facts.pixels(), move |_| draw::png(&film.frame(n), &texts))
            .await?;
        records.push(task.deliver(&at, ending, bytes)?);
    }
    Ok(Made {
        ui: Some(json!({ "images": records })),
        ..Made::things(facts, task.slots())
    })
}

/// Sets up what a graph asked for, off the runtime's threads when it is large.
async fn film_of(task: &Task<'_>, facts: &Facts) -> Result<Film, Halt> {
    let (pixels, facts) = (facts.pixels(), facts.clone());
    task.heavy(pixels, move |_| Film::new(&facts)).await
}

async fn mask(task: &mut Task<'_>, facts: &Facts) -> Result<Made, Halt> {
    let mut made = stills(task, facts, "temp", "_.png").await?;
    if task.version() == Imitates::V0_25_0
        && let Some(Value::Object(ui)) = &mut made.ui
    {
        ui.insert("animated".to_owned(), json!([false]));
    }
    Ok(made)
}

async fn compare(task: &mut Task<'_>) -> Result<Made, Halt> {
    let mut ui = serde_json::Map::new();
    let letters = task.letters();
    for side in ["a", "b"] {
        let Some(facts) = task.inputs.thing(&format!("image_{side}")).cloned() else {
            continue;
        };
        let prefix = format!("comfy.compare.{side}_temp_{letters}");
        let mut at = task.files().place(&prefix, "temp")?;
        let film = film_of(task, &facts).await?;
        let mut records = Vec::new();
        for n in 0..facts.frames.unwrap_or(1).clamp(1, MOST_PICTURES) {
            if n > 0 {
                at = at.next(task.files());
            }
            let bytes = draw::png(&film.frame(n), &[])?;
            records.push(task.deliver(&at, "_.png", bytes)?);
        }
        ui.insert(format!("{side}_images"), records.into());
    }
    Ok(Made::ui(ui.into()))
}

async fn over_the_wire(task: &mut Task<'_>, facts: &Facts) -> Result<Made, Halt> {
    let count = facts.frames.unwrap_or(1).clamp(1, MOST_PICTURES);
    let film = film_of(task, facts).await?;
    for n in 0..count {
        let image = draw::png(&film.frame(n), &[])?;
        task.progress(n, count, Some(Preview::Png(image)))?;
    }
    Ok(Made::default())
}

async fn moving(task: &mut Task<'_>, facts: &Facts, ending: &str) -> Result<Made, Halt> {
    let texts = task.texts()?;
    let at = place(task, facts, "ComfyUI", "output")?;
    let fps = task.inputs.float("fps").or(facts.fps).unwrap_or(24.0);
    let facts = Facts {
        fps: Some(fps),
        ..facts.clone()
    };
    let bytes = film(task, facts.clone(), ending, texts).await?;
    let record = task.deliver(&at, &format!("_{ending}"), bytes)?;
    Ok(Made {
        ui: Some(json!({ "images": [record], "animated": [true] })),
        ..Made::things(&facts, task.slots())
    })
}

/// Encodes a clip; sizes too small for H.264 are drawn larger.
async fn film(
    task: &mut Task<'_>,
    facts: Facts,
    ending: &str,
    texts: Vec<(String, String)>,
) -> Result<Vec<u8>, Halt> {
    let work = facts.pixels() * u64::from(facts.frames.unwrap_or(1));
    let still = match ending {
        ".webp" => Some(ImageFormat::WebP),
        ".png" => Some(ImageFormat::Png),
        ".gif" => Some(ImageFormat::Gif),
        _ => None,
    };
    task.heavy(work, move |stop| match still {
        Some(format) => draw::still(&Film::new(&facts)?.frame(0), format),
        None => draw::clip(&facts, &texts, stop),
    })
    .await
}

/// The video combiner of a pack: reports under `gifs`, with a still beside the clip.
async fn combined(task: &mut Task<'_>, mut facts: Facts) -> Result<Made, Halt> {
    let texts = task.texts()?;
    let kind = if task.inputs.value("save_output") == Some(&Value::Bool(false)) {
        "temp"
    } else {
        "output"
    };
    facts.fps = task.inputs.float("frame_rate").or(facts.fps);
    if task.inputs.value("pingpong") == Some(&Value::Bool(true)) {
        facts.frames = facts
            .frames
            .map(|n| n.saturating_mul(2).saturating_sub(2).max(1));
    }
    let format = task
        .inputs
        .text("format")
        .unwrap_or("video/h264-mp4")
        .to_owned();
    let ending = match format.as_str() {
        "image/gif" | "video/ffmpeg-gif" => ".gif",
        "image/webp" => ".webp",
        "video/webm" | "video/av1-webm" => ".webm",
        "video/ProRes" => ".mov",
        "video/ffv1-mkv" => ".mkv",
        _ => ".mp4",
    };
    let at = place(task, &facts, "AnimateDiff", kind)?;
    let (first, chunks) = (facts.clone(), texts.clone());
    let cover = task
        .heavy(facts.pixels(), move |_| {
            draw::png(&Film::new(&first)?.frame(0), &chunks)
        })
        .await?;
    let cover = at.write(".png", &cover)?;
    let bytes = film(task, facts.clone(), ending, texts).await?;
    let mut record = task.deliver(&at, ending, bytes)?;
    describe_gif(&mut record, &format, facts.fps.unwrap_or(8.0), &cover);
    Ok(Made {
        ui: Some(json!({ "gifs": [record] })),
        ..Made::default()
    })
}

/// Adds what video combiners say beyond name and folder.
pub(super) fn describe_gif(record: &mut Value, format: &str, fps: f64, cover: &Value) {
    let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or("");
    let parts = ["/loopback/output", text("subfolder"), text("filename")];
    let path: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let full = path.join("/");
    if let Value::Object(fields) = record {
        fields.insert("format".to_owned(), format.into());
        fields.insert("frame_rate".to_owned(), fps.into());
        fields.insert("workflow".to_owned(), cover.get("filename").cloned().into());
        fields.insert("fullpath".to_owned(), full.into());
    }
}

fn audio(
    task: &mut Task<'_>,
    facts: &Facts,
    kind: &'static str,
    ending: &str,
) -> Result<Made, Halt> {
    let at = place(task, facts, "ComfyUI", kind)?;
    let (samples, channels) = facts.sound.unwrap_or((0, 2));
    let bytes = sound::flac(samples, channels, 44_100);
    let mark = match task.version() {
        Imitates::V0_25_0 => "",
        Imitates::V0_3_64 => "_",
    };
    let record = task.deliver(&at, &format!("{mark}.{ending}"), bytes)?;
    Ok(Made::ui(json!({ "audio": [record] })))
}

/// Writes a safetensors file with one small tensor, as `SaveLatent` does.
fn latent(task: &mut Task<'_>) -> Result<Made, Halt> {
    let facts = task.inputs.facts();
    let at = place(task, &facts, "ComfyUI", "output")?;
    let header = json!({
        "latent_tensor": { "dtype": "F32", "shape": [1, 4, 1, 1], "data_offsets": [0, 16] },
        "latent_format_version_0": { "dtype": "F32", "shape": [0], "data_offsets": [16, 16] }
    })
    .to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend([0; 16]);
    let record = task.deliver(&at, "_.latent", bytes)?;
    Ok(Made::ui(json!({ "latents": [record] })))
}

/// Draws the picture of a preview frame.
pub(super) fn plain(side: u32, n: u32) -> RgbImage {
    let shade = u8::try_from(n.wrapping_mul(37) % 256).unwrap_or(0);
    RgbImage::from_pixel(side.max(1), side.max(1), image::Rgb([shade, 96, 160]))
}
