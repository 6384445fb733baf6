//! Turns what machines tell into documented events with the names of the file.

use crate::config::WorldConfig;
use crate::event::{Event, Value};
use crate::fleet::FleetNames;
use polysim_base::{Imsi, Instant, Msisdn, Plmn};
use polysim_baseband::{Baseband, RegistrationState};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names of a world, for events.
#[derive(Debug, Default)]
pub(crate) struct Names {
    phones: Vec<String>,
    operators: Vec<(Plmn, String)>,
    regions: Vec<String>,
    numbers: BTreeMap<Msisdn, u32>,
    imsis: BTreeMap<Imsi, u32>,
    /// Home operator of each phone.
    homes: Vec<usize>,
    platforms: Vec<String>,
    businesses: Vec<String>,
    services: Vec<String>,
    groups: Vec<String>,
    /// The phone of each slave of a group.
    slaves: Vec<u32>,
    /// The courier's server, and the phone of each of its devices.
    courier: Option<String>,
    courier_devices: Vec<u32>,
    /// Names of the fleet, for traces.
    pub(crate) fleet: Option<FleetNames>,
}

/// Collects events; a world without one tells nothing.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) names: Arc<Names>,
    events: Vec<Event>,
}

impl Names {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        let fleet = config.fleet.as_ref();
        let issuance = config.issuance.iter();
        let platforms = issuance.clone().flat_map(|issuance| &issuance.platforms);
        let businesses = issuance.flat_map(|issuance| &issuance.businesses);
        let services = config.steering.iter().flat_map(|steering| &steering.services);
        let groups = config.share.iter().flat_map(|share| &share.groups);
        let slaves = groups.clone().flat_map(|group| &group.slaves);
        let courier = config.courier.as_ref();
        let couriers = courier.iter().flat_map(|courier| &courier.devices);
        let modems = || fleet.iter().flat_map(|fleet| &fleet.sites).flat_map(|site| &site.modems);
        let sims = || fleet.iter().flat_map(|fleet| &fleet.sims);
        // SIMs come behind the phones and the modems of the fleet, which are phones, too.
        let first = config.phones.len() + modems().count();
        let phones = || (0_u32..).zip(&config.phones);
        let numbered = || (u32::try_from(first).unwrap_or(u32::MAX)..).zip(sims());
        let names = config.phones.iter().map(|phone| &phone.name);
        let names = names.chain(modems().map(|modem| &modem.name));
        let homes = config.phones.iter().map(|phone| phone.operator);
        // A modem without a card has no home; nobody asks for it by a number.
        let homes = homes.chain(modems().map(|_| usize::MAX));
        Self {
            phones: names.chain(sims().map(|sim| &sim.name)).cloned().collect(),
            operators: config.operators.iter().map(|o| (o.plmn, o.name.clone())).collect(),
            regions: config.regions.iter().map(|r| r.name.clone()).collect(),
            numbers: phones()
                .map(|(i, p)| (p.number, i))
                .chain(numbered().map(|(i, sim)| (sim.number, i)))
                .collect(),
            imsis: phones()
                .map(|(i, p)| (p.imsi, i))
                .chain(numbered().map(|(i, sim)| (sim.imsi, i)))
                .collect(),
            homes: homes.chain(sims().map(|sim| sim.operator)).collect(),
            platforms: platforms.map(|platform| platform.name.clone()).collect(),
            businesses: businesses.map(|business| business.name.clone()).collect(),
            services: services.map(|service| service.name.clone()).collect(),
            groups: groups.map(|group| group.name.clone()).collect(),
            slaves: slaves.filter_map(|slave| u32::try_from(slave.phone).ok()).collect(),
            courier: courier.map(|courier| courier.server.name.clone()),
            courier_devices: couriers.filter_map(|it| u32::try_from(it.phone).ok()).collect(),
            fleet: fleet.map(|fleet| FleetNames::new(fleet.clone())),
        }
    }

    pub(crate) fn phone(&self, index: u32) -> &str {
        self.phones.get(index as usize).map_or("?", String::as_str)
    }

    pub(crate) fn platform(&self, index: usize) -> &str {
        self.platforms.get(index).map_or("?", String::as_str)
    }

    pub(crate) fn business(&self, index: usize) -> &str {
        self.businesses.get(index).map_or("?", String::as_str)
    }

    pub(crate) fn service(&self, index: usize) -> &str {
        self.services.get(index).map_or("?", String::as_str)
    }

    pub(crate) fn group(&self, index: u32) -> &str {
        self.groups.get(index as usize).map_or("?", String::as_str)
    }

    pub(crate) fn slave(&self, index: u32) -> &str {
        self.slaves.get(index as usize).map_or("?", |phone| self.phone(*phone))
    }

    pub(crate) fn courier(&self) -> &str {
        self.courier.as_deref().unwrap_or("?")
    }

    pub(crate) fn courier_device(&self, index: u32) -> &str {
        self.courier_devices.get(index as usize).map_or("?", |phone| self.phone(*phone))
    }

    pub(crate) fn region(&self, index: u16) -> &str {
        self.regions.get(usize::from(index)).map_or("?", String::as_str)
    }

    /// Returns the operator of a network, or the network's digits.
    pub(crate) fn operator(&self, plmn: Plmn) -> String {
        let known = self.operators.iter().find(|(other, _)| *other == plmn);
        known.map_or_else(|| plmn.to_string(), |(_, name)| name.clone())
    }

    /// Returns the operator that a modem is registered with, and whether it roams.
    pub(crate) fn registration(&self, modem: &Baseband) -> Option<(String, bool)> {
        let roaming = match modem.registration() {
            RegistrationState::Home => false,
            RegistrationState::Roaming => true,
            RegistrationState::NotRegistered
            | RegistrationState::Searching
            | RegistrationState::Denied => return None,
        };
        modem.serving().map(|cell| (self.operator(cell.plmn), roaming))
    }

    pub(crate) fn operator_name(&self, index: u32) -> &str {
        self.operators.get(index as usize).map_or("?", |(_, name)| name)
    }

    /// Returns the phone that has a number, or the number.
    pub(crate) fn party(&self, number: &str) -> String {
        let phone = Msisdn::parse(number).ok().and_then(|number| self.numbers.get(&number));
        phone.map_or_else(|| number.to_owned(), |index| self.phone(*index).to_owned())
    }

    /// Returns the network of an operator.
    pub(crate) fn plmn(&self, operator: usize) -> Option<Plmn> {
        self.operators.get(operator).map(|(plmn, _)| *plmn)
    }

    /// Returns the operator whose subscriber has a number, by index.
    pub(crate) fn home_of(&self, number: &Msisdn) -> Option<u32> {
        let phone = *self.numbers.get(number)?;
        self.homes.get(phone as usize).and_then(|home| u32::try_from(*home).ok())
    }
}

impl Observer {
    pub(crate) const fn new(names: Arc<Names>) -> Self {
        Self { names, events: Vec::new() }
    }

    /// Notes an event of a phone.
    pub(crate) fn tell<const N: usize>(
        &mut self,
        at: Instant,
        name: &'static str,
        phone: u32,
        fields: [(&'static str, Value); N],
    ) {
        let first = ("phone", Value::from(self.names.phone(phone)));
        self.events.push(Event { at, name, fields: [first].into_iter().chain(fields).collect() });
    }

    /// Notes an event of the subscriber with this IMSI.
    pub(crate) fn tell_of<const N: usize>(
        &mut self,
        at: Instant,
        name: &'static str,
        imsi: &Imsi,
        fields: [(&'static str, Value); N],
    ) {
        let Some(phone) = self.names.imsis.get(imsi).copied() else { return };
        self.tell(at, name, phone, fields);
    }

    /// Notes an event with all its fields.
    pub(crate) fn note(
        &mut self,
        at: Instant,
        name: &'static str,
        fields: Vec<(&'static str, Value)>,
    ) {
        self.events.push(Event { at, name, fields });
    }

    pub(crate) fn take(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }
}
