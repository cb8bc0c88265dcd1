//! A home of its own for each test, and the binary to run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Reads standard output as the one JSON value it promises to be.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("not one JSON value ({error}): {self:?}"))
    }

    /// The code of the error on standard output.
    pub(crate) fn error(&self) -> String {
        let value = self.json();
        let error = &value["error"];
        for key in ["doing", "cause"] {
            assert!(error[key].is_string(), "{key} of {value}");
        }
        assert!(error.get("hint").is_some(), "hint of {value}");
        error["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Insists that it went well.
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A home, gone with the test; an engine that was started in it is stopped first.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("USER", "tester")
            .env("RUSHES_HOME", self.home())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        ran(self.command(words).output().unwrap())
    }

    /// Runs a command with `--json`, which must go well, and reads its answer.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        self.run(&words).well().json()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if Path::new(&self.home().join("store.db")).exists() {
            self.run(&["engine", "stop"]);
        }
    }
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Insists that an object has these keys.
pub(crate) fn has(value: &Value, keys: &[&str]) {
    let missing: Vec<&&str> = keys
        .iter()
        .filter(|key| value.get(**key).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?} are missing in {value}");
}
