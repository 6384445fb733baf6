//! What the applet says to the platform: one message at a time, until it is answered.

use polysim_cat::{Command, SendShortMessage, ShortMessageMode, SmsTpdu};
use polysim_ota::Sender;
use polysim_sms::{Address, DataCoding, HeaderBuf, MobileOriginated, Submit, Tpdu as _, UserData};

use super::commands::MINUTE;
use super::memory::{Change, Stage};
use super::session::{Asked, DeviceRead, Terminal};
use super::{Applet, Bearer};
use crate::wire::{CardMessage, CardReport, UPLINK_SPI, UplinkFrame};

/// How often in a session a message is tried that nobody answers.
pub(super) const TRIES_MAX: u8 = 16;
/// Minutes between two tries, at most.
const LONGEST_WAIT: u32 = 720;
/// 8-bit data of no class (TS 23.038, 4).
const OCTETS: DataCoding = DataCoding(0x04);

impl Applet {
    /// Returns what the platform is to be told.
    pub(super) fn due(&self) -> Option<CardReport> {
        let imsi = self.memory.current()?.imsi;
        let Some(order) = &self.memory.order else { return self.binding_request() };
        let effective = CardReport::Effective { order: order.id, imsi };
        match order.stage {
            Stage::Effective => Some(effective),
            // Then a message that leaves is the only sign of service that there can be.
            Stage::Trial if !self.tells_of_service() => Some(effective),
            Stage::Reverted => Some(CardReport::Reverted { order: order.id, imsi: Some(imsi) }),
            Stage::Trial | Stage::Begun | Stage::Written | Stage::Undoing | Stage::Undone => None,
        }
    }

    fn binding_request(&self) -> Option<CardReport> {
        let known = self.session.device == DeviceRead::Known && !self.session.refused;
        if self.memory.bound || !known { None } else { self.bind() }
    }

    /// Returns a binding request for the stored pair.
    pub(super) fn bind(&self) -> Option<CardReport> {
        let imsi = self.memory.current().map(|subscription| subscription.imsi);
        Some(CardReport::Bind { imei: self.memory.imei?, iccid: self.config.iccid, imsi })
    }

    /// Tells whether this terminal can say that it has service.
    pub(super) fn tells_of_service(&self) -> bool {
        let Some(terminal) = self.session.terminal else { return false };
        let looks = terminal.has(Terminal::LOCATION) && !self.session.blind;
        looks || terminal.has(Terminal::LOCATION_EVENT)
    }

    /// Tells whether a message can leave by this terminal.
    pub(super) fn can_speak(&self) -> bool {
        let bearer = match self.config.bearer {
            Bearer::Text(_) => Terminal::TEXTS,
            Bearer::Channel { .. } => Terminal::CHANNELS,
        };
        !self.session.mute && self.session.terminal.is_some_and(|terminal| terminal.has(bearer))
    }

    /// Says what is due, if it is time.
    pub(super) fn say(&mut self) -> Option<(Asked, Command)> {
        let time = self.session.clock.is_idle() && self.session.tries < TRIES_MAX;
        if !time || !self.can_speak() {
            return None;
        }
        let report = self.due()?;
        if let Bearer::Channel { .. } = self.config.bearer {
            let open = self.open()?;
            self.connect();
            return Some((Asked::Open, open));
        }
        let frame = self.seal(report)?;
        self.text(&frame).map(|command| (Asked::Text, command))
    }

    /// Seals a message under a counter that is recorded before it leaves.
    pub(super) fn seal(&mut self, report: CardReport) -> Option<UplinkFrame> {
        let (eid, heard) = (self.config.eid, self.memory.heard);
        let message = CardMessage { eid, heard, report }.encode();
        let mut sender = Sender::new(self.config.uplink.clone(), self.memory.counter);
        let sealed = sender.seal(self.config.tar, UPLINK_SPI, &message).ok()?;
        self.keep(Change::CounterUsed(sealed.counter_used.counter));
        Some(UplinkFrame { eid, packet: sealed.packet })
    }

    fn text(&self, frame: &UplinkFrame) -> Option<Command> {
        let Bearer::Text(number) = self.config.bearer else { return None };
        let destination = Address::parse_dialled(&alloc::format!("{number}")).ok()?;
        let user_data = UserData::from_octets(OCTETS, &HeaderBuf::new(), &frame.encode()).ok()?;
        let [.., reference] = self.memory.counter.octets();
        let submit = Submit::new(destination, user_data).with_reference(reference);
        let tpdu = SmsTpdu::new(&MobileOriginated::Submit(submit).to_octets()).ok()?;
        Some(Command::from(SendShortMessage {
            mode: ShortMessageMode { packing: false },
            alpha: None,
            service_centre: None,
            tpdu,
            uri: None,
            look: polysim_cat::Look::default(),
        }))
    }

    /// A message has left, or not: the next try waits, each time twice as long.
    pub(super) fn tried(&mut self, left: bool) {
        self.session.starved = !left;
        let trial = self.memory.stage() == Some(Stage::Trial);
        let minutes = match trial {
            true => 1,
            false => 1_u32.checked_shl(self.session.tries.into()).unwrap_or(LONGEST_WAIT),
        };
        self.session.tries = self.session.tries.saturating_add(1);
        self.session.clock.set(minutes.clamp(1, LONGEST_WAIT) * MINUTE);
        if left && trial {
            self.keep(Change::Stage(Stage::Effective));
        }
    }

    /// Something new is to be said, or something was answered: waiting is over.
    pub(super) fn speak_anew(&mut self) {
        (self.session.tries, self.session.starved) = (0, false);
        if self.session.connection.is_none() {
            self.session.clock.clear();
        }
    }

    /// There is a network again: what did not leave leaves now, however often it was tried. Where
    /// networks come and go all the time, the alarm has to do.
    pub(super) fn network_is_back(&mut self) {
        let waits = self.session.starved && self.session.connection.is_none();
        if waits && self.session.revivals < TRIES_MAX {
            self.session.starved = false;
            self.session.revivals += 1;
            self.session.tries = self.session.tries.min(TRIES_MAX - 1);
            self.session.clock.clear();
        }
    }
}
