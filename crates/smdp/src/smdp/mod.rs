//! The SM-DP+.

mod contract;
mod record;

pub use contract::{
    OutboxId, ProfileMetadata, ProfileType, Range, RequestId, SmdpConfig, SmdpInput, SmdpOutput,
    SmdpTimer, Stock,
};
pub use record::{Bound, ProfileState, SmdpRecord, Terminated};
