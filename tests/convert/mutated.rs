//! Broken files: refused or converted, never a panic and never a link to nowhere.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rushes::core::workflow::convert::{ConvertOptions, to_api};
use rushes::core::workflow::read::{self, Found};
use rushes::core::workflow::{Graph, ObjectInfo};
use serde_json::Value;

use crate::mutate::mutate;
use crate::shared::{classes, folder, read_json};

/// The hand-made files and the templates that use the most unusual features.
static SEEDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let cases = folder("cases")
        .into_iter()
        .map(|path| read_json(&path)["ui"].clone());
    let telling = [
        "ltx2_i2v.",
        "vace_inpainting",
        "2512",
        "outpainting",
        "switch",
    ];
    let templates = folder("templates")
        .into_iter()
        .filter(|path| {
            telling
                .iter()
                .any(|part| path.to_string_lossy().contains(part))
        })
        .map(|path| read_json(&path));
    cases.chain(templates).collect()
});

/// Converts and recognises a file; panics where a promise is broken.
fn judge(ui: &Value) {
    let told = match to_api(ui, classes(), &ConvertOptions::default()) {
        Ok(converted) => {
            assert_links_lead_somewhere(&converted.graph);
            let notes: Vec<String> = converted.notes.iter().map(ToString::to_string).collect();
            notes.concat()
        }
        Err(why) => why.to_string(),
    };
    assert_harmless(&told);
    match read::recognise(ui.to_string().as_bytes(), read::USUAL_LIMIT) {
        Ok(Found::Ui(again)) => assert_eq!(again, *ui),
        Ok(_) => {}
        Err(why) => assert_harmless(&why.to_string()),
    }
}

/// A link leads to a node of the graph, and arrays that are no links are wrapped.
fn assert_links_lead_somewhere(graph: &Graph) {
    for (id, node) in &graph.nodes {
        for (input, value) in &node.inputs {
            if let Value::Array(link) = value {
                let origin = link[0].as_str().unwrap();
                assert!(link.len() == 2 && link[1].is_u64(), "{id}.{input}: {value}");
                assert!(graph.nodes.contains_key(origin), "{id}.{input}: {value}");
            }
        }
    }
}

/// No character of a message can move a cursor.
fn assert_harmless(message: &str) {
    let bad = message.chars().find(|c| c.is_control() || *c == '\u{202e}');
    assert_eq!(bad, None, "{message:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_broken_file_is_refused_or_converted_but_nothing_falls_over(
        file in 0..1_000_usize,
        breaks in prop::collection::vec(any::<u64>(), 1..12),
    ) {
        let mut ui = SEEDS[file % SEEDS.len()].clone();
        for seed in breaks {
            mutate(&mut ui, seed);
        }
        judge(&ui);
    }

    #[test]
    fn broken_node_definitions_cost_only_themselves(breaks in prop::collection::vec(any::<u64>(), 1..40)) {
        let mut definitions = DEFINITIONS.clone();
        for seed in breaks {
            mutate(&mut definitions, seed);
        }
        if let Ok(info) = ObjectInfo::from_value(&definitions) {
            let _ = to_api(&SEEDS[0], &info, &ConvertOptions::default());
        }
    }

    #[test]
    fn any_bytes_are_recognised_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(why) = read::recognise(&bytes, 150) {
            assert_harmless(&why.to_string());
        }
    }
}

/// The classes that the first file uses.
static DEFINITIONS: LazyLock<Value> = LazyLock::new(|| {
    let all = read_json(&crate::shared::here("object_info.json.gz"));
    let used = SEEDS[0]["nodes"].as_array().unwrap().iter();
    used.map(|node| node["type"].as_str().unwrap())
        .map(|class| (class.to_owned(), all[class].clone()))
        .collect()
});

#[test]
fn an_id_that_would_clear_the_screen_is_shown_without_its_escape() {
    let twin = serde_json::json!({"id": "\u{1b}[2J\u{202e}", "type": "Note"});
    judge(&serde_json::json!({"nodes": [twin, twin], "links": []}));
}

/// Runs for `RUSHES_FUZZ_SECONDS` (600 where unset); every failure prints its file and seeds.
#[test]
#[ignore = "ten minutes: cargo test --test convert -- --ignored mutations_for_minutes"]
fn mutations_for_minutes_break_nothing() {
    let seconds = std::env::var("RUSHES_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(600));
    let mut random = fastrand::Rng::new();
    let mut pool: Vec<Value> = SEEDS.clone();
    let (mut tried, mut taken, mut slowest) = (0_u64, 0_u64, Duration::ZERO);
    while Instant::now() < end {
        let file = random.usize(..pool.len());
        let seeds: Vec<u64> = (0..random.usize(1..10)).map(|_| random.u64(..)).collect();
        let mut ui = pool[file].clone();
        for seed in &seeds {
            mutate(&mut ui, *seed);
        }
        let began = Instant::now();
        let outcome = std::panic::catch_unwind(|| judge(&ui));
        assert!(outcome.is_ok(), "broken by: {ui}");
        slowest = slowest.max(began.elapsed());
        tried += 1;
        if to_api(&ui, classes(), &ConvertOptions::default()).is_ok() {
            taken += 1;
            keep(&mut pool, ui, &mut random);
        }
    }
    eprintln!("{tried} files tried, {taken} converted, slowest {slowest:?}");
}

/// Lets a file that still converts stand in for another, so that faults pile up; the seeds stay.
fn keep(pool: &mut Vec<Value>, ui: Value, random: &mut fastrand::Rng) {
    const MOST: usize = 200;
    if ui.to_string().len() > 200_000 {
        return;
    }
    if pool.len() < MOST {
        pool.push(ui);
    } else {
        let at = random.usize(SEEDS.len()..MOST);
        pool[at] = ui;
    }
}
