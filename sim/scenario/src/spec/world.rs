use super::{CardSpec, CourierPhoneSpec, EuiccSpec, Name, SteeringPolicySpec};
use crate::units::{Micro, Span, SpanRange};
use schemars::JsonSchema;
use serde::Deserialize;

/// Clock and latencies of a world.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// The wall clock at the start, in universal time: `2026-01-01T00:00:00Z`.
    pub start: Option<Name>,
    /// How long messages take.
    #[serde(default)]
    pub latency: Latency,
    /// Whether messages between the parts of a fleet, and between devices that share a subscription,
    /// really become octets, and are read back. What happens is the same.
    #[serde(default)]
    pub encode: bool,
}

/// How long messages take, one way.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Between a phone and its cell. Default: `8..20ms`.
    pub air: Option<SpanRange>,
    /// Between cells and operators, and between operators. Default: `20..60ms`.
    pub backhaul: Option<SpanRange>,
    /// Between the parts of a fleet, where `[[link]]` says nothing else. Default: `20..60ms`.
    pub fleet: Option<SpanRange>,
    /// Between devices that share a subscription, where `[[link]]` says nothing else. Default:
    /// `10..40ms`.
    pub share: Option<SpanRange>,
}

/// An operator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorSpec {
    /// Its name in this file and in traces.
    pub name: Name,
    /// Country code and network code: `00101` or `001001`.
    pub plmn: Name,
    /// The name that phones show. Default: its name.
    pub full_name: Option<String>,
    /// Country code of its telephone numbers, without a plus sign. Default: `999`.
    pub country_code: Option<Name>,
    /// Number of its short message service centre. Default: made from the country code.
    pub centre: Option<Name>,
    /// What it charges. Default: nothing.
    #[serde(default)]
    pub tariff: TariffSpec,
    /// In whose networks its subscribers may roam.
    #[serde(default)]
    pub roaming: Vec<Name>,
    /// The access point names that it knows. Default: `internet`.
    #[serde(default = "default_apns")]
    pub apns: Vec<String>,
}

fn default_apns() -> Vec<String> {
    vec!["internet".into()]
}

/// Prices in the world's currency.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffSpec {
    /// Per started minute of a call.
    #[serde(default)]
    pub call_per_min: Micro,
    /// Per part of a text.
    #[serde(default)]
    pub sms: Micro,
    /// Per megabyte of data.
    #[serde(default)]
    pub data_per_mb: Micro,
    /// By how much everything costs more while roaming. Default: 1.
    #[serde(default = "one")]
    pub roaming_factor: u32,
}

const fn one() -> u32 {
    1
}

/// A region: the cells that a phone there hears.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionSpec {
    /// Its name.
    pub name: Name,
    /// Offset of local time: `+01:00`. Default: universal time.
    pub zone: Option<Name>,
    /// Its cells.
    #[serde(default)]
    pub cells: Vec<CellSpec>,
}

/// A cell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellSpec {
    /// Its name.
    pub id: Name,
    /// Whose it is.
    pub operator: Name,
    /// Its technology. Default: lte.
    #[serde(default)]
    pub rat: RatSpec,
    /// Its level in the region in dBm, -140 to -30.
    #[schemars(range(min = -140, max = -30))]
    pub rssi: i16,
    /// How many phones it takes. Default: a million.
    #[serde(default = "million")]
    pub capacity: u32,
}

const fn million() -> u32 {
    1_000_000
}

/// Radio access technology.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum RatSpec {
    /// GSM.
    Gsm,
    /// UMTS.
    Umts,
    /// LTE.
    #[default]
    Lte,
    /// 5G New Radio.
    Nr,
}

/// A phone: a user, a modem and a card. A name such as `p{1..200}` makes many.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// Where it is at first.
    pub region: Name,
    /// Whose subscription its card holds. Default, where it has an eUICC: the first of the operators
    /// whose profiles that has. A slave of a `[[share]]` has no card of its own.
    pub operator: Option<Name>,
    /// Its number in international form; a pattern where the name is one. Default: made from the
    /// operator's country code.
    pub number: Option<Name>,
    /// Its subscription; a pattern where the name is one. Default: made from the operator's PLMN.
    pub imsi: Option<Name>,
    /// The modem's identity, 14 digits or 15 with a check digit. Default: made up.
    pub imei: Option<Name>,
    /// The modem's model: generic, iot, ec25, sim7600 or huawei. Default: generic, with an eUICC iot.
    pub model: Option<Name>,
    /// How many AT ports the modem has, 1 to 8. Default: 1.
    #[serde(default = "one_port")]
    #[schemars(range(min = 1, max = 8))]
    pub ports: u8,
    /// When it is switched on: a time or a range to draw from, or `off`. Default: at the start.
    #[serde(default)]
    pub power: Power,
    /// The card asks for this PIN. Default: it asks for none.
    pub card_pin: Option<Name>,
    /// The user enters this PIN. Default: the card's.
    pub user_pin: Option<Name>,
    /// Whether the operator's register knows the subscription. Default: yes.
    #[serde(default = "yes")]
    pub subscribed: bool,
    /// Money on the subscription. Default: it is billed later.
    pub balance: Option<Micro>,
    /// The user answers calls by himself after this time. Default: the timeline answers.
    pub answers_after: Option<Span>,
    /// Its card can be opened over the air. Default: it cannot.
    pub card: Option<CardSpec>,
    /// It has an eUICC in the place of a card with one subscription. Default: it has not.
    pub euicc: Option<EuiccSpec>,
    /// How the agent of its eUICC works.
    pub policy: Option<SteeringPolicySpec>,
    /// It has a courier: its calls and texts go over data where they can. Default: it has none.
    pub courier: Option<CourierPhoneSpec>,
}

const fn one_port() -> u8 {
    1
}

pub(super) const fn yes() -> bool {
    true
}

/// When a phone is switched on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Power {
    /// Not by itself.
    Off,
    /// Then.
    On(SpanRange),
}

impl Default for Power {
    fn default() -> Self {
        let start = polysim_base::Duration::ZERO;
        Self::On(SpanRange { min: start, max: start })
    }
}

impl<'de> Deserialize<'de> for Power {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        parse_power(&text).map_err(|form| serde::de::Error::custom(format!("expected {form}")))
    }
}

/// Reads `off`, a time or a range.
pub(crate) fn parse_power(text: &str) -> Result<Power, &'static str> {
    if text == "off" {
        return Ok(Power::Off);
    }
    crate::units::parse_range(text)
        .map(Power::On)
        .map_err(|_| "\"off\", a time or a range of them, such as \"5s\" or \"0..10s\"")
}

impl JsonSchema for Power {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Power".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "polysim-power",
            "description": "off, a time, or a range to draw from: 0..10s"
        })
    }
}
