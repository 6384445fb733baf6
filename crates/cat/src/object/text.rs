//! Text: strings with a data coding (TS 102.223, 8.15), alpha identifiers (8.2) and items (8.9).

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    error::Flaw,
    gsm,
    object::{Object, octet, octets},
};

/// How a text string is coded (TS 102.223, 8.15).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TextCoding {
    /// The GSM default alphabet, packed.
    Packed,
    /// The GSM default alphabet, an octet per septet.
    Gsm,
    /// UCS-2; surrogate pairs are taken as UTF-16.
    Ucs2,
}

/// A text string: the null text, or text in one of three codings (TS 102.223, 8.15).
///
/// The octets are kept as they came, so that nothing is lost of what is not good text.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct TextString {
    /// Data coding scheme and octets.
    coded: Option<(u8, Box<[u8]>)>,
}

impl TextString {
    /// The null text: no value at all. It clears an idle mode text.
    pub const NULL: Self = Self { coded: None };

    /// Returns a text in the shortest coding that has all its characters.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::in_coding(text, TextCoding::Packed).unwrap_or_else(|| Self::ucs2(text))
    }

    /// Returns a text in a coding; nothing if that lacks one of its characters.
    #[must_use]
    pub fn in_coding(text: &str, coding: TextCoding) -> Option<Self> {
        let octets = match coding {
            TextCoding::Packed => gsm::packed(&gsm::septets(text)?),
            TextCoding::Gsm => gsm::septets(text)?,
            TextCoding::Ucs2 => return Some(Self::ucs2(text)),
        };
        Some(Self { coded: Some((coding.scheme(), octets.into())) })
    }

    fn ucs2(text: &str) -> Self {
        Self { coded: Some((TextCoding::Ucs2.scheme(), ucs2(text).collect())) }
    }

    /// Returns how it is coded; nothing for the null text.
    #[must_use]
    pub fn coding(&self) -> Option<TextCoding> {
        self.coded.as_ref().and_then(|(scheme, _)| TextCoding::of(*scheme))
    }

    /// Returns its octets without the data coding scheme.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.coded.as_ref().map_or(&[], |(_, octets)| octets)
    }

    /// Returns the text; what is no character becomes U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        match self.coding() {
            None => String::new(),
            Some(TextCoding::Packed) => gsm::text(&gsm::unpacked(self.octets())),
            Some(TextCoding::Gsm) => gsm::text(self.octets()),
            Some(TextCoding::Ucs2) => from_ucs2(self.octets()),
        }
    }
}

impl TextCoding {
    const fn scheme(self) -> u8 {
        match self {
            Self::Packed => 0x00,
            Self::Gsm => 0x04,
            Self::Ucs2 => 0x08,
        }
    }

    /// The coding of a data coding scheme: general ones, with or without class, and `Fx`
    /// (TS 23.038, 4). Compressed and other schemes are not for the toolkit.
    const fn of(scheme: u8) -> Option<Self> {
        match scheme & 0xEC {
            0x00 => Some(Self::Packed),
            0x04 => Some(Self::Gsm),
            0x08 => Some(Self::Ucs2),
            _ => match scheme & 0xFC {
                0xF0 => Some(Self::Packed),
                0xF4 => Some(Self::Gsm),
                _ => None,
            },
        }
    }
}

impl Object for TextString {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let Some((scheme, octets)) = value.split_first() else { return Ok(Self::NULL) };
        match TextCoding::of(*scheme) {
            Some(TextCoding::Ucs2) if !octets.len().is_multiple_of(2) => Err(Flaw::Length),
            Some(_) => Ok(Self { coded: Some((*scheme, octets.into())) }),
            None => Err(Flaw::Contents(0)),
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        if let Some((scheme, octets)) = &self.coded {
            out.push(*scheme);
            out.extend_from_slice(octets);
        }
    }
}

octets! {
    /// An alpha identifier: text as the files of a card hold it (TS 102.223, 8.2; TS 102.221,
    /// annex A). The empty one says that the user is to be told nothing.
    AlphaIdentifier, "alpha identifier", 0..=255;
}

impl AlphaIdentifier {
    /// Returns the identifier of a text: in the GSM default alphabet if that has all its
    /// characters, else in UCS-2.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let octets = gsm::septets(text)
            .unwrap_or_else(|| core::iter::once(0x80).chain(ucs2(text)).collect());
        Self(octets.into())
    }

    /// Returns the text; what is no character becomes U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        match self.octets() {
            [0x80, text @ ..] => from_ucs2(text),
            [0x81, count, page, text @ ..] => windowed(*count, u32::from(*page) << 7, text),
            [0x82, count, high, low, text @ ..] => {
                windowed(*count, u32::from(u16::from_be_bytes([*high, *low])), text)
            }
            [0x81 | 0x82, ..] => String::new(),
            text => gsm::text(text.split(|octet| *octet == 0xFF).next().unwrap_or_default()),
        }
    }
}

/// GSM characters, and those of a window of UCS-2 with the top bit set (TS 102.221, annex A).
fn windowed(count: u8, base: u32, octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let octets = octets.get(..usize::from(count)).unwrap_or(octets);
    for part in octets.chunk_by(|one, next| one & 0x80 == 0 && next & 0x80 == 0) {
        match part {
            [octet] if octet & 0x80 != 0 => {
                let point = base.saturating_add(u32::from(octet & 0x7F));
                text.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            septets => text.push_str(&gsm::text(septets)),
        }
    }
    text
}

fn ucs2(text: &str) -> impl Iterator<Item = u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes)
}

fn from_ucs2(octets: &[u8]) -> String {
    let (units, _) = octets.as_chunks::<2>();
    let units =
        units.iter().map(|unit| u16::from_be_bytes(*unit)).take_while(|unit| *unit != 0xFFFF);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

octet! {
    /// The identifier of an item, 1 to 255; zero in a response stands for no item
    /// (TS 102.223, 8.10).
    ItemIdentifier;
}

/// An item of a menu or a choice (TS 102.223, 8.9).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Item {
    /// What the terminal answers when the user chooses it.
    pub identifier: ItemIdentifier,
    /// What the user sees.
    pub text: AlphaIdentifier,
}

impl Item {
    /// Returns an item of an identifier, 1 to 255, and its text.
    #[must_use]
    pub fn new(identifier: u8, text: &str) -> Self {
        Self { identifier: ItemIdentifier(identifier), text: AlphaIdentifier::from_text(text) }
    }
}

impl Object for Item {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (identifier, text) = value.split_first().ok_or(Flaw::Length)?;
        Ok(Self { identifier: ItemIdentifier(*identifier), text: AlphaIdentifier::parse(text)? })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.identifier.0);
        self.text.put(out);
    }
}

octets! {
    /// USSD string: data coding scheme of a broadcast (TS 23.038, 5), then the string
    /// (TS 31.111, 8.17).
    UssdString, "USSD string", 1..=255;
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{Item, TextString};
    use crate::{
        object::sample_fields,
        sample::{Draw, Sample},
    };

    sample_fields! { Item { identifier, text } }

    impl Sample for TextString {
        fn sample(draw: &mut Draw) -> Self {
            let scheme = draw.pick(&[0x00, 0x04, 0x08, 0x10, 0xF0, 0xF4]);
            let octets = draw.octets(0, 4);
            let even = octets.len() & !1;
            let octets = if scheme == 0x08 { octets.get(..even) } else { Some(octets.as_slice()) };
            let coded = octets.map(|octets| (scheme, octets.into()));
            Self { coded: coded.filter(|_| draw.below(8) != 0) }
        }
    }
}
