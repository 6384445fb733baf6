//! What operators do for platforms: texts, subscriptions, word of who has registered, connections.

use super::cards::chosen;
use super::config::{IssuanceConfig, IssuanceNode};
use super::message::{Asked, IssuanceMessage, Provision};
use super::system::{Ctx, Issuance, node_of};
use crate::message::Message;
use crate::node::Kind;
use crate::world::MobileWorld;
use polysim_base::{Duration, Instant, Machine as _, Msisdn};
use polysim_issuance::platform::{PlatformInput, StreamEvent};
use polysim_issuance::wire::{MessageId, StreamId};
use polysim_ota::sms::deliver;
use polysim_radio::air::{StreamDownlink, StreamUplink};
use polysim_radio::{
    CoreCommand, CoreInput, Keys, NetworkEvent, OutsideSms, Party, SmsEvent, StreamRef,
    SubscriberConfig, SubscriberExists,
};
use polysim_sms::{Address, MobileTerminated, Reference, Timestamp, Tpdu as _};

impl MobileWorld {
    /// A platform asks something of an operator, over its link.
    pub(crate) fn operator_asked(
        &mut self,
        ctx: &mut Ctx<'_>,
        operator: u32,
        platform: usize,
        asked: Asked,
    ) {
        match asked {
            Asked::Text { message, to, packet, validity } => {
                let Some(issuance) = &mut self.issuance else { return };
                let texts = issuance.texts(ctx.now(), (platform, message), &packet);
                let from = IssuanceConfig::number(platform);
                let Some(((tag, texts), from)) = texts.zip(from) else { return };
                for tpdu in texts {
                    let command = outside(from, to, tpdu, Some(tag), Some(validity));
                    self.core(ctx, operator, |core, now| core.handle(now, command));
                }
            }
            Asked::Provision(provision) => {
                let ready = self.provision(operator, &provision);
                let Some(issuance) = &mut self.issuance else { return };
                let input = PlatformInput::Provisioned { order: provision.order, ready };
                issuance.operator_tells(ctx, operator as usize, platform, input);
            }
        }
    }

    /// Has a subscription ready, with the key that the card will use. Asked again, it is the same.
    fn provision(&mut self, operator: u32, asked: &Provision) -> bool {
        let Some(issuance) = &self.issuance else { return false };
        let card = issuance.cards.with(&asked.eid).and_then(|card| issuance.cards.get(card));
        let key = card.and_then(|card| chosen(issuance.seed, card, &asked.key));
        let core = self.cores.get_mut(operator as usize).and_then(Option::as_mut);
        let (Some(algorithm), Some(core)) = (key, core) else {
            return false;
        };
        let keys = Keys::Stored(Box::new(algorithm));
        let mut subscriber = SubscriberConfig::new(asked.imsi, Some(asked.msisdn));
        subscriber.keys = keys.clone();
        match core.machine.add_subscriber(subscriber) {
            Ok(()) => true,
            Err(SubscriberExists::Imsi(imsi)) => core.machine.set_keys(&imsi, keys),
            Err(_) => false,
        }
    }
}

impl Issuance {
    /// Makes the texts of a packet; returns them with the tag by which their fate is told.
    fn texts(
        &mut self,
        now: Instant,
        (platform, message): (usize, MessageId),
        packet: &[u8],
    ) -> Option<(u64, Vec<Vec<u8>>)> {
        let [.., reference] = message.0.to_be_bytes();
        let texts = self.wrapped(now, platform, packet, reference)?;
        Some((self.sent.begin(platform, message, texts.len()), texts))
    }

    /// Returns how many texts were given to service centres or came from them.
    pub(crate) fn texts_carried(&self) -> u64 {
        self.sent.texts + self.inboxes.iter().map(|inbox| inbox.texts).sum::<u64>()
    }

    /// Makes SMS-DELIVERs of a packet, as if a platform had sent it.
    pub(crate) fn wrapped(
        &self,
        now: Instant,
        platform: usize,
        packet: &[u8],
        reference: u8,
    ) -> Option<Vec<Vec<u8>>> {
        let originator = Address::from(IssuanceConfig::number(platform)?);
        let unix_s = self.start_unix_s.saturating_add(now.as_micros() / 1_000_000);
        let timestamp = Timestamp::from_unix(unix_s, 0).ok()?;
        let texts = deliver(packet, originator, timestamp, Reference::Eight(reference)).ok()?;
        let octets = texts.into_iter().map(|text| MobileTerminated::Deliver(text).to_octets());
        Some(octets.collect())
    }

    /// An operator tells a platform something, over its link.
    fn operator_tells(
        &mut self,
        ctx: &mut Ctx<'_>,
        operator: usize,
        platform: usize,
        input: PlatformInput,
    ) {
        let ends = (IssuanceNode::Operator(operator), IssuanceNode::Platform(platform));
        self.over(ctx, ends, IssuanceMessage::Platform(input));
    }

    /// Hears what an operator's network tells.
    pub(crate) fn hears(&mut self, ctx: &mut Ctx<'_>, operator: usize, event: &NetworkEvent) {
        match event {
            NetworkEvent::Registered { imsi, home, .. } => {
                if let Some(platform) = self.awaited.get(imsi).copied() {
                    let input = PlatformInput::Attached { imsi: *imsi };
                    self.operator_tells(ctx, home.0.into(), platform, input);
                }
            }
            NetworkEvent::Sms(SmsEvent::DeliveredOutside {
                from: Party::Number(from),
                to,
                tpdu,
                ..
            }) => {
                let Some(platform) = self.numbers.get(to).copied() else { return };
                let inbox = self.inboxes.get_mut(platform);
                let input = inbox.and_then(|inbox| inbox.take(ctx.now(), *from, tpdu));
                if let Some(input) = input {
                    self.operator_tells(ctx, operator, platform, input);
                }
            }
            NetworkEvent::Sms(event) => {
                if let Some((platform, message, fate)) = self.sent.hears(event) {
                    let input = PlatformInput::Sent { message, fate };
                    self.operator_tells(ctx, operator, platform, input);
                }
            }
            NetworkEvent::Rejected { .. }
            | NetworkEvent::Detached { .. }
            | NetworkEvent::LinkLost { .. }
            | NetworkEvent::AuthenticationFailed { .. }
            | NetworkEvent::LocationUpdated { .. }
            | NetworkEvent::Resynchronised { .. }
            | NetworkEvent::Call(..)
            | NetworkEvent::Ussd { .. }
            | NetworkEvent::ContextActive { .. }
            | NetworkEvent::ContextInactive { .. }
            | NetworkEvent::Cdr(_) => {}
        }
    }

    /// A card says something on a connection of its own. Returns whether anybody listens there.
    pub(crate) fn stream(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: StreamRef,
        said: &StreamUplink,
    ) -> bool {
        let operator = usize::from(name.serving.0);
        let (platform, id, event) = match said {
            StreamUplink::Open { address, port } => {
                let there =
                    |platform: &usize| IssuanceConfig::address(*platform) == (*address, *port);
                let platform = (0..self.platforms.len()).find(there);
                let Some(platform) = platform.filter(|node| self.is_reached(operator, *node))
                else {
                    return false;
                };
                let id = self.streams.open(name, platform);
                self.answer_stream(ctx, name, StreamDownlink::Opened);
                (platform, id, StreamEvent::Opened)
            }
            StreamUplink::Data(octets) => {
                let Some((platform, id)) = self.streams.named(&name) else { return true };
                (platform, id, StreamEvent::Data(octets.clone()))
            }
            StreamUplink::Close => {
                let Some((platform, id)) = self.streams.close(&name) else { return true };
                (platform, id, StreamEvent::Closed)
            }
        };
        let input = PlatformInput::Stream { stream: id, event };
        let message = Message::Issuance(Box::new(IssuanceMessage::Platform(input)));
        ctx.send(self.stream_delay(), Kind::Platform.node(index(platform)), message);
        true
    }

    fn is_reached(&self, operator: usize, platform: usize) -> bool {
        let ends = (IssuanceNode::Operator(operator), IssuanceNode::Platform(platform));
        let up = self.platforms.get(platform).is_some_and(|platform| platform.machine().is_some());
        up && !self.links.is_cut(ends.0, ends.1) && !self.links.is_cut(ends.1, ends.0)
    }

    /// A platform says something on a connection.
    pub(crate) fn stream_says(&self, ctx: &mut Ctx<'_>, stream: StreamId, octets: Vec<u8>) {
        if let Some(name) = self.streams.name(stream) {
            self.answer_stream(ctx, name, StreamDownlink::Data(octets));
        }
    }

    /// The connections of a platform break.
    pub(crate) fn break_streams(&mut self, ctx: &mut Ctx<'_>, platform: usize) {
        for name in self.streams.close_all(platform) {
            self.answer_stream(ctx, name, StreamDownlink::Closed);
        }
    }

    fn answer_stream(&self, ctx: &mut Ctx<'_>, stream: StreamRef, message: StreamDownlink) {
        let to = node_of(IssuanceNode::Operator(stream.serving.0.into()));
        let command = CoreInput::Command(CoreCommand::Stream { stream, message });
        ctx.send(self.stream_delay(), to, Message::Core(command));
    }

    /// What TCP repeats comes late, not never; how late is left out, so that order is kept.
    const fn stream_delay(&self) -> Duration {
        self.config.links.usual.latency.max
    }
}

fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Returns the command to bring a text from outside to a subscriber.
pub(crate) fn outside(
    from: Msisdn,
    to: Msisdn,
    tpdu: Vec<u8>,
    tag: Option<u64>,
    validity: Option<Duration>,
) -> CoreInput {
    let (from, content) = (Party::Number(from), OutsideSms::Deliver(tpdu));
    CoreInput::Command(CoreCommand::OutsideSms { from, to, content, tag, validity })
}
