//! What makes a card a subscriber, and where that stands on it.

use alloc::vec::Vec;
use polysim_aka::Milenage;
use polysim_base::{Imsi, Msisdn};
use serde::{Deserialize, Serialize};

/// A subscription as it is written into a card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subscription {
    /// EF.IMSI.
    pub imsi: Imsi,
    /// Digits of the mobile network code in the IMSI, 2 or 3: EF.AD.
    pub mnc_len: u8,
    /// EF.MSISDN.
    pub msisdn: Option<Msisdn>,
    /// The service centre: EF.SMSP. It stays as it is without.
    pub centre: Option<Msisdn>,
    /// Its subscription key.
    pub key: KeyChoice,
}

/// Which subscription key a card uses. No standard file holds one, so it is chosen, or travels
/// ciphered to the applet's own TAR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyChoice {
    /// One that the card holds already.
    Preloaded(KeyIndex),
    /// This one.
    Carried(SubscriptionKey),
}

/// One of the keys that a card was made with. 0 is the one that belongs to its first IMSI.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct KeyIndex(pub u8);

/// A subscription key. `Debug` masks it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SubscriptionKey {
    /// K and `OPc` of MILENAGE (TS 35.206).
    Milenage(Milenage),
}

/// A file that is written, by its path from the MF; `7FFF` stands for the application of the
/// subscription.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FileWrite {
    /// The path.
    pub path: Vec<u16>,
    /// Where in the file.
    pub place: Place,
    /// What is written.
    pub data: Vec<u8>,
}

/// Where in a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// A transparent EF, from this offset on.
    Offset(u16),
    /// A record, 1 being the first.
    Record(u8),
}

/// Sizes of those files of a card that are not the same on all cards, in octets.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct FileSizes {
    /// A record of EF.MSISDN.
    pub msisdn_record: u8,
    /// A record of EF.SMSP.
    pub smsp_record: u8,
    /// EF.FPLMN.
    pub forbidden: u8,
}
