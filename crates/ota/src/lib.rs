//! Secured packets for cards: TS 102.225 over short messages (TS 31.115), and the remote scripts in
//! them (TS 102.226).
//!
//! A [`Sender`] seals commands, each under a counter of its own, and judges the answers. A
//! [`Receiver`] is the card's end: it believes a packet or refuses it, and gives a command out
//! only in exchange for its counter. Both write down a [`CounterUsed`] before anything happens:
//!
//! ```
//! use polysim_ota::{
//!     Algorithm, Answer, Counter, Key, KeySet, KeyVersion, MinimumSecurity, Receiver, Sender, Spi,
//!     StatusCode, Tar,
//! };
//!
//! let kic = Key::new(Algorithm::Aes128, &[0x1C; 16])?;
//! let kid = Key::new(Algorithm::Aes128, &[0x1D; 16])?;
//! let keys = KeySet::new(KeyVersion::new(3).ok_or("a version")?, kic, kid);
//! let mut server = Sender::new(keys.clone(), Counter::ZERO);
//! let mut card = Receiver::new();
//! card.install_keys(keys, Counter::ZERO);
//! card.register(Tar::USIM_FILES, MinimumSecurity::FULL)?;
//!
//! let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, b"script")?;
//! // Keep `sealed.counter_used`, then let `sms::deliver` put the packet into messages.
//!
//! let pending = card.check(&sealed.packet)?;
//! // Keep `pending.counter_used()`, then carry the command out.
//! let command = pending.commit();
//! assert_eq!(command.data(), b"script");
//! let proof = command.prove(StatusCode::Ok, b"answer")?.ok_or("a proof was wanted")?;
//!
//! let Answer::Proof(response) = sealed.expected.judge(&proof.packet)? else { panic!() };
//! assert_eq!((response.status, &response.data[..]), (StatusCode::Ok, &b"answer"[..]));
//! assert!(card.check(&sealed.packet).is_err(), "a replay");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`seal_command`], [`CommandPacket`], [`Response`] and [`ResponsePacket`] are the packets
//! themselves, with any [`Protection`]; `script` has what is in them, `sms` what is around them.
//!
//! Keys are zeroized when dropped and print as `***`; secured data prints as its length, for it
//! may carry keys. Checks are compared in constant time. Nothing here draws randomness: the
//! ciphers of the standard have an initial value of zero, and the counter makes packets differ.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod cipher;
mod command;
mod counter;
mod execution;
mod explain;
mod header;
mod key;
mod packet;
mod protection;
mod receiver;
mod response;
pub mod script;
mod security;
mod sender;
pub mod sms;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;

pub use command::{CommandPacket, OpenedCommand, seal_command};
pub use counter::{Counter, CounterRefusal};
pub use execution::{Command, Proof};
pub use explain::{Explanation, Field, Verdict};
pub use header::{
    AlgorithmCode, CommandHeader, CounterMode, Crc, Integrity, KeyVersion, Kic, Kid, ProofRequest,
    ProofRoute, ProofWanted, ReservedProof, Spi, Tar,
};
pub use key::{Algorithm, Key, KeyError, KeySet, MacLength, SingleDesAccepted};
pub use packet::{OpenError, PACKET_LEN_MAX, PacketError, PacketTooLong};
pub use protection::{KeyUse, Protection, ProtectionError};
pub use receiver::{
    APPLICATIONS_MAX, CounterUsed, Pending, Receiver, Refusal, RefusalReason, TooManyApplications,
};
pub use response::{Response, ResponsePacket, StatusCode};
pub use security::MinimumSecurity;
pub use sender::{Answer, AnswerError, Expected, Sealed, Sender, SenderError};
