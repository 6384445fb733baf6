//! The device: its parts, and how inputs go through them.

use crate::card::{CardState, Change, Happened, Outcome, Owner, Slot};
use crate::config::PORTS_MAX;
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::port::{Done, Port};
use crate::radio::Radio;
use crate::radio::Told;
use crate::rare::Rare;
use crate::sms::Messages;
use crate::urc::{INDICATORS, Notice, Snapshot};
use crate::{
    BasebandConfig, BasebandEvent, BasebandInput, BasebandOutput, BasebandTimer, CardToTerminal,
    Model,
};
use polysim_at::{CmeError, FinalResult, RegistrationStatus};
use polysim_base::{Imei, Imsi, Instant, Machine, Out, Purpose, Queue, Stream};
use polysim_radio::air::{CellView, Downlink, Rat};
use std::convert::Infallible;

/// A simulated modem: a [`Machine`] between hosts on its ports, a card and the air.
///
/// It is made switched off; see [`BasebandInput::Power`].
#[derive(Debug)]
pub struct Baseband {
    out: Queue<BasebandOutput>,
    pub(crate) ports: Box<[Port]>,
    pub(crate) core: Core,
}

/// Whether the device runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Power {
    Off,
    Booting,
    On,
}

/// Everything behind the ports.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) model: &'static Model,
    pub(crate) imei: Imei,
    pub(crate) software_version: u8,
    pub(crate) power: Power,
    /// `+CFUN`.
    pub(crate) functionality: u8,
    observed: bool,
    /// `+CTZU`.
    pub(crate) zone_updates: bool,
    /// Where this device's random choices start, and how many there were.
    pub(crate) seed: u64,
    pub(crate) choices: u16,
    pub(crate) slot: Slot,
    pub(crate) radio: Radio,
    pub(crate) messages: Messages,
    /// What the network called itself.
    pub(crate) names: Option<Told>,
    /// The clock: seconds since the Unix epoch at the start of the device's time.
    pub(crate) clock: crate::clock::Clockwork,
    pub(crate) rare: Option<Box<Rare>>,
}

/// How a device stands with the network, for those who look inside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RegistrationState {
    /// No service, and none is looked for.
    NotRegistered,
    /// No service yet.
    Searching,
    /// Refused.
    Denied,
    /// Service of the home network.
    Home,
    /// Service of another network.
    Roaming,
}

impl Baseband {
    /// Makes a device, switched off.
    #[must_use]
    pub fn new(config: BasebandConfig) -> Self {
        let ports = config.ports.clamp(1, PORTS_MAX);
        Self {
            out: Queue::new(),
            ports: (0..ports).map(|_| Port::new(config.model)).collect(),
            core: Core {
                model: config.model,
                imei: config.imei,
                software_version: config.software_version.min(99),
                power: Power::Off,
                functionality: if config.radio_on { 1 } else { 4 },
                observed: false,
                zone_updates: true,
                seed: config.stream.clone().next_u64(),
                choices: 0,
                slot: Slot::new(config.card_inserted),
                radio: Radio::new(config.rats),
                messages: Messages::default(),
                names: None,
                clock: crate::clock::Clockwork::default(),
                rare: None,
            },
        }
    }

    /// Turns [`BasebandOutput::Event`]s on or off; they are off at first.
    pub const fn observe(&mut self, on: bool) {
        self.core.observed = on;
    }

    /// Tells whether the firmware runs.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self.core.power, Power::On)
    }

    /// Returns the device's identity.
    #[must_use]
    pub const fn imei(&self) -> Imei {
        self.core.imei
    }

    /// Returns which device it behaves like.
    #[must_use]
    pub const fn model(&self) -> &'static Model {
        self.core.model
    }

    /// Returns the subscription of the card, once it was read.
    #[must_use]
    pub fn imsi(&self) -> Option<Imsi> {
        Some(self.core.slot.subscription.as_ref()?.imsi)
    }

    /// Returns the cell it has service through, or tries to.
    #[must_use]
    pub const fn serving(&self) -> Option<CellView> {
        self.core.radio.serving
    }

    /// Returns an estimate of the heap it holds, in bytes, for accounts of large worlds: what an
    /// idle device keeps is counted to the byte, what is rarely there by its boxes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let ports = self.ports.iter().map(|port| size_of::<Port>() + port.heap_bytes());
        let subscription = self.core.slot.subscription.as_ref();
        ports.sum::<usize>()
            + self.core.radio.heap_bytes()
            + subscription.map_or(0, crate::card::Subscription::heap_bytes)
            + self.core.messages.heap_bytes()
            + self.core.rare.as_deref().map_or(0, size_of_val)
    }

    /// Returns how it stands with the network.
    #[must_use]
    pub fn registration(&self) -> RegistrationState {
        match self.core.registration_status() {
            RegistrationStatus::Home => RegistrationState::Home,
            RegistrationStatus::Roaming => RegistrationState::Roaming,
            RegistrationStatus::Searching => RegistrationState::Searching,
            RegistrationStatus::Denied => RegistrationState::Denied,
            RegistrationStatus::NotRegistered
            | RegistrationStatus::Unknown
            | RegistrationStatus::HomeSmsOnly
            | RegistrationStatus::RoamingSmsOnly
            | RegistrationStatus::EmergencyOnly
            | RegistrationStatus::HomeNoCsfb
            | RegistrationStatus::RoamingNoCsfb
            | RegistrationStatus::Other(_) => RegistrationState::NotRegistered,
        }
    }

    /// Tells everybody what happened, and ends commands that are over.
    pub(crate) fn settle(&mut self, fx: &mut Effects) {
        loop {
            if core::mem::take(&mut fx.restart) {
                self.restart(fx);
            } else if core::mem::take(&mut fx.switch_off) {
                self.switch_off(fx);
            } else if let Some(done) = fx.done.pop() {
                self.finish(fx, done);
            } else if core::mem::take(&mut fx.card_settled) {
                self.retry_commands(fx);
            } else if let Some(port) = fx.online_over.take() {
                self.leave_data(fx, port, FinalResult::NoCarrier);
            } else if let Some(port) = fx.unroute.take() {
                self.unroute(port);
            } else if let Some(notice) = fx.notices.pop() {
                self.tell(fx, &notice);
            } else if !self.tell_changes(fx) {
                break;
            }
        }
    }

    /// A host that did not acknowledge is shown nothing any more (TS 27.005, 3.4.1).
    fn unroute(&mut self, id: u8) {
        if let Some(port) = self.ports.get_mut(usize::from(id)) {
            let [_, deliver, _, report, _] = &mut port.settings.indications;
            (*deliver, *report) = (0, 0);
        }
    }

    fn tell(&mut self, fx: &mut Effects, notice: &Notice) {
        for id in 0..u8::try_from(self.ports.len()).unwrap_or(0) {
            let mut line = Vec::new();
            if let Some(port) = self.ports.get(usize::from(id)) {
                notice.put(id, &port.settings, self.core.model, &mut line);
            }
            self.push_or_hold(fx, id, line);
        }
    }

    fn tell_changes(&mut self, fx: &mut Effects) -> bool {
        let now = self.core.snapshot();
        let Some(before) = fx.before.replace(now).filter(|before| *before != now) else {
            return false;
        };
        for id in 0..u8::try_from(self.ports.len()).unwrap_or(0) {
            let mut lines = Vec::new();
            if let Some(port) = self.ports.get(usize::from(id)) {
                let mut to = crate::port::Writer::new(&port.settings, self.core.model, &mut lines);
                now.put_changes(&before, &port.settings, &mut to);
            }
            self.push_or_hold(fx, id, lines);
        }
        true
    }

    fn push_or_hold(&mut self, fx: &mut Effects, id: u8, line: Vec<u8>) {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        match port.activity.as_deref_mut() {
            _ if line.is_empty() || !port.open => {}
            Some(activity) => activity.hold(&line),
            None => self.send(fx, id, line),
        }
    }

    fn switch_on(&mut self, fx: &mut Effects) {
        if self.core.power != Power::Off {
            return;
        }
        let until = fx.now.plus(self.core.model.boot_time);
        self.core.power = Power::Booting;
        self.core.rare().boot = Deadline::at(until);
        if until <= fx.now {
            self.booted(fx);
        }
    }

    fn booted(&mut self, fx: &mut Effects) {
        self.core.power = Power::On;
        self.core.rare().boot = Deadline::NONE;
        fx.event(BasebandEvent::Booted);
        for line in self.core.model.boot_lines {
            fx.notice(Notice::Line(line));
        }
        self.core.apply_functionality(fx);
    }

    fn switch_off(&mut self, fx: &mut Effects) {
        if self.core.power == Power::Off {
            return;
        }
        self.core.radio_off(fx);
        self.core.slot.power_off(fx);
        self.power_lost();
        fx.event(BasebandEvent::SwitchedOff);
    }

    /// Everything that is not in a store or on the card is forgotten.
    fn power_lost(&mut self) {
        self.core.power = Power::Off;
        self.core.slot.power_lost();
        self.core.radio.clear();
        self.core.messages.power_lost();
        self.core.names = None;
        self.core.rare = None;
        self.core.clock = crate::clock::Clockwork::default();
        for port in &mut self.ports {
            *port = Port { open: port.open, ..Port::new(self.core.model) };
        }
    }

    fn restart(&mut self, fx: &mut Effects) {
        self.switch_off(fx);
        self.core.functionality = 1;
        fx.done.clear();
        fx.notices.clear();
        fx.before = Some(self.core.snapshot());
        self.switch_on(fx);
    }

    /// A device that is switched on runs; one that is off has no deadlines.
    fn power(&mut self, fx: &mut Effects, on: bool) {
        if on { self.switch_on(fx) } else { self.switch_off(fx) }
    }
}

impl Core {
    /// Whether the ports answer.
    pub(crate) const fn answers(&self) -> bool {
        matches!(self.power, Power::On)
    }

    /// A stream for one choice.
    pub(crate) fn choice(&mut self) -> Stream {
        self.choices = self.choices.wrapping_add(1);
        Stream::derive(self.seed, self.choices.into(), Purpose::Timing, 0)
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Makes power of card and radio what `+CFUN` says.
    pub(crate) fn apply_functionality(&mut self, fx: &mut Effects) {
        match self.functionality {
            0 => {
                self.radio_off(fx);
                for owner in self.slot.power_off(fx) {
                    self.abandon(fx, owner);
                }
            }
            4 => {
                self.radio_off(fx);
                self.slot.power_on(fx);
            }
            _ => {
                self.slot.power_on(fx);
                self.radio_on(fx);
            }
        }
    }

    /// A flow was given up with its card.
    pub(crate) fn abandon(&self, fx: &mut Effects, owner: Owner) {
        if let Owner::Port(port) = owner {
            let error = if self.slot.state() == CardState::Absent {
                CmeError::SimNotInserted
            } else {
                CmeError::SimFailure
            };
            fx.finish(Done::new(port, FinalResult::Cme(error)));
        }
    }

    fn card_input(&mut self, fx: &mut Effects, message: CardToTerminal) {
        match message {
            CardToTerminal::Inserted => {
                self.slot.inserted();
                if self.answers() && self.functionality != 0 {
                    self.slot.power_on(fx);
                }
            }
            CardToTerminal::Removed => {
                let owners = self.slot.removed();
                self.messages.card_pulled();
                self.card_gone(fx, owners);
                if self.answers() {
                    fx.event(BasebandEvent::CardUnusable);
                }
            }
            CardToTerminal::Atr(atr) => {
                let happened = self.slot.atr(fx, &atr);
                self.card_happened(fx, happened);
            }
            CardToTerminal::Response(response) => {
                let happened = self.slot.response(fx, response);
                self.card_happened(fx, happened);
            }
        }
    }

    /// The card left, was reset or went mute: the subscription is gone with it.
    pub(crate) fn card_gone(&mut self, fx: &mut Effects, owners: Vec<Owner>) {
        for owner in owners {
            self.abandon(fx, owner);
        }
        fx.card_settled = true;
        self.messages.card_gone(fx);
        if self.radio.state != crate::radio::State::Off {
            // The device leaves the network: without a card it has no business there.
            self.radio_off(fx);
            self.radio_on(fx);
        }
    }

    fn card_happened(&mut self, fx: &mut Effects, happened: Happened) {
        match happened {
            Happened::Nothing => {}
            Happened::Settled => {
                fx.card_settled = true;
                match self.slot.state() {
                    CardState::Ready => self.card_ready(fx),
                    CardState::Unusable => self.card_gone(fx, Vec::new()),
                    CardState::Absent
                    | CardState::Off
                    | CardState::Activating
                    | CardState::Starting(_)
                    | CardState::Locked(_) => {}
                }
            }
            Happened::Authenticated(answer) => {
                fx.air(polysim_radio::air::Uplink::Authentication(answer));
            }
            Happened::Ended(owner, outcome) => self.flow_ended(fx, owner, outcome),
        }
        self.serve_card(fx);
    }

    fn card_ready(&mut self, fx: &mut Effects) {
        for line in self.model.card_ready_lines {
            fx.notice(Notice::Line(line));
        }
        if self.functionality == 1 {
            self.begin_search(fx);
        }
    }

    /// Gives the card what waits for it.
    pub(crate) fn serve_card(&mut self, fx: &mut Effects) {
        while let Some((owner, outcome)) = self.slot.proceed(fx) {
            self.flow_ended(fx, owner, outcome);
        }
    }

    fn flow_ended(&mut self, fx: &mut Effects, owner: Owner, outcome: Outcome) {
        let Outcome { lines, result, change } = outcome;
        let mut finished = true;
        match change {
            Change::None => {}
            Change::Unlocked => self.slot.unlocked(fx),
            Change::Refused(tries) => self.slot.refused(tries),
            Change::ServiceCentre(centre) => {
                finished = self.service_centre_read(fx, centre);
            }
            Change::Refresh => {
                let owners = self.slot.reset(fx);
                self.card_gone(fx, owners);
            }
            Change::Dial(number) => finished = self.dial_entry(fx, owner, &number),
            Change::Networks(entries) => {
                if let Some(subscription) = &mut self.slot.subscription {
                    subscription.replace_user_list(entries);
                }
            }
        }
        if let (Owner::Port(port), true) = (owner, finished) {
            fx.finish(Done { port, lines, result });
        }
    }

    fn air_input(&mut self, fx: &mut Effects, downlink: Downlink) {
        match downlink {
            Downlink::Cells(cells) => self.cells(fx, cells),
            Downlink::CellsChanged => self.cells_changed(fx),
            Downlink::Authentication(challenge) => {
                if self.slot.state() == CardState::Ready {
                    self.slot.authenticate(challenge);
                    self.serve_card(fx);
                }
            }
            Downlink::AuthenticationReject => self.authentication_rejected(fx),
            Downlink::Accept(registration) => self.accepted(fx, registration),
            Downlink::Reject(cause) => self.rejected(fx, cause),
            Downlink::Detach(cause) => self.network_detached(fx, cause),
            Downlink::Information(information) => self.informed(fx, information),
            Downlink::Sms(message) => self.sms_downlink(fx, message),
            Downlink::Call { transaction, message } => {
                self.call_downlink(fx, transaction, message);
            }
            Downlink::Ussd(message) => self.ussd_downlink(fx, message),
            Downlink::Service(answer) => self.service_answer(fx, answer),
            Downlink::Packet { context, answer } => self.packet_answer(fx, context, answer),
        }
    }

    /// There is service (again).
    pub(crate) fn service_gained(&mut self, fx: &mut Effects) {
        self.announce_memory(fx);
    }

    /// `<stat>` of `+CREG`.
    pub(crate) fn registration_status(&self) -> RegistrationStatus {
        use crate::radio::State;
        let radio = &self.radio;
        if radio.registered {
            return if radio.is_roaming(self.slot.subscription.as_ref()) {
                RegistrationStatus::Roaming
            } else {
                RegistrationStatus::Home
            };
        }
        let denied = radio.cause.is_some_and(|cause| {
            use polysim_radio::air::RejectCause as Cause;
            !matches!(cause, Cause::NetworkFailure | Cause::Congestion)
        });
        match radio.state {
            State::Idle | State::NoService if denied => RegistrationStatus::Denied,
            State::Off | State::Idle => RegistrationStatus::NotRegistered,
            State::Searching
            | State::Attaching
            | State::Registered
            | State::NoService
            | State::Retry => RegistrationStatus::Searching,
        }
    }

    /// What registration and indicator lines say now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let circuit = self.registration_status();
        let absent = RegistrationStatus::NotRegistered;
        let rat = self.radio.serving.map(|cell| cell.rat);
        let registered = self.radio.registered;
        let packet = if registered && !self.radio.packet { absent } else { circuit };
        let eps = if registered && rat != Some(Rat::Lte) { absent } else { packet };
        let five = if rat == Some(Rat::Nr) || !registered { packet } else { absent };
        let place = self.radio.serving.filter(|_| registered);
        Snapshot {
            status: [circuit, packet, eps, five],
            place: place.map(|cell| (cell.cell, cell.area, cell.rat)),
            cause: self.radio.cause.map(polysim_radio::air::RejectCause::number),
            indicators: self.indicators(),
        }
    }

    /// Values of `+CIND`, in the order of [`INDICATORS`].
    pub(crate) fn indicators(&self) -> [u8; INDICATORS.len()] {
        let registered = self.radio.registered;
        let bars =
            self.radio.serving.filter(|_| registered).map_or(0, |cell| match cell.level_dbm {
                -75.. => 5,
                -85..=-76 => 4,
                -95..=-86 => 3,
                -105..=-96 => 2,
                _ => 1,
            });
        let roaming = registered && self.radio.is_roaming(self.slot.subscription.as_ref());
        let (call, setup, held) = self.call_indicators();
        [
            5,
            bars,
            registered.into(),
            call,
            roaming.into(),
            self.messages.is_full().into(),
            setup,
            held,
        ]
    }

    /// A character came on a port whose command can be aborted.
    pub(crate) fn abort(&mut self, fx: &mut Effects, port: u8) {
        if let Some(rare) = &mut self.rare
            && rare.scan.as_ref().is_some_and(|scan| scan.port == port)
        {
            rare.scan = None;
            fx.finish(Done::new(port, FinalResult::Ok));
            return;
        }
        self.abort_packet(fx, port);
    }
}

impl Machine for Baseband {
    type Input = BasebandInput;
    type Output = BasebandOutput;
    type Record = Infallible;
    type Timer = BasebandTimer;

    fn handle(&mut self, now: Instant, input: BasebandInput) {
        let mut fx = self.begin(now);
        match input {
            BasebandInput::Port { port, bytes } => self.port_input(&mut fx, port, &bytes),
            BasebandInput::PortOpened(port) => self.port_opened(&mut fx, port, true),
            BasebandInput::PortClosed(port) => self.port_opened(&mut fx, port, false),
            BasebandInput::Card(message) => self.core.card_input(&mut fx, message),
            BasebandInput::Air(downlink) if self.core.answers() => {
                self.core.air_input(&mut fx, downlink);
            }
            BasebandInput::LinkLost if self.core.answers() => self.core.link_lost(&mut fx),
            BasebandInput::Air(_) | BasebandInput::LinkLost => {}
            BasebandInput::Power(on) => self.power(&mut fx, on),
            BasebandInput::PowerLost => self.power_lost(),
        }
        self.end(fx);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let mut fx = self.begin(now);
        if self.core.rare.as_ref().is_some_and(|rare| rare.boot.is_due(now)) {
            self.booted(&mut fx);
        }
        if self.core.slot.deadline().is_some_and(|at| at <= now) {
            let owners = self.core.slot.timed_out(&mut fx);
            self.core.card_gone(&mut fx, owners);
        }
        self.core.radio_timeouts(&mut fx);
        self.core.message_timeouts(&mut fx);
        self.core.scan_timeout(&mut fx);
        self.core.call_timeouts(&mut fx);
        self.core.ussd_timeout(&mut fx);
        self.core.service_timeout(&mut fx);
        self.core.packet_timeouts(&mut fx);
        self.port_timeouts(&mut fx);
        self.end(fx);
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, BasebandOutput>> {
        self.out.pop().map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, BasebandTimer)> {
        if self.core.power == Power::Off {
            return None;
        }
        let card = self.core.slot.deadline().map(|at| (at, BasebandTimer::Card));
        let radio = self.core.radio.deadline();
        let radio = radio.map(|(at, timer)| (at, BasebandTimer::Radio(timer)));
        let message = self.core.messages.deadline().map(|at| (at, BasebandTimer::Message));
        let rare = self.core.rare.as_ref().and_then(|rare| rare.deadline());
        let ports = self.ports.iter().filter_map(Port::deadline).min();
        let ports = ports.map(|at| (at, BasebandTimer::Escape));
        [card, radio, message, rare, ports].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}

impl Baseband {
    fn begin(&mut self, now: Instant) -> Effects {
        let out = core::mem::take(&mut self.out);
        Effects::new(now, out, self.core.observed, self.core.snapshot())
    }

    fn end(&mut self, mut fx: Effects) {
        self.settle(&mut fx);
        if self.core.rare.as_ref().is_some_and(|rare| rare.is_idle()) {
            self.core.rare = None;
        }
        self.core.radio.tidy();
        self.out = fx.out;
    }
}
