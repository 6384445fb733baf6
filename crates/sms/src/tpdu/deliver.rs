//! SMS-DELIVER (TS 23.040, 9.2.2.1).

use alloc::vec::Vec;

use super::{LOOP_PREVENTION, NO_MORE_MESSAGES, REPLY_PATH, STATUS_REPORT, UDHI, flag};
use crate::{
    address::Address, coding::DataCoding, error::TpduError, protocol::ProtocolId, reader::Reader,
    time::Timestamp, user_data::UserData,
};

/// A message on its way to a mobile.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Deliver {
    /// More messages wait in the service centre (TP-MMS, which is inverted on the wire).
    pub more_messages: bool,
    /// Forwarded or spawned: no more forwarding, no reports (TP-LP).
    pub loop_prevention: bool,
    /// A status report goes back to the sender (TP-SRI).
    pub status_report_indication: bool,
    /// A reply may go through the same service centre (TP-RP).
    pub reply_path: bool,
    /// TP-OA.
    pub originator: Address,
    /// TP-PID.
    pub protocol: ProtocolId,
    /// TP-SCTS.
    pub timestamp: Timestamp,
    /// TP-UD with TP-DCS.
    pub user_data: UserData,
}

impl Deliver {
    /// Returns a plain message: no flag set, nothing more waiting.
    #[must_use]
    pub const fn new(originator: Address, timestamp: Timestamp, user_data: UserData) -> Self {
        Self {
            more_messages: false,
            loop_prevention: false,
            status_report_indication: false,
            reply_path: false,
            originator,
            protocol: ProtocolId::DEFAULT,
            timestamp,
            user_data,
        }
    }

    pub(super) fn read(first: u8, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let originator = Address::parse("TP-OA", reader)?;
        let protocol = ProtocolId(reader.octet("TP-PID")?);
        let coding = DataCoding(reader.octet("TP-DCS")?);
        let timestamp = Timestamp::from_octets(reader.array("TP-SCTS")?);
        let user_data = UserData::parse(reader, coding, first & UDHI != 0)?;
        Ok(Self {
            more_messages: first & NO_MORE_MESSAGES == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            status_report_indication: first & STATUS_REPORT != 0,
            reply_path: first & REPLY_PATH != 0,
            originator,
            protocol,
            timestamp,
            user_data,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(
            flag(!self.more_messages, NO_MORE_MESSAGES)
                | flag(self.loop_prevention, LOOP_PREVENTION)
                | flag(self.status_report_indication, STATUS_REPORT)
                | flag(self.user_data.has_header(), UDHI)
                | flag(self.reply_path, REPLY_PATH),
        );
        self.originator.encode(out);
        out.extend_from_slice(&[self.protocol.0, self.user_data.coding().0]);
        out.extend_from_slice(&self.timestamp.octets());
        self.user_data.encode(out);
    }
}
