//! What is burnt in: title, timecode, progress, and the word that says this is not the film yet.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont};

use super::canvas::{Canvas, Ink, Point, blend, floor, real, weight};
use crate::core::text;

/// `NanumSquare` Regular: every modern Hangul syllable and Latin in 0.7 MB (see `font/README.md`).
static FONT: &[u8] = include_bytes!("../font/NanumSquareR.ttf");

/// Smallest height of a picture that is written on, in pixels.
const LEGIBLE: i32 = 64;
/// Longest title, in graphemes; the rest would be cut anyway.
const LONGEST: usize = 400;

/// Text rasterised once.
#[derive(Debug, Clone)]
struct Stamp {
    width: i32,
    height: i32,
    cover: Vec<u8>,
}

/// Everything written on a scene.
#[derive(Debug)]
pub(super) struct Caption {
    title: Option<Stamp>,
    mark: Option<Stamp>,
    digits: Vec<Stamp>,
    advance: i32,
    margin: i32,
    unit: i32,
    accent: Ink,
    fps: f64,
}

impl Caption {
    pub(super) fn new(title: &str, (width, height): (u16, u16), accent: Ink, fps: f64) -> Self {
        let (wide, tall) = (i32::from(width), i32::from(height));
        let unit = wide.min(tall);
        let margin = (unit / 22).max(3);
        let font = FontRef::try_from_slice(FONT)
            .ok()
            .filter(|_| unit >= LEGIBLE);
        let (large, small) = (real(unit) / 17.0, (real(unit) / 34.0).max(9.0));
        let lines = if tall > wide { 4 } else { 2 };
        let room = real(wide - margin * 2);
        let title = font.as_ref().and_then(|font| {
            let lines = wrap(font, title, (large.max(11.0), room), lines);
            Stamp::lines(font, &lines, large.max(11.0))
        });
        let one = |font: &FontRef<'_>, text: &str| Stamp::lines(font, &[text.to_owned()], small);
        let digits: Vec<Stamp> = font
            .iter()
            .flat_map(|font| {
                "0123456789:"
                    .chars()
                    .filter_map(|c| one(font, &c.to_string()))
            })
            .collect();
        Self {
            title,
            mark: font.as_ref().and_then(|font| one(font, "animatic")),
            advance: digits.iter().map(|digit| digit.width).max().unwrap_or(0),
            digits,
            margin,
            unit,
            accent,
            fps,
        }
    }

    /// Burns everything in for frame `n` of `frames`.
    pub(super) fn burn(&self, canvas: &mut Canvas, n: u32, frames: u32) {
        let line = (self.unit / 170).max(1);
        self.progress(canvas, line, (n, frames));
        let foot = canvas.height() - self.margin - line * 2;
        if let Some(title) = &self.title {
            shade_foot(canvas, foot - title.height - self.margin * 2);
            title.print(
                canvas,
                (self.margin, foot - title.height),
                ([255, 252, 244], 0.96),
            );
        }
        if let Some(mark) = &self.mark {
            mark.print(canvas, (self.margin, self.margin), ([255; 3], 0.6));
        }
        self.timecode(canvas, &timecode(n, self.fps));
    }

    fn timecode(&self, canvas: &mut Canvas, code: &str) {
        let count = i32::try_from(code.len()).unwrap_or(0);
        let left = canvas.width() - self.margin - count * self.advance;
        if left < self.margin + self.mark.as_ref().map_or(0, |mark| mark.width) {
            return;
        }
        for (nth, digit) in (0..).zip(code.chars()) {
            let stamp = if digit == ':' {
                self.digits.last()
            } else {
                self.digits.get(digit.to_digit(10).unwrap_or(0) as usize)
            };
            if let Some(stamp) = stamp {
                let x = left + nth * self.advance + (self.advance - stamp.width) / 2;
                stamp.print(canvas, (x, self.margin), ([255; 3], 0.85));
            }
        }
    }

    /// Draws how far the film is along its lower edge; the last frame fills it.
    fn progress(&self, canvas: &mut Canvas, line: i32, (n, frames): (u32, u32)) {
        let (width, y) = (canvas.width(), canvas.height() - line);
        let done = u64::from(n.min(frames) + 1) * u64::from(width.unsigned_abs())
            / u64::from(frames.max(1));
        let done = i32::try_from(done).unwrap_or(width).min(width);
        for y in y..canvas.height() {
            for pixel in canvas.span_mut(y, 0, done) {
                *pixel = blend(*pixel, self.accent, 240);
            }
            for pixel in canvas.span_mut(y, done, width) {
                *pixel = blend(*pixel, [0; 3], 110);
            }
        }
    }
}

/// Darkens the foot of the picture so that the title reads on snow too.
fn shade_foot(canvas: &mut Canvas, from: i32) {
    let height = canvas.height();
    for y in from.max(0)..height {
        let share = weight(real(y - from) / real((height - from).max(1))) * 5 / 8;
        for pixel in canvas.row_mut(y) {
            *pixel = blend(*pixel, [0; 3], share);
        }
    }
}

/// Writes a frame number as HH:MM:SS:FF, without drop frames.
fn timecode(n: u32, fps: f64) -> String {
    let per_second = super::whole_rate(fps);
    let (seconds, frame) = (n / per_second, n % per_second);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}:{frame:02}")
}

/// Breaks a title into lines no wider than `room`, at spaces where it can; the last may end in `…`.
fn wrap(font: &FontRef<'_>, title: &str, (size, room): (f32, f32), most: usize) -> Vec<String> {
    let clean = text::scrub(title).into_owned();
    let clean = text::nfc(&clean);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut graphemes = text::graphemes(clean.trim()).take(LONGEST).peekable();
    let fits = |line: &str| measure(font, line, size) <= room;
    for grapheme in graphemes.by_ref() {
        line.push_str(grapheme);
        if fits(&line) || line.trim() == grapheme {
            continue;
        }
        if lines.len() + 1 == most {
            break;
        }
        let rest = match line.rfind(' ').filter(|at| *at > 0) {
            Some(at) => line.split_off(at),
            None => line.split_off(line.len() - grapheme.len()),
        };
        lines.push(std::mem::replace(&mut line, rest.trim_start().to_owned()));
    }
    if graphemes.peek().is_some() || !fits(&line) {
        while !line.is_empty() && !fits(&format!("{line}…")) {
            line.pop();
        }
        line = format!("{}…", line.trim_end());
    }
    lines.push(line);
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn measure(font: &FontRef<'_>, line: &str, size: f32) -> f32 {
    let scaled = font.as_scaled(PxScale::from(size));
    line.chars()
        .map(|c| scaled.h_advance(font.glyph_id(c)))
        .sum()
}

impl Stamp {
    /// Rasterises lines one under the other; nothing when there is nothing to see.
    fn lines(font: &FontRef<'_>, lines: &[String], size: f32) -> Option<Self> {
        let scaled = font.as_scaled(PxScale::from(size));
        let leading = size * 1.18;
        let widest = lines
            .iter()
            .map(|line| measure(font, line, size))
            .fold(0.0, f32::max);
        let (width, count) = (floor(widest) + 2, i32::try_from(lines.len()).ok()?);
        let height = floor(leading * real(count)) + 2;
        if lines.is_empty() || width > 1 << 14 || height > 1 << 14 {
            return None;
        }
        let area = usize::try_from(width).ok()? * usize::try_from(height).ok()?;
        let mut stamp = Self {
            width,
            height,
            cover: vec![0; area],
        };
        for (nth, line) in (0..).zip(lines) {
            let mut pen = (1.0, scaled.ascent() + leading * real(nth));
            for c in line.chars() {
                let id = font.glyph_id(c);
                stamp.glyph(
                    font,
                    id.with_scale_and_position(size, ab_glyph::point(pen.0, pen.1)),
                    c,
                );
                pen.0 += scaled.h_advance(id);
            }
        }
        Some(stamp)
    }

    /// Adds a glyph; one the font lacks is a box.
    fn glyph(&mut self, font: &FontRef<'_>, glyph: Glyph, c: char) {
        let (at, size, missing) = (glyph.position, glyph.scale.y, glyph.id.0 == 0);
        if missing && !c.is_whitespace() {
            self.frame(
                (at.x + size * 0.08, at.y - size * 0.68),
                (size * 0.5, size * 0.66),
            );
        } else if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                let x = i32::try_from(x)
                    .unwrap_or(0)
                    .saturating_add(floor(corner.x));
                let y = i32::try_from(y)
                    .unwrap_or(0)
                    .saturating_add(floor(corner.y));
                self.dot(x, y, cover);
            });
        }
    }

    fn frame(&mut self, (x, y): Point, (w, h): Point) {
        let (x0, y0, x1, y1) = (floor(x), floor(y), floor(x + w), floor(y + h));
        for x in x0..=x1 {
            self.dot(x, y0, 1.0);
            self.dot(x, y1, 1.0);
        }
        for y in y0..=y1 {
            self.dot(x0, y, 1.0);
            self.dot(x1, y, 1.0);
        }
    }

    fn dot(&mut self, x: i32, y: i32, cover: f32) {
        if (0..self.width).contains(&x) && (0..self.height).contains(&y) {
            let slot = usize::try_from(y * self.width + x).ok();
            if let Some(dot) = slot.and_then(|slot| self.cover.get_mut(slot)) {
                *dot = (*dot).max(u8::try_from(weight(cover).min(255)).unwrap_or(255));
            }
        }
    }

    /// Prints with a one-step shadow to the lower right.
    fn print(&self, canvas: &mut Canvas, (x, y): (i32, i32), (ink, alpha): (Ink, f32)) {
        let step = (self.height / 40).clamp(1, 3);
        self.blend(canvas, (x + step, y + step), ([0; 3], alpha * 0.55));
        self.blend(canvas, (x, y), (ink, alpha));
    }

    fn blend(&self, canvas: &mut Canvas, (x, y): (i32, i32), (ink, alpha): (Ink, f32)) {
        let alpha = weight(alpha);
        let Ok(side) = usize::try_from(self.width) else {
            return;
        };
        let hidden = usize::try_from(-x).unwrap_or(0);
        for (line, y) in self.cover.chunks_exact(side.max(1)).zip(y..) {
            let span = canvas.span_mut(y, x, x.saturating_add(self.width));
            for (pixel, cover) in span.iter_mut().zip(line.iter().skip(hidden)) {
                if *cover > 0 {
                    *pixel = blend(*pixel, ink, u16::from(*cover) * (alpha / 2) / 128);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font() -> FontRef<'static> {
        FontRef::try_from_slice(FONT).unwrap()
    }

    #[test]
    fn the_font_has_every_modern_hangul_syllable_and_ascii() {
        let font = font();
        let lacking = ('가'..='힣')
            .chain(' '..='~')
            .find(|c| font.glyph_id(*c).0 == 0);
        assert_eq!(lacking, None);
    }

    #[test]
    fn a_title_breaks_at_spaces_and_what_does_not_fit_ends_in_an_ellipsis() {
        let font = font();
        let lines = wrap(
            &font,
            "비 오는 골목을 걷는 노란 우비의 아이",
            (20.0, 110.0),
            2,
        );
        assert_eq!(lines.len(), 2);
        assert!(
            lines.iter().all(|line| measure(&font, line, 20.0) <= 110.0),
            "{lines:?}"
        );
        assert!(lines.first().unwrap().starts_with("비 오는"));
        assert!(lines.last().unwrap().ends_with('…'), "{lines:?}");
        let one_word = wrap(&font, &"가".repeat(40), (20.0, 100.0), 3);
        assert_eq!(one_word.len(), 3);
        assert!(wrap(&font, " \u{1b}\n ", (20.0, 100.0), 3).is_empty());
    }

    #[test]
    fn the_timecode_counts_frames_at_the_whole_rate() {
        for (n, fps, code) in [
            (0, 24.0, "00:00:00:00"),
            (23, 24.0, "00:00:00:23"),
            (24, 23.976, "00:00:01:00"),
            (90_061, 25.0, "01:00:02:11"),
            (3, 0.5, "00:00:03:00"),
        ] {
            assert_eq!(timecode(n, fps), code);
        }
    }

    #[test]
    fn a_glyph_the_font_lacks_is_a_box() {
        let stamp = Stamp::lines(&font(), &["🐕".to_owned()], 40.0).unwrap();
        assert!(stamp.cover.contains(&255));
    }
}
