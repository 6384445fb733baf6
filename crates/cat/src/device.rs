//! Devices and who talks to whom (TS 102.223, 8.7).

use alloc::vec::Vec;

use crate::{
    error::{Flaw, OutOfRange},
    object::Object,
};

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident, $words:literal, $least:literal ..= $most:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(u8);

        impl $name {
            /// Returns the one of a number.
            ///
            /// # Errors
            /// [`OutOfRange`] tells the numbers there are.
            pub const fn new(number: u8) -> Result<Self, OutOfRange> {
                match number {
                    $least..=$most => Ok(Self(number)),
                    // Widening; `usize::from` is not const.
                    _ => Err(OutOfRange {
                        field: $words,
                        found: number as usize,
                        least: $least,
                        most: $most,
                    }),
                }
            }

            /// Returns its number.
            #[must_use]
            pub const fn number(self) -> u8 {
                self.0
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl crate::sample::Sample for $name {
            fn sample(draw: &mut crate::sample::Draw) -> Self {
                Self($least + draw.below($most - $least + 1))
            }
        }
    };
}

numbered! {
    /// A channel of the bearer independent protocol, 1 to 7.
    ChannelId, "channel", 1..=7
}
numbered! {
    /// An additional card reader, 0 to 7.
    ReaderId, "card reader", 0..=7
}
numbered! {
    /// An eCAT client, 1 to 15.
    ClientId, "eCAT client", 1..=15
}

/// Who sends or receives (TS 102.223, 8.7).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Device {
    /// `01`: the keypad.
    Keypad,
    /// `02`: the display.
    Display,
    /// `03`: the earpiece.
    Earpiece,
    /// `10` to `17`: an additional card reader.
    Reader(ReaderId),
    /// `21` to `27`: a channel.
    Channel(ChannelId),
    /// `31` to `3F`: an eCAT client.
    Client(ClientId),
    /// `81`: the card.
    Uicc,
    /// `82`: the terminal.
    Terminal,
    /// `83`: the network.
    Network,
}

impl Device {
    /// Returns its octet.
    #[must_use]
    pub const fn octet(self) -> u8 {
        match self {
            Self::Keypad => 0x01,
            Self::Display => 0x02,
            Self::Earpiece => 0x03,
            Self::Reader(reader) => 0x10 | reader.0,
            Self::Channel(channel) => 0x20 | channel.0,
            Self::Client(client) => 0x30 | client.0,
            Self::Uicc => 0x81,
            Self::Terminal => 0x82,
            Self::Network => 0x83,
        }
    }

    /// Returns the device of an octet; nothing for a reserved one.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Option<Self> {
        Some(match octet {
            0x01 => Self::Keypad,
            0x02 => Self::Display,
            0x03 => Self::Earpiece,
            0x10..=0x17 => Self::Reader(ReaderId(octet & 0x0F)),
            0x21..=0x27 => Self::Channel(ChannelId(octet & 0x0F)),
            0x31..=0x3F => Self::Client(ClientId(octet & 0x0F)),
            0x81 => Self::Uicc,
            0x82 => Self::Terminal,
            0x83 => Self::Network,
            _ => return None,
        })
    }
}

/// Device identities: who sends a message to whom.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Devices {
    /// Who sends it.
    pub source: Device,
    /// Whom it is for.
    pub destination: Device,
}

impl Devices {
    /// From the card to a device.
    #[must_use]
    pub const fn to(destination: Device) -> Self {
        Self { source: Device::Uicc, destination }
    }

    /// From a device to the card.
    #[must_use]
    pub const fn from(source: Device) -> Self {
        Self { source, destination: Device::Uicc }
    }
}

impl Object for Devices {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [source, destination, ..] = value else { return Err(Flaw::Length) };
        Ok(Self {
            source: Device::from_octet(*source).ok_or(Flaw::Contents(0))?,
            destination: Device::from_octet(*destination).ok_or(Flaw::Contents(1))?,
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([self.source.octet(), self.destination.octet()]);
    }
}
