//! The scenes.

use serde_json::{Value, json};

use rushes::core::job::Intent;
use rushes::store::PAUSED;

use super::world::{Age, Room};

/// Two cards: one at work with all figures, one at rest that has no fan and reports no power.
const TWO_CARDS: &str = "\
lib count 2
lib program.4711 /usr/bin/python3
0 name NVIDIA GeForce RTX 4090
0 uuid GPU-0000aaaa
0 load 97
0 temperature 71
0 power 312400
0 limit 450000
0 fan 64
0 total 25757220864
0 used 21474836480
0 processes 4711:20000000000 4712:-
0 windows 4711:30000000 4713:1000
1 name NVIDIA H200
1 uuid GPU-1111bbbb
1 load 0
1 temperature 31
1 total 150754820096
1 used 0
";

fn lost(card: &str) -> String {
    format!("{TWO_CARDS}{card} fails 15\n")
}

/// Waits until both cards are read well.
fn both(cards: &[Value]) -> bool {
    cards.len() == 2 && cards.iter().all(|card| card["state"] == "ok")
}

#[test]
fn two_cards_are_read_with_what_each_reports_and_null_for_the_rest() {
    let room = Room::watched(TWO_CARDS);
    let mut cards = room.await_cards("two cards", both);
    for card in &mut cards {
        assert!(card["age_s"].take().as_f64().unwrap() >= 0.0);
    }
    assert_eq!(
        cards[0],
        json!({
            "worker": null, "source": "nvml", "index": 0, "uuid": "GPU-0000aaaa", "name": "NVIDIA GeForce RTX 4090",
            "util_pct": 97, "vram_used": 21_474_836_480_u64, "vram_total": 25_757_220_864_u64, "temperature_c": 71,
            "power_w": 312.4, "power_limit_w": 450.0, "fan_pct": 64, "processes": [
                {"pid": 4711, "name": "python3", "vram": 20_000_000_000_u64, "job": null, "worker": null},
                {"pid": 4713, "name": null, "vram": 1000, "job": null, "worker": null},
                {"pid": 4712, "name": null, "vram": null, "job": null, "worker": null},
            ], "job": null, "mig": null, "kind": null, "state": "ok", "why": null, "age_s": null,
        })
    );
    assert_eq!(
        cards[1],
        json!({
            "worker": null, "source": "nvml", "index": 1, "uuid": "GPU-1111bbbb", "name": "NVIDIA H200",
            "util_pct": 0, "vram_used": 0, "vram_total": 150_754_820_096_u64, "temperature_c": 31,
            "power_w": null, "power_limit_w": null, "fan_pct": null, "processes": [], "job": null, "mig": null,
            "kind": null, "state": "ok", "why": null, "age_s": null,
        })
    );
    assert!(room.await_driver(true).why.is_none());
    assert!(
        room.events().is_empty(),
        "a driver that is there is no news"
    );
}

#[test]
fn a_card_that_falls_off_the_bus_is_told_lost_by_name_while_the_other_goes_on_and_may_come_back() {
    let room = Room::watched(TWO_CARDS);
    room.await_cards("two cards", both);
    room.driver.now(&lost("1"));
    let cards = room.await_cards("a lost card", |cards| cards[1]["state"] == "lost");
    assert_eq!(cards[1]["uuid"], "GPU-1111bbbb");
    assert_eq!(cards[1]["vram_total"], Value::Null);
    assert!(cards[1]["why"].as_str().unwrap().contains("fell off"));
    assert_eq!(
        (&cards[0]["state"], &cards[0]["util_pct"]),
        (&json!("ok"), &json!(97))
    );
    room.driver.now(TWO_CARDS);
    room.await_cards("both again", both);
    room.await_that("two events", || (room.events().len() == 2).then_some(()));
    let events = room.events();
    assert_eq!(
        (events[0].0.as_str(), events[1].0.as_str()),
        ("gpu-lost", "gpu-back")
    );
    assert_eq!(events[0].1["uuid"], "GPU-1111bbbb");
}

#[test]
fn a_card_that_answers_nothing_but_internal_errors_is_lost_too() {
    const UNKNOWN_ERROR: u32 = 999;
    let scene = format!(
        "{TWO_CARDS}1 load.fails {UNKNOWN_ERROR}\n1 temperature.fails {UNKNOWN_ERROR}\n1 total.fails {UNKNOWN_ERROR}\n\
         1 processes.fails {UNKNOWN_ERROR}\n1 power.fails {UNKNOWN_ERROR}\n"
    );
    let room = Room::watched(&scene);
    let cards = room.await_cards("a lost card", |cards| {
        cards.len() == 2 && cards[1]["state"] == "lost"
    });
    let why = cards[1]["why"].as_str().unwrap();
    assert!(
        why.contains("load") && why.contains("internal driver error"),
        "{why}"
    );
    assert_eq!(cards[0]["state"], "ok");
}

#[test]
fn when_every_card_is_lost_the_library_is_started_anew_and_finds_them_again() {
    let room = Room::watched(&format!("{TWO_CARDS}0 fails 15\n1 fails 16\n"));
    let cards = room.await_cards("two lost cards", |cards| {
        cards.len() == 2 && cards.iter().all(|card| card["state"] == "lost")
    });
    assert!(cards[1]["why"].as_str().unwrap().contains("reset"));
    // Were the library not started anew, this refusal would not be met.
    room.driver
        .now(&format!("{}1 fails 15\nlib init.fails 9\n", lost("0")));
    assert!(room.await_driver(false).why.unwrap().contains("not loaded"));
    room.driver.now(TWO_CARDS);
    room.await_cards("both again", both);
}

#[test]
fn a_split_card_is_told_with_its_parts_and_its_processes_once() {
    let room = Room::watched(
        "lib count 1\n0 name NVIDIA A100\n0 uuid GPU-a\n0 temperature 40\n0 power 90000\n0 total 42949672960\n\
         0 used 1000\n0 mig 1\n0 places 7\n0 processes 8:1\n\
         0.0 name NVIDIA A100 MIG 3g.20gb\n0.0 uuid MIG-0\n0.0 total 20937965568\n0.0 used 500\n0.0 processes 8:1\n\
         0.2 name NVIDIA A100 MIG 1g.5gb\n0.2 uuid MIG-2\n0.2 fails 4\n",
    );
    let cards = room.await_cards("a split card", |cards| cards.len() == 3);
    let told: Vec<Value> = cards
        .iter()
        .map(|card| {
            json!([
                card["index"],
                card["mig"],
                card["uuid"],
                card["state"],
                card["vram_total"],
                card["temperature_c"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!([0, null, "GPU-a", "split", 42_949_672_960_u64, 40]),
            json!([0, 0, "MIG-0", "ok", 20_937_965_568_u64, null]),
            json!([0, 2, null, "denied", null, null]),
        ]
    );
    assert_eq!(cards[0]["processes"], json!([]));
    assert_eq!(cards[1]["processes"][0]["pid"], 8);
    assert!(cards[0]["why"].as_str().unwrap().contains("2 MIG devices"));
}

#[test]
fn what_this_user_may_not_read_is_said_and_the_rest_is_read() {
    let room = Room::watched(&format!(
        "{TWO_CARDS}0 processes.fails 4\n0 power.fails 4\n1 handle.fails 17\n"
    ));
    let cards = room.await_cards("a denied card", |cards| {
        cards.len() == 2 && cards[1]["state"] == "denied"
    });
    assert_eq!(
        (&cards[0]["state"], &cards[0]["util_pct"]),
        (&json!("ok"), &json!(97))
    );
    assert_eq!(
        (&cards[0]["power_w"], &cards[0]["power_limit_w"]),
        (&Value::Null, &json!(450.0))
    );
    assert_eq!(
        cards[0]["why"],
        "not permitted to read its power and processes"
    );
    assert_eq!(cards[1]["why"], "not permitted to read it");
}

#[test]
fn a_machine_without_a_driver_says_so_once_however_many_engines_look() {
    let mut room = Room::of(Age::New, "");
    room.without_library();
    for _ in 0..2 {
        room.start();
        let driver = room.await_driver(false);
        assert!(
            driver
                .why
                .unwrap()
                .starts_with("there is no NVIDIA driver here")
        );
        room.stop();
    }
    let events = room.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].0, "gpu-driver-absent");
    assert_eq!(room.cards(), Vec::<Value>::new());
}

#[test]
fn a_driver_that_may_not_be_asked_or_is_loaded_later_is_met_when_it_comes() {
    let room = Room::watched("lib init.fails 4\n");
    assert!(
        room.await_driver(false)
            .why
            .unwrap()
            .contains("may not ask")
    );
    room.driver.now("lib init.fails 18\n");
    room.await_that("the other reason", || {
        let why = room.await_driver(false).why.unwrap();
        why.contains("restart the machine").then_some(())
    });
    room.driver.now(TWO_CARDS);
    room.await_cards("two cards", both);
    room.await_driver(true);
    let kinds: Vec<String> = room.events().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["gpu-driver-absent", "gpu-driver-back"]);
    room.driver.now("lib count.fails 1\n");
    room.await_driver(false);
    room.await_cards("no cards", <[Value]>::is_empty);
}

#[test]
fn a_driver_that_hangs_keeps_no_engine_from_working_or_ending() {
    let mut room = Room::watched(TWO_CARDS);
    room.await_cards("two cards", both);
    room.driver.now(&format!("{TWO_CARDS}lib hangs 1\n"));
    room.await_that("a call that hangs", || room.driver.hangs().then_some(()));
    room.ask(&Intent::Pause);
    room.await_that("a wish that is granted", || {
        room.store.setting::<bool>(PAUSED).unwrap()
    });
    assert!(both(&room.cards()), "the last figures stay");
    room.stop();
}

#[test]
fn an_old_driver_without_the_newer_calls_tells_what_it_can() {
    let mut room = Room::of(Age::Old, TWO_CARDS);
    room.start();
    let cards = room.await_cards("two cards", both);
    assert_eq!(
        (&cards[0]["util_pct"], &cards[0]["temperature_c"]),
        (&json!(97), &json!(71))
    );
    assert_eq!(
        (&cards[0]["vram_total"], &cards[0]["fan_pct"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&cards[0]["why"], &cards[0]["processes"]),
        (&Value::Null, &json!([]))
    );
}

#[test]
fn names_from_a_driver_cannot_move_the_cursor() {
    let room = Room::watched(
        "lib count 1\nlib program.5 /tmp/\u{1b}[2Jevil\u{7}\n0 name \u{1b}]0;owned\u{7}GPU\n0 uuid GPU-\u{202e}x\n0 load 1\n0 processes 5:1\n",
    );
    let cards = room.await_cards("a card", |cards| cards.len() == 1);
    let told = [
        &cards[0]["name"],
        &cards[0]["uuid"],
        &cards[0]["processes"][0]["name"],
    ];
    assert_eq!(told, ["]0;ownedGPU", "GPU-x", "[2Jevil"]);
}

#[test]
fn a_worker_elsewhere_is_known_by_what_it_says_and_its_figures_are_kept_fresh() {
    let mut room = Room::of(Age::New, "");
    room.without_library();
    let worker = room.worker("gpu1");
    let device = |free: u64| {
        json!([{
            "name": "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "type": "cuda", "index": 0,
            "vram_total": 24_000, "vram_free": free, "torch_vram_total": 0, "torch_vram_free": 0,
        }])
    };
    worker.tells(device(20_000));
    room.start();
    let cards = room.await_cards("its card", |cards| cards.len() == 1);
    assert_eq!(
        json!([
            cards[0]["worker"],
            cards[0]["source"],
            cards[0]["index"],
            cards[0]["name"],
            cards[0]["kind"]
        ]),
        json!(["gpu1", "comfyui", 0, "NVIDIA GeForce RTX 4090", "cuda"])
    );
    assert_eq!(
        json!([
            cards[0]["vram_used"],
            cards[0]["vram_total"],
            cards[0]["util_pct"]
        ]),
        json!([4_000, 24_000, null])
    );
    worker.tells(device(1_000));
    room.await_cards("newer figures", |cards| cards[0]["vram_used"] == 23_000);
    worker.tells(json!([]));
    room.await_cards("no card", <[Value]>::is_empty);
}

#[test]
fn what_a_forgotten_worker_told_goes_with_it() {
    let mut room = Room::watched("");
    let worker = room.worker("gpu1");
    worker.tells(
        json!([{"name": "cpu", "type": "cpu", "index": null, "vram_total": 8, "vram_free": 4}]),
    );
    room.stop();
    room.start();
    room.await_cards("its device", |cards| cards.len() == 1);
    room.driver.now(TWO_CARDS);
    room.await_cards("all three", |cards| cards.len() == 3);
    room.ask(&Intent::WorkerRemove {
        name: "gpu1".to_owned(),
    });
    room.await_cards("the cards of this machine alone", both);
}

#[cfg(target_os = "linux")]
#[test]
fn a_card_is_the_workers_whose_process_is_on_it_and_is_told_once() {
    let mut room = Room::of(
        Age::New,
        &format!("{TWO_CARDS}1 processes {}:7\n", std::process::id()),
    );
    let worker = room.worker("mine");
    worker.tells(json!([{"name": "cuda:1 NVIDIA H200", "type": "cuda", "index": 1, "vram_total": 8, "vram_free": 4}]));
    room.start();
    let cards = room.await_cards("the worker on its card", |cards| {
        cards.len() == 2 && cards[1]["worker"] == "mine"
    });
    assert_eq!(cards[1]["processes"][0]["worker"], "mine");
    assert!(
        cards[1]["processes"][0]["name"].is_string(),
        "named by the system"
    );
    assert_eq!(
        (&cards[0]["worker"], &cards[1]["source"]),
        (&Value::Null, &json!("nvml"))
    );
}
