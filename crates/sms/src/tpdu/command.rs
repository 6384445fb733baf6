//! SMS-COMMAND (TS 23.040, 9.2.2.4).

use alloc::{boxed::Box, vec::Vec};

use super::{STATUS_REPORT, TPDU_OCTETS_MAX, UDHI, flag};
use crate::{
    address::Address,
    error::{TpduError, TpduErrorKind},
    header::{Header, HeaderBuf},
    protocol::ProtocolId,
    reader::Reader,
    user_data::{UserDataError, check_header},
};

const MESSAGE_TYPE: u8 = 0b10;
/// The most octets of TP-Command-Data (TS 23.040, 9.2.2.4).
pub(super) const COMMAND_DATA_OCTETS_MAX: usize = 157;

/// TP-Command-Type (TS 23.040, 9.2.3.19): any octet is one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CommandType(pub u8);

impl CommandType {
    /// What became of an earlier message?
    pub const ENQUIRY: Self = Self(0x00);
    /// No status report after all.
    pub const CANCEL_REPORT: Self = Self(0x01);
    /// Delete an earlier message.
    pub const DELETE: Self = Self(0x02);
    /// A status report after all.
    pub const ENABLE_REPORT: Self = Self(0x03);
}

/// An order of a mobile about an earlier message.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Command {
    /// A status report is wanted (TP-SRR).
    pub status_report_request: bool,
    /// TP-MR.
    pub reference: u8,
    /// TP-PID.
    pub protocol: ProtocolId,
    /// TP-CT.
    pub command: CommandType,
    /// TP-MN: the TP-MR of the message it is about.
    pub message_number: u8,
    destination: Address,
    has_header: bool,
    data: Box<[u8]>,
}

impl Command {
    /// Returns a command about message `message_number` to `destination`, without data.
    #[must_use]
    pub fn new(command: CommandType, message_number: u8, destination: Address) -> Self {
        Self {
            status_report_request: false,
            reference: 0,
            protocol: ProtocolId::DEFAULT,
            command,
            message_number,
            destination,
            has_header: false,
            data: Box::default(),
        }
    }

    /// Sets TP-CD: a header, unless it is empty, and octets.
    ///
    /// # Errors
    /// [`UserDataError::TooLong`] when it does not fit beside the destination.
    pub fn with_data(mut self, header: &HeaderBuf, data: &[u8]) -> Result<Self, UserDataError> {
        let mut octets = Vec::with_capacity(header.octets().saturating_add(data.len()));
        header.encode(&mut octets);
        octets.extend_from_slice(data);
        let without_data = Self::new(self.command, self.message_number, self.destination);
        let mut fields = Vec::new();
        without_data.encode(&mut fields);
        let limit = (TPDU_OCTETS_MAX.saturating_sub(fields.len())).min(COMMAND_DATA_OCTETS_MAX);
        if octets.len() > limit {
            let length = octets.len();
            return Err(UserDataError::TooLong { length, limit });
        }
        self.has_header = !header.is_empty();
        self.data = octets.into_boxed_slice();
        Ok(self)
    }

    /// Sets the reference.
    #[must_use]
    pub const fn with_reference(mut self, reference: u8) -> Self {
        self.reference = reference;
        self
    }

    /// Returns TP-DA: the destination of the message it is about.
    #[must_use]
    pub const fn destination(&self) -> &Address {
        &self.destination
    }

    /// Returns TP-CD, header included.
    #[must_use]
    pub const fn data(&self) -> &[u8] {
        &self.data
    }

    /// Returns the header within TP-CD, if there is one.
    #[must_use]
    pub fn header(&self) -> Option<Header<'_>> {
        let (length, rest) = self.data.split_first()?;
        let elements = rest.get(..usize::from(*length))?;
        self.has_header.then_some(Header::new(elements))
    }

    pub(super) fn read(first: u8, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let [reference, protocol, command, message_number] = reader.array("TP-MR to TP-MN")?;
        let destination = Address::parse("TP-DA", reader)?;
        let at = reader.at();
        let length = usize::from(reader.octet("TP-CDL")?);
        if length > COMMAND_DATA_OCTETS_MAX {
            let kind = TpduErrorKind::UserDataLength {
                field: "TP-CDL",
                length,
                limit: COMMAND_DATA_OCTETS_MAX,
            };
            return Err(TpduError::new(at, kind));
        }
        let at = reader.at();
        let data = reader.take("TP-CD", length)?;
        let has_header = first & UDHI != 0;
        if has_header {
            check_header(data).map_err(|kind| TpduError::new(at, kind))?;
        }
        Ok(Self {
            status_report_request: first & STATUS_REPORT != 0,
            reference,
            protocol: ProtocolId(protocol),
            command: CommandType(command),
            message_number,
            destination,
            has_header,
            data: data.into(),
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(
            MESSAGE_TYPE
                | flag(self.status_report_request, STATUS_REPORT)
                | flag(self.has_header, UDHI),
        );
        out.extend_from_slice(&[
            self.reference,
            self.protocol.0,
            self.command.0,
            self.message_number,
        ]);
        self.destination.encode(out);
        out.push(u8::try_from(self.data.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.data);
    }
}
