//! `WebM` and Matroska: that every element ends within the file, and the size of the picture.

use std::io::{Read, Seek, SeekFrom};

use super::check::unreadable;
use super::{FileFacts, Format};
use crate::media::Error;

/// Bytes of track and time tables that are read.
const LARGEST_TABLE: u64 = 4 << 20;
/// Elements below the segment that are looked at.
const MOST_ELEMENTS: usize = 1_000_000;

const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const INFO: u64 = 0x1549_a966;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK: u64 = 0xae;
const VIDEO: u64 = 0xe0;
const WIDTH: u64 = 0xb0;
const HEIGHT: u64 = 0xba;
const FRAME_NS: u64 = 0x23_e383;
const TICK_NS: u64 = 0x2a_d7b1;
const DURATION: u64 = 0x4489;
const DOCTYPE: u64 = 0x4282;

/// Reads the document type in a file's first bytes.
pub(super) fn doctype(head: &[u8]) -> Format {
    let kind = element(head).and_then(|(_, body, _)| find(body, &[DOCTYPE]));
    if kind.is_some_and(|kind| kind.starts_with(b"webm")) {
        Format::Webm
    } else {
        Format::Mkv
    }
}

/// Walks the top of the file and of its segment.
///
/// A live recording has a segment or cluster of unknown size; such a file is taken as it is.
pub(super) fn check(
    format: Format,
    file: &mut (impl Read + Seek),
    bytes: u64,
) -> Result<FileFacts, Error> {
    let cut = || Error::broken("Matroska", "its end is missing");
    let mut facts = FileFacts::new(format);
    let (mut at, mut pictures) = (0, false);
    for _ in 0..MOST_ELEMENTS {
        if at == bytes {
            return if pictures {
                Ok(facts)
            } else {
                Err(Error::broken("Matroska", "it has no pictures"))
            };
        }
        let (id, head, size) = header(file, at)?.ok_or_else(cut)?;
        let body = at + head;
        let Some(size) = size else {
            if matches!(id, SEGMENT | CLUSTER) {
                pictures |= id == CLUSTER;
                at = body;
                continue;
            }
            return Err(cut());
        };
        let end = body
            .checked_add(size)
            .filter(|end| *end <= bytes)
            .ok_or_else(cut)?;
        if id == SEGMENT {
            at = body;
            continue;
        }
        if matches!(id, INFO | TRACKS) && size <= LARGEST_TABLE {
            let table = read(file, body, size)?;
            if id == INFO {
                time(&mut facts, &table);
            } else {
                tracks(&mut facts, &table);
            }
        }
        pictures |= id == CLUSTER;
        at = end;
    }
    Err(Error::broken(
        "Matroska",
        "it has more elements than any film",
    ))
}

fn header(
    file: &mut (impl Read + Seek),
    at: u64,
) -> Result<Option<(u64, u64, Option<u64>)>, Error> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    file.take(12).read_to_end(&mut head).map_err(unreadable)?;
    let parsed = number(&head, false).and_then(|(id, id_bytes)| {
        let (size, size_bytes) = number(head.get(id_bytes..)?, true)?;
        let unknown = size == (1 << (7 * size_bytes)) - 1;
        Some((
            id,
            (id_bytes + size_bytes) as u64,
            (!unknown).then_some(size),
        ))
    });
    Ok(parsed)
}

fn read(file: &mut (impl Read + Seek), at: u64, size: u64) -> Result<Vec<u8>, Error> {
    let mut table = vec![0; usize::try_from(size).unwrap_or(0)];
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.read_exact(&mut table))
        .map_err(unreadable)?;
    Ok(table)
}

/// Reads a number of one to eight bytes; a size loses its length mark, an id keeps it.
fn number(bytes: &[u8], without_mark: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = usize::try_from(first.leading_zeros()).ok()? + 1;
    let value = bytes.get(..length).filter(|_| length <= 8)?;
    let value = value
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let mark = 1_u64 << (7 * length);
    Some((
        if without_mark {
            value & (mark - 1)
        } else {
            value
        },
        length,
    ))
}

fn element(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (id, id_bytes) = number(bytes, false)?;
    let (size, size_bytes) = number(bytes.get(id_bytes..)?, true)?;
    let (body, rest) = bytes
        .get(id_bytes + size_bytes..)?
        .split_at_checked(usize::try_from(size).ok()?)?;
    Some((id, body, rest))
}

fn elements(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let (id, body, next) = element(rest)?;
        rest = next;
        Some((id, body))
    })
}

fn find<'a>(body: &'a [u8], path: &[u64]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, wanted| {
        elements(body)
            .find(|(id, _)| id == wanted)
            .map(|(_, body)| body)
    })
}

fn unsigned(body: &[u8]) -> Option<u64> {
    (body.len() <= 8).then(|| body.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn time(facts: &mut FileFacts, info: &[u8]) {
    let tick = find(info, &[TICK_NS])
        .and_then(unsigned)
        .unwrap_or(1_000_000);
    let ticks = find(info, &[DURATION]).and_then(|body| match body.len() {
        4 => body
            .try_into()
            .ok()
            .map(|bytes| f64::from(f32::from_be_bytes(bytes))),
        8 => body.try_into().ok().map(f64::from_be_bytes),
        _ => None,
    });
    let seconds = ticks.map(|ticks| ticks * nanos(tick));
    facts.duration_s = seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0);
}

fn tracks(facts: &mut FileFacts, tracks: &[u8]) {
    for (_, track) in elements(tracks).filter(|(id, _)| *id == TRACK) {
        let side = |id| {
            find(track, &[VIDEO, id])
                .and_then(unsigned)
                .and_then(|side| u32::try_from(side).ok())
        };
        if let (None, Some(width), Some(height)) = (facts.width, side(WIDTH), side(HEIGHT)) {
            (facts.width, facts.height) = (Some(width), Some(height));
            let frame = find(track, &[FRAME_NS])
                .and_then(unsigned)
                .filter(|frame| *frame > 0);
            facts.fps = frame.map(|frame| 1.0 / nanos(frame));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a duration needs no more than 53 bits"
)]
fn nanos(count: u64) -> f64 {
    count as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn made(id: &[u8], body: &[u8]) -> Vec<u8> {
        let size = 0x4000 | u16::try_from(body.len()).unwrap();
        [id, &size.to_be_bytes(), body].concat()
    }

    fn webm() -> Vec<u8> {
        let video = made(
            &[0xe0],
            &[made(&[0xb0], &[1, 64]), made(&[0xba], &[180])].concat(),
        );
        let tracks = made(
            &[0x16, 0x54, 0xae, 0x6b],
            &made(
                &[0xae],
                &[
                    made(&[0x23, 0xe3, 0x83], &40_000_000_u32.to_be_bytes()),
                    video,
                ]
                .concat(),
            ),
        );
        let info = made(
            &[0x15, 0x49, 0xa9, 0x66],
            &made(&[0x44, 0x89], &2000.0_f64.to_be_bytes()),
        );
        let cluster = made(&[0x1f, 0x43, 0xb6, 0x75], &[0; 30]);
        let head = made(&[0x1a, 0x45, 0xdf, 0xa3], &made(&[0x42, 0x82], b"webm"));
        [
            head,
            made(&[0x18, 0x53, 0x80, 0x67], &[info, tracks, cluster].concat()),
        ]
        .concat()
    }

    #[test]
    fn a_webm_tells_its_facts_and_is_caught_when_cut_off() {
        let whole = webm();
        assert_eq!(Format::of_bytes(&whole), Format::Webm);
        let facts = check(Format::Webm, &mut Cursor::new(&whole), whole.len() as u64).unwrap();
        assert_eq!((facts.width, facts.height), (Some(320), Some(180)));
        assert_eq!((facts.fps, facts.duration_s), (Some(25.0), Some(2.0)));
        for end in 0..whole.len() {
            assert!(
                check(Format::Webm, &mut Cursor::new(&whole[..end]), end as u64).is_err(),
                "{end}"
            );
        }
    }

    #[test]
    fn no_damaged_byte_makes_the_reader_panic() {
        let whole = webm();
        for at in 0..whole.len() {
            for value in [0, 1, 0x80, 0xff] {
                let mut bad = whole.clone();
                bad[at] = value;
                if let Ok(facts) = check(Format::Webm, &mut Cursor::new(&bad), bad.len() as u64) {
                    assert_eq!(facts.format, Format::Webm);
                }
            }
        }
    }
}
