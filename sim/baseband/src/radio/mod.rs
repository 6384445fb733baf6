//! The radio: choosing a network, registering with it and staying registered (TS 23.122).

mod attach;
mod causes;
mod location;
mod names;
pub(crate) mod operators {
    #[derive(Clone,Copy)] pub(crate) struct K { pub(crate) mcc: &'static str, pub(crate) mnc: &'static str, pub(crate) name: &'static str }
    pub(crate) fn iter() -> impl Iterator<Item = K> { [].into_iter() }
    pub(crate) fn by_plmn(_: &str) -> Option<K> { None }
}
mod search;
mod selection;

pub(crate) use names::Names;
pub(crate) use search::{HostScan, access_technology};

use crate::RatSet;
use crate::card::Subscription;
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
    Searching { until: Instant },
    /// An attach is under way.
    Attaching { until: Instant },
    /// Service.
    Registered,
    /// Nothing to use was heard: the next scan comes.
    NoService { until: Instant },
    /// The network failed for no lasting reason: the next attempt on the same cell comes.
    Retry { until: Instant },
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

impl ScanFor {
    const fn any(self) -> bool {
        self.select || self.refresh || self.better || self.list
    }
}

/// The radio.
#[derive(Debug)]
pub(crate) struct Radio {
    pub(crate) state: State,
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
    periodic: Option<Instant>,
    periodic_s: u32,
    /// The next search for a network of higher priority.
    better: Option<Instant>,
    round: Option<Box<Round>>,
    refused: Option<Box<Refused>>,
    equivalent: Option<Arc<[Plmn]>>,
    /// The port whose `+COPS=1` or `=4` waits.
    pub(crate) waiting_port: Option<u8>,
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
            mode: Mode::Automatic,
            serving: None,
            registered: false,
            packet: false,
            packet_wanted: true,
            rats,
            cause: None,
            card_refused: false,
            packet_refused: false,
            scanning: ScanFor {
                select: false,
                refresh: false,
                better: false,
                list: false,
            },
            attempts: 0,
            searches: 0,
            periodic: None,
            periodic_s: 0,
            better: None,
            round: None,
            refused: None,
            equivalent: None,
            waiting_port: None,
        }
    }

    /// Forgets everything that switching off forgets.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            mode: self.mode,
            packet_wanted: self.packet_wanted,
            ..Self::new(self.rats)
        };
    }

    /// When the state as such ends.
    const fn state_deadline(&self) -> Option<Instant> {
        match self.state {
            State::Off | State::Idle | State::Registered => None,
            State::Searching { until }
            | State::Attaching { until }
            | State::NoService { until }
            | State::Retry { until } => Some(until),
        }
    }

    /// Returns the next deadline and whether it is that of the state.
    pub(crate) fn deadline(&self) -> Option<(Instant, RadioTimer)> {
        let state = self.state_deadline().map(|at| (at, self.state_timer()));
        let periodic = self.periodic.map(|at| (at, RadioTimer::PeriodicUpdate));
        let better = self.better.map(|at| (at, RadioTimer::BetterNetwork));
        [state, periodic, better].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    const fn state_timer(&self) -> RadioTimer {
        match self.state {
            State::Attaching { .. } => RadioTimer::AttachAnswer,
            State::NoService { .. } => RadioTimer::Search,
            State::Retry { .. } => RadioTimer::AttachRetry,
            State::Off | State::Idle | State::Searching { .. } | State::Registered => {
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
        let refused = self.refused.as_deref();
        self.rats.contains(cell.rat)
            && !cell.barred
            && !(packet_only && self.packet_refused)
            && refused.is_none_or(|refused| {
                !refused.areas.contains(&(cell.plmn, cell.area))
                    && !(packet_only && refused.packet_networks.contains(&cell.plmn))
            })
    }

    fn refused(&mut self) -> &mut Refused {
        self.refused.get_or_insert_default()
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
