//! Names of a world, and the things they stand for.

use super::Report;
use crate::check::did_you_mean;
use crate::expand::expand;
use crate::spec::Name;
use polysim_base::Msisdn;
use polysim_world::{FleetNode, Thing};
use std::collections::{BTreeMap, BTreeSet};

/// Names by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    pub(crate) operators: BTreeMap<String, usize>,
    pub(crate) regions: BTreeMap<String, usize>,
    /// Region and cell.
    pub(crate) cells: BTreeMap<String, (usize, usize)>,
    pub(crate) phones: BTreeMap<String, usize>,
    pub(crate) servers: BTreeMap<String, usize>,
    pub(crate) sites: BTreeMap<String, usize>,
    pub(crate) sims: BTreeMap<String, usize>,
    /// Site, and number of the bank there.
    pub(crate) banks: BTreeMap<String, (usize, usize)>,
    /// Site, and number of the modem there.
    pub(crate) modems: BTreeMap<String, (usize, usize)>,
    pub(crate) terminals: BTreeMap<String, usize>,
    pub(crate) users: BTreeMap<String, usize>,
    pub(crate) platforms: BTreeMap<String, usize>,
    pub(crate) businesses: BTreeMap<String, usize>,
    pub(crate) services: BTreeMap<String, usize>,
    /// Those services that are management platforms, by index.
    pub(crate) advisors: Vec<usize>,
    /// Groups that share a subscription.
    pub(crate) shares: BTreeMap<String, usize>,
    /// The phones of such groups.
    pub(crate) members: BTreeMap<usize, Member>,
    /// The names of the phones that have no card of their own.
    pub(crate) cardless: BTreeSet<String>,
    /// The spots of the groups, by group and name.
    pub(crate) spots: Vec<BTreeMap<String, usize>>,
    /// The courier's server.
    pub(crate) couriers: BTreeMap<String, usize>,
    /// The phones that have a courier.
    pub(crate) courier_phones: BTreeSet<usize>,
    pub(crate) pools: BTreeMap<String, usize>,
    pub(crate) groups: BTreeMap<String, usize>,
    pub(crate) plans: BTreeMap<String, usize>,
    /// Numbers of the phones, by index.
    pub(crate) numbers: Vec<Msisdn>,
    /// Numbers of the SIMs, by index.
    pub(crate) sim_numbers: Vec<Msisdn>,
    /// How many modems the sites have, by index.
    pub(crate) site_modems: Vec<usize>,
    /// How many slots the banks have, by site and number there.
    pub(crate) slots: BTreeMap<(usize, usize), u16>,
    /// The tariffs of the SIMs, by index.
    pub(crate) sim_plans: Vec<Option<usize>>,
    /// The tariffs without prices, by operator.
    pub(crate) free_plans: BTreeMap<usize, usize>,
}

/// The place of a phone in a group that shares a subscription.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Member {
    /// Which group, by index.
    pub(crate) group: usize,
    /// The phone of its master, by index.
    pub(crate) master: usize,
}

/// Who acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Caller {
    Phone(usize),
    Terminal(usize),
    Outside(Msisdn),
}

/// What links call the log that the servers write.
const LOG: &str = "log";

/// The kinds of things with a state, as fields of events call them.
pub(crate) const THINGS: [&str; 11] = [
    "phone", "sim", "modem", "terminal", "server", "site", "platform", "business", "service",
    "group", "courier",
];

/// Finds what a name stands for, or reports it with the nearest name there is.
pub(crate) fn find<T: Copy>(
    names: &BTreeMap<String, T>,
    kind: &str,
    name: &Name,
    report: &mut Report<'_>,
) -> Option<T> {
    let found = names.get(&name.text).copied();
    if found.is_none() {
        let hint = did_you_mean(&name.text, names.keys().map(String::as_str));
        report.with(name.span.clone(), format!("no {kind} is called \"{}\"", name.text), hint);
    }
    found
}

/// Finds everything that a name or a pattern stands for.
pub(crate) fn find_all<T: Copy>(
    names: &BTreeMap<String, T>,
    kind: &str,
    pattern: &Name,
    report: &mut Report<'_>,
) -> Vec<T> {
    let spelt = spelt(pattern, report).into_iter();
    spelt.filter_map(|name| find(names, kind, &name, report)).collect()
}

/// Returns the names that a pattern stands for.
pub(crate) fn spelt(pattern: &Name, report: &mut Report<'_>) -> Vec<Name> {
    match expand(&pattern.text) {
        Ok(names) => {
            names.into_iter().map(|text| Name { text, span: pattern.span.clone() }).collect()
        }
        Err(error) => {
            report.at(pattern.span.clone(), error.to_string());
            Vec::new()
        }
    }
}

impl Lookup {
    /// Finds the phones that a name or a pattern stands for.
    pub(crate) fn phones(&self, pattern: &Name, report: &mut Report<'_>) -> Vec<usize> {
        find_all(&self.phones, "phone", pattern, report)
    }

    /// Finds the things of one of [`THINGS`] that a name or a pattern stands for.
    pub(crate) fn things(
        &self,
        kind: &str,
        pattern: &Name,
        report: &mut Report<'_>,
    ) -> Vec<(Thing, usize)> {
        let all = |names, spoken, thing, report: &mut Report<'_>| {
            let found = find_all(names, spoken, pattern, report);
            found.into_iter().map(|index| (thing, index)).collect()
        };
        match kind {
            "sim" => all(&self.sims, "SIM", Thing::Sim, report),
            "terminal" => all(&self.terminals, "terminal", Thing::Terminal, report),
            "server" => all(&self.servers, "server", Thing::Server, report),
            "site" => all(&self.sites, "site", Thing::Site, report),
            "platform" => all(&self.platforms, "platform", Thing::Platform, report),
            "business" => all(&self.businesses, "business platform", Thing::Business, report),
            "service" => all(&self.services, "service", Thing::Service, report),
            "courier" => all(&self.couriers, "courier's server", Thing::Courier, report),
            "group" => all(&self.shares, "group", Thing::Group, report),
            "modem" => {
                let found = find_all(&self.modems, "modem", pattern, report).into_iter();
                found.map(|place| (Thing::Modem, self.modem_index(place))).collect()
            }
            _ => all(&self.phones, "phone", Thing::Phone, report),
        }
    }

    /// Finds the thing of one of [`THINGS`] with that name.
    pub(crate) fn thing(&self, kind: &str, name: &str) -> Option<(Thing, usize)> {
        let (names, thing) = match kind {
            "phone" => (&self.phones, Thing::Phone),
            "sim" => (&self.sims, Thing::Sim),
            "terminal" => (&self.terminals, Thing::Terminal),
            "server" => (&self.servers, Thing::Server),
            "site" => (&self.sites, Thing::Site),
            "platform" => (&self.platforms, Thing::Platform),
            "business" => (&self.businesses, Thing::Business),
            "service" => (&self.services, Thing::Service),
            "group" => (&self.shares, Thing::Group),
            "courier" => (&self.couriers, Thing::Courier),
            "modem" => {
                let place = self.modems.get(name)?;
                return Some((Thing::Modem, self.modem_index(*place)));
            }
            _ => return None,
        };
        names.get(name).map(|index| (thing, *index))
    }

    /// Returns the number of a modem over all sites.
    pub(crate) fn modem_index(&self, (site, number): (usize, usize)) -> usize {
        self.site_modems.iter().take(site).sum::<usize>() + number
    }

    /// Returns the name of a thing.
    pub(crate) fn name(&self, thing: Thing, index: usize) -> Option<&str> {
        let names = match thing {
            Thing::Phone => &self.phones,
            Thing::Sim => &self.sims,
            Thing::Terminal => &self.terminals,
            Thing::Server => &self.servers,
            Thing::Site => &self.sites,
            Thing::Platform => &self.platforms,
            Thing::Business => &self.businesses,
            Thing::Service => &self.services,
            Thing::Group => &self.shares,
            Thing::Courier => &self.couriers,
            Thing::Modem => {
                let mut all = self.modems.iter();
                let found = all.find(|(_, place)| self.modem_index(**place) == index);
                return found.map(|(name, _)| name.as_str());
            }
        };
        names.iter().find(|(_, at)| **at == index).map(|(name, _)| name.as_str())
    }

    /// Finds the end of a link.
    pub(crate) fn node(&self, name: &str) -> Option<FleetNode> {
        let server = || self.servers.get(name).copied().map(FleetNode::Server);
        let site = || self.sites.get(name).copied().map(FleetNode::Site);
        let terminal = || self.terminals.get(name).copied().map(FleetNode::Terminal);
        let log = || (name == LOG).then_some(FleetNode::Log);
        server().or_else(site).or_else(terminal).or_else(log)
    }

    /// Finds the end of a link, or reports it with the nearest name there is.
    pub(crate) fn node_named(&self, name: &Name, report: &mut Report<'_>) -> Option<FleetNode> {
        let found = self.node(&name.text);
        if found.is_none() {
            let hint = did_you_mean(&name.text, self.node_names());
            let message = format!("no server, site or terminal is called \"{}\"", name.text);
            report.with(name.span.clone(), message, hint);
        }
        found
    }

    /// Returns the names of everything that links lead to.
    pub(crate) fn node_names(&self) -> impl Iterator<Item = &str> {
        let names = [&self.servers, &self.sites, &self.terminals].into_iter();
        names.flat_map(|names| names.keys().map(String::as_str))
    }

    /// Returns what already has a name that actions, links or events use.
    pub(crate) fn taken(&self, name: &str) -> Option<&'static str> {
        let indexed = [
            (&self.phones, "a phone"),
            (&self.servers, "a server"),
            (&self.sites, "a site"),
            (&self.sims, "a SIM"),
            (&self.terminals, "a terminal"),
            (&self.platforms, "a card-writing platform"),
            (&self.businesses, "a business platform"),
            (&self.services, "a service"),
            (&self.shares, "a group"),
            (&self.couriers, "the courier's server"),
        ];
        let indexed = indexed.into_iter().find(|(names, _)| names.contains_key(name));
        let placed = [(&self.banks, "a bank"), (&self.modems, "a modem")];
        let placed = placed.into_iter().find(|(names, _)| names.contains_key(name));
        let kind = indexed.map(|(_, kind)| kind).or_else(|| placed.map(|(_, kind)| kind));
        kind.or_else(|| (name == LOG).then_some("the log of the servers"))
    }

    /// Finds the number that the name of a phone or SIM, or an international number, stands for.
    pub(crate) fn number(&self, name: &Name, report: &mut Report<'_>) -> Option<Msisdn> {
        if name.text.starts_with('+') {
            return outside(name, report);
        }
        if let Some(sim) = self.sims.get(&name.text) {
            return self.sim_numbers.get(*sim).copied();
        }
        let phone = self.either(&self.phones, &self.sims, "phone", "SIM", name, report)?;
        if self.cardless.contains(&name.text) {
            self.without_number(phone, name, report);
        }
        self.numbers.get(phone).copied()
    }

    /// Reports a device that is called by its name and has no number of its own.
    fn without_number(&self, phone: usize, name: &Name, report: &mut Report<'_>) {
        let master = self.members.get(&phone).and_then(|it| self.name(Thing::Phone, it.master));
        let help =
            master.map(|master| format!("the number that it shares is that of \"{master}\""));
        let message = format!("\"{}\" has no number of its own", name.text);
        report.with(name.span.clone(), message, help);
    }

    /// Finds who acts: a phone, a terminal, or a number outside the world.
    pub(crate) fn caller(&self, name: &Name, report: &mut Report<'_>) -> Option<Caller> {
        if name.text.starts_with('+') {
            return outside(name, report).map(Caller::Outside);
        }
        if let Some(terminal) = self.terminals.get(&name.text) {
            return Some(Caller::Terminal(*terminal));
        }
        self.either(&self.phones, &self.terminals, "phone", "terminal", name, report)
            .map(Caller::Phone)
    }

    /// Finds something of one kind where another one, if there are any, would do as well.
    fn either(
        &self,
        own: &BTreeMap<String, usize>,
        other: &BTreeMap<String, usize>,
        own_kind: &str,
        other_kind: &str,
        name: &Name,
        report: &mut Report<'_>,
    ) -> Option<usize> {
        if other.is_empty() {
            return find(own, own_kind, name, report);
        }
        let both: BTreeMap<String, usize> =
            own.iter().chain(other).map(|(name, index)| (name.clone(), *index)).collect();
        match own.get(&name.text) {
            Some(index) => Some(*index),
            None => find(&both, &format!("{own_kind} or {other_kind}"), name, report),
        }
    }
}

fn outside(name: &Name, report: &mut Report<'_>) -> Option<Msisdn> {
    Msisdn::parse(&name.text).map_err(|error| report.at(name.span.clone(), error.to_string())).ok()
}
