//! Where everything lives on this machine.

use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::Error;
use super::open::private_folder;

/// The longest path a Unix socket can be bound to, without its closing zero (`sun_path` is 108 bytes on Linux,
/// 104 on macOS and the BSDs).
const SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The folders of one installation. One store serves many projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The store and its files.
    pub data: PathBuf,
    /// `config.toml`, the user's own workflows, presets, keymaps and themes.
    pub config: PathBuf,
    /// Log and doorbell.
    pub state: PathBuf,
    /// Clips, in one folder per project. Nothing a worker names leaves it.
    pub output: PathBuf,
}

impl Home {
    /// Finds the folders: the one given, else `$RUSHES_HOME`, else the platform's.
    ///
    /// # Errors
    /// [`Error::Homeless`] when neither is given and the platform names none;
    /// [`Error::Folder`] when a relative folder is given and the current one is gone.
    pub fn find(given: Option<&Path>) -> Result<Self, Error> {
        let from_env = env::var_os("RUSHES_HOME").filter(|value| !value.is_empty());
        match given
            .map(Path::to_path_buf)
            .or_else(|| from_env.map(PathBuf::from))
        {
            Some(folder) => {
                let whole = std::path::absolute(&folder).map_err(|source| Error::Folder {
                    path: folder,
                    source,
                })?;
                Ok(Self::under(&whole))
            }
            None => Self::of_platform(),
        }
    }

    /// Puts everything under one folder.
    #[must_use]
    pub fn under(folder: &Path) -> Self {
        Self {
            data: folder.to_path_buf(),
            config: folder.to_path_buf(),
            state: folder.to_path_buf(),
            output: folder.join("output"),
        }
    }

    /// Names the folder that holds everything; `None` when the platform's folders are used.
    #[must_use]
    pub fn one_folder(&self) -> Option<&Path> {
        (self.data == self.config).then_some(&self.data)
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.data.join("store.db")
    }

    /// The user's configuration.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The detached engine's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.state.join("engine.log")
    }

    /// The doorbell's socket: beside the log, or at a short path of its own where that one would be too long.
    ///
    /// The short path depends on this home alone, so engine and consoles find the same one.
    #[must_use]
    pub fn bell(&self) -> PathBuf {
        let beside = self.state.join("bell.sock");
        if beside.as_os_str().len() <= SOCKET_PATH {
            return beside;
        }
        short_place(env::var_os("XDG_RUNTIME_DIR").as_deref(), &beside)
    }

    /// Makes the folders, for the owner alone.
    ///
    /// # Errors
    /// [`Error::Folder`] naming the one that could not be made.
    pub fn make(&self) -> Result<(), Error> {
        let bell = self.bell();
        let folders = [&self.data, &self.config, &self.state, &self.output];
        for folder in folders
            .into_iter()
            .map(PathBuf::as_path)
            .chain(bell.parent())
        {
            private_folder(folder).map_err(|source| Error::Folder {
                path: folder.to_path_buf(),
                source,
            })?;
        }
        Ok(())
    }

    fn of_platform() -> Result<Self, Error> {
        let dirs = ProjectDirs::from("", "", "rushes").ok_or(Error::Homeless)?;
        let data = dirs.data_dir().to_path_buf();
        Ok(Self {
            config: dirs.config_dir().to_path_buf(),
            state: dirs.state_dir().unwrap_or(&data).to_path_buf(),
            output: data.join("output"),
            data,
        })
    }
}

/// Names a socket by the hash of the path it stands for, in a folder only this user can enter.
fn short_place(runtime: Option<&OsStr>, long: &Path) -> PathBuf {
    let hash = blake3::hash(long.as_os_str().as_bytes()).to_hex();
    let name: String = hash.chars().take(16).chain(".sock".chars()).collect();
    let runtime = runtime
        .map(|folder| Path::new(folder).join("rushes"))
        .filter(|folder| folder.is_absolute());
    let shared =
        || Path::new("/tmp").join(format!("rushes-{}", rustix::process::getuid().as_raw()));
    runtime
        .map(|folder| folder.join(&name))
        .filter(|path| path.as_os_str().len() <= SOCKET_PATH)
        .unwrap_or_else(|| shared().join(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_under_the_home_that_was_given() {
        let home = Home::find(Some(Path::new("/somewhere"))).unwrap();
        assert_eq!(home.store(), Path::new("/somewhere/store.db"));
        assert_eq!(home.config_file(), Path::new("/somewhere/config.toml"));
        assert_eq!(home.log(), Path::new("/somewhere/engine.log"));
        assert_eq!(home.bell(), Path::new("/somewhere/bell.sock"));
        assert_eq!(home.output, Path::new("/somewhere/output"));
    }

    #[test]
    fn a_relative_home_stays_where_it_was_named() {
        let home = Home::find(Some(Path::new("here"))).unwrap();
        assert!(home.data.is_absolute() && home.data.ends_with("here"));
    }

    #[test]
    fn a_deep_home_still_has_a_bell() {
        let deep = Path::new("/").join("deep/".repeat(40));
        let bell = Home::under(&deep).bell();
        assert!(bell.as_os_str().len() <= SOCKET_PATH, "{}", bell.display());
        assert_eq!(bell, Home::under(&deep).bell());
        assert_ne!(bell, Home::under(&deep.join("er")).bell());
    }

    #[test]
    fn a_runtime_folder_that_is_too_long_itself_is_not_used() {
        let long = "/run/".repeat(40);
        for runtime in [Some(OsStr::new(&long)), Some(OsStr::new("relative")), None] {
            assert!(short_place(runtime, Path::new("/x")).starts_with("/tmp"));
        }
        let good = short_place(Some(OsStr::new("/run/user/7")), Path::new("/x"));
        assert!(good.starts_with("/run/user/7/rushes"));
    }
}
