//! What is to be done next, and for whom.

use alloc::{boxed::Box, collections::VecDeque, sync::Arc};

use polysim_at::{MessageStore, RegistrationDomain};
use polysim_base::{Duration, Instant, Queue};

use crate::{
    CallEnd, Config, Counters, Identity, InitStep, ModemCommand, ModemError, ModemEvent,
    ModemOutput, PowerDown, Reply, TextId, Timer,
    call::Calls,
    chore::{Chore, Chores},
    counters::count,
    init::{Init, Pins},
    job::{Job, Order},
    link::{Answer, Heard, Link, Request, later},
    registration::Registrations,
    text::{Inbox, Outgoing},
};

/// The most commands that wait behind the one under way.
pub(crate) const COMMANDS_WAITING_MAX: usize = 32;

/// How long after a failed initialisation by itself the next one is tried.
const INIT_AGAIN: Duration = Duration::from_secs(60);

/// What a task wants now that the line is free.
pub(crate) enum Next {
    /// To send this.
    Send(Request),
    /// To be asked again after a while.
    Rest(Duration),
    /// Nothing any more.
    Finished,
}

/// What is under way for the owner, over several commands to the modem.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    Init(Init),
    Outgoing(Box<Outgoing>),
    Job(Box<Job>),
}

/// Commands of the owner's that wait. Dropped when there are none.
#[derive(Clone, Debug, Default)]
struct Waiting {
    commands: VecDeque<(u64, ModemCommand)>,
}

/// Whom the answer in flight is for.
#[derive(Clone, Copy, Debug)]
enum Awaiting {
    Nobody,
    Task,
    Chore(Chore),
}

/// Everything of a modem machine but its line.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) out: Queue<ModemOutput>,
    waiting: Option<Box<Waiting>>,
    task: Option<Task>,
    awaiting: Awaiting,
    pub(crate) chores: Chores,
    pub(crate) inbox: Option<Box<Inbox>>,
    pub(crate) calls: Option<Box<Calls>>,
    pub(crate) pins: Pins,
    pub(crate) identity: Identity,
    pub(crate) registration: Registrations,
    pub(crate) counters: Counters,
    /// What was unheard when the texts were listed last for that.
    unheard: u32,
    /// When the registration is polled, or initialisation tried again.
    poll_at: Instant,
    next_text: u32,
    /// Counts the lives of the card: what was opened in one is of no use in the next.
    pub(crate) epoch: u32,
    /// For the parts of long texts.
    pub(crate) next_reference: u8,
    /// The store that `+CMGR`, `+CMGL` and `+CMGD` work on, once it is known.
    pub(crate) store: Option<MessageStore>,
    /// Deliveries shown directly are to be acknowledged (`+CSMS=1`).
    pub(crate) acknowledges: bool,
    /// `+CLCC` is refused: calls are followed by what the modem tells.
    pub(crate) lists_no_calls: bool,
    /// The modem repeats what it is sent, and was not brought to stop it.
    pub(crate) echoes: bool,
    ready: bool,
    /// To be initialised again after a reset.
    keep_ready: bool,
    /// Initialisation by itself is due.
    init_due: bool,
    /// The modem was told to restart.
    restarts: bool,
    /// It is seen from the answer in flight that the modem was reset before.
    was_reset: bool,
    /// The owner's commands and chores take turns.
    chore_turn: bool,
}

impl Engine {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            out: Queue::new(),
            waiting: None,
            task: None,
            awaiting: Awaiting::Nobody,
            chores: Chores::default(),
            inbox: None,
            calls: None,
            pins: Pins::default(),
            identity: Identity::default(),
            registration: Registrations::new(),
            counters: Counters::default(),
            unheard: 0,
            poll_at: Instant::MAX,
            next_text: 0,
            epoch: 0,
            next_reference: 0,
            store: None,
            acknowledges: false,
            lists_no_calls: false,
            echoes: true,
            ready: false,
            keep_ready: false,
            init_due: false,
            restarts: false,
            was_reset: false,
            chore_turn: false,
        }
    }

    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.task.is_none() && self.waiting.is_none() && !(self.ready && self.has_chores())
    }

    pub(crate) fn event(&mut self, event: ModemEvent) {
        self.out.push(ModemOutput::Event(event));
    }

    pub(crate) fn done(&mut self, id: u64, outcome: Result<Reply, ModemError>) {
        self.out.push(ModemOutput::Done { id, outcome });
    }

    pub(crate) const fn new_text_id(&mut self) -> TextId {
        self.next_text = self.next_text.wrapping_add(1);
        TextId(self.next_text)
    }

    /// Takes a command of the owner's, or refuses it at once.
    pub(crate) fn command(&mut self, id: u64, command: ModemCommand, refusal: Option<ModemError>) {
        if let ModemCommand::Initialise { pin } = command {
            self.keep_ready = true;
            self.pins.give(pin);
        }
        if let Some(error) = refusal {
            return self.done(id, Err(error));
        }
        let waiting = &mut self.waiting.get_or_insert_default().commands;
        if waiting.len() >= COMMANDS_WAITING_MAX {
            return self.done(id, Err(ModemError::QueueFull { limit: COMMANDS_WAITING_MAX }));
        }
        waiting.push_back((id, command));
    }

    /// Acts upon what the line has heard.
    pub(crate) fn heard(&mut self, now: Instant, heard: Heard<'_>) {
        match heard {
            Heard::Nothing => {}
            // A modem that was brought to be quiet has forgotten it: it was reset in silence.
            Heard::Echo => self.was_reset |= self.ready && !self.echoes,
            Heard::Answer(answer) => self.answered(now, answer),
            Heard::Urc(urc) => self.told(now, urc),
            Heard::Pdu(urc, line) => self.delivered(now, urc, line),
            Heard::Released(result) => self.released(result),
            Heard::Reset(answer) => {
                if let Some(answer) = answer {
                    self.answered(now, answer);
                }
                self.reset();
            }
            Heard::Silent => {
                self.lost(&ModemError::Unresponsive);
                self.event(ModemEvent::Unresponsive);
            }
            Heard::Alive => {
                self.event(ModemEvent::Responsive);
                self.forget();
            }
        }
    }

    /// Gives the answer in flight to whom it is for.
    pub(crate) fn answered(&mut self, now: Instant, answer: Answer) {
        match core::mem::replace(&mut self.awaiting, Awaiting::Nobody) {
            Awaiting::Nobody => {}
            Awaiting::Chore(chore) => self.chore_done(now, chore, &answer),
            Awaiting::Task => {
                let Some(task) = self.task.take() else { return };
                let task = match task {
                    Task::Init(init) => init.answered(now, self, &answer).map(Task::Init),
                    Task::Outgoing(job) => job.answered(self, &answer).map(Task::Outgoing),
                    Task::Job(job) => job.answered(self, now, answer).map(Task::Job),
                };
                self.task = task;
            }
        }
    }

    /// Feeds the line as long as it is free.
    pub(crate) fn pump(&mut self, now: Instant, link: &mut Link) {
        if core::mem::take(&mut self.restarts) {
            let answer = link.restart(now, &self.config.deadlines);
            debug_assert!(answer.is_none(), "the answer to the restart was the last one");
            self.reset();
        }
        if link.is_idle() && core::mem::take(&mut self.was_reset) {
            self.reset();
        }
        while link.is_idle() {
            match self.next(now) {
                Next::Send(request) => link.send(now, request, &mut self.out),
                Next::Rest(wait) => link.rest_until(later(now, wait)),
                Next::Finished => break,
            }
        }
    }

    fn next(&mut self, now: Instant) -> Next {
        loop {
            if self.ready
                && let Some((chore, request)) = self.urgent_chore()
            {
                self.awaiting = Awaiting::Chore(chore);
                return Next::Send(request);
            }
            if let Some(next) = self.next_of_task(now) {
                return next;
            }
            if core::mem::take(&mut self.init_due) {
                self.task = Some(Task::Init(Init::by_itself()));
                continue;
            }
            self.chore_turn = !self.chore_turn;
            let chore_first = self.chore_turn || self.waiting.is_none();
            if self.ready
                && chore_first
                && let Some((chore, request)) = self.next_chore(now)
            {
                self.awaiting = Awaiting::Chore(chore);
                return Next::Send(request);
            }
            match self.next_command() {
                Some((id, command)) => self.start(id, command),
                None => return Next::Finished,
            }
        }
    }

    fn next_of_task(&mut self, now: Instant) -> Option<Next> {
        let (next, task) = match self.task.take()? {
            Task::Init(mut init) => (init.next(now, self), Task::Init(init)),
            Task::Outgoing(mut job) => (job.next(self), Task::Outgoing(job)),
            Task::Job(mut job) => (job.next(self), Task::Job(job)),
        };
        match next {
            Next::Send(_) => {
                self.awaiting = Awaiting::Task;
                self.task = Some(task);
                Some(next)
            }
            Next::Rest(_) => {
                self.task = Some(task);
                Some(next)
            }
            Next::Finished => None,
        }
    }

    fn next_command(&mut self) -> Option<(u64, ModemCommand)> {
        let commands = &mut self.waiting.as_mut()?.commands;
        let next = commands.pop_front();
        if commands.is_empty() {
            self.waiting = None;
        }
        next
    }

    fn start(&mut self, id: u64, command: ModemCommand) {
        let task = match Order::of(command) {
            Order::Initialise => {
                self.init_due = false;
                self.ready = false;
                self.poll_at = Instant::MAX;
                Ok(Task::Init(Init::commanded(id)))
            }
            Order::Text(text) => Outgoing::of_text(id, *text, &mut self.next_reference)
                .map(|job| Task::Outgoing(Box::new(job))),
            Order::Pdu(pdu) => Ok(Task::Outgoing(Box::new(Outgoing::of_pdu(id, &pdu)))),
            Order::Job(kind) => Ok(Task::Job(Box::new(Job::new(id, kind)))),
        };
        match task {
            Ok(task) => self.task = Some(task),
            Err(error) => self.done(id, Err(error)),
        }
    }

    /// Initialisation is over.
    pub(crate) fn became_ready(&mut self, now: Instant) {
        self.ready = true;
        self.event(ModemEvent::Ready(self.identity));
        self.poll_later(now);
    }

    /// Initialisation by itself failed.
    pub(crate) fn init_again_later(&mut self, now: Instant) {
        self.poll_at = later(now, INIT_AGAIN);
    }

    fn poll_later(&mut self, now: Instant) {
        let every = self.config.registration_poll;
        self.poll_at = if every == Duration::ZERO { Instant::MAX } else { later(now, every) };
    }

    /// The modem is turned off: a reset does not turn it on again.
    pub(crate) const fn turned_off(&mut self, how: PowerDown) {
        self.keep_ready = false;
        if matches!(how, PowerDown::Minimum) {
            // The card is off as well.
            self.epoch = self.epoch.wrapping_add(1);
        }
    }

    /// The modem is turned on: it is initialised again after a reset, if it had been.
    pub(crate) const fn turned_on(&mut self) {
        self.keep_ready |= self.ready;
    }

    /// The modem was told to restart, and said that it will.
    pub(crate) const fn restarts(&mut self) {
        self.restarts = true;
    }

    /// The modem was reset.
    pub(crate) fn reset(&mut self) {
        count(&mut self.counters.resets);
        let initialising = matches!(self.task, Some(Task::Init(_)));
        if self.ready || (self.task.is_some() && !initialising) {
            self.event(ModemEvent::Reset);
        }
        self.forget();
    }

    /// The port is open anew.
    pub(crate) fn reopened(&mut self, _now: Instant) {
        self.forget();
    }

    /// Drops what the modem no longer knows, and begins anew.
    fn forget(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.drop_connections();
        if let Some(Task::Init(init)) = &mut self.task {
            init.start_again();
        } else {
            self.cancel_task(&ModemError::Reset);
            self.init_due = self.keep_ready;
        }
    }

    /// The modem is gone, for now at least.
    pub(crate) fn lost(&mut self, error: &ModemError) {
        self.drop_connections();
        self.init_due = false;
        self.cancel_task(error);
        while let Some((id, _)) = self.next_command() {
            self.done(id, Err(error.clone()));
        }
    }

    fn drop_connections(&mut self) {
        self.ready = false;
        self.poll_at = Instant::MAX;
        self.chores = Chores::default();
        self.store = None;
        self.acknowledges = false;
        self.echoes = true;
        self.was_reset = false;
        self.registration = Registrations::new();
        if let Some(inbox) = &mut self.inbox {
            inbox.modem_was_reset();
        }
        self.drop_calls(CallEnd::Lost);
    }

    fn cancel_task(&mut self, error: &ModemError) {
        self.awaiting = Awaiting::Nobody;
        match self.task.take() {
            None => {}
            Some(Task::Init(init)) => init.cancelled(self, error),
            Some(Task::Outgoing(mut job)) => job.cancelled(self),
            Some(Task::Job(job)) => self.done(job.id(), Err(error.clone())),
        }
    }

    /// Serves the deadlines that are not the line's.
    pub(crate) fn expire(&mut self, now: Instant) {
        if !self.ready && self.poll_at <= now {
            self.poll_at = Instant::MAX;
            self.init_due = self.keep_ready;
        }
        if self.ready && self.poll_at <= now {
            self.poll_later(now);
            for domain in [RegistrationDomain::Circuit, RegistrationDomain::Eps] {
                self.chores.read_registration(domain);
            }
            self.list_texts_after_noise();
        }
        self.expire_calls(now);
        self.expire_texts(now);
    }

    /// A line that could not be read may have told of a text, or been one of a listing.
    fn list_texts_after_noise(&mut self) {
        let unheard = self.counters.unheard();
        let reads_texts = self.config.init.steps.contains(&InitStep::DrainStore);
        self.chores.list_texts |= reads_texts && unheard != self.unheard;
        self.unheard = unheard;
    }

    pub(crate) fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let timer = if self.ready { Timer::Poll } else { Timer::Retry };
        let poll = (self.poll_at != Instant::MAX).then_some((self.poll_at, timer));
        [poll, self.calls_timeout(), self.texts_timeout()]
            .into_iter()
            .flatten()
            .min_by_key(|(due, _)| *due)
    }
}
