//! SMS-DELIVER-REPORT and SMS-SUBMIT-REPORT (TS 23.040, 9.2.2.1a and 9.2.2.2a).

use alloc::vec::Vec;

use super::{Rp, UDHI, flag, parameters::Indicator, parameters::Parameters};
use crate::{error::TpduError, reader::Reader, status::FailureCause, time::Timestamp};

const SUBMIT_REPORT: u8 = 0b01;

/// What a mobile answers to a DELIVER or STATUS-REPORT.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct DeliverReport {
    /// TP-FCS: there in an RP-ERROR, not in an RP-ACK.
    pub failure: Option<FailureCause>,
    /// The optional fields.
    pub parameters: Parameters,
}

/// What the service centre answers to a SUBMIT or COMMAND.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SubmitReport {
    /// TP-FCS: there in an RP-ERROR, not in an RP-ACK.
    pub failure: Option<FailureCause>,
    /// TP-SCTS: when the service centre took or refused the message.
    pub timestamp: Timestamp,
    /// The optional fields.
    pub parameters: Parameters,
}

impl DeliverReport {
    /// Returns the RP message that carries the report.
    #[must_use]
    pub const fn rp(&self) -> Rp {
        rp(self.failure)
    }

    pub(super) fn read(first: u8, rp: Rp, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let failure = read_failure(rp, reader)?;
        let parameters = Indicator::read(reader)?.read_fields(first & UDHI != 0, reader)?;
        Ok(Self { failure, parameters })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(flag(self.parameters.has_header(), UDHI));
        out.extend(self.failure.map(|cause| cause.0));
        out.push(self.parameters.indicator());
        self.parameters.encode(out);
    }
}

impl SubmitReport {
    /// Returns a report of success, without optional fields.
    #[must_use]
    pub const fn success(timestamp: Timestamp) -> Self {
        Self { failure: None, timestamp, parameters: Parameters::NONE }
    }

    /// Returns a report of failure, without optional fields.
    #[must_use]
    pub const fn failure(cause: FailureCause, timestamp: Timestamp) -> Self {
        Self { failure: Some(cause), timestamp, parameters: Parameters::NONE }
    }

    /// Returns the RP message that carries the report.
    #[must_use]
    pub const fn rp(&self) -> Rp {
        rp(self.failure)
    }

    pub(super) fn read(first: u8, rp: Rp, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let failure = read_failure(rp, reader)?;
        let indicator = Indicator::read(reader)?;
        let timestamp = Timestamp::from_octets(reader.array("TP-SCTS")?);
        let parameters = indicator.read_fields(first & UDHI != 0, reader)?;
        Ok(Self { failure, timestamp, parameters })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(SUBMIT_REPORT | flag(self.parameters.has_header(), UDHI));
        out.extend(self.failure.map(|cause| cause.0));
        out.push(self.parameters.indicator());
        out.extend_from_slice(&self.timestamp.octets());
        self.parameters.encode(out);
    }
}

const fn rp(failure: Option<FailureCause>) -> Rp {
    match failure {
        None => Rp::Ack,
        Some(_) => Rp::Error,
    }
}

fn read_failure(rp: Rp, reader: &mut Reader<'_>) -> Result<Option<FailureCause>, TpduError> {
    match rp {
        Rp::Error => reader.octet("TP-FCS").map(|cause| Some(FailureCause(cause))),
        Rp::Ack | Rp::Data => Ok(None),
    }
}
