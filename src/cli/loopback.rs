//! `rushes loopback`: ComfyUI-speaking workers with no GPU.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::session::Session;
use super::workers::talk;
use crate::failure::{Failure, Kind};
use crate::loopback::{self, Fault, Imitates, Options, Running};

/// Options of `rushes loopback`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where the first one listens; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8188")]
    listen: SocketAddr,
    /// How many, on consecutive ports
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Milliseconds each sampling step takes
    #[arg(long, value_name = "N", default_value_t = 40)]
    step_ms: u64,
    /// Seed of the faults
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The server release to imitate
    #[arg(long, value_enum, default_value_t)]
    imitate: Release,
    /// A fault to show; SPEC is oom:pixels>N, node-error:P, drop-socket:P, deaf-socket:P, lose-reply:P, restart:N,
    /// forget:P, slow:FACTOR, hang:P, truncate-output:P or garbage:P, P a probability
    #[arg(long, value_name = "SPEC")]
    fault: Vec<Fault>,
}

/// A server release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Release {
    /// Of June 2026
    #[default]
    #[value(name = "0.25.0")]
    Newer,
    /// Of October 2025
    #[value(name = "0.3.64")]
    Older,
}

/// Runs workers here until Ctrl-C, and says where each listens.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    if !arguments.listen.ip().is_loopback() {
        session
            .style
            .warn("warning: anybody who reaches this address may use the worker");
    }
    talk(async {
        let mut running = Vec::new();
        for n in 0..arguments.workers {
            let one = start(session, arguments, n).await?;
            told(session, &one, n)?;
            running.push(one);
        }
        tokio::signal::ctrl_c()
            .await
            .map_err(|error| Failure::new(Kind::Internal, "listening for Ctrl-C", error))?;
        for one in running {
            one.stop().await;
        }
        Ok(0)
    })
}

async fn start(session: &Session, arguments: &Arguments, n: u16) -> Result<Running, Failure> {
    let mut listen = arguments.listen;
    if listen.port() != 0 {
        let port = listen.port().checked_add(n).ok_or_else(|| {
            Failure::new(
                Kind::Usage,
                "choosing ports",
                "there are not that many ports after the first",
            )
        })?;
        listen.set_port(port);
    }
    let options = Options {
        listen,
        version: match arguments.imitate {
            Release::Newer => Imitates::V0_25_0,
            Release::Older => Imitates::V0_3_64,
        },
        step: Duration::from_millis(arguments.step_ms),
        seed: arguments.seed.wrapping_add(u64::from(n)),
        faults: arguments.fault.clone(),
        files: session
            .home
            .data
            .join("loopback")
            .join(format!("{}-{n}", arguments.listen.port())),
        name: format!("loopback-{n}"),
    };
    loopback::start(options)
        .await
        .map_err(|error| Failure::new(Kind::WorkerUnreachable, "starting a loopback worker", error))
}

fn told(session: &Session, running: &Running, n: u16) -> Result<(), Failure> {
    let url = format!("http://{}", running.addr);
    if session.style.json {
        session
            .style
            .json(&json!({"name": format!("loopback-{n}"), "url": url}))
    } else {
        session
            .style
            .line(&format!("loopback-{n} listens on {url}"))
    }
}
