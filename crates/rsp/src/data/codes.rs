//! Two kinds of types of which there are many: INTEGERs with named values, and BIT STRINGs with named
//! bits.

/// An INTEGER with named values. A value without a name is kept, for a peer may know more of them.
macro_rules! codes {
    ($($(#[$doc:meta])* pub enum $name:ident { $($(#[doc = $text:literal])+ $code:ident = $value:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
        pub enum $name {
            $($(#[doc = $text])+ $code,)+
            /// A value that the standard does not name.
            Other(i64),
        }

        impl $name {
            /// Returns the value.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $(Self::$code => $value,)+
                    Self::Other(value) => value,
                }
            }

            /// Names a value.
            #[must_use]
            pub const fn from_code(value: i64) -> Self {
                match value {
                    $($value => Self::$code,)+
                    _ => Self::Other(value),
                }
            }

            /// Says it in words.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($text),+).trim_ascii(),)+
                    Self::Other(_) => "a value that the standard does not name",
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{} ({})", self.explain().trim_end_matches('.'), self.code())
            }
        }

        impl rasn::AsnType for $name {
            const TAG: rasn::types::Tag = rasn::types::Tag::INTEGER;
            const IDENTIFIER: rasn::types::Identifier = rasn::types::Identifier::INTEGER;
        }

        impl rasn::Decode for $name {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                decoder.decode_integer::<i64>(tag, constraints).map(Self::from_code)
            }
        }

        impl rasn::Encode for $name {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self,
                encoder: &mut E,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
                identifier: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                encoder.encode_integer(tag, constraints, &self.code(), identifier).map(drop)
            }
        }
    )+};
}

/// A BIT STRING with named bits, of which there are 32 at most; bits beyond are not kept. Bits at the
/// end that are zero are not encoded (X.690, 11.2.2).
macro_rules! flags {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$flag_doc:meta])+ $flag:ident = $bit:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Default, Eq, PartialEq, Hash)]
        pub struct $name(u32);

        impl $name {
            /// None of them.
            pub const NONE: Self = Self(0);
            $($(#[$flag_doc])+ pub const $flag: Self = Self(1 << $bit);)+

            /// Returns both.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Returns whether all of `other` are there.
            #[must_use]
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Returns whether there is none.
            #[must_use]
            pub const fn is_none(self) -> bool {
                self.0 == 0
            }

            /// Returns the names of those that are there.
            #[must_use]
            pub fn names(self) -> alloc::vec::Vec<&'static str> {
                let all = [$((Self::$flag, stringify!($flag)),)+];
                all.into_iter().filter(|(flag, _)| self.has(*flag)).map(|(_, name)| name).collect()
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.names()).finish()
            }
        }

        impl rasn::AsnType for $name {
            const TAG: rasn::types::Tag = rasn::types::Tag::BIT_STRING;
            const IDENTIFIER: rasn::types::Identifier = rasn::types::Identifier::BIT_STRING;
        }

        impl rasn::Decode for $name {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                let bits = decoder.decode_bit_string(tag, constraints)?;
                Ok(Self(bits.iter_ones().filter(|bit| *bit < 32).fold(0, |all, bit| all | 1 << bit)))
            }
        }

        impl rasn::Encode for $name {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self,
                encoder: &mut E,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
                identifier: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                let used = 32 - self.0.leading_zeros();
                let bits: rasn::types::BitString =
                    (0..used).map(|bit| self.0 & 1 << bit != 0).collect();
                encoder.encode_bit_string(tag, constraints, &bits, identifier).map(drop)
            }
        }
    )+};
}

pub(crate) use {codes, flags};
