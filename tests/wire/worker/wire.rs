//! A client without manners: it sends exactly the bytes it is told to.

use std::{
    fmt::Write as _,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

/// An answer as it came.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, values as bytes.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn request(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(addr).await?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        let _ = write!(head, "Host: {addr}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await?;
    parse(&raw).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
}

/// Posts `{}` as a prompt so many times on one connection; each is refused and uses up a number.
pub(crate) async fn use_up_numbers(addr: SocketAddr, count: usize) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let one = |last: bool| {
        let connection = if last { "close" } else { "keep-alive" };
        format!(
            "POST /prompt HTTP/1.1\r\nHost: {addr}\r\nConnection: {connection}\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    let all = one(false).repeat(count - 1) + &one(true);
    let (mut from, mut to) = TcpStream::connect(addr).await?.into_split();
    let sending = tokio::spawn(async move {
        let sent = to.write_all(all.as_bytes()).await;
        (sent, to)
    });
    let mut answers = Vec::new();
    from.read_to_end(&mut answers).await?;
    drop(sending.await);
    let refused = answers
        .windows(12)
        .filter(|part| *part == b"HTTP/1.1 400")
        .count();
    assert_eq!(refused, count);
    Ok(())
}

fn parse(raw: &[u8]) -> Option<Answer> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = raw.get(..end)?.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, Vec<u8>)> = lines
        .filter_map(|line| {
            let at = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8_lossy(&line[..at]).to_lowercase();
            Some((name, line[at + 1..].trim_ascii().to_vec()))
        })
        .collect();
    let mut body = raw.get(end + 4..)?.to_vec();
    if headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == b"chunked")
    {
        body = unchunk(&body);
    }
    Some(Answer {
        status,
        headers,
        body,
    })
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..at]).unwrap_or("0");
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = rest.get(at + 2..at + 2 + size).filter(|_| size > 0) else {
            break;
        };
        whole.extend(chunk);
        rest = rest.get(at + 4 + size..).unwrap_or(&[]);
    }
    whole
}

/// One message heard on a socket.
#[derive(Debug, Clone)]
pub(crate) enum Heard {
    Text(Value),
    Binary(Vec<u8>),
}

/// What a socket heard so far.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    heard: Mutex<Vec<Heard>>,
    /// Messages that are no steps, and whether the last one was a step.
    tally: Mutex<(usize, bool)>,
    ended: Mutex<bool>,
    news: Notify,
}

impl Ear {
    pub(crate) fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Counts messages that are no steps; says whether the last message was a step.
    pub(crate) fn tally(&self) -> (usize, bool) {
        *self.tally.lock().unwrap()
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.ended.lock().unwrap()
    }

    /// Waits for the next message or the end, at most so long.
    pub(crate) async fn news(&self, most: std::time::Duration) {
        let _ = tokio::time::timeout(most, self.news.notified()).await;
    }

    fn push(&self, heard: Heard) {
        let mut tally = self.tally.lock().unwrap();
        tally.1 = false;
        if let Heard::Text(message) = &heard {
            match message["type"].as_str() {
                Some("progress") => tally.1 = true,
                Some("progress_state") => {}
                _ => tally.0 += 1,
            }
        }
        drop(tally);
        self.heard.lock().unwrap().push(heard);
        self.news.notify_one();
    }

    fn end(&self) {
        *self.ended.lock().unwrap() = true;
        self.news.notify_one();
    }
}

type Sink = SplitSink<WebSocketStream<TcpStream>, Message>;

/// An open socket with somebody listening.
pub(crate) struct Socket {
    sink: Sink,
    pub(crate) ear: Arc<Ear>,
    listener: JoinHandle<()>,
}

/// Opens a socket, or says with which status it was refused.
pub(crate) async fn open(
    addr: SocketAddr,
    path: &str,
    headers: &[(String, String)],
) -> Result<Socket, u16> {
    let mut request = format!("ws://{addr}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
        request
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(addr).await.map_err(|_| 0_u16)?;
    let config = WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
    let (socket, _) = opened.map_err(|fault| match fault {
        tokio_tungstenite::tungstenite::Error::Http(answer) => answer.status().as_u16(),
        _ => 0,
    })?;
    let (sink, mut stream) = socket.split();
    let ear = Arc::new(Ear::default());
    let hearing = Arc::clone(&ear);
    let listener = tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            match message {
                Message::Text(text) => {
                    let value = serde_json::from_str(&text).unwrap_or(Value::Null);
                    hearing.push(Heard::Text(value));
                }
                Message::Binary(bytes) => hearing.push(Heard::Binary(bytes.to_vec())),
                Message::Close(_) => break,
                _ => {}
            }
        }
        hearing.end();
    });
    Ok(Socket {
        sink,
        ear,
        listener,
    })
}

impl Socket {
    pub(crate) async fn say(&mut self, text: String) -> bool {
        self.sink.send(Message::Text(text.into())).await.is_ok()
    }

    /// Closes politely and stops listening.
    pub(crate) async fn close(mut self) -> Arc<Ear> {
        let _ = self.sink.close().await;
        self.listener.abort();
        Arc::clone(&self.ear)
    }

    /// Breaks the connection.
    pub(crate) fn abort(self) -> Arc<Ear> {
        self.listener.abort();
        Arc::clone(&self.ear)
    }
}

/// Decodes base64.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.bytes() {
        let Some(six) = LETTERS.iter().position(|letter| *letter == byte) else {
            continue;
        };
        held = held << 6 | u32::try_from(six).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}
