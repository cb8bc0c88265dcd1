//! `rushes help`: a command, or the codes of failures.

use std::io::Write;

use clap::{Args, CommandFactory};
use serde_json::{Value, json};

use super::print::{Cell, Style};
use super::{Cli, Global, session};
use crate::failure::{Failure, Kind};

/// Options of `rushes help`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A command and its subcommand, or `errors`
    topic: Vec<String>,
}

/// Explains a command or the codes.
pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<u8, Failure> {
    let style = session::style(global);
    match arguments.topic.as_slice() {
        [only] if only == "errors" => errors(style),
        topic => command(topic),
    }
}

fn command(topic: &[String]) -> Result<u8, Failure> {
    let mut root = Cli::command();
    root.build();
    let mut found = &mut root;
    for name in topic {
        let names: Vec<String> = found
            .get_subcommands()
            .map(|sub| sub.get_name().to_owned())
            .collect();
        found = found.find_subcommand_mut(name).ok_or_else(|| {
            Failure::new(
                Kind::Usage,
                "finding help",
                format!("there is no command {name:?}"),
            )
            .hint(format!("there are {} and errors", names.join(", ")))
        })?;
    }
    let text = found.render_long_help();
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(0)
}

fn errors(style: Style) -> Result<u8, Failure> {
    if style.json {
        let rows: Vec<Value> = Kind::ALL
            .iter()
            .map(
                |kind| json!({"code": kind.code(), "exit": kind.exit(), "meaning": kind.meaning()}),
            )
            .collect();
        style.json(&rows)?;
        return Ok(0);
    }
    let rows: Vec<Vec<Cell>> = Kind::ALL
        .iter()
        .map(|kind| {
            vec![
                Cell::plain(kind.code()),
                Cell::plain(kind.exit().to_string()),
                Cell::whole(kind.meaning()),
            ]
        })
        .collect();
    style.table(&["code", "exit", "meaning"], &rows)?;
    Ok(0)
}
