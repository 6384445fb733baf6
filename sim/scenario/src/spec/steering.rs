//! eSIMs that are steered: servers, management platforms, eUICCs and their agents.

use super::{ClockSpec, Name, PoolSpec, RetrySpec};
use crate::units::{Span, SpanRange};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A server of remote provisioning, or a management platform.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: ServiceKindSpec,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
    /// How long messages to it and from it take, one way, where `[[link]]` says nothing else.
    /// Default: as `fleet` in `[world]`.
    pub latency: Option<SpanRange>,
    /// Of an SM-DP+: how many profiles of which operator it has: `{ orange = 150 }`.
    #[serde(default)]
    pub profiles: PoolSpec,
    /// Of an SM-DP+: how long an order may be downloaded. Default: 30 days.
    pub order_lifetime: Option<Span>,
    /// Of an SM-DP+: how long a device may take from one request of a session to the next. Default:
    /// 10 min.
    pub session_lifetime: Option<Span>,
    /// Of a platform: which operators suit where, the best first: by region, and `elsewhere`.
    #[serde(default)]
    pub answers: AnswersSpec,
    /// Of a platform: what lists are ordered by. Default: as the device wants it.
    pub order: Option<OrderBySpec>,
    /// Of a platform: which operators devices may have. Default: all.
    pub entitled: Option<Vec<Name>>,
    /// Of a platform: how many downloads a device may have in a month. Default: 3.
    pub downloads_per_month: Option<u16>,
    /// Of a platform: agents may delete what they have downloaded, to make room. Default: yes.
    pub make_room: Option<bool>,
    /// Of a platform: after how long an SM-DP+ that does not answer is asked again. Default: 10 s.
    pub retry: Option<Span>,
    /// Of a platform: after how long an order whose profile was not installed is taken back. Default:
    /// 1 day.
    pub order_age: Option<Span>,
}

/// What a service is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
pub enum ServiceKindSpec {
    /// A server from which profiles are downloaded.
    #[serde(rename = "smdp+")]
    Smdp,
    /// A server that tells devices which SM-DP+ have something for them.
    #[serde(rename = "smds")]
    Smds,
    /// A management platform: it says which operators suit, and has them make profiles.
    #[serde(rename = "preferred-operators")]
    Advisor,
}

/// Which operators suit where.
#[derive(Clone, Debug, Default)]
pub struct AnswersSpec(pub BTreeMap<Spanned<String>, Vec<Name>>);

impl<'de> Deserialize<'de> for AnswersSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for AnswersSpec {
    fn schema_name() -> Cow<'static, str> {
        "Answers".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "array", "items": { "type": "string" } },
            "description": "operators by region, the best first; elsewhere: in all other regions"
        })
    }
}

/// An eUICC in the place of a card with one subscription.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EuiccSpec {
    /// The operators whose profiles it has from the factory. The first is the original one, and is
    /// enabled.
    #[schemars(length(min = 1))]
    pub profiles: Vec<Name>,
    /// Its memory in kilobytes. Default: 512.
    pub memory_kb: Option<u32>,
    /// How often its agent looks where it is. Default: 1 min.
    pub check_every: Option<Span>,
    /// Where its agent is. Default: card.
    #[serde(default)]
    pub agent: AgentSpec,
    /// Where it differs from the standard. Default: nowhere.
    #[serde(default)]
    pub variant: VariantSpec,
    /// The platform that its agent asks. Default: the first.
    pub advisor: Option<Name>,
}

/// Where an agent is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum AgentSpec {
    /// On the eUICC, at the level of its operating system: it speaks over the toolkit.
    #[default]
    Card,
    /// On the device's host: it speaks over AT commands and a data link.
    Host,
    /// There is none.
    None,
}

/// Where an eUICC differs from the standard.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum VariantSpec {
    /// Nowhere.
    #[default]
    Standard,
    /// After another profile was enabled without REFRESH, it refuses everything until it is reset.
    ResetNeeded,
    /// It never asks for a REFRESH.
    NoRefresh,
}

/// How an agent works.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SteeringPolicySpec {
    /// What lists are ordered by. Default: tariff.
    #[serde(default)]
    pub order: OrderBySpec,
    /// What a device has when nothing else works: always the original profile.
    #[serde(default)]
    pub fallback: FallbackSpec,
    /// For how long the device must be away. Default: 30 s.
    pub away: Option<Span>,
    /// For how long the home network must be received. Default: 1 min.
    pub home: Option<Span>,
    /// How strongly at least, in dBm. Default: -105.
    #[schemars(range(min = -140, max = -30))]
    pub home_level: Option<i16>,
    /// The time between two switches, at least. Default: 1 min.
    pub gap: Option<Span>,
    /// The same for a device that goes back and forth. Default: 1 h.
    pub gap_max: Option<Span>,
    /// For how long an enabled profile may look for service. Default: 2 min.
    pub attach: Option<Span>,
    /// How old a stored list may be. Default: 30 days.
    pub list_age: Option<Span>,
    /// Without platform and list, the profiles from the factory are tried. Default: yes.
    pub presets_alone: Option<bool>,
    /// How often the platform is asked. Default: after 30 s, at most 10 min, five times.
    #[serde(default)]
    pub retry: RetrySpec,
    /// How long it rests after nothing has worked. Default: 10 min.
    pub pause: Option<Span>,
    /// The longest rest. Default: 1 day.
    pub pause_max: Option<Span>,
    /// How many downloads it begins in a month. Default: 3.
    pub downloads_per_month: Option<u16>,
    /// It deletes what it has downloaded whenever memory is short. Default: where the platform says
    /// so.
    #[serde(default)]
    pub make_room: bool,
}

/// What lists are ordered by.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum OrderBySpec {
    /// The cheapest first.
    #[default]
    Tariff,
    /// The strongest first.
    Signal,
}

/// What a device has when nothing else works.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum FallbackSpec {
    /// The profile that it was issued with.
    #[default]
    Original,
}

/// What a platform knows of a device changes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitleVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// At which platform. Default: the first.
    pub service: Option<Name>,
    /// Which operators it may have. Default: all.
    pub operators: Option<Vec<Name>>,
    /// How many downloads it may have in a month. Default: 3.
    pub downloads_per_month: Option<u16>,
}
