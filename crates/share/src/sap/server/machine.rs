//! The server as a machine: its connection.

use core::convert::Infallible;

use polysim_apdu::CardSignal;
use polysim_base::{Duration, Instant, Machine, Out, Queue};

use super::card::{Awaits, Card, Waiting};
use super::{Refusal, ServerEnd, ServerEvent, ServerInput, ServerOutput, ServerTimer};
use crate::sap::{
    ConnectionStatus, DisconnectionType, Failure, MaxMsgSize, Message, MessageReader, StatusChange,
};

/// For how long a link may be there without a connection.
const UNUSED_MAX: Duration = Duration::from_secs(30);
/// For how long a client that was asked to leave may stay.
const GRACE: Duration = Duration::from_secs(30);

/// A server of the profile: it has the card and lends it to one client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Server {
    max: MaxMsgSize,
    reader: MessageReader,
    pub(super) link: Link,
    pub(super) card: Card,
    /// What waits for the card.
    pub(super) waiting: Option<Waiting>,
    call: bool,
    out: Queue<ServerOutput>,
}

/// The state of the connection. Two states of the profile pass within one input, because the card does
/// not answer when it is switched off: those in which client or server have just ended the connection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Link {
    /// There is no link.
    Lost,
    /// Nobody is connected.
    Disconnected { until: Instant },
    /// The card is being switched on for the client, which was told already that it is connected once a
    /// call has ended, or was told nothing.
    Connecting { size: MaxMsgSize, told: bool },
    /// A call is made with the card.
    ModemBusy { size: MaxMsgSize },
    /// The client has the card.
    Connected { size: MaxMsgSize },
    /// It was asked to leave.
    Graceful { size: MaxMsgSize, until: Instant },
}

impl Server {
    /// Returns one whose card is in its place and off. It takes messages of so many octets.
    #[must_use]
    pub const fn new(max: MaxMsgSize) -> Self {
        Self {
            max,
            reader: MessageReader::new(max),
            link: Link::Lost,
            card: Card::Off,
            waiting: None,
            call: false,
            out: Queue::new(),
        }
    }

    /// Returns whether a client has the card.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.link, Link::Connected { .. } | Link::Graceful { .. })
    }

    fn link_up(&mut self, now: Instant) {
        self.link_lost();
        self.link = Link::Disconnected { until: now.plus(UNUSED_MAX) };
    }

    fn link_lost(&mut self) {
        let used = !matches!(self.link, Link::Lost | Link::Disconnected { .. });
        self.switch_off();
        self.link = Link::Lost;
        self.reader = MessageReader::new(self.max);
        if used {
            self.tell(ServerEvent::Disconnected(ServerEnd::LinkLost));
        }
    }

    fn octets(&mut self, now: Instant, octets: &[u8]) {
        let mut rest = octets;
        while self.link != Link::Lost
            && let Some(message) = self.reader.take(&mut rest)
        {
            match message {
                Ok(message) => self.message(now, message),
                Err(error) => self.refuse(Refusal::Unreadable(error)),
            }
        }
    }

    /// The client wants to connect.
    pub(super) fn connect(&mut self, now: Instant, size: u16) {
        if !matches!(self.link, Link::Disconnected { .. }) {
            return self.refuse(Refusal::State);
        }
        let size = match MaxMsgSize::new(size) {
            Ok(size) if size <= self.max => size,
            Ok(_) => {
                let offered = self.max.octets();
                let status = ConnectionStatus::SizeNotSupported { offered };
                return self.turn_away(now, status, Refusal::Size(size));
            }
            Err(_) => {
                return self.turn_away(now, ConnectionStatus::SizeTooSmall, Refusal::Size(size));
            }
        };
        self.reader.limit(size);
        if self.call {
            self.link = Link::ModemBusy { size };
            return self.send(&Message::ConnectResp(ConnectionStatus::OkOngoingCall));
        }
        self.take_card(now, size, false);
    }

    fn turn_away(&mut self, now: Instant, status: ConnectionStatus, why: Refusal) {
        self.link = Link::Disconnected { until: now.plus(UNUSED_MAX) };
        self.send(&Message::ConnectResp(status));
        self.tell(ServerEvent::Refused(why));
    }

    /// Switches the card on for the client.
    fn take_card(&mut self, now: Instant, size: MaxMsgSize, told: bool) {
        self.link = Link::Connecting { size, told };
        match self.card {
            Card::Absent => self.connected(Err(Failure::Removed)),
            Card::Off | Card::On(_) | Card::Mute(_) => {
                self.ask_card(now, Awaits::Connect, CardSignal::PowerOn);
            }
        }
    }

    /// The card is on for the client, or cannot be. The client is connected in any case, and told how
    /// the card is.
    pub(super) fn connected(&mut self, card: Result<(), Failure>) {
        let Link::Connecting { size, told } = self.link else { return };
        self.link = Link::Connected { size };
        if !told {
            self.send(&Message::ConnectResp(ConnectionStatus::Ok));
        }
        self.tell(ServerEvent::Connected);
        // After a call, nothing but this connects the client.
        if told || card.is_ok() {
            self.indicate(StatusChange::Reset);
        }
        match card {
            Ok(()) => {}
            Err(Failure::Removed) => self.indicate(StatusChange::Removed),
            Err(_) => self.indicate(StatusChange::NotAccessible),
        }
    }

    fn call(&mut self, now: Instant, ongoing: bool) {
        self.call = ongoing;
        if let (Link::ModemBusy { size }, false) = (self.link, ongoing) {
            self.take_card(now, size, true);
        }
    }

    /// The client is sent away.
    fn disconnect(&mut self, now: Instant, how: DisconnectionType) {
        match (self.link, how) {
            (Link::Lost | Link::Disconnected { .. }, _)
            | (Link::Graceful { .. }, DisconnectionType::Graceful) => {}
            (Link::Connected { size }, DisconnectionType::Graceful) => {
                self.link = Link::Graceful { size, until: now.plus(GRACE) };
                self.send(&Message::DisconnectInd(how));
            }
            // Somebody who has nothing yet has nothing to finish.
            (Link::Connecting { told: false, .. }, _) => {
                self.send(&Message::ConnectResp(ConnectionStatus::Failed));
                self.ended(now, ServerEnd::SentAway);
            }
            (
                Link::Connecting { .. }
                | Link::ModemBusy { .. }
                | Link::Connected { .. }
                | Link::Graceful { .. },
                _,
            ) => {
                self.send(&Message::DisconnectInd(DisconnectionType::Immediate));
                self.ended(now, ServerEnd::SentAway);
            }
        }
    }

    /// The client wants to disconnect.
    pub(super) fn client_leaves(&mut self, now: Instant) {
        match self.link {
            Link::Lost | Link::Disconnected { .. } | Link::Connecting { told: false, .. } => {
                self.refuse(Refusal::State);
            }
            Link::Connecting { told: true, .. }
            | Link::ModemBusy { .. }
            | Link::Connected { .. }
            | Link::Graceful { .. } => {
                self.switch_off();
                self.send(&Message::DisconnectResp);
                self.ended(now, ServerEnd::Client);
            }
        }
    }

    fn ended(&mut self, now: Instant, end: ServerEnd) {
        self.switch_off();
        self.link = Link::Disconnected { until: now.plus(UNUSED_MAX) };
        self.reader.limit(self.max);
        self.tell(ServerEvent::Disconnected(end));
    }

    /// Says what happened to the card to a client that has it.
    pub(super) fn indicate(&mut self, change: StatusChange) {
        if self.is_connected() {
            self.send(&Message::StatusInd(change));
        }
    }

    pub(super) fn refuse(&mut self, why: Refusal) {
        self.send(&Message::ErrorResp);
        self.tell(ServerEvent::Refused(why));
    }

    /// Returns whether a message is no longer than was agreed.
    pub(super) fn fits(&self, message: &Message) -> bool {
        let limit = match self.link {
            Link::Lost | Link::Disconnected { .. } => self.max,
            Link::Connecting { size, .. }
            | Link::ModemBusy { size }
            | Link::Connected { size }
            | Link::Graceful { size, .. } => size,
        };
        message.encode().len() <= usize::from(limit.octets())
    }

    pub(super) fn send(&mut self, message: &Message) {
        self.out.push(ServerOutput::Octets(message.encode()));
    }

    pub(super) fn signal(&mut self, signal: CardSignal) {
        self.out.push(ServerOutput::Card(signal));
    }

    fn tell(&mut self, event: ServerEvent) {
        self.out.push(ServerOutput::Tell(event));
    }

    fn deadlines(&self) -> [Option<(Instant, ServerTimer)>; 2] {
        let link = match self.link {
            Link::Disconnected { until } => Some((until, ServerTimer::Unused)),
            Link::Graceful { until, .. } => Some((until, ServerTimer::Graceful)),
            Link::Lost
            | Link::Connecting { .. }
            | Link::ModemBusy { .. }
            | Link::Connected { .. } => None,
        };
        [link, self.waiting.map(|waiting| (waiting.until, ServerTimer::Card))]
    }
}

impl Machine for Server {
    type Input = ServerInput;
    type Output = ServerOutput;
    type Record = Infallible;
    type Timer = ServerTimer;

    fn handle(&mut self, now: Instant, input: ServerInput) {
        match input {
            ServerInput::LinkUp => self.link_up(now),
            ServerInput::LinkLost => self.link_lost(),
            ServerInput::Octets(octets) => self.octets(now, &octets),
            ServerInput::Card(reply) => self.card_says(now, reply),
            ServerInput::Changed(change) => self.card_changed(change),
            ServerInput::Call(ongoing) => self.call(now, ongoing),
            ServerInput::Disconnect(how) => self.disconnect(now, how),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        for (at, timer) in self.deadlines().into_iter().flatten() {
            match timer {
                _ if at > now => {}
                ServerTimer::Unused => {
                    self.link_lost();
                    self.tell(ServerEvent::Unused);
                }
                ServerTimer::Graceful => self.disconnect(now, DisconnectionType::Immediate),
                ServerTimer::Card => self.card_is_late(now),
            }
        }
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, ServerOutput>> {
        self.out.pop().map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, ServerTimer)> {
        self.deadlines().into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
