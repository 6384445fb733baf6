//! What an agent has under way with its terminal: all that a reset ends.

use std::collections::VecDeque;

use polysim_base::{Imsi, Instant, Plmn};
use polysim_cat::{
    Command, Event, EventList, Feature, GeneralResult, LocalData, LocalInformation, LocationStatus,
    Look, MeasurementQualifier, ProvideLocalInformation, Refresh, RefreshMode, ResponseData,
    SendShortMessage, SetUpEventList, ShortMessageMode, SmsTpdu, TerminalProfile, TerminalResponse,
    TimerAction, TimerId, TimerManagement, TimerValue,
};
use polysim_lpa::AskNumber;
use polysim_sms::{Address, DataCoding, HeaderBuf, MobileOriginated, Submit, Tpdu as _, UserData};
use polysim_steering::agent::Bearers;
use polysim_steering::{Level, Location, Registration, VisibleNetwork};

use super::config::AgentSite;
use super::line::{Line, LineCommand};
use super::{Heard, Lines};

/// The events that an agent wants to hear of.
const EVENTS: [(Event, Feature); 4] = [
    (Event::LocationStatus, Feature::EventLocationStatus),
    (Event::NetworkRejection, Feature::EventNetworkRejection),
    (Event::DataAvailable, Feature::EventDataAvailable),
    (Event::ChannelStatus, Feature::EventChannelStatus),
];
/// 8-bit data of no class (TS 23.038, 4).
const OCTETS: DataCoding = DataCoding(0x04);
/// The timer of the terminal that agents use.
const TIMER: u8 = 8;

/// What was asked of the terminal last, and is not answered yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    Events,
    Line(Lines, LineCommand),
    Text,
    Serving,
    Around,
    Timer(Instant),
    Restart,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) inbox: VecDeque<Heard>,
    pub(super) profile: Option<TerminalProfile>,
    pub(super) asked: Option<Asked>,
    /// The terminal tells the events.
    events_set: bool,
    pub(super) platform: Line,
    pub(super) server: Line,
    /// The frame on the line to the platform, should that fail.
    pub(super) frame: Vec<u8>,
    texts: VecDeque<Vec<u8>>,
    reference: u8,
    /// Where the device is is to be found out, and whether with what it receives.
    pub(super) locating: Option<bool>,
    /// Where it is served, while the rest is not known.
    serving: Option<Plmn>,
    /// The last refusal, unless there was service after it.
    refused: Option<(Option<Plmn>, u8)>,
    /// There is service of a kind, as the terminal said last.
    limited: bool,
    pub(super) bearers: Bearers,
    /// Until then no connection is tried: there was no way to open one, and texts have to do.
    pub(super) no_data: Option<Instant>,
    pub(super) restart: bool,
    /// When the terminal's timer runs out.
    pub(super) armed: Option<Instant>,
    /// The request to a server that is not answered.
    pub(super) request: Option<AskNumber>,
}

impl Session {
    pub(super) fn can(&self, feature: Feature) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.supports(feature))
    }

    pub(super) const fn line(&mut self, line: Lines) -> &mut Line {
        match line {
            Lines::Platform => &mut self.platform,
            Lines::Server => &mut self.server,
        }
    }

    pub(super) fn text(&mut self, frame: Vec<u8>) {
        self.texts.push_back(frame);
    }

    /// Returns what is next, where `deadline` is when the agent wants to be woken.
    pub(super) fn next(
        &mut self,
        now: Instant,
        site: &AgentSite,
        deadline: Option<Instant>,
    ) -> Option<(Asked, Command)> {
        if !self.events_set {
            return Some((Asked::Events, self.events()));
        }
        for line in [Lines::Server, Lines::Platform] {
            if let Some((asked, command)) = self.line(line).next(&site.access_point) {
                return Some((Asked::Line(line, asked), command));
            }
        }
        while let Some(frame) = self.texts.pop_front() {
            if let Some(command) = self.send(site, &frame) {
                return Some((Asked::Text, command));
            }
        }
        if self.locating.is_some() {
            let what = LocalInformation::Location;
            let local = ProvideLocalInformation { what, measurements: None };
            return Some((Asked::Serving, local.into()));
        }
        if self.restart {
            return Some((Asked::Restart, Refresh::new(RefreshMode::UiccReset).into()));
        }
        self.timer(now, deadline)
    }

    fn events(&self) -> Command {
        let wanted = EVENTS.iter().filter(|(_, feature)| self.can(*feature));
        SetUpEventList { events: EventList(wanted.map(|(event, _)| *event).collect()) }.into()
    }

    /// The terminal's timer is set where it would wake the agent too late. One that wakes it too
    /// early does no harm.
    fn timer(&self, now: Instant, deadline: Option<Instant>) -> Option<(Asked, Command)> {
        let deadline = deadline.filter(|at| self.armed.is_none_or(|armed| armed > *at))?;
        // Up to the next whole second: the terminal counts no parts of one.
        let micros = deadline.since(now).as_micros();
        let span = polysim_base::Duration::from_secs(micros.div_ceil(1_000_000).max(1));
        let value = TimerValue::of_span(span);
        let timer = TimerId::new(TIMER).ok()?;
        let action = TimerAction::Start(value);
        let command = Command::from(TimerManagement { timer, action });
        // It runs out a little later than wanted, and the whole of what it can is enough.
        Some((Asked::Timer(deadline.min(now.plus(value.span()))), command))
    }

    fn send(&mut self, site: &AgentSite, frame: &[u8]) -> Option<Command> {
        let destination = Address::parse_dialled(&site.platform_number.to_string()).ok()?;
        let user_data = UserData::from_octets(OCTETS, &HeaderBuf::new(), frame).ok()?;
        self.reference = self.reference.wrapping_add(1);
        let submit = Submit::new(destination, user_data).with_reference(self.reference);
        let tpdu = SmsTpdu::new(&MobileOriginated::Submit(submit).to_octets()).ok()?;
        Some(Command::from(SendShortMessage {
            mode: ShortMessageMode { packing: false },
            alpha: None,
            service_centre: None,
            tpdu,
            uri: None,
            look: Look::default(),
        }))
    }

    /// The terminal tells the events from now on, or cannot.
    pub(super) const fn events_are_set(&mut self) {
        self.events_set = true;
    }

    /// The service or the place has changed.
    pub(super) const fn location_changed(&mut self, status: LocationStatus) {
        match status {
            LocationStatus::Normal => self.refused = None,
            LocationStatus::Limited | LocationStatus::None => {}
        }
        self.limited = matches!(status, LocationStatus::Limited);
        // What was not to be had there may be had here.
        self.no_data = None;
    }

    pub(super) const fn rejected(&mut self, plmn: Option<Plmn>, cause: u8) {
        self.refused = Some((plmn, cause));
    }

    /// The terminal has said where it is served; returns what to ask next.
    pub(super) fn served(&mut self, response: Option<&TerminalResponse>) -> Option<Command> {
        self.serving = match response.map(|response| (response.result, &response.data)) {
            Some((GeneralResult::Performed, ResponseData::Local(LocalData::Location(at)))) => {
                at.and_then(|location| location.plmn)
            }
            _ => None,
        };
        if self.locating != Some(true) || !self.can(Feature::LocalUtranMeasurement) {
            return None;
        }
        let measurements = Some(MeasurementQualifier::EUtranInter);
        let what = LocalInformation::NetworkMeasurement;
        Some(ProvideLocalInformation { what, measurements }.into())
    }

    /// All is known that can be: returns where the device is.
    pub(super) fn located(
        &mut self,
        response: Option<&TerminalResponse>,
        imsi: Option<Imsi>,
    ) -> Location {
        self.locating = None;
        let heard = match response.map(|response| &response.data) {
            Some(ResponseData::Local(LocalData::NetworkMeasurement { results, .. })) => {
                results.as_ref().map_or_else(Vec::new, |results| results.heard())
            }
            _ => Vec::new(),
        };
        let mut visible: Vec<VisibleNetwork> = Vec::new();
        for network in heard {
            let level = Level::from_dbm(network.level_dbm);
            match visible.iter_mut().find(|known| known.plmn == network.plmn) {
                Some(known) => known.level = known.level.max(level),
                None => visible.push(VisibleNetwork { plmn: network.plmn, level }),
            }
        }
        let (registration, serving) = self.registration(imsi);
        Location { registration, serving, visible }
    }

    fn registration(&mut self, imsi: Option<Imsi>) -> (Registration, Option<Plmn>) {
        if let Some(serving) = self.serving {
            self.refused = None;
            let home = imsi.is_some_and(|imsi| imsi.belongs_to(serving));
            let kind = if home { Registration::Home } else { Registration::Roaming };
            return (kind, Some(serving));
        }
        match self.refused {
            Some((plmn, cause)) => (Registration::Denied { cause }, plmn),
            None if self.limited => (Registration::NotRegistered, None),
            None => (Registration::Searching, None),
        }
    }

    /// Returns the ways to the platform where those have changed.
    pub(super) fn new_bearers(&mut self, now: Instant) -> Option<Bearers> {
        let service = self.serving.is_some();
        let no_data = self.no_data.filter(|until| *until > now);
        self.no_data = no_data;
        let bearers = Bearers {
            data: service && no_data.is_none() && self.can(Feature::OpenChannel),
            texts: service && self.can(Feature::SendShortMessage),
        };
        (core::mem::replace(&mut self.bearers, bearers) != bearers).then_some(bearers)
    }

    /// There is no service any more.
    pub(super) const fn service_is_gone(&mut self) {
        self.serving = None;
    }
}
