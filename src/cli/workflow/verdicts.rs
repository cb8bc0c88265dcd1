//! Checking a workflow: on one worker in full, on all of them in a line.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::super::classes::{Classes, Known as Worker};
use super::super::session::Session;
use super::super::source::{self, Brought};
use super::super::template::{self, Place};
use super::lines;
use crate::core::workflow::check::{self, Known, MissingNode, Report, Verdict};
use crate::core::workflow::convert::ConvertError;
use crate::core::workflow::packs::{Pack, pack_of};
use crate::core::workflow::read::Found;
use crate::core::workflow::{Binding, Template};
use crate::failure::Failure;

/// A workflow to be checked.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A workflow: its id, or a file in any form
    #[arg(value_name = "ID|FILE")]
    workflow: String,
    #[command(flatten)]
    classes: Classes,
}

/// What was found, with what each worker would say when none was named.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    workers: &'a [Verdict],
    message: String,
}

/// What is to be checked.
enum Subject {
    /// A graph that is ready.
    Ready(Template),
    /// An editor file, which comes out differently on each worker.
    Editor(std::path::PathBuf, String, Brought),
}

/// Checks a workflow; exit code 1 when no worker that was asked would take it.
pub(super) fn check(session: &Session, wish: &Check) -> Result<u8, Failure> {
    let subject = subject(session, &wish.workflow)?;
    let workers = wish.classes.all(session)?;
    let mut reports = Vec::with_capacity(workers.len());
    for worker in &workers {
        reports.push(judged(session, &subject, worker)?);
    }
    let verdicts: Vec<Verdict> = workers
        .iter()
        .zip(&reports)
        .map(|(worker, report)| check::verdict(&worker.name, report))
        .collect();
    let best = reports.iter().find(|report| report.ok).or(reports.first());
    let Some(report) = best else {
        return Ok(1);
    };
    let several = wish.classes.object_info.is_none() && wish.classes.worker.is_none();
    let message = if several {
        check::where_it_runs(&verdicts)
    } else {
        lines::sentence(report).to_owned()
    };
    if session.style.json {
        session.style.json(&Answer {
            report,
            workers: &verdicts,
            message,
        })?;
    } else {
        for line in lines::of(report) {
            session.style.line(&line)?;
        }
        session.style.line(&message)?;
    }
    Ok(u8::from(!report.ok))
}

fn subject(session: &Session, name: &str) -> Result<Subject, Failure> {
    let (file, id) = match template::locate(session, name)? {
        Place::Shipped(template) => return Ok(Subject::Ready(template.clone())),
        Place::File(file, id) => (file, id),
    };
    let brought = source::read(&file)?;
    if matches!(brought.found, Found::Ui(_)) {
        return Ok(Subject::Editor(file, id, brought));
    }
    let graph = template::graph(session, &file, &brought, None)?;
    template::described(&file, &id, graph, None).map(Subject::Ready)
}

fn judged(session: &Session, subject: &Subject, worker: &Worker) -> Result<Report, Failure> {
    match subject {
        Subject::Ready(template) => Ok(report(template, worker, "api")),
        Subject::Editor(file, id, brought) => editor(session, (file, id), brought, worker),
    }
}

fn editor(
    session: &Session,
    (file, id): (&Path, &str),
    brought: &Brought,
    worker: &Worker,
) -> Result<Report, Failure> {
    let Found::Ui(ui) = &brought.found else {
        return Ok(Report::default());
    };
    match template::converted(ui, &worker.info) {
        Ok(converted) => {
            for note in &converted.notes {
                session.style.note(&format!("note: {note}"));
            }
            let info = Some(&worker.info);
            let template = template::described(file, id, converted.graph, info)?;
            Ok(report(&template, worker, "ui"))
        }
        Err(ConvertError::UnknownClasses { places }) => Ok(Report {
            format: "ui",
            missing_nodes: places.into_iter().map(missing).collect(),
            ..Report::default()
        }),
        Err(error) => Err(template::misfit(file, &error, worker)),
    }
}

fn missing(place: crate::core::workflow::convert::Place) -> MissingNode {
    let pack = pack_of(&place.class);
    MissingNode {
        pack: pack.map(|pack| pack.name.as_str()),
        advice: pack.map(Pack::advice),
        class: place.class,
        node: place.node,
    }
}

/// Checks a graph; only the files that have to be given anew each time are taken to be there.
fn report(template: &Template, worker: &Worker, format: &'static str) -> Report {
    let given = template.required().filter(|slot| slot.kind.is_file());
    let supplied: Vec<Binding> = given.flat_map(|slot| slot.bind.clone()).collect();
    let models = worker.models(template);
    let known = Known {
        supplied: &supplied,
        manifest: Some(&template.manifest),
        models: Some(&models),
        ..Known::new(&worker.info)
    };
    Report {
        format,
        ..check::check(&template.graph, known)
    }
}
