//! TP-Status (TS 23.040, 9.2.3.15) and TP-Failure-Cause (TS 23.040, 9.2.3.22).

use core::fmt;

/// TP-Status: what became of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Status(pub u8);

/// The four classes of TP-Status, and what the standard leaves open.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StatusClass {
    /// `000xxxxx`: the transaction is complete.
    Completed,
    /// `001xxxxx`: a temporary error, the service centre still tries.
    TemporaryTrying,
    /// `010xxxxx`: a permanent error, the service centre tries no more.
    Permanent,
    /// `011xxxxx`: a temporary error, the service centre tries no more.
    TemporaryFinal,
    /// `1xxxxxxx`: reserved.
    Reserved,
}

impl Status {
    /// Received by the SME.
    pub const RECEIVED: Self = Self(0x00);
    /// Forwarded, but the centre cannot confirm delivery.
    pub const FORWARDED: Self = Self(0x01);
    /// Replaced by the centre.
    pub const REPLACED: Self = Self(0x02);
    /// Congestion, still trying.
    pub const TRYING_CONGESTION: Self = Self(0x20);
    /// The SME is busy, still trying.
    pub const TRYING_SME_BUSY: Self = Self(0x21);
    /// No response from the SME, still trying.
    pub const TRYING_NO_RESPONSE: Self = Self(0x22);
    /// Service rejected, still trying.
    pub const TRYING_REJECTED: Self = Self(0x23);
    /// Remote procedure error.
    pub const REMOTE_PROCEDURE: Self = Self(0x40);
    /// Incompatible destination.
    pub const INCOMPATIBLE: Self = Self(0x41);
    /// Connection rejected by the SME.
    pub const CONNECTION_REJECTED: Self = Self(0x42);
    /// Not obtainable.
    pub const NOT_OBTAINABLE: Self = Self(0x43);
    /// The validity period ended.
    pub const EXPIRED: Self = Self(0x46);
    /// Deleted by the originator.
    pub const DELETED_BY_ORIGINATOR: Self = Self(0x47);
    /// Deleted by the centre's administration.
    pub const DELETED_BY_CENTRE: Self = Self(0x48);
    /// The centre does not know the message.
    pub const UNKNOWN_MESSAGE: Self = Self(0x49);
    /// Congestion, no further attempt.
    pub const CONGESTION: Self = Self(0x60);
    /// The SME is busy, no further attempt.
    pub const SME_BUSY: Self = Self(0x61);
    /// No response from the SME, no further attempt.
    pub const NO_RESPONSE: Self = Self(0x62);

    /// Returns the class.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self.0 >> 5 {
            0 => StatusClass::Completed,
            1 => StatusClass::TemporaryTrying,
            2 => StatusClass::Permanent,
            3 => StatusClass::TemporaryFinal,
            _ => StatusClass::Reserved,
        }
    }

    /// Returns whether no further report will follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self.class(), StatusClass::TemporaryTrying)
    }

    /// Returns whether the message reached its destination: complete and received.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        self.0 == Self::RECEIVED.0
    }

    /// Returns its meaning, where the standard gives one to this very value.
    #[must_use]
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self.0 {
            0x00 => "received by the SME",
            0x01 => "forwarded, delivery unconfirmed",
            0x02 => "replaced by the service centre",
            0x20 | 0x60 => "congestion",
            0x21 | 0x61 => "SME busy",
            0x22 | 0x62 => "no response from SME",
            0x23 | 0x63 => "service rejected",
            0x24 | 0x44 | 0x64 => "quality of service not available",
            0x25 | 0x65 => "error in SME",
            0x40 => "remote procedure error",
            0x41 => "incompatible destination",
            0x42 => "connection rejected by SME",
            0x43 => "not obtainable",
            0x45 => "no interworking available",
            0x46 => "validity period expired",
            0x47 => "deleted by originating SME",
            0x48 => "deleted by service centre",
            0x49 => "message does not exist",
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{:02X} {meaning}", self.0),
            None => write!(f, "{:02X}", self.0),
        }
    }
}

/// TP-Failure-Cause: why a report says no.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FailureCause(pub u8);

impl FailureCause {
    /// Telematic interworking is not supported.
    pub const TELEMATIC: Self = Self(0x80);
    /// Short message type 0 is not supported.
    pub const TYPE_0: Self = Self(0x81);
    /// The message cannot be replaced.
    pub const CANNOT_REPLACE: Self = Self(0x82);
    /// Any other error of TP-PID.
    pub const PROTOCOL_ID: Self = Self(0x8F);
    /// The alphabet is not supported.
    pub const ALPHABET: Self = Self(0x90);
    /// The message class is not supported.
    pub const CLASS: Self = Self(0x91);
    /// Any other error of TP-DCS.
    pub const DATA_CODING: Self = Self(0x9F);
    /// The command cannot be carried out.
    pub const COMMAND: Self = Self(0xA0);
    /// The command is not supported.
    pub const COMMAND_UNSUPPORTED: Self = Self(0xA1);
    /// The TPDU is not supported.
    pub const TPDU_UNSUPPORTED: Self = Self(0xB0);
    /// The service centre is busy.
    pub const BUSY: Self = Self(0xC0);
    /// No subscription of the service centre.
    pub const NO_SUBSCRIPTION: Self = Self(0xC1);
    /// Failure of the service centre.
    pub const SYSTEM_FAILURE: Self = Self(0xC2);
    /// Invalid address of the SME.
    pub const INVALID_ADDRESS: Self = Self(0xC3);
    /// The destination is barred.
    pub const DESTINATION_BARRED: Self = Self(0xC4);
    /// Rejected as a duplicate.
    pub const DUPLICATE: Self = Self(0xC5);
    /// The form of validity period is not supported.
    pub const VALIDITY_FORMAT: Self = Self(0xC6);
    /// The validity period is not supported.
    pub const VALIDITY: Self = Self(0xC7);
    /// The store of the card is full.
    pub const SIM_FULL: Self = Self(0xD0);
    /// The card cannot store messages.
    pub const SIM_NO_STORAGE: Self = Self(0xD1);
    /// An error in the mobile.
    pub const MOBILE: Self = Self(0xD2);
    /// Memory capacity exceeded.
    pub const MEMORY_FULL: Self = Self(0xD3);
    /// The card application is busy.
    pub const TOOLKIT_BUSY: Self = Self(0xD4);
    /// Error of a data download to the card.
    pub const DATA_DOWNLOAD: Self = Self(0xD5);
    /// Not specified.
    pub const UNSPECIFIED: Self = Self(0xFF);

    /// Returns its meaning, where the standard gives one.
    #[must_use]
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self.0 {
            0x80 => "telematic interworking not supported",
            0x81 => "short message type 0 not supported",
            0x82 => "cannot replace short message",
            0x8F => "unspecified TP-PID error",
            0x90 => "alphabet not supported",
            0x91 => "message class not supported",
            0x9F => "unspecified TP-DCS error",
            0xA0 => "command cannot be actioned",
            0xA1 => "command unsupported",
            0xAF => "unspecified TP-Command error",
            0xB0 => "TPDU not supported",
            0xC0 => "service centre busy",
            0xC1 => "no service centre subscription",
            0xC2 => "service centre system failure",
            0xC3 => "invalid SME address",
            0xC4 => "destination SME barred",
            0xC5 => "duplicate rejected",
            0xC6 => "TP-VPF not supported",
            0xC7 => "TP-VP not supported",
            0xD0 => "SIM SMS storage full",
            0xD1 => "no SMS storage capability in SIM",
            0xD2 => "error in MS",
            0xD3 => "memory capacity exceeded",
            0xD4 => "SIM application toolkit busy",
            0xD5 => "SIM data download error",
            0xFF => "unspecified error cause",
            _ => return None,
        })
    }
}

impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{:02X} {meaning}", self.0),
            None => write!(f, "{:02X}", self.0),
        }
    }
}
