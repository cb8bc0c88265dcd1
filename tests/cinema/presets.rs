//! Presets are true to their year, can be applied anywhere, and remember what they set.

use rushes::core::cinema::apply::{Own, keep};
use rushes::core::cinema::shot::Origin;
use rushes::core::cinema::{Cinema, Field, Shot};

use crate::shared::{hard, shot};

#[test]
fn no_preset_breaks_a_hard_rule_or_names_what_is_not_there() {
    let cinema = Cinema::shipped();
    let mut wrong = Vec::new();
    for id in cinema.catalog().presets.keys() {
        let applied = cinema.apply(&Shot::default(), id, Own::Stay).unwrap();
        assert_eq!(applied.shot.unknown_ids(cinema.catalog()), []);
        let hard = hard(cinema, &applied.shot);
        if !hard.is_empty() {
            wrong.push(format!("{id}: {hard:?}\n{}", applied.shot.to_toml()));
        }
        assert_eq!(applied.changes.len(), applied.shot.values().count(), "{id}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn own_choices_stay_and_the_next_preset_takes_away_what_the_last_one_set() {
    let cinema = Cinema::shipped();
    let own = shot("camera = \"arri-alexa-35\"\n");
    let first = cinema.apply(&own, "chinatown", Own::Stay).unwrap();
    assert_eq!(first.shot.text(Field::CAMERA), Some("arri-alexa-35"));
    assert_eq!(first.shot.origin(Field::CAMERA), Some(&Origin::Own));
    let chinatown = Origin::Preset("chinatown".to_owned());
    assert_eq!(first.shot.origin(Field::LENS), Some(&chinatown));
    assert!(
        first
            .stayed
            .iter()
            .any(|(field, _)| *field == Field::CAMERA)
    );

    let second = cinema.apply(&first.shot, "akira", Own::Stay).unwrap();
    assert_eq!(second.shot.text(Field::CAMERA), Some("arri-alexa-35"));
    assert_eq!(second.shot.text(Field::LENS), None);
    let fresh = cinema.apply(&own, "akira", Own::Stay).unwrap();
    assert_eq!(second.shot, fresh.shot);

    let replaced = cinema.apply(&own, "chinatown", Own::Yield).unwrap();
    assert_ne!(replaced.shot.text(Field::CAMERA), Some("arri-alexa-35"));
    assert!(replaced.stayed.is_empty());
}

#[test]
fn a_kept_shot_comes_back_as_a_preset() {
    let mine = shot(
        "year = 1997\ncamera = \"arriflex-535\"\nmood = [\"tense\"]\nlens = { id = \"cooke-s4i\", focal_mm = 50 }\n",
    );
    let text = keep(&mine, "my-look", "My look");
    let cinema = Cinema::with(&[("own.toml".to_owned(), text.clone())]);
    assert_eq!(cinema.bad(), [], "{text}");
    let applied = cinema
        .apply(&Shot::default(), "my-look", Own::Stay)
        .unwrap();
    for (field, value) in mine.values() {
        assert_eq!(applied.shot.get(field), Some(value));
        let own = Origin::Preset("my-look".to_owned());
        assert_eq!(applied.shot.origin(field), Some(&own));
    }
}

#[test]
fn doubts_and_exceptions_of_a_preset_reach_the_user() {
    let cinema = Cinema::shipped();
    let vertigo = cinema
        .apply(&Shot::default(), "vertigo", Own::Stay)
        .unwrap();
    assert!(vertigo.exception.unwrap().contains("dolly zoom"));
    assert!(vertigo.confidence.is_some());
    assert!(
        cinema
            .apply(&Shot::default(), "no-such-film", Own::Stay)
            .is_none()
    );
}
