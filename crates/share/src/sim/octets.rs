//! The one way to write a set down: what the digest is made of, what is sealed, and what travels.
//!
//! Version, EF.ICCID, EF.IMSI, number, centre, name, algorithm. Numbers and the name have their length
//! before them; what is left out has the length zero.

use alloc::vec::Vec;
use core::num::NonZeroU8;

use polysim_aka::{
    Algorithm, Comp128, Comp128Version, Key, Key256, Milenage, Opc, TopC, Tuak, TuakKey,
    TuakResLength,
};
use polysim_base::{Imsi, InvalidOctets, Msisdn, OctetReader};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{InvalidSim, SetDigest, VirtualSim};

const VERSION: u8 = 1;
const DIGEST_LABEL: &[u8] = b"polysim share set 1";

const NUMBER_LEN_MAX: usize = 15;

const MILENAGE: u8 = 1;
const TUAK: u8 = 2;
const COMP128: u8 = 3;

/// TUAK's, which is the longest: tag, a K of 256 bits and its length, `TOPc`, iterations and RES.
const ALGORITHM_LEN_MAX: usize = 1 + 1 + 32 + 32 + 1 + 1;

impl VirtualSim {
    /// Octets of an encoded set, at most.
    pub const LEN_MAX: usize =
        1 + 10 + 9 + 2 * (1 + NUMBER_LEN_MAX) + 1 + Self::SPN_LEN_MAX + ALGORITHM_LEN_MAX;

    /// Writes the set down. Equal sets are written alike; of a name that is too long, only as much as may
    /// stand on a card.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // All the room at once: what grows leaves copies behind.
        let mut out = Zeroizing::new(Vec::with_capacity(Self::LEN_MAX));
        out.push(VERSION);
        out.extend_from_slice(self.iccid.wire());
        out.extend_from_slice(&self.imsi.ef());
        put_number(&mut out, self.msisdn.as_ref());
        put_number(&mut out, self.smsc.as_ref());
        let spn = self.spn.get(..self.spn.floor_char_boundary(Self::SPN_LEN_MAX)).unwrap_or("");
        put_len(&mut out, spn.len());
        out.extend_from_slice(spn.as_bytes());
        put_algorithm(&mut out, &self.algorithm);
        out
    }

    /// Reads a set.
    ///
    /// # Errors
    /// [`InvalidSim::Version`] for one that another release has written, and [`InvalidSim::Octets`].
    pub fn decode(octets: &[u8]) -> Result<Self, InvalidSim> {
        let mut reader = OctetReader::new(octets);
        let found = reader.octet()?;
        if found != VERSION {
            return Err(InvalidSim::Version { found });
        }
        let set = Self {
            iccid: reader.iccid()?,
            imsi: imsi(&mut reader)?,
            msisdn: number(&mut reader)?,
            smsc: number(&mut reader)?,
            spn: spn(&mut reader)?.into(),
            algorithm: algorithm(&mut reader)?,
        };
        reader.end()?;
        Ok(set)
    }

    /// Returns what the compare way compares. The keys are part of it, so it tells nobody the set.
    #[must_use]
    pub fn digest(&self) -> SetDigest {
        let hash = Sha256::new().chain_update(DIGEST_LABEL).chain_update(self.encode().as_slice());
        SetDigest(hash.finalize().into())
    }
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.push(u8::try_from(len).unwrap_or(u8::MAX));
}

fn put_number(out: &mut Vec<u8>, number: Option<&Msisdn>) {
    put_len(out, number.map_or(0, Msisdn::digit_count));
    out.extend(number.into_iter().flat_map(Msisdn::digits).map(|digit| b'0' + digit));
}

fn number(reader: &mut OctetReader<'_>) -> Result<Option<Msisdn>, InvalidOctets> {
    let text = reader.text()?;
    let refusal = reader.refuse(text.len());
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(refusal);
    }
    Msisdn::parse(text).map(Some).map_err(|_| refusal)
}

fn imsi(reader: &mut OctetReader<'_>) -> Result<Imsi, InvalidOctets> {
    let ef = reader.take()?;
    let read = Imsi::from_ef(ef).ok().filter(|imsi| imsi.ef() == ef);
    read.ok_or_else(|| reader.refuse(ef.len()))
}

fn spn<'a>(reader: &mut OctetReader<'a>) -> Result<&'a str, InvalidOctets> {
    let spn = reader.text()?;
    if spn.len() > VirtualSim::SPN_LEN_MAX {
        return Err(reader.refuse(spn.len()));
    }
    Ok(spn)
}

fn put_algorithm(out: &mut Vec<u8>, algorithm: &Algorithm) {
    match algorithm {
        Algorithm::Milenage(milenage) => {
            out.push(MILENAGE);
            out.extend_from_slice(milenage.key().as_bytes());
            out.extend_from_slice(milenage.opc().as_bytes());
        }
        Algorithm::Tuak(tuak) => {
            out.push(TUAK);
            let key: &[u8] = match tuak.key() {
                TuakKey::Bits128(key) => key.as_bytes(),
                TuakKey::Bits256(key) => key.as_bytes(),
            };
            put_len(out, key.len());
            out.extend_from_slice(key);
            out.extend_from_slice(tuak.topc().as_bytes());
            out.push(tuak.iterations().get());
            out.push(res_code(tuak.res()));
        }
        Algorithm::Comp128(comp128) => {
            out.push(COMP128);
            out.push(match comp128.version() {
                Comp128Version::V1 => 1,
                Comp128Version::V2 => 2,
                Comp128Version::V3 => 3,
            });
            out.extend_from_slice(comp128.ki().as_bytes());
        }
    }
}

fn algorithm(reader: &mut OctetReader<'_>) -> Result<Algorithm, InvalidOctets> {
    Ok(match reader.octet()? {
        MILENAGE => Milenage::new(key(reader)?, Opc::from(reader.take()?)).into(),
        TUAK => tuak(reader)?.into(),
        COMP128 => {
            let version = match reader.octet()? {
                1 => Comp128Version::V1,
                2 => Comp128Version::V2,
                3 => Comp128Version::V3,
                _ => return Err(reader.refuse(1)),
            };
            Comp128::new(version, key(reader)?).into()
        }
        _ => return Err(reader.refuse(1)),
    })
}

fn key(reader: &mut OctetReader<'_>) -> Result<Key, InvalidOctets> {
    reader.take().map(Key::from)
}

fn tuak(reader: &mut OctetReader<'_>) -> Result<Tuak, InvalidOctets> {
    let key = match reader.octet()? {
        16 => TuakKey::Bits128(key(reader)?),
        32 => TuakKey::Bits256(Key256::from(reader.take::<32>()?)),
        _ => return Err(reader.refuse(1)),
    };
    let topc = TopC::from(reader.take::<32>()?);
    let iterations = NonZeroU8::new(reader.octet()?).ok_or_else(|| reader.refuse(1))?;
    let res = match reader.octet()? {
        4 => TuakResLength::Bits32,
        8 => TuakResLength::Bits64,
        16 => TuakResLength::Bits128,
        _ => return Err(reader.refuse(1)),
    };
    Tuak::new(key, topc, iterations, res).map_err(|_| reader.refuse(1))
}

/// Octets of RES. There is no TUAK of 256 bits: [`Tuak::new`] refuses it.
const fn res_code(res: TuakResLength) -> u8 {
    match res {
        TuakResLength::Bits32 => 4,
        TuakResLength::Bits64 => 8,
        TuakResLength::Bits128 => 16,
        TuakResLength::Bits256 => 32,
    }
}
