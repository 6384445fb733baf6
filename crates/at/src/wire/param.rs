//! One parameter and a list of them, both ways.

use alloc::{boxed::Box, vec::Vec};

use super::{Arg, ArgError, ArgProblem, ArgWriter, Args, put_uint};

/// A value that stands between two commas.
pub trait Param: Sized {
    /// Appends the parameter; only called if it is not missing.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads the parameter.
    ///
    /// # Errors
    /// Why the argument is no such value.
    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem>;

    /// Whether nothing is to be written.
    fn is_missing(&self) -> bool {
        false
    }
}

/// A whole parameter list: what stands after `=` in a command or after `: ` in an answer.
pub trait Params: Sized {
    /// Appends the list.
    fn encode_params(&self, to: &mut ArgWriter<'_>);

    /// Reads the list as far as it belongs to `Self`.
    ///
    /// # Errors
    /// The first argument that does not fit.
    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError>;
}

/// Lets single parameters stand as a whole list, or as one field of it.
macro_rules! single {
    ($($type:ty),* $(,)?) => { $(
        impl $crate::Params for $type {
            fn encode_params(&self, to: &mut $crate::ArgWriter<'_>) {
                to.param(self);
            }

            fn parse_params(from: &mut $crate::Args<'_>) -> Result<Self, $crate::ArgError> {
                from.param()
            }
        }
    )* };
}
pub(crate) use single;

impl<T: Param> Params for Option<T> {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        to.param(self);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        from.param()
    }
}

impl<T: Params> Params for Box<T> {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        T::encode_params(self, to);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        T::parse_params(from).map(Self::new)
    }
}

/// A list of equal parameters up to the end, at most 64.
impl<T: Param> Params for Vec<T> {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        for value in self {
            to.param(value);
        }
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        const LIST_LEN_MAX: usize = 64;
        let mut list = Self::new();
        while !from.is_empty() {
            let value = from.param()?;
            if list.len() == LIST_LEN_MAX {
                return Err(from.refuse(ArgProblem::TooLong { limit: LIST_LEN_MAX }));
            }
            list.push(value);
        }
        Ok(list)
    }
}

impl<T: Param> Param for Option<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.encode(out);
        }
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        if arg == Arg::Missing { Ok(None) } else { T::from_arg(arg).map(Some) }
    }

    fn is_missing(&self) -> bool {
        self.is_none()
    }
}

macro_rules! uint_params {
    ($($int:ty),*) => { $(
        impl Param for $int {
            fn encode(&self, out: &mut Vec<u8>) {
                put_uint((*self).into(), out);
            }

            fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
                number(arg)?.try_into().map_err(|_| ArgProblem::OutOfRange)
            }
        }
    )* };
}
uint_params!(u8, u16, u32, u64);
single!(u8, u16, u32, u64);

fn number(arg: Arg<'_>) -> Result<u64, ArgProblem> {
    match arg {
        Arg::Missing => Err(ArgProblem::Missing),
        Arg::Quoted(_) => Err(ArgProblem::NotANumber),
        Arg::Bare(digits) => parse_uint(digits),
    }
}

/// Reads decimal digits and nothing else.
pub(crate) fn parse_uint(digits: &[u8]) -> Result<u64, ArgProblem> {
    if digits.is_empty() {
        return Err(ArgProblem::NotANumber);
    }
    let mut value = 0_u64;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return Err(ArgProblem::NotANumber);
        }
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(u64::from(byte - b'0')))
            .ok_or(ArgProblem::OutOfRange)?;
    }
    Ok(value)
}

/// Declares structs that are parameter lists, field by field in wire order.
macro_rules! params {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident { $( $(#[$field_meta:meta])* pub $field:ident: $ty:ty, )* }
    )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub struct $name { $( $(#[$field_meta])* pub $field: $ty, )* }

        impl $crate::Params for $name {
            fn encode_params(&self, to: &mut $crate::ArgWriter<'_>) {
                $( $crate::Params::encode_params(&self.$field, to); )*
            }

            fn parse_params(from: &mut $crate::Args<'_>) -> Result<Self, $crate::ArgError> {
                Ok(Self { $( $field: $crate::Params::parse_params(from)?, )* })
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl $crate::testkit::Sample for $name {
            fn sample(source: &mut $crate::testkit::Source<'_>) -> Self {
                Self { $( $field: source.value(), )* }
            }
        }
    )* };
}
pub(crate) use params;
