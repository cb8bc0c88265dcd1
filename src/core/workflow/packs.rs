//! Which node pack provides a class that a worker lacks.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A set of node classes that is installed as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Name of its folder under `custom_nodes/`; `ComfyUI` for the server itself.
    pub name: String,
    /// Owner and name on GitHub.
    pub repository: String,
    /// Classes it provides.
    #[serde(skip_serializing)]
    classes: Vec<String>,
}

impl Pack {
    /// Says whether the class belongs to the server, so that an update brings it.
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.name == "ComfyUI"
    }

    /// Says what to do to get it.
    #[must_use]
    pub fn advice(&self) -> String {
        if self.is_core() {
            "part of newer ComfyUI versions: update the worker".to_owned()
        } else {
            format!(
                "install the node pack {} (github.com/{})",
                self.name, self.repository
            )
        }
    }
}

/// Finds the pack that provides a class.
#[must_use]
pub fn pack_of(class: &str) -> Option<&'static Pack> {
    let (packs, by_class) = known();
    by_class.get(class).and_then(|at| packs.get(*at))
}

type Known = (&'static [Pack], HashMap<&'static str, usize>);

fn known() -> &'static Known {
    #[derive(Deserialize)]
    struct File {
        pack: Vec<Pack>,
    }
    static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let packs = PACKS.get_or_init(|| {
            let text = include_str!("../../../workflows/packs.toml");
            toml::from_str::<File>(text)
                .map(|file| file.pack)
                .unwrap_or_default()
        });
        let mut by_class = HashMap::new();
        for (at, pack) in packs.iter().enumerate() {
            for class in &pack.classes {
                by_class.entry(class.as_str()).or_insert(at);
            }
        }
        (packs, by_class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_class_names_its_pack_or_the_server_version() {
        for (class, name) in [
            ("VHS_VideoCombine", Some("ComfyUI-VideoHelperSuite")),
            ("RIFE VFI", Some("ComfyUI-Frame-Interpolation")),
            ("LTXVConditioning", Some("ComfyUI")),
            ("NoSuchNode", None),
        ] {
            assert_eq!(
                pack_of(class).map(|pack| pack.name.as_str()),
                name,
                "{class}"
            );
        }
        assert!(pack_of("KSampler").unwrap().advice().contains("update"));
    }
}
