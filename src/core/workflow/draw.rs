//! A graph as a tree for the terminal: each output with everything that leads to it.
//!
//! A node that is needed twice is drawn once and pointed at afterwards. Where the tree would run out of the
//! terminal, the rest is drawn below as a tree of its own.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use super::graph::{Graph, Node};
use super::object_info::ObjectInfo;
use super::walk;
use crate::core::text::{fit, scrub, width};

/// Which characters draw the branches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Box-drawing characters.
    #[default]
    Lines,
    /// ASCII only.
    Ascii,
}

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Terminal columns.
    pub columns: usize,
    /// Characters of the branches.
    pub glyphs: Glyphs,
}

/// Most lines drawn.
const MOST: usize = 5_000;
/// Widest indent, columns, however wide the terminal is.
const DEEPEST: usize = 120;
/// Longest text value shown, columns.
const LONGEST: usize = 32;

/// Draws a graph, one line per node and mention.
///
/// Titles and values are scrubbed; the values stand in a column of their own, whatever script the titles use.
#[must_use]
pub fn draw(graph: &Graph, info: Option<&ObjectInfo>, style: Style) -> Vec<String> {
    let mut roots: VecDeque<&str> = walk::outputs(graph, info).into();
    let mut tree = Tree {
        graph,
        info,
        style,
        rows: Vec::new(),
        drawn: HashSet::new(),
        later: VecDeque::new(),
    };
    // A graph of unknown classes, or one that only goes in circles, still shows everything.
    loop {
        while let Some(root) = roots.pop_front().or_else(|| tree.later.pop_front()) {
            tree.root(root);
        }
        let left = graph
            .nodes
            .keys()
            .find(|id| !tree.drawn.contains(id.as_str()));
        match left {
            Some(left) if tree.rows.len() < MOST => roots.push_back(left),
            _ => break,
        }
    }
    let more = tree.rows.len().saturating_sub(MOST);
    let mut rows = tree.rows;
    rows.truncate(MOST);
    let mut lines = columns(&rows, style);
    if more > 0 {
        lines.push(cut(
            &format!("and {more} more"),
            style.columns,
            style.glyphs,
        ));
    }
    lines
}

/// A line before the columns are known.
struct Row {
    left: String,
    right: String,
}

struct Tree<'a> {
    graph: &'a Graph,
    info: Option<&'a ObjectInfo>,
    style: Style,
    rows: Vec<Row>,
    drawn: HashSet<&'a str>,
    later: VecDeque<&'a str>,
}

/// What joins a node to the one above it.
struct Joint<'a> {
    /// Input that the node feeds.
    input: &'a str,
    /// Output it comes from.
    output: u64,
    /// True for the last branch of its parent.
    last: bool,
}

impl<'a> Tree<'a> {
    fn root(&mut self, id: &'a str) {
        if self.drawn.contains(id) {
            return;
        }
        if let Some(node) = self.graph.nodes.get(id) {
            self.row(id, node, "");
            self.branches(node, "");
        }
    }

    fn row(&mut self, id: &'a str, node: &'a Node, lead: &str) {
        self.drawn.insert(id);
        let left = format!("{lead}{}", Self::name(id, node));
        let left = match node.title() {
            title if title == node.class_type => left,
            _ => format!("{left} ({})", scrub(&node.class_type)),
        };
        self.rows.push(Row {
            left,
            right: settings(node, self.style.glyphs),
        });
    }

    fn name(id: &str, node: &Node) -> String {
        format!("{} {}", scrub(id), scrub(node.title()))
    }

    /// Draws what feeds a node. The indent is bounded, so this may recurse.
    fn branches(&mut self, node: &'a Node, indent: &str) {
        let links: Vec<(&str, &str, u64)> = node.links().collect();
        let count = links.len();
        for (at, (input, source, output)) in links.into_iter().enumerate() {
            if self.rows.len() > MOST {
                return;
            }
            let joint = Joint {
                input,
                output,
                last: at + 1 == count,
            };
            self.branch(source, &joint, indent);
        }
    }

    fn branch(&mut self, source: &'a str, joint: &Joint<'_>, indent: &str) {
        let [fork, corner, bar, up] = match self.style.glyphs {
            Glyphs::Lines => ["├ ", "└ ", "│ ", "↑ "],
            Glyphs::Ascii => ["|- ", "`- ", "|  ", "^ "],
        };
        let blank = " ".repeat(width(bar));
        let lead = format!(
            "{indent}{}{}{}: ",
            if joint.last { corner } else { fork },
            scrub(joint.input),
            self.output_name(source, joint.output)
        );
        let Some(node) = self.graph.nodes.get(source) else {
            self.rows.push(Row {
                left: format!("{lead}{} is not here", scrub(source)),
                right: String::new(),
            });
            return;
        };
        let inner = format!("{indent}{}", if joint.last { &blank } else { bar });
        let deep =
            width(&inner) > (self.style.columns / 2).min(DEEPEST) && node.links().next().is_some();
        if self.drawn.contains(source) || deep {
            let mark = if self.drawn.contains(source) {
                up
            } else {
                "… "
            };
            let mark = if mark == "… " && self.style.glyphs == Glyphs::Ascii {
                "... "
            } else {
                mark
            };
            if deep {
                self.later.push_back(source);
            }
            let left = format!("{lead}{mark}{}", Self::name(source, node));
            self.rows.push(Row {
                left,
                right: String::new(),
            });
            return;
        }
        self.row(source, node, &lead);
        self.branches(node, &inner);
    }

    /// Names the output where the source has several.
    fn output_name(&self, source: &str, output: u64) -> String {
        let class = self
            .graph
            .nodes
            .get(source)
            .map_or("", |node| &node.class_type);
        let outputs = self
            .info
            .and_then(|info| info.class(class))
            .map(|class| &class.outputs);
        let named = usize::try_from(output)
            .ok()
            .and_then(|at| outputs.filter(|all| all.len() > 1)?.get(at))
            .map(|output| scrub(&output.name).into_owned());
        match named {
            Some(name) => format!(" [{name}]"),
            None if output > 0 => format!(" [{output}]"),
            None => String::new(),
        }
    }
}

/// Lists the values a node holds.
fn settings(node: &Node, glyphs: Glyphs) -> String {
    let shown = node.inputs.iter().filter(|(_, value)| !value.is_array());
    let parts = shown.map(|(name, value)| {
        let text = match value {
            Value::String(text) if text.is_empty() => "\"\"".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!("{}={}", scrub(name), cut(&scrub(&text), LONGEST, glyphs))
    });
    parts.collect::<Vec<_>>().join("  ")
}

/// Sets the values into a column right of the tree.
fn columns(rows: &[Row], Style { columns, glyphs }: Style) -> Vec<String> {
    let widest = rows.iter().map(|row| width(&row.left)).max().unwrap_or(0);
    let left_width = widest.min(columns * 3 / 5);
    rows.iter()
        .map(|row| {
            if row.right.is_empty() {
                return cut(&row.left, columns, glyphs);
            }
            let pad = " ".repeat(left_width.saturating_sub(width(&row.left)));
            cut(
                &format!("{}{pad}  {}", row.left, row.right),
                columns,
                glyphs,
            )
        })
        .collect()
}

/// Cuts a line to the terminal; the mark of the cut is ASCII where the branches are.
fn cut(line: &str, columns: usize, glyphs: Glyphs) -> String {
    let line = fit(line, columns);
    match (glyphs, line.strip_suffix('…')) {
        (Glyphs::Ascii, Some(kept)) => format!("{kept}~"),
        (Glyphs::Ascii | Glyphs::Lines, _) => line.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph() -> Graph {
        serde_json::from_value(json!({
            "1": { "class_type": "Load", "inputs": { "name": "m.safetensors" }, "_meta": { "title": "모델" } },
            "2": { "class_type": "Encode", "inputs": { "text": "비 오는\u{1b}[2J 골목", "clip": ["1", 1] }, "_meta": { "title": "긍정 프롬프트" } },
            "3": { "class_type": "Sample", "inputs": { "model": ["1", 0], "positive": ["2", 0], "seed": 5 } },
            "4": { "class_type": "Save", "inputs": { "images": ["3", 0], "prefix": "" } },
        }))
        .unwrap()
    }

    const WIDE: Style = Style {
        columns: 72,
        glyphs: Glyphs::Lines,
    };

    #[test]
    fn a_graph_is_a_tree_with_its_values_in_a_column() {
        let lines = draw(&graph(), None, WIDE);
        let expected = [
            "4 Save                                  prefix=\"\"",
            "└ images: 3 Sample                      seed=5",
            "  ├ model: 1 모델 (Load)                name=m.safetensors",
            "  └ positive: 2 긍정 프롬프트 (Encode)  text=비 오는[2J 골목",
            "    └ clip [1]: ↑ 1 모델",
        ];
        assert_eq!(lines, expected);
        let columns: Vec<usize> = lines
            .iter()
            .filter_map(|line| line.split_once('=').map(|(before, _)| before))
            .map(|before| width(before) - width(before.rsplit(' ').next().unwrap()))
            .collect();
        assert_eq!(columns, [40; 4], "Hangul titles shift nothing");
    }

    #[test]
    fn ascii_draws_with_ascii() {
        let lines = draw(
            &graph(),
            None,
            Style {
                glyphs: Glyphs::Ascii,
                columns: 45,
            },
        );
        assert_eq!(lines[1].split_whitespace().next(), Some("`-"));
        assert!(
            lines
                .iter()
                .all(|line| !line.contains(['├', '└', '│', '↑', '…']))
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_every_node_is_there() {
        let nodes = (0..60).map(|i: u32| {
            let from = i.checked_sub(1).map(|from| json!([from.to_string(), 0]));
            (
                i.to_string(),
                json!({ "class_type": "Pass", "inputs": { "image": from, "x": 1 } }),
            )
        });
        let graph: Graph = serde_json::from_value(Value::Object(nodes.collect())).unwrap();
        for columns in [1, 10, 40, 80] {
            let lines = draw(&graph, None, Style { columns, ..WIDE });
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}");
        }
        let lines = draw(&graph, None, WIDE);
        for i in 0..60 {
            assert!(
                lines.iter().any(|line| line.contains(&format!("{i} Pass"))),
                "{i}"
            );
        }
    }

    #[test]
    fn a_circle_is_drawn_once() {
        let graph: Graph = serde_json::from_value(json!({
            "1": { "class_type": "A", "inputs": { "x": ["2", 0] } },
            "2": { "class_type": "B", "inputs": { "x": ["1", 0], "y": ["9", 0] } },
        }))
        .unwrap();
        let lines = draw(&graph, None, WIDE);
        assert_eq!(
            lines,
            ["1 A", "└ x: 2 B", "  ├ x: ↑ 1 A", "  └ y: 9 is not here"]
        );
    }
}
