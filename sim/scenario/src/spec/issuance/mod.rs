//! Cards that are opened over the air: card-writing platforms, business platforms, cards.

mod verb;

pub use verb::{
    AttackSpec, AttackVerb, CancelOrderVerb, MethodSpec, OnSiteVerb, OrderVerb, RouteSpec,
    SwapCardsVerb,
};

use super::{ClockSpec, Name};
use crate::units::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A card-writing platform.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlatformSpec {
    /// Its name.
    pub name: Name,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
    /// How often a message without an answer is said again. Default: after 2 min, at most 1 h, ten
    /// times.
    #[serde(default)]
    pub retry: RetrySpec,
    /// How long service centres keep its texts. Default: 1 h.
    pub validity: Option<Span>,
    /// After how long a write that is proved and has no effect gives an alarm. Default: 30 min.
    pub pending_alarm: Option<Span>,
    /// The most texts in a second. Default: 100.
    #[schemars(range(min = 1))]
    pub texts_per_s: Option<u32>,
    /// What happens to a card that has moved to another device. Default: accept.
    #[serde(default = "accept")]
    pub moved: PolicySpec,
    /// What happens to a device that is bound to another card. Default: refuse.
    #[serde(default = "refuse")]
    pub conflict: PolicySpec,
    /// How its packets are secured. Default: full.
    #[serde(default)]
    pub security: SecuritySpec,
}

/// When a message is said again.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrySpec {
    /// After how long, the first time; each time after that twice as long.
    pub first: Option<Span>,
    /// The longest.
    pub longest: Option<Span>,
    /// How often at most.
    #[schemars(range(min = 1))]
    pub tries: Option<u8>,
}

/// What happens to a binding that contradicts another.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum PolicySpec {
    /// The new one counts.
    Accept,
    /// The old one counts.
    Refuse,
}

const fn accept() -> PolicySpec {
    PolicySpec::Accept
}

const fn refuse() -> PolicySpec {
    PolicySpec::Refuse
}

/// How packets are secured. Cards ask for `full`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum SecuritySpec {
    /// Ciphered, with a checksum and a counter, and a proof that is so, too.
    #[default]
    Full,
    /// With a checksum and a counter, not ciphered.
    Authenticated,
    /// Not at all.
    None,
}

/// A business platform.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessSpec {
    /// Its name.
    pub name: Name,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
    /// The card-writing platform that it asks. Default: the first.
    pub platform: Option<Name>,
    /// How many numbers of which operator it may give out: `{ beta = 1000 }`.
    #[serde(default)]
    pub pool: PoolSpec,
    /// After how long a request without an answer is asked again. Default: 30 s.
    pub patience: Option<Span>,
    /// How long a number that was released rests. Default: 1 h.
    pub rest: Option<Span>,
}

/// How many numbers of which operator.
#[derive(Clone, Debug, Default)]
pub struct PoolSpec(pub BTreeMap<Spanned<String>, u32>);

impl<'de> Deserialize<'de> for PoolSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for PoolSpec {
    fn schema_name() -> Cow<'static, str> {
        "Pool".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "integer", "minimum": 1, "maximum": 1_000_000 },
            "description": "how many numbers of which operator"
        })
    }
}

/// A phone's card that can be opened over the air.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// The card-writing platform that knows its keys. Default: the first.
    pub platform: Option<Name>,
    /// Whether it has the card-writing applet. Without, the platform knows from the start which
    /// device it is in. Default: yes.
    #[serde(default = "super::world::yes")]
    pub applet: bool,
    /// Whether it has the phone's subscription at first: the seed. Else it is blank. Default: yes.
    #[serde(default = "super::world::yes")]
    pub seed: bool,
    /// How its applet reaches the platform. Default: text.
    #[serde(default)]
    pub bearer: BearerSpec,
    /// The operators of whose pool numbers it holds a key: the first phone that does of the first
    /// number, and so on. A card without the applet has one key, which those numbers share.
    #[serde(default)]
    pub preloaded: Vec<Name>,
    /// For how long a new subscription may find no service until the card goes back, in whole
    /// minutes. Default: 10 min.
    pub trial: Option<Span>,
    /// The algorithm of its keys for secured packets. Default: aes.
    #[serde(default)]
    pub keys: KeysSpec,
}

/// How an applet reaches its platform.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum BearerSpec {
    /// By short messages.
    #[default]
    Text,
    /// Over a TCP connection (bearer independent protocol).
    Channel,
}

/// The algorithm of keys for secured packets.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
pub enum KeysSpec {
    /// AES with 128 bits.
    #[default]
    #[serde(rename = "aes")]
    Aes,
    /// Triple DES with two keys.
    #[serde(rename = "3des")]
    TripleDes,
}
