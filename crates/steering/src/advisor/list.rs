//! Which operators suit where a device is.

use alloc::vec::Vec;
use core::cmp::Reverse;

use polysim_base::{Eid, Instant, Plmn};

use super::state::Device;
use super::{Advisor, AdvisorConfig, AdvisorEvent, Operator, Path, Region};
use crate::wire::{Downlink, ListAnswer, ListEntry, ListRequest, OperatorNumber, Order, Refusal};
use crate::{Level, Location};

impl Advisor {
    pub(super) fn list(&mut self, now: Instant, eid: Eid, path: Path, request: &ListRequest) {
        let enrolled = self.state.devices.get(&eid).filter(|device| device.row.is_some());
        let answer = match enrolled {
            Some(device) => ListAnswer::Listed(entries(&self.config, device, request)).fit(),
            None => ListAnswer::Refused(Refusal::UnknownDevice),
        };
        self.tell(match &answer {
            ListAnswer::Listed(entries) => {
                let operators = u8::try_from(entries.len()).unwrap_or(u8::MAX);
                AdvisorEvent::Listed { eid, operators }
            }
            ListAnswer::Refused(refusal) => AdvisorEvent::Refused { eid, refusal: *refusal },
        });
        self.post(now, eid, path, &Downlink::List { number: request.number, answer });
    }
}

fn entries(config: &AdvisorConfig, device: &Device, request: &ListRequest) -> Vec<ListEntry> {
    let location = Location {
        registration: request.registration,
        serving: request.serving,
        visible: request.visible.clone(),
    };
    let order = config.order.unwrap_or(request.order);
    let mut entries: Vec<(Option<Level>, ListEntry)> = candidates(config, &location, order)
        .filter(|number| device.is_entitled(*number))
        .filter_map(|number| Some((number, config.operators.get(&number)?)))
        .map(|(number, operator)| {
            (location.level_of(&operator.plmns), entry(device, number, operator))
        })
        .collect();
    match order {
        // What the device does not receive comes last, if it has said what it receives.
        Order::Tariff => entries.sort_by_key(|(level, _)| level.is_none()),
        Order::Signal => {
            entries.retain(|(level, _)| level.is_some());
            entries.sort_by_key(|(level, _)| Reverse(*level));
        }
    }
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn entry(device: &Device, operator: OperatorNumber, of: &Operator) -> ListEntry {
    ListEntry { operator, plmns: of.plmns.clone(), iccid: device.profile_of(operator) }
}

/// By tariff: those of the first tariff that fits. By signal: all.
fn candidates<'a>(
    config: &'a AdvisorConfig,
    location: &Location,
    order: Order,
) -> impl Iterator<Item = OperatorNumber> + 'a {
    let place = place(location);
    let tariff = config.tariffs.iter().find(|tariff| fits(tariff.region, place));
    let by_tariff = tariff.into_iter().flat_map(|tariff| tariff.operators.iter());
    let all = config.operators.keys();
    let (by_tariff, all) = match order {
        Order::Tariff => (Some(by_tariff), None),
        Order::Signal => (None, Some(all)),
    };
    by_tariff.into_iter().flatten().chain(all.into_iter().flatten()).copied()
}

/// Where a device is served, or else what it receives most strongly.
fn place(location: &Location) -> Option<Plmn> {
    let strongest = location.visible.iter().max_by_key(|network| network.level);
    location.serving.or_else(|| strongest.map(|network| network.plmn))
}

fn fits(region: Region, place: Option<Plmn>) -> bool {
    match region {
        Region::Network(plmn) => place == Some(plmn),
        Region::Country(code) => place.is_some_and(|plmn| plmn.mcc() == code),
        Region::Anywhere => true,
    }
}
