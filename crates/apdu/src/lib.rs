//! APDUs of ISO 7816-4 and TS 102.221: commands, status words, FCP, ATR, contents of EFs.
//!
//! Both sides of the card interface meet here. A terminal builds a [`Command`], [`T0Host`] turns
//! it into TPDUs; on the card [`T0Card`] turns them back, [`Command::decode`] says what is asked
//! or, as its error, the [`Status`] to answer with.
//!
//! ```
//! use polysim_apdu::{
//!     BinaryAddress, Channel, Command, CommandApdu, Instruction, Le, Status, T0Card, T0Host,
//! };
//! let read = Command::read_binary(Channel::BASIC, BinaryAddress::START, Le::ANY);
//! let mut apdu = Vec::new();
//! read.emit(&mut apdu).unwrap();
//! let mut host = T0Host::new(&CommandApdu::parse(&apdu).unwrap()).unwrap();
//!
//! let (mut card, mut reply) = (T0Card::default(), Vec::new());
//! let response = loop {
//!     if let Some(apdu) = card.receive(host.tpdu(), &mut reply) {
//!         let status = match Command::decode(&apdu).map(|command| command.instruction) {
//!             Ok(Instruction::ReadBinary { .. }) => {
//!                 reply.extend([0x64, 0x65]); // the file holds "de"
//!                 Status::Success
//!             }
//!             Ok(_) => Status::InsNotSupported,
//!             Err(status) => status,
//!         };
//!         card.answer(&apdu, status, &mut reply);
//!     }
//!     if let Some(response) = host.handle(&reply).unwrap() {
//!         break response; // after `6C02` the host has asked again, for two bytes
//!     }
//! };
//! assert_eq!((response.data, response.status), (b"de".to_vec(), Status::Success));
//! ```
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod access;
mod alpha;
mod apdu;
mod atr;
mod authenticate;
mod class;
mod command;
pub mod contact;
pub mod ef;
mod fcp;
mod ins;
mod secret;
mod signal;
mod sim_response;
mod status;
mod t0;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod traces;

pub use access::{
    AccessError, AccessMode, AccessRule, AccessRules, CONDITION_DEPTH_MAX, Condition, Operation,
    PIN_USAGE,
};
pub use alpha::{AlphaCoding, AlphaError, decode_alpha, encode_alpha, encode_alpha_as};
pub use apdu::{
    ApduError, Case, CommandApdu, DATA_LEN_MAX, Header, Le, RESPONSE_LEN_MAX, Response,
    ResponseApdu,
};
pub use atr::{ATR_LEN_MAX, Atr, AtrError, HISTORICAL_LEN_MAX, Interface};
pub use authenticate::{AuthenticateError, AuthenticateReply, GsmReply};
pub use class::{Channel, Class, Family, SecureMessaging};
pub use command::{
    Authentication, BinaryAddress, Block, Command, FileId, FileRef, FileTarget, Instruction,
    KeyRef, Occurrence, Offset, PIN_LEN, Path, Pin, RecordRef, Search, SearchFrom, SearchWithin,
    Select, SelectReply, SelectTarget, Session, Sfi, StatusIndication, StatusReply, Suspension,
};
pub use fcp::{
    Fcp, FcpError, FileDescriptor, FileStructure, LifeCycle, PIN_STATES_MAX, PinState, PinStatus,
    Proprietary, Records, Security, ShortId,
};
pub use ins::{Direction, Ins};
pub use secret::{ApduSecrets, SecretFree};
pub use signal::{CardReply, CardSignal};
pub use sim_response::{ChvState, SimDf, SimEf, SimResponse, SimResponseError, SimStructure};
pub use status::{OtherStatus, Outcome, Status};
pub use t0::{T0Card, T0Error, T0Exchange, T0Host};
