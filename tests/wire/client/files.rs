//! Files to and from servers that may cheat.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use rushes::comfy::{Error, Limits, OutputFile, Upload, UploadKind, UploadSource};
use serde_json::json;

use super::stage::{Reply, Stage, json as answer, text};

fn file(name: &str, subfolder: &str) -> OutputFile {
    OutputFile {
        filename: name.into(),
        subfolder: subfolder.into(),
        kind: "output".into(),
        ..OutputFile::default()
    }
}

fn left_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn a_file_arrives_whole_hashed_and_out_of_the_way() {
    let clip: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let headers = vec![
        ("content-type".to_owned(), "video/mp4".to_owned()),
        (
            "content-disposition".to_owned(),
            "filename=\"../../evil\"".to_owned(),
        ),
    ];
    let stage = Stage::recite(vec![Reply::Full {
        status: 200,
        headers,
        body: clip.clone(),
    }])
    .await;
    let folder = tempfile::tempdir().unwrap();
    let fetched = stage
        .client()
        .fetch(
            &file("кадр a+b&c=d#e%20f \"✓.mp4", "сцена 07/x"),
            folder.path(),
            1 << 20,
        )
        .await
        .unwrap();
    assert_eq!(std::fs::read(&fetched.path).unwrap(), clip);
    assert_eq!(
        (fetched.bytes, fetched.blake3),
        (300_000, blake3::hash(&clip))
    );
    assert_eq!(fetched.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(fetched.path.parent(), Some(folder.path()));
    let kept = folder.path().join("kept.mp4");
    fetched.path.persist(&kept).unwrap();
    assert_eq!(
        (std::fs::read(kept).unwrap(), left_in(folder.path())),
        (clip, 1)
    );
    let target = &stage.asked()[0].target;
    assert!(
        target.starts_with("/view?filename=%D0%BA") && target.is_ascii(),
        "{target}"
    );
    assert!(
        target.contains("a%2Bb%26c%3Dd%23e%2520f%20%22") && target.ends_with("x&type=output"),
        "{target}"
    );
}

type IsIt = fn(&Error) -> bool;

#[tokio::test]
async fn a_file_that_does_not_arrive_whole_leaves_nothing_behind() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n";
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(5000)).into_bytes();
    let cases: Vec<(&str, Reply, IsIt)> = vec![
        (
            "cut",
            Reply::Raw(format!("{head}half").into_bytes()),
            |error| matches!(error, Error::Cut { .. }),
        ),
        (
            "stalled",
            Reply::Hang(format!("{head}half").into_bytes()),
            |error| matches!(error, Error::TimedOut { .. }),
        ),
        (
            "announced too large",
            text(200, &"x".repeat(5000)),
            |error| matches!(error, Error::TooLarge { limit: 1000, .. }),
        ),
        ("too large unannounced", Reply::Raw(endless), |error| {
            matches!(error, Error::TooLarge { limit: 1000, .. })
        }),
        ("gone", text(404, ""), Error::is_absent),
        ("in part", text(206, "x"), |error| {
            matches!(error, Error::Status { status: 206, .. })
        }),
    ];
    for (what, reply, is_it) in cases {
        let stall = if what == "stalled" { 100 } else { 30_000 };
        let limits = Limits {
            stall: Duration::from_millis(stall),
            ..Limits::default()
        };
        let stage = Stage::recite(vec![reply]).await;
        let folder = tempfile::tempdir().unwrap();
        let limit = if what == "cut" || what == "stalled" {
            1 << 20
        } else {
            1000
        };
        let failed = stage
            .client_with(limits)
            .fetch(&file("a.mp4", ""), folder.path(), limit)
            .await
            .unwrap_err();
        assert!(is_it(&failed), "{what}: {failed:?}");
        assert_eq!(left_in(folder.path()), 0, "{what}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_our_fault_not_the_servers() {
    let stage = Stage::recite(vec![text(200, "x")]).await;
    let failed = stage
        .client()
        .fetch(&file("a.mp4", ""), Path::new("/nonexistent/folder"), 1000)
        .await;
    assert!(matches!(failed, Err(Error::Local { .. })), "{failed:?}");
}

fn upload(name: &str, subfolder: &str, source: UploadSource) -> Upload {
    Upload {
        source,
        name: name.into(),
        subfolder: subfolder.into(),
        kind: UploadKind::Input,
    }
}

#[tokio::test]
async fn an_upload_keeps_its_name_raw_and_takes_the_one_the_server_chose() {
    let kept = json!({"name": "강아지 (1).png", "subfolder": "a/b", "type": "input"});
    let stage = Stage::recite(vec![answer(200, &kept), answer(200, &kept)]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local");
    std::fs::write(&path, b"PIXELS").unwrap();
    for source in [
        UploadSource::Bytes(Bytes::from_static(b"PIXELS")),
        UploadSource::Path(path),
    ] {
        let uploaded = stage
            .client()
            .upload(upload("강아지 %2B.png", "a/b", source))
            .await
            .unwrap();
        assert_eq!(uploaded.reference(), "a/b/강아지 (1).png");
    }
    for request in stage.asked() {
        let body = String::from_utf8(request.body.clone()).unwrap();
        assert_eq!(request.line(), "POST /upload/image");
        assert!(
            body.contains("name=\"image\"; filename=\"강아지 %2B.png\"") && body.contains("PIXELS"),
            "{body}"
        );
        assert!(
            body.contains("name=\"subfolder\"")
                && body.contains("a/b")
                && !body.contains("overwrite"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_name_that_would_break_the_form_or_leave_the_folder_is_not_sent() {
    let stage = Stage::recite(vec![]).await;
    let odd = [
        ("", ""),
        ("..", ""),
        ("a/b.png", ""),
        ("a\\b.png", ""),
        ("a\"; name=\"x", ""),
        ("a\r\nX: y", ""),
        ("a.png", "../up"),
        ("a.png", "/abs"),
        ("a.png", "a//b"),
        ("a.png", "a\nb"),
    ];
    for (name, subfolder) in odd {
        let refused = stage
            .client()
            .upload(upload(name, subfolder, UploadSource::Bytes(Bytes::new())))
            .await;
        assert!(
            matches!(refused, Err(Error::Refused { .. })),
            "{name:?} {subfolder:?}: {refused:?}"
        );
    }
    let missing = UploadSource::Path("/nonexistent/file".into());
    assert!(matches!(
        stage.client().upload(upload("a.png", "", missing)).await,
        Err(Error::Local { .. })
    ));
    assert!(stage.asked().is_empty());
}
