//! What a server says about itself.

use serde_json::{Map, Value};

use super::Client;
use crate::comfy::error::Error;
use crate::comfy::wire::{Features, SystemStats};

impl Client {
    /// Reads release, memory and devices; the release is remembered for [`Client::interrupt`].
    ///
    /// # Errors
    /// When the server does not answer as a ComfyUI server does.
    pub async fn system_stats(&self) -> Result<SystemStats, Error> {
        let doing = "describe itself";
        let answer: Value = self
            .json(
                doing,
                self.get(&["system_stats"], &[]),
                self.limits().answer,
            )
            .await?;
        let stats = SystemStats::from_value(&answer)
            .ok_or_else(|| self.unreadable(doing, "it has no `system`"))?;
        self.learn_version(stats.version);
        Ok(stats)
    }

    /// Reads the flags of the server.
    ///
    /// # Errors
    /// [`Error::is_absent`] on servers before 0.3.45.
    pub async fn features(&self) -> Result<Features, Error> {
        let request = self.get(&["features"], &[]);
        let answer: Value = self
            .json("list its features", request, self.limits().answer)
            .await?;
        Ok(Features::from_value(&answer))
    }

    /// Reads the description of all node classes: megabytes.
    ///
    /// # Errors
    /// When the server does not answer with an object.
    pub async fn object_info(&self) -> Result<Map<String, Value>, Error> {
        self.json(
            "describe its nodes",
            self.get(&["object_info"], &[]),
            self.limits().answer,
        )
        .await
    }

    /// Reads the description of one node class; `None` when the server does not have it.
    ///
    /// # Errors
    /// When the server does not answer with an object.
    pub async fn object_info_class(&self, class: &str) -> Result<Option<Value>, Error> {
        let request = self.get(&["object_info", class], &[]);
        let mut answer: Map<String, Value> = self
            .json("describe a node", request, self.limits().answer)
            .await?;
        Ok(answer.remove(class))
    }

    /// Lists the model files of a folder such as `checkpoints`, sub-folders as `sub/name`. Names are raw.
    ///
    /// # Errors
    /// [`Error::is_absent`] when the server has no such folder.
    pub async fn models(&self, folder: &str) -> Result<Vec<String>, Error> {
        let request = self.get(&["models", folder], &[]);
        let answer: Vec<Value> = self
            .json("list its models", request, self.limits().answer)
            .await?;
        Ok(answer
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }
}
