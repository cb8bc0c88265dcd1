//! Which files and sizes node classes expect: what `/object_info` does not say.

use serde_json::Value;

use super::geometry::{Family, frames_near, snap, will_render_at};
use super::graph::{Graph, Node};
use super::walk;

/// File endings of model weights.
const WEIGHTS: &[&str] = &[
    "safetensors",
    "sft",
    "ckpt",
    "pt",
    "pt2",
    "pth",
    "bin",
    "gguf",
    "onnx",
    "pkl",
];

/// Names the folder under `models/` that an input's files come from.
///
/// From the loader nodes of `ComfyUI` 0.27 and the packs we know; `None` for an input that is no model.
#[must_use]
pub fn model_folder(class: &str, input: &str) -> Option<&'static str> {
    let input = input.rsplit('.').next().unwrap_or(input);
    Some(match (class, input) {
        ("CLIPVisionLoader", "clip_name") => "clip_vision",
        ("UpscaleModelLoader", "model_name") => "upscale_models",
        ("LatentUpscaleModelLoader" | "LowVRAMLatentUpscaleModelLoader", "model_name") => {
            "latent_upscale_models"
        }
        ("FrameInterpolationModelLoader", "model_name") => "frame_interpolation",
        (_, "ckpt_name" | "ltxv_path") => "checkpoints",
        ("CogVideoXModelLoader", "model") | (_, "unet_name") => "diffusion_models",
        ("CogVideoXVAELoader", "model_name") | (_, "vae_name") => "vae",
        (_, "lora_name") => "loras",
        (_, "control_net_name") => "controlnet",
        (_, "style_model_name") => "style_models",
        (_, "gligen_name") => "gligen",
        (_, "hypernetwork_name") => "hypernetworks",
        (_, "photomaker_model_name") => "photomaker",
        (_, "audio_encoder_name") => "audio_encoders",
        (_, "text_encoder" | "gemma_path") => "text_encoders",
        (_, name) if name.starts_with("clip_name") => "text_encoders",
        _ => return None,
    })
}

/// Says whether a text looks like the name of a weights file.
#[must_use]
pub fn is_weights(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(_, ending)| {
        WEIGHTS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// Where a class takes its size and length, and by whose rules.
struct Sized {
    class: &'static str,
    family: Family,
    length: Option<&'static str>,
}

/// Classes that make latents of a given size; all call the sides `width` and `height`.
const SIZED: &[Sized] = &[
    Sized {
        class: "EmptyLTXVLatentVideo",
        family: Family::Ltx,
        length: Some("length"),
    },
    Sized {
        class: "LTXVImgToVideo",
        family: Family::Ltx,
        length: Some("length"),
    },
    Sized {
        class: "EmptyHunyuanLatentVideo",
        family: Family::Wan,
        length: Some("length"),
    },
    Sized {
        class: "WanImageToVideo",
        family: Family::Wan,
        length: Some("length"),
    },
    Sized {
        class: "WanFirstLastFrameToVideo",
        family: Family::Wan,
        length: Some("length"),
    },
    Sized {
        class: "WanVaceToVideo",
        family: Family::Wan,
        length: Some("length"),
    },
    Sized {
        class: "WanAnimateToVideo",
        family: Family::Wan,
        length: Some("length"),
    },
    Sized {
        class: "Wan22ImageToVideoLatent",
        family: Family::Wan5b,
        length: Some("length"),
    },
    Sized {
        class: "EmptyHunyuanVideo15Latent",
        family: Family::Hunyuan15,
        length: Some("length"),
    },
    Sized {
        class: "HunyuanVideo15ImageToVideo",
        family: Family::Hunyuan15,
        length: Some("length"),
    },
    Sized {
        class: "EmptySD3LatentImage",
        family: Family::Flux,
        length: None,
    },
    Sized {
        class: "EmptyLatentImage",
        family: Family::Sd,
        length: None,
    },
];

/// Tells the family of a graph by its first latent; `Free` where none is known.
#[must_use]
pub fn family_of(graph: &Graph) -> Family {
    graph
        .nodes
        .values()
        .find_map(|node| SIZED.iter().find(|sized| sized.class == node.class_type))
        .map_or(Family::Free, |sized| sized.family)
}

/// A size or length that will not come out as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffGrid {
    /// Node that takes it.
    pub node: String,
    /// Input that takes it.
    pub input: String,
    /// Value asked for.
    pub asked: u32,
    /// Value that will be rendered.
    pub renders: u32,
    /// Nearest value that renders as asked.
    pub nearest: u32,
}

/// Lists the sizes and lengths in a graph that are off their model's grid.
#[must_use]
pub fn off_grid(graph: &Graph) -> Vec<OffGrid> {
    graph
        .nodes
        .iter()
        .flat_map(|(id, node)| off_grid_of(graph, id, node))
        .collect()
}

fn off_grid_of(graph: &Graph, id: &str, node: &Node) -> Vec<OffGrid> {
    let Some(sized) = SIZED.iter().find(|sized| sized.class == node.class_type) else {
        return Vec::new();
    };
    [Some("width"), Some("height"), sized.length]
        .into_iter()
        .flatten()
        .filter_map(|input| {
            let (node, place) = walk::written_at(graph, id, input)?;
            let value = graph.nodes.get(node)?.inputs.get(place)?;
            let asked = u32::try_from(value.as_u64()?).ok()?;
            let (renders, nearest) = rule(sized.family, input, asked);
            (renders != asked).then(|| OffGrid {
                node: node.to_owned(),
                input: place.to_owned(),
                asked,
                renders,
                nearest,
            })
        })
        .collect()
}

/// Gives what a value renders as, and the nearest one that renders as asked.
#[must_use]
pub fn rule(family: Family, input: &str, asked: u32) -> (u32, u32) {
    if matches!(input, "width" | "height") {
        (
            will_render_at(family, asked, asked, 1).width,
            snap(family, asked, asked).0,
        )
    } else {
        (
            will_render_at(family, 1, 1, asked).frames,
            frames_near(family, asked),
        )
    }
}

/// Reads a value as a count of pixels or frames.
#[must_use]
pub fn count(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_loader_says_which_folder_it_reads() {
        for (class, input, folder) in [
            ("CheckpointLoaderSimple", "ckpt_name", Some("checkpoints")),
            ("CLIPVisionLoader", "clip_name", Some("clip_vision")),
            ("DualCLIPLoader", "clip_name2", Some("text_encoders")),
            ("KSampler", "sampler_name", None),
        ] {
            assert_eq!(model_folder(class, input), folder, "{class}.{input}");
        }
    }

    #[test]
    fn an_off_grid_size_is_found_behind_a_number_node() {
        let graph: Graph = serde_json::from_value(json!({
            "1": { "class_type": "PrimitiveInt", "inputs": { "value": 720 } },
            "2": { "class_type": "EmptyLTXVLatentVideo",
                   "inputs": { "width": 1280, "height": ["1", 0], "length": 100 } },
        }))
        .unwrap();
        let found: Vec<_> = off_grid(&graph)
            .into_iter()
            .map(|off| {
                (
                    format!("{}.{}", off.node, off.input),
                    off.renders,
                    off.nearest,
                )
            })
            .collect();
        assert_eq!(
            found,
            [("1.value".into(), 704, 704), ("2.length".into(), 97, 97)]
        );
    }
}
