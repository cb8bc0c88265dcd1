//! Opening a file to see that it is whole.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Format, Kind, ebml, picture, sound};
use crate::media::Error;
use crate::media::clip;

/// Bytes of a file that is read whole to be checked.
const LARGEST_READ: u64 = 1 << 30;
/// Bytes of a tensor file's table of contents; what the format itself allows.
const LARGEST_TABLE: u64 = 100_000_000;

/// What is known about a whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileFacts {
    /// What it is, by its bytes where they tell, else by its name.
    pub format: Format,
    /// Bytes.
    pub bytes: u64,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Pictures in all, for moving ones.
    pub frames: Option<u32>,
    /// Mean pictures per second.
    pub fps: Option<f64>,
    /// Length in seconds.
    pub duration_s: Option<f64>,
}

impl FileFacts {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            bytes: 0,
            width: None,
            height: None,
            frames: None,
            fps: None,
            duration_s: None,
        }
    }

    /// What kind of thing it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.format.kind()
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.format.media_type()
    }

    pub(super) fn sized(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (Some(width), Some(height));
        self
    }

    /// Notes how many pictures there are and for how long.
    pub(super) fn moving(mut self, frames: u32, duration_s: f64) -> Self {
        self.frames = Some(frames);
        if duration_s > 0.0 {
            self.duration_s = Some(duration_s);
            self.fps = Some(f64::from(frames) / duration_s);
        }
        self
    }
}

/// Opens a file, finds out what it is and that its end is there.
///
/// What can be told depends on the format: PNG has checksums; MP4, `WebP`, WAV, `WebM` and tensor files say their
/// length, GIF, JPEG and Ogg have an end mark, text must be UTF-8. FLAC, MP3 and formats that are only known by name
/// are checked to begin like themselves and not to be empty.
///
/// # Errors
/// [`Error::Broken`] with what is missing, [`Error::Io`], [`Error::TooLarge`] for pictures and texts over 1 GiB.
pub fn check(path: &Path) -> Result<FileFacts, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    check_as(path, &name)
}

/// Opens a file that lies under a temporary name and judges it as if it had the name it is going to get.
///
/// # Errors
/// As [`check`].
pub fn check_as(path: &Path, name: &str) -> Result<FileFacts, Error> {
    let file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    let mut file = BufReader::new(file);
    if bytes == 0 {
        return Err(Error::broken("file", "it is empty"));
    }
    let mut head = Vec::new();
    file.by_ref()
        .take(4096)
        .read_to_end(&mut head)
        .map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let format = settle(Format::of_bytes(&head), Format::of_name(name))?;
    let facts = by_format(format, &mut file, bytes)?;
    Ok(FileFacts { bytes, ..facts })
}

/// Weighs the first bytes against the name: bytes win, but a name must not promise a format they are not.
fn settle(bytes: Format, name: Format) -> Result<Format, Error> {
    match (bytes, name) {
        (Format::Unknown, name) if has_mark(name) => Err(Error::broken(
            name.media_type(),
            "it does not begin like one",
        )),
        (Format::Unknown, name) => Ok(name),
        (Format::Ogg, Format::Opus) => Ok(Format::Opus),
        (bytes, _) => Ok(bytes),
    }
}

/// Whether every file of a format begins with a mark that would have been seen.
fn has_mark(format: Format) -> bool {
    match format {
        Format::Mp4
        | Format::Mov
        | Format::M4a
        | Format::Webm
        | Format::Mkv
        | Format::Avi
        | Format::Gif
        | Format::Png
        | Format::Apng
        | Format::Jpeg
        | Format::Webp
        | Format::AnimatedWebp
        | Format::Avif
        | Format::Flac
        | Format::Ogg
        | Format::Opus
        | Format::Wav
        | Format::Exr
        | Format::Glb
        | Format::Zip => true,
        Format::Bmp
        | Format::Tiff
        | Format::Svg
        | Format::Mp3
        | Format::Aac
        | Format::Text
        | Format::Json
        | Format::Csv
        | Format::Html
        | Format::Safetensors
        | Format::Latent
        | Format::Unknown => false,
    }
}

fn by_format(format: Format, file: &mut BufReader<File>, bytes: u64) -> Result<FileFacts, Error> {
    match format {
        Format::Mp4 | Format::Mov => film(format, file),
        Format::Webm | Format::Mkv => ebml::check(format, file, bytes),
        Format::Png | Format::Apng => picture::png(&whole(file, bytes)?),
        Format::Jpeg => picture::jpeg(&whole(file, bytes)?),
        Format::Gif => picture::gif(&whole(file, bytes)?),
        Format::Webp | Format::AnimatedWebp => picture::webp(&whole(file, bytes)?),
        Format::Wav | Format::Avi => sound::riff(format, file, bytes),
        Format::Ogg | Format::Opus => sound::ogg(format, &whole(file, bytes)?),
        Format::Flac => sound::flac(file),
        Format::Safetensors | Format::Latent => tensors(format, file, bytes),
        Format::Text | Format::Json | Format::Csv | Format::Html | Format::Svg => {
            text(format, &whole(file, bytes)?)
        }
        Format::M4a => clip::metadata(file).map(|_| FileFacts::new(format)),
        Format::Avif
        | Format::Bmp
        | Format::Tiff
        | Format::Exr
        | Format::Mp3
        | Format::Aac
        | Format::Glb
        | Format::Zip
        | Format::Unknown => Ok(FileFacts::new(format)),
    }
}

fn film(format: Format, file: &mut BufReader<File>) -> Result<FileFacts, Error> {
    match clip::probe(file) {
        Ok(facts) => Ok(FileFacts::new(format)
            .sized(facts.width, facts.height)
            .moving(facts.frames, facts.duration_s)),
        // Its boxes were walked to the end before this is said, so it is whole.
        Err(Error::Unsupported { .. }) => Ok(FileFacts::new(format)),
        Err(error) => Err(error),
    }
}

fn whole(file: &mut BufReader<File>, bytes: u64) -> Result<Vec<u8>, Error> {
    if bytes > LARGEST_READ {
        return Err(Error::TooLarge {
            what: "a file",
            limit: LARGEST_READ,
        });
    }
    let mut all = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
    file.take(LARGEST_READ)
        .read_to_end(&mut all)
        .map_err(unreadable)?;
    Ok(all)
}

fn text(format: Format, bytes: &[u8]) -> Result<FileFacts, Error> {
    let readable = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
    readable
        .then(|| FileFacts::new(format))
        .ok_or_else(|| Error::broken("text", "it is not UTF-8"))
}

/// Checks that the tensors the table of contents names end where the file ends.
fn tensors(format: Format, file: &mut BufReader<File>, bytes: u64) -> Result<FileFacts, Error> {
    let broken = |why: &str| Error::broken("tensor file", why);
    let mut size = [0; 8];
    file.read_exact(&mut size)
        .map_err(|_| broken("it has no table of contents"))?;
    let size = u64::from_le_bytes(size);
    let room = bytes.saturating_sub(8);
    if size > LARGEST_TABLE || size > room {
        return Err(broken("its table of contents is cut off"));
    }
    let mut table = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_exact(&mut table).map_err(unreadable)?;
    let table: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&table).map_err(|_| broken("its table of contents is damaged"))?;
    let ends = table
        .values()
        .filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
    if ends.max().unwrap_or(0) == room - size {
        Ok(FileFacts::new(format))
    } else {
        Err(broken("its tensors do not end where the file ends"))
    }
}

pub(super) fn unreadable(source: std::io::Error) -> Error {
    Error::Io {
        doing: "read the file".into(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{clip::encode, still};
    use image::{Rgb, RgbImage};

    fn checked(name: &str, bytes: &[u8]) -> Result<FileFacts, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        check(&path)
    }

    fn frames() -> Vec<RgbImage> {
        (0..3)
            .map(|n| RgbImage::from_pixel(32, 16, Rgb([n * 70; 3])))
            .collect()
    }

    fn tensor() -> Vec<u8> {
        let table = br#"{"latent_tensor":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        [
            &(table.len() as u64).to_le_bytes()[..],
            table,
            &[1, 2, 3, 4],
        ]
        .concat()
    }

    #[test]
    fn whole_files_pass_and_tell_their_facts() {
        let clip = encode(frames(), 24.0).unwrap();
        let facts = checked("a.mp4", &clip).unwrap();
        assert_eq!(
            (facts.kind(), facts.media_type(), facts.frames),
            (Kind::Video, "video/mp4", Some(3))
        );
        assert_eq!(facts.bytes, clip.len() as u64);
        let png = still::png(&frames()[0], &[]).unwrap();
        let facts = checked("misnamed.jpg", &png).unwrap();
        assert_eq!(
            (facts.format, facts.width, facts.height),
            (Format::Png, Some(32), Some(16))
        );
        assert_eq!(checked("x.latent", &tensor()).unwrap().kind(), Kind::Other);
        assert_eq!(
            checked("x.txt", "한글".as_bytes()).unwrap().kind(),
            Kind::Text
        );
        assert_eq!(checked("x.bin", b"?").unwrap().format, Format::Unknown);
    }

    #[test]
    fn files_cut_off_anywhere_are_caught() {
        let clip = encode(frames(), 24.0).unwrap();
        let png = still::png(&frames()[0], &[]).unwrap();
        for (name, whole) in [("a.mp4", clip), ("a.png", png), ("a.latent", tensor())] {
            for end in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
                assert!(
                    checked(name, &whole[..end]).is_err(),
                    "{name} cut at {end} of {}",
                    whole.len()
                );
            }
        }
    }

    #[test]
    fn an_error_page_saved_as_a_clip_is_not_a_clip() {
        let error = checked("a.mp4", b"<html>502 Bad Gateway</html>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "not a whole video/mp4: it does not begin like one; fetch or render it again"
        );
        assert!(checked("a.txt", &[0xff, 0xfe, 0, 1]).is_err());
    }
}
