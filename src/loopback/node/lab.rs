//! The `Lab*` test pack of the recorded servers: progress, previews, errors and odd outputs on demand.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Expansion, Facts, Halt, Made, Slot, output};
use crate::loopback::{
    draw::{self, Film},
    run::{Preview, Task},
};

/// Longest text this pack repeats, in bytes.
const LONGEST: usize = 64 << 20;
/// Previews are at most this wide and high, in pixels.
const PREVIEW_SIDE: u32 = 512;

pub(super) async fn run(task: &mut Task<'_>, class: &str) -> Result<Made, Halt> {
    match class {
        "LabSleepProgress" => sleep_progress(task).await,
        "LabTextOut" => Ok(text_out(task)),
        "LabGifOut" => gif_out(task),
        "LabExpandSave" => Ok(expand(task)),
        "LabBlock" => Ok(block(task)),
        "LabProgressText" => {
            let text = task.inputs.text("text").unwrap_or("").to_owned();
            task.announce(&text);
            Ok(Made::things(&task.inputs.facts(), 1))
        }
        "LabUninterruptible" => {
            let time = u64::from(task.inputs.count("ms").unwrap_or(0));
            tokio::time::sleep(Duration::from_millis(time)).await;
            Ok(Made::things(&picture(), 1))
        }
        _ => Ok(Made::things(&picture(), 1)),
    }
}

fn picture() -> Facts {
    Facts {
        width: Some(64),
        height: Some(64),
        frames: Some(1),
        colour: Some(0x0040_80c0),
        ..Facts::default()
    }
}

async fn sleep_progress(task: &mut Task<'_>) -> Result<Made, Halt> {
    let steps = task.inputs.count("steps").unwrap_or(5);
    let pace = u64::from(task.inputs.count("step_ms").unwrap_or(50));
    let raise_at = task.inputs.int("raise_at").unwrap_or(-1);
    let side = task.inputs.count("preview_px").unwrap_or(0);
    for step in 1..=steps {
        task.pause(Duration::from_millis(pace)).await?;
        let preview = if side > 0 {
            let shown = output::plain(side, step);
            Some(Preview::Jpeg(draw::preview(&shown, PREVIEW_SIDE)?))
        } else {
            None
        };
        task.progress(step, steps, preview)?;
        if i64::from(step) == raise_at {
            boom(task)?;
        }
    }
    let mut facts = task.inputs.facts();
    if facts.width.is_none() {
        facts = picture();
    }
    Ok(Made::things(&facts, 1))
}

fn boom(task: &Task<'_>) -> Result<(), Halt> {
    let message = task.inputs.text("message").unwrap_or("");
    let or = |default: &str| {
        if message.is_empty() {
            default.to_owned()
        } else {
            message.to_owned()
        }
    };
    Err(match task.inputs.text("error_kind").unwrap_or("none") {
        "none" => return Ok(()),
        "value" => Halt::raise("ValueError", or("lab value error")),
        "oom" => Halt::raise(
            "torch.OutOfMemoryError",
            or("Allocation on device 0 would exceed allowed memory. (out of memory)"),
        ),
        "unicode" => Halt::raise("RuntimeError", or("ошибка: не хватает памяти ✗")),
        "huge" => Halt::raise("RuntimeError", "x".repeat(1 << 20)),
        "empty" => Halt::raise("RuntimeError", ""),
        "keyerror" => Halt::raise("KeyError", format!("'{}'", or("lab_key"))),
        _ => Halt::raise("RuntimeError", or("lab runtime error")),
    })
}

fn text_out(task: &Task<'_>) -> Made {
    let text = task.inputs.text("text").unwrap_or("");
    let repeat = task.inputs.count("repeat").unwrap_or(1) as usize;
    let repeat = repeat.min(LONGEST / text.len().max(1));
    let key = task.inputs.text("key").unwrap_or("text");
    let text = text.repeat(repeat);
    let mut ui = serde_json::Map::new();
    ui.insert(key.to_owned(), json!([text]));
    Made {
        slots: vec![Slot::Value(text.into())],
        ui: Some(ui.into()),
        expansion: None,
    }
}

fn gif_out(task: &mut Task<'_>) -> Result<Made, Halt> {
    let facts = task.inputs.facts();
    let prefix = task.inputs.text("prefix").unwrap_or("lab/clip").to_owned();
    let at = task.files().place(&prefix, "output")?;
    let bytes = draw::still(&Film::new(&facts)?.frame(0), image::ImageFormat::Gif)?;
    let mut record = task.deliver(&at, "_.gif", bytes)?;
    let cover = json!({ "filename": format!("{}_{:05}_.png", at.stem, at.number) });
    let fps = task.inputs.float("fps").unwrap_or(8.0);
    output::describe_gif(&mut record, "image/gif", fps, &cover);
    Ok(Made::ui(json!({ "gifs": [record] })))
}

fn block(task: &Task<'_>) -> Made {
    if task.inputs.value("block") != Some(&Value::Bool(true)) {
        return Made::things(&task.inputs.facts(), 1);
    }
    let message = task.inputs.text("message").unwrap_or("");
    let message = (!message.is_empty()).then(|| message.to_owned());
    Made {
        slots: vec![Slot::Blocked(message)],
        ..Made::default()
    }
}

/// Turns into `n` times picture → steps → file, and hands on the last picture.
fn expand(task: &Task<'_>) -> Made {
    let count = task.inputs.count("n").unwrap_or(2).clamp(1, 16);
    let colour = i64::from(task.inputs.count("color").unwrap_or(255));
    let fails = task.inputs.value("fail_inside") == Some(&Value::Bool(true));
    let name = |at: u32| format!("{}.0.0.{at}", task.id);
    let mut nodes = IndexMap::new();
    for n in 0..count {
        let (picture, steps, file) = (n * 3 + 1, n * 3 + 2, n * 3 + 3);
        let shade = (colour + i64::from(n)) % 0x0100_0000;
        nodes.insert(
            name(picture),
            json!({ "class_type": "EmptyImage", "inputs":
                { "width": 64, "height": 64, "batch_size": 1, "color": shade } }),
        );
        nodes.insert(
            name(steps),
            json!({ "class_type": "LabSleepProgress", "inputs": {
                "steps": 2, "step_ms": 10, "raise_at": if fails { 1 } else { -1 },
                "error_kind": if fails { "runtime" } else { "none" }, "message": "",
                "preview_px": 0, "nonce": shade, "image": [name(picture), 0] } }),
        );
        nodes.insert(
            name(file),
            json!({ "class_type": "SaveImage", "inputs":
                { "images": [name(steps), 0], "filename_prefix": "lab_inner" } }),
        );
    }
    Made {
        expansion: Some(Expansion {
            nodes,
            outputs: vec![(name(count * 3 - 1), 0)],
        }),
        ..Made::default()
    }
}
