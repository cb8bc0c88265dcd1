//! Korean particles: which ones there are, what they may follow, what role they give.

use super::conjugation::Form;
use super::hangul::{coda, last_coda};

/// Names what a noun does in its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Bare,
    Subject,
    Topic,
    Object,
    /// 에: where something is or goes, or when.
    At,
    /// 에서: where something happens, or from where.
    In,
    /// (으)로: to where, by what, as what.
    To,
    Dative,
    From,
    Until,
    With,
    Or,
    Like,
    Of,
    Every,
    /// 만: whatever the verb lacks.
    Only,
    /// The copula: the noun is what something is.
    Is(Form),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Any,
    Consonant,
    Vowel,
    VowelOrRieul,
}

use After::{Any, Consonant, Vowel, VowelOrRieul};

const PARTICLES: &[(&str, Role, After)] = &[
    ("이", Role::Subject, Consonant),
    ("가", Role::Subject, Vowel),
    ("께서", Role::Subject, Any),
    ("은", Role::Topic, Consonant),
    ("는", Role::Topic, Vowel),
    ("을", Role::Object, Consonant),
    ("를", Role::Object, Vowel),
    ("에", Role::At, Any),
    ("에서", Role::In, Any),
    ("에선", Role::In, Any),
    ("으로", Role::To, Consonant),
    ("로", Role::To, VowelOrRieul),
    ("에게", Role::Dative, Any),
    ("한테", Role::Dative, Any),
    ("께", Role::Dative, Any),
    ("부터", Role::From, Any),
    ("에서부터", Role::From, Any),
    ("에게서", Role::From, Any),
    ("로부터", Role::From, VowelOrRieul),
    ("으로부터", Role::From, Consonant),
    ("까지", Role::Until, Any),
    ("와", Role::With, Vowel),
    ("과", Role::With, Consonant),
    ("하고", Role::With, Any),
    ("랑", Role::With, Vowel),
    ("이랑", Role::With, Consonant),
    ("이나", Role::Or, Consonant),
    ("나", Role::Or, Vowel),
    ("처럼", Role::Like, Any),
    ("같이", Role::Like, Any),
    ("의", Role::Of, Any),
    ("와의", Role::Of, Vowel),
    ("과의", Role::Of, Consonant),
    ("에서의", Role::Of, Any),
    ("마다", Role::Every, Any),
    ("도", Role::Topic, Any),
    ("만", Role::Only, Any),
    ("만을", Role::Object, Any),
    ("만이", Role::Subject, Any),
    ("인", Role::Is(Form::Now), Any),
    ("이던", Role::Is(Form::Done), Any),
    ("이고", Role::Is(Form::And), Any),
    ("이며", Role::Is(Form::And), Any),
    ("이자", Role::Is(Form::And), Any),
    ("이지만", Role::Is(Form::But), Any),
    ("이다", Role::Is(Form::End), Any),
    ("다", Role::Is(Form::End), Vowel),
    ("입니다", Role::Is(Form::End), Any),
    ("이에요", Role::Is(Form::End), Consonant),
    ("예요", Role::Is(Form::End), Vowel),
    ("이었다", Role::Is(Form::End), Consonant),
    ("였다", Role::Is(Form::End), Vowel),
];

/// Reads what follows a noun as a particle; the noun is given for its last sound. `plural` is 들.
pub(super) fn read(noun: &str, rest: &str) -> Option<(Role, bool)> {
    if rest.is_empty() {
        return Some((Role::Bare, false));
    }
    if let Some(after) = rest.strip_prefix('들') {
        return one("들", after).map(|role| (role, true));
    }
    one(noun, rest).map(|role| (role, false))
}

fn one(noun: &str, rest: &str) -> Option<Role> {
    if rest.is_empty() {
        return Some(Role::Bare);
    }
    let exact = |text: &str| {
        PARTICLES
            .iter()
            .find(|(spelling, _, after)| *spelling == text && fits(noun, *after))
            .map(|(_, role, _)| *role)
    };
    exact(rest).or_else(|| {
        ["는", "도", "만"]
            .iter()
            .filter_map(|tail| rest.strip_suffix(tail))
            .filter_map(exact)
            .find(|role| {
                matches!(
                    role,
                    Role::At
                        | Role::In
                        | Role::To
                        | Role::Dative
                        | Role::With
                        | Role::Until
                        | Role::From
                )
            })
    })
}

fn fits(noun: &str, after: After) -> bool {
    let Some(last) = last_coda(noun) else {
        return true;
    };
    match after {
        Any => true,
        Consonant => last != coda::NONE,
        Vowel => last == coda::NONE,
        VowelOrRieul => last == coda::NONE || last == coda::RIEUL,
    }
}

/// Guesses the particle of a word that is in no lexicon: the longest one that leaves a noun of two syllables.
pub(super) fn guess(word: &str) -> (String, Role, bool) {
    let cuts: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(2).collect();
    for at in cuts {
        let (Some(noun), Some(rest)) = (word.get(..at), word.get(at..)) else {
            continue;
        };
        if let Some((role, plural)) = read(noun, rest)
            && !matches!(role, Role::Or | Role::Is(_))
        {
            return (noun.to_owned(), role, plural);
        }
    }
    (word.to_owned(), Role::Bare, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_must_suit_the_sound_before_it() {
        let table = [
            ("강아지", "가", Some((Role::Subject, false))),
            ("강아지", "이", None),
            ("골목", "에서는", Some((Role::In, false))),
            ("아이", "들이", Some((Role::Subject, true))),
            ("물", "로", Some((Role::To, false))),
            ("산", "로", None),
            ("엄마", "와", Some((Role::With, false))),
        ];
        for (noun, rest, expected) in table {
            assert_eq!(read(noun, rest), expected, "{noun}+{rest}");
        }
    }

    #[test]
    fn an_unknown_word_keeps_syllables_that_only_look_like_particles() {
        assert_eq!(
            guess("뽀로로가"),
            ("뽀로로".to_owned(), Role::Subject, false)
        );
        assert_eq!(guess("호빵맨"), ("호빵맨".to_owned(), Role::Bare, false));
    }
}
