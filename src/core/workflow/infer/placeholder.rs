//! `{name}` inside texts: slots that the author of the graph named.

use std::collections::BTreeMap;

use super::View;
use super::collect::Collected;
use crate::core::workflow::slot::{Binding, Slot, SlotKind};

/// Longest name taken for a placeholder, characters.
const LONGEST: usize = 40;

/// Finds `{name}` in every text; the same name in several texts is one slot.
pub(super) fn find(view: View<'_>, order: &[&str], found: &mut Collected) {
    let mut names: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, Vec<Binding>> = BTreeMap::new();
    for id in order {
        let Some(node) = view.graph.nodes.get(*id) else {
            continue;
        };
        for (input, value) in &node.inputs {
            for name in value.as_str().into_iter().flat_map(placeholders) {
                let bind = Binding {
                    node: (*id).to_owned(),
                    input: input.clone(),
                };
                let known = places.entry(name.to_owned()).or_default();
                if known.is_empty() {
                    names.push(name.to_owned());
                }
                if !known.contains(&bind) {
                    known.push(bind);
                }
            }
        }
    }
    for name in names {
        let bind = places.remove(&name).unwrap_or_default();
        let within = format!("{{{name}}}");
        let slot = Slot {
            within: Some(within),
            required: true,
            help: "Stands in the text of the graph.".to_owned(),
            ..Slot::new(name, SlotKind::Text, bind)
        };
        found.add_piece(slot);
    }
}

/// Lists the names in braces: a letter or `_`, then letters, digits, `_`, `-`.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let name = rest.get(..rest.find('}')?)?;
        let mut letters = name.chars();
        let first = letters
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_');
        let good = first
            && letters.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
            && name.chars().count() <= LONGEST;
        good.then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_found_and_choices_are_not() {
        let text = "a {animal} in {place}, {red|blue} light, {} {2x} {장소} {open";
        assert_eq!(
            placeholders(text).collect::<Vec<_>>(),
            ["animal", "place", "장소"]
        );
    }
}
