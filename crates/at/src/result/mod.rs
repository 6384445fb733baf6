//! Final result codes and error causes.

mod cme;
mod cms;
mod final_result;
#[cfg(test)]
mod tests;

pub use cme::CmeError;
pub use cms::CmsError;
pub use final_result::{ErrorReporting, FinalResult};

/// Declares an enum of error causes with number and text.
macro_rules! causes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $variant:ident = $number:literal $text:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $( #[doc = concat!(stringify!($number), ": ", $text, ".")] $variant, )*
            /// A number without a name here; made by `from_number` only.
            Other(u16),
        }

        impl $name {
            /// Every cause that has a name.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Returns the number.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $( Self::$variant => $number, )*
                    Self::Other(number) => number,
                }
            }

            /// Returns the cause of a number.
            #[must_use]
            pub const fn from_number(number: u16) -> Self {
                match number {
                    $( $number => Self::$variant, )*
                    _ => Self::Other(number),
                }
            }

            /// Returns the text of the standard, or `None` for a number without a name.
            #[must_use]
            pub const fn text(self) -> Option<&'static str> {
                match self {
                    $( Self::$variant => Some($text), )*
                    Self::Other(_) => None,
                }
            }

            /// Returns the cause whose text this is, in upper or lower case.
            #[must_use]
            pub fn from_text(text: &[u8]) -> Option<Self> {
                $( if text.eq_ignore_ascii_case($text.as_bytes()) {
                    return Some(Self::$variant);
                } )*
                None
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::testkit::Sample for $name {
            fn sample(source: &mut $crate::testkit::Source<'_>) -> Self {
                Self::from_number(source.value::<u16>() % 1024)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.text() {
                    Some(text) => f.write_str(text),
                    None => write!(f, "cause {}", self.number()),
                }
            }
        }

        impl core::error::Error for $name {}
    };
}
use causes;
