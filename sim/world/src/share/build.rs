//! Makes the groups of a world.

use super::config::{ShareConfig, ShareGroupConfig, ShareSlaveConfig};
use super::device::Device;
use super::issuer::Issuer;
use super::system::{Group, Member, Place, Share};
use super::tell::Counts;
use super::tie::Tie;
use super::truth::Truth;
use crate::build::{Blueprint, BuildError, iccid};
use crate::clock::NodeClock;
use crate::config::PhoneConfig;
use crate::durable::Durable;
use crate::links::Links;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_base::{Instant, Machine as _, Purpose, Stream};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::Card;
use polysim_kernel::Disk;
use polysim_radio::derived_algorithm;
use polysim_share::master::{Master, MasterConfig, Mode};
use polysim_share::slave::{Slave, SlaveConfig};
use polysim_share::{DeviceName, LockKey, PeerKey, StorageKey, VirtualSim};
use std::collections::VecDeque;

/// Streams of devices are derived from numbers beyond those of all other things.
const DEVICE_ENTITY: u64 = 15 << 40;
const DISK_ENTITY: u64 = 16 << 40;

impl Share {
    /// Makes the groups of a world, whose phones' radios are numbered from `first_radio`. Cards leave
    /// the slots of their phones.
    pub(crate) fn new(
        blueprint: &Blueprint<'_>,
        config: &ShareConfig,
        first_radio: u32,
        world: &mut MobileWorld,
    ) -> Result<Self, BuildError> {
        let spec = blueprint.config;
        let issuers = spec.operators.iter().zip(blueprint.profiles()).map(|(operator, profile)| {
            let profile = (crate::build::spn(operator), profile.clone());
            Issuer::new(operator.plmn, operator.centre, profile)
        });
        let mut share = Self {
            seed: spec.seed,
            first_radio,
            sync: config.sync,
            groups: Vec::new(),
            members: Vec::new(),
            places: vec![None; spec.phones.len()],
            links: Links::new(spec.seed, config.links.clone()),
            issuers: issuers.collect(),
            pins: blueprint.pins().clone(),
            orders: VecDeque::new(),
            carrying_out: false,
            disks: Stream::derive(spec.seed, DISK_ENTITY, Purpose::Timing, 0),
            counts: Counts::default(),
            encode: spec.encode_messages,
            truth: None,
        };
        for group in &config.groups {
            share.add(blueprint, group, world)?;
        }
        share.truth = blueprint.observed.then(|| Box::new(Truth::new(share.groups.len())));
        Ok(share)
    }

    fn add(
        &mut self,
        blueprint: &Blueprint<'_>,
        spec: &ShareGroupConfig,
        world: &mut MobileWorld,
    ) -> Result<(), BuildError> {
        let index = count(self.groups.len())?;
        let phone = place(&mut self.places, spec.master, Place::Master(index))?;
        let missing = || BuildError::Missing { what: "phone", index: spec.master };
        let of = blueprint.config.phones.get(spec.master).ok_or_else(missing)?;
        let entity = DEVICE_ENTITY + u64::from(self.first_radio + phone);
        let config = Box::new(MasterConfig {
            set: Box::new(self.set(blueprint, phone, of)?),
            lock: LockKey(Stream::derive(self.seed, entity, Purpose::Keys, 0).bytes()),
            mode: spec.mode,
            way: spec.way,
            consent: spec.consent,
            timing: spec.timing,
        });
        let card = take_card(world, phone).filter(|_| spec.mode == Mode::Remote);
        let first = count(self.members.len())?;
        for slave in &spec.slaves {
            self.add_slave(slave, index, spec, world)?;
        }
        let disk = Disk::new(Stream::derive(self.seed, entity, Purpose::Fault, 0));
        let machine = Master::new(MasterConfig::clone(&config));
        self.groups.push(Group {
            node: Durable::new(machine, disk, NodeClock::new(spec.clock)),
            config,
            device: Device::new(phone, spec.spot),
            own: spec.own,
            operator: of.operator,
            slaves: first..count(self.members.len())?,
            replaced: 0,
            card: card.map(Box::new),
            server: None,
        });
        Ok(())
    }

    fn add_slave(
        &mut self,
        spec: &ShareSlaveConfig,
        group: u32,
        of: &ShareGroupConfig,
        world: &mut MobileWorld,
    ) -> Result<(), BuildError> {
        let index = count(self.members.len())?;
        let phone = place(&mut self.places, spec.phone, Place::Slave(index))?;
        drop(take_card(world, phone));
        let entity = DEVICE_ENTITY + u64::from(self.first_radio + phone);
        let mut keys = Stream::derive(self.seed, entity, Purpose::Keys, 0);
        let storage = StorageKey(keys.bytes());
        let config = SlaveConfig { storage, wants: spec.wants, timing: of.timing };
        let disk = Disk::new(Stream::derive(self.seed, entity, Purpose::Fault, 0));
        self.members.push(Member {
            node: Durable::new(Slave::new(config.clone()), disk, NodeClock::new(spec.clock)),
            config,
            device: Device::new(phone, spec.spot),
            group,
            key: PeerKey(keys.bytes()),
            paired: spec.paired,
            id: None,
            tie: Tie::default(),
            client: None,
        });
        Ok(())
    }

    /// Returns the subscription of a phone as a set of parameters.
    fn set(
        &self,
        blueprint: &Blueprint<'_>,
        phone: u32,
        of: &PhoneConfig,
    ) -> Result<VirtualSim, BuildError> {
        let missing = BuildError::Missing { what: "operator", index: of.operator };
        let operator = blueprint.config.operators.get(of.operator).ok_or(missing)?;
        Ok(VirtualSim {
            iccid: iccid(u64::from(self.first_radio + phone))?,
            imsi: of.imsi,
            msisdn: Some(of.number),
            smsc: Some(operator.centre),
            spn: crate::build::spn(operator),
            algorithm: derived_algorithm(blueprint.config.seed, &of.imsi),
        })
    }
}

fn count(count: usize) -> Result<u32, BuildError> {
    u32::try_from(count).map_err(|_| BuildError::TooMany { what: "devices", count })
}

/// Says what a phone is.
fn place(places: &mut [Option<Place>], phone: usize, of: Place) -> Result<u32, BuildError> {
    let place = places.get_mut(phone).filter(|place| place.is_none());
    *place.ok_or(BuildError::Missing { what: "phone for a device of a group", index: phone })? =
        Some(of);
    count(phone)
}

/// Takes the card of a phone that was never on out of its slot.
fn take_card(world: &mut MobileWorld, phone: u32) -> Option<Card> {
    let phone = world.phone_mut(phone)?;
    let modem = &mut phone.baseband.machine;
    modem.handle(Instant::ZERO, BasebandInput::Card(CardToTerminal::Removed));
    while modem.poll_output().is_some() {}
    phone.card.take()
}

/// Returns what a device calls itself.
pub(super) fn device_name(phone: u32, observer: Option<&Observer>) -> Option<DeviceName> {
    let name = observer.map_or("", |observer| observer.names.phone(phone));
    DeviceName::new(name).or_else(|_| DeviceName::new(&format!("phone {phone}"))).ok()
}

/// Returns a master that has heard of nothing.
pub(super) fn fresh_master(group: &Group) -> Master {
    Master::new(MasterConfig::clone(&group.config))
}

/// Returns a slave that has heard of nothing.
pub(super) fn fresh_slave(member: &Member) -> Slave {
    Slave::new(member.config.clone())
}
