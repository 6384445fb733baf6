//! Objects of X.509 whose own tag gives way to one of the object around them.

use alloc::vec::Vec;

use rasn::de::Error as _;
use rasn::enc::Error as _;
use rasn::types::{Any, AsnType, Class, Constraints, Identifier, Tag};
use rasn::{Decode, Decoder, Encode, Encoder};

/// A SEQUENCE as it came, such as a certificate or a public key of X.509. Where an object around it
/// puts another tag in place of its own, that is only on the wire.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub struct SequenceDer(Vec<u8>);

impl SequenceDer {
    /// Takes the octets of a SEQUENCE; nothing for octets that begin otherwise.
    #[must_use]
    pub fn new(der: Vec<u8>) -> Option<Self> {
        (der.first() == Some(&0x30)).then_some(Self(der))
    }

    /// The octets, with the tag of a SEQUENCE.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl AsnType for SequenceDer {
    const TAG: Tag = Tag::SEQUENCE;
    const IDENTIFIER: Identifier = Identifier::SEQUENCE;
}

/// Returns the first octet of a SEQUENCE under a tag.
fn first_octet(tag: Tag) -> Option<u8> {
    let number = u8::try_from(tag.value).ok().filter(|number| *number < 31)?;
    match tag.class {
        Class::Universal => Some(0x20 | number),
        Class::Application => Some(0x60 | number),
        Class::Context => Some(0xA0 | number),
        Class::Private => Some(0xE0 | number),
    }
}

impl Decode for SequenceDer {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let codec = decoder.codec();
        let mut der = decoder.decode_any(Tag::EOC)?.into_bytes();
        let is_tagged = der.first().copied() == first_octet(tag);
        match der.first_mut().filter(|_| is_tagged) {
            Some(first) => *first = 0x30,
            None => return Err(D::Error::custom("another tag than expected", codec)),
        }
        Ok(Self(der))
    }
}

impl Encode for SequenceDer {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        let mut der = self.0.clone();
        let (Some(first), Some(octet)) = (der.first_mut(), first_octet(tag)) else {
            let codec = encoder.codec();
            return Err(E::Error::custom("no tag for a sequence", codec));
        };
        *first = octet;
        encoder.encode_any(Tag::EOC, &Any::new(der), identifier).map(drop)
    }
}
