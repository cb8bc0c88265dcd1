//! The worker's own input, output and temp folders, and the names files get in them.

use std::{
    collections::HashMap,
    fs, io,
    path::{Component, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

/// Where files come from and go to; nothing outside this folder is ever read or written.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
    /// Highest number given out per folder and name, so that a full folder is listed once.
    counters: Mutex<HashMap<(PathBuf, String), u64>>,
}

/// Where the next output of a node goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    /// Name without number and extension.
    pub(crate) stem: String,
    pub(crate) number: u64,
    /// Folder below the kind's own, with forward slashes, as records carry it.
    pub(crate) subfolder: String,
    /// `output` or `temp`.
    pub(crate) kind: &'static str,
}

/// Says that a prefix leads out of the output folder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlace {
    #[error(
        "**** ERROR: Saving image outside the output folder is not allowed.\n full_output_folder: {0}\n         output_dir: {1}\n         commonpath: {2}"
    )]
    Outside(String, String, String),
    #[error("[Errno 5] {0}")]
    Disk(#[from] io::Error),
}

impl Files {
    /// Opens the folders; what lay in `temp` is deleted, as a real server does when it starts.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let temp = root.join("temp");
        if temp.exists() {
            fs::remove_dir_all(&temp)?;
        }
        for kind in ["input", "output", "temp"] {
            fs::create_dir_all(root.join(kind))?;
        }
        Ok(Self {
            root: root.to_owned(),
            counters: Mutex::default(),
        })
    }

    /// Has no folder at all, for describing classes without a worker.
    pub(crate) fn none() -> Self {
        Self {
            root: PathBuf::new(),
            counters: Mutex::default(),
        }
    }

    /// Names one of the three folders; any other word is refused.
    pub(crate) fn folder(&self, kind: &str) -> Option<PathBuf> {
        let known = matches!(kind, "input" | "output" | "temp");
        (known && !self.root.as_os_str().is_empty()).then(|| self.root.join(kind))
    }

    /// Finds a path below a folder, or nothing when it would lead out of it.
    pub(crate) fn inside(&self, kind: &str, subfolder: &str, name: &str) -> Option<PathBuf> {
        let folder = self.folder(kind)?;
        let below = settle(Path::new(subfolder))?.join(settle(Path::new(name))?);
        Some(folder.join(below))
    }

    /// Finds the file that `name`, `sub/name` or `name [temp]` means in a loader node.
    pub(crate) fn annotated(&self, name: &str) -> Option<PathBuf> {
        let (name, kind) = split_annotation(name);
        let path = self.inside(kind.unwrap_or("input"), "", name)?;
        path.is_file().then_some(path)
    }

    /// Lists the files that lie directly in a folder, sorted by name.
    pub(crate) fn top_level(&self, kind: &str) -> Vec<Value> {
        let Some(entries) = self
            .folder(kind)
            .and_then(|folder| fs::read_dir(folder).ok())
        else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names.into_iter().map(Value::from).collect()
    }

    /// Chooses folder, stem and number for an output, as `get_save_image_path` does.
    pub(crate) fn place(&self, prefix: &str, kind: &'static str) -> Result<Place, NoPlace> {
        let base = self.root.join(kind);
        let Some(below) = settle(Path::new(prefix)) else {
            return Err(NoPlace::Outside(
                "/loopback/outside".to_owned(),
                "/loopback/output".to_owned(),
                "/loopback".to_owned(),
            ));
        };
        let stem = below
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("")
            .to_owned();
        let parent = below.parent().unwrap_or(Path::new("")).to_owned();
        let folder = base.join(&parent);
        fs::create_dir_all(&folder)?;
        Ok(Place {
            number: self.next_number(&folder, &stem),
            folder,
            stem,
            subfolder: parent.to_string_lossy().replace('\\', "/"),
            kind,
        })
    }

    fn next_number(&self, folder: &Path, stem: &str) -> u64 {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let last = counters
            .entry((folder.to_owned(), stem.to_owned()))
            .or_insert_with(|| highest_number(folder, stem));
        *last += 1;
        *last
    }
}

impl Place {
    /// Takes the next number in the same folder under the same name.
    pub(crate) fn next(&self, files: &Files) -> Self {
        Self {
            number: files.next_number(&self.folder, &self.stem),
            ..self.clone()
        }
    }

    /// Writes a file here and describes it as history records do.
    pub(crate) fn write(&self, ending: &str, bytes: &[u8]) -> io::Result<Value> {
        let name = format!("{}_{:05}{ending}", self.stem, self.number);
        fs::write(self.folder.join(&name), bytes)?;
        Ok(serde_json::json!({
            "filename": name, "subfolder": self.subfolder, "type": self.kind
        }))
    }
}

/// Cuts a trailing ` [input]`, ` [output]` or ` [temp]` off a name.
pub(crate) fn split_annotation(name: &str) -> (&str, Option<&'static str>) {
    ["input", "output", "temp"]
        .into_iter()
        .find_map(|kind| {
            let plain = name.strip_suffix(&format!("[{kind}]"))?;
            Some((plain.strip_suffix(' ').unwrap_or(plain), Some(kind)))
        })
        .unwrap_or((name, None))
}

/// Works out `.` and `..`; nothing when the path is absolute or climbs above its start.
pub(crate) fn settle(path: &Path) -> Option<PathBuf> {
    let mut settled = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => settled.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !settled.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(settled)
}

fn highest_number(folder: &Path, stem: &str) -> u64 {
    let number = |name: String| -> Option<u64> {
        let rest = name.strip_prefix(stem)?.strip_prefix('_')?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| number(entry.file_name().into_string().ok()?))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_where_the_folder_left_off() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        fs::create_dir(home.path().join("output/lab")).unwrap();
        fs::write(home.path().join("output/lab/img_00041_.png"), b"").unwrap();
        let place = files.place("lab/img", "output").unwrap();
        assert_eq!((place.number, place.subfolder.as_str()), (42, "lab"));
        assert_eq!(place.next(&files).number, 43);
        assert_eq!(files.place("lab/im", "output").unwrap().number, 1);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        assert!(files.place("../outside/x", "output").is_err());
        for (kind, subfolder, name) in [
            ("output", "../..", "x"),
            ("output", "/etc", "passwd"),
            ("output", "", "../../x"),
            ("models", "", "x"),
        ] {
            assert_eq!(files.inside(kind, subfolder, name), None);
        }
    }

    #[test]
    fn a_suffix_names_the_folder() {
        for (name, plain, kind) in [
            ("a.png [output]", "a.png", Some("output")),
            ("a.png[temp]", "a.png", Some("temp")),
            ("a [b].png", "a [b].png", None),
        ] {
            assert_eq!(split_annotation(name), (plain, kind));
        }
    }
}
