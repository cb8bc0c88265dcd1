//! Between RGB and the Y′CbCr 4:2:0 planes of H.264, BT.709 in studio range (Y 16–235, Cb and Cr 16–240).
//!
//! Whole numbers scaled by 256 throughout: fast, and the same on every machine.

use image::RgbImage;
use openh264::formats::YUVSource;

use crate::media::mp4::Colour;

/// Planes of one picture; both sides are even.
#[derive(Debug, Clone)]
pub(super) struct Planes {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl Planes {
    /// Makes grey planes for a size; odd sides grow by one.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (even(width), even(height));
        let luma = width * height;
        Self {
            width,
            height,
            y: vec![16; luma],
            u: vec![128; luma / 4],
            v: vec![128; luma / 4],
        }
    }

    /// Fills the planes from a picture of the size they were made for.
    ///
    /// An odd last column or row is doubled, because 4:2:0 has no odd sides.
    pub(super) fn fill(&mut self, picture: &RgbImage) {
        let (width, height) = picture.dimensions();
        if even(width) == width as usize && even(height) == height as usize {
            self.fill_even(picture.as_raw());
        } else {
            let grown = grow(picture);
            self.fill_even(grown.as_raw());
        }
    }

    fn fill_even(&mut self, rgb: &[u8]) {
        let (width, half) = (self.width, self.width / 2);
        let rows = rgb.chunks_exact(width * 6);
        let luma = self.y.chunks_exact_mut(width * 2);
        let chroma = self
            .u
            .chunks_exact_mut(half)
            .zip(self.v.chunks_exact_mut(half));
        for ((rows, luma), (u, v)) in rows.zip(luma).zip(chroma) {
            let (upper, lower) = rows.split_at(width * 3);
            for (pixel, luma) in rows.as_chunks::<3>().0.iter().zip(luma) {
                *luma = brightness(*pixel);
            }
            let squares = upper
                .as_chunks::<6>()
                .0
                .iter()
                .zip(lower.as_chunks::<6>().0);
            for ((square, u), v) in squares.zip(u).zip(v) {
                (*u, *v) = colour(mean(*square.0, *square.1));
            }
        }
    }
}

/// The next even number.
fn even(side: u32) -> usize {
    (side as usize).next_multiple_of(2)
}

/// Doubles the last column and row where a side is odd.
fn grow(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(
        width.next_multiple_of(2),
        height.next_multiple_of(2),
        |x, y| *picture.get_pixel(x.min(width - 1), y.min(height - 1)),
    )
}

fn brightness([r, g, b]: [u8; 3]) -> u8 {
    let sum = 47 * u16::from(r) + 157 * u16::from(g) + 16 * u16::from(b) + 128;
    16 + (sum >> 8) as u8
}

/// Averages a square of four pixels, two from each row.
fn mean(upper: [u8; 6], lower: [u8; 6]) -> [i16; 3] {
    let [r0, g0, b0, r1, g1, b1] = upper.map(i16::from);
    let [r2, g2, b2, r3, g3, b3] = lower.map(i16::from);
    [
        (r0 + r1 + r2 + r3 + 2) >> 2,
        (g0 + g1 + g2 + g3 + 2) >> 2,
        (b0 + b1 + b2 + b3 + 2) >> 2,
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "each difference is within 112 * 255 / 256 of 128"
)]
fn colour([r, g, b]: [i16; 3]) -> (u8, u8) {
    let blue = (112 * b - 26 * r - 86 * g + 128) >> 8;
    let red = (112 * r - 102 * g - 10 * b + 128) >> 8;
    ((128 + blue) as u8, (128 + red) as u8)
}

/// Turns a decoded picture into RGB by the matrix and range its file names.
pub(super) fn picture(yuv: &impl YUVSource, colour: Colour) -> RgbImage {
    let (width, height) = yuv.dimensions();
    let (sy, su, sv) = yuv.strides();
    let mut rgb = Vec::with_capacity(width * height * 3);
    let lines = yuv.y().chunks(sy.max(1)).take(height);
    let chroma = (yuv.u().chunks(su.max(1)), yuv.v().chunks(sv.max(1)));
    let chroma = chroma.0.zip(chroma.1).flat_map(|pair| [pair, pair]);
    let matrix = Matrix::of(colour);
    for (y, (u, v)) in lines.zip(chroma) {
        let pairs = u.iter().zip(v).flat_map(|pair| [pair, pair]);
        for (y, (u, v)) in y.iter().take(width).zip(pairs) {
            rgb.extend_from_slice(&matrix.rgb([*y, *u, *v].map(i32::from)));
        }
    }
    rgb.resize(width * height * 3, 0);
    let side = |length: usize| u32::try_from(length).unwrap_or(0);
    RgbImage::from_raw(side(width), side(height), rgb).unwrap_or_default()
}

/// Factors from Y′CbCr to RGB, scaled by 256.
#[derive(Debug, Clone, Copy)]
struct Matrix {
    black: i32,
    luma: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Matrix {
    /// The factors of ITU-R BT.709 and BT.601.
    fn of(colour: Colour) -> Self {
        let (black, luma, [red_v, green_u, green_v, blue_u]) = match (colour.bt709, colour.full) {
            (true, false) => (16, 298, [459, 55, 136, 541]),
            (true, true) => (0, 256, [403, 48, 120, 475]),
            (false, false) => (16, 298, [409, 100, 208, 516]),
            (false, true) => (0, 256, [359, 88, 183, 454]),
        };
        Self {
            black,
            luma,
            red_v,
            green_u,
            green_v,
            blue_u,
        }
    }

    #[inline]
    fn rgb(self, [y, u, v]: [i32; 3]) -> [u8; 3] {
        let (y, u, v) = ((y - self.black) * self.luma + 128, u - 128, v - 128);
        [
            y + self.red_v * v,
            y - self.green_u * u - self.green_v * v,
            y + self.blue_u * u,
        ]
        .map(|channel| u8::try_from((channel >> 8).clamp(0, 255)).unwrap_or(255))
    }
}

impl YUVSource for Planes {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.y
    }

    fn u(&self) -> &[u8] {
        &self.u
    }

    fn v(&self) -> &[u8] {
        &self.v
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn known_colours_have_the_values_of_bt_709() {
        for (rgb, y, u, v) in [
            ([0, 0, 0], 16, 128, 128),
            ([255, 255, 255], 235, 128, 128),
            ([255, 0, 0], 63, 102, 240),
            ([0, 255, 0], 172, 42, 26),
            ([0, 0, 255], 32, 240, 118),
        ] {
            let mut planes = Planes::new(4, 2);
            planes.fill(&RgbImage::from_pixel(4, 2, Rgb(rgb)));
            let near = |got: u8, want: u8| got.abs_diff(want) <= 1;
            assert!(
                planes.y.iter().all(|&got| near(got, y)),
                "{rgb:?} {:?}",
                planes.y
            );
            assert!(
                planes.u.iter().all(|&got| near(got, u)),
                "{rgb:?} {:?}",
                planes.u
            );
            assert!(
                planes.v.iter().all(|&got| near(got, v)),
                "{rgb:?} {:?}",
                planes.v
            );
        }
    }

    #[test]
    fn a_colour_survives_the_way_there_and_back() {
        let tagged = Colour {
            bt709: true,
            full: false,
        };
        for rgb in [
            [0; 3],
            [255; 3],
            [200, 30, 40],
            [20, 180, 90],
            [40, 60, 220],
            [128; 3],
        ] {
            let mut planes = Planes::new(2, 2);
            planes.fill(&RgbImage::from_pixel(2, 2, Rgb(rgb)));
            let back = picture(&planes, tagged);
            let far = back
                .pixels()
                .flat_map(|pixel| pixel.0)
                .zip(rgb.into_iter().cycle());
            let far = far.map(|(got, want)| got.abs_diff(want)).max();
            assert!(
                far < Some(5),
                "{rgb:?} came back as {:?}",
                back.get_pixel(0, 0)
            );
        }
    }

    #[test]
    fn an_odd_picture_grows_by_its_own_edge() {
        let picture = RgbImage::from_fn(3, 3, |x, _| Rgb([if x == 2 { 255 } else { 0 }; 3]));
        let mut planes = Planes::new(3, 3);
        planes.fill(&picture);
        assert_eq!(planes.dimensions(), (4, 4));
        assert_eq!(planes.y, [16, 16, 235, 235].repeat(4));
    }
}
