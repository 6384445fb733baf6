//! PINs, and what unblocks them.

use alloc::vec::Vec;

use polysim_apdu::{KeyRef, Pin};
use polysim_base::tlv::put_ber;

use super::{PATH_LEN_MAX, PeHeader};
use crate::saip::der::{
    DecodeError, Field, Problem, Reader, SEQUENCE, constructed, primitive, put_inside, put_uint,
};

/// Most PINs and PUKs of an element.
const PINS_MAX: usize = 26;
const PUKS_MAX: usize = 16;

/// PINs of the directory that was created last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PinCodes {
    /// Its header.
    pub header: PeHeader,
    /// The PINs.
    pub source: PinSource,
}

/// Where PINs come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PinSource {
    /// They are these.
    Own(Vec<PinConfiguration>),
    /// They are those of another directory, by its path.
    Shared(Vec<u8>),
}

/// How often a code may be wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tries {
    /// How often after it was right, 0 to 15.
    pub max: u8,
    /// How often from now on, 0 to 15.
    pub left: u8,
}

impl Tries {
    /// What a PIN has if nothing else is said.
    pub const PIN: Self = Self { max: 3, left: 3 };
    /// What a PUK has if nothing else is said.
    pub const PUK: Self = Self { max: 10, left: 10 };

    const fn of(octet: u8) -> Self {
        Self { max: octet >> 4, left: octet & 0x0F }
    }

    const fn octet(self) -> u8 {
        self.max << 4 | (self.left & 0x0F)
    }
}

/// A PIN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PinConfiguration {
    /// Which it is.
    pub reference: KeyRef,
    /// Its value.
    pub value: Pin,
    /// What unblocks it.
    pub unblocked_by: Option<KeyRef>,
    /// Bit 1: enabled; bits 2 and 3: what may be changed. [`Self::ATTRIBUTES`] if missing.
    pub attributes: Option<u8>,
    /// How often it may be wrong; [`Tries::PIN`] if missing.
    pub tries: Option<Tries>,
}

impl PinConfiguration {
    /// The attributes if nothing else is said: enabled, and everything may be changed.
    pub const ATTRIBUTES: u8 = 7;

    /// Tells whether the PIN must be verified.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.attributes.unwrap_or(Self::ATTRIBUTES) & 1 != 0
    }
}

/// What unblocks PINs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PukCodes {
    /// Its header.
    pub header: PeHeader,
    /// The codes.
    pub codes: Vec<PukConfiguration>,
}

/// A PUK.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PukConfiguration {
    /// Which it is.
    pub reference: KeyRef,
    /// Its value.
    pub value: Pin,
    /// How often it may be wrong; [`Tries::PUK`] if missing.
    pub tries: Option<Tries>,
}

impl PinCodes {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let mut choice = fields.required(constructed(1))?.inside();
        let at = choice.at();
        let source = match choice.next()? {
            Some(field) if field.tag == constructed(0) => {
                PinSource::Own(field.inside().list("PINs", PINS_MAX, PinConfiguration::read)?)
            }
            Some(field) if field.tag == primitive(1) => {
                PinSource::Shared(field.octets(0, PATH_LEN_MAX)?.to_vec())
            }
            Some(_) | None => {
                return Err(DecodeError::new(at, Problem::Missing { tag: constructed(0) }));
            }
        };
        choice.finish_closed()?;
        fields.finish(1)?;
        Ok(Self { header, source })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_inside(out, constructed(1), |out| match &self.source {
            PinSource::Own(pins) => {
                put_inside(out, constructed(0), |out| pins.iter().for_each(|pin| pin.put(out)));
            }
            PinSource::Shared(path) => put_ber(out, primitive(1), path),
        });
    }
}

impl PinConfiguration {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let reference = KeyRef(fields.required(primitive(0))?.uint8()?);
        let value = Pin::new(fields.required(primitive(1))?.array()?);
        let unblocked_by = optional(&mut fields, 2)?.map(KeyRef);
        let attributes = optional(&mut fields, 3)?;
        let tries = optional(&mut fields, 4)?.map(Tries::of);
        fields.finish(4)?;
        Ok(Self { reference, value, unblocked_by, attributes, tries })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            put_uint(out, primitive(0), self.reference.0.into());
            put_ber(out, primitive(1), self.value.bytes());
            put_optional(out, 2, self.unblocked_by.map(|reference| reference.0));
            put_optional(out, 3, self.attributes);
            put_optional(out, 4, self.tries.map(Tries::octet));
        });
    }
}

impl PukCodes {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let codes = fields.required(constructed(1))?.inside();
        let codes = codes.list("PUKs", PUKS_MAX, PukConfiguration::read)?;
        fields.finish(1)?;
        Ok(Self { header, codes })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_inside(out, constructed(1), |out| self.codes.iter().for_each(|code| code.put(out)));
    }
}

impl PukConfiguration {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let reference = KeyRef(fields.required(primitive(0))?.uint8()?);
        let value = Pin::new(fields.required(primitive(1))?.array()?);
        let tries = optional(&mut fields, 2)?.map(Tries::of);
        fields.finish(2)?;
        Ok(Self { reference, value, tries })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            put_uint(out, primitive(0), self.reference.0.into());
            put_ber(out, primitive(1), self.value.bytes());
            put_optional(out, 2, self.tries.map(Tries::octet));
        });
    }
}

fn optional(fields: &mut Reader<'_>, number: u32) -> Result<Option<u8>, DecodeError> {
    fields.optional(primitive(number))?.map(|field| field.uint8()).transpose()
}

fn put_optional(out: &mut Vec<u8>, number: u32, value: Option<u8>) {
    if let Some(value) = value {
        put_uint(out, primitive(number), value.into());
    }
}
