//! The radio: choosing a network, registering with it and staying registered (TS 23.122).

mod attach;
mod causes;
mod location;
mod names;
mod search;
mod selection;

pub(crate) use location::update_location;
pub(crate) use names::{Names, Told};
pub(crate) use search::{HostScan, access_technology};

use crate::RatSet;
use crate::card::Subscription;
use crate::deadline::Deadline;
use polysim_base::{Duration, Instant, Plmn};
use polysim_radio::air::{CellView, Rat, RejectCause};
use selection::Round;
use std::sync::Arc;

/// Pauses between scans while no usable cell is heard; the last one repeats.
const SEARCH_PAUSES_S: [u64; 6] = [10, 20, 40, 80, 160, 320];
/// How long cells may take to answer a scan.
const SCAN_PATIENCE: Duration = Duration::from_secs(20);
/// T3410: how long the network may take to answer an attach (TS 24.301, 10.2).
const ATTACH_PATIENCE: Duration = Duration::from_secs(15);
/// T3411: pause after an attach that failed for no lasting reason.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// Pause before a device that the network detached comes again, so that two devices with one
/// subscription do not chase each other without pause.
const REATTACH_PAUSE: Duration = Duration::from_secs(2);
/// T3402: pause after the last of those attempts.
const LONG_PAUSE: Duration = Duration::from_secs(720);
/// Attempts with the short pause (TS 24.301, 5.5.1.2.6).
const ATTEMPTS_MAX: u8 = 5;
/// The first search for a better network comes soon after registration (TS 23.122, 4.4.3.3.1).
const FIRST_BETTER_SEARCH: Duration = Duration::from_secs(120);
/// The unit of EF.HPPLMN.
const BETTER_SEARCH_UNIT: Duration = Duration::from_secs(360);

/// Which network is wanted (TS 27.007, 7.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    Automatic,
    Manual(Plmn),
    /// The given one first, then any.
    ManualThenAutomatic(Plmn),
    Deregistered,
}

/// What the radio is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// Off.
    Off,
    /// On, and nothing to do: no subscription that could be used, or told to stay away.
    Idle,
    /// Cells are being listened for.
    Searching,
    /// An attach is under way.
    Attaching,
    /// Service.
    Registered,
    /// Nothing to use was heard: the next scan comes.
    NoService,
    /// The network failed for no lasting reason: the next attempt on the same cell comes.
    Retry,
}

/// What a scan is for; several reasons may share one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct ScanFor {
    /// Choosing a network.
    pub(crate) select: bool,
    /// Looking whether the serving cell is still the right one.
    pub(crate) refresh: bool,
    /// Looking for a network of higher priority.
    pub(crate) better: bool,
    /// A host asked for the list.
    pub(crate) list: bool,
}

/// The radio.
#[derive(Debug)]
pub(crate) struct Radio {
    pub(crate) state: State,
    /// When the state as such ends.
    until: Deadline,
    pub(crate) mode: Mode,
    /// The cell camped on or attached through.
    pub(crate) serving: Option<CellView>,
    /// Whether service was granted and not taken away; holds during an update as well.
    pub(crate) registered: bool,
    /// Whether packet services were granted with it.
    pub(crate) packet: bool,
    /// Packet services are wanted (`+CGATT`).
    pub(crate) packet_wanted: bool,
    /// What the device can do.
    pub(crate) rats: RatSet,
    /// The last refusal, until service is granted.
    pub(crate) cause: Option<RejectCause>,
    /// The card was refused for good (#2, #3, #5, #6, #8): nothing until it is changed or the
    /// device switched off.
    pub(crate) card_refused: bool,
    /// Packet services were refused for good (#7): no LTE and NR.
    packet_refused: bool,
    scanning: ScanFor,
    attempts: u8,
    searches: u8,
    /// T3412.
    periodic: Deadline,
    aside: Option<Box<Aside>>,
}

/// What a device with service of its home network has not.
#[derive(Debug, Default)]
struct Aside {
    round: Option<Round>,
    refused: Refused,
    /// Networks that count as the serving one.
    equivalent: Option<Arc<[Plmn]>>,
    /// The next search for a network of higher priority.
    better: Deadline,
    /// The port whose `+COPS=1` or `=4` waits.
    waiting_port: Option<u8>,
}

impl Aside {
    fn is_empty(&self) -> bool {
        self.round.is_none()
            && self.refused.areas.is_empty()
            && self.refused.packet_networks.is_empty()
            && self.equivalent.is_none()
            && self.better == Deadline::NONE
            && self.waiting_port.is_none()
    }
}

/// Places that refused, until the device is switched off or the card changed.
#[derive(Debug, Default)]
struct Refused {
    /// Forbidden areas (#12, #13, #15).
    areas: Vec<(Plmn, u16)>,
    /// Networks without packet services for this card (#14).
    packet_networks: Vec<Plmn>,
}

/// Most forbidden areas kept (TS 24.301, 5.3.2 asks for at least 40).
const AREAS_MAX: usize = 40;

impl Radio {
    pub(crate) const fn new(rats: RatSet) -> Self {
        Self {
            state: State::Off,
            until: Deadline::NONE,
            mode: Mode::Automatic,
            serving: None,
            registered: false,
            packet: false,
            packet_wanted: true,
            rats,
            cause: None,
            card_refused: false,
            packet_refused: false,
            scanning: ScanFor { select: false, refresh: false, better: false, list: false },
            attempts: 0,
            searches: 0,
            periodic: Deadline::NONE,
            aside: None,
        }
    }

    /// Forgets everything that switching off forgets.
    pub(crate) fn clear(&mut self) {
        *self = Self { mode: self.mode, packet_wanted: self.packet_wanted, ..Self::new(self.rats) };
    }

    /// Goes to a state that lasts.
    const fn rest_in(&mut self, state: State) {
        self.state = state;
        self.until = Deadline::NONE;
    }

    /// Goes to a state that ends.
    const fn go_to(&mut self, state: State, until: Instant) {
        self.state = state;
        self.until = Deadline::at(until);
    }

    fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Gives memory back that holds nothing.
    pub(crate) fn tidy(&mut self) {
        if self.aside.as_ref().is_some_and(|aside| aside.is_empty()) {
            self.aside = None;
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.aside.as_deref().map_or(0, size_of_val)
    }

    fn round_mut(&mut self) -> Option<&mut Round> {
        self.aside.as_mut()?.round.as_mut()
    }

    fn drop_round(&mut self) {
        if let Some(aside) = &mut self.aside {
            aside.round = None;
        }
    }

    fn better(&self) -> Deadline {
        self.aside.as_ref().map_or(Deadline::NONE, |aside| aside.better)
    }

    fn set_better(&mut self, at: Option<Instant>) {
        if at.is_some() || self.aside.is_some() {
            self.aside().better = at.into();
        }
    }

    /// The port whose `+COPS=1` or `=4` waits, no longer.
    fn take_waiting_port(&mut self) -> Option<u8> {
        self.aside.as_mut()?.waiting_port.take()
    }

    /// Returns the next deadline and whether it is that of the state.
    pub(crate) fn deadline(&self) -> Option<(Instant, RadioTimer)> {
        let state = self.until.get().map(|at| (at, self.state_timer()));
        let periodic = self.periodic.get().map(|at| (at, RadioTimer::PeriodicUpdate));
        let better = self.better().get().map(|at| (at, RadioTimer::BetterNetwork));
        [state, periodic, better].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    const fn state_timer(&self) -> RadioTimer {
        match self.state {
            State::Attaching => RadioTimer::AttachAnswer,
            State::NoService => RadioTimer::Search,
            State::Retry => RadioTimer::AttachRetry,
            State::Off | State::Idle | State::Searching | State::Registered => {
                RadioTimer::ScanAnswer
            }
        }
    }

    /// Whether a network registered with counts as roaming.
    pub(crate) fn is_roaming(&self, subscription: Option<&Subscription>) -> bool {
        match (self.serving, subscription) {
            (Some(cell), Some(subscription)) => !subscription.is_home(cell.plmn),
            _ => false,
        }
    }

    /// Whether a cell may be used at all.
    fn is_usable(&self, cell: &CellView) -> bool {
        let packet_only = matches!(cell.rat, Rat::Lte | Rat::Nr);
        let refused = self.aside.as_deref().map(|aside| &aside.refused);
        let no_packet = self.packet_refused
            || refused.is_some_and(|refused| refused.packet_networks.contains(&cell.plmn));
        let no_area =
            refused.is_some_and(|refused| refused.areas.contains(&(cell.plmn, cell.area)));
        let refused = cell.barred || no_area || (packet_only && no_packet);
        self.rats.contains(cell.rat) && !refused
    }

    fn refused(&mut self) -> &mut Refused {
        &mut self.aside().refused
    }
}

/// Why the radio wants to be woken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RadioTimer {
    /// Cells must answer a scan.
    ScanAnswer,
    /// The next scan while there is no service.
    Search,
    /// The network must answer an attach (T3410).
    AttachAnswer,
    /// The next attempt after a failure (T3411, T3402).
    AttachRetry,
    /// The periodic update (T3412).
    PeriodicUpdate,
    /// The search for a network of higher priority.
    BetterNetwork,
}
