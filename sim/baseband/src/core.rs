//! Everything behind the ports, and how messages of card and network go through it.

use crate::card::{CardState, Change, Happened, Outcome, Owner, Slot};
use crate::clock::Clockwork;
use crate::effects::Effects;
use crate::port::Done;
use crate::radio::{Radio, State, Told};
use crate::rare::Rare;
use crate::sms::Messages;
use crate::urc::{INDICATORS, Notice, Snapshot};
use crate::{BasebandConfig, BasebandEvent, CardToTerminal, Model};
use polysim_at::{CmeError, FinalResult, RegistrationStatus};
use polysim_base::{Imei, Purpose, Stream};
use polysim_radio::air::{Downlink, Rat, RejectCause, Uplink};

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
    pub(crate) observed: bool,
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
    pub(crate) clock: Clockwork,
    pub(crate) rare: Option<Box<Rare>>,
}

impl Core {
    pub(crate) fn new(config: &BasebandConfig) -> Self {
        Self {
            model: config.model,
            imei: config.imei,
            software_version: config.software_version.min(99),
            power: Power::Off,
            functionality: if config.radio_on { 1 } else { 4 },
            observed: false,
            zone_updates: true,
            seed: config.stream.clone().next_u64(),
            choices: 0,
            slot: Slot::new(config.card_inserted, config.model),
            radio: Radio::new(config.rats),
            messages: Messages::default(),
            names: None,
            clock: Clockwork::default(),
            rare: None,
        }
    }

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
                self.toolkit_gone();
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

    pub(crate) fn card_input(&mut self, fx: &mut Effects, message: CardToTerminal) {
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
            CardToTerminal::MoreTime => self.slot.more_time(fx.now),
        }
    }

    /// The card left, was reset or went mute: the subscription is gone with it.
    pub(crate) fn card_gone(&mut self, fx: &mut Effects, owners: Vec<Owner>) {
        self.toolkit_gone();
        for owner in owners {
            self.abandon(fx, owner);
        }
        fx.card_settled = true;
        self.messages.card_gone(fx);
        if self.radio.state != State::Off {
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
                let anew = self.card_was_read_anew(fx);
                match self.slot.state() {
                    CardState::Ready if !anew => self.card_ready(fx),
                    CardState::Bare if !anew => self.card_gone(fx, Vec::new()),
                    CardState::Ready | CardState::Bare => {}
                    CardState::Unusable => self.card_gone(fx, Vec::new()),
                    CardState::Absent
                    | CardState::Off
                    | CardState::Activating
                    | CardState::Starting(_)
                    | CardState::Locked(_) => {}
                }
            }
            Happened::Authenticated(answer) => {
                fx.air(Uplink::Authentication(answer));
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
        loop {
            while let Some((owner, outcome)) = self.slot.proceed(fx) {
                self.flow_ended(fx, owner, outcome);
            }
            if !self.serve_toolkit(fx) {
                break;
            }
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
            Change::Toolkit(said) => self.card_said(fx, said),
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

    pub(crate) fn air_input(&mut self, fx: &mut Effects, downlink: Downlink) {
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
            // What comes when service is gone was meant for what it was before.
            Downlink::Sms(_)
            | Downlink::Call { .. }
            | Downlink::Ussd(_)
            | Downlink::Service(_)
            | Downlink::Packet { .. }
            | Downlink::Stream { .. }
                if !self.radio.registered => {}
            Downlink::Sms(message) => self.sms_downlink(fx, message),
            Downlink::Call { transaction, message } => {
                self.call_downlink(fx, transaction, message);
            }
            Downlink::Ussd(message) => self.ussd_downlink(fx, message),
            Downlink::Service(answer) => self.service_answer(fx, answer),
            Downlink::Packet { context, answer } => {
                if !self.channel_context(fx, context, &answer) {
                    self.packet_answer(fx, context, answer);
                }
            }
            Downlink::Stream { context, stream, message } => {
                self.stream_downlink(fx, context, stream, message);
            }
        }
    }

    /// There is service (again).
    pub(crate) fn service_gained(&mut self, fx: &mut Effects) {
        self.announce_memory(fx);
    }

    /// `<stat>` of `+CREG`.
    pub(crate) fn registration_status(&self) -> RegistrationStatus {
        let radio = &self.radio;
        if radio.registered {
            return if radio.is_roaming(self.slot.subscription.as_ref()) {
                RegistrationStatus::Roaming
            } else {
                RegistrationStatus::Home
            };
        }
        let denied = radio.cause.is_some_and(|cause| {
            !matches!(cause, RejectCause::NetworkFailure | RejectCause::Congestion)
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
            cause: self.radio.cause.map(RejectCause::number),
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
