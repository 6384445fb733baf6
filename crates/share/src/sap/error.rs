//! Why octets are no message.

use polysim_base::InvalidOctets;

use super::ParameterId;

/// Why octets are no message of the profile. Reserved octets, padding, and parameters that do not belong
/// to the message are no reason: their contents do not matter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// They do not have the layout of a message.
    #[error(transparent)]
    Octets(#[from] InvalidOctets),
    /// It is longer than was agreed.
    #[error("the message is longer than {limit} octets, which was agreed")]
    TooLong {
        /// Octets, at most.
        limit: u16,
    },
    /// There is no such message in version 1.1.
    #[error("message {id:02X} is not one of SIM Access Profile 1.1")]
    Unknown {
        /// Its identifier.
        id: u8,
    },
    /// It lacks a parameter.
    #[error("{parameter:?} is missing")]
    Missing {
        /// Which.
        parameter: ParameterId,
    },
    /// It has a parameter more than once, or both forms of it.
    #[error("{parameter:?} is there more than once")]
    Repeated {
        /// Which.
        parameter: ParameterId,
    },
    /// A parameter does not have that length.
    #[error("{parameter:?} has {len} octets")]
    Length {
        /// Which.
        parameter: ParameterId,
        /// Its length in octets.
        len: usize,
    },
    /// A parameter does not have that value.
    #[error("{parameter:?} is {value:02X}")]
    Value {
        /// Which.
        parameter: ParameterId,
        /// Its value.
        value: u8,
    },
}
