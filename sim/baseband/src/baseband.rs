//! The device: its parts, and how inputs go through them.

use crate::clock::Clockwork;
use crate::config::PORTS_MAX;
use crate::core::{Core, Power};
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::port::Port;
use crate::urc::Notice;
use crate::{BasebandConfig, BasebandEvent, BasebandInput, BasebandOutput, BasebandTimer, Model};
use polysim_at::{FinalResult, RegistrationStatus};
use polysim_base::{Imei, Imsi, Instant, Machine, Out, Queue};
use polysim_radio::air::CellView;
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
            core: Core::new(&config),
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
            + self.core.slot.host_profile.as_deref().map_or(0, size_of_val)
            + self.core.messages.heap_bytes()
            + self.core.rare.as_deref().map_or(0, crate::rare::Rare::heap_bytes)
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
                if matches!(notice, Notice::Released(_)) {
                    // Hosts know the end of a call by the last line they read at a time.
                    self.tell_changes(fx);
                }
                self.tell(fx, &notice);
            } else if !self.tell_changes(fx) && !self.core.tell_card_changes(fx) {
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
        self.core.clock = Clockwork::default();
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
            BasebandInput::Speech(frame) => self.core.speech_from_host(&mut fx, frame),
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
        self.core.toolkit_timeouts(&mut fx);
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
        self.core.rare.take_if(|rare| {
            rare.tidy();
            rare.is_idle()
        });
        self.core.radio.tidy();
        self.out = fx.out;
    }
}
