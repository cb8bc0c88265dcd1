//! What a worker says of its own devices, as cards.

use crate::comfy::SystemStats;
use crate::comfy::wire::Device;
use crate::core::text::{fit, scrub};
use crate::store::gpu::{Card, Source};

/// Devices of one worker that are looked at.
const MOST: usize = 64;

/// Cells of a device's name that are kept.
const NAME: usize = 80;

/// Reads the devices of a worker, the one it renders on first.
pub(super) fn cards(worker: &str, stats: &SystemStats) -> Vec<Card> {
    let devices = stats.devices.iter().take(MOST);
    devices.map(|device| card(worker, device)).collect()
}

fn card(worker: &str, device: &Device) -> Card {
    let used = device
        .vram_total
        .zip(device.vram_free)
        .map(|(total, free)| total.saturating_sub(free));
    Card {
        worker: Some(worker.to_owned()),
        index: device.index.and_then(|index| u32::try_from(index).ok()),
        name: model(&device.name),
        vram_used: used,
        vram_total: device.vram_total,
        kind: Some(scrub(&device.kind).into_owned()).filter(|kind| !kind.is_empty()),
        ..Card::of(Source::Comfyui)
    }
}

/// Finds the model in a name such as `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync`.
///
/// `ComfyUI` writes the device, the model and the allocator in one text (`get_torch_device_name` in
/// `comfy/model_management.py`); other devices have a plain name.
fn model(name: &str) -> Option<String> {
    let name = scrub(name);
    let named = name
        .split_once(' ')
        .filter(|(device, _)| {
            device
                .split_once(':')
                .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        })
        .map_or(name.as_ref(), |(_, rest)| rest);
    let plain = named.rsplit_once(" : ").map_or(named, |(model, _)| model);
    let plain = fit(plain.trim(), NAME);
    (!plain.is_empty()).then(|| plain.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_name_is_cut_to_the_model() {
        for (said, model_name) in [
            (
                "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync",
                Some("NVIDIA GeForce RTX 4090"),
            ),
            ("cuda:1 NVIDIA H200 : native", Some("NVIDIA H200")),
            ("cuda:0 Tesla T4", Some("Tesla T4")),
            ("cpu", Some("cpu")),
            ("mps", Some("mps")),
            ("my own loopback", Some("my own loopback")),
            ("xpu:0", Some("xpu:0")),
            ("", None),
            (" : ", None),
            ("cuda:0 \x1b[2JX\u{202e}", Some("[2JX")),
        ] {
            assert_eq!(model(said).as_deref(), model_name, "{said:?}");
        }
        assert_eq!(model(&"골".repeat(400)).unwrap().chars().count(), 40);
    }

    #[test]
    fn figures_that_a_worker_does_not_tell_are_absent_and_odd_ones_harmless() {
        for (total, free, used) in [
            (Some(24), Some(4), Some(20)),
            (Some(24), None, None),
            (None, Some(4), None),
            (Some(4), Some(24), Some(0)),
            (Some(u64::MAX), Some(0), Some(u64::MAX)),
        ] {
            let device = Device {
                name: "cuda:0 A".into(),
                kind: "cuda".into(),
                index: Some(0),
                vram_total: total,
                vram_free: free,
                ..Device::default()
            };
            let card = card("gpu1", &device);
            assert_eq!((card.vram_used, card.vram_total), (used, total));
            assert_eq!((card.util_pct, card.temperature_c), (None, None));
        }
    }

    #[test]
    fn a_worker_cannot_make_us_keep_a_million_devices() {
        let stats = SystemStats {
            devices: vec![Device::default(); 1_000],
            ..SystemStats::default()
        };
        assert_eq!(cards("gpu1", &stats).len(), MOST);
    }
}
