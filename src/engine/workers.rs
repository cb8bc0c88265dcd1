//! Which workers there are: the configured, the added, and the embedded one when there is no other.

use std::sync::Arc;

use super::dispatch::watch_all;
use super::drive::Halt;
use super::gauge::WorkerLook;
use super::shared::Shared;
use crate::clock;
use crate::core::job::{HeaderFiles, WorkerOrigin};
use crate::loopback;
use crate::store::setting;
use crate::store::worker::{self, Worker};

/// Name of the embedded worker.
pub(super) const LOOPBACK: &str = "loopback";
/// The setting that keeps our client id, so that a worker goes on talking to the next engine.
const CLIENT_ID: &str = "comfy.client-id";

/// Brings watchers in line with the worker table.
pub(super) async fn sync(shared: &Arc<Shared>) -> Result<(), Halt> {
    let (rows, client_id) = read(shared).await?;
    let has_real = rows
        .iter()
        .any(|row| row.origin != WorkerOrigin::Loopback.word());
    if has_real {
        retire_embedded(shared).await?;
    } else if let Err(error) = start_embedded(shared).await {
        // Not the end: wishes are applied, and a worker may be added.
        tracing::error!(%error, "there is no worker and the embedded one did not start");
    }
    let (rows, _) = if has_real {
        (rows, String::new())
    } else {
        read(shared).await?
    };
    for (name, why) in watch_all(shared, &rows, &client_id) {
        tracing::error!(worker = name, why, "the worker cannot be used");
        shared.gauge.worker(WorkerLook {
            name,
            state: "gone",
            why: Some(why),
            ..WorkerLook::default()
        });
    }
    shared.wake.notify_one();
    Ok(())
}

/// Reads the worker table and our client id, minting that on the first start.
async fn read(shared: &Shared) -> Result<(Vec<Worker>, String), Halt> {
    Ok(shared
        .ledger
        .write(|db| {
            let client_id = if let Some(id) = setting::get::<String>(db, CLIENT_ID)? {
                id
            } else {
                let id = format!("rushes-{}", clock::new_id());
                setting::put(db, CLIENT_ID, &id)?;
                id
            };
            Ok((worker::list(db)?, client_id))
        })
        .await?)
}

/// Makes the workers of the configuration known and forgets those it does not name any more.
pub(super) async fn take_in_configured(shared: &Shared) -> Result<(), Halt> {
    let configured = shared.options.workers.clone();
    shared
        .ledger
        .write(move |db| {
            for row in worker::list(db)?
                .iter()
                .filter(|row| row.origin == WorkerOrigin::Config.word())
            {
                if !configured.iter().any(|worker| worker.name == row.name) {
                    worker::remove(db, &row.name)?;
                }
            }
            for new in &configured {
                worker::put(
                    db,
                    clock::now(),
                    &new.name,
                    &new.url,
                    &new.headers,
                    WorkerOrigin::Config,
                )?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Starts the embedded worker, unless it runs.
async fn start_embedded(shared: &Arc<Shared>) -> Result<(), Halt> {
    let mut embedded = shared.embedded.lock().await;
    if embedded.is_some() {
        return Ok(());
    }
    let plan = &shared.options.loopback;
    let options = loopback::Options {
        listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        version: loopback::Imitates::V0_25_0,
        step: plan.step,
        seed: plan.seed,
        faults: Vec::new(),
        files: shared.options.home.state.join(LOOPBACK),
        name: LOOPBACK.to_owned(),
    };
    let running = loopback::start(options)
        .await
        .map_err(|error| Halt::Later(format!("the loopback worker did not start: {error}")))?;
    let url = format!("http://{}", running.addr);
    *embedded = Some(running);
    shared
        .ledger
        .write(move |db| {
            Ok(worker::put(
                db,
                clock::now(),
                LOOPBACK,
                &url,
                &HeaderFiles::new(),
                WorkerOrigin::Loopback,
            )?)
        })
        .await?;
    Ok(())
}

/// Gives the embedded worker nothing new once there is a real one, and ends it when it is idle.
async fn retire_embedded(shared: &Shared) -> Result<(), Halt> {
    let idle = shared.seated_on(LOOPBACK) == 0;
    let mut embedded = shared.embedded.lock().await;
    if idle && let Some(running) = embedded.take() {
        running.stop().await;
    }
    let ends = embedded.is_none();
    shared
        .ledger
        .write(move |db| {
            if ends {
                worker::remove(db, LOOPBACK)?;
            } else {
                worker::drain(db, LOOPBACK, &worker::Draining::Asked)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}
