//! How a server is set up.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::Duration;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{ContactMode, Rate};

const DAY: Duration = Duration::from_secs(86_400);

/// How a server works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerConfig {
    /// From which codes, tokens, invitations and the salt are made.
    pub key: ServerKey,
    /// How contacts are told. By default as digests.
    pub contacts: ContactMode,
    /// What is limited.
    pub limits: Limits,
    /// The callee's rate reaches this, or the call does not go over data. By default 100 kbit/s: speech
    /// of 64 kbit/s takes 80 kbit/s with the headers of its packets.
    pub threshold: Rate,
    /// How old a measured rate may be. By default 5 min. A device that measures less often says for how
    /// long its rate holds, and it holds for as long.
    pub rate_age_max: Duration,
    /// How long a call rings. By default 30 s.
    pub ring: Duration,
    /// A device in a call of which nothing is heard for so long has left it. A few times `retry`; by
    /// default 10 s.
    pub call_grace: Duration,
    /// After how long a delivery is said again. By default 2 s.
    pub retry: Duration,
    /// Within which time a number must be proved again after another card was put in. By default a
    /// day.
    pub verify_within: Duration,
    /// For how long a number that has changed hands gets nothing that was meant for its former holder,
    /// and may not change hands again. By default a day.
    pub hold_down: Duration,
}

impl ServerConfig {
    /// Returns how a server works by default.
    #[must_use]
    pub fn new(key: ServerKey) -> Self {
        Self {
            key,
            contacts: ContactMode::Digests,
            limits: Limits::default(),
            threshold: Rate(100),
            rate_age_max: Duration::from_secs(300),
            ring: Duration::from_secs(30),
            call_grace: Duration::from_secs(10),
            retry: Duration::from_secs(2),
            verify_within: DAY,
            hold_down: DAY,
        }
    }
}

/// What is limited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long a code holds. At most 10 min, and by default.
    pub code_lifetime: Duration,
    /// How often a code may be tried. At most 5, and by default.
    pub tries: u8,
    /// Codes to one number in an hour. By default 3.
    pub per_number: u16,
    /// Codes to one range of numbers (all but the last two digits) in an hour. By default 10.
    pub per_range: u16,
    /// Codes for one tenant in a day. By default 10,000.
    pub per_tenant: u32,
    /// Countries to whose numbers codes are sent; all where there are none, as by default. The longest country code
    /// that a number begins with tells its country.
    pub countries: Vec<Country>,
    /// Devices of one number. By default 8.
    pub devices: u8,
    /// Contacts of one device. By default 1,000.
    pub contacts: u16,
    /// Numbers of which the devices of an account may learn in a day whether they are registered: new
    /// contacts, and whom they write to or call. So many at once, and they come back evenly; no fewer
    /// than the contacts of one device. By default 10,000: the contacts of all devices fit.
    pub lookups_per_day: u32,
    /// Texts that wait for one device; texts of one device that wait; receipts that wait for one. By
    /// default 1,000.
    pub waiting: u32,
    /// Octets of a sealed text. By default 10,000: that is room for the longest text that devices seal.
    pub text_octets: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            code_lifetime: Duration::from_secs(600),
            tries: 5,
            per_number: 3,
            per_range: 10,
            per_tenant: 10_000,
            countries: Vec::new(),
            devices: 8,
            contacts: 1_000,
            lookups_per_day: 10_000,
            waiting: 1_000,
            text_octets: 10_000,
        }
    }
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
