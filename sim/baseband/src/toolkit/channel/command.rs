//! What the card asks of its channels.

use super::{BUFFER_MAX, Channel, Link};
use crate::core::Core;
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::toolkit::session::Waits;
use polysim_cat::{
    BearerDescription, BearerType, BufferSize, ChannelData, ChannelDataLength, ChannelId,
    ChannelProblem, ChannelStatus, ChannelsResponse, CloseChannel, GeneralResult, LinkState,
    NetworkAccessName, OpenChannel, OpenedResponse, OtherAddress, ReceiveData, ReceivedResponse,
    ResponseData, SendData, SentResponse, TerminalProblem, TransportProtocol,
};

/// The most data that one TERMINAL RESPONSE carries beside what else is in it.
const RECEIVED_MAX: usize = 237;

const fn failed(problem: ChannelProblem) -> GeneralResult {
    GeneralResult::ChannelError(problem)
}

impl Core {
    pub(in crate::toolkit) fn open_channel(&mut self, fx: &mut Effects, open: OpenChannel) {
        let (immediate, background) = (open.mode.immediate, open.mode.background);
        let id = match self.new_channel(open) {
            Ok(channel) => {
                let id = channel.id;
                self.toolkit().channels.list.push(channel);
                id
            }
            Err(result) => return self.conclude(fx, result),
        };
        if immediate && !background {
            self.toolkit().session.wait_for(Waits::Opening(id));
            self.establish(fx, id);
            return;
        }
        self.opened(fx, id);
        if background {
            self.establish(fx, id);
        }
    }

    fn new_channel(&self, open: OpenChannel) -> Result<Channel, GeneralResult> {
        let transport = open.transport.ok_or(GeneralResult::ValuesMissing)?;
        let destination = transport.destination.ok_or(GeneralResult::ValuesMissing)?;
        let bearer = open.bearer.ok_or(GeneralResult::ValuesMissing)?;
        let OtherAddress::V4(address) = destination else {
            return Err(GeneralResult::BeyondCapabilities);
        };
        if transport.level.protocol != TransportProtocol::TcpClient || !is_packet(&bearer) {
            return Err(GeneralResult::BeyondCapabilities);
        }
        let name = open.access_name.as_ref().map_or(Some(String::new()), access_point);
        let access_point = name.ok_or(GeneralResult::DataNotUnderstood)?;
        if open.buffer.0 == 0 {
            return Err(failed(ChannelProblem::BufferSize));
        }
        if !self.radio.registered || !self.radio.packet {
            return Err(GeneralResult::TerminalBusy(TerminalProblem::NoService));
        }
        let channels = self.toolkit_now().map(|toolkit| &toolkit.channels);
        let id = match channels {
            Some(channels) => channels.free_id(),
            None => ChannelId::new(1).ok(),
        };
        Ok(Channel {
            id: id.ok_or(failed(ChannelProblem::NoChannel))?,
            context: None,
            link: Link::Waiting,
            until: Deadline::NONE,
            access_point,
            address: address.octets(),
            port: transport.level.port,
            bearer,
            // More than there is remains what there is, and the card is told.
            buffer: open.buffer.0,
            reconnect: open.mode.reconnect,
            outgoing: Vec::new(),
            incoming: Vec::new(),
        })
    }

    /// Tells the card that its channel is open, with a link or waiting for one.
    pub(super) fn opened(&mut self, fx: &mut Effects, id: ChannelId) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        let whole = channel.buffer <= BUFFER_MAX;
        channel.buffer = channel.buffer.min(BUFFER_MAX);
        let data = OpenedResponse {
            status: Some(channel.status()),
            bearer: Some(channel.bearer.clone()),
            buffer: Some(BufferSize(channel.buffer)),
            address: None,
            dns: Vec::new(),
        };
        let result = if whole { GeneralResult::Performed } else { GeneralResult::Modified };
        self.conclude_with(fx, result, ResponseData::Opened(data));
    }

    pub(in crate::toolkit) fn close_channel(&mut self, fx: &mut Effects, close: &CloseChannel) {
        let known = self.toolkit().channels.get(close.channel).is_some();
        if known {
            self.let_go(fx, close.channel);
        }
        self.conclude(
            fx,
            if known { GeneralResult::Performed } else { failed(ChannelProblem::UnknownChannel) },
        );
    }

    pub(in crate::toolkit) fn send_data(&mut self, fx: &mut Effects, send: &SendData) {
        let Some(channel) = self.toolkit().channels.get(send.channel) else {
            return self.conclude(fx, failed(ChannelProblem::UnknownChannel));
        };
        if channel.link == Link::Dropped && !channel.reconnect {
            return self.conclude(fx, failed(ChannelProblem::Closed));
        }
        if send.data.octets().len() > channel.free() {
            return self.conclude(fx, failed(ChannelProblem::BufferSize));
        }
        channel.outgoing.extend_from_slice(send.data.octets());
        if !send.mode.immediate {
            return self.sent(fx, send.channel);
        }
        match channel.link {
            Link::Up => {
                self.flush(fx, send.channel);
                self.sent(fx, send.channel);
            }
            Link::Waiting | Link::Dropped => {
                self.toolkit().session.wait_for(Waits::Sending(send.channel));
                self.establish(fx, send.channel);
            }
            Link::Activating | Link::Connecting => {
                self.toolkit().session.wait_for(Waits::Sending(send.channel));
            }
        }
    }

    /// Tells the card that its data is in the buffer, or gone.
    pub(super) fn sent(&mut self, fx: &mut Effects, id: ChannelId) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        let free = Some(length(channel.free()));
        let data = ResponseData::Sent(SentResponse { free });
        self.conclude_with(fx, GeneralResult::Performed, data);
    }

    pub(in crate::toolkit) fn receive_data(&mut self, fx: &mut Effects, receive: &ReceiveData) {
        let Some(channel) = self.toolkit().channels.get(receive.channel) else {
            return self.conclude(fx, failed(ChannelProblem::UnknownChannel));
        };
        let wanted = usize::from(receive.length.0);
        let count = wanted.min(RECEIVED_MAX).min(channel.incoming.len());
        let data: Vec<u8> = channel.incoming.drain(..count).collect();
        if channel.incoming.is_empty() {
            channel.incoming = Vec::new();
        }
        let left = Some(length(channel.incoming.len()));
        let result = if count < wanted.min(RECEIVED_MAX) {
            GeneralResult::MissingInformation
        } else {
            GeneralResult::Performed
        };
        let data = ReceivedResponse { data: ChannelData::new(&data).ok(), left };
        self.conclude_with(fx, result, ResponseData::Received(data));
    }

    pub(in crate::toolkit) fn tell_channels(&mut self, fx: &mut Effects) {
        let mut statuses: Vec<_> =
            self.toolkit().channels.list.iter().map(Channel::status).collect();
        if statuses.is_empty() {
            let (channel, link, information) = (None, LinkState::Down, 0);
            statuses.push(ChannelStatus { channel, link, information });
        }
        let data = ResponseData::Channels(ChannelsResponse { statuses });
        self.conclude_with(fx, GeneralResult::Performed, data);
    }
}

pub(super) fn length(octets: usize) -> ChannelDataLength {
    ChannelDataLength(u8::try_from(octets).unwrap_or(u8::MAX))
}

const fn is_packet(bearer: &BearerDescription) -> bool {
    matches!(bearer.bearer, BearerType::Packet | BearerType::Default | BearerType::EUtran)
}

/// An access point name in text: labels, each behind its length, become parts with dots between
/// them (TS 23.003, 9.1).
fn access_point(name: &NetworkAccessName) -> Option<String> {
    let mut labels = Vec::new();
    let mut rest = name.octets();
    while let Some((length, tail)) = rest.split_first() {
        let (label, after) = tail.split_at_checked(usize::from(*length))?;
        labels.push(core::str::from_utf8(label).ok().filter(|label| label.is_ascii())?);
        rest = after;
    }
    Some(labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labels_of_a_name_are_parts() {
        let name = |octets: &[u8]| access_point(&NetworkAccessName::new(octets).unwrap());
        assert_eq!(name(b"\x08internet\x03com"), Some("internet.com".into()));
        assert_eq!(name(b"\x08inter"), None);
    }
}
