//! The order of subgraphs, inner ones first; refuses circles before anything recurses.

use std::collections::{HashMap, HashSet};

use super::error::ConvertError;
use super::file::UiFile;

/// Subgraphs inside subgraphs, at most; the editor's own limit is far above what anyone draws.
pub(super) const MOST_NESTED: usize = 64;

/// Lists all subgraph ids so that each comes after those it uses.
pub(super) fn inner_first<'f>(file: &'f UiFile<'f>) -> Result<Vec<&'f str>, ConvertError> {
    let mut users: HashMap<&str, Vec<&'f str>> = HashMap::new();
    let mut waiting: HashMap<&'f str, usize> = HashMap::new();
    for (id, definition) in &file.definitions {
        let nodes = definition.scope.nodes.values();
        let used: HashSet<&str> = nodes
            .map(|node| node.class)
            .filter(|class| file.definitions.contains_key(class))
            .collect();
        waiting.insert(id, used.len());
        for inner in used {
            users.entry(inner).or_default().push(id);
        }
    }
    let mut order: Vec<&'f str> = Vec::with_capacity(waiting.len());
    let mut layer: Vec<&'f str> = ready(&waiting);
    let mut depth = 0;
    while !layer.is_empty() {
        depth += 1;
        if depth > MOST_NESTED {
            return Err(ConvertError::TooDeep { most: MOST_NESTED });
        }
        let mut next = Vec::new();
        for id in layer {
            order.push(id);
            for user in users.get(id).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(user) {
                    *left -= 1;
                    if *left == 0 {
                        next.push(*user);
                    }
                }
            }
        }
        layer = next;
    }
    circle(file, &waiting).map_or(Ok(order), Err)
}

/// Lists what waits for nothing.
fn ready<'f>(waiting: &HashMap<&'f str, usize>) -> Vec<&'f str> {
    let free = waiting.iter().filter(|(_, left)| **left == 0);
    free.map(|(id, _)| *id).collect()
}

/// Finds a subgraph that still waits: it is in a circle or uses one.
fn circle(file: &UiFile<'_>, waiting: &HashMap<&str, usize>) -> Option<ConvertError> {
    let stuck = waiting.iter().filter(|(_, left)| **left > 0);
    let names = stuck.filter_map(|(id, _)| file.definitions.get(id).map(|found| found.name));
    names.min().map(|name| ConvertError::SubgraphCircle {
        name: name.to_owned(),
    })
}
