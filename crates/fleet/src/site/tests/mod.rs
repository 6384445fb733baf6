//! A site on a bench, with cards and drivers of modems made by hand.

mod calls;
mod cards;
mod contacts;
mod crashes;
mod dialogues;
mod leases;
mod servers;
mod speech;
mod texts;
mod upkeep;

use super::{Site, SiteConfig, SiteInput, SiteModem, SiteOutput, SiteRecord, SiteTimer};
use crate::wire::{
    Act, Budget, CardReply, CardSignal, Directive, Done, FromModem, Kept, Kind, LeaseClaim,
    ModemRequest, Relay, SiteOrder, SiteReport, ToModem, UseRefusal,
};
use crate::{
    Epoch, Margin, ModemId, Permissions, PoolId, RequestId, Revoke, ServerId, SiteId, SlotId, Term,
    TerminalId, UserId,
};
use polysim_apdu::ef::{Adn, Contents as _, Number};
use polysim_at::{CallDirection, CallState, RegistrationDomain, RegistrationStatus, Text};
use polysim_base::{Duration, Iccid, Imsi, Instant, Machine as _, Out};
use polysim_modem::{
    CallEnd, CallId, CallInfo, HangUp, Identity, ModemCommand, ModemError, ModemEvent, ModemInput,
    ModemOutput, PartOutcome as Part, RegistrationState, Reply, SendOutcome,
};
use std::boxed::Box;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::string::String;
use std::vec::Vec;

pub(super) const HERE: SiteId = SiteId(1);
pub(super) const THERE: SiteId = SiteId(2);
pub(super) const ANN: (UserId, TerminalId) = (UserId(1), TerminalId(11));
pub(super) const ANN_TOO: (UserId, TerminalId) = (UserId(1), TerminalId(12));
pub(super) const BOB: (UserId, TerminalId) = (UserId(2), TerminalId(21));
pub(super) const ALL: [Permissions; 4] =
    [Permissions::CALL, Permissions::TEXT_SEND, Permissions::USSD, Permissions::APDU];

pub(super) fn iccid(n: u8) -> Iccid {
    Iccid::parse(&std::format!("894450000000000000{n:01}")).unwrap()
}

pub(super) fn claim(n: u8, count: u32) -> LeaseClaim {
    LeaseClaim { iccid: iccid(n), epoch: Epoch::new(Term(1), count) }
}

pub(super) fn config(site: SiteId) -> SiteConfig {
    let modem = |n: u8| SiteModem {
        imei: polysim_base::Imei::from_device(&std::format!("35123456789012{n}")).unwrap(),
        kind: Kind::BuiltIn,
        pool: PoolId(1),
        address: std::format!("modem{n}"),
    };
    SiteConfig {
        site,
        servers: 2,
        modems: [modem(0), modem(1)].into(),
        margin: Margin::new(200, Duration::from_millis(500)).unwrap(),
        renew_every: Duration::from_secs(30),
        attach_max: Duration::from_secs(120),
        ring_max: Duration::from_secs(30),
        call_max: Duration::from_secs(600),
        card_max: Duration::from_secs(5),
        null_every: Duration::from_millis(800),
        unix_at_zero_s: 1_700_000_000,
    }
}

/// A card of a bank.
#[derive(Clone, Debug)]
pub(super) struct FakeCard {
    pub(super) iccid: Iccid,
    pub(super) locked: bool,
    pub(super) mute: bool,
    selected: Vec<u8>,
    /// What it was sent, `FF` for a cold and `FE` for a warm reset, `FD` when it was turned off.
    pub(super) heard: Vec<Vec<u8>>,
}

impl FakeCard {
    pub(super) fn new(n: u8) -> Self {
        let heard = Vec::new();
        Self { iccid: iccid(n), locked: false, mute: false, selected: Vec::new(), heard }
    }

    fn signal(&mut self, signal: CardSignal) -> Option<CardReply> {
        let answer = match signal {
            CardSignal::PowerOff => {
                self.heard.push([0xFD].into());
                return None;
            }
            CardSignal::PowerOn => {
                self.heard.push([0xFF].into());
                CardReply::Atr([0x3B, 0x00].into())
            }
            CardSignal::Reset => {
                self.heard.push([0xFE].into());
                CardReply::Atr([0x3B, 0x00].into())
            }
            CardSignal::Command(apdu) => {
                self.heard.push(apdu.clone());
                CardReply::Response(self.command(&apdu))
            }
        };
        (!self.mute).then_some(answer)
    }

    fn command(&mut self, apdu: &[u8]) -> Vec<u8> {
        let ok = |data: &[u8]| [data, &[0x90, 0x00]].concat();
        match (apdu[1], self.selected.as_slice()) {
            (0xA4, _) => {
                self.selected = apdu[5..].to_vec();
                ok(&[])
            }
            (0xB0, [0x2F, 0xE2]) => ok(self.iccid.wire()),
            (0xB0, [0x6F, 0x07]) if self.locked => [0x69, 0x82].into(),
            (0xB0, [0x6F, 0x07]) => ok(&Imsi::parse("001010123456789").unwrap().ef()),
            (0xB2, [0x6F, 0x40]) if self.locked => [0x69, 0x82].into(),
            (0xB2, [0x6F, 0x40]) if apdu[4] != 20 => [0x6C, 20].into(),
            (0xB2, [0x6F, 0x40]) => {
                let adn = Adn { number: Some(Number::new("+491701234567")), ..Adn::default() };
                ok(&adn.emit(20).unwrap())
            }
            _ => [0x6D, 0x00].into(),
        }
    }
}

/// The driver of a modem, and the modem.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeDriver {
    /// What it was told to do.
    pub(super) commands: Vec<ModemCommand>,
    /// Answers nothing; what it was asked waits.
    pub(super) stuck: bool,
    waiting: Vec<(u64, ModemCommand)>,
    /// Finds no network.
    pub(super) no_network: bool,
    /// The network's cause for refusing.
    pub(super) reject: Option<u8>,
    /// How setting up ends.
    pub(super) init: Option<ModemError>,
    /// Received texts in its memory.
    pub(super) store: BTreeMap<u32, Vec<u8>>,
    /// Those that its driver has told of.
    told: BTreeSet<u32>,
    /// What becomes of texts; `Sent` otherwise.
    pub(super) text: Option<Result<Reply, ModemError>>,
    /// Ignores hanging up.
    pub(super) clings: bool,
    pub(super) calls: BTreeMap<u8, (CallState, CallDirection)>,
    pub(super) on_air: bool,
}

pub(super) fn registration(status: RegistrationStatus, reject: Option<u8>) -> RegistrationState {
    RegistrationState {
        domain: RegistrationDomain::Circuit,
        status,
        reject: reject.map(|cause| polysim_at::RejectCause { kind: 0, cause }),
        ..RegistrationState::UNKNOWN
    }
}

pub(super) fn call(id: u8, direction: CallDirection, state: CallState) -> Box<CallInfo> {
    let number = Some(Text::new("+4930123456").unwrap());
    Box::new(CallInfo { call: CallId(id), direction, state, number })
}

impl FakeDriver {
    fn input(&mut self, input: ModemInput) -> Vec<ModemOutput> {
        match input {
            ModemInput::Command { id, command } => {
                self.commands.push(command.clone());
                if self.stuck {
                    self.waiting.push((id, command));
                    return Vec::new();
                }
                self.command(id, command)
            }
            ModemInput::Recorded(text) => {
                self.store.remove(&text.0);
                Vec::new()
            }
            other => panic!("{other:?}"),
        }
    }

    fn command(&mut self, id: u64, command: ModemCommand) -> Vec<ModemOutput> {
        let mut out = Vec::new();
        let mut event = |event| out.push(ModemOutput::Event(event));
        let outcome = match command {
            ModemCommand::PowerOff(_) => {
                self.on_air = false;
                event(ModemEvent::Registration(registration(
                    RegistrationStatus::NotRegistered,
                    None,
                )));
                Ok(Reply::Done)
            }
            ModemCommand::Initialise { .. } => match self.init.clone() {
                Some(error) => Err(error),
                None => {
                    event(ModemEvent::Ready(Identity::default()));
                    Ok(Reply::Done)
                }
            },
            ModemCommand::ListTexts => {
                for (id, pdu) in &self.store {
                    if self.told.insert(*id) {
                        event(upkeep::received(*id, pdu));
                    }
                }
                Ok(Reply::Stored(u16::try_from(self.store.len()).unwrap()))
            }
            ModemCommand::PowerOn => {
                self.on_air = true;
                if !self.no_network {
                    event(ModemEvent::Registration(registration(RegistrationStatus::Home, None)));
                } else if self.reject.is_some() {
                    let denied = registration(RegistrationStatus::Denied, self.reject);
                    event(ModemEvent::Registration(denied));
                }
                Ok(Reply::Done)
            }
            ModemCommand::Registration => {
                let status = if self.no_network {
                    RegistrationStatus::Searching
                } else {
                    RegistrationStatus::Home
                };
                Ok(Reply::Registration(Box::new(registration(status, None))))
            }
            ModemCommand::SendText(_) => self.text.clone().unwrap_or_else(|| {
                Ok(Reply::Text(SendOutcome { parts: [Part::Sent { reference: 7 }].into() }))
            }),
            ModemCommand::Dial { .. } => {
                let (state, direction) = (CallState::Dialing, CallDirection::Originated);
                self.calls.insert(1, (state, direction));
                event(ModemEvent::CallState(call(1, direction, state)));
                Ok(Reply::Dialled(CallId(1)))
            }
            ModemCommand::Answer => {
                for (id, (state, direction)) in &mut self.calls {
                    let before = *state;
                    match before {
                        CallState::Incoming | CallState::Waiting => *state = CallState::Active,
                        CallState::Active => *state = CallState::Held,
                        _ => {}
                    }
                    if *state != before {
                        event(ModemEvent::CallState(call(*id, *direction, *state)));
                    }
                }
                Ok(Reply::Done)
            }
            ModemCommand::Swap => {
                for (id, (state, direction)) in &mut self.calls {
                    match state {
                        CallState::Active => *state = CallState::Held,
                        CallState::Held => *state = CallState::Active,
                        _ => {}
                    }
                    event(ModemEvent::CallState(call(*id, *direction, *state)));
                }
                Ok(Reply::Done)
            }
            ModemCommand::HangUp(_) if self.clings => Ok(Reply::Done),
            ModemCommand::HangUp(which) => {
                let ended: Vec<u8> = match which {
                    HangUp::All => self.calls.keys().copied().collect(),
                    HangUp::Call(id) => [id.0].into(),
                };
                for id in ended {
                    if self.calls.remove(&id).is_some() {
                        let cause = CallEnd::HungUp;
                        event(ModemEvent::CallEnded { call: CallId(id), cause });
                    }
                }
                Ok(Reply::Done)
            }
            ModemCommand::Restart => {
                event(ModemEvent::Reset);
                for id in core::mem::take(&mut self.calls).into_keys() {
                    event(ModemEvent::CallEnded { call: CallId(id), cause: CallEnd::Lost });
                }
                event(ModemEvent::Ready(Identity::default()));
                Ok(Reply::Done)
            }
            ModemCommand::TransmitBasic { apdu } => Ok(Reply::Apdu(apdu.to_vec())),
            ModemCommand::Ussd(_) | ModemCommand::UssdCancel | ModemCommand::Dtmf(_) => {
                Ok(Reply::Done)
            }
            other => panic!("{other:?}"),
        };
        out.push(ModemOutput::Done { id, outcome });
        out
    }
}

/// A site on the bench.
#[derive(Clone, Debug)]
pub(super) struct Rig {
    pub(super) site: Site,
    pub(super) now: Instant,
    pub(super) records: Vec<SiteRecord>,
    /// What left the site but for cards and drivers.
    pub(super) out: Vec<SiteOutput>,
    pub(super) cards: BTreeMap<(u16, u16), FakeCard>,
    pub(super) drivers: [FakeDriver; 2],
    /// The exchange confirms what is kept.
    pub(super) confirms: bool,
    /// By which lease of card 1 terminals ask.
    pub(super) epoch: u32,
    /// The site crashes before that output.
    pub(super) crash_at: Option<usize>,
    pub(super) crashed: bool,
    /// How many outputs there were.
    pub(super) polled: usize,
    next_request: u64,
}

impl Rig {
    /// A site that has started, without cards.
    pub(super) fn new(site: SiteId) -> Self {
        let mut rig = Self {
            site: Site::new(config(site)),
            now: Instant::from_micros(1_000_000),
            records: Vec::new(),
            out: Vec::new(),
            cards: BTreeMap::new(),
            drivers: [FakeDriver::default(), FakeDriver::default()],
            confirms: true,
            epoch: 1,
            crash_at: None,
            crashed: false,
            polled: 0,
            next_request: 0,
        };
        rig.give(SiteInput::Start);
        rig.advance(Duration::from_secs(1));
        rig
    }

    /// A site with the cards 1 and 2 in its bank.
    pub(super) fn with_cards() -> Self {
        let mut rig = Self::new(HERE);
        rig.insert(0, FakeCard::new(1));
        rig.insert(1, FakeCard::new(2));
        rig.advance(Duration::from_secs(1));
        rig.out.clear();
        rig
    }

    /// A site with card 1 on standby in modem 0, Ann and Bob entitled to everything.
    pub(super) fn on_standby() -> Self {
        let mut rig = Self::with_cards();
        rig.grant(1, 1);
        rig.entitle(1, 1);
        assert_eq!(rig.phase(), super::ModemPhase::Standby);
        rig.out.clear();
        rig.forget_commands();
        rig
    }

    pub(super) fn insert(&mut self, slot: u16, card: FakeCard) {
        self.cards.insert((0, slot), card);
        self.give(SiteInput::Card { bank: 0, slot, reply: CardReply::Inserted });
    }

    pub(super) fn pull(&mut self, slot: u16) {
        self.cards.remove(&(0, slot));
        self.give(SiteInput::Card { bank: 0, slot, reply: CardReply::Removed });
    }

    pub(super) fn forget_commands(&mut self) {
        self.drivers.iter_mut().for_each(|driver| driver.commands.clear());
    }

    pub(super) fn give(&mut self, input: SiteInput) {
        if self.crashed {
            return;
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.site.handle(self.now, input);
            self.drain(&mut inputs);
        }
    }

    fn drain(&mut self, inputs: &mut VecDeque<SiteInput>) {
        loop {
            if self.crash_at == Some(self.polled) {
                (self.crash_at, self.crashed) = (None, true);
                return inputs.clear();
            }
            let Some(out) = self.site.poll_output() else { return };
            self.polled += 1;
            let output = match out {
                Out::Record(record) => {
                    self.records.push(record);
                    continue;
                }
                Out::Do(output) => output,
            };
            match output {
                SiteOutput::Card { bank, slot, signal } => {
                    let card = self.cards.get_mut(&(bank, slot));
                    let reply = card.and_then(|card| card.signal(signal));
                    inputs.extend(reply.map(|reply| SiteInput::Card { bank, slot, reply }));
                }
                SiteOutput::Modem(number, input) => {
                    let said = self.drivers[usize::from(number)].input(input);
                    inputs.extend(said.into_iter().map(|said| SiteInput::Modem(number, said)));
                }
                SiteOutput::Server(ServerId(0), SiteReport::Keep(id, kept)) => {
                    if self.confirms {
                        inputs.push_back(order(SiteOrder::Confirmed(id)));
                    }
                    self.out.push(SiteOutput::Server(ServerId(0), SiteReport::Keep(id, kept)));
                }
                other => self.out.push(other),
            }
        }
    }

    /// Lets time pass, and serves every deadline on the way.
    pub(super) fn advance(&mut self, time: Duration) {
        let until = self.now.plus(time);
        for _ in 0..10_000 {
            if self.crashed {
                return;
            }
            let due = self.site.poll_timeout().map(|(due, _)| due).filter(|due| *due <= until);
            let Some(due) = due else {
                self.now = until;
                return;
            };
            self.now = self.now.max(due);
            self.site.handle_timeout(self.now);
            let mut inputs = VecDeque::new();
            self.drain(&mut inputs);
            if self.crashed {
                return;
            }
            let next: Option<(Instant, SiteTimer)> = self.site.poll_timeout();
            assert!(next.is_none_or(|(at, _)| at > self.now), "{next:?} is over");
            inputs.into_iter().for_each(|input| self.give(input));
        }
        panic!("deadlines without end");
    }

    /// The driver answers what waited.
    pub(super) fn unstick(&mut self, number: u16) {
        let driver = &mut self.drivers[usize::from(number)];
        driver.stuck = false;
        for (id, command) in core::mem::take(&mut driver.waiting) {
            for said in self.drivers[usize::from(number)].command(id, command) {
                self.give(SiteInput::Modem(number, said));
            }
        }
    }

    pub(super) fn event(&mut self, event: ModemEvent) {
        self.give(SiteInput::Modem(0, ModemOutput::Event(event)));
    }

    pub(super) fn order(&mut self, order: SiteOrder) {
        self.give(self::order(order));
    }

    /// Grants a card of this site to its modem 0, from now on for an hour.
    pub(super) fn grant(&mut self, card: u8, count: u32) {
        self.grant_for(card, count, HERE, HERE, Duration::from_secs(3_600));
    }

    pub(super) fn grant_for(
        &mut self,
        card: u8,
        count: u32,
        bank: SiteId,
        modem: SiteId,
        ttl: Duration,
    ) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        self.order(SiteOrder::Grant {
            iccid,
            slot: SlotId { site: bank, bank: 0, slot: u16::from(card) - 1 },
            modem: ModemId { site: modem, number: 0 },
            epoch,
            asked: self.now,
            ttl,
        });
    }

    pub(super) fn entitle(&mut self, card: u8, count: u32) {
        let all = ALL.into_iter().fold(Permissions::NONE, |all, one| all | one);
        self.entitle_users(card, count, &[(ANN.0, all), (BOB.0, all)]);
    }

    pub(super) fn entitle_users(&mut self, card: u8, count: u32, users: &[(UserId, Permissions)]) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        let budget = Budget { texts_limit: 3, calls_limit: 2, ..Budget::default() };
        self.order(SiteOrder::Entitle { iccid, epoch, users: users.into(), budget });
    }

    pub(super) fn revoke(&mut self, card: u8, count: u32, how: Revoke) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        self.order(SiteOrder::Revoke { iccid, epoch, how });
    }

    /// Asks the modem 0 for something with card 1, epoch 1; returns the answer, if there is one.
    pub(super) fn act(
        &mut self,
        by: (UserId, TerminalId),
        act: Act,
    ) -> Option<Result<Done, UseRefusal>> {
        self.next_request += 1;
        self.ask(by, self.next_request, act)
    }

    pub(super) fn ask(
        &mut self,
        by: (UserId, TerminalId),
        request: u64,
        act: Act,
    ) -> Option<Result<Done, UseRefusal>> {
        let LeaseClaim { iccid, epoch } = claim(1, self.epoch);
        let modem = ModemId { site: HERE, number: 0 };
        let request = ModemRequest { request: RequestId(request), modem, iccid, epoch, act };
        let id = request.request;
        self.give(SiteInput::Terminal(by.0, by.1, ToModem::Request(request)));
        let told = self.told(by);
        told.into_iter().rev().find_map(|told| match told {
            FromModem::Reply { request, outcome } if request == id => Some(outcome),
            _ => None,
        })
    }

    pub(super) fn phase(&self) -> super::ModemPhase {
        self.site.modem(0).unwrap().phase
    }

    /// What one terminal was told, directly.
    pub(super) fn told(&self, by: (UserId, TerminalId)) -> Vec<FromModem> {
        let told = |output: &SiteOutput| match output {
            SiteOutput::Terminal(user, terminal, told) if (*user, *terminal) == by => {
                Some(told.clone())
            }
            _ => None,
        };
        self.out.iter().filter_map(told).collect()
    }

    /// What all terminals of a user were told.
    pub(super) fn told_user(&self, user: UserId) -> Vec<FromModem> {
        let told = |output: &SiteOutput| match output {
            SiteOutput::User(of, told) if *of == user => Some(told.clone()),
            _ => None,
        };
        self.out.iter().filter_map(told).collect()
    }

    /// What the first server heard.
    pub(super) fn reports(&self) -> Vec<SiteReport> {
        let report = |output: &SiteOutput| match output {
            SiteOutput::Server(ServerId(0), report) => Some(report.clone()),
            _ => None,
        };
        self.out.iter().filter_map(report).collect()
    }

    pub(super) fn kept(&self) -> Vec<Kept> {
        let kept = |report| match report {
            SiteReport::Keep(_, kept) => Some(kept),
            _ => None,
        };
        self.reports().into_iter().filter_map(kept).collect()
    }

    pub(super) fn relays(&mut self) -> Vec<Relay> {
        let (relays, others) = core::mem::take(&mut self.out)
            .into_iter()
            .partition::<Vec<_>, _>(|output| matches!(output, SiteOutput::Site(..)));
        self.out = others;
        let relay = |output| match output {
            SiteOutput::Site(_, relay) => Some(relay),
            _ => None,
        };
        relays.into_iter().filter_map(relay).collect()
    }

    /// What the modem 0 saw in its slot.
    pub(super) fn seen_by_modem(&self) -> Vec<CardReply> {
        let seen = |output: &SiteOutput| match output {
            SiteOutput::ModemCard(0, reply) => Some(reply.clone()),
            _ => None,
        };
        self.out.iter().filter_map(seen).collect()
    }

    /// The site crashes and starts anew; cards and modems stay as they are.
    pub(super) fn restart(&mut self) {
        let mut site = Site::new(self.site.config().clone());
        self.records.iter().cloned().for_each(|record| site.restore(record));
        if !core::mem::take(&mut self.crashed) {
            assert_eq!(site.journal, self.site.journal, "the records are the whole of it");
        }
        self.site = site;
        self.drivers.iter_mut().for_each(|driver| driver.told.clear());
        self.give(SiteInput::Start);
        let slots: Vec<(u16, u16)> = self.cards.keys().copied().collect();
        for (bank, slot) in slots {
            self.give(SiteInput::Card { bank, slot, reply: CardReply::Inserted });
        }
        self.advance(Duration::from_secs(1));
    }

    pub(super) fn names(&self) -> Vec<String> {
        let name = |command: &ModemCommand| {
            let text = std::format!("{command:?}");
            text.split([' ', '(', '{']).next().unwrap().into()
        };
        self.drivers[0].commands.iter().map(name).collect()
    }
}

pub(super) fn order(order: SiteOrder) -> SiteInput {
    SiteInput::Server(ServerId(0), Directive { term: Term(1), order })
}

/// Carries what two sites say to each other until they are silent.
pub(super) fn cross(a: &mut Rig, b: &mut Rig) {
    for _ in 0..100 {
        let (to_b, to_a) = (a.relays(), b.relays());
        if to_a.is_empty() && to_b.is_empty() {
            return;
        }
        let (here, there) = (a.site.config().site, b.site.config().site);
        to_b.into_iter().for_each(|relay| b.give(SiteInput::Site(here, relay)));
        to_a.into_iter().for_each(|relay| a.give(SiteInput::Site(there, relay)));
    }
    panic!("they never stop");
}
