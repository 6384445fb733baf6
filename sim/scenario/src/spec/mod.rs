//! A scenario file as Rust types: what serde reads, and what the JSON Schema is made from.

mod courier;
mod expect;
mod fleet;
mod issuance;
mod name;
mod share;
mod steering;
mod timeline;
mod world;

pub use courier::{
    BySpec, ChoiceSpec, ChooseVerb, ConfirmVerb, ContactsSpec, ContactsVerb, CountriesSpec,
    CourierLimitsSpec, CourierPhoneSpec, CourierSpec, CourierVerb, LinkVerb, MatterSpec, RateVerb,
    RegisterVerb,
};
pub use expect::{ExpectSpec, ForEach, Invariants, Matcher, OffList, Percentile, Terms};
pub use fleet::{
    ApduVerb, AssignVerb, BankSpec, CapVerb, CapsSpec, ClockSpec, CodecSpec, EnrolVerb, FleetSpec,
    KindSpec, LinkSpec, ListVerb, ModemKind, ModemOrderSpec, ModemSpec, PermissionSpec, PermitVerb,
    Permits, PlanSpec, RangeSpec, Rates, ReclaimSpec, ReleaseVerb, ServerSpec, ServerVerb,
    SimOrderSpec, SimSpec, SimVerb, SiteSpec, SlotVerb, SpeakVerb, TerminalSimVerb, TerminalSpec,
    UserSpec,
};
pub use issuance::{
    AttackSpec, AttackVerb, BearerSpec, BusinessSpec, CancelOrderVerb, CardSpec, KeysSpec,
    MethodSpec, OnSiteVerb, OrderVerb, PlatformSpec, PolicySpec, PoolSpec, RetrySpec, RouteSpec,
    SecuritySpec, SwapCardsVerb,
};
pub use name::Name;
pub use share::{
    ByDevice, CarryVerb, ConsentSpec, ConsentVerb, DeviceVerb, ReplaceVerb, ShareModeSpec,
    ShareSpec, WaySpec,
};
pub use steering::{
    AgentSpec, AnswersSpec, EntitleVerb, EuiccSpec, FallbackSpec, OrderBySpec, ServiceKindSpec,
    ServiceSpec, SteeringPolicySpec, VariantSpec,
};
pub use timeline::{
    AtSpec, CallVerb, DataVerb, DtmfVerb, Each, FaultKind, FaultVerb, ForwardVerb, MoveVerb, Nth,
    PinVerb, SelectVerb, Steps, SwitchVerb, TextVerb, UssdVerb, Verb, When, WhoVerb,
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

/// Defines a file that holds parts of a world, besides what it has of its own.
macro_rules! file {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($own)*
            /// The operators.
            #[serde(default)]
            pub operator: Vec<OperatorSpec>,
            /// The regions and their cells.
            #[serde(default)]
            pub region: Vec<RegionSpec>,
            /// The phones.
            #[serde(default)]
            pub phone: Vec<PhoneSpec>,
            /// How the fleet is set up. A scenario's own table counts, not those that it includes.
            pub fleet: Option<FleetSpec>,
            /// The servers of a fleet. Default, where there are sites: one, called `server`.
            #[serde(default)]
            pub server: Vec<ServerSpec>,
            /// The sites of a fleet.
            #[serde(default)]
            pub site: Vec<SiteSpec>,
            /// The SIMs of a fleet.
            #[serde(default)]
            pub sim: Vec<SimSpec>,
            /// The banks of a fleet.
            #[serde(default)]
            pub bank: Vec<BankSpec>,
            /// The modems of a fleet.
            #[serde(default)]
            pub modem: Vec<ModemSpec>,
            /// The users of a fleet.
            #[serde(default)]
            pub user: Vec<UserSpec>,
            /// The terminals of a fleet.
            #[serde(default)]
            pub terminal: Vec<TerminalSpec>,
            /// The tariffs that servers know.
            #[serde(default)]
            pub plan: Vec<PlanSpec>,
            /// The operators of numbers that servers know.
            #[serde(default)]
            pub range: Vec<RangeSpec>,
            /// The card-writing platforms. Default, where there are cards to open: one, called
            /// `platform`.
            #[serde(default)]
            pub platform: Vec<PlatformSpec>,
            /// The business platforms.
            #[serde(default)]
            pub business: Vec<BusinessSpec>,
            /// The servers of remote provisioning, and the management platforms.
            #[serde(default)]
            pub service: Vec<ServiceSpec>,
            /// The groups of devices that share a subscription.
            #[serde(default)]
            pub share: Vec<ShareSpec>,
            /// The courier's server. A scenario's own table counts, not those that it includes.
            /// Default, where phones have a courier: one, called `courier`.
            pub courier: Option<CourierSpec>,
            /// The links between the parts of a fleet, between platforms, business platforms, services
            /// and operators, between devices that share a subscription, and between phones and the
            /// courier's server.
            #[serde(default)]
            pub link: Vec<LinkSpec>,
        }

        impl $name {
            /// Returns its part of the world.
            pub(crate) fn part(&self) -> Part<'_> {
                Part {
                    operator: &self.operator,
                    region: &self.region,
                    phone: &self.phone,
                    fleet: self.fleet.as_ref(),
                    server: &self.server,
                    site: &self.site,
                    sim: &self.sim,
                    bank: &self.bank,
                    modem: &self.modem,
                    user: &self.user,
                    terminal: &self.terminal,
                    plan: &self.plan,
                    range: &self.range,
                    platform: &self.platform,
                    business: &self.business,
                    service: &self.service,
                    share: &self.share,
                    courier: self.courier.as_ref(),
                    link: &self.link,
                }
            }
        }
    };
}

/// The world's part of a file.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) operator: &'a [OperatorSpec],
    pub(crate) region: &'a [RegionSpec],
    pub(crate) phone: &'a [PhoneSpec],
    pub(crate) fleet: Option<&'a FleetSpec>,
    pub(crate) server: &'a [ServerSpec],
    pub(crate) site: &'a [SiteSpec],
    pub(crate) sim: &'a [SimSpec],
    pub(crate) bank: &'a [BankSpec],
    pub(crate) modem: &'a [ModemSpec],
    pub(crate) user: &'a [UserSpec],
    pub(crate) terminal: &'a [TerminalSpec],
    pub(crate) plan: &'a [PlanSpec],
    pub(crate) range: &'a [RangeSpec],
    pub(crate) platform: &'a [PlatformSpec],
    pub(crate) business: &'a [BusinessSpec],
    pub(crate) service: &'a [ServiceSpec],
    pub(crate) share: &'a [ShareSpec],
    pub(crate) courier: Option<&'a CourierSpec>,
    pub(crate) link: &'a [LinkSpec],
}

file! {
    /// A scenario: a world, a timeline, what must happen, what must never happen.
    Scenario {
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
        /// Files whose operators, regions, phones and parts of a fleet belong to the world; paths
        /// from this file.
        #[serde(default)]
        pub include: Vec<Name>,
        /// Clock and latencies.
        #[serde(default)]
        pub world: WorldSpec,
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
}

file! {
    /// A file that others include: a part of a world.
    Included {
        /// The version of the format: 1.
        pub format: u32,
        /// What it holds, in a sentence.
        #[serde(default)]
        pub about: String,
    }
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
