//! What nodes leave behind.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::pick;
use crate::core::text::scrub_lines;

/// Most outputs read of one job; a batch of every frame of a long film stays below it.
const MOST: usize = 100_000;
/// Longest text output kept, in characters.
const LONGEST_TEXT: usize = 20_000;

/// One thing a node left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The node of the graph it belongs to (not one made at run time).
    pub node: String,
    /// The list it stood in, such as `images`, `gifs`, `audio`, `text`. Says nothing reliable about the kind.
    pub key: String,
    /// The thing itself.
    pub item: OutputItem,
}

/// A file on the server, or words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum OutputItem {
    /// A file to fetch.
    File(OutputFile),
    /// Text, scrubbed line by line and bounded.
    Text(String),
}

/// A file on a worker, named as the worker names it.
///
/// The names are raw, for asking the same server again; for anything else use [`crate::comfy::safe_name`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutputFile {
    /// File name.
    pub filename: String,
    /// Folder below the one of its kind, with the server's separators; may be empty.
    pub subfolder: String,
    /// `output`, `input` or `temp`. Temporary files are gone when the server restarts: fetch them soon.
    pub kind: String,
    /// MIME type or the like, as video combiners give it.
    pub format: Option<String>,
    /// Frames per second, as video combiners give it.
    pub frame_rate: Option<f64>,
}

/// What a file is to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Media {
    /// A moving picture.
    Video,
    /// A still picture; a WebP or PNG may move, which only its bytes tell.
    Image,
    /// Sound.
    Audio,
    /// Anything else: latents, meshes, text.
    Other,
}

impl OutputFile {
    /// Tells what the file is, by its extension, else by what the server says when it hands it over, else by `format`.
    ///
    /// Neither the key it stands under nor `animated` can tell: videos come as `images`.
    #[must_use]
    pub fn media(&self, content_type: Option<&str>) -> Media {
        let extension = self
            .filename
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_ascii_lowercase());
        extension
            .and_then(|extension| Media::of_extension(&extension))
            .or_else(|| Media::of_type(content_type?))
            .or_else(|| Media::of_type(self.format.as_deref()?))
            .unwrap_or(Media::Other)
    }
}

impl Media {
    fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            // Savers of stills write no GIF, so one from a worker moves.
            "mp4" | "m4v" | "webm" | "mkv" | "mov" | "avi" | "ogv" | "gif" => Self::Video,
            "png" | "jpg" | "jpeg" | "webp" | "avif" | "jxl" | "bmp" | "tif" | "tiff" | "exr"
            | "hdr" => Self::Image,
            "flac" | "mp3" | "opus" | "wav" | "ogg" | "m4a" | "aac" => Self::Audio,
            "latent" | "safetensors" | "glb" | "obj" | "ply" | "txt" | "json" | "srt" | "vtt" => {
                Self::Other
            }
            _ => return None,
        })
    }

    fn of_type(kind: &str) -> Option<Self> {
        match kind.split('/').next()?.trim() {
            "video" => Some(Self::Video),
            "image" => Some(Self::Image),
            "audio" => Some(Self::Audio),
            _ => None,
        }
    }
}

/// Lists the outputs of one node: under any key, each object with a string `filename`, and each text.
pub(super) fn of_node(node: &str, output: &Value) -> Vec<Output> {
    let Some(lists) = output.as_object() else {
        return Vec::new();
    };
    lists
        .iter()
        .filter_map(|(key, list)| Some((key, list.as_array()?)))
        .flat_map(|(key, list)| {
            list.iter()
                .filter_map(move |item| Some((key, read_item(item)?)))
        })
        .take(MOST)
        .map(|(key, item)| Output {
            node: pick::id(node),
            key: pick::id(key),
            item,
        })
        .collect()
}

/// Lists the outputs of all nodes; `display` says which node of the graph an id stands for.
pub(super) fn of_all<'a>(outputs: &'a Value, display: impl Fn(&'a str) -> &'a str) -> Vec<Output> {
    let Some(nodes) = outputs.as_object() else {
        return Vec::new();
    };
    nodes
        .iter()
        .flat_map(|(id, output)| of_node(display(id), output))
        .take(MOST)
        .collect()
}

fn read_item(item: &Value) -> Option<OutputItem> {
    if let Some(text) = item.as_str() {
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        return Some(OutputItem::Text(scrub_lines(&text)));
    }
    Some(OutputItem::File(OutputFile {
        filename: pick::text(item, "filename")
            .filter(|name| !name.is_empty())?
            .to_owned(),
        subfolder: pick::text(item, "subfolder").unwrap_or_default().to_owned(),
        kind: pick::text(item, "type").unwrap_or("output").to_owned(),
        format: pick::text(item, "format").map(str::to_owned),
        frame_rate: pick::number(item, "frame_rate"),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_found_under_any_key_and_odd_entries_are_passed_over() {
        let found = of_node(
            "9",
            &json!({
                "images": [{"filename": "a.png", "subfolder": "x", "type": "temp"}, {"filename": 7}, null, {"filename": ""}],
                "animated": [true],
                "gifs": [{"filename": "b.mp4", "format": "video/h264-mp4", "frame_rate": 24.0}],
                "text": ["one\u{1b}[2J"],
                "count": 3,
            }),
        );
        let names: Vec<_> = found
            .iter()
            .map(|output| match &output.item {
                OutputItem::File(file) => format!("{}:{}:{}", output.key, file.kind, file.filename),
                OutputItem::Text(text) => format!("{}:{text}", output.key),
            })
            .collect();
        assert_eq!(
            names,
            ["images:temp:a.png", "gifs:output:b.mp4", "text:one[2J"]
        );
    }

    #[test]
    fn a_file_is_what_its_name_says_then_what_the_server_says_then_what_its_maker_said() {
        for (name, content_type, format, media) in [
            ("a.mp4", None, None, Media::Video),
            ("a.MP4", Some("image/png"), None, Media::Video),
            ("a.webp", Some("image/webp"), None, Media::Image),
            ("a.gif", Some("image/gif"), None, Media::Video),
            ("a.flac", None, None, Media::Audio),
            ("a.latent", Some("video/mp4"), None, Media::Other),
            ("a.h265", Some("video/mp4"), None, Media::Video),
            (
                "a",
                Some("application/octet-stream"),
                Some("video/h264-mp4"),
                Media::Video,
            ),
            ("a", None, None, Media::Other),
        ] {
            let file = OutputFile {
                filename: name.into(),
                format: format.map(str::to_owned),
                ..OutputFile::default()
            };
            assert_eq!(file.media(content_type), media, "{name}");
        }
    }

    #[test]
    fn a_node_without_outputs_has_none() {
        assert!(of_node("9", &Value::Null).is_empty());
        assert!(of_all(&json!([]), |id| id).is_empty());
    }
}
