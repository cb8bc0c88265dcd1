//! `POST /upload/image` and `/upload/mask`.

use std::{fs, path::Path};

use axum::{
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request},
    http::header,
    response::Response,
};
use bytes::Bytes;
use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use super::{
    BODY_LIMIT, Call, body,
    reply::{crash, empty, json as reply_json},
};
use crate::loopback::files::settle;

/// One multipart form, as far as it concerns uploads.
#[derive(Default)]
struct Form {
    image: Option<Part>,
    subfolder: String,
    kind: Option<String>,
    overwrite: Option<String>,
    original: Option<String>,
}

enum Part {
    File { name: String, bytes: Bytes },
    Text,
}

/// Why nothing was stored.
enum Refusal {
    Bad,
    Stumble,
}

pub(super) async fn store(call: Call, kind: &str, request: Request) -> Response {
    let headers = request.headers().clone();
    let body = match body(request).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let mut whole = Request::new(body.into());
    *whole.headers_mut() = headers;
    let Some(form) = read(whole).await else {
        return empty(400);
    };
    let stored = if kind == "mask" {
        store_mask(&call, form)
    } else {
        place(&call, form)
    };
    match stored {
        Ok(record) => reply_json(&record),
        Err(Refusal::Bad) => empty(400),
        Err(Refusal::Stumble) => crash(),
    }
}

async fn read(mut request: Request) -> Option<Form> {
    let kind = request.headers().get(header::CONTENT_TYPE)?;
    if !kind.to_str().ok()?.starts_with("multipart/") {
        return None;
    }
    let limit = DefaultBodyLimit::max(BODY_LIMIT * 2);
    limit.apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut form = Form::default();
    while let Ok(Some(field)) = parts.next_field().await {
        let name = field.name().unwrap_or("").to_owned();
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.ok()?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match (name.as_str(), file) {
            ("image", Some(name)) => form.image = Some(Part::File { name, bytes }),
            ("image", None) => form.image = Some(Part::Text),
            ("subfolder", _) => form.subfolder = text(),
            ("type", _) => form.kind = Some(text()),
            ("overwrite", _) => form.overwrite = Some(text()),
            ("original_ref", _) => form.original = Some(text()),
            _ => {}
        }
    }
    Some(form)
}

fn store_mask(call: &Call, mut form: Form) -> Result<Value, Refusal> {
    let original = form.original.as_deref().ok_or(Refusal::Stumble)?;
    let original: Value = serde_json::from_str(original).map_err(|_| Refusal::Stumble)?;
    let text = |name: &str| original.get(name).and_then(Value::as_str).unwrap_or("");
    let kind = match text("type") {
        "" => "output",
        kind => kind,
    };
    let path = call
        .server
        .files
        .inside(kind, text("subfolder"), text("filename"))
        .ok_or(Refusal::Bad)?;
    let Some(Part::File { name, bytes }) = form.image.take() else {
        return Err(Refusal::Bad);
    };
    let masked = if path.is_file() {
        masked(&path, &bytes).ok_or(Refusal::Stumble)?
    } else {
        bytes.to_vec()
    };
    form.image = Some(Part::File {
        name,
        bytes: masked.into(),
    });
    place(call, form)
}

/// Puts the upload's alpha on the original picture.
fn masked(original: &Path, mask: &[u8]) -> Option<Vec<u8>> {
    let mut picture = image::open(original).ok()?.into_rgba8();
    let mask = image::load_from_memory(mask).ok()?.into_rgba8();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if let Some(opaque) = mask.get_pixel_checked(x, y) {
            let ([red, green, blue, _], [_, _, _, alpha]) = (pixel.0, opaque.0);
            pixel.0 = [red, green, blue, alpha];
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .ok()?;
    Some(bytes.into_inner())
}

/// Stores the file: same name and bytes are reused, other bytes get ` (1)`, ` (2)`, …
fn place(call: &Call, form: Form) -> Result<Value, Refusal> {
    let kind = form.kind.as_deref().unwrap_or("input");
    let folder = call.server.files.folder(kind).ok_or(Refusal::Stumble)?;
    let (name, bytes) = match form.image {
        Some(Part::File { name, bytes }) if !name.is_empty() => (name, bytes),
        Some(Part::Text) => return Err(Refusal::Stumble),
        Some(Part::File { .. }) | None => return Err(Refusal::Bad),
    };
    let below = settle(Path::new(&form.subfolder)).ok_or(Refusal::Bad)?;
    let wanted = settle(Path::new(&name)).ok_or(Refusal::Bad)?;
    let folder = folder.join(&below);
    fs::create_dir_all(&folder).map_err(|_| Refusal::Stumble)?;
    let overwrite = matches!(form.overwrite.as_deref(), Some("true" | "1"));
    let mut chosen = name.clone();
    let (stem, ending) = split_ending(&name);
    let mut n = 0_u32;
    let mut path = folder.join(&wanted);
    while !overwrite && path.exists() {
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            break;
        }
        n += 1;
        chosen = format!("{stem} ({n}){ending}");
        path = folder.join(settle(Path::new(&chosen)).ok_or(Refusal::Bad)?);
    }
    fs::write(&path, &bytes).map_err(|_| Refusal::Stumble)?;
    Ok(json!({ "name": chosen, "subfolder": form.subfolder, "type": kind }))
}

/// Splits a name before its last dot, as `os.path.splitext` does.
fn split_ending(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    }
}
