//! Packets in short messages (TS 31.115, 4; TS 23.040, 9.2.3.24).
//!
//! The first message of a packet announces it by an empty element of its user data header, behind
//! the element that numbers the messages if there are several; the others have the number only.

use alloc::vec::Vec;

use polysim_sms::{
    Address, Concatenation, DataCoding, Deliver, DeliverReport, Element, Header, HeaderBuf,
    HeaderTooLong, PARTS_MAX, Parameters, ProtocolId, Reference, Submit, Timestamp,
    USER_DATA_OCTETS_MAX, UserData, UserDataError, Whole,
};

/// The most octets of user data, header included, that a card can give for an
/// SMS-DELIVER-REPORT (TS 31.111, 7.1.1.1).
pub const DELIVER_REPORT_OCTETS_MAX: usize = 128;

/// Which packet a message carries: the element of its user data header.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PacketKind {
    /// A command packet (`70`).
    Command,
    /// A response packet (`71`).
    Response,
}

/// Why a packet cannot be put into messages.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CarryError {
    /// Too many messages.
    #[error("the packet needs {needed} messages, the limit is {limit}; send less data")]
    TooManyParts {
        /// Messages it needs.
        needed: usize,
        /// [`PARTS_MAX`].
        limit: u8,
    },
    /// More than a report holds; it has to travel in an SMS-SUBMIT.
    #[error("{octets} octets where a report holds {limit}; send it by SMS-SUBMIT")]
    ReportTooLong {
        /// Octets of user data.
        octets: usize,
        /// [`DELIVER_REPORT_OCTETS_MAX`].
        limit: usize,
    },
    /// The header does not fit.
    #[error(transparent)]
    Header(#[from] HeaderTooLong),
    /// The user data does not fit, or the coding does not count octets.
    #[error(transparent)]
    UserData(#[from] UserDataError),
}

impl PacketKind {
    const fn element(self) -> u8 {
        match self {
            Self::Command => 0x70,
            Self::Response => 0x71,
        }
    }

    /// Returns which packet begins in this message, if one does.
    #[must_use]
    pub fn of(user_data: &UserData) -> Option<Self> {
        Self::of_header(user_data.header()?)
    }

    fn of_header(header: Header<'_>) -> Option<Self> {
        header.raw_elements().find_map(|element| {
            let kinds = [Self::Command, Self::Response];
            kinds.into_iter().find(|kind| kind.element() == element.id && element.data.is_empty())
        })
    }

    /// Puts a packet into the user data of one message, or of several that share a reference.
    ///
    /// # Errors
    /// [`CarryError`] for more than [`PARTS_MAX`] messages, or a coding that counts septets.
    pub fn carry(
        self,
        packet: &[u8],
        coding: DataCoding,
        reference: Reference,
    ) -> Result<Vec<UserData>, CarryError> {
        let alone = self.header(None)?;
        if alone.octets().saturating_add(packet.len()) <= USER_DATA_OCTETS_MAX {
            return Ok(alloc::vec![UserData::from_octets(coding, &alone, packet)?]);
        }
        let room = |first: bool| {
            let part = Concatenation::new(reference, 1, 1);
            let header = if first { self.header(part)? } else { numbered(part)? };
            Ok::<_, CarryError>(USER_DATA_OCTETS_MAX.saturating_sub(header.octets()))
        };
        let (first, rest) = packet.split_at_checked(room(true)?).unwrap_or((packet, &[]));
        let room = room(false)?.max(1);
        let needed = rest.len().div_ceil(room).saturating_add(1);
        let total = u8::try_from(needed)
            .map_err(|_| CarryError::TooManyParts { needed, limit: PARTS_MAX })?;
        let mut parts = Vec::with_capacity(needed);
        for (sequence, part) in (1..=total).zip(core::iter::once(first).chain(rest.chunks(room))) {
            let number = Concatenation::new(reference, total, sequence);
            let header = if sequence == 1 { self.header(number)? } else { numbered(number)? };
            parts.push(UserData::from_octets(coding, &header, part)?);
        }
        Ok(parts)
    }

    fn header(self, part: Option<Concatenation>) -> Result<HeaderBuf, HeaderTooLong> {
        let mut header = numbered(part)?;
        header.push_raw(self.element(), &[])?;
        Ok(header)
    }
}

fn numbered(part: Option<Concatenation>) -> Result<HeaderBuf, HeaderTooLong> {
    let mut header = HeaderBuf::new();
    if let Some(part) = part {
        header.push(Element::Concatenation(part))?;
    }
    Ok(header)
}

/// Returns the packet in messages that a [`polysim_sms::Reassembler`] has put together; `None` if
/// there is none.
#[must_use]
pub fn carried<T>(whole: &Whole<T>) -> Option<(PacketKind, Vec<u8>)> {
    let kind = PacketKind::of(&whole.first().user_data)?;
    Some((kind, whole.payload()))
}

/// Returns the messages that bring a command packet to a card: 8-bit data of class 2 for the
/// (U)SIM, which a mobile hands over in ENVELOPE (SMS-PP download).
///
/// # Errors
/// [`CarryError`] for more than [`PARTS_MAX`] messages.
pub fn deliver(
    packet: &[u8],
    originator: Address,
    timestamp: Timestamp,
    reference: Reference,
) -> Result<Vec<Deliver>, CarryError> {
    let parts = PacketKind::Command.carry(packet, DataCoding::OTA, reference)?;
    let message = |user_data| {
        let mut deliver = Deliver::new(originator, timestamp, user_data);
        deliver.protocol = ProtocolId::SIM_DATA_DOWNLOAD;
        deliver
    };
    Ok(parts.into_iter().map(message).collect())
}

/// Returns the report that carries a response packet back; the octets of its user data are what a
/// card answers to ENVELOPE. A card whose packet is too long answers
/// [`crate::StatusCode::ResponseBySubmit`] alone, and sends the packet by [`submit`].
///
/// # Errors
/// [`CarryError::ReportTooLong`] above [`DELIVER_REPORT_OCTETS_MAX`].
pub fn deliver_report(packet: &[u8]) -> Result<DeliverReport, CarryError> {
    let header = PacketKind::Response.header(None)?;
    let (octets, limit) = (header.octets().saturating_add(packet.len()), DELIVER_REPORT_OCTETS_MAX);
    if octets > limit {
        return Err(CarryError::ReportTooLong { octets, limit });
    }
    let user_data = UserData::from_octets(DataCoding::OTA, &header, packet)?;
    let parameters =
        Parameters::NONE.with_protocol(ProtocolId::SIM_DATA_DOWNLOAD).with_user_data(user_data);
    Ok(DeliverReport { failure: None, parameters })
}

/// Returns the messages by which a card sends a response packet of its own accord.
///
/// # Errors
/// [`CarryError`] for more than [`PARTS_MAX`] messages.
pub fn submit(
    packet: &[u8],
    destination: Address,
    reference: Reference,
) -> Result<Vec<Submit>, CarryError> {
    let parts = PacketKind::Response.carry(packet, DataCoding::OTA, reference)?;
    Ok(parts.into_iter().map(|user_data| Submit::new(destination, user_data)).collect())
}
