//! What the JSON bodies of ES2+, ES9+ and ES11 have in common (SGP.22, 6.5).
//!
//! A reader takes what real peers send: fields in any order, fields that it does not know, base64
//! with line breaks or without padding. It is strict about lengths.

mod base64;
mod object;
#[cfg(test)]
mod tests;

pub use object::BodyError;

pub(crate) use base64::{decode_base64, encode_base64};
pub(crate) use object::{Object, Reader, wrong};

/// The value of the HTTP header `X-Admin-Protocol`.
pub const ADMIN_PROTOCOL: &str = "gsma/rsp/v2.5.0";
/// The value of the HTTP header `Content-Type`.
pub const CONTENT_TYPE: &str = "application/json;charset=UTF-8";
/// Most octets of the body of a request.
pub const REQUEST_MAX: usize = 64 << 10;
/// Most octets of the body of an answer, which may hold a whole profile.
pub const ANSWER_MAX: usize = 2 << 20;
