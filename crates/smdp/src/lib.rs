//! The servers of remote SIM provisioning, as machines.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod personal;
mod smdp;
mod smds;

pub use personal::{Personal, Subscription};
pub use smdp::{
    Bound, OutboxId, ProfileMetadata, ProfileState, ProfileType, Range, RequestId, SmdpConfig,
    SmdpInput, SmdpOutput, SmdpRecord, SmdpTimer, Stock, Terminated,
};
pub use smds::{SmdsConfig, SmdsInput, SmdsOutput, SmdsTimer};
