//! The business platform: where a customer orders, with numbers of a pool.
//!
//! [`Business`] asks the card-writing platform with requests that it repeats until they are answered
//! for good: an answer that is lost is found by the next repetition, as the platform answers the
//! same again. A request that is taken but not finished is repeated slowly.
//!
//! Its state is the fold over its records. A number is reserved in the record that begins a write,
//! and committed to a card or released in the record that ends it; so it is in one place always.
//! A result that a crash has kept from being told is told again when the batch is ordered again.

mod apply;
mod batch;
mod contract;
mod decide;
mod machine;
mod pool;
mod record;
mod request;
#[cfg(test)]
mod tests;

pub use contract::{
    BatchId, BindingResult, BusinessConfig, BusinessInput, BusinessOutput, CustomerOrder,
    DeviceResult, Job, NotTaken, Pooled,
};
pub use machine::{BATCH_DEVICES_MAX, Business, DEVICES_MAX, READ_MAX};
pub use pool::PoolTally;
pub use record::{BusinessRecord, BusinessTimer};
