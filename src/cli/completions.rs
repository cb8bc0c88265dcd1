//! `rushes completions` and `rushes man`: made from the command tree itself, so that they cannot be out of date.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::Cli;
use crate::failure::{Failure, Kind};

/// Which shell.
#[derive(Debug, Args)]
pub(super) struct Shell {
    /// The shell to complete for
    shell: clap_complete::Shell,
}

/// Where to write manual pages.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder, made if it is not there
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
}

/// Prints completions.
pub(super) fn print(shell: &Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell.shell, &mut Cli::command(), "rushes", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(0)
}

/// Writes one manual page per command.
pub(super) fn manual(man: &Man) -> Result<u8, Failure> {
    let doing = format!("writing manual pages to {}", man.folder.display());
    let failed = |error: io::Error| Failure::new(Kind::OutputFile, doing.clone(), error);
    fs::create_dir_all(&man.folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &man.folder).map_err(failed)?;
    Ok(0)
}
