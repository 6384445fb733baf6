//! The platform by a connection of the terminal (bearer independent protocol).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use polysim_base::Out;
use polysim_cat::{
    BearerDescription, BearerType, BufferSize, ChannelData, ChannelDataLength, ChannelId,
    ChannelStatus, CloseChannel, CloseMode, Command, LinkState, Look, NetworkAccessName,
    OpenChannel, OpenMode, OtherAddress, ReceiveData, ResponseData, SendData, SendMode,
    TerminalResponse, Transport, TransportLevel, TransportProtocol,
};

use super::memory::{Change, Stage};
use super::session::Asked;
use super::{Applet, AppletOutput, Bearer};
use crate::wire::stream::take_packet;

/// What the terminal is asked to buffer.
const BUFFER: BufferSize = BufferSize(1_024);
/// The most octets in one command or response: what fits beside the other objects.
const PART_MAX: u8 = 200;
/// How long an answer is waited for.
const ANSWER_SECONDS: u32 = 60;
/// How long more is waited for, once all is answered.
const LINGER_SECONDS: u32 = 10;

/// A connection to the platform.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection {
    /// None until it is open.
    channel: Option<ChannelId>,
    outgoing: Vec<u8>,
    received: Vec<u8>,
    /// The terminal has data.
    available: bool,
    /// A packet was given to the card, which has not answered it yet.
    proving: bool,
    ending: bool,
}

impl Applet {
    /// Returns the command that opens a connection.
    pub(super) fn open(&self) -> Option<Command> {
        let Bearer::Channel { apn, address, port } = &self.config.bearer else { return None };
        let mut open =
            OpenChannel::new(OpenMode { immediate: true, ..OpenMode::default() }, BUFFER);
        let bearer = BearerType::Default;
        open.bearer = Some(BearerDescription { bearer, parameters: Vec::new() });
        open.access_name = access_name(apn);
        open.transport = Some(Transport {
            level: TransportLevel { protocol: TransportProtocol::TcpClient, port: *port },
            destination: Some(OtherAddress::V4(Ipv4Addr::from(*address))),
        });
        Some(Command::from(open))
    }

    pub(super) fn connect(&mut self) {
        self.session.connection = Some(Box::default());
    }

    /// Returns what is next on the connection.
    pub(super) fn converse(&mut self) -> Option<(Asked, Command)> {
        let wanted = self.is_connection_wanted();
        let connection = self.session.connection.as_mut()?;
        let channel = connection.channel?;
        if connection.ending {
            return Some((Asked::Close, close(channel)));
        }
        if !connection.outgoing.is_empty() {
            let part = connection.outgoing.chunks(usize::from(PART_MAX)).next()?;
            let (mode, data) = (SendMode { immediate: true }, ChannelData::new(part).ok()?);
            let (alpha, look) = (None, Look::default());
            let send = SendData { channel, mode, alpha, data, look };
            return Some((Asked::Send(part.len()), Command::from(send)));
        }
        if connection.available {
            let length = ChannelDataLength(PART_MAX);
            let receive = ReceiveData { channel, alpha: None, length, look: Look::default() };
            return Some((Asked::Receive, Command::from(receive)));
        }
        let close_now = !connection.proving && !wanted;
        close_now.then(|| (Asked::Close, close(channel)))
    }

    /// A terminal that is to start anew cannot keep it.
    fn is_connection_wanted(&self) -> bool {
        !matches!(self.memory.stage(), Some(Stage::Written | Stage::Undone))
    }

    pub(super) fn opened(&mut self, response: &TerminalResponse) {
        let ResponseData::Opened(opened) = &response.data else { return self.disconnect() };
        let channel = opened.status.and_then(|status| status.channel);
        // Sealed now and not before: counters leave in their order.
        let frame = self.due().and_then(|report| self.seal(report));
        let Some(connection) = &mut self.session.connection else { return };
        connection.channel = channel;
        match (channel, frame) {
            (Some(_), Some(frame)) => connection.outgoing = frame.encode(),
            (Some(_), None) => connection.ending = true,
            (None, _) => self.disconnect(),
        }
    }

    pub(super) fn sent(&mut self, octets: usize) {
        let Some(connection) = &mut self.session.connection else { return };
        connection.outgoing.drain(..octets.min(connection.outgoing.len()));
        if connection.outgoing.is_empty() {
            if self.memory.stage() == Some(Stage::Trial) {
                self.keep(Change::Stage(Stage::Effective));
            }
            self.wait_for_more();
        }
    }

    pub(super) fn received(&mut self, response: &TerminalResponse) {
        let Some(connection) = &mut self.session.connection else { return };
        let ResponseData::Received(received) = &response.data else {
            connection.available = false;
            return;
        };
        connection.available = received.left.is_some_and(|left| left.0 > 0);
        if let Some(data) = &received.data {
            connection.received.extend_from_slice(data.octets());
        }
        self.take_packet();
    }

    /// Gives the card the next packet, one at a time.
    fn take_packet(&mut self) {
        let Some(connection) = &mut self.session.connection else { return };
        if connection.proving {
            return;
        }
        match take_packet(&mut connection.received) {
            Ok(Some(packet)) => {
                connection.proving = true;
                self.out.push(Out::Do(AppletOutput::Packet(packet)));
            }
            Ok(None) => {}
            Err(_) => connection.ending = true,
        }
    }

    /// The card has answered a packet.
    pub(super) fn proved(&mut self, proof: Option<Vec<u8>>) {
        let Some(connection) = &mut self.session.connection else { return };
        connection.proving = false;
        connection.outgoing.extend(proof.unwrap_or_default());
        self.wait_for_more();
        self.take_packet();
    }

    fn wait_for_more(&mut self) {
        let seconds = if self.due().is_some() { ANSWER_SECONDS } else { LINGER_SECONDS };
        self.session.clock.set(seconds);
    }

    /// Nothing more has come in time, or the connection fails.
    pub(super) fn end_connection(&mut self) {
        if let Some(connection) = &mut self.session.connection {
            connection.ending = true;
        }
    }

    /// The connection is gone; what was not answered is tried again later.
    pub(super) fn disconnect(&mut self) {
        self.session.connection = None;
        self.session.clock.clear();
        if self.due().is_some() {
            self.tried(false);
        }
    }

    pub(super) fn data_available(&mut self, status: ChannelStatus) {
        if let Some(connection) = self.connection_of(status) {
            connection.available = true;
        }
    }

    pub(super) fn channel_changed(&mut self, status: ChannelStatus) {
        if status.link != LinkState::Up
            && let Some(connection) = self.connection_of(status)
        {
            connection.ending = true;
        }
    }

    fn connection_of(&mut self, status: ChannelStatus) -> Option<&mut Connection> {
        let connection = self.session.connection.as_deref_mut();
        connection.filter(|open| open.channel.is_some() && open.channel == status.channel)
    }
}

fn close(channel: ChannelId) -> Command {
    let (mode, alpha, look) = (CloseMode { keep: false }, None, Look::default());
    Command::from(CloseChannel { channel, mode, alpha, look })
}

/// Codes an access point name: each label behind its length (TS 23.003, 9.1).
fn access_name(apn: &str) -> Option<NetworkAccessName> {
    let mut octets = Vec::with_capacity(apn.len() + 1);
    for label in apn.split('.').filter(|label| !label.is_empty()) {
        octets.push(u8::try_from(label.len()).ok()?);
        octets.extend_from_slice(label.as_bytes());
    }
    NetworkAccessName::new(&octets).ok()
}
