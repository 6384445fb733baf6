//! What a device is made of.

use crate::Model;
use polysim_base::{Imei, Stream};
use polysim_radio::air::Rat;

/// Most AT ports of one device.
pub const PORTS_MAX: u8 = 8;

/// The radio access technologies that a device has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RatSet(u8);

impl RatSet {
    /// GSM, UMTS, LTE and NR.
    pub const ALL: Self = Self(0b1111);
    /// None: a device without a radio.
    pub const NONE: Self = Self(0);

    /// Returns the set with one more technology.
    #[must_use]
    pub const fn with(self, rat: Rat) -> Self {
        Self(self.0 | Self::bit(rat))
    }

    /// Returns the set without a technology.
    #[must_use]
    pub const fn without(self, rat: Rat) -> Self {
        Self(self.0 & !Self::bit(rat))
    }

    /// Tells whether a technology is in the set.
    #[must_use]
    pub const fn contains(self, rat: Rat) -> bool {
        self.0 & Self::bit(rat) != 0
    }

    const fn bit(rat: Rat) -> u8 {
        match rat {
            Rat::Gsm => 1,
            Rat::Umts => 2,
            Rat::Lte => 4,
            Rat::Nr => 8,
        }
    }
}

/// How to make a [`Baseband`](crate::Baseband).
#[derive(Clone, Debug)]
pub struct BasebandConfig {
    /// Which device it behaves like.
    pub model: &'static Model,
    /// Its identity.
    pub imei: Imei,
    /// Software version of the IMEISV, 0 to 99.
    pub software_version: u8,
    /// How many AT ports it has, 1 to [`PORTS_MAX`]; other numbers are brought into that range.
    pub ports: u8,
    /// What its radio can do.
    pub rats: RatSet,
    /// Whether a card is in the slot from the start. Later changes come as
    /// [`CardToTerminal::Inserted`](crate::CardToTerminal::Inserted) and `Removed`.
    pub card_inserted: bool,
    /// `+CFUN` at the first power on: `true` for 1, `false` for 4 (flight mode).
    pub radio_on: bool,
    /// Random choices of this device ([`Purpose::Timing`](polysim_base::Purpose::Timing)).
    pub stream: Stream,
}

impl BasebandConfig {
    /// Returns a generic device with one port, every technology, a card inserted and the radio on.
    #[must_use]
    pub const fn new(imei: Imei, stream: Stream) -> Self {
        Self {
            model: &Model::GENERIC,
            imei,
            software_version: 1,
            ports: 1,
            rats: RatSet::ALL,
            card_inserted: true,
            radio_on: true,
            stream,
        }
    }
}
