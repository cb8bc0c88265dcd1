//! Classes that make, size, combine or sample.

use serde_json::{Value, json};

use super::{Facts, Halt, Inputs, Made, Slot, expression, whole};
use crate::{loopback::run::Task, media};

/// Says how many steps a sampler class will take; nothing for classes that do not sample.
pub(super) fn sampling(class: &str, inputs: &Inputs) -> Option<u32> {
    let scheduled = || inputs.thing("sigmas").and_then(|facts| facts.steps);
    match class {
        "KSampler" | "CogVideoSampler" => {
            let denoise = inputs.float("denoise").unwrap_or(1.0);
            let steps = inputs.float("steps").unwrap_or(20.0);
            u32::try_from(whole((steps * denoise.clamp(0.0, 1.0)).ceil())).ok()
        }
        "KSamplerAdvanced" => {
            let steps = inputs.count("steps").unwrap_or(20);
            let end = inputs.count("end_at_step").unwrap_or(steps).min(steps);
            Some(end.saturating_sub(inputs.count("start_at_step").unwrap_or(0)))
        }
        "SamplerCustom" | "SamplerCustomAdvanced" => Some(scheduled().unwrap_or(20)),
        _ => None,
    }
}

/// Takes the steps, each with its progress event.
pub(super) async fn sample(task: &mut Task<'_>, class: &str, steps: u32) -> Result<Made, Halt> {
    let mut facts = task.inputs.facts();
    let noise = task.inputs.thing("noise").and_then(|noise| noise.seed);
    let own = task
        .inputs
        .seed("seed")
        .or_else(|| task.inputs.seed("noise_seed"))
        .or(noise);
    let adds_noise = task.inputs.text("add_noise") != Some("disable");
    let before = ["latent_image", "samples"]
        .iter()
        .find_map(|name| task.inputs.thing(name)?.seed);
    facts.seed = match (before, own.filter(|_| adds_noise)) {
        (Some(before), Some(own)) => Some(before.rotate_left(17) ^ own),
        (before, own) => before.or(own),
    };
    if let Some(words) = ["guider", "positive"]
        .iter()
        .find_map(|name| task.inputs.thing(name)?.text.clone())
    {
        facts.text = Some(words);
    }
    (facts.colour, facts.picture) = (None, None);
    if class == "CogVideoSampler" {
        facts.frames = task.inputs.count("num_frames").map(|n| grid(n, 4));
    }
    task.sample(&facts, steps).await?;
    Ok(Made::things(&facts, task.slots()))
}

/// Lengths of video latents: one frame, then groups.
fn grid(length: u32, group: u32) -> u32 {
    length.saturating_sub(1) / group * group + 1
}

/// Runs every class that neither samples nor writes.
pub(super) fn make(task: &Task<'_>, class: &str) -> Result<Made, Halt> {
    let inputs = &task.inputs;
    if let Some(made) = plain_values(class, inputs)? {
        return Ok(made);
    }
    let mut facts = inputs.facts();
    match class {
        "LoadImage" | "LoadImageMask" | "LoadImageOutput" | "LoadVideo" | "VHS_LoadVideo"
        | "LoadAudio" => {
            facts = loaded(task);
        }
        "RandomNoise" => facts.seed = inputs.seed("noise_seed"),
        "ManualSigmas" => facts.steps = Some(listed_steps(inputs.text("sigmas").unwrap_or(""))),
        "CLIPTextEncode" => facts.text = inputs.text("text").map(str::to_owned),
        "CogVideoTextEncode" => facts.text = inputs.text("prompt").map(str::to_owned),
        "ConditioningZeroOut" => facts.text = Some(String::new()),
        "CreateVideo" => facts.fps = inputs.float("fps"),
        "EmptyAudio" => facts.sound = Some(sound(inputs)),
        "DisableNoise" | "SetFirstSigma" | "FlipSigmas" | "SplitSigmas" => {}
        _ => {
            if let Some(steps) = inputs.count("steps") {
                facts.steps = Some(steps);
            }
        }
    }
    resize(class, inputs, &mut facts);
    relength(class, inputs, &mut facts);
    Ok(spread(task, class, &facts))
}

/// Gives each slot what it stands for: a `negative` output is not the positive one.
fn spread(task: &Task<'_>, class: &str, facts: &Facts) -> Made {
    let mut made = Made::things(facts, task.slots());
    for (n, name) in task.slot_names().into_iter().enumerate() {
        let Some(slot) = made.slots.get_mut(n) else {
            continue;
        };
        match name.as_str() {
            "positive" | "negative" => {
                if let Some(own) = task.inputs.thing(&name) {
                    *slot = Slot::Thing(own.clone());
                }
            }
            "fps" => *slot = Slot::Value(json!(facts.fps.unwrap_or(24.0))),
            "bit_depth" => *slot = Slot::Value(json!(8)),
            "frame_count" | "batch_size" => *slot = Slot::Value(json!(facts.frames.unwrap_or(1))),
            "trim_latent" | "trim_image" | "video_frame_offset" => {
                *slot = Slot::Value(json!(0));
            }
            _ => {}
        }
    }
    if class == "GetImageSize" {
        let side = |side: Option<u32>| json!(side.unwrap_or(512));
        made.slots = [
            side(facts.width),
            side(facts.height),
            json!(facts.frames.unwrap_or(1)),
        ]
        .map(Slot::Value)
        .into();
    }
    made
}

/// Classes whose outputs are numbers, texts or switches.
fn plain_values(class: &str, inputs: &Inputs) -> Result<Option<Made>, Halt> {
    Ok(Some(match class {
        "PrimitiveInt"
        | "PrimitiveFloat"
        | "PrimitiveBoolean"
        | "PrimitiveString"
        | "PrimitiveStringMultiline" => {
            Made::values([inputs.value("value").cloned().unwrap_or(Value::Null)])
        }
        "StringConcatenate" => {
            let part = |name| inputs.text(name).unwrap_or("");
            let joined = [part("string_a"), part("string_b")].join(part("delimiter"));
            Made::values([json!(joined)])
        }
        "ComfyMathExpression" => {
            let text = inputs.text("expression").unwrap_or("");
            let value = expression::solve(text, inputs)
                .ok_or_else(|| Halt::raise("ValueError", format!("Invalid expression: {text}")))?;
            Made::values([json!(value), json!(whole(value)), json!(value != 0.0)])
        }
        "ComfySwitchNode" => {
            let chosen = if inputs.value("switch") == Some(&Value::Bool(true)) {
                "on_true"
            } else {
                "on_false"
            };
            Made {
                slots: inputs.0.get(chosen).cloned().into_iter().collect(),
                ..Made::default()
            }
        }
        _ => return Ok(None),
    }))
}

/// What a loader finds in its file: a picture, or a clip whose facts can be read.
fn loaded(task: &Task<'_>) -> Facts {
    let named = ["image", "file", "video", "audio"]
        .iter()
        .find_map(|name| task.inputs.text(name));
    let Some(path) = named.and_then(|name| task.files().annotated(name)) else {
        return Facts::default();
    };
    if let Ok((width, height)) = image::image_dimensions(&path) {
        return Facts {
            width: Some(width),
            height: Some(height),
            frames: Some(1),
            picture: Some(path),
            ..Facts::default()
        };
    }
    let clip = std::fs::File::open(&path)
        .ok()
        .and_then(|mut file| media::clip::probe(&mut file).ok());
    Facts {
        width: Some(clip.as_ref().map_or(640, |clip| clip.width)),
        height: Some(clip.as_ref().map_or(384, |clip| clip.height)),
        frames: Some(clip.as_ref().map_or(49, |clip| clip.frames)),
        fps: Some(clip.map_or(24.0, |clip| clip.fps)),
        ..Facts::default()
    }
}

fn sound(inputs: &Inputs) -> (u32, u16) {
    let seconds = inputs.float("duration").unwrap_or(1.0).clamp(0.0, 600.0);
    let rate = inputs.float("sample_rate").unwrap_or(44_100.0);
    let samples = u32::try_from(whole(seconds * rate)).unwrap_or(0);
    let channels = inputs.count("channels").and_then(|n| u16::try_from(n).ok());
    (samples, channels.unwrap_or(2).clamp(1, 2))
}

/// Counts the steps between the numbers of a written schedule.
fn listed_steps(list: &str) -> u32 {
    let numbers = list
        .split([',', ' ', '\n'])
        .filter(|part| part.trim().parse::<f64>().is_ok())
        .count();
    u32::try_from(numbers.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// Sizes after this class, in pixels.
fn resize(class: &str, inputs: &Inputs, facts: &mut Facts) {
    let times = |facts: &mut Facts, by: f64| {
        let scale =
            |side: u32| u32::try_from(whole((f64::from(side) * by).round())).unwrap_or(side);
        facts.width = facts.width.map(scale);
        facts.height = facts.height.map(scale);
    };
    match class {
        "ImageScaleBy" | "LatentUpscaleBy" => times(facts, inputs.float("scale_by").unwrap_or(1.0)),
        "LTXVLatentUpsampler" => times(facts, 2.0),
        "ImageUpscaleWithModel" => times(facts, 4.0),
        "ImageScaleToTotalPixels" => {
            let wanted = inputs.float("megapixels").unwrap_or(1.0) * 1024.0 * 1024.0;
            let now = facts.width.zip(facts.height);
            if let Some((width, height)) = now.filter(|(w, h)| *w > 0 && *h > 0) {
                times(
                    facts,
                    (wanted / (f64::from(width) * f64::from(height))).sqrt(),
                );
            }
        }
        "ResizeImageMaskNode" => resize_mask(inputs, facts, times),
        "ImagePadForOutpaint" => {
            let side = |name| inputs.count(name).unwrap_or(0);
            facts.width = facts.width.map(|w| grown(w, side("left"), side("right")));
            facts.height = facts.height.map(|h| grown(h, side("top"), side("bottom")));
        }
        "EmptyImage" => {
            set_size(inputs, facts, 1);
            facts.colour = inputs.count("color");
        }
        "EmptyLTXVLatentVideo" | "LTXVImgToVideo" | "Wan22ImageToVideoLatent" => {
            set_size(inputs, facts, 32);
        }
        "EmptyLatentImage" | "EmptySD3LatentImage" | "LatentUpscale" => set_size(inputs, facts, 8),
        "ImageScale" | "ImageCrop" | "SolidMask" => set_size(inputs, facts, 1),
        _ => set_size(inputs, facts, 16),
    }
}

fn grown(side: u32, before: u32, after: u32) -> u32 {
    side.saturating_add(before).saturating_add(after)
}

fn resize_mask(inputs: &Inputs, facts: &mut Facts, times: impl Fn(&mut Facts, f64)) {
    let longer = facts.width.max(facts.height).map_or(1.0, f64::from);
    let shorter = facts.width.min(facts.height).map_or(1.0, f64::from);
    let widget = |name: &str| inputs.float(&format!("resize_type.{name}"));
    match inputs.text("resize_type").unwrap_or("") {
        "scale dimensions" => {
            let side = |name: &str| {
                inputs
                    .count(&format!("resize_type.{name}"))
                    .filter(|n| *n > 0)
            };
            facts.width = side("width").or(facts.width);
            facts.height = side("height").or(facts.height);
        }
        "scale by multiplier" => times(facts, widget("multiplier").unwrap_or(1.0)),
        "scale longer dimension" => times(facts, widget("longer_size").unwrap_or(longer) / longer),
        "scale shorter dimension" => {
            times(facts, widget("shorter_size").unwrap_or(shorter) / shorter);
        }
        _ => {}
    }
}

fn set_size(inputs: &Inputs, facts: &mut Facts, grid: u32) {
    if let Some((width, height)) = inputs.count("width").zip(inputs.count("height")) {
        let floor = |side: u32| (side / grid * grid).max(grid);
        if width > 0 && height > 0 {
            (facts.width, facts.height) = (Some(floor(width)), Some(floor(height)));
        }
    }
}

/// Lengths after this class, in frames.
fn relength(class: &str, inputs: &Inputs, facts: &mut Facts) {
    let now = facts.frames.unwrap_or(1);
    facts.frames = match class {
        "EmptyLTXVLatentVideo" | "LTXVImgToVideo" | "EmptyCosmosLatentVideo" => {
            inputs.count("length").map(|length| grid(length, 8))
        }
        "ImageFromBatch" => {
            let from = inputs.count("batch_index").unwrap_or(0);
            let left = now.saturating_sub(from).max(1);
            Some(inputs.count("length").unwrap_or(left).clamp(1, left))
        }
        "TrimVideoLatent" => {
            let cut = inputs.count("trim_amount").unwrap_or(0).saturating_mul(4);
            Some(now.saturating_sub(cut).max(1))
        }
        "FrameInterpolate" => Some(now.saturating_mul(inputs.count("multiplier").unwrap_or(2))),
        "RepeatImageBatch" => Some(now.saturating_mul(inputs.count("amount").unwrap_or(1))),
        "BatchImagesNode" | "ImageBatch" => {
            let each = |slot: &Slot| match slot {
                Slot::Thing(facts) => facts.frames.unwrap_or(1),
                Slot::Value(_) | Slot::Blocked(_) => 0,
            };
            Some(inputs.0.values().map(each).fold(0, u32::saturating_add))
        }
        "EmptyImage" | "EmptyLatentImage" | "EmptySD3LatentImage" => inputs.count("batch_size"),
        _ => match inputs.count("length") {
            Some(length) if inputs.value("width").is_some() => Some(grid(length, 4)),
            _ => facts.frames,
        },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(given: &Value) -> Inputs {
        let fields = given.as_object().cloned().unwrap();
        Inputs(
            fields
                .into_iter()
                .map(|(k, v)| (k, Slot::Value(v)))
                .collect(),
        )
    }

    #[test]
    fn sizes_and_lengths_land_on_the_models_grid() {
        for (class, given, size) in [
            (
                "EmptyLTXVLatentVideo",
                json!({"width": 640, "height": 360, "length": 123}),
                (640, 352, 121),
            ),
            (
                "EmptyHunyuanLatentVideo",
                json!({"width": 650, "height": 640, "length": 83}),
                (640, 640, 81),
            ),
            (
                "WanImageToVideo",
                json!({"width": 640, "height": 640, "length": 81}),
                (640, 640, 81),
            ),
        ] {
            let mut facts = Facts::default();
            resize(class, &inputs(&given), &mut facts);
            relength(class, &inputs(&given), &mut facts);
            let found = (
                facts.width.unwrap(),
                facts.height.unwrap(),
                facts.frames.unwrap(),
            );
            assert_eq!(found, size, "{class}");
        }
    }

    #[test]
    fn a_schedule_says_how_many_steps_there_are() {
        assert_eq!(listed_steps("0.909375, 0.725, 0.421875, 0.0"), 3);
        assert_eq!(
            sampling(
                "KSamplerAdvanced",
                &inputs(&json!({"steps": 20, "start_at_step": 10, "end_at_step": 10000}))
            ),
            Some(10)
        );
        assert_eq!(
            sampling("KSampler", &inputs(&json!({"steps": 20, "denoise": 0.5}))),
            Some(10)
        );
        assert_eq!(sampling("VAEDecode", &inputs(&json!({}))), None);
    }
}
