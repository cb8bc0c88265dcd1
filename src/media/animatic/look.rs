//! From the words of a prompt to what the animatic draws.

use super::canvas::Ink;
use super::words;

/// Light by the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hour {
    Day,
    Dawn,
    Dusk,
    Night,
}

/// What the air carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    Clear,
    Cloud,
    Rain,
    Storm,
    Snow,
    Fog,
    Petals,
    Leaves,
    Fireflies,
    Embers,
    Bubbles,
}

/// Where the scene is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Meadow,
    Forest,
    Mountain,
    Sea,
    City,
    Village,
    Desert,
    Room,
    Space,
    Underwater,
}

/// What moves in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Subject {
    /// Four legs; size against a dog's, and the coat.
    Beast(f32, Ink),
    Person,
    Pair,
    Bird,
    Car,
    Boat,
    Train,
    Fish,
    Flower,
    Rocket,
    Balloon,
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Still,
    Walk,
    Run,
    Jump,
    Fly,
    Fall,
    Dance,
    Swim,
}

/// What the camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Drift,
    Still,
    PanLeft,
    PanRight,
    TiltUp,
    TiltDown,
    DollyIn,
    DollyOut,
    Orbit,
    Handheld,
    Crane,
}

/// One of the nine moods of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Humor,
    Touching,
    Anger,
    Sadness,
    Horror,
    Info,
    Controversy,
    Daily,
    Shock,
}

/// Everything the words decide.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    pub(super) hour: Hour,
    pub(super) weather: Weather,
    pub(super) place: Place,
    pub(super) subject: Subject,
    pub(super) action: Action,
    pub(super) camera: Move,
    pub(super) mood: Option<Mood>,
    /// First colour named: it paints the subject.
    pub(super) colour: Option<Ink>,
    /// Glowing signs and wet streets.
    pub(super) neon: bool,
    /// Half the speed of everything.
    pub(super) slow: bool,
    /// White ground.
    pub(super) winter: bool,
}

impl Look {
    /// Reads a prompt; the first word of a kind wins, because prompts put what matters first.
    pub(super) fn of(prompt: &str, mood: Option<&str>) -> Self {
        let text = words::Text::new(prompt);
        let mood = mood.and_then(|mood| words::Text::new(mood).first(words::MOODS));
        let weather = text.first(words::WEATHER).unwrap_or(Weather::Clear);
        let neon = text.has(words::NEON);
        let subject = text.first(words::SUBJECTS);
        let place =
            text.first(words::PLACES)
                .unwrap_or(if neon { Place::City } else { home(subject) });
        let hour = text.first(words::HOURS).unwrap_or(match (neon, weather) {
            (true, _) | (_, Weather::Fireflies | Weather::Embers) => Hour::Night,
            _ => mood.map_or(Hour::Day, hour_of),
        });
        let subject = subject.unwrap_or(Subject::Balloon);
        Self {
            hour,
            weather,
            place,
            subject,
            action: text.first(words::ACTIONS).unwrap_or(habit(subject)),
            camera: text.first(words::MOVES).unwrap_or(Move::Drift),
            mood,
            colour: text.first(words::COLOURS),
            neon,
            slow: text.has(words::SLOW),
            winter: weather == Weather::Snow || text.has(words::WINTER),
        }
    }
}

/// The light of a mood when the prompt names no hour.
fn hour_of(mood: Mood) -> Hour {
    match mood {
        Mood::Horror | Mood::Anger => Hour::Night,
        Mood::Touching => Hour::Dusk,
        Mood::Humor
        | Mood::Sadness
        | Mood::Info
        | Mood::Controversy
        | Mood::Daily
        | Mood::Shock => Hour::Day,
    }
}

/// Where a subject is at home when the prompt names no place.
fn home(subject: Option<Subject>) -> Place {
    match subject {
        Some(Subject::Boat) => Place::Sea,
        Some(Subject::Fish) => Place::Underwater,
        Some(Subject::Rocket) => Place::Space,
        Some(Subject::Car) => Place::City,
        Some(
            Subject::Beast(..)
            | Subject::Person
            | Subject::Pair
            | Subject::Bird
            | Subject::Train
            | Subject::Flower
            | Subject::Balloon,
        )
        | None => Place::Meadow,
    }
}

/// What a subject does when the prompt names no action.
fn habit(subject: Subject) -> Action {
    match subject {
        Subject::Beast(..) | Subject::Person | Subject::Pair => Action::Walk,
        Subject::Bird | Subject::Balloon | Subject::Rocket => Action::Fly,
        Subject::Car | Subject::Train => Action::Run,
        Subject::Boat | Subject::Fish => Action::Swim,
        Subject::Flower => Action::Still,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_prompt_decide_what_is_drawn() {
        let look = Look::of(
            "A cute golden puppy running through a bright meadow, camera pans left, cherry blossom petals",
            Some("humor"),
        );
        assert!(matches!(look.subject, Subject::Beast(..)));
        assert_eq!(look.action, Action::Run);
        assert_eq!(look.camera, Move::PanLeft);
        assert_eq!(look.place, Place::Meadow);
        assert_eq!(look.weather, Weather::Petals);
        assert_eq!(look.mood, Some(Mood::Humor));
        assert_eq!(look.hour, Hour::Day);
    }

    #[test]
    fn forms_of_a_word_and_phrases_meet_but_lookalikes_do_not() {
        for (prompt, hour, weather, place) in [
            (
                "rainy alley at night with neon signs",
                Hour::Night,
                Weather::Rain,
                Place::City,
            ),
            (
                "waves at golden hour",
                Hour::Dusk,
                Weather::Clear,
                Place::Sea,
            ),
            (
                "snow falls on a hanok village before sunrise",
                Hour::Dawn,
                Weather::Snow,
                Place::Village,
            ),
            (
                "a train of thought, terrain and drainage",
                Hour::Day,
                Weather::Clear,
                Place::Meadow,
            ),
            ("foggy forests", Hour::Day, Weather::Fog, Place::Forest),
            ("밤바다에 눈보라", Hour::Night, Weather::Snow, Place::Sea),
            ("", Hour::Day, Weather::Clear, Place::Meadow),
        ] {
            let look = Look::of(prompt, None);
            assert_eq!(
                (look.hour, look.weather, look.place),
                (hour, weather, place),
                "{prompt}"
            );
        }
    }

    #[test]
    fn a_mood_nobody_knows_is_no_mood() {
        assert_eq!(Look::of("", Some("melancholy-ish")).mood, None);
        assert_eq!(Look::of("", Some("Sadness")).mood, Some(Mood::Sadness));
    }
}
