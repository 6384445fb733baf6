//! The machine: what reaches it goes to whom it concerns.

use super::call::{Call, Ended, Repeat};
use super::lease::Lease;
use super::modem::{Modem, Purpose};
use super::record::Journal;
use super::request::Asked;
use super::rights::Rights;
use super::slot::{Place, Slot};
use super::uplink::Uplink;
use super::{SiteConfig, SiteCounters, SiteInput, SiteOutput, SiteRecord, SiteTimer};
use crate::wire::{CallRef, CardReply, ToModem};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use polysim_base::{Iccid, Instant, Machine, Out, Queue};
use polysim_lease::Fence;
use polysim_modem::{ModemCommand, PowerDown};

/// A site of a fleet.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Site {
    pub(super) config: SiteConfig,
    pub(super) now: Instant,
    pub(super) journal: Journal,
    out: Outbox,
    pub(super) uplink: Uplink,
    /// The slots with a card in them.
    pub(super) slots: BTreeMap<Place, Slot>,
    /// One for each SIM that was ever used here.
    pub(super) leases: BTreeMap<Iccid, Lease>,
    /// One for each SIM in a modem, or about to be.
    pub(super) rights: BTreeMap<Iccid, Rights>,
    pub(super) modems: BTreeMap<u16, Modem>,
    /// Bounded by what a modem can have.
    pub(super) calls: BTreeMap<CallRef, Call>,
    pub(super) ended: VecDeque<Ended>,
    pub(super) repeats: VecDeque<Repeat>,
    pub(super) asked: VecDeque<Asked>,
    /// Bounded by what the drivers let wait: each answers each once.
    pub(super) commands: BTreeMap<u64, (u16, Purpose)>,
    pub(super) next_command: u32,
    pub(super) next_call: u32,
    /// What was said by USSD last.
    pub(super) next_ussd: u32,
    pub(super) counters: SiteCounters,
}

/// What waits to be given out. It is empty between two inputs, so only its length tells states
/// apart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Outbox(Queue<Out<SiteRecord, SiteOutput>>);

impl Hash for Outbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
}

impl Site {
    /// Returns a site that has not started.
    #[must_use]
    pub fn new(config: SiteConfig) -> Self {
        let modems = (0..).zip(&config.modems).map(|(number, _)| (number, Modem::default()));
        Self {
            modems: modems.collect(),
            config,
            now: Instant::ZERO,
            journal: Journal::default(),
            out: Outbox::default(),
            uplink: Uplink::new(),
            slots: BTreeMap::new(),
            leases: BTreeMap::new(),
            rights: BTreeMap::new(),
            calls: BTreeMap::new(),
            ended: VecDeque::new(),
            repeats: VecDeque::new(),
            asked: VecDeque::new(),
            commands: BTreeMap::new(),
            next_command: 0,
            next_call: 0,
            next_ussd: 0,
            counters: SiteCounters::default(),
        }
    }

    pub(super) fn emit(&mut self, output: SiteOutput) {
        self.out.0.push(Out::Do(output));
    }

    /// Makes something durable, and true.
    pub(super) fn record(&mut self, record: SiteRecord) {
        self.journal.apply(record.clone());
        self.out.0.push(Out::Record(record));
    }

    /// Begins a new life: nothing is leased, and no modem is on air with anything.
    fn start(&mut self) {
        let journal = core::mem::take(&mut self.journal);
        let out = core::mem::take(&mut self.out);
        let fresh = Self::new(self.config.clone());
        *self = Self { journal, out, now: self.now, ..fresh };
        self.record(SiteRecord::Started(self.journal.incarnation.saturating_add(1)));
        for (iccid, epoch) in &self.journal.epochs {
            let lease = Lease { fence: Fence::closed(*epoch), ..Lease::default() };
            self.leases.insert(*iccid, lease);
        }
        self.uplink_starts();
        self.settle_texts_of_earlier_lives();
        self.keep_calls_of_earlier_lives();
        for number in self.modems.keys().copied().collect::<Vec<u16>>() {
            self.emit(SiteOutput::ModemCard(number, CardReply::Removed));
            self.command(number, Purpose::Nothing, ModemCommand::PowerOff(PowerDown::Flight));
            self.empty_memory(number);
        }
    }
}

impl Machine for Site {
    type Input = SiteInput;
    type Output = SiteOutput;
    type Record = SiteRecord;
    type Timer = SiteTimer;

    fn handle(&mut self, now: Instant, input: SiteInput) {
        self.now = self.now.max(now);
        match input {
            SiteInput::Start => self.start(),
            SiteInput::Server(from, directive) => self.directive(from, directive),
            SiteInput::Terminal(user, terminal, ToModem::Request(request)) => {
                self.request(user, terminal, request);
            }
            SiteInput::Terminal(user, terminal, ToModem::Speech(call, packet)) => {
                self.terminal_speaks((user, terminal), call, packet);
            }
            SiteInput::Site(from, relay) => self.relayed(from, relay),
            SiteInput::Modem(number, output) => self.modem_says(number, output),
            SiteInput::ModemCard(number, signal) => self.modem_card(number, signal),
            SiteInput::ModemSpeech(number, frame) => self.modem_speaks(number, &frame),
            SiteInput::Card { bank, slot, reply } => self.card((bank, slot), reply),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.leases_expire();
        self.speech_plays();
        self.slots_expire();
        self.contacts_expire();
        self.upkeep_expires();
        self.calls_expire();
        self.dialogues_expire();
        self.uplink_expires();
    }

    fn poll_output(&mut self) -> Option<Out<SiteRecord, SiteOutput>> {
        self.out.0.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, SiteTimer)> {
        let fence = self.leases.values().filter_map(|lease| lease.fence.deadline()).min();
        let card = self.slots.values().filter_map(Slot::due).min();
        let contacts = self.modems.values().filter_map(|modem| modem.tenant.as_ref());
        let contact = contacts.filter_map(|tenant| tenant.contact.due()).min();
        let upkeep = self.modems.keys().filter_map(|number| self.upkeep_due(*number)).min();
        let due = [
            (fence, SiteTimer::Fence),
            (self.speech_due(), SiteTimer::Speech),
            (card, SiteTimer::Card),
            (contact, SiteTimer::Contact),
            (upkeep, SiteTimer::Upkeep),
            (self.calls_due(), SiteTimer::Call),
            (self.dialogue_due(), SiteTimer::Dialogue),
            (self.uplink.hello_due(), SiteTimer::Hello),
            (self.uplink.renew_due(), SiteTimer::Renew),
        ];
        let due = due.into_iter().filter_map(|(at, timer)| Some((at?, timer)));
        due.min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: SiteRecord) {
        self.journal.apply(record);
    }
}
