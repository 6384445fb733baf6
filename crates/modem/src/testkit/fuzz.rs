//! Bodies of fuzz targets: arbitrary bytes in, invariants asserted.

use alloc::{boxed::Box, collections::BTreeSet, sync::Arc, vec::Vec};

use polysim_at::{Command, Form, Text};
use polysim_base::{Duration, Instant, Machine, Out};
use polysim_sms::Address;

use super::FakeModem;
use crate::{
    Config, HangUp, Modem, ModemCommand, ModemEvent, ModemInput, ModemOutput, OutgoingText, TextId,
};

/// More outputs than this from one input of a few hundred bytes is a loop.
const OUTPUTS_MAX: usize = 10_000;

/// Runs one machine and keeps account of what it owes.
struct Run {
    modem: Modem,
    now: Instant,
    next_id: u64,
    open: BTreeSet<u64>,
    sent: Vec<u8>,
    texts: Vec<TextId>,
    is_ready: bool,
}

impl Run {
    fn new() -> Self {
        Self {
            modem: Modem::new(Arc::new(Config::default())),
            now: Instant::ZERO,
            next_id: 0,
            open: BTreeSet::new(),
            sent: Vec::new(),
            texts: Vec::new(),
            is_ready: false,
        }
    }

    fn give(&mut self, input: ModemInput) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    fn command(&mut self, command: ModemCommand) {
        self.next_id += 1;
        self.open.insert(self.next_id);
        self.give(ModemInput::Command { id: self.next_id, command });
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(Out::Do(output)) = self.modem.poll_output() {
            outputs += 1;
            assert!(outputs < OUTPUTS_MAX, "one input, endless outputs");
            match output {
                ModemOutput::Bytes(bytes) => self.sent.extend(bytes),
                ModemOutput::Done { id, .. } => {
                    assert!(self.open.remove(&id), "command {id} is done once");
                }
                ModemOutput::Event(event) => match event {
                    ModemEvent::TextReceived(text) => self.texts.push(text.id),
                    ModemEvent::StatusReport(report) => self.texts.push(report.id),
                    ModemEvent::UnreadableText(text) => self.texts.push(text.id),
                    ModemEvent::Ready(_) => self.is_ready = true,
                    ModemEvent::Reset => self.is_ready = false,
                    ModemEvent::Registration(_)
                    | ModemEvent::Text(_)
                    | ModemEvent::TextIncomplete(_)
                    | ModemEvent::Incoming(_)
                    | ModemEvent::CallState(_)
                    | ModemEvent::CallEnded { .. }
                    | ModemEvent::Ussd { .. }
                    | ModemEvent::NetworkTime { .. }
                    | ModemEvent::NotReady(_)
                    | ModemEvent::Unresponsive
                    | ModemEvent::Responsive
                    | ModemEvent::PinRequired { .. } => {}
                },
            }
        }
    }

    /// Serves the next deadline, as a runner does.
    fn wait(&mut self) -> bool {
        let Some((due, _)) = self.modem.poll_timeout() else { return false };
        self.now = self.now.max(due);
        self.modem.handle_timeout(self.now);
        self.drain();
        if let Some((next, _)) = self.modem.poll_timeout() {
            assert!(next > self.now, "a deadline that was served is over");
        }
        true
    }
}

fn command_of(selector: u8) -> ModemCommand {
    match selector % 8 {
        0 => ModemCommand::Initialise { pin: None },
        1 => ModemCommand::Signal,
        2 => ModemCommand::HangUp(HangUp::All),
        3 => ModemCommand::Answer,
        4 => ModemCommand::Operator,
        5 => ModemCommand::Raw(Box::new(Command::Cbc(Form::Execute))),
        6 => Text::new("*100#").map_or(ModemCommand::UssdCancel, ModemCommand::Ussd),
        _ => Address::international("491701234567").map_or(ModemCommand::Answer, |to| {
            ModemCommand::SendText(Box::new(OutgoingText::new(to, "hello".repeat(40))))
        }),
    }
}

/// A modem that says anything at all: no panic, no loop, one outcome for each command, and once
/// the modem is sane again it can be initialised.
///
/// Of the data, a byte from F0 on is an order to the run; all others are what the modem says.
///
/// # Panics
/// When an invariant does not hold.
pub fn fuzz_modem_host(data: &[u8]) {
    let mut run = Run::new();
    run.command(ModemCommand::Initialise { pin: None });
    let mut said = Vec::new();
    for &byte in data {
        if byte < 0xF0 {
            said.push(byte);
            continue;
        }
        run.give(ModemInput::Bytes(core::mem::take(&mut said)));
        match byte {
            0xF0..=0xF7 => run.command(command_of(byte)),
            0xF8..=0xFA => {
                run.wait();
            }
            0xFB => run.give(ModemInput::PortLost),
            0xFC | 0xFD => run.give(ModemInput::PortOpened),
            0xFE => {
                for id in core::mem::take(&mut run.texts) {
                    run.give(ModemInput::Recorded(id));
                }
            }
            _ => run.now = run.now.plus(Duration::from_secs(1)),
        }
    }
    run.give(ModemInput::Bytes(said));
    becomes_sane(&mut run);
}

/// From here on the modem behaves: it is made ready, and nothing is left open.
fn becomes_sane(run: &mut Run) {
    const ROUNDS_MAX: usize = 2_000;
    let mut fake = FakeModem::default();
    // What was sent before is lost, and whatever line was begun ends here.
    run.sent.clear();
    run.give(ModemInput::PortOpened);
    run.give(ModemInput::Bytes(b"\r\n".to_vec()));
    run.is_ready = run.modem.is_ready();
    run.command(ModemCommand::Initialise { pin: None });
    for _ in 0..ROUNDS_MAX {
        if run.is_ready && run.open.is_empty() {
            return;
        }
        let sent = core::mem::take(&mut run.sent);
        let answer = fake.handle(&sent);
        if answer.is_empty() {
            run.wait();
        } else {
            run.give(ModemInput::Bytes(answer));
        }
    }
    let (open, ready) = (run.open.len(), run.is_ready);
    assert!(ready && open == 0, "the modem is sane, and {open} commands are open (ready: {ready})");
}
