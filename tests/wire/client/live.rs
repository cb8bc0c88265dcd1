//! The same talk with a server that lives: run with `COMFYUI_URL=http://host:8188 cargo test --test wire -- --ignored`.
//!
//! Uses only nodes that every ComfyUI has, makes one temporary picture of 64 × 64, and stops nobody else's job.

use rushes::comfy::{
    Cancel, Client, Endpoint, Event, HistoryEntry, Outcome, Sighting, Socket, Submission,
    SubmitError, safe_name,
};
use rushes::core::workflow::Graph;
use serde_json::json;
use uuid::Uuid;

fn server() -> Client {
    let url = std::env::var("COMFYUI_URL").expect("COMFYUI_URL names the server to talk to");
    Client::new(
        Endpoint::parse(&url).unwrap(),
        format!("rushes-test-{}", Uuid::new_v4()),
    )
    .unwrap()
}

/// A picture of a colour nobody made before.
fn picture(id: Uuid) -> Graph {
    serde_json::from_value(json!({
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": id.as_u128() & 0x00ff_ffff}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "미리 보기"}},
    }))
    .unwrap()
}

async fn run(client: &Client, socket: &mut Socket) -> (Uuid, HistoryEntry) {
    let prompt_id = Uuid::new_v4();
    let graph = picture(prompt_id);
    let accepted = client
        .submit(&Submission {
            prompt_id,
            graph: &graph,
            extra_data: None,
        })
        .await
        .unwrap();
    assert_eq!(accepted.prompt_id, prompt_id);
    loop {
        match socket.next().await {
            Event::Ended { .. } if client.history(prompt_id).await.unwrap().is_some() => break,
            Event::Closed(why) => panic!("{why}"),
            _ => {}
        }
    }
    (prompt_id, client.history(prompt_id).await.unwrap().unwrap())
}

#[tokio::test]
#[ignore = "needs a server: COMFYUI_URL"]
async fn a_living_server_runs_our_job_and_hands_over_its_file() {
    let client = server();
    let mut socket = Socket::open(&client).await.unwrap();
    let (id, entry) = run(&client, &mut socket).await;
    assert_eq!(entry.outcome, Outcome::Success);
    assert_eq!(
        client.look(&[id]).await.unwrap()[&id],
        Sighting::Finished(Outcome::Success)
    );
    let file = entry.files().next().expect("a picture");
    assert!(safe_name(file).is_some());
    let folder = tempfile::tempdir().unwrap();
    let fetched = client.fetch(file, folder.path(), 1 << 20).await.unwrap();
    assert_eq!(fetched.content_type.as_deref(), Some("image/png"));
    assert!(
        std::fs::read(&fetched.path)
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    let mut socket = socket.reopen().await.unwrap();
    run(&client, &mut socket).await;
    socket.close().await;
}

#[tokio::test]
#[ignore = "needs a server: COMFYUI_URL"]
async fn a_living_server_explains_itself_and_what_it_refuses() {
    let client = server();
    let stats = client.system_stats().await.unwrap();
    assert!(stats.version.is_some() && !stats.devices.is_empty());
    assert!(client.features().await.unwrap().supports_preview_metadata);
    assert!(
        client
            .object_info_class("SaveImage")
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(client.object_info_class("NoSuchNode").await.unwrap(), None);
    let unknown = Uuid::new_v4();
    assert_eq!(
        client.look(&[unknown]).await.unwrap()[&unknown],
        Sighting::Absent
    );
    assert_eq!(client.cancel(unknown).await.unwrap(), Cancel::NotThere);
    client.delete(&[unknown]).await.unwrap();
    let mut graph = picture(unknown);
    graph.nodes["1"].inputs.insert("width".into(), json!(0));
    let refused = client
        .submit(&Submission {
            prompt_id: unknown,
            graph: &graph,
            extra_data: None,
        })
        .await;
    let Err(SubmitError::Rejected(rejection)) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        rejection
            .to_string()
            .contains("node 1 EmptyImage: `width` is 0, the least is 1"),
        "{rejection}"
    );
}
