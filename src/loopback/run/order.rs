//! Which node comes next, as `ComfyUI`'s `ExecutionList` chooses it.

use indexmap::{IndexMap, IndexSet};

/// Nodes that still have to run, in the order they were met, with what they wait for.
#[derive(Debug, Default)]
pub(super) struct Order {
    pending: IndexSet<String>,
    waits_for: IndexMap<String, usize>,
    holds_up: IndexMap<String, IndexSet<String>>,
}

/// What the order needs to know about a graph.
pub(super) trait Graph {
    /// Lists the nodes a node needs before it can run, lazy inputs left out.
    fn needs(&self, id: &str) -> Vec<String>;
    /// Says whether a node's result lies in the cache.
    fn is_cached(&self, id: &str) -> bool;
    /// Says whether a node shows or writes something.
    fn is_output(&self, id: &str) -> bool;
}

impl Order {
    /// Adds a node and all it needs that is not cached.
    pub(super) fn add(&mut self, graph: &impl Graph, id: &str) {
        let mut stack = vec![id.to_owned()];
        let mut links = Vec::new();
        while let Some(id) = stack.pop() {
            if !self.pending.insert(id.clone()) {
                continue;
            }
            self.waits_for.insert(id.clone(), 0);
            self.holds_up.insert(id.clone(), IndexSet::new());
            for from in graph.needs(&id) {
                if !graph.is_cached(&from) {
                    stack.push(from.clone());
                }
                links.push((from, id.clone()));
            }
        }
        for (from, to) in links {
            self.link(graph, &from, &to);
        }
    }

    /// Makes one node wait for another, unless that one is cached.
    pub(super) fn link(&mut self, graph: &impl Graph, from: &str, to: &str) {
        if graph.is_cached(from) {
            return;
        }
        self.add(graph, from);
        let waiting = self.holds_up.entry(from.to_owned()).or_default();
        if waiting.insert(to.to_owned()) {
            *self.waits_for.entry(to.to_owned()).or_default() += 1;
        }
    }

    /// Picks the next node: outputs first, then what leads to an output in one or two steps.
    pub(super) fn next(&self, graph: &impl Graph) -> Option<String> {
        let ready: Vec<&String> = self
            .pending
            .iter()
            .filter(|id| self.waits_for.get(*id) == Some(&0))
            .collect();
        let after = |id: &String| self.holds_up.get(id).into_iter().flatten();
        let shows = |id: &String| graph.is_output(id);
        ready
            .iter()
            .find(|id| shows(id))
            .or_else(|| ready.iter().find(|id| after(id).any(shows)))
            .or_else(|| {
                ready
                    .iter()
                    .find(|id| after(id).any(|next| after(next).any(shows)))
            })
            .or_else(|| ready.first())
            .map(|id| (*id).clone())
    }

    /// Takes a finished node out and frees what waited for it.
    pub(super) fn done(&mut self, id: &str) {
        self.pending.shift_remove(id);
        self.waits_for.shift_remove(id);
        for next in self.holds_up.shift_remove(id).unwrap_or_default() {
            if let Some(count) = self.waits_for.get_mut(&next) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Counts the nodes that still have to run.
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Small(&'static [(&'static str, &'static [&'static str])]);

    impl Graph for Small {
        fn needs(&self, id: &str) -> Vec<String> {
            let found = self.0.iter().find(|(name, _)| *name == id);
            found.map_or(Vec::new(), |(_, needs)| {
                needs.iter().map(|name| (*name).to_owned()).collect()
            })
        }
        fn is_cached(&self, id: &str) -> bool {
            id.starts_with("cached")
        }
        fn is_output(&self, id: &str) -> bool {
            id.starts_with("save")
        }
    }

    #[test]
    fn the_last_linked_picture_of_a_batch_is_made_first() {
        let graph = Small(&[
            ("save", &["batch"]),
            ("batch", &["one", "five"]),
            ("one", &[]),
            ("five", &["cached"]),
        ]);
        let mut order = Order::default();
        order.add(&graph, "save");
        let mut ran = Vec::new();
        while let Some(id) = order.next(&graph) {
            order.done(&id);
            ran.push(id);
        }
        assert_eq!(ran, ["five", "one", "batch", "save"]);
        assert_eq!(order.len(), 0);
    }

    #[test]
    fn a_ring_leaves_nothing_ready() {
        let graph = Small(&[("save", &["a"]), ("a", &["b"]), ("b", &["a"])]);
        let mut order = Order::default();
        order.add(&graph, "save");
        assert_eq!(order.next(&graph), None);
        assert_eq!(order.len(), 3);
    }
}
