//! The region as a machine.

use super::{
    RadioMessage, RegionConfig, RegionInput, RegionOutput,
    cells::Cells,
    presence::{CELLS_MAX, Devices, Presence},
};
use crate::{
    air::{CellId, Downlink, RadioId, RejectCause, Uplink},
    ids::{OperatorId, Place, RegionId},
};
use core::convert::Infallible;
use polysim_base::{Instant, Machine, Out, Queue};

/// A region has no timers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RegionTimer {}

/// A region: passes what devices and cores say to each other, as long as cells carry it.
#[derive(Clone, Debug)]
pub struct Region {
    id: RegionId,
    zone_quarters: i8,
    daylight_h: u8,
    cells: Cells,
    devices: Devices,
    out: Queue<Out<Infallible, RegionOutput>>,
}

impl Region {
    /// The most cells a region has; more are left out.
    pub const CELLS_MAX: usize = CELLS_MAX;

    /// Returns a region without devices.
    #[must_use]
    pub fn new(config: RegionConfig) -> Self {
        let mut cells = config.cells;
        cells.truncate(Self::CELLS_MAX);
        Self {
            id: config.id,
            zone_quarters: config.zone_quarters,
            daylight_h: config.daylight_h,
            cells: Cells::new(cells),
            devices: Devices::default(),
            out: Queue::new(),
        }
    }

    /// Returns its name.
    #[must_use]
    pub const fn id(&self) -> RegionId {
        self.id
    }

    /// Returns whether a device is in the region.
    #[must_use]
    pub fn contains(&self, radio: RadioId) -> bool {
        self.devices.get(radio) != Presence::Absent
    }

    /// Returns the cell a device is on: registered or trying to.
    #[must_use]
    pub fn cell_of(&self, radio: RadioId) -> Option<CellId> {
        match self.devices.get(radio) {
            Presence::Camped(index) => Some(self.cells.get(index)?.config.id),
            Presence::Idle | Presence::Absent => None,
        }
    }

    /// Returns how many devices are on a cell.
    #[must_use]
    pub fn camped_on(&self, cell: CellId) -> u32 {
        let index = self.cells.index_of(cell);
        index.and_then(|index| self.cells.get(index)).map_or(0, |cell| cell.camped)
    }

    fn give(&mut self, output: RegionOutput) {
        self.out.push(Out::Do(output));
    }

    fn tell_device(&mut self, radio: RadioId, downlink: Downlink) {
        self.give(RegionOutput::ToDevice(radio, downlink));
    }

    fn tell_core(&mut self, operator: OperatorId, radio: RadioId, message: RadioMessage) {
        self.give(RegionOutput::ToCore { operator, radio, message });
    }

    fn operator_of(&self, index: usize) -> Option<OperatorId> {
        Some(self.cells.get(index)?.config.operator)
    }

    /// Takes a device off its cell; returns the operator it was with.
    fn release(&mut self, radio: RadioId, presence: Presence) -> Option<OperatorId> {
        let before = self.devices.get(radio);
        self.devices.set(radio, presence);
        let Presence::Camped(index) = before else {
            return None;
        };
        let cell = self.cells.get_mut(index)?;
        cell.camped = cell.camped.saturating_sub(1);
        Some(cell.config.operator)
    }

    fn lose(&mut self, radio: RadioId, presence: Presence) {
        if let Some(operator) = self.release(radio, presence) {
            self.tell_core(operator, radio, RadioMessage::LinkLost);
        }
    }

    fn device_says(&mut self, radio: RadioId, uplink: Uplink) {
        let presence = self.devices.get(radio);
        match (uplink, presence) {
            (_, Presence::Absent) => {}
            (Uplink::Scan, Presence::Idle | Presence::Camped(_)) => {
                let cells = self.cells.heard();
                self.tell_device(radio, Downlink::Cells(cells));
            }
            (Uplink::Attach { cell, imsi, imei, update }, Presence::Idle | Presence::Camped(_)) => {
                if let Some((operator, place)) = self.camp(radio, cell) {
                    let message = RadioMessage::Attach { place, imsi, imei, update };
                    self.tell_core(operator, radio, message);
                }
            }
            (uplink, Presence::Camped(index)) => {
                let leaves = matches!(uplink, Uplink::Detach);
                if let Some(operator) = self.operator_of(index) {
                    self.tell_core(operator, radio, RadioMessage::Uplink(uplink));
                }
                if leaves {
                    self.release(radio, Presence::Idle);
                }
            }
            // Nobody listens to a device that is on no cell.
            (_, Presence::Idle) => {}
        }
    }

    /// Takes a device on a cell where that is possible; returns whose cell it is, and where.
    fn camp(&mut self, radio: RadioId, cell: CellId) -> Option<(OperatorId, Place)> {
        let before = self.devices.get(radio);
        let on_air = self
            .cells
            .index_of(cell)
            .filter(|index| self.cells.get(*index).is_some_and(|cell| !cell.off_air));
        let Some(index) = on_air else {
            self.tell_device(radio, Downlink::CellsChanged);
            return None;
        };
        let target = self.cells.get(index)?;
        let (barred, config) = (target.config.barred, &target.config);
        let (operator, place) = (config.operator, self.place(config));
        let full = target.camped >= config.capacity && before != Presence::Camped(index);
        if barred || full {
            self.lose(radio, Presence::Idle);
            let cause = if barred {
                RejectCause::NoSuitableCells
            } else {
                self.give(RegionOutput::Congested { cell, radio });
                RejectCause::Congestion
            };
            self.tell_device(radio, Downlink::Reject(cause));
            return None;
        }
        if before != Presence::Camped(index) {
            let left = self.release(radio, Presence::Camped(index));
            if let Some(left) = left.filter(|left| *left != operator) {
                self.tell_core(left, radio, RadioMessage::LinkLost);
            }
            if let Some(target) = self.cells.get_mut(index) {
                target.camped = target.camped.saturating_add(1);
            }
        }
        Some((operator, place))
    }

    const fn place(&self, config: &super::CellConfig) -> Place {
        Place {
            region: self.id,
            cell: config.id,
            plmn: config.plmn,
            rat: config.rat,
            area: config.area,
            zone_quarters: self.zone_quarters,
            daylight_h: self.daylight_h,
        }
    }

    /// What a core sends reaches a device only on a cell of its own.
    fn core_says(&mut self, operator: OperatorId, radio: RadioId, downlink: Downlink) {
        let Presence::Camped(index) = self.devices.get(radio) else {
            return;
        };
        if self.operator_of(index) != Some(operator) {
            return;
        }
        if matches!(
            downlink,
            Downlink::Reject(_) | Downlink::Detach(_) | Downlink::AuthenticationReject
        ) {
            self.release(radio, Presence::Idle);
        }
        self.tell_device(radio, downlink);
    }

    fn outage(&mut self, id: CellId, on: bool) {
        if let Some(index) = self.cells.change(id, |cell| cell.off_air = on) {
            if on {
                self.notify_camped(index, true);
            } else {
                self.notify_all();
            }
        }
    }

    /// The devices on a cell look again; with `lost`, their link is gone.
    fn notify_camped(&mut self, index: usize, lost: bool) {
        let camped = self.devices.present();
        let camped: Vec<RadioId> = camped
            .filter(|(_, presence)| *presence == Presence::Camped(index))
            .map(|(radio, _)| radio)
            .collect();
        for radio in camped {
            if lost {
                self.lose(radio, Presence::Idle);
            }
            self.tell_device(radio, Downlink::CellsChanged);
        }
    }

    fn notify_all(&mut self) {
        let present: Vec<RadioId> = self.devices.present().map(|(radio, _)| radio).collect();
        for radio in present {
            self.tell_device(radio, Downlink::CellsChanged);
        }
    }
}

impl Machine for Region {
    type Input = RegionInput;
    type Output = RegionOutput;
    type Record = Infallible;
    type Timer = RegionTimer;

    fn handle(&mut self, _: Instant, input: RegionInput) {
        match input {
            RegionInput::FromDevice(radio, uplink) => self.device_says(radio, uplink),
            RegionInput::FromCore { operator, radio, downlink } => {
                self.core_says(operator, radio, downlink);
            }
            RegionInput::Enter(radio) => {
                if self.devices.get(radio) == Presence::Absent {
                    self.devices.set(radio, Presence::Idle);
                }
            }
            RegionInput::Leave(radio) => self.lose(radio, Presence::Absent),
            RegionInput::LoseLink(radio) => {
                if self.devices.get(radio) != Presence::Absent {
                    self.lose(radio, Presence::Idle);
                }
            }
            RegionInput::Outage { cell, on } => self.outage(cell, on),
            RegionInput::SetLevel { cell, level_dbm } => {
                let change = |cell: &mut super::cells::Cell| cell.config.level_dbm = level_dbm;
                if self.cells.change(cell, change).is_some() {
                    self.notify_all();
                }
            }
            RegionInput::Bar { cell, barred } => {
                match self.cells.change(cell, |cell| cell.config.barred = barred) {
                    Some(index) if barred => self.notify_camped(index, false),
                    Some(_) => self.notify_all(),
                    None => {}
                }
            }
            RegionInput::SetCapacity { cell, capacity } => {
                self.cells.change(cell, |cell| cell.config.capacity = capacity);
            }
        }
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_output(&mut self) -> Option<Out<Infallible, RegionOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, RegionTimer)> {
        None
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
