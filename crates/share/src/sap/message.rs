//! The messages.

use alloc::vec::Vec;

use super::parameter::{Parameters, Writer};
use super::{
    CardReaderStatus, ConnectionStatus, DisconnectionType, Failure, MessageError, ParameterId,
    Payload, StatusChange, TransportProtocol,
};

/// A message: a request of the client, the response of the server to it, or an indication of the server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Message {
    /// The client wants to connect.
    ConnectReq {
        /// The longest message that it wants to send or get, in octets.
        max_msg_size: u16,
    },
    /// Whether it is connected.
    ConnectResp(ConnectionStatus),
    /// The client wants to disconnect.
    DisconnectReq,
    /// It is disconnected.
    DisconnectResp,
    /// The server disconnects.
    DisconnectInd(DisconnectionType),
    /// A command for the card.
    TransferApduReq(CommandApdu),
    /// The answer of the card to it: data and status word.
    TransferApduResp(Result<Payload, Failure>),
    /// What was the answer to the last reset?
    TransferAtrReq,
    /// That was it.
    TransferAtrResp(Result<Payload, Failure>),
    /// Switch the card off.
    PowerSimOffReq,
    /// Whether it was.
    PowerSimOffResp(Result<(), Failure>),
    /// Switch the card on.
    PowerSimOnReq,
    /// Whether it was.
    PowerSimOnResp(Result<(), Failure>),
    /// Reset the card.
    ResetSimReq,
    /// Whether it was.
    ResetSimResp(Result<(), Failure>),
    /// How are the reader and the card?
    TransferCardReaderStatusReq,
    /// That is how they are.
    TransferCardReaderStatusResp(Result<CardReaderStatus, Failure>),
    /// Something happened to the card.
    StatusInd(StatusChange),
    /// The request cannot be read, or not be done now.
    ErrorResp,
    /// Speak so to the card.
    SetTransportProtocolReq(TransportProtocol),
    /// Whether that is done.
    SetTransportProtocolResp(Result<(), Failure>),
}

/// A command for the card, in one of two forms.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum CommandApdu {
    /// As GSM 11.11 has it: `CommandAPDU`.
    Gsm(Payload),
    /// As ISO 7816-4 has it: `CommandAPDU7816`.
    Iso7816(Payload),
}

impl Message {
    /// Returns its identifier.
    #[must_use]
    pub const fn id(&self) -> u8 {
        match self {
            Self::ConnectReq { .. } => 0x00,
            Self::ConnectResp(_) => 0x01,
            Self::DisconnectReq => 0x02,
            Self::DisconnectResp => 0x03,
            Self::DisconnectInd(_) => 0x04,
            Self::TransferApduReq(_) => 0x05,
            Self::TransferApduResp(_) => 0x06,
            Self::TransferAtrReq => 0x07,
            Self::TransferAtrResp(_) => 0x08,
            Self::PowerSimOffReq => 0x09,
            Self::PowerSimOffResp(_) => 0x0A,
            Self::PowerSimOnReq => 0x0B,
            Self::PowerSimOnResp(_) => 0x0C,
            Self::ResetSimReq => 0x0D,
            Self::ResetSimResp(_) => 0x0E,
            Self::TransferCardReaderStatusReq => 0x0F,
            Self::TransferCardReaderStatusResp(_) => 0x10,
            Self::StatusInd(_) => 0x11,
            Self::ErrorResp => 0x12,
            Self::SetTransportProtocolReq(_) => 0x13,
            Self::SetTransportProtocolResp(_) => 0x14,
        }
    }

    /// Returns its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.put(&mut writer);
        writer.end(self.id())
    }

    fn put(&self, to: &mut Writer) {
        match self {
            Self::ConnectReq { max_msg_size } => to.u16(ParameterId::MaxMsgSize, *max_msg_size),
            Self::ConnectResp(status) => {
                to.octet(ParameterId::ConnectionStatus, status.code());
                if let ConnectionStatus::SizeNotSupported { offered } = status {
                    to.u16(ParameterId::MaxMsgSize, *offered);
                }
            }
            Self::DisconnectInd(how) => to.octet(ParameterId::DisconnectionType, how.code()),
            Self::TransferApduReq(CommandApdu::Gsm(command)) => {
                to.payload(ParameterId::CommandApdu, command);
            }
            Self::TransferApduReq(CommandApdu::Iso7816(command)) => {
                to.payload(ParameterId::CommandApdu7816, command);
            }
            Self::TransferApduResp(result) => put_result(to, result, |to, response| {
                to.payload(ParameterId::ResponseApdu, response);
            }),
            Self::TransferAtrResp(result) => {
                put_result(to, result, |to, atr| to.payload(ParameterId::Atr, atr));
            }
            Self::PowerSimOffResp(result)
            | Self::PowerSimOnResp(result)
            | Self::ResetSimResp(result)
            | Self::SetTransportProtocolResp(result) => put_result(to, result, |_, ()| {}),
            Self::TransferCardReaderStatusResp(result) => put_result(to, result, |to, status| {
                to.octet(ParameterId::CardReaderStatus, status.0);
            }),
            Self::StatusInd(change) => to.octet(ParameterId::StatusChange, change.code()),
            Self::SetTransportProtocolReq(protocol) => {
                to.octet(ParameterId::TransportProtocol, protocol.code());
            }
            Self::DisconnectReq
            | Self::DisconnectResp
            | Self::TransferAtrReq
            | Self::PowerSimOffReq
            | Self::PowerSimOnReq
            | Self::ResetSimReq
            | Self::TransferCardReaderStatusReq
            | Self::ErrorResp => {}
        }
    }

    /// Reads one message, from its first octet to its last.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn decode(octets: &[u8]) -> Result<Self, MessageError> {
        use ParameterId as Id;
        let (id, of) = Parameters::read(octets)?;
        Ok(match id {
            0x00 => Self::ConnectReq { max_msg_size: of.u16(Id::MaxMsgSize)? },
            0x01 => Self::ConnectResp(connection_status(&of)?),
            0x02 => Self::DisconnectReq,
            0x03 => Self::DisconnectResp,
            0x04 => {
                Self::DisconnectInd(of.code(Id::DisconnectionType, DisconnectionType::from_code)?)
            }
            0x05 => Self::TransferApduReq(command(&of)?),
            0x06 => Self::TransferApduResp(result(&of, |of| of.payload(Id::ResponseApdu))?),
            0x07 => Self::TransferAtrReq,
            0x08 => Self::TransferAtrResp(result(&of, |of| of.payload(Id::Atr))?),
            0x09 => Self::PowerSimOffReq,
            0x0A => Self::PowerSimOffResp(result(&of, |_| Ok(()))?),
            0x0B => Self::PowerSimOnReq,
            0x0C => Self::PowerSimOnResp(result(&of, |_| Ok(()))?),
            0x0D => Self::ResetSimReq,
            0x0E => Self::ResetSimResp(result(&of, |_| Ok(()))?),
            0x0F => Self::TransferCardReaderStatusReq,
            0x10 => Self::TransferCardReaderStatusResp(result(&of, |of| {
                of.octet(Id::CardReaderStatus).map(CardReaderStatus)
            })?),
            0x11 => Self::StatusInd(of.code(Id::StatusChange, StatusChange::from_code)?),
            0x12 => Self::ErrorResp,
            0x13 => Self::SetTransportProtocolReq(
                of.code(Id::TransportProtocol, TransportProtocol::from_code)?,
            ),
            0x14 => Self::SetTransportProtocolResp(result(&of, |_| Ok(()))?),
            _ => return Err(MessageError::Unknown { id }),
        })
    }
}

fn put_result<T>(to: &mut Writer, result: &Result<T, Failure>, put: impl FnOnce(&mut Writer, &T)) {
    to.octet(ParameterId::ResultCode, result.as_ref().err().map_or(0, |failure| failure.code()));
    if let Ok(value) = result {
        put(to, value);
    }
}

/// Reads the result code, and what there is besides where it says success.
fn result<'a, T>(
    of: &Parameters<'a>,
    value: impl FnOnce(&Parameters<'a>) -> Result<T, MessageError>,
) -> Result<Result<T, Failure>, MessageError> {
    match of.octet(ParameterId::ResultCode)? {
        0 => value(of).map(Ok),
        _ => of.code(ParameterId::ResultCode, Failure::from_code).map(Err),
    }
}

fn connection_status(of: &Parameters<'_>) -> Result<ConnectionStatus, MessageError> {
    let parameter = ParameterId::ConnectionStatus;
    Ok(match of.octet(parameter)? {
        0 => ConnectionStatus::Ok,
        1 => ConnectionStatus::Failed,
        2 => ConnectionStatus::SizeNotSupported { offered: of.u16(ParameterId::MaxMsgSize)? },
        3 => ConnectionStatus::SizeTooSmall,
        4 => ConnectionStatus::OkOngoingCall,
        value => return Err(MessageError::Value { parameter, value }),
    })
}

fn command(of: &Parameters<'_>) -> Result<CommandApdu, MessageError> {
    let other = ParameterId::CommandApdu7816;
    match (of.find(ParameterId::CommandApdu)?, of.find(other)?) {
        (Some(_), Some(_)) => Err(MessageError::Repeated { parameter: other }),
        (None, Some(_)) => of.payload(other).map(CommandApdu::Iso7816),
        (Some(_) | None, None) => of.payload(ParameterId::CommandApdu).map(CommandApdu::Gsm),
    }
}
