//! Where the node classes of a worker are read from.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::super::session::Session;
use super::super::{template, workers};
use crate::clock;
use crate::comfy::{Client, Endpoint};
use crate::core::workflow::ObjectInfo;
use crate::failure::{Failure, Kind};
use crate::store::{Error, Role, worker};

/// Which node classes to go by.
#[derive(Debug, Args)]
pub(super) struct Classes {
    /// Node classes from a saved answer of `/object_info`
    #[arg(long, value_name = "FILE", conflicts_with = "worker")]
    object_info: Option<PathBuf>,
    /// Node classes of this worker, by name or address; else of any that answers
    #[arg(long, value_name = "NAME|URL")]
    worker: Option<String>,
}

impl Classes {
    /// Reads the classes.
    ///
    /// # Errors
    /// [`Kind::InputFile`] for a file that is none, [`Kind::WorkerUnreachable`] when the worker does not answer.
    pub(super) fn read(&self, session: &Session) -> Result<ObjectInfo, Failure> {
        let value = match &self.object_info {
            Some(file) => template::json(file)?,
            None => Value::Object(asked(&self.client(session)?)?),
        };
        ObjectInfo::from_value(&value)
            .map_err(|error| Failure::new(Kind::InputFile, "reading node classes", error))
    }

    fn client(&self, session: &Session) -> Result<Client, Failure> {
        if let Some(url) = self.worker.as_deref().filter(|name| name.contains("://")) {
            let endpoint = Endpoint::parse(url)
                .map_err(|error| Failure::new(Kind::Usage, "reading --worker", error))?;
            return Client::new(endpoint, clock::new_id())
                .map_err(|error| Failure::new(Kind::WorkerUnreachable, "connecting", error));
        }
        let store = session.store(Role::Reader)?;
        if let Some(name) = &self.worker {
            return workers::client(&workers::find(&store, name)?);
        }
        let known = worker::list(store.conn()).map_err(Error::from)?;
        let answers = known
            .iter()
            .find(|worker| matches!(worker.state.as_str(), "ready" | "busy"));
        let worker = answers.ok_or_else(|| {
            Failure::new(
                Kind::Usage,
                "reading node classes",
                "no worker answers that could be asked",
            )
            .hint("name one with --worker, or a saved /object_info with --object-info FILE")
        })?;
        workers::client(worker)
    }
}

fn asked(client: &Client) -> Result<serde_json::Map<String, Value>, Failure> {
    workers::talk(async {
        client
            .object_info()
            .await
            .map_err(|error| Failure::new(Kind::WorkerUnreachable, "reading node classes", error))
    })
}
