//! The data objects (TS 102.223, 8; TS 31.111, 8), by what they are about.

pub(crate) mod browser;
pub(crate) mod card;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod display;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod heard;
pub(crate) mod identity;
pub(crate) mod location;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod text;

use alloc::vec::Vec;

use crate::error::Flaw;

/// The value of a data object.
pub(crate) trait Object: Sized {
    /// Reads a value. Octets behind what is known are passed over (TS 102.223, 6.10.8).
    fn parse(value: &[u8]) -> Result<Self, Flaw>;

    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);
}

/// Returns what a comment says, without its full stop.
pub(crate) fn words(comment: &str) -> &str {
    let comment = comment.trim();
    comment.strip_suffix('.').unwrap_or(comment)
}

/// An octet of which the standard reserves some values. The comment of each value is also what
/// [`words`] say to people.
macro_rules! octet_enum {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[doc = $words:expr])+ $value:ident = $octet:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[doc = $words])+ $value,)+ }

        impl $name {
            /// Every value, in the order of the octets.
            pub const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// Returns its octet.
            #[must_use]
            pub const fn octet(self) -> u8 {
                match self { $(Self::$value => $octet,)+ }
            }

            /// Returns the value of an octet; nothing for a reserved one.
            #[must_use]
            pub const fn from_octet(octet: u8) -> Option<Self> {
                match octet {
                    $($octet => Some(Self::$value),)+
                    _ => None,
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self {
                    $(Self::$value => $crate::object::words(concat!($($words),+)),)+
                })
            }
        }

        impl $crate::object::Object for $name {
            fn parse(value: &[u8]) -> Result<Self, $crate::error::Flaw> {
                let octet = value.first().ok_or($crate::error::Flaw::Length)?;
                Self::from_octet(*octet).ok_or($crate::error::Flaw::Contents(0))
            }

            fn put(&self, out: &mut alloc::vec::Vec<u8>) {
                out.push(self.octet());
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::sample::Sample for $name {
            fn sample(draw: &mut $crate::sample::Draw) -> Self {
                draw.pick(Self::ALL)
            }
        }
    };
}

/// Octets that are not taken apart, of which there are some least and some most.
macro_rules! octets {
    ($($(#[$meta:meta])* $name:ident, $words:literal, $least:literal ..= $most:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name(alloc::boxed::Box<[u8]>);

        impl $name {
            /// Returns the object of these octets.
            ///
            /// # Errors
            /// [`OutOfRange`](crate::OutOfRange) tells how many there can be.
            pub fn new(octets: &[u8]) -> Result<Self, $crate::error::OutOfRange> {
                let found = octets.len();
                if !($least..=$most).contains(&found) {
                    let (least, most) = ($least, $most);
                    return Err($crate::error::OutOfRange { field: $words, found, least, most });
                }
                Ok(Self(octets.into()))
            }

            /// Returns its octets.
            #[must_use]
            pub const fn octets(&self) -> &[u8] {
                &self.0
            }
        }

        impl $crate::object::Object for $name {
            fn parse(value: &[u8]) -> Result<Self, $crate::error::Flaw> {
                Self::new(value).map_err(|_| $crate::error::Flaw::Length)
            }

            fn put(&self, out: &mut alloc::vec::Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::sample::Sample for $name {
            fn sample(draw: &mut $crate::sample::Draw) -> Self {
                Self(draw.octets($least, $most).into())
            }
        }
    )+};
}

/// One octet that means a number or whose meaning is defined elsewhere: every value is one.
macro_rules! octet {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub u8);

        impl $crate::object::Object for $name {
            fn parse(value: &[u8]) -> Result<Self, $crate::error::Flaw> {
                value.first().map(|octet| Self(*octet)).ok_or($crate::error::Flaw::Length)
            }

            fn put(&self, out: &mut alloc::vec::Vec<u8>) {
                out.push(self.0);
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::sample::Sample for $name {
            fn sample(draw: &mut $crate::sample::Draw) -> Self {
                Self(draw.octet())
            }
        }
    )+};
}

/// A list of objects of one octet each.
macro_rules! octet_list {
    ($($(#[$meta:meta])* $name:ident of $element:ty;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name(pub alloc::vec::Vec<$element>);

        impl $crate::object::Object for $name {
            fn parse(value: &[u8]) -> Result<Self, $crate::error::Flaw> {
                let mut list = alloc::vec::Vec::with_capacity(value.len());
                for (at, octet) in value.iter().enumerate() {
                    let element = <$element as $crate::object::Object>::parse(&[*octet]);
                    list.push(element.map_err(|_| $crate::error::Flaw::Contents(at))?);
                }
                Ok(Self(list))
            }

            fn put(&self, out: &mut alloc::vec::Vec<u8>) {
                for element in &self.0 {
                    $crate::object::Object::put(element, out);
                }
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::sample::Sample for $name {
            fn sample(draw: &mut $crate::sample::Draw) -> Self {
                Self(draw.list())
            }
        }
    )+};
}

/// A structure of fields, each an object, for which samples are made field by field.
#[cfg(any(test, feature = "testkit"))]
macro_rules! sample_fields {
    ($($name:ident { $($field:ident),* $(,)? })+) => {$(
        impl $crate::sample::Sample for $name {
            fn sample(_draw: &mut $crate::sample::Draw) -> Self {
                $(let $field = $crate::sample::Sample::sample(_draw);)*
                Self { $($field),* }
            }
        }
    )+};
}

#[cfg(any(test, feature = "testkit"))]
pub(crate) use sample_fields;
pub(crate) use {octet, octet_enum, octet_list, octets};
