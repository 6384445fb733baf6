//! The cells of a region, and the list that devices hear.

use crate::{
    air::{CellId, CellView, Rat},
    ids::OperatorId,
};
use alloc::sync::Arc;
use polysim_base::Plmn;

/// A cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CellConfig {
    /// Its name in the world.
    pub id: CellId,
    /// Whose core it leads to.
    pub operator: OperatorId,
    /// The network identity it broadcasts.
    pub plmn: Plmn,
    /// Its technology.
    pub rat: Rat,
    /// Signal level in dBm.
    pub level_dbm: i16,
    /// Tracking or location area.
    pub area: u16,
    /// How many devices it takes.
    pub capacity: u32,
    /// Barred for all.
    pub barred: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) config: CellConfig,
    pub(super) off_air: bool,
    /// How many devices camp on it.
    pub(super) camped: u32,
}

/// The cells, and what devices hear of them.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    /// Rebuilt when first wanted after a change.
    heard: Option<Arc<[CellView]>>,
}

impl Cells {
    pub(super) fn new(configs: Vec<CellConfig>) -> Self {
        let cells = configs.into_iter().map(|config| Cell { config, off_air: false, camped: 0 });
        Self { cells: cells.collect(), heard: None }
    }

    pub(super) fn index_of(&self, id: CellId) -> Option<usize> {
        self.cells.iter().position(|cell| cell.config.id == id)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Cell> {
        self.cells.get(index)
    }

    /// Gives out a cell to be changed, but for what devices hear: see [`Self::change`].
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Cell> {
        self.cells.get_mut(index)
    }

    /// Changes a cell; returns its index if there is such a cell.
    pub(super) fn change(&mut self, id: CellId, change: impl FnOnce(&mut Cell)) -> Option<usize> {
        let index = self.index_of(id)?;
        change(self.cells.get_mut(index)?);
        self.heard = None;
        Some(index)
    }

    /// Returns the cells on the air, strongest first, by name where equally strong.
    pub(super) fn heard(&mut self) -> Arc<[CellView]> {
        let Self { cells, heard } = self;
        let list = heard.get_or_insert_with(|| {
            let on_air = cells.iter().filter(|cell| !cell.off_air);
            let mut views: Vec<CellView> = on_air.map(|cell| view(&cell.config)).collect();
            views.sort_by_key(|view| (core::cmp::Reverse(view.level_dbm), view.cell));
            views.into()
        });
        Arc::clone(list)
    }
}

const fn view(config: &CellConfig) -> CellView {
    CellView {
        cell: config.id,
        plmn: config.plmn,
        rat: config.rat,
        level_dbm: config.level_dbm,
        area: config.area,
        barred: config.barred,
    }
}
