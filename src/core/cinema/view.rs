//! A shot as rules see it: missing tables made empty, ids resolved to facts, numbers of the right sort.
//!
//! The head of the rule file says what this does, in four steps; nothing else is added or taken away.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{CelMap, CelMapKey, CelString, Type};
use cel::common::value::{CowVal, Val};

use super::catalog::Catalog;
use super::field::{Field, Group, Ids, Kind};
use super::shot::Shot;
use super::value::Value;

type Entries = HashMap<CelMapKey<'static>, Box<dyn Val>>;

/// The tables of a shot, each built once and shared from then on.
#[derive(Debug)]
pub(super) struct View {
    tables: BTreeMap<Group, Shared>,
    /// The whole shot as it was when it was last put together.
    whole: Shared,
    /// The table that changed since.
    changed: Option<Group>,
}

impl View {
    /// Normalises a shot.
    pub(super) fn new(catalog: &Catalog, shot: &Shot) -> Self {
        let mut view = Self {
            tables: BTreeMap::new(),
            whole: Shared::default(),
            changed: None,
        };
        // Lights are tables inside another one, so that comes after them.
        let (lighting, others) = (Group::Lighting, Group::TABLES);
        let others = others.into_iter().filter(|group| *group != lighting);
        for group in others.chain([lighting]) {
            view.build(catalog, shot, group);
        }
        view.put_together(catalog, shot);
        view
    }

    /// Normalises one group again, after a change in it.
    pub(super) fn refresh(&mut self, catalog: &Catalog, shot: &Shot, group: Group) {
        self.build(catalog, shot, group);
        let top = match group {
            Group::Source | Group::Fill => {
                self.build(catalog, shot, Group::Lighting);
                Group::Lighting
            }
            group => group,
        };
        if top == Group::Root || self.changed.is_some_and(|changed| changed != top) {
            self.put_together(catalog, shot);
        } else {
            self.changed = Some(top);
        }
    }

    /// The variable `shot`.
    pub(super) fn variable(&self) -> Box<dyn Val> {
        let changed = self.changed.and_then(|group| {
            let table = self.tables.get(&group)?;
            Some((group.path(), table.clone()))
        });
        Box::new(Whole {
            whole: self.whole.clone(),
            changed,
        })
    }

    fn build(&mut self, catalog: &Catalog, shot: &Shot, group: Group) {
        if group == Group::Root {
            return;
        }
        let values = values_of(catalog, shot, group).into_iter();
        let mut entries: Entries = values
            .map(|(key, value)| (CelMapKey::from(key), value.into_cel()))
            .collect();
        if group == Group::Lighting {
            for (key, inner) in [("source", Group::Source), ("fill", Group::Fill)] {
                let table = self.tables.get(&inner).cloned().unwrap_or_default();
                entries.insert(CelMapKey::from(key), Box::new(table));
            }
        }
        self.tables
            .insert(group, Shared(Arc::new(CelMap::from(entries))));
    }

    fn put_together(&mut self, catalog: &Catalog, shot: &Shot) {
        let root = values_of(catalog, shot, Group::Root).into_iter();
        let mut entries: Entries = root
            .map(|(key, value)| (CelMapKey::from(key), value.into_cel()))
            .collect();
        for (group, table) in &self.tables {
            if !matches!(group, Group::Source | Group::Fill) {
                entries.insert(CelMapKey::from(group.path()), Box::new(table.clone()));
            }
        }
        self.whole = Shared(Arc::new(CelMap::from(entries)));
        self.changed = None;
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

/// A shot of which one table changed: trying values for a field puts nothing else together again.
#[derive(Debug, Clone)]
struct Whole {
    whole: Shared,
    changed: Option<(&'static str, Shared)>,
}

impl Val for Whole {
    fn get_type(&self) -> &Type {
        self.whole.get_type()
    }

    fn cel_type() -> &'static Type {
        Shared::cel_type()
    }

    fn as_container(&self) -> Option<&dyn Container> {
        self.whole.as_container()
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        self.whole.as_iterable()
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        self.whole.as_sizer()
    }

    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        self.whole.as_zeroer()
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
}

impl Indexer for Whole {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = key.downcast_ref::<CelString<'_>>().map(CelString::inner);
        match &self.changed {
            Some((changed, table)) if name == Some(*changed) => Ok(CowVal::Borrowed(table)),
            _ => self.whole.0.get(key),
        }
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

/// Puts what went wrong in an evaluation into one scrubbed line.
pub(super) fn said(error: &ExecutionError) -> String {
    let text: String = error.to_string().chars().take(300).collect();
    crate::core::text::scrub(&text).into_owned()
}
