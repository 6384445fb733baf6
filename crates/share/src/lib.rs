//! One virtual SIM shared by several devices, of which one is active (system 1).
//!
//! A [`master::Master`] has the subscription and lends it to one [`slave::Slave`] at a time, or uses
//! it itself. They meet by the messages of [`wire`] only, over links.
//!
//! # What a link is
//! A link is up in sessions. What was sent in a session is heard in that session or never; within it,
//! messages may be lost, doubled, late or overtaken. When one end is told that a session is down, the
//! other is told at most [`Timing::supervision`] later, and hears nothing of that session after that.
//! Each end is told that the old session is down before it is told of a new one.
//! [`link::Link`] makes such a link of any stream of octets: authenticated, enciphered, and supervised.
//!
//! # Why one subscription is never on the network twice
//! The master grants a lease, and writes it down, before it says the word that activates a slave. It
//! grants the next one when the holder has confirmed that it has left the network, or when the link to
//! it has been down for so long that it must have left: the slave leaves within its own timer after it
//! was told that the link is down, and the master waits for supervision, timer and the margin of both
//! clocks.
//!
//! That a slave says it holds nothing confirms the same, unless the words that offered the lease may
//! still be on their way to it: they were said in this session, and it does not know that lease yet.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod link;
pub mod master;
#[cfg(test)]
mod model_tests;
mod peer;
pub mod sap;
mod sim;
pub mod slave;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod timing;
pub mod wire;

pub use peer::{DeviceName, InvalidDeviceName, PeerKey};
pub use polysim_lease::Epoch;
pub use sim::{InvalidSim, LockKey, SetDigest, StorageKey, VirtualSim};
pub use timing::{InvalidTiming, Timing};
