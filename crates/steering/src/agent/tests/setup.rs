//! Who is who in the world of the rig.

use std::string::String;

use polysim_base::{Duration, Eid, Iccid, Plmn};
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo};

use super::super::*;
use crate::MasterKey;
use crate::advisor::{AdvisorConfig, Operator, Region, Tariff};
use crate::wire::{Capabilities, OperatorNumber};

pub(super) const ORIGINAL: u16 = 0;
pub(super) const HOME: &str = "26201";
pub(super) const ABROAD: [&str; 4] = ["23201", "23203", "23205", "23207"];

pub(super) fn plmn(text: &str) -> Plmn {
    Plmn::parse(text).unwrap()
}

/// The profile of an operator: of the home operator, or of one of those abroad, from 1 on.
pub(super) fn iccid(operator: u16) -> Iccid {
    Iccid::with_check_digit(&std::format!("8949000000000{operator:05}")).unwrap()
}

pub(super) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(super) fn network(operator: u16) -> Plmn {
    match operator.checked_sub(1) {
        None => plmn(HOME),
        Some(index) => plmn(ABROAD[usize::from(index) % ABROAD.len()]),
    }
}

pub(super) fn eid() -> Eid {
    Eid::with_check_digits("890490320000000000000000000001").unwrap()
}

pub(super) fn config() -> AgentConfig {
    let device = DeviceInfo {
        tac: std::vec![0x35, 0, 0, 0].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    };
    AgentConfig::new(device)
}

pub(super) fn advisor_config() -> AdvisorConfig {
    let operator = |number: u16| {
        (
            OperatorNumber(number),
            Operator {
                plmns: std::vec![network(number)],
                profile_type: String::from("iot"),
                memory: 10_000,
                needs: Capabilities(0),
            },
        )
    };
    let abroad = (1..=4).map(OperatorNumber).collect();
    AdvisorConfig {
        key: MasterKey::new([9; 16]),
        requester: String::from("platform"),
        operators: (0..=4).map(operator).collect(),
        tariffs: std::vec![Tariff { region: Region::Country(232), operators: abroad }],
        order: None,
        make_room: true,
        open_max: 2,
        retry: secs(20),
        order_age_max: secs(7 * 86_400),
    }
}

pub(super) fn identity(presets: &[u16]) -> Identity {
    Identity {
        eid: eid(),
        key: MasterKey::new([9; 16]).device(eid()),
        original: iccid(ORIGINAL),
        home: std::vec![plmn(HOME)],
        presets: presets
            .iter()
            .map(|of| Preset { iccid: iccid(*of), plmns: std::vec![network(*of)] })
            .collect(),
    }
}
