//! Keys and counters of the security context. `Debug` shows no key.

use core::fmt;

use alloc::vec::Vec;

use polysim_base::tlv::{BerReader, put_ber};

use super::{Contents, EfError, first, fixed, required};

/// The key set identifier for "no key".
const NO_KEY: u8 = 0x07;

/// EF.Keys and EF.KeysPS (TS 31.102, 4.2.3 and 4.2.4), 33 bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct CipherKeys {
    /// Key set identifier, 7 for none.
    pub ksi: u8,
    /// CK.
    pub ck: [u8; 16],
    /// IK.
    pub ik: [u8; 16],
}

impl CipherKeys {
    /// What a fresh card holds.
    pub const BLANK: Self = Self { ksi: NO_KEY, ck: [0xFF; 16], ik: [0xFF; 16] };
}

impl Contents for CipherKeys {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let short = EfError::Short { len: bytes.len(), min: 33 };
        match bytes.split_first_chunk() {
            Some((&[ksi], rest)) => match rest.as_chunks().0 {
                [ck, ik, ..] => Ok(Self { ksi, ck: *ck, ik: *ik }),
                _ => Err(short),
            },
            None => Err(short),
        }
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(self.ksi);
        out.extend_from_slice(&self.ck);
        out.extend_from_slice(&self.ik);
        Ok(())
    }
}

/// EF.Kc and EF.KcGPRS (TS 31.102, 4.4.3.1), 9 bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct GsmKey {
    /// Kc.
    pub kc: [u8; 8],
    /// Ciphering key sequence number, 7 for none.
    pub cksn: u8,
}

impl GsmKey {
    /// What a fresh card holds.
    pub const BLANK: Self = Self { kc: [0xFF; 8], cksn: NO_KEY };
}

impl Contents for GsmKey {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[a, b, c, d, e, f, g, h, cksn] = first(bytes)?;
        Ok(Self { kc: [a, b, c, d, e, f, g, h], cksn })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.kc);
        out.push(self.cksn);
        Ok(())
    }
}

/// EF.START-HFN (TS 31.102, 4.2.51), 6 bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct StartHfn {
    /// START of the circuit-switched domain, 20 bits.
    pub circuit: [u8; 3],
    /// START of the packet-switched domain, 20 bits.
    pub packet: [u8; 3],
}

impl Contents for StartHfn {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[a, b, c, d, e, f] = first(bytes)?;
        Ok(Self { circuit: [a, b, c], packet: [d, e, f] })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.circuit);
        out.extend_from_slice(&self.packet);
        Ok(())
    }
}

/// EF.THRESHOLD, the greatest START (TS 31.102, 4.2.52), 3 bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Threshold(pub [u8; 3]);

impl Contents for Threshold {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        first(bytes).map(|value| Self(*value))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

/// A record of EF.EPSNSC, the security context of EPS (TS 31.102, 4.2.92).
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct EpsSecurity {
    /// `80`: key set identifier, 7 for none.
    pub ksi: u8,
    /// `81`: `K_ASME`.
    pub k_asme: [u8; 32],
    /// `82`: uplink NAS count.
    pub uplink: u32,
    /// `83`: downlink NAS count.
    pub downlink: u32,
    /// `84`: NAS algorithms chosen.
    pub algorithms: u8,
}

impl EpsSecurity {
    /// What a fresh card holds.
    pub const BLANK: Self = Self {
        ksi: NO_KEY,
        k_asme: [0xFF; 32],
        uplink: u32::MAX,
        downlink: u32::MAX,
        algorithms: 0,
    };
}

impl Contents for EpsSecurity {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let context = required(bytes, 0xA0)?;
        let ([ksi], [algorithms]) = (field(context, 0x80)?, field(context, 0x84)?);
        Ok(Self {
            ksi,
            k_asme: field(context, 0x81)?,
            uplink: u32::from_be_bytes(field(context, 0x82)?),
            downlink: u32::from_be_bytes(field(context, 0x83)?),
            algorithms,
        })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        put_context(self, None, out);
        Ok(())
    }
}

/// EF.5GS3GPPNSC and EF.5GSN3GPPNSC, the security context of 5GS (TS 31.102, 4.4.11.4).
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct FiveGsSecurity {
    /// `80` to `84`: as for EPS, with `K_AMF` in the place of `K_ASME`.
    pub nas: EpsSecurity,
    /// `85`: NAS algorithms for use after a change to EPS.
    pub eps_algorithms: u8,
}

impl FiveGsSecurity {
    /// What a fresh card holds.
    pub const BLANK: Self = Self { nas: EpsSecurity::BLANK, eps_algorithms: 0 };
}

impl Contents for FiveGsSecurity {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let [eps_algorithms] = field(required(bytes, 0xA0)?, 0x85)?;
        Ok(Self { nas: EpsSecurity::parse(bytes)?, eps_algorithms })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        put_context(&self.nas, Some(self.eps_algorithms), out);
        Ok(())
    }
}

fn field<const N: usize>(context: &[u8], tag: u32) -> Result<[u8; N], EfError> {
    fixed(tag, required(context, tag)?)
}

fn put_context(nas: &EpsSecurity, eps_algorithms: Option<u8>, out: &mut Vec<u8>) {
    let mut context = Vec::with_capacity(55);
    put_ber(&mut context, 0x80, &[nas.ksi]);
    put_ber(&mut context, 0x81, &nas.k_asme);
    put_ber(&mut context, 0x82, &nas.uplink.to_be_bytes());
    put_ber(&mut context, 0x83, &nas.downlink.to_be_bytes());
    put_ber(&mut context, 0x84, &[nas.algorithms]);
    if let Some(algorithms) = eps_algorithms {
        put_ber(&mut context, 0x85, &[algorithms]);
    }
    put_ber(out, 0xA0, &context);
}

/// EF.5GAUTHKEYS (TS 31.102, 4.4.11.6).
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct FiveGsAuthKeys {
    /// `80`: `K_AUSF`.
    pub k_ausf: Option<[u8; 32]>,
    /// `81`: `K_SEAF`.
    pub k_seaf: Option<[u8; 32]>,
}

impl Contents for FiveGsAuthKeys {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut keys = Self::default();
        for object in BerReader::new(bytes) {
            let object = object?;
            match object.tag {
                0x80 => keys.k_ausf = Some(fixed(object.tag, object.value)?),
                0x81 => keys.k_seaf = Some(fixed(object.tag, object.value)?),
                _ => {}
            }
        }
        Ok(keys)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        for (tag, key) in [(0x80, self.k_ausf), (0x81, self.k_seaf)] {
            if let Some(key) = key {
                put_ber(out, tag, &key);
            }
        }
        Ok(())
    }
}

/// Shows the type and no more.
macro_rules! masked {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), " { … }"))
            }
        })*
    };
}

masked!(CipherKeys GsmKey EpsSecurity FiveGsSecurity FiveGsAuthKeys);
