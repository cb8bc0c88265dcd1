//! What the house keeps: who may use whom, what may not stand in the sources, what must.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test that cannot read the sources must stop; the slice is cut where a character begins"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. A module may always use itself; `lib.rs` and `main.rs` only put the parts together.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("clock", &[]),
    ("store", &["core", "clock"]),
    ("comfy", &["core"]),
    ("llm", &["core"]),
    ("media", &["core"]),
    ("loopback", &["core", "media"]),
    (
        "engine",
        &[
            "core", "clock", "store", "comfy", "llm", "media", "loopback",
        ],
    ),
    ("config", &["core", "store"]),
    ("failure", &["core", "store"]),
    (
        "ui",
        &["core", "clock", "store", "media", "config", "failure"],
    ),
    (
        "cli",
        &[
            "core", "clock", "store", "comfy", "llm", "media", "loopback", "engine", "config",
            "failure", "ui",
        ],
    ),
];

/// What the pure core may not touch: clock, chance, disk, network, terminal, async.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::std",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "fastrand::Rng::new",
    "fastrand::bool",
    "fastrand::choice",
    "fastrand::f",
    "fastrand::shuffle",
    "fastrand::u",
    "tokio",
    "reqwest",
    "rusqlite",
    "crossterm",
    "ratatui",
    "println!",
    "async fn",
];

/// Words that say nothing, as names of files.
const EMPTY_WORDS: &[&str] = &[
    "manager", "helper", "helpers", "util", "utils", "service", "data", "info", "common", "misc",
];

/// The longest file, and the share of files that stay below the usual length.
const LONGEST: usize = 650;
const USUAL: usize = 300;
const MOST_ARE_USUAL: f64 = 0.75;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A source file: its path below the root, its text, and the part of it that ships.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Leaves out the tests at the end and every comment.
    fn shipped(&self) -> String {
        let code = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<&str> = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        code.join("\n")
    }

    /// The top module it belongs to; `None` for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        let below = self.path.strip_prefix("src/")?;
        let name = below.split(['/', '.']).next()?;
        (!matches!(name, "lib" | "main")).then_some(name)
    }

    /// Whether it holds nothing but tests.
    fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn below(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| Source {
        path: below(&path),
        text: fs::read_to_string(&path).unwrap(),
    };
    let found: Vec<Source> = files("src", ".rs").into_iter().map(read).collect();
    assert!(found.len() > 50, "the sources are there");
    found
}

/// Lists the top modules that a text names after `crate::`, also in braces.
fn named(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        match rest.strip_prefix('{') {
            None => {
                names.insert(word(rest));
            }
            Some(list) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        c if begins && c.is_alphabetic() => {
                            names.insert(word(&list[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    names
}

#[test]
fn names_are_found_alone_and_in_braces() {
    let names = named("use crate::core::job; use crate::{store::{self, Home}, failure, ui::Desk};");
    assert_eq!(Vec::from_iter(names), ["core", "failure", "store", "ui"]);
}

#[test]
fn every_arrow_points_the_way_it_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(module) = source.module() else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!(
                "{}: {module} has no arrows yet: say what it may use",
                source.path
            ));
            continue;
        };
        let code = if source.is_tests() {
            String::new()
        } else {
            source.shipped()
        };
        for used in named(&code) {
            let known = ARROWS.iter().any(|(name, _)| *name == used);
            if known && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} may not use {used}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module() != Some("core") || source.is_tests() {
            continue;
        }
        let code = source.shipped();
        for word in IMPURE {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_is_written_in_the_store_alone() {
    let verbs = [
        "SELECT ",
        "INSERT INTO ",
        "INSERT OR ",
        "DELETE FROM ",
        "PRAGMA ",
        "BEGIN IMMEDIATE",
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module() == Some("store") {
            continue;
        }
        let code = source.shipped();
        for verb in verbs {
            if code.contains(&format!("\"{verb}")) {
                wrong.push(format!("{}: {verb}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.is_tests() && !source.text.starts_with("//!"))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` at the top of {silent:?}");
}

#[test]
fn files_are_named_for_what_they_hold_and_beside_their_folder() {
    for source in sources() {
        let stem = Path::new(&source.path)
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        assert_ne!(stem, "mod", "{}: write NAME.rs beside NAME/", source.path);
        assert!(
            !EMPTY_WORDS.contains(&stem.as_str()),
            "{}: the name says nothing",
            source.path
        );
    }
}

#[test]
fn files_are_short() {
    let lengths: Vec<(usize, String)> = sources()
        .into_iter()
        .map(|source| (source.text.lines().count(), source.path))
        .collect();
    let long: Vec<_> = lengths
        .iter()
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
    let usual = lengths.iter().filter(|(lines, _)| *lines <= USUAL).count();
    let count = |n: usize| f64::from(u32::try_from(n).unwrap());
    let share = count(usual) / count(lengths.len());
    assert!(
        share >= MOST_ARE_USUAL,
        "only {share:.2} of the files have {USUAL} lines or fewer"
    );
}

#[test]
fn exceptions_to_lints_are_explained() {
    for source in sources() {
        for (n, line) in source.text.lines().enumerate() {
            assert!(
                !line.contains("#[allow("),
                "{}:{}: write #[expect(…, reason)]",
                source.path,
                n + 1
            );
        }
        let unfinished = ["todo!(", "unimplemented!(", "dbg!("];
        assert!(
            !unfinished.iter().any(|word| source.text.contains(word)),
            "{}: unfinished",
            source.path
        );
    }
}

/// Folders of somebody's own machine have no place in a repository.
#[test]
fn nobodys_machine_shows() {
    let marks = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["/Use", "rs/"].concat(),
    ];
    let mut wrong = Vec::new();
    for folder in [
        "src",
        "tests",
        "benches",
        "examples",
        "workflows",
        "presets",
        "keymaps",
        "themes",
        ".ci",
        "docs",
    ] {
        for path in files(folder, "") {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            for (n, line) in text.lines().enumerate() {
                if marks.iter().any(|mark| line.contains(mark.as_str())) {
                    wrong.push(format!("{}:{}", below(&path), n + 1));
                }
            }
        }
    }
    for name in ["README.md", "CHANGELOG.md", "Cargo.toml", "deny.toml"] {
        let text = fs::read_to_string(root().join(name)).unwrap_or_default();
        if marks.iter().any(|mark| text.contains(mark.as_str())) {
            wrong.push(name.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
