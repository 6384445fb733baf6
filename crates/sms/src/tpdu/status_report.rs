//! SMS-STATUS-REPORT (TS 23.040, 9.2.2.3).

use alloc::vec::Vec;

use super::{
    LOOP_PREVENTION, NO_MORE_MESSAGES, STATUS_REPORT, TPDU_OCTETS_MAX, UDHI, flag,
    parameters::Indicator, parameters::Parameters,
};
use crate::{
    address::Address, error::TpduError, reader::Reader, status::Status, time::Timestamp,
    user_data::UserDataError,
};

const MESSAGE_TYPE: u8 = 0b10;

/// What became of an earlier SUBMIT or COMMAND.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct StatusReport {
    /// More messages wait in the service centre (TP-MMS, which is inverted on the wire).
    pub more_messages: bool,
    /// Forwarded or spawned: no more forwarding, no reports (TP-LP).
    pub loop_prevention: bool,
    /// The report answers a COMMAND, not a SUBMIT (TP-SRQ).
    pub for_command: bool,
    /// TP-MR of the message it is about.
    pub reference: u8,
    recipient: Address,
    /// TP-SCTS of the message it is about.
    pub timestamp: Timestamp,
    /// TP-DT: when it was delivered, or last tried.
    pub discharge: Timestamp,
    /// TP-ST.
    pub status: Status,
    parameters: Parameters,
}

impl StatusReport {
    /// Returns a report on a SUBMIT, without optional fields.
    #[must_use]
    pub const fn new(
        reference: u8,
        recipient: Address,
        timestamp: Timestamp,
        discharge: Timestamp,
        status: Status,
    ) -> Self {
        Self {
            more_messages: false,
            loop_prevention: false,
            for_command: false,
            reference,
            recipient,
            timestamp,
            discharge,
            status,
            parameters: Parameters::NONE,
        }
    }

    /// Sets the optional fields.
    ///
    /// # Errors
    /// [`UserDataError::TooLong`] when the report would be longer than a TPDU; 131 octets of user
    /// data fit beside any recipient.
    pub fn with_parameters(mut self, parameters: Parameters) -> Result<Self, UserDataError> {
        self.parameters = parameters;
        let mut octets = Vec::with_capacity(TPDU_OCTETS_MAX);
        self.encode(&mut octets);
        match octets.len() {
            0..=TPDU_OCTETS_MAX => Ok(self),
            length => Err(UserDataError::TooLong { length, limit: TPDU_OCTETS_MAX }),
        }
    }

    /// Returns TP-RA: the destination of the message it is about.
    #[must_use]
    pub const fn recipient(&self) -> &Address {
        &self.recipient
    }

    /// Returns the optional fields.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(super) fn read(first: u8, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let reference = reader.octet("TP-MR")?;
        let recipient = Address::parse("TP-RA", reader)?;
        let timestamp = Timestamp::from_octets(reader.array("TP-SCTS")?);
        let discharge = Timestamp::from_octets(reader.array("TP-DT")?);
        let status = Status(reader.octet("TP-ST")?);
        // The indicator may be left out where nothing follows it; fillers of a record are nothing.
        let parameters = if reader.left().iter().all(|octet| *octet == 0xFF) {
            Parameters::NONE
        } else {
            Indicator::read(reader)?.read_fields(first & UDHI != 0, reader)?
        };
        Ok(Self {
            more_messages: first & NO_MORE_MESSAGES == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            for_command: first & STATUS_REPORT != 0,
            reference,
            recipient,
            timestamp,
            discharge,
            status,
            parameters,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(
            MESSAGE_TYPE
                | flag(!self.more_messages, NO_MORE_MESSAGES)
                | flag(self.loop_prevention, LOOP_PREVENTION)
                | flag(self.for_command, STATUS_REPORT)
                | flag(self.parameters.has_header(), UDHI),
        );
        out.push(self.reference);
        self.recipient.encode(out);
        out.extend_from_slice(&self.timestamp.octets());
        out.extend_from_slice(&self.discharge.octets());
        out.push(self.status.0);
        if !self.parameters.is_empty() {
            out.push(self.parameters.indicator());
            self.parameters.encode(out);
        }
    }
}
