//! Declares enums that stand on the wire as a number or as a word.

/// An enum whose variants are numbers on the wire; numbers without a name become `Other`.
macro_rules! coded {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, )* }
    )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )*
            /// A number without a name here; made by `from_code` only.
            Other(u8),
        }

        impl $name {
            /// Returns the number on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    $( Self::$variant => $code, )*
                    Self::Other(code) => code,
                }
            }

            /// Returns the meaning of a number.
            #[must_use]
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $( $code => Self::$variant, )*
                    _ => Self::Other(code),
                }
            }
        }

        impl $crate::Param for $name {
            fn encode(&self, out: &mut alloc::vec::Vec<u8>) {
                $crate::Param::encode(&self.code(), out);
            }

            fn from_arg(arg: $crate::Arg<'_>) -> Result<Self, $crate::ArgProblem> {
                <u8 as $crate::Param>::from_arg(arg).map(Self::from_code)
            }
        }

        $crate::wire::single!($name);

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::testkit::Sample for $name {
            fn sample(source: &mut $crate::testkit::Source<'_>) -> Self {
                Self::from_code(source.value())
            }
        }
    )* };
}
pub(crate) use coded;

/// An enum whose variants are words on the wire, `quoted` or `bare`; other words are refused.
macro_rules! named {
    ($(
        $(#[$meta:meta])*
        $quoting:ident pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name { $( $(#[$variant_meta])* $variant, )* }

        impl $name {
            /// Every variant, in the order of the standard.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Returns the word on the wire, without quotes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            /// Returns the variant that a word names, in upper or lower case.
            #[must_use]
            pub fn from_word(word: &[u8]) -> Option<Self> {
                $( if word.eq_ignore_ascii_case($word.as_bytes()) {
                    return Some(Self::$variant);
                } )*
                None
            }
        }

        impl $crate::Param for $name {
            fn encode(&self, out: &mut alloc::vec::Vec<u8>) {
                $crate::wire::named!(@put $quoting, self.as_str(), out);
            }

            fn from_arg(arg: $crate::Arg<'_>) -> Result<Self, $crate::ArgProblem> {
                match arg {
                    $crate::Arg::Missing => Err($crate::ArgProblem::Missing),
                    $crate::Arg::Bare(word) | $crate::Arg::Quoted(word) => {
                        Self::from_word(word).ok_or($crate::ArgProblem::UnknownValue)
                    }
                }
            }
        }

        $crate::wire::single!($name);

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::testkit::Sample for $name {
            fn sample(source: &mut $crate::testkit::Source<'_>) -> Self {
                source.pick(Self::ALL)
            }
        }
    )* };
    (@put quoted, $word:expr, $out:expr) => {
        $out.push(b'"');
        $out.extend_from_slice($word.as_bytes());
        $out.push(b'"');
    };
    (@put bare, $word:expr, $out:expr) => {
        $out.extend_from_slice($word.as_bytes());
    };
}
pub(crate) use named;
