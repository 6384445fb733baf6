//! The client as a machine: its connection.

use core::convert::Infallible;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant, Machine, Out, Queue};

use super::terminal::{Asked, Request};
use super::{ClientEnd, ClientEvent, ClientInput, ClientOutput, ClientTimer};
use crate::sap::{
    ConnectionStatus, DisconnectionType, MaxMsgSize, Message, MessageError, MessageReader,
    StatusChange,
};

/// For how long the server may be silent that is to answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// As often a terminal that waits is asked for more time: its own patience may end after a second.
const MORE_TIME_EVERY: Duration = Duration::from_millis(500);

/// A client of the profile: its terminal uses the card of a server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Client {
    max: MaxMsgSize,
    reader: MessageReader,
    link: Link,
    /// What the server is to answer.
    pub(super) asked: Option<Asked>,
    /// What the terminal wants then.
    pub(super) next: Option<CardSignal>,
    /// Whether the terminal believes a card in its slot.
    pub(super) present: bool,
    /// Whether the card was reset and has got no command since.
    pub(super) fresh: bool,
    out: Queue<ClientOutput>,
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Link {
    Disconnected,
    /// The connection has ended and not everything was answered. What the server says later could not be
    /// told from an answer to something else, so nothing goes on before there is another link.
    Unusable {
        why: ClientEnd,
    },
    /// `CONNECT_REQ` is not answered yet.
    Connecting {
        size: MaxMsgSize,
        until: Instant,
    },
    /// The same, and it is not wanted any more.
    GivingUp {
        until: Instant,
    },
    /// Until the call has ended.
    ModemBusy {
        size: MaxMsgSize,
    },
    Connected {
        size: MaxMsgSize,
    },
    /// The server has asked to leave.
    Graceful {
        size: MaxMsgSize,
    },
    /// `DISCONNECT_REQ` is not answered yet.
    Leaving {
        until: Instant,
    },
}

impl Client {
    /// Returns one that is not connected. It takes messages of so many octets.
    #[must_use]
    pub const fn new(max: MaxMsgSize) -> Self {
        Self {
            max,
            reader: MessageReader::new(max),
            link: Link::Disconnected,
            asked: None,
            next: None,
            present: false,
            fresh: false,
            out: Queue::new(),
        }
    }

    /// Returns whether the card can be used.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.link, Link::Connected { .. } | Link::Graceful { .. })
    }

    /// Returns whether the server has asked to leave: nothing but APDUs is allowed then.
    pub(super) const fn is_asked_to_leave(&self) -> bool {
        matches!(self.link, Link::Graceful { .. })
    }

    fn connect(&mut self, now: Instant) {
        match self.link {
            Link::Disconnected => self.try_size(now, self.max),
            Link::Unusable { why } => self.tell(ClientEvent::Disconnected(why)),
            Link::Connecting { .. }
            | Link::GivingUp { .. }
            | Link::ModemBusy { .. }
            | Link::Connected { .. }
            | Link::Graceful { .. }
            | Link::Leaving { .. } => {}
        }
    }

    fn try_size(&mut self, now: Instant, size: MaxMsgSize) {
        self.link = Link::Connecting { size, until: now.plus(ANSWER_MAX) };
        self.reader.limit(size);
        self.send(&Message::ConnectReq { max_msg_size: size.octets() });
    }

    /// The server has answered `CONNECT_REQ`.
    fn connect_answered(&mut self, now: Instant, size: MaxMsgSize, status: ConnectionStatus) {
        match status {
            ConnectionStatus::Ok => self.connected(size),
            ConnectionStatus::OkOngoingCall => {
                self.link = Link::ModemBusy { size };
                self.tell(ClientEvent::OngoingCall);
            }
            ConnectionStatus::SizeNotSupported { offered } => match MaxMsgSize::new(offered) {
                // Once, since the first try is of the longest.
                Ok(offered) if size == self.max && offered < size => self.try_size(now, offered),
                Ok(_) | Err(_) => self.ended(ClientEnd::Refused(status)),
            },
            ConnectionStatus::Failed | ConnectionStatus::SizeTooSmall => {
                self.ended(ClientEnd::Refused(status));
            }
        }
    }

    /// A server says how its card is after that; until it does, the card is believed to be there.
    fn connected(&mut self, size: MaxMsgSize) {
        self.link = Link::Connected { size };
        self.tell(ClientEvent::Connected);
        self.fresh = true;
        self.appears();
    }

    /// Disconnects.
    pub(super) fn leave(&mut self, now: Instant) {
        match self.link {
            Link::Disconnected
            | Link::Unusable { .. }
            | Link::GivingUp { .. }
            | Link::Leaving { .. } => {}
            Link::Connecting { until, .. } => self.link = Link::GivingUp { until },
            Link::ModemBusy { .. } | Link::Connected { .. } | Link::Graceful { .. } => {
                self.vanishes();
                self.asked = None;
                self.link = Link::Leaving { until: now.plus(ANSWER_MAX) };
                self.send(&Message::DisconnectReq);
            }
        }
    }

    fn ended(&mut self, end: ClientEnd) {
        self.vanishes();
        self.asked = None;
        self.link = match end {
            ClientEnd::Left | ClientEnd::LinkLost | ClientEnd::Refused(_) => Link::Disconnected,
            ClientEnd::SentAway | ClientEnd::NoAnswer => Link::Unusable { why: end },
        };
        self.tell(ClientEvent::Disconnected(end));
    }

    fn link_lost(&mut self) {
        self.reader = MessageReader::new(self.max);
        match self.link {
            Link::Disconnected | Link::Unusable { .. } => self.link = Link::Disconnected,
            Link::Connecting { .. }
            | Link::GivingUp { .. }
            | Link::ModemBusy { .. }
            | Link::Connected { .. }
            | Link::Graceful { .. }
            | Link::Leaving { .. } => self.ended(ClientEnd::LinkLost),
        }
    }

    fn octets(&mut self, now: Instant, octets: &[u8]) {
        let mut rest = octets;
        while let Some(message) = self.reader.take(&mut rest) {
            match message {
                Ok(message) => self.message(now, message),
                Err(error) => self.unreadable(now, error),
            }
        }
    }

    fn message(&mut self, now: Instant, message: Message) {
        match (self.link, message) {
            (Link::Connecting { size, .. }, Message::ConnectResp(status)) => {
                self.connect_answered(now, size, status);
            }
            (Link::Connecting { .. }, Message::ErrorResp) => {
                self.ended(ClientEnd::Refused(ConnectionStatus::Failed));
            }
            (
                Link::GivingUp { until },
                Message::ConnectResp(ConnectionStatus::Ok | ConnectionStatus::OkOngoingCall),
            ) => {
                self.link = Link::Leaving { until };
                self.send(&Message::DisconnectReq);
            }
            (Link::GivingUp { .. }, Message::ConnectResp(_) | Message::ErrorResp) => {
                self.ended(ClientEnd::Left);
            }
            (Link::ModemBusy { size }, Message::StatusInd(StatusChange::Reset)) => {
                self.connected(size);
            }
            (Link::Leaving { .. }, Message::DisconnectResp) => self.ended(ClientEnd::Left),
            (
                Link::ModemBusy { .. }
                | Link::Connected { .. }
                | Link::Graceful { .. }
                | Link::Leaving { .. },
                Message::DisconnectInd(DisconnectionType::Immediate),
            ) => self.ended(ClientEnd::SentAway),
            (Link::Connected { size }, Message::DisconnectInd(DisconnectionType::Graceful)) => {
                self.link = Link::Graceful { size };
                self.tell(ClientEvent::AskedToLeave);
                // What is not allowed any more has crossed this.
                if self.asked.as_ref().is_some_and(|asked| asked.request != Request::Apdu) {
                    self.leave(now);
                }
            }
            (Link::Connected { .. } | Link::Graceful { .. }, message) => {
                self.server_says(now, message);
            }
            // What was said before the other end knew.
            (
                Link::Disconnected
                | Link::Unusable { .. }
                | Link::Connecting { .. }
                | Link::GivingUp { .. }
                | Link::ModemBusy { .. }
                | Link::Leaving { .. },
                _,
            ) => {}
        }
    }

    /// Counts as the answer that is awaited, of which nothing is known but that it was no success.
    fn unreadable(&mut self, now: Instant, error: MessageError) {
        self.tell(ClientEvent::Unreadable(error));
        match self.link {
            Link::Connecting { .. }
            | Link::GivingUp { .. }
            | Link::Connected { .. }
            | Link::Graceful { .. } => self.message(now, Message::ErrorResp),
            Link::Disconnected
            | Link::Unusable { .. }
            | Link::ModemBusy { .. }
            | Link::Leaving { .. } => {}
        }
    }

    /// Asks the server.
    pub(super) fn ask(&mut self, now: Instant, request: Request, message: &Message) {
        self.asked = Some(Asked {
            request,
            void: false,
            until: now.plus(ANSWER_MAX),
            more_time_at: now.plus(MORE_TIME_EVERY),
        });
        self.send(message);
    }

    /// Returns whether the server takes a message as long as that.
    pub(super) fn fits(&self, message: &Message) -> bool {
        let limit = match self.link {
            Link::Connecting { size, .. }
            | Link::ModemBusy { size }
            | Link::Connected { size }
            | Link::Graceful { size } => size,
            Link::Disconnected
            | Link::Unusable { .. }
            | Link::GivingUp { .. }
            | Link::Leaving { .. } => self.max,
        };
        message.encode().len() <= usize::from(limit.octets())
    }

    fn send(&mut self, message: &Message) {
        self.out.push(ClientOutput::Octets(message.encode()));
    }

    pub(super) fn reply(&mut self, reply: CardReply) {
        self.out.push(ClientOutput::Terminal(reply));
    }

    pub(super) fn tell(&mut self, event: ClientEvent) {
        self.out.push(ClientOutput::Tell(event));
    }

    fn answer_due(&self) -> Option<Instant> {
        match self.link {
            Link::Connecting { until, .. } | Link::GivingUp { until } | Link::Leaving { until } => {
                Some(until)
            }
            Link::Connected { .. } | Link::Graceful { .. } => {
                self.asked.as_ref().map(|asked| asked.until)
            }
            // A call may last.
            Link::Disconnected | Link::Unusable { .. } | Link::ModemBusy { .. } => None,
        }
    }

    fn no_answer(&mut self) {
        if self.is_connected() {
            // A server that is there all the same is to let the card go.
            self.send(&Message::DisconnectReq);
        }
        self.ended(ClientEnd::NoAnswer);
    }
}

impl Machine for Client {
    type Input = ClientInput;
    type Output = ClientOutput;
    type Record = Infallible;
    type Timer = ClientTimer;

    fn handle(&mut self, now: Instant, input: ClientInput) {
        match input {
            ClientInput::Connect => self.connect(now),
            ClientInput::Disconnect => self.leave(now),
            ClientInput::LinkLost => self.link_lost(),
            ClientInput::Octets(octets) => self.octets(now, &octets),
            ClientInput::Terminal(signal) => self.terminal(now, signal),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.answer_due().is_some_and(|due| due <= now) {
            return self.no_answer();
        }
        if let Some(asked) = &mut self.asked
            && asked.more_time_due().is_some_and(|due| due <= now)
        {
            asked.more_time_at = now.plus(MORE_TIME_EVERY);
            self.reply(CardReply::MoreTime);
        }
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, ClientOutput>> {
        self.out.pop().map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        let answer = self.answer_due().map(|due| (due, ClientTimer::Answer));
        let more_time = self.asked.as_ref().and_then(Asked::more_time_due);
        let more_time = more_time.map(|due| (due, ClientTimer::MoreTime));
        answer.into_iter().chain(more_time).min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
