//! The real binary: `rushes gpu` and `rushes health` over an engine that was told where the driver is.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::world::{Age, Driver};

const ONE_CARD: &str = "lib count 1\n0 name NVIDIA H200\n0 uuid GPU-a\n0 load 12\n0 temperature 31\n0 power 70000\n\
                        0 limit 700000\n0 total 150754820096\n0 used 1073741824\n";

fn rushes(home: &Path, library: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
    command
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("RUSHES_HOME", home)
        .env("RUSHES_NVML", library)
        .stdin(Stdio::null());
    command
}

/// Ends what a test started, also when it fails.
struct Ends<'a> {
    follower: Child,
    home: &'a Path,
    library: &'a Path,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let _ = self.follower.kill();
        let _ = self.follower.wait();
        let _ = rushes(self.home, self.library, &["engine", "stop"]).output();
    }
}

#[test]
fn following_wakes_an_engine_and_prints_one_object_per_reading() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let driver = Driver::play(folder.path(), Age::New, ONE_CARD);
    let library = driver.library();
    let mut follower = rushes(&home, &library, &["gpu", "--follow", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(follower.stdout.take().unwrap());
    let _ends = Ends {
        follower,
        home: &home,
        library: &library,
    };
    let mut cards = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
        .filter(|card| card["source"] == "nvml");
    let first = cards.next().unwrap();
    assert_eq!(
        (&first["name"], &first["util_pct"]),
        (&"NVIDIA H200".into(), &12.into())
    );
    driver.now(&ONE_CARD.replace("load 12", "load 99"));
    assert!(cards.any(|card| card["util_pct"] == 99));

    let run = |words: &[&str]| rushes(&home, &library, words).output().unwrap();
    let listed: Value = serde_json::from_slice(&run(&["gpu", "--json"]).stdout).unwrap();
    assert_eq!(listed[0]["power_limit_w"], 700.0);
    let table = String::from_utf8(run(&["gpu"]).stdout).unwrap();
    let row = table.lines().nth(1).unwrap();
    for said in [
        "this machine",
        "NVIDIA H200",
        "99 %",
        "1.0 GiB of 140.4 GiB",
        "70 of 700 W",
    ] {
        assert!(row.contains(said), "{said} is not in {row}");
    }

    driver.now("lib count 1\n0 fails 15\n");
    assert!(cards.any(|card| card["state"] == "lost"));
    let health: Value = serde_json::from_slice(&run(&["health", "--json"]).stdout).unwrap();
    let checks = health["checks"].as_array().unwrap();
    let gpu = checks.iter().find(|check| check["name"] == "gpu").unwrap();
    assert_eq!((&gpu["state"], &gpu["limit"]), (&"warn".into(), &1.into()));
    assert!(gpu["message"].as_str().unwrap().contains("GPU 0 is lost"));
}

#[test]
fn a_machine_without_a_driver_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let library = folder.path().join("nowhere.so");
    let ran = rushes(&home, &library, &["gpu", "--json"])
        .output()
        .unwrap();
    assert_eq!(
        (ran.status.code(), ran.stdout.as_slice()),
        (Some(0), b"[]\n".as_slice())
    );
    let health = rushes(&home, &library, &["health", "--json"])
        .output()
        .unwrap();
    let health: Value = serde_json::from_slice(&health.stdout).unwrap();
    let checks = health["checks"].as_array().unwrap();
    let gpu = checks.iter().find(|check| check["name"] == "gpu").unwrap();
    assert_eq!(gpu["state"], "ok");
}
