//! Thumbnails and contact sheets: a clip at a glance.

use std::io::{Read, Seek};

use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};

use super::Error;
use super::clip::Reel;

/// Frames a sheet may show.
const MOST_CELLS: u32 = 400;
/// Longest side of a sheet, in pixels.
const LONGEST_SIDE: u32 = 16_384;
/// Colour between the frames.
const PAPER: Rgb<u8> = Rgb([18, 18, 20]);

/// How a contact sheet is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Frames side by side; a strip has as many columns as frames.
    pub columns: u32,
    /// Largest width of one frame, in pixels.
    pub cell_width: u32,
    /// Largest height of one frame, in pixels.
    pub cell_height: u32,
    /// Pixels between frames and around them.
    pub gap: u32,
}

/// Scales a picture down to fit into a box, keeping its shape; a smaller one stays as it is.
#[must_use]
pub fn thumbnail(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (from_w, from_h) = (
        u64::from(picture.width().max(1)),
        u64::from(picture.height().max(1)),
    );
    let (into_w, into_h) = (u64::from(width.max(1)), u64::from(height.max(1)));
    if from_w <= into_w && from_h <= into_h {
        return picture.clone();
    }
    let by_width = from_w * into_h >= from_h * into_w;
    let (w, h) = if by_width {
        (into_w, into_w * from_h / from_w)
    } else {
        (into_h * from_w / from_h, into_h)
    };
    let side = |length: u64| u32::try_from(length.max(1)).unwrap_or(1);
    resize(picture, side(w), side(h), FilterType::Triangle)
}

/// Lays pictures out row by row.
///
/// # Errors
/// [`Error::NoFrames`] for none, [`Error::Size`] for a sheet longer than 16,384 pixels.
pub fn sheet(pictures: &[RgbImage], grid: Grid) -> Result<RgbImage, Error> {
    let count = u32::try_from(pictures.len())
        .unwrap_or(u32::MAX)
        .min(MOST_CELLS);
    if count == 0 {
        return Err(Error::NoFrames);
    }
    let columns = grid.columns.clamp(1, count);
    let small: Vec<RgbImage> = pictures
        .iter()
        .take(MOST_CELLS as usize)
        .map(|picture| thumbnail(picture, grid.cell_width, grid.cell_height))
        .collect();
    let widest = small.iter().map(RgbImage::width).max().unwrap_or(1);
    let tallest = small.iter().map(RgbImage::height).max().unwrap_or(1);
    let length = |cells: u32, cell: u32| {
        u64::from(cells) * (u64::from(cell) + u64::from(grid.gap)) + u64::from(grid.gap)
    };
    let (width, height) = (
        length(columns, widest),
        length(count.div_ceil(columns), tallest),
    );
    let (Some(w), Some(h)) = (side(width), side(height)) else {
        let side = |length| u32::try_from(length).unwrap_or(u32::MAX);
        let why = "a contact sheet ends at 16384 pixels a side";
        return Err(Error::Size {
            width: side(width),
            height: side(height),
            why,
        });
    };
    let mut paper = RgbImage::from_pixel(w, h, PAPER);
    for (nth, picture) in (0..).zip(&small) {
        let (column, row): (u32, u32) = (nth % columns, nth / columns);
        let x = grid.gap + column * (widest + grid.gap) + (widest - picture.width()) / 2;
        let y = grid.gap + row * (tallest + grid.gap) + (tallest - picture.height()) / 2;
        overlay(&mut paper, picture, i64::from(x), i64::from(y));
    }
    Ok(paper)
}

fn side(length: u64) -> Option<u32> {
    u32::try_from(length)
        .ok()
        .filter(|side| *side <= LONGEST_SIDE)
}

/// Numbers of `count` frames spread evenly over a clip, from the middle of each part.
///
/// The middle, because first frames are often black and last ones often faded.
pub fn spread(frames: u32, count: u32) -> impl Iterator<Item = u32> {
    let count = count.clamp(1, MOST_CELLS).min(frames);
    (0..count).map(move |nth| {
        let at = (u64::from(nth) * 2 + 1) * u64::from(frames) / (u64::from(count) * 2);
        u32::try_from(at).unwrap_or(0)
    })
}

/// Takes `count` frames evenly out of a clip and lays them out.
///
/// # Errors
/// As [`Reel::frame`] and [`sheet`].
pub fn contact<R: Read + Seek>(
    reel: &mut Reel<R>,
    count: u32,
    grid: Grid,
) -> Result<RgbImage, Error> {
    let mut pictures = Vec::new();
    for n in spread(reel.facts().frames, count) {
        pictures.push(thumbnail(
            &reel.frame(n)?,
            grid.cell_width,
            grid.cell_height,
        ));
    }
    sheet(&pictures, grid)
}

/// Takes the one picture that stands for a clip: from its middle.
///
/// # Errors
/// As [`Reel::frame`]; [`Error::NoFrames`] for an empty clip.
pub fn poster<R: Read + Seek>(
    reel: &mut Reel<R>,
    width: u32,
    height: u32,
) -> Result<RgbImage, Error> {
    let n = spread(reel.facts().frames, 1)
        .next()
        .ok_or(Error::NoFrames)?;
    Ok(thumbnail(&reel.frame(n)?, width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::encode;
    use std::io::Cursor;

    fn plain(width: u32, height: u32, level: u8) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb([level; 3]))
    }

    #[test]
    fn a_thumbnail_fits_and_keeps_its_shape() {
        for (from, into, becomes) in [
            ((768, 512), (192, 192), (192, 128)),
            ((512, 768), (192, 192), (128, 192)),
            ((64, 48), (192, 192), (64, 48)),
            ((4000, 2), (100, 100), (100, 1)),
            ((64, 64), (0, 0), (1, 1)),
        ] {
            let small = thumbnail(&plain(from.0, from.1, 9), into.0, into.1);
            assert_eq!(small.dimensions(), becomes, "{from:?} into {into:?}");
        }
    }

    #[test]
    fn frames_are_spread_over_the_whole_clip() {
        for (frames, count, expected) in [
            (240, 4, vec![30, 90, 150, 210]),
            (3, 8, vec![0, 1, 2]),
            (1, 1, vec![0]),
            (0, 4, vec![]),
            (u32::MAX, 1, vec![u32::MAX / 2]),
        ] {
            assert_eq!(
                spread(frames, count).collect::<Vec<_>>(),
                expected,
                "{count} of {frames}"
            );
        }
    }

    #[test]
    fn a_contact_strip_shows_the_clip_from_left_to_right() {
        let frames = (0..8).map(|n| plain(64, 48, 30 + n * 25));
        let mut reel = Reel::open(Cursor::new(encode(frames, 24.0).unwrap())).unwrap();
        let grid = Grid {
            columns: 4,
            cell_width: 32,
            cell_height: 32,
            gap: 2,
        };
        let strip = contact(&mut reel, 4, grid).unwrap();
        assert_eq!(strip.dimensions(), (4 * 34 + 2, 24 + 4));
        let shades: Vec<u8> = [18, 52, 86, 120]
            .map(|x| strip.get_pixel(x, 14).0[0])
            .to_vec();
        assert!(
            shades.is_sorted() && shades.first() < shades.last(),
            "{shades:?}"
        );
        assert_eq!(*strip.get_pixel(0, 0), PAPER);
        let middle = poster(&mut reel, 16, 16).unwrap();
        assert_eq!(middle.dimensions(), (16, 12));
    }

    #[test]
    fn a_sheet_of_nothing_or_of_too_much_is_refused() {
        let grid = Grid {
            columns: 400,
            cell_width: 640,
            cell_height: 360,
            gap: 0,
        };
        assert!(matches!(sheet(&[], grid), Err(Error::NoFrames)));
        assert!(matches!(
            sheet(&vec![plain(64, 8, 0); 300], grid),
            Err(Error::Size { .. })
        ));
    }
}
