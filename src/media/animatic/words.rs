//! The words that mean something to the animatic, and how they are met.
//!
//! Latin entries are stems and meet their plural, `-ed`, `-ing` and `-y` forms; Hangul entries meet anywhere,
//! because Korean glues endings on. An entry of two words is a phrase.

use super::canvas::Ink;
use super::look::{Action, Hour, Mood, Move, Place, Subject, Weather};

/// A table from words to a meaning; entries are parted by commas.
pub(super) type Table<T> = &'static [(&'static str, T)];

/// A prompt prepared for look-ups.
#[derive(Debug)]
pub(super) struct Text {
    whole: String,
    words: Vec<String>,
}

/// Bytes of a prompt that are read; the rest cannot change the picture.
const LONGEST: usize = 16 << 10;

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let end = text.floor_char_boundary(LONGEST);
        let whole = text.get(..end).unwrap_or_default().to_lowercase();
        let words = whole
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        Self { whole, words }
    }

    /// The meaning that is met first in the text.
    pub(super) fn first<T: Copy>(&self, table: Table<T>) -> Option<T> {
        table
            .iter()
            .flat_map(|(entries, meaning)| entries.split(", ").map(move |entry| (entry, meaning)))
            .filter_map(|(entry, meaning)| Some((self.place(entry)?, meaning)))
            .min_by_key(|(place, _)| *place)
            .map(|(_, meaning)| *meaning)
    }

    /// Whether any entry is met.
    pub(super) fn has(&self, entries: &str) -> bool {
        entries.split(", ").any(|entry| self.place(entry).is_some())
    }

    /// Where an entry is met, in words from the start; Hangul counts as words too.
    fn place(&self, entry: &str) -> Option<usize> {
        if !entry.is_ascii() {
            let before = self.whole.find(entry)?;
            return self
                .whole
                .get(..before)
                .map(|text| text.split_whitespace().count());
        }
        let stems: Vec<&str> = entry.split(' ').collect();
        self.words.windows(stems.len()).position(|words| {
            words
                .iter()
                .zip(&stems)
                .all(|(word, stem)| meets(word, stem))
        })
    }
}

/// Whether a word is a form of a stem.
fn meets(word: &str, stem: &str) -> bool {
    const ENDINGS: &[&str] = &["", "s", "es", "ed", "d", "ing", "y", "er", "ers"];
    let short = stem.strip_suffix('e').unwrap_or(stem);
    let doubled = stem.chars().last().into_iter().collect::<String>();
    let form = |base: &str| {
        word.strip_prefix(base)
            .is_some_and(|rest| ENDINGS.contains(&rest))
    };
    word == stem
        || form(stem)
        || (stem.len() > 3 && short != stem && word.strip_prefix(short) == Some("ing"))
        || word
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix(doubled.as_str()))
            .is_some_and(|rest| matches!(rest, "ing" | "ed" | "y" | "er"))
}

pub(super) const HOURS: Table<Hour> = &[
    (
        "night, midnight, moonlight, moonlit, starry, nocturnal, neon, 밤, 야경, 심야",
        Hour::Night,
    ),
    (
        "sunset, dusk, golden hour, twilight, evening, 노을, 석양, 저녁, 해질",
        Hour::Dusk,
    ),
    (
        "sunrise, dawn, daybreak, morning, 새벽, 아침, 일출",
        Hour::Dawn,
    ),
    (
        "day, daylight, noon, midday, sunny, bright, afternoon, 한낮, 오후, 밝은",
        Hour::Day,
    ),
];

pub(super) const WEATHER: Table<Weather> = &[
    (
        "thunder, thunderstorm, lightning, storm, typhoon, 번개, 폭풍",
        Weather::Storm,
    ),
    (
        "rain, rainfall, drizzle, downpour, umbrella, 비 오, 비가, 빗",
        Weather::Rain,
    ),
    (
        "snow, snowfall, snowflake, blizzard, 눈보라, 눈이, 눈 오, 눈 내",
        Weather::Snow,
    ),
    ("fog, foggy, mist, haze, hazy, smoke, 안개", Weather::Fog),
    (
        "petal, blossom, cherry blossom, sakura, spring, 벚꽃, 꽃잎, 봄",
        Weather::Petals,
    ),
    (
        "autumn, fall leaves, maple, foliage, falling leaves, 가을, 단풍, 낙엽",
        Weather::Leaves,
    ),
    (
        "firefly, fireflies, fairy, magic, magical, 반딧불",
        Weather::Fireflies,
    ),
    (
        "fire, flame, ember, explosion, burn, lava, volcano, bonfire, 불꽃, 화재",
        Weather::Embers,
    ),
    ("bubble, underwater, 물속", Weather::Bubbles),
    ("cloud, overcast, gloomy, 구름, 흐린", Weather::Cloud),
];

pub(super) const PLACES: Table<Place> = &[
    (
        "underwater, coral, reef, deep sea, aquarium, 물속, 해저",
        Place::Underwater,
    ),
    (
        "outer space, deep space, in space, galaxy, planet, spaceship, orbiting, nebula, cosmos, cosmic, 우주, 은하",
        Place::Space,
    ),
    (
        "city, cities, street, downtown, urban, alley, skyscraper, rooftop, cyberpunk, \
         metropolis, seoul, tokyo, 도시, 거리, 골목, 서울",
        Place::City,
    ),
    (
        "hanok, village, palace, temple, shrine, town, castle, 한옥, 마을, 궁, 사찰",
        Place::Village,
    ),
    (
        "forest, wood, jungle, pine, bamboo, tree, 숲, 나무",
        Place::Forest,
    ),
    (
        "mountain, cliff, peak, valley, alps, canyon, 산맥, 계곡, 등산",
        Place::Mountain,
    ),
    (
        "ocean, sea, beach, wave, lake, river, coast, shore, harbor, harbour, island, 바다, 해변, \
         파도, 호수, 한강",
        Place::Sea,
    ),
    ("desert, dune, sahara, mars, 사막", Place::Desert),
    (
        "room, kitchen, office, cafe, interior, indoor, bedroom, studio, classroom, courtroom, \
         restaurant, hospital, 방 안, 부엌, 사무실, 카페, 교실",
        Place::Room,
    ),
    (
        "meadow, field, park, garden, grass, hill, farm, yard, 들판, 공원, 초원, 정원",
        Place::Meadow,
    ),
];

const GOLDEN: Ink = [214, 158, 84];
const BROWN: Ink = [132, 88, 56];
const GREY: Ink = [142, 142, 150];
const WHITE: Ink = [240, 236, 228];
const ORANGE: Ink = [222, 120, 48];
const DARK: Ink = [64, 52, 48];

pub(super) const SUBJECTS: Table<Subject> = &[
    (
        "puppy, puppies, dog, retriever, corgi, 강아지, 개가",
        Subject::Beast(1.0, GOLDEN),
    ),
    ("cat, kitten, 고양이", Subject::Beast(0.85, GREY)),
    (
        "rabbit, bunny, lamb, sheep, 토끼, 양이",
        Subject::Beast(0.75, WHITE),
    ),
    ("fox, tiger, 여우, 호랑이", Subject::Beast(1.05, ORANGE)),
    (
        "horse, deer, cow, camel, 말이, 사슴",
        Subject::Beast(1.6, BROWN),
    ),
    (
        "wolf, wolves, bear, lion, elephant, dinosaur, dragon, 늑대, 곰이, 사자",
        Subject::Beast(1.5, DARK),
    ),
    (
        "bird, eagle, gull, seagull, crane bird, butterfly, butterflies, owl, 새가, 나비",
        Subject::Bird,
    ),
    (
        "couple, lovers, friends, children, people, crowd, family, students, 연인, 친구, 아이들, 사람들, 가족",
        Subject::Pair,
    ),
    (
        "man, woman, boy, girl, child, person, detective, dancer, soldier, astronaut, student, \
         runner, hero, heroine, robot, chef, teacher, mother, father, grandmother, grandfather, \
         남자, 여자, 소년, 소녀, 아이, 사람, 할머니, 할아버지, 로봇",
        Subject::Person,
    ),
    (
        "car, taxi, truck, bus, vehicle, motorcycle, 자동차, 버스, 택시",
        Subject::Car,
    ),
    (
        "boat, ship, sailboat, yacht, ferry, 돛단배, 보트",
        Subject::Boat,
    ),
    (
        "train, subway, tram, locomotive, 기차, 지하철, 열차",
        Subject::Train,
    ),
    ("fish, whale, dolphin, shark, 물고기, 고래", Subject::Fish),
    (
        "flower, rose, tulip, sunflower, 꽃이, 꽃밭",
        Subject::Flower,
    ),
    (
        "rocket, spaceship, spacecraft, 로켓, 우주선",
        Subject::Rocket,
    ),
    ("balloon, kite, lantern, 풍선, 열기구", Subject::Balloon),
];

pub(super) const ACTIONS: Table<Action> = &[
    (
        "run, sprint, chase, race, gallop, rush, dash, drive, speed, romp, frolic, play, 뛰, 달리",
        Action::Run,
    ),
    (
        "walk, stroll, wander, march, hike, ride, 걷, 걸어, 산책",
        Action::Walk,
    ),
    ("jump, leap, bounce, hop, 점프, 뛰어오", Action::Jump),
    (
        "fly, flies, soar, float, hover, glide, 날아, 떠오",
        Action::Fly,
    ),
    ("tumble, plunge, collapse, sink, 떨어", Action::Fall),
    ("dance, spin, twirl, sway, swing, 춤", Action::Dance),
    ("swim, dive, sail, surf, 헤엄, 수영, 항해", Action::Swim),
    (
        "stand, sit, sleep, wait, gaze, stare, rest, look, 서 있, 앉아, 잠든",
        Action::Still,
    ),
];

pub(super) const MOVES: Table<Move> = &[
    (
        "pan left, pans left, panning left, truck left",
        Move::PanLeft,
    ),
    (
        "pan, tracking, track, follow, dolly left, dolly right, truck right, sideways",
        Move::PanRight,
    ),
    ("tilt up, pedestal up", Move::TiltUp),
    ("tilt down, pedestal down", Move::TiltDown),
    (
        "dolly out, zoom out, pull back, pullback, pull out",
        Move::DollyOut,
    ),
    (
        "dolly, zoom, push in, close up, dolly in, zoom in",
        Move::DollyIn,
    ),
    ("orbit, arc shot, circling, 360", Move::Orbit),
    ("handheld, shaky, shake", Move::Handheld),
    ("crane shot, crane, drone, aerial, jib", Move::Crane),
    ("static, locked off, tripod, still camera", Move::Still),
];

pub(super) const MOODS: Table<Mood> = &[
    ("humor, humour", Mood::Humor),
    ("touching", Mood::Touching),
    ("anger", Mood::Anger),
    ("sadness", Mood::Sadness),
    ("horror", Mood::Horror),
    ("info", Mood::Info),
    ("controversy", Mood::Controversy),
    ("daily", Mood::Daily),
    ("shock", Mood::Shock),
];

pub(super) const COLOURS: Table<Ink> = &[
    ("red, crimson, scarlet, 빨간, 붉은", [206, 44, 48]),
    ("orange, amber, 주황", [236, 132, 40]),
    ("yellow, 노란", [246, 206, 60]),
    ("golden, gold, 금빛, 황금", [222, 170, 78]),
    ("green, emerald, 초록, 녹색", [66, 156, 84]),
    ("teal, turquoise, cyan, 청록", [38, 166, 166]),
    ("blue, azure, 파란, 푸른", [58, 116, 206]),
    ("purple, violet, lavender, 보라", [132, 84, 188]),
    ("pink, rose, 분홍", [238, 140, 176]),
    ("brown, 갈색", [128, 86, 56]),
    ("white, 하얀, 흰", [242, 240, 234]),
    ("black, 검은", [36, 36, 42]),
    ("grey, gray, silver, 회색", [150, 154, 162]),
];

pub(super) const NEON: &str = "neon, cyberpunk, 네온";
pub(super) const SLOW: &str = "slow motion, slowly, slow mo, 느린, 천천히";
pub(super) const WINTER: &str = "winter, snow, frozen, ice, icy, 겨울, 눈 덮";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outdoor_space_is_not_outer_space() {
        let place = |text: &str| Text::new(text).first(PLACES);
        assert_ne!(
            place("a puppy in a bright, sunlit outdoor space"),
            Some(Place::Space)
        );
        assert_eq!(place("a puppy drifts in outer space"), Some(Place::Space));
        assert_eq!(place("우주를 나는 강아지"), Some(Place::Space));
    }
}
