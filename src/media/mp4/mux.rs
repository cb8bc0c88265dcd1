//! Writes one video track as a fast-start MP4: `ftyp`, `moov`, `mdat`, in this order.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use shiguredo_mp4::boxes::{
    Avc1Box, Brand, FtypBox, MoovBox, SampleEntry, StcoBox, TrakBox, UnknownBox,
};
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};
use shiguredo_mp4::{BoxSize, BoxType, Either, Encode, Mp4FileTime, TrackKind};

use crate::media::Error;

/// One encoded picture in [`Movie::data`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Take {
    /// Bytes of the picture; pictures lie one after the other.
    pub(crate) bytes: usize,
    /// Whether decoding can start here.
    pub(crate) key: bool,
    /// How long it is shown, in units of [`Movie::timescale`].
    pub(crate) duration: u32,
}

/// Everything a finished file needs.
#[derive(Debug)]
pub(crate) struct Movie {
    /// Codec configuration of the only track.
    pub(crate) entry: Avc1Box,
    /// Ticks per second.
    pub(crate) timescale: NonZeroU32,
    /// Pictures in the order they are shown.
    pub(crate) takes: Vec<Take>,
    /// The pictures themselves, NAL units with four-byte lengths.
    pub(crate) data: Vec<u8>,
    /// Text to carry, such as `prompt` and `workflow`.
    pub(crate) tags: BTreeMap<String, String>,
}

/// Bytes of the `mdat` header in front of the pictures.
const MDAT_HEADER: usize = 8;

/// Writes the file.
///
/// The muxer lays out the tables for a file with `moov` at an unknown place; since everything is in
/// memory here, the tables are moved to the front and the chunk offsets shifted by the difference.
pub(crate) fn write(movie: Movie) -> Result<Vec<u8>, Error> {
    let Movie {
        entry,
        timescale,
        takes,
        data,
        tags,
    } = movie;
    let (mut moov, laid_out_at) = tables(entry, timescale, &takes)?;
    if !tags.is_empty() {
        moov.unknown_boxes.push(user_data(&tags)?);
    }
    let ftyp = brands().encode_to_vec().map_err(refused)?;
    let size = moov.encode_to_vec().map_err(refused)?.len();
    let begins_at = ftyp.len() + size + MDAT_HEADER;
    for trak in &mut moov.trak_boxes {
        shift(trak, laid_out_at, begins_at)?;
    }
    let moov = moov.encode_to_vec().map_err(refused)?;
    let mut file = Vec::with_capacity(begins_at + data.len());
    file.extend_from_slice(&ftyp);
    file.extend_from_slice(&moov);
    let mdat = u32::try_from(MDAT_HEADER + data.len()).map_err(|_| too_long())?;
    file.extend_from_slice(&mdat.to_be_bytes());
    file.extend_from_slice(b"mdat");
    file.extend_from_slice(&data);
    Ok(file)
}

/// Builds the `moov` box and says where it believes the first picture begins.
fn tables(
    entry: Avc1Box,
    timescale: NonZeroU32,
    takes: &[Take],
) -> Result<(MoovBox, usize), Error> {
    let mut muxer = Mp4FileMuxer::new().map_err(refused)?;
    let base = muxer.initial_boxes_bytes().len();
    let mut offset = base as u64;
    let mut entry = Some(SampleEntry::Avc1(entry));
    for take in takes {
        let sample = Sample {
            track_kind: TrackKind::Video,
            sample_entry: entry.take(),
            keyframe: take.key,
            timescale,
            duration: take.duration,
            composition_time_offset: None,
            data_offset: offset,
            data_size: take.bytes,
        };
        muxer.append_sample(&sample).map_err(refused)?;
        offset += take.bytes as u64;
    }
    let mut moov = muxer.finalize().map_err(refused)?.moov_box().clone();
    undate(&mut moov);
    Ok((moov, base))
}

/// Sets every date to the container's "unknown", zero: the same frames make the same file.
fn undate(moov: &mut MoovBox) {
    let unknown = Mp4FileTime::default();
    moov.mvhd_box.creation_time = unknown;
    moov.mvhd_box.modification_time = unknown;
    for trak in &mut moov.trak_boxes {
        trak.tkhd_box.creation_time = unknown;
        trak.tkhd_box.modification_time = unknown;
        trak.mdia_box.mdhd_box.creation_time = unknown;
        trak.mdia_box.mdhd_box.modification_time = unknown;
    }
}

/// Moves every chunk offset from one base to another.
fn shift(trak: &mut TrakBox, from: usize, to: usize) -> Result<(), Error> {
    let table = &mut trak.mdia_box.minf_box.stbl_box.stco_or_co64_box;
    let Either::A(StcoBox { chunk_offsets }) = table else {
        return Err(too_long());
    };
    for offset in chunk_offsets {
        let moved = (u64::from(*offset) + to as u64).checked_sub(from as u64);
        *offset = moved
            .and_then(|moved| u32::try_from(moved).ok())
            .ok_or_else(too_long)?;
    }
    Ok(())
}

/// Brands of a plain H.264 file, the ones ffmpeg writes.
fn brands() -> FtypBox {
    FtypBox {
        major_brand: Brand::new(*b"isom"),
        minor_version: 512,
        compatible_brands: [*b"isom", *b"iso2", *b"avc1", *b"mp41"]
            .map(Brand::new)
            .to_vec(),
    }
}

/// Writes tags as `udta/meta` with `mdta` keys.
///
/// The layout of ffmpeg's mov muxer under `use_metadata_tags`, which is how `ComfyUI` stores `prompt` and
/// `workflow` in an MP4, so a clip of ours drops into its canvas like one of its own.
fn user_data(tags: &BTreeMap<String, String>) -> Result<UnknownBox, Error> {
    let mut keys = vec![0; 4];
    keys.extend_from_slice(&count(tags.len())?);
    let mut list = Vec::new();
    for (index, (key, value)) in tags.iter().enumerate() {
        keys.extend(boxed(*b"mdta", key.as_bytes())?);
        let mut text = vec![0, 0, 0, 1, 0, 0, 0, 0]; // type 1: UTF-8, then the locale
        text.extend_from_slice(value.as_bytes());
        list.extend(boxed(count(index + 1)?, &boxed(*b"data", &text)?)?);
    }
    let mut handler = vec![0; 8];
    handler.extend_from_slice(b"mdta");
    handler.extend_from_slice(&[0; 13]);
    let mut meta = vec![0; 4];
    meta.extend(boxed(*b"hdlr", &handler)?);
    meta.extend(boxed(*b"keys", &keys)?);
    meta.extend(boxed(*b"ilst", &list)?);
    Ok(unknown(*b"udta", boxed(*b"meta", &meta)?))
}

/// Says how players are to read the colours: BT.709, studio range.
pub(crate) fn colour_box() -> UnknownBox {
    unknown(*b"colr", b"nclx\x00\x01\x00\x01\x00\x01\x00".to_vec())
}

fn unknown(name: [u8; 4], payload: Vec<u8>) -> UnknownBox {
    let box_type = BoxType::Normal(name);
    let box_size = BoxSize::with_payload_size(box_type, payload.len() as u64);
    UnknownBox {
        box_type,
        box_size,
        payload,
    }
}

fn boxed(name: [u8; 4], payload: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = count(payload.len() + 8)?.to_vec();
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(payload);
    Ok(bytes)
}

fn count(number: usize) -> Result<[u8; 4], Error> {
    u32::try_from(number)
        .map(u32::to_be_bytes)
        .map_err(|_| too_long())
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::Encode(error.to_string())
}

fn too_long() -> Error {
    Error::TooLarge {
        what: "a clip",
        limit: u64::from(u32::MAX),
    }
}
