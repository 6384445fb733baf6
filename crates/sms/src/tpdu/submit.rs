//! SMS-SUBMIT (TS 23.040, 9.2.2.2).

use alloc::vec::Vec;

use super::{REPLY_PATH, STATUS_REPORT, UDHI, flag};
use crate::{
    address::Address, coding::DataCoding, error::TpduError, protocol::ProtocolId, reader::Reader,
    user_data::UserData, validity::ValidityPeriod,
};

const MESSAGE_TYPE: u8 = 0b01;
const REJECT_DUPLICATES: u8 = 0x04;

/// A message on its way from a mobile.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Submit {
    /// The service centre shall refuse a second one with the same reference and destination
    /// (TP-RD).
    pub reject_duplicates: bool,
    /// A reply may go through the same service centre (TP-RP).
    pub reply_path: bool,
    /// A status report is wanted (TP-SRR).
    pub status_report_request: bool,
    /// TP-MR.
    pub reference: u8,
    /// TP-DA.
    pub destination: Address,
    /// TP-PID.
    pub protocol: ProtocolId,
    /// TP-VP with its format.
    pub validity: ValidityPeriod,
    /// TP-UD with TP-DCS.
    pub user_data: UserData,
}

impl Submit {
    /// Returns a plain message: no flag set, reference 0, no validity period.
    #[must_use]
    pub const fn new(destination: Address, user_data: UserData) -> Self {
        Self {
            reject_duplicates: false,
            reply_path: false,
            status_report_request: false,
            reference: 0,
            destination,
            protocol: ProtocolId::DEFAULT,
            validity: ValidityPeriod::Absent,
            user_data,
        }
    }

    /// Sets the reference.
    #[must_use]
    pub const fn with_reference(mut self, reference: u8) -> Self {
        self.reference = reference;
        self
    }

    /// Sets the validity period.
    #[must_use]
    pub const fn with_validity(mut self, validity: ValidityPeriod) -> Self {
        self.validity = validity;
        self
    }

    /// Sets the protocol identifier.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: ProtocolId) -> Self {
        self.protocol = protocol;
        self
    }

    /// Asks for a status report.
    #[must_use]
    pub const fn with_status_report(mut self) -> Self {
        self.status_report_request = true;
        self
    }

    pub(super) fn read(first: u8, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let reference = reader.octet("TP-MR")?;
        let destination = Address::parse("TP-DA", reader)?;
        let protocol = ProtocolId(reader.octet("TP-PID")?);
        let coding = DataCoding(reader.octet("TP-DCS")?);
        let validity = ValidityPeriod::parse(first, reader)?;
        let user_data = UserData::parse(reader, coding, first & UDHI != 0)?;
        Ok(Self {
            reject_duplicates: first & REJECT_DUPLICATES != 0,
            reply_path: first & REPLY_PATH != 0,
            status_report_request: first & STATUS_REPORT != 0,
            reference,
            destination,
            protocol,
            validity,
            user_data,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(
            MESSAGE_TYPE
                | flag(self.reject_duplicates, REJECT_DUPLICATES)
                | self.validity.format_bits()
                | flag(self.status_report_request, STATUS_REPORT)
                | flag(self.user_data.has_header(), UDHI)
                | flag(self.reply_path, REPLY_PATH),
        );
        out.push(self.reference);
        self.destination.encode(out);
        out.extend_from_slice(&[self.protocol.0, self.user_data.coding().0]);
        self.validity.encode(out);
        self.user_data.encode(out);
    }
}
