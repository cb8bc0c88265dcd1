//! A shot as rules see it: missing tables made empty, ids resolved to facts, numbers of the right sort.
//!
//! The head of the rule file says what this does, in four steps; nothing else is added or taken away.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{CelMap, CelMapKey, Type};
use cel::common::value::Val;

use super::catalog::Catalog;
use super::field::{Field, Group, Ids, Kind};
use super::shot::Shot;
use super::value::Value;

type Entries = HashMap<CelMapKey<'static>, Box<dyn Val>>;

/// The tables of a shot, each built once and shared from then on.
#[derive(Debug)]
pub(super) struct View {
    root: Vec<(&'static str, Value)>,
    tables: BTreeMap<Group, Shared>,
}

impl View {
    /// Normalises a shot.
    pub(super) fn new(catalog: &Catalog, shot: &Shot) -> Self {
        let mut view = Self {
            root: Vec::new(),
            tables: BTreeMap::new(),
        };
        view.refresh(catalog, shot, Group::Root);
        for group in Group::TABLES {
            view.refresh(catalog, shot, group);
        }
        // The lights are tables inside another, which is built again once they are there.
        view.refresh(catalog, shot, Group::Lighting);
        view
    }

    /// Normalises one group again, after a change in it.
    pub(super) fn refresh(&mut self, catalog: &Catalog, shot: &Shot, group: Group) {
        let values = values_of(catalog, shot, group);
        if group == Group::Root {
            self.root = values;
            return;
        }
        let mut entries: Entries = values
            .into_iter()
            .map(|(key, value)| (CelMapKey::from(key), value.to_cel()))
            .collect();
        if group == Group::Lighting {
            for (key, inner) in [("source", Group::Source), ("fill", Group::Fill)] {
                let table = self.tables.get(&inner).cloned().unwrap_or_default();
                entries.insert(CelMapKey::from(key), Box::new(table));
            }
        }
        self.tables
            .insert(group, Shared(Arc::new(CelMap::from(entries))));
        if matches!(group, Group::Source | Group::Fill) {
            self.refresh(catalog, shot, Group::Lighting);
        }
    }

    /// The variable `shot`.
    pub(super) fn variable(&self) -> Box<dyn Val> {
        let mut entries: Entries = self
            .root
            .iter()
            .map(|(key, value)| (CelMapKey::from(*key), value.to_cel()))
            .collect();
        for (group, table) in &self.tables {
            if !matches!(group, Group::Source | Group::Fill) {
                entries.insert(CelMapKey::from(group.path()), Box::new(table.clone()));
            }
        }
        Box::new(CelMap::from(entries))
    }
}

/// What a group holds: what the shot gives, then the facts of the record it names, which never overwrite.
pub(super) fn values_of(
    catalog: &Catalog,
    shot: &Shot,
    group: Group,
) -> Vec<(&'static str, Value)> {
    let given = shot.values().filter(|(field, _)| field.group() == group);
    let mut values: Vec<(&'static str, Value)> = given
        .map(|(field, value)| (field.key(), value.clone()))
        .collect();
    let mut facts = Vec::new();
    if let Some((ids, id)) = group.owner().and_then(|owner| named(shot, owner)) {
        facts = catalog.facts(ids, id);
    }
    if group == Group::Camera {
        for key in ["adapts", "rental_mounts"] {
            facts.push((key, Value::Texts(Vec::new())));
        }
    }
    for (key, value) in facts {
        if !values.iter().any(|(known, _)| *known == key) {
            values.push((key, value));
        }
    }
    values
}

fn named(shot: &Shot, owner: Field) -> Option<(Ids, &str)> {
    match owner.kind() {
        Kind::Pick(ids) => Some((ids, shot.text(owner)?)),
        Kind::Flag
        | Kind::Whole
        | Kind::Real
        | Kind::Text
        | Kind::Words
        | Kind::Reals
        | Kind::Picks(_) => None,
    }
}

/// A CEL map that is cheap to hand on: trying a thousand cameras copies no table.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<CelMap<'static>>);

impl Val for Shared {
    fn get_type(&self) -> &Type {
        self.0.get_type()
    }

    fn cel_type() -> &'static Type {
        <CelMap<'static> as Val>::cel_type()
    }

    fn as_container(&self) -> Option<&dyn Container> {
        self.0.as_container()
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        self.0.as_indexer()
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        self.0.as_iterable()
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        self.0.as_sizer()
    }

    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        self.0.as_zeroer()
    }

    fn equals(&self, other: &dyn Val) -> bool {
        self.0.equals(other)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
}

/// Puts what went wrong in an evaluation into one scrubbed line.
pub(super) fn said(error: &ExecutionError) -> String {
    let text: String = error.to_string().chars().take(300).collect();
    crate::core::text::scrub(&text).into_owned()
}
