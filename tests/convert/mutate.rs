//! Breaking JSON in the ways that broken editors, packs and people do.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Changes one place of a file.
pub(crate) fn mutate(file: &mut Value, seed: u64) {
    let mut random = Rng::with_seed(seed);
    let donor = file.clone();
    let mut place = file;
    let mut left = random.usize(..12);
    while left > 0 && children(place) > 0 {
        place = child(place, random.usize(..children(place)));
        left -= 1;
    }
    change(place, &donor, &mut random);
}

/// Counts the values directly inside.
fn children(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Gives one of the values directly inside.
fn child(value: &mut Value, at: usize) -> &mut Value {
    match value {
        Value::Array(list) => &mut list[at],
        Value::Object(map) => map.values_mut().nth(at).unwrap(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Changes a value, or the list it is.
fn change(value: &mut Value, donor: &Value, random: &mut Rng) {
    match (random.u8(..8), &mut *value) {
        (0, Value::Array(list)) if !list.is_empty() => {
            list.remove(random.usize(..list.len()));
        }
        (1, Value::Array(list)) if !list.is_empty() => {
            let twin = list[random.usize(..list.len())].clone();
            list.insert(random.usize(..=list.len()), twin);
        }
        (2, Value::Array(list)) => random.shuffle(list),
        (0, Value::Object(map)) if !map.is_empty() => {
            let key = any_key(map, random);
            map.remove(&key);
        }
        (1 | 2, Value::Object(map)) if !map.is_empty() => {
            let (key, other) = (any_key(map, random), any_key(map, random));
            let moved = map.remove(&key).unwrap();
            map.insert(other, moved);
        }
        (3, Value::Number(number)) => {
            let near = number
                .as_i64()
                .unwrap_or(0)
                .wrapping_add(random.i64(-3..=3));
            *value = json!(near);
        }
        (4, Value::String(text)) => {
            let cut: String = text
                .chars()
                .take(random.usize(..=text.chars().count()))
                .collect();
            *value = json!(cut + "{|\\//*%a.b%\u{1b}");
        }
        (5 | 6, _) => *value = part_of(donor, random),
        _ => *value = scalar(random),
    }
}

/// Names one key.
fn any_key(map: &Map<String, Value>, random: &mut Rng) -> String {
    map.keys().nth(random.usize(..map.len())).unwrap().clone()
}

/// Takes some value out of the file itself, so that ids and classes fit by chance.
fn part_of(donor: &Value, random: &mut Rng) -> Value {
    let mut place = donor;
    for _ in 0..random.usize(..10) {
        let inner: Vec<&Value> = match place {
            Value::Array(list) => list.iter().collect(),
            Value::Object(map) => map.values().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => break,
        };
        match random.choice(inner) {
            Some(inner) => place = inner,
            None => break,
        }
    }
    place.clone()
}

/// Makes a value that nobody expects.
fn scalar(random: &mut Rng) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(2),
        json!(4),
        json!(-10),
        json!(-20),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!("-10"),
        json!("workflow>Enc"),
        json!("Reroute"),
        json!("\u{1b}[2J\u{202e}"),
        json!([]),
        json!([[[[[[]]]]]]),
        json!({}),
        json!({"__value__": []}),
    ];
    random.choice(odd).unwrap()
}
