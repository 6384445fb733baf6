//! Which devices are in a region, and on which cell each camps.

use crate::{air::RadioId, radio_table::RadioTable};

/// A device in the region; two bytes each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// Not in the region.
    Absent,
    /// In the region, on no cell.
    Idle,
    /// On the cell of this index.
    Camped(usize),
}

/// The devices of a region.
#[derive(Clone, Debug, Default)]
pub(super) struct Devices(RadioTable<u16>);

const IDLE: u16 = 1;
const FIRST_CELL: u16 = 2;

/// How many cells can be told apart.
pub(super) const CELLS_MAX: usize = (u16::MAX - FIRST_CELL) as usize;

impl Devices {
    pub(super) fn get(&self, radio: RadioId) -> Presence {
        Presence::of(self.0.get(radio))
    }

    pub(super) fn set(&mut self, radio: RadioId, presence: Presence) {
        let code = match presence {
            Presence::Absent => 0,
            Presence::Idle => IDLE,
            Presence::Camped(index) => u16::try_from(index)
                .ok()
                .and_then(|index| index.checked_add(FIRST_CELL))
                .unwrap_or(IDLE),
        };
        self.0.set(radio, code);
    }

    /// Returns the devices present, in order.
    pub(super) fn present(&self) -> impl Iterator<Item = (RadioId, Presence)> + '_ {
        let devices = self.0.iter();
        devices.map(|(radio, code)| (radio, Presence::of(code)))
    }
}

impl Presence {
    const fn of(code: u16) -> Self {
        match code {
            0 => Self::Absent,
            IDLE => Self::Idle,
            cell => Self::Camped((cell - FIRST_CELL) as usize),
        }
    }
}
