//! Encoding and decoding, and the objects whose octets are kept.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rasn::ber::de::{Decoder as BerDecoder, DecoderOptions};
use rasn::de::Error as _;
use rasn::enc::Error as _;
use rasn::types::{Any, AsnType, Constraints, Identifier, Tag};
use rasn::{Decode, Decoder, Encode, Encoder};

/// Most octets of one object: a bound profile package with everything around it.
pub const OBJECT_MAX: usize = 1 << 20;

/// Octets that are not the object that was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DataError {
    /// Not the DER of such an object.
    #[error("not a {expected}: {reason}")]
    Malformed {
        /// The object.
        expected: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// Longer than any object may be.
    #[error("an object of {length} octets; {OBJECT_MAX} is the most that is read")]
    TooLong {
        /// Its length.
        length: usize,
    },
}

/// Reads one object that fills `der`. `expected` names it for the error.
///
/// # Errors
/// [`DataError`] where the octets are something else, or more than that.
pub fn decode<T: Decode>(expected: &'static str, der: &[u8]) -> Result<T, DataError> {
    if der.len() > OBJECT_MAX {
        return Err(DataError::TooLong { length: der.len() });
    }
    rasn::der::decode(der)
        .map_err(|error| DataError::Malformed { expected, reason: error.kind.to_string() })
}

/// Writes an object as DER.
///
/// # Panics
/// Never: the objects of this module have an encoding for each value. (An encoder that fails gives no
/// octets, which no reader takes for an object.)
#[must_use]
pub fn encode<T: Encode>(object: &T) -> Vec<u8> {
    rasn::der::encode(object).unwrap_or_default()
}

/// An object together with the octets that it was read from, or is sent as: what signatures are over.
///
/// `Debug` is that of the object, which knows what to mask.
#[derive(Clone, Eq, PartialEq, Hash)]
pub struct Raw<T> {
    value: T,
    der: Vec<u8>,
}

impl<T: Encode> Raw<T> {
    /// Encodes an object.
    #[must_use]
    pub fn new(value: T) -> Self {
        let der = encode(&value);
        Self { value, der }
    }
}

impl<T> Raw<T> {
    /// The octets, tag and length included.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The object alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Raw<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Deref for Raw<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: AsnType> AsnType for Raw<T> {
    const TAG: Tag = T::TAG;
    const TAG_TREE: rasn::types::TagTree = T::TAG_TREE;
    const IDENTIFIER: Identifier = T::IDENTIFIER;
}

impl<T: Decode> Decode for Raw<T> {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let codec = decoder.codec();
        let der = decoder.decode_any(Tag::EOC)?.into_bytes();
        let mut inner = BerDecoder::new(&der, DecoderOptions::der());
        let value =
            if tag == T::TAG { T::decode(&mut inner) } else { T::decode_with_tag(&mut inner, tag) };
        let value = value.map_err(|error| D::Error::custom(error.kind, codec))?;
        Ok(Self { value, der })
    }
}

impl<T: Encode> Encode for Raw<T> {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        if tag != T::TAG {
            // An implicit tag in the place of the object's own is not what the octets have.
            let codec = encoder.codec();
            return Err(E::Error::custom("the octets of a signed object have its own tag", codec));
        }
        encoder.encode_any(Tag::EOC, &Any::new(self.der.clone()), identifier).map(drop)
    }
}

/// A certificate of X.509 as it came; [`crate::pki::Certificate`] reads it.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub struct CertificateDer(Vec<u8>);

impl CertificateDer {
    /// Takes the octets of a certificate, tag and length included.
    #[must_use]
    pub const fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// The octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl AsnType for CertificateDer {
    const TAG: Tag = Tag::SEQUENCE;
    const IDENTIFIER: Identifier = Identifier::SEQUENCE;
}

impl Decode for CertificateDer {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let codec = decoder.codec();
        let der = decoder.decode_any(Tag::EOC)?.into_bytes();
        match der.first() {
            Some(0x30) if tag == Self::TAG => Ok(Self(der)),
            _ => Err(D::Error::custom("a certificate is a SEQUENCE", codec)),
        }
    }
}

impl Encode for CertificateDer {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_any(Tag::EOC, &Any::new(self.0.clone()), identifier).map(drop)
    }
}

/// What follows the known fields of an object: EXTENSIBILITY IMPLIED.
#[derive(Clone, Debug, Default, Eq, PartialEq, Hash)]
pub struct Extensions(Vec<u8>);

impl Extensions {
    /// The octets of all that follows.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl AsnType for Extensions {
    const TAG: Tag = Tag::EOC;
    const IDENTIFIER: Identifier = Identifier(None);
}

impl Decode for Extensions {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        _: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let mut rest = Vec::new();
        // What is no object stays unread, and whoever reads the surroundings finds it.
        while let Ok(any) = decoder.decode_any(Tag::EOC) {
            rest.extend_from_slice(any.as_bytes());
        }
        Ok(Self(rest))
    }
}

impl Encode for Extensions {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_any(Tag::EOC, &Any::new(self.0.clone()), identifier).map(drop)
    }
}
