//! Each rule has configurations that break it and that keep it.

use std::collections::{BTreeMap, BTreeSet};

use rushes::core::cinema::{Cinema, Shot};
use serde::Deserialize;

use crate::shared::DAY;

#[derive(Deserialize)]
struct Examples {
    example: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    rule: String,
    kind: String,
    expect: BTreeSet<String>,
    shot: toml::Value,
}

fn examples() -> Vec<Example> {
    let all: Examples = toml::from_str(include_str!("rules_examples.toml")).unwrap();
    all.example
}

#[test]
fn every_example_finds_exactly_what_it_says_in_toml_and_in_json() {
    let cinema = Cinema::shipped();
    let mut wrong = Vec::new();
    for example in examples() {
        let text = toml::to_string(&example.shot).unwrap();
        let json = serde_json::to_value(&example.shot).unwrap();
        for read in [Shot::from_toml(&text).unwrap(), Shot::from_json(json)] {
            assert_eq!(read.slips, [], "{text}");
            assert_eq!(read.shot.unknown_ids(cinema.catalog()), [], "{text}");
            let report = cinema.check(&read.shot, DAY);
            let found: BTreeSet<String> = report.findings.iter().map(|f| f.rule.clone()).collect();
            if found != example.expect {
                wrong.push(format!(
                    "{text}\n  found {found:?}\n  expected {:?}",
                    example.expect
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_an_example_that_breaks_it_and_one_that_keeps_it() {
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for example in examples() {
        let breaks = example.expect.contains(&example.rule);
        assert_eq!(breaks, example.kind == "violating", "{}", example.rule);
        kinds.entry(example.rule).or_default().insert(example.kind);
    }
    for rule in Cinema::shipped().rules() {
        let kinds = kinds.get(&rule.id).map_or(0, BTreeSet::len);
        assert_eq!(kinds, 2, "{}", rule.id);
    }
}

#[test]
fn every_rule_says_in_both_languages_what_is_wrong() {
    for rule in Cinema::shipped().rules() {
        let hangul = rule.message_ko.chars().any(|c| ('가'..='힣').contains(&c));
        assert!(
            rule.message.is_ascii() || rule.message.len() > 10,
            "{}",
            rule.id
        );
        assert!(hangul && rule.message_ko != rule.message, "{}", rule.id);
    }
}
