//! How long an idea takes to become a prompt, and two revisions to be compared. The promise is one millisecond an idea.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rushes::core::prompt::{Ask, Target, diff, write};

fn ideas(criterion: &mut Criterion) {
    let long =
        "비 오는 골목에서 우산을 든 여자가 걷는다. 눈 덮인 산을 오르는 등산객이 노을을 바라본다. "
            .repeat(8);
    let table = [
        ("short", "귀여운 강아지가 뛰노는 밝은 영상"),
        (
            "sentence",
            "늦은 밤 편의점 앞 의자에 앉아 맥주를 마시는 청년",
        ),
        (
            "english",
            "An old fisherman mends his nets at dawn, 35mm film",
        ),
        ("paragraph", long.as_str()),
    ];
    // The lexicon is built on first use; that is part of starting, not of an idea.
    black_box(write(&Ask {
        idea: "강아지",
        ..Ask::default()
    }));
    let mut group = criterion.benchmark_group("prompt");
    for (name, idea) in table {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                write(black_box(&Ask {
                    idea,
                    ..Ask::default()
                }))
            })
        });
    }
    group.bench_function("all-targets", |bench| {
        bench.iter(|| {
            for target in Target::ALL {
                black_box(write(&Ask {
                    idea: "비 오는 골목에서 우산을 든 여자가 걷는다",
                    target,
                    ..Ask::default()
                }));
            }
        });
    });
    group.finish();
}

fn differences(criterion: &mut Criterion) {
    let old = write(&Ask {
        idea: "비 오는 골목에서 우산을 든 여자가 걷는다",
        ..Ask::default()
    })
    .prompt;
    let new = old
        .replace("alley", "street")
        .replace("woman", "man")
        .replace("rain", "snow");
    criterion.bench_function("diff/prompt", |bench| {
        bench.iter(|| diff::words(black_box(&old), black_box(&new)))
    });
    let steps = diff::words(&old, &new);
    criterion.bench_function("diff/apply", |bench| {
        bench.iter(|| diff::apply(black_box(&old), &steps.ops))
    });
}

criterion_group!(benches, ideas, differences);
criterion_main!(benches);
