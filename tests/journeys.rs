//! Keys in, screen out, virtual clock: stories through the console's real state machine.

#[path = "journeys/desk.rs"]
mod desk;
#[path = "journeys/sample.rs"]
mod sample;

use desk::Desk;
use rushes::ui::lang::Lang;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Keeps a screen at three sizes and in both languages.
fn keep(name: &str, story: impl Fn(&mut Desk)) {
    for lang in [Lang::English, Lang::Korean] {
        for size in SIZES {
            let mut desk = Desk::open(size, lang);
            story(&mut desk);
            let tongue = if lang == Lang::Korean { "ko" } else { "en" };
            insta::assert_snapshot!(
                format!("{name}-{tongue}-{}x{}", size.0, size.1),
                desk.screen()
            );
        }
    }
}

#[test]
fn one_look_at_the_stage_tells_what_runs_and_what_is_wrong() {
    keep("stage", |_| {});
}
