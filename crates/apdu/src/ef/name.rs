//! Names of operators, languages.

use alloc::{string::String, vec::Vec};

use polysim_base::gsm::{pack, unpack};
use polysim_base::tlv::{BerReader, put_ber};
use polysim_base::{InvalidPlmn, Plmn};

use super::{Contents, EfError, FILLER, first};
use crate::alpha::{AlphaCoding, decode_alpha, encode_alpha_as, put_alpha, ucs2, unpacked};

/// EF.SPN, service provider name (TS 31.102, 4.2.12), 17 bytes.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Spn {
    /// The network's name is to be shown in the home network.
    pub show_network: bool,
    /// This name is not to be shown elsewhere.
    pub hide_abroad: bool,
    /// The name, 16 bytes at most.
    pub name: String,
}

impl Contents for Spn {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[display] = first(bytes)?;
        Ok(Self {
            show_network: display & 0x01 != 0,
            hide_abroad: display & 0x02 != 0,
            name: decode_alpha(bytes.get(1..).unwrap_or_default())?,
        })
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(u8::from(self.show_network) | (u8::from(self.hide_abroad) << 1));
        Ok(put_alpha(&self.name, size.saturating_sub(1), out)?)
    }
}

/// A network name (TS 24.008, 10.5.3.5a).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct NetworkName {
    /// The name.
    pub text: String,
    /// Whether the terminal adds the country's initials.
    pub add_country: bool,
}

impl NetworkName {
    /// Reads the contents of the information element.
    ///
    /// # Errors
    /// [`EfError`] for an unknown coding or broken text.
    pub fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let (&[head], text) = (first(bytes)?, bytes.get(1..).unwrap_or_default());
        let text = match head & 0x70 {
            0x00 => {
                let septets = unpack(text, usize::from(head & 0x07));
                unpacked(&septets).map_err(|at| EfError::Value { at: at + 1, value: head })?
            }
            0x10 => ucs2(text)?,
            _ => return Err(EfError::Value { at: 0, value: head }),
        };
        Ok(Self { text, add_country: head & 0x08 != 0 })
    }

    /// Returns the contents of the information element, packed if the GSM alphabet suffices.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let country = if self.add_country { 0x08 } else { 0 };
        let (head, text) = match encode_alpha_as(&self.text, AlphaCoding::Gsm) {
            Ok(septets) => {
                let text = pack(&septets);
                let spare = u8::try_from(text.len() * 8 - septets.len() * 7).unwrap_or(0);
                (spare, text)
            }
            Err(_) => (0x10, self.text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        };
        [0x80 | head | country].into_iter().chain(text).collect()
    }
}

/// A record of EF.PNN, names of a network (TS 31.102, 4.2.58). An unused record has none.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Pnn {
    /// `43`: full name.
    pub full: Option<NetworkName>,
    /// `45`: short name.
    pub short: Option<NetworkName>,
}

impl Contents for Pnn {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut names = Self::default();
        for object in BerReader::new(bytes) {
            let object = object?;
            match object.tag {
                0x43 => names.full = Some(NetworkName::parse(object.value)?),
                0x45 => names.short = Some(NetworkName::parse(object.value)?),
                _ => {}
            }
        }
        Ok(names)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        for (tag, name) in [(0x43, &self.full), (0x45, &self.short)] {
            if let Some(name) = name {
                put_ber(out, tag, &name.bytes());
            }
        }
        Ok(())
    }
}

/// A record of EF.OPL: where a record of EF.PNN is the name (TS 31.102, 4.2.59), 8 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Opl {
    /// The network; a digit `D` stands for any. See [`Opl::network`].
    pub plmn: [u8; 3],
    /// First location or tracking area code.
    pub first_area: u16,
    /// Last one.
    pub last_area: u16,
    /// Record of EF.PNN; 0 for a name from elsewhere.
    pub name_record: u8,
}

impl Opl {
    /// Returns the network, if no digit of it is open.
    ///
    /// # Errors
    /// [`InvalidPlmn`] if a digit is.
    pub fn network(&self) -> Result<Option<Plmn>, InvalidPlmn> {
        Plmn::from_wire(self.plmn)
    }
}

impl Contents for Opl {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[a, b, c, from_high, from_low, to_high, to_low, name_record] = first(bytes)?;
        Ok(Self {
            plmn: [a, b, c],
            first_area: u16::from_be_bytes([from_high, from_low]),
            last_area: u16::from_be_bytes([to_high, to_low]),
            name_record,
        })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.plmn);
        out.extend_from_slice(&self.first_area.to_be_bytes());
        out.extend_from_slice(&self.last_area.to_be_bytes());
        out.push(self.name_record);
        Ok(())
    }
}

/// EF.LI and EF.PL: languages in order of preference, two letters each (TS 102.221, 13.3);
/// `None` for an unused place.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Languages(pub Vec<Option<[u8; 2]>>);

impl Contents for Languages {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let places = bytes.as_chunks::<2>().0.iter();
        Ok(Self(places.map(|code| if *code == [FILLER; 2] { None } else { Some(*code) }).collect()))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend(self.0.iter().flat_map(|code| code.unwrap_or([FILLER; 2])));
        Ok(())
    }
}
