//! Sockets: deaf, dead, flooding and closing servers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rushes::comfy::{Client, Closed, Endpoint, Error, Event, Socket, Subject, Tempo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use uuid::Uuid;

const ID: &str = "f205b640-0d98-4deb-b441-7ff54c05c810";

type Peer = WebSocketStream<TcpStream>;

fn ours() -> Subject {
    Subject::Prompt(ID.parse::<Uuid>().unwrap())
}

/// Fast enough for a test, slow enough for a busy machine.
fn brisk() -> Tempo {
    Tempo {
        handshake: Duration::from_secs(5),
        ping: Duration::from_millis(50),
        silence: Duration::from_millis(200),
        dead: Duration::from_secs(20),
    }
}

struct Door {
    listener: TcpListener,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Door {
    async fn new() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            heads: Arc::default(),
        }
    }

    fn client(&self) -> Client {
        let endpoint = Endpoint::parse(&format!(
            "http://{}/farm",
            self.listener.local_addr().unwrap()
        ))
        .unwrap();
        Client::new(
            endpoint.with_header("X-Key", "s3cret").unwrap(),
            "desk-1".into(),
        )
        .unwrap()
    }

    #[expect(clippy::result_large_err, reason = "the signature is the library's")]
    async fn admit(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.unwrap();
        let heads = Arc::clone(&self.heads);
        tokio_tungstenite::accept_hdr_async(stream, move |request: &Request, response: Response| {
            heads
                .lock()
                .unwrap()
                .push(format!("{} {:?}", request.uri(), request.headers()));
            Ok(response)
        })
        .await
        .unwrap()
    }

    /// Opens a socket and returns both its ends.
    async fn open(&self, client: &Client, tempo: Tempo) -> (Socket, Peer) {
        let (socket, peer) = tokio::join!(Socket::open_at(client, tempo), self.admit());
        (socket.unwrap(), peer)
    }
}

async fn next_text(peer: &mut Peer) -> String {
    loop {
        match peer.next().await.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn next_but_silence(socket: &mut Socket) -> Event {
    loop {
        match socket.next().await {
            Event::Silent => {}
            event => return event,
        }
    }
}

#[tokio::test]
async fn flags_are_the_first_word_and_no_origin_is_given() {
    let door = Door::new().await;
    let (_socket, mut peer) = door.open(&door.client(), Tempo::default()).await;
    let first = next_text(&mut peer).await;
    assert_eq!(
        first,
        r#"{"type":"feature_flags","data":{"supports_preview_metadata":true}}"#
    );
    let head = door.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("/farm/ws?clientId=desk-1 "), "{head}");
    assert!(
        head.contains("x-key") && !head.to_lowercase().contains("origin"),
        "{head}"
    );
}

#[tokio::test]
async fn what_the_server_says_is_heard_in_order_up_to_its_goodbye() {
    let door = Door::new().await;
    let (mut socket, mut peer) = door.open(&door.client(), Tempo::default()).await;
    for text in [
        r#"{"type":"status","data":{"status":{"exec_info":{"queue_remaining":3}},"sid":"desk-1"}}"#
            .to_owned(),
        "not json at all".to_owned(),
        format!(r#"{{"type":"execution_start","data":{{"prompt_id":"{ID}","timestamp":5}}}}"#),
        format!(r#"{{"type":"executing","data":{{"node":null,"prompt_id":"{ID}"}}}}"#),
    ] {
        peer.send(Message::text(text)).await.unwrap();
    }
    peer.close(None).await.unwrap();
    assert_eq!(
        socket.next().await,
        Event::Status {
            queue_remaining: Some(3),
            sid: Some("desk-1".into())
        }
    );
    assert!(matches!(socket.next().await, Event::Other { .. }));
    assert_eq!(
        socket.next().await,
        Event::Started {
            of: ours(),
            at: Some(5)
        }
    );
    assert_eq!(socket.next().await, Event::Ended { of: ours() });
    let closed = Event::Closed(Closed::ByServer {
        code: None,
        reason: String::new(),
    });
    assert_eq!(
        (socket.next().await, socket.next().await),
        (closed.clone(), closed)
    );
}

#[tokio::test]
async fn a_server_killed_without_a_goodbye_is_a_broken_socket() {
    let door = Door::new().await;
    let (mut socket, peer) = door.open(&door.client(), Tempo::default()).await;
    drop(peer);
    assert!(matches!(
        socket.next().await,
        Event::Closed(Closed::Broken(_))
    ));
}

#[tokio::test]
async fn a_deaf_server_that_still_answers_pings_is_silent_again_and_again() {
    let door = Door::new().await;
    let (mut socket, mut peer) = door.open(&door.client(), brisk()).await;
    let answering = tokio::spawn(async move { while let Some(Ok(_)) = peer.next().await {} });
    assert_eq!(socket.next().await, Event::Silent);
    assert_eq!(socket.next().await, Event::Silent);
    answering.abort();
}

#[tokio::test]
async fn a_server_that_answers_no_ping_is_dead() {
    let door = Door::new().await;
    let tempo = Tempo {
        silence: Duration::from_mins(1),
        dead: Duration::from_millis(300),
        ..brisk()
    };
    let (mut socket, _unread) = door.open(&door.client(), tempo).await;
    assert_eq!(socket.next().await, Event::Closed(Closed::Dead));
}

#[tokio::test]
async fn one_client_id_has_one_live_socket() {
    let door = Door::new().await;
    let client = door.client();
    let (socket, mut peer) = door.open(&client, brisk()).await;
    let second = Socket::open_at(&client.clone(), brisk()).await;
    assert!(matches!(second, Err(Error::Refused { .. })), "{second:?}");
    assert_eq!(door.heads.lock().unwrap().len(), 1, "nothing was sent");
    tokio::join!(
        async move { while let Some(Ok(_)) = peer.next().await {} },
        socket.close(),
    );
    let (again, _peer) = door.open(&client, brisk()).await;
    drop(again);
    let (_third, _peer) = door.open(&client, brisk()).await;
}

#[tokio::test]
async fn the_server_hears_the_old_socket_close_before_the_new_one_opens() {
    let door = Door::new().await;
    let (socket, mut peer) = door.open(&door.client(), brisk()).await;
    let seen = Mutex::new(Vec::new());
    let serve = async {
        while let Some(Ok(message)) = peer.next().await {
            if message.is_close() {
                seen.lock().unwrap().push("closed");
            }
        }
        drop(peer);
        let peer = door.admit().await;
        seen.lock().unwrap().push("opened");
        peer
    };
    let (reopened, _peer) = tokio::join!(socket.reopen(), serve);
    assert!(reopened.is_ok());
    assert_eq!(*seen.lock().unwrap(), ["closed", "opened"]);
}

#[tokio::test]
async fn a_caller_that_sleeps_never_stalls_the_server_and_misses_no_outcome() {
    let door = Door::new().await;
    let (mut socket, mut peer) = door.open(&door.client(), Tempo::default()).await;
    let mut preview = vec![0, 0, 0, 1, 0, 0, 0, 1];
    preview.resize(1 << 20, 7);
    let preview = bytes::Bytes::from(preview);
    peer.send(Message::text(format!(
        r#"{{"type":"execution_start","data":{{"prompt_id":"{ID}"}}}}"#
    )))
    .await
    .unwrap();
    // More than any buffer on the way holds: these sends end only because the client reads.
    for _ in 0..200 {
        peer.send(Message::Binary(preview.clone())).await.unwrap();
    }
    peer.send(Message::text(format!(
        r#"{{"type":"executing","data":{{"node":null,"prompt_id":"{ID}"}}}}"#
    )))
    .await
    .unwrap();
    peer.close(None).await.unwrap();
    while let Some(Ok(_)) = peer.next().await {}
    let mut pictures = 0;
    let mut heard = Vec::new();
    loop {
        match socket.next().await {
            Event::Preview(_) => pictures += 1,
            Event::Closed(_) => break,
            event => heard.push(event),
        }
    }
    assert_eq!(
        heard,
        [
            Event::Started {
                of: ours(),
                at: None
            },
            Event::Ended { of: ours() }
        ]
    );
    assert!(
        (1..=2).contains(&pictures),
        "only the newest picture is kept: {pictures}"
    );
}

#[tokio::test]
async fn a_message_of_many_megabytes_is_heard_and_one_of_a_gigabyte_ends_the_socket() {
    let door = Door::new().await;
    let (mut socket, mut peer) = door.open(&door.client(), Tempo::default()).await;
    let mut large = vec![0, 0, 0, 1, 0, 0, 0, 2];
    large.resize(20 << 20, 7);
    peer.send(Message::Binary(large.into())).await.unwrap();
    assert!(
        matches!(next_but_silence(&mut socket).await, Event::Preview(picture) if picture.image.len() == (20 << 20) - 8)
    );
    let raw = peer.get_mut();
    raw.write_all(&[0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0])
        .await
        .unwrap();
    raw.write_all(&[0; 64]).await.unwrap();
    assert!(matches!(
        next_but_silence(&mut socket).await,
        Event::Closed(Closed::Broken(_))
    ));
}

#[tokio::test]
async fn a_door_that_does_not_open_says_why() {
    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = refused.local_addr().unwrap().to_string();
    drop(refused);
    let client = Client::new(Endpoint::parse(&address).unwrap(), "desk-1".into()).unwrap();
    assert!(matches!(
        Socket::open(&client).await,
        Err(Error::Unreachable { .. })
    ));

    for (reply, is_it) in [
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            (|error| matches!(error, Error::Status { status: 403, .. })) as fn(&Error) -> bool,
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://elsewhere/ws\r\ncontent-length: 0\r\n\r\n",
            |error| matches!(error, Error::Redirected { .. }),
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", |error| {
            matches!(error, Error::Status { status: 200, .. })
        }),
    ] {
        let door = Door::new().await;
        let client = door.client();
        let answer = async {
            let (mut stream, _) = door.listener.accept().await.unwrap();
            super::stage::receive(&mut stream).await.unwrap();
            stream.write_all(reply.as_bytes()).await.unwrap();
            stream
        };
        let (opened, _stream) = tokio::join!(Socket::open_at(&client, brisk()), answer);
        let error = opened.unwrap_err();
        assert!(
            is_it(&error) && !format!("{error:?}").contains("s3cret"),
            "{error:?}"
        );
    }

    let silent = Door::new().await;
    let tempo = Tempo {
        handshake: Duration::from_millis(200),
        ..brisk()
    };
    let client = silent.client();
    assert!(matches!(
        Socket::open_at(&client, tempo).await,
        Err(Error::TimedOut { .. })
    ));
    let (_socket, _peer) = {
        // The seat is free again after a failure.
        drop(silent);
        let door = Door::new().await;
        let client = door.client();
        door.open(&client, brisk()).await
    };
}
