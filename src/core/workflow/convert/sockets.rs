//! The sockets of a node as the editor has them once the file is open, whatever the file says of them.

use super::book::Book;
use super::file::{Port, Slot, UiNode};

impl Book<'_> {
    /// Lists the inputs of a node as the editor has them once the file is open.
    ///
    /// Sockets of the class first, then its widgets, then what the class does not know.
    pub(super) fn live_inputs(&self, node: &UiNode<'_>) -> Vec<Slot> {
        if let Some(inside) = self.stands(node).inside() {
            return inside
                .inputs
                .iter()
                .enumerate()
                .map(|(slot, port)| Slot {
                    name: port.name.clone(),
                    type_name: port.type_name.clone(),
                    link: outer_slot(node, &inside.inputs, slot).and_then(|slot| slot.link.clone()),
                    is_widget: false,
                })
                .collect();
        }
        let Some(class) = self.info.class(node.class) else {
            return node.inputs.clone();
        };
        let mut left: Vec<Slot> = node.inputs.clone();
        let mut live = Vec::new();
        for widgets in [false, true] {
            let inputs = class.visible_inputs();
            for input in inputs.filter(|input| input.is_widget() == widgets) {
                let group = format!("{}.", input.name);
                let (mine, others): (Vec<_>, Vec<_>) = left
                    .into_iter()
                    .partition(|slot| slot.name == input.name || slot.name.starts_with(&group));
                left = others;
                if mine.is_empty() {
                    live.push(Slot {
                        name: input.name.clone(),
                        type_name: input.type_name.clone(),
                        link: None,
                        is_widget: widgets,
                    });
                }
                live.extend(mine.into_iter().map(|slot| Slot {
                    type_name: self.input_type(node, &slot),
                    ..slot
                }));
            }
        }
        live.extend(left);
        live
    }

    /// Gives the type of an input as the class has it now, else as the file has it.
    pub(super) fn input_type(&self, node: &UiNode<'_>, slot: &Slot) -> String {
        if let Some(inside) = self.stands(node).inside() {
            let port = inside.inputs.iter().find(|port| port.name == slot.name);
            return port.map_or_else(|| slot.type_name.clone(), |port| port.type_name.clone());
        }
        self.info
            .class(node.class)
            .and_then(|class| class.input(&slot.name))
            .filter(|spec| !spec.type_name.starts_with("COMFY_"))
            .map_or_else(|| slot.type_name.clone(), |spec| spec.type_name.clone())
    }

    /// Gives the type of an output as the class has it now, else as the file has it.
    pub(super) fn output_type(&self, node: &UiNode<'_>, slot: usize) -> String {
        let stored = || node.outputs.get(slot).cloned().unwrap_or_default();
        if let Some(inside) = self.stands(node).inside() {
            let port = inside.outputs.get(slot);
            return port.map_or_else(stored, |port| port.type_name.clone());
        }
        self.info
            .class(node.class)
            .and_then(|class| class.outputs.get(slot))
            .filter(|output| !output.type_name.starts_with("COMFY_"))
            .map_or_else(stored, |output| output.type_name.clone())
    }
}

/// Finds the socket of an instance that stands for a subgraph input: by name, else by place.
///
/// Place counts only for a socket whose name is no input's, because editors leave out unlinked sockets.
pub(super) fn outer_slot<'n>(
    instance: &'n UiNode<'_>,
    ports: &[Port],
    port: usize,
) -> Option<&'n Slot> {
    let name = ports.get(port).map_or("", |port| port.name.as_str());
    let named = instance.inputs.iter().find(|slot| slot.name == name);
    let placed = || {
        let slot = instance.inputs.get(port)?;
        let other = ports.iter().any(|port| port.name == slot.name);
        (!other).then_some(slot)
    };
    named.or_else(placed)
}
