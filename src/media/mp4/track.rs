//! The video track of a file: where each picture lies and when it is shown.

use super::boxes::{Atom, atoms, be16, be32, be64, broken, find};
use crate::core::text::scrub;
use crate::media::Error;

/// Pictures a track may have; more than two days of film.
const MOST_SAMPLES: u32 = 5_000_000;

/// One picture in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    /// First byte.
    pub(crate) offset: u64,
    /// Bytes.
    pub(crate) size: u32,
    /// Whether decoding can start here.
    pub(crate) key: bool,
    /// When it is shown, in ticks.
    pub(crate) shown: i64,
}

/// How colours are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Colour {
    /// BT.709 instead of BT.601.
    pub(crate) bt709: bool,
    /// 0 to 255 instead of 16 to 235.
    pub(crate) full: bool,
}

/// What a file says about its pictures.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// `h264`, `hevc`, `vp9` …, or the four letters of the sample entry, scrubbed.
    pub(crate) codec: String,
    /// Ticks per second.
    pub(crate) timescale: u32,
    /// Ticks from first to last picture's end.
    pub(crate) ticks: u64,
    /// Pictures counted.
    pub(crate) count: u32,
    pub(crate) colour: Colour,
    /// Body of the `avcC` box, for H.264.
    pub(crate) avcc: Option<Vec<u8>>,
    tables: Tables,
}

/// The sample tables, each bounded by the bytes of its box.
#[derive(Debug, Clone, Default)]
struct Tables {
    durations: Vec<(u32, u32)>,
    shifts: Vec<(u32, i32)>,
    fixed: u32,
    sizes: Vec<u32>,
    runs: Vec<(u32, u32)>,
    chunks: Vec<u64>,
    keys: Option<Vec<u32>>,
}

impl Track {
    /// Reads the first video track of a `moov` body and says whether there is sound too.
    pub(crate) fn video(moov: &[u8]) -> Result<(Self, bool), Error> {
        let tracks = || atoms(moov).filter(|atom| atom.name == *b"trak");
        let is = |trak: &Atom<'_>, kind: &[u8]| {
            find(trak.body, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12)) == Some(kind)
        };
        let sound = tracks().any(|trak| is(&trak, b"soun"));
        let trak = tracks()
            .find(|trak| is(trak, b"vide"))
            .ok_or_else(|| broken("it has no video track"))?;
        Ok((Self::read(trak.body)?, sound))
    }

    fn read(trak: &[u8]) -> Result<Self, Error> {
        let need = |path: &[&[u8; 4]]| {
            find(trak, path).ok_or_else(|| broken("a table of its video track is missing"))
        };
        let timescale = timescale(need(&[b"mdia", b"mdhd"])?)?;
        let stbl = need(&[b"mdia", b"minf", b"stbl"])?;
        let entry = find(stbl, &[b"stsd"])
            .and_then(|stsd| atoms(stsd.get(8..)?).next())
            .ok_or_else(|| broken("its video has no description"))?;
        let side = |at| be16(entry.body, at).map(u32::from).filter(|side| *side > 0);
        let (Some(width), Some(height)) = (side(24), side(26)) else {
            return Err(broken("its video has no size"));
        };
        let inner = entry.body.get(78..).unwrap_or_default();
        let tables = Tables::read(stbl)?;
        let count = tables.count(stbl)?;
        let ticks = tables
            .durations
            .iter()
            .map(|&(n, each)| u64::from(n) * u64::from(each))
            .sum();
        Ok(Self {
            width,
            height,
            codec: codec(entry.name),
            timescale,
            ticks,
            count,
            colour: find(inner, &[b"colr"]).map(colour).unwrap_or_default(),
            avcc: find(inner, &[b"avcC"]).map(<[u8]>::to_vec),
            tables,
        })
    }

    /// Seconds from the first picture to the end of the last.
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds need no more than 53 bits"
    )]
    pub(crate) fn seconds(&self) -> f64 {
        self.ticks as f64 / f64::from(self.timescale)
    }

    /// Places every picture in a file of `length` bytes, in decoding order.
    pub(crate) fn samples(&self, length: u64) -> Result<Vec<Sample>, Error> {
        self.tables.samples(self.count, length)
    }
}

fn timescale(mdhd: &[u8]) -> Result<u32, Error> {
    let at = if mdhd.first() == Some(&1) { 20 } else { 12 };
    be32(mdhd, at)
        .filter(|ticks| *ticks > 0)
        .ok_or_else(|| broken("its clock has no rate"))
}

/// Names a codec by the four letters of its sample entry.
fn codec(name: [u8; 4]) -> String {
    match &name {
        b"avc1" | b"avc3" => "h264".into(),
        b"hvc1" | b"hev1" => "hevc".into(),
        b"vp08" => "vp8".into(),
        b"vp09" => "vp9".into(),
        b"av01" => "av1".into(),
        b"mp4v" => "mpeg4".into(),
        _ => scrub(&String::from_utf8_lossy(&name)).into_owned(),
    }
}

fn colour(colr: &[u8]) -> Colour {
    Colour {
        bt709: be16(colr, 8) == Some(1),
        full: colr.starts_with(b"nclx") && colr.get(10).is_some_and(|flags| flags & 0x80 != 0),
    }
}

/// Splits a table into entries of `step` bytes and reads each; the count in the box is not believed.
fn entries<'a, T>(
    table: Option<&'a [u8]>,
    (head, step): (usize, usize),
    read: impl Fn(&'a [u8]) -> Option<T> + 'a,
) -> Vec<T> {
    let body = table
        .and_then(|table| table.get(head..))
        .unwrap_or_default();
    let told = table.and_then(|table| be32(table, head - 4)).unwrap_or(0);
    body.chunks_exact(step)
        .take(usize::try_from(told).unwrap_or(0))
        .map_while(read)
        .collect()
}

impl Tables {
    fn read(stbl: &[u8]) -> Result<Self, Error> {
        let table = |name: &[u8; 4]| find(stbl, &[name]);
        let pair = |entry: &[u8]| Some((be32(entry, 0)?, be32(entry, 4)?));
        let chunks = if let Some(long) = table(b"co64") {
            entries(Some(long), (8, 8), |entry| be64(entry, 0))
        } else {
            entries(table(b"stco"), (8, 4), |entry| {
                be32(entry, 0).map(u64::from)
            })
        };
        let stsz = table(b"stsz").ok_or_else(|| broken("its picture sizes are missing"))?;
        Ok(Self {
            durations: entries(table(b"stts"), (8, 8), pair),
            shifts: entries(table(b"ctts"), (8, 8), |entry| {
                Some((be32(entry, 0)?, be32(entry, 4)?.cast_signed()))
            }),
            fixed: be32(stsz, 4).unwrap_or(0),
            sizes: entries(Some(stsz), (12, 4), |entry| be32(entry, 0)),
            runs: entries(table(b"stsc"), (8, 12), pair),
            chunks,
            keys: table(b"stss").map(|stss| entries(Some(stss), (8, 4), |entry| be32(entry, 0))),
        })
    }

    /// Counts the pictures and checks that the tables agree about them.
    fn count(&self, stbl: &[u8]) -> Result<u32, Error> {
        let told = find(stbl, &[b"stsz"])
            .and_then(|stsz| be32(stsz, 8))
            .unwrap_or(0);
        let timed: u64 = self
            .durations
            .iter()
            .map(|(count, _)| u64::from(*count))
            .sum();
        if told > MOST_SAMPLES {
            return Err(broken("it claims more pictures than any film"));
        }
        if (self.fixed == 0 && self.sizes.len() as u64 != u64::from(told))
            || timed != u64::from(told)
        {
            return Err(broken("its tables disagree about the number of pictures"));
        }
        Ok(told)
    }

    fn samples(&self, count: u32, length: u64) -> Result<Vec<Sample>, Error> {
        let lost = || broken("a picture lies outside the file");
        let mut samples = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut times = self.times();
        let mut runs = self.runs.iter().peekable();
        let mut per_chunk = 0;
        for (nth, chunk) in (1..).zip(&self.chunks) {
            while let Some((_, per)) = runs.next_if(|(first, _)| *first <= nth) {
                per_chunk = *per;
            }
            let mut offset = *chunk;
            for _ in 0..per_chunk {
                let index = u32::try_from(samples.len()).unwrap_or(u32::MAX);
                if index == count {
                    break;
                }
                let size = self.size(index).ok_or_else(lost)?;
                let end = offset
                    .checked_add(u64::from(size))
                    .filter(|end| *end <= length);
                let key = self
                    .keys
                    .as_ref()
                    .is_none_or(|keys| keys.binary_search(&(index + 1)).is_ok());
                samples.push(Sample {
                    offset,
                    size,
                    key,
                    shown: times.next().unwrap_or(0),
                });
                offset = end.ok_or_else(lost)?;
            }
        }
        if samples.len() as u64 == u64::from(count) {
            Ok(samples)
        } else {
            Err(broken("some pictures have no place in it"))
        }
    }

    fn size(&self, index: u32) -> Option<u32> {
        if self.fixed > 0 {
            return Some(self.fixed);
        }
        self.sizes.get(usize::try_from(index).ok()?).copied()
    }

    /// When each picture is shown, in decoding order.
    fn times(&self) -> impl Iterator<Item = i64> + '_ {
        let spread = |&(count, each): &(u32, u32)| (0..count).map(move |_| i64::from(each));
        let shifts = self
            .shifts
            .iter()
            .flat_map(|&(count, shift)| (0..count).map(move |_| i64::from(shift)))
            .chain(std::iter::repeat(0));
        self.durations
            .iter()
            .flat_map(spread)
            .scan(0_i64, |clock, each| {
                let now = *clock;
                *clock += each;
                Some(now)
            })
            .zip(shifts)
            .map(|(clock, shift)| clock + shift)
    }
}
