//! What tests of servers need: an eUICC in software that says what a real one would, and a
//! laboratory that certifies everybody.
#![expect(clippy::expect_used, reason = "tests end where something is not as it must be")]

mod euicc;
mod lab;

pub use euicc::SoftEuicc;
pub use lab::{ADDRESS, CODE, EPOCH, Lab, MATCHING_ID, OID, OPERATOR, PROFILE_TYPE, SMDS};
