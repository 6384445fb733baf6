//! What is around an assistant, and what goes wrong there.

use std::collections::VecDeque;
use std::string::ToString;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

use polysim_base::{Instant, Machine as _, Out};
use polysim_rsp::data::ProfileState;
use polysim_rsp::es9::Failure;

use super::card::FakeCard;
use super::server::FakeServer;
use crate::transport::CardError;
use crate::{
    CommandId, Decision, Lpa, LpaCommand, LpaConfig, LpaDone, LpaError, LpaEvent, LpaInput,
    LpaOutput, LpaRecord,
};

/// What goes wrong with one ask of the card or of a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// It does not arrive.
    LostAsk,
    /// It is done, and the answer does not arrive.
    LostAnswer,
    /// The answer comes after the next one.
    LateAnswer,
    /// It is done twice (a server) and answered twice.
    Twice,
    /// The card is reset before it is done; a server cannot be reached.
    ResetBefore,
    /// The card is reset after it is done; a server says 500.
    ResetAfter,
}

/// Most that happens in one run.
const STEPS_MAX: usize = 20_000;

pub(super) struct World {
    pub(super) lpa: Lpa,
    pub(super) card: FakeCard,
    pub(super) server: FakeServer,
    pub(super) records: Vec<LpaRecord>,
    pub(super) events: Vec<LpaEvent>,
    pub(super) resets: usize,
    /// Servers that cannot be reached.
    pub(super) down: Vec<&'static str>,
    /// By the number of the ask, over the whole run.
    pub(super) faults: Vec<(usize, Fault)>,
    /// Crashes before this output.
    pub(super) crashes: Vec<usize>,
    /// What is answered to questions.
    pub(super) decisions: VecDeque<Decision>,
    /// How a command is given up: after this many outputs.
    pub(super) cancel: Option<(usize, LpaInput)>,
    config: Arc<LpaConfig>,
    now: Instant,
    asks: usize,
    outputs: usize,
    inbox: VecDeque<LpaInput>,
    late: VecDeque<LpaInput>,
    life: u32,
    next_id: u64,
}

impl World {
    pub(super) fn new(config: LpaConfig) -> Self {
        let config = Arc::new(config);
        Self {
            lpa: Lpa::new(config.clone(), 0),
            card: FakeCard::with_profiles(1),
            server: FakeServer::default(),
            records: Vec::new(),
            events: Vec::new(),
            resets: 0,
            down: Vec::new(),
            faults: Vec::new(),
            crashes: Vec::new(),
            decisions: VecDeque::new(),
            cancel: None,
            config,
            now: Instant::ZERO,
            asks: 0,
            outputs: 0,
            inbox: VecDeque::new(),
            late: VecDeque::new(),
            life: 0,
            next_id: 0,
        }
    }

    /// Gives a command and runs until nothing is left to do; returns the last word on it.
    pub(super) fn run(&mut self, command: LpaCommand) -> Result<LpaDone, LpaError> {
        self.next_id += 1;
        let id = CommandId(self.next_id);
        loop {
            let life = self.life;
            self.give(LpaInput::Command { id, command: command.clone().into() });
            self.settle();
            // Whoever gave it gives it again after a crash, unless it is over.
            if life == self.life || self.result(id).is_some() {
                return self.result(id).expect("a command is over");
            }
        }
    }

    pub(super) fn result(&self, id: CommandId) -> Option<Result<LpaDone, LpaError>> {
        self.events.iter().rev().find_map(|event| {
            let LpaEvent::Finished { id: of, result } = event else { return None };
            (*of == id).then(|| result.clone())
        })
    }

    pub(super) fn give(&mut self, input: LpaInput) {
        self.lpa.handle(self.now, input);
        self.drain();
    }

    /// Runs until nothing is left to do.
    pub(super) fn settle(&mut self) {
        for _ in 0..STEPS_MAX {
            self.drain();
            if let Some(input) = self.inbox.pop_front() {
                self.lpa.handle(self.now, input);
            } else if let Some((due, _)) = self.lpa.poll_timeout() {
                self.now = self.now.max(due);
                self.lpa.handle_timeout(self.now);
                let next = self.lpa.poll_timeout();
                let has_output = next.is_none_or(|(at, _)| at > self.now);
                assert!(has_output, "{next:?} is not later than {:?}", self.now);
            } else {
                return;
            }
        }
        panic!("it does not come to an end");
    }

    fn drain(&mut self) {
        loop {
            if self.crashes.first() == Some(&self.outputs) {
                self.crashes.remove(0);
                return self.crash();
            }
            let Some(output) = self.lpa.poll_output() else { return };
            self.outputs += 1;
            match output {
                Out::Record(record) => self.records.push(record),
                Out::Do(output) => self.take(output),
            }
            if let Some((_, input)) = self.cancel.take_if(|(at, _)| *at == self.outputs) {
                self.inbox.push_front(input);
            }
            let enabled = |p: &&super::card::Profile| p.state == ProfileState::Enabled;
            assert!(self.card.profiles.iter().filter(enabled).count() <= 1);
        }
    }

    fn crash(&mut self) {
        self.life += 1;
        self.inbox.clear();
        let mut lpa = Lpa::new(self.config.clone(), self.life);
        self.records.iter().cloned().for_each(|record| lpa.restore(record));
        assert_eq!(lpa.poll_output(), None, "restoring gives nothing out");
        self.lpa = lpa;
    }

    fn take(&mut self, output: LpaOutput) {
        match output {
            LpaOutput::Event(event) => {
                if let LpaEvent::Asked { id, .. } = *event
                    && let Some(decision) = self.decisions.pop_front()
                {
                    self.inbox.push_back(LpaInput::Decided { id, decision });
                }
                self.events.push(*event);
            }
            LpaOutput::ResetCard => self.reset(),
            LpaOutput::Card { number, function } => {
                let fault = self.fault();
                if fault == Some(Fault::ResetBefore) {
                    self.reset();
                }
                let reply = match fault {
                    Some(Fault::LostAsk | Fault::ResetBefore) => Err(CardError::NoAnswer),
                    _ => self.card.handle(&function),
                };
                if fault == Some(Fault::ResetAfter) {
                    self.reset();
                }
                self.answer(fault, LpaInput::Card { number, reply });
            }
            LpaOutput::Server { number, address, request } => {
                let fault = self.fault();
                let is_down = self.down.iter().any(|other| **other == *address);
                let answer = match fault {
                    Some(Fault::ResetBefore) => Err(Failure::Unreachable),
                    _ if is_down => Err(Failure::Unreachable),
                    Some(Fault::LostAsk) => Err(Failure::Timeout),
                    Some(Fault::ResetAfter) => {
                        self.server.handle(&address, *request);
                        Err(Failure::Http(500))
                    }
                    Some(Fault::Twice) => {
                        let first = self.server.handle(&address, (*request).clone());
                        self.server.handle(&address, *request);
                        Ok(first)
                    }
                    _ => Ok(self.server.handle(&address, *request)),
                };
                self.answer(fault, LpaInput::Server { number, answer });
            }
        }
    }

    fn answer(&mut self, fault: Option<Fault>, input: LpaInput) {
        if let Some(late) = self.late.pop_front() {
            self.inbox.push_back(late);
        }
        match fault {
            None | Some(Fault::ResetBefore | Fault::ResetAfter) => self.inbox.push_back(input),
            Some(Fault::LostAsk | Fault::LostAnswer) => {}
            Some(Fault::LateAnswer) => self.late.push_back(input),
            Some(Fault::Twice) => self.inbox.extend(vec![input.clone(), input]),
        }
    }

    fn reset(&mut self) {
        self.resets += 1;
        self.card.reset();
        self.inbox.push_back(LpaInput::CardReset);
    }

    fn fault(&mut self) -> Option<Fault> {
        let number = self.asks;
        self.asks += 1;
        self.faults.iter().find(|(at, _)| *at == number).map(|(_, fault)| *fault)
    }

    pub(super) fn asks(&self) -> usize {
        self.asks
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// What must be so whatever has happened.
    pub(super) fn check(&self) {
        for seq in &self.card.removed {
            let taken = self.server.taken.iter().any(|(_, other)| other == seq);
            assert!(taken, "notification {seq} was removed, and no server has it");
        }
        let mut firsts: Vec<(std::string::String, u64)> = Vec::new();
        for (address, seq) in &self.server.taken {
            if firsts.iter().any(|(_, other)| other == seq) {
                continue;
            }
            let before = firsts.iter().filter(|(other, _)| other == address).map(|(_, seq)| *seq);
            assert!(before.max() < Some(*seq), "{address} got {seq} out of order");
            firsts.push((address.to_string(), *seq));
        }
        assert!(self.lpa.is_idle(), "{:?}", self.lpa);
        let mut fresh = Lpa::new(self.config.clone(), self.life);
        self.records.iter().cloned().for_each(|record| fresh.restore(record));
        assert_eq!(fresh.checkpoint(), self.lpa.checkpoint(), "what is written down is what is");
        assert!(fresh.open_order().is_none(), "no download is left open");
    }
}
