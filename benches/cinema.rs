//! What the cinema engine costs: one shot against every rule, a thousand shots, options for the largest field, a fix.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::{Date, date};
use rushes::core::cinema::apply::Own;
use rushes::core::cinema::write::Ask;
use rushes::core::cinema::{Cinema, Field, Shot};

const DAY: Date = date(2026, 11, 21);

/// A shot with a value in most fields, and one that three hard rules stand against.
const FULL: &str = r#"
year = 1974
setting_year = 1937
size = "medium"
angle = "low"
composition = ["rule-of-thirds", "shallow-focus"]
subjects = 2
fps = 24.0
stop = 2.8
location = "interior"
time_of_day = "night"
weather = "clear"
mood = ["tense", "melancholic"]
color_tone = "warm-desaturated"
aspect = "2.35"
camera = "panavision-panaflex"
lens = { id = "panavision-c-series", focal_mm = 40.0 }
stock = "eastman-5254"
lighting = { style = ["low-key"], source = "tungsten-fresnel", fill = "paper-lantern" }
movement = { type = "push-in", timing = "slow", equipment = "dolly" }
preset = "chinatown"
prompt.model = "ltx-2"
render = { width = 1280, height = 704, frames = 121 }
"#;
const WRONG: &str = "year = 1960\ncamera = \"arri-alexa-35\"\nlens = \"panavision-primo\"\nstock = \"kodak-vision3-500t\"\nlighting.source = \"led-panel\"\nsubjects = 1\nsize = \"two-shot\"\n";

fn shot(text: &str) -> Shot {
    Shot::from_toml(text)
        .map(|read| read.shot)
        .unwrap_or_default()
}

fn cinema(c: &mut Criterion) {
    let cinema = Cinema::shipped();
    let (full, wrong) = (shot(FULL), shot(WRONG));
    c.bench_function("one shot, every rule", |b| {
        b.iter(|| cinema.check(black_box(&full), DAY));
    });
    let shots: Vec<Shot> = cinema
        .catalog()
        .presets
        .keys()
        .cycle()
        .take(1_000)
        .filter_map(|id| cinema.apply(&Shot::default(), id, Own::Stay))
        .map(|applied| applied.shot)
        .collect();
    c.bench_function("1,000 shots, every rule", |b| {
        b.iter(|| {
            let counts = shots
                .iter()
                .map(|shot| cinema.check(shot, DAY).counts().hard);
            counts.sum::<usize>()
        });
    });
    for field in [Field::CAMERA, Field::LENS] {
        c.bench_function(&format!("options for {field}"), |b| {
            b.iter(|| cinema.options(black_box(&full), field));
        });
    }
    c.bench_function("the smallest fix of a shot with many faults", |b| {
        b.iter(|| cinema.fixes(black_box(&wrong), &[]));
    });
    c.bench_function("a prompt", |b| {
        let ask = Ask {
            shot: &full,
            subject: "a man in a linen suit",
            target: "sdxl",
        };
        b.iter(|| cinema.write(black_box(&ask)));
    });
    c.bench_function("reading everything shipped", |b| {
        b.iter(|| Cinema::with(&[]))
    });
}

criterion_group!(benches, cinema);
criterion_main!(benches);
