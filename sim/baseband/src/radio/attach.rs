//! Registering, staying registered, and losing it.

use super::causes::Reaction;
use super::location::update_location;
use super::selection::Round;
use super::{
    ATTACH_PATIENCE, ATTEMPTS_MAX, BETTER_SEARCH_UNIT, FIRST_BETTER_SEARCH, LONG_PAUSE, Mode,
    REATTACH_PAUSE, RETRY_PAUSE, SCAN_PATIENCE, SEARCH_PAUSES_S, ScanFor, State,
};
use crate::BasebandEvent;
use crate::card::{CardState, Owner};
use crate::core::Core;
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::port::Done;
use polysim_at::{CmeError, FinalResult};
use polysim_base::Duration;
use polysim_radio::air::{CellView, Registration, RejectCause, Uplink};
use std::sync::Arc;

impl Core {
    /// Switches the radio on; service is looked for as soon as there is a subscription.
    pub(crate) fn radio_on(&mut self, fx: &mut Effects) {
        if self.radio.state == State::Off {
            self.radio.rest_in(State::Idle);
            self.begin_search(fx);
        }
    }

    /// Switches the radio off, with a detach if there is service.
    pub(crate) fn radio_off(&mut self, fx: &mut Effects) {
        if self.radio.state == State::Off {
            return;
        }
        self.leave_network(fx);
        self.fail_waiting_selection(fx, CmeError::NoNetworkService);
        self.radio.clear();
    }

    fn leave_network(&mut self, fx: &mut Effects) {
        // The network may have granted already what is still asked for.
        if self.radio.registered || self.radio.state == State::Attaching {
            fx.air(Uplink::Detach);
        }
        self.service_lost(fx);
    }

    /// Everything that hangs on service ends.
    pub(crate) fn service_lost(&mut self, fx: &mut Effects) {
        if core::mem::take(&mut self.radio.registered) {
            fx.event(BasebandEvent::Deregistered);
        }
        self.radio.packet = false;
        self.radio.periodic = Deadline::NONE;
        self.radio.set_better(None);
        self.calls_dropped(fx);
        self.contexts_dropped(fx);
        self.ussd_dropped(fx);
    }

    /// Starts choosing a network, if there is a subscription and the user wants one.
    pub(crate) fn begin_search(&mut self, fx: &mut Effects) {
        let wanted = self.radio.state != State::Off
            && self.radio.mode != Mode::Deregistered
            && !self.radio.card_refused
            && self.slot.state() == CardState::Ready
            && self.slot.subscription.is_some();
        if wanted {
            self.radio.searches = 0;
            self.scan_to_select(fx);
        } else if self.radio.state != State::Off {
            self.radio.rest_in(State::Idle);
        }
    }

    fn scan_to_select(&mut self, fx: &mut Effects) {
        self.radio.drop_round();
        self.radio.go_to(State::Searching, fx.now.plus(SCAN_PATIENCE));
        self.radio.scanning.select = true;
        fx.air(Uplink::Scan);
    }

    /// Takes what is heard.
    pub(crate) fn cells(&mut self, fx: &mut Effects, cells: Arc<[CellView]>) {
        let scanned = core::mem::take(&mut self.radio.scanning);
        if self.radio.state == State::Off {
            return;
        }
        if scanned.list {
            self.cells_listed(fx, &cells);
        }
        match self.radio.state {
            State::Searching if scanned.select => self.select(fx, cells),
            State::Registered => self.look_again(fx, &cells, scanned),
            State::Attaching if scanned.refresh => self.still_there(fx, cells),
            State::Off
            | State::Idle
            | State::Searching
            | State::Attaching
            | State::NoService
            | State::Retry => {}
        }
    }

    /// The cell that an attach is under way in may have gone off the air.
    fn still_there(&mut self, fx: &mut Effects, heard: Arc<[CellView]>) {
        let serving = self.radio.serving.map(|cell| cell.cell);
        let there = heard.iter().any(|cell| Some(cell.cell) == serving && !cell.barred);
        if !there {
            self.service_lost(fx);
            self.radio.serving = None;
            self.select(fx, heard);
        }
    }

    fn select(&mut self, fx: &mut Effects, heard: Arc<[CellView]>) {
        let mut stream = self.choice();
        let Some(subscription) = &self.slot.subscription else {
            self.radio.rest_in(State::Idle);
            return;
        };
        let cells = self.radio.plan(&heard, subscription, &mut stream);
        let heard = Some(heard);
        self.radio.aside().round = Some(Round { cells, heard, refused: Vec::new() });
        self.try_next(fx);
    }

    fn try_next(&mut self, fx: &mut Effects) {
        // A refusal may have made others useless that were planned before it.
        let mut cells = self.radio.round_mut().map(|round| core::mem::take(&mut round.cells));
        let next = cells.as_mut().and_then(|cells| {
            while let Some(cell) = cells.pop() {
                if self.radio.is_usable(&cell) {
                    return Some(cell);
                }
            }
            None
        });
        if let (Some(round), Some(cells)) = (self.radio.round_mut(), cells) {
            round.cells = cells;
        }
        match next {
            Some(cell) => {
                self.radio.attempts = 0;
                self.attach(fx, cell);
            }
            None => self.no_service(fx),
        }
    }

    fn no_service(&mut self, fx: &mut Effects) {
        self.radio.drop_round();
        let step = usize::from(self.radio.searches);
        let pause = SEARCH_PAUSES_S.get(step).or(SEARCH_PAUSES_S.last()).copied().unwrap_or(60);
        self.radio.searches = self.radio.searches.saturating_add(1);
        let until = fx.now.plus(Duration::from_secs(pause));
        self.radio.go_to(State::NoService, until);
        self.radio.serving = None;
        fx.event(BasebandEvent::NoService);
        let error = match self.radio.cause {
            Some(_) => CmeError::NetworkNotAllowedEmergencyCallsOnly,
            None => CmeError::NoNetworkService,
        };
        self.fail_waiting_selection(fx, error);
    }

    /// ATTACH, or an update where there is service already.
    pub(crate) fn attach(&mut self, fx: &mut Effects, cell: CellView) {
        let Some(subscription) = &self.slot.subscription else {
            return;
        };
        let (imsi, last) = (subscription.imsi, subscription.last);
        if self.radio.serving.is_some_and(|serving| serving.plmn != cell.plmn) {
            // Another network: what was granted there does not hold here.
            self.service_lost(fx);
        }
        if last != Some(cell.plmn) {
            self.names = None;
        }
        self.radio.serving = Some(cell);
        self.radio.periodic = Deadline::NONE;
        self.radio.go_to(State::Attaching, fx.now.plus(ATTACH_PATIENCE));
        fx.event(BasebandEvent::AttachAttempt { cell: cell.cell, plmn: cell.plmn });
        let (imei, update) = (self.imei, self.radio.registered);
        fx.air(Uplink::Attach { cell: cell.cell, imsi, imei, update });
    }

    /// ATTACH ACCEPT.
    pub(crate) fn accepted(&mut self, fx: &mut Effects, granted: Registration) {
        let (State::Attaching, Some(cell), Some(subscription)) =
            (self.radio.state, self.radio.serving, &mut self.slot.subscription)
        else {
            return;
        };
        let radio = &mut self.radio;
        radio.rest_in(State::Registered);
        radio.drop_round();
        radio.cause = None;
        (radio.attempts, radio.searches) = (0, 0);
        radio.packet = granted.packet && radio.packet_wanted;
        if granted.equivalent.is_some() || radio.aside.is_some() {
            radio.aside().equivalent = granted.equivalent;
        }
        let manual = match radio.mode {
            Mode::Manual(_) => true,
            Mode::ManualThenAutomatic(wanted) if wanted != cell.plmn => {
                radio.mode = Mode::Automatic;
                false
            }
            Mode::ManualThenAutomatic(_) => true,
            Mode::Automatic | Mode::Deregistered => false,
        };
        let roaming = !subscription.is_home(cell.plmn);
        let period = subscription.search_period;
        subscription.last = Some(cell.plmn);
        let allowed = manual && subscription.allow(cell.plmn);
        if granted.periodic_s > 0 {
            let pause = Duration::from_secs(granted.periodic_s.into());
            radio.periodic = Deadline::at(fx.now.plus(pause));
        }
        let search = roaming && !manual && period > 0;
        radio.set_better(search.then(|| fx.now.plus(FIRST_BETTER_SEARCH)));
        let first = !core::mem::replace(&mut radio.registered, true);
        self.slot.write_location(update_location(&cell, Some(granted.tmsi)));
        if allowed {
            self.write_forbidden(fx);
        }
        self.serve_card(fx);
        if first {
            fx.event(BasebandEvent::Registered { cell: cell.cell, plmn: cell.plmn, roaming });
            self.service_gained(fx);
        }
        if let Some(port) = self.radio.take_waiting_port() {
            fx.finish(Done::new(port, FinalResult::Ok));
        }
    }

    /// ATTACH REJECT.
    pub(crate) fn rejected(&mut self, fx: &mut Effects, cause: RejectCause) {
        let State::Attaching = self.radio.state else {
            return;
        };
        self.refused(fx, cause);
    }

    /// The network ended the registration.
    pub(crate) fn network_detached(&mut self, fx: &mut Effects, cause: Option<RejectCause>) {
        if !self.radio.registered {
            return;
        }
        self.service_lost(fx);
        match (cause, self.radio.serving) {
            (Some(cause), Some(_)) => self.refused(fx, cause),
            (None, Some(_)) => self.radio.go_to(State::Retry, fx.now.plus(REATTACH_PAUSE)),
            (_, None) => self.begin_search(fx),
        }
    }

    fn refused(&mut self, fx: &mut Effects, cause: RejectCause) {
        let (Some(cell), Some(subscription)) = (self.radio.serving, &mut self.slot.subscription)
        else {
            return;
        };
        fx.event(BasebandEvent::Denied { plmn: cell.plmn, cause });
        let update = self.radio.registered;
        self.radio.cause = Some(cause);
        let (reaction, listed) = self.radio.react(cause, &cell, subscription);
        if reaction != Reaction::Retry {
            self.service_lost(fx);
        }
        if listed {
            self.write_forbidden(fx);
            self.serve_card(fx);
        }
        match reaction {
            Reaction::Stop => self.stop(fx),
            Reaction::NextNetwork => self.go_on_selecting(fx),
            Reaction::OtherCell => self.other_cell(fx, &cell),
            Reaction::Retry => self.attach_failed(fx),
        }
        self.tell_card_rejection(fx, &cell, cause, update);
    }

    /// The card is of no use to any network.
    fn stop(&mut self, fx: &mut Effects) {
        self.radio.drop_round();
        self.radio.serving = None;
        self.radio.rest_in(State::Idle);
        self.fail_waiting_selection(fx, CmeError::NetworkNotAllowedEmergencyCallsOnly);
    }

    fn go_on_selecting(&mut self, fx: &mut Effects) {
        if self.radio.round_mut().is_some() {
            self.try_next(fx);
        } else {
            self.scan_to_select(fx);
        }
    }

    /// Another cell of the same network if one may be used, else the next network.
    fn other_cell(&mut self, fx: &mut Effects, refused: &CellView) {
        let Some(round) = self.radio.round_mut() else {
            return self.scan_to_select(fx);
        };
        round.refused.push(refused.cell);
        let heard = round.heard.iter().flat_map(|heard| heard.iter());
        let untried = |cell: &&CellView| !round.refused.contains(&cell.cell);
        let left: Vec<CellView> = heard.filter(untried).copied().collect();
        match self.radio.best_cell(&left, refused) {
            Some(other) => self.attach(fx, other),
            None => self.try_next(fx),
        }
    }

    /// No answer, or a failure that passes: the same cell again, after a pause.
    fn attach_failed(&mut self, fx: &mut Effects) {
        self.radio.attempts += 1;
        let pause = if self.radio.attempts < ATTEMPTS_MAX {
            RETRY_PAUSE
        } else {
            self.radio.attempts = 0;
            self.service_lost(fx);
            self.fail_waiting_selection(fx, CmeError::NetworkTimeout);
            LONG_PAUSE
        };
        self.radio.go_to(State::Retry, fx.now.plus(pause));
    }

    /// AUTHENTICATION REJECT: as cause #3 (TS 24.301, 5.4.2.5).
    pub(crate) fn authentication_rejected(&mut self, fx: &mut Effects) {
        if matches!(self.radio.state, State::Attaching | State::Registered) {
            self.refused(fx, RejectCause::IllegalMs);
        }
    }

    /// Cells appeared, vanished or changed.
    pub(crate) fn cells_changed(&mut self, fx: &mut Effects) {
        match self.radio.state {
            State::Registered | State::Attaching => {
                self.radio.scanning.refresh = true;
                fx.air(Uplink::Scan);
            }
            State::NoService | State::Retry => self.begin_search(fx),
            State::Off | State::Idle | State::Searching => {}
        }
    }

    /// The radio link of the serving cell is gone.
    pub(crate) fn link_lost(&mut self, fx: &mut Effects) {
        if matches!(self.radio.state, State::Off | State::Idle) {
            return;
        }
        self.service_lost(fx);
        self.radio.serving = None;
        self.begin_search(fx);
    }

    fn look_again(&mut self, fx: &mut Effects, heard: &Arc<[CellView]>, scanned: ScanFor) {
        let (Some(serving), Some(subscription)) = (self.radio.serving, &self.slot.subscription)
        else {
            return;
        };
        if scanned.better {
            let mut better = self.radio.better_networks(heard, &serving, subscription);
            if let Some(first) = better.pop() {
                // Should all of them refuse, the one left is the last resort.
                better.insert(0, serving);
                let heard = Some(heard.clone());
                self.radio.aside().round =
                    Some(Round { cells: better, heard, refused: Vec::new() });
                return self.attach(fx, first);
            }
        }
        match self.radio.best_cell(heard, &serving) {
            None => {
                self.service_lost(fx);
                self.radio.serving = None;
                self.radio.searches = 0;
                self.select(fx, heard.clone());
            }
            Some(best) if best.cell != serving.cell || best.area != serving.area => {
                let round =
                    Round { cells: Vec::new(), heard: Some(heard.clone()), refused: Vec::new() };
                self.radio.aside().round = Some(round);
                self.attach(fx, best);
            }
            Some(same) => self.radio.serving = Some(same),
        }
    }

    /// Serves the deadlines of the radio.
    pub(crate) fn radio_timeouts(&mut self, fx: &mut Effects) {
        if self.radio.until.is_due(fx.now) {
            match self.radio.state {
                State::Searching => self.no_service(fx),
                State::Attaching => self.attach_failed(fx),
                State::NoService => self.scan_to_select(fx),
                State::Retry => match self.radio.serving {
                    Some(cell) => self.attach(fx, cell),
                    None => self.begin_search(fx),
                },
                State::Off | State::Idle | State::Registered => {}
            }
        }
        if self.radio.periodic.is_due(fx.now) {
            self.radio.periodic = Deadline::NONE;
            if let (State::Registered, Some(cell)) = (self.radio.state, self.radio.serving) {
                self.attach(fx, cell);
            }
        }
        if self.radio.better().is_due(fx.now) {
            let period = self.slot.subscription.as_ref().map_or(0, |sub| sub.search_period);
            let pause = BETTER_SEARCH_UNIT.times(u64::from(period.max(1)));
            self.radio.set_better(Some(fx.now.plus(pause)));
            self.look_for_better(fx);
        }
    }

    /// Looks for a network of higher priority.
    pub(crate) fn look_for_better(&mut self, fx: &mut Effects) {
        if self.radio.state == State::Registered && !self.calls_busy() {
            self.radio.scanning.better = true;
            fx.air(Uplink::Scan);
        }
    }

    fn fail_waiting_selection(&mut self, fx: &mut Effects, error: CmeError) {
        if let Some(port) = self.radio.take_waiting_port() {
            fx.finish(Done::new(port, FinalResult::Cme(error)));
        }
    }

    /// Writes EF.FPLMN.
    fn write_forbidden(&mut self, fx: &Effects) {
        let Some(subscription) = &self.slot.subscription else {
            return;
        };
        let file = subscription.forbidden_file();
        if !file.is_empty() {
            self.slot
                .start(fx.now, Owner::Device, move |port| crate::card::write_forbidden(port, file));
        }
    }
}

impl Core {
    /// `+COPS=<mode>`. Returns whether the command has to wait for what comes of it.
    pub(crate) fn select_network(
        &mut self,
        fx: &mut Effects,
        mode: Mode,
        port: Option<u8>,
    ) -> bool {
        let before = core::mem::replace(&mut self.radio.mode, mode);
        self.fail_waiting_selection(fx, CmeError::CommandAbortedByUser);
        let here = self.radio.serving.map(|cell| cell.plmn);
        match mode {
            Mode::Deregistered => {
                self.leave_network(fx);
                self.radio.serving = None;
                self.radio.drop_round();
                if self.radio.state != State::Off {
                    self.radio.rest_in(State::Idle);
                }
                return false;
            }
            Mode::Automatic if self.radio.registered || before == mode => {
                let idle = self.radio.state == State::Idle;
                if idle {
                    self.begin_search(fx);
                }
                return false;
            }
            Mode::Manual(wanted) | Mode::ManualThenAutomatic(wanted)
                if self.radio.registered && here == Some(wanted) =>
            {
                return false;
            }
            Mode::Automatic => {}
            Mode::Manual(_) | Mode::ManualThenAutomatic(_) => {
                self.leave_network(fx);
                self.radio.serving = None;
                self.radio.cause = None;
            }
        }
        if port.is_some() {
            self.radio.aside().waiting_port = port;
        }
        self.begin_search(fx);
        if self.radio.state == State::Idle {
            self.fail_waiting_selection(fx, CmeError::NetworkNotAllowedEmergencyCallsOnly);
        }
        true
    }
}

impl Core {
    /// `+CGATT`: packet services wanted or not.
    pub(crate) fn set_packet_wanted(&mut self, fx: &mut Effects, wanted: bool) {
        self.radio.packet_wanted = wanted;
        if !wanted {
            self.radio.packet = false;
            self.contexts_dropped(fx);
        } else if !self.radio.packet
            && let (State::Registered, Some(cell)) = (self.radio.state, self.radio.serving)
        {
            self.attach(fx, cell);
        }
    }
}
