//! What holds for any shot that the catalogue can make, and for any JSON at all.

use proptest::prelude::*;
use rushes::core::cinema::field::Kind;
use rushes::core::cinema::write::Ask;
use rushes::core::cinema::{Cinema, Field, Shot, Value};
use serde_json::json;

use crate::shared::{DAY, Dice, hard};

/// A shot of random choices from the catalogue.
fn drawn(cinema: &Cinema, seed: u64, density: usize) -> Shot {
    let mut dice = Dice::new(seed);
    let mut shot = Shot::default();
    for field in Field::choices() {
        if dice.below(100) >= density {
            continue;
        }
        let offers = cinema.options(&shot, field);
        if offers.is_empty() {
            continue;
        }
        let value = offers[dice.below(offers.len())].value.clone();
        let value = match (field.kind(), value) {
            (Kind::Picks(_), Value::Text(word)) => Value::Texts(vec![word]),
            (_, value) => value,
        };
        shot.set(field, value);
    }
    shot
}

fn put(shot: &Shot, field: Field, value: &Value) -> Shot {
    let mut after = shot.clone();
    let value = match (field.kind(), value) {
        (Kind::Picks(_), Value::Text(word)) => {
            let mut words: Vec<String> = shot
                .get(field)
                .map(Value::ids)
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect();
            if !words.contains(word) {
                words.push(word.clone());
            }
            Value::Texts(words)
        }
        (_, value) => value.clone(),
    };
    after.set(field, value);
    after
}

fn without(shot: &Shot, field: Field) -> Shot {
    let mut before = shot.clone();
    if !matches!(field.kind(), Kind::Picks(_)) {
        before.put(field, None, rushes::core::cinema::shot::Origin::Own);
    }
    before
}

/// JSON as a fuzzer makes it, with a liking for keys that mean something.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let keys: Vec<String> = Field::all()
        .flat_map(|field| {
            field
                .path()
                .split('.')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .chain(["waivers", "origins", "shot", "rule"].map(str::to_owned))
        .collect();
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        (1800_i64..2100).prop_map(|n| json!(n)),
        ".{0,12}".prop_map(|s| json!(s)),
        prop::sample::select(vec!["film", "sun", "arri-alexa-mini", "night", ""])
            .prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(4, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| json!(list)),
            prop::collection::btree_map(prop::sample::select(keys.clone()), inner, 0..8)
                .prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_offered_option_adds_no_hard_finding_and_a_refused_one_adds_those_it_names(seed in any::<u64>(), pick in any::<u64>()) {
        let cinema = Cinema::shipped();
        let shot = drawn(cinema, seed, 25);
        let fields: Vec<Field> = Field::choices().collect();
        let mut dice = Dice::new(pick);
        let field = fields[dice.below(fields.len())];
        let before = hard(cinema, &without(&shot, field));
        let offers = cinema.options(&shot, field);
        for _ in 0..6.min(offers.len()) {
            let offer = &offers[dice.below(offers.len())];
            let after = hard(cinema, &put(&shot, field, &offer.value));
            let added: Vec<&str> = after.iter().filter(|rule| !before.contains(rule)).map(String::as_str).collect();
            let named: Vec<&str> = offer.blocked_by.iter().map(|reason| reason.rule).collect();
            prop_assert_eq!(&added, &named, "{} {}", field, offer.value);
            prop_assert_eq!(offer.allowed, added.is_empty());
        }
    }

    #[test]
    fn every_fix_clears_what_it_claims(seed in any::<u64>()) {
        let cinema = Cinema::shipped();
        let shot = drawn(cinema, seed, 12);
        for fix in cinema.fixes(&shot, &[]).fixes {
            let mut mended = shot.clone();
            fix.apply(&mut mended);
            prop_assert_eq!(hard(cinema, &mended), Vec::<String>::new(), "{}", fix.message);
        }
        let before = hard(cinema, &shot);
        for finding in cinema.check(&shot, DAY).findings.iter().take(3) {
            for fix in cinema.fixes_of(&shot, &finding.rule).fixes {
                let mut mended = shot.clone();
                fix.apply(&mut mended);
                let after = cinema.check(&mended, DAY);
                prop_assert!(after.findings.iter().all(|f| f.rule != finding.rule), "{}", fix.message);
                prop_assert!(hard(cinema, &mended).iter().all(|rule| before.contains(rule)));
            }
        }
    }

    #[test]
    fn checking_twice_finds_the_same_and_a_shot_survives_its_own_text(seed in any::<u64>()) {
        let cinema = Cinema::shipped();
        let shot = drawn(cinema, seed, 50);
        let report = cinema.check(&shot, DAY);
        prop_assert!(report.findings.iter().all(|finding| finding.fault.is_none()));
        prop_assert_eq!(&report, &cinema.check(&shot, DAY));
        let read = Shot::from_toml(&shot.to_toml()).unwrap();
        prop_assert_eq!((&read.shot, read.slips.len()), (&shot, 0));
        prop_assert_eq!(cinema.check(&read.shot, DAY), report);
    }

    #[test]
    fn any_json_is_checked_offered_and_written_without_a_panic(value in any_json()) {
        let cinema = Cinema::shipped();
        let read = Shot::from_json(value);
        let mut report = cinema.check(&read.shot, DAY);
        report.read_from(cinema, &read);
        prop_assert_eq!(cinema.check(&read.shot, DAY), cinema.check(&read.shot, DAY));
        let _fixes = cinema.fixes(&read.shot, &[]);
        let _offers = cinema.options(&read.shot, Field::CAMERA);
        for target in cinema.catalog().targets.keys() {
            let written = cinema.write(&Ask { shot: &read.shot, subject: "", target }).unwrap();
            prop_assert!(!written.prompt.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_prompt_keeps_to_its_window_and_what_it_lost_is_told(seed in any::<u64>(), subject in "(\\w{1,12} ){0,400}") {
        let cinema = Cinema::shipped();
        let shot = drawn(cinema, seed, 70);
        for target in cinema.catalog().targets.values() {
            let written = cinema.write(&Ask { shot: &shot, subject: &subject, target: &target.id }).unwrap();
            prop_assert!(written.words <= target.words_max + 40, "{} {}", target.id, written.words);
            prop_assert!(target.token_limit.is_none_or(|limit| written.tokens <= limit), "{}", target.id);
            prop_assert!(target.char_limit.is_none_or(|limit| written.chars <= limit), "{}", target.id);
            if subject.split_whitespace().count() > target.words_max {
                prop_assert!(!written.dropped.is_empty());
            }
        }
    }
}
