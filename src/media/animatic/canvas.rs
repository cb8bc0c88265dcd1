//! The drawing surface: anti-aliased shapes blended into eight-bit RGB.

use image::RgbImage;

/// A colour, eight bits a channel.
pub(super) type Ink = [u8; 3];

/// A place on the canvas, in pixels from the upper left.
pub(super) type Point = (f32, f32);

/// Mixes two colours; `share` of the second, 0 to 1.
pub(super) fn mix(from: Ink, to: Ink, share: f32) -> Ink {
    blend(from, to, weight(share))
}

/// Mixes with a share from 0 to 256.
#[inline]
pub(super) fn blend(from: Ink, to: Ink, share: u16) -> Ink {
    let [red, green, blue] = from;
    let [to_red, to_green, to_blue] = to;
    [
        lerp(red, to_red, share),
        lerp(green, to_green, share),
        lerp(blue, to_blue, share),
    ]
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a mean of two bytes with weights that add up to 256"
)]
fn lerp(from: u8, to: u8, share: u16) -> u8 {
    let share = u32::from(share.min(256));
    ((u32::from(from) * (256 - share) + u32::from(to) * share + 128) >> 8) as u8
}

/// Turns a share from 0 to 1 into one from 0 to 256.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 256; NaN becomes 0"
)]
pub(super) fn weight(share: f32) -> u16 {
    (share.clamp(0.0, 1.0) * 256.0) as u16
}

/// Rounds down to a whole pixel; far-off and NaN places saturate.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, which is wanted"
)]
pub(super) fn floor(place: f32) -> i32 {
    place.floor() as i32
}

/// A whole pixel as a place.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "pixels are far below 2^24")]
pub(super) fn real(pixel: i32) -> f32 {
    pixel as f32
}

/// A picture under way.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    width: i32,
    height: i32,
    rgb: Vec<u8>,
}

impl Canvas {
    /// Starts from black; sides of 0 become 1.
    pub(super) fn new(width: u16, height: u16) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self {
            width: i32::from(width),
            height: i32::from(height),
            rgb: vec![0; usize::from(width) * usize::from(height) * 3],
        }
    }

    /// Width in pixels.
    pub(super) fn width(&self) -> i32 {
        self.width
    }

    /// Height in pixels.
    pub(super) fn height(&self) -> i32 {
        self.height
    }

    /// All pixels, row by row.
    pub(super) fn pixels_mut(&mut self) -> &mut [[u8; 3]] {
        self.rgb.as_chunks_mut().0
    }

    /// Pixels of one row; none outside.
    pub(super) fn row_mut(&mut self, y: i32) -> &mut [[u8; 3]] {
        let side = usize::try_from(self.width).unwrap_or(0);
        usize::try_from(y)
            .ok()
            .and_then(|y| self.pixels_mut().chunks_exact_mut(side).nth(y))
            .unwrap_or_default()
    }

    /// Pixels of one row; none outside.
    pub(super) fn row(&self, y: i32) -> &[[u8; 3]] {
        let side = usize::try_from(self.width).unwrap_or(0);
        usize::try_from(y)
            .ok()
            .and_then(|y| self.rgb.as_chunks().0.chunks_exact(side).nth(y))
            .unwrap_or_default()
    }

    /// Pixels from `x0` up to but without `x1` of one row, cut at the edges.
    pub(super) fn span_mut(&mut self, y: i32, x0: i32, x1: i32) -> &mut [[u8; 3]] {
        let inside = |x: i32| usize::try_from(x.clamp(0, self.width)).unwrap_or(0);
        let (from, to) = (inside(x0), inside(x1));
        self.row_mut(y).get_mut(from..to).unwrap_or_default()
    }

    /// Blends a colour wherever `cover`, asked at pixel centres within the bounds, is above 0.
    #[inline]
    pub(super) fn shade(
        &mut self,
        (min, max): (Point, Point),
        ink: Ink,
        cover: impl Fn(f32, f32) -> f32,
    ) {
        let (x0, x1) = (
            floor(min.0).max(0),
            floor(max.0).saturating_add(1).min(self.width),
        );
        let (y0, y1) = (
            floor(min.1).max(0),
            floor(max.1).saturating_add(1).min(self.height),
        );
        for y in y0..y1 {
            let middle = real(y) + 0.5;
            for (pixel, x) in self.span_mut(y, x0, x1).iter_mut().zip(x0..) {
                let share = weight(cover(real(x) + 0.5, middle));
                if share > 0 {
                    *pixel = blend(*pixel, ink, share);
                }
            }
        }
    }

    /// Blends an upright rectangle.
    pub(super) fn rect(&mut self, (x, y): Point, (w, h): Point, ink: Ink, alpha: f32) {
        let edge = |place: f32, from: f32, size: f32| {
            (place + 0.5 - from)
                .min(from + size - place + 0.5)
                .clamp(0.0, 1.0)
        };
        self.shade(
            ((x - 1.0, y - 1.0), (x + w + 1.0, y + h + 1.0)),
            ink,
            |px, py| alpha * edge(px, x, w) * edge(py, y, h),
        );
    }

    /// Blends a filled ellipse with upright axes.
    pub(super) fn ellipse(&mut self, (x, y): Point, (rx, ry): Point, ink: Ink, alpha: f32) {
        let (rx, ry) = (rx.max(0.3), ry.max(0.3));
        let sharp = rx.min(ry);
        self.shade(
            ((x - rx - 1.0, y - ry - 1.0), (x + rx + 1.0, y + ry + 1.0)),
            ink,
            |px, py| {
                let reach = ((px - x) / rx).hypot((py - y) / ry);
                alpha * ((1.0 - reach) * sharp + 0.5).clamp(0.0, 1.0)
            },
        );
    }

    /// Blends a light that fades towards its edge.
    pub(super) fn glow(&mut self, (x, y): Point, radius: f32, ink: Ink, alpha: f32) {
        self.shade(
            ((x - radius, y - radius), (x + radius, y + radius)),
            ink,
            |px, py| {
                let near = (1.0 - (px - x).hypot(py - y) / radius).max(0.0);
                alpha * near * near
            },
        );
    }

    /// Blends a limb: two round ends, each with its own radius, and all between.
    pub(super) fn limb(&mut self, a: Point, b: Point, (ra, rb): (f32, f32), ink: Ink, alpha: f32) {
        let r = ra.max(rb) + 1.0;
        let bounds = (
            (a.0.min(b.0) - r, a.1.min(b.1) - r),
            (a.0.max(b.0) + r, a.1.max(b.1) + r),
        );
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).max(1e-6);
        self.shade(bounds, ink, |px, py| {
            let along = (((px - a.0) * dx + (py - a.1) * dy) / length).clamp(0.0, 1.0);
            let off = (px - a.0 - along * dx).hypot(py - a.1 - along * dy);
            alpha * (ra + (rb - ra) * along - off + 0.5).clamp(0.0, 1.0)
        });
    }

    /// Blends a convex polygon whose corners go round clockwise on screen.
    pub(super) fn polygon(&mut self, corners: &[Point], ink: Ink, alpha: f32) {
        let mut bounds = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for &(x, y) in corners {
            bounds.0 = (bounds.0.0.min(x - 1.0), bounds.0.1.min(y - 1.0));
            bounds.1 = (bounds.1.0.max(x + 1.0), bounds.1.1.max(y + 1.0));
        }
        let next = corners.iter().cycle().skip(1);
        let edges: Vec<_> = corners
            .iter()
            .zip(next)
            .map(|(&(ax, ay), &(bx, by))| {
                let (dx, dy) = (bx - ax, by - ay);
                let length = dx.hypot(dy).max(1e-6);
                (ax, ay, -dy / length, dx / length)
            })
            .collect();
        self.shade(bounds, ink, |px, py| {
            let inside = edges
                .iter()
                .map(|(ax, ay, nx, ny)| (px - ax) * nx + (py - ay) * ny)
                .fold(f32::MAX, f32::min);
            alpha * (inside + 0.5).clamp(0.0, 1.0)
        });
    }

    /// Hands the finished picture over.
    pub(super) fn into_image(self) -> RgbImage {
        let side = |length: i32| u32::try_from(length).unwrap_or(0);
        RgbImage::from_raw(side(self.width), side(self.height), self.rgb).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_stick_out_are_cut_at_the_edge() {
        let mut canvas = Canvas::new(8, 8);
        canvas.rect((-5.0, -5.0), (100.0, 7.0), [255; 3], 1.0);
        canvas.ellipse((8.0, 8.0), (3.0, 3.0), [255; 3], 1.0);
        canvas.limb((-9.0, 4.0), (90.0, 4.0), (0.5, 0.5), [9; 3], 1.0);
        canvas.glow((f32::NAN, 4.0), 5.0, [255; 3], 1.0);
        canvas.polygon(&[(1e9, 0.0), (2e9, 1.0), (1e9, 5.0)], [255; 3], 1.0);
        assert_eq!(canvas.row(0).first(), Some(&[255; 3]));
        assert_eq!(canvas.row(7).last(), Some(&[255; 3]));
        assert_eq!(canvas.row(6).first(), Some(&[0; 3]));
        assert!(canvas.row(-1).is_empty() && canvas.row(8).is_empty());
    }

    #[test]
    fn a_clockwise_polygon_is_filled_inside_and_only_there() {
        let mut canvas = Canvas::new(16, 16);
        canvas.polygon(
            &[(4.0, 4.0), (12.0, 4.0), (12.0, 12.0), (4.0, 12.0)],
            [200; 3],
            1.0,
        );
        assert_eq!(canvas.row(8).get(8), Some(&[200; 3]));
        assert_eq!(canvas.row(1).get(8), Some(&[0; 3]));
        assert_eq!(canvas.row(8).get(14), Some(&[0; 3]));
    }
}
