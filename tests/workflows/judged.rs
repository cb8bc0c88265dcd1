//! What the check tells a person, beyond what a server would.

use rushes::core::workflow::check::{FaultKind, Known, Models, check, verdict, where_it_runs};
use rushes::core::workflow::{Graph, library, patch};
use serde_json::{Value, json};

use crate::definitions;

fn graph(value: Value) -> Graph {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_missing_class_names_the_pack_that_provides_it() {
    let graph = graph(json!({
        "1": { "class_type": "EmptyImage", "inputs": { "width": 64, "height": 64, "batch_size": 1, "color": 0 } },
        "2": { "class_type": "RIFE VFI", "inputs": { "frames": ["1", 0] } },
        "3": { "class_type": "SomebodysNode", "inputs": {} },
        "4": { "class_type": "SaveImage", "inputs": { "images": ["2", 0], "filename_prefix": "x" } },
    }));
    let report = check(&graph, Known::new(&definitions()));
    assert!(!report.ok);
    let missing: Vec<_> = report
        .missing_nodes
        .iter()
        .map(|missing| (missing.class.as_str(), missing.pack))
        .collect();
    assert_eq!(
        missing,
        [
            ("RIFE VFI", Some("ComfyUI-Frame-Interpolation")),
            ("SomebodysNode", None)
        ]
    );
    let advice = report.missing_nodes[0].advice.as_deref().unwrap();
    assert!(
        advice.contains("github.com/Fannovel16/ComfyUI-Frame-Interpolation"),
        "{advice}"
    );
}

#[test]
fn a_missing_model_names_the_nearest_that_are_there() {
    let template = library::find("wan22-t2v-5b").unwrap();
    let models = Models::from_iter([
        (
            "vae".to_owned(),
            vec![
                "wan2.2_vae_bf16.safetensors".to_owned(),
                "ae.safetensors".to_owned(),
            ],
        ),
        (
            "text_encoders".to_owned(),
            vec!["umt5_xxl_fp8_e4m3fn_scaled.safetensors".to_owned()],
        ),
    ]);
    let info = definitions();
    let known = Known {
        models: Some(&models),
        ..Known::new(&info)
    };
    let report = check(&template.graph, known);
    let missing: Vec<_> = report
        .missing_models
        .iter()
        .map(|missing| (missing.folder, missing.value.as_str(), missing.near.clone()))
        .collect();
    assert_eq!(
        missing,
        [
            (
                "diffusion_models",
                "wan2.2_ti2v_5B_fp16.safetensors",
                vec![]
            ),
            (
                "vae",
                "wan2.2_vae.safetensors",
                vec!["wan2.2_vae_bf16.safetensors".to_owned()]
            ),
        ]
    );
}

#[test]
fn a_size_or_length_off_the_grid_is_told_with_the_value_that_is_kept() {
    let info = definitions();
    let template = library::find("ltx2-t2v").unwrap();
    let mut template = template.clone();
    let slots = template.manifest.slots.clone();
    patch::set(&mut template.graph, &slots, "height", json!(720)).unwrap();
    patch::set(&mut template.graph, &slots, "frames", json!(240)).unwrap();
    let known = Known {
        manifest: Some(&template.manifest),
        ..Known::new(&info)
    };
    let warned: Vec<_> = check(&template.graph, known)
        .warnings
        .into_iter()
        .map(|fault| (fault.kind, fault.message, fault.near))
        .collect();
    assert_eq!(
        warned,
        [
            (
                FaultKind::FrameRule,
                "240 will come out as 233; the nearest value that is kept is 241".to_owned(),
                vec![json!(241)]
            ),
            (
                FaultKind::SizeRule,
                "720 will come out as 704; the nearest value that is kept is 704".to_owned(),
                vec![json!(704)]
            ),
        ]
    );
}

#[test]
fn what_a_server_takes_and_ignores_is_a_warning() {
    let graph = graph(json!({
        "1": { "class_type": "EmptyImage",
               "inputs": { "width": 64, "height": 64, "batch_size": 1, "color": 0, "widht": 128 } },
        "2": { "class_type": "SaveImage", "inputs": { "images": ["1", 0], "filename_prefix": "x" } },
        "3": { "class_type": "PreviewImage", "inputs": { "images": "a.png" } },
        "4": { "class_type": "ResizeImageMaskNode",
               "inputs": { "input": ["1", 0], "resize_type": "scale widht", "scale_method": "area" } },
        "5": { "class_type": "PreviewImage", "inputs": { "images": ["4", 0] } },
    }));
    let report = check(&graph, Known::new(&definitions()));
    assert!(report.ok, "{report:#?}");
    let warned: Vec<_> = report
        .warnings
        .iter()
        .map(|fault| (fault.node.as_str(), fault.kind))
        .collect();
    assert_eq!(
        warned,
        [
            ("1", FaultKind::UnknownInput),
            ("3", FaultKind::NeedsLink),
            ("4", FaultKind::UnknownOption),
        ]
    );
    assert_eq!(report.warnings[0].near, [json!("width")]);
    assert_eq!(report.warnings[2].near[0], json!("scale width"));
}

#[test]
fn each_worker_is_told_apart_in_one_line() {
    let info = definitions();
    let template = library::find("upscale-image").unwrap();
    let full = Models::from_iter([(
        "upscale_models".to_owned(),
        vec!["RealESRGAN_x4plus.safetensors".to_owned()],
    )]);
    let judge = |worker: &str, models: &Models| {
        let known = Known {
            models: Some(models),
            ..Known::new(&info)
        };
        verdict(worker, &check(&template.graph, known))
    };
    let verdicts = [
        judge("gpu1", &full),
        judge("gpu2", &Models::new()),
        judge("gpu3", &full),
    ];
    assert_eq!(
        where_it_runs(&verdicts),
        "runs on gpu1, gpu3; gpu2 lacks RealESRGAN_x4plus.safetensors"
    );
    assert_eq!(
        where_it_runs(&verdicts[1..2]),
        "runs on no worker; gpu2 lacks RealESRGAN_x4plus.safetensors"
    );
}

#[test]
fn a_report_has_the_shape_that_scripts_read() {
    let report = check(&graph(json!({})), Known::new(&definitions()));
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({
            "ok": false, "format": "api", "missing_nodes": [], "missing_models": [],
            "errors": [{ "node": "", "class": "", "input": "", "type": "prompt_no_outputs",
                         "message": "the graph is empty" }],
            "warnings": [], "outputs": []
        })
    );
}
