//! Which node classes to go by: those of a worker, of a saved answer, or the ones that are compiled in.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};
use tokio::task::JoinSet;

use super::session::Session;
use super::{source, workers};
use crate::comfy::Client;
use crate::core::workflow::check::Models;
use crate::core::workflow::sidecar::models_of;
use crate::core::workflow::{ObjectInfo, Template};
use crate::failure::{Failure, Kind};
use crate::loopback::{self, Imitates};
use crate::store::worker::{self, Worker};
use crate::store::{Error, Role};

/// How long a worker may take to tell its classes when nobody named it.
const PATIENCE: Duration = Duration::from_secs(4);
/// Most folders of models that are asked for.
const MOST_FOLDERS: usize = 20;

/// Which node classes to go by.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Classes {
    /// Node classes from a saved answer of `/object_info`
    #[arg(long, value_name = "FILE", conflicts_with = "worker")]
    pub(super) object_info: Option<PathBuf>,
    /// Node classes of this worker, by name or address; else of those that answer
    #[arg(long, value_name = "NAME|URL")]
    pub(super) worker: Option<String>,
}

/// The classes of one worker.
#[derive(Debug)]
pub(super) struct Known {
    /// Worker, or what stands for one.
    pub(super) name: String,
    /// Its classes.
    pub(super) info: ObjectInfo,
    /// Model files of the folders that a workflow needs, where the worker was asked.
    client: Option<Client>,
    /// Whether nobody was there to ask.
    pub(super) compiled: bool,
}

impl Classes {
    /// Reads the classes that were asked for; `None` when none were.
    ///
    /// # Errors
    /// [`Kind::InputFile`] for a file that is none, [`Kind::WorkerUnreachable`] when the worker does not answer.
    pub(super) fn named(&self, session: &Session) -> Result<Option<Known>, Failure> {
        if let Some(file) = &self.object_info {
            return Ok(Some(Known {
                name: file.display().to_string(),
                info: read(&source::json(file)?)?,
                client: None,
                compiled: false,
            }));
        }
        let Some(name) = &self.worker else {
            return Ok(None);
        };
        let client = source::client(session, name)?;
        let answer = workers::talk(async {
            client.object_info().await.map_err(|error| {
                Failure::new(Kind::WorkerUnreachable, "reading node classes", error)
            })
        })?;
        Ok(Some(Known {
            name: name.clone(),
            info: read(&Value::Object(answer))?,
            client: Some(client),
            compiled: false,
        }))
    }

    /// Reads the classes that were asked for, else those of every worker that answers, else those compiled in.
    ///
    /// Never empty.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub(super) fn all(&self, session: &Session) -> Result<Vec<Known>, Failure> {
        if let Some(known) = self.named(session)? {
            return Ok(vec![known]);
        }
        let all = answering(session, |_| true)?;
        if all.is_empty() {
            return Ok(vec![compiled(session)?]);
        }
        Ok(all)
    }

    /// Reads one set of classes to go by: all that answer taken together, the first one first.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub(super) fn one(&self, session: &Session) -> Result<Known, Failure> {
        let mut all = self.all(session)?.into_iter();
        let Some(mut first) = all.next() else {
            return compiled(session);
        };
        for other in all {
            let mut info = other.info;
            info.merge(std::mem::take(&mut first.info));
            first.info = info;
        }
        Ok(first)
    }
}

impl Known {
    /// Lists the model files of the folders that a workflow takes models from; what is not told is left out.
    pub(super) fn models(&self, template: &Template) -> Models {
        let Some(client) = &self.client else {
            return Models::new();
        };
        let named = template.manifest.models.iter().map(|model| &model.folder);
        let in_graph = models_of(&template.graph);
        let mut folders: Vec<&String> = named
            .chain(in_graph.iter().map(|model| &model.folder))
            .filter(|folder| !folder.is_empty())
            .collect();
        folders.sort();
        folders.dedup();
        let asked = workers::talk(async {
            let mut models = Models::new();
            for folder in folders.into_iter().take(MOST_FOLDERS) {
                let answer = tokio::time::timeout(PATIENCE, client.models(folder)).await;
                if let Ok(Ok(files)) = answer {
                    models.insert(folder.clone(), files);
                }
            }
            Ok(models)
        });
        asked.unwrap_or_default()
    }
}

/// Asks the known workers for their classes, all at once; those that do not answer in time are left out.
///
/// # Errors
/// What the store says.
pub(super) fn answering(
    session: &Session,
    wanted: impl Fn(&Worker) -> bool,
) -> Result<Vec<Known>, Failure> {
    if !session.home.store().exists() {
        return Ok(Vec::new());
    }
    let store = session.store(Role::Reader)?;
    let mut known = worker::list(store.conn()).map_err(Error::from)?;
    known.retain(wanted);
    let answers = workers::talk(async { Ok(asked(known).await) })?;
    let read = answers.into_iter().filter_map(|(name, client, answer)| {
        Some(Known {
            name,
            info: read(&Value::Object(answer)).ok()?,
            client: Some(client),
            compiled: false,
        })
    });
    Ok(read.collect())
}

async fn asked(known: Vec<Worker>) -> Vec<(String, Client, Map<String, Value>)> {
    let mut asking = JoinSet::new();
    for worker in known {
        if let Ok(client) = workers::client(&worker) {
            asking.spawn(async move {
                let answer = tokio::time::timeout(PATIENCE, client.object_info()).await;
                Some((worker.name, client, answer.ok()?.ok()?))
            });
        }
    }
    let mut answers: Vec<_> = asking.join_all().await.into_iter().flatten().collect();
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    answers
}

/// Takes the classes of the worker of our own, and says so.
fn compiled(session: &Session) -> Result<Known, Failure> {
    let classes = loopback::object_info(Imitates::default())
        .map_err(|error| Failure::new(Kind::Internal, "reading node classes", error))?;
    let info = read(&classes)?;
    session.style.note(&format!(
        "note: no worker answers; going by the {} node classes of the built-in worker (--worker or --object-info name others)",
        info.len()
    ));
    Ok(Known {
        name: "the built-in worker".to_owned(),
        info,
        client: None,
        compiled: true,
    })
}

fn read(answer: &Value) -> Result<ObjectInfo, Failure> {
    ObjectInfo::from_value(answer)
        .map_err(|error| Failure::new(Kind::InputFile, "reading node classes", error))
}
