//! Transfer protocol data units (TS 23.040, 9.2.2).

mod command;
mod deliver;
mod parameters;
mod reports;
mod status_report;
mod submit;

use alloc::vec::Vec;

pub use command::{Command, CommandType};
pub use deliver::Deliver;
pub use parameters::Parameters;
pub use reports::{DeliverReport, SubmitReport};
pub use status_report::StatusReport;
pub use submit::Submit;

use crate::{
    error::{TpduError, TpduErrorKind},
    reader::Reader,
};

/// The most octets a TPDU has (TS 23.040, 9.2.2): what one RP-DATA carries.
pub const TPDU_OCTETS_MAX: usize = 164;

/// TP-User-Data-Header-Indicator, the same bit of every first octet.
const UDHI: u8 = 0x40;
/// TP-Reply-Path.
const REPLY_PATH: u8 = 0x80;
/// TP-Status-Report-Request, -Indication and -Qualifier share a bit.
const STATUS_REPORT: u8 = 0x20;
/// TP-More-Messages-to-Send says no.
const NO_MORE_MESSAGES: u8 = 0x04;
/// TP-Loop-Prevention.
const LOOP_PREVENTION: u8 = 0x08;

/// The RP message that carries a TPDU: it tells reports from the rest, and one kind of report
/// from the other (TS 24.011, 7.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Rp {
    /// RP-DATA: DELIVER, STATUS-REPORT, SUBMIT, COMMAND.
    Data,
    /// RP-ACK: a report of success.
    Ack,
    /// RP-ERROR: a report of failure, with its cause.
    Error,
}

/// A TPDU from the service centre to the mobile.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MobileTerminated {
    /// SMS-DELIVER.
    Deliver(Deliver),
    /// SMS-STATUS-REPORT.
    StatusReport(StatusReport),
    /// SMS-SUBMIT-REPORT.
    SubmitReport(SubmitReport),
}

/// A TPDU from the mobile to the service centre.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MobileOriginated {
    /// SMS-SUBMIT.
    Submit(Submit),
    /// SMS-COMMAND.
    Command(Command),
    /// SMS-DELIVER-REPORT.
    DeliverReport(DeliverReport),
}

/// A TPDU of one direction: [`MobileTerminated`] or [`MobileOriginated`].
pub trait Tpdu: Sized + sealed::Sealed {
    /// Reads a TPDU that fills `octets`.
    ///
    /// # Errors
    /// [`TpduError`] says what is wrong and where.
    fn parse(octets: &[u8], rp: Rp) -> Result<Self, TpduError> {
        let (tpdu, length) = Self::parse_prefix(octets, rp)?;
        match octets.len().saturating_sub(length) {
            0 => Ok(tpdu),
            count => Err(TpduError::new(length, TpduErrorKind::Trailing { count })),
        }
    }

    /// Reads a TPDU that `octets` begin with; returns it and how many octets it has.
    ///
    /// # Errors
    /// [`TpduError`] says what is wrong and where.
    fn parse_prefix(octets: &[u8], rp: Rp) -> Result<(Self, usize), TpduError>;

    /// Appends the octets of the TPDU: at most [`TPDU_OCTETS_MAX`].
    fn encode(&self, out: &mut Vec<u8>);

    /// Returns the octets of the TPDU.
    #[must_use]
    fn to_octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(TPDU_OCTETS_MAX);
        self.encode(&mut out);
        out
    }
}

mod sealed {
    /// Keeps the trait to the two directions.
    #[expect(unnameable_types, reason = "that it cannot be named is what seals the trait")]
    pub trait Sealed {}
    impl Sealed for super::MobileTerminated {}
    impl Sealed for super::MobileOriginated {}
}

impl Tpdu for MobileTerminated {
    fn parse_prefix(octets: &[u8], rp: Rp) -> Result<(Self, usize), TpduError> {
        within_limit(octets, |first, reader| {
            match (first & 0b11, rp) {
                // A mobile takes the reserved type for a DELIVER (TS 23.040, 9.2.3.1).
                (0b00 | 0b11, Rp::Data) => Deliver::read(first, reader).map(Self::Deliver),
                (0b10, Rp::Data) => StatusReport::read(first, reader).map(Self::StatusReport),
                (0b01, Rp::Ack | Rp::Error) => {
                    SubmitReport::read(first, rp, reader).map(Self::SubmitReport)
                }
                (found, _) => Err(TpduError::new(0, TpduErrorKind::MessageType { found })),
            }
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Deliver(deliver) => deliver.encode(out),
            Self::StatusReport(report) => report.encode(out),
            Self::SubmitReport(report) => report.encode(out),
        }
    }
}

impl Tpdu for MobileOriginated {
    fn parse_prefix(octets: &[u8], rp: Rp) -> Result<(Self, usize), TpduError> {
        within_limit(octets, |first, reader| match (first & 0b11, rp) {
            (0b01, Rp::Data) => Submit::read(first, reader).map(Self::Submit),
            (0b10, Rp::Data) => Command::read(first, reader).map(Self::Command),
            (0b00, Rp::Ack | Rp::Error) => {
                DeliverReport::read(first, rp, reader).map(Self::DeliverReport)
            }
            (found, _) => Err(TpduError::new(0, TpduErrorKind::MessageType { found })),
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Submit(submit) => submit.encode(out),
            Self::Command(command) => command.encode(out),
            Self::DeliverReport(report) => report.encode(out),
        }
    }
}

/// Reads the first octet and what it announces; refuses what is longer than a TPDU can be.
fn within_limit<T>(
    octets: &[u8],
    read: impl FnOnce(u8, &mut Reader<'_>) -> Result<T, TpduError>,
) -> Result<(T, usize), TpduError> {
    let mut reader = Reader::new(octets);
    let first = reader.octet("first octet")?;
    let tpdu = read(first, &mut reader)?;
    let (octets, limit) = (reader.at(), TPDU_OCTETS_MAX);
    if octets > limit {
        return Err(TpduError::new(limit, TpduErrorKind::TooLong { octets, limit }));
    }
    Ok((tpdu, octets))
}

const fn flag(set: bool, bit: u8) -> u8 {
    if set { bit } else { 0 }
}
