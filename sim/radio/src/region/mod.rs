//! A region: the cells its devices hear, and the way between devices and cores.

mod cells;
mod machine;
mod presence;
#[cfg(test)]
mod tests;

pub use cells::CellConfig;
pub use machine::{Region, RegionTimer};

use crate::{
    air::{CellId, Downlink, RadioId, Uplink},
    ids::{OperatorId, Place, RegionId},
};
use polysim_base::{Imei, Imsi};

/// A region.
#[derive(Clone, Debug)]
pub struct RegionConfig {
    /// Its name in the world.
    pub id: RegionId,
    /// Its cells; at most [`Region::CELLS_MAX`].
    pub cells: Vec<CellConfig>,
    /// Offset of local time in quarters of an hour, daylight saving included.
    pub zone_quarters: i8,
    /// Daylight saving adjustment in hours, 0 to 2.
    pub daylight_h: u8,
}

/// What reaches a region.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionInput {
    /// A device sends.
    FromDevice(RadioId, Uplink),
    /// A core sends to a device.
    FromCore {
        /// Which core.
        operator: OperatorId,
        /// To which device.
        radio: RadioId,
        /// What.
        downlink: Downlink,
    },
    /// A device is in the region from now on, listening or not.
    Enter(RadioId),
    /// A device is no longer in the region; its radio link is lost.
    Leave(RadioId),
    /// The radio link of a device breaks while it stays: power cut, or shielded.
    LoseLink(RadioId),
    /// A cell goes off the air or comes back.
    Outage {
        /// Which.
        cell: CellId,
        /// Off the air.
        on: bool,
    },
    /// A cell's level changes.
    SetLevel {
        /// Which.
        cell: CellId,
        /// Level in dBm.
        level_dbm: i16,
    },
    /// A cell is barred or no longer.
    Bar {
        /// Which.
        cell: CellId,
        /// Barred.
        barred: bool,
    },
    /// A cell takes more or fewer devices from now on; none is thrown out.
    SetCapacity {
        /// Which.
        cell: CellId,
        /// How many devices.
        capacity: u32,
    },
}

/// What leaves a region.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionOutput {
    /// To a device.
    ToDevice(RadioId, Downlink),
    /// To an operator's core, as [`crate::CoreInput::Radio`] with this region's name.
    ToCore {
        /// Whose core.
        operator: OperatorId,
        /// From which device.
        radio: RadioId,
        /// What.
        message: RadioMessage,
    },
    /// A cell was full: the device was refused with #22 before its core heard of it.
    Congested {
        /// Which.
        cell: CellId,
        /// Who.
        radio: RadioId,
    },
}

/// What a core hears of a device.
#[derive(Clone, Debug, PartialEq)]
pub enum RadioMessage {
    /// It wants to be registered.
    Attach {
        /// Where it is.
        place: Place,
        /// Who it says it is.
        imsi: Imsi,
        /// The device's identity.
        imei: Imei,
        /// An update of a registration that it knows of.
        update: bool,
    },
    /// Anything else it sends; never [`Uplink::Attach`] or [`Uplink::Scan`].
    Uplink(Uplink),
    /// It is out of reach.
    LinkLost,
}
