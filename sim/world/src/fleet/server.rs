//! Servers over one log: compare-and-append, terms, and who takes over when.

use crate::clock::NodeClock;
use polysim_base::{Instant, Machine as _, Out};
use polysim_fleet::wire::{Change, Input, OperatorInput, Output, Record};
use polysim_fleet::{Exchange, ExchangeConfig, Term};
use polysim_kernel::Armed;
use std::collections::VecDeque;

/// The log that all servers write: who appends must know how long it is.
#[derive(Debug)]
pub(crate) struct Log {
    /// How many records were appended.
    len: usize,
    /// Those that are not folded yet. Of the others the fold is kept, which tells all that they do.
    fresh: VecDeque<Record>,
    fold: Exchange,
    /// When the leader has last shown that it is there.
    pub(crate) refreshed: Instant,
    pub(crate) leader: Option<usize>,
}

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) state: ServerState,
    /// How long the log was when it last knew.
    known: usize,
    pending: Vec<Record>,
    held: Vec<Output>,
    /// What the operator has said and is not durable yet.
    heard: Vec<OperatorInput>,
    pub(crate) life: u32,
    pub(crate) clock: NodeClock,
    pub(crate) armed: Armed,
}

/// What a server is.
#[derive(Debug)]
pub(crate) enum ServerState {
    Down,
    /// It knows nothing and says so.
    Follows(Box<Exchange>),
    /// It leads, as it believes.
    Leads(Box<Exchange>),
}

/// What a server did.
#[derive(Debug, Default)]
pub(crate) struct Did {
    /// What takes effect now.
    pub(crate) now: Vec<Output>,
    /// Whether it has to append.
    pub(crate) writes: bool,
}

/// What came of an attempt to append.
#[derive(Debug)]
pub(crate) enum Appended {
    /// The records are in the log; what takes effect now.
    Done(Vec<Output>),
    /// Another one has written: this server follows now. What the operator said to it is not in
    /// the log, and whether it was about to begin to lead.
    Refused(Vec<OperatorInput>, bool),
    /// There was nothing.
    Nothing,
}

impl Log {
    pub(crate) fn new(config: ExchangeConfig) -> Self {
        Self {
            len: 0,
            fresh: VecDeque::new(),
            fold: Exchange::new(config),
            refreshed: Instant::ZERO,
            leader: None,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn fold(&self) -> &Exchange {
        &self.fold
    }

    fn append(&mut self, known: usize, records: Vec<Record>) -> Result<usize, Vec<Record>> {
        if known != self.len {
            return Err(records);
        }
        self.len += records.len();
        self.fresh.extend(records);
        Ok(self.len)
    }

    /// Folds the next record that was appended; returns it with the fold that it is part of.
    pub(crate) fn fold_next(&mut self) -> Option<(Record, &Exchange)> {
        let record = self.fresh.pop_front()?;
        self.fold.restore(record.clone());
        Some((record, &self.fold))
    }
}

impl Server {
    pub(crate) fn new(config: ExchangeConfig, clock: NodeClock) -> Self {
        Self {
            state: ServerState::Follows(Box::new(Exchange::new(config))),
            known: 0,
            pending: Vec::new(),
            held: Vec::new(),
            heard: Vec::new(),
            life: 0,
            clock,
            armed: Armed::default(),
        }
    }

    pub(crate) const fn is_up(&self) -> bool {
        !matches!(self.state, ServerState::Down)
    }

    pub(crate) const fn leads(&self) -> bool {
        matches!(self.state, ServerState::Leads(_))
    }

    pub(crate) fn machine(&self) -> Option<&Exchange> {
        match &self.state {
            ServerState::Down => None,
            ServerState::Follows(machine) | ServerState::Leads(machine) => Some(machine),
        }
    }

    /// Returns whether everything that it has recorded is in the log.
    pub(crate) const fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }

    /// Begins to lead: as the fold over the log, in a term of its own.
    pub(crate) fn lead(&mut self, world: Instant, log: &Log) -> Did {
        if matches!(self.state, ServerState::Down) {
            return Did::default();
        }
        self.forget();
        self.known = log.len;
        self.state = ServerState::Leads(Box::new(log.fold.clone()));
        let term = Term(log.fold.term().0.saturating_add(1));
        self.give(world, |exchange, now| exchange.handle(now, Input::Lead(term)))
    }

    /// It is started again, and follows; returns whether it was down.
    pub(crate) fn restart(&mut self, config: ExchangeConfig) -> bool {
        let down = matches!(self.state, ServerState::Down);
        if down {
            self.state = ServerState::Follows(Box::new(Exchange::new(config)));
        }
        down
    }

    /// The operator of the fleet says something to the leader.
    pub(crate) fn hear(&mut self, world: Instant, said: OperatorInput) -> Did {
        self.heard.push(said.clone());
        self.give(world, |exchange, now| exchange.handle(now, Input::Operator(said)))
    }

    /// Lets it do something, unless it is down.
    pub(crate) fn give(
        &mut self,
        world: Instant,
        give: impl FnOnce(&mut Exchange, Instant),
    ) -> Did {
        let mut did = Did::default();
        let now = self.clock.read(world);
        let (exchange, leads) = match &mut self.state {
            ServerState::Down => return did,
            ServerState::Follows(exchange) => (exchange, false),
            ServerState::Leads(exchange) => (exchange, true),
        };
        give(exchange, now);
        let idle = self.pending.is_empty();
        while let Some(output) = exchange.poll_output() {
            match output {
                // Who does not lead writes nothing.
                Out::Record(_) if !leads => {}
                Out::Record(record) => self.pending.push(record),
                Out::Do(output) if self.pending.is_empty() => did.now.push(output),
                Out::Do(output) => self.held.push(output),
            }
        }
        did.writes = idle && !self.pending.is_empty();
        did
    }

    /// Appends what it has recorded, if nobody else has appended meanwhile.
    pub(crate) fn append(&mut self, life: u32, log: &mut Log, config: ExchangeConfig) -> Appended {
        if life != self.life || self.pending.is_empty() {
            return Appended::Nothing;
        }
        match log.append(self.known, core::mem::take(&mut self.pending)) {
            Ok(known) => {
                self.known = known;
                self.heard.clear();
                Appended::Done(core::mem::take(&mut self.held))
            }
            Err(records) => {
                let leads = records.iter().any(|record| matches!(record.change, Change::Lead(_)));
                Appended::Refused(self.follow(config), leads)
            }
        }
    }

    /// It leads no more; returns what the operator has said to it in vain.
    pub(crate) fn follow(&mut self, config: ExchangeConfig) -> Vec<OperatorInput> {
        self.state = ServerState::Follows(Box::new(Exchange::new(config)));
        self.forget()
    }

    /// It loses its power; of what it was about to append nothing or all gets into the log.
    /// Returns what the operator has said to it, perhaps in vain.
    pub(crate) fn crash(&mut self, log: &mut Log, lucky: bool) -> Vec<OperatorInput> {
        let pending = core::mem::take(&mut self.pending);
        if lucky {
            // Refused: then nothing gets into the log.
            drop(log.append(self.known, pending));
        }
        self.state = ServerState::Down;
        self.forget()
    }

    fn forget(&mut self) -> Vec<OperatorInput> {
        self.pending.clear();
        self.held.clear();
        self.life = self.life.wrapping_add(1);
        core::mem::take(&mut self.heard)
    }

    /// Returns when it wants to be woken, in the world's time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            ServerState::Leads(exchange) => Some(self.clock.when(exchange.poll_timeout()?.0)),
            ServerState::Down | ServerState::Follows(_) => None,
        }
    }
}
