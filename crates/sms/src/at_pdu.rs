//! A TPDU with its service centre address before it, as AT commands and card records have it
//! (TS 27.005, 3.1 `<pdu>`; TS 31.102, 4.2.25).

use alloc::vec::Vec;

use polysim_base::{InvalidHex, parse_hex};

use crate::{
    address::Address,
    error::{TpduError, TpduErrorKind},
    reader::Reader,
    tpdu::{Rp, Tpdu},
};

/// The filler of a record after its message.
const RECORD_FILLER: u8 = 0xFF;

/// A service centre address, or none, and a TPDU.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AtPdu<T> {
    /// The service centre; with none a modem takes its own setting (`+CSCA`).
    pub sc: Option<Address>,
    /// The TPDU.
    pub tpdu: T,
}

impl<T: Tpdu> AtPdu<T> {
    /// Returns a PDU without a service centre address.
    #[must_use]
    pub const fn new(tpdu: T) -> Self {
        Self { sc: None, tpdu }
    }

    /// Reads a PDU that fills `octets`.
    ///
    /// # Errors
    /// [`TpduError`] says what is wrong and where.
    pub fn parse(octets: &[u8], rp: Rp) -> Result<Self, TpduError> {
        let (pdu, length) = Self::read(octets, rp)?;
        match octets.len().saturating_sub(length) {
            0 => Ok(pdu),
            count => Err(TpduError::new(length, TpduErrorKind::Trailing { count })),
        }
    }

    /// Reads a PDU from a record, which ends in `FF` octets (TS 31.102, 4.2.25).
    ///
    /// # Errors
    /// [`TpduError`], also when anything else follows the message.
    pub fn parse_stored(octets: &[u8], rp: Rp) -> Result<Self, TpduError> {
        let (pdu, length) = Self::read(octets, rp)?;
        let rest = octets.get(length..).unwrap_or(&[]);
        match rest.iter().position(|octet| *octet != RECORD_FILLER) {
            None => Ok(pdu),
            Some(fillers) => {
                let at = length.saturating_add(fillers);
                let count = rest.len().saturating_sub(fillers);
                Err(TpduError::new(at, TpduErrorKind::Trailing { count }))
            }
        }
    }

    /// Reads a PDU from hexadecimal text; `tpdu_octets` is the `<length>` given beside it.
    ///
    /// # Errors
    /// [`TpduError`], also when the length is another: a PDU is never half read.
    pub fn parse_hex(text: &[u8], tpdu_octets: Option<usize>, rp: Rp) -> Result<Self, TpduError> {
        let octets = parse_hex(text).map_err(|error| {
            let digit = match error {
                InvalidHex::Odd { len } => len,
                InvalidHex::Digit { at } => at,
            };
            TpduError::new(digit / 2, TpduErrorKind::Hex)
        })?;
        if let Some(declared) = tpdu_octets {
            // Before the content: what was cut or mixed up is not a message.
            let mut reader = Reader::new(&octets);
            Address::parse_service_centre(&mut reader)?;
            let found = reader.left().len();
            if found != declared {
                let kind = TpduErrorKind::DeclaredLength { declared, found };
                return Err(TpduError::new(reader.at(), kind));
            }
        }
        Self::parse(&octets, rp)
    }

    /// Reads address and TPDU; returns how many octets both have.
    fn read(octets: &[u8], rp: Rp) -> Result<(Self, usize), TpduError> {
        let mut reader = Reader::new(octets);
        let sc = Address::parse_service_centre(&mut reader)?;
        let prefix = reader.at();
        let (tpdu, length) =
            T::parse_prefix(reader.left(), rp).map_err(|error| error.moved_by(prefix))?;
        Ok((Self { sc, tpdu }, prefix.saturating_add(length)))
    }

    /// Appends the octets: the address, then the TPDU.
    pub fn encode(&self, out: &mut Vec<u8>) {
        Address::encode_service_centre(self.sc.as_ref(), out);
        self.tpdu.encode(out);
    }

    /// Appends the octets as upper-case hexadecimal text; returns the octets of the TPDU alone,
    /// the `<length>` of `+CMGS` and `+CMT`.
    pub fn write_hex(&self, out: &mut Vec<u8>) -> usize {
        let mut octets = Vec::with_capacity(crate::TPDU_OCTETS_MAX + 12);
        Address::encode_service_centre(self.sc.as_ref(), &mut octets);
        let prefix = octets.len();
        self.tpdu.encode(&mut octets);
        out.reserve(octets.len().saturating_mul(2));
        for octet in &octets {
            out.extend_from_slice(&[hex_digit(octet >> 4), hex_digit(octet & 0x0F)]);
        }
        octets.len().saturating_sub(prefix)
    }

    /// Returns the octets of the TPDU alone.
    #[must_use]
    pub fn tpdu_octets(&self) -> usize {
        self.tpdu.to_octets().len()
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'A' - 10 + nibble,
    }
}
