//! AT commands and results of TS 27.007, TS 27.005 and V.250, in both directions.
//!
//! One grammar serves the host that drives a modem and the simulated modem that answers it.
//!
//! - [`DeviceReader`] cuts the bytes from the host into command lines; [`parse_line`] turns a
//!   line into typed [`Command`]s.
//! - [`HostReader`] cuts the bytes from the device into lines, results and prompts; [`Urc::parse`]
//!   and the [`Line`] types give the lines their meaning.
//! - [`Command::encode`] and [`Framing`] write both directions.
//!
//! Both readers are incremental and chunk-invariant: however the stream is cut, they give the
//! same items, and no byte is scanned twice. Everything read from the wire is bounded by the
//! constants in this crate, and malformed input is a typed error, never a panic.
//!
//! No text is ever pasted into a command: arguments are typed ([`Text`], [`DialString`],
//! [`HexBytes`], numbers) and refuse every character that could end a line or a string.
//!
//! ```
//! use polysim_at::{Command, DeviceItem, DeviceReader, Form, FinalResult, Framing, HostItem};
//! use polysim_at::{CsqInfo, ErrorReporting, HostReader, Line, parse_line};
//!
//! // Host to device.
//! let mut sent = Vec::new();
//! Command::Csq(Form::Execute).encode(&mut sent);
//! let mut answer = Vec::new();
//! let (mut device, mut input) = (DeviceReader::default(), sent.as_slice());
//! while let Some(item) = device.read(&mut input) {
//!     let DeviceItem::Line(line) = item else { continue };
//!     for command in parse_line(line.text()) {
//!         assert_eq!(command, Ok(Command::Csq(Form::Execute)));
//!     }
//!     let framing = Framing::default();
//!     framing.line(&CsqInfo { rssi: 20, ber: 99 }, &mut answer);
//!     framing.result(FinalResult::Ok, ErrorReporting::Numeric, &mut answer);
//! }
//!
//! // Device to host.
//! let (mut host, mut input) = (HostReader::default(), answer.as_slice());
//! let Some(HostItem::Line(line)) = host.read(&mut input, &sent) else { panic!() };
//! assert_eq!(CsqInfo::parse(line), Ok(CsqInfo { rssi: 20, ber: 99 }));
//! assert_eq!(host.read(&mut input, &sent), Some(HostItem::Result(FinalResult::Ok)));
//! ```
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "testkit"))]
extern crate std;

mod command;
mod family;
mod reader;
mod result;
mod secret;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod urc;
mod wire;

pub use command::*;
pub use family::*;
pub use reader::*;
pub use result::*;
pub use secret::*;
pub use urc::*;
pub use wire::*;
