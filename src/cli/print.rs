//! Standard output and standard error, as scripts and terminals want them.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::core::text::{fit, scrub, width};
use crate::failure::Failure;

/// How output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// JSON instead of text.
    pub json: bool,
    /// No progress, no notes.
    pub quiet: bool,
    /// Colours on standard output.
    pub color: bool,
}

/// What a phase or state word means for its colour. The word itself says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// It went well.
    Good,
    /// It is under way.
    Busy,
    /// Look at it.
    Bad,
}

impl Style {
    /// Writes one JSON value on a line of its own.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn json(self, value: &impl Serialize) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }

    /// Writes a line for people, scrubbed.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn line(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(scrub(text).as_bytes())?;
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }

    /// Writes text that was scrubbed piece by piece and then coloured.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn painted(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }

    /// Writes a note to standard error, unless quiet or in JSON.
    pub fn note(self, text: &str) {
        if !self.quiet && !self.json {
            self.warn(text);
        }
    }

    /// Writes a warning to standard error.
    pub fn warn(self, text: &str) {
        let _nobody_listens = writeln!(io::stderr().lock(), "{}", scrub(text));
    }

    /// Colours a word by what it means.
    #[must_use]
    pub fn paint(self, tone: Tone, word: &str) -> String {
        let code = match tone {
            Tone::Plain => return word.to_owned(),
            _ if !self.color => return word.to_owned(),
            Tone::Good => "32",
            Tone::Busy => "36",
            Tone::Bad => "31",
        };
        format!("\x1b[{code}m{word}\x1b[0m")
    }

    /// Writes rows in columns; the last column takes what room the terminal has.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn table(self, head: &[&str], rows: &[Vec<Cell>]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(self.layout(head, rows).as_bytes())?;
        Ok(out.flush()?)
    }

    fn layout(self, head: &[&str], rows: &[Vec<Cell>]) -> String {
        let head: Vec<Cell> = head.iter().map(|title| Cell::plain(*title)).collect();
        let wide = |column: usize| {
            let cells = rows.iter().chain([&head]).filter_map(|row| row.get(column));
            cells.map(|cell| width(&cell.text)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(wide).collect();
        let mut text = String::new();
        for row in [&head].into_iter().chain(rows) {
            let last = row.len().saturating_sub(1);
            for (column, cell) in row.iter().enumerate() {
                text.push_str(&self.paint(cell.tone, &cell.text));
                if column < last {
                    let pad = widths.get(column).copied().unwrap_or(0) + 2;
                    text.extend(std::iter::repeat_n(
                        ' ',
                        pad.saturating_sub(width(&cell.text)),
                    ));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Writes a failure for people to standard error.
pub fn failure(failure: &Failure) {
    let _nobody_listens = writeln!(io::stderr().lock(), "rushes: {failure}");
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell of scrubbed text, cut at 60 columns.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::toned(Tone::Plain, text)
    }

    /// A cell of scrubbed text in full, for the last column.
    pub fn whole(text: impl AsRef<str>) -> Self {
        Self {
            text: scrub(text.as_ref()).into_owned(),
            tone: Tone::Plain,
        }
    }

    /// A cell whose colour repeats what its word says.
    pub fn toned(tone: Tone, text: impl AsRef<str>) -> Self {
        Self {
            text: fit(&scrub(text.as_ref()), 60).into_owned(),
            tone,
        }
    }
}

/// A single line on standard error that is written over and over: only on a terminal.
#[derive(Debug)]
pub struct Ticker {
    shown: bool,
    on: bool,
}

impl Ticker {
    /// Begins a line; it stays silent when nobody watches.
    #[must_use]
    pub fn new(style: Style) -> Self {
        let on = io::stderr().is_terminal() && !style.quiet && !style.json;
        Self { shown: false, on }
    }

    /// Shows a text in place of the one before.
    pub fn show(&mut self, text: &str) {
        if self.on {
            let window = rustix::termios::tcgetwinsize(io::stderr());
            let columns = window
                .map(|window| window.ws_col)
                .ok()
                .filter(|columns| *columns > 0);
            let room = usize::from(columns.unwrap_or(80)).saturating_sub(1);
            let text = scrub(text);
            let _nobody_listens = write!(io::stderr().lock(), "\r\x1b[K{}", fit(&text, room));
            self.shown = true;
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if self.shown {
            let _nobody_listens = write!(io::stderr().lock(), "\r\x1b[K");
            self.shown = false;
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Writes seconds as people say them: `9 s`, `2 min 05 s`, `1 h 03 min`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a range that fits"
    )]
    let whole = seconds.clamp(0.0, 1e9).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Writes a size as people say it, such as `1.2 GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let mut left = bytes as f64 / 1024.0;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or("KiB");
    for greater in units {
        if left < 1024.0 {
            break;
        }
        left /= 1024.0;
        unit = greater;
    }
    format!("{left:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        json: false,
        quiet: false,
        color: false,
    };

    #[test]
    fn columns_line_up_under_hangul() {
        let rows = vec![
            vec![Cell::plain("골목"), Cell::plain("done")],
            vec![Cell::plain("a"), Cell::plain("lost\x1b[2J")],
        ];
        assert_eq!(
            PLAIN.layout(&["name", "phase"], &rows),
            "name  phase\n골목  done\na     lost[2J\n"
        );
    }

    #[test]
    fn colour_repeats_a_word_and_never_replaces_it() {
        let style = Style {
            color: true,
            ..PLAIN
        };
        assert_eq!(style.paint(Tone::Bad, "failed"), "\x1b[31mfailed\x1b[0m");
        assert_eq!(PLAIN.paint(Tone::Bad, "failed"), "failed");
    }

    #[test]
    fn times_and_sizes_are_said_as_people_say_them() {
        for (seconds, said) in [
            (9.4, "9 s"),
            (125.0, "2 min 05 s"),
            (3_780.0, "1 h 03 min"),
            (f64::NAN, "0 s"),
        ] {
            assert_eq!(duration(seconds), said);
        }
        for (bytes, said) in [(1, "1 B"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB")] {
            assert_eq!(size(bytes), said);
        }
    }
}
