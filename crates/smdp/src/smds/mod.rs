//! The SM-DS: it tells a device which server has something for it.

mod contract;
mod machine;
mod state;
#[cfg(test)]
mod tests;

pub use contract::{SmdsConfig, SmdsInput, SmdsOutput, SmdsTimer};
pub use machine::Smds;
pub use state::{EventKey, SmdsChange, SmdsRecord};

/// Most events that wait for one eUICC.
pub const EVENTS_PER_EID_MAX: usize = 64;
/// Most events in all.
pub const EVENTS_MAX: usize = 4_000_000;
