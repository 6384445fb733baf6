//! The four forms of an extended command (V.250, 5.4.3 and 5.4.4).

use alloc::vec::Vec;

use crate::{Arg, ArgError, ArgWriter, Args, Params};

/// The form in which an extended command is given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Form<S> {
    /// `+X=?`: which values are supported.
    Test,
    /// `+X?`: the value in force.
    Read,
    /// `+X`: do it.
    Execute,
    /// `+X=…`: do it, or set it, with parameters.
    Set(S),
}

impl<S> Form<S> {
    /// Makes the set form.
    pub const fn set(parameters: S) -> Self {
        Self::Set(parameters)
    }
}

impl<S: Params> Form<S> {
    /// Appends what follows the name.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Test => out.extend_from_slice(b"=?"),
            Self::Read => out.push(b'?'),
            Self::Execute => {}
            Self::Set(parameters) => {
                out.push(b'=');
                parameters.encode_params(&mut ArgWriter::new(out));
            }
        }
    }

    /// Reads the parameters of the set form; every one must be used.
    pub(super) fn parse(raw: Form<&[u8]>) -> Result<Self, ArgError> {
        Ok(match raw {
            Form::Test => Self::Test,
            Form::Read => Self::Read,
            Form::Execute => Self::Execute,
            Form::Set(list) => {
                let mut from = Args::new(list);
                let parameters = S::parse_params(&mut from)?;
                from.finish()?;
                Self::Set(parameters)
            }
        })
    }
}

/// The parameters of a command that has no set form: there are none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoSet {}

impl Params for NoSet {
    fn encode_params(&self, _to: &mut ArgWriter<'_>) {
        match *self {}
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        let problem = match from.take()? {
            Arg::Missing => crate::ArgProblem::Missing,
            Arg::Bare(_) | Arg::Quoted(_) => crate::ArgProblem::Surplus,
        };
        Err(from.refuse(problem))
    }
}
