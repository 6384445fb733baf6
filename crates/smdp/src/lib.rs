//! The servers of remote SIM provisioning, as machines.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod door;
mod personal;
mod smdp;
mod smds;

pub use door::{ConfigError, Credentials};
pub use personal::{Personal, Subscription};
pub use smdp::{
    ATTEMPTS_MAX, Bound, CODES_MAX, Change, Managed, OutboxId, ProfileMetadata, ProfileState,
    ProfileType, Range, RequestId, Smdp, SmdpConfig, SmdpInput, SmdpOutput, SmdpRecord, SmdpTimer,
    Stock, Terminated, Terms,
};
pub use smds::{SmdsConfig, SmdsInput, SmdsOutput, SmdsTimer};
