//! Response packets: the proof of receipt (TS 102.225, 5.2; TS 31.115, 4.3).

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::counter::{COUNTER_LEN, Counter};
use crate::header::Tar;
use crate::packet::{self, OpenError, PacketError, PacketTooLong, View};
use crate::protection::Protection;

/// Octets of CNTR, PCNTR and the status code.
const LEAD: usize = COUNTER_LEN + 2;
/// The user data header of a response packet. Other than that of a command it is covered by the
/// check (TS 31.115, 4.3); a packet in several messages counts as if it were in one.
const COVERED_HEADER: [u8; 3] = [0x02, 0x71, 0x00];

macro_rules! status_codes {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// What became of a command packet (TS 102.225, table 5; TS 31.115, 4.3).
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum StatusCode {
            $(#[doc = concat!("`", stringify!($code), "`: ", $meaning, ".")] $name,)*
            /// A value that is reserved.
            Reserved(u8),
        }

        impl StatusCode {
            /// Every one that is not reserved.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns what an octet means.
            #[must_use]
            pub const fn from_octet(octet: u8) -> Self {
                match octet {
                    $($code => Self::$name,)*
                    other => Self::Reserved(other),
                }
            }

            /// Returns the octet.
            #[must_use]
            pub const fn octet(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Reserved(octet) => octet,
                }
            }
        }

        impl fmt::Display for StatusCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($meaning),)*
                    Self::Reserved(octet) => write!(f, "reserved status {octet:02X}"),
                }
            }
        }
    };
}

status_codes! {
    Ok = 0x00, "done";
    CheckFailed = 0x01, "RC, CC or DS does not hold";
    CounterLow = 0x02, "the counter was used before";
    CounterHigh = 0x03, "the counter leaves some out";
    CounterBlocked = 0x04, "the counter has reached its end";
    CipheringError = 0x05, "the packet cannot be deciphered";
    UnidentifiedSecurity = 0x06, "the card does not understand how the packet is secured";
    InsufficientMemory = 0x07, "no memory left to process the message";
    MoreTime = 0x08, "more time is needed; a later response follows";
    TarUnknown = 0x09, "no application has this TAR";
    InsufficientSecurity = 0x0A, "the application asks for better security";
    ResponseBySubmit = 0x0B, "the response follows in an SMS-SUBMIT";
    ResponseByUssd = 0x0C, "the response follows by USSD";
}

/// What a response packet says.
#[derive(Clone, Eq, PartialEq)]
pub struct Response {
    /// The application that the command was for.
    pub tar: Tar,
    /// The counter of the command.
    pub counter: Counter,
    /// What became of it.
    pub status: StatusCode,
    /// What the application answers; shown as its length, for it may be confidential.
    pub data: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("tar", &format_args!("{}", self.tar))
            .field("counter", &self.counter.value())
            .field("status", &self.status)
            .field("data", &format_args!("{} octets", self.data.len()))
            .finish()
    }
}

impl Response {
    /// Makes the response packet.
    ///
    /// # Errors
    /// [`PacketTooLong`] for too much data.
    pub fn seal(&self, protection: &Protection<'_>) -> Result<Vec<u8>, PacketTooLong> {
        let [a, b, c, d, e] = self.counter.octets();
        let lead = [a, b, c, d, e, 0, self.status.octet()];
        packet::seal(&COVERED_HEADER, &self.tar.0, lead, &self.data, protection)
    }
}

/// A response packet whose lengths were checked: nothing in it is believed yet.
#[derive(Clone, Copy, Debug)]
pub struct ResponsePacket<'a> {
    view: View<'a, 3, LEAD>,
}

impl<'a> ResponsePacket<'a> {
    /// Checks the lengths.
    ///
    /// # Errors
    /// [`PacketError`] when the octets are no response packet.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        Ok(Self { view: View::new(bytes)? })
    }

    /// Returns the application that it says it is from.
    #[must_use]
    pub const fn tar(&self) -> Tar {
        Tar(self.view.fixed)
    }

    /// Returns the octets of RC or CC.
    #[must_use]
    pub const fn check_len(&self) -> usize {
        self.view.check_len()
    }

    pub(crate) const fn outline(&self) -> (&'a [u8], &'a [u8]) {
        self.view.outline()
    }

    pub(crate) fn deciphered(&self, protection: &Protection<'_>) -> Zeroizing<Vec<u8>> {
        self.view.deciphered(protection)
    }

    /// Deciphers the packet and holds its check against the protection.
    ///
    /// # Errors
    /// [`OpenError`] when it was made otherwise, or changed.
    pub fn open(&self, protection: &Protection<'_>) -> Result<Response, OpenError> {
        let mut content = self.view.open(&COVERED_HEADER, protection)?;
        let [a, b, c, d, e, _, status] = content.lead;
        Ok(Response {
            tar: self.tar(),
            counter: Counter::from([a, b, c, d, e]),
            status: StatusCode::from_octet(status),
            data: core::mem::take(&mut *content.data),
        })
    }
}
