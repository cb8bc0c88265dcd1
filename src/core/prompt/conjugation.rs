//! Korean predicates by stem: which bases a stem has, and which endings may follow each.
//!
//! Every conjugated form is `base + ending` once both are written in conjoining jamo, so 뛰노는, 뛰놀고 and
//! 뛰놀았다 meet at one stem without a rule per form. Irregular stems (ㄷ ㅂ ㅅ ㅎ 르 러 으 ㄹ) only change the bases.

use super::hangul::{coda, jamo, join, last_coda, split};

/// Names the shape of a stem that an ending asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// The dictionary stem: 놀-고, 걷-고.
    Plain,
    /// The stem before ㄴ, with ㄹ dropped: 노-는, 걷-는.
    Nasal,
    /// The stem with its linking vowel, ㄹ kept: 놀-면, 걸으-면.
    Linked,
    /// The stem with its linking vowel, ㄹ dropped: 노-ㄴ, 걸으-ㄴ, 추우-ㄴ, 빨가-ㄴ.
    Soft,
    /// The infinitive: 놀아, 걸어, 추워, 빨개, 불러, 해.
    Infinitive,
}

/// Names what an ending makes of its predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Describes the noun that follows, as something going on (-는, adjective -ㄴ).
    Now,
    /// Describes the noun that follows, as something done (verb -ㄴ, -던, -았던).
    Done,
    /// Describes the noun that follows, as something to come (-ㄹ).
    Will,
    /// Joins with "and" (-고).
    And,
    /// Joins with "while" (-며, -면서).
    While,
    /// Joins as cause or sequence (-아서, -니까).
    Since,
    /// The bare infinitive before an auxiliary (-아/-어).
    Bare,
    /// Joins as one thing after another (-다가).
    Then,
    /// Joins with "but" (-지만, -는데).
    But,
    /// Joins with "as" (-자, -자마자).
    As,
    /// Joins with "if" (-면).
    If,
    /// Joins with "to" (-려고, -러, -도록).
    Aim,
    /// Joins with "or" (-거나).
    Or,
    /// Ends the sentence.
    End,
    /// Makes an adverb (-게).
    Manner,
    /// Makes a noun (-기, -음).
    Noun,
    /// Waits for a negation (-지).
    Not,
}

impl Form {
    /// Says whether the form describes the noun that follows.
    pub(super) const fn adnominal(self) -> bool {
        matches!(self, Self::Now | Self::Done | Self::Will)
    }
}

/// Lists every ending: the base it follows, its spelling (a leading jamo is a final consonant), what it makes.
const ENDINGS: &[(Base, &[&str], Form)] = &[
    (Base::Nasal, &["는", "시는"], Form::Now),
    (Base::Soft, &["시는"], Form::Now),
    (Base::Soft, &["ㄴ", "신", "시던", "셨던"], Form::Done),
    (Base::Plain, &["던"], Form::Done),
    (Base::Infinitive, &["ㅆ던", "ㅆ었던"], Form::Done),
    (Base::Soft, &["ㄹ", "실"], Form::Will),
    (Base::Infinitive, &["ㅆ을"], Form::Will),
    (Base::Plain, &["고", "고서", "고는", "고도"], Form::And),
    (Base::Soft, &["시고"], Form::And),
    (Base::Infinitive, &["ㅆ고"], Form::And),
    (Base::Linked, &["며", "면서", "면서도"], Form::While),
    (Base::Soft, &["시며", "시면서"], Form::While),
    (Base::Infinitive, &["ㅆ으며"], Form::While),
    (Base::Infinitive, &["서", "서는"], Form::Since),
    (Base::Soft, &["니까", "니", "므로"], Form::Since),
    (Base::Nasal, &["느라", "느라고", "니"], Form::Since),
    (Base::Plain, &["다가"], Form::Then),
    (Base::Infinitive, &["ㅆ다가", "다가"], Form::Then),
    (Base::Infinitive, &["ㅆ으니", "ㅆ기에"], Form::Since),
    (Base::Infinitive, &["", "야", "도"], Form::Bare),
    (Base::Plain, &["지만"], Form::But),
    (Base::Nasal, &["는데", "는데도"], Form::But),
    (Base::Soft, &["ㄴ데", "나"], Form::But),
    (Base::Infinitive, &["ㅆ지만", "ㅆ는데", "ㅆ으나"], Form::But),
    (Base::Plain, &["자", "자마자"], Form::As),
    (Base::Linked, &["면"], Form::If),
    (Base::Linked, &["려고", "러", "려"], Form::Aim),
    (Base::Plain, &["도록"], Form::Aim),
    (Base::Plain, &["거나", "든지"], Form::Or),
    (
        Base::Plain,
        &["다", "네", "습니다", "는다", "네요", "습니까", "자꾸나"],
        Form::End,
    ),
    (Base::Nasal, &["네", "네요", "는구나"], Form::End),
    (
        Base::Soft,
        &[
            "ㄴ다",
            "ㅂ니다",
            "신다",
            "십니다",
            "세요",
            "셨다",
            "셨습니다",
            "ㄹ게",
            "ㄹ까",
        ],
        Form::End,
    ),
    (
        Base::Infinitive,
        &[
            "요",
            "ㅆ다",
            "ㅆ어요",
            "ㅆ습니다",
            "ㅆ네",
            "ㅆ어",
            "라",
            "줘",
            "주세요",
        ],
        Form::End,
    ),
    (Base::Plain, &["게", "게끔"], Form::Manner),
    (Base::Plain, &["기", "기도"], Form::Noun),
    (Base::Soft, &["ㅁ"], Form::Noun),
    (Base::Plain, &["지", "지는", "지도"], Form::Not),
];

/// Walks all endings as (base, jamo spelling, form).
pub(super) fn endings() -> impl Iterator<Item = (Base, String, Form)> {
    ENDINGS.iter().flat_map(|(base, spellings, form)| {
        spellings
            .iter()
            .map(|spelling| (*base, ending_jamo(spelling), *form))
    })
}

fn ending_jamo(spelling: &str) -> String {
    let mut letters = spelling.chars();
    let coda = match letters.next() {
        Some('ㄴ') => '\u{11ab}',
        Some('ㄹ') => '\u{11af}',
        Some('ㅁ') => '\u{11b7}',
        Some('ㅂ') => '\u{11b8}',
        Some('ㅆ') => '\u{11bb}',
        Some(_) | None => return jamo(spelling),
    };
    let mut out = String::from(coda);
    out.push_str(&jamo(letters.as_str()));
    out
}

const DIGEUT_IRREGULAR: &[&str] = &["걷", "듣", "깨닫", "싣", "긷"];
const SIOT_IRREGULAR: &[&str] = &["짓", "낫", "붓", "잇", "긋", "젓"];
const BIEUP_REGULAR: &[&str] = &[
    "입",
    "잡",
    "뽑",
    "씹",
    "집",
    "접",
    "업",
    "좁",
    "꼽",
    "뵙",
    "붙잡",
    "뒤집",
    "사로잡",
];
const REO: &[&str] = &["푸르", "이르"];
const PLAIN_EU: &[&str] = &["따르", "치르", "들르", "다다르", "뒤따르", "잇따르"];

fn ends_in(stem: &str, list: &[&str]) -> bool {
    list.iter().any(|tail| stem.ends_with(tail))
}

/// Names what makes a stem change before a vowel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Regular,
    Digeut,
    Siot,
    Bieup,
    Hieut,
    Rieul,
    Reu,
    Reo,
    Eu,
    Ha,
}

fn class(stem: &str, adjective: bool) -> Class {
    let Some((_, vowel, t)) = stem.chars().next_back().and_then(split) else {
        return Class::Regular;
    };
    match t {
        coda::DIGEUT if ends_in(stem, DIGEUT_IRREGULAR) => Class::Digeut,
        coda::SIOT if ends_in(stem, SIOT_IRREGULAR) => Class::Siot,
        coda::BIEUP if !ends_in(stem, BIEUP_REGULAR) => Class::Bieup,
        coda::HIEUT if adjective && !stem.ends_with('좋') => Class::Hieut,
        coda::RIEUL => Class::Rieul,
        coda::NONE if stem.ends_with('하') => Class::Ha,
        coda::NONE if vowel == EU && ends_in(stem, REO) => Class::Reo,
        coda::NONE if vowel == EU && stem.ends_with('르') && !ends_in(stem, PLAIN_EU) => {
            Class::Reu
        }
        coda::NONE if vowel == EU => Class::Eu,
        _ => Class::Regular,
    }
}

const A: u32 = 0;
const AE: u32 = 1;
const YA: u32 = 2;
const EO: u32 = 4;
const E: u32 = 5;
const YEO: u32 = 6;
const YE: u32 = 7;
const O: u32 = 8;
const WA: u32 = 9;
const OE: u32 = 11;
const WAE: u32 = 10;
const U: u32 = 13;
const WO: u32 = 14;
const EU: u32 = 18;
const I: u32 = 20;

/// Lists the bases of a stem (dictionary form without -다), in jamo.
pub(super) fn bases(stem: &str, adjective: bool) -> Vec<(Base, String)> {
    let class = class(stem, adjective);
    let soft = soft(stem, class);
    let mut out = vec![
        (Base::Plain, jamo(stem)),
        (
            Base::Nasal,
            jamo(&if class == Class::Rieul {
                soft.clone()
            } else {
                stem.to_owned()
            }),
        ),
        (
            Base::Linked,
            jamo(if class == Class::Rieul { stem } else { &soft }),
        ),
        (Base::Soft, jamo(&soft)),
    ];
    for form in infinitives(stem, class) {
        out.push((Base::Infinitive, jamo(&form)));
    }
    out
}

fn with_last(stem: &str, vowel: Option<u32>, t: u32, tail: &str) -> String {
    let mut out: String = stem.to_owned();
    if let Some((l, v, _)) = out.pop().and_then(split)
        && let Some(c) = join(l, vowel.unwrap_or(v), t)
    {
        out.push(c);
    }
    out.push_str(tail);
    out
}

fn soft(stem: &str, class: Class) -> String {
    match class {
        Class::Digeut => with_last(stem, None, coda::RIEUL, "으"),
        Class::Siot => with_last(stem, None, coda::NONE, "으"),
        Class::Bieup => with_last(stem, None, coda::NONE, "우"),
        Class::Hieut | Class::Rieul => with_last(stem, None, coda::NONE, ""),
        Class::Regular | Class::Reu | Class::Reo | Class::Eu | Class::Ha => {
            if last_coda(stem).is_some_and(|t| t != coda::NONE) {
                format!("{stem}으")
            } else {
                stem.to_owned()
            }
        }
    }
}

fn infinitives(stem: &str, class: Class) -> Vec<String> {
    let vowel = stem
        .chars()
        .next_back()
        .and_then(split)
        .map_or(EO, |(_, v, _)| v);
    let open = matches!(vowel, A | O | YA);
    let tail = if open { "아" } else { "어" };
    match class {
        Class::Ha => vec![with_last(stem, Some(AE), 0, ""), format!("{stem}여")],
        Class::Digeut => vec![with_last(stem, None, coda::RIEUL, tail)],
        Class::Siot => vec![with_last(stem, None, 0, tail)],
        Class::Bieup => {
            let bright = stem == "돕" || stem == "곱";
            vec![with_last(stem, None, 0, if bright { "와" } else { "워" })]
        }
        Class::Hieut => {
            let closed = match vowel {
                EO => E,
                YA => 3,
                YEO => YE,
                _ => AE,
            };
            vec![with_last(stem, Some(closed), 0, "")]
        }
        Class::Reo => vec![format!("{stem}러")],
        Class::Reu => reu(stem),
        Class::Eu => vec![eu(stem)],
        Class::Rieul => vec![format!("{stem}{tail}")],
        Class::Regular => contracted(stem, vowel, tail),
    }
}

/// Finds the vowel that decides between 아 and 어 when the last one is ㅡ.
fn bright_before(stem: &str) -> bool {
    stem.chars()
        .rev()
        .nth(1)
        .and_then(split)
        .is_some_and(|(_, v, _)| matches!(v, A | O))
}

fn reu(stem: &str) -> Vec<String> {
    let mut head = stem.to_owned();
    head.pop();
    let doubled = with_last(&head, None, coda::RIEUL, "");
    vec![format!(
        "{doubled}{}",
        if bright_before(stem) { "라" } else { "러" }
    )]
}

fn eu(stem: &str) -> String {
    with_last(stem, Some(if bright_before(stem) { A } else { EO }), 0, "")
}

fn contracted(stem: &str, vowel: u32, tail: &str) -> Vec<String> {
    let whole = format!("{stem}{tail}");
    if last_coda(stem).is_some_and(|t| t != coda::NONE) {
        return vec![whole];
    }
    let short = match vowel {
        A | EO | AE | E | YEO | YE => Some(vowel),
        O => Some(WA),
        U => Some(WO),
        I => Some(YEO),
        OE => Some(WAE),
        _ => None,
    };
    match short {
        Some(v) if v == vowel => vec![stem.to_owned(), whole],
        Some(v) => vec![with_last(stem, Some(v), 0, ""), whole],
        None => vec![whole],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(stem: &str, adjective: bool) -> Vec<String> {
        let bases = bases(stem, adjective);
        endings()
            .flat_map(|(base, ending, _)| {
                bases
                    .iter()
                    .filter(move |(kind, _)| *kind == base)
                    .map(move |(_, text)| {
                        crate::core::text::nfc(&format!("{text}{ending}")).into_owned()
                    })
            })
            .collect()
    }

    #[test]
    fn every_class_of_stem_meets_its_spoken_forms() {
        let table = [
            (
                "뛰놀",
                false,
                "뛰노는 뛰놀고 뛰놀았다 뛰노니 뛰논다 뛰놉니다 뛰놀며 뛰놀던",
            ),
            (
                "걷",
                false,
                "걷는 걸어서 걸었다 걸으며 걷고 걸은 걷습니다 걸으면서",
            ),
            ("닫", false, "닫는 닫아서 닫았다 닫은"),
            ("춥", true, "추운 추워서 춥고 추웠다 추우며"),
            ("아름답", true, "아름다운 아름답고 아름다워서 아름답게"),
            ("돕", false, "돕는 도와 도왔다 도운"),
            ("입", false, "입은 입고 입어 입은"),
            ("짓", false, "짓는 지어 지은 지었다"),
            ("웃", false, "웃는 웃으며 웃었다 웃은"),
            ("빨갛", true, "빨간 빨갛고 빨개 빨갛게"),
            ("하얗", true, "하얀 하얘 하얗게"),
            ("쌓", false, "쌓은 쌓아 쌓는"),
            ("부르", false, "부르는 불러 부른 불렀다 부르며"),
            ("흐르", false, "흐르는 흘러 흘렀다"),
            ("푸르", true, "푸른 푸르러 푸르고"),
            ("따르", false, "따르는 따라 따른"),
            ("쓰", false, "쓴 쓰고 써 썼다"),
            ("바쁘", true, "바쁜 바빠 바쁘게"),
            ("가", false, "가는 간 가고 갔다 갑니다 가서 가자마자"),
            ("오", false, "오는 온 와서 왔다"),
            ("마시", false, "마시는 마신 마셔 마셨다 마시며 마시지만"),
            ("하", false, "하는 한 해서 했다 하여 합니다"),
            ("되", false, "된 되어 돼 됐다"),
            ("뛰", false, "뛰는 뛴 뛰어 뛰었다"),
            ("길", true, "긴 길고 길어"),
        ];
        for (stem, adjective, expected) in table {
            let all = forms(stem, adjective);
            for form in expected.split(' ') {
                assert!(all.iter().any(|f| f == form), "{stem} should give {form}");
            }
        }
    }
}
