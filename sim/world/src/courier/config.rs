//! A courier in a world: plain data, names resolved, everything by index.

use crate::config::{ClockConfig, LatencyRange, LinkQuality};
use crate::links::LinkTable;
use polysim_base::{Duration, Msisdn};
use polysim_courier::client::Choice;
use polysim_courier::server::Limits;
use polysim_courier::{ContactMode, Rate, TenantId};

/// The courier's server, its devices, and what is between them.
#[derive(Clone, Debug)]
pub struct CourierConfig {
    /// The server.
    pub server: CourierServerConfig,
    /// The devices, at most one on each phone.
    pub devices: Vec<CourierDeviceConfig>,
    /// What links are like while they are up, beside the rate of the device.
    pub links: CourierLinks,
    /// How long a node takes to make records durable.
    pub sync: LatencyRange,
}

/// The server.
#[derive(Clone, Debug)]
pub struct CourierServerConfig {
    /// Its name in traces.
    pub name: String,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// How contacts are told.
    pub contacts: ContactMode,
    /// What is limited.
    pub limits: Limits,
    /// The rate that a callee reaches, or a call does not go over data.
    pub threshold: Rate,
    /// How old a measured rate may be.
    pub rate_age_max: Duration,
    /// How long a call rings.
    pub ring: Duration,
    /// A device in a call of which nothing is heard for so long has left it.
    pub call_grace: Duration,
    /// After how long a delivery is said again.
    pub retry: Duration,
    /// Within which time a number must be proved again after another card was put in.
    pub verify_within: Duration,
    /// For how long a number that has changed hands is held down.
    pub hold_down: Duration,
}

/// A device.
#[derive(Clone, Debug)]
pub struct CourierDeviceConfig {
    /// Its phone, by index.
    pub phone: usize,
    /// The phone of the primary device that it is to be linked to; `None`: it is a primary one.
    pub linked_to: Option<usize>,
    /// The number that its user types when asked; then the card does not tell one. `None`: the card does.
    pub number: Option<Msisdn>,
    /// Whose app it is.
    pub tenant: TenantId,
    /// The rate that the own link reaches, or calls do not go over data.
    pub threshold: Rate,
    /// How often the link is measured.
    pub measure_every: Duration,
    /// How old a measured rate may be.
    pub rate_age_max: Duration,
    /// How often contacts are asked for.
    pub refresh_every: Duration,
    /// After how long what was not answered is said again.
    pub retry: Duration,
    /// A call of which the server says nothing for so long is lost.
    pub call_grace: Duration,
    /// What does not go over data goes to the carrier without asking.
    pub carrier_rule: bool,
    /// How long texts may wait; for ever without.
    pub expires: Option<Duration>,
    /// How fast its data link is, each way, at first. Zero: nothing comes through.
    pub rate_kbps: u32,
    /// Its contacts at first.
    pub contacts: Vec<Msisdn>,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// What its user does.
    pub user: CourierUser,
}

/// What a user does without being told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CourierUser {
    /// The device is registered, or linked, as soon as it has a link; `false`: when an action says so.
    pub registers: bool,
    /// After how long the code is confirmed that has come by text; `None`: never.
    pub confirms_after: Option<Duration>,
    /// After how long a call over data is answered; `None`: never.
    pub answers_after: Option<Duration>,
    /// What is chosen when a call is offered to the carrier; `None`: nothing.
    pub of_calls: Option<Choice>,
    /// What is chosen when a text is.
    pub of_texts: Option<Choice>,
    /// After how long.
    pub chooses_after: Duration,
    /// Whether texts are read as they come.
    pub reads: bool,
    /// How often a frame of 20 ms is spoken in a call over data; zero: never. Every 20 ms is true to life,
    /// once a second is cheap.
    pub speaks_every: Duration,
}

impl Default for CourierUser {
    fn default() -> Self {
        Self {
            registers: true,
            confirms_after: Some(Duration::from_secs(10)),
            answers_after: Some(Duration::from_secs(4)),
            of_calls: None,
            of_texts: None,
            chooses_after: Duration::from_secs(3),
            reads: false,
            speaks_every: Duration::from_millis(20),
        }
    }
}

/// An end of a link.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum CourierEnd {
    /// The server.
    Server,
    /// The device on a phone, by index.
    Phone(usize),
}

/// The links: all are alike but those that are not.
#[derive(Clone, Debug, Default)]
pub struct CourierLinks {
    /// What links are like.
    pub usual: LinkQuality,
    /// The links of phones that are not as the rest, both ways.
    pub overrides: Vec<(usize, LinkQuality)>,
}

impl LinkTable for CourierLinks {
    type Node = CourierEnd;

    fn own(&self, from: CourierEnd, to: CourierEnd) -> LinkQuality {
        let of = |phone: &usize| [from, to].contains(&CourierEnd::Phone(*phone));
        let other = self.overrides.iter().rfind(|(phone, _)| of(phone));
        other.map_or(self.usual, |(_, link)| *link)
    }

    fn number(end: CourierEnd) -> u64 {
        /// Beyond the numbers of all other nodes that are linked.
        const KIND: u64 = 16;
        let index = match end {
            CourierEnd::Server => 0,
            CourierEnd::Phone(phone) => u64::try_from(phone).unwrap_or(u64::MAX).saturating_add(1),
        };
        (KIND << 32) | index
    }
}

impl CourierConfig {
    /// Returns the number from which verification texts come, beyond those of phones and services.
    pub(crate) fn number() -> Option<Msisdn> {
        Msisdn::parse("+8835102000001").ok()
    }
}
