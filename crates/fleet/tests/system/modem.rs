//! A modem and the software that drives it, as a site sees the two: commands and events at one
//! side, a card slot at the other, and the air.

mod calls;

use super::card::Tag;
use super::texts;
use polysim_at::{CallDirection, CallState, RegistrationDomain, RegistrationStatus, UssdStatus};
use polysim_base::{Duration, Iccid, Imsi, Instant};
use polysim_fleet::ModemId;
use polysim_fleet::wire::{CardReply, CardSignal};
use polysim_modem::{
    CallEnd, CallId, Identity, ModemCommand, ModemError, ModemEvent, ModemInput, ModemOutput,
    OutgoingBody, OutgoingText, PartOutcome, PowerDown, RegistrationState, Reply, SendFailure,
    SendOutcome, TextId,
};

/// So many texts fit its memory.
pub(crate) const MEMORY: usize = 5;
const CARD_PATIENCE: Duration = Duration::from_secs(6);
const COMMAND_PATIENCE: Duration = Duration::from_secs(5);
const BOOT: Duration = Duration::from_millis(700);
const SUBMIT: Duration = Duration::from_millis(300);
const AUTHENTICATES_EVERY: Duration = Duration::from_secs(7);

/// What leaves it.
#[derive(Debug)]
pub(crate) enum Says {
    /// Its software, to the site.
    Driver(ModemOutput),
    /// Its slot, to the card.
    Slot(CardSignal),
    /// On the air.
    Air(Air),
}

/// What it does on the air.
#[derive(Clone, Debug)]
pub(crate) enum Air {
    Register(Imsi),
    Deregister(Imsi),
    /// One part of a text.
    Part {
        imsi: Imsi,
        to: String,
        body: String,
        part: u8,
        of: u8,
        reference: u8,
        report: bool,
    },
    /// There is room for a text again.
    Room,
    Dial {
        imsi: Imsi,
        number: String,
    },
}

/// A text in its memory.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) pdu: Vec<u8>,
    /// Whom the network meant.
    pub(crate) imsi: Imsi,
    pub(crate) told: Option<TextId>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Slot {
    Absent,
    Off,
    Starting,
    /// At this step of reading who it is.
    Reading(u8),
    Known,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asked {
    Read,
    Authenticate,
    Owner(u64),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Task {
    CardPatience,
    Authenticate,
    Boot,
    Submit,
    Late(u64),
    Peer(CallState),
    PeerGone(CallEnd),
    Ussd,
}

#[derive(Debug)]
struct Sending {
    id: u64,
    text: OutgoingText,
    parts: Vec<PartOutcome>,
    of: u8,
}

/// Its call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) state: CallState,
    pub(crate) direction: CallDirection,
    pub(crate) number: String,
    /// Since when it was talked, or dialled.
    pub(crate) since: Instant,
}

/// A modem with its driver.
#[derive(Debug)]
pub(crate) struct Modem {
    pub(crate) id: ModemId,
    pub(crate) hung: bool,
    pub(crate) session: u32,
    pub(crate) registered: Option<Imsi>,
    pub(crate) memory: Vec<Stored>,
    pub(crate) call: Option<Call>,
    radio: bool,
    slot: Slot,
    who: Option<(Iccid, Imsi)>,
    read: Option<Iccid>,
    asked: Option<Asked>,
    ready: bool,
    initialising: Option<u64>,
    next_text: u32,
    reference: u8,
    sending: Option<Sending>,
    tasks: Vec<(Instant, Task)>,
    out: Vec<Says>,
}

const CALL: CallId = CallId(1);

impl Modem {
    pub(crate) const fn new(id: ModemId) -> Self {
        Self {
            id,
            hung: false,
            session: 0,
            registered: None,
            memory: Vec::new(),
            call: None,
            radio: false,
            slot: Slot::Absent,
            who: None,
            read: None,
            asked: None,
            ready: false,
            initialising: None,
            next_text: 0,
            reference: 0,
            sending: None,
            tasks: Vec::new(),
            out: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self) -> Vec<Says> {
        std::mem::take(&mut self.out)
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.tasks.iter().map(|(at, _)| *at).min()
    }

    /// Returns whether another card's traffic could be seen: something of it is held.
    pub(crate) const fn has_card(&self) -> bool {
        !matches!(self.slot, Slot::Absent)
    }

    /// Returns which card it has.
    pub(crate) fn iccid(&self) -> Option<Iccid> {
        self.who.map(|(iccid, _)| iccid)
    }

    pub(crate) fn driver(&mut self, now: Instant, input: ModemInput) {
        match input {
            ModemInput::Command { id, .. } if self.hung => {
                self.tasks.push((now.plus(COMMAND_PATIENCE), Task::Late(id)));
            }
            ModemInput::Command { id, command } => self.command(now, id, command),
            ModemInput::Recorded(id) => {
                self.memory.retain(|stored| stored.told != Some(id));
                self.out.push(Says::Air(Air::Room));
            }
            ModemInput::Bytes(_) | ModemInput::PortOpened | ModemInput::PortLost => {}
        }
    }

    fn done(&mut self, id: u64, outcome: Result<Reply, ModemError>) {
        self.out.push(Says::Driver(ModemOutput::Done { id, outcome }));
    }

    fn event(&mut self, event: ModemEvent) {
        self.out.push(Says::Driver(ModemOutput::Event(event)));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a site asks for few of them")]
    fn command(&mut self, now: Instant, id: u64, command: ModemCommand) {
        match command {
            ModemCommand::Initialise { .. } => return self.initialise(id),
            ModemCommand::PowerOff(how) => {
                self.silence();
                if how == PowerDown::Minimum && self.has_card() {
                    self.nothing_asked();
                    (self.slot, self.who) = (Slot::Off, None);
                    self.out.push(Says::Slot(CardSignal::PowerOff));
                }
            }
            ModemCommand::PowerOn => {
                self.radio = true;
                self.start_card(now);
                self.authenticate(now);
            }
            ModemCommand::ListTexts => {
                self.tell_texts();
                let count = u16::try_from(self.memory.len()).unwrap();
                return self.done(id, Ok(Reply::Stored(count)));
            }
            ModemCommand::Restart => {
                self.done(id, Ok(Reply::Done));
                return self.reset(now);
            }
            ModemCommand::SendText(text) => return self.send(now, id, *text),
            ModemCommand::Dial { number, .. } => return self.dial(now, id, number.as_str()),
            ModemCommand::Answer => return self.answer(now, id),
            ModemCommand::HangUp(_) => self.end_call(CallEnd::HungUp),
            ModemCommand::Swap => return self.swap(id),
            ModemCommand::Ussd(_) if self.registered.is_some() => {
                self.tasks.push((now.plus(Duration::from_millis(400)), Task::Ussd));
            }
            ModemCommand::TransmitBasic { apdu } if self.slot == Slot::Known => {
                self.asked = Some(Asked::Owner(id));
                self.tasks.push((now.plus(CARD_PATIENCE), Task::CardPatience));
                self.out.push(Says::Slot(CardSignal::Command(apdu.0.to_vec())));
                return;
            }
            ModemCommand::Registration => {
                let state = Box::new(self.registration());
                return self.done(id, Ok(Reply::Registration(state)));
            }
            ModemCommand::Dtmf(_) | ModemCommand::UssdCancel => {}
            _ => return self.done(id, Err(ModemError::Refused)),
        }
        self.done(id, Ok(Reply::Done));
    }

    fn initialise(&mut self, id: u64) {
        match self.slot {
            Slot::Absent | Slot::Off => self.done(id, Err(ModemError::Refused)),
            Slot::Starting | Slot::Reading(_) => self.initialising = Some(id),
            Slot::Known => {
                self.initialising = Some(id);
                self.become_ready();
            }
        }
    }

    /// The card is known: what waited for it is done.
    fn become_ready(&mut self) {
        let Some((iccid, imsi)) = self.who else { return };
        let asked = self.initialising.take();
        if asked.is_none() && !self.ready {
            return;
        }
        self.tell_texts();
        self.ready = true;
        let identity = Identity { imei: None, imsi: Some(imsi), iccid: Some(iccid) };
        self.event(ModemEvent::Ready(identity));
        if let Some(id) = asked {
            self.done(id, Ok(Reply::Done));
        }
    }

    // The slot.

    pub(crate) fn slot(&mut self, now: Instant, reply: CardReply) {
        match reply {
            CardReply::Inserted => {
                self.session += 1;
                self.nothing_asked();
                (self.slot, self.who) = (Slot::Off, None);
                self.lose_network();
                self.start_card(now);
            }
            CardReply::Removed => self.card_gone(),
            CardReply::Atr(_) if self.slot == Slot::Starting => self.read_on(now, 0),
            CardReply::Response(response) => self.response(now, &response),
            CardReply::MoreTime => self.patience(now),
            CardReply::Atr(_) => {}
        }
    }

    fn card_gone(&mut self) {
        self.nothing_asked();
        (self.slot, self.who) = (Slot::Absent, None);
        self.tasks.retain(|(_, task)| !matches!(task, Task::CardPatience));
        self.lose_network();
        if let Some(id) = self.initialising.take() {
            self.done(id, Err(ModemError::Refused));
        }
    }

    /// What the card was asked for gets no answer any more.
    fn nothing_asked(&mut self) {
        if let Some(Asked::Owner(id)) = self.asked.take() {
            self.done(id, Err(ModemError::Timeout));
        }
    }

    fn start_card(&mut self, now: Instant) {
        if self.slot == Slot::Off && !self.hung {
            self.slot = Slot::Starting;
            self.patience(now);
            self.out.push(Says::Slot(CardSignal::PowerOn));
        }
    }

    fn patience(&mut self, now: Instant) {
        self.tasks.retain(|(_, task)| !matches!(task, Task::CardPatience));
        self.tasks.push((now.plus(CARD_PATIENCE), Task::CardPatience));
    }

    fn read_on(&mut self, now: Instant, step: u8) {
        let apdu: &[u8] = match step {
            0 => &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2],
            1 | 4 => &[0x00, 0xB0, 0x00, 0x00, 0x00],
            2 => &[0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0, 0, 0, 0x87, 0x10, 0x02],
            _ => &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x6F, 0x07],
        };
        self.slot = Slot::Reading(step);
        self.asked = Some(Asked::Read);
        self.patience(now);
        self.out.push(Says::Slot(CardSignal::Command(apdu.to_vec())));
    }

    fn response(&mut self, now: Instant, response: &[u8]) {
        let Some(asked) = self.asked.take() else { return };
        self.tasks.retain(|(_, task)| !matches!(task, Task::CardPatience));
        let (data, status) = response.split_at(response.len().saturating_sub(2));
        let fine = status == [0x90, 0x00];
        match (asked, self.slot) {
            (Asked::Owner(id), _) => self.done(id, Ok(Reply::Apdu(response.to_vec()))),
            (Asked::Authenticate, _) => self.authenticated(now, fine),
            (Asked::Read, _) if !fine => self.card_fails(),
            (Asked::Read, Slot::Reading(1)) => {
                self.read = data.try_into().ok().and_then(|it| Iccid::from_wire(it).ok());
                self.read_on(now, 2);
            }
            (Asked::Read, Slot::Reading(4)) => {
                let imsi = data.try_into().ok().and_then(|it| Imsi::from_ef(it).ok());
                self.who = self.read.zip(imsi);
                self.slot = Slot::Known;
                self.become_ready();
                self.authenticate(now);
            }
            (Asked::Read, Slot::Reading(step)) => self.read_on(now, step + 1),
            (Asked::Read, _) => {}
        }
    }

    /// The card does not answer, or not as it should.
    fn card_fails(&mut self) {
        self.nothing_asked();
        self.who = None;
        if self.has_card() {
            self.slot = Slot::Off;
        }
        self.lose_network();
        if let Some(id) = self.initialising.take() {
            self.done(id, Err(ModemError::Card { status: [0x6F, 0x00] }));
        }
    }

    fn authenticate(&mut self, now: Instant) {
        if !self.radio || self.slot != Slot::Known || self.asked.is_some() || self.hung {
            return;
        }
        let tag = Tag { modem: self.id, session: self.session };
        self.asked = Some(Asked::Authenticate);
        self.patience(now);
        self.out.push(Says::Slot(CardSignal::Command(tag.authenticate())));
    }

    fn authenticated(&mut self, now: Instant, fine: bool) {
        let Some((_, imsi)) = self.who.filter(|_| fine && self.radio) else {
            return self.lose_network();
        };
        self.tasks.retain(|(_, task)| !matches!(task, Task::Authenticate));
        self.tasks.push((now.plus(AUTHENTICATES_EVERY), Task::Authenticate));
        if self.registered.is_none() {
            self.registered = Some(imsi);
            self.out.push(Says::Air(Air::Register(imsi)));
            self.event(ModemEvent::Registration(self.registration()));
        }
    }

    // The network.

    const fn registration(&self) -> RegistrationState {
        RegistrationState {
            domain: RegistrationDomain::Circuit,
            status: if self.registered.is_some() {
                RegistrationStatus::Home
            } else {
                RegistrationStatus::NotRegistered
            },
            ..RegistrationState::UNKNOWN
        }
    }

    fn silence(&mut self) {
        self.radio = false;
        self.lose_network();
    }

    /// It is on no network any more.
    fn lose_network(&mut self) {
        self.tasks.retain(|(_, task)| !matches!(task, Task::Authenticate | Task::Ussd));
        self.end_call(CallEnd::Lost);
        if let Some(imsi) = self.registered.take() {
            self.out.push(Says::Air(Air::Deregister(imsi)));
            self.event(ModemEvent::Registration(self.registration()));
        }
    }

    /// The network has another device for this subscription: it does not tell this one.
    pub(crate) fn superseded(&mut self) {
        self.registered = None;
    }

    pub(crate) const fn has_room(&self) -> bool {
        self.memory.len() < MEMORY
    }

    /// A text comes over the air; it is acknowledged once it is stored.
    pub(crate) fn receive(&mut self, imsi: Imsi, pdu: Vec<u8>) {
        self.memory.push(Stored { pdu, imsi, told: None });
        if self.ready && !self.hung {
            self.tell_texts();
        }
    }

    fn tell_texts(&mut self) {
        let mut events = Vec::new();
        for stored in self.memory.iter_mut().filter(|stored| stored.told.is_none()) {
            let id = TextId(self.next_text);
            self.next_text += 1;
            stored.told = Some(id);
            events.push(texts::event(id, &stored.pdu));
        }
        events.into_iter().for_each(|event| self.event(event));
    }

    fn send(&mut self, now: Instant, id: u64, text: OutgoingText) {
        let OutgoingBody::Text { text: body, .. } = &text.body else {
            return self.done(id, Err(ModemError::Refused));
        };
        let of = texts::parts_of(body);
        if self.registered.is_none() || self.sending.is_some() {
            let parts = vec![PartOutcome::Failed(SendFailure::NotSubmitted); usize::from(of)];
            return self.done(id, Ok(Reply::Text(SendOutcome { parts })));
        }
        self.sending = Some(Sending { id, text, parts: Vec::new(), of });
        self.tasks.push((now.plus(SUBMIT), Task::Submit));
    }

    fn submit(&mut self, now: Instant) {
        let Some(sending) = &mut self.sending else { return };
        let OutgoingBody::Text { text: body, .. } = &sending.text.body else { return };
        let outcome = match self.registered {
            Some(imsi) => {
                self.reference = self.reference.wrapping_add(1);
                self.out.push(Says::Air(Air::Part {
                    imsi,
                    to: sending.text.to.to_string(),
                    body: body.clone(),
                    part: u8::try_from(sending.parts.len()).unwrap(),
                    of: sending.of,
                    reference: self.reference,
                    report: sending.text.report,
                }));
                PartOutcome::Sent { reference: self.reference }
            }
            None => PartOutcome::Failed(SendFailure::NotSubmitted),
        };
        sending.parts.push(outcome);
        if sending.parts.len() < usize::from(sending.of) {
            self.tasks.push((now.plus(SUBMIT), Task::Submit));
        } else if let Some(Sending { id, parts, .. }) = self.sending.take() {
            self.done(id, Ok(Reply::Text(SendOutcome { parts })));
        }
    }

    // Faults.

    /// It is reset: what was under way is in doubt.
    pub(crate) fn reset(&mut self, now: Instant) {
        self.halt();
        self.radio = true;
        self.event(ModemEvent::Reset);
        if self.has_card() {
            self.slot = Slot::Off;
            self.out.push(Says::Slot(CardSignal::PowerOff));
        }
        self.tasks.push((now.plus(BOOT), Task::Boot));
    }

    /// Its site is gone, and its power with it; its software forgets everything.
    pub(crate) fn power_lost(&mut self) {
        self.halt();
        self.tasks.clear();
        (self.radio, self.ready, self.hung) = (false, false, false);
        self.slot = Slot::Absent;
        self.next_text = 0;
        self.memory.iter_mut().for_each(|stored| stored.told = None);
        self.out.retain(|says| matches!(says, Says::Air(_)));
    }

    fn halt(&mut self) {
        self.lose_network();
        self.tasks.retain(|(_, task)| matches!(task, Task::Late(_)));
        self.nothing_asked();
        self.who = None;
        if let Some(id) = self.initialising.take() {
            self.done(id, Err(ModemError::Reset));
        }
        if let Some(Sending { id, mut parts, of, .. }) = self.sending.take() {
            parts.push(PartOutcome::Unknown);
            parts.resize(usize::from(of), PartOutcome::Failed(SendFailure::NotSubmitted));
            self.done(id, Ok(Reply::Text(SendOutcome { parts })));
        }
    }

    pub(crate) fn hang(&mut self) {
        self.hung = true;
        self.event(ModemEvent::Unresponsive);
    }

    pub(crate) fn unhang(&mut self, now: Instant) {
        if self.hung {
            self.hung = false;
            self.event(ModemEvent::Responsive);
            self.reset(now);
        }
    }

    pub(crate) fn timeout(&mut self, now: Instant) {
        let due: Vec<Task> =
            self.tasks.iter().filter(|(at, _)| *at <= now).map(|(_, task)| *task).collect();
        self.tasks.retain(|(at, _)| *at > now);
        for task in due {
            match task {
                Task::Late(id) => self.done(id, Err(ModemError::Timeout)),
                Task::CardPatience => self.card_fails(),
                Task::Authenticate => {
                    self.tasks.push((now.plus(AUTHENTICATES_EVERY), Task::Authenticate));
                    self.authenticate(now);
                }
                Task::Boot => self.start_card(now),
                Task::Submit => self.submit(now),
                Task::Peer(state) => {
                    if let Some(call) = &mut self.call {
                        (call.state, call.since) = (state, now);
                    }
                    self.tell_call();
                }
                Task::PeerGone(cause) => self.end_call(cause),
                Task::Ussd => self.event(ModemEvent::Ussd {
                    status: UssdStatus::Done,
                    text: Some("balance 3.14".into()),
                }),
            }
        }
    }
}
