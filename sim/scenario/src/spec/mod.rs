//! A scenario file as Rust types: what serde reads, and what the JSON Schema is made from.

mod expect;
mod name;
mod timeline;
mod world;

pub use expect::{ExpectSpec, ForEach, Invariants, Matcher, OffList, Percentile, Terms};
pub use name::Name;
pub use timeline::{
    AtSpec, CallVerb, DataVerb, DtmfVerb, Each, FaultKind, FaultVerb, ForwardVerb, MoveVerb,
    PhoneVerb, PinVerb, SelectVerb, SwitchVerb, TextVerb, UssdVerb, Verb, When,
};
pub(crate) use world::parse_power;
pub use world::{
    CellSpec, Latency, OperatorSpec, PhoneSpec, Power, RatSpec, RegionSpec, TariffSpec, WorldSpec,
};

use crate::units::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// The version of the format that this release reads.
pub const FORMAT: u32 = 1;

/// A scenario: a world, a timeline, what must happen, what must never happen.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of the format: 1.
    pub format: u32,
    /// The name, as reports show it.
    pub name: String,
    /// What it shows, in a sentence.
    #[serde(default)]
    pub about: String,
    /// How long it runs in virtual time.
    pub duration: Span,
    /// The seeds it runs with unless the command line says otherwise: a list, or a range.
    #[serde(default)]
    pub seeds: Seeds,
    /// Files whose operators, regions and phones are part of the world; paths from this file.
    #[serde(default)]
    pub include: Vec<Name>,
    /// Clock and latencies.
    #[serde(default)]
    pub world: WorldSpec,
    /// The operators.
    #[serde(default)]
    pub operator: Vec<OperatorSpec>,
    /// The regions and their cells.
    #[serde(default)]
    pub region: Vec<RegionSpec>,
    /// The phones.
    #[serde(default)]
    pub phone: Vec<PhoneSpec>,
    /// The timeline.
    #[serde(default)]
    pub at: Vec<AtSpec>,
    /// What must happen, and what must not.
    #[serde(default)]
    pub expect: Vec<ExpectSpec>,
    /// The built-in invariants; all are on unless switched off with a reason.
    #[serde(default)]
    pub invariants: Invariants,
}

/// A file that others include: a part of a world.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Included {
    /// The version of the format: 1.
    pub format: u32,
    /// What it holds, in a sentence.
    #[serde(default)]
    pub about: String,
    /// The operators.
    #[serde(default)]
    pub operator: Vec<OperatorSpec>,
    /// The regions and their cells.
    #[serde(default)]
    pub region: Vec<RegionSpec>,
    /// The phones.
    #[serde(default)]
    pub phone: Vec<PhoneSpec>,
}

/// Verbs that are spoken while a world runs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    /// What to do.
    #[serde(rename = "do")]
    pub verbs: Vec<Verb>,
}

/// Seeds to run with.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(untagged)]
pub enum Seeds {
    /// These.
    List(Vec<u64>),
    /// So many from the first one on.
    Range {
        /// The first.
        from: u64,
        /// How many.
        count: u64,
    },
}

impl Default for Seeds {
    fn default() -> Self {
        Self::List(vec![1])
    }
}

impl Seeds {
    /// Returns the seeds in order.
    #[must_use]
    pub fn iter(&self) -> Vec<u64> {
        match self {
            Self::List(seeds) => seeds.clone(),
            Self::Range { from, count } => (*from..from.saturating_add(*count)).collect(),
        }
    }
}
