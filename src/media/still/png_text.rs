//! Text chunks of a PNG.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::LARGEST_TEXT;
use crate::media::mp4::be32;

/// Reads `tEXt`, `zTXt` and `iTXt` up to the end or the first damage.
pub(super) fn read(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((name, body, next)) = chunk(rest) {
        let text = match name {
            b"tEXt" => split(body).map(|(key, text)| (latin(key), latin(text))),
            b"zTXt" => split(body).and_then(|(key, text)| {
                let packed = text.strip_prefix(&[0])?;
                Some((latin(key), latin(&inflate(packed)?)))
            }),
            b"iTXt" => international(body),
            _ => None,
        };
        texts.extend(text.filter(|(_, text)| text.len() <= LARGEST_TEXT));
        rest = next;
    }
    texts
}

/// Takes one chunk off: its name, its body, and what follows its checksum.
pub(crate) fn chunk(rest: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let size = usize::try_from(be32(rest, 0)?).ok()?;
    let name = rest.get(4..8)?.try_into().ok()?;
    let (body, after) = rest.get(8..)?.split_at_checked(size)?;
    Some((name, body, after.get(4..)?))
}

/// Splits at the first zero.
fn split(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = body.iter().position(|byte| *byte == 0)?;
    Some((body.get(..at)?, body.get(at + 1..)?))
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Reads keyword, compression flag and method, language, translated keyword, text.
fn international(body: &[u8]) -> Option<(String, String)> {
    let (key, rest) = split(body)?;
    let (flags, rest) = rest.split_at_checked(2)?;
    let (_language, rest) = split(rest)?;
    let (_translated, text) = split(rest)?;
    let text = match flags {
        [0, _] => text.to_vec(),
        [1, 0] => inflate(text)?,
        _ => return None,
    };
    Some((latin(key), String::from_utf8_lossy(&text).into_owned()))
}

/// Unpacks a text, which may not grow past the limit.
fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let limit = LARGEST_TEXT as u64 + 1;
    ZlibDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut text)
        .ok()?;
    (text.len() <= LARGEST_TEXT).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn png(name: &[u8], body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len()).unwrap().to_be_bytes();
        [b"\x89PNG\r\n\x1a\n", &size[..], name, body, &[0; 4]].concat()
    }

    #[test]
    fn packed_texts_are_unpacked() {
        let body = [b"prompt\0\0", &packed(b"{}")[..]].concat();
        assert_eq!(
            read(&png(b"zTXt", &body)).get("prompt").map(String::as_str),
            Some("{}")
        );
        let body = [b"prompt\0\x01\0ko\0\0", &packed("한글".as_bytes())[..]].concat();
        assert_eq!(
            read(&png(b"iTXt", &body)).get("prompt").map(String::as_str),
            Some("한글")
        );
    }

    #[test]
    fn a_text_that_would_swell_past_the_limit_is_left_out() {
        let body = [b"prompt\0\0", &packed(&vec![b'a'; LARGEST_TEXT + 1])[..]].concat();
        assert!(read(&png(b"zTXt", &body)).is_empty());
    }

    #[test]
    fn a_text_cut_off_anywhere_is_left_out() {
        let whole = png(b"tEXt", b"prompt\0{}");
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_empty(), "{end}");
        }
    }
}
