//! What questions to a card came to: which figures it gave, why not the others, and how it is in all.

use crate::store::gpu::State;

/// Why a question to a card was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// This card, or this driver, does not know the question: no fault at all.
    Unknown,
    /// This user may not ask.
    Denied,
    /// The card is gone.
    Lost(String),
    /// Something else, in words.
    Broken(String),
}

/// The answers of one card.
#[derive(Debug, Default)]
pub(super) struct Findings {
    answered: usize,
    denied: Vec<&'static str>,
    broken: Vec<(&'static str, String)>,
    lost: Option<String>,
}

impl Findings {
    /// Notes the answer to a question about a figure that a living card gives.
    pub(super) fn take<T>(&mut self, figure: &'static str, answer: Result<T, Fault>) -> Option<T> {
        match answer {
            Ok(value) => {
                self.answered += 1;
                return Some(value);
            }
            Err(Fault::Unknown) => {}
            Err(Fault::Denied) => self.denied.push(figure),
            Err(Fault::Lost(why)) => self.lost = Some(why),
            Err(Fault::Broken(why)) => self.broken.push((figure, why)),
        }
        None
    }

    /// Judges the card by its answers: its state, and why it is not all well.
    pub(super) fn verdict(&self) -> (State, Option<String>) {
        if let Some(why) = &self.lost {
            return (State::Lost, Some(why.clone()));
        }
        let mut parts = Vec::new();
        if !self.denied.is_empty() {
            parts.push(format!("not permitted to read its {}", list(&self.denied)));
        }
        if let Some((_, why)) = self.broken.first() {
            let figures: Vec<&str> = self.broken.iter().map(|(figure, _)| *figure).collect();
            parts.push(format!("cannot read its {}: {why}", list(&figures)));
        }
        let state = match (self.answered, self.broken.len(), self.denied.len()) {
            (0, 1.., _) => State::Lost,
            (0, 0, 1..) => State::Denied,
            _ => State::Ok,
        };
        (state, (!parts.is_empty()).then(|| parts.join("; ")))
    }
}

fn list(figures: &[&str]) -> String {
    match figures {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = Result<(), Fault>;

    fn judged(answers: &[(&'static str, Answer)]) -> (State, Option<String>) {
        let mut findings = Findings::default();
        for (figure, answer) in answers {
            findings.take(figure, answer.clone());
        }
        findings.verdict()
    }

    #[test]
    fn a_card_is_judged_by_all_its_answers() {
        let (ok, unknown, denied) = (Ok(()), Err(Fault::Unknown), Err(Fault::Denied));
        let lost: Answer = Err(Fault::Lost("it fell off the bus".into()));
        let broken: Answer = Err(Fault::Broken("an internal error".into()));
        let table: [(&[(&'static str, Answer)], State, Option<&str>); 8] = [
            (&[("load", ok.clone())], State::Ok, None),
            (
                &[("load", ok.clone()), ("fan", unknown.clone())],
                State::Ok,
                None,
            ),
            (&[("load", unknown.clone())], State::Ok, None),
            (
                &[("load", ok.clone()), ("processes", denied.clone())],
                State::Ok,
                Some("not permitted to read its processes"),
            ),
            (
                &[
                    ("load", denied.clone()),
                    ("memory", denied.clone()),
                    ("power", denied.clone()),
                ],
                State::Denied,
                Some("not permitted to read its load, memory and power"),
            ),
            (
                &[("load", ok.clone()), ("power", broken.clone())],
                State::Ok,
                Some("cannot read its power: an internal error"),
            ),
            (
                &[("load", broken.clone()), ("memory", broken.clone())],
                State::Lost,
                Some("cannot read its load and memory: an internal error"),
            ),
            (
                &[("load", ok.clone()), ("memory", lost.clone())],
                State::Lost,
                Some("it fell off the bus"),
            ),
        ];
        for (answers, state, why) in table {
            assert_eq!(
                judged(answers),
                (state, why.map(str::to_owned)),
                "{answers:?}"
            );
        }
    }
}
