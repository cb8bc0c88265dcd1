//! English word forms: articles, plurals, verb endings.

const IRREGULAR_PLURAL: &[(&str, &str)] = &[
    ("man", "men"),
    ("woman", "women"),
    ("child", "children"),
    ("person", "people"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("leaf", "leaves"),
    ("wolf", "wolves"),
    ("knife", "knives"),
    ("life", "lives"),
    ("wife", "wives"),
    ("loaf", "loaves"),
    ("shelf", "shelves"),
    ("scarf", "scarves"),
    ("calf", "calves"),
    ("thief", "thieves"),
    ("half", "halves"),
    ("fish", "fish"),
    ("sheep", "sheep"),
    ("deer", "deer"),
    ("salmon", "salmon"),
    ("squid", "squid"),
    ("shrimp", "shrimp"),
    ("aircraft", "aircraft"),
    ("spacecraft", "spacecraft"),
    ("echo", "echoes"),
    ("hero", "heroes"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("octopus", "octopuses"),
    ("cactus", "cacti"),
    ("passerby", "passersby"),
    ("reindeer", "reindeer"),
    ("dragonfly", "dragonflies"),
    ("roof", "roofs"),
    ("carp", "carp"),
    ("moose", "moose"),
    ("silhouette", "silhouettes"),
];

/// Makes the plural of a noun phrase, by its last word (or its first before "of", "in", "with").
pub(super) fn plural(noun: &str) -> String {
    for link in [" of ", " in ", " with ", " on ", " at "] {
        if let Some((head, tail)) = noun.split_once(link) {
            return format!("{}{link}{tail}", plural(head));
        }
    }
    if let Some((rest, last)) = noun.rsplit_once(' ') {
        return format!("{rest} {}", plural(last));
    }
    for (one, many) in IRREGULAR_PLURAL {
        if noun == *one {
            return (*many).to_owned();
        }
        if one.len() > 4 && noun.ends_with(one)
            || (*one == "man" && noun.ends_with("man") && noun != "human")
        {
            let head = noun.strip_suffix(one).unwrap_or(noun);
            return format!("{head}{many}");
        }
    }
    if let Some(head) = noun.strip_suffix('y')
        && !head.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        return format!("{head}ies");
    }
    if noun.ends_with(['s', 'x', 'z']) || noun.ends_with("ch") || noun.ends_with("sh") {
        return format!("{noun}es");
    }
    format!("{noun}s")
}

/// Chooses "a" or "an" by sound.
pub(super) fn article(next: &str) -> &'static str {
    let word = next.to_lowercase();
    let consonant_sound = [
        "uni", "use", "usu", "eu", "one", "once", "ufo", "ute", "uku",
    ];
    let vowel_sound = [
        "hour", "honest", "honor", "heir", "x-ray", "fbi", "led ", "mri", "sos",
    ];
    if vowel_sound.iter().any(|p| word.starts_with(p)) {
        return "an";
    }
    if consonant_sound.iter().any(|p| word.starts_with(p))
        && !word.starts_with("unin")
        && !word.starts_with("unim")
    {
        return "a";
    }
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

const IRREGULAR_DONE: &[(&str, &str)] = &[
    ("be", "been"),
    ("become", "become"),
    ("begin", "begun"),
    ("bend", "bent"),
    ("bite", "bitten"),
    ("bleed", "bled"),
    ("blow", "blown"),
    ("break", "broken"),
    ("bring", "brought"),
    ("build", "built"),
    ("burn", "burnt"),
    ("buy", "bought"),
    ("catch", "caught"),
    ("choose", "chosen"),
    ("come", "come"),
    ("cut", "cut"),
    ("deal", "dealt"),
    ("dig", "dug"),
    ("do", "done"),
    ("draw", "drawn"),
    ("drink", "drunk"),
    ("drive", "driven"),
    ("eat", "eaten"),
    ("fall", "fallen"),
    ("feed", "fed"),
    ("feel", "felt"),
    ("fight", "fought"),
    ("find", "found"),
    ("fly", "flown"),
    ("fold", "folded"),
    ("forget", "forgotten"),
    ("freeze", "frozen"),
    ("get", "gotten"),
    ("give", "given"),
    ("go", "gone"),
    ("grow", "grown"),
    ("hang", "hung"),
    ("have", "had"),
    ("hear", "heard"),
    ("hide", "hidden"),
    ("hit", "hit"),
    ("hold", "held"),
    ("keep", "kept"),
    ("know", "known"),
    ("lay", "laid"),
    ("lead", "led"),
    ("leave", "left"),
    ("let", "let"),
    ("lie", "lain"),
    ("light", "lit"),
    ("lose", "lost"),
    ("make", "made"),
    ("meet", "met"),
    ("pay", "paid"),
    ("put", "put"),
    ("read", "read"),
    ("ride", "ridden"),
    ("ring", "rung"),
    ("rise", "risen"),
    ("run", "run"),
    ("say", "said"),
    ("see", "seen"),
    ("sell", "sold"),
    ("send", "sent"),
    ("set", "set"),
    ("sew", "sewn"),
    ("shake", "shaken"),
    ("shine", "shone"),
    ("shoot", "shot"),
    ("show", "shown"),
    ("shut", "shut"),
    ("sing", "sung"),
    ("sink", "sunk"),
    ("sit", "seated"),
    ("sleep", "slept"),
    ("slide", "slid"),
    ("speak", "spoken"),
    ("spend", "spent"),
    ("spin", "spun"),
    ("split", "split"),
    ("spread", "spread"),
    ("stand", "stood"),
    ("steal", "stolen"),
    ("stick", "stuck"),
    ("strike", "struck"),
    ("sweep", "swept"),
    ("swim", "swum"),
    ("swing", "swung"),
    ("take", "taken"),
    ("teach", "taught"),
    ("tear", "torn"),
    ("tell", "told"),
    ("think", "thought"),
    ("throw", "thrown"),
    ("understand", "understood"),
    ("wake", "awakened"),
    ("wear", "worn"),
    ("weave", "woven"),
    ("win", "won"),
    ("wind", "wound"),
    ("write", "written"),
    ("overlook", "overlooked"),
    ("lend", "lent"),
    ("tie", "tied"),
    ("die", "dead"),
    ("arise", "arisen"),
];

/// Verbs of more than one syllable or with a final that is doubled before -ing and -ed.
const DOUBLED: &[&str] = &[
    "run", "sit", "swim", "cut", "put", "get", "hit", "let", "set", "shut", "dig", "win", "spin",
    "stop", "hop", "skip", "clap", "nod", "hug", "jog", "pat", "tap", "wrap", "zip", "grab",
    "drip", "drop", "flip", "slip", "trip", "step", "chop", "stir", "plan", "pet", "rub", "chat",
    "knit", "split", "spit", "fit", "shop", "mop", "rob", "sob", "beg", "begin", "drag", "flap",
    "strum", "hum", "snap", "slam", "scrub", "chug", "wag", "tug", "plug", "sip", "dip", "rip",
    "whip", "forget", "jam", "pin", "skim", "scan", "grin", "blur", "star", "bat", "peg", "log",
    "cram", "pop", "throb", "tan",
];

fn split_verb(phrase: &str) -> (&str, &str) {
    phrase
        .split_at_checked(phrase.find(' ').unwrap_or(phrase.len()))
        .unwrap_or((phrase, ""))
}

/// Puts a verb phrase in the third person present: one for a single subject, base for many.
pub(super) fn present(phrase: &str, many: bool) -> String {
    let (verb, tail) = split_verb(phrase);
    if !verb.is_ascii() {
        return phrase.to_owned();
    }
    let verb = match (verb, many) {
        ("be", true) => "are".to_owned(),
        ("be", false) => "is".to_owned(),
        ("have", false) => "has".to_owned(),
        ("do" | "go", false) => format!("{verb}es"),
        ("can" | "cannot", _) | (_, true) => verb.to_owned(),
        (_, false) => add_s(verb),
    };
    both(&format!("{verb}{tail}"), |v| present(v, many))
}

/// Carries a change over to the second verb of "turn and run".
fn both(phrase: &str, change: impl Fn(&str) -> String) -> String {
    match phrase.split_once(" and ") {
        Some((first, second)) if !first.contains(" to ") => {
            format!("{first} and {}", change(second))
        }
        Some(_) | None => phrase.to_owned(),
    }
}

fn add_s(verb: &str) -> String {
    if let Some(head) = verb.strip_suffix('y')
        && !head.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        return format!("{head}ies");
    }
    if verb.ends_with(['s', 'x', 'z']) || verb.ends_with("ch") || verb.ends_with("sh") {
        return format!("{verb}es");
    }
    format!("{verb}s")
}

/// Makes the -ing form of a verb phrase.
pub(super) fn ing(phrase: &str) -> String {
    let (verb, tail) = split_verb(phrase);
    if !verb.is_ascii() {
        return phrase.to_owned();
    }
    let verb = if verb == "be" || verb == "see" || verb.ends_with("ee") || verb.ends_with("ye") {
        format!("{verb}ing")
    } else if let Some(head) = verb.strip_suffix("ie") {
        format!("{head}ying")
    } else if let Some(head) = verb.strip_suffix('e') {
        format!("{head}ing")
    } else if DOUBLED.contains(&verb) {
        format!("{verb}{}ing", verb.chars().next_back().unwrap_or_default())
    } else {
        format!("{verb}ing")
    };
    both(&format!("{verb}{tail}"), ing)
}

/// Makes the past participle of a verb phrase.
pub(super) fn done(phrase: &str) -> String {
    let (verb, tail) = split_verb(phrase);
    if let Some((_, form)) = IRREGULAR_DONE.iter().find(|(base, _)| *base == verb) {
        return format!("{form}{tail}");
    }
    let verb = if verb.ends_with('e') {
        format!("{verb}d")
    } else if let Some(head) = verb.strip_suffix('y')
        && !head.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        format!("{head}ied")
    } else if DOUBLED.contains(&verb) {
        format!("{verb}{}ed", verb.chars().next_back().unwrap_or_default())
    } else {
        format!("{verb}ed")
    };
    format!("{verb}{tail}")
}

/// Makes the adverb of an adjective.
pub(super) fn adverb(adjective: &str) -> String {
    match adjective {
        "fast" | "hard" | "high" | "low" | "late" | "early" | "far" | "straight" | "long"
        | "deep" => adjective.to_owned(),
        "good" => "well".to_owned(),
        _ if adjective.contains(' ') => format!("in a {adjective} way"),
        _ if adjective.ends_with("ly") => format!("in a {adjective} way"),
        _ if adjective.ends_with("ic") => format!("{adjective}ally"),
        _ if adjective.ends_with("ll") => format!("{adjective}y"),
        _ => {
            if let Some(head) = adjective.strip_suffix("le") {
                format!("{head}ly")
            } else if let Some(head) = adjective.strip_suffix('y') {
                format!("{head}ily")
            } else {
                format!("{adjective}ly")
            }
        }
    }
}

/// Gives a number as a word up to twelve, then in digits.
pub(super) fn number(n: u32) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    usize::try_from(n)
        .ok()
        .and_then(|n| WORDS.get(n))
        .map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

/// Raises the first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Joins a list with commas and "and".
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_forms_are_spelt_as_an_editor_would() {
        assert_eq!(plural("puppy"), "puppies");
        assert_eq!(plural("cup of coffee"), "cups of coffee");
        assert_eq!(plural("police officer"), "police officers");
        assert_eq!(plural("fisherman"), "fishermen");
        assert_eq!(article("umbrella"), "an");
        assert_eq!(article("unicorn"), "a");
        assert_eq!(article("hour"), "an");
        assert_eq!(present("run around", false), "runs around");
        assert_eq!(present("carry", false), "carries");
        assert_eq!(present("be", true), "are");
        assert_eq!(ing("sit down"), "sitting down");
        assert_eq!(ing("lie"), "lying");
        assert_eq!(ing("take photos"), "taking photos");
        assert_eq!(done("fall"), "fallen");
        assert_eq!(done("grill"), "grilled");
        assert_eq!(adverb("gentle"), "gently");
        assert_eq!(adverb("happy"), "happily");
    }
}
