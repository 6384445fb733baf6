//! Calls and texts over a data network, by phone number (system 2).
//!
//! A number is an identity: its holder proves with a text from the carrier that the number is theirs,
//! and is found by it from then on. [`client::Client`] is on the device, beside the ordinary dial and
//! text verbs, and chooses the path; [`server::Server`] keeps who is registered, what waits for whom,
//! and decides on calls. They meet by the messages of [`wire`] only, in sessions: what was sent in a
//! session is heard in that session or never, and may be lost, doubled, late or overtaken. What matters
//! is said again until it is answered by number, and saying it again changes nothing.
//!
//! # Which path a text takes
//! A text is stored before it is accepted, and goes to each device of its recipient once, in the order
//! in which its sender's device has sent. It goes to the carrier only after the stored copy was
//! withdrawn, or where the server surely never had it; so it goes one way and never both.
//!
//! # When a call goes over data
//! When the caller's measured rate reaches the first threshold and the callee's the second one, at the
//! instant of the decision, which is recorded with the numbers that it used. Otherwise the user is
//! offered the carrier, or to quit. The callee's rate is that of its primary device where that is
//! connected, else that of the connected linked device with the highest one.
//!
//! It rings at each connected device of the callee that is fast enough and in no call; one answer wins,
//! and who refuses refuses for all. Whoever is in a call says so at intervals, to which the server
//! answers how the call is; silence is the one sign by which any of the three knows that another one
//! is lost. Then the caller, and only the caller, is offered the carrier again.
#![no_std]
extern crate alloc;
#[cfg(any(test, feature = "testkit"))]
extern crate std;

pub mod client;
mod code;
mod contact;
#[cfg(test)]
mod histories;
mod id;
mod rate;
mod seal;
pub mod server;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
pub mod wire;

pub use code::{Code, InvalidCode};
pub use contact::{ContactKey, ContactMode, MarkVersion, Salt};
use id::CallKey;
pub use id::{
    CallNumber, CardMark, DeviceId, DeviceKey, DeviceName, InvalidDeviceName, Invitation,
    ListVersion, MessageId, Registration, RequestId, TenantId, Token,
};
pub use rate::Rate;
pub use seal::{DeviceSecret, TEXT_OCTETS_MAX};
