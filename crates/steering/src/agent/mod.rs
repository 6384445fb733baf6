//! The agent on a device: on the eUICC, at the level of its operating system, or beside it on the
//! device's host. It is the same machine.
//!
//! An agent looks where the device is at intervals and when something has changed. Once the device
//! has roamed or has been without service for a while, an episode begins: the platform is asked for
//! the operators that suit there, and one after the other is enabled, which has the device restart,
//! until one works; a profile that is not on the eUICC is asked for and downloaded before. Where one
//! does not work, the profile before it is enabled again before the next one is tried. Once the home
//! network of the original profile has been there for a while, that one is enabled again.
//!
//! What an episode must not forget is in records, each before its effect. After a crash the agent
//! reads which profiles there are and which one is enabled, before it does anything.
//!
//! # Bounds
//! Two switches that stay are [`AgentConfig::switch_gap`] apart at least, and for a device that goes
//! back and forth the gap doubles up to [`AgentConfig::switch_gap_max`]; the exception is a device
//! without service, which waits for the plain gap. So in any time `t` there are at most
//! `1 + t / switch_gap` of them. After an episode in which nothing worked, or nothing had to be done,
//! the next one waits for [`AgentConfig::pause`], which doubles up to [`AgentConfig::pause_max`]; an
//! episode enables at most [`ListEntry::LIST_MAX`](crate::wire::ListEntry::LIST_MAX) profiles, and the
//! one before each of them again.

mod assistant;
mod channel;
mod contract;
mod episode;
mod fetch;
mod gather;
mod machine;
mod memory;
mod switch;
#[cfg(test)]
mod tests;
mod watch;

pub use assistant::Assistant;
pub use contract::{
    AgentConfig, AgentEvent, AgentInput, AgentOutput, AgentTimer, Bearer, Bearers, Identity,
    ListSource, Preset, Reason, Retry, Room,
};
pub use machine::Agent;
pub use memory::AgentRecord;
