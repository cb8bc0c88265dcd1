//! Files that must be refused, or noticed, with a message that locates the fault.

use rushes::core::workflow::convert::{ConvertOptions, to_api};
use serde_json::{Value, json};

use crate::shared::classes;

/// A sampler's worth of text encoders and a saver, small enough to read.
fn workflow(nodes: &Value, links: &Value) -> Value {
    json!({"version": 0.4, "nodes": nodes, "links": links})
}

/// A node that saves what link `link` brings.
fn saver(link: u32) -> Value {
    json!({"id": 9, "type": "SaveImage", "title": "Keep", "widgets_values": ["out"],
        "inputs": [{"name": "images", "type": "IMAGE", "link": link}]})
}

/// A subgraph that contains an instance of another.
fn nested(id: &str, name: &str, inner: &str) -> Value {
    json!({"id": id, "name": name, "inputs": [], "outputs": [], "links": [],
        "nodes": [{"id": 1, "type": inner}]})
}

/// A chain of subgraphs, each in the next.
fn deep(levels: usize) -> Value {
    let last =
        json!({"id": "s0", "name": "S0", "inputs": [], "outputs": [], "links": [], "nodes": []});
    let rest = (1..levels).map(|n| nested(&format!("s{n}"), "S", &format!("s{}", n - 1)));
    let all: Vec<Value> = std::iter::once(last).chain(rest).collect();
    json!({"nodes": [{"id": 1, "type": format!("s{}", levels - 1)}], "links": [],
        "definitions": {"subgraphs": all}})
}

/// A subgraph with ten instances of the next, twelve levels: 10¹² nodes if believed.
fn bomb() -> Value {
    let instances = |class: String| -> Vec<Value> {
        (0..10).map(|id| json!({"id": id, "type": class})).collect()
    };
    let level = |n: usize| {
        let inner = if n == 0 {
            "VAEDecode".to_owned()
        } else {
            format!("s{}", n - 1)
        };
        json!({"id": format!("s{n}"), "name": "Bomb", "inputs": [], "outputs": [], "links": [],
            "nodes": instances(inner)})
    };
    let all: Vec<Value> = (0..12).map(level).collect();
    json!({"nodes": instances("s11".to_owned()), "links": [], "definitions": {"subgraphs": all}})
}

/// A subgraph with a text of 100 kB and a thousand instances.
fn echo() -> Value {
    let instances: Vec<Value> = (0..1_000)
        .map(|id| json!({"id": id, "type": "s"}))
        .collect();
    let text = "x".repeat(100_000);
    json!({"nodes": instances, "links": [], "definitions": {"subgraphs": [
        {"id": "s", "name": "Echo", "inputs": [], "outputs": [], "links": [],
            "nodes": [{"id": 1, "type": "CLIPTextEncode", "widgets_values": [text]}]}]}})
}

/// Ever more reroutes in a row, each also feeding a decoder of its own.
fn tangle() -> Value {
    let (mut nodes, mut links) = (Vec::new(), Vec::new());
    for id in 1..=9_000_u32 {
        let before = if id % 900 == 1 { id + 899 } else { id - 1 };
        links.push(json!([id, before, 0, id, 0, "*"]));
        nodes.push(json!({"id": id, "type": "Reroute", "inputs": [{"name": "", "link": id}]}));
    }
    nodes.insert(
        0,
        json!({"id": "e", "type": "Reroute", "inputs": [{"name": "", "link": null}]}),
    );
    for start in (1..9_000).step_by(900) {
        links.push(json!([start, "e", 0, start, 0, "*"]));
    }
    for id in 0..9_000_u32 {
        let link = 100_000 + id;
        links.push(json!([link, id + 1, 0, link, 0, "*"]));
        nodes.push(
            json!({"id": link, "type": "VAEDecode", "inputs": [{"name": "samples", "link": link}]}),
        );
    }
    json!({"nodes": nodes, "links": links})
}

/// Every kind of fault, named.
fn faults() -> Vec<(&'static str, Value)> {
    vec![
        ("not an object", json!([])),
        ("no nodes", json!({"links": []})),
        ("a node that is none", workflow(&json!([7]), &json!([]))),
        (
            "a node without id",
            workflow(&json!([{"type": "A"}]), &json!([])),
        ),
        (
            "a node without class",
            workflow(&json!([{"id": 3}]), &json!([])),
        ),
        ("a broken link", workflow(&json!([]), &json!([[1, 2]]))),
        (
            "two nodes of one id",
            workflow(
                &json!([{"id": 3, "type": "Note"}, {"id": "3", "type": "Note"}]),
                &json!([]),
            ),
        ),
        (
            "a link the file does not have",
            workflow(&json!([saver(5)]), &json!([])),
        ),
        (
            "a link to nowhere",
            workflow(&json!([saver(5)]), &json!([[5, 77, 0, 9, 0, "IMAGE"]])),
        ),
        (
            "a circle of reroutes",
            workflow(
                &json!([saver(5),
                    {"id": 1, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 6}]},
                    {"id": 2, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 7}]}]),
                &json!([
                    [5, 1, 0, 9, 0, "*"],
                    [6, 2, 0, 1, 0, "*"],
                    [7, 1, 0, 2, 0, "*"]
                ]),
            ),
        ),
        (
            "unknown classes",
            workflow(
                &json!([{"id": 1, "type": "Foo\u{1b}[2J"}, {"id": 2, "type": "Bar", "title": "비"}]),
                &json!([]),
            ),
        ),
        (
            "values of another version",
            workflow(
                &json!([{"id": 4, "type": "KSampler", "widgets_values": [1, 20, 8, "euler", "normal", 1]}]),
                &json!([]),
            ),
        ),
        (
            "a subgraph that contains itself",
            json!({"nodes": [], "links": [], "definitions": {"subgraphs": [
                nested("a", "Outer", "b"), nested("b", "Inner", "a")]}}),
        ),
        ("subgraphs nested too deep", deep(100)),
        ("a bomb of subgraphs", bomb()),
        ("a long text repeated for ever", echo()),
        ("a tangle of links", tangle()),
        (
            "broadcasting nodes",
            workflow(
                &json!([{"id": 8, "type": "Anything Everywhere"}]),
                &json!([]),
            ),
        ),
        (
            "a group node that hides widgets",
            json!({"nodes": [{"id": 8, "type": "workflow/Old"}], "links": [],
                "extra": {"groupNodes": {"Old": {"nodes": [], "links": [], "config": {"0": {}}}}}}),
        ),
    ]
}

#[test]
fn a_broken_workflow_is_refused_with_the_place_of_the_fault() {
    let info = classes();
    let told: Vec<String> = faults()
        .iter()
        .map(
            |(name, ui)| match to_api(ui, info, &ConvertOptions::default()) {
                Ok(converted) => panic!("{name} was taken: {converted:?}"),
                Err(why) => format!("{name}: {why}"),
            },
        )
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Everything that is converted but remarked upon.
fn oddities() -> Vec<Value> {
    let encode = |id: u32, values: Value| json!({"id": id, "type": "CLIPTextEncode", "widgets_values": values});
    vec![
        encode(1, json!(["a {cat} // note"])),
        encode(2, json!(["see https://example.org/x"])),
        encode(3, json!([7])),
        encode(4, json!(["a", "b", "c"])),
        encode(5, json!([])),
        json!({"id": 6, "type": "SaveImage", "widgets_values": ["%date:yyyy%"],
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]}),
        json!({"id": 7, "type": "VAEDecode", "mode": 2}),
        json!({"id": 8, "type": "PreviewImage", "inputs": [{"name": "images", "type": "IMAGE", "link": 2}]}),
        json!({"id": 10, "type": "LoadImage", "mode": 4, "widgets_values": ["x.png", "image"]}),
        json!({"id": 11, "type": "VAEDecode", "inputs": [
            {"name": "gone", "type": "INT", "link": 3, "widget": {"name": "gone"}}]}),
        json!({"id": 12, "type": "Load3D"}),
    ]
}

#[test]
fn what_the_editor_would_pass_over_is_noted_at_its_node() {
    let links = json!([
        [1, 7, 0, 6, 0, "IMAGE"],
        [2, 10, 0, 8, 0, "IMAGE"],
        [3, 2, 0, 11, 0, "INT"]
    ]);
    let ui = workflow(&json!(oddities()), &links);
    let converted = to_api(&ui, classes(), &ConvertOptions::default()).unwrap();
    let told: Vec<String> = converted.notes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
}
