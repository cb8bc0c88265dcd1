//! Inputs whose name or class says what they mean.

use serde_json::Value;

use super::View;
use super::collect::Collected;
use super::number_kind;
use crate::core::workflow::graph::Node;
use crate::core::workflow::model_rules::model_folder;
use crate::core::workflow::object_info::{InputKind, Upload};
use crate::core::workflow::slot::{Binding, SlotKind};
use crate::core::workflow::walk;

/// Finds images, masks, videos and sounds that have to be on the worker.
pub(super) fn files(view: View<'_>, order: &[&str], found: &mut Collected) {
    for id in order {
        let Some(node) = view.graph.nodes.get(*id) else {
            continue;
        };
        for (input, value) in &node.inputs {
            if value.is_string()
                && let Some((base, kind)) = file_kind(view, node, input)
            {
                let bind = Binding {
                    node: (*id).to_owned(),
                    input: input.clone(),
                };
                found.add(base, kind, bind.clone(), bind);
            }
        }
    }
}

fn file_kind(view: View<'_>, node: &Node, input: &str) -> Option<(&'static str, SlotKind)> {
    let class = node.class_type.as_str();
    if class == "LoadImageMask" && input == "image" {
        return Some(("mask", SlotKind::Image));
    }
    let spec = view
        .info
        .and_then(|info| info.class(class))
        .and_then(|class| class.input(input));
    if let Some(InputKind::Combo(choices)) = spec.map(|spec| &spec.kind) {
        return Some(match choices.upload? {
            Upload::Image | Upload::AnimatedImage => ("image", SlotKind::Image),
            Upload::Video => ("video", SlotKind::Video),
            Upload::Audio => ("audio", SlotKind::Audio),
            Upload::File => ("file", SlotKind::Text),
        });
    }
    match (class, input) {
        ("LoadImage", "image") => Some(("image", SlotKind::Image)),
        ("LoadVideo", "file") | ("VHS_LoadVideo" | "VHS_LoadVideoFFmpeg", "video") => {
            Some(("video", SlotKind::Video))
        }
        ("LoadAudio" | "VHS_LoadAudioUpload", "audio") => Some(("audio", SlotKind::Audio)),
        _ => None,
    }
}

/// How places with the same value are treated.
#[derive(Clone, Copy, PartialEq)]
enum Same {
    /// Each has a slot of its own.
    Apart,
    /// All with the same value are one slot.
    Together,
    /// All with the same value on nodes of the same class that share the work are one slot.
    Stages,
}

/// Finds everything that is known by the name of its input.
pub(super) fn find(view: View<'_>, order: &[&str], found: &mut Collected) {
    let mut loras = 0;
    for id in order {
        let Some(node) = view.graph.nodes.get(*id) else {
            continue;
        };
        if node.inputs.get("lora_name").is_some_and(Value::is_string) {
            loras += 1;
            lora(id, node, loras, found);
            continue;
        }
        for input in node.inputs.keys() {
            if let Some((base, kind, same)) = named(node, input) {
                place(view, id, input, (base, kind, same), found);
            }
        }
    }
}

fn lora(id: &str, node: &Node, number: usize, found: &mut Collected) {
    for (input, part, kind) in [
        ("lora_name", "name", SlotKind::Choice),
        ("strength_model", "strength", SlotKind::Float),
        ("strength", "strength", SlotKind::Float),
        ("strength_clip", "strength_clip", SlotKind::Float),
    ] {
        if node
            .inputs
            .get(input)
            .is_some_and(|value| !value.is_array())
        {
            let bind = Binding {
                node: id.to_owned(),
                input: input.to_owned(),
            };
            found.add(&format!("lora.{number}.{part}"), kind, bind.clone(), bind);
        }
    }
}

/// Names what an input means: slot name, kind, and what to do with equals.
fn named(node: &Node, input: &str) -> Option<(&'static str, SlotKind, Same)> {
    let class = node.class_type.as_str();
    let last = input.rsplit('.').next().unwrap_or(input);
    if let Some(folder) = model_folder(class, input) {
        let base = match folder {
            "checkpoints" | "diffusion_models" => "model",
            "vae" => "vae",
            "text_encoders" => "text_encoder",
            "controlnet" => "control.model",
            "upscale_models" => "upscale_model",
            "latent_upscale_models" => "latent_upscale_model",
            "frame_interpolation" => "interpolation_model",
            other => other,
        };
        return Some((base, SlotKind::Choice, Same::Together));
    }
    let control = class.starts_with("ControlNetApply");
    let silent = node
        .inputs
        .get("add_noise")
        .is_some_and(|noise| noise.as_str() == Some("disable") || noise.as_bool() == Some(false));
    Some(match last {
        "seed" | "noise_seed" if silent => return None,
        "seed" | "noise_seed" => ("seed", SlotKind::Seed, Same::Apart),
        "steps" => ("steps", SlotKind::Int, Same::Stages),
        "cfg" => ("cfg", SlotKind::Float, Same::Stages),
        "guidance" => ("guidance", SlotKind::Float, Same::Apart),
        "sampler_name" => ("sampler", SlotKind::Choice, Same::Stages),
        "scheduler" => ("scheduler", SlotKind::Choice, Same::Stages),
        "denoise" | "denoise_strength" => ("denoise", SlotKind::Float, Same::Apart),
        "shift" => ("shift", SlotKind::Float, Same::Together),
        "fps" | "frame_rate" => ("fps", SlotKind::Float, Same::Together),
        "strength" if control => ("control.strength", SlotKind::Float, Same::Apart),
        "start_percent" if control => ("control.start", SlotKind::Float, Same::Apart),
        "end_percent" if control => ("control.end", SlotKind::Float, Same::Apart),
        "strength" if takes_pictures(node) => ("strength", SlotKind::Float, Same::Together),
        "left" | "top" | "right" | "bottom" if class == "ImagePadForOutpaint" => {
            let side = ["pad.left", "pad.top", "pad.right", "pad.bottom"];
            let side = side.into_iter().find(|side| side.ends_with(last))?;
            (side, SlotKind::Int, Same::Apart)
        }
        "lyrics" => ("lyrics", SlotKind::Text, Same::Apart),
        "multiplier" => ("multiplier", SlotKind::Int, Same::Apart),
        "filename_prefix" => ("output", SlotKind::Text, Same::Apart),
        _ => return None,
    })
}

/// Says whether a node works on pictures, so that its strength is how firmly they hold.
fn takes_pictures(node: &Node) -> bool {
    node.links().any(|(input, _, _)| {
        matches!(
            input,
            "image" | "images" | "pixels" | "latent" | "samples" | "vae"
        )
    })
}

/// Adds an input under its meaning, where it is written.
fn place(
    view: View<'_>,
    id: &str,
    input: &str,
    (base, kind, same): (&str, SlotKind, Same),
    found: &mut Collected,
) {
    let Some((at, name)) = walk::written_at(view.graph, id, input) else {
        return;
    };
    let place = Binding {
        node: at.to_owned(),
        input: name.to_owned(),
    };
    let Some(value) = place.value(view.graph) else {
        return;
    };
    let fits = match kind {
        SlotKind::Int | SlotKind::Float | SlotKind::Seed => value.is_number(),
        SlotKind::Text | SlotKind::Choice => value.is_string(),
        SlotKind::Bool | SlotKind::Image | SlotKind::Video | SlotKind::Audio => true,
    };
    if !fits {
        return;
    }
    let kind = if kind == SlotKind::Float {
        number_kind(input)
    } else {
        kind
    };
    let consumer = Binding {
        node: id.to_owned(),
        input: input.to_owned(),
    };
    match equal(view, id, base, &place, same, found) {
        Some(name) if !found.has(&place) => found.join(&name, place, consumer),
        _ => found.add(base, kind, place, consumer),
    }
}

/// Finds a slot of the same meaning and value that this place belongs to.
fn equal(
    view: View<'_>,
    id: &str,
    base: &str,
    place: &Binding,
    same: Same,
    found: &Collected,
) -> Option<String> {
    if same == Same::Apart {
        return None;
    }
    let class = view.class(id);
    if same == Same::Stages && class != "KSamplerAdvanced" {
        return None;
    }
    let value = place.value(view.graph)?;
    found
        .slots
        .iter()
        .filter(|known| {
            let name = known.slot.name.as_str();
            name.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .filter(|known| {
            same == Same::Together
                || known.consumers.iter().any(|consumer| view.class(&consumer.node) == class)
        })
        .find(|known| {
            known.slot.value(view.graph).is_some_and(|other| {
                other == value
                    || matches!((other.as_f64(), value.as_f64()), (Some(a), Some(b)) if a.total_cmp(&b).is_eq())
            })
        })
        .map(|known| known.slot.name.clone())
}
