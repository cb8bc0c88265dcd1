//! The queue of a server, without the graphs in it.
//!
//! `/queue` carries the whole graph of every client's jobs, perhaps megabytes each. Only number, id and client are
//! kept while reading; the rest is skipped without being built, and an entry of odd shape loses only itself.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use uuid::Uuid;

use super::pick;

/// The queue as read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueueView {
    /// What runs now: none or one.
    pub running: Vec<QueueItem>,
    /// What waits, in the order in which it will run.
    pub pending: Vec<QueueItem>,
    /// Entries that could not be understood; never ours, for ours have a plain shape.
    pub odd: usize,
}

/// One job in a queue, ours or anyone's.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueItem {
    /// Order: lower runs first. May be negative or fractional.
    pub number: f64,
    /// Id as the server writes it; raw, any text on older servers.
    pub prompt_id: String,
    /// The client that sent it; raw.
    pub client_id: Option<String>,
}

impl QueueItem {
    /// Says whether it is the prompt of this id.
    #[must_use]
    pub fn is(&self, id: Uuid) -> bool {
        pick::prompt_id(&self.prompt_id) == Some(id)
    }
}

impl QueueView {
    /// Says whether the prompt of this id runs now.
    #[must_use]
    pub fn runs(&self, id: Uuid) -> bool {
        self.running.iter().any(|item| item.is(id))
    }

    /// Counts the jobs that will run before this one starts, if it waits: the running one and those ahead.
    #[must_use]
    pub fn ahead(&self, id: Uuid) -> Option<usize> {
        self.pending
            .iter()
            .position(|item| item.is(id))
            .map(|place| place + self.running.len())
    }
}

impl<'de> Deserialize<'de> for QueueView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Answer {
            queue_running: Entries,
            queue_pending: Entries,
        }
        let answer = Answer::deserialize(deserializer)?;
        let mut pending = answer.queue_pending.items;
        pending.sort_by(|a, b| {
            a.number
                .total_cmp(&b.number)
                .then_with(|| a.prompt_id.cmp(&b.prompt_id))
        });
        Ok(Self {
            running: answer.queue_running.items,
            pending,
            odd: answer.queue_running.odd + answer.queue_pending.odd,
        })
    }
}

struct Entries {
    items: Vec<QueueItem>,
    odd: usize,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found: Vec<Entry> = Vec::deserialize(deserializer)?;
        let all = found.len();
        let items: Vec<_> = found.into_iter().filter_map(|entry| entry.0).collect();
        Ok(Self {
            odd: all - items.len(),
            items,
        })
    }
}

/// Answers `None` to every value but the containers the visitor itself reads.
macro_rules! nothing_in_scalars {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    };
}

/// `[number, prompt_id, prompt, extra_data, …]`, or something else.
struct Entry(Option<QueueItem>);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor).map(Self)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Option<QueueItem>;

    nothing_in_scalars!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let number: Option<Value> = list.next_element()?;
        let prompt_id: Option<Value> = list.next_element()?;
        let _graph: Option<IgnoredAny> = list.next_element()?;
        let extra: Option<Extra> = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(prompt_id
            .as_ref()
            .and_then(Value::as_str)
            .map(|prompt_id| QueueItem {
                number: number
                    .as_ref()
                    .and_then(Value::as_f64)
                    .unwrap_or(f64::INFINITY),
                prompt_id: prompt_id.to_owned(),
                client_id: extra.and_then(|extra| extra.0),
            }))
    }
}

/// The `client_id` of an `extra_data`, or nothing.
struct Extra(Option<String>);

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExtraVisitor).map(Self)
    }
}

struct ExtraVisitor;

impl<'de> Visitor<'de> for ExtraVisitor {
    type Value = Option<String>;

    nothing_in_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut client = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "client_id" {
                client = map.next_value::<Value>()?.as_str().map(str::to_owned);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comfy::json;

    const OURS: &str = "f205b640-0d98-4deb-b441-7ff54c05c810";

    #[test]
    fn a_foreign_job_of_any_shape_never_hides_ours() {
        let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
        let odd = [
            "null",
            "7",
            "-7",
            "7.5",
            "\"x\"",
            "true",
            "{}",
            "{\"a\":[1]}",
            "[]",
            "[1]",
            "[1, 12345, {}, {}, []]",
            "[NaN, \"not-a-uuid\", {\"1\": {\"inputs\": {\"x\": Infinity, \"y\": \"\\ud800\"}}}, {}, []]",
            "[1, \"a\", {}, null, []]",
            "[1, \"b\", {}, {\"client_id\": {\"x\": 1}}, [], 6, 7]",
            &format!("[1, \"c\", {deep}, {deep}, []]"),
            &format!("[{}, \"d\", {{}}, {{}}, []]", "9".repeat(4000)),
        ];
        for entry in odd {
            let body = format!(
                r#"{{"queue_running": [{entry}], "queue_pending": [{entry}, [4, "{OURS}", {{}}, {{"client_id": "us"}}, ["9"]]]}}"#
            );
            let view: QueueView =
                json::read(body.as_bytes()).unwrap_or_else(|error| panic!("{entry}: {error}"));
            let ours: Vec<_> = view
                .pending
                .iter()
                .filter(|item| item.is(OURS.parse().unwrap()))
                .collect();
            assert_eq!(ours.len(), 1, "{entry}");
            assert_eq!(ours[0].client_id.as_deref(), Some("us"));
        }
    }

    #[test]
    fn waiting_jobs_stand_in_the_order_they_will_run_not_in_heap_order() {
        let body = r#"{"queue_running": [], "queue_pending":
            [[0.0,"c",{},{},[]], [7,"d",{},{},[]], [-92,"a",{},{},[]], [0,"b",{},{},[]], [2.5,"e",{},{},[]]]}"#;
        let view: QueueView = json::read(body.as_bytes()).unwrap();
        let order: Vec<_> = view
            .pending
            .iter()
            .map(|item| item.prompt_id.as_str())
            .collect();
        assert_eq!(order, ["a", "b", "c", "e", "d"]);
    }

    #[test]
    fn an_answer_that_is_no_queue_is_not_an_empty_queue() {
        for body in [
            "{}",
            "[]",
            "null",
            r#"{"queue_running": []}"#,
            r#"{"error": "x"}"#,
        ] {
            assert!(json::read::<QueueView>(body.as_bytes()).is_err(), "{body}");
        }
    }
}
