//! Short messages: TPDUs of TS 23.040 and alphabets of TS 23.038.
//!
//! Octets become values by [`Tpdu::parse`], which refuses what the standard refuses and says
//! where; values become octets by [`Tpdu::encode`], which cannot fail, since a value can only
//! hold what a TPDU can say. The direction is known to whoever holds the octets, and so is the RP
//! message they came in:
//!
//! ```
//! use polysim_sms::{Address, AtPdu, MobileOriginated, Rp, Submit, UserData};
//!
//! let submit = Submit::new(Address::parse_dialled("+491701234567")?, UserData::from_text("hello")?);
//! let pdu = AtPdu::new(MobileOriginated::Submit(submit));
//! let mut line = Vec::new();
//! let tpdu_octets = pdu.write_hex(&mut line);
//! assert_eq!(line, b"0001000C91947110325476000005E8329BFD06");
//! assert_eq!(AtPdu::parse_hex(&line, Some(tpdu_octets), Rp::Data), Ok(pdu));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Long texts are split by [`segment`] and joined by a [`Reassembler`], which gets the time
//! handed in.
#![no_std]
extern crate alloc;
#[cfg(any(test, feature = "testkit"))]
extern crate std;

mod address;
mod alphabet;
mod at_pdu;
mod coding;
mod error;
pub mod gsm7;
mod header;
mod protocol;
mod reader;
mod reassembly;
mod segment;
mod status;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
mod time;
mod tpdu;
pub mod ucs2;
mod user_data;
mod validity;

pub use address::{
    ADDRESS_DIGITS_MAX, ADDRESS_SEPTETS_MAX, Address, InvalidAddress, NumberingPlan, ReservedPlan,
    TypeOfNumber,
};
pub use alphabet::{NationalLanguage, Shifts};
pub use at_pdu::AtPdu;
pub use coding::{
    Alphabet, CbsCoding, CbsPreamble, CodingGroup, DataCoding, MessageClass, Waiting, WaitingKind,
};
pub use error::{TpduError, TpduErrorKind, ValidityError};
pub use header::{
    Concatenation, Element, Header, HeaderBuf, HeaderTooLong, Ports, RawElement, Reference,
};
pub use protocol::{Protocol, ProtocolId};
pub use reassembly::{
    Accepted, Incomplete, Limits, Part, Reassembler, ReassemblyError, Refused, Whole,
};
pub use segment::{Encoding, PARTS_MAX, SegmentError, SegmentOptions, segment, segment_octets};
pub use status::{FailureCause, Status, StatusClass};
pub use time::{InvalidTimestamp, Timestamp, ZONE_QUARTERS_MAX};
pub use tpdu::{
    Command, CommandType, Deliver, DeliverReport, MobileOriginated, MobileTerminated, Parameters,
    Rp, StatusReport, Submit, SubmitReport, TPDU_OCTETS_MAX, Tpdu,
};
pub use user_data::{
    TextError, USER_DATA_OCTETS_MAX, USER_DATA_SEPTETS_MAX, UserData, UserDataError,
};
pub use validity::{
    ClockPeriod, EnhancedPeriod, EnhancedValidity, RelativeValidity, ValidityPeriod,
};
