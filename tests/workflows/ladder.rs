//! The fallback ladder of the older pipeline, rung by rung.

use rushes::core::workflow::ladder::{Asked, ladder};
use rushes::core::workflow::library;
use rushes::core::workflow::manifest::{Manifest, PromptForm};
use serde_json::{Value, json};

use crate::{cases, vector};

/// Applies a case's settings to a shipped manifest, as a user's own manifest would state them.
fn manifest(config: &Value) -> Manifest {
    let full = config["VIDEO_WORKFLOW_MODE"] == "full";
    let id = if full {
        "ltx2-t2v"
    } else {
        "ltx2-t2v-distilled"
    };
    let mut manifest = library::find(id).unwrap().manifest.clone();
    manifest.timeout_s = config["VIDEO_GEN_TIMEOUT"].as_u64().unwrap();
    for rung in &mut manifest.ladder {
        if rung.size.is_some() {
            let size = &config["VIDEO_RESOLUTION_FALLBACK"];
            rung.size = Some([0, 1].map(|i| u32::try_from(size[i].as_u64().unwrap()).unwrap()));
        }
    }
    manifest
}

#[test]
fn the_ladder_climbs_down_like_the_older_pipeline() {
    let base = vector("ladder")["base_config"].clone();
    for (given, expected) in cases("ladder") {
        let mut config = base.clone();
        for (key, value) in given["config"].as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        let simplified = given["scene"].get("video_prompt_simplified") != Some(&Value::Null);
        let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
        let manifest = manifest(&config);
        let asked = Asked {
            width: number(&config["VIDEO_RESOLUTION"][0]),
            height: number(&config["VIDEO_RESOLUTION"][1]),
            frames: number(&config["VIDEO_NUM_FRAMES"]),
            seconds: given["scene"]["estimated_tts_sec"].as_f64(),
            fps: config["VIDEO_FPS"].as_f64().unwrap(),
        };
        let rungs: Vec<Value> = ladder(&manifest, asked)
            .into_iter()
            .enumerate()
            .map(|(i, rung)| {
                let distilled = rung.workflow == "ltx2-t2v-distilled";
                let fixed = &library::find(&rung.workflow).unwrap().manifest.fixed;
                let setting = |name: &str, asked: &str| {
                    rung.set
                        .get(name)
                        .or(fixed.get(name))
                        .unwrap_or(&config[asked])
                        .clone()
                };
                let short = simplified && rung.prompt == PromptForm::Simplified;
                // The other workflow's own manifest states its limit; here the case does.
                let timeout = if distilled && config["VIDEO_WORKFLOW_MODE"] == "full" {
                    config["VIDEO_GEN_TIMEOUT_DISTILLED"].clone()
                } else {
                    json!(rung.timeout_s)
                };
                json!({
                    "attempt": i + 1,
                    "prompt": if short { "SHORT" } else { "FULL" },
                    "width": rung.width,
                    "height": rung.height,
                    "num_frames": rung.frames,
                    "steps": setting("steps", "VIDEO_STEPS"),
                    "cfg": setting("cfg", "VIDEO_CFG"),
                    "use_distilled": distilled,
                    "timeout": timeout,
                })
            })
            .collect();
        assert_eq!(json!(rungs), expected, "{given}");
    }
}

#[test]
fn a_portrait_stays_a_portrait_and_a_small_clip_stays_small() {
    let manifest = &library::find("ltx2-t2v").unwrap().manifest;
    let asked = Asked {
        width: 704,
        height: 1280,
        frames: 97,
        seconds: None,
        fps: 24.0,
    };
    let sizes: Vec<_> = ladder(manifest, asked)
        .iter()
        .map(|r| (r.width, r.height))
        .collect();
    assert_eq!(sizes, [(704, 1280), (704, 1280), (512, 768), (512, 768)]);
    let asked = Asked {
        width: 320,
        height: 192,
        frames: 9,
        seconds: None,
        fps: 24.0,
    };
    for rung in ladder(manifest, asked) {
        assert_eq!(
            (rung.width, rung.height, rung.frames),
            (320, 192, 9),
            "{}",
            rung.name
        );
    }
}

#[test]
fn a_rung_for_a_workflow_that_nobody_has_is_left_out() {
    let mut manifest = library::find("ltx2-t2v").unwrap().manifest.clone();
    manifest.ladder[3].workflow = Some("gone".to_owned());
    let asked = Asked {
        width: 1280,
        height: 704,
        frames: 97,
        seconds: None,
        fps: 24.0,
    };
    let names: Vec<String> = ladder(&manifest, asked)
        .into_iter()
        .map(|rung| rung.name)
        .collect();
    assert_eq!(names, ["as asked", "simpler prompt", "smaller and shorter"]);
}
