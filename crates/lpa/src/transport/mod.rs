//! ES10 functions as APDUs (SGP.22, 5.7.2).

mod error;

pub use error::{CardError, Refusal};
