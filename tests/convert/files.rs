//! Every stored file, compared as a whole.

use rushes::core::workflow::convert::{ConvertError, ConvertOptions, to_api};
use serde_json::{Value, json};

use crate::shared::{classes, differences, folder, here, read_json};

/// Converts and gives the graph as JSON.
fn graph(ui: &Value) -> Result<Value, ConvertError> {
    let converted = to_api(ui, classes(), &ConvertOptions::default())?;
    Ok(serde_json::to_value(converted.graph).unwrap())
}

#[test]
fn official_templates_become_what_the_editor_sends() {
    let info = classes();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for path in folder("expected") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let ui = read_json(&here("templates").join(&name));
        compared += 1;
        match to_api(&ui, info, &ConvertOptions::default()) {
            Ok(converted) => {
                let ours = serde_json::to_value(converted.graph).unwrap();
                let lines = differences(&ours, &read_json(&path));
                wrong.extend(lines.into_iter().map(|line| format!("{name}{line}")));
            }
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    assert_eq!(compared, 43);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_comparison_sees_a_changed_value_a_lost_input_and_a_node_too_many() {
    let ours = json!({"1": {"inputs": {"seed": 7.0, "steps": 4}}, "2": {}});
    let theirs = json!({"1": {"_meta": {}, "inputs": {"seed": 7, "steps": 5, "cfg": 1}}});
    assert_eq!(
        differences(&ours, &theirs),
        [
            "/1/inputs/steps: ours 4.0, theirs 5.0",
            "/1/inputs/cfg: only theirs: 1.0",
            "/2: only ours: {}"
        ]
    );
}

#[test]
fn hand_made_cases_become_what_the_editor_sends() {
    let mut wrong = Vec::new();
    for path in folder("cases") {
        let case = read_json(&path);
        let name = path.file_name().unwrap().to_str().unwrap();
        let ours = match graph(&case["ui"]) {
            Ok(ours) => ours,
            Err(why) => {
                wrong.push(format!("{name}: {why}"));
                continue;
            }
        };
        let expected = case.get("api_alternative").unwrap_or(&case["api"]);
        let lines = differences(&ours, expected);
        wrong.extend(lines.into_iter().map(|line| format!("{name}{line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
