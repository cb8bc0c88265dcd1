//! What the store costs: search over many prompts, a durable write, opening.
//!
//! `RUSHES_BENCH_ROWS=1000000 cargo bench --bench store` measures the size that was promised.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be set up must stop"
)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use rushes::store::{NewRevision, Role, Store};

/// Rows without `RUSHES_BENCH_ROWS`: enough to need the index, few enough to fill in seconds.
const ROWS: u32 = 20_000;

const WHO: [&str; 12] = [
    "강아지",
    "고양이",
    "소녀",
    "할머니",
    "우주비행사",
    "기차",
    "파도",
    "도시",
    "꽃잎",
    "자전거",
    "등대",
    "무용수",
];
const WHERE: [&str; 12] = [
    "골목길을",
    "바닷가에서",
    "숲속의",
    "한강에서",
    "시장에서",
    "옥상에",
    "지하철역에서",
    "들판을",
    "눈밭에서",
    "성당에서",
    "다리를",
    "궁궐에서",
];
const DOES: [&str; 8] = [
    "달린다",
    "걷는다",
    "춤춘다",
    "바라본다",
    "노래한다",
    "기다린다",
    "웃는다",
    "사라진다",
];
const ENGLISH: [&str; 16] = [
    "rain",
    "sunlight",
    "neon",
    "fog",
    "snow",
    "dusk",
    "reflections",
    "handheld",
    "dolly",
    "close-up",
    "wide",
    "grain",
    "golden",
    "silhouette",
    "lantern",
    "harbour",
];

fn pick<'a>(words: &[&'a str], at: u32, step: u32) -> &'a str {
    let index = at.wrapping_mul(2_654_435_761).rotate_left(step) as usize % words.len();
    words[index]
}

fn shelf(path: &Path, rows: u32) -> Store {
    let store = Store::open(path, Role::Person).expect("a store in a temporary folder");
    let texts = (0..rows).map(|n| {
        let idea = format!(
            "{} {} {}",
            pick(&WHO, n, 3),
            pick(&WHERE, n, 7),
            pick(&DOES, n, 11)
        );
        let words: Vec<&str> = (0..8).map(|k| pick(&ENGLISH, n, 5 + k)).collect();
        (
            format!("{n:032}"),
            idea,
            format!("A scene with {}, take {n}.", words.join(", ")),
        )
    });
    let texts: Vec<_> = texts.collect();
    let revisions = texts.iter().map(|(id, idea, prompt)| NewRevision {
        id,
        author: "lexicon",
        idea,
        prompt,
        ..NewRevision::default()
    });
    store.add_revisions(revisions, 0).expect("rows");
    store
}

fn search(c: &mut Criterion) {
    let rows = std::env::var("RUSHES_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let store = shelf(&path, rows);
    let mut group = c.benchmark_group(format!("search/{rows}"));
    for query in [
        "골목",
        "우주비행사",
        "강아지 골목",
        "neon",
        "neon 골목",
        "우주비행사 harbour 지하철역",
        "강",
        "lan*",
    ] {
        group.bench_function(query, |b| {
            b.iter(|| black_box(store.history(query, None, 20).expect("rows")));
        });
    }
    group.bench_function("newest", |b| {
        b.iter(|| black_box(store.history("", None, 20).expect("rows")));
    });
    group.finish();
    c.bench_function("open", |b| {
        b.iter(|| black_box(Store::open(&path, Role::Reader).expect("a store")));
    });
}

fn write(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path, Role::Engine).expect("a store");
    let volatile = Store::open_volatile(&path).expect("a store");
    let mut n = 0_u64;
    for (name, store) in [("durable write", &store), ("volatile write", &volatile)] {
        c.bench_function(name, |b| {
            b.iter(|| {
                n += 1;
                store.put_setting("bench", &n).expect("a write");
            });
        });
    }
}

criterion_group!(benches, search, write);
criterion_main!(benches);
