//! Newtypes over fixed byte strings: the open ones print as hex, the secret ones as `***`.

/// A byte string that does not fit the value it is meant for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OctetsError {
    /// The number of bytes is wrong.
    #[error("{what}: {got} bytes, expected {expected_min} to {expected_max}")]
    Length {
        /// Which value was read.
        what: &'static str,
        /// Least number of bytes it has.
        expected_min: usize,
        /// Largest number of bytes it has.
        expected_max: usize,
        /// Number of bytes (or, with an odd number of digits, half digits rounded up) given.
        got: usize,
    },
    /// A character is no hexadecimal digit.
    #[error("{what}: no hexadecimal digit at character {position}")]
    Digit {
        /// Which value was read.
        what: &'static str,
        /// Byte position in the text, from 0.
        position: usize,
    },
}

/// Reads exactly `N` bytes from hexadecimal digits of either case.
pub(crate) fn from_hex<const N: usize>(
    what: &'static str,
    text: &str,
) -> Result<[u8; N], OctetsError> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        let got = digits.len().div_ceil(2);
        // An odd digit too few rounds up to the right number; say it is one short then.
        let got = if got == N { N.saturating_sub(1) } else { got };
        return Err(OctetsError::Length { what, expected_min: N, expected_max: N, got });
    }
    let mut bytes = [0; N];
    for (index, (byte, pair)) in bytes.iter_mut().zip(digits.chunks_exact(2)).enumerate() {
        for (offset, digit) in pair.iter().enumerate() {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                b'A'..=b'F' => digit - b'A' + 10,
                _ => {
                    return Err(OctetsError::Digit { what, position: 2 * index + offset });
                }
            };
            *byte = *byte << 4 | value;
        }
    }
    Ok(bytes)
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn write_hex(f: &mut core::fmt::Formatter<'_>, bytes: &[u8]) -> core::fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// What open and secret values have in common.
macro_rules! octets_base {
    ($name:ident, $len:literal) => {
        impl $name {
            /// Number of bytes.
            pub const LEN: usize = $len;

            /// Returns the bytes, the most significant first.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = $crate::octets::OctetsError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                match bytes.try_into() {
                    Ok(bytes) => Ok(Self(bytes)),
                    Err(_) => Err($crate::octets::OctetsError::Length {
                        what: stringify!($name),
                        expected_min: $len,
                        expected_max: $len,
                        got: bytes.len(),
                    }),
                }
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::octets::OctetsError;

            /// Reads hexadecimal digits without separators.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::octets::from_hex(stringify!($name), text).map(Self)
            }
        }
    };
}

/// A value that travels in the clear: `Copy`, printed as hex.
macro_rules! open_octets {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; $len]);

        $crate::octets::octets_base!($name, $len);
        $crate::octets::shown_octets!($name);
    };
}

/// A value that travels in the clear but decides an authentication: compared in constant time.
macro_rules! checked_octets {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name([u8; $len]);

        $crate::octets::octets_base!($name, $len);
        $crate::octets::shown_octets!($name);
        $crate::octets::constant_time_eq!($name);
    };
}

/// A key: no `Copy`, zeroized on drop, compared in constant time, never printed.
macro_rules! secret_octets {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
        pub struct $name([u8; $len]);

        $crate::octets::octets_base!($name, $len);
        $crate::octets::constant_time_eq!($name);

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("***")
            }
        }
    };
}

macro_rules! shown_octets {
    ($name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::octets::write_hex(f, self.as_bytes())
            }
        }
    };
}

macro_rules! constant_time_eq {
    ($name:ident) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                use subtle::ConstantTimeEq as _;
                self.as_bytes().ct_eq(other.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

pub(crate) use {
    checked_octets, constant_time_eq, octets_base, open_octets, secret_octets, shown_octets,
};
