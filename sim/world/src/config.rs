//! What a world is made of: plain data, names resolved, nothing drawn yet.

use crate::courier::CourierConfig;
use crate::fleet::FleetConfig;
use crate::issuance::{IssuanceConfig, OpenCardConfig};
use crate::share::ShareConfig;
use crate::steering::{EuiccPhoneConfig, SteeringConfig};
use polysim_base::{Duration, Imei, Imsi, Msisdn, Plmn};
use polysim_radio::air::Rat;

/// A whole world.
#[derive(Clone, Debug, Default)]
pub struct WorldConfig {
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// The wall clock at virtual time zero, seconds since the Unix epoch.
    pub start_unix_s: u64,
    /// Between regions and the networks behind them, one way.
    pub backhaul: LatencyRange,
    /// Between a device and its cell, one way.
    pub air: LatencyRange,
    /// The operators.
    pub operators: Vec<OperatorConfig>,
    /// The regions.
    pub regions: Vec<RegionConfig>,
    /// The phones.
    pub phones: Vec<PhoneConfig>,
    /// The fleet, if there is one.
    pub fleet: Option<FleetConfig>,
    /// What opens cards over the air, if anything does.
    pub issuance: Option<IssuanceConfig>,
    /// What steers eSIMs, if anything does.
    pub steering: Option<SteeringConfig>,
    /// Groups of phones that share a virtual SIM.
    pub share: Option<ShareConfig>,
    /// Calls and texts over data, if there are any.
    pub courier: Option<CourierConfig>,
    /// Whether each message between nodes of the fleet, and between
    /// devices that share a SIM, is encoded and decoded on its way. The
    /// trace is the same either way.
    pub encode_messages: bool,
}

/// The least and the most time that a message takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LatencyRange {
    /// The least.
    pub min: Duration,
    /// The most.
    pub max: Duration,
}

/// A link, one way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LinkQuality {
    /// How long messages take.
    pub latency: LatencyRange,
    /// How many of a million are lost.
    pub loss_ppm: u32,
    /// How many of a million come twice.
    pub duplicate_ppm: u32,
    /// How many of a million may overtake others.
    pub reorder_ppm: u32,
}

/// How the clock of a node goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ClockConfig {
    /// By how much it is ahead of the world's clock at first.
    pub skew: Duration,
    /// By how much it gains, in millionths; negative where it loses.
    pub drift_ppm: i32,
}

/// An operator: its network and its subscriptions.
#[derive(Clone, Debug)]
pub struct OperatorConfig {
    /// Its name in traces.
    pub name: String,
    /// Its network.
    pub plmn: Plmn,
    /// The name that phones show.
    pub full_name: String,
    /// Country code of its numbers: `46`.
    pub country_code: String,
    /// The number of its short message service centre.
    pub centre: Msisdn,
    /// What it charges.
    pub tariff: Tariff,
    /// The operators (by index) in whose networks its subscribers may roam.
    pub roaming: Vec<usize>,
    /// The access point names that it knows.
    pub apns: Vec<String>,
}

/// Prices in millionths of the currency.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tariff {
    /// Per started minute of a call.
    pub call_per_min_micro: u64,
    /// Per part of a text.
    pub text_micro: u64,
    /// Per megabyte of data.
    pub data_per_mb_micro: u64,
    /// By how much it costs more while roaming.
    pub roaming_factor: u32,
}

/// A region: the cells that a phone there can hear.
#[derive(Clone, Debug)]
pub struct RegionConfig {
    /// Its name in traces.
    pub name: String,
    /// Offset of local time in quarters of an hour.
    pub zone_quarters: i8,
    /// Its cells.
    pub cells: Vec<CellConfig>,
}

/// A cell.
#[derive(Clone, Debug)]
pub struct CellConfig {
    /// Its name in traces.
    pub name: String,
    /// Whose it is, by index.
    pub operator: usize,
    /// Its technology.
    pub rat: Rat,
    /// Its level in the region, dBm.
    pub level_dbm: i16,
    /// How many devices it takes.
    pub capacity: u32,
}

/// A phone: a user's host software, a modem and a card.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// Its name in traces.
    pub name: String,
    /// Where it is at first, by index.
    pub region: usize,
    /// Whose subscription its card holds, by index.
    pub operator: usize,
    /// The subscription.
    pub imsi: Imsi,
    /// Its number.
    pub number: Msisdn,
    /// The modem's identity.
    pub imei: Imei,
    /// The modem's model: `generic`, `ec25`, `sim7600`, `huawei`.
    pub model: String,
    /// How many AT ports the modem has, 1 to 8; the phone's own software uses the first one.
    pub ports: u8,
    /// When it is switched on first; `None`: never by itself.
    pub power_on: Option<LatencyRange>,
    /// The card asks for this PIN.
    pub card_pin: Option<String>,
    /// The user enters this PIN when asked.
    pub user_pin: Option<String>,
    /// Whether the operator's register knows the subscription.
    pub subscribed: bool,
    /// Money on the subscription, in millionths; `None`: billed later.
    pub balance_micro: Option<u64>,
    /// Whether it rings only, or answers by itself after a while.
    pub answers_after: Option<Duration>,
    /// Its card can be opened over the air.
    pub open_card: Option<Box<OpenCardConfig>>,
    /// It has an eUICC, whose enabled profile is that subscription at first.
    pub euicc: Option<Box<EuiccPhoneConfig>>,
}
