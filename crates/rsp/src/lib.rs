//! Remote SIM provisioning: the data objects of SGP.22 and SGP.32, certificates and their rules,
//! bound profile packages, and the profile elements in them.
//!
//! Nothing here does I/O or reads a clock. Randomness is handed in as [`crypto::Randomness`], and
//! what was signed is kept as the octets that were received ([`data::Raw`]).
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod activation;
pub mod bsp;
pub mod crypto;
pub mod data;
pub mod es12;
pub mod es2;
pub mod es9;
pub mod ipa;
mod json;
pub mod pki;
pub mod saip;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
