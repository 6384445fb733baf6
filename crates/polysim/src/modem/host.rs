//! What is around the modem machine: its line, those who ask, and those who listen.

use super::call::CallProgress;
use super::events::Event;
use super::line::{Heard, Line, Waited};
use super::text::{ReceivedText, TextContent};
use super::{ModemStatus, Shared};
use crate::runner::Environment;
use polysim_at::{CallDirection, CallState};
use polysim_base::{Duration, Instant};
use polysim_hal::Clock;
use polysim_modem::{
    CallEnd, CallId, CallInfo, Modem as Machine, ModemCommand, ModemError, ModemEvent, ModemInput,
    ModemOutput, Reply, StatusReportReceived, TextId,
};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Most requests that wait for the task of a modem; who asks then waits for room.
pub(super) const REQUESTS_MAX: usize = 32;
/// Most commands that the machine has at a time: what it refuses beyond waits here instead.
const COMMANDS_MAX: usize = 32;
/// Most texts, and reports, that are kept for readers. What the machine keeps until it is
/// confirmed is far less; only what a modem acknowledges by itself can reach this.
const KEPT_MAX: usize = 1_024;
/// How long what is under way may take after the modem was closed.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// What handles ask of the task of a modem.
#[derive(Debug)]
pub(super) enum Request {
    Ask { command: ModemCommand, reply: oneshot::Sender<Result<Answer, ModemError>> },
    Recorded(Vec<TextId>),
    Close,
}

/// What became of a command.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    /// The call that was dialled.
    pub(super) call: Option<watch::Receiver<CallProgress>>,
}

type Asked = oneshot::Sender<Result<Answer, ModemError>>;

/// What is around the modem machine.
pub(super) struct Host {
    line: Line,
    clock: Arc<dyn Clock>,
    requests: mpsc::Receiver<Request>,
    inputs: VecDeque<ModemInput>,
    asked: Vec<(u64, Asked)>,
    done: Vec<(Asked, Result<Answer, ModemError>)>,
    next_id: u64,
    close_by: Option<Instant>,
    shared: Arc<Shared>,
    status: watch::Sender<ModemStatus>,
    told: ModemStatus,
    /// PDUs of parts until their text is whole.
    parts: BTreeMap<TextId, Vec<u8>>,
    calls: BTreeMap<CallId, (u64, watch::Sender<CallProgress>)>,
}

impl Host {
    pub(super) fn new(
        line: Line,
        clock: Arc<dyn Clock>,
        requests: mpsc::Receiver<Request>,
        shared: Arc<Shared>,
        status: watch::Sender<ModemStatus>,
    ) -> Self {
        Self {
            line,
            clock,
            requests,
            inputs: VecDeque::new(),
            asked: Vec::new(),
            done: Vec::new(),
            next_id: 0,
            close_by: None,
            shared,
            status,
            told: ModemStatus::default(),
            parts: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Takes what a handle asks; `None` when there is no handle any more.
    fn take(&mut self, request: Option<Request>) {
        match request {
            Some(Request::Ask { command, reply }) => {
                self.next_id = self.next_id.wrapping_add(1);
                self.asked.push((self.next_id, reply));
                self.inputs.push_back(ModemInput::Command { id: self.next_id, command });
            }
            Some(Request::Recorded(ids)) => {
                self.inputs.extend(ids.into_iter().map(ModemInput::Recorded));
            }
            // What was asked before is still served.
            Some(Request::Close) => self.requests.close(),
            None => self.close_by = Some(self.clock.now().plus(CLOSE_PATIENCE)),
        }
    }

    /// Waits for something from the line, or for a request.
    async fn wait(&mut self) {
        // While the port is gone, the machine refuses at once.
        let room = !self.line.is_open() || self.asked.len() < COMMANDS_MAX;
        let takes = self.close_by.is_none() && room;
        tokio::select! {
            biased;
            request = self.requests.recv(), if takes => self.take(request),
            () = sleep_until(&*self.clock, self.close_by), if self.close_by.is_some() => {}
            waited = self.line.wait() => self.hear(waited).await,
        }
    }

    async fn hear(&mut self, waited: Waited) {
        let Some(heard) = self.line.hear(waited).await else { return };
        match &heard {
            Heard::Bytes(_) => {}
            Heard::Lost(kind) => self.shared.hub.tell(&Event::PortLost(*kind)),
            Heard::Opened => self.shared.hub.tell(&Event::PortOpened),
        }
        self.inputs.push_back(heard.into());
    }

    fn command_done(&mut self, id: u64, outcome: Result<Reply, ModemError>) {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) else { return };
        let (_, asked) = self.asked.swap_remove(at);
        let answer = outcome.map(|reply| {
            let call =
                if let Reply::Dialled(call) = reply { Some(self.dialled(call)) } else { None };
            Answer { reply, call }
        });
        self.done.push((asked, answer));
    }

    fn told(&mut self, event: ModemEvent) {
        match event {
            ModemEvent::TextReceived(part) => {
                self.parts.insert(part.id, part.pdu);
                while self.parts.len() > KEPT_MAX {
                    self.parts.pop_first();
                }
            }
            ModemEvent::Text(text) => {
                let text = *text;
                let whole = TextContent::Whole(text.body);
                self.keep(text.parts, Some((text.from, Some(text.timestamp))), whole);
            }
            ModemEvent::TextIncomplete(text) => {
                let content = TextContent::Incomplete { total: text.total };
                self.keep(text.parts, Some((text.from, None)), content);
            }
            ModemEvent::UnreadableText(text) => {
                self.parts.insert(text.id, text.pdu);
                self.keep(vec![text.id], None, TextContent::Unreadable);
            }
            ModemEvent::StatusReport(report) => self.reported(*report),
            ModemEvent::Incoming(call) => {
                self.call_is((*call).clone());
                self.shared.hub.tell(&Event::Modem(ModemEvent::Incoming(call)));
            }
            ModemEvent::CallState(call) => {
                self.call_is((*call).clone());
                self.shared.hub.tell(&Event::Modem(ModemEvent::CallState(call)));
            }
            ModemEvent::CallEnded { call, cause } => {
                self.call_ended(call, cause);
                self.shared.hub.tell(&Event::Modem(event));
            }
            ModemEvent::Ready(_)
            | ModemEvent::Registration(_)
            | ModemEvent::Ussd { .. }
            | ModemEvent::NetworkTime { .. }
            | ModemEvent::NotReady(_)
            | ModemEvent::Reset
            | ModemEvent::Unresponsive
            | ModemEvent::Responsive
            | ModemEvent::PinRequired { .. } => self.shared.hub.tell(&Event::Modem(event)),
        }
    }

    fn keep(
        &mut self,
        ids: Vec<TextId>,
        from: Option<(polysim_sms::Address, Option<polysim_sms::Timestamp>)>,
        content: TextContent,
    ) {
        let pdus = ids.iter().filter_map(|id| self.parts.remove(id)).collect();
        if self.shared.texts.len() >= KEPT_MAX {
            return self.shared.hub.tell(&Event::TextLost);
        }
        let (from, timestamp) = from.unzip();
        let timestamp = timestamp.flatten();
        self.shared.texts.put(Arc::new(ReceivedText { from, timestamp, content, pdus, ids }));
    }

    fn reported(&mut self, report: StatusReportReceived) {
        let id = report.id;
        self.shared.hub.tell(&Event::Modem(ModemEvent::StatusReport(Box::new(report.clone()))));
        if self.shared.reports.readers() > 0 && self.shared.reports.len() < KEPT_MAX {
            self.shared.reports.put(Arc::new(report));
        } else {
            self.inputs.push_back(ModemInput::Recorded(id));
        }
    }

    fn call_is(&mut self, info: CallInfo) {
        let id = info.call;
        match self.calls.get(&id) {
            Some((_, progress)) => progress.send_modify(|progress| progress.info = info),
            None => {
                let (sender, progress) = watch::channel(CallProgress { info, ended: None });
                let number = self.shared.calls.put(progress);
                self.calls.insert(id, (number, sender));
            }
        }
    }

    fn call_ended(&mut self, call: CallId, cause: CallEnd) {
        let Some((number, progress)) = self.calls.remove(&call) else { return };
        progress.send_modify(|progress| progress.ended = Some(cause));
        self.shared.calls.take(number);
    }

    fn dialled(&mut self, call: CallId) -> watch::Receiver<CallProgress> {
        if let Some((_, progress)) = self.calls.get(&call) {
            return progress.subscribe();
        }
        let (direction, state) = (CallDirection::Originated, CallState::Dialing);
        let info = CallInfo { call, direction, state, number: None };
        let (sender, progress) = watch::channel(CallProgress { info, ended: None });
        let number = self.shared.calls.put(progress.clone());
        self.calls.insert(call, (number, sender));
        progress
    }
}

async fn sleep_until(clock: &dyn Clock, at: Option<Instant>) {
    if let Some(at) = at {
        clock.sleep_until(at).await;
    }
}

impl Environment<Machine> for Host {
    type Failure = Infallible;

    fn settled(&mut self, machine: &Machine) -> bool {
        let now = ModemStatus {
            port_open: self.line.is_open(),
            ready: machine.is_ready(),
            identity: machine.identity(),
            registration: machine.registration(),
            card_life: machine.card_life(),
        };
        if now != self.told {
            self.told = now;
            self.status.send_replace(now);
        }
        for (asked, answer) in self.done.drain(..) {
            // Who does not wait any more is not told.
            drop(asked.send(answer));
        }
        let closes = self.close_by.is_some_and(|by| {
            let nothing_left = self.inputs.is_empty() && machine.is_idle();
            nothing_left || by <= self.clock.now()
        });
        !closes
    }

    async fn next(&mut self) -> Option<ModemInput> {
        loop {
            if let Some(input) = self.inputs.pop_front() {
                return Some(input);
            }
            if self.close_by.is_some_and(|by| by <= self.clock.now()) {
                return None;
            }
            let closing = self.close_by.is_some();
            self.wait().await;
            if !closing && self.close_by.is_some() && self.inputs.is_empty() {
                // Closed now: whether anything is left to be done is seen by the machine.
                return Some(ModemInput::Bytes(Vec::new()));
            }
        }
    }

    async fn perform(&mut self, output: ModemOutput) {
        match output {
            ModemOutput::Bytes(bytes) => self.line.write(&bytes).await,
            ModemOutput::Done { id, outcome } => self.command_done(id, outcome),
            ModemOutput::Event(event) => self.told(event),
        }
    }

    async fn record(&mut self, records: Vec<Infallible>) -> Result<(), Infallible> {
        match records.into_iter().next() {
            Some(record) => match record {},
            None => Ok(()),
        }
    }
}
