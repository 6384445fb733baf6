//! What operators and subscribers are: plain data, built by the world.

use crate::{
    air::{RejectCause, Service},
    ids::OperatorId,
    tariff::{Money, Tariff},
};
use alloc::sync::Arc;
use polysim_aka::{Algorithm, Key, Milenage, Opc, Sqn};
use polysim_base::{Duration, Imei, Imsi, Msisdn, Plmn, Purpose, Stream};

/// An operator.
#[derive(Clone, Debug)]
pub struct OperatorConfig {
    /// Its name in the world.
    pub id: OperatorId,
    /// The full name it tells devices.
    pub name: Arc<str>,
    /// The short name.
    pub short_name: Arc<str>,
    /// Its networks; subscriptions belong to it when they begin with one of them.
    pub plmns: Vec<Plmn>,
    /// Country code of its numbers, 1 to 999: national forms are completed with it.
    pub country_code: u16,
    /// Whether national numbers are dialled with a leading 0 that is no part of them.
    pub trunk_zero: bool,
    /// Ranges of numbers that are its subscribers'.
    pub prefixes: Vec<NumberPrefix>,
    /// Numbers answered by an announcement at once, without a subscription's rights: `112`.
    pub emergency: Vec<Box<str>>,
    /// Its service centre for texts.
    pub smsc: SmscConfig,
    /// What it charges its subscribers.
    pub tariff: Tariff,
    /// Where its subscribers may roam.
    pub roaming: RoamingPolicy,
    /// Access point names it knows; the first is the default. None: no packet services.
    pub apns: Vec<Box<str>>,
    /// Devices it refuses with #5.
    pub imei_blacklist: Vec<Imei>,
    /// Periodic update timer (T3412), seconds; 0: none.
    pub periodic_s: u32,
    /// Networks that count as the one registered with.
    pub equivalent: Option<Arc<[Plmn]>>,
    /// How long a called device rings before nobody answers.
    pub ring: Duration,
    /// How long it rings where forwarding on no reply is active.
    pub ring_before_forwarding: Duration,
    /// The seed of derived keys, see [`Keys::Derived`].
    pub key_seed: u64,
}

/// The leading digits of a range of international numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NumberPrefix {
    pub(crate) len: u8,
    pub(crate) value: u64,
}

/// A service centre.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SmscConfig {
    /// Its number.
    pub number: Msisdn,
    /// How long a text without validity period is kept.
    pub validity: Duration,
    /// How many texts it stores; more are refused with RP cause 42.
    pub store_max: usize,
    /// The zone of its time stamps, quarters of an hour.
    pub zone_quarters: i8,
}

/// Where an operator's subscribers may register.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RoamingPolicy {
    /// Which networks serve them.
    pub partners: Partners,
    /// What they hear elsewhere: #11 or #13 mostly.
    pub refusal: RejectCause,
}

/// The networks with a roaming agreement.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Partners {
    /// Every network.
    Everyone,
    /// These.
    Only(Vec<OperatorId>),
}

/// The keys of a subscription.
#[derive(Clone, Debug)]
pub enum Keys {
    /// These.
    Stored(Box<Algorithm>),
    /// MILENAGE with the keys of [`derived_keys`] for the operator's `key_seed`: takes no room.
    Derived,
}

/// A subscription.
#[derive(Clone, Debug)]
pub struct SubscriberConfig {
    /// Who.
    pub imsi: Imsi,
    /// Its number, if it has one.
    pub msisdn: Option<Msisdn>,
    /// Its keys.
    pub keys: Keys,
    /// The sequence number issued last.
    pub sqn: Sqn,
    /// What it may use.
    pub services: Entitlement,
    /// Refused with this cause whenever it registers: #3, #8 and so on.
    pub barred: Option<RejectCause>,
    /// What is left, or what is owed.
    pub balance: Money,
    /// Nothing is sold once the balance is used up.
    pub prepaid: bool,
}

/// What a subscription may use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Entitlement {
    /// Calls.
    pub calls: bool,
    /// Texts; RP cause 50 otherwise.
    pub sms: bool,
    /// Packet services; SM cause 33 otherwise.
    pub packet: bool,
    /// Registration with other networks.
    pub roaming: bool,
    /// Call waiting is active from the start.
    pub call_waiting: bool,
    /// The number is withheld unless a call says otherwise.
    pub hidden: bool,
}

/// A supplementary service's state that a subscriber can set.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct ServiceState {
    /// Which.
    pub(crate) service: Service,
    /// Whether it acts.
    pub(crate) active: bool,
    /// The number it forwards to.
    pub(crate) number: Option<Msisdn>,
}

/// Why digits are no prefix of numbers.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPrefix {
    /// A character that is no decimal digit.
    #[error("number prefix: no decimal digit at position {at}")]
    Digit {
        /// Zero-based position.
        at: usize,
    },
    /// Not 1 to 15 digits.
    #[error("number prefix: {len} digits where 1 to 15 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
}

impl NumberPrefix {
    /// Reads the leading digits of international numbers, with or without a plus sign.
    ///
    /// # Errors
    /// [`InvalidPrefix`] for another character or length.
    pub fn parse(text: &str) -> Result<Self, InvalidPrefix> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let length = || InvalidPrefix::Length { len: digits.len() };
        let len = u8::try_from(digits.len()).map_err(|_| length())?;
        if !(1..=15).contains(&len) {
            return Err(length());
        }
        let mut value = 0_u64;
        for (at, c) in digits.bytes().enumerate() {
            if !c.is_ascii_digit() {
                return Err(InvalidPrefix::Digit { at });
            }
            value = value * 10 + u64::from(c - b'0');
        }
        Ok(Self { len, value })
    }
}

impl SmscConfig {
    /// How many texts a service centre keeps unless told otherwise.
    pub const STORE_MAX: usize = 100_000;
    /// How long it keeps them unless told otherwise.
    pub const VALIDITY: Duration = Duration::from_secs(3 * 24 * 3_600);

    /// Returns a service centre with the usual limits.
    #[must_use]
    pub const fn new(number: Msisdn) -> Self {
        Self { number, validity: Self::VALIDITY, store_max: Self::STORE_MAX, zone_quarters: 0 }
    }
}

impl OperatorConfig {
    /// Returns an operator of one network with the usual settings: everybody may roam, 112 is
    /// the emergency number, one access point name, an example tariff, no numbers yet.
    #[must_use]
    pub fn new(id: OperatorId, name: &str, plmn: Plmn, country_code: u16, smsc: Msisdn) -> Self {
        Self {
            id,
            name: name.into(),
            short_name: name.into(),
            plmns: vec![plmn],
            country_code,
            trunk_zero: true,
            prefixes: Vec::new(),
            emergency: vec!["112".into()],
            smsc: SmscConfig::new(smsc),
            tariff: Tariff::default(),
            roaming: RoamingPolicy {
                partners: Partners::Everyone,
                refusal: RejectCause::RoamingNotAllowedInArea,
            },
            apns: vec!["internet".into()],
            imei_blacklist: Vec::new(),
            periodic_s: 3_240,
            equivalent: None,
            ring: Duration::from_secs(60),
            ring_before_forwarding: Duration::from_secs(20),
            key_seed: 0,
        }
    }
}

impl SubscriberConfig {
    /// Returns a subscription to everything with derived keys and an empty balance on account.
    #[must_use]
    pub fn new(imsi: Imsi, msisdn: Option<Msisdn>) -> Self {
        Self {
            imsi,
            msisdn,
            keys: Keys::Derived,
            sqn: Sqn::default(),
            services: Entitlement::ALL,
            barred: None,
            balance: Money(0),
            prepaid: false,
        }
    }
}

impl Entitlement {
    /// Everything; call waiting off, the number shown.
    pub const ALL: Self = Self {
        calls: true,
        sms: true,
        packet: true,
        roaming: true,
        call_waiting: false,
        hidden: false,
    };
}

impl RoamingPolicy {
    /// Returns whether `visited` may serve.
    #[must_use]
    pub fn allows(&self, visited: OperatorId) -> bool {
        match &self.partners {
            Partners::Everyone => true,
            Partners::Only(partners) => partners.contains(&visited),
        }
    }
}

/// Returns K and `OPc` of a subscription whose keys are derived: the card is made with the same.
#[must_use]
pub fn derived_keys(key_seed: u64, imsi: &Imsi) -> (Key, Opc) {
    let entity = imsi.digits().fold(0, |n, digit| n * 10 + u64::from(digit));
    let mut stream = Stream::derive(key_seed, entity, Purpose::Keys, 0);
    (Key::from(stream.bytes()), Opc::from(stream.bytes()))
}

/// Returns the algorithm of a subscription whose keys are derived.
#[must_use]
pub fn derived_algorithm(key_seed: u64, imsi: &Imsi) -> Algorithm {
    let (key, opc) = derived_keys(key_seed, imsi);
    Milenage::new(key, opc).into()
}
