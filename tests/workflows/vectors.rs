//! Frame counts and sizes as the older pipeline computed them.

use rushes::core::workflow::geometry::{
    Family, frames_for, frames_near, snap_side, will_render_at,
};
use serde_json::{Value, json};

use crate::cases;

fn n(value: &Value) -> u32 {
    u32::try_from(value.as_i64().unwrap().max(0)).unwrap()
}

#[test]
fn frames_go_to_the_nearest_eight_plus_one() {
    for (given, expected) in cases("frame_count") {
        assert_eq!(frames_near(Family::Ltx, n(&given)), n(&expected), "{given}");
    }
}

#[test]
fn seconds_are_cut_to_frames_before_they_are_rounded() {
    for (given, expected) in cases("duration_to_frames") {
        let seconds = given["seconds"].as_f64().unwrap();
        let fps = given["fps"].as_f64().unwrap();
        assert_eq!(
            frames_for(Family::Ltx, seconds, fps),
            n(&expected),
            "{given}"
        );
    }
}

#[test]
fn sides_go_to_the_nearest_eight() {
    for (given, expected) in cases("resolution") {
        let snapped = [n(&given[0]), n(&given[1])].map(|side| snap_side(side, 8, 64));
        assert_eq!(json!(snapped), expected, "{given}");
    }
}

#[test]
fn the_latent_grid_decides_what_ltx_renders() {
    for (given, expected) in cases("ltx_effective_geometry") {
        let out = will_render_at(Family::Ltx, n(&given[0]), n(&given[1]), n(&given[2]));
        assert_eq!(
            json!([out.width, out.height]),
            expected["pixels_out"],
            "{given}"
        );
        assert_eq!(json!(out.frames), expected["frames_out"], "{given}");
    }
}
