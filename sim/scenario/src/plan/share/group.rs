//! One `[[share]]`: a group, or as many as its name is a pattern of.

use crate::check::did_you_mean;
use crate::expand::expand;
use crate::plan::Report;
use crate::plan::fleet::clock;
use crate::plan::lookup::{Lookup, Member, find, spelt};
use crate::plan::numbers;
use crate::spec::{ConsentSpec, Name, ShareModeSpec, ShareSpec, WaySpec};
use crate::units::Span;
use polysim_base::Duration;
use polysim_lease::Margin;
use polysim_share::Timing;
use polysim_share::master::{Consent, Mode, Way};
use polysim_world::{ClockConfig, ShareConfig, ShareGroupConfig, ShareSlaveConfig, WorldConfig};
use std::collections::{BTreeMap, BTreeSet};

/// Spots where the file names none.
const SPOTS: [&str; 2] = ["here", "away"];
const TIMER: Duration = Duration::from_secs(60);
const SUPERVISION: Duration = Duration::from_secs(5);
const DETACH: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(1);
const DRIFT_PPM: u32 = 500;
const MARGIN: Duration = Duration::from_secs(1);

/// Adds the groups of one table.
pub(super) fn resolve(
    spec: &ShareSpec,
    share: &mut ShareConfig,
    world: &mut WorldConfig,
    lookup: &mut Lookup,
    report: &mut Report<'_>,
) {
    let names = spelt(&spec.name, report);
    let Some(timing) = timing(spec, report) else { return };
    let Some(settings) = Settings::new(spec, share, report) else { return };
    let masters = dealt(&spec.master, names.len(), report);
    if masters.iter().any(|of_group| of_group.len() > 1) {
        report.at(spec.master.span.clone(), "a group has one master");
    }
    let slaves: Vec<_> = spec.slaves.iter().map(|it| dealt(it, names.len(), report)).collect();
    for (at, name) in names.into_iter().enumerate() {
        let Some([master]) = masters.get(at).map(Vec::as_slice) else { continue };
        let slaves = slaves.iter().filter_map(|of| of.get(at)).flatten();
        let slaves: Vec<&Name> = slaves.collect();
        if let Some(kind) = lookup.taken(&name.text) {
            let message = format!("\"{}\" is there already, as {kind}", name.text);
            report.at(name.span.clone(), message);
            continue;
        }
        let index = share.groups.len();
        let mut build = Build { settings: &settings, index, lookup, report };
        let Some((master, slaves)) = build.devices(master, &slaves) else { continue };
        lookup.shares.insert(name.text.clone(), index);
        lookup.spots.push(settings.spots.clone());
        let (name, own) = (name.text, spec.own);
        share.groups.push(ShareGroupConfig {
            name,
            master: master.phone,
            slaves,
            mode: mode(spec.mode),
            way: way(spec, report),
            consent: consent(spec.consent),
            timing,
            own,
            clock: master.clock,
            spot: master.spot,
        });
        identities(share.groups.last(), world, lookup);
    }
    settings.unknown(lookup, report);
}

/// What a table says of single devices.
struct Settings<'a> {
    spec: &'a ShareSpec,
    spots: BTreeMap<String, usize>,
    /// The spot where devices are that are nowhere else.
    first: usize,
    at: BTreeMap<String, usize>,
    clocks: BTreeMap<String, ClockConfig>,
    unpaired: BTreeSet<String>,
    on_request: BTreeSet<String>,
}

impl<'a> Settings<'a> {
    fn new(spec: &'a ShareSpec, share: &mut ShareConfig, report: &mut Report<'_>) -> Option<Self> {
        let named = spec.spots.iter().flatten().map(|name| name.text.as_str());
        let mut names: Vec<&str> = named.collect();
        if names.is_empty() {
            names.extend(SPOTS);
        }
        let spots: BTreeMap<_, _> =
            names.iter().map(|name| ((*name).to_owned(), spot(name, share))).collect();
        let first = names.first().and_then(|name| spots.get(*name)).copied()?;
        let mut at = BTreeMap::new();
        for (device, place) in &spec.at.0 {
            let Some(spot) = find(&spots, "spot", &Name::from(place), report) else { continue };
            let devices = spelt(&Name::from(device), report).into_iter();
            at.extend(devices.map(|device| (device.text, spot)));
        }
        let mut clocks = BTreeMap::new();
        for (device, own) in &spec.clocks.0 {
            let devices = spelt(&Name::from(device), report).into_iter();
            clocks.extend(devices.map(|device| (device.text, clock(*own))));
        }
        let mut set = |patterns: &[Name]| -> BTreeSet<String> {
            let names = patterns.iter().flat_map(|pattern| spelt(pattern, report));
            names.map(|name| name.text).collect()
        };
        let (unpaired, on_request) = (set(&spec.unpaired), set(&spec.on_request));
        Some(Self { spec, spots, first, at, clocks, unpaired, on_request })
    }

    /// Reports what is said of devices that are not of the group.
    fn unknown(&self, lookup: &Lookup, report: &mut Report<'_>) {
        let Self { spec, .. } = self;
        let masters = expand(&spec.master.text).unwrap_or_default();
        let slaves = spec.slaves.iter().flat_map(|it| expand(&it.text).unwrap_or_default());
        let slaves: BTreeSet<String> = slaves.collect();
        let devices: BTreeSet<String> = masters.into_iter().chain(slaves.clone()).collect();
        let of_all = spec.at.0.keys().chain(spec.clocks.0.keys()).map(Name::from);
        let of_slaves = spec.unpaired.iter().chain(&spec.on_request).cloned();
        let of_all = of_all.map(|name| (name, &devices, "device"));
        let of_slaves = of_slaves.map(|name| (name, &slaves, "slave"));
        for (pattern, known, kind) in of_all.chain(of_slaves) {
            let names = expand(&pattern.text).unwrap_or_default();
            let Some(name) = names.into_iter().find(|name| !known.contains(name)) else { continue };
            let hint = did_you_mean(&name, known.iter().map(String::as_str));
            let is_there = lookup.phones.contains_key(&name);
            let message = match is_there {
                true => format!("\"{name}\" is no {kind} of this group"),
                false => format!("no {kind} of this group is called \"{name}\""),
            };
            report.with(pattern.span, message, hint.filter(|_| !is_there));
        }
    }

    fn spot_of(&self, device: &str) -> usize {
        self.at.get(device).copied().unwrap_or(self.first)
    }

    fn clock_of(&self, device: &str) -> ClockConfig {
        self.clocks.get(device).copied().unwrap_or_default()
    }
}

struct MasterDevice {
    phone: usize,
    clock: ClockConfig,
    spot: usize,
}

struct Build<'a, 'r> {
    settings: &'a Settings<'a>,
    index: usize,
    lookup: &'a mut Lookup,
    report: &'a mut Report<'r>,
}

impl Build<'_, '_> {
    fn devices(
        &mut self,
        master: &Name,
        slaves: &[&Name],
    ) -> Option<(MasterDevice, Vec<ShareSlaveConfig>)> {
        let phone = self.device(master, None)?;
        let device = &master.text;
        let (clock, spot) = (self.settings.clock_of(device), self.settings.spot_of(device));
        let slaves = slaves.iter().filter_map(|slave| self.slave(slave, phone)).collect();
        Some((MasterDevice { phone, clock, spot }, slaves))
    }

    fn slave(&mut self, name: &Name, master: usize) -> Option<ShareSlaveConfig> {
        let phone = self.device(name, Some(master))?;
        let (settings, device) = (self.settings, name.text.as_str());
        Some(ShareSlaveConfig {
            phone,
            wants: !settings.on_request.contains(device),
            paired: !settings.unpaired.contains(device),
            clock: settings.clock_of(device),
            spot: settings.spot_of(device),
        })
    }

    /// Makes a phone a device of the group: its master where there is none yet.
    fn device(&mut self, name: &Name, master: Option<usize>) -> Option<usize> {
        let phone = find(&self.lookup.phones, "phone", name, self.report)?;
        let member = Member { group: self.index, master: master.unwrap_or(phone) };
        if self.lookup.members.insert(phone, member).is_some() {
            let message = format!("\"{}\" shares a subscription already", name.text);
            self.report.at(name.span.clone(), message);
            return None;
        }
        Some(phone)
    }
}

/// Returns the number of a spot, which is the same for all groups that name it.
fn spot(name: &str, share: &mut ShareConfig) -> usize {
    share.spots.iter().position(|known| known == name).unwrap_or_else(|| {
        share.spots.push(name.to_owned());
        share.spots.len() - 1
    })
}

/// Deals the names of a pattern out to so many groups, one to each; to a single group, all.
fn dealt(pattern: &Name, groups: usize, report: &mut Report<'_>) -> Vec<Vec<Name>> {
    let names = spelt(pattern, report);
    if groups == 1 {
        return vec![names];
    }
    if names.len() != groups && !names.is_empty() {
        let message = format!("{} names for {groups} groups: write one for each", names.len());
        report.at(pattern.span.clone(), message);
    }
    names.into_iter().map(|name| vec![name]).collect()
}

fn timing(spec: &ShareSpec, report: &mut Report<'_>) -> Option<Timing> {
    let span = |span: Option<Span>, usual| span.map_or(usual, |span| span.0);
    let margin = Margin::new(spec.drift_ppm.unwrap_or(DRIFT_PPM), span(spec.margin, MARGIN));
    let margin = match margin {
        Ok(margin) => margin,
        Err(error) => {
            report.at(spec.name.span.clone(), error.to_string());
            return None;
        }
    };
    let timing = Timing {
        supervision: span(spec.supervision, SUPERVISION),
        timer: span(spec.timer, TIMER),
        detach: span(spec.detach, DETACH),
        margin,
        retry: span(spec.retry, RETRY),
    };
    let checked = timing.check();
    checked.map_err(|error| report.at(spec.name.span.clone(), error.to_string())).ok()?;
    Some(timing)
}

const fn mode(spec: ShareModeSpec) -> Mode {
    match spec {
        ShareModeSpec::Provisioned => Mode::Provisioned,
        ShareModeSpec::Remote => Mode::Remote,
    }
}

fn way(spec: &ShareSpec, report: &mut Report<'_>) -> Way {
    if spec.way.is_some() && spec.mode == ShareModeSpec::Remote {
        let message = "the card stays with the master, and nothing is transferred: no \"way\"";
        report.at(spec.name.span.clone(), message);
    }
    match spec.way {
        Some(WaySpec::Push) => Way::Push,
        Some(WaySpec::Compare) | None => Way::Compare,
    }
}

const fn consent(spec: ConsentSpec) -> Consent {
    match spec {
        ConsentSpec::Once => Consent::Once,
        ConsentSpec::EachTime => Consent::EachTime,
    }
}

/// The phones of slaves are of the operator whose subscription they share, and have none themselves.
fn identities(group: Option<&ShareGroupConfig>, world: &mut WorldConfig, lookup: &mut Lookup) {
    let Some(group) = group else { return };
    let Some(operator) = world.phones.get(group.master).map(|phone| phone.operator) else { return };
    let Some(home) = world.operators.get(operator) else { return };
    for index in group.slaves.iter().map(|slave| slave.phone) {
        let imsi = numbers::imsi(home.plmn, index);
        let number = numbers::msisdn(&home.country_code, operator, index);
        let places = world.phones.get_mut(index).zip(lookup.numbers.get_mut(index));
        if let (Some(imsi), Some(number), Some((phone, known))) = (imsi, number, places) {
            *known = number;
            (phone.operator, phone.imsi, phone.number) = (operator, imsi, number);
            phone.subscribed = false;
        }
    }
}
