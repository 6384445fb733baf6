//! Makes the courier of a world.

use super::config::{CourierConfig, CourierDeviceConfig, CourierServerConfig};
use super::system::{Courier, CourierServer, Device, Mind, Network};
use super::tell::Counts;
use super::texts::Gateway;
use super::tie::Tie;
use super::truth::Truth;
use crate::build::{Blueprint, BuildError};
use crate::clock::NodeClock;
use crate::durable::Durable;
use crate::links::Links;
use polysim_base::{Instant, Mode, Origin, Purpose, Stream};
use polysim_courier::client::{Client, ClientConfig};
use polysim_courier::server::{Server, ServerConfig, ServerKey};
use polysim_courier::{DeviceName, DeviceSecret};
use polysim_kernel::Disk;
use polysim_speech::Codec;
use std::collections::VecDeque;

/// Streams of the server and of devices are derived from numbers beyond those of all other things.
const SERVER_ENTITY: u64 = 17 << 40;
const DEVICE_ENTITY: u64 = 18 << 40;

impl Courier {
    /// Makes the courier of a world, whose phones' radios are numbered from `first_radio`.
    pub(crate) fn new(
        blueprint: &Blueprint<'_>,
        config: &CourierConfig,
        first_radio: u32,
    ) -> Result<Self, BuildError> {
        let spec = blueprint.config;
        let mut keys = Stream::derive(spec.seed, SERVER_ENTITY, Purpose::Keys, 0);
        let server_config = server_config(&config.server, ServerKey(keys.bytes()));
        let disk = Disk::new(Stream::derive(spec.seed, SERVER_ENTITY, Purpose::Fault, 0));
        let machine = Server::new(server_config.clone());
        let networks = spec.operators.iter().map(|operator| Network {
            plmn: operator.plmn,
            has_points: !operator.apns.is_empty(),
            broken: false,
        });
        let home = |operator: usize| u32::try_from(operator).unwrap_or(u32::MAX);
        let phones = spec.phones.iter();
        let mut courier = Self {
            seed: spec.seed,
            sync: config.sync,
            server: CourierServer {
                name: config.server.name.clone(),
                node: Durable::new(machine, disk, NodeClock::new(config.server.clock)),
                config: server_config,
            },
            devices: Vec::with_capacity(config.devices.len()),
            on_phone: vec![None; spec.phones.len()],
            links: Links::new(spec.seed, config.links.clone()),
            networks: networks.collect(),
            numbers: phones.clone().map(|phone| (phone.imsi, phone.number)).collect(),
            homes: phones.map(|phone| (phone.number, home(phone.operator))).collect(),
            gateway: Gateway::default(),
            orders: VecDeque::new(),
            carrying_out: false,
            disks: Stream::derive(spec.seed, SERVER_ENTITY, Purpose::Timing, 0),
            counts: Counts::default(),
            watched: Instant::ZERO,
            truth: None,
        };
        for device in &config.devices {
            courier.add(blueprint, device, first_radio)?;
        }
        courier.link(config)?;
        if blueprint.observed {
            let keys = (0_u32..).zip(&courier.devices);
            let keys = keys.map(|(index, of)| (of.config.secret.key(), index)).collect();
            let limits = courier.server.config.limits.clone();
            courier.truth = Some(Box::new(Truth::new(keys, limits)));
        }
        Ok(courier)
    }

    fn add(
        &mut self,
        blueprint: &Blueprint<'_>,
        spec: &CourierDeviceConfig,
        first_radio: u32,
    ) -> Result<(), BuildError> {
        let count = self.devices.len();
        let too_many = |_| BuildError::TooMany { what: "devices", count };
        let index = u32::try_from(count).map_err(too_many)?;
        let phone = u32::try_from(spec.phone).map_err(too_many)?;
        let missing = || BuildError::Missing { what: "phone for a courier", index: spec.phone };
        let place = self.on_phone.get_mut(spec.phone).filter(|place| place.is_none());
        *place.ok_or_else(missing)? = Some(index);
        let of = blueprint.config.phones.get(spec.phone).ok_or_else(missing)?;
        let name = DeviceName::try_from(of.name.clone());
        let name = name.or_else(|_| DeviceName::try_from(format!("phone {phone}")));
        let entity = DEVICE_ENTITY + u64::from(first_radio.saturating_add(phone));
        let mut keys = Stream::derive(self.seed, entity, Purpose::Keys, 0);
        let secret = DeviceSecret::new(keys.bytes().into(), Origin::Simulated, Mode::Simulation);
        let config =
            client_config(spec, name.map_err(|_| missing())?, secret.map_err(|_| missing())?);
        let disk = Disk::new(Stream::derive(self.seed, entity, Purpose::Fault, 0));
        self.devices.push(Device {
            node: Durable::new(Client::new(config.clone()), disk, NodeClock::new(spec.clock)),
            config: Box::new(config),
            phone,
            tie: Tie::default(),
            rate_kbps: spec.rate_kbps,
            serving: None,
            card: None,
            typed: spec.number,
            linked_to: None,
            to_link: Vec::new(),
            contacts: spec.contacts.clone(),
            user: spec.user.clone(),
            mind: Mind::default(),
        });
        Ok(())
    }

    /// Says which device is to be linked to which.
    fn link(&mut self, config: &CourierConfig) -> Result<(), BuildError> {
        for (index, spec) in (0_u32..).zip(&config.devices) {
            let Some(phone) = spec.linked_to else { continue };
            let missing = BuildError::Missing { what: "primary device on phone", index: phone };
            let primary = self.on(phone).ok_or(missing)?;
            if let Some(of) = self.device_mut(index) {
                of.linked_to = Some(primary);
            }
            if let Some(of) = self.device_mut(primary) {
                of.to_link.push(index);
            }
        }
        Ok(())
    }
}

fn server_config(spec: &CourierServerConfig, key: ServerKey) -> ServerConfig {
    ServerConfig {
        key,
        contacts: spec.contacts,
        limits: spec.limits.clone(),
        threshold: spec.threshold,
        rate_age_max: spec.rate_age_max,
        ring: spec.ring,
        call_grace: spec.call_grace,
        retry: spec.retry,
        verify_within: spec.verify_within,
        hold_down: spec.hold_down,
    }
}

fn client_config(
    spec: &CourierDeviceConfig,
    name: DeviceName,
    secret: DeviceSecret,
) -> ClientConfig {
    ClientConfig {
        name,
        secret,
        tenant: spec.tenant,
        threshold: spec.threshold,
        measure_every: spec.measure_every,
        rate_age_max: spec.rate_age_max,
        refresh_every: spec.refresh_every,
        retry: spec.retry,
        call_grace: spec.call_grace,
        codec: Codec::ALaw,
        carrier_rule: spec.carrier_rule,
        expires: spec.expires,
    }
}
