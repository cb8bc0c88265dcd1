//! `rushes catalog`: what there is to film, light and draw with, and the words for it.

use clap::Args;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::configuration;
use super::print::Cell;
use super::session::Session;
use crate::core::cinema::catalog::{Catalog, Term, VOCABULARIES};
use crate::core::workflow::near::nearest;
use crate::failure::{Failure, Kind};

/// Options of `rushes catalog`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// cameras, lenses, stocks, lights, targets, or a vocabulary such as mood or `shot_size`
    #[arg(value_name = "TABLE")]
    table: String,
    /// Only rows that hold this text, Korean labels included
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

const TABLES: [&str; 5] = ["cameras", "lenses", "stocks", "lights", "targets"];

/// Lists a table of the catalogue.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    let cinema = configuration::open(session, &[])?;
    let rows = rows(cinema.catalog(), &arguments.table)?;
    let filter = arguments
        .filter
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let holds = |row: &Value| row.to_string().to_lowercase().contains(&filter);
    let rows: Vec<Value> = rows.into_iter().filter(holds).collect();
    if session.style.json {
        session.style.json(&rows)?;
        return Ok(0);
    }
    let columns: &[&str] = match arguments.table.as_str() {
        "cameras" => &[
            "id",
            "maker",
            "year_introduced",
            "kind",
            "format",
            "heft",
            "mounts",
        ],
        "lenses" => &[
            "id",
            "maker",
            "year",
            "t_stop",
            "squeeze",
            "mounts",
            "character",
        ],
        "stocks" => &[
            "id",
            "maker",
            "from_year",
            "to_year",
            "iso",
            "balance",
            "gauges",
        ],
        "lights" => &[
            "id",
            "label_ko",
            "from_year",
            "color_temp_k",
            "output",
            "style",
        ],
        "targets" => &["id", "name", "kind", "words_max", "negative", "form"],
        _ => &["id", "label_en", "label_ko", "prompt"],
    };
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| cell(row.get(*column)))
                .collect()
        })
        .collect();
    session.style.table(columns, &cells)?;
    Ok(0)
}

fn rows(catalog: &Catalog, table: &str) -> Result<Vec<Value>, Failure> {
    match table {
        "cameras" => of(&catalog.cameras),
        "lenses" => of(&catalog.lenses),
        "stocks" => of(&catalog.stocks),
        "lights" => of(&catalog.lights),
        "targets" => of(&catalog.targets),
        name if VOCABULARIES.contains(&name) => {
            let terms = catalog.terms(name).map(|term: &Term| (&term.id, term));
            of(&terms.collect::<IndexMap<_, _>>())
        }
        name => {
            let near = nearest(name, TABLES.into_iter().chain(VOCABULARIES), 3);
            let cause = format!("there is no table {name:?}");
            Err(
                Failure::new(Kind::Unknown, "finding the table", cause).hint(
                    match near.as_slice() {
                        [] => format!("tables are {}", TABLES.join(", ")),
                        near => format!("did you mean {}?", near.join(" or ")),
                    },
                ),
            )
        }
    }
}

fn of<K, V: Serialize>(rows: &IndexMap<K, V>) -> Result<Vec<Value>, Failure> {
    let shapes: Result<Vec<Value>, _> = rows.values().map(serde_json::to_value).collect();
    shapes.map_err(|error| Failure::new(Kind::Internal, "writing the table", error))
}

fn cell(value: Option<&Value>) -> Cell {
    Cell::plain(match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect();
            items.join(", ")
        }
        Some(other) => other.to_string(),
    })
}
