//! How the subscriber conceals its identity in 5G.

use alloc::{string::String, vec::Vec};

use polysim_base::bcd;
use polysim_base::tlv::{BerReader, put_ber};

use super::{Contents, EfError, FILLER, first, fixed};

/// `EF.SUCI_Calc_Info` (TS 31.102, 4.4.11.8).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SuciCalcInfo {
    /// `A0`: schemes, the preferred one first.
    pub schemes: Vec<SuciScheme>,
    /// `A1`: keys of the home network.
    pub keys: Vec<SuciKey>,
}

/// A protection scheme.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SuciScheme {
    /// 0 null scheme, 1 profile A, 2 profile B.
    pub scheme: u8,
    /// Place of its key in the list of keys, from 1 on; 0 for none.
    pub key_index: u8,
}

/// A public key of the home network.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SuciKey {
    /// Its identifier.
    pub id: u8,
    /// The key: 32 bytes for profile A, 33 for profile B.
    pub key: Vec<u8>,
}

impl Contents for SuciCalcInfo {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut info = Self::default();
        for object in BerReader::new(bytes) {
            let object = object?;
            match (object.tag, object.value.as_chunks::<2>()) {
                (0xA0, (pairs, [])) => {
                    let schemes = pairs.iter();
                    info.schemes = schemes
                        .map(|&[scheme, key_index]| SuciScheme { scheme, key_index })
                        .collect();
                }
                (0xA0, _) => {
                    return Err(EfError::Object { tag: object.tag, len: object.value.len() });
                }
                (0xA1, _) => info.keys = keys(object.children())?,
                _ => {}
            }
        }
        Ok(info)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let schemes = self.schemes.iter();
        let pairs: Vec<u8> = schemes.flat_map(|scheme| [scheme.scheme, scheme.key_index]).collect();
        put_ber(out, 0xA0, &pairs);
        let mut list = Vec::new();
        for key in &self.keys {
            put_ber(&mut list, 0x80, &[key.id]);
            put_ber(&mut list, 0x81, &key.key);
        }
        put_ber(out, 0xA1, &list);
        Ok(())
    }
}

fn keys(objects: BerReader<'_>) -> Result<Vec<SuciKey>, EfError> {
    let mut keys: Vec<SuciKey> = Vec::new();
    for object in objects {
        let object = object?;
        match object.tag {
            0x80 => {
                let [id] = fixed(object.tag, object.value)?;
                keys.push(SuciKey { id, key: Vec::new() });
            }
            0x81 => {
                let key = keys.last_mut().ok_or(EfError::Missing { tag: 0x80 })?;
                key.key = object.value.to_vec();
            }
            _ => {}
        }
    }
    Ok(keys)
}

/// `EF.Routing_Indicator` (TS 31.102, 4.4.11.11), 4 bytes.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct RoutingIndicator(pub String);

impl Contents for RoutingIndicator {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let digits: &[u8; 2] = first(bytes)?;
        Ok(Self(bcd::unpack_filled(digits)?))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        if self.0.len() > 4 {
            return Err(EfError::TooManyDigits { len: self.0.len(), limit: 4 });
        }
        let start = out.len();
        out.extend(bcd::pack(&self.0)?);
        out.resize(start + 2, FILLER);
        Ok(())
    }
}
