//! `rushes check`, `rules`, `presets` and `catalog` as a script meets them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rushes"))
            .args(words)
            .env("RUSHES_HOME", self.0.path().join("home"))
            .env("LC_ALL", "C")
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    fn json(&self, words: &[&str]) -> (i32, Value) {
        let output = self.run(&[words, &["--json"]].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        (output.status.code().unwrap(), value)
    }
}

const WRONG: &str = "# my shot\nyear = 1975 # the year\ncamera = \"panavision-panaflex\"\nstock = \"kodak-vision3-500t\"\n";
const RIGHT: &str =
    "year = 1975\ncamera = \"panavision-panaflex\"\nstock = \"eastman-5247-1974\"\n";

#[test]
fn a_hard_finding_is_exit_code_one_with_rule_fields_fixes_and_line() {
    let desk = Desk::new();
    desk.file("a.toml", WRONG);
    let (code, said) = desk.json(&["check", "a.toml"]);
    assert_eq!(code, 1);
    let finding = &said["findings"][0];
    assert_eq!(finding["rule"], "stock.not-yet-made");
    assert_eq!(finding["severity"], "hard");
    assert_eq!(finding["line"], 2);
    assert_eq!(finding["fields"], serde_json::json!(["year", "stock"]));
    assert!(finding["message_ko"].as_str().unwrap().contains("필름"));
    assert!(finding["fixes"][0]["set"].is_object());
    assert_eq!(said["counts"]["hard"], 1);
    assert!(said["prompt"].is_string());
    desk.file("b.json", "{\"shot\": {\"year\": 1975, \"camera\": {\"id\": \"panavision-panaflex\"}, \"stock\": \"eastman-5247-1974\"}}");
    let (code, many) = desk.json(&["check", "b.json", "a.toml"]);
    assert_eq!((code, many.as_array().unwrap().len()), (1, 2));
    let (code, one) = desk.json(&["check", "b.json"]);
    assert_eq!((code, &one["counts"]["hard"]), (0, &Value::from(0)));
}

#[test]
fn a_fix_keeps_the_comments_and_leaves_nothing_hard() {
    let desk = Desk::new();
    let path = desk.file("a.toml", WRONG);
    let (code, said) = desk.json(&["check", "--fix", "a.toml"]);
    assert_eq!(code, 0, "{said}");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# my shot\n"), "{text}");
    assert!(said["fixed"].is_string());
    let short = desk.file(
        "b.toml",
        "[shot]\nlens = \"cooke-s4i\"\nmovement = \"crash-zoom\"\n",
    );
    assert_eq!(
        desk.run(&["check", "--fix", "b.toml"]).status.code(),
        Some(0)
    );
    assert!(fs::read_to_string(short).unwrap().starts_with("[shot]\n"));
}

#[test]
fn a_log_for_code_hosts_names_rule_level_and_line() {
    let desk = Desk::new();
    desk.file("a b.toml", WRONG);
    let output = desk.run(&["check", "--sarif", "a b.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(
        run["tool"]["driver"]["rules"].as_array().unwrap().len(),
        159
    );
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"stock.not-yet-made".into(), &"error".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.toml");
    assert_eq!(place["region"]["startLine"], 2);
}

#[test]
fn options_say_what_is_possible_and_why_the_rest_is_not() {
    let desk = Desk::new();
    desk.file("a.toml", RIGHT);
    let (code, said) = desk.json(&["check", "a.toml", "--options", "lens"]);
    let offers = said.as_array().unwrap();
    assert_eq!((code, offers.len()), (0, 157));
    let of = |id: &str| offers.iter().find(|offer| offer["value"] == id).unwrap();
    assert_eq!(of("panavision-c-series")["allowed"], true);
    assert_eq!(of("cooke-s4i")["allowed"], false);
    assert_eq!(
        of("cooke-s4i")["blocked_by"][0]["rule"],
        "lens.not-yet-made"
    );
    let (code, said) = desk.json(&["check", "a.toml", "--options", "lense"]);
    assert_eq!((code, &said["error"]["code"]), (2, &"unknown-name".into()));
}

#[test]
fn a_file_that_is_no_configuration_is_exit_code_three() {
    let desk = Desk::new();
    desk.file("bad.toml", "year = = 3\n");
    let (code, said) = desk.json(&["check", "bad.toml"]);
    assert_eq!((code, &said["error"]["code"]), (3, &"input-file".into()));
    assert!(said["error"]["cause"].as_str().unwrap().contains("line 1"));
    assert_eq!(desk.json(&["check", "absent.toml"]).0, 3);
}

#[test]
fn own_rules_and_gear_are_used_and_their_faults_told_by_line() {
    let desk = Desk::new();
    desk.file("a.toml", RIGHT);
    let rule = "[[rule]]\nid = \"own.no-panaflex\"\nseverity = \"hard\"\nmessage = \"Sold.\"\nwhen = \"has(shot.camera.id) && shot.camera.id == 'panavision-panaflex'\"\n\n[[lens]]\nid = \"x\"\n";
    desk.file("home/cinema/own.toml", rule);
    desk.file(
        "more.toml",
        &rule
            .replace("own.no-panaflex", "own.more")
            .replace("\"x\"", "\"y\""),
    );
    let output = desk.run(&["check", "a.toml", "--rules", "more.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("own.more"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("own.no-panaflex"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("own.toml:7: missing field"));
}

#[test]
fn a_preset_is_applied_kept_and_found_again() {
    let desk = Desk::new();
    desk.file("a.toml", "camera = \"arri-alexa-35\"\n");
    let (_, said) = desk.json(&["presets", "chinatown", "--onto", "a.toml"]);
    assert_eq!(said["shot"]["camera"]["id"], "arri-alexa-35");
    assert_eq!(said["shot"]["origins"]["lens"], "preset:chinatown");
    assert!(
        said["stayed"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["field"] == "camera")
    );
    let mixed = desk.run(&["presets", "chinatown", "--onto", "a.toml", "--quiet"]);
    desk.file("b.toml", std::str::from_utf8(&mixed.stdout).unwrap());
    let (code, _) = desk.json(&["presets", "mine", "--save", "b.toml", "--title", "Mine"]);
    assert_eq!(code, 0);
    let (_, mine) = desk.json(&["presets", "mine"]);
    assert_eq!(mine["shot"]["camera"]["id"], "arri-alexa-35");
    let (_, all) = desk.json(&["presets"]);
    assert_eq!(all.as_array().unwrap().len(), 161);
    assert_eq!(
        desk.json(&["presets", "chinatwon"]).1["error"]["hint"],
        "near: chinatown"
    );
    assert_eq!(desk.json(&["presets", "akira", "--save", "b.toml"]).0, 2);
}

#[test]
fn rules_and_catalogue_are_listed() {
    let desk = Desk::new();
    assert_eq!(desk.json(&["rules"]).1.as_array().unwrap().len(), 159);
    let (_, rule) = desk.json(&["rules", "camera.not-yet-made"]);
    assert_eq!(rule["fields"], serde_json::json!(["year", "camera"]));
    for (table, rows) in [
        ("cameras", 243),
        ("lenses", 157),
        ("stocks", 103),
        ("lights", 68),
        ("mood", 58),
    ] {
        assert_eq!(
            desk.json(&["catalog", table]).1.as_array().unwrap().len(),
            rows,
            "{table}"
        );
    }
    let (_, found) = desk.json(&["catalog", "lights", "--filter", "촛불"]);
    assert!(!found.as_array().unwrap().is_empty());
    assert_eq!(desk.json(&["catalog", "lense"]).0, 2);
}
