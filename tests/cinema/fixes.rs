//! Fixes are as small as can be: held against a search that tries everything.

use rushes::core::cinema::shot::Origin;
use rushes::core::cinema::{Cinema, Field, Shot, Value};

use crate::shared::{hard, shot};

/// A catalogue so small that every change can be tried.
const SMALL: &str = r#"
[[camera]]
id = "old-film"
maker = "A"
model = "Old"
year_introduced = 1930
kind = "film"
format = "35mm-4perf"
gauge = "35mm"
mounts = ["X"]
heft = "heavy"

[[camera]]
id = "new-film"
maker = "A"
model = "New"
year_introduced = 1990
kind = "film"
format = "35mm-4perf"
gauge = "35mm"
mounts = ["PL"]
heft = "medium"

[[camera]]
id = "digital"
maker = "B"
model = "D"
year_introduced = 2010
kind = "digital"
format = "super35"
mounts = ["PL"]
heft = "light"

[[lens]]
id = "old-glass"
maker = "A"
family = "Old"
year = 1930
mounts = ["X"]
coverage = ["35mm-4perf"]
anamorphic = false
zoom = false
focal_mm = [35.0, 50.0]
t_stop = 2.3

[[lens]]
id = "new-glass"
maker = "B"
family = "New"
year = 2000
mounts = ["PL"]
coverage = ["super35", "35mm-4perf"]
anamorphic = false
zoom = false
focal_mm = [25.0, 50.0]
t_stop = 1.4

[[stock]]
id = "silver"
maker = "K"
name = "Silver"
from_year = 1928
to_year = 1960
iso = 25
balance = "bw"
color = false
gauges = ["35mm"]
kind = "negative"

[[stock]]
id = "colour"
maker = "K"
name = "Colour"
from_year = 1952
iso = 50
balance = "daylight"
color = true
gauges = ["35mm"]
kind = "negative"
"#;

fn small() -> Cinema {
    let rules = include_str!("../../presets/cinema/rules.toml");
    let cinema = Cinema::of([("small.toml", SMALL), ("rules.toml", rules)]);
    assert_eq!(cinema.bad(), []);
    cinema
}

/// Everything a field could hold instead, by the catalogue: nothing, every id, every number on a grid.
fn everything(cinema: &Cinema, shot: &Shot, field: Field) -> Vec<Option<Value>> {
    let mut all: Vec<Option<Value>> = cinema
        .options(shot, field)
        .into_iter()
        .map(|offer| Some(offer.value))
        .collect();
    if field == Field::YEAR {
        all.extend((1850..=2080).map(|year| Some(Value::Whole(year))));
    }
    all.push(None);
    all
}

/// Whether any change of exactly these fields clears every hard finding.
fn can(cinema: &Cinema, shot: &Shot, fields: &[Field]) -> bool {
    let Some((first, rest)) = fields.split_first() else {
        return hard(cinema, shot).is_empty();
    };
    everything(cinema, shot, *first).into_iter().any(|value| {
        let mut tried = shot.clone();
        tried.put(*first, value, Origin::Own);
        can(cinema, &tried, rest)
    })
}

const CASES: [(&str, usize); 8] = [
    ("year = 1940\ncamera = \"digital\"\n", 1),
    ("camera = \"digital\"\nstock = \"silver\"\n", 1),
    ("camera = \"digital\"\nlens = \"old-glass\"\n", 1),
    (
        "year = 1940\ncamera = \"digital\"\nlens = \"new-glass\"\n",
        1,
    ),
    (
        "camera = \"old-film\"\nlens = \"new-glass\"\nstock = \"silver\"\ncolor_tone = \"pastel\"\n",
        2,
    ),
    (
        "subjects = 1\nsize = \"two-shot\"\ncamera = \"digital\"\nstock = \"silver\"\nlens = \"old-glass\"\n",
        2,
    ),
    (
        "camera = \"digital\"\nstock = \"silver\"\nprompt.model = \"ltx-2\"\nrender.frames = 100\n",
        2,
    ),
    (
        "subjects = 1\nsize = \"two-shot\"\nstop = 1.0\nlens = \"new-glass\"\nprompt.model = \"ltx-2\"\nrender.frames = 100\n",
        3,
    ),
];

#[test]
fn no_fix_of_fewer_fields_exists_than_the_one_offered() {
    let cinema = small();
    let all = [
        "year",
        "camera",
        "lens",
        "stock",
        "color_tone",
        "subjects",
        "size",
        "render.frames",
        "stop",
        "prompt.model",
    ];
    for (text, least) in CASES {
        let shot = shot(text);
        // A year that is not set can clear nothing: every rule about years asks first whether there is one.
        let fields: Vec<Field> = all
            .iter()
            .map(|name| Field::find(name).unwrap())
            .filter(|field| *field != Field::YEAR || shot.get(*field).is_some())
            .collect();
        let found = cinema.fixes(&shot, &[]);
        assert!(found.proven && !found.fixes.is_empty(), "{text}");
        for fix in &found.fixes {
            assert_eq!(fix.set.len(), least, "{text} {}", fix.message);
            let mut mended = shot.clone();
            fix.apply(&mut mended);
            assert_eq!(
                hard(&cinema, &mended),
                Vec::<String>::new(),
                "{}",
                fix.message
            );
        }
        for smaller in 0..least {
            for chosen in choices(&fields, smaller) {
                assert!(!can(&cinema, &shot, &chosen), "{text}: {chosen:?} suffice");
            }
        }
    }
}

fn choices(fields: &[Field], size: usize) -> Vec<Vec<Field>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in fields.iter().enumerate() {
        for mut rest in choices(&fields[n + 1..], size - 1) {
            rest.insert(0, *first);
            all.push(rest);
        }
    }
    all
}

#[test]
fn the_nearest_value_is_offered_first() {
    let cinema = Cinema::shipped();
    let fix = |text: &str| {
        let shot = shot(text);
        let fixes = cinema.fixes(&shot, &[]).fixes;
        fixes.into_iter().map(|fix| fix.message).collect::<Vec<_>>()
    };
    let late = fix("year = 1999\ncamera = \"arricam-st\"\nstock = \"kodak-vision-500t\"\n");
    assert!(late.contains(&"set year to 2000".to_owned()), "{late:?}");
    assert_eq!(
        fix("prompt.model = \"ltx-2\"\nrender.frames = 120\n")[0],
        "set render.frames to 121"
    );
    let mood = fix("preset = \"double-indemnity\"\nmood = [\"tense\", \"cheerful\"]\n");
    assert_eq!(mood[0], "set mood to tense");
    assert_eq!(
        fix("stop = 1.0\nlens = \"cooke-panchro-classic\"\n").len(),
        2
    );
}

#[test]
fn a_waived_rule_is_left_as_it_is() {
    let cinema = Cinema::shipped();
    let shot = shot("year = 1970\ncamera = \"arri-alexa-mini\"\nstock = \"eastman-5254\"\n");
    let fixes = cinema.fixes(&shot, &["camera.not-yet-made"]).fixes;
    assert!(
        fixes.iter().any(|fix| fix.message == "take stock away"),
        "{fixes:?}"
    );
}
