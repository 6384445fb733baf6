//! Octets of fixed layouts: read with every length checked, written without a way to fail.

use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Eid, Iccid, Imei, Imsi, Msisdn};

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
    /// It ends too early.
    #[error("octet {at}: {needed} octets are needed, {left} are left")]
    Truncated {
        /// Where.
        at: usize,
        /// Octets needed.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// It is of another format: a newer release has made it, or it is something else.
    #[error("format {found:02X} is not known here: update the older side")]
    Format {
        /// Its first octet.
        found: u8,
    },
    /// A value that it cannot have.
    #[error("octet {at}: the value cannot be")]
    Value {
        /// Where it begins.
        at: usize,
    },
    /// Something stands behind its end.
    #[error("octet {at}: {count} octets behind the end of the message")]
    Trailing {
        /// Where it ends.
        at: usize,
        /// How many octets there are more.
        count: usize,
    },
}

/// Takes values from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, at: 0 }
    }

    /// Begins a message of our format that is not longer than the limit.
    pub(super) fn message(octets: &'a [u8], limit: usize) -> Result<Self, WireError> {
        let len = octets.len();
        if len > limit {
            return Err(WireError::TooLong { len, limit });
        }
        let mut reader = Self::new(octets);
        match reader.octet()? {
            FORMAT => Ok(reader),
            found => Err(WireError::Format { found }),
        }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::Truncated {
            at: self.at,
            needed: N,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        self.at += N;
        Ok(*taken)
    }

    pub(super) fn octet(&mut self) -> Result<u8, WireError> {
        let [octet] = self.take()?;
        Ok(octet)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn end(self) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(WireError::Trailing { at: self.at, count }),
        }
    }

    /// Refuses the `len` octets taken last.
    pub(super) const fn refuse(&self, len: usize) -> WireError {
        WireError::Value { at: self.at.saturating_sub(len) }
    }

    pub(super) fn eid(&mut self) -> Result<Eid, WireError> {
        let octets: [u8; 16] = self.take()?;
        let text = text(octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]));
        Eid::parse(&text).map_err(|_| self.refuse(16))
    }

    pub(super) fn imei(&mut self) -> Result<Imei, WireError> {
        let octets: [u8; 7] = self.take()?;
        Imei::parse(&text(nibbles(&octets))).map_err(|_| self.refuse(7))
    }

    pub(super) fn iccid(&mut self) -> Result<Iccid, WireError> {
        let octets = self.take()?;
        Iccid::from_wire(octets).map_err(|_| self.refuse(10))
    }

    pub(super) fn imsi(&mut self) -> Result<Imsi, WireError> {
        self.opt_imsi()?.ok_or_else(|| self.refuse(9))
    }

    pub(super) fn opt_imsi(&mut self) -> Result<Option<Imsi>, WireError> {
        let octets = self.take()?;
        if octets == NO_IMSI {
            return Ok(None);
        }
        let imsi = Imsi::from_ef(octets).map_err(|_| self.refuse(9))?;
        // Only one way to write it: what fills up behind the digits is filler.
        if imsi.ef() == octets { Ok(Some(imsi)) } else { Err(self.refuse(9)) }
    }

    pub(super) fn opt_msisdn(&mut self) -> Result<Option<Msisdn>, WireError> {
        let octets: [u8; 8] = self.take()?;
        if octets == NO_NUMBER {
            return Ok(None);
        }
        let digits = nibbles(&octets).take_while(|nibble| *nibble != 0x0F);
        let msisdn = Msisdn::parse(&text(digits)).map_err(|_| self.refuse(8))?;
        if number(Some(&msisdn)) == octets { Ok(Some(msisdn)) } else { Err(self.refuse(8)) }
    }
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
