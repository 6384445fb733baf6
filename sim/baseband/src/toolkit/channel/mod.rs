//! The bearer independent protocol: TCP of the card over packet contexts of its own
//! (TS 102.223, 6.4.27 to 6.4.31; TS 31.111, 6.4.27).

mod command;
mod link;

use super::profile::CHANNELS_MAX;
use crate::deadline::Deadline;
use polysim_base::Instant;
use polysim_cat::{BearerDescription, ChannelId, ChannelStatus, LinkState};

/// The most that a channel gets as its buffer, for what goes out.
const BUFFER_MAX: u16 = 1_500;
/// The most that came in and was not taken by the card; a channel with more is dropped.
const INCOMING_MAX: usize = 65_536;

/// The channels of the card.
#[derive(Debug, Default)]
pub(super) struct Channels {
    list: Vec<Channel>,
    /// Contexts that the network was asked to end, until it has, or should have.
    ending: Vec<(u8, Instant)>,
}

/// A channel: one stream in a context of its own.
#[derive(Debug)]
struct Channel {
    /// Its number, which is that of its stream as well.
    id: ChannelId,
    context: Option<u8>,
    link: Link,
    /// When the network must have done what is asked of it.
    until: Deadline,
    access_point: String,
    address: [u8; 4],
    port: u16,
    bearer: BearerDescription,
    buffer: u16,
    reconnect: bool,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

/// What a channel is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Link {
    /// Nothing yet: the link is established when there is something to send.
    Waiting,
    /// The context is asked for.
    Activating,
    /// The other side is called.
    Connecting,
    Up,
    /// It was there, and was dropped.
    Dropped,
}

impl Channel {
    fn status(&self) -> ChannelStatus {
        let (link, information) = match self.link {
            Link::Up => (LinkState::Up, 0),
            Link::Dropped => (LinkState::Down, ChannelStatus::LINK_DROPPED),
            Link::Waiting | Link::Activating | Link::Connecting => (LinkState::Down, 0),
        };
        ChannelStatus { channel: Some(self.id), link, information }
    }

    /// How much more the buffer takes.
    fn free(&self) -> usize {
        usize::from(self.buffer).saturating_sub(self.outgoing.len())
    }
}

impl Channels {
    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty() && self.ending.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let network = self.list.iter().filter_map(|channel| channel.until.get());
        network.chain(self.ending.iter().map(|(_, until)| *until)).min()
    }

    fn get(&mut self, id: ChannelId) -> Option<&mut Channel> {
        self.list.iter_mut().find(|channel| channel.id == id)
    }

    fn in_context(&mut self, context: u8) -> Option<&mut Channel> {
        self.list.iter_mut().find(|channel| channel.context == Some(context))
    }

    pub(super) fn has_context(&self, context: u8) -> bool {
        self.list.iter().any(|channel| channel.context == Some(context))
            || self.ending.iter().any(|(ending, _)| *ending == context)
    }

    fn free_id(&self) -> Option<ChannelId> {
        let mut numbers = (1..=CHANNELS_MAX).filter_map(|number| ChannelId::new(number).ok());
        numbers.find(|id| self.list.iter().all(|channel| channel.id != *id))
    }

    fn remove(&mut self, id: ChannelId) {
        self.list.retain(|channel| channel.id != id);
    }
}
