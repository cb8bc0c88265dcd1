//! Frames per second of drawing, encoding and decoding an animatic at the default size of a clip.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot make its clip has nothing to measure"
)]

use std::hint::black_box;
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rushes::media::animatic::Scene;
use rushes::media::clip::{Encoder, Reel};

/// One second of film at 768x512.
fn scene(prompt: &str) -> Scene {
    Scene {
        prompt: prompt.into(),
        mood: None,
        title: "비 오는 골목을 걷는 아이".into(),
        seed: 7,
        width: 768,
        height: 512,
        frames: 24,
        fps: 24.0,
    }
}

fn draw(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("animatic 768x512");
    group.throughput(Throughput::Elements(24)).sample_size(20);
    for (name, prompt) in [
        ("meadow", "a puppy runs through a meadow, petals"),
        (
            "neon rain",
            "a woman walks in a neon city at night, rain, handheld",
        ),
        ("fog", "a fox in a foggy forest, dolly in"),
    ] {
        let stage = scene(prompt).stage();
        group.bench_function(name, |bench| {
            bench.iter(|| {
                for n in 0..24 {
                    black_box(stage.frame(n));
                }
            });
        });
    }
    group.bench_function("setting the stage", |bench| {
        let scene = scene("a puppy runs through a meadow, petals");
        bench.iter(|| black_box(scene.stage()));
    });
    group.finish();
}

fn code(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("h264 768x512");
    group.throughput(Throughput::Elements(24)).sample_size(20);
    let film: Vec<_> = scene("a puppy runs through a meadow, petals")
        .film()
        .collect();
    let encode = || {
        let mut encoder = Encoder::new(768, 512, 24.0).expect("a size that can be encoded");
        for frame in &film {
            encoder.push(frame).expect("a frame of that size");
        }
        encoder.finish().expect("a clip with frames")
    };
    group.bench_function("encode", |bench| bench.iter(encode));
    let clip = encode();
    group.bench_function("decode", |bench| {
        bench.iter(|| {
            let mut reel = Reel::open(Cursor::new(&clip)).expect("our own clip");
            while let Some(frame) = reel.next_frame().expect("our own frames") {
                black_box(frame);
            }
        });
    });
    group.finish();
}

criterion_group!(media, draw, code);
criterion_main!(media);
