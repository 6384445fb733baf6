//! The servers of remote SIM provisioning, as machines.
//!
//! [`Smdp`] is an SM-DP+: inventory, orders of operators (ES2+), downloads (ES9+), and what became of
//! them. [`Smds`] is an SM-DS: it tells a device which server has something for it (ES11, ES12).
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod door;
mod personal;
mod smdp;
mod smds;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;

pub use door::{ConfigError, Credentials};
pub use personal::{Personal, Subscription};
pub use smdp::{
    ATTEMPTS_MAX, Bound, CODES_MAX, Change, Managed, OutboxId, ProfileMetadata, ProfileState,
    ProfileType, Range, RequestId, Smdp, SmdpConfig, SmdpInput, SmdpOutput, SmdpRecord, SmdpTimer,
    Stock, Terminated, Terms,
};
pub use smds::{
    EVENTS_MAX, EVENTS_PER_EID_MAX, EventKey, Smds, SmdsChange, SmdsConfig, SmdsInput, SmdsOutput,
    SmdsRecord, SmdsTimer,
};
