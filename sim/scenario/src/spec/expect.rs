use super::Name;
use crate::units::{Moment, Often, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What must happen, or never. One of `event`, `never`, `state`, `percentile`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// Its name in reports.
    pub id: Name,
    /// This event must happen: after `after` (or the start), within `within` (or the run). With
    /// `count` exactly so often, or so often as a range says.
    pub event: Option<Name>,
    /// This event must not happen, in the same window.
    pub never: Option<Name>,
    /// What something, or each of `all`, must be like at `at`.
    pub state: Option<Terms>,
    /// Which events, or which phone, SIM, modem, terminal, server or site.
    #[serde(default, rename = "where")]
    pub terms: Terms,
    /// The window opens.
    pub after: Option<Moment>,
    /// The window closes after this time.
    pub within: Option<Span>,
    /// The moment of a `state`.
    pub at: Option<Moment>,
    /// Exactly so often, or as a range says: `3`, `"3..5"`.
    pub count: Option<Often>,
    /// The phones, SIMs, modems, terminals, servers or sites of a `state`.
    pub all: Option<Each>,
    /// For each such event the other one must follow within `within`.
    pub for_each: Option<ForEach>,
    /// So quickly, in so many of a hundred cases.
    pub percentile: Option<Percentile>,
}

use super::Each;

/// For each event of a kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForEach {
    /// Which event.
    pub event: Name,
    /// The name by which `where` refers to its fields: `$name.field`.
    #[serde(rename = "as")]
    pub alias: Name,
    /// Which of them.
    #[serde(default, rename = "where")]
    pub terms: Terms,
}

/// A bound on how long something takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Percentile {
    /// From which event to which: `phone.refused -> phone.registered`.
    pub of: Name,
    /// The field that is the same in both. Default: the first of phone, sim and terminal that both
    /// have.
    pub same: Option<Name>,
    /// Of a hundred cases, so many.
    #[schemars(range(min = 1, max = 100))]
    pub p: u8,
    /// The most it takes in those.
    pub max: Span,
}

/// Fields and the values they must have; a list means any of them.
#[derive(Clone, Debug, Default)]
pub struct Terms(pub BTreeMap<Spanned<String>, Spanned<Matcher>>);

/// The values that a field may have.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(untagged)]
pub enum Matcher {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A name or a text.
    Text(String),
    /// Any of these.
    Any(Vec<Self>),
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Terms {
    fn schema_name() -> Cow<'static, str> {
        "Terms".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let matcher = generator.subschema_for::<Matcher>();
        json_schema!({
            "type": "object",
            "additionalProperties": matcher,
            "description": "fields and the values they must have; a list means any of them"
        })
    }
}

/// The built-in invariants.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invariants {
    /// Invariants to switch off, each with the reason.
    #[serde(default)]
    pub off: OffList,
}

/// Names of invariants and why they are off.
#[derive(Clone, Debug, Default)]
pub struct OffList(pub BTreeMap<Spanned<String>, String>);

impl<'de> Deserialize<'de> for OffList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for OffList {
    fn schema_name() -> Cow<'static, str> {
        "OffList".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}
