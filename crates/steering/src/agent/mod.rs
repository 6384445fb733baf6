//! The agent on a device: on the eUICC, at the level of its operating system, or beside it on the
//! device's host. It is the same machine.

mod contract;

pub use contract::{
    AgentConfig, AgentEvent, AgentInput, AgentOutput, AgentTimer, Bearer, Bearers, Identity,
    ListSource, Preset, Reason, Retry, Room,
};
