//! The fleet of a file and of those it includes.

mod links;
mod settings;
pub(super) mod verbs;

pub(super) use links::link_named;

use super::lookup::{Lookup, find, find_all, spelt};
use super::world::{self, Part};
use super::{Report, courier, issuance, numbers, share, steering};
use crate::check::Mistake;
use crate::spec::{self, Name, PermissionSpec};
use polysim_base::{Imei, Imsi, Msisdn};
use polysim_fleet::wire::{Caps, Kind};
use polysim_fleet::{Permissions, Prefix};
use polysim_world::{
    ClockConfig, FleetConfig, FleetPlanConfig, FleetSiteConfig, FleetUserConfig, PoolModemConfig,
    RangeConfig, ServerConfig, SimConfig, TerminalNodeConfig, WorldConfig,
};
use std::collections::BTreeMap;

/// What the only server is called where the file names none.
const SERVER: &str = "server";
/// The pool or group of what names none.
const MAIN: &str = "main";

/// Adds the fleet to the world, if there is one: things in the order in which they name each other.
pub(super) fn resolve(
    parts: &[Part<'_>],
    spec: &spec::WorldSpec,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    mistakes: &mut Vec<Mistake>,
) {
    if parts.iter().all(|part| is_empty(&part.spec, lookup)) {
        return;
    }
    let mut fleet = FleetConfig::default();
    if let Some(part) = parts.iter().rev().find(|part| part.spec.fleet.is_some()) {
        let report = &mut Report::new(part.source, mistakes);
        part.spec.fleet.into_iter().for_each(|spec| settings::resolve(spec, &mut fleet, report));
    }
    links::defaults(spec, &mut fleet);
    let mut build = Build { world, fleet: &mut fleet, lookup };
    let mut each = |step: fn(&mut Build<'_>, &spec::Part<'_>, &mut Report<'_>)| {
        for part in parts {
            step(&mut build, &part.spec, &mut Report::new(part.source, mistakes));
        }
    };
    each(|b, part, report| part.server.iter().for_each(|spec| b.servers(spec, report)));
    each(|b, part, report| part.site.iter().for_each(|spec| b.sites(spec, report)));
    each(|b, part, report| part.plan.iter().for_each(|spec| b.plan(spec, report)));
    each(|b, part, report| part.range.iter().for_each(|spec| b.range(spec, report)));
    each(|b, part, report| part.user.iter().for_each(|spec| b.users(spec, report)));
    each(|b, part, report| part.sim.iter().for_each(|spec| b.sims(spec, report)));
    each(|b, part, report| part.user.iter().for_each(|spec| b.permissions(spec, report)));
    each(|b, part, report| part.bank.iter().for_each(|spec| b.bank(spec, report)));
    each(|b, part, report| part.modem.iter().for_each(|spec| b.modems(spec, report)));
    each(|b, part, report| part.terminal.iter().for_each(|spec| b.terminals(spec, report)));
    if fleet.servers.is_empty() {
        lookup.servers.insert(SERVER.into(), 0);
        fleet.servers.push(ServerConfig { name: SERVER.into(), ..ServerConfig::default() });
    }
    lookup.site_modems = fleet.sites.iter().map(|site| site.modems.len()).collect();
    for part in parts {
        let report = &mut Report::new(part.source, mistakes);
        let own = part.spec.link.iter().filter(|spec| !is_others(spec, lookup));
        own.for_each(|spec| links::resolve(spec, &mut fleet, lookup, report));
    }
    world.fleet = Some(fleet);
}

fn is_empty(part: &spec::Part<'_>, lookup: &Lookup) -> bool {
    part.fleet.is_none()
        && part.server.is_empty()
        && part.site.is_empty()
        && part.sim.is_empty()
        && part.bank.is_empty()
        && part.modem.is_empty()
        && part.user.is_empty()
        && part.terminal.is_empty()
        && part.plan.is_empty()
        && part.range.is_empty()
        && part.link.iter().all(|link| is_others(link, lookup))
}

/// Returns whether a link belongs to another system.
fn is_others(spec: &spec::LinkSpec, lookup: &Lookup) -> bool {
    let others = [issuance::is_own, steering::is_own, share::is_own, courier::is_own];
    others.into_iter().any(|is_own| is_own(spec, lookup))
}

const fn caps_of(spec: spec::CapsSpec) -> Caps {
    Caps { texts: spec.texts, calls: spec.calls }
}

pub(super) fn clock(spec: spec::ClockSpec) -> ClockConfig {
    let skew = spec.skew.map(|span| span.0).unwrap_or_default();
    ClockConfig { skew, drift_ppm: spec.drift_ppm }
}

/// Returns what is permitted by a list of permissions.
pub(super) fn permissions(list: &[PermissionSpec]) -> Permissions {
    list.iter().fold(Permissions::NONE, |sum, permission| {
        sum | match permission {
            PermissionSpec::TextSend => Permissions::TEXT_SEND,
            PermissionSpec::TextRead => Permissions::TEXT_READ,
            PermissionSpec::Call => Permissions::CALL,
            PermissionSpec::Ussd => Permissions::USSD,
            PermissionSpec::Apdu => Permissions::APDU,
            PermissionSpec::Configure => Permissions::CONFIGURE,
        }
    })
}

/// Returns the index of a name, which is added where it is new.
fn index_of(names: &mut BTreeMap<String, usize>, list: &mut Vec<String>, name: &str) -> usize {
    *names.entry(name.to_owned()).or_insert_with(|| {
        list.push(name.to_owned());
        list.len() - 1
    })
}

struct Build<'a> {
    world: &'a WorldConfig,
    fleet: &'a mut FleetConfig,
    lookup: &'a mut Lookup,
}

impl Build<'_> {
    /// Spells the names out; leaves out, and reports, those that something has already.
    fn free_names(&self, pattern: &Name, report: &mut Report<'_>) -> Vec<(u64, String)> {
        let mut names = Vec::new();
        for (at, name) in (0..).zip(spelt(pattern, report)) {
            match self.lookup.taken(&name.text) {
                None => names.push((at, name.text)),
                Some(kind) => {
                    let message = format!("\"{}\" is there already, as {kind}", name.text);
                    report.at(pattern.span.clone(), message);
                }
            }
        }
        names
    }

    fn servers(&mut self, spec: &spec::ServerSpec, report: &mut Report<'_>) {
        for (_, name) in self.free_names(&spec.name, report) {
            self.lookup.servers.insert(name.clone(), self.fleet.servers.len());
            self.fleet.servers.push(ServerConfig { name, clock: clock(spec.clock) });
        }
    }

    fn sites(&mut self, spec: &spec::SiteSpec, report: &mut Report<'_>) {
        let region = find(&self.lookup.regions, "region", &spec.region, report);
        for (_, name) in self.free_names(&spec.name, report) {
            self.lookup.sites.insert(name.clone(), self.fleet.sites.len());
            self.fleet.sites.push(FleetSiteConfig {
                name,
                region: region.unwrap_or_default(),
                clock: clock(spec.clock),
                ..FleetSiteConfig::default()
            });
        }
    }

    fn plan(&mut self, spec: &spec::PlanSpec, report: &mut Report<'_>) {
        let operator = find(&self.lookup.operators, "operator", &spec.operator, report);
        let rates = spec.rates.0.iter();
        let rates = rates.filter_map(|(name, price)| Some((prefix(name, report)?, price.0)));
        let rates = rates.collect();
        let name = spec.name.text.clone();
        let index = self.fleet.plans.len();
        if !world::claim(&mut self.lookup.plans, &spec.name, name.clone(), index, report) {
            return;
        }
        let operator = operator.unwrap_or_default();
        self.fleet.plans.push(FleetPlanConfig { name, operator, rates });
    }

    fn range(&mut self, spec: &spec::RangeSpec, report: &mut Report<'_>) {
        let operator = find(&self.lookup.operators, "operator", &spec.operator, report);
        let prefix = prefix(&spec.prefix, report);
        if let (Some(prefix), Some(operator)) = (prefix, operator) {
            self.fleet.ranges.push(RangeConfig { prefix, operator });
        }
    }

    fn users(&mut self, spec: &spec::UserSpec, report: &mut Report<'_>) {
        for name in spelt(&spec.name, report) {
            let index = self.fleet.users.len();
            let text = name.text.clone();
            if world::claim(&mut self.lookup.users, &name, text.clone(), index, report) {
                self.fleet.users.push(FleetUserConfig { name: text, permissions: Vec::new() });
            }
        }
    }

    fn sims(&mut self, spec: &spec::SimSpec, report: &mut Report<'_>) {
        let operator = find(&self.lookup.operators, "operator", &spec.operator, report);
        let users = spec.user.as_ref();
        let users = users.map(|user| find_all(&self.lookup.users, "user", user, report));
        spec.pin.as_ref().map(|pin| world::check_pin(pin, report));
        let enrolled = operator.and_then(|operator| self.enrolled(spec, operator, report));
        for (at, name) in self.free_names(&spec.name, report) {
            let index = self.fleet.sims.len();
            self.lookup.sims.insert(name.clone(), index);
            let sim = operator.and_then(|operator| self.sim(spec, name, operator, at, report));
            let Some(sim) = sim else { continue };
            self.lookup.sim_numbers.push(sim.number);
            self.lookup.sim_plans.push(enrolled.map(|(_, plan)| plan));
            self.fleet.sims.push(SimConfig { enrolled, ..sim });
            let owner = users.as_ref().and_then(|users| nth(users, at));
            if let Some(user) = owner.and_then(|user| self.fleet.users.get_mut(user)) {
                user.permissions.push((index, permissions(&PermissionSpec::ALL)));
            }
        }
    }

    fn sim(
        &self,
        spec: &spec::SimSpec,
        name: String,
        operator: usize,
        at: u64,
        report: &mut Report<'_>,
    ) -> Option<SimConfig> {
        let home = self.world.operators.get(operator)?;
        let count = self.world.phones.len() + self.fleet.sims.len();
        let imsi = match &spec.imsi {
            Some(pattern) => numbers::from_pattern(pattern, at, Imsi::parse, report),
            None => numbers::imsi(home.plmn, count),
        }?;
        let number = match &spec.number {
            Some(pattern) => numbers::from_pattern(pattern, at, Msisdn::parse, report),
            None => numbers::msisdn(&home.country_code, operator, count),
        }?;
        if !imsi.belongs_to(home.plmn) {
            let place = spec.imsi.as_ref().unwrap_or(&spec.operator);
            let message = format!("the subscription {imsi} is none of network {}", home.plmn);
            report.at(place.span.clone(), message);
        }
        Some(SimConfig {
            name,
            operator,
            imsi,
            number,
            enrolled: None,
            subscribed: spec.subscribed,
            balance_micro: spec.balance.map(|balance| balance.0),
            pin: spec.pin.as_ref().map(|pin| pin.text.clone()),
            caps: spec.caps.map(caps_of),
        })
    }

    /// Group and tariff, of a SIM that has one of them.
    fn enrolled(
        &mut self,
        spec: &spec::SimSpec,
        operator: usize,
        report: &mut Report<'_>,
    ) -> Option<(usize, usize)> {
        if spec.group.is_none() && spec.plan.is_none() {
            return None;
        }
        let plan = match &spec.plan {
            Some(name) => find(&self.lookup.plans, "plan", name, report)?,
            None => self.free_plan(operator),
        };
        let group = spec.group.as_ref().map_or(MAIN, |group| &group.text);
        Some((index_of(&mut self.lookup.groups, &mut self.fleet.groups, group), plan))
    }

    /// The tariff without prices of an operator.
    fn free_plan(&mut self, operator: usize) -> usize {
        let name = self.world.operators.get(operator).map(|operator| operator.name.clone());
        *self.lookup.free_plans.entry(operator).or_insert_with(|| {
            let name = name.unwrap_or_default();
            self.fleet.plans.push(FleetPlanConfig { name, operator, rates: Vec::new() });
            self.fleet.plans.len() - 1
        })
    }

    fn permissions(&mut self, spec: &spec::UserSpec, report: &mut Report<'_>) {
        let mut set: BTreeMap<usize, Permissions> = BTreeMap::new();
        for (pattern, list) in &spec.sims.0 {
            for sim in find_all(&self.lookup.sims, "SIM", pattern, report) {
                let sum = set.entry(sim).or_default();
                *sum = *sum | permissions(list);
            }
        }
        let names = spelt(&spec.name, report).into_iter();
        let users = names.filter_map(|name| self.lookup.users.get(&name.text).copied());
        for user in users {
            let Some(user) = self.fleet.users.get_mut(user) else { continue };
            for (sim, more) in &set {
                match user.permissions.iter_mut().find(|(known, _)| known == sim) {
                    Some((_, known)) => *known = *known | *more,
                    None => user.permissions.push((*sim, *more)),
                }
            }
        }
    }

    fn bank(&mut self, spec: &spec::BankSpec, report: &mut Report<'_>) {
        let site = find(&self.lookup.sites, "site", &spec.site, report);
        let sims = spec.sims.iter();
        let sims = sims.flat_map(|sims| {
            let found = find_all(&self.lookup.sims, "SIM", sims, report);
            found.into_iter().map(|sim| (sims.span.clone(), sim)).collect::<Vec<_>>()
        });
        let sims: Vec<_> = sims.collect();
        let size = spec.slots.map_or(sims.len(), usize::from);
        if sims.len() > size {
            let message = format!("{} SIMs do not fit into {size} slots", sims.len());
            report.at(spec.name.span.clone(), message);
        }
        for (span, sim) in &sims {
            let everywhere = self.fleet.sites.iter().flat_map(|site| site.banks.iter().flatten());
            let here = sims.iter().filter(|(_, other)| other == sim).count();
            if here > 1 || everywhere.flatten().any(|other| other == sim) {
                report.at(span.clone(), "a SIM is in two slots; there is the verb double_card");
            }
        }
        let names = self.free_names(&spec.name, report);
        let (Some(site), Some((_, name))) = (site, names.into_iter().next()) else { return };
        let Some(banks) = self.fleet.sites.get_mut(site).map(|site| &mut site.banks) else {
            return;
        };
        let place = (site, banks.len());
        self.lookup.banks.insert(name, place);
        self.lookup.slots.insert(place, u16::try_from(size).unwrap_or(u16::MAX));
        let mut slots: Vec<_> = sims.into_iter().map(|(_, sim)| Some(sim)).collect();
        slots.resize(size, None);
        banks.push(slots);
    }

    fn modems(&mut self, spec: &spec::ModemSpec, report: &mut Report<'_>) {
        let site = find(&self.lookup.sites, "site", &spec.site, report);
        world::model(spec.model.as_ref(), report);
        let pool = spec.pool.as_ref().map_or(MAIN, |pool| &pool.text);
        let pool = index_of(&mut self.lookup.pools, &mut self.fleet.pools, pool);
        let kind = match spec.kind {
            spec::ModemKind::BuiltIn => Kind::BuiltIn,
            spec::ModemKind::Cloud => Kind::Cloud,
        };
        for (at, name) in self.free_names(&spec.name, report) {
            let count = self.world.phones.len() + self.fleet.modem_count();
            let imei = match &spec.imei {
                Some(pattern) => numbers::from_pattern(pattern, at, Imei::parse, report),
                None => numbers::imei(count),
            };
            let modems = site.and_then(|site| self.fleet.sites.get_mut(site));
            let modems = modems.map(|site| &mut site.modems);
            let number = modems.as_ref().map_or(0, |modems| modems.len());
            self.lookup.modems.insert(name.clone(), (site.unwrap_or_default(), number));
            let (Some(imei), Some(modems)) = (imei, modems) else { continue };
            let model = spec.model.as_ref().map_or("generic", |model| &model.text).to_owned();
            modems.push(PoolModemConfig { name, model, imei, kind, pool });
        }
    }

    fn terminals(&mut self, spec: &spec::TerminalSpec, report: &mut Report<'_>) {
        let users = find_all(&self.lookup.users, "user", &spec.user, report);
        for (at, name) in self.free_names(&spec.name, report) {
            self.lookup.terminals.insert(name.clone(), self.fleet.terminals.len());
            let user = nth(&users, at).unwrap_or_default();
            let clock = clock(spec.clock);
            self.fleet.terminals.push(TerminalNodeConfig { name, user, clock });
        }
    }
}

/// Returns number `at` of a list that begins again at its end.
fn nth(list: &[usize], at: u64) -> Option<usize> {
    let at = at.checked_rem(list.len() as u64)?;
    list.get(usize::try_from(at).ok()?).copied()
}

/// Reads `+8613`, or `+` for everywhere.
fn prefix(name: &Name, report: &mut Report<'_>) -> Option<Prefix> {
    let prefix = name.text.strip_prefix('+').and_then(|digits| digits.parse().ok());
    if prefix.is_none() {
        let form = "expected first digits such as \"+8613\", or \"+\" for everywhere";
        report.at(name.span.clone(), form);
    }
    prefix
}
