//! The queue as Python's `heapq` keeps it.
//!
//! A real server orders jobs by the tuple `(number, prompt_id, prompt, …)`. Two jobs with the same number *and* the same id make
//! Python compare two dictionaries, which raises: the push answers 500 with the job already in the list, and the worker thread dies
//! at the next pop. Clients are bitten by exactly that, so the list is kept step by step as `CPython` does.

use std::sync::Arc;

use serde_json::{Number, Value};

/// One accepted job as it lies in `/queue`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Priority, lower first; an integer by default, a float when the client chose it.
    pub(crate) number: Number,
    /// Id by which clients ask.
    pub(crate) prompt_id: String,
    /// Graph with coerced values.
    pub(crate) prompt: Value,
    /// `extra_data` as clients may see it.
    pub(crate) extra: Value,
    /// Output nodes that will be run.
    pub(crate) outputs: Vec<String>,
}

impl Entry {
    /// Shows the job as the five-element list that `/queue` and `/history` carry.
    pub(crate) fn listed(&self) -> Value {
        serde_json::json!([
            self.number,
            self.prompt_id,
            self.prompt,
            self.extra,
            self.outputs
        ])
    }
}

/// Says that two jobs could not be ordered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tie;

type Heap = Vec<Arc<Entry>>;

/// Adds a job; on a tie the job stays in the list all the same.
pub(crate) fn push(heap: &mut Heap, entry: Arc<Entry>) -> Result<(), Tie> {
    heap.push(entry);
    let last = heap.len().saturating_sub(1);
    sift_down(heap, 0, last)
}

/// Takes the first job; on a tie that job is gone and the rest stays as far as it was sorted.
pub(crate) fn pop(heap: &mut Heap) -> Result<Option<Arc<Entry>>, Tie> {
    let Some(last) = heap.pop() else {
        return Ok(None);
    };
    let Some(first) = heap.first_mut() else {
        return Ok(Some(last));
    };
    let taken = std::mem::replace(first, last);
    sift_up(heap, 0)?;
    Ok(Some(taken))
}

/// Restores the order after a job was taken from the middle.
pub(crate) fn heapify(heap: &mut Heap) -> Result<(), Tie> {
    (0..heap.len() / 2)
        .rev()
        .try_for_each(|at| sift_up(heap, at))
}

fn sift_up(heap: &mut Heap, start: usize) -> Result<(), Tie> {
    let end = heap.len();
    let mut at = start;
    while at < end / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < end && !less(heap.get(child), heap.get(child + 1))? {
            child += 1;
        }
        heap.swap(child, at);
        at = child;
    }
    sift_down(heap, start, at)
}

fn sift_down(heap: &mut Heap, start: usize, from: usize) -> Result<(), Tie> {
    let mut at = from;
    while at > start {
        let parent = (at - 1) / 2;
        if !less(heap.get(at), heap.get(parent))? {
            break;
        }
        heap.swap(at, parent);
        at = parent;
    }
    Ok(())
}

fn less(a: Option<&Arc<Entry>>, b: Option<&Arc<Entry>>) -> Result<bool, Tie> {
    let (Some(a), Some(b)) = (a, b) else {
        return Ok(false);
    };
    let (left, right) = (a.number.as_f64(), b.number.as_f64());
    if left != right {
        return Ok(left < right);
    }
    if a.prompt_id != b.prompt_id {
        return Ok(a.prompt_id < b.prompt_id);
    }
    if a.prompt == b.prompt && a.extra == b.extra {
        return Ok(false);
    }
    Err(Tie)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(number: i64, id: &str, colour: i64) -> Arc<Entry> {
        Arc::new(Entry {
            number: number.into(),
            prompt_id: id.to_owned(),
            prompt: json!({ "1": colour }),
            extra: json!({}),
            outputs: vec![],
        })
    }

    #[test]
    fn jobs_leave_in_the_order_of_number_then_id() {
        let mut heap = Vec::new();
        for (number, id) in [(3, "a"), (-4, "z"), (3, "A"), (0, "q"), (-4, "b")] {
            push(&mut heap, entry(number, id, 0)).unwrap();
        }
        let order: Vec<_> = std::iter::from_fn(|| pop(&mut heap).unwrap())
            .map(|job| job.prompt_id.clone())
            .collect();
        assert_eq!(order, ["b", "z", "q", "A", "a"]);
    }

    #[test]
    fn twins_with_one_number_are_both_queued_and_swallow_the_innocent_job_before_them() {
        let mut heap = Vec::new();
        push(&mut heap, entry(500, "twin", 1)).unwrap();
        assert_eq!(push(&mut heap, entry(500, "twin", 2)), Err(Tie));
        assert_eq!(heap.len(), 2);
        push(&mut heap, entry(1, "innocent", 3)).unwrap();
        assert_eq!(pop(&mut heap), Err(Tie));
        let left: Vec<_> = heap.iter().map(|job| job.prompt.clone()).collect();
        assert_eq!(left, [json!({ "1": 2 }), json!({ "1": 1 })]);
    }
}
