//! Names of regions, operators and calls, and where a device is.

use crate::air::{CellId, RadioId, Rat};
use polysim_base::Plmn;

/// A network operator, unique in the world. Its core answers to this name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OperatorId(pub u16);

/// A region: a set of cells that its devices hear.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RegionId(pub u16);

/// Where a device attaches, as its region tells the core.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Place {
    /// The region.
    pub region: RegionId,
    /// The cell.
    pub cell: CellId,
    /// The network whose identity the cell broadcasts.
    pub plmn: Plmn,
    /// The cell's technology.
    pub rat: Rat,
    /// Its tracking or location area.
    pub area: u16,
    /// Offset of the region's local time in quarters of an hour, daylight saving included.
    pub zone_quarters: i8,
    /// Daylight saving adjustment in hours, 0 to 2.
    pub daylight_h: u8,
}

/// A call, named by the core that routes it, and which of its attempts to reach somebody it is: a
/// forwarded call is a new attempt.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallRef {
    /// The core of the calling side.
    pub origin: OperatorId,
    /// That core's number for the call.
    pub number: u32,
    /// 0 for the number dialled, one more for each forwarding.
    pub attempt: u8,
}

/// A stream of a device, named by the core that serves it. A number that a device uses again is
/// another stream.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StreamRef {
    /// The core that serves the device: it takes the answers.
    pub serving: OperatorId,
    /// The device.
    pub radio: RadioId,
    /// Its packet context.
    pub context: u8,
    /// The device's number of the stream.
    pub stream: u8,
    /// That core's number of the stream.
    pub serial: u32,
}

/// Who sends or gets a text: a number, or what else an address can be.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Party {
    /// An international number.
    Number(polysim_base::Msisdn),
    /// A name, or digits that are no international number.
    Name(Box<str>),
}

impl core::fmt::Display for Party {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}
