//! A link over any stream of octets: Noise XX, numeric comparison of unknown devices, supervision.
//!
//! A [`Link`] is one end of one session over one stream: TCP, RFCOMM, a pseudo-terminal. It makes of it
//! what the documentation of the crate calls a link, and what is up in one session.
//!
//! # Octets
//! A frame is its length in two octets, most significant first, and that many octets: a message of
//! `Noise_XX_25519_ChaChaPoly_BLAKE2s`. The second and the third carry the names of the devices,
//! enciphered, and the third whether the initiator knows the responder. An initiator that does not pair
//! says neither key nor name to a responder that it does not know. What follows are packets: messages,
//! pings, and what is said while numbers are compared. Nothing depends on how the stream is split, and
//! an octet that was changed, left out or repeated ends the session.
//!
//! # Pairing
//! Two devices that know each other are up when the responder has heard the third message. If one of
//! them does not know the other, and both [pair](LinkConfig::pairing), six digits are compared. Digits of
//! the handshake's hash would not do: who is between two devices could make a million handshakes until
//! the digits at both are equal. So the number depends on a nonce of each end as well. The responder
//! commits to its own before it hears the other (SHA-256 over the handshake's hash and the nonce), and
//! the initiator says its own before it hears the other. Whoever is in between has to decide about both
//! nonces of his own before he can know either number: he has one guess in a million, and both users see
//! it fail. The session is up when both have said that the numbers are equal.
//!
//! # When one end is down, the other is down within the supervision time
//! Each end sends pings, stamped with its own clock, and the other says the stamps back. An end goes on
//! until its own clock shows the stamp of the newest ping that was said back, and
//! [`Margin::hold`](polysim_lease::Margin::hold) of [the supervision time](LinkConfig::supervision) more.
//! Then its session is down, whatever is still under way.
//!
//! Say A is down at a true time `t`, for any reason. A says nothing after that. So whatever stamp A ever
//! said back it had heard before `t`, and B had taken it before `t`. From there B's clock goes on for the
//! supervision time, less what that clock may be wrong by over that time, and less the fixed part of the
//! margin, within which B's machine is woken. So B is down by `t` and the supervision time. How long
//! octets were under way, which way they were lost, and what A's clock shows do not occur in that.
//!
//! The handshake is the first ping: an answer to it contains, under a key that only the other end can
//! have made, a hash over what it answers. So an end that comes up counts from when it sent its last
//! message of the handshake. What comes too late is not heard, also where the machine is woken too late:
//! it looks at the clock first.
//!
//! Runners take a clock that goes on while the device sleeps and is never set back.

mod comparison;
mod config;
mod frame;
mod greeting;
mod identity;
mod machine;
mod message;
mod noise;
mod outputs;
mod packet;
mod session;
mod supervision;

pub use config::{InvalidLink, LinkConfig, Role};
pub use identity::Identity;
pub use machine::Link;
pub use message::{ComparisonNumber, LinkEnd, LinkEvent, LinkInput, LinkOutput, LinkTimer};

use polysim_base::Duration;

/// Octets of one message, at most.
pub const MESSAGE_LEN_MAX: usize = 16_384;

/// From the start of a link to its first sign of life after the handshake, at most.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// From the end of the handshake until both users have confirmed the numbers, at most.
pub const COMPARISON_MAX: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests;
