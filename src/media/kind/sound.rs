//! Whole sound files: RIFF, Ogg, FLAC.

use std::io::Read;

use super::check::unreadable;
use super::{FileFacts, Format};
use crate::media::Error;
use crate::media::mp4::be64;

/// Checks the length a WAV or AVI tells, and takes a WAV's duration from its rate.
///
/// Writers that stream leave the length at its largest; such a file is taken as it is.
pub(super) fn riff(format: Format, file: &mut impl Read, bytes: u64) -> Result<FileFacts, Error> {
    let mut head = Vec::new();
    file.take(4096).read_to_end(&mut head).map_err(unreadable)?;
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?))
    };
    let told = number(4).ok_or_else(|| Error::broken("RIFF", "it is cut off"))?;
    if told != u32::MAX && u64::from(told) + 8 > bytes {
        return Err(Error::broken("RIFF", "its end is missing"));
    }
    let facts = FileFacts::new(format);
    let rate = (head.get(12..16) == Some(b"fmt "))
        .then(|| number(28))
        .flatten();
    let duration_s = match rate {
        Some(rate) if format == Format::Wav && rate > 0 => Some(f64::from(told) / f64::from(rate)),
        _ => None,
    };
    Ok(FileFacts {
        duration_s,
        ..facts
    })
}

/// Walks the pages of an Ogg file; the last must be marked as the last.
pub(super) fn ogg(format: Format, bytes: &[u8]) -> Result<FileFacts, Error> {
    let broken = || Error::broken("Ogg", "its end is missing");
    let mut rest = bytes;
    let (mut ended, mut granule) = (false, 0);
    while !rest.is_empty() {
        let page = rest.strip_prefix(b"OggS").ok_or_else(broken)?;
        let flags = page.get(1).ok_or_else(broken)?;
        let stamp: [u8; 8] = page
            .get(2..10)
            .and_then(|stamp| stamp.try_into().ok())
            .ok_or_else(broken)?;
        let count = usize::from(*page.get(22).ok_or_else(broken)?);
        let lacing = page.get(23..23 + count).ok_or_else(broken)?;
        let body: usize = lacing.iter().map(|byte| usize::from(*byte)).sum();
        ended = flags & 4 != 0;
        granule = u64::from_le_bytes(stamp);
        rest = page.get(23 + count + body..).ok_or_else(broken)?;
    }
    if !ended {
        return Err(broken());
    }
    let duration_s = (format == Format::Opus).then(|| seconds(granule, 48_000));
    Ok(FileFacts {
        duration_s,
        ..FileFacts::new(format)
    })
}

/// Reads rate and length from a FLAC's first block; the format has no end mark.
pub(super) fn flac(file: &mut impl Read) -> Result<FileFacts, Error> {
    let mut head = [0; 26];
    file.read_exact(&mut head)
        .map_err(|_| Error::broken("FLAC", "its head is cut off"))?;
    // Rate in 20 bits, channels in 3, depth in 5, samples in 36.
    let packed = be64(&head, 18).unwrap_or(0);
    let (rate, samples) = (packed >> 44, packed & 0xf_ffff_ffff);
    let duration_s = (rate > 0 && samples > 0).then(|| seconds(samples, rate));
    Ok(FileFacts {
        duration_s,
        ..FileFacts::new(Format::Flac)
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds need no more than 53 bits"
)]
fn seconds(samples: u64, rate: u64) -> f64 {
    samples as f64 / rate as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(flags: u8, granule: u64, body: &[u8]) -> Vec<u8> {
        let lacing = [u8::try_from(body.len()).unwrap()];
        [
            b"OggS\0",
            &[flags][..],
            &granule.to_le_bytes(),
            &[0; 12],
            &[1],
            &lacing,
            body,
        ]
        .concat()
    }

    #[test]
    fn an_ogg_stream_without_its_last_page_is_not_whole() {
        let first = page(2, 0, b"OpusHead");
        let whole = [first.clone(), page(4, 96_000, b"sound")].concat();
        assert_eq!(ogg(Format::Opus, &whole).unwrap().duration_s, Some(2.0));
        assert!(ogg(Format::Opus, &first).is_err());
        for end in 0..whole.len() {
            assert!(
                ogg(Format::Opus, whole.get(..end).unwrap()).is_err(),
                "{end}"
            );
        }
    }

    #[test]
    fn a_wav_shorter_than_it_says_is_not_whole() {
        let wav = [
            b"RIFF\x40\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
            &8000_u32.to_le_bytes()[..],
            &16_000_u32.to_le_bytes(),
            &[0; 40],
        ]
        .concat();
        assert_eq!(wav.len(), 72);
        assert!(riff(Format::Wav, &mut wav.as_slice(), 72).is_ok());
        assert!(riff(Format::Wav, &mut wav.as_slice(), 71).is_err());
    }

    #[test]
    fn a_flac_tells_its_length() {
        let samples = 88_200;
        let packed: u64 = (44_100 << 44) | samples;
        let head = [b"fLaC\0\0\0\x22", &[0; 10][..], &packed.to_be_bytes()].concat();
        assert_eq!(flac(&mut head.as_slice()).unwrap().duration_s, Some(2.0));
        assert!(flac(&mut head.get(..20).unwrap()).is_err());
    }
}
