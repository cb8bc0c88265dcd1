//! A server that says what a test tells it to, over real connections.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use rushes::comfy::{Client, Endpoint, Limits};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Answers in full.
    Full {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// Writes these bytes as they are, then closes the connection.
    Raw(Vec<u8>),
    /// Writes these bytes as they are, then says nothing more for ever.
    Hang(Vec<u8>),
}

pub(super) fn json(status: u16, body: &Value) -> Reply {
    text(status, &body.to_string())
}

pub(super) fn text(status: u16, body: &str) -> Reply {
    Reply::Full {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

/// A running server and what it was asked.
pub(super) struct Stage {
    pub(super) address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

type Script = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

impl Stage {
    /// Serves by a script from request to reply.
    pub(super) async fn play(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Script, _) = (Arc::new(script), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { address, asked }
    }

    /// Serves a list of replies, one for each request; any further request is an error of the test.
    pub(super) async fn recite(replies: Vec<Reply>) -> Self {
        let waiting = Mutex::new(replies.into_iter());
        Self::play(move |request| {
            waiting
                .lock()
                .unwrap()
                .next()
                .unwrap_or_else(|| text(599, &format!("unexpected {}", request.line())))
        })
        .await
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Request::line).collect()
    }

    pub(super) fn client(&self) -> Client {
        self.client_with(Limits::default())
    }

    pub(super) fn client_with(&self, limits: Limits) -> Client {
        Client::with_limits(
            Endpoint::parse(&self.address).unwrap(),
            "desk-1".to_owned(),
            limits,
        )
        .unwrap()
    }
}

async fn serve(mut stream: TcpStream, script: Script, log: Arc<Mutex<Vec<Request>>>) {
    while let Some(request) = receive(&mut stream).await {
        log.lock().unwrap().push(request.clone());
        match script(&request) {
            Reply::Full {
                status,
                headers,
                body,
            } => {
                let mut head = format!("HTTP/1.1 {status} x\r\n");
                let own_length = headers
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                for (name, value) in &headers {
                    write!(head, "{name}: {value}\r\n").unwrap();
                }
                if !own_length && status != 304 {
                    write!(head, "content-length: {}\r\n", body.len()).unwrap();
                }
                head.push_str("\r\n");
                if stream
                    .write_all(&[head.as_bytes(), &body].concat())
                    .await
                    .is_err()
                {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Hang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Reads one request: head, then a body by length or in chunks.
pub(super) async fn receive(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let field = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let length: usize = field("content-length").map_or(0, |length| length.parse().unwrap());
    assert!(
        field("transfer-encoding").is_none(),
        "the client always says how long its bodies are"
    );
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let mut words = head.split(' ');
    Some(Request {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        head: head.clone(),
        body,
    })
}
