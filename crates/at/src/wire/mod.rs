//! The argument grammar: how one parameter list is read and written.

mod args;
mod coded;
mod hex;
mod line;
mod param;
mod text;
mod writer;

pub use args::{Arg, ArgError, ArgProblem, Args};
pub use hex::{HexBytes, parse_pdu};
pub use line::{Framing, Line, LineError, encode_numbers, parse_numbers};
pub use param::{Param, Params};
pub use text::{DIAL_LEN_MAX, DialString, InvalidText, Password, SessionId, TEXT_LEN_MAX, Text};
pub use writer::{ArgWriter, put_hex, put_uint};

pub(crate) use coded::{coded, named};
pub(crate) use hex::parse_hex_number;
pub(crate) use line::{lines, strip_name};
pub(crate) use param::{params, parse_uint, single};
pub(crate) use writer::put_hex_number;
