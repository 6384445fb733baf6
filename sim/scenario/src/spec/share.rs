//! One subscription that several devices share, of which one is active.

use super::{ClockSpec, Name};
use crate::units::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A group of devices that share one subscription.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareSpec {
    /// Its name. A pattern makes as many groups; `master` and each of `slaves` are then patterns of
    /// as many names, one for each group.
    pub name: Name,
    /// The phone whose subscription is shared.
    pub master: Name,
    /// The phones that share it: names and patterns. They have no card of their own.
    #[schemars(length(min = 1))]
    pub slaves: Vec<Name>,
    /// Whether parameters are copied, or the card stays with the master. Default: provisioned.
    #[serde(default)]
    pub mode: ShareModeSpec,
    /// How parameters are transferred. Default: compare.
    pub way: Option<WaySpec>,
    /// When the user of the master is asked. Default: once.
    #[serde(default)]
    pub consent: ConsentSpec,
    /// Whether the master's own modem has the subscription at first. Default: no.
    #[serde(default)]
    pub own: bool,
    /// Those slaves that are not paired yet. Default: none.
    #[serde(default)]
    pub unpaired: Vec<Name>,
    /// Those slaves that are served only when their users want it. The others are whenever they are
    /// connected. Default: none.
    #[serde(default)]
    pub on_request: Vec<Name>,
    /// The places where devices may be: two of them meet at the same one. All are at the first one
    /// at first. Default: `here` and `away`.
    pub spots: Option<Vec<Name>>,
    /// Those devices that are elsewhere at first: `{ car = "away" }`.
    #[serde(default)]
    pub at: ByDevice<Spanned<String>>,
    /// How wrong the clocks of which devices are: `{ car = { drift_ppm = 500 } }`. Default: not at
    /// all.
    #[serde(default)]
    pub clocks: ByDevice<ClockSpec>,
    /// How long a slave may keep the subscription when the link is down. Default: 60 s.
    pub timer: Option<Span>,
    /// How much later than one end the other is told that the link is down, at most. Default: 5 s.
    pub supervision: Option<Span>,
    /// What leaving the network may take before the modem's power is cut. Default: 10 s.
    pub detach: Option<Span>,
    /// After how long what was not answered is said again. Default: 1 s.
    pub retry: Option<Span>,
    /// How wrong clocks are taken to be: their rate. Default: 500.
    #[schemars(range(min = 0, max = 200_000))]
    pub drift_ppm: Option<u32>,
    /// How wrong clocks are taken to be: the fixed part. Default: 1 s.
    pub margin: Option<Span>,
}

/// What is shared.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ShareModeSpec {
    /// Parameters are copied to a soft card of the slave.
    #[default]
    Provisioned,
    /// The card stays with the master.
    Remote,
}

/// How parameters are transferred.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum WaySpec {
    /// They are always sent.
    Push,
    /// They are sent where the slave has none, or others.
    Compare,
}

/// When the user of the master is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentSpec {
    /// When a device is paired.
    #[default]
    Once,
    /// Each time that a slave would become active.
    EachTime,
}

/// Something said of some devices, by their names.
#[derive(Clone, Debug)]
pub struct ByDevice<T>(pub BTreeMap<Spanned<String>, T>);

impl<T> Default for ByDevice<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByDevice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for ByDevice<Spanned<String>> {
    fn schema_name() -> Cow<'static, str> {
        "SpotsByDevice".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}

impl JsonSchema for ByDevice<ClockSpec> {
    fn schema_name() -> Cow<'static, str> {
        "ClocksByDevice".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let clock = generator.subschema_for::<ClockSpec>();
        json_schema!({ "type": "object", "additionalProperties": clock })
    }
}

/// Somebody carries a device of a group to another spot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarryVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// One of the spots of its group.
    pub to: Name,
}

/// The user of a device of a group wants something.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceVerb {
    /// Which phone.
    pub phone: Option<Name>,
}

/// The user of a master answers whether a slave may have the subscription.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentVerb {
    /// Which slave.
    pub phone: Option<Name>,
    /// Whether it may. Default: yes.
    #[serde(default = "super::world::yes")]
    pub allow: bool,
}

/// Another set of parameters takes the place of the one that a group shares.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceVerb {
    /// Which group.
    pub group: Name,
}
