//! The management platform: it says which operators suit where a device is, and has them make
//! profiles for it.

mod contract;

pub use contract::{
    AdvisorConfig, AdvisorEvent, AdvisorInput, AdvisorOutput, AdvisorTimer, CallNumber, DeviceRow,
    Entitlement, Operator, Path, Region, Tariff,
};
