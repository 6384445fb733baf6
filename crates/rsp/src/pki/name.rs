//! Distinguished names, as far as the rules need them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::der::{
    DerError, OBJECT_IDENTIFIER, PRINTABLE_STRING, Reader, SEQUENCE, SET, UTF8_STRING, tlv,
};

const TELETEX_STRING: u32 = 0x14;
const IA5_STRING: u32 = 0x16;

/// The arc 2.5.4 and the attribute in it.
pub(super) const COMMON_NAME: u8 = 3;
pub(super) const SERIAL_NUMBER: u8 = 5;
pub(super) const COUNTRY: u8 = 6;
pub(super) const ORGANIZATION: u8 = 10;
pub(super) const ORGANIZATIONAL_UNIT: u8 = 11;

/// The attributes of a distinguished name that the rules of SGP.22 look at.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Name {
    pub(super) common_name: Option<Box<str>>,
    pub(super) organization: Option<Box<str>>,
    pub(super) organizational_unit: Option<Box<str>>,
    pub(super) serial_number: Option<Box<str>>,
}

impl Name {
    /// Reads the value of a Name: a sequence of sets of attributes.
    pub(super) fn read(rdns: Reader<'_>) -> Result<Self, DerError> {
        let mut name = Self::default();
        for Attribute { kind, tag, value } in attributes(rdns)? {
            name.take(kind, tag, value);
        }
        Ok(name)
    }

    fn take(&mut self, kind: &[u8], tag: u32, value: &[u8]) {
        let slot = match kind {
            [0x55, 4, COMMON_NAME] => &mut self.common_name,
            [0x55, 4, SERIAL_NUMBER] => &mut self.serial_number,
            [0x55, 4, ORGANIZATION] => &mut self.organization,
            [0x55, 4, ORGANIZATIONAL_UNIT] => &mut self.organizational_unit,
            _ => return,
        };
        if matches!(tag, UTF8_STRING | PRINTABLE_STRING | IA5_STRING | TELETEX_STRING)
            && let Ok(text) = core::str::from_utf8(value)
        {
            *slot = Some(text.into());
        }
    }
}

/// Writes a Name, in the order given.
pub(super) fn write(attributes: &[(u8, &str)]) -> Vec<u8> {
    let sets: Vec<u8> = attributes
        .iter()
        .flat_map(|(kind, text)| {
            // X.520 allows only PrintableString for these two.
            let tag = match *kind {
                COUNTRY | SERIAL_NUMBER => PRINTABLE_STRING,
                _ => UTF8_STRING,
            };
            let kind = tlv(OBJECT_IDENTIFIER, &[&[0x55, 4, *kind]]);
            let attribute = tlv(SEQUENCE, &[&kind, &tlv(tag, &[text.as_bytes()])]);
            tlv(SET, &[&attribute])
        })
        .collect();
    tlv(SEQUENCE, &[&sets])
}

/// Returns whether two Names (their values) have the same attributes in the same order.
///
/// The type of a string does not count: authorities write one name now as `UTF8String`, now as
/// `PrintableString`.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let pairs = |value| {
        let list = attributes(Reader::new(value)).ok()?.into_iter();
        Some(list.map(|attribute| (attribute.kind, attribute.value)).collect::<Vec<_>>())
    };
    one == other || pairs(one).is_some_and(|one| Some(one) == pairs(other))
}

struct Attribute<'a> {
    kind: &'a [u8],
    tag: u32,
    value: &'a [u8],
}

fn attributes(mut rdns: Reader<'_>) -> Result<Vec<Attribute<'_>>, DerError> {
    let mut found = Vec::new();
    while !rdns.is_empty() {
        let mut set = rdns.enter(SET)?;
        while !set.is_empty() {
            let mut attribute = set.enter(SEQUENCE)?;
            let kind = attribute.value(OBJECT_IDENTIFIER)?;
            let (tag, value, _) = attribute.any()?;
            attribute.end()?;
            found.push(Attribute { kind, tag, value });
        }
    }
    Ok(found)
}
