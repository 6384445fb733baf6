//! The line to the modem: one command in flight, its answer told from everything else.

mod request;

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{FinalResult, HostItem, HostReader, Urc};
use polysim_base::{Duration, Instant, Queue};

pub(crate) use request::{Accept, Answer, Outcome, Request};
use request::{Flight, Phase, is_hex};

use crate::{
    Deadlines, ModemOutput, Timer,
    counters::{Counters, count},
};

/// How often `AT` is tried before the modem counts as unresponsive.
const RESYNC_ATTEMPTS: u8 = 3;
const ESC_AT: &[u8] = b"\x1BAT\r";
const AT: &[u8] = b"AT\r";

/// Lines that a modem gives when it starts, and at no other time.
const BOOT_LINES: &[&[u8]] =
    &[b"RDY", b"^SYSSTART", b"*ATREADY: 1", b"START", b"APP RDY", b"NORMAL POWER ON"];

fn is_boot_line(line: &[u8]) -> bool {
    BOOT_LINES.contains(&line)
}

/// A deadline that is later than `now`, whatever the configuration says.
pub(crate) fn later(now: Instant, wait: Duration) -> Instant {
    now.plus(wait.max(Duration::from_micros(1)))
}

/// What the line has for the machine.
#[derive(Debug)]
pub(crate) enum Heard<'a> {
    /// Nothing to act upon.
    Nothing,
    /// What was sent, repeated.
    Echo,
    /// The answer to the command in flight.
    Answer(Answer),
    /// An unsolicited result.
    Urc(Urc),
    /// An unsolicited result with its PDU line.
    Pdu(PduUrc, &'a [u8]),
    /// A call was released.
    Released(FinalResult),
    /// The modem started anew.
    Reset(Option<Answer>),
    /// The modem does not answer at all any more.
    Silent,
    /// It answers again.
    Alive,
}

/// An unsolicited result whose PDU is the next line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PduUrc {
    /// `+CMT`, with the octets of the TPDU.
    Deliver(u16),
    /// `+CDS`, with the octets of the TPDU.
    Report(u16),
    /// `+CBM`.
    Broadcast,
}

#[derive(Clone, Debug)]
enum State {
    /// The port is closed.
    Closed,
    /// Ready for a command.
    Idle,
    /// A command is in flight.
    Waiting(Box<Flight>),
    /// `AT` was sent to see whether the modem answers.
    Resync { attempt: u8 },
    /// An answer may still come late.
    Settle,
    /// Nothing is to be sent for a while.
    Guard {
        /// The modem is starting: what it says of that is no news.
        starting: bool,
    },
    /// The modem did not answer: it is probed now and then.
    Silent,
}

/// The line to the modem.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    reader: HostReader,
    state: State,
    due: Instant,
    /// Final results of given-up commands that may still come.
    owed: u8,
    awaited_pdu: Option<PduUrc>,
    /// Something was sent since the port was opened.
    spoke: bool,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self {
            reader: HostReader::default(),
            state: State::Idle,
            due: Instant::MAX,
            owed: 0,
            awaited_pdu: None,
            spoke: false,
        }
    }

    /// Whether a command can be sent.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Whether nothing was sent since the port was opened.
    pub(crate) const fn is_fresh(&self) -> bool {
        self.is_idle() && !self.spoke
    }

    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    pub(crate) const fn is_silent(&self) -> bool {
        matches!(self.state, State::Silent)
    }

    pub(crate) const fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let timer = match &self.state {
            State::Closed | State::Idle => return None,
            State::Waiting(flight) => match flight.phase {
                Phase::Prompt(_) => Timer::Prompt,
                Phase::Final { .. } => Timer::FinalResult,
            },
            State::Resync { .. } => Timer::Resync,
            State::Settle => Timer::Settle,
            State::Guard { .. } => Timer::ResetGuard,
            State::Silent => Timer::Probe,
        };
        Some((self.due, timer))
    }

    /// Sends a command; only while idle.
    pub(crate) fn send(&mut self, now: Instant, request: Request, out: &mut Queue<ModemOutput>) {
        debug_assert!(self.is_idle(), "one command in flight");
        self.due = later(now, request.deadline);
        let (line, flight) = Flight::new(request);
        self.state = State::Waiting(Box::new(flight));
        self.spoke = true;
        out.push(ModemOutput::Bytes(line));
    }

    /// Sends nothing for a while; only while idle.
    pub(crate) fn rest_until(&mut self, due: Instant) {
        self.state = State::Guard { starting: false };
        self.due = due;
    }

    /// The port is open anew: nothing that was sent before will be answered.
    pub(crate) fn open(&mut self) -> Option<Answer> {
        let answer = self.give_up(Outcome::Reset);
        self.reader.clear();
        self.state = State::Idle;
        self.owed = 0;
        self.awaited_pdu = None;
        self.spoke = false;
        answer
    }

    /// The port is lost.
    pub(crate) fn close(&mut self) -> Option<Answer> {
        let answer = self.give_up(Outcome::PortLost);
        self.state = State::Closed;
        answer
    }

    /// The modem is about to start anew.
    pub(crate) fn restart(&mut self, now: Instant, deadlines: &Deadlines) -> Option<Answer> {
        let answer = self.give_up(Outcome::Reset);
        self.owed = 0;
        self.awaited_pdu = None;
        self.state = State::Guard { starting: true };
        self.due = later(now, deadlines.reset_guard);
        answer
    }

    fn give_up(&mut self, outcome: Outcome) -> Option<Answer> {
        match core::mem::replace(&mut self.state, State::Idle) {
            State::Waiting(flight) => Some(flight.answered(outcome)),
            State::Closed
            | State::Idle
            | State::Resync { .. }
            | State::Settle
            | State::Guard { .. }
            | State::Silent => None,
        }
    }

    /// Takes bytes off the front of `input` up to the next thing to act upon; `None` when all of
    /// `input` is used up.
    pub(crate) fn hear<'s, 'i: 's>(
        &'s mut self,
        now: Instant,
        input: &mut &'i [u8],
        deadlines: &Deadlines,
        counters: &mut Counters,
        out: &mut Queue<ModemOutput>,
    ) -> Option<Heard<'s>> {
        if self.is_closed() {
            *input = &[];
            return None;
        }
        let Self { reader, state, due, owed, awaited_pdu, spoke } = self;
        let item = reader.read(input, &[])?;
        let mut line_state = LineState { now, state, due, owed, awaited_pdu, deadlines, counters };
        Some(match item {
            HostItem::Line(line) => {
                let heard = line_state.line(line);
                if matches!(heard, Heard::Reset(_)) && !*spoke {
                    // It just came up, and nothing was lost.
                    *line_state.state = State::Idle;
                }
                heard
            }
            HostItem::Result(result) => line_state.result(result),
            HostItem::Prompt => {
                line_state.prompt(out);
                Heard::Nothing
            }
            HostItem::LineTooLong { .. } => {
                line_state.line_too_long();
                Heard::Nothing
            }
        })
    }

    /// Serves the deadline if it is due.
    pub(crate) fn expire(
        &mut self,
        now: Instant,
        deadlines: &Deadlines,
        counters: &mut Counters,
        out: &mut Queue<ModemOutput>,
    ) -> Heard<'static> {
        if self.due > now {
            return Heard::Nothing;
        }
        match core::mem::replace(&mut self.state, State::Idle) {
            State::Closed => self.state = State::Closed,
            State::Idle | State::Settle | State::Guard { .. } => {}
            State::Waiting(flight) => {
                count(&mut counters.timeouts);
                let escape = !matches!(flight.phase, Phase::Final { submitted: false });
                self.owed = self.owed.saturating_add(1);
                self.probe(now, 1, escape, deadlines, out);
                return Heard::Answer(flight.answered(Outcome::Timeout));
            }
            State::Resync { attempt } if attempt < RESYNC_ATTEMPTS => {
                self.probe(now, attempt.saturating_add(1), true, deadlines, out);
            }
            State::Resync { .. } => {
                self.state = State::Silent;
                self.due = later(now, deadlines.probe);
                return Heard::Silent;
            }
            State::Silent => {
                self.state = State::Silent;
                self.due = later(now, deadlines.probe);
                out.push(ModemOutput::Bytes(ESC_AT.to_vec()));
            }
        }
        Heard::Nothing
    }

    fn probe(
        &mut self,
        now: Instant,
        attempt: u8,
        escape: bool,
        deadlines: &Deadlines,
        out: &mut Queue<ModemOutput>,
    ) {
        self.owed = self.owed.saturating_add(1);
        self.state = State::Resync { attempt };
        self.due = later(now, deadlines.resync);
        // ESC ends an entry at the prompt, and is nothing elsewhere (TS 27.005, 3.5.1).
        out.push(ModemOutput::Bytes(if escape { ESC_AT } else { AT }.to_vec()));
    }
}

/// The parts of a [`Link`] that an item acts upon, without its reader, which the item borrows.
struct LineState<'l> {
    now: Instant,
    state: &'l mut State,
    due: &'l mut Instant,
    owed: &'l mut u8,
    awaited_pdu: &'l mut Option<PduUrc>,
    deadlines: &'l Deadlines,
    counters: &'l mut Counters,
}

impl LineState<'_> {
    fn line<'a>(&mut self, line: &'a [u8]) -> Heard<'a> {
        if let Some(urc) = self.awaited_pdu.take() {
            if is_hex(line) {
                return Heard::Pdu(urc, line);
            }
            count(&mut self.counters.malformed_lines);
        }
        if let State::Waiting(flight) = &mut *self.state {
            if flight.is_echo(line) {
                return Heard::Echo;
            }
            if flight.takes(line) {
                return Heard::Nothing;
            }
        }
        if is_boot_line(line) {
            return self.started();
        }
        match Urc::parse(line) {
            Ok(Some(Urc::Cmt(urc))) => *self.awaited_pdu = Some(PduUrc::Deliver(urc.length)),
            Ok(Some(Urc::Cds(urc))) => *self.awaited_pdu = Some(PduUrc::Report(urc.length)),
            Ok(Some(Urc::Cbm(_))) => *self.awaited_pdu = Some(PduUrc::Broadcast),
            Ok(Some(urc)) => return Heard::Urc(urc),
            Ok(None) => count(&mut self.counters.unknown_lines),
            Err(_) => count(&mut self.counters.malformed_lines),
        }
        Heard::Nothing
    }

    fn started(&mut self) -> Heard<'static> {
        *self.owed = 0;
        *self.due = later(self.now, self.deadlines.reset_guard);
        let answer = match core::mem::replace(self.state, State::Guard { starting: true }) {
            State::Waiting(flight) => Some(flight.answered(Outcome::Reset)),
            State::Guard { starting: true } => return Heard::Nothing,
            State::Closed
            | State::Idle
            | State::Resync { .. }
            | State::Settle
            | State::Guard { starting: false }
            | State::Silent => None,
        };
        Heard::Reset(answer)
    }

    fn result(&mut self, result: FinalResult) -> Heard<'static> {
        let released = match result {
            FinalResult::NoCarrier
            | FinalResult::Busy
            | FinalResult::NoAnswer
            | FinalResult::NoDialtone => true,
            FinalResult::Ok
            | FinalResult::Connect { .. }
            | FinalResult::Error
            | FinalResult::Cme(_)
            | FinalResult::Cms(_) => false,
        };
        let is_call = matches!(&*self.state, State::Waiting(flight) if flight.is_call);
        if released && !is_call {
            return Heard::Released(result);
        }
        match core::mem::replace(self.state, State::Idle) {
            State::Waiting(flight) => return self.answered(flight, result),
            // What was dropped may be the late answer, and the answer to `AT` may follow.
            State::Resync { .. } => {
                *self.owed = self.owed.saturating_sub(1);
                self.settle();
            }
            State::Settle => {
                count(&mut self.counters.late_answers);
                *self.owed = self.owed.saturating_sub(1);
                self.settle();
            }
            State::Silent => {
                *self.owed = 1;
                self.settle();
                return Heard::Alive;
            }
            State::Idle => {
                count(&mut self.counters.late_answers);
                *self.owed = self.owed.saturating_sub(1);
            }
            State::Guard { starting } => {
                count(&mut self.counters.late_answers);
                *self.state = State::Guard { starting };
            }
            State::Closed => *self.state = State::Closed,
        }
        Heard::Nothing
    }

    fn answered(&mut self, flight: Box<Flight>, result: FinalResult) -> Heard<'static> {
        let unprompted = matches!(flight.phase, Phase::Prompt(_)) && result.is_ok();
        let stale = *self.owed > 0 && result.is_ok() && flight.lacks_lines();
        if unprompted || stale {
            // The answer to an earlier command: this one cannot end so.
            count(&mut self.counters.late_answers);
            *self.owed = self.owed.saturating_sub(1);
            *self.state = State::Waiting(flight);
            return Heard::Nothing;
        }
        Heard::Answer(flight.answered(Outcome::Final(result)))
    }

    /// Waits for what is still owed, or goes on if that is nothing.
    fn settle(&mut self) {
        if *self.owed > 0 {
            *self.state = State::Settle;
            *self.due = later(self.now, self.deadlines.settle);
        }
    }

    fn prompt(&mut self, out: &mut Queue<ModemOutput>) {
        let State::Waiting(flight) = &mut *self.state else {
            count(&mut self.counters.late_answers);
            return;
        };
        match flight.prompted() {
            Some((data, deadline)) => {
                *self.due = later(self.now, deadline);
                out.push(ModemOutput::Bytes(data));
            }
            None => count(&mut self.counters.unknown_lines),
        }
    }

    fn line_too_long(&mut self) {
        count(&mut self.counters.malformed_lines);
        *self.awaited_pdu = None;
        if let State::Waiting(flight) = &mut *self.state {
            flight.overflow();
        }
    }
}

/// Copies lines out of an answer.
pub(crate) fn boxed_lines(answer: &Answer) -> Vec<Box<[u8]>> {
    answer.lines().map(Into::into).collect()
}
