//! The real binary in a real pseudo-terminal: what it leaves behind, whatever ends it.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take before the test gives up; nothing depends on how long it takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn cells(count: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(count).unwrap()
}

/// A person at a terminal.
struct Seat {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    all: Vec<u8>,
    child: Box<dyn Child + Send + Sync>,
    unplugged: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
    home: tempfile::TempDir,
}

impl Seat {
    fn sit(terms: &[(&str, &str)]) -> Self {
        Self::at(tempfile::tempdir().unwrap(), &[], terms)
    }

    /// Starts the console in a home that may have been used before.
    fn at(home: tempfile::TempDir, words: &[&str], terms: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rushes"));
        command.args(["--lang", "en", "--home"]);
        command.arg(home.path());
        command.args(words);
        Self::with(home, command, terms)
    }

    fn with(home: tempfile::TempDir, mut command: CommandBuilder, terms: &[(&str, &str)]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows: 24,
                cols: 80,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("PS1", "shell> ");
        for name in [
            "SSH_CONNECTION",
            "TMUX",
            "NO_COLOR",
            "COLORTERM",
            "EDITOR",
            "VISUAL",
        ] {
            command.env_remove(name);
        }
        for (name, value) in terms {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut out = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        let unplugged = Arc::new(AtomicBool::new(false));
        let pulled = Arc::clone(&unplugged);
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 8192];
            while let Ok(count) = out.read(&mut piece) {
                let gone = send.send(piece[..count].to_vec()).is_err();
                if count == 0 || gone || pulled.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(cells(24), cells(80), 0);
        Self {
            master: Some(pair.master),
            keys,
            bytes,
            screen,
            all: Vec::new(),
            child,
            unplugged,
            reader: Some(reader),
            home,
        }
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn take(&mut self, wait: Duration) -> usize {
        match self.bytes.recv_timeout(wait) {
            Ok(piece) => {
                self.screen.process(&piece);
                self.all.extend_from_slice(&piece);
                piece.len()
            }
            Err(_) => 0,
        }
    }

    /// Waits until the screen shows something.
    fn sees(&mut self, what: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text().contains(what) {
            assert!(
                Instant::now() < until,
                "never saw {what:?} on\n{}\n{:?}",
                self.text(),
                String::from_utf8_lossy(&self.all)
            );
            self.take(Duration::from_millis(50));
        }
    }

    /// Waits until the bytes written contain something.
    fn hears(&mut self, what: &str) {
        let until = Instant::now() + PATIENCE;
        while !self
            .all
            .windows(what.len())
            .any(|window| window == what.as_bytes())
        {
            assert!(
                Instant::now() < until,
                "never heard {what:?} in {:?}",
                String::from_utf8_lossy(&self.all)
            );
            self.take(Duration::from_millis(50));
        }
    }

    /// Waits for a fresh prompt of the shell: what is typed before it has the terminal back may be thrown away with
    /// the input that the console left unread.
    fn is_prompted(&mut self) {
        let until = Instant::now() + PATIENCE;
        while !self.text().trim_end().ends_with("shell>") {
            assert!(Instant::now() < until, "no prompt:\n{}", self.text());
            self.take(Duration::from_millis(20));
        }
    }

    /// Waits until nothing more is written.
    fn quiet(&mut self) {
        while self.take(Duration::from_millis(1_500)) > 0 {}
    }

    fn ends(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        loop {
            self.take(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().unwrap() {
                while self.take(Duration::from_millis(200)) > 0 {}
                return status.exit_code();
            }
            assert!(Instant::now() < until, "it never ended:\n{}", self.text());
        }
    }

    /// Says whether every mode that was turned on was turned off again, in the bytes since then.
    fn is_given_back(&self) -> bool {
        let said = String::from_utf8_lossy(&self.all);
        let last = |on: &str, off: &str| said.rfind(off) > said.rfind(on);
        let screen = self.screen.screen();
        last("\x1b[?1049h", "\x1b[?1049l")
            && last("\x1b[?2004h", "\x1b[?2004l")
            && last("\x1b[?1004h", "\x1b[?1004l")
            && !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
    }

    /// Takes the terminal away: every handle on our side is closed.
    fn hangs_up(&mut self) {
        self.unplugged.store(true, Ordering::SeqCst);
        self.types("!");
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.master = None;
        self.keys = Box::new(std::io::sink());
    }

    fn kill(&self, signal: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn stop_engine(&self) {
        stop_engine(self.home.path());
    }
}

/// Ends the engine that the console started, also one that only begins while the console ends.
fn stop_engine(home: &Path) {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        let mut stop = Command::new(env!("CARGO_BIN_EXE_rushes"));
        let said = stop
            .args(["engine", "stop", "--home"])
            .arg(home)
            .output()
            .unwrap();
        if String::from_utf8_lossy(&said.stdout).contains("stopped;") {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
fn it_opens_answers_and_leaves_the_terminal_as_it_was() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    seat.types("?");
    seat.sees("Help (default)");
    seat.types("\x1b");
    seat.sees("No shots yet");
    seat.types("\x11");
    assert_eq!(seat.ends(), 0);
    assert!(seat.is_given_back());
    seat.stop_engine();
}

#[test]
fn a_window_of_one_cell_and_back_shows_the_stage_again() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    for (rows, cols) in [(1, 1), (3, 7), (60, 200), (24, 80)] {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        seat.master.as_ref().unwrap().resize(size).unwrap();
        seat.screen.set_size(cells(rows), cells(cols));
        seat.quiet();
    }
    seat.sees("No shots yet");
    seat.types("\x11");
    assert_eq!(seat.ends(), 0);
    seat.stop_engine();
}

#[test]
fn an_idle_console_writes_nothing() {
    let mut seat = Seat::sit(&[]);
    seat.sees("engine on");
    seat.quiet();
    let mut written = 0;
    let until = Instant::now() + Duration::from_secs(8);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        written += seat.take(left);
    }
    assert_eq!(written, 0, "{:?}", seat.text());
    seat.types("\x11");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn a_paste_is_text_and_a_kill_loses_nothing_older_than_two_seconds() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    seat.types("a");
    seat.sees("SQ010_SH0010");
    seat.types("\r");
    seat.sees("Write what the shot shows");
    seat.types("\x1b[200~비 오는 골목\rq\x11\x1b[201~");
    seat.sees("비 오는 골목");
    let until = Instant::now() + PATIENCE;
    let store = seat.home.path().join("store.db");
    let saved = || {
        let conn = rusqlite::Connection::open(&store).unwrap();
        conn.query_row("SELECT text FROM draft", [], |row| row.get::<_, String>(0))
            .unwrap_or_default()
    };
    while saved() != "비 오는 골목\nq" {
        assert!(Instant::now() < until, "saved {:?}", saved());
        seat.take(Duration::from_millis(50));
    }
    seat.kill("-KILL");
    seat.ends();
    let mut seat = Seat::at(seat.home, &[], &[]);
    seat.sees("비 오는 골목");
    seat.types("\x11");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn a_hang_up_ends_it_and_saves_what_was_typed() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    seat.types("a");
    seat.sees("SQ010_SH0010");
    seat.types("\r");
    seat.sees("Write what the shot shows");
    seat.types("half a thought");
    seat.sees("half a thought");
    seat.hangs_up();
    seat.ends();
    let conn = rusqlite::Connection::open(seat.home.path().join("store.db")).unwrap();
    let text: String = conn
        .query_row("SELECT text FROM draft", [], |row| row.get(0))
        .unwrap();
    // The pseudo-terminal's writer says goodbye with a line end, which may or may not be read before the hang-up.
    assert_eq!(text.trim_end_matches('\n'), "half a thought!");
    seat.stop_engine();
}

#[test]
fn being_told_to_end_gives_the_terminal_back() {
    for signal in ["-TERM", "-INT"] {
        let mut seat = Seat::sit(&[]);
        seat.sees("No shots yet");
        seat.kill(signal);
        seat.ends();
        assert!(seat.is_given_back(), "{signal}");
        seat.stop_engine();
    }
}

#[test]
fn ctrl_z_goes_to_the_shell_and_fg_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    let mut seat = Seat::with(home, command, &[]);
    seat.sees("shell>");
    let line = format!(
        "{} --lang en --home {}\r",
        env!("CARGO_BIN_EXE_rushes"),
        seat.home.path().display()
    );
    seat.types(&line);
    seat.sees("No shots yet");
    seat.types("\x1a");
    seat.sees("Stopped");
    assert!(!seat.screen.screen().alternate_screen() && !seat.screen.screen().hide_cursor());
    seat.is_prompted();
    seat.types("echo $((6*7))\r");
    seat.sees("42");
    seat.is_prompted();
    seat.types("fg\r");
    seat.sees("No shots yet");
    seat.types("\x11");
    seat.is_prompted();
    seat.types("exit\r");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn without_a_shell_to_go_back_to_ctrl_z_says_so() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    seat.types("\x1a");
    seat.sees("There is no shell to go back to");
    seat.types("\x11");
    assert_eq!(seat.ends(), 0);
    seat.stop_engine();
}

#[test]
fn a_terminal_that_can_show_no_screen_is_told_in_words() {
    let mut seat = Seat::sit(&[("TERM", "dumb")]);
    assert_eq!(seat.ends(), 2);
    assert!(seat.text().contains("TERM=dumb"), "{}", seat.text());
    assert!(!seat.all.windows(8).any(|window| window == b"\x1b[?1049h"));
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let home = tempfile::tempdir().unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_rushes"))
        .arg("--home")
        .arg(home.path())
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("needs a terminal"));
}

#[test]
fn a_locale_without_utf_8_gets_plain_signs() {
    let mut seat = Seat::sit(&[("LC_ALL", "C")]);
    seat.sees("No shots yet");
    assert!(seat.text().contains("= Shots ="), "{}", seat.text());
    assert!(seat.all.is_ascii());
    seat.types("\x11");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn no_color_means_no_colour() {
    let mut seat = Seat::sit(&[("NO_COLOR", "1")]);
    seat.sees("No shots yet");
    seat.quiet();
    let screen = seat.screen.screen();
    for row in 0..24 {
        for column in 0..80 {
            let cell = screen.cell(row, column).unwrap();
            assert_eq!(cell.fgcolor(), vt100::Color::Default, "{row},{column}");
        }
    }
    seat.types("\x11");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn a_late_answer_of_the_terminal_is_not_typed_into_the_prompt() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    seat.types("a");
    seat.sees("SQ010_SH0010");
    seat.types("\r");
    seat.sees("Write what the shot shows");
    seat.types("\x1b_Gi=31;OK\x1b\\\x1b[?62;4c\x1b[6;20;10tzebra");
    seat.sees("zebra");
    assert!(seat.text().contains("│ zebra"), "{}", seat.text());
    seat.types("\x11");
    seat.ends();
    seat.stop_engine();
}

#[test]
fn the_mouse_is_left_alone_until_it_is_asked_for() {
    let mut seat = Seat::sit(&[]);
    seat.sees("No shots yet");
    assert!(!seat.all.windows(8).any(|window| window == b"\x1b[?1000h"));
    seat.types("\x1bm");
    seat.hears("\x1b[?1000h");
    seat.types("\x11");
    seat.ends();
    assert!(seat.screen.screen().mouse_protocol_mode() == vt100::MouseProtocolMode::None);
    seat.stop_engine();
}

#[test]
fn the_persons_own_editor_changes_the_prompt() {
    let mut seat = Seat::sit(&[("EDITOR", "sed -i s/plain/wet/")]);
    seat.sees("No shots yet");
    seat.types("a");
    seat.sees("SQ010_SH0010");
    seat.types("\r");
    seat.sees("Write what the shot shows");
    seat.types("a plain alley");
    seat.sees("a plain alley");
    seat.types("\x07");
    seat.sees("a wet alley");
    seat.types("\x11");
    assert_eq!(seat.ends(), 0);
    assert!(seat.is_given_back());
    seat.stop_engine();
}

/// Run in a pseudo-terminal of its own by the test below.
#[test]
#[ignore = "panics on purpose, in a terminal of its own"]
fn a_console_that_panics() {
    rushes::ui::term::hook_panics();
    rushes::ui::term::take().unwrap();
    panic!("the sky fell");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_speaks() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args([
        "--ignored",
        "--exact",
        "a_console_that_panics",
        "--nocapture",
    ]);
    let mut seat = Seat::with(tempfile::tempdir().unwrap(), command, &[]);
    assert_ne!(seat.ends(), 0);
    assert!(seat.is_given_back());
    let said = String::from_utf8_lossy(&seat.all).into_owned();
    assert!(
        said.rfind("the sky fell") > said.rfind("\x1b[?1049l"),
        "{said:?}"
    );
}

#[test]
fn a_demo_is_alive_within_moments_and_leaves_nothing_behind() {
    let mut seat = Seat::at(tempfile::tempdir().unwrap(), &["demo"], &[]);
    seat.sees("SQ010_SH0020");
    seat.sees("engine on");
    // A render began: nothing is only shown.
    seat.sees("%");
    seat.types("\x11");
    assert_eq!(seat.ends(), 0);
    assert!(seat.is_given_back());
}
