//! eSIMs that switch operators by themselves (system 4): an agent on the device, and the management
//! platform that advises it.
//!
//! [`agent::Agent`] looks where the device is. Where it roams or finds no service, it asks the
//! [`advisor::Advisor`] for the operators that suit there, enables the profile of the first one,
//! downloading it where it is not on the eUICC, and sees that the device attaches. Where it does
//! not, the agent goes back to the original profile and tries the next. Back home, the original
//! profile is enabled again.
//!
//! The two meet by the messages of [`wire`] only, in authenticated frames which may be lost, doubled,
//! late or overtaken. What matters is said again until it is answered by number, and saying it again
//! changes nothing.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod advisor;
pub mod agent;
mod keys;
mod network;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod wire;

pub use keys::{DeviceKey, MasterKey};
pub use network::{Level, Location, Registration, VisibleNetwork};
