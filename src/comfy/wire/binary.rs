//! Binary messages: previews and the words of nodes.
//!
//! All integers are big-endian `u32`; the first is the type: 1 preview, 3 text, 4 preview with metadata.

use bytes::{Buf as _, Bytes};
use serde_json::Value;

use super::event::{Event, Subject};
use super::pick;
use crate::comfy::error::brief;
use crate::comfy::json;

/// A picture of work in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whose. A job without client id sends previews without any id to everybody.
    pub of: Subject,
    /// The node of the graph that made it.
    pub node: Option<String>,
    /// How the bytes are encoded, as far as known.
    pub format: ImageFormat,
    /// The encoded picture.
    pub image: Bytes,
}

/// How a preview is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Not said in a way we know; look at the bytes.
    Unknown,
}

/// Reads a binary message; one of unknown type or broken layout is [`Event::Other`].
pub(super) fn read(bytes: &Bytes) -> Event {
    let mut rest = bytes.clone();
    match take_u32(&mut rest) {
        Some(1) => preview(rest),
        Some(3) => text(rest),
        Some(4) => preview_with_metadata(rest),
        Some(other) => Some(Event::Other {
            kind: format!("binary {other}"),
        }),
        None => None,
    }
    .unwrap_or_else(|| Event::Other {
        kind: "broken binary".to_owned(),
    })
}

fn preview(mut rest: Bytes) -> Option<Event> {
    let format = match take_u32(&mut rest)? {
        1 => ImageFormat::Jpeg,
        2 => ImageFormat::Png,
        _ => ImageFormat::Unknown,
    };
    Some(Event::Preview(Preview {
        of: Subject::Unsaid,
        node: None,
        format,
        image: rest,
    }))
}

fn preview_with_metadata(mut rest: Bytes) -> Option<Event> {
    let metadata = take_block(&mut rest)?;
    let metadata: Value = json::read(&metadata).ok()?;
    let format = match pick::text(&metadata, "image_type") {
        Some("image/jpeg") => ImageFormat::Jpeg,
        Some("image/png") => ImageFormat::Png,
        _ => ImageFormat::Unknown,
    };
    let of = pick::text(&metadata, "prompt_id").map_or(Subject::Unsaid, Subject::from_id);
    let node =
        pick::text(&metadata, "display_node_id").or_else(|| pick::text(&metadata, "node_id"));
    Some(Event::Preview(Preview {
        of,
        node: node.map(pick::id),
        format,
        image: rest,
    }))
}

fn text(mut rest: Bytes) -> Option<Event> {
    let node = take_block(&mut rest)?;
    Some(Event::Text {
        node: pick::id(&String::from_utf8_lossy(&node)),
        text: brief(&String::from_utf8_lossy(&rest), 400),
    })
}

fn take_u32(rest: &mut Bytes) -> Option<u32> {
    rest.try_get_u32().ok()
}

/// Takes a block that begins with its length.
fn take_block(rest: &mut Bytes) -> Option<Bytes> {
    let length = usize::try_from(take_u32(rest)?).ok()?;
    (length <= rest.len()).then(|| rest.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_lies_about_its_length_is_set_aside() {
        for bytes in [
            &b""[..],
            b"\0\0",
            b"\0\0\0\x04\xff\xff\xff\xff{}",
            b"\0\0\0\x03\0\0\0\x09abc",
            b"\0\0\0\x01",
            b"\0\0\0\x04\0\0\0\x01{",
        ] {
            let event = read(&Bytes::copy_from_slice(bytes));
            assert_eq!(
                event,
                Event::Other {
                    kind: "broken binary".into()
                }
            );
        }
    }

    #[test]
    fn a_frame_of_a_third_party_is_kept_by_number() {
        assert_eq!(
            read(&Bytes::from_static(b"\0\0\x03\xe8zz")),
            Event::Other {
                kind: "binary 1000".into()
            }
        );
    }

    #[test]
    fn a_node_cannot_paint_the_terminal_with_its_words() {
        let event = read(&Bytes::from_static(b"\0\0\0\x03\0\0\0\x0277a\x1b[31mb"));
        assert_eq!(
            event,
            Event::Text {
                node: "77".into(),
                text: "a[31mb".into()
            }
        );
    }
}
