//! How a server is set up.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::Duration;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{ContactMode, Rate};

/// How a server works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerConfig {
    /// From which codes, tokens, invitations and the salt are made.
    pub key: ServerKey,
    /// How contacts are told.
    pub contacts: ContactMode,
    /// What is limited.
    pub limits: Limits,
    /// The callee's rate reaches this, or the call does not go over data.
    pub threshold: Rate,
    /// How old a measured rate may be. Longer than devices take from one measurement to the next one.
    pub rate_age_max: Duration,
    /// How long a call rings.
    pub ring: Duration,
    /// A device in a call of which nothing is heard for so long has left it. A few times `retry`.
    pub call_grace: Duration,
    /// After how long a delivery is said again.
    pub retry: Duration,
    /// Within which time a number must be proved again after another card was put in.
    pub verify_within: Duration,
    /// For how long a number that has changed hands gets nothing that was meant for its former holder,
    /// and may not change hands again.
    pub hold_down: Duration,
}

/// What is limited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long a code holds. At most 10 min.
    pub code_lifetime: Duration,
    /// How often a code may be tried. At most 5.
    pub tries: u8,
    /// Codes to one number in an hour.
    pub per_number: u16,
    /// Codes to one range of numbers (all but the last two digits) in an hour.
    pub per_range: u16,
    /// Codes for one tenant in a day.
    pub per_tenant: u32,
    /// Countries to whose numbers codes are sent; all where there are none. The longest country code
    /// that a number begins with tells its country.
    pub countries: Vec<Country>,
    /// Devices of one number.
    pub devices: u8,
    /// Contacts of one device.
    pub contacts: u16,
    /// Texts that wait for one device; texts of one device that wait; receipts that wait for one.
    pub waiting: u32,
    /// Octets of a sealed text.
    pub text_octets: u32,
}

/// A country to whose numbers codes are sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Country {
    /// The digits with which its numbers begin.
    pub code: String,
    /// Codes to all of its numbers in an hour; zero: none at all.
    pub per_hour: u32,
}

/// A secret of the server. Masked.
#[derive(Clone, Eq, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey(pub [u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(***)")
    }
}
