//! The business platform: where a customer orders, with numbers of a pool.

mod contract;

pub use contract::{
    BatchId, BusinessConfig, BusinessInput, BusinessOutput, CustomerOrder, DeviceResult, Job,
    Pooled,
};
