//! A connection over the terminal's bearer independent protocol: opened where there is something to
//! say, and read as the terminal says that there is something.

use core::net::Ipv4Addr;

use polysim_cat::{
    BearerDescription, BearerType, BufferSize, ChannelData, ChannelDataLength, ChannelId,
    CloseChannel, CloseMode, Command, GeneralResult, Look, NetworkAccessName, OpenChannel,
    OpenMode, OtherAddress, ReceiveData, ResponseData, SendData, SendMode, TerminalResponse,
    Transport, TransportLevel, TransportProtocol,
};

use super::config::Place;

/// What the terminal is asked to buffer.
const BUFFER: BufferSize = BufferSize(1_400);
/// The most octets in one command or response: what fits beside the other objects.
const PART_MAX: u8 = 220;

/// What is asked of the terminal about a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineCommand {
    Open,
    Send(usize),
    Receive,
    Close,
}

/// What has become of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LineState {
    /// Nothing is wrong.
    Fine,
    /// There is no way to open it.
    NoWay,
    /// Who it leads to does not answer.
    Refused,
    /// It was open, and is lost.
    Lost,
}

/// A line to one place at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    to: Option<Place>,
    channel: Option<ChannelId>,
    outgoing: Vec<u8>,
    pub(super) incoming: Vec<u8>,
    available: bool,
    closing: bool,
    /// Something was sent and nothing has come since.
    waiting: bool,
}

impl Line {
    /// Says something to a place. What was said before and not answered is not waited for: a
    /// connection that is silent may be dead.
    pub(super) fn say(&mut self, to: Place, octets: &[u8]) {
        if self.waiting || self.to.is_some_and(|other| other != to) {
            self.hang_up();
        }
        self.to = Some(to);
        self.outgoing.extend_from_slice(octets);
    }

    /// Ends the connection, and forgets what has not left.
    pub(super) fn hang_up(&mut self) {
        self.closing = self.channel.is_some();
        (self.outgoing, self.incoming) = (Vec::new(), Vec::new());
        (self.available, self.waiting) = (false, false);
    }

    /// Ends the connection unless there is more to say.
    pub(super) fn done(&mut self) {
        if self.outgoing.is_empty() {
            self.hang_up();
        }
    }

    /// Returns whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.channel.is_none() && self.outgoing.is_empty()
    }

    /// Returns whether a channel is this line's.
    pub(super) fn is(&self, channel: Option<ChannelId>) -> bool {
        channel.is_some() && self.channel == channel
    }

    /// The terminal has data.
    pub(super) const fn has_data(&mut self) {
        self.available = !self.closing;
    }

    /// Returns what is next.
    pub(super) fn next(&self, access_point: &str) -> Option<(LineCommand, Command)> {
        let Some(channel) = self.channel else {
            let to = self.to.filter(|_| !self.outgoing.is_empty())?;
            return Some((LineCommand::Open, open(to, access_point)));
        };
        if self.closing {
            let (mode, alpha, look) = (CloseMode { keep: false }, None, Look::default());
            let close = Command::from(CloseChannel { channel, mode, alpha, look });
            return Some((LineCommand::Close, close));
        }
        if self.available {
            let length = ChannelDataLength(PART_MAX);
            let receive = ReceiveData { channel, alpha: None, length, look: Look::default() };
            return Some((LineCommand::Receive, Command::from(receive)));
        }
        let part = self.outgoing.chunks(usize::from(PART_MAX)).next()?;
        let (mode, data) = (SendMode { immediate: true }, ChannelData::new(part).ok()?);
        let send = SendData { channel, mode, alpha: None, data, look: Look::default() };
        Some((LineCommand::Send(part.len()), Command::from(send)))
    }

    /// The terminal has answered; `None` where it does not know the command.
    pub(super) fn answered(
        &mut self,
        asked: LineCommand,
        response: Option<&TerminalResponse>,
    ) -> LineState {
        let performed = response.filter(|response| response.result.is_performed());
        match (asked, performed.map(|response| &response.data)) {
            (LineCommand::Open, Some(ResponseData::Opened(opened))) => {
                self.channel = opened.status.and_then(|status| status.channel);
                if self.channel.is_some() { LineState::Fine } else { self.refused() }
            }
            (LineCommand::Open, _) => {
                // A network that is busy, or none, has no way; another failure is of the other end.
                let other_end = matches!(
                    response.map(|response| response.result),
                    Some(GeneralResult::ChannelError(_))
                );
                if other_end { self.refused() } else { self.no_way() }
            }
            (LineCommand::Send(octets), Some(_)) => {
                self.outgoing.drain(..octets.min(self.outgoing.len()));
                self.waiting |= self.outgoing.is_empty();
                LineState::Fine
            }
            (LineCommand::Receive, Some(ResponseData::Received(received))) => {
                self.available = received.left.is_some_and(|left| left.0 > 0);
                if let Some(data) = &received.data {
                    self.incoming.extend_from_slice(data.octets());
                    self.waiting &= data.octets().is_empty();
                }
                LineState::Fine
            }
            (LineCommand::Close, _) => {
                (self.channel, self.closing) = (None, false);
                LineState::Fine
            }
            (LineCommand::Send(_) | LineCommand::Receive, _) => self.lost(),
        }
    }

    fn refused(&mut self) -> LineState {
        self.outgoing = Vec::new();
        LineState::Refused
    }

    fn no_way(&mut self) -> LineState {
        self.outgoing = Vec::new();
        LineState::NoWay
    }

    /// The connection is gone.
    pub(super) fn lost(&mut self) -> LineState {
        self.hang_up();
        LineState::Lost
    }
}

fn open((address, port): Place, access_point: &str) -> Command {
    let mode = OpenMode { immediate: true, ..OpenMode::default() };
    let mut open = OpenChannel::new(mode, BUFFER);
    let bearer = BearerType::Default;
    open.bearer = Some(BearerDescription { bearer, parameters: Vec::new() });
    open.access_name = access_name(access_point);
    open.transport = Some(Transport {
        level: TransportLevel { protocol: TransportProtocol::TcpClient, port },
        destination: Some(OtherAddress::V4(Ipv4Addr::from(address))),
    });
    Command::from(open)
}

/// Codes an access point name: each label behind its length (TS 23.003, 9.1).
fn access_name(name: &str) -> Option<NetworkAccessName> {
    let mut octets = Vec::with_capacity(name.len() + 1);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        octets.push(u8::try_from(label.len()).ok()?);
        octets.extend_from_slice(label.as_bytes());
    }
    NetworkAccessName::new(&octets).ok()
}
