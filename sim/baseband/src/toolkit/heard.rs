//! PROVIDE LOCAL INFORMATION with measurements: which networks are heard here, and how strong.

use super::local::technology;
use super::session::Waits;
use crate::core::Core;
use crate::effects::Effects;
use crate::radio::State;
use polysim_base::Duration;
use polysim_cat::{
    GeneralResult, HeardNetwork, LocalData, NetworkMeasurement, ResponseData, TerminalProblem,
};
use polysim_radio::air::CellView;

/// How long is listened at most.
const LISTENING: Duration = Duration::from_secs(5);

impl Core {
    /// Listens for the card.
    pub(super) fn listen_around(&mut self, fx: &mut Effects) {
        if self.radio.state == State::Off {
            let problem = TerminalProblem::NoService;
            return self.conclude(fx, GeneralResult::TerminalBusy(problem));
        }
        let until = fx.now.plus(LISTENING);
        self.toolkit().session.wait_for(Waits::Cells { until });
        self.listen(fx);
    }

    /// Tells the card what is heard, if it waits for that: every network and technology once, in
    /// the order of their levels.
    pub(crate) fn heard_around(&mut self, fx: &mut Effects, cells: &[CellView]) {
        if !self.waited_for_cells() {
            return;
        }
        let mut heard: Vec<HeardNetwork> = Vec::new();
        for cell in cells.iter().filter(|cell| self.radio.rats.contains(cell.rat)) {
            let (plmn, technology) = (cell.plmn, technology(cell.rat));
            if !heard.iter().any(|known| (known.plmn, known.technology) == (plmn, technology)) {
                heard.push(HeardNetwork { plmn, technology, level_dbm: cell.level_dbm });
            }
        }
        let results = NetworkMeasurement::of_heard(&heard);
        let data = LocalData::NetworkMeasurement { results, channels: None };
        self.conclude_with(fx, GeneralResult::Performed, ResponseData::Local(data));
    }

    /// No cell was heard in time. Returns whether that was waited for.
    pub(super) fn nothing_heard(&mut self, fx: &mut Effects) -> bool {
        let waited = self.waited_for_cells();
        if waited {
            self.conclude(fx, GeneralResult::TerminalBusy(TerminalProblem::NoService));
        }
        waited
    }

    fn waited_for_cells(&mut self) -> bool {
        let session = self.toolkit_mut().map(|toolkit| &mut toolkit.session);
        let waits = |waits: &Waits| matches!(waits, Waits::Cells { .. });
        session.is_some_and(|session| session.take_waits(waits).is_some())
    }
}
