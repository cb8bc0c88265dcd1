//! What needs no engine.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use super::desk::{Desk, has};

#[test]
fn a_misspelt_command_is_usage_with_the_nearest_one() {
    let desk = Desk::new();
    let plain = desk.run(&["jbos"]);
    assert_eq!((plain.code, plain.out.as_str()), (2, ""));
    assert!(plain.err.contains("jobs"), "{plain:?}");
    let json = desk.run(&["jbos", "--json"]);
    assert_eq!((json.code, json.error().as_str()), (2, "usage"));
}

#[test]
fn help_and_version_go_to_standard_output() {
    let desk = Desk::new();
    for words in [
        &["--help"][..],
        &["--version"],
        &["help"],
        &["help", "workers", "add"],
        &["jobs", "--help"],
    ] {
        let ran = desk.run(words).well();
        assert!(
            !ran.out.is_empty() && ran.err.is_empty(),
            "{words:?}: {ran:?}"
        );
    }
    assert_eq!(desk.run(&["help", "nonsense"]).code, 2);
    assert!(!desk.home().exists(), "asking for help makes nothing");
}

#[test]
fn every_code_of_a_failure_is_explained() {
    let desk = Desk::new();
    let rows = desk.json(&["help", "errors"]);
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 10);
    for row in rows {
        has(row, &["code", "exit", "meaning"]);
    }
    assert!(desk.run(&["help", "errors"]).out.contains("job-failed"));
}

#[test]
fn an_empty_store_answers_with_empty_lists() {
    let desk = Desk::new();
    for words in [
        &["jobs"][..],
        &["history"],
        &["history", "골목"],
        &["workers"],
    ] {
        assert_eq!(desk.json(words), serde_json::json!([]), "{words:?}");
    }
}

#[test]
fn a_job_nobody_knows_is_named_with_a_way_on() {
    let desk = Desk::new();
    for words in [
        &["job", "cafe1234"][..],
        &["why", "cafe1234"],
        &["wait", "cafe1234"],
        &["cancel", "cafe1234"],
    ] {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        let ran = desk.run(&words);
        assert_eq!(
            (ran.code, ran.error().as_str()),
            (2, "unknown-name"),
            "{words:?}"
        );
    }
    assert_eq!(
        desk.run(&["engine", "status"]).code,
        4,
        "asking starts no engine"
    );
}

#[test]
fn a_fault_in_the_configuration_stops_what_acts_and_not_what_looks() {
    let desk = Desk::new();
    desk.write("home/config.toml", "[render]\nsecnods = 5\n");
    let ran = desk.run(&["submit", "ltx2-t2v", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (3, "config-invalid"));
    let said = desk.run(&["submit", "ltx2-t2v"]).err;
    assert!(
        said.contains("config.toml:2") && said.contains("did you mean seconds?"),
        "{said}"
    );
    desk.run(&["jobs"]).well();
    let health = desk.run(&["health", "--json"]);
    assert_eq!(health.code, 1);
    assert_eq!(health.json()["state"], "warn");
}

#[test]
fn a_store_that_is_no_store_is_left_alone() {
    let desk = Desk::new();
    let file = desk.write("home/store.db", &"shopping list\n".repeat(500));
    let ran = desk.run(&["jobs", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (70, "store-damaged"));
    assert!(fs::read_to_string(&file).unwrap().starts_with("shopping"));
    assert_eq!(desk.run(&["doctor", "--json"]).code, 70);
    fs::remove_file(file).unwrap();
}

#[test]
fn a_home_that_cannot_be_is_a_fault_of_the_setup() {
    let desk = Desk::new();
    let file = desk.write("plain-file", "x");
    let ran = desk.run(&["jobs", "--json", "--home", file.to_str().unwrap()]);
    assert_eq!((ran.code, ran.error().as_str()), (3, "home-unusable"));
}

#[test]
fn the_home_option_wins_over_the_variable() {
    let desk = Desk::new();
    let other = desk.path("other");
    let doctor = desk.json(&["doctor", "--home", other.to_str().unwrap()]);
    assert_eq!(doctor["places"]["data"], other.to_str().unwrap());
    assert!(!desk.home().exists());
}

#[test]
fn doctor_and_health_report_in_both_ways() {
    let desk = Desk::new();
    let doctor = desk.json(&["doctor"]);
    has(
        &doctor,
        &[
            "places", "store", "config", "programs", "terminal", "machine",
        ],
    );
    assert_eq!(doctor["store"]["integrity"], "sound");
    assert!(
        desk.run(&["doctor"])
            .well()
            .out
            .contains("integrity: sound")
    );
    let health = desk.run(&["health", "--json"]).json();
    has(&health, &["state", "checks"]);
    for check in health["checks"].as_array().unwrap() {
        has(check, &["name", "state", "value", "limit", "message"]);
    }
    assert_eq!(desk.run(&["health"]).out.lines().count(), 1);
}

#[test]
fn the_shipped_configuration_can_be_taken_as_ones_own() {
    let desk = Desk::new();
    let shipped = desk.run(&["doctor", "--default-config"]).well().out;
    desk.write("home/config.toml", &shipped);
    let doctor = desk.json(&["doctor"]);
    assert_eq!(doctor["config"]["faults"], serde_json::json!([]));
}

#[test]
fn nobody_is_told_that_a_pipe_was_closed() {
    let desk = Desk::new();
    let mut child = desk
        .command(&["help", "errors"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said, "");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(
            desk.run(&["completions", shell])
                .well()
                .out
                .contains("estimate"),
            "{shell}"
        );
    }
    let folder = desk.path("man");
    desk.run(&["man", folder.to_str().unwrap()]).well();
    for page in ["rushes.1", "rushes-jobs.1", "rushes-workers-add.1"] {
        assert!(folder.join(page).exists(), "{page}");
    }
}

#[test]
fn every_shipped_workflow_is_listed_and_shows_its_slots() {
    let desk = Desk::new();
    let list = desk.json(&["workflow", "list"]);
    assert!(list.as_array().unwrap().len() >= 4);
    for row in list.as_array().unwrap() {
        has(row, &["id", "title", "target", "slots"]);
        let id = row["id"].as_str().unwrap();
        for slot in desk.json(&["workflow", "slots", id]).as_array().unwrap() {
            has(
                slot,
                &[
                    "slot", "node", "class", "input", "type", "value", "choices", "min", "max",
                ],
            );
        }
        has(
            &desk.json(&["workflow", "show", id]),
            &["manifest", "graph"],
        );
    }
    let near = desk.run(&["workflow", "show", "ltx2-t2w", "--json"]);
    assert_eq!((near.code, near.error().as_str()), (2, "unknown-name"));
    assert!(
        near.json()["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("ltx2-t2v")
    );
}

#[test]
fn a_workflow_of_ones_own_is_kept_and_found_by_name() {
    let desk = Desk::new();
    let graph = r#"{"1":{"class_type":"KSampler","inputs":{"seed":7,"steps":20}}}"#;
    desk.write("mine.json", graph);
    desk.json(&["workflow", "import", "mine.json", "--name", "my-own"]);
    assert_eq!(
        desk.json(&["workflow", "show", "my-own"])["graph"]["1"]["inputs"]["steps"],
        20
    );
    let taken = desk.run(&[
        "workflow",
        "import",
        "mine.json",
        "--name",
        "ltx2-t2v",
        "--json",
    ]);
    assert_eq!((taken.code, taken.error().as_str()), (2, "usage"));
    let away = desk.run(&[
        "workflow",
        "import",
        "mine.json",
        "--name",
        "../mine",
        "--json",
    ]);
    assert_eq!(away.code, 2);
    desk.write("broken.json", "{");
    let broken = desk.run(&["workflow", "show", "broken.json", "--json"]);
    assert_eq!((broken.code, broken.error().as_str()), (3, "input-file"));
}

#[test]
fn a_workflow_is_checked_against_what_a_server_has() {
    let desk = Desk::new();
    let info = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/wire/object_info-small.json"
    );
    let ran = desk.run(&[
        "workflow",
        "check",
        "ltx2-t2v",
        "--object-info",
        info,
        "--json",
    ]);
    assert_eq!(ran.code, 1);
    let report = ran.json();
    has(
        &report,
        &[
            "ok",
            "format",
            "missing_nodes",
            "missing_models",
            "errors",
            "outputs",
        ],
    );
    assert_eq!(
        (&report["ok"], &report["format"]),
        (&false.into(), &"api".into())
    );
    has(&report["missing_nodes"][0], &["class", "node"]);
    let built_in = desk.run(&["workflow", "check", "ltx2-t2v", "--json"]);
    assert_eq!((built_in.code, &built_in.json()["ok"]), (0, &true.into()));
}

#[test]
fn an_editor_file_becomes_the_graph_that_servers_take() {
    let desk = Desk::new();
    let info = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/wire/object_info-small.json"
    );
    let ui = r#"{"nodes":[{"id":1,"type":"EmptyImage","mode":0,"inputs":[],"outputs":[],
        "widgets_values":[64,32,1,0]}],"links":[],"last_node_id":1,"last_link_id":0,"version":0.4}"#;
    desk.write("ui.json", ui);
    let graph = desk.json(&["workflow", "convert", "ui.json", "--object-info", info]);
    assert_eq!(graph["1"]["class_type"], "EmptyImage");
    assert_eq!(graph["1"]["inputs"]["width"], 64);
    desk.write("photo.png", "\u{89}PNG");
    assert_eq!(
        desk.run(&["workflow", "convert", "photo.png", "--object-info", info])
            .code,
        3
    );
}

#[test]
fn what_does_not_fit_a_workflow_is_never_queued() {
    let desk = Desk::new();
    for (words, code, error) in [
        (&["submit", "ltx2-t2v"][..], 3, "workflow-invalid"),
        (
            &[
                "submit",
                "ltx2-t2v",
                "--set",
                "prompt=x",
                "--set",
                "widht=512",
            ],
            3,
            "workflow-invalid",
        ),
        (
            &[
                "submit", "ltx2-t2v", "--set", "prompt=x", "--set", "width=7",
            ],
            3,
            "workflow-invalid",
        ),
        (&["submit", "ltx2-t2v", "--set", "prompt"], 2, "usage"),
        (
            &[
                "submit",
                "ltx2-i2v",
                "--set",
                "prompt=x",
                "--set-file",
                "image=none.png",
            ],
            3,
            "input-file",
        ),
        (
            &[
                "submit", "ltx2-t2v", "--set", "prompt=x", "--worker", "nobody",
            ],
            2,
            "unknown-name",
        ),
        (
            &[
                "submit",
                "ltx2-t2v",
                "--set",
                "prompt=x",
                "--worker",
                "http://a:b@c:1",
            ],
            2,
            "usage",
        ),
        (
            &[
                "submit", "ltx2-t2v", "--set", "prompt=x", "--after", "cafe1234",
            ],
            2,
            "unknown-name",
        ),
    ] {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        let ran = desk.run(&words);
        assert_eq!(
            (ran.code, ran.error().as_str()),
            (code, error),
            "{words:?} {ran:?}"
        );
    }
    assert_eq!(desk.json(&["jobs"]), serde_json::json!([]));
    assert_eq!(
        desk.run(&["engine", "status"]).code,
        4,
        "nothing was asked of an engine"
    );
}

#[test]
fn a_worker_with_a_secret_in_the_clear_is_refused() {
    let desk = Desk::new();
    for words in [
        &["workers", "add", "gpu1", "http://me:hunter2@gpu1:8188"][..],
        &[
            "workers",
            "add",
            "gpu1",
            "http://gpu1:8188",
            "--header",
            "Authorization=hunter2",
        ],
        &["workers", "add", "gpu 1", "http://gpu1:8188"],
        &["workers", "add", "gpu1", "gpu1"],
    ] {
        let ran = desk.run(words);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            !ran.err.contains("hunter2") && !ran.out.contains("hunter2"),
            "{ran:?}"
        );
    }
}
