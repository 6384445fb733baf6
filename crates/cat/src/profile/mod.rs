//! TERMINAL PROFILE: what a terminal can do, and what a card may therefore ask (TS 102.223, 5).

mod feature;
mod needs;

use alloc::vec::Vec;

pub use feature::Feature;

use crate::{command::Command, error::OutOfRange};

/// The most octets of a profile: what one APDU carries.
pub const PROFILE_LEN_MAX: usize = 255;

/// What a terminal can do, as it tells the card after each activation.
///
/// Octets that a short profile does not have are zeros: what an older standard did not know, its
/// terminals cannot do (TS 102.223, 5.2).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct TerminalProfile {
    octets: Vec<u8>,
}

impl TerminalProfile {
    /// Reads the data of TERMINAL PROFILE.
    ///
    /// # Errors
    /// [`OutOfRange`] for more octets than an APDU carries.
    pub fn decode(octets: &[u8]) -> Result<Self, OutOfRange> {
        let found = octets.len();
        if found > PROFILE_LEN_MAX {
            let (field, least, most) = ("terminal profile", 1, PROFILE_LEN_MAX);
            return Err(OutOfRange { field, found, least, most });
        }
        Ok(Self { octets: octets.to_vec() })
    }

    /// Returns the data of TERMINAL PROFILE.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Returns a profile of features.
    #[must_use]
    pub fn of(features: impl IntoIterator<Item = Feature>) -> Self {
        let mut profile = Self::default();
        for feature in features {
            profile.insert(feature);
        }
        profile
    }

    /// Adds a feature.
    pub fn insert(&mut self, feature: Feature) {
        let (octet, bit) = feature.place();
        let (mask, octet) = mask(octet, bit);
        self.reach(octet);
        if let Some(octet) = self.octets.get_mut(octet) {
            *octet |= mask;
        }
    }

    /// Takes a feature away.
    pub fn remove(&mut self, feature: Feature) {
        let (octet, bit) = feature.place();
        let (mask, octet) = mask(octet, bit);
        if let Some(octet) = self.octets.get_mut(octet) {
            *octet &= !mask;
        }
    }

    /// Returns whether the terminal has a feature.
    #[must_use]
    pub fn supports(&self, feature: Feature) -> bool {
        let (octet, bit) = feature.place();
        let (mask, octet) = mask(octet, bit);
        self.octets.get(octet).is_some_and(|octet| octet & mask != 0)
    }

    /// Returns the features it has, in the order of their bits.
    pub fn features(&self) -> impl Iterator<Item = Feature> + '_ {
        Feature::ALL.iter().copied().filter(|feature| self.supports(*feature))
    }

    /// Tells whether a card may send a command to this terminal.
    ///
    /// # Errors
    /// The first [`Feature`] that the command needs and the terminal does not have.
    pub fn allows(&self, command: &Command) -> Result<(), Feature> {
        match command.needs().into_iter().find(|feature| !self.supports(*feature)) {
            Some(feature) => Err(feature),
            None => Ok(()),
        }
    }

    /// Returns how many soft keys there are (octet 11).
    #[must_use]
    pub fn soft_keys(&self) -> u8 {
        self.number(11, 0, 0xFF)
    }

    /// Returns how many channels there can be (octet 13, bits 6 to 8).
    #[must_use]
    pub fn channels(&self) -> u8 {
        self.number(13, 5, 0x07)
    }

    /// Returns how many lines and columns of characters the screen has (octets 14 and 15).
    #[must_use]
    pub fn screen(&self) -> (u8, u8) {
        (self.number(14, 0, 0x1F), self.number(15, 0, 0x7F))
    }

    /// Returns how many frames there can be (octet 24, bits 1 to 4).
    #[must_use]
    pub fn frames(&self) -> u8 {
        self.number(24, 0, 0x0F)
    }

    /// Sets how many channels there can be, at most 7.
    pub fn set_channels(&mut self, channels: u8) {
        self.set_number(13, 5, 0x07, channels);
    }

    /// Sets how many lines, at most 31, and columns, at most 127, the screen has.
    pub fn set_screen(&mut self, lines: u8, columns: u8) {
        self.set_number(14, 0, 0x1F, lines);
        self.set_number(15, 0, 0x7F, columns);
    }

    fn number(&self, octet: usize, shift: u32, most: u8) -> u8 {
        self.octets.get(octet - 1).map_or(0, |octet| octet >> shift & most)
    }

    fn set_number(&mut self, octet: usize, shift: u32, most: u8, number: u8) {
        self.reach(octet - 1);
        if let Some(octet) = self.octets.get_mut(octet - 1) {
            *octet = *octet & !(most << shift) | number.min(most) << shift;
        }
    }

    fn reach(&mut self, octet: usize) {
        if self.octets.len() <= octet {
            self.octets.resize(octet + 1, 0);
        }
    }
}

fn mask(octet: u8, bit: u8) -> (u8, usize) {
    (1 << (bit - 1), usize::from(octet) - 1)
}
