//! Basic types.

use core::fmt;

use polysim_base::InvalidIccid;
use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Encode};

/// Octets of any number.
pub type Octets = rasn::types::OctetString;
/// A subject key identifier: names the key of a certificate issuer.
pub type KeyIdentifier = Octets;
/// Names one session between eUICC and server, 1 to 16 octets.
pub type TransactionId = Octets;

/// Major, minor and revision number (`VersionType`).
#[derive(AsnType, Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, Hash, PartialOrd, Ord)]
#[rasn(delegate)]
pub struct Version(FixedOctetString<3>);

impl Version {
    /// Makes a version of its three numbers.
    #[must_use]
    pub fn new(major: u8, minor: u8, revision: u8) -> Self {
        Self(FixedOctetString::new([major, minor, revision]))
    }

    /// Returns the three numbers.
    #[must_use]
    pub fn numbers(self) -> [u8; 3] {
        *self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, revision] = self.numbers();
        write!(f, "{major}.{minor}.{revision}")
    }
}

/// An ICCID as EF.ICCID has it: digits in swapped nibbles, `F` where there is none.
#[derive(AsnType, Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, Hash, PartialOrd, Ord)]
#[rasn(delegate, tag(application, 26))]
pub struct Iccid(FixedOctetString<10>);

impl Iccid {
    /// Takes the ten octets, whatever they are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(FixedOctetString::new(bytes))
    }

    /// Returns the ten octets.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 10] {
        *self.0
    }

    /// Reads the digits.
    ///
    /// # Errors
    /// [`InvalidIccid`] where the octets are no 18 to 20 digits.
    pub fn digits(self) -> Result<polysim_base::Iccid, InvalidIccid> {
        polysim_base::Iccid::from_wire(self.to_bytes())
    }
}

impl From<&polysim_base::Iccid> for Iccid {
    fn from(iccid: &polysim_base::Iccid) -> Self {
        Self::from_bytes(*iccid.wire())
    }
}

impl fmt::Display for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.digits() {
            Ok(digits) => fmt::Display::fmt(&digits, f),
            Err(_) => self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}")),
        }
    }
}
