//! The prompts of sixteen configurations for every target, as they are today: a change shows as a difference.

use std::fmt::Write;

use rushes::core::cinema::apply::Own;
use rushes::core::cinema::write::Ask;
use rushes::core::cinema::{Cinema, Field, Shot};

use crate::shared::shot;

fn configurations(cinema: &Cinema) -> Vec<(&'static str, Shot)> {
    let film = |id: &'static str| {
        (
            id,
            cinema.apply(&Shot::default(), id, Own::Stay).unwrap().shot,
        )
    };
    vec![
        film("chinatown"),
        film("citizen-kane"),
        film("metropolis"),
        film("in-the-mood-for-love"),
        film("wizard-of-oz"),
        film("akira"),
        film("takahata-watercolor"),
        ("nothing", Shot::default()),
        (
            "rain-night",
            shot(
                "subject = \"a woman with a red umbrella crosses the alley\"\nsize = \"medium-wide\"\nangle = \"low\"\nlocation = \"exterior\"\ntime_of_day = \"night\"\nweather = \"rain\"\nlighting.source = \"neon\"\nmovement = { type = \"follow\", timing = \"slow\", equipment = \"steadicam\" }\nmood = [\"lonely\"]\ncolor_tone = \"neon\"\naspect = \"2.39\"\n",
            ),
        ),
        (
            "portrait",
            shot(
                "subject = \"an old fisherman\"\nsize = \"close-up\"\nlens = { id = \"cooke-s4i\", focal_mm = 65 }\ncamera = \"arri-alexa-mini\"\nstop = 2.8\ncomposition = [\"shallow-focus\"]\nlighting = { style = [\"rembrandt\"], source = \"window-light\" }\naspect = \"1.85\"\n",
            ),
        ),
        (
            "vertical",
            shot(
                "subject = \"a dancer\"\naspect = \"0.56\"\nmovement.type = \"orbit\"\nsize = \"full\"\n",
            ),
        ),
        (
            "korean",
            shot(
                "subject = \"비 오는 골목을 걷는 고양이\"\nsize = \"wide\"\ntime_of_day = \"blue-hour\"\nmovement.type = \"push-in\"\n",
            ),
        ),
        (
            "slow-motion",
            shot(
                "subject = \"a horse gallops through surf\"\nfps = 240\ntime_of_day = \"golden-hour\"\nlocation = \"exterior\"\nlighting.source = \"low-sun\"\nmovement.type = \"truck\"\n",
            ),
        ),
        (
            "negative",
            shot(
                "subject = \"an empty street\"\nprompt.negative = \"people, text --ar 1:1\"\nsize = \"establishing\"\naspect = \"1.78\"\n",
            ),
        ),
        (
            "static-overhead",
            shot(
                "subject = \"a table laid for two\"\nangle = \"overhead\"\nmovement = { type = \"static\", timing = \"static\" }\nlighting.source = \"candle\"\nmood = [\"tender\"]\n",
            ),
        ),
        (
            "period",
            shot(
                "subject = \"a telegraph clerk\"\nsetting_year = 1890\nyear = 2020\nlighting = { source = \"gaslight\", visible = true }\nsize = \"medium\"\nsubjects = 1\n",
            ),
        ),
    ]
}

#[test]
fn prompts_are_what_they_were() {
    let cinema = Cinema::shipped();
    for (name, shot) in configurations(cinema) {
        let mut page = String::new();
        for target in cinema.catalog().targets.keys() {
            let written = cinema
                .write(&Ask {
                    shot: &shot,
                    subject: "",
                    target,
                })
                .unwrap();
            writeln!(
                page,
                "[{target}] {} words\n{}",
                written.words, written.prompt
            )
            .unwrap();
            if let Some(negative) = written.negative {
                writeln!(page, "negative: {negative}").unwrap();
            }
            for dropped in written.dropped {
                writeln!(page, "dropped: {} ({})", dropped.text, dropped.reason).unwrap();
            }
            page.push('\n');
        }
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, page);
        });
    }
}

#[test]
fn a_still_picture_is_not_told_to_move_and_a_tag_model_gets_tags() {
    let cinema = Cinema::shipped();
    let shot = shot(
        "subject = \"a cat\"\nmovement.type = \"push-in\"\nsize = \"close-up\"\naspect = \"2.39\"\n",
    );
    let write = |target: &str| {
        cinema
            .write(&Ask {
                shot: &shot,
                subject: "",
                target,
            })
            .unwrap()
    };
    assert!(!write("flux-2").prompt.contains("dolly"));
    assert!(
        write("flux-2")
            .dropped
            .iter()
            .any(|dropped| dropped.text.contains("dolly"))
    );
    assert_eq!(write("sdxl").prompt, "a cat, close-up on the face");
    assert!(write("midjourney").prompt.ends_with("--ar 239:100"));
    assert!(
        write("hunyuanvideo-1.5")
            .prompt
            .contains("The camera moves forward")
    );
    assert!(write("wan-2.2").prompt.starts_with("Close-up shot. "));
    assert!(
        cinema
            .write(&Ask {
                shot: &shot,
                subject: "",
                target: "no-model"
            })
            .is_none()
    );
}

#[test]
fn the_least_important_words_go_first_and_the_subject_last() {
    let cinema = Cinema::shipped();
    let full = cinema
        .apply(&Shot::default(), "citizen-kane", Own::Stay)
        .unwrap()
        .shot;
    let subject = "a boy plays in the snow outside the window of a boarding house while his mother signs a paper";
    let written = cinema
        .write(&Ask {
            shot: &full,
            subject,
            target: "sd-1.5",
        })
        .unwrap();
    assert!(written.prompt.contains(subject), "{}", written.prompt);
    let gone: Vec<&str> = written
        .dropped
        .iter()
        .map(|dropped| dropped.text.as_str())
        .collect();
    let at = |words: &str| gone.iter().position(|text| text.contains(words));
    assert!(at("Mitchell").is_some(), "{gone:?}");
    assert!(
        at("Mitchell") < at("low-key").or(Some(usize::MAX)),
        "{gone:?}"
    );
    assert_eq!(Field::find("camera"), Some(Field::CAMERA));
}
