//! The list of networks that a host asks for (`+COPS=?`).

use super::{Names, State};
use crate::core::Core;
use crate::effects::Effects;
use crate::port::Done;
use polysim_at::{
    AccessTechnology, CmeError, CopsTest, FinalResult, FoundOperator, Line, OperatorFormat,
    OperatorStatus, Text,
};
use polysim_base::{Duration, Instant};
use polysim_radio::air::{CellView, Rat, Uplink};
use std::sync::Arc;

/// How long listening on all bands takes.
const LISTENING: Duration = Duration::from_secs(5);

/// A scan for a host.
#[derive(Debug)]
pub(crate) struct HostScan {
    pub(crate) port: u8,
    pub(crate) until: Instant,
    heard: Option<Arc<[CellView]>>,
}

/// `<AcT>` of a technology (TS 27.007, 7.3).
pub(crate) const fn access_technology(rat: Rat) -> AccessTechnology {
    match rat {
        Rat::Gsm => AccessTechnology::Gsm,
        Rat::Umts => AccessTechnology::Utran,
        Rat::Lte => AccessTechnology::Eutran,
        Rat::Nr => AccessTechnology::NrFiveGc,
    }
}

impl Core {
    /// Starts a scan for a host; one runs at a time.
    pub(crate) fn list_networks(&mut self, fx: &mut Effects, port: u8) -> Result<(), CmeError> {
        if self.radio.state == State::Off {
            return Err(CmeError::NoNetworkService);
        }
        if self.rare.as_ref().is_some_and(|rare| rare.scan.is_some()) {
            return Err(CmeError::OperationNotAllowed);
        }
        self.rare().scan = Some(HostScan { port, until: fx.now.plus(LISTENING), heard: None });
        self.listen(fx);
        Ok(())
    }

    /// Has what is heard listed.
    pub(crate) fn listen(&mut self, fx: &mut Effects) {
        self.radio.scanning.list = true;
        fx.air(Uplink::Scan);
    }

    /// Keeps what is heard for the host, and tells the card.
    pub(super) fn cells_listed(&mut self, fx: &mut Effects, cells: &Arc<[CellView]>) {
        self.heard_around(fx, cells);
        if let Some(scan) = self.rare.as_mut().and_then(|rare| rare.scan.as_mut()) {
            scan.heard = Some(cells.clone());
        }
    }

    /// The time for listening is over.
    pub(crate) fn scan_timeout(&mut self, fx: &mut Effects) {
        let Some(rare) = &mut self.rare else { return };
        if rare.scan.as_ref().is_none_or(|scan| scan.until > fx.now) {
            return;
        }
        let Some(scan) = rare.scan.take() else { return };
        let mut done = Done::new(scan.port, FinalResult::Ok);
        match scan.heard {
            Some(heard) => self.found(&heard).encode(&mut done.lines),
            None => done.result = FinalResult::Cme(CmeError::NetworkTimeout),
        }
        fx.finish(done);
    }

    /// Every network and technology heard, once, the strongest first.
    fn found(&self, heard: &[CellView]) -> CopsTest {
        let mut seen = Vec::new();
        for cell in heard {
            if self.radio.rats.contains(cell.rat) && !seen.contains(&(cell.plmn, cell.rat)) {
                seen.push((cell.plmn, cell.rat));
            }
        }
        let text = |name: String| Text::new(name).ok();
        let operators = seen.into_iter().take(CopsTest::OPERATORS_MAX).filter_map(|(plmn, rat)| {
            let here = self.radio.serving.filter(|cell| cell.plmn == plmn && cell.rat == rat);
            let forbidden = self.slot.subscription.as_ref().is_some_and(|s| s.is_forbidden(plmn));
            let names = Names::of(self);
            Some(FoundOperator {
                status: match here {
                    Some(_) if self.radio.registered => OperatorStatus::Current,
                    _ if forbidden => OperatorStatus::Forbidden,
                    _ => OperatorStatus::Available,
                },
                long: text(names.name(plmn, OperatorFormat::Long)),
                short: text(names.name(plmn, OperatorFormat::Short)),
                numeric: text(plmn.to_string())?,
                technology: Some(access_technology(rat)),
            })
        });
        CopsTest { operators: operators.collect() }
    }
}
