//! Parameters: identifier, a reserved octet, length in two octets, value, padding to four octets.

use alloc::vec::Vec;

use polysim_base::OctetReader;

use super::code::codes;
use super::{MessageError, Payload};

/// The octets of a message, and of a parameter, before what they hold.
pub(super) const HEAD: usize = 4;
/// Values end at a multiple of that many octets.
pub(super) const ALIGNMENT: usize = 4;

codes! {
    /// What a parameter is.
    ParameterId {
        /// The longest message that an end takes.
        0x00 MaxMsgSize,
        /// Whether the client is connected.
        0x01 ConnectionStatus,
        /// Whether there is a result.
        0x02 ResultCode,
        /// How the server disconnects.
        0x03 DisconnectionType,
        /// A command as GSM 11.11 has it.
        0x04 CommandApdu,
        /// Data and status word.
        0x05 ResponseApdu,
        /// The answer to reset.
        0x06 Atr,
        /// The reader and the card in it.
        0x07 CardReaderStatus,
        /// What happened to the card.
        0x08 StatusChange,
        /// How the card is spoken to.
        0x09 TransportProtocol,
        /// A command as ISO 7816-4 has it.
        0x10 CommandApdu7816,
    }
}

/// Writes a message: its head, then its parameters.
pub(super) struct Writer {
    octets: Vec<u8>,
    parameters: u8,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { octets: Vec::new(), parameters: 0 }
    }

    pub(super) fn octet(&mut self, id: ParameterId, value: u8) {
        self.put(id, 1, &[value]);
    }

    pub(super) fn u16(&mut self, id: ParameterId, value: u16) {
        self.put(id, 2, &value.to_be_bytes());
    }

    pub(super) fn payload(&mut self, id: ParameterId, payload: &Payload) {
        self.put(id, payload.len(), payload.octets());
    }

    fn put(&mut self, id: ParameterId, len: u16, value: &[u8]) {
        let [high, low] = len.to_be_bytes();
        self.octets.extend_from_slice(&[id.code(), 0, high, low]);
        self.octets.extend_from_slice(value);
        self.octets.resize(self.octets.len().next_multiple_of(ALIGNMENT), 0);
        self.parameters = self.parameters.saturating_add(1);
    }

    pub(super) fn end(self, message: u8) -> Vec<u8> {
        let mut octets = Vec::from([message, self.parameters, 0, 0]);
        octets.extend_from_slice(&self.octets);
        octets
    }
}

/// The parameters of a message.
pub(super) struct Parameters<'a>(Vec<(u8, &'a [u8])>);

impl<'a> Parameters<'a> {
    /// Reads a message; returns its identifier, too.
    pub(super) fn read(octets: &'a [u8]) -> Result<(u8, Self), MessageError> {
        let mut reader = OctetReader::new(octets);
        let [message, count, _, _] = reader.take::<HEAD>()?;
        let mut parameters = Vec::new();
        for _ in 0..count {
            let [id, _, high, low] = reader.take::<HEAD>()?;
            let len = usize::from(u16::from_be_bytes([high, low]));
            let value = reader.slice(len)?;
            reader.slice(len.next_multiple_of(ALIGNMENT).saturating_sub(len))?;
            parameters.push((id, value));
        }
        reader.end()?;
        Ok((message, Self(parameters)))
    }

    /// Returns the value of a parameter that may be there once.
    pub(super) fn find(&self, id: ParameterId) -> Result<Option<&'a [u8]>, MessageError> {
        let mut values = self.0.iter().filter(|(other, _)| *other == id.code());
        let value = values.next().map(|(_, value)| *value);
        match values.next() {
            Some(_) => Err(MessageError::Repeated { parameter: id }),
            None => Ok(value),
        }
    }

    fn need(&self, parameter: ParameterId) -> Result<&'a [u8], MessageError> {
        self.find(parameter)?.ok_or(MessageError::Missing { parameter })
    }

    fn fixed<const N: usize>(&self, parameter: ParameterId) -> Result<[u8; N], MessageError> {
        let value = self.need(parameter)?;
        value.try_into().map_err(|_| MessageError::Length { parameter, len: value.len() })
    }

    pub(super) fn u16(&self, id: ParameterId) -> Result<u16, MessageError> {
        self.fixed(id).map(u16::from_be_bytes)
    }

    pub(super) fn octet(&self, id: ParameterId) -> Result<u8, MessageError> {
        self.fixed(id).map(|[octet]| octet)
    }

    /// Returns what a code means.
    pub(super) fn code<T>(
        &self,
        parameter: ParameterId,
        from_code: impl FnOnce(u8) -> Option<T>,
    ) -> Result<T, MessageError> {
        let value = self.octet(parameter)?;
        from_code(value).ok_or(MessageError::Value { parameter, value })
    }

    pub(super) fn payload(&self, parameter: ParameterId) -> Result<Payload, MessageError> {
        let value = self.need(parameter)?;
        Payload::new(value).map_err(|_| MessageError::Length { parameter, len: value.len() })
    }
}
