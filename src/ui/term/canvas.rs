//! The backend the frames are drawn on: it collects the bytes of a frame, and throws them away where nothing changed.
//!
//! ratatui writes 25 bytes for a frame without a change; an idle console must write none.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Bytes shared between the backend that writes and the canvas that takes them.
#[derive(Debug, Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where frames are drawn.
#[derive(Debug)]
pub struct Canvas {
    inner: CrosstermBackend<Sink>,
    sink: Sink,
    size: Size,
    changed: bool,
    cursor: Option<Position>,
    shown: Option<Position>,
}

impl Canvas {
    /// A canvas of a size.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        let sink = Sink::default();
        Self {
            inner: CrosstermBackend::new(sink.clone()),
            sink,
            size: Size::new(width, height),
            changed: false,
            cursor: None,
            shown: None,
        }
    }

    /// Takes a new size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = Size::new(width, height);
    }

    /// Forgets where the cursor is, because somebody else wrote to the terminal.
    pub fn forget(&mut self) {
        self.changed = true;
    }

    /// The bytes of the frame; none where nothing changed.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(&mut *self.sink.0.borrow_mut());
        let moved = self.shown != self.cursor;
        self.shown = self.cursor;
        if std::mem::take(&mut self.changed) || moved {
            bytes
        } else {
            Vec::new()
        }
    }
}

impl Backend for Canvas {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.changed = true;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor = None;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        self.cursor = Some(position);
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.changed = true;
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.changed = true;
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;

    #[test]
    fn a_frame_without_a_change_writes_nothing() {
        let mut terminal = Terminal::new(Canvas::new(20, 4)).unwrap();
        let paint = |terminal: &mut Terminal<Canvas>, text: &str, x: u16| {
            terminal
                .draw(|frame| {
                    frame.render_widget(text, frame.area());
                    frame.set_cursor_position((x, 0));
                })
                .unwrap();
            terminal.backend_mut().take().len()
        };
        assert!(paint(&mut terminal, "비 오는", 1) > 0);
        assert_eq!(paint(&mut terminal, "비 오는", 1), 0);
        assert!(paint(&mut terminal, "비 오는", 2) > 0);
        assert!(paint(&mut terminal, "비 그친", 2) > 0);
    }
}
