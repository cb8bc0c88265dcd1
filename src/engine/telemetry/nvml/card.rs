//! One card, question by question.

use std::collections::BTreeMap;

use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use super::super::finding::{Fault, Findings};
use super::super::owner::Owners;
use super::explain;
use crate::core::text::{fit, scrub};
use crate::store::gpu::{Card, Process, Source, State};

/// Cards that are looked at.
const MOST_CARDS: u32 = 64;
/// MIG devices of one card that are looked at; no card has more than seven.
const MOST_PARTS: u32 = 16;
/// Processes of one card that are kept, the largest first.
const MOST_PROCESSES: usize = 64;
/// Bytes of a process name that are asked for.
const NAME_BYTES: usize = 256;
/// Cells of a name that are kept.
const NAME: usize = 80;
/// What [`NvmlError::UnexpectedVariant`] holds where the library knows a question in another form only:
/// `NVML_ERROR_ARGUMENT_VERSION_MISMATCH` of `nvml.h`.
const OTHER_FORM: u32 = 25;
/// What it holds where a card is gone: `NVML_ERROR_GPU_NOT_FOUND` of `nvml.h`.
const NOT_FOUND: u32 = 28;

/// Identity and model of cards, by index.
pub(super) type Known = BTreeMap<u32, (Option<String>, Option<String>)>;

/// What it takes to ask a card.
struct Lens<'a> {
    nvml: &'a Nvml,
    owners: &'a Owners,
}

/// Reads every card and MIG device.
///
/// # Errors
/// When the library does not even say how many there are.
pub(super) fn read_all(
    nvml: &Nvml,
    known: &mut Known,
    owners: &Owners,
) -> Result<Vec<Card>, NvmlError> {
    let lens = Lens { nvml, owners };
    let mut cards = Vec::new();
    for index in 0..nvml.device_count()?.min(MOST_CARDS) {
        match nvml.device_by_index(index) {
            Ok(device) => {
                let (card, parts) = lens.card(&device, index);
                cards.push(recognised(card, known));
                cards.extend(parts);
            }
            Err(error) => {
                let card = beyond_reach(index, fault(&error));
                cards.push(recognised(card, known));
            }
        }
    }
    Ok(cards)
}

impl Lens<'_> {
    /// Reads one card and the MIG devices it is split into.
    fn card(&self, device: &Device<'_>, index: u32) -> (Card, Vec<Card>) {
        let mut findings = Findings::default();
        let parts = self.parts(device, index);
        let mut card = figures(device, &mut findings);
        card.index = Some(index);
        let mut ask = |figure, answer: Result<u32, NvmlError>| {
            findings.take(figure, answer.map_err(|error| fault(&error)))
        };
        card.util_pct = ask("load", device.utilization_rates().map(|rates| rates.gpu));
        card.temperature_c = ask("temperature", device.temperature(TemperatureSensor::Gpu));
        card.power_w = ask("power", device.power_usage()).map(watts);
        let limit = device
            .enforced_power_limit()
            .or_else(|_| device.power_management_limit());
        card.power_limit_w = ask("power limit", limit).map(watts);
        card.fan_pct = ask("fan", device.fan_speed(0));
        if parts.is_none() {
            card.processes = self.processes(device, &mut findings);
        }
        let card = settled(card, &findings, parts.as_ref().map(Vec::len));
        (card, parts.unwrap_or_default())
    }

    /// Reads the MIG devices of a card; `None` when it is not split.
    ///
    /// Load, temperature and power belong to the card and are not told again for each.
    fn parts(&self, device: &Device<'_>, index: u32) -> Option<Vec<Card>> {
        const ENABLED: u32 = 1;
        device
            .mig_mode()
            .ok()
            .filter(|mode| mode.current == ENABLED)?;
        let places = device.mig_device_count().unwrap_or(0).min(MOST_PARTS);
        let part = |mig| {
            let mut card = match device.mig_device_by_index(mig) {
                Ok(part) => {
                    let mut findings = Findings::default();
                    let mut card = figures(&part, &mut findings);
                    card.index = Some(index);
                    card.processes = self.processes(&part, &mut findings);
                    settled(card, &findings, None)
                }
                Err(error) => match fault(&error) {
                    // Not every place holds a device.
                    Fault::Unknown => return None,
                    other => beyond_reach(index, other),
                },
            };
            card.mig = Some(mig);
            Some(card)
        };
        Some((0..places).filter_map(part).collect())
    }

    fn processes(&self, device: &Device<'_>, findings: &mut Findings) -> Vec<Process> {
        let compute = device
            .running_compute_processes()
            .map_err(|error| fault(&error));
        let compute = findings.take("processes", compute).unwrap_or_default();
        // Whoever is refused one list is refused the other, and that was noted above.
        let graphics = device.running_graphics_processes().unwrap_or_default();
        let mut held: BTreeMap<u32, Option<u64>> = BTreeMap::new();
        for process in compute.into_iter().chain(graphics) {
            let vram = match process.used_gpu_memory {
                UsedGpuMemory::Used(bytes) => Some(bytes),
                UsedGpuMemory::Unavailable => None,
            };
            let kept = held.entry(process.pid).or_default();
            *kept = (*kept).max(vram);
        }
        let mut held: Vec<(u32, Option<u64>)> = held.into_iter().collect();
        held.sort_by_key(|(_, vram)| std::cmp::Reverse(*vram));
        held.truncate(MOST_PROCESSES);
        held.into_iter()
            .map(|(pid, vram)| Process {
                pid,
                name: self.program(pid),
                vram,
                job: None,
                worker: None,
            })
            .collect()
    }

    fn program(&self, pid: u32) -> Option<String> {
        let told = self.nvml.sys_process_name(pid, NAME_BYTES).ok();
        told.as_deref()
            .and_then(program)
            .or_else(|| program(&self.owners.name(pid)?))
    }
}

/// Reads what cards and MIG devices both have.
fn figures(device: &Device<'_>, findings: &mut Findings) -> Card {
    let memory = device.memory_info().map_err(|error| fault(&error));
    let memory = findings.take("memory", memory);
    Card {
        uuid: device.uuid().ok().and_then(|uuid| clean(&uuid)),
        name: device.name().ok().and_then(|name| clean(&name)),
        vram_used: memory.as_ref().map(|memory| memory.used),
        vram_total: memory.as_ref().map(|memory| memory.total),
        ..Card::of(Source::Nvml)
    }
}

/// Cuts a command line to the name of its program.
fn program(line: &str) -> Option<String> {
    let path = line.split_once(" -").map_or(line, |(path, _)| path);
    let name = path.trim_end_matches('/').rsplit('/').next();
    clean(name.unwrap_or(path))
}

/// Makes a name from outside fit to be shown; an empty one is none.
fn clean(name: &str) -> Option<String> {
    let name = scrub(name);
    let name = fit(name.trim(), NAME);
    (!name.is_empty()).then(|| name.into_owned())
}

/// Keeps who a card is for the day it is lost, and names it on that day.
fn recognised(mut card: Card, known: &mut Known) -> Card {
    let kept = known.entry(card.index.unwrap_or_default()).or_default();
    match &card.uuid {
        Some(uuid) => kept.0 = Some(uuid.clone()),
        None => card.uuid.clone_from(&kept.0),
    }
    match &card.name {
        Some(name) => kept.1 = Some(name.clone()),
        None => card.name.clone_from(&kept.1),
    }
    card
}

/// A card that cannot even be opened.
fn beyond_reach(index: u32, fault: Fault) -> Card {
    let (state, why) = match fault {
        Fault::Denied => (State::Denied, "not permitted to read it".to_owned()),
        Fault::Unknown => (State::Lost, "it cannot be found any more".to_owned()),
        Fault::Lost(why) | Fault::Broken(why) => (State::Lost, why),
    };
    Card {
        index: Some(index),
        state,
        why: Some(why),
        ..Card::of(Source::Nvml)
    }
}

/// Puts in how the card is in all; of a lost one no figure is believed.
fn settled(card: Card, findings: &Findings, parts: Option<usize>) -> Card {
    let (state, why) = findings.verdict();
    match (state, parts) {
        (State::Lost, _) => Card {
            index: card.index,
            uuid: card.uuid,
            name: card.name,
            state,
            why,
            ..Card::of(Source::Nvml)
        },
        (State::Ok, Some(parts)) => {
            let split = format!("split into {parts} MIG devices, which have its processes");
            let why = why.map_or_else(|| split.clone(), |why| format!("{split}; {why}"));
            Card {
                state: State::Split,
                why: Some(why),
                ..card
            }
        }
        (State::Ok | State::Split | State::Denied, _) => Card { state, why, ..card },
    }
}

fn watts(milliwatts: u32) -> f64 {
    f64::from(milliwatts) / 1_000.0
}

/// Sorts an error of the library by what it means for one card.
fn fault(error: &NvmlError) -> Fault {
    match error {
        NvmlError::NotSupported
        | NvmlError::FailedToLoadSymbol(_)
        | NvmlError::FunctionNotFound
        | NvmlError::InvalidArg
        | NvmlError::NotFound
        | NvmlError::NoData
        | NvmlError::InsufficientSize(_)
        | NvmlError::UnexpectedVariant(OTHER_FORM) => Fault::Unknown,
        NvmlError::NoPermission | NvmlError::OperatingSystem => Fault::Denied,
        NvmlError::GpuLost | NvmlError::ResetRequired | NvmlError::UnexpectedVariant(NOT_FOUND) => {
            Fault::Lost(explain(error))
        }
        other => Fault::Broken(explain(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_a_card_does_not_know_is_no_fault() {
        for error in [
            NvmlError::NotSupported,
            NvmlError::FailedToLoadSymbol("nvmlDeviceGetMemoryInfo_v2".into()),
            NvmlError::InvalidArg,
            NvmlError::InsufficientSize(None),
            NvmlError::UnexpectedVariant(25),
        ] {
            assert_eq!(fault(&error), Fault::Unknown, "{error}");
        }
        for error in [NvmlError::NoPermission, NvmlError::OperatingSystem] {
            assert_eq!(fault(&error), Fault::Denied, "{error}");
        }
        for error in [
            NvmlError::GpuLost,
            NvmlError::ResetRequired,
            NvmlError::UnexpectedVariant(28),
        ] {
            assert!(matches!(fault(&error), Fault::Lost(_)), "{error}");
        }
        for error in [
            NvmlError::Unknown,
            NvmlError::Timeout,
            NvmlError::UnexpectedVariant(77),
        ] {
            assert!(matches!(fault(&error), Fault::Broken(_)), "{error}");
        }
    }

    #[test]
    fn a_process_is_called_by_its_program() {
        for (line, name) in [
            ("/usr/bin/python3", Some("python3")),
            ("python3", Some("python3")),
            ("/opt/app/chrome --type=gpu-process -x /a/b", Some("chrome")),
            ("/opt/My App/render", Some("render")),
            ("/opt/app/", Some("app")),
            ("evil\x1b]0;title\x07", Some("evil]0;title")),
            ("", None),
            ("\n", None),
        ] {
            assert_eq!(program(line).as_deref(), name, "{line:?}");
        }
    }

    #[test]
    fn a_lost_card_is_still_called_by_its_name() {
        let mut known = Known::new();
        let seen = Card {
            index: Some(1),
            uuid: Some("GPU-b".into()),
            name: Some("NVIDIA H200".into()),
            ..Card::of(Source::Nvml)
        };
        recognised(seen, &mut known);
        let lost = beyond_reach(1, Fault::Lost("it fell off the bus".into()));
        let lost = recognised(lost, &mut known);
        assert_eq!(lost.uuid.as_deref(), Some("GPU-b"));
        assert_eq!(lost.name.as_deref(), Some("NVIDIA H200"));
        assert_eq!(lost.state, State::Lost);
        let other = recognised(beyond_reach(0, Fault::Denied), &mut known);
        assert_eq!((other.uuid, other.state), (None, State::Denied));
    }

    #[test]
    fn no_figure_of_a_lost_card_is_believed() {
        let card = Card {
            index: Some(0),
            vram_used: Some(1),
            power_w: Some(400.0),
            ..Card::of(Source::Nvml)
        };
        let mut findings = Findings::default();
        findings.take("memory", Ok(()));
        findings.take::<()>("power", Err(Fault::Lost("gone".into())));
        let card = settled(card, &findings, None);
        assert_eq!((card.vram_used, card.power_w), (None, None));
        assert_eq!((card.index, card.why.as_deref()), (Some(0), Some("gone")));
    }
}
