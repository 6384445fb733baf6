//! How fast data links are: trains of octets both ways.

use alloc::vec::Vec;

use polysim_base::Duration;
use serde::{Deserialize, Serialize};

use crate::Rate;

/// From a device, of its data link.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum RateFromDevice {
    /// A part of a train of octets by which the server measures the way up.
    Probe {
        /// Which train.
        train: u32,
        /// Which part, from 0.
        part: u16,
        /// How many parts.
        parts: u16,
        /// What fills it.
        octets: Vec<u8>,
    },
    /// Send such a train, so that the device can measure the way down.
    ProbeMe {
        /// Which train.
        train: u32,
        /// How many parts.
        parts: u16,
        /// Of so many octets.
        octets: u16,
    },
    /// How fast the data link of this device is, by its measurements. Answered by `Noted`.
    Measured {
        /// Up to which train. Older news is late, and not heard.
        train: u32,
        /// How fast.
        rate: Rate,
        /// How long that holds: longer than until the next measurement.
        holds: Duration,
    },
}

/// To a device, of its data link.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum RateToDevice {
    /// What a train measured of the way up.
    Probed {
        /// Which train.
        train: u32,
        /// By how many of its parts. It is said again with each of the last ones.
        parts: u16,
        /// How fast.
        rate: Rate,
    },
    /// It is noted what the device has measured.
    Noted {
        /// Up to which train.
        train: u32,
    },
    /// A part of a train by which the device measures the way down.
    Probe {
        /// Which train.
        train: u32,
        /// Which part, from 0.
        part: u16,
        /// How many parts.
        parts: u16,
        /// What fills it.
        octets: Vec<u8>,
    },
}
