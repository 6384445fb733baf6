//! Status words (ISO 7816-4, 5.6; TS 102.221, 10.2; TS 51.011, 9.4).

#[cfg(test)]
mod tests;

use core::fmt;

macro_rules! status_words {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// A status word: what SW1 and SW2 mean.
        ///
        /// Every 16-bit value has exactly one [`Status`] and goes back to itself; those that no
        /// standard names are [`Status::Other`]. `Display` gives the meaning in words.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Status {
            $(#[doc = concat!("`", stringify!($code), "`: ", $meaning, ".")] $name,)*
            /// `61xx`: that many bytes (0 is 256) wait for GET RESPONSE.
            DataAvailable(u8),
            /// `63Cx`: wrong PIN, that many tries are left (0 to 15; more is taken as 15).
            TriesLeft(u8),
            /// `6Cxx`: the length expected was wrong, this one is right (0 is 256).
            WrongLe(u8),
            /// `91xx`: done, and a proactive command of that length waits for FETCH.
            ProactivePending(u8),
            /// `920x`: done after that many internal retries (0 to 15; more is taken as 15).
            UpdatedAfterRetries(u8),
            /// `9Exx`: data download failed, that many bytes of response (2G, class A0).
            DownloadErrorData(u8),
            /// `9Fxx`: that many bytes (0 is 256) wait for GET RESPONSE (2G, class A0).
            ResponseLength(u8),
            /// A value that no standard we follow names.
            Other(OtherStatus),
        }

        impl From<u16> for Status {
            fn from(word: u16) -> Self {
                match word {
                    $($code => Self::$name,)*
                    _ => Self::with_parameter(word),
                }
            }
        }

        impl From<Status> for u16 {
            fn from(status: Status) -> Self {
                match status {
                    $(Status::$name => $code,)*
                    Status::DataAvailable(length) => 0x6100 | Self::from(length),
                    Status::TriesLeft(tries) => 0x63C0 | Self::from(tries.min(15)),
                    Status::WrongLe(length) => 0x6C00 | Self::from(length),
                    Status::ProactivePending(length) => 0x9100 | Self::from(length),
                    Status::UpdatedAfterRetries(retries) => 0x9200 | Self::from(retries.min(15)),
                    Status::DownloadErrorData(length) => 0x9E00 | Self::from(length),
                    Status::ResponseLength(length) => 0x9F00 | Self::from(length),
                    Status::Other(other) => other.0,
                }
            }
        }

        impl Status {
            /// Every status word without a parameter, in numeric order within its class.
            pub const NAMED: &'static [Self] = &[$(Self::$name,)*];
        }

        impl fmt::Display for Status {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($meaning),)*
                    Self::DataAvailable(length) | Self::ResponseLength(length) => {
                        write!(f, "{} bytes of response wait", count(*length))
                    }
                    Self::TriesLeft(tries) => {
                        write!(f, "verification failed, {} tries left", tries.min(&15))
                    }
                    Self::WrongLe(length) => {
                        write!(f, "wrong expected length, {} is right", count(*length))
                    }
                    Self::ProactivePending(length) => {
                        write!(f, "done, a proactive command of {} bytes waits", count(*length))
                    }
                    Self::UpdatedAfterRetries(retries) => {
                        write!(f, "done after {} internal retries", retries.min(&15))
                    }
                    Self::DownloadErrorData(length) => {
                        write!(f, "data download error, {} bytes of response wait", count(*length))
                    }
                    Self::Other(OtherStatus(word)) => write!(f, "status {word:04X} without a name"),
                }
            }
        }
    };
}

status_words! {
    Success = 0x9000, "done";
    WarningStateUnchanged = 0x6200, "warning without details, nothing changed";
    CorruptedData = 0x6281, "part of the returned data may be corrupted";
    EndOfFile = 0x6282, "end of file or record reached, or search without a match";
    FileDeactivated = 0x6283, "the selected file is deactivated";
    FileTerminated = 0x6285, "the selected file is terminated";
    MoreDataAvailable = 0x62F1, "more data available";
    MoreDataAvailableProactive = 0x62F2, "more data available and a proactive command waits";
    ResponseDataAvailable = 0x62F3, "response data available";
    WarningStateChanged = 0x6300, "warning without details, state changed";
    MoreDataExpected = 0x63F1, "more data expected";
    MoreDataExpectedProactive = 0x63F2, "more data expected and a proactive command waits";
    ExecutionError = 0x6400, "execution error, state unchanged";
    ExecutionErrorStateChanged = 0x6500, "execution error, state changed";
    MemoryProblem = 0x6581, "memory problem";
    WrongLength = 0x6700, "wrong length";
    ClassFunctionNotSupported = 0x6800, "function of the class byte not supported";
    ChannelNotSupported = 0x6881, "logical channel not supported";
    SecureMessagingNotSupported = 0x6882, "secure messaging not supported";
    ChainingEndExpected = 0x6883, "last command of the chain expected";
    ChainingNotSupported = 0x6884, "command chaining not supported";
    CommandNotAllowed = 0x6900, "command not allowed";
    IncompatibleFileStructure = 0x6981, "command incompatible with the file structure";
    SecurityNotSatisfied = 0x6982, "security status not satisfied";
    AuthenticationBlocked = 0x6983, "authentication or PIN blocked";
    ReferenceDataInvalidated = 0x6984, "referenced data invalidated";
    ConditionsNotSatisfied = 0x6985, "conditions of use not satisfied";
    NoCurrentEf = 0x6986, "no EF selected";
    SecureMessagingMissing = 0x6987, "secure messaging objects missing";
    SecureMessagingIncorrect = 0x6988, "secure messaging objects incorrect";
    SecureChannelRequired = 0x6989, "not allowed without a secure channel";
    IncorrectData = 0x6A80, "incorrect parameters in the data field";
    FunctionNotSupported = 0x6A81, "function not supported";
    FileNotFound = 0x6A82, "file not found";
    RecordNotFound = 0x6A83, "record not found";
    NotEnoughMemory = 0x6A84, "not enough memory space";
    LengthInconsistentWithTlv = 0x6A85, "length inconsistent with the TLV structure";
    IncorrectP1P2 = 0x6A86, "incorrect parameters P1 or P2";
    LengthInconsistentWithP1P2 = 0x6A87, "length inconsistent with P1 and P2";
    ReferenceDataNotFound = 0x6A88, "referenced data not found";
    FileExists = 0x6A89, "file already exists";
    DfNameExists = 0x6A8A, "DF name already exists";
    WrongP1P2 = 0x6B00, "parameters P1 and P2 out of range";
    InsNotSupported = 0x6D00, "instruction not supported";
    ClassNotSupported = 0x6E00, "class not supported";
    TechnicalProblem = 0x6F00, "technical problem";
    SimMemoryProblem = 0x9240, "memory problem (2G)";
    ToolkitBusy = 0x9300, "the toolkit is busy";
    SimNoEfSelected = 0x9400, "no EF selected (2G)";
    SimOutOfRange = 0x9402, "address out of range (2G)";
    SimNotFound = 0x9404, "file or pattern not found (2G)";
    SimInconsistentFile = 0x9408, "file inconsistent with the command (2G)";
    SimNoChv = 0x9802, "no CHV initialised (2G)";
    SimAccessNotFulfilled = 0x9804, "access condition or verification failed (2G)";
    SimChvContradiction = 0x9808, "contradiction with the CHV status (2G)";
    SimInvalidationContradiction = 0x9810, "contradiction with the invalidation status (2G)";
    SimBlocked = 0x9840, "CHV or unblock CHV blocked (2G)";
    MaximumReached = 0x9850, "increase impossible, maximum reached";
    AuthenticationMacError = 0x9862, "authentication error, wrong MAC";
    SecuritySessionInvalid = 0x9863, "security session or association expired";
    AuthenticationContextNotSupported = 0x9864, "authentication context not supported";
    KeyFreshnessFailure = 0x9865, "key freshness failure";
    AuthenticationNoMemory = 0x9866, "authentication error, no memory space";
    AuthenticationNoMemoryForMuk = 0x9867, "authentication error, no memory space for the MUK";
}

/// A status word without a name; only [`Status::from`] makes one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct OtherStatus(u16);

impl OtherStatus {
    /// Returns the status word.
    #[must_use]
    pub const fn word(self) -> u16 {
        self.0
    }
}

/// What a status word says about the command (TS 102.221, 10.2.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// Done: `9000`, `61xx`, `91xx`, `920x`, `9Exx`, `9Fxx`.
    Normal,
    /// Put off: `93xx`.
    Postponed,
    /// Done with a warning: `62xx`, `63xx`.
    Warning,
    /// Failed while executing: `64xx`, `65xx`, and `9240`.
    ExecutionError,
    /// Refused or failed: everything else.
    CheckingError,
}

impl Status {
    fn with_parameter(word: u16) -> Self {
        let [sw1, sw2] = word.to_be_bytes();
        match sw1 {
            0x61 => Self::DataAvailable(sw2),
            0x63 if sw2 & 0xF0 == 0xC0 => Self::TriesLeft(sw2 & 0x0F),
            0x6C => Self::WrongLe(sw2),
            0x91 => Self::ProactivePending(sw2),
            0x92 if sw2 < 0x10 => Self::UpdatedAfterRetries(sw2),
            0x9E => Self::DownloadErrorData(sw2),
            0x9F => Self::ResponseLength(sw2),
            _ => Self::Other(OtherStatus(word)),
        }
    }

    /// Returns SW1 and SW2 as they go over the interface.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        u16::from(self).to_be_bytes()
    }

    /// Reads SW1 and SW2.
    #[must_use]
    pub fn from_bytes(sw1: u8, sw2: u8) -> Self {
        Self::from(u16::from_be_bytes([sw1, sw2]))
    }

    /// Returns what the status word says about the command.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let [sw1, sw2] = self.to_bytes();
        match sw1 {
            0x61 | 0x90 | 0x91 | 0x9E | 0x9F => Outcome::Normal,
            0x92 if sw2 < 0x10 => Outcome::Normal,
            0x93 => Outcome::Postponed,
            0x62 | 0x63 => Outcome::Warning,
            0x64 | 0x65 | 0x92 => Outcome::ExecutionError,
            _ => Outcome::CheckingError,
        }
    }

    /// Tells whether the command was carried out (normally or with a warning that is not about a
    /// wrong PIN).
    #[must_use]
    pub fn is_done(self) -> bool {
        match self.outcome() {
            Outcome::Normal => true,
            Outcome::Warning => !matches!(self, Self::TriesLeft(_)),
            Outcome::Postponed | Outcome::ExecutionError | Outcome::CheckingError => false,
        }
    }
}

impl core::error::Error for Status {}

/// Returns the number of bytes that a one-byte length means: 0 is 256.
fn count(length: u8) -> u16 {
    if length == 0 { 256 } else { u16::from(length) }
}
