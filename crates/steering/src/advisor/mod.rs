//! The management platform: it says which operators suit where a device is, and has them make
//! profiles for it.
//!
//! [`Advisor`] is a fold over its records: what it has answered is in them, and so is each counter
//! before a frame leaves under it. Configuration is not.
//!
//! A download goes: checks, each refusal with its reason; the order at the operator's SM-DP+, its
//! confirmation, both called again until they are answered, under names by which the SM-DP+ knows
//! them again; the matching identifier for the device, however often it asks; the device's report,
//! with which the order is over. What is not installed for long is taken back.

mod contract;
mod list;
mod machine;
mod order;
mod state;
#[cfg(test)]
mod tests;

pub use contract::{
    AdvisorConfig, AdvisorEvent, AdvisorInput, AdvisorOutput, AdvisorTimer, CallNumber, DeviceRow,
    Entitlement, Operator, Path, Region, Tariff,
};
pub use machine::Advisor;
pub use state::AdvisorRecord;
