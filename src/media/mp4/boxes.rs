//! Boxes of an MP4 file, read without believing any length in it.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use crate::media::Error;

/// Bytes of tables that are read into memory; an hour of film has less than 2 MiB.
const LARGEST_MOOV: u64 = 64 << 20;
/// Boxes at the top of a file that are looked at.
const MOST_BOXES: usize = 100_000;
/// Bytes of one tag that are kept; a large workflow has less than 1 MiB.
const LARGEST_TAG: usize = 16 << 20;

/// One box inside another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Atom<'a> {
    /// Four letters, not necessarily printable.
    pub(crate) name: [u8; 4],
    /// What follows the header.
    pub(crate) body: &'a [u8],
}

/// Lists the boxes in a body; ends at the first that does not fit.
pub(crate) fn atoms(mut rest: &[u8]) -> impl Iterator<Item = Atom<'_>> {
    std::iter::from_fn(move || {
        let (size, name) = (be32(rest, 0)?, rest.get(4..8)?);
        let (head, size) = match size {
            0 => (8, rest.len() as u64),
            1 => (16, be64(rest, 8)?),
            size => (8, u64::from(size)),
        };
        let size = usize::try_from(size).ok()?;
        let body = rest.get(head..size)?;
        rest = rest.get(size..)?;
        Some(Atom {
            name: name.try_into().ok()?,
            body,
        })
    })
}

/// Finds the body of the box at a path of names.
pub(crate) fn find<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, name| {
        atoms(body)
            .find(|atom| atom.name == **name)
            .map(|atom| atom.body)
    })
}

/// Reads two bytes, most significant first.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let four = bytes.get(at..at.checked_add(2)?)?;
    four.try_into().ok().map(u16::from_be_bytes)
}

/// Reads four bytes, most significant first.
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    four.try_into().ok().map(u32::from_be_bytes)
}

/// Reads eight bytes, most significant first.
pub(crate) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    eight.try_into().ok().map(u64::from_be_bytes)
}

/// The top of a file: every box is whole, and the tables are in memory.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Body of the `moov` box.
    pub(crate) moov: Vec<u8>,
    /// Bytes of the whole file.
    pub(crate) length: u64,
    /// Whether pictures lie in `moof` fragments.
    pub(crate) fragmented: bool,
}

impl Layout {
    /// Walks the top-level boxes of a file.
    pub(crate) fn read(source: &mut (impl Read + Seek)) -> Result<Self, Error> {
        let length = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
        let (mut moov, mut fragmented, mut at) = (None, false, 0);
        for _ in 0..MOST_BOXES {
            if at == length {
                let moov =
                    moov.ok_or_else(|| broken("it has no moov box, so it was never finished"))?;
                return Ok(Self {
                    moov,
                    length,
                    fragmented,
                });
            }
            let (name, head, size) = header(source, at, length)?;
            match &name {
                b"moov" => moov = Some(body(source, at + head, size - head)?),
                b"moof" => fragmented = true,
                _ => {}
            }
            at += size;
        }
        Err(broken("it has more boxes than any film"))
    }
}

/// Reads a box header: name, bytes of the header, bytes of the whole box, which lies within the file.
fn header(
    source: &mut (impl Read + Seek),
    at: u64,
    length: u64,
) -> Result<([u8; 4], u64, u64), Error> {
    let mut head = [0; 16];
    let wanted = usize::try_from((length - at).min(16)).unwrap_or(16);
    let head = head.get_mut(..wanted).unwrap_or_default();
    source.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    source.read_exact(head).map_err(unreadable)?;
    let cut = || broken(format!("a box at byte {at} is cut off"));
    let name: [u8; 4] = head
        .get(4..8)
        .and_then(|name| name.try_into().ok())
        .ok_or_else(cut)?;
    if at == 0
        && !matches!(
            &name,
            b"ftyp" | b"moov" | b"free" | b"skip" | b"wide" | b"mdat"
        )
    {
        return Err(broken("it does not begin like one"));
    }
    let (bytes, size) = match be32(head, 0).ok_or_else(cut)? {
        0 => (8, length - at),
        1 => (16, be64(head, 8).ok_or_else(cut)?),
        size => (8, u64::from(size)),
    };
    if size < bytes || size > length - at {
        return Err(cut());
    }
    Ok((name, bytes, size))
}

fn body(source: &mut (impl Read + Seek), at: u64, size: u64) -> Result<Vec<u8>, Error> {
    if size > LARGEST_MOOV {
        return Err(Error::TooLarge {
            what: "the tables of an MP4",
            limit: LARGEST_MOOV,
        });
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    source.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    source.read_exact(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Reads the texts of a `moov` body: `mdta` keys as ffmpeg and `ComfyUI` write them, and the classic `©` items.
pub(crate) fn tags(moov: &[u8]) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for path in [&[b"udta", b"meta"][..], &[b"meta"][..]] {
        if let Some(meta) = find(moov, path) {
            // An ISO meta box begins with version and flags, a QuickTime one with its first child.
            let body = if meta.get(4..8) == Some(b"hdlr") {
                Some(meta)
            } else {
                meta.get(4..)
            };
            read_items(body.unwrap_or_default(), &mut tags);
        }
    }
    tags
}

fn read_items(meta: &[u8], tags: &mut BTreeMap<String, String>) {
    let keys: Vec<&[u8]> = find(meta, &[b"keys"])
        .and_then(|keys| keys.get(8..))
        .map(|keys| atoms(keys).map(|key| key.body).collect())
        .unwrap_or_default();
    for item in find(meta, &[b"ilst"]).into_iter().flat_map(atoms) {
        let nth = usize::try_from(u32::from_be_bytes(item.name)).unwrap_or(0);
        let key = match nth.checked_sub(1).and_then(|nth| keys.get(nth)) {
            Some(key) => String::from_utf8_lossy(key).into_owned(),
            None => match &item.name {
                b"\xa9nam" => "title".to_owned(),
                b"\xa9cmt" => "comment".to_owned(),
                b"\xa9too" => "encoder".to_owned(),
                b"desc" => "description".to_owned(),
                _ => continue,
            },
        };
        let text = find(item.body, &[b"data"]).and_then(|data| data.get(8..));
        if let Some(text) = text.filter(|text| text.len() <= LARGEST_TAG) {
            tags.insert(key, String::from_utf8_lossy(text).into_owned());
        }
    }
}

pub(super) fn broken(why: impl Into<String>) -> Error {
    Error::Broken {
        what: "MP4",
        why: why.into(),
    }
}

fn unreadable(source: std::io::Error) -> Error {
    Error::Io {
        doing: "read the clip".into(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_that_lie_about_their_length_end_the_list() {
        let good = [&[0, 0, 0, 9][..], b"abcd", b"x"].concat();
        assert_eq!(atoms(&good).count(), 1);
        for size in [
            [0, 0, 0, 7],
            [0, 0, 0, 10],
            [255, 255, 255, 255],
            [0, 0, 0, 2],
        ] {
            let bad = [&size[..], b"abcd", b"x"].concat();
            assert_eq!(atoms(&bad).count(), 0, "{size:?}");
        }
        let endless = [&[0, 0, 0, 1][..], b"abcd", &[255; 8], b"x"].concat();
        assert_eq!(atoms(&endless).count(), 0);
    }
}
