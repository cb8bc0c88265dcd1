use super::*;
use crossterm::event::{KeyCode, KeyModifiers};

fn keys(text: &str) -> Vec<Chord> {
    text.split(' ')
        .map(|word| Chord::read(word).unwrap())
        .collect()
}

#[test]
fn shipped_keymaps_have_no_faults() {
    for (name, text) in SHIPPED {
        assert_eq!(Keymap::default().lay_over(text), [], "{name}");
    }
}

#[test]
fn every_verb_can_be_reached_by_a_key_in_every_shipped_keymap() {
    for (name, _) in SHIPPED {
        let keymap = Keymap::shipped(name);
        for action in Action::ALL {
            if !keymap.modal && action.verb().scope == Scope::Normal {
                continue;
            }
            assert!(keymap.key_for(*action).is_some(), "{name}: {action:?}");
        }
    }
}

#[test]
fn every_line_of_a_shipped_keymap_says_what_its_key_does() {
    for (name, text) in SHIPPED {
        for line in text.lines().filter(|line| line.starts_with('"')) {
            let verb = line.split('"').nth(3).unwrap();
            let said = line.split_once("# ").map(|(_, said)| said);
            let help = Action::from_id(verb).map(|action| action.verb().help.0);
            assert_eq!(said, help, "{name}: {line}");
        }
    }
}

#[test]
fn quitting_help_and_commands_never_need_a_letter_key() {
    for (name, _) in SHIPPED {
        let keymap = Keymap::shipped(name);
        for action in [
            Action::Quit,
            Action::Help,
            Action::Palette,
            Action::NextPane,
        ] {
            let bound = keymap.all().any(|(scope, keys, to)| {
                scope == Scope::Global && to == action && keys.iter().all(|key| !key.writes())
            });
            assert!(bound, "{name}: {action:?}");
        }
    }
}

#[test]
fn a_chain_of_keys_waits_for_its_end_and_shows_what_may_follow() {
    let mut keymap = Keymap::default();
    assert_eq!(
        keymap.lay_over("[list]\n\"g g\" = \"top\"\n\"g e\" = \"bottom\""),
        []
    );
    let scopes = [Scope::List, Scope::Global];
    let Meaning::Prefix(rest) = keymap.meaning(&scopes, &keys("g")) else {
        panic!("g is a prefix")
    };
    assert_eq!(rest.len(), 2);
    assert_eq!(
        keymap.meaning(&scopes, &keys("g e")),
        Meaning::Verb(Action::Bottom)
    );
    assert_eq!(keymap.meaning(&scopes, &keys("g x")), Meaning::Nothing);
}

#[test]
fn a_mistake_is_named_with_its_line_and_the_rest_still_loads() {
    let table = [
        (
            "[qeue]\n",
            1,
            "there is no table \"qeue\"; did you mean \"queue\"?",
        ),
        (
            "\n[queue]\n\"x\" = \"cancle\"\n",
            3,
            "there is no command \"cancle\"; did you mean \"cancel\"?",
        ),
        (
            "[queue]\n\"crtl-x\" = \"cancel\"\n",
            2,
            "there is no key \"crtl\"; did you mean \"ctrl\"?",
        ),
        (
            "[text]\n\"x\" = \"cut\"\n",
            2,
            "\"x\" writes a character in [text]; add ctrl- or alt-",
        ),
        (
            "[text]\n\"ctrl-i\" = \"cut\"\n",
            2,
            "terminals send \"ctrl-i\" as tab; bind tab instead",
        ),
        (
            "[queue]\n\"x\" = 3\n",
            2,
            "\"x\" wants the name of a command in quotes",
        ),
        (
            "[list]\n\"g\" = \"top\"\n\"g g\" = \"top\"\n",
            3,
            "\"g g\" = \"top\" is never reached: \"g\" already means something",
        ),
    ];
    for (text, line, what) in table {
        let text = format!("{text}[log]\n\"w\" = \"yank\"\n");
        let mut keymap = Keymap::default();
        let faults = keymap.lay_over(&text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!((faults[0].line, faults[0].what.as_str()), (line, what));
        assert_eq!(
            keymap.meaning(&[Scope::Log], &keys("w")),
            Meaning::Verb(Action::Yank)
        );
    }
}

#[test]
fn a_persons_file_lies_over_the_keymap_it_names() {
    let mut keymap = Keymap::shipped("default");
    let faults = keymap.lay_over("base = \"vim\"\n[queue]\n\"X\" = \"cancel\"\n\"x\" = \"\"\n");
    assert_eq!(faults, []);
    assert!(keymap.modal);
    assert_eq!(
        keymap.meaning(&[Scope::Queue], &keys("X")),
        Meaning::Verb(Action::Cancel)
    );
    assert_eq!(
        keymap.meaning(&[Scope::Queue], &keys("x")),
        Meaning::Nothing
    );
}

#[test]
fn a_key_is_written_as_it_is_read() {
    for word in [
        "ctrl-x",
        "alt-left",
        "f5",
        "G",
        "space",
        "shift-tab",
        "ctrl-alt-delete",
        "-",
        "alt--",
    ] {
        assert_eq!(Chord::read(word).unwrap().to_string(), word);
    }
    let back = Chord::new(KeyCode::BackTab, KeyModifiers::SHIFT);
    assert_eq!(back, Chord::read("shift-tab").unwrap());
}
