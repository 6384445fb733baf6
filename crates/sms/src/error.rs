//! Why octets are not a TPDU.

/// Why octets are not a TPDU, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("octet {at}: {kind}")]
pub struct TpduError {
    /// Zero-based position of the offending octet in the octets handed in.
    pub at: usize,
    /// What is wrong there.
    pub kind: TpduErrorKind,
}

/// What is wrong at one octet of a TPDU.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TpduErrorKind {
    /// A field runs past the end of the input.
    #[error("{field} needs {needed} octets, {left} are left")]
    Truncated {
        /// The field, by its name in the standard.
        field: &'static str,
        /// Octets it needs.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// Octets follow the last field.
    #[error("{count} octets follow the last field")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// The TP-Message-Type-Indicator does not belong to this direction and RP message.
    #[error("TP-MTI {found:02b} does not travel this way")]
    MessageType {
        /// The two bits.
        found: u8,
    },
    /// More octets than a TPDU has (TS 23.040, 9.2.2).
    #[error("{octets} octets where a TPDU has at most {limit}")]
    TooLong {
        /// How many there are.
        octets: usize,
        /// [`crate::TPDU_OCTETS_MAX`].
        limit: usize,
    },
    /// An address with more than 20 digits (TS 23.040, 9.1.2.5).
    #[error("{field} of {semi_octets} semi-octets, the limit is {limit}")]
    AddressLength {
        /// The field.
        field: &'static str,
        /// Its length.
        semi_octets: usize,
        /// [`crate::ADDRESS_DIGITS_MAX`].
        limit: usize,
    },
    /// Bit 7 of a type of address is always 1 (TS 23.040, 9.1.2.5).
    #[error("{field}: type of address {found:02X} lacks its fixed bit 7")]
    AddressType {
        /// The field.
        field: &'static str,
        /// The octet.
        found: u8,
    },
    /// A filler nibble stands before the last digit.
    #[error("{field}: a filler inside the number")]
    AddressFiller {
        /// The field.
        field: &'static str,
    },
    /// TP-User-Data longer than its field can be (TS 23.040, 9.2.3.16).
    #[error("{field} says {length}, the limit is {limit}")]
    UserDataLength {
        /// TP-UDL or TP-CDL.
        field: &'static str,
        /// The length it claims, in septets or octets by the data coding.
        length: usize,
        /// The greatest legal one in the same unit.
        limit: usize,
    },
    /// A user data header longer than the user data that holds it (TS 23.040, 9.2.3.24).
    #[error("user data header of {header} octets in {left} octets of user data")]
    HeaderLength {
        /// Octets the header needs, its length octet included.
        header: usize,
        /// Octets of user data.
        left: usize,
    },
    /// A validity period that the standard reserves or forbids (TS 23.040, 9.2.3.12).
    #[error("TP-VP: {0}")]
    Validity(#[from] ValidityError),
    /// A service centre address longer than its field (TS 24.011, 8.2.5.1).
    #[error("service centre address of {octets} octets, the limit is {limit}")]
    ServiceCentreLength {
        /// The length it claims.
        octets: usize,
        /// The greatest legal one.
        limit: usize,
    },
    /// The length given beside the PDU is another (TS 27.005, 3.1 `<length>`).
    #[error("a TPDU of {found} octets, {declared} were announced")]
    DeclaredLength {
        /// What was announced.
        declared: usize,
        /// What there is.
        found: usize,
    },
    /// Not hexadecimal text: the position counts octets, that is pairs of digits.
    #[error("not a pair of hexadecimal digits")]
    Hex,
}

/// Why an octet string is no validity period.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidityError {
    /// A format that the standard reserves (TS 23.040, 9.2.3.12.3).
    #[error("reserved format {format} of the enhanced form")]
    ReservedFormat {
        /// The low three bits of the functionality indicator.
        format: u8,
    },
    /// The extension bit announces an indicator that the standard does not have.
    #[error("a further functionality indicator")]
    Extension,
    /// Zero seconds are reserved.
    #[error("zero seconds are reserved")]
    ZeroSeconds,
    /// Not a decimal semi-octet, or out of its range.
    #[error("{octet:02X} is no value of the clock")]
    Clock {
        /// The octet.
        octet: u8,
    },
}

impl TpduError {
    pub(crate) const fn new(at: usize, kind: TpduErrorKind) -> Self {
        Self { at, kind }
    }

    /// Moves the position, when the octets were part of something longer.
    pub(crate) const fn moved_by(self, octets: usize) -> Self {
        Self { at: self.at.saturating_add(octets), kind: self.kind }
    }
}
