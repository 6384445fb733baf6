//! Builds and runs a simulated world: phones, cards, networks, invariants.
//!
//! A [`WorldConfig`] says what there is; a [`Simulation`] runs it, takes [`Action`]s and tells
//! [`Event`]s. Every phone is three machines: software that drives a modem (`polysim-modem`), the
//! modem (`polysim-baseband`) and the card (`polysim-card`). They speak AT and APDUs to each other.

mod act;
mod action;
mod block;
mod build;
mod catalogue;
mod clock;
mod config;
mod conversing;
mod courier;
mod decode;
mod durable;
mod event;
mod fleet;
mod invariants;
mod issuance;
mod journey;
mod lending;
mod links;
mod message;
mod network;
mod node;
mod observer;
mod opening;
mod outside;
mod paths;
mod phone;
mod request;
mod share;
mod sharing;
mod simulation;
mod steering;
mod storm;
mod user;
mod users;
mod world;

pub use action::{Action, Fault, ForwardWhen, Party};
pub use build::{BuildError, MODELS};
pub use catalogue::EVENTS;
pub use config::{
    CellConfig, ClockConfig, LatencyRange, LinkQuality, OperatorConfig, PhoneConfig, RegionConfig,
    Tariff, WorldConfig,
};
pub use conversing::{Conversing, ConversingReport};
pub use courier::{
    COURIER_STATE, CourierAction, CourierConfig, CourierDeviceConfig, CourierEnd, CourierFault,
    CourierLinks, CourierMatter, CourierServerConfig, CourierUser,
};
pub use event::{Event, EventKind, SIMULATED_ONLY, Value};
pub use fleet::{
    FleetAction, FleetConfig, FleetFault, FleetLinks, FleetNode, FleetPlanConfig, FleetSiteConfig,
    FleetUserConfig, MODEM_STATE, PoolModemConfig, RangeConfig, SERVER_STATE, SIM_STATE,
    SITE_STATE, ServerConfig, SimConfig, SiteTiming, Speaker, Succession, TERMINAL_STATE,
    TerminalNodeConfig, TerminalTiming, Thing,
};
pub use invariants::{INVARIANTS, Violation};
pub use issuance::{
    Attack, BUSINESS_STATE, BusinessNodeConfig, IssuanceAction, IssuanceConfig, IssuanceFault,
    IssuanceLinks, IssuanceNode, OpenBearer, OpenCardConfig, OtaAlgorithm, PLATFORM_STATE,
    PlatformNodeConfig,
};
pub use journey::{Baggage, Journey, JourneyReport};
pub use lending::Lent;
pub use links::LinkFault;
pub use opening::{CardOpening, OpeningReport};
pub use share::{
    GROUP_STATE, ShareAction, ShareConfig, ShareFault, ShareGroupConfig, ShareLinks,
    ShareSlaveConfig,
};
pub use sharing::{Sharing, SharingReport};
pub use simulation::{PHONE_STATE, Simulation};
pub use steering::{
    AdvisorNodeConfig, AgentPlace, AgentPolicy, EuiccPhoneConfig, EuiccVariant, SERVICE_STATE,
    ServiceConfig, ServiceKind, SmdpNodeConfig, SteeringAction, SteeringConfig, SteeringFault,
    SteeringLinks, SteeringNode, StockConfig,
};
pub use storm::{AttachStorm, StormReport};
pub use users::Users;
