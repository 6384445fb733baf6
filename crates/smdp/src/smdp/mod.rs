//! The SM-DP+: inventory, orders of operators (ES2+), downloads (ES9+), and what became of them.
//!
//! [`Smdp`] is a fold over its records. Sessions before a package is handed out are in memory alone:
//! after a crash the device begins again. From then on the record knows which profile went to which
//! eUICC, so no profile ever goes to a second one, and the eUICC's word on the installation is
//! understood whenever it comes.
//!
//! What an operator or an SM-DS must hear waits in an outbox until it is taken. Each entry has a
//! number that every repetition carries.

mod cancel;
mod contract;
mod download;
mod machine;
mod notify;
mod orders;
mod outbox;
mod package;
mod record;
mod state;
mod stock;
#[cfg(test)]
mod tests;

pub use contract::{
    OutboxId, ProfileMetadata, ProfileType, Range, RequestId, SmdpConfig, SmdpInput, SmdpOutput,
    SmdpTimer, Stock,
};
pub use machine::Smdp;
pub use record::{Bound, Change, Managed, ProfileState, SmdpRecord, Terminated, Terms};

/// So many packages are handed out for one order: one more try ends it.
pub const ATTEMPTS_MAX: usize = 5;
/// So many wrong confirmation codes end an order.
pub const CODES_MAX: u8 = 3;
