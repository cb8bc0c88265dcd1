//! What a server says about itself.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::pick;
use crate::comfy::error::brief;

/// A release such as `0.3.64`; later parts such as `-dev` are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// First release that interrupts by prompt id; older ones stop whatever runs.
    pub const INTERRUPT_BY_ID: Self = Self(0, 3, 57);

    /// Reads a release as servers and tags write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().trim_start_matches('v').split('.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().ok()
        });
        Some(Self(
            parts.next()??,
            parts.next()??,
            parts.next().flatten().unwrap_or(0),
        ))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// `GET /system_stats`. Fields come and go between releases: all are optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SystemStats {
    /// Release of the server.
    pub version: Option<Version>,
    /// Operating system as the server names it (`posix` before 0.4.0, `linux` since), scrubbed.
    pub os: Option<String>,
    /// Memory of the host in bytes.
    pub ram_total: Option<u64>,
    /// Free memory of the host in bytes.
    pub ram_free: Option<u64>,
    /// Release of PyTorch, scrubbed.
    pub pytorch: Option<String>,
    /// Release of Python, scrubbed.
    pub python: Option<String>,
    /// Its devices; 0.23.0 and later list all, the primary one first.
    pub devices: Vec<Device>,
}

/// One device of a server.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Device {
    /// Name, such as `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync`, scrubbed.
    pub name: String,
    /// `cuda`, `cpu`, `mps`, …, scrubbed.
    pub kind: String,
    /// Its index among its kind; none on CPU.
    pub index: Option<u64>,
    /// Memory in bytes.
    pub vram_total: Option<u64>,
    /// Free memory in bytes, counting what PyTorch holds but does not use.
    pub vram_free: Option<u64>,
    /// Bytes PyTorch holds.
    pub torch_vram_total: Option<u64>,
    /// Of these, bytes not in use.
    pub torch_vram_free: Option<u64>,
}

impl SystemStats {
    /// Reads the answer; `None` when it is not one of a ComfyUI server.
    #[must_use]
    pub fn from_value(answer: &Value) -> Option<Self> {
        let system = answer.get("system").filter(|system| system.is_object())?;
        Some(Self {
            version: pick::text(system, "comfyui_version").and_then(Version::parse),
            os: word(system, "os"),
            ram_total: pick::count(system, "ram_total"),
            ram_free: pick::count(system, "ram_free"),
            pytorch: word(system, "pytorch_version"),
            python: word(system, "python_version"),
            devices: pick::list(answer, "devices")
                .iter()
                .map(Device::from_value)
                .collect(),
        })
    }
}

impl Device {
    fn from_value(device: &Value) -> Self {
        Self {
            name: word(device, "name").unwrap_or_default(),
            kind: word(device, "type").unwrap_or_default(),
            index: pick::count(device, "index"),
            vram_total: pick::count(device, "vram_total"),
            vram_free: pick::count(device, "vram_free"),
            torch_vram_total: pick::count(device, "torch_vram_total"),
            torch_vram_free: pick::count(device, "torch_vram_free"),
        }
    }
}

fn word(value: &Value, key: &str) -> Option<String> {
    pick::text(value, key).map(|text| brief(text, 160))
}

/// `GET /features` and the answer to our feature flags; an open object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Features {
    /// Whether previews come with node and prompt id.
    pub supports_preview_metadata: bool,
    /// Most bytes of any body; a float on servers started with the flag.
    pub max_upload_size: Option<u64>,
    /// All of it, raw.
    pub all: Map<String, Value>,
}

impl Features {
    /// Reads the flags; what is no object has none.
    #[must_use]
    pub fn from_value(flags: &Value) -> Self {
        Self {
            supports_preview_metadata: flags.get("supports_preview_metadata")
                == Some(&Value::Bool(true)),
            max_upload_size: pick::count(flags, "max_upload_size"),
            all: flags.as_object().cloned().unwrap_or_default(),
        }
    }
}

/// The answer to an upload: the name under which the server kept the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadAnswer {
    /// Name, raw; another than the one sent when that was taken.
    pub name: String,
    /// Folder below the one of its kind, raw.
    pub subfolder: String,
    /// `input`, `temp` or `output`.
    pub kind: String,
}

impl UploadAnswer {
    /// Reads the answer; `None` when it names no file.
    #[must_use]
    pub fn from_value(answer: &Value) -> Option<Self> {
        Some(Self {
            name: pick::text(answer, "name")
                .filter(|name| !name.is_empty())?
                .to_owned(),
            subfolder: pick::text(answer, "subfolder")
                .unwrap_or_default()
                .to_owned(),
            kind: pick::text(answer, "type").unwrap_or("input").to_owned(),
        })
    }

    /// How a node such as `LoadImage` names the file.
    #[must_use]
    pub fn reference(&self) -> String {
        let path = if self.subfolder.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.subfolder, self.name)
        };
        if self.kind == "input" {
            path
        } else {
            format!("{path} [{}]", self.kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn releases_compare_by_number() {
        assert!(Version::parse("0.3.64").unwrap() > Version::INTERRUPT_BY_ID);
        assert!(Version::parse("0.3.9").unwrap() < Version::INTERRUPT_BY_ID);
        assert!(Version::parse("v0.25.0-dev").unwrap() > Version::INTERRUPT_BY_ID);
        assert_eq!(Version::parse("1.2"), Some(Version(1, 2, 0)));
        assert_eq!(Version::parse("unknown"), None);
    }

    #[test]
    fn a_limit_given_as_float_is_a_limit() {
        assert_eq!(
            Features::from_value(&json!({"max_upload_size": 1_048_576.0})).max_upload_size,
            Some(1_048_576)
        );
        assert_eq!(Features::from_value(&Value::Null), Features::default());
    }

    #[test]
    fn a_file_kept_elsewhere_is_named_with_its_place() {
        let kept = UploadAnswer::from_value(
            &json!({"name": "a (1).png", "subfolder": "x", "type": "temp"}),
        )
        .unwrap();
        assert_eq!(kept.reference(), "x/a (1).png [temp]");
    }
}
