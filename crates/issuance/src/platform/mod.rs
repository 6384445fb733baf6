//! The card-writing platform.

mod contract;

pub use contract::{
    Alarm, CardState, Fate, PlatformConfig, PlatformInput, PlatformOutput, Policy, Retry,
    StreamEvent,
};
