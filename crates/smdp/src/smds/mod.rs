//! The SM-DS.

mod contract;

pub use contract::{SmdsConfig, SmdsInput, SmdsOutput, SmdsTimer};
