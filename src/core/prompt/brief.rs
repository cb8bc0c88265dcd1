//! Everything a formatter needs: what was understood, plus what templates and moods supply for the rest.

use super::category::Category;
use super::lexicon::Kind;
use super::mood::{self, Look, Mood};
use super::syntax::Slot;
use super::template::{self, Template};
use super::understanding::Understanding;
use super::{Ask, Dropped, Setting, english, style};

/// A prompt in parts, before it takes a target's form.
#[derive(Debug, Default)]
pub(super) struct Brief {
    /// What happens, in sentences.
    pub(super) action: Vec<String>,
    /// What happens, as noun phrases.
    pub(super) tags: Vec<String>,
    /// What moves, with known subjects.
    pub(super) motion: Vec<String>,
    pub(super) detail: String,
    /// Framing words, from the idea or the template.
    pub(super) shot: Vec<String>,
    /// Camera moves from the idea.
    pub(super) moves: Vec<String>,
    pub(super) lens: Vec<String>,
    /// A whole sentence on the camera.
    pub(super) camera: String,
    pub(super) light: String,
    /// Style words that are a medium or genre.
    pub(super) styles: Vec<String>,
    /// Adjectives on the picture as a whole.
    pub(super) tones: Vec<String>,
    pub(super) atmosphere: String,
    pub(super) sound: String,
    pub(super) still: String,
    pub(super) small_motion: String,
    pub(super) quality: Vec<String>,
    pub(super) category: Category,
    pub(super) reason: String,
    pub(super) mood: Mood,
    pub(super) night: bool,
    pub(super) notes: Vec<String>,
    pub(super) dropped: Vec<Dropped>,
}

/// Builds the parts for an ask.
pub(super) fn build(ask: &Ask<'_>, understood: Understanding) -> Brief {
    let mut brief = Brief::default();
    (brief.category, brief.reason) = classify(&understood);
    infer_mood(&mut brief, ask);
    brief.night = understood.kinds.iter().any(|(_, e)| night(e)) || ask.idea.contains('밤');
    let (slots, dropped) = style::shipped().settle(understood.slots.clone());
    brief.dropped = dropped;
    sort_slots(&mut brief, slots);
    let lead = understood
        .sentences
        .iter()
        .find(|s| !s.sentence.camera)
        .and_then(|s| s.sentence.lead.clone());
    let lead_name = lead
        .as_ref()
        .map_or_else(|| "the subject".to_owned(), |l| l.again.clone());
    let whose = lead.as_ref().map_or("its", |l| l.possessive);
    action(&mut brief, &understood, ask);
    if let Some(template) = template::shipped().map(|t| t.of(brief.category)) {
        supply(&mut brief, template, &lead_name, whose, &understood);
        place(&mut brief, template, &understood, ask);
    }
    if let Some(look) = mood::shipped().map(|looks| looks.of(brief.mood)) {
        colour(&mut brief, look, &understood);
    }
    take(&mut brief, ask);
    brief
}

fn infer_mood(brief: &mut Brief, ask: &Ask<'_>) {
    let Some(looks) = mood::shipped() else { return };
    if let Some(given) = ask.mood {
        brief.mood = given;
        return;
    }
    let (mood, word) = looks.infer(ask.idea);
    brief.mood = mood;
    brief.notes.push(match word {
        Some(word) => format!("Mood {} was inferred from \"{word}\".", mood.id()),
        None => format!("Mood {} was assumed: the idea names no feeling.", mood.id()),
    });
}

fn night(english: &str) -> bool {
    ["night", "midnight", "moon", "star", "firework", "neon"]
        .iter()
        .any(|w| english.to_lowercase().contains(w))
}

/// Decides the category: who leads counts most, then what is named.
fn classify(understood: &Understanding) -> (Category, String) {
    let action = understood
        .kinds
        .iter()
        .find(|(kind, english)| *kind == Kind::Sport || fights(english));
    let lead = understood
        .sentences
        .iter()
        .filter(|s| !s.sentence.camera)
        .find_map(|s| s.sentence.lead.as_ref()?.kind);
    let named = lead.and_then(of_kind);
    if let Some((_, word)) = action
        && !matches!(named, Some(Category::Animals))
    {
        return (Category::Action, format!("\"{word}\" is action"));
    }
    if let (Some(category), Some(kind)) = (named, lead) {
        let word = understood
            .kinds
            .iter()
            .find(|(k, _)| *k == kind)
            .map_or("", |(_, e)| e.as_str());
        return (category, format!("\"{word}\" leads"));
    }
    let order = [
        Category::Animals,
        Category::People,
        Category::Food,
        Category::Vehicles,
        Category::City,
        Category::Nature,
        Category::Objects,
    ];
    order
        .into_iter()
        .find_map(|category| {
            let (_, word) = understood
                .kinds
                .iter()
                .find(|(kind, _)| of_kind(*kind) == Some(category))?;
            Some((category, format!("\"{word}\" is named")))
        })
        .unwrap_or((
            Category::Other,
            "nothing in the idea names a known kind of subject".to_owned(),
        ))
}

fn fights(english: &str) -> bool {
    matches!(
        english,
        "fight"
            | "chase"
            | "battle"
            | "war"
            | "duel"
            | "explode"
            | "attack"
            | "race"
            | "explosion"
            | "face off"
    )
}

const fn of_kind(kind: Kind) -> Option<Category> {
    match kind {
        Kind::Animal => Some(Category::Animals),
        Kind::Person | Kind::Name | Kind::Body | Kind::Clothes => Some(Category::People),
        Kind::Nature | Kind::Plant | Kind::Sky | Kind::Weather => Some(Category::Nature),
        Kind::City | Kind::Building | Kind::Place | Kind::Region => Some(Category::City),
        Kind::Food => Some(Category::Food),
        Kind::Vehicle => Some(Category::Vehicles),
        Kind::Object | Kind::Tech => Some(Category::Objects),
        Kind::Sport => Some(Category::Action),
        _ => None,
    }
}

fn sort_slots(brief: &mut Brief, slots: Vec<Slot>) {
    for Slot { kind, english } in slots {
        match kind {
            Kind::Camera => brief.shot.push(english),
            Kind::Move => brief.moves.push(english),
            Kind::Lens => brief.lens.push(english),
            Kind::Style => brief.styles.push(english),
            _ => brief.tones.push(english),
        }
    }
}

fn action(brief: &mut Brief, understood: &Understanding, ask: &Ask<'_>) {
    for said in &understood.sentences {
        if said.sentence.camera {
            brief.camera = said.text.trim_end_matches('.').to_owned();
            continue;
        }
        brief.action.push(said.text.clone());
        if !said.sentence.tag.is_empty() {
            brief.tags.push(said.sentence.tag.clone());
        }
        if !said.sentence.motion.is_empty() {
            brief
                .motion
                .push(format!("{}.", english::capital(&said.sentence.motion)));
        }
        if said.sentence.supplied {
            brief
                .notes
                .push("The idea names no subject; \"a person\" was supplied.".to_owned());
        }
    }
    if brief.action.is_empty() && !ask.idea.trim().is_empty() && brief.camera.is_empty() {
        brief
            .notes
            .push("The idea names no subject or action; only its style was used.".to_owned());
    }
}

fn filled(text: &str, lead: &str, whose: &str) -> String {
    english::capital(&text.replace("{lead}", lead).replace("{their}", whose))
}

fn supply(
    brief: &mut Brief,
    template: &Template,
    lead: &str,
    whose: &str,
    understood: &Understanding,
) {
    brief.detail = filled(&template.detail, lead, whose);
    brief.sound = sound(understood).unwrap_or_else(|| filled(&template.sound, lead, whose));
    brief.small_motion = filled(&template.motion, lead, whose);
    brief.still.clone_from(&template.still);
    brief.quality.clone_from(&template.tags);
    if brief.camera.is_empty() {
        brief.camera = camera(brief).unwrap_or_else(|| filled(&template.camera, lead, whose));
    }
}

/// Says what the idea's own camera words ask for.
fn camera(brief: &Brief) -> Option<String> {
    let (speed, moves): (Vec<&String>, Vec<&String>) = brief.moves.iter().partition(|m| {
        ["motion", "lapse", "footage", "frame"]
            .iter()
            .any(|w| m.ends_with(w))
    });
    let mut parts = Vec::new();
    if !brief.shot.is_empty() {
        parts.push(format!(
            "frames the scene as {}",
            with_articles(&brief.shot)
        ));
    }
    if !moves.is_empty() {
        let moves: Vec<String> = moves.into_iter().cloned().collect();
        parts.push(format!("moves with {}", with_articles(&moves)));
    }
    if !brief.lens.is_empty() {
        parts.push(format!(
            "uses {}",
            english::list(&brief.lens.iter().map(|l| lens(l)).collect::<Vec<_>>())
        ));
    }
    let mut text = if parts.is_empty() {
        String::new()
    } else {
        format!("The camera {}", english::list(&parts))
    };
    if let Some(speed) = speed.first() {
        let how = if speed.ends_with("motion") {
            format!("in {speed}")
        } else {
            format!("as {}", with_articles(&[(*speed).clone()]))
        };
        text = if text.is_empty() {
            format!("The shot plays {how}")
        } else {
            format!("{text}, and the shot plays {how}")
        };
    }
    (!text.is_empty()).then_some(text)
}

fn lens(text: &str) -> String {
    if text.ends_with("lens") || text.ends_with("flare") || text.ends_with("depth of field") {
        with_articles(&[text.to_owned()])
    } else {
        text.to_owned()
    }
}

fn with_articles(items: &[String]) -> String {
    english::list(
        &items
            .iter()
            .map(|i| format!("{} {i}", english::article(i)))
            .collect::<Vec<_>>(),
    )
}

/// Says what is heard, where the idea itself makes sound.
fn sound(understood: &Understanding) -> Option<String> {
    const HEARD: &[(&str, &str)] = &[
        ("rain", "the patter of rain"),
        ("rainy", "the patter of rain"),
        ("rain-soaked", "the patter of rain"),
        ("drizzle", "the soft hiss of drizzle"),
        ("wave", "waves breaking"),
        ("sea", "waves rolling in"),
        ("beach", "waves rolling in"),
        ("seaside", "waves rolling in"),
        ("wind", "the wind"),
        ("windy", "the wind"),
        ("campfire", "the crackle of the fire"),
        ("fireplace", "the crackle of the fire"),
        ("waterfall", "the roar of the waterfall"),
        ("stream", "running water"),
        ("river", "the quiet flow of water"),
        ("train", "the rhythm of train wheels"),
        ("subway", "the rumble of the subway"),
        ("car", "the hum of the engine"),
        ("taxi", "the hum of the engine"),
        ("motorcycle", "the growl of the engine"),
        ("sing", "a clear singing voice"),
        ("piano", "soft piano notes"),
        ("guitar", "the strum of a guitar"),
        ("violin", "a violin melody"),
        ("gayageum", "plucked gayageum strings"),
        ("puppy", "happy little barks"),
        ("dog", "a dog's panting and barking"),
        ("cat", "a soft purr"),
        ("bird", "birdsong"),
        ("seagull", "the cries of seagulls"),
        ("cicada", "the buzz of cicadas"),
        ("horse", "hoofbeats"),
        ("laugh", "laughter"),
        ("child", "children's voices"),
        ("children", "children's voices"),
        ("market", "the calls of vendors"),
        ("fireworks", "the crack of fireworks"),
        ("thunder", "rolling thunder"),
        ("lightning", "rolling thunder"),
        ("snow", "the hush of falling snow"),
        ("snowy", "the hush of falling snow"),
        ("cry", "quiet sobbing"),
        ("grill", "the sizzle of the grill"),
        ("street", "distant traffic"),
        ("alley", "distant city sounds"),
        ("city", "the hum of the city"),
        ("concert", "the roar of the crowd"),
        ("forest", "rustling leaves and distant birds"),
        ("bell", "the ring of a bell"),
        ("clock", "the ticking of a clock"),
    ];
    let mut heard: Vec<String> = Vec::new();
    for (_, word) in &understood.kinds {
        if let Some((_, sound)) = HEARD.iter().find(|(w, _)| w == word)
            && !heard.iter().any(|h| h == sound)
        {
            heard.push((*sound).to_owned());
        }
    }
    heard.truncate(2);
    let verb = if heard.len() > 1 || heard.first().is_some_and(|h| plural_sound(h)) {
        "are"
    } else {
        "is"
    };
    (!heard.is_empty()).then(|| {
        format!(
            "{} {verb} heard over soft ambience",
            english::capital(&english::list(&heard))
        )
    })
}

fn plural_sound(sound: &str) -> bool {
    sound.starts_with("waves")
        || ["barks", "notes", "strings", "voices", "hoofbeats", "sounds"]
            .iter()
            .any(|w| sound.ends_with(w))
        || sound.starts_with("the cries")
        || sound.starts_with("the calls")
        || sound.contains(" and ")
}

/// Puts the scene where the idea names none, and the country where one is set.
fn place(brief: &mut Brief, template: &Template, understood: &Understanding, ask: &Ask<'_>) {
    let placed = understood.kinds.iter().any(|(kind, english)| {
        matches!(
            kind,
            Kind::Place
                | Kind::Building
                | Kind::City
                | Kind::Region
                | Kind::Nature
                | Kind::Sky
                | Kind::Weather
        ) || english.contains("landscape")
    }) || brief.action.iter().any(|text| places(text));
    let korean = understood
        .kinds
        .iter()
        .any(|(kind, _)| *kind == Kind::Region);
    let mut tail = String::new();
    if !placed
        && !matches!(brief.category, Category::Nature | Category::City)
        && ask.idea.chars().any(super::hangul::is_hangul)
    {
        let scene = if brief.night {
            &template.night_scene
        } else {
            &template.scene
        };
        tail.push_str(&toned(scene, &brief.tones));
        brief.notes.push(format!(
            "The idea names no place; \"{}\" comes from the {} template.",
            tail.trim(),
            brief.category.id()
        ));
    }
    if ask.setting == Setting::Korea && !korean {
        tail.push_str(" in present-day South Korea");
    }
    let Some(first) = brief.action.first_mut() else {
        return;
    };
    if !tail.is_empty() {
        *first = placed_in(first, &tail);
        if let Some(tag) = brief.tags.first_mut() {
            tag.push_str(&tail);
        }
    }
}

/// Says whether a sentence already says where.
fn places(text: &str) -> bool {
    const WHERE: &[&str] = &[
        " in a ",
        " in an ",
        " in the ",
        " on a ",
        " on an ",
        " on the ",
        " at a ",
        " at an ",
        " at the ",
        " by the ",
        " by a ",
        " along ",
        " under ",
        " over ",
        " across ",
        " through ",
        " inside ",
        " in front of ",
        " down the ",
        " out the ",
    ];
    WHERE.iter().any(|w| text.contains(w))
}

/// Puts the place behind the action and before a trailing participle: "… in a park, holding a flower."
fn placed_in(sentence: &str, tail: &str) -> String {
    let body = sentence.trim_end_matches('.');
    match body.rsplit_once(", ") {
        Some((head, rest)) if rest.split(' ').next().is_some_and(|w| w.ends_with("ing")) => {
            format!("{head}{tail}, {rest}.")
        }
        _ => format!("{body}{tail}."),
    }
}

/// Gives the template's place the idea's own light: "in a dark outdoor space".
fn toned(scene: &str, tones: &[String]) -> String {
    let dark = tones
        .iter()
        .any(|t| matches!(t.as_str(), "dark" | "gloomy" | "dim" | "pitch-dark"));
    let scene = if dark {
        scene
            .replace("bright, sunlit ", "dark ")
            .replace("naturally lit", "dimly lit")
    } else {
        scene.to_owned()
    };
    format!(" {scene}")
}

/// Light, colour and atmosphere: the idea's words first, then the mood's.
fn colour(brief: &mut Brief, look: &Look, understood: &Understanding) {
    let lit = tone_light(&brief.tones);
    brief.light = lit
        .or_else(|| scene_light(understood))
        .unwrap_or_else(|| look.light.clone());
    brief.atmosphere = format!("The mood is {}", look.atmosphere);
}

fn tone_light(tones: &[String]) -> Option<String> {
    const LIGHT: &[(&str, &str)] = &[
        (
            "bright",
            "Bright, even light fills the scene with clear, vivid colors",
        ),
        (
            "dark",
            "The light is low, and deep shadows hold most of the frame",
        ),
        ("gloomy", "The light is low and gray, with heavy shadows"),
        (
            "warm",
            "Warm, soft light gives the scene gentle golden tones",
        ),
        ("cold", "Cold, bluish light gives the scene a sharp chill"),
        (
            "dreamy",
            "Soft, hazy light blooms around the edges in pastel tones",
        ),
        ("clear", "Clear, crisp light brings out every color"),
        (
            "soft",
            "Soft, diffused light wraps gently around everything",
        ),
    ];
    LIGHT
        .iter()
        .find(|(word, _)| tones.iter().any(|t| t == word))
        .map(|(_, sentence)| (*sentence).to_owned())
}

fn scene_light(understood: &Understanding) -> Option<String> {
    const LIGHT: &[(&str, &str)] = &[
        (
            "candle",
            "Candlelight flickers warmly, leaving the corners in soft shadow",
        ),
        (
            "candlelit",
            "Candlelight flickers warmly, leaving the corners in soft shadow",
        ),
        (
            "neon",
            "Neon light glows in saturated pinks and blues and reflects off every surface",
        ),
        (
            "neon-lit",
            "Neon light glows in saturated pinks and blues and reflects off every surface",
        ),
        (
            "campfire",
            "Firelight flickers in warm orange against the dark",
        ),
        (
            "rainy",
            "Soft overcast light reflects off the wet surfaces in cool, muted tones",
        ),
        (
            "rain",
            "Soft overcast light reflects off the wet surfaces in cool, muted tones",
        ),
        (
            "rain-soaked",
            "Soft light reflects off the wet surfaces in cool, muted tones",
        ),
        (
            "snowy",
            "Pale, even light reflects off the snow in cool whites and blues",
        ),
        (
            "snow",
            "Pale, even light reflects off the snow in cool whites and blues",
        ),
        (
            "snow-covered",
            "Pale, clear light reflects off the snow in cool whites and blues",
        ),
        ("foggy", "Diffuse light softens every edge in the fog"),
        ("fog", "Diffuse light softens every edge in the fog"),
        (
            "sunset",
            "Low golden light rakes across the scene, with long shadows and an orange sky",
        ),
        (
            "sunset glow",
            "Low golden light rakes across the scene, with long shadows and an orange sky",
        ),
        (
            "sunset-lit",
            "Low golden light rakes across the scene, with long shadows and an orange sky",
        ),
        (
            "evening glow",
            "Low golden light rakes across the scene, with long shadows and an orange sky",
        ),
        (
            "setting sun",
            "Low golden light rakes across the scene, with long shadows",
        ),
        (
            "dusk",
            "Fading blue light lingers as the first lamps come on",
        ),
        ("dawn", "Pale blue light of early morning slowly warms"),
        (
            "sunrise",
            "Low golden light spreads slowly across the scene",
        ),
        (
            "golden hour",
            "Low golden light rakes across the scene, with long, soft shadows",
        ),
        ("fireworks", "Bursts of colored light flash across the dark"),
        (
            "starry",
            "Faint starlight and a deep blue dark leave only outlines visible",
        ),
        (
            "moonlit",
            "Pale moonlight draws soft silver edges in the dark",
        ),
        (
            "moonlight",
            "Pale moonlight draws soft silver edges in the dark",
        ),
        (
            "sunlight",
            "Clear sunlight falls through the scene, with soft shadows",
        ),
        (
            "morning sunlight",
            "Soft morning sunlight falls in at a low angle",
        ),
        (
            "morning",
            "Soft, slanting morning light gives gentle contrast",
        ),
        (
            "night view",
            "City lights glint against the dark in warm and cool points",
        ),
        (
            "night",
            "Scattered lamps cast warm pools of light into the dark",
        ),
    ];
    LIGHT
        .iter()
        .find(|(word, _)| understood.kinds.iter().any(|(_, e)| e == word))
        .map(|(_, sentence)| (*sentence).to_owned())
}

/// A long take is said to be one, so that the model does not cut.
fn take(brief: &mut Brief, ask: &Ask<'_>) {
    if ask.seconds.is_some_and(|s| s >= 8.0)
        && ask.target.limits().video
        && !brief.camera.is_empty()
    {
        brief.camera.push_str(" in one continuous take");
    }
}
