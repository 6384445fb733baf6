use core::fmt;

/// A field of an activation code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Field {
    /// The server's host name.
    Address,
    /// The token.
    Token,
    /// The server's object identifier.
    Oid,
    /// Whether a confirmation code is needed.
    ConfirmationCodeFlag,
    /// The key identifier of a certificate issuer.
    CiKeyId,
    /// What later versions add.
    Later,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "server address",
            Self::Token => "token",
            Self::Oid => "object identifier",
            Self::ConfirmationCodeFlag => "confirmation code flag",
            Self::CiKeyId => "issuer key identifier",
            Self::Later => "rest",
        })
    }
}

/// Why a text is no activation code. Positions count octets from 0.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ActivationCodeError {
    /// It does not begin as one.
    #[error(
        "an activation code begins with \"1$\" or \"LPA:1$\" (position {at}): see that it is whole"
    )]
    Format {
        /// Where the format should stand.
        at: usize,
    },
    /// It ends too early.
    #[error("the activation code ends before its {field} (position {at}): see that it is whole")]
    Missing {
        /// What is not there.
        field: Field,
        /// Where it ends.
        at: usize,
    },
    /// A field is empty that must not be.
    #[error("the {field} is empty (position {at})")]
    Empty {
        /// Which.
        field: Field,
        /// Where it should stand.
        at: usize,
    },
    /// A field has a character that it must not have, or one in the wrong place.
    #[error("the {field} must not have the character at position {at}")]
    Character {
        /// Which.
        field: Field,
        /// Where.
        at: usize,
    },
    /// The code, or one of its fields, is too long.
    #[error("{length} characters; {limit} is the most")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
}
