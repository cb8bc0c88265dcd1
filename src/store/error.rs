//! Why the store could not do what was asked, in words a person can act on.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder that should hold the store cannot be made or used.
    #[error("the folder {} cannot be used: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder is on a filesystem where SQLite's shared memory and locks cannot be trusted.
    #[error("{} is on {kind}, where several programs cannot safely share one database", path.display())]
    Network {
        /// The folder asked for.
        path: PathBuf,
        /// The filesystem, such as `NFS`.
        kind: String,
        /// A folder on this machine that would do.
        offer: Option<PathBuf>,
    },
    /// The store was written by a newer release.
    #[error("{} has schema {found}; this release knows schemas up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The newest schema this release knows.
        known: i64,
    },
    /// The store has not been brought to this release's schema yet.
    #[error("{} has schema {found}; schema {known} is needed", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The schema of this release.
        known: i64,
    },
    /// A migration that this file has seen reads differently in this release.
    #[error("{} was made with another text of migration {n}", path.display())]
    Rewritten {
        /// The file.
        path: PathBuf,
        /// Number of the migration.
        n: i64,
    },
    /// A database, but not one of ours.
    #[error("{} is a database of another program", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Not a database, or a damaged one.
    #[error("{} is damaged: {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite found first.
        detail: String,
    },
    /// The file may be read but not written.
    #[error("{} cannot be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No room left.
    #[error("no room left for {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else held the write lock for too long.
    #[error("{} is being written by another program and stayed locked", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The linked SQLite has a known fault.
    #[error("SQLite {found} is linked; 3.51.3 or later is needed")]
    OldSqlite {
        /// The version that is linked.
        found: &'static str,
    },
    /// No folder to live in: the platform names none.
    #[error("no home folder is known for this user")]
    Homeless,
    /// A row holds what no release of this program writes.
    #[error("the store holds an unreadable {what}: {detail}")]
    Row {
        /// What the row stands for, such as `setting queue.paused`.
        what: String,
        /// What was wrong with it.
        detail: String,
    },
    /// There is no such row.
    #[error("no {what} {id}")]
    Missing {
        /// The kind of row, such as `revision`.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// SQLite refused for another reason.
    #[error("the store refused: {source}")]
    Sql {
        /// What SQLite said.
        #[from]
        source: rusqlite::Error,
    },
}

impl Error {
    /// Explains what SQLite said about the file at `path`.
    #[must_use]
    pub fn at(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let Some(code) = source.sqlite_error_code() else {
            return Self::Sql { source };
        };
        let detail = || crate::core::text::scrub(&source.to_string()).into_owned();
        match code {
            ErrorCode::DiskFull => Self::Full { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly { path },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt {
                detail: detail(),
                path,
            },
            ErrorCode::CannotOpen => Self::Folder {
                source: io::Error::other(source.to_string()),
                path,
            },
            _ => Self::Sql { source },
        }
    }

    /// Says what a person can do about it; `None` where nothing better than trying again is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Folder { .. } => {
                "name a folder of your own with --home DIR or RUSHES_HOME".to_owned()
            }
            Self::Network {
                offer: Some(offer), ..
            } => format!(
                "keep it on a disk of this machine: rushes --home {0}, or export RUSHES_HOME={0}",
                offer.display()
            ),
            Self::Network { offer: None, .. } => {
                "keep it on a disk of this machine: set --home DIR or RUSHES_HOME".to_owned()
            }
            Self::Newer { .. } => "use the release that wrote it, or another --home".to_owned(),
            Self::Older { .. } => "run any command once to bring it up to date".to_owned(),
            Self::Rewritten { .. } => {
                "use the build that made it, or another --home: the file is left untouched"
                    .to_owned()
            }
            Self::Foreign { .. } => "name another folder with --home DIR or RUSHES_HOME".to_owned(),
            Self::Corrupt { path, .. } => format!(
                "run `rushes doctor`; to start afresh move {0}, {0}-wal and {0}-shm away together",
                path.display()
            ),
            Self::ReadOnly { path } => format!(
                "make {} and its folder writable, or name another --home",
                path.display()
            ),
            Self::Full { .. } => "free some room and try again: nothing was lost".to_owned(),
            Self::Busy { .. } => {
                "try again; `rushes doctor` names the engine that holds it".to_owned()
            }
            Self::OldSqlite { .. } => {
                "build with the bundled SQLite: earlier ones can damage a shared file".to_owned()
            }
            Self::Homeless => "set RUSHES_HOME to a folder of your own".to_owned(),
            Self::Row { .. } | Self::Missing { .. } | Self::Sql { .. } => return None,
        })
    }
}
