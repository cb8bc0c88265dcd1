//! Everything a node may stand for: the file's subgraphs, its group nodes, the worker's classes.

use std::collections::HashMap;

use super::error::ConvertError;
use super::file::{Definition, INPUT_SIDE, UiFile, UiNode};
use super::group::Group;
use super::nest;
use super::note::Place;
use super::roles::{Role, group_name};
use crate::core::workflow::{InputSpec, ObjectInfo};

/// Links of a subgraph's input that are looked at for a widget.
const MOST_LINKS: usize = 1_000;

/// Looks up what nodes stand for.
#[derive(Debug)]
pub(super) struct Book<'f> {
    pub(super) info: &'f ObjectInfo,
    definitions: &'f HashMap<&'f str, Definition<'f>>,
    groups: &'f HashMap<&'f str, Group<'f>>,
    /// For each subgraph, which inputs carry a widget of an inner node.
    promoted: HashMap<&'f str, Vec<bool>>,
}

/// What a node stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stands<'f> {
    /// A class of the worker, known or not.
    Class(Role),
    /// An instance of a subgraph.
    Subgraph(&'f Definition<'f>),
    /// An instance of a group node.
    Group(&'f Group<'f>),
}

impl<'f> Stands<'f> {
    /// Gives the inside of an instance.
    pub(super) const fn inside(self) -> Option<&'f Definition<'f>> {
        match self {
            Self::Class(_) => None,
            Self::Subgraph(definition) => Some(definition),
            Self::Group(group) => Some(&group.definition),
        }
    }
}

impl<'f> Book<'f> {
    /// Opens the book on a file.
    pub(super) fn open(
        file: &'f UiFile<'f>,
        groups: &'f HashMap<&'f str, Group<'f>>,
        info: &'f ObjectInfo,
    ) -> Result<Self, ConvertError> {
        let mut book = Self {
            info,
            definitions: &file.definitions,
            groups,
            promoted: HashMap::new(),
        };
        for id in nest::inner_first(file)? {
            if let Some(definition) = file.definitions.get(id) {
                let promoted = book.promotions(definition);
                book.promoted.insert(id, promoted);
            }
        }
        Ok(book)
    }

    /// Says what a node stands for.
    pub(super) fn stands(&self, node: &UiNode<'_>) -> Stands<'f> {
        if let Some(definition) = self.definitions.get(node.class) {
            return Stands::Subgraph(definition);
        }
        group_name(node.class)
            .and_then(|name| self.groups.get(name))
            .map_or_else(|| Stands::Class(Role::of(node.class)), Stands::Group)
    }

    /// Lists which inputs of a subgraph carry a widget.
    pub(super) fn promoted(&self, class: &str) -> &[bool] {
        self.promoted.get(class).map_or(&[], Vec::as_slice)
    }

    /// Works out which inputs of a subgraph carry a widget; inner subgraphs are known already.
    fn promotions(&self, definition: &Definition<'_>) -> Vec<bool> {
        let scope = &definition.scope;
        let carries = |id: &String| {
            let link = scope.links.get(id)?;
            let node = scope.nodes.get(&link.target)?;
            let slot = node
                .inputs
                .iter()
                .find(|slot| slot.link.as_ref() == Some(id))
                .or_else(|| node.inputs.get(link.target_slot))?;
            Some(self.has_widget(node, &slot.name))
        };
        let inputs = definition.inputs.iter();
        inputs
            .map(|port| {
                let mut links = port.links.iter().take(MOST_LINKS);
                links.any(|id| carries(id) == Some(true))
            })
            .collect()
    }

    /// Says whether a node has a widget of this name.
    pub(super) fn has_widget(&self, node: &UiNode<'_>, name: &str) -> bool {
        match self.stands(node) {
            Stands::Subgraph(definition) => definition
                .inputs
                .iter()
                .zip(self.promoted(node.class))
                .any(|(port, promoted)| *promoted && port.name == name),
            Stands::Group(group) => group.has_widget(name),
            Stands::Class(_) => self.info.class(node.class).map_or_else(
                || {
                    let mut slots = node.inputs.iter();
                    slots.any(|slot| slot.is_widget && slot.name == name)
                },
                |class| class.input(name).is_some_and(InputSpec::is_widget),
            ),
        }
    }

    /// Says where a node is, for people.
    pub(super) fn place(&self, prefix: &str, node: &UiNode<'_>) -> Place {
        let class = self
            .definitions
            .get(node.class)
            .map_or(node.class, |d| d.name);
        Place {
            node: format!("{prefix}{}", node.id),
            class: class.to_owned(),
            title: node
                .title
                .filter(|title| *title != class)
                .map(str::to_owned),
        }
    }

    /// Finds the slot of a subgraph input that feeds an inner node's input.
    pub(super) fn port_feeding(
        definition: &Definition<'_>,
        node: &UiNode<'_>,
        input: &str,
    ) -> Option<usize> {
        let slot = node.inputs.iter().find(|slot| slot.name == input)?;
        let link = definition.scope.links.get(slot.link.as_ref()?)?;
        (link.origin == INPUT_SIDE).then_some(link.origin_slot)
    }
}
