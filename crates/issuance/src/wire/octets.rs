//! Octets of fixed layouts: read with every length checked, written without a way to fail.

use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Imei, Imsi, InvalidOctets, Msisdn, OctetReader};

/// The first octet of every message here.
const FORMAT: u8 = 0x01;
/// The octets of the IMSI, as EF.IMSI has them, where there is none.
const NO_IMSI: [u8; 9] = [0xFF; 9];
/// The octets of a number where there is none.
const NO_NUMBER: [u8; 8] = [0xFF; 8];

/// Why octets are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// More octets than a message can have.
    #[error("{len} octets, a message has at most {limit}")]
    TooLong {
        /// Octets there are.
        len: usize,
        /// The most.
        limit: usize,
    },
    /// It is of another format: a newer release has made it, or it is something else.
    #[error("format {found:02X} is not known here: update the older side")]
    Format {
        /// Its first octet.
        found: u8,
    },
    /// Not what is expected at some octet.
    #[error(transparent)]
    Octets(#[from] InvalidOctets),
}

/// Begins a message of our format that is not longer than the limit.
pub(super) fn read(octets: &[u8], limit: usize) -> Result<OctetReader<'_>, WireError> {
    let len = octets.len();
    if len > limit {
        return Err(WireError::TooLong { len, limit });
    }
    let mut reader = OctetReader::new(octets);
    match reader.octet()? {
        FORMAT => Ok(reader),
        found => Err(WireError::Format { found }),
    }
}

pub(super) fn imei(reader: &mut OctetReader<'_>) -> Result<Imei, InvalidOctets> {
    let octets: [u8; 7] = reader.take()?;
    Imei::parse(&text(nibbles(&octets))).map_err(|_| reader.refuse(7))
}

pub(super) fn imsi(reader: &mut OctetReader<'_>) -> Result<Imsi, InvalidOctets> {
    opt_imsi(reader)?.ok_or_else(|| reader.refuse(9))
}

pub(super) fn opt_imsi(reader: &mut OctetReader<'_>) -> Result<Option<Imsi>, InvalidOctets> {
    let octets = reader.take()?;
    if octets == NO_IMSI {
        return Ok(None);
    }
    let imsi = Imsi::from_ef(octets).map_err(|_| reader.refuse(9))?;
    // Only one way to write it: what fills up behind the digits is filler.
    if imsi.ef() == octets { Ok(Some(imsi)) } else { Err(reader.refuse(9)) }
}

pub(super) fn opt_msisdn(reader: &mut OctetReader<'_>) -> Result<Option<Msisdn>, InvalidOctets> {
    let octets: [u8; 8] = reader.take()?;
    if octets == NO_NUMBER {
        return Ok(None);
    }
    let digits = nibbles(&octets).take_while(|nibble| *nibble != 0x0F);
    let msisdn = Msisdn::parse(&text(digits)).map_err(|_| reader.refuse(8))?;
    if number(Some(&msisdn)) == octets { Ok(Some(msisdn)) } else { Err(reader.refuse(8)) }
}

/// Begins a message.
pub(super) fn message(kind: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    out.extend([FORMAT, kind]);
    out
}

pub(super) fn put_imei(imei: &Imei, out: &mut Vec<u8>) {
    out.extend(packed::<7>(imei.digits()));
}

pub(super) fn put_imsi(imsi: Option<&Imsi>, out: &mut Vec<u8>) {
    out.extend(imsi.map_or(NO_IMSI, Imsi::ef));
}

pub(super) fn put_msisdn(msisdn: Option<&Msisdn>, out: &mut Vec<u8>) {
    out.extend(number(msisdn));
}

fn number(msisdn: Option<&Msisdn>) -> [u8; 8] {
    msisdn.map_or(NO_NUMBER, |msisdn| packed(msisdn.digits()))
}

/// Packs digits low nibble first, `F` behind the last.
fn packed<const N: usize>(digits: impl Iterator<Item = u8>) -> [u8; N] {
    let mut digits = digits.fuse();
    core::array::from_fn(|_| {
        let low = digits.next().unwrap_or(0x0F);
        digits.next().unwrap_or(0x0F) << 4 | low
    })
}

fn nibbles(octets: &[u8]) -> impl Iterator<Item = u8> + '_ {
    octets.iter().flat_map(|octet| [octet & 0x0F, octet >> 4])
}

/// Writes digits; a nibble above nine becomes a character that no number has.
fn text(digits: impl Iterator<Item = u8>) -> String {
    digits.map(|digit| char::from(b'0' + digit)).collect()
}
