//! Validated identifiers, stored as packed digits.

mod eid;
mod iccid;
mod imei;
mod imsi;
mod msisdn;
mod plmn;

pub use eid::{Eid, InvalidEid};
pub use iccid::{Iccid, InvalidIccid};
pub use imei::{Imei, Imeisv, InvalidImei};
pub use imsi::{Imsi, InvalidImsi};
pub use msisdn::{InvalidMsisdn, Msisdn};
pub use plmn::{InvalidPlmn, Plmn};

/// `Display` and `Debug` by the digits, `FromStr` by the one fallible door.
macro_rules! digits_text {
    ($name:ident, $error:ident) => {
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }
        impl core::str::FromStr for $name {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }
    };
}
use digits_text;

#[cfg(test)]
mod tests;
