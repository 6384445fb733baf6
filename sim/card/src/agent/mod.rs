//! An agent at the level of the card's operating system: it lives beside the profiles, survives
//! their switches and every reset, and reaches the world over the toolkit of the terminal.
//!
//! What it records is durable, a step each. At each reset it begins anew from that; what it has under
//! way with the terminal is gone.

mod config;
pub mod frame;
mod line;
mod session;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use polysim_apdu::Status;
use polysim_base::{Duration, Instant, Machine as _, Out, Plmn};
use polysim_cat::{
    Command, Envelope, EventData, Message, NetworkRejected, ProactiveCommand, SmsPpDownload,
    TerminalProfile, TerminalResponse,
};
use polysim_lpa::transport::{CardError, Refusal};
use polysim_lpa::{AskNumber, Lpa};
use polysim_rsp::es9::{self, Failure};
use polysim_sms::{MobileTerminated, Rp, Tpdu as _};
use polysim_steering::agent::{Agent, AgentEvent, AgentInput, AgentOutput, AgentRecord, Bearer};

pub use config::{AgentSetup, AgentSite, Place};
use line::LineState;
use session::{Asked, Session};

use crate::card::Card;
use crate::toolkit::Owner;

/// The most that agents tell and nobody has taken: then the oldest is forgotten.
const EVENTS_MAX: usize = 64;
/// The most records in a journal: of more, only the few are kept that stand for all.
const JOURNAL_MAX: usize = 64;
/// For how long no connection is tried where there was no way to open one.
const NO_DATA: Duration = Duration::from_secs(600);
/// The longest frame that fits into one text.
const TEXT_MAX: usize = polysim_steering::wire::TEXT_LEN_MAX;

/// The lines of an agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lines {
    /// To the management platform.
    Platform,
    /// To an SM-DP+.
    Server,
}

/// What reaches an agent from its terminal.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// The card was reset.
    Reset,
    /// TERMINAL PROFILE.
    Profile(TerminalProfile),
    /// To what was asked; `None` where the terminal does not know that.
    Response(Option<Box<TerminalResponse>>),
    /// ENVELOPE.
    Envelope(Box<Envelope>),
}

/// An agent and its surroundings.
#[derive(Debug)]
pub(crate) struct Resident {
    setup: AgentSetup,
    /// What it has recorded, and how often it has begun: durable.
    journal: Vec<AgentRecord>,
    lives: u32,
    /// Made anew at each reset, and taken out while it runs.
    agent: Option<Box<Agent>>,
    session: Box<Session>,
    events: VecDeque<AgentEvent>,
}

impl Resident {
    fn tell(&mut self, event: AgentEvent) {
        if self.events.len() >= EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    fn begin(&mut self) {
        self.lives = self.lives.wrapping_add(1);
        let assistant = Lpa::new(self.setup.assistant.clone(), self.lives);
        let (identity, config) = (self.setup.identity.clone(), self.setup.config.clone());
        let mut agent = Agent::new(identity, config, assistant);
        self.journal.iter().for_each(|record| agent.restore(record.clone()));
        self.agent = Some(Box::new(agent));
        *self.session = Session::default();
        self.session.inbox.push_back(Heard::Reset);
    }

    /// Carries out what the agent wants of the terminal.
    fn carry_out(&mut self, output: AgentOutput) {
        match output {
            AgentOutput::Locate { visible } => {
                self.session.locating = Some(visible || self.session.locating == Some(true));
            }
            AgentOutput::Send { bearer, frame } => self.send(bearer, frame),
            AgentOutput::Restart => self.session.restart = true,
            AgentOutput::Server { number, address, request } => {
                self.ask_server(number, &address, &request);
            }
            AgentOutput::Tell(event) => self.tell(event),
            // The card itself does that.
            AgentOutput::Card { .. } => {}
        }
    }

    fn send(&mut self, bearer: Bearer, frame: Vec<u8>) {
        match bearer {
            Bearer::Text => self.session.text(frame),
            Bearer::Data => {
                let octets = frame::with_length(&frame);
                self.session.platform.say(self.setup.site.platform, &octets);
                self.session.frame = frame;
            }
        }
    }

    fn ask_server(&mut self, number: AskNumber, address: &str, request: &es9::Request) {
        let session = &mut self.session;
        session.request = Some(number);
        match self.setup.site.servers.get(address) {
            Some(place) => {
                let octets = frame::put_request(number.0, request);
                session.server.say(*place, &octets);
            }
            // The name server does not know it. The agent is told as by a line that fails.
            None => session.server.hang_up(),
        }
    }

    /// Returns whether a request waits that can never be answered.
    fn is_in_vain(&self) -> bool {
        self.session.request.is_some() && self.session.server.is_idle()
    }
}

impl Card {
    /// Puts an agent on the card, which begins at its next reset.
    pub fn host_agent(&mut self, setup: AgentSetup) {
        let resident = Resident {
            setup,
            journal: Vec::new(),
            lives: 0,
            agent: None,
            session: Box::default(),
            events: VecDeque::new(),
        };
        self.set_resident(resident);
    }

    /// Returns the agent on the card, while that has power.
    #[must_use]
    pub fn agent(&self) -> Option<&Agent> {
        self.rare.as_ref()?.resident.as_ref()?.agent.as_deref()
    }

    /// Takes what the agent told first, if anything.
    pub fn take_agent_event(&mut self) -> Option<AgentEvent> {
        self.resident()?.events.pop_front()
    }

    fn resident(&mut self) -> Option<&mut Resident> {
        self.rare.as_mut()?.resident.as_deref_mut()
    }

    /// Tells the agent something, if there is one: it hears of it before the command at hand is
    /// answered, or with the next one.
    pub(crate) fn tell_agent(&mut self, heard: impl FnOnce() -> Heard) {
        if let Some(resident) = self.resident() {
            let heard = heard();
            resident.session.inbox.push_back(heard);
        }
    }

    /// The card starts anew, and so does the agent.
    pub(crate) fn reset_agent(&mut self) {
        if let Some(resident) = self.resident() {
            resident.begin();
        }
    }

    /// The card has no power: nothing runs on it.
    pub(crate) fn stop_agent(&mut self) {
        if let Some(resident) = self.resident() {
            resident.agent = None;
            *resident.session = Session::default();
        }
    }

    pub(crate) fn agent_waits(&self) -> bool {
        let resident = self.rare.as_ref().and_then(|rare| rare.resident.as_ref());
        resident.is_some_and(|resident| !resident.session.inbox.is_empty())
    }

    /// Lets the agent hear one thing, or ask the terminal for one; returns whether there was any.
    pub(crate) fn serve_agent(&mut self, now: Instant) -> bool {
        let Some(resident) = self.resident() else { return false };
        if let Some(heard) = resident.session.inbox.pop_front() {
            self.hear(now, heard);
            return true;
        }
        if resident.is_in_vain() {
            self.server_fails(now);
            return true;
        }
        self.ask_terminal(now)
    }

    fn ask_terminal(&mut self, now: Instant) -> bool {
        if !self.terminal_profile_seen || self.has_waiting(Owner::Agent) {
            return false;
        }
        let Some(resident) = self.resident().filter(|it| it.session.asked.is_none()) else {
            return false;
        };
        let deadline = resident.agent.as_ref().and_then(|agent| agent.poll_timeout());
        let deadline = deadline.map(|(at, _)| at);
        let site = resident.setup.site.clone();
        let Some((asked, command)) = resident.session.next(now, &site, deadline) else {
            return false;
        };
        self.ask(asked, command)
    }

    fn ask(&mut self, asked: Asked, command: Command) -> bool {
        // A queue that is full empties, and then it is asked.
        let room = self.queue_command(Owner::Agent, ProactiveCommand::new(1, command));
        if let Some(resident) = self.resident().filter(|_| room) {
            resident.session.asked = Some(asked);
        }
        room
    }

    fn hear(&mut self, now: Instant, heard: Heard) {
        match heard {
            Heard::Reset => {
                self.give(now, AgentInput::Started);
                // Who has begun may want the reset that has just been.
                if let Some(resident) = self.resident() {
                    resident.session.restart = false;
                }
                self.give(now, AgentInput::Reset);
            }
            Heard::Profile(profile) => {
                if let Some(resident) = self.resident() {
                    resident.session.profile = Some(profile);
                }
            }
            Heard::Response(response) => self.hear_response(now, response.as_deref()),
            Heard::Envelope(envelope) => self.hear_envelope(now, &envelope),
        }
    }

    fn hear_response(&mut self, now: Instant, response: Option<&TerminalResponse>) {
        let Some(resident) = self.resident() else { return };
        let session = &mut resident.session;
        match session.asked.take() {
            Some(Asked::Events) => session.events_are_set(),
            Some(Asked::Line(line, asked)) => {
                let state = session.line(line).answered(asked, response);
                self.line_is(now, line, state);
            }
            Some(Asked::Serving) => match session.served(response) {
                Some(command) => drop(self.ask(Asked::Around, command)),
                None => self.located(now, None),
            },
            Some(Asked::Around) => self.located(now, response),
            Some(Asked::Timer(at)) => session.armed = Some(at),
            // The terminal resets the card, and then this is not answered.
            Some(Asked::Restart) => session.restart = false,
            Some(Asked::Text) | None => {}
        }
    }

    fn located(&mut self, now: Instant, response: Option<&TerminalResponse>) {
        let imsi = self.imsi();
        let Some(resident) = self.resident() else { return };
        let location = resident.session.located(response, imsi);
        self.tell_bearers(now);
        self.give(now, AgentInput::Located(location));
    }

    fn tell_bearers(&mut self, now: Instant) {
        let bearers = self.resident().and_then(|resident| resident.session.new_bearers(now));
        if let Some(bearers) = bearers {
            self.give(now, AgentInput::Bearers(bearers));
        }
    }

    fn line_is(&mut self, now: Instant, line: Lines, state: LineState) {
        match (line, state) {
            (Lines::Platform, LineState::Fine) => self.hear_platform(now),
            (Lines::Server, LineState::Fine) => self.hear_server(now),
            (Lines::Platform, LineState::NoWay | LineState::Refused | LineState::Lost) => {
                self.platform_fails(now, state);
            }
            (Lines::Server, LineState::NoWay | LineState::Refused | LineState::Lost) => {
                self.server_fails(now);
            }
        }
    }

    /// What could not be said over a connection goes as a text, where it fits into one.
    fn platform_fails(&mut self, now: Instant, state: LineState) {
        let Some(resident) = self.resident() else { return };
        let session = &mut resident.session;
        let frame = core::mem::take(&mut session.frame);
        if state != LineState::Lost
            && session.bearers.texts
            && !frame.is_empty()
            && frame.len() <= TEXT_MAX
        {
            session.text(frame);
        }
        if state == LineState::NoWay {
            session.no_data = Some(now.plus(NO_DATA));
            self.tell_bearers(now);
        }
    }

    fn server_fails(&mut self, now: Instant) {
        let Some(resident) = self.resident() else { return };
        if let Some(number) = resident.session.request.take() {
            self.give(now, AgentInput::Server { number, answer: Err(Failure::Unreachable) });
        }
    }

    fn hear_platform(&mut self, now: Instant) {
        while let Some(resident) = self.resident() {
            let line = &mut resident.session.platform;
            match frame::take(&mut line.incoming) {
                Ok(Some(frame)) => {
                    line.done();
                    resident.session.frame = Vec::new();
                    self.give(now, AgentInput::Frame(frame));
                }
                Ok(None) => return,
                Err(_) => return line.hang_up(),
            }
        }
    }

    fn hear_server(&mut self, now: Instant) {
        while let Some(resident) = self.resident() {
            let session = &mut resident.session;
            let message = match frame::take(&mut session.server.incoming) {
                Ok(Some(message)) => message,
                Ok(None) => return,
                Err(_) => return session.server.hang_up(),
            };
            let Some(asked) = session.request else { continue };
            let (number, answer) = match frame::read_answer(&message) {
                Ok((number, answer)) => (AskNumber(number), answer),
                Err(error) => (asked, Err(Failure::Garbled { reason: error.to_string() })),
            };
            if number == asked {
                session.request = None;
            }
            self.give(now, AgentInput::Server { number, answer });
        }
    }

    fn hear_envelope(&mut self, now: Instant, envelope: &Envelope) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "no other message concerns agents")]
        match &envelope.message {
            Message::Event(event) => self.hear_event(now, event),
            Message::TimerExpiration(_) => {
                let Some(resident) = self.resident() else { return };
                resident.session.armed = None;
                self.wake_agent(now);
            }
            Message::SmsPpDownload(text) => self.hear_text(now, text),
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other event concerns agents")]
    fn hear_event(&mut self, now: Instant, event: &EventData) {
        let Some(resident) = self.resident() else { return };
        let session = &mut resident.session;
        match event {
            EventData::LocationStatus(changed) => {
                session.location_changed(changed.status);
                if changed.location.is_none() {
                    session.service_is_gone();
                    self.tell_bearers(now);
                }
                self.give(now, AgentInput::LocationChanged);
            }
            EventData::NetworkRejection(rejected) => {
                let (plmn, cause) = (network_of(rejected), rejected.cause.0);
                session.rejected(plmn, cause);
                self.give(now, AgentInput::Rejected { plmn, cause });
            }
            EventData::DataAvailable(ready) => {
                for line in [Lines::Platform, Lines::Server] {
                    if session.line(line).is(ready.status.channel) {
                        session.line(line).has_data();
                    }
                }
            }
            EventData::ChannelStatus(changed) => {
                for line in [Lines::Platform, Lines::Server] {
                    let Some(resident) = self.resident() else { return };
                    if !resident.session.line(line).is(changed.status.channel)
                        || changed.status.link == polysim_cat::LinkState::Up
                    {
                        continue;
                    }
                    let state = resident.session.line(line).lost();
                    self.line_is(now, line, state);
                }
            }
            _ => {}
        }
    }

    /// Takes a text of the platform. Others are not for agents.
    fn hear_text(&mut self, now: Instant, text: &SmsPpDownload) {
        let Ok(MobileTerminated::Deliver(deliver)) =
            MobileTerminated::parse(text.tpdu.octets(), Rp::Data)
        else {
            return;
        };
        let frame = deliver.user_data.payload().to_vec();
        self.give(now, AgentInput::Frame(frame));
    }

    fn wake_agent(&mut self, now: Instant) {
        let Some(mut agent) = self.resident().and_then(|resident| resident.agent.take()) else {
            return;
        };
        if agent.poll_timeout().is_some_and(|(at, _)| at <= now) {
            agent.handle_timeout(now);
        }
        self.let_agent_work(now, agent);
    }

    fn give(&mut self, now: Instant, input: AgentInput) {
        let Some(mut agent) = self.resident().and_then(|resident| resident.agent.take()) else {
            return;
        };
        agent.handle(now, input);
        self.let_agent_work(now, agent);
    }

    /// Carries out what the agent wants. Should the power fail on the way, it begins at the next
    /// reset with what it has recorded before.
    fn let_agent_work(&mut self, now: Instant, mut agent: Box<Agent>) {
        while let Some(output) = agent.poll_output() {
            match output {
                Out::Record(record) => {
                    if self.step().is_err() {
                        return;
                    }
                    if let Some(resident) = self.resident() {
                        resident.journal.push(record);
                    }
                }
                Out::Do(AgentOutput::Card { number, function }) => {
                    let reply = self.es10_of_agent(now, &function);
                    let reply = reply.map_err(|status| {
                        CardError::Refused(Refusal(u16::from_be_bytes(status.to_bytes())))
                    });
                    if !self.power_failed() {
                        agent.handle(now, AgentInput::Card { number, reply });
                    }
                }
                Out::Do(output) => {
                    if let Some(resident) = self.resident() {
                        resident.carry_out(output);
                    }
                }
            }
            if self.power_failed() {
                return;
            }
        }
        if self.shorten_journal(&agent).is_err() || self.power_failed() {
            return;
        }
        if let Some(resident) = self.resident() {
            resident.agent = Some(agent);
        }
    }

    /// Replaces a long journal by the few records that stand for it, in one durable step: should the
    /// power fail at it, there is still the long one.
    fn shorten_journal(&mut self, agent: &Agent) -> Result<(), Status> {
        if self.resident().is_some_and(|resident| resident.journal.len() > JOURNAL_MAX) {
            self.step()?;
            if let Some(resident) = self.resident() {
                resident.journal = agent.checkpoint();
            }
        }
        Ok(())
    }
}

/// Returns the network that has refused, as far as the terminal says.
fn network_of(rejected: &NetworkRejected) -> Option<Plmn> {
    let tracking = rejected.tracking_area.as_ref().map(|area| area.octets());
    let tracking = tracking.and_then(|octets| octets.first_chunk::<3>().copied());
    let location = rejected.location.and_then(|location| location.plmn);
    location.or_else(|| Plmn::from_wire(tracking?).ok().flatten())
}
