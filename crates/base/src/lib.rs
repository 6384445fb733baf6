//! The vocabulary of polysim: identifiers, time, seeded streams, BCD, TLV, machines.
//!
//! Everything that decides in polysim is a [`Machine`]: it gets inputs and the time, and gives
//! outputs and its next deadline. A runner drives it with one loop:
//!
//! ```
//! use polysim_base::{Instant, Machine, Out, Queue};
//! # use core::convert::Infallible;
//! # struct Echo(Queue<Out<Infallible, u8>>);
//! # impl Machine for Echo {
//! #     type Input = u8; type Output = u8; type Record = Infallible; type Timer = ();
//! #     fn handle(&mut self, _: Instant, byte: u8) { self.0.push(Out::Do(byte)); }
//! #     fn handle_timeout(&mut self, _: Instant) {}
//! #     fn poll_output(&mut self) -> Option<Out<Infallible, u8>> { self.0.pop() }
//! #     fn poll_timeout(&self) -> Option<(Instant, ())> { None }
//! #     fn restore(&mut self, record: Infallible) { match record {} }
//! # }
//! # let mut machine = Echo(Queue::new());
//! machine.handle(Instant::ZERO, 7);
//! while let Some(out) = machine.poll_output() {
//!     match out {
//!         Out::Record(record) => match record {}, // sync it before any later `Do`
//!         Out::Do(byte) => assert_eq!(byte, 7),
//!     }
//! }
//! assert_eq!(machine.poll_timeout(), None); // only meaningful once the outputs are drained
//! ```
#![no_std]
extern crate alloc;
#[cfg(any(test, feature = "testkit"))]
extern crate std;

pub mod bcd;
mod digits;
pub mod gsm;
mod hex;
mod id;
mod machine;
mod octets;
pub mod procedure;
mod queue;
mod randomness;
mod stream;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod time;
pub mod tlv;
mod written;

pub use digits::{Digits, InvalidDigits};
pub use hex::{Hex, InvalidHex, parse_hex};
pub use id::{
    Eid, Iccid, Imei, Imeisv, Imsi, InvalidEid, InvalidIccid, InvalidImei, InvalidImsi,
    InvalidMsisdn, InvalidPlmn, Msisdn, Plmn,
};
pub use machine::{Machine, Out};
pub use octets::{InvalidOctets, OctetReader};
pub use queue::Queue;
pub use randomness::{LiveSource, Mode, Origin, OriginRefused, Randomness};
pub use stream::{Purpose, Stream};
pub use time::{Duration, Instant};
