use proptest::prelude::*;

use super::*;

fn ideas() -> impl Iterator<Item = &'static str> {
    include_str!("corpus.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split('\t').next())
}

fn prompt(idea: &str, target: Target) -> Written {
    write(&Ask {
        idea,
        target,
        ..Ask::default()
    })
}

#[test]
fn the_lexicon_knows_more_than_two_thousand_four_hundred_words() {
    assert!(headwords() >= 2_400, "{}", headwords());
}

#[test]
fn every_target_keeps_every_idea_inside_its_window() {
    for target in Target::ALL {
        let limits = target.limits();
        for idea in ideas() {
            let written = prompt(idea, target);
            let body = written.prompt.split(" --").next().unwrap();
            assert!(!body.trim().is_empty(), "{idea} for {target:?}");
            assert!(
                shape::words(body) <= limits.words.1,
                "{idea} for {target:?}: {}",
                written.words
            );
            assert!(
                limits
                    .characters
                    .is_none_or(|most| written.prompt.chars().count() <= most)
            );
            assert_eq!(
                written.negative.is_empty(),
                limits.negative != Negatives::Field,
                "{target:?}"
            );
        }
    }
}

#[test]
fn an_idea_too_long_for_a_model_is_cut_and_the_rest_is_reported() {
    let idea = "비 오는 골목에서 우산을 든 여자가 걷는다. ".repeat(60);
    for target in Target::ALL {
        let written = prompt(&idea, target);
        let body = written.prompt.split(" --").next().unwrap();
        assert!(shape::words(body) <= target.limits().words.1, "{target:?}");
        assert!(!written.dropped.is_empty(), "{target:?}");
    }
    let written = prompt(&"가".repeat(5_000), Target::Ltx2);
    assert!(
        written.dropped.iter().any(|d| d.reason.contains("4000")),
        "{:?}",
        written.dropped
    );
}

#[test]
fn an_ltx_prompt_is_one_paragraph_of_three_to_six_sentences() {
    for idea in ideas() {
        let written = prompt(idea, Target::Ltx2);
        let sentences = clean::sentences(&written.prompt).len();
        assert!(
            (3..=6).contains(&sentences),
            "{sentences} in {}",
            written.prompt
        );
        assert!(!written.prompt.contains('\n') && written.prompt.ends_with('.'));
        let short = clean::sentences(&written.simplified).len();
        assert!((1..=3).contains(&short), "{}", written.simplified);
    }
}

#[test]
fn the_first_idea_anyone_types_reads_like_a_film() {
    assert_eq!(
        prompt("귀여운 강아지가 뛰노는 밝은 영상", Target::Ltx2).prompt,
        "A cute puppy runs and plays in a bright, sunlit outdoor space. The fur, eyes and small, quick movements of the \
         puppy are rendered in crisp, natural detail. The camera follows the puppy at eye level in a smooth medium \
         tracking shot. Bright, even light fills the scene with clear, vivid colors. The mood is cheerful and lively, \
         with a quick visual beat. Happy little barks are heard over soft ambience."
    );
}

#[test]
fn each_model_gets_its_own_form() {
    let idea = "비 오는 골목에서 우산을 든 여자가 걷는다";
    let table = [
        (
            Target::Wan22,
            "Day time, Overcast lighting, Medium shot, Cool colors. A woman holding an umbrella walks",
        ),
        (
            Target::HunyuanVideo15,
            "A woman holding an umbrella walks in a rainy alley. ",
        ),
        (Target::RunwayGen3, "Camera holds a steady medium shot"),
        (Target::RunwayGen4, "The woman walks in a rainy alley."),
        (
            Target::Flux1,
            "A woman holding an umbrella walks in a rainy alley. ",
        ),
        (
            Target::Sdxl,
            "a woman holding an umbrella walking in a rainy alley, soft overcast light, ",
        ),
        (
            Target::Midjourney,
            "a woman holding an umbrella walking in a rainy alley, ",
        ),
    ];
    for (target, start) in table {
        let written = prompt(idea, target).prompt;
        assert!(written.starts_with(start), "{target:?}: {written}");
    }
    let wide = write(&Ask {
        idea,
        target: Target::Midjourney,
        size: Some((1920, 1080)),
        ..Ask::default()
    });
    assert!(wide.prompt.contains(" --ar 16:9 --no "), "{}", wide.prompt);
    assert!(prompt(idea, Target::Veo3).prompt.contains("heard"));
    assert!(!prompt(idea, Target::Wan22).prompt.contains("heard"));
}

#[test]
fn motion_only_says_what_moves_and_does_not_describe_the_picture() {
    let ask = Ask {
        idea: "한복을 입은 소녀가 춤을 춘다",
        form: Form::MotionOnly,
        ..Ask::default()
    };
    let written = write(&ask);
    assert!(
        written.prompt.starts_with("The girl dances."),
        "{}",
        written.prompt
    );
    assert!(!written.prompt.contains("hanbok"), "{}", written.prompt);
    assert!(
        (2..=4).contains(&clean::sentences(&written.prompt).len()),
        "{}",
        written.prompt
    );
}

#[test]
fn an_english_idea_keeps_its_words() {
    let idea = "An old fisherman mends his nets at dawn, 35mm film, shallow depth of field";
    for target in Target::ALL
        .into_iter()
        .filter(|t| t.limits().words.1 >= 40 && *t != Target::RunwayGen4)
    {
        let written = prompt(idea, target);
        assert!(
            written.prompt.contains(idea),
            "{target:?}: {}",
            written.prompt
        );
        assert!(written.unknown.is_empty());
        assert_eq!(written.language, Language::En);
    }
    let mixed = prompt("A puppy runs in the 공원 at night", Target::Ltx2);
    assert!(
        mixed
            .prompt
            .starts_with("A puppy runs in the park at night."),
        "{}",
        mixed.prompt
    );
}

#[test]
fn a_word_without_english_is_reported_and_stays_visible() {
    let table = [
        (
            "뽀로로가 썰매를 탄다",
            "뽀로로",
            [0, 3],
            "뽀로로 rides a sled",
        ),
        (
            "작은 깔루가 공원에서 논다",
            "깔루",
            [3, 5],
            "깔루 plays in a park",
        ),
        (
            "강아지가 공원에서 쿠당쿠당한다",
            "쿠당쿠당한다",
            [10, 16],
            "쿠당쿠당한다 in a park",
        ),
    ];
    for (idea, text, range, shown) in table {
        let written = prompt(idea, Target::Ltx2);
        assert_eq!(
            written.unknown,
            [Unknown {
                text: text.to_owned(),
                range
            }],
            "{idea}"
        );
        assert!(written.prompt.contains(shown), "{}", written.prompt);
        assert!(written.notes.iter().any(|n| n.contains(text)));
    }
}

#[test]
fn a_given_mood_wins_and_an_inferred_one_says_why() {
    let idea = "눈물을 흘리는 소녀";
    let sad = prompt(idea, Target::Ltx2);
    assert_eq!(sad.mood, Mood::Sadness);
    assert!(
        sad.notes.iter().any(|n| n.contains("눈물")),
        "{:?}",
        sad.notes
    );
    let given = write(&Ask {
        idea,
        mood: Some(Mood::Horror),
        ..Ask::default()
    });
    assert_eq!(given.mood, Mood::Horror);
}

#[test]
fn the_category_is_what_leads_and_says_which_word_decided() {
    let table = [
        ("강아지가 아이와 논다", Category::Animals),
        ("소녀가 고양이를 쓰다듬는다", Category::People),
        ("김이 나는 라면", Category::Food),
        ("빨간 스포츠카가 달린다", Category::Vehicles),
        ("서울의 야경", Category::City),
        ("눈 덮인 산맥", Category::Nature),
        ("두 남자가 싸운다", Category::Action),
        ("낡은 시계", Category::Objects),
        ("아름다운 영상", Category::Other),
        ("a golden retriever on a beach", Category::Animals),
    ];
    for (idea, category) in table {
        let written = prompt(idea, Target::Ltx2);
        assert_eq!(
            written.category, category,
            "{idea}: {}",
            written.category_reason
        );
        assert!(!written.category_reason.is_empty());
    }
}

#[test]
fn korea_is_named_in_the_prompt_and_excludes_other_faces() {
    let ask = Ask {
        idea: "회의하는 직장인들",
        setting: Setting::Korea,
        ..Ask::default()
    };
    let written = write(&ask);
    assert!(
        written.prompt.contains("present-day South Korea"),
        "{}",
        written.prompt
    );
    assert!(
        written
            .negative
            .ends_with("western faces, caucasian, european setting")
    );
    let busan = write(&Ask {
        idea: "부산 바다를 걷는 여자",
        ..ask
    });
    assert!(!busan.prompt.contains("South Korea"), "{}", busan.prompt);
}

#[test]
fn a_negative_no_model_input_can_take_is_reported() {
    let ask = Ask {
        idea: "고양이",
        target: Target::Flux1,
        negative: Some("사람"),
        ..Ask::default()
    };
    let written = write(&ask);
    assert!(written.negative.is_empty() && written.dropped.iter().any(|d| d.text == "사람"));
}

#[test]
fn a_camera_move_is_dropped_from_a_still_picture_and_said() {
    let written = prompt("고양이가 자는 모습, 슬로모션", Target::Flux1);
    assert!(
        written.dropped.iter().any(|d| d.text == "slow motion"),
        "{:?}",
        written.dropped
    );
}

#[test]
fn a_written_prompt_has_the_promised_json() {
    let json = serde_json::to_value(prompt("고양이", Target::Ltx2)).unwrap();
    for key in [
        "idea",
        "language",
        "category",
        "mood",
        "prompt",
        "simplified",
        "negative",
        "target",
        "words",
        "unknown",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(
        (&json["target"], &json["language"], &json["category"]),
        (&"ltx-2".into(), &"ko".into(), &"animals".into())
    );
}

proptest! {
    #[test]
    fn any_text_gives_a_safe_prompt_and_true_ranges(idea in r"(\PC|[가-힣]{1,3}|[ \t\n]|[은는이가을를에서의와]|[a-z]{1,4}){0,30}", at in 0..17usize) {
        let ask = Ask { idea: &idea, target: Target::ALL[at], ..Ask::default() };
        let written = write(&ask);
        prop_assert_eq!(&written, &write(&ask));
        prop_assert!(!written.prompt.chars().any(char::is_control), "{:?}", written.prompt);
        let letters: Vec<char> = written.idea.chars().collect();
        for unknown in &written.unknown {
            let [start, end] = unknown.range;
            prop_assert_eq!(letters.get(start..end).map(|l| l.iter().collect::<String>()), Some(unknown.text.clone()));
        }
    }
}
