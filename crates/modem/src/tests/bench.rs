//! A machine and a fake modem on one desk.

use std::{boxed::Box, string::String, sync::Arc, vec::Vec};

use polysim_base::{Instant, Machine, Out};
use polysim_sms::{Address, AtPdu, Deliver, MobileTerminated, Timestamp, UserData};

use crate::{
    Config, Modem, ModemCommand, ModemError, ModemEvent, ModemInput, ModemOutput, OutgoingText,
    Reply, Timer, testkit::FakeModem,
};

/// A machine, its modem, and everything that came of it.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    pub(super) modem: Modem,
    pub(super) fake: FakeModem,
    pub(super) now: Instant,
    /// What was sent and not yet given to the fake.
    pub(super) sent: Vec<Vec<u8>>,
    pub(super) done: Vec<(u64, Result<Reply, ModemError>)>,
    pub(super) events: Vec<ModemEvent>,
    next_id: u64,
}

impl Bench {
    pub(super) fn new(config: Config) -> Self {
        Self {
            modem: Modem::new(Arc::new(config)),
            fake: FakeModem::default(),
            now: Instant::ZERO,
            sent: Vec::new(),
            done: Vec::new(),
            events: Vec::new(),
            next_id: 0,
        }
    }

    /// A machine whose modem is initialised.
    pub(super) fn ready() -> Self {
        Self::ready_with(Config { init: crate::InitPlan::lean(), ..Config::default() })
    }

    pub(super) fn ready_with(config: Config) -> Self {
        let mut bench = Self::new(config);
        bench.command(ModemCommand::Initialise { pin: None });
        bench.run();
        assert!(bench.modem.is_ready(), "{:?}", bench.done);
        bench.clear();
        bench
    }

    pub(super) fn clear(&mut self) {
        self.done.clear();
        self.events.clear();
        self.fake.lines.clear();
    }

    pub(super) fn give(&mut self, input: ModemInput) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    pub(super) fn command(&mut self, command: ModemCommand) -> u64 {
        self.next_id += 1;
        self.give(ModemInput::Command { id: self.next_id, command });
        self.next_id
    }

    /// The modem says something.
    pub(super) fn says(&mut self, text: &str) {
        self.give(ModemInput::Bytes(text.as_bytes().to_vec()));
    }

    /// The modem starts anew; what it was sent before is lost.
    pub(super) fn reboots(&mut self) {
        self.sent.clear();
        let boot = self.fake.reboot();
        self.give(ModemInput::Bytes(boot));
    }

    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.modem.poll_output() {
            match output {
                ModemOutput::Bytes(bytes) => self.sent.push(bytes),
                ModemOutput::Done { id, outcome } => self.done.push((id, outcome)),
                ModemOutput::Event(event) => self.events.push(event),
            }
        }
    }

    /// Takes what was sent, as text.
    pub(super) fn take_sent(&mut self) -> Vec<String> {
        let sent = core::mem::take(&mut self.sent);
        sent.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }

    /// Lets the fake answer until the line is quiet; no time passes.
    pub(super) fn run(&mut self) {
        for _ in 0..10_000 {
            if self.sent.is_empty() {
                return;
            }
            let sent = self.sent.remove(0);
            let answer = self.fake.handle(&sent);
            if !answer.is_empty() {
                self.give(ModemInput::Bytes(answer));
            }
        }
        panic!("the line is never quiet");
    }

    /// Waits for the next deadline and serves it.
    pub(super) fn wait(&mut self) -> Timer {
        let (due, timer) = self.modem.poll_timeout().expect("a deadline");
        self.now = self.now.max(due);
        self.modem.handle_timeout(self.now);
        self.drain();
        if let Some((next, _)) = self.modem.poll_timeout() {
            assert!(next > self.now);
        }
        timer
    }

    /// The outcome of a command, which there is exactly one of.
    pub(super) fn outcome(&self, id: u64) -> Result<Reply, ModemError> {
        let mut outcomes = self.done.iter().filter(|(of, _)| *of == id);
        let (_, outcome) = outcomes.next().expect("an outcome");
        assert_eq!(outcomes.next(), None, "one outcome");
        outcome.clone()
    }

    pub(super) fn is_open(&self, id: u64) -> bool {
        self.done.iter().all(|(of, _)| *of != id)
    }
}

pub(super) fn number() -> Address {
    Address::international("491701234567").unwrap()
}

pub(super) fn text(text: &str) -> ModemCommand {
    ModemCommand::SendText(Box::new(OutgoingText::new(number(), text)))
}

/// The PDU line of a text that is received.
pub(super) fn deliver(user_data: UserData) -> String {
    let timestamp = Timestamp::new((26, 3, 1), (12, 0, 0), 4).unwrap();
    let deliver = Deliver::new(number(), timestamp, user_data);
    let mut line = Vec::new();
    AtPdu::new(MobileTerminated::Deliver(deliver)).write_hex(&mut line);
    String::from_utf8(line).unwrap()
}

pub(super) fn short(text: &str) -> String {
    deliver(UserData::from_text(text).unwrap())
}

/// A direct delivery: header and PDU.
pub(super) fn cmt(pdu: &str) -> String {
    std::format!("\r\n+CMT: ,{}\r\n{pdu}\r\n", pdu.len() / 2 - 1)
}
