//! Breaking text into lines by words, and by graphemes where a word is wider than the pane.

use ratatui::style::Style;

use crate::core::text::{graphemes, width};

/// A run of text in one style.
pub(super) type Run = (String, Style);

/// Breaks plain text.
pub(super) fn plain(text: &str, cells: u16) -> Vec<String> {
    let runs = [(text.to_owned(), Style::default())];
    flow(&runs, cells)
        .into_iter()
        .map(|line| line.into_iter().map(|(text, _)| text).collect())
        .collect()
}

/// Breaks styled text; line feeds begin a new line.
pub(super) fn flow(runs: &[Run], cells: u16) -> Vec<Vec<Run>> {
    let mut lines = Lines {
        room: usize::from(cells.max(1)),
        done: Vec::new(),
        line: Vec::new(),
        used: 0,
    };
    for (text, style) in runs {
        for (n, row) in text.split('\n').enumerate() {
            if n > 0 {
                lines.feed();
            }
            for word in row.split_inclusive(' ') {
                lines.word(word, *style);
            }
        }
    }
    lines.feed();
    lines.done
}

struct Lines {
    room: usize,
    done: Vec<Vec<Run>>,
    line: Vec<Run>,
    used: usize,
}

impl Lines {
    fn feed(&mut self) {
        self.done.push(std::mem::take(&mut self.line));
        self.used = 0;
    }

    fn word(&mut self, word: &str, style: Style) {
        let solid = width(word.trim_end_matches(' '));
        if self.used > 0 && self.used + solid > self.room && solid <= self.room {
            self.feed();
        }
        for grapheme in graphemes(word) {
            let wide = width(grapheme);
            if self.used + wide > self.room && self.used > 0 {
                if grapheme == " " {
                    continue;
                }
                self.feed();
            }
            self.used += wide;
            match self.line.last_mut() {
                Some((text, last)) if *last == style => text.push_str(grapheme),
                _ => self.line.push((grapheme.to_owned(), style)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_is_broken_between_words_and_only_inside_where_it_must() {
        assert_eq!(plain("비 오는 골목", 6), ["비 ", "오는 ", "골목"]);
        assert_eq!(plain("골목길", 4), ["골목", "길"]);
        assert_eq!(plain("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(plain("", 9), [""]);
    }

    #[test]
    fn one_cell_of_room_still_ends() {
        assert_eq!(plain("골a", 1), ["골", "a"]);
    }
}
