//! What ffprobe says, as facts.

use serde_json::Value;

use crate::core::text::scrub;
use crate::media::clip::ClipFacts;

/// Reads ffprobe's JSON.
pub(super) fn facts(answer: &Value) -> Option<ClipFacts> {
    let streams = answer.get("streams")?.as_array()?;
    let is =
        |stream: &Value, kind: &str| stream.get("codec_type").and_then(Value::as_str) == Some(kind);
    let video = streams.iter().find(|stream| is(stream, "video"))?;
    let side = |name: &str| {
        video
            .get(name)?
            .as_u64()
            .and_then(|side| u32::try_from(side).ok())
    };
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let fps = ["avg_frame_rate", "r_frame_rate"]
        .iter()
        .find_map(|name| video.get(*name)?.as_str().and_then(ratio))
        .unwrap_or(0.0);
    let length = |at: &Value| at.get("duration").and_then(number);
    let duration_s = length(video)
        .or_else(|| length(answer.get("format")?))
        .unwrap_or(0.0);
    let counted = video
        .get("nb_frames")
        .and_then(Value::as_str)
        .and_then(|count| count.parse().ok());
    Some(ClipFacts {
        width: side("width")?,
        height: side("height")?,
        frames: counted.unwrap_or_else(|| whole(fps * duration_s)),
        fps,
        duration_s,
        codec: scrub(
            video
                .get("codec_name")
                .and_then(Value::as_str)
                .unwrap_or("unknown"),
        )
        .into_owned(),
        has_audio: streams.iter().any(|stream| is(stream, "audio")),
    })
}

/// Reads `24000/1001`; nothing for `0/0`.
fn ratio(text: &str) -> Option<f64> {
    let (above, below) = text.split_once('/')?;
    let value = above.parse::<f64>().ok()? / below.parse::<f64>().ok()?;
    (value.is_finite() && value > 0.0).then_some(value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is wanted"
)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_counts_are_read_from_what_ffprobe_says() {
        let answer = serde_json::json!({
            "streams": [
                {"codec_type": "audio"},
                {"codec_type": "video", "codec_name": "vp9\u{1b}[0m", "width": 640, "height": 360,
                 "avg_frame_rate": "24000/1001", "r_frame_rate": "0/0"}
            ],
            "format": {"duration": "10.010000"}
        });
        let facts = facts(&answer).unwrap();
        assert_eq!(
            (facts.width, facts.height, facts.frames, facts.has_audio),
            (640, 360, 240, true)
        );
        assert_eq!(facts.codec, "vp9[0m");
        assert!(super::facts(&serde_json::json!({"streams": []})).is_none());
    }
}
