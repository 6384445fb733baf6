//! Cards opened over the air (system 3): an applet on the card binds it to the device that it is
//! in, a card-writing platform writes a subscription into it, and a business platform orders that
//! with numbers of its pool.
//!
//! The three machines meet by the messages of [`wire`] only. The applet speaks to the platform in
//! secured packets (TS 102.225) within short messages, or over a channel of the bearer independent
//! protocol; either may be lost, doubled or late. What is acknowledged was recorded; no counter is
//! used twice.
//!
//! The platform's record of a card is old, new or pending: pending from the order on until the new
//! subscription has taken effect, which its attach shows, or the applet's word under it.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod applet;
pub mod business;
mod files;
pub mod keys;
pub mod on_site;
pub mod platform;
mod subscription;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod wire;

pub use files::{Generation, ScriptBase};
pub use subscription::{
    FileSizes, FileWrite, KeyChoice, KeyIndex, Place, Subscription, SubscriptionKey,
};
