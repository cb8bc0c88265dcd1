//! Events of the socket.

mod read;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::binary::{self, Preview};
use super::failure::Failure;
use super::output::Output;
use super::server::Features;
use crate::comfy::json;

/// Something that happened on a worker, or to the socket that listens to it.
///
/// The last three are our own. None of them is a verdict: only the history says how a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The queue changed; sent to every client.
    Status {
        /// Jobs running and pending together.
        queue_remaining: Option<u64>,
        /// The client id as the server understood it; in the first message of a socket only.
        sid: Option<String>,
    },
    /// The server's answer to our feature flags.
    Features(Features),
    /// A job left the queue and starts.
    Started {
        /// Whose.
        of: Subject,
        /// Server time in milliseconds since 1970.
        at: Option<i64>,
    },
    /// Nodes that need not run again.
    Cached {
        /// Whose.
        of: Subject,
        /// Node ids.
        nodes: Vec<String>,
    },
    /// A node begins. Without a prompt id it is the replay a reconnecting client gets.
    Executing {
        /// Whose.
        of: Subject,
        /// Node id, perhaps one made at run time such as `12.0.0.3`.
        node: String,
        /// The node of the graph it stands for.
        display: String,
    },
    /// The job is over and its history entry exists.
    Ended {
        /// Whose.
        of: Subject,
    },
    /// One step of one node.
    Progress {
        /// Whose.
        of: Subject,
        /// Node id.
        node: Option<String>,
        /// Steps done; may restart inside a node.
        value: f64,
        /// Steps in all; may change inside a node.
        max: f64,
    },
    /// All nodes that started so far.
    ProgressState {
        /// Whose.
        of: Subject,
        /// The nodes.
        nodes: Vec<NodeProgress>,
    },
    /// A node gave outputs.
    Executed {
        /// Whose.
        of: Subject,
        /// What it gave, under the display node.
        outputs: Vec<Output>,
    },
    /// All nodes ran. Sent *before* the history entry exists: wait for [`Event::Ended`].
    Succeeded {
        /// Whose.
        of: Subject,
        /// Server time in milliseconds since 1970.
        at: Option<i64>,
    },
    /// A node failed. Not always final: a blocked branch is followed by [`Event::Succeeded`].
    Failed {
        /// Whose.
        of: Subject,
        /// What failed.
        failure: Box<Failure>,
    },
    /// The job was stopped.
    Interrupted {
        /// Whose.
        of: Subject,
        /// The node that was about to run or ran.
        node: Option<String>,
        /// Server time in milliseconds since 1970.
        at: Option<i64>,
    },
    /// A picture of work in progress.
    Preview(Preview),
    /// Words of a node about its work; carries no prompt id.
    Text {
        /// Node id.
        node: String,
        /// What it says, scrubbed.
        text: String,
    },
    /// An event of a kind this client does not know, such as those of third-party nodes.
    Other {
        /// Its name, scrubbed.
        kind: String,
    },
    /// No message came for a while. With a job in flight: ask queue and history, the server may have forgotten us.
    Silent,
    /// More came than could be kept: ask queue and history.
    Missed,
    /// The socket is closed; no further event comes.
    Closed(Closed),
}

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The prompt with this id.
    Prompt(Uuid),
    /// A prompt whose id is not of our making.
    Foreign,
    /// The event does not say.
    Unsaid,
}

/// Why a socket is closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The server said goodbye.
    #[error("the server closed the socket{}", reason_suffix(*.code, .reason))]
    ByServer {
        /// Close code, if one was given.
        code: Option<u16>,
        /// Its words, scrubbed.
        reason: String,
    },
    /// The connection broke (a killed server gives no close frame).
    #[error("the socket broke: {0}")]
    Broken(String),
    /// Nothing came, not even an answer to our pings.
    #[error("the server no longer answers pings")]
    Dead,
    /// We closed it.
    #[error("the socket was closed by us")]
    ByUs,
}

fn reason_suffix(code: Option<u16>, reason: &str) -> String {
    match code {
        Some(code) if reason.is_empty() => format!(" with code {code}"),
        Some(code) => format!(" with code {code}: {reason}"),
        None => String::new(),
    }
}

/// One node of [`Event::ProgressState`].
#[derive(Debug, Clone, PartialEq)]
pub struct NodeProgress {
    /// Node id, perhaps one made at run time.
    pub node: String,
    /// The node of the graph it stands for.
    pub display: String,
    /// Steps done.
    pub value: f64,
    /// Steps in all.
    pub max: f64,
    /// Whether it is over. A failed node stays unfinished.
    pub finished: bool,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

impl Event {
    /// Reads a text message. One that is no event at all is [`Event::Other`]: a socket outlives odd words.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        match json::read::<Frame>(text) {
            Ok(frame) => Self::from_frame(&frame.kind, &frame.data),
            Err(_) => Self::Other {
                kind: "unreadable".to_owned(),
            },
        }
    }

    /// Reads a binary message.
    #[must_use]
    pub fn from_binary(bytes: &Bytes) -> Self {
        binary::read(bytes)
    }

    /// The prompt it is about, when it says so.
    #[must_use]
    pub fn prompt(&self) -> Option<Uuid> {
        match self.subject() {
            Subject::Prompt(id) => Some(id),
            Subject::Foreign | Subject::Unsaid => None,
        }
    }

    /// Says whether it is about this prompt: a socket also carries other people's anonymous events.
    #[must_use]
    pub fn is_about(&self, id: Uuid) -> bool {
        self.prompt() == Some(id)
    }

    /// Whose event it is.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Started { of, .. }
            | Self::Cached { of, .. }
            | Self::Executing { of, .. }
            | Self::Ended { of }
            | Self::Progress { of, .. }
            | Self::ProgressState { of, .. }
            | Self::Executed { of, .. }
            | Self::Succeeded { of, .. }
            | Self::Failed { of, .. }
            | Self::Interrupted { of, .. }
            | Self::Preview(Preview { of, .. }) => *of,
            Self::Status { .. }
            | Self::Features(_)
            | Self::Text { .. }
            | Self::Other { .. }
            | Self::Silent
            | Self::Missed
            | Self::Closed(_) => Subject::Unsaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f205b640-0d98-4deb-b441-7ff54c05c810";

    #[test]
    fn odd_events_of_third_parties_are_kept_by_name() {
        for (text, kind) in [
            (
                r#"{"type":"crystools.monitor","data":null}"#,
                "crystools.monitor",
            ),
            (r#"{"type":"x\u001b[2J","data":"text"}"#, "x[2J"),
            (r#"{"type":"a"}"#, "a"),
            ("[]", "unreadable"),
            ("", "unreadable"),
        ] {
            assert_eq!(
                Event::from_text(text.as_bytes()),
                Event::Other { kind: kind.into() }
            );
        }
    }

    #[test]
    fn known_events_without_their_fields_are_still_events() {
        for kind in [
            "status",
            "executing",
            "progress",
            "progress_state",
            "executed",
            "execution_error",
        ] {
            for data in ["null", "\"x\"", "[]", "{}", "{\"prompt_id\": 7}"] {
                let event =
                    Event::from_text(format!(r#"{{"type":"{kind}","data":{data}}}"#).as_bytes());
                assert!(!matches!(event, Event::Other { .. }), "{kind} {data}");
                assert_eq!(event.prompt(), None);
            }
        }
    }

    #[test]
    fn a_prompt_of_another_spelling_is_not_ours() {
        let upper = ID.to_uppercase();
        let event = Event::from_text(
            format!(r#"{{"type":"execution_start","data":{{"prompt_id":"{upper}"}}}}"#).as_bytes(),
        );
        assert_eq!(event.subject(), Subject::Foreign);
    }

    #[test]
    fn the_replay_after_a_reconnect_is_not_an_end() {
        let event = Event::from_text(br#"{"type":"executing","data":{"node":"3"}}"#);
        assert_eq!(
            event,
            Event::Executing {
                of: Subject::Unsaid,
                node: "3".into(),
                display: "3".into()
            }
        );
        let end = Event::from_text(
            format!(r#"{{"type":"executing","data":{{"node":null,"prompt_id":"{ID}"}}}}"#)
                .as_bytes(),
        );
        assert_eq!(
            end,
            Event::Ended {
                of: Subject::from_id(ID)
            }
        );
    }
}
