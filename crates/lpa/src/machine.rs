//! The machine: one flow at a time, its questions and their answers.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_base::procedure::{Procedure, Step, Ticket, Wake};
use polysim_base::{Instant, Machine, Out, Queue};

use crate::flow::{Answer, Ask, Ended, Link, LpaPort, Reply, carry_out, recover, round};
use crate::transport::CardError;
use crate::{
    AskNumber, CommandId, Decision, LpaCommand, LpaConfig, LpaError, LpaEvent, LpaInput, LpaOutput,
    LpaRecord, LpaTimer, OpenOrder, Withdrawal,
};

/// Most commands that wait.
pub const COMMANDS_MAX: usize = 16;

/// Lives of an assistant are told from each other in the upper half of its numbers.
const LIFE_SHIFT: u32 = 32;

/// A local profile assistant; see the [crate].
#[derive(Debug)]
pub struct Lpa {
    config: Arc<LpaConfig>,
    running: Option<Box<Running>>,
    waiting: Vec<(CommandId, Box<LpaCommand>)>,
    journal: Journal,
    /// When notifications are delivered next, and how often they were.
    due: Option<(Instant, u8)>,
    asks: u64,
    resets: u32,
    out: Queue<Out<LpaRecord, LpaOutput>>,
}

/// What is written down.
#[derive(Debug, Default)]
struct Journal {
    open: Option<Box<OpenOrder>>,
    owed: bool,
}

/// What is being done.
#[derive(Debug)]
struct Running {
    /// Of which command; `None` where notifications are delivered.
    id: Option<CommandId>,
    flow: Procedure<Ask, Reply, Ended>,
    awaited: Option<(Ticket, Awaited)>,
    withdrawn: Option<Withdrawal>,
}

/// Whose answer a flow waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Awaited {
    Card(AskNumber),
    Reset,
    Server(AskNumber),
    Decision,
}

impl Lpa {
    /// Makes an assistant. `life` counts how often it has begun, so that an answer to what an earlier
    /// life had asked is none to this one.
    #[must_use]
    pub const fn new(config: Arc<LpaConfig>, life: u32) -> Self {
        Self {
            config,
            running: None,
            waiting: Vec::new(),
            journal: Journal { open: None, owed: false },
            due: None,
            asks: (life as u64) << LIFE_SHIFT,
            resets: 0,
            out: Queue::new(),
        }
    }

    /// Returns whether nothing is being done, waits, or is written down as open.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty() && self.journal.open.is_none()
    }

    /// Returns the download that is open.
    #[must_use]
    pub fn open_order(&self) -> Option<&OpenOrder> {
        self.journal.open.as_deref()
    }

    /// Returns the records that a journal needs, in place of all before: what is open.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<LpaRecord> {
        let open = self.journal.open.clone().map(LpaRecord::Ordered);
        open.into_iter().chain(self.journal.owed.then_some(LpaRecord::Owed(true))).collect()
    }

    fn command(&mut self, now: Instant, id: CommandId, command: Box<LpaCommand>) {
        let is_known = self.running.as_ref().is_some_and(|running| running.id == Some(id))
            || self.journal.open.as_ref().is_some_and(|open| open.id == id)
            || self.waiting.iter().any(|(other, _)| *other == id);
        if is_known {
            return;
        }
        if self.waiting.len() >= COMMANDS_MAX {
            return self.finished(id, LpaError::Busy { limit: COMMANDS_MAX });
        }
        self.waiting.push((id, command));
        self.advance(now);
    }

    fn cancel(&mut self, now: Instant, id: CommandId, why: Withdrawal) {
        if let Some(at) = self.waiting.iter().position(|(other, _)| *other == id) {
            self.waiting.remove(at);
            return self.finished(id, LpaError::Withdrawn);
        }
        let Some(running) = self.running.as_mut().filter(|running| running.id == Some(id)) else {
            return;
        };
        running.withdrawn = Some(why);
        if matches!(running.awaited, Some((_, Awaited::Decision))) {
            self.answer(now, Awaited::Decision, Answer::Decision(Decision::Withdraw(why)));
        }
    }

    fn finished(&mut self, id: CommandId, error: LpaError) {
        self.tell(LpaEvent::Finished { id, result: Err(error) });
    }

    fn tell(&mut self, event: LpaEvent) {
        self.out.push(Out::Do(LpaOutput::Event(Box::new(event))));
    }

    fn card_reset(&mut self, now: Instant) {
        self.resets = self.resets.wrapping_add(1);
        let awaited = self.running.as_ref().and_then(|running| running.awaited);
        match awaited {
            Some((_, awaited @ Awaited::Card(_))) => {
                self.answer(now, awaited, Answer::Card(Err(CardError::Reset)));
            }
            Some((_, Awaited::Reset)) => self.answer(now, Awaited::Reset, Answer::Done),
            Some((_, Awaited::Server(_) | Awaited::Decision)) | None => {}
        }
    }

    /// Hands an answer to the flow, if it is the one that it waits for.
    fn answer(&mut self, now: Instant, to: Awaited, answer: Answer) {
        let Some(running) = &mut self.running else { return };
        let Some((ticket, _)) = running.awaited.take_if(|(_, awaited)| *awaited == to) else {
            return;
        };
        let reply = Reply { answer, resets: self.resets, withdrawn: running.withdrawn };
        running.flow.handle(now, (ticket, reply));
        self.advance(now);
    }

    /// Carries on with what is being done, and begins with what is next.
    fn advance(&mut self, now: Instant) {
        loop {
            let Some(running) = &mut self.running else {
                match self.next(now) {
                    Some(running) => self.running = Some(Box::new(running)),
                    None => return,
                }
                continue;
            };
            match running.flow.poll_output() {
                Some(Out::Do(Step::Ask(ticket, ask))) => self.ask(now, ticket, ask),
                Some(Out::Do(Step::Done(ended))) => {
                    self.running = None;
                    self.ended(now, ended);
                }
                Some(Out::Record(record)) => match record {},
                None => return,
            }
        }
    }

    /// What is next: what was open before, then commands, then notifications.
    fn next(&mut self, now: Instant) -> Option<Running> {
        let (config, resets) = (self.config.clone(), self.resets);
        let link = move |port: LpaPort| Link::new(port, config, resets);
        let (id, flow) = if let Some(open) = &self.journal.open {
            let (id, open) = (open.id, OpenOrder::clone(open));
            (Some(id), Procedure::start(now, move |port| recover(link(port), open)))
        } else if !self.waiting.is_empty() {
            let (id, command) = self.waiting.remove(0);
            if self.waiting.is_empty() {
                self.waiting = Vec::new();
            }
            (Some(id), Procedure::start(now, move |port| carry_out(link(port), id, *command)))
        } else {
            self.due.filter(|(at, _)| *at <= now)?;
            (None, Procedure::start(now, move |port| round(link(port))))
        };
        Some(Running { id, flow, awaited: None, withdrawn: None })
    }

    fn ask(&mut self, now: Instant, ticket: Ticket, ask: Ask) {
        let (awaited, output) = match ask {
            Ask::Record(record) => {
                let is_new = record != LpaRecord::Owed(self.journal.owed);
                self.owed(now, &record);
                if is_new {
                    self.journal.take(record.clone());
                    self.out.push(Out::Record(record));
                }
                return self.done(now, ticket);
            }
            Ask::Tell(event) => {
                self.out.push(Out::Do(LpaOutput::Event(event)));
                return self.done(now, ticket);
            }
            Ask::Decide(event) => (Awaited::Decision, LpaOutput::Event(event)),
            Ask::ResetCard => (Awaited::Reset, LpaOutput::ResetCard),
            Ask::Card(function) => {
                let number = self.number();
                (Awaited::Card(number), LpaOutput::Card { number, function })
            }
            Ask::Server { address, request } => {
                let number = self.number();
                (Awaited::Server(number), LpaOutput::Server { number, address, request })
            }
        };
        self.out.push(Out::Do(output));
        if let Some(running) = &mut self.running {
            running.awaited = Some((ticket, awaited));
        }
    }

    fn done(&mut self, now: Instant, ticket: Ticket) {
        let Some(running) = &mut self.running else { return };
        let reply =
            Reply { answer: Answer::Done, resets: self.resets, withdrawn: running.withdrawn };
        running.flow.handle(now, (ticket, reply));
    }

    const fn number(&mut self) -> AskNumber {
        self.asks += 1;
        AskNumber(self.asks)
    }

    /// What makes notifications has them delivered at once, however often that was tried before.
    fn owed(&mut self, now: Instant, record: &LpaRecord) {
        if let LpaRecord::Owed(owed) = record {
            self.due = owed.then_some((now, 0));
        }
    }

    fn ended(&mut self, now: Instant, ended: Ended) {
        let Ended::Round { clear } = ended else { return };
        let rounds = self.due.map_or(0, |(_, rounds)| rounds).saturating_add(1);
        self.due = (!clear && rounds < self.config.notification_rounds)
            .then(|| (now.plus(self.config.pause_before(rounds)), rounds));
    }
}

impl Journal {
    fn take(&mut self, record: LpaRecord) {
        match record {
            LpaRecord::Ordered(open) => self.open = Some(open),
            LpaRecord::Staged(stage) => {
                if let Some(open) = &mut self.open {
                    open.stage = stage;
                }
            }
            LpaRecord::Resumed => {
                if let Some(open) = &mut self.open {
                    open.resumptions = open.resumptions.saturating_add(1);
                }
            }
            LpaRecord::Closed => self.open = None,
            LpaRecord::Owed(owed) => self.owed = owed,
        }
    }
}

impl Machine for Lpa {
    type Input = LpaInput;
    type Output = LpaOutput;
    type Record = LpaRecord;
    type Timer = LpaTimer;

    fn handle(&mut self, now: Instant, input: LpaInput) {
        match input {
            LpaInput::Command { id, command } => self.command(now, id, command),
            LpaInput::Cancel { id, why } => self.cancel(now, id, why),
            LpaInput::Decided { id, decision } => {
                if self.running.as_ref().is_some_and(|running| running.id == Some(id)) {
                    self.answer(now, Awaited::Decision, Answer::Decision(decision));
                }
            }
            LpaInput::Card { number, reply } => {
                self.answer(now, Awaited::Card(number), Answer::Card(reply));
            }
            LpaInput::Server { number, answer } => {
                self.answer(now, Awaited::Server(number), Answer::Server(answer));
            }
            LpaInput::CardReset => self.card_reset(now),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(running) = &mut self.running {
            running.flow.handle_timeout(now);
        }
        self.advance(now);
    }

    fn poll_output(&mut self) -> Option<Out<LpaRecord, LpaOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, LpaTimer)> {
        let Some(running) = &self.running else {
            if self.journal.open.is_some() || !self.waiting.is_empty() {
                return Some((Instant::ZERO, LpaTimer::Recover));
            }
            return self.due.map(|(at, _)| (at, LpaTimer::Notifications));
        };
        let (at, wake) = running.flow.poll_timeout()?;
        let timer = match wake {
            Wake::AnswerOverdue => LpaTimer::AnswerOverdue,
            Wake::SleepOver => LpaTimer::PauseOver,
        };
        Some((at, timer))
    }

    fn restore(&mut self, record: LpaRecord) {
        self.owed(Instant::ZERO, &record);
        self.journal.take(record);
    }
}
