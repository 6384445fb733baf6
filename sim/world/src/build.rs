//! Makes the machines of a world from its description.

use crate::config::{OperatorConfig, PhoneConfig, WorldConfig};
use crate::courier::CourierConfig;
use crate::issuance::Opening;
use crate::node::Node;
use crate::observer::{Names, Observer};
use crate::outside::OutsideCalls;
use crate::paths::{Air, AirLink, Paths, ShardMap};
use crate::phone::{Phone, Power};
use crate::steering::Factory;
use crate::user::User;
use crate::world::{Counters, MobileWorld};
use polysim_base::{Duration, Iccid, Imei, Imsi, Instant, Machine as _, Msisdn, Purpose, Stream};
use polysim_baseband::{Baseband, BasebandConfig, Model};
use polysim_card::{
    Card, CardConfig, EuiccError, OtaConfig, PinConfig, Profile, ProfileConfig, ProfileError,
};
use polysim_modem::{Config as ModemConfig, Modem, Pin};
use polysim_ota::Counter;
use polysim_radio::air::{CellId, RadioId};
use polysim_radio::{
    Core, CoreSettings, Directory, Keys, Money, NumberPrefix, Observe, Outsider, Partners, Region,
    RegionId, RegionInput, SubscriberConfig, Tariff, TimePrice, derived_algorithm,
};
use std::sync::Arc;

/// Why a description makes no world.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// Something refers to what is not there.
    #[error("{what} number {index} is not there")]
    Missing {
        /// Which kind of thing.
        what: &'static str,
        /// Its index.
        index: usize,
    },
    /// A model that nobody knows.
    #[error("no modem model is called {name:?}; there are {MODELS:?}")]
    Model {
        /// As given.
        name: String,
    },
    /// A PIN that is none.
    #[error("phone {phone:?}: a PIN has four to eight digits")]
    Pin {
        /// Whose.
        phone: String,
    },
    /// A country code that is none.
    #[error("operator {operator:?}: the country code is no number of one to three digits")]
    CountryCode {
        /// Whose.
        operator: String,
    },
    /// A card's profile cannot be made.
    #[error("cards of {operator:?}: {source}")]
    Profile {
        /// Whose.
        operator: String,
        /// Why.
        source: ProfileError,
    },
    /// An eUICC cannot be made.
    #[error("the eUICC of phone {phone:?}: {source}")]
    Euicc {
        /// Whose.
        phone: String,
        /// Why.
        source: EuiccError,
    },
    /// The certificates of servers and eUICCs cannot be made.
    #[error("certificates of the world: {why}")]
    Certificates {
        /// Why.
        why: String,
    },
    /// More than the world can name.
    #[error("too many {what}: {count}")]
    TooMany {
        /// Which kind of thing.
        what: &'static str,
        /// How many.
        count: usize,
    },
}

/// Names of the modem models.
pub const MODELS: &[&str] = &["generic", "iot", "ec25", "sim7600", "huawei"];
/// EF SPN holds so many characters (TS 31.102, 4.2.12).
const SPN_LEN_MAX: usize = 16;
const PUK: &str = "12345678";

/// What all shards share while they are built.
pub(crate) struct Blueprint<'a> {
    pub(crate) config: &'a WorldConfig,
    pub(crate) map: Arc<ShardMap>,
    pub(crate) observed: bool,
    pub(crate) host: Arc<ModemConfig>,
    operators: Vec<polysim_radio::OperatorConfig>,
    directory: Arc<Directory>,
    profiles: Vec<Arc<Profile>>,
    /// PINs of cards that ask for none, shared by all of them.
    pins: Arc<PinConfig>,
    /// What makes eUICCs, if there are any.
    pub(crate) factory: Option<Factory>,
}

impl<'a> Blueprint<'a> {
    pub(crate) fn new(
        config: &'a WorldConfig,
        map: ShardMap,
        observed: bool,
        host: Arc<ModemConfig>,
    ) -> Result<Self, BuildError> {
        let operators = (0_u16..)
            .zip(&config.operators)
            .map(|(id, operator)| radio_operator(id, operator, config))
            .collect::<Result<Vec<_>, _>>()?;
        let mut directory = Directory::new(&operators);
        if observed {
            let sims = config.fleet.iter().flat_map(|fleet| &fleet.sims);
            let sims = sims.map(|sim| (sim.number, sim.operator));
            let numbers = config.phones.iter().map(|phone| (phone.number, phone.operator));
            for (number, home) in numbers.chain(sims) {
                let home = u16::try_from(home).unwrap_or(u16::MAX);
                directory = directory.with_number(number, polysim_radio::OperatorId(home));
            }
        }
        if let Some(issuance) = &config.issuance {
            let platforms = 0..issuance.platforms.len();
            for number in platforms.filter_map(crate::issuance::IssuanceConfig::number) {
                directory = directory.with_outsider(number, Outsider::Silent);
            }
        }
        if let Some(steering) = &config.steering {
            let services = 0..steering.services.len();
            for number in services.filter_map(crate::steering::SteeringConfig::number) {
                directory = directory.with_outsider(number, Outsider::Silent);
            }
        }
        if let Some(number) = config.courier.as_ref().and_then(|_| CourierConfig::number()) {
            directory = directory.with_outsider(number, Outsider::Silent);
        }
        let factory = config.steering.as_ref().map(|steering| Factory::new(config, steering));
        let factory = factory.transpose()?;
        let profiles = config.operators.iter().map(profile).collect::<Result<Vec<_>, _>>()?;
        let directory = Arc::new(directory);
        let (map, pins) = (Arc::new(map), Arc::default());
        Ok(Self { config, map, observed, host, operators, directory, profiles, pins, factory })
    }

    /// Returns what cards of each operator have in common.
    pub(crate) fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// Returns the PINs of cards that ask for none.
    pub(crate) const fn pins(&self) -> &Arc<PinConfig> {
        &self.pins
    }

    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Makes one shard with `phones`, a part of the world's, without the phones' machines.
    pub(crate) fn shard(&self, shard: u32, first_radio: u32) -> Result<MobileWorld, BuildError> {
        let config = self.config;
        let mut regions = Vec::new();
        let mut next_cell = 0;
        let mut first_cells = Vec::new();
        for (index, region) in (0_u16..).zip(&config.regions) {
            first_cells.push(next_cell);
            let own = self.map.regions.get(usize::from(index)) == Some(&shard);
            let region = self.region(index, region, &mut next_cell)?;
            regions.push(own.then(|| Node::new(region)));
        }
        // Platforms hear from networks, too.
        let heard = self.observed
            || config.issuance.is_some()
            || config.steering.is_some()
            || config.courier.is_some();
        let observe = if heard { Observe::Everything } else { Observe::Nothing };
        let cores = (0..).zip(&self.operators).map(|(index, operator): (usize, _)| {
            let own = self.map.operators.get(index) == Some(&shard);
            own.then(|| {
                let settings = CoreSettings {
                    directory: self.directory.clone(),
                    seed: config.seed,
                    unix_start_s: config.start_unix_s,
                    observe,
                };
                Node::new(Core::new(operator.clone(), settings))
            })
        });
        let cores = cores.collect();
        let names = || Box::new(Observer::new(Arc::new(Names::new(config))));
        Ok(MobileWorld {
            regions,
            cores,
            phones: Vec::new(),
            first_radio,
            first_cells,
            air: Air { seed: config.seed, latency: config.air },
            paths: Paths::new(config.seed, shard, self.map.clone(), config.backhaul),
            observer: self.observed.then(names),
            counters: Counters::default(),
            outside: OutsideCalls::default(),
            lent: Vec::new(),
            lent_line: Duration::ZERO,
            fleet: None,
            issuance: None,
            steering: None,
            share: None,
            courier: None,
        })
    }

    fn region(
        &self,
        index: u16,
        region: &crate::config::RegionConfig,
        next_cell: &mut u32,
    ) -> Result<Region, BuildError> {
        let mut cells = Vec::new();
        for cell in &region.cells {
            let operator = self.operators.get(cell.operator);
            let missing = BuildError::Missing { what: "operator", index: cell.operator };
            let operator = operator.ok_or(missing)?;
            cells.push(polysim_radio::CellConfig {
                id: CellId(*next_cell),
                operator: operator.id,
                plmn: operator.plmns.first().copied().ok_or(BuildError::Missing {
                    what: "network of operator",
                    index: cell.operator,
                })?,
                rat: cell.rat,
                level_dbm: cell.level_dbm,
                area: index.wrapping_add(1),
                capacity: cell.capacity,
                barred: false,
            });
            *next_cell += 1;
        }
        Ok(Region::new(polysim_radio::RegionConfig {
            id: RegionId(index),
            cells,
            zone_quarters: region.zone_quarters,
            daylight_h: 0,
        }))
    }

    /// Adds a phone to a shard: its subscription where its operator is, its machines, its place.
    pub(crate) fn add_phone(
        &self,
        world: &mut MobileWorld,
        phone: &PhoneConfig,
    ) -> Result<(), BuildError> {
        let local = u32::try_from(world.phones.len()).unwrap_or(u32::MAX);
        let radio = RadioId(world.first_radio + local);
        let region = u16::try_from(phone.region).unwrap_or(u16::MAX);
        let entity = u64::from(radio.0);
        let stream = |purpose| Stream::derive(self.config.seed, entity, purpose, 0);
        let built = Phone {
            host: Some(Node::new(Modem::new(self.host.clone()))),
            baseband: Node::new(self.baseband(phone, stream(Purpose::Timing))?),
            card: Some(self.card_of(radio, phone)?),
            air: AirLink::new(),
            region,
            power: Power::NeverOn,
            hung: None,
            user: if self.observed { Some(Box::new(user(phone)?)) } else { None },
            agent: None,
        };
        world.phones.push(built);
        enter(world, phone.region, radio)
    }

    fn card_of(&self, radio: RadioId, phone: &PhoneConfig) -> Result<Card, BuildError> {
        if let Some(euicc) = &phone.euicc {
            return self.euicc(radio.0, phone, euicc);
        }
        let entity = u64::from(radio.0);
        self.card(CardSpec {
            owner: &phone.name,
            operator: phone.operator,
            iccid: iccid(entity)?,
            imsi: phone.imsi,
            number: phone.number,
            pin: phone.card_pin.as_deref(),
            entity,
            opening: crate::issuance::opening(self, radio.0, phone)?,
            blank: phone.open_card.as_ref().is_some_and(|card| !card.seed),
        })
    }

    /// Adds a modem of the fleet to a shard: no user, no card, and off the air at first.
    pub(crate) fn add_modem(
        &self,
        world: &mut MobileWorld,
        region: usize,
        model: &str,
        imei: Imei,
        host: Modem,
    ) -> Result<(), BuildError> {
        let local = u32::try_from(world.phones.len()).unwrap_or(u32::MAX);
        let radio = RadioId(world.first_radio + local);
        let stream = Stream::derive(self.config.seed, radio.0.into(), Purpose::Timing, 0);
        let mut config = BasebandConfig::new(imei, stream);
        config.model =
            Model::by_name(model).ok_or_else(|| BuildError::Model { name: model.to_owned() })?;
        (config.card_inserted, config.radio_on) = (false, false);
        let mut baseband = Baseband::new(config);
        baseband.observe(self.observed);
        world.phones.push(Phone {
            host: Some(Node::new(host)),
            baseband: Node::new(baseband),
            card: None,
            air: AirLink::new(),
            region: u16::try_from(region).unwrap_or(u16::MAX),
            power: Power::NeverOn,
            hung: None,
            user: None,
            agent: None,
        });
        enter(world, region, radio)
    }

    /// Adds the phone's subscription to its operator, if that is in this shard.
    pub(crate) fn add_subscriber(&self, world: &mut MobileWorld, phone: &PhoneConfig) {
        let core = world.cores.get_mut(phone.operator).and_then(Option::as_mut);
        let (Some(core), true) = (core, phone.subscribed) else { return };
        let mut subscriber = SubscriberConfig::new(phone.imsi, Some(phone.number));
        subscriber.keys = Keys::Derived;
        subscriber.balance = Money(
            phone.balance_micro.map_or(0, |balance| i64::try_from(balance).unwrap_or(i64::MAX)),
        );
        subscriber.prepaid = phone.balance_micro.is_some();
        // Two phones may hold the same subscription: the register knows it once.
        drop(core.machine.add_subscriber(subscriber));
    }

    fn baseband(&self, phone: &PhoneConfig, stream: Stream) -> Result<Baseband, BuildError> {
        let mut config = BasebandConfig::new(phone.imei, stream);
        config.model = Model::by_name(&phone.model)
            .ok_or_else(|| BuildError::Model { name: phone.model.clone() })?;
        config.ports = phone.ports;
        let mut baseband = Baseband::new(config);
        baseband.observe(self.observed);
        Ok(baseband)
    }

    /// Makes a card.
    pub(crate) fn card(&self, spec: CardSpec<'_>) -> Result<Card, BuildError> {
        self.card_config(spec).map(Card::new)
    }

    /// Says what a card is made of.
    pub(crate) fn card_config(&self, spec: CardSpec<'_>) -> Result<CardConfig, BuildError> {
        let missing = BuildError::Missing { what: "operator", index: spec.operator };
        let profile = self.profiles.get(spec.operator).cloned().ok_or_else(|| missing.clone())?;
        let operator = self.operators.get(spec.operator).ok_or(missing)?;
        let algorithm = derived_algorithm(operator.key_seed, &spec.imsi);
        let stream = Stream::derive(self.config.seed, spec.entity, Purpose::Identity, 0);
        let mut card = if spec.blank {
            CardConfig::blank(profile, spec.iccid, stream)
        } else {
            CardConfig::new(profile, spec.iccid, spec.imsi, algorithm, stream)
        };
        card.msisdn = (!spec.blank).then_some(spec.number);
        if let Some(opening) = spec.opening {
            card.ota = Some(OtaConfig::new(opening.keys.downlink, Counter::ZERO));
            if let Some((applet, preloaded)) = opening.applet {
                (card.applet, card.preloaded) = (Some(applet), preloaded);
            }
        }
        card.pins = self.pins.clone();
        if let Some(pin) = spec.pin {
            let bad = || BuildError::Pin { phone: spec.owner.to_owned() };
            let pins = PinConfig::default().with_pin1(pin, PUK).ok_or_else(bad)?;
            card.pins = Arc::new(pins);
        }
        Ok(card)
    }
}

/// What a card is made of.
pub(crate) struct CardSpec<'a> {
    pub(crate) owner: &'a str,
    pub(crate) operator: usize,
    pub(crate) iccid: Iccid,
    pub(crate) imsi: Imsi,
    pub(crate) number: Msisdn,
    pub(crate) pin: Option<&'a str>,
    /// Its random choices are derived from this.
    pub(crate) entity: u64,
    /// What it has if it can be opened.
    pub(crate) opening: Option<Opening>,
    /// It has no subscription yet.
    pub(crate) blank: bool,
}

/// Has a radio enter a region.
fn enter(world: &mut MobileWorld, region: usize, radio: RadioId) -> Result<(), BuildError> {
    let place = world.regions.get_mut(region).and_then(Option::as_mut);
    let place = &mut place.ok_or(BuildError::Missing { what: "region", index: region })?.machine;
    place.handle(Instant::ZERO, RegionInput::Enter(radio));
    while place.poll_output().is_some() {}
    Ok(())
}

pub(crate) fn user(phone: &PhoneConfig) -> Result<User, BuildError> {
    let bad = |_| BuildError::Pin { phone: phone.name.clone() };
    let pin = phone.user_pin.as_deref().map(Pin::new).transpose().map_err(bad)?;
    let mut user = User::default();
    (user.pin, user.answers_after) = (pin, phone.answers_after);
    Ok(user)
}

/// Cards are numbered from the telecom industry identifier 89 and the test country code 999.
pub(crate) fn iccid(entity: u64) -> Result<Iccid, BuildError> {
    let count = usize::try_from(entity).unwrap_or(usize::MAX);
    Iccid::with_check_digit(&format!("89999{:013}", entity + 1))
        .map_err(|_| BuildError::TooMany { what: "cards", count })
}

/// Returns what cards of an operator call it.
pub(crate) fn spn(operator: &OperatorConfig) -> String {
    let names = [&operator.full_name, &operator.name];
    let fitting = names.into_iter().find(|name| name.is_ascii() && name.len() <= SPN_LEN_MAX);
    fitting.cloned().unwrap_or_else(|| operator.plmn.to_string())
}

fn profile(operator: &OperatorConfig) -> Result<Arc<Profile>, BuildError> {
    let mut config = ProfileConfig::new(operator.plmn, &spn(operator));
    config.smsc = Some(operator.centre);
    Profile::new(config)
        .map_err(|source| BuildError::Profile { operator: operator.name.clone(), source })
}

fn radio_operator(
    id: u16,
    operator: &OperatorConfig,
    world: &WorldConfig,
) -> Result<polysim_radio::OperatorConfig, BuildError> {
    let id = polysim_radio::OperatorId(id);
    let bad = BuildError::CountryCode { operator: operator.name.clone() };
    let country_code = operator.country_code.parse::<u16>().map_err(|_| bad.clone())?;
    let mut radio = polysim_radio::OperatorConfig::new(
        id,
        &operator.full_name,
        operator.plmn,
        country_code,
        operator.centre,
    );
    let prefix = format!("{}7{:02}", operator.country_code, id.0);
    radio.prefixes = vec![NumberPrefix::parse(&prefix).map_err(|_| bad)?];
    radio.short_name = operator.name.as_str().into();
    let minute = |price: u64| TimePrice { per_unit: money(price), unit_s: 60 };
    radio.tariff = Tariff {
        currency: *b"EUR",
        sms: money(operator.tariff.text_micro),
        call: minute(operator.tariff.call_per_min_micro),
        received_roaming: TimePrice::FREE,
        packet: TimePrice::FREE,
        data_per_mb: money(operator.tariff.data_per_mb_micro),
        roaming_permille: operator.tariff.roaming_factor.saturating_mul(1_000),
    };
    let partners = operator.roaming.iter();
    let partners = partners.filter_map(|o| u16::try_from(*o).ok().map(polysim_radio::OperatorId));
    radio.roaming.partners = Partners::Only(partners.collect());
    radio.apns = operator.apns.iter().map(|apn| apn.as_str().into()).collect();
    radio.key_seed = world.seed;
    Ok(radio)
}

fn money(micro: u64) -> Money {
    Money(i64::try_from(micro).unwrap_or(i64::MAX))
}
