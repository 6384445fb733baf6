//! What the network does about channels.

use super::command::length;
use super::{INCOMING_MAX, Link};
use crate::core::Core;
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::packet::CONTEXT_MAX;
use crate::toolkit::session::Waits;
use polysim_base::{Duration, Instant};
use polysim_cat::{
    ChannelChanged, ChannelId, ChannelProblem, DataReady, EventData, GeneralResult, OtherAddress,
};
use polysim_radio::air::{PacketAnswer, PacketRequest, StreamDownlink, StreamUplink, Uplink};

/// How long the network may take.
const PATIENCE: Duration = Duration::from_secs(30);

impl Core {
    /// Asks for a context for a channel; the stream follows.
    pub(super) fn establish(&mut self, fx: &mut Effects, id: ChannelId) {
        let online = self.radio.registered && self.radio.packet;
        let context = self.free_context().filter(|_| online);
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        let Some(context) = context else {
            return self.link_failed(fx, id, GeneralResult::NetworkBusy(0));
        };
        channel.link = Link::Activating;
        channel.context = Some(context);
        channel.until = Deadline::at(fx.now.plus(PATIENCE));
        let apn = channel.access_point.clone();
        fx.air(Uplink::Packet { context, request: PacketRequest::Activate { apn } });
    }

    /// Whether a channel of the card has a context.
    pub(crate) fn is_channel_context(&self, context: u8) -> bool {
        self.toolkit_now().is_some_and(|toolkit| toolkit.channels.has_context(context))
    }

    /// The highest context that nobody uses: hosts begin with the lowest.
    fn free_context(&self) -> Option<u8> {
        let packet = self.rare.as_ref().map(|rare| &rare.packet.contexts);
        (1..=CONTEXT_MAX).rev().find(|context| {
            packet.is_none_or(|contexts| !contexts.contains_key(context))
                && !self.is_channel_context(*context)
        })
    }

    /// Sends what is in the buffer.
    pub(super) fn flush(&mut self, fx: &mut Effects, id: ChannelId) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        let data = core::mem::take(&mut channel.outgoing);
        let stream = id.number();
        if let Some(context) = channel.context.filter(|_| !data.is_empty()) {
            fx.air(Uplink::Stream { context, stream, message: StreamUplink::Data(data) });
        }
    }

    /// The card needs a channel no more.
    pub(super) fn let_go(&mut self, fx: &mut Effects, id: ChannelId) {
        self.end_context(fx, id);
        self.toolkit().channels.remove(id);
    }

    /// What the network says about a context. Returns whether it is one of the card.
    pub(crate) fn channel_context(
        &mut self,
        fx: &mut Effects,
        context: u8,
        answer: &PacketAnswer,
    ) -> bool {
        let Some(toolkit) = self.toolkit_mut() else { return false };
        let channels = &mut toolkit.channels;
        let Some(channel) = channels.in_context(context) else {
            let ours = channels.has_context(context);
            if *answer == PacketAnswer::Inactive {
                channels.ending.retain(|(ending, _)| *ending != context);
            }
            return ours;
        };
        let (id, stream) = (channel.id, channel.id.number());
        match (answer, channel.link) {
            (PacketAnswer::Active { .. }, Link::Activating) => {
                channel.link = Link::Connecting;
                channel.until = Deadline::at(fx.now.plus(PATIENCE));
                let (address, port) = (channel.address, channel.port);
                let message = StreamUplink::Open { address, port };
                fx.air(Uplink::Stream { context, stream, message });
            }
            (PacketAnswer::Refused { .. }, Link::Activating)
            | (PacketAnswer::Inactive, Link::Activating | Link::Connecting | Link::Up) => {
                channel.context = None;
                self.link_failed(fx, id, GeneralResult::NetworkBusy(0));
            }
            (
                PacketAnswer::Active { .. }
                | PacketAnswer::Rate { .. }
                | PacketAnswer::Refused { .. }
                | PacketAnswer::Inactive,
                _,
            ) => {}
        }
        true
    }

    /// What comes over a stream.
    pub(crate) fn stream_downlink(
        &mut self,
        fx: &mut Effects,
        context: u8,
        stream: u8,
        message: StreamDownlink,
    ) {
        let channels = self.toolkit_mut().map(|toolkit| &mut toolkit.channels);
        let channel = channels.and_then(|channels| channels.in_context(context));
        let Some(channel) = channel.filter(|channel| channel.id.number() == stream) else {
            return;
        };
        let id = channel.id;
        match (message, channel.link) {
            (StreamDownlink::Opened, Link::Connecting) => self.link_up(fx, id),
            (StreamDownlink::Refused, Link::Connecting) => {
                self.link_failed(fx, id, GeneralResult::ChannelError(ChannelProblem::Unspecific));
            }
            (StreamDownlink::Data(data), Link::Up) => self.data_came(fx, id, &data),
            (StreamDownlink::Closed | StreamDownlink::Refused, Link::Connecting | Link::Up) => {
                self.link_failed(fx, id, GeneralResult::ChannelError(ChannelProblem::Closed));
            }
            (
                StreamDownlink::Opened
                | StreamDownlink::Refused
                | StreamDownlink::Data(_)
                | StreamDownlink::Closed,
                _,
            ) => {}
        }
    }

    fn link_up(&mut self, fx: &mut Effects, id: ChannelId) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        channel.link = Link::Up;
        channel.until = Deadline::NONE;
        self.flush(fx, id);
        match self.take_waiting(id) {
            Some(Waits::Opening(_)) => self.opened(fx, id),
            Some(_) => self.sent(fx, id),
            None => self.tell_channel(fx, id),
        }
    }

    fn data_came(&mut self, fx: &mut Effects, id: ChannelId, data: &[u8]) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        if channel.incoming.len() + data.len() > INCOMING_MAX {
            return self.link_failed(fx, id, GeneralResult::ChannelError(ChannelProblem::Closed));
        }
        let first = channel.incoming.is_empty();
        channel.incoming.extend_from_slice(data);
        let (status, length) = (channel.status(), length(channel.incoming.len()));
        // The card takes what is there; it is told when there is something again.
        if first && !data.is_empty() {
            self.tell(fx, EventData::DataAvailable(DataReady { status, length }));
        }
    }

    /// Ends the context of a channel, if it has one: its stream goes with that.
    fn end_context(&mut self, fx: &mut Effects, id: ChannelId) {
        let until = fx.now.plus(PATIENCE);
        let channels = &mut self.toolkit().channels;
        let context = channels.get(id).and_then(|channel| channel.context.take());
        if let Some(context) = context {
            channels.ending.push((context, until));
            fx.air(Uplink::Packet { context, request: PacketRequest::Deactivate });
        }
    }

    /// The link of a channel is gone, or did not come. A channel that never was is forgotten.
    fn link_failed(&mut self, fx: &mut Effects, id: ChannelId, result: GeneralResult) {
        self.end_context(fx, id);
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        channel.link = Link::Dropped;
        channel.until = Deadline::NONE;
        channel.outgoing = Vec::new();
        match self.take_waiting(id) {
            Some(Waits::Opening(_)) => {
                self.toolkit().channels.remove(id);
                self.conclude(fx, result);
            }
            Some(_) => self.conclude(fx, result),
            None => self.tell_channel(fx, id),
        }
    }

    /// What the card waits for a channel to do; it waits no longer.
    fn take_waiting(&mut self, id: ChannelId) -> Option<Waits> {
        self.toolkit().session.take_waits(
            |waits| matches!(waits, Waits::Opening(other) | Waits::Sending(other) if *other == id),
        )
    }

    fn tell_channel(&mut self, fx: &mut Effects, id: ChannelId) {
        let Some(channel) = self.toolkit().channels.get(id) else { return };
        let bearer = Some(channel.bearer.clone());
        let address = Some(OtherAddress::V4(channel.address.into()));
        let status = channel.status();
        self.tell(fx, EventData::ChannelStatus(ChannelChanged { status, bearer, address }));
    }

    /// Links end with the registration, and contexts with them.
    pub(crate) fn channels_dropped(&mut self, fx: &mut Effects) {
        let Some(toolkit) = self.toolkit_mut() else { return };
        let channels = &mut toolkit.channels;
        channels.ending.clear();
        let linked = channels
            .list
            .iter_mut()
            .filter_map(|channel| channel.context.take().map(|_| channel.id));
        for id in linked.collect::<Vec<_>>() {
            self.link_failed(fx, id, GeneralResult::NetworkBusy(0));
        }
    }

    /// The network took too long.
    pub(in crate::toolkit) fn channel_timeouts(&mut self, fx: &mut Effects, now: Instant) {
        let Some(toolkit) = self.toolkit_mut() else { return };
        let channels = &mut toolkit.channels;
        channels.ending.retain(|(_, until)| *until > now);
        let late = channels.list.iter().filter(|channel| channel.until.is_due(now));
        for id in late.map(|channel| channel.id).collect::<Vec<_>>() {
            self.link_failed(fx, id, GeneralResult::NetworkBusy(0));
        }
    }
}
