//! Texts in the EXIF and XMP of WebP and JPEG.

use std::collections::BTreeMap;

use super::LARGEST_TEXT;
use crate::media::mp4::be16;

/// Fields of an EXIF directory that are looked at.
const MOST_FIELDS: usize = 512;
/// Texts: description, make, model, software, artist, copyright.
const TEXT_FIELDS: &[(u16, &str)] = &[
    (0x010e, "ImageDescription"),
    (0x010f, "Make"),
    (0x0110, "Model"),
    (0x0131, "Software"),
    (0x013b, "Artist"),
    (0x8298, "Copyright"),
];

/// Reads the `EXIF` and `XMP ` chunks of a WebP.
pub(super) fn webp(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, body) in riff(bytes.get(12..).unwrap_or_default()) {
        match name {
            b"EXIF" => texts.extend(fields(body.strip_prefix(b"Exif\0\0").unwrap_or(body))),
            b"XMP " => texts.extend(xmp(body)),
            _ => {}
        }
    }
    texts
}

/// Lists the chunks of a RIFF body; ends at the first that does not fit.
pub(crate) fn riff(mut rest: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let name: &[u8; 4] = rest.get(..4)?.try_into().ok()?;
        let size = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?);
        let size = usize::try_from(size).ok()?;
        let body = rest.get(8..size.checked_add(8)?)?;
        rest = rest.get(8 + size.next_multiple_of(2)..).unwrap_or_default();
        Some((name, body))
    })
}

/// Reads the `APP1` segments of a JPEG.
pub(super) fn jpeg(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (marker, body) in segments(bytes) {
        if marker == 0xe1 {
            if let Some(exif) = body.strip_prefix(b"Exif\0\0") {
                texts.extend(fields(exif));
            } else if let Some(packet) = body.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                texts.extend(xmp(packet));
            }
        }
    }
    texts
}

/// Lists the segments of a JPEG up to its first scan: marker and body.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        while rest.first() == Some(&0xff) && rest.get(1) == Some(&0xff) {
            rest = rest.get(1..)?;
        }
        let (0xff, marker) = (*rest.first()?, *rest.get(1)?) else {
            return None;
        };
        if matches!(marker, 0xd9 | 0xda) {
            return None;
        }
        let size = usize::from(be16(rest, 2)?).max(2);
        let body = rest.get(4..size + 2)?;
        rest = rest.get(size + 2..)?;
        Some((marker, body))
    })
}

fn xmp(packet: &[u8]) -> Option<(String, String)> {
    (packet.len() <= LARGEST_TEXT).then(|| {
        (
            "xmp".to_owned(),
            String::from_utf8_lossy(packet).into_owned(),
        )
    })
}

/// Reads the text fields of the first directory of a TIFF block.
fn fields(tiff: &[u8]) -> BTreeMap<String, String> {
    read_fields(tiff).unwrap_or_default()
}

fn read_fields(tiff: &[u8]) -> Option<BTreeMap<String, String>> {
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let bytes = tiff.get(at..at.checked_add(bytes)?)?;
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        Some(if little {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        })
    };
    let start = number(4, 4)?;
    let count = number(start, 2)?.min(MOST_FIELDS);
    let mut texts = BTreeMap::new();
    for nth in 0..count {
        let at = start.checked_add(2 + nth * 12)?;
        let (Some(tag), Some(kind), Some(size)) =
            (number(at, 2), number(at + 2, 2), number(at + 4, 4))
        else {
            break;
        };
        let name = TEXT_FIELDS
            .iter()
            .find(|(field, _)| usize::from(*field) == tag);
        let (Some((_, name)), 2 | 7, true) = (name, kind, size <= LARGEST_TEXT) else {
            continue;
        };
        let place = if size <= 4 {
            Some(at + 8)
        } else {
            number(at + 8, 4)
        };
        let text = place.and_then(|place| tiff.get(place..place.checked_add(size)?));
        texts.extend(text.map(|text| keyed(name, text)));
    }
    Some(texts)
}

/// Takes `prompt:{…}` apart; other texts keep the name of their field.
fn keyed(name: &str, text: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end_matches('\0');
    match text.split_once(':') {
        Some((key, value)) if is_word(key) && value.trim_start().starts_with(['{', '[']) => {
            (key.to_owned(), value.to_owned())
        }
        _ => (name.to_owned(), text.to_owned()),
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.len() <= 64 && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF block with two texts in one directory.
    fn tiff(make: &str, model: &str) -> Vec<u8> {
        let mut block = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
        let mut at = 8 + 2 + 24 + 4;
        for (tag, text) in [(0x010f_u16, make), (0x0110, model)] {
            block.extend(tag.to_be_bytes());
            block.extend([0, 2]);
            block.extend(u32::try_from(text.len() + 1).unwrap().to_be_bytes());
            block.extend(u32::try_from(at).unwrap().to_be_bytes());
            at += text.len() + 1;
        }
        block.extend([0; 4]);
        for text in [make, model] {
            block.extend(text.as_bytes());
            block.push(0);
        }
        block
    }

    #[test]
    fn prompt_and_workflow_are_found_where_comfyui_puts_them() {
        let block = tiff("workflow:{\"a\":1}", "prompt:{\"b\":2}");
        let size = u32::try_from(block.len()).unwrap().to_le_bytes();
        let webp_file = [b"RIFF\0\0\0\0WEBPEXIF", &size[..], &block].concat();
        let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
        let jpeg_file = [
            b"\xff\xd8\xff\xe1",
            &length[..],
            b"Exif\0\0",
            &block,
            b"\xff\xd9",
        ]
        .concat();
        for texts in [webp(&webp_file), jpeg(&jpeg_file)] {
            assert_eq!(texts.get("workflow").map(String::as_str), Some("{\"a\":1}"));
            assert_eq!(texts.get("prompt").map(String::as_str), Some("{\"b\":2}"));
        }
    }

    #[test]
    fn a_camera_keeps_its_name() {
        let texts = fields(&tiff("Canon: the maker", "EOS"));
        assert_eq!(
            texts.get("Make").map(String::as_str),
            Some("Canon: the maker")
        );
    }

    #[test]
    fn no_damaged_byte_makes_the_reader_panic() {
        let block = tiff("workflow:{}", "prompt:{}");
        for at in 0..block.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = block.clone();
                bad[at] = value;
                assert!(fields(&bad).len() <= 2);
            }
            assert!(fields(&block[..at]).len() <= 2);
        }
    }
}
