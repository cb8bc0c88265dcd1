//! `GET /view`: files, whole, in part or re-encoded.

use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::StreamExt as _;
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder};
use jiff::{Timestamp, fmt::strtime, tz::TimeZone};

use super::{
    Call, bytes,
    reply::{empty, typed},
};
use crate::loopback::files::{Files, settle, split_annotation};

/// Dates in headers, as RFC 9110 spells them.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
/// Bytes read from disk at a time.
const CHUNK: u64 = 256 * 1024;

pub(super) fn file(call: &Call, headers: &HeaderMap) -> Response {
    let path = match find(call) {
        Ok(path) => path,
        Err(status) => return empty(status),
    };
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut response = match (call.param("preview"), call.param("channel")) {
        (Some(preview), channel) => previewed(&path, preview, channel),
        (None, Some("rgb")) => reencoded(&path, |image| image.into_rgb8().into()),
        (None, Some("a")) => reencoded(&path, alpha_only),
        (None, _) => whole(&path, &name, headers),
    }
    .unwrap_or_else(|_| super::crash());
    if let Ok(value) = HeaderValue::from_bytes(format!("filename=\"{name}\"").as_bytes()) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Finds the file a request names, or the status that refuses it.
fn find(call: &Call) -> Result<PathBuf, u16> {
    let given = call.param("filename").ok_or(404_u16)?;
    let (name, annotated) = split_annotation(given);
    if name.is_empty() || name.starts_with('/') || name.contains("..") {
        return Err(400);
    }
    let kind = annotated.unwrap_or_else(|| match call.param("type") {
        None | Some("output") => "output",
        Some("input") => "input",
        Some("temp") => "temp",
        Some(_) => "",
    });
    let files: &Files = &call.server.files;
    let folder = files.folder(kind).ok_or(400_u16)?;
    let below = settle(Path::new(call.param("subfolder").unwrap_or(""))).ok_or(403_u16)?;
    let base = Path::new(name).file_name().ok_or(400_u16)?;
    let path = folder.join(below).join(base);
    path.is_file().then_some(path).ok_or(404)
}

fn reencoded(path: &Path, change: impl Fn(DynamicImage) -> DynamicImage) -> io::Result<Response> {
    let changed = change(open(path)?);
    Ok(typed(200, "image/png", encode(&changed, ImageFormat::Png)?))
}

fn open(path: &Path) -> io::Result<DynamicImage> {
    image::ImageReader::open(path)?
        .with_guessed_format()?
        .decode()
        .map_err(io::Error::other)
}

fn encode(image: &DynamicImage, format: ImageFormat) -> io::Result<Vec<u8>> {
    let mut bytes = io::Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, format)
        .map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// Keeps only how opaque each pixel is.
fn alpha_only(image: DynamicImage) -> DynamicImage {
    let mut image = image.into_rgba8();
    for pixel in image.pixels_mut() {
        let [_, _, _, alpha] = pixel.0;
        pixel.0 = [0, 0, 0, alpha];
    }
    image.into()
}

/// Re-encodes a still: `webp;90` or `jpeg;80`; anything else, and alpha alone, is WebP.
fn previewed(path: &Path, preview: &str, channel: Option<&str>) -> io::Result<Response> {
    let (format, quality) = preview.split_once(';').unwrap_or((preview, ""));
    let quality = quality.parse().unwrap_or(90_u8).clamp(1, 100);
    let image = open(path)?;
    if format == "jpeg" && channel != Some("a") {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode_image(&image.into_rgb8())
            .map_err(io::Error::other)?;
        return Ok(typed(200, "image/jpeg", bytes));
    }
    let image = match channel {
        Some("a") => alpha_only(image),
        _ => image.into_rgba8().into(),
    };
    Ok(typed(200, "image/webp", encode(&image, ImageFormat::WebP)?))
}

/// Serves the file itself: conditional, ranged, streamed.
fn whole(path: &Path, name: &str, headers: &HeaderMap) -> io::Result<Response> {
    let about = fs::metadata(path)?;
    let size = about.len();
    let modified = about.modified()?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let tag = format!("\"{:x}-{size:x}\"", since.as_nanos());
    let stamp = Timestamp::try_from(modified).unwrap_or_default();
    let date = strtime::format(HTTP_DATE, &stamp.to_zoned(TimeZone::UTC)).unwrap_or_default();
    let field = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let unchanged = match field(header::IF_NONE_MATCH) {
        Some(tags) => tags
            .split(',')
            .any(|known| known.trim() == tag || known.trim() == "*"),
        None => field(header::IF_MODIFIED_SINCE).is_some_and(|known| known == date),
    };
    let kind = content_type(name);
    let mut response = match field(header::RANGE).map(|range| wanted(range, size)) {
        _ if unchanged => typed(304, kind, Body::empty()),
        Some(None) => {
            let mut refused = typed(416, kind, Body::empty());
            set(
                &mut refused,
                header::CONTENT_RANGE,
                &format!("bytes */{size}"),
            );
            return Ok(refused);
        }
        Some(Some((from, to))) => {
            let mut part = typed(206, kind, stream(path, from, to - from + 1)?);
            set(
                &mut part,
                header::CONTENT_RANGE,
                &format!("bytes {from}-{to}/{size}"),
            );
            set(
                &mut part,
                header::CONTENT_LENGTH,
                &(to - from + 1).to_string(),
            );
            part
        }
        None => {
            let mut full = typed(200, kind, stream(path, 0, size)?);
            set(&mut full, header::CONTENT_LENGTH, &size.to_string());
            full
        }
    };
    set(&mut response, header::ETAG, &tag);
    set(&mut response, header::LAST_MODIFIED, &date);
    if !unchanged {
        set(&mut response, header::ACCEPT_RANGES, "bytes");
    }
    Ok(response)
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Reads `bytes=A-B`, `bytes=A-` or `bytes=-N`: first and last byte, or nothing when out of range.
fn wanted(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let last = size.checked_sub(1)?;
    let (from, to) = if from.is_empty() {
        (size.saturating_sub(to.parse().ok()?), last)
    } else {
        let to = if to.is_empty() {
            last
        } else {
            to.parse::<u64>().ok()?.min(last)
        };
        (from.parse().ok()?, to)
    };
    (from <= to).then_some((from, to))
}

/// Streams part of a file, so that a long clip never lies in memory.
fn stream(path: &Path, from: u64, length: u64) -> io::Result<Body> {
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    if length <= CHUNK {
        let mut all = Vec::new();
        file.take(length).read_to_end(&mut all)?;
        return Ok(bytes(all));
    }
    let chunks = futures_util::stream::unfold((file, length), |(file, left)| async move {
        if left == 0 {
            return None;
        }
        let take = left.min(CHUNK);
        let read = tokio::task::spawn_blocking(move || {
            let mut part = Vec::new();
            (&file)
                .take(take)
                .read_to_end(&mut part)
                .map(|_| (file, part))
        });
        match read.await {
            Ok(Ok((file, part))) if !part.is_empty() => {
                let left = left.saturating_sub(part.len() as u64);
                Some((Ok(part), (file, left)))
            }
            _ => None,
        }
    });
    Ok(Body::from_stream(
        chunks.map(|part: io::Result<Vec<u8>>| part),
    ))
}

fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "flac" => "audio/flac",
        "mp3" => "audio/mpeg",
        "opus" | "ogg" => "audio/ogg",
        "wav" => "audio/x-wav",
        "txt" => "text/plain",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn a_range_names_its_first_and_last_byte() {
        for (range, found) in [
            ("bytes=0-9", Some((0, 9))),
            ("bytes=90-", Some((90, 99))),
            ("bytes=-10", Some((90, 99))),
            ("bytes=5-1000", Some((5, 99))),
            ("bytes=999999-", None),
            ("bytes=9-5", None),
            ("rows=1-2", None),
        ] {
            assert_eq!(wanted(range, 100), found, "{range}");
        }
    }
}
