//! What a file is, and whether all of it is there.
//!
//! Used after a download: a worker that died while it wrote, or a connection that broke, leaves a file that opens
//! but is not whole. Each format says in its own way where it ends; [`check`] goes and looks.

mod check;
mod ebml;
mod picture;
mod sound;

use std::path::Path;

pub use check::{FileFacts, check, check_as};

/// What kind of thing a file holds, for choosing how to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Moving pictures; animated GIF, WebP and PNG too.
    Video,
    /// A still picture.
    Image,
    /// Sound alone.
    Audio,
    /// Text to read.
    Text,
    /// Anything else: weights, latents, archives.
    Other,
}

impl Kind {
    /// The word used in JSON and on screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Text => "text",
            Self::Other => "other",
        }
    }
}

/// A file format that is told apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the format's own name")]
pub enum Format {
    Mp4,
    Mov,
    M4a,
    Webm,
    Mkv,
    Avi,
    Gif,
    Png,
    Apng,
    Jpeg,
    Webp,
    AnimatedWebp,
    Avif,
    Bmp,
    Tiff,
    Exr,
    Svg,
    Flac,
    Mp3,
    Ogg,
    Opus,
    Wav,
    Aac,
    Text,
    Json,
    Csv,
    Html,
    Safetensors,
    Latent,
    Glb,
    Zip,
    Unknown,
}

/// Format, kind, media type and the endings of its names; the first row of a format is its usual one.
const FORMATS: &[(Format, Kind, &str, &[&str])] = &[
    (Format::Mp4, Kind::Video, "video/mp4", &["mp4", "m4v"]),
    (Format::Mov, Kind::Video, "video/quicktime", &["mov", "qt"]),
    (Format::M4a, Kind::Audio, "audio/mp4", &["m4a", "m4b"]),
    (Format::Webm, Kind::Video, "video/webm", &["webm"]),
    (Format::Mkv, Kind::Video, "video/x-matroska", &["mkv"]),
    (Format::Avi, Kind::Video, "video/x-msvideo", &["avi"]),
    (Format::Gif, Kind::Video, "image/gif", &["gif"]),
    (Format::Png, Kind::Image, "image/png", &["png"]),
    (Format::Apng, Kind::Video, "image/apng", &["apng"]),
    (
        Format::Jpeg,
        Kind::Image,
        "image/jpeg",
        &["jpg", "jpeg", "jfif"],
    ),
    (Format::Webp, Kind::Image, "image/webp", &["webp"]),
    (Format::AnimatedWebp, Kind::Video, "image/webp", &[]),
    (Format::Avif, Kind::Image, "image/avif", &["avif"]),
    (Format::Bmp, Kind::Image, "image/bmp", &["bmp"]),
    (Format::Tiff, Kind::Image, "image/tiff", &["tif", "tiff"]),
    (Format::Exr, Kind::Image, "image/x-exr", &["exr"]),
    (Format::Svg, Kind::Image, "image/svg+xml", &["svg"]),
    (Format::Flac, Kind::Audio, "audio/flac", &["flac"]),
    (Format::Mp3, Kind::Audio, "audio/mpeg", &["mp3"]),
    (Format::Ogg, Kind::Audio, "audio/ogg", &["ogg", "oga"]),
    (Format::Opus, Kind::Audio, "audio/opus", &["opus"]),
    (Format::Wav, Kind::Audio, "audio/wav", &["wav"]),
    (Format::Aac, Kind::Audio, "audio/aac", &["aac"]),
    (
        Format::Text,
        Kind::Text,
        "text/plain",
        &["txt", "md", "srt", "vtt", "log"],
    ),
    (Format::Json, Kind::Text, "application/json", &["json"]),
    (Format::Csv, Kind::Text, "text/csv", &["csv", "tsv"]),
    (Format::Html, Kind::Text, "text/html", &["html", "htm"]),
    (
        Format::Safetensors,
        Kind::Other,
        "application/x-safetensors",
        &["safetensors"],
    ),
    (
        Format::Latent,
        Kind::Other,
        "application/x-latent",
        &["latent"],
    ),
    (Format::Glb, Kind::Other, "model/gltf-binary", &["glb"]),
    (Format::Zip, Kind::Other, "application/zip", &["zip"]),
    (
        Format::Unknown,
        Kind::Other,
        "application/octet-stream",
        &[],
    ),
];

impl Format {
    /// Kind of thing it holds.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.row().0
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (Kind, &'static str) {
        FORMATS.iter().find(|(format, ..)| *format == self).map_or(
            (Kind::Other, "application/octet-stream"),
            |(_, kind, media_type, _)| (*kind, media_type),
        )
    }

    /// Guesses by the ending of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let ending = Path::new(name)
            .extension()
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
            .unwrap_or_default();
        FORMATS
            .iter()
            .find(|(.., endings)| endings.contains(&ending.as_str()))
            .map_or(Self::Unknown, |(format, ..)| *format)
    }

    /// Guesses by a media type, such as a server's `Content-Type`; parameters are passed over.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Self {
        let plain = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        FORMATS
            .iter()
            .find(|(_, _, known, _)| *known == plain)
            .map_or(Self::Unknown, |(format, ..)| *format)
    }

    /// Recognises the first bytes of a file; 64 are enough. Texts and tensors have no mark of their own.
    #[must_use]
    pub fn of_bytes(head: &[u8]) -> Self {
        let at = |place: usize, mark: &[u8]| {
            head.get(place..).is_some_and(|rest| rest.starts_with(mark))
        };
        match head {
            _ if at(4, b"ftyp") => brand(head),
            _ if at(4, b"moov") || at(4, b"wide") || at(4, b"mdat") => Self::Mov,
            _ if at(0, b"\x1a\x45\xdf\xa3") => ebml::doctype(head),
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Self::Gif,
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Self::Webp,
            _ if at(0, b"RIFF") && at(8, b"WAVE") => Self::Wav,
            _ if at(0, b"RIFF") && at(8, b"AVI ") => Self::Avi,
            _ if at(0, b"fLaC") => Self::Flac,
            _ if at(0, b"OggS") && at(28, b"OpusHead") => Self::Opus,
            _ if at(0, b"OggS") => Self::Ogg,
            _ if at(0, b"ID3") => Self::Mp3,
            [0xff, second, ..] if second & 0xf6 == 0xf0 => Self::Aac,
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Self::Mp3,
            _ if at(0, b"BM") && at(6, &[0; 4]) => Self::Bmp,
            _ if at(0, b"II*\0") || at(0, b"MM\0*") => Self::Tiff,
            _ if at(0, b"\x76\x2f\x31\x01") => Self::Exr,
            _ if at(0, b"glTF") => Self::Glb,
            _ if at(0, b"PK\x03\x04") => Self::Zip,
            _ => Self::Unknown,
        }
    }
}

fn brand(head: &[u8]) -> Format {
    match head.get(8..12) {
        Some(b"qt  ") => Format::Mov,
        Some(b"M4A " | b"M4B ") => Format::M4a,
        Some(b"avif" | b"avis") => Format::Avif,
        _ => Format::Mp4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_media_types_are_known_in_any_case() {
        for (name, format, kind) in [
            ("ComfyUI_00001_.PNG", Format::Png, Kind::Image),
            ("video/LTX_00001_.mp4", Format::Mp4, Kind::Video),
            ("a.b.webm", Format::Webm, Kind::Video),
            ("x.latent", Format::Latent, Kind::Other),
            ("notes.txt", Format::Text, Kind::Text),
            ("mp4", Format::Unknown, Kind::Other),
            (".png", Format::Unknown, Kind::Other),
            ("영상.MOV", Format::Mov, Kind::Video),
        ] {
            assert_eq!(
                (Format::of_name(name), Format::of_name(name).kind()),
                (format, kind),
                "{name}"
            );
        }
        assert_eq!(Format::of_media_type("Image/PNG; charset=x"), Format::Png);
        assert_eq!(Format::of_media_type("image/webp"), Format::Webp);
        assert_eq!(Format::of_media_type("text/x-unheard-of"), Format::Unknown);
    }

    #[test]
    fn every_format_has_one_row_and_every_ending_one_format() {
        let mut endings: Vec<_> = FORMATS.iter().flat_map(|(.., endings)| *endings).collect();
        let all = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), all);
        for (format, kind, media_type, _) in FORMATS {
            assert_eq!((format.kind(), format.media_type()), (*kind, *media_type));
        }
    }

    #[test]
    fn first_bytes_tell_formats_apart() {
        for (head, format) in [
            (&b"\0\0\0\x20ftypisom"[..], Format::Mp4),
            (b"\0\0\0\x14ftypqt  ", Format::Mov),
            (b"\0\0\0\x14ftypM4A ", Format::M4a),
            (b"RIFF\0\0\0\0WAVE", Format::Wav),
            (b"\xff\xfb\x90\x00", Format::Mp3),
            (b"\xff\xf1\x50\x80", Format::Aac),
            (b"hello", Format::Unknown),
            (b"", Format::Unknown),
        ] {
            assert_eq!(Format::of_bytes(head), format, "{head:?}");
        }
    }
}
