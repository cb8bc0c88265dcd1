//! Any bytes: recognised, converted or refused, with messages that can be shown, and nothing falls over.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rushes::core::workflow::ObjectInfo;
use rushes::core::workflow::convert::{ConvertOptions, to_api};
use rushes::core::workflow::read::{self, Found};

/// A few classes of every sort: plain, dynamic combo, growing group, upload, format-dependent.
static CLASSES: LazyLock<ObjectInfo> =
    LazyLock::new(|| ObjectInfo::parse(include_str!("../object_info.json")).unwrap_or_default());

fuzz_target!(|bytes: &[u8]| {
    let options = ConvertOptions {
        most_nodes: 2_000,
        ..ConvertOptions::default()
    };
    let told = match read::recognise(bytes, 1024 * 1024) {
        Ok(Found::Ui(ui)) => match to_api(&ui, &CLASSES, &options) {
            Ok(converted) => converted.notes.iter().map(ToString::to_string).collect(),
            Err(why) => why.to_string(),
        },
        Ok(_) => String::new(),
        Err(why) => why.to_string(),
    };
    assert!(!told.chars().any(char::is_control));
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = ObjectInfo::parse(text);
    }
});
