//! Names and addresses of the IP multimedia subsystem and of untrusted access.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use alloc::{string::String, vec::Vec};

use polysim_base::Plmn;
use polysim_base::tlv::put_ber;

use super::{Contents, EfError, FILLER, required, utf8};

/// The one data object of these files.
const TAG: u32 = 0x80;

/// Text in one data object: EF.IMPI, EF.IMPU, EF.DOMAIN (TS 31.103, 4.2.2 to 4.2.4), EF.NAFKCA.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ImsText(pub String);

impl Contents for ImsText {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        Ok(Self(utf8(TAG, required(bytes, TAG)?)?.into()))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        put_ber(out, TAG, self.0.as_bytes());
        Ok(())
    }
}

/// An address: EF.P-CSCF (TS 31.103, 4.2.8), EF.ePDGId (TS 31.102, 4.2.102).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum NetworkAddress {
    /// `00`: a domain name.
    Name(String),
    /// `01`: IPv4.
    V4(Ipv4Addr),
    /// `02`: IPv6.
    V6(Ipv6Addr),
}

impl fmt::Display for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => address.fmt(f),
        }
    }
}

impl Contents for NetworkAddress {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let value = required(bytes, TAG)?;
        let wrong = EfError::Object { tag: TAG, len: value.len() };
        match value {
            [0, name @ ..] => Ok(Self::Name(utf8(TAG, name)?.into())),
            [1, octets @ ..] => {
                octets.as_array::<4>().map(|octets| Self::V4((*octets).into())).ok_or(wrong)
            }
            [2, octets @ ..] => {
                octets.as_array::<16>().map(|octets| Self::V6((*octets).into())).ok_or(wrong)
            }
            [value, ..] => Err(EfError::Value { at: 2, value: *value }),
            [] => Err(wrong),
        }
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let mut value = Vec::new();
        match self {
            Self::Name(name) => {
                value.push(0);
                value.extend_from_slice(name.as_bytes());
            }
            Self::V4(address) => {
                value.push(1);
                value.extend_from_slice(&address.octets());
            }
            Self::V6(address) => {
                value.push(2);
                value.extend_from_slice(&address.octets());
            }
        }
        put_ber(out, TAG, &value);
        Ok(())
    }
}

/// EF.ePDGSelection (TS 31.102, 4.2.103), in order of the file.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct EpdgSelections(pub Vec<EpdgSelection>);

/// How an ePDG is found in a network.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EpdgSelection {
    /// The network; `None` for any.
    pub plmn: Option<Plmn>,
    /// Priority, 1 the highest.
    pub priority: u16,
    /// The name holds the location rather than the operator.
    pub by_location: bool,
}

impl Contents for EpdgSelections {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let value = required(bytes, TAG)?;
        let (entries, rest) = value.as_chunks::<6>();
        if !rest.is_empty() {
            return Err(EfError::Object { tag: TAG, len: value.len() });
        }
        let entry = |&[a, b, c, high, low, format]: &[u8; 6]| {
            Ok(EpdgSelection {
                plmn: Plmn::from_wire([a, b, c])?,
                priority: u16::from_be_bytes([high, low]),
                by_location: match format {
                    0 => false,
                    1 => true,
                    value => return Err(EfError::Value { at: 5, value }),
                },
            })
        };
        entries.iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let mut value = Vec::new();
        for entry in &self.0 {
            value.extend(entry.plmn.map_or([FILLER; 3], |plmn| plmn.wire()));
            value.extend_from_slice(&entry.priority.to_be_bytes());
            value.push(u8::from(entry.by_location));
        }
        put_ber(out, TAG, &value);
        Ok(())
    }
}
