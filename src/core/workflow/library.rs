//! The workflows that come with the program.

use std::sync::OnceLock;

use super::graph::Graph;
use super::manifest::{ManifestError, Template, parse};

/// A manifest and its graph as compiled in: file stem, TOML, JSON.
type Source = (&'static str, &'static str, &'static str);

macro_rules! sources {
    ($($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!("../../../workflows/", $name, ".toml")),
            include_str!(concat!("../../../workflows/", $name, ".json")),
        )),+]
    };
}

/// Everything in `workflows/`, in the order of lists.
const SOURCES: &[Source] = sources![
    "ltx2-t2v-distilled",
    "ltx2-t2v",
    "ltx2-i2v-distilled",
    "ltx2-i2v",
    "ltx2-upscale",
    "wan22-t2v",
    "wan22-t2v-5b",
    "wan22-i2v",
    "wan22-flf2v",
    "wan22-animate",
    "hunyuan15-t2v",
    "hunyuan15-i2v",
    "cogvideox-i2v",
    "flux-dev",
    "flux-schnell",
    "sdxl",
    "qwen-image",
    "z-image-turbo",
    "controlnet",
    "refine",
    "inpaint",
    "outpaint",
    "upscale-video",
    "upscale-image",
    "interpolate",
];

/// Lists the shipped workflows.
///
/// They are parsed once. One that did not parse would be missing here; a test reads them all.
#[must_use]
pub fn shipped() -> &'static [Template] {
    static SHIPPED: OnceLock<Vec<Template>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        SOURCES
            .iter()
            .filter_map(|source| read(source).ok())
            .collect()
    })
}

/// Finds a shipped workflow by id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Template> {
    shipped().iter().find(|template| template.manifest.id == id)
}

/// Finds the workflow that `render` takes for a prompt target.
///
/// Ids are compared by their letters and digits, so that `ltx2` finds what is written for `ltx-2`.
#[must_use]
pub fn default_for(target: &str) -> Option<&'static Template> {
    let wanted: Vec<char> = letters(target).collect();
    let mut of_target = shipped()
        .iter()
        .filter(|template| letters(&template.manifest.target).eq(wanted.iter().copied()));
    let first = of_target.clone().next();
    of_target
        .find(|template| template.manifest.default)
        .or(first)
}

fn letters(id: &str) -> impl Iterator<Item = char> {
    id.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
}

fn read(&(name, manifest, graph): &Source) -> Result<Template, ManifestError> {
    let graph: Graph = serde_json::from_str(graph).map_err(|error| ManifestError {
        file: format!("{name}.json"),
        line: error.line(),
        reason: error.to_string(),
        near: None,
    })?;
    parse(&format!("{name}.toml"), manifest, graph)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_workflow_reads_and_is_called_like_its_file() {
        for source in SOURCES {
            let template = read(source).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(template.manifest.id, source.0);
            assert!(
                !template.manifest.help.is_empty(),
                "{} has no help",
                source.0
            );
        }
    }

    #[test]
    fn a_render_without_a_workflow_takes_the_distilled_ltx() {
        let template = default_for("ltx-2").unwrap();
        assert_eq!(
            default_for("ltx2").unwrap().manifest.id,
            template.manifest.id
        );
        assert_eq!(template.manifest.id, "ltx2-t2v-distilled");
        assert_eq!(template.default("frames"), Some(&serde_json::json!(241)));
        assert_eq!(template.default("steps"), Some(&serde_json::json!(8)));
    }

    #[test]
    fn each_target_has_one_default() {
        for template in shipped() {
            let target = &template.manifest.target;
            let defaults = shipped()
                .iter()
                .filter(|t| t.manifest.target == *target && t.manifest.default);
            assert!(defaults.count() <= 1, "{target}");
        }
    }
}
