//! Bad servers, bad lines: what the client makes of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rushes::comfy::{
    Cancel, Client, Endpoint, Error, Interrupt, Limits, Outcome, Sighting, Socket, Submission,
    SubmitError,
};
use rushes::core::workflow::Graph;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::stage::{Reply, Stage, json as answer, text};

const ID: &str = "f205b640-0d98-4deb-b441-7ff54c05c810";

fn id() -> Uuid {
    ID.parse().unwrap()
}

fn graph() -> Graph {
    serde_json::from_value(json!({
        "1": {"class_type": "EmptyImage", "inputs": {"seed": u64::MAX}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "저장"}},
    }))
    .unwrap()
}

async fn submit(client: &Client) -> Result<Uuid, SubmitError> {
    let graph = graph();
    let submission = Submission {
        prompt_id: id(),
        graph: &graph,
        extra_data: None,
    };
    client
        .submit(&submission)
        .await
        .map(|accepted| accepted.prompt_id)
}

fn brisk() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        call: Duration::from_millis(100),
        stall: Duration::from_millis(100),
        ..Limits::default()
    }
}

fn queue(running: &[&str], pending: &[&str]) -> Reply {
    let items = |ids: &[&str]| {
        ids.iter()
            .map(|id| json!([1, id, {}, {"client_id": "x"}, ["2"]]))
            .collect::<Vec<_>>()
    };
    answer(
        200,
        &json!({"queue_running": items(running), "queue_pending": items(pending)}),
    )
}

fn finished() -> Reply {
    answer(
        200,
        &json!({ID: {"prompt": [1, ID, {}, {}, []], "outputs": {}, "status": {"status_str": "success", "completed": true, "messages": []}}}),
    )
}

fn unheard_of() -> Reply {
    answer(200, &json!({}))
}

#[tokio::test]
async fn a_job_is_sent_in_the_one_form_that_harms_no_server() {
    let stage = Stage::recite(vec![answer(
        200,
        &json!({"prompt_id": ID, "number": 7, "node_errors": {}}),
    )])
    .await;
    let endpoint = Endpoint::parse(&format!("http://{}/farm", stage.address)).unwrap();
    let client = Client::new(
        endpoint.with_header("X-Key", "s3cret").unwrap(),
        "desk-1".into(),
    )
    .unwrap();
    let graph = graph();
    let extra_data = Some(json!({"extra_pnginfo": null, "preview_method": "auto"}));
    let accepted = client
        .submit(&Submission {
            prompt_id: id(),
            graph: &graph,
            extra_data,
        })
        .await
        .unwrap();
    assert_eq!((accepted.prompt_id, accepted.number), (id(), 7.0));
    let request = &stage.asked()[0];
    assert_eq!(request.line(), "POST /farm/prompt");
    let head = request.head.to_lowercase();
    assert!(
        head.contains("x-key: s3cret")
            && !head.contains("origin:")
            && !head.contains("accept-encoding"),
        "{head}"
    );
    assert_eq!(
        request.json(),
        json!({
            "prompt": {
                "1": {"class_type": "EmptyImage", "inputs": {"seed": u64::MAX}, "_meta": {"title": "EmptyImage"}},
                "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "저장"}},
            },
            "client_id": "desk-1",
            "prompt_id": ID,
            "extra_data": {"preview_method": "auto"},
        })
    );
}

#[tokio::test]
async fn extra_data_that_would_kill_a_server_is_left_out_or_refused() {
    let stage = Stage::recite(vec![answer(200, &json!({"prompt_id": ID, "number": 7}))]).await;
    let graph = graph();
    let send = |extra_data| Submission {
        prompt_id: id(),
        graph: &graph,
        extra_data,
    };
    stage
        .client()
        .submit(&send(Some(Value::Null)))
        .await
        .unwrap();
    assert_eq!(stage.asked()[0].json().get("extra_data"), None);
    let refused = stage.client().submit(&send(Some(json!([1])))).await;
    assert!(
        matches!(refused, Err(SubmitError::NotSent(Error::Refused { .. }))),
        "{refused:?}"
    );
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let client = Client::new(Endpoint::parse(&address).unwrap(), "desk-1".into()).unwrap();
    let failed = submit(&client).await;
    assert!(
        matches!(failed, Err(SubmitError::NotSent(Error::Unreachable { .. }))),
        "{failed:?}"
    );
    let message = failed.unwrap_err().to_string();
    assert!(
        message.contains(&address) && message.contains("check that the server runs"),
        "{message}"
    );
}

#[tokio::test]
async fn whatever_leaves_doubt_is_doubtful_and_only_that() {
    let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"prompt_id\"".to_vec();
    let cases: Vec<(&str, Reply, &str)> = vec![
        ("cut before the answer", Reply::Raw(Vec::new()), "doubtful"),
        (
            "cut in the middle of the head",
            Reply::Raw(b"HTTP/1.1 200".to_vec()),
            "doubtful",
        ),
        (
            "cut in the middle of the body",
            Reply::Raw(whole.clone()),
            "doubtful",
        ),
        (
            "hangs before the answer",
            Reply::Hang(Vec::new()),
            "doubtful",
        ),
        (
            "hangs in the middle of the body",
            Reply::Hang(whole),
            "doubtful",
        ),
        ("500", text(500, "500 Internal Server Error"), "doubtful"),
        ("502 of a proxy", text(502, "<html>"), "doubtful"),
        ("504 of a proxy", text(504, ""), "doubtful"),
        (
            "200 of something else",
            text(200, "<html>hello</html>"),
            "doubtful",
        ),
        (
            "200 without an id",
            answer(200, &json!({"number": 7})),
            "doubtful",
        ),
        (
            "200 with another form of id",
            answer(200, &json!({"prompt_id": "None", "number": 7})),
            "doubtful",
        ),
        (
            "400",
            answer(
                400,
                &json!({"error": {"type": "no_prompt", "message": "No prompt provided"}, "node_errors": {}}),
            ),
            "rejected",
        ),
        (
            "400 of something else",
            text(400, "Bad Request"),
            "rejected",
        ),
        (
            "413",
            text(413, "Maximum request body size 1048576 exceeded."),
            "rejected",
        ),
        ("401 of a proxy", text(401, ""), "not sent"),
        ("403 of the origin check", text(403, ""), "not sent"),
        ("404", text(404, ""), "not sent"),
        ("429", text(429, "slow down"), "not sent"),
        (
            "200",
            answer(
                200,
                &json!({"prompt_id": ID, "number": 0.0, "node_errors": {}}),
            ),
            "accepted",
        ),
    ];
    for (what, reply, expected) in cases {
        let limits = if matches!(reply, Reply::Hang(_)) {
            brisk()
        } else {
            Limits::default()
        };
        let stage = Stage::recite(vec![reply]).await;
        let verdict = match submit(&stage.client_with(limits)).await {
            Ok(_) => "accepted",
            Err(SubmitError::Doubtful(_)) => "doubtful",
            Err(SubmitError::Rejected(_)) => "rejected",
            Err(SubmitError::NotSent(_)) => "not sent",
        };
        assert_eq!(verdict, expected, "{what}");
        assert_eq!(
            stage.asked().len(),
            1,
            "{what}: a job is never sent twice on its own"
        );
    }
}

#[tokio::test]
async fn a_yes_to_half_a_graph_is_a_no_that_says_what_is_queued() {
    let body = json!({"prompt_id": ID, "number": 7, "node_errors": {"2": {"class_type": "SaveImage", "dependent_outputs": ["2"],
        "errors": [{"type": "required_input_missing", "message": "m", "details": "images", "extra_info": {"input_name": "images"}}]}}});
    let stage = Stage::recite(vec![answer(200, &body)]).await;
    let Err(SubmitError::Rejected(rejection)) = submit(&stage.client()).await else {
        panic!("not rejected")
    };
    assert!(rejection.also_queued);
    assert_eq!(
        rejection.to_string(),
        "some outputs were refused; node 2 SaveImage “저장”: `images` is missing"
    );
}

#[tokio::test]
async fn a_redirection_is_never_followed_and_named_without_secrets() {
    let elsewhere = Stage::recite(vec![]).await;
    let to = format!("http://me:s3cret@{}/prompt?token=s3cret", elsewhere.address);
    let moved = Reply::Full {
        status: 307,
        headers: vec![("location".into(), to)],
        body: Vec::new(),
    };
    let stage = Stage::recite(vec![moved.clone(), moved]).await;
    let failed = submit(&stage.client()).await;
    assert!(
        matches!(failed, Err(SubmitError::NotSent(Error::Redirected { .. }))),
        "{failed:?}"
    );
    let asked = stage.client().queue().await.unwrap_err();
    assert!(matches!(asked, Error::Redirected { .. }));
    assert!(
        asked.to_string().contains(&elsewhere.address)
            && !format!("{asked} {asked:?}").contains("s3cret"),
        "{asked:?}"
    );
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let limits = Limits {
        answer: 1000,
        queue: 1000,
        ..Limits::default()
    };
    let long = "x".repeat(5000);
    let announced = text(200, &long);
    let unannounced = Reply::Raw(format!("HTTP/1.1 200 OK\r\n\r\n{long}").into_bytes());
    let chunked = Reply::Hang(
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000\r\n{}\r\n",
            "x".repeat(4096)
        )
        .into_bytes(),
    );
    for reply in [announced, unannounced, chunked] {
        let stage = Stage::recite(vec![reply]).await;
        let failed = stage.client_with(limits).queue().await;
        assert!(
            matches!(failed, Err(Error::TooLarge { limit: 1000, .. })),
            "{failed:?}"
        );
    }
}

#[tokio::test]
async fn a_foreign_job_full_of_nonsense_does_not_hide_ours() {
    let body = format!(
        r#"{{"queue_running": [[NaN, "odd", {{"1": {{"inputs": {{"a": Infinity, "b": "\ud800", "c": {}}}}}}}, null, []]],
            "queue_pending": [[-Infinity, 12345], null, [0.0, "{ID}", {{}}, {{"client_id": "desk-1"}}, ["2"]]]}}"#,
        "9".repeat(900)
    );
    let stage = Stage::recite(vec![text(200, &body)]).await;
    let queue = stage.client().queue().await.unwrap();
    assert_eq!((queue.odd, queue.ahead(id())), (2, Some(1)));
}

#[tokio::test]
async fn the_words_of_a_server_cannot_paint_our_terminal() {
    let stage = Stage::recite(vec![
        text(500, "boom\u{1b}[2J\u{7}\nmore"),
        text(200, "\u{1b}]0;x\u{7}"),
    ])
    .await;
    for failed in [
        stage.client().queue().await.unwrap_err(),
        stage.client().queue().await.unwrap_err(),
    ] {
        let message = failed.to_string();
        assert!(!message.chars().any(char::is_control), "{message:?}");
    }
}

#[tokio::test]
async fn a_job_that_moves_from_list_to_list_is_never_called_absent() {
    for (what, replies, expected) in [
        (
            "waits",
            vec![queue(&["z"], &[ID])],
            Sighting::Waiting { ahead: 1 },
        ),
        ("runs", vec![queue(&[ID], &[])], Sighting::Running),
        (
            "is over",
            vec![queue(&[], &[]), finished()],
            Sighting::Finished(Outcome::Success),
        ),
        (
            "arrives meanwhile",
            vec![queue(&[], &[]), unheard_of(), queue(&[ID], &[])],
            Sighting::Running,
        ),
        (
            "arrives and ends meanwhile",
            vec![queue(&[], &[]), unheard_of(), queue(&[], &[]), finished()],
            Sighting::Finished(Outcome::Success),
        ),
        (
            "runs again under its old id",
            vec![queue(&[ID], &[])],
            Sighting::Running,
        ),
        (
            "is nowhere, twice",
            vec![queue(&[], &[]), unheard_of(), queue(&[], &[]), unheard_of()],
            Sighting::Absent,
        ),
    ] {
        let asked = replies.len();
        let stage = Stage::recite(replies).await;
        assert_eq!(
            stage.client().look(&[id()]).await.unwrap()[&id()],
            expected,
            "{what}"
        );
        assert_eq!(stage.asked().len(), asked, "{what}");
    }
}

#[tokio::test]
async fn a_server_that_fails_to_answer_has_lost_nothing() {
    for replies in [
        vec![text(500, "")],
        vec![text(200, "{}")],
        vec![queue(&[], &[]), text(500, "")],
        vec![queue(&[], &[]), text(200, "[]")],
        vec![queue(&[], &[]), unheard_of(), Reply::Raw(Vec::new())],
    ] {
        let stage = Stage::recite(replies).await;
        assert!(
            stage.client().look(&[id()]).await.is_err(),
            "{:?}",
            stage.lines()
        );
    }
}

fn stats(version: &str) -> Reply {
    answer(
        200,
        &json!({"system": {"comfyui_version": version}, "devices": []}),
    )
}

#[tokio::test]
async fn an_interrupt_never_stops_a_job_of_someone_else() {
    let told = || text(200, "");
    for (version, queues, sent, expected) in [
        ("0.3.64", vec![], true, Interrupt::Asked),
        ("0.3.57", vec![], true, Interrupt::Asked),
        (
            "0.3.56",
            vec![queue(&["z"], &[ID])],
            false,
            Interrupt::NotRunning,
        ),
        ("0.3.56", vec![queue(&[ID], &[])], true, Interrupt::Asked),
        (
            "strange",
            vec![queue(&["z"], &[])],
            false,
            Interrupt::NotRunning,
        ),
    ] {
        let replies = [
            vec![stats(version)],
            queues,
            if sent { vec![told()] } else { vec![] },
        ]
        .concat();
        let stage = Stage::recite(replies).await;
        assert_eq!(
            stage.client().interrupt(id()).await.unwrap(),
            expected,
            "{version}"
        );
        let interrupts: Vec<_> = stage
            .asked()
            .into_iter()
            .filter(|request| request.target == "/interrupt")
            .collect();
        assert_eq!(interrupts.len(), usize::from(sent), "{version}");
        assert!(
            interrupts
                .iter()
                .all(|request| request.json() == json!({"prompt_id": ID}))
        );
    }
}

#[tokio::test]
async fn a_job_is_cancelled_through_the_jobs_api_where_there_is_one() {
    for (cancelled, expected) in [(true, Cancel::Asked), (false, Cancel::NotThere)] {
        let stage = Stage::recite(vec![answer(200, &json!({"cancelled": cancelled}))]).await;
        assert_eq!(stage.client().cancel(id()).await.unwrap(), expected);
        assert_eq!(stage.lines(), [format!("POST /api/jobs/{ID}/cancel")]);
    }
}

#[tokio::test]
async fn without_the_jobs_api_every_waiting_twin_is_deleted_and_the_running_one_interrupted() {
    let stage = Stage::recite(vec![
        text(405, "405: Method Not Allowed"),
        queue(&["z"], &[ID, ID]),
        text(200, ""),
        queue(&["z"], &[ID]),
        text(200, ""),
        queue(&[ID], &[]),
        stats("0.3.64"),
        text(200, ""),
    ])
    .await;
    assert_eq!(stage.client().cancel(id()).await.unwrap(), Cancel::Asked);
    let posts: Vec<_> = stage
        .asked()
        .iter()
        .filter(|request| request.method == "POST")
        .skip(1)
        .map(|request| (request.target.clone(), request.json()))
        .collect();
    assert_eq!(
        posts,
        [
            ("/queue".to_owned(), json!({"delete": [ID]})),
            ("/queue".to_owned(), json!({"delete": [ID]})),
            ("/interrupt".to_owned(), json!({"prompt_id": ID})),
        ]
    );
    let gone = Stage::recite(vec![text(404, ""), queue(&["z"], &[])]).await;
    assert_eq!(gone.client().cancel(id()).await.unwrap(), Cancel::NotThere);
}

#[tokio::test]
async fn old_servers_without_the_jobs_api_are_told_from_unknown_jobs() {
    let stage = Stage::recite(vec![
        text(404, ""),
        answer(404, &json!({"error": "Job not found"})),
    ])
    .await;
    assert!(stage.client().job(id()).await.unwrap_err().is_absent());
    assert_eq!(stage.client().job(id()).await.unwrap(), None);
}

#[tokio::test]
async fn a_secret_is_in_no_message_however_the_call_fails() {
    let next = AtomicUsize::new(0);
    let stage = Stage::play(move |_| match next.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Raw(Vec::new()),
        1 => text(401, "no"),
        _ => text(200, "<html>"),
    })
    .await;
    let endpoint = Endpoint::parse(&stage.address)
        .unwrap()
        .with_header("Authorization", "Bearer s3cret")
        .unwrap();
    let client = Client::new(endpoint, "desk-1".into()).unwrap();
    for _ in 0..3 {
        let failed = client.queue().await.unwrap_err();
        assert!(!format!("{failed} {failed:?} {client:?}").contains("s3cret"));
    }
    assert!(
        stage
            .asked()
            .iter()
            .all(|request| request.head.contains("Bearer s3cret"))
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read_u8().await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let endpoint = Endpoint::parse(&format!("https://{address}")).unwrap();
    match Client::with_limits(
        endpoint,
        "desk-1".into(),
        Limits {
            connect: Duration::from_secs(2),
            ..Limits::default()
        },
    ) {
        Ok(client) => {
            let failed = submit(&client).await;
            assert!(
                matches!(failed, Err(SubmitError::NotSent(Error::Unreachable { .. }))),
                "{failed:?}"
            );
            assert!(matches!(
                Socket::open(&client).await,
                Err(Error::Unreachable { .. })
            ));
        }
        // A machine without certificates cannot trust anyone, and is told so.
        Err(refused) => assert!(refused.to_string().contains("certificates"), "{refused}"),
    }
}

#[test]
fn a_client_id_is_plain_text_or_nothing_is_sent() {
    let endpoint = || Endpoint::parse("gpu1").unwrap();
    for client_id in ["", "a b", "{}", "a\u{1b}", &"x".repeat(200)] {
        assert!(
            Client::new(endpoint(), client_id.to_owned()).is_err(),
            "{client_id:?}"
        );
    }
    assert!(Client::new(endpoint(), "rushes.host-1_2".to_owned()).is_ok());
}
