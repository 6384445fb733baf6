//! TP-Parameter-Indicator and what it announces (TS 23.040, 9.2.3.27).

use alloc::vec::Vec;

use crate::{
    coding::DataCoding, error::TpduError, protocol::ProtocolId, reader::Reader, user_data::UserData,
};

const PROTOCOL: u8 = 0x01;
const CODING: u8 = 0x02;
const USER_DATA: u8 = 0x04;
const EXTENSION: u8 = 0x80;
const RESERVED: u8 = !(PROTOCOL | CODING | USER_DATA | EXTENSION);

/// The optional fields of a report.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Parameters {
    protocol: Option<ProtocolId>,
    coding: Option<DataCoding>,
    user_data: Option<UserData>,
}

impl Parameters {
    /// None of them.
    pub const NONE: Self = Self { protocol: None, coding: None, user_data: None };

    /// Sets TP-PID.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: ProtocolId) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Sets TP-UD with its TP-DCS.
    #[must_use]
    pub fn with_user_data(mut self, user_data: UserData) -> Self {
        self.coding = Some(user_data.coding());
        self.user_data = Some(user_data);
        self
    }

    /// Returns TP-PID.
    #[must_use]
    pub const fn protocol(&self) -> Option<ProtocolId> {
        self.protocol
    }

    /// Returns TP-DCS. User data without it is in the default alphabet.
    #[must_use]
    pub const fn coding(&self) -> Option<DataCoding> {
        self.coding
    }

    /// Returns TP-UD.
    #[must_use]
    pub const fn user_data(&self) -> Option<&UserData> {
        self.user_data.as_ref()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    pub(super) fn has_header(&self) -> bool {
        self.user_data.as_ref().is_some_and(UserData::has_header)
    }

    /// Returns TP-PI.
    pub(super) fn indicator(&self) -> u8 {
        super::flag(self.protocol.is_some(), PROTOCOL)
            | super::flag(self.coding.is_some(), CODING)
            | super::flag(self.user_data.is_some(), USER_DATA)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.protocol.map(|protocol| protocol.0));
        out.extend(self.coding.map(|coding| coding.0));
        if let Some(user_data) = &self.user_data {
            user_data.encode(out);
        }
    }
}

/// TP-PI as received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indicator {
    bits: u8,
    /// A reserved bit is set: further fields, unknown here, follow the user data.
    more_follows: bool,
}

impl Indicator {
    /// Reads TP-PI and any extension of it; reserved bits are ignored (TS 23.040, 9.2.3.27).
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let bits = reader.octet("TP-PI")?;
        let mut more_follows = bits & RESERVED != 0;
        let mut octet = bits;
        while octet & EXTENSION != 0 {
            octet = reader.octet("TP-PI")?;
            more_follows |= octet & !EXTENSION != 0;
        }
        Ok(Self { bits, more_follows })
    }

    /// Reads the fields; what follows them for a reserved bit is discarded, as the standard says.
    pub(super) fn read_fields(
        self,
        has_header: bool,
        reader: &mut Reader<'_>,
    ) -> Result<Parameters, TpduError> {
        let mut parameters = Parameters::NONE;
        if self.bits & PROTOCOL != 0 {
            parameters.protocol = Some(ProtocolId(reader.octet("TP-PID")?));
        }
        if self.bits & CODING != 0 {
            parameters.coding = Some(DataCoding(reader.octet("TP-DCS")?));
        }
        if self.bits & USER_DATA != 0 {
            let coding = parameters.coding.unwrap_or(DataCoding::GSM7);
            parameters.user_data = Some(UserData::parse(reader, coding, has_header)?);
        }
        if self.more_follows {
            let rest = reader.left().len();
            reader.take("unknown fields", rest)?;
        }
        Ok(parameters)
    }
}
