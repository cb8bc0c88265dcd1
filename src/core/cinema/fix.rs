//! The smallest change that clears what is wrong: fewest fields first, then the nearest values.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::field::{Field, Fields};
use super::rule::{Judge, Rule};
use super::shot::{Origin, Shot, Slip};
use super::value::Value;
use super::{Cinema, Severity, domain};

/// The most fields that a fix changes.
const MOST_FIELDS: usize = 4;
/// The most fixes that are offered.
const MOST_FIXES: usize = 5;
/// The most rules that are judged in one search; beyond it the search ends and says so.
const MOST_TRIALS: usize = 60_000;

/// A change that clears findings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fix {
    /// What to set; `null` in JSON takes a field's value away.
    #[serde(serialize_with = "by_name")]
    pub set: BTreeMap<Field, Option<Value>>,
    /// What it does, in English.
    pub message: String,
    /// What it does, in Korean.
    pub message_ko: String,
    /// How far it lies from the shot; only to be compared with others.
    #[serde(skip)]
    pub cost: f64,
}

/// What a search for fixes found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Fixes {
    /// Fixes of the fewest fields, nearest first; each clears all that was asked for.
    pub fixes: Vec<Fix>,
    /// Whether nothing smaller can exist: false when the search ran into its bound.
    pub proven: bool,
}

impl Fix {
    /// Carries it out.
    pub fn apply(&self, shot: &mut Shot) {
        for (field, value) in &self.set {
            shot.put(*field, value.clone(), Origin::Fix);
        }
    }

    /// The nearest ids in place of one that no table has.
    pub(super) fn of_slip(shot: &Shot, slip: &Slip) -> Vec<Self> {
        let Some(field) = Field::find(&slip.path) else {
            return Vec::new();
        };
        let fix = |(n, id): (i32, &String)| {
            let value = match shot.get(field) {
                Some(Value::Texts(words)) => {
                    let swap = |word: &String| {
                        let is_it = slip.message.contains(&format!("{word:?}"));
                        if is_it { id.clone() } else { word.clone() }
                    };
                    Value::Texts(words.iter().map(swap).collect())
                }
                _ => id.as_str().into(),
            };
            Self::new([(field, Some(value))].into(), f64::from(n))
        };
        (0..).zip(&slip.near).map(fix).collect()
    }

    fn new(set: BTreeMap<Field, Option<Value>>, cost: f64) -> Self {
        let say = |(field, value): (&Field, &Option<Value>)| match value {
            Some(value) => format!("set {} to {value}", field.name()),
            None => format!("take {} away", field.name()),
        };
        let say_ko = |(field, value): (&Field, &Option<Value>)| match value {
            Some(value) => format!("{}: {value}(으)로 변경", name_ko(*field)),
            None => format!("{}: 지우기", name_ko(*field)),
        };
        Self {
            message: set.iter().map(say).collect::<Vec<_>>().join(", "),
            message_ko: set.iter().map(say_ko).collect::<Vec<_>>().join(", "),
            set,
            cost,
        }
    }
}

fn name_ko(field: Field) -> &'static str {
    if field.is_fact() {
        field.name()
    } else {
        field.label_ko()
    }
}

fn by_name<S: Serializer>(
    set: &BTreeMap<Field, Option<Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(set.iter().map(|(field, value)| (field.name(), value)))
}

impl Cinema {
    /// Finds the smallest changes that clear every hard finding that is not waived.
    #[must_use]
    pub fn fixes(&self, shot: &Shot, waived: &[&str]) -> Fixes {
        let judge = self.judge(shot);
        let broken = self.hard().filter(|rule| judge.breaks(rule));
        let targets: Vec<&Rule> = broken
            .filter(|rule| !waived.contains(&rule.id.as_str()))
            .collect();
        self.clear(shot, &targets)
    }

    /// Finds the smallest changes that clear one finding, of any severity, and bring no new hard one.
    #[must_use]
    pub fn fixes_of(&self, shot: &Shot, rule: &str) -> Fixes {
        let judge = self.judge(shot);
        let target = self.rule(rule).filter(|rule| judge.breaks(rule));
        self.clear(shot, &Vec::from_iter(target))
    }

    fn clear(&self, shot: &Shot, targets: &[&Rule]) -> Fixes {
        if targets.is_empty() {
            return Fixes {
                fixes: Vec::new(),
                proven: true,
            };
        }
        let judge = self.judge(shot);
        let before: Vec<&Rule> = self.hard().filter(|rule| judge.breaks(rule)).collect();
        let stays = |rule: &&Rule| {
            let was = before.iter().any(|broken| broken.id == rule.id);
            !was || targets.iter().any(|target| target.id == rule.id)
        };
        let mut watched: Vec<&Rule> = self.hard().filter(stays).collect();
        let soft = targets
            .iter()
            .filter(|rule| rule.severity != Severity::Hard);
        watched.extend(soft.copied());
        let mut search = Search {
            cinema: self,
            original: shot,
            targets,
            watched,
            domains: BTreeMap::new(),
            trials: 0,
            found: Vec::new(),
        };
        search.run()
    }
}

/// What a field could be changed to, nearest first, with the distance of each value.
type Domain = Arc<[(f64, Option<Value>)]>;

/// A search over changes, in order of how many fields they touch.
struct Search<'a> {
    cinema: &'a Cinema,
    original: &'a Shot,
    targets: &'a [&'a Rule],
    /// Rules that must be kept when it is done.
    watched: Vec<&'a Rule>,
    domains: BTreeMap<Field, Domain>,
    trials: usize,
    found: Vec<Fix>,
}

/// One set of fields under trial.
struct Trial<'a> {
    fields: Vec<Field>,
    domains: Vec<Domain>,
    /// For each depth, the rules whose verdict is settled once that many fields are set.
    settled: Vec<Vec<&'a Rule>>,
    best: Option<(f64, Vec<Option<Value>>)>,
}

impl<'a> Search<'a> {
    fn run(&mut self) -> Fixes {
        let fields = self.candidates();
        for field in &fields {
            let Cinema { catalog, rules, .. } = self.cinema;
            let domain = domain::changes(catalog, rules, self.original, *field);
            self.domains.insert(*field, domain.into());
        }
        for size in 1..=MOST_FIELDS.min(fields.len()) {
            for chosen in combinations(&fields, size) {
                let set: Fields = chosen.iter().copied().collect();
                if self.targets.iter().all(|rule| rule.reads().meets(set)) {
                    self.attempt(chosen);
                }
                if self.trials > MOST_TRIALS {
                    return self.result();
                }
            }
            if !self.found.is_empty() {
                break;
            }
        }
        self.result()
    }

    fn result(&mut self) -> Fixes {
        let mut fixes = std::mem::take(&mut self.found);
        fixes.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        fixes.truncate(MOST_FIXES);
        Fixes {
            fixes,
            proven: self.trials <= MOST_TRIALS,
        }
    }

    /// The fields that can matter: those the broken rules read, and those that rules reading these read.
    fn candidates(&self) -> Vec<Field> {
        let asked = |rule: &&Rule| rule.asks_for(self.original);
        let mut fields: Vec<Field> = self.targets.iter().flat_map(asked).collect();
        let near: Fields = fields.iter().copied().collect();
        let wider = self.watched.iter().filter(|rule| rule.reads().meets(near));
        fields.extend(
            wider
                .flat_map(asked)
                .filter(|field| self.original.get(*field).is_some()),
        );
        fields.sort();
        fields.dedup();
        fields
    }

    fn attempt(&mut self, fields: Vec<Field>) {
        let cinema = self.cinema;
        let of = |field| self.domains.get(field).cloned();
        let Some(domains) = fields.iter().map(of).collect::<Option<Vec<Domain>>>() else {
            return;
        };
        self.trials += 1;
        let mut trial = Trial {
            settled: self.settled(&fields),
            domains,
            best: None,
            fields,
        };
        let mut judge = cinema.judge(self.original);
        self.descend(&mut trial, &mut judge, &mut Vec::new(), 0.0);
        if let Some((cost, values)) = trial.best {
            let set = trial.fields.into_iter().zip(values).collect();
            self.found.push(Fix::new(set, cost));
        }
    }

    /// Sorts the rules by the depth at which nothing more can change them.
    fn settled(&self, fields: &[Field]) -> Vec<Vec<&'a Rule>> {
        let mut settled = vec![Vec::new(); fields.len()];
        for rule in &self.watched {
            let last = fields.iter().rposition(|field| rule.reads().has(*field));
            if let Some(rules) = last.and_then(|depth| settled.get_mut(depth)) {
                rules.push(*rule);
            }
        }
        settled
    }

    fn descend(
        &mut self,
        trial: &mut Trial<'a>,
        judge: &mut Judge<'_>,
        values: &mut Vec<Option<Value>>,
        cost: f64,
    ) {
        let depth = values.len();
        let (Some(field), Some(domain)) = (
            trial.fields.get(depth).copied(),
            trial.domains.get(depth).cloned(),
        ) else {
            trial.best = Some((cost, values.clone()));
            return;
        };
        for (distance, value) in domain.iter().cloned() {
            let cost = cost + field.weight() + distance;
            let beaten = trial.best.as_ref().is_some_and(|(best, _)| cost >= *best);
            if beaten || self.trials > MOST_TRIALS {
                break;
            }
            judge.set(field, value.clone());
            let rules = trial.settled.get(depth).map_or(&[][..], Vec::as_slice);
            let mut kept = true;
            for rule in rules {
                self.trials += 1;
                if judge.breaks(rule) {
                    kept = false;
                    break;
                }
            }
            if kept {
                values.push(value);
                self.descend(trial, judge, values, cost);
                values.pop();
            }
        }
        judge.set(field, self.original.get(field).cloned());
    }
}

/// Every choice of `size` fields, in order.
fn combinations(fields: &[Field], size: usize) -> Vec<Vec<Field>> {
    let Some((first, rest)) = fields.split_first() else {
        return if size == 0 {
            vec![Vec::new()]
        } else {
            Vec::new()
        };
    };
    if size == 0 {
        return vec![Vec::new()];
    }
    let with = combinations(rest, size - 1).into_iter().map(|mut chosen| {
        chosen.insert(0, *first);
        chosen
    });
    let mut all: Vec<Vec<Field>> = with.collect();
    all.extend(combinations(rest, size));
    all
}
