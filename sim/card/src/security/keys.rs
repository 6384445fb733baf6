//! The keys of a card, and sets of them.

use polysim_apdu::KeyRef;

/// A key that a card has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Key {
    Pin1,
    Pin2,
    Universal,
    Adm1,
    Adm2,
}

impl Key {
    pub(crate) const ALL: [Self; 5] =
        [Self::Pin1, Self::Pin2, Self::Universal, Self::Adm1, Self::Adm2];

    /// Returns the key of a reference.
    pub(crate) const fn of(reference: KeyRef) -> Option<Self> {
        match reference.0 {
            0x01 => Some(Self::Pin1),
            0x81 => Some(Self::Pin2),
            0x11 => Some(Self::Universal),
            0x0A => Some(Self::Adm1),
            0x0B => Some(Self::Adm2),
            _ => None,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Pin1 => 0,
            Self::Pin2 => 1,
            Self::Universal => 2,
            Self::Adm1 => 3,
            Self::Adm2 => 4,
        }
    }

    const fn bit(self) -> u8 {
        1 << self.index()
    }
}

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Keys(u8);

impl Keys {
    pub(crate) const NONE: Self = Self(0);

    /// Returns every set there is.
    pub(crate) fn every() -> impl Iterator<Item = Self> {
        (0..1 << Key::ALL.len()).map(Self)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn has(self, key: Key) -> bool {
        self.0 & key.bit() != 0
    }

    #[must_use]
    pub(crate) const fn with(self, key: Key) -> Self {
        Self(self.0 | key.bit())
    }

    #[must_use]
    pub(crate) const fn without(self, key: Key) -> Self {
        Self(self.0 & !key.bit())
    }

    pub(crate) const fn set(&mut self, key: Key, held: bool) {
        *self = if held { self.with(key) } else { self.without(key) };
    }
}
