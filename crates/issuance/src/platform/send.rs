//! What goes to cards: sealed one by one, in the order in which it leaves.

use alloc::vec::Vec;

use polysim_base::{Eid, Imei, Instant, Msisdn};
use polysim_ota::{ProofRequest, Sender, Spi, Tar};
use zeroize::Zeroizing;

use super::order::Order;
use super::record::{Change, End, Write};
use super::{Alarm, Platform, PlatformOutput};
use crate::wire::{
    AppletMessage, BusinessAnswer, LocalWrite, MessageId, Method, NotBound, OrderId, Outcome,
    WriteFailure,
};
use crate::{KeyChoice, ScriptBase, Subscription};

/// Octets of a packet that fit into one text, and into each of several.
const ALONE: usize = 137;
const IN_PART: usize = 131;

/// Something that waits for its turn to be sent as a text.
#[derive(Clone, Debug)]
pub(super) enum Queued {
    /// To this card.
    Note(Eid),
    Try(OrderId),
}

/// What the platform says to a card of its own, other than a write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Note {
    Bound(Imei),
    NotBound(Imei, NotBound),
    Noted(OrderId),
}

impl From<Note> for AppletMessage {
    fn from(note: Note) -> Self {
        match note {
            Note::Bound(imei) => Self::Bound { imei },
            Note::NotBound(imei, reason) => Self::NotBound { imei, reason },
            Note::Noted(order) => Self::Noted { order },
        }
    }
}

impl Platform {
    pub(super) fn queue_note(&mut self, eid: Eid, to: Msisdn, note: Note) {
        // One for each card, however often it speaks: it asks again for what it does not get.
        if self.flight.notes.insert(eid, (to, note)).is_none() {
            self.flight.queue.push_back(Queued::Note(eid));
        }
    }

    pub(super) fn queue_try(&mut self, order: OrderId) {
        // One for each order, of which there is one for each card.
        if self.flight.queued.insert(order) {
            self.flight.queue.push_back(Queued::Try(order));
        }
    }

    /// Sends what waits, as far as the rate allows.
    pub(super) fn send_queued(&mut self, now: Instant) {
        while self.flight.texts.ready_at() <= now
            && let Some(queued) = self.flight.queue.pop_front()
        {
            let sent = match queued {
                Queued::Note(eid) => self.flight.notes.remove(&eid).and_then(|(to, note)| {
                    self.seal_note(now, eid, note).map(|sealed| (to, sealed))
                }),
                // One that is not wanted any more has been taken out.
                Queued::Try(order) => {
                    let is_wanted = self.flight.queued.remove(&order);
                    is_wanted.then(|| self.seal_due_try(now, order)).flatten()
                }
            };
            let Some((to, (message, packet))) = sent else { continue };
            self.flight.texts.pass(now, texts(packet.len()));
            let validity = self.config.validity;
            self.say(PlatformOutput::Text { message, to, packet, validity });
        }
        if self.flight.queue.is_empty() {
            self.flight.queue.shrink_to(64);
        }
    }

    /// Seals a note; a proof of receipt is not asked for, since a card that does not get it asks
    /// again.
    pub(super) fn seal_note(
        &mut self,
        now: Instant,
        eid: Eid,
        note: Note,
    ) -> Option<(MessageId, Vec<u8>)> {
        let spi = Spi { proof: ProofRequest::default(), ..self.config.spi };
        self.seal(now, eid, (self.config.tar, spi), &AppletMessage::from(note).encode(), None)
    }

    fn seal_due_try(
        &mut self,
        now: Instant,
        id: OrderId,
    ) -> Option<(Msisdn, (MessageId, Vec<u8>))> {
        let to = self.state.orders.get(&id).filter(|order| order.wants_tries())?.old_number?;
        Some((to, self.seal_try(now, id)?))
    }

    /// Seals the next try of an order. Where that cannot be, the order comes to nothing.
    pub(super) fn seal_try(&mut self, now: Instant, id: OrderId) -> Option<(MessageId, Vec<u8>)> {
        let order = self.state.orders.get(&id)?;
        let eid = order.eid;
        let Some((tar, data)) = self.write_message(id, order) else {
            self.refuse_here(now, id, WriteFailure::Card(Outcome::NoSuchKey));
            return None;
        };
        let sealed = self.seal(now, eid, (tar, self.config.spi), &data, Some(id));
        if sealed.is_none() {
            let status = polysim_ota::StatusCode::CounterBlocked.octet();
            self.alarm(Alarm::Security { eid, status });
            self.refuse_here(now, id, WriteFailure::Security(status));
        }
        sealed
    }

    /// The platform itself cannot go on with an order.
    fn refuse_here(&mut self, now: Instant, id: OrderId, failure: WriteFailure) {
        if self.state.orders.get(&id).is_some_and(|order| !order.may_be_carried_out()) {
            self.end(now, id, End::Failed(failure));
        }
    }

    /// Seals under the card's next counter, which is recorded with the number of the packet.
    fn seal(
        &mut self,
        now: Instant,
        eid: Eid,
        (tar, spi): (Tar, Spi),
        data: &[u8],
        order: Option<OrderId>,
    ) -> Option<(MessageId, Vec<u8>)> {
        let last = self.state.card(eid)?.downlink;
        let sealed = Sender::new(self.keys.downlink(eid)?, last).seal(tar, spi, data).ok()?;
        let message = MessageId(self.state.last_message.0.saturating_add(1));
        let counter = sealed.counter_used.counter;
        self.record(now, Change::Said { eid, counter, message, order });
        Some((message, sealed.packet))
    }

    /// Gives a write to a business platform, which has it brought to the card.
    pub(super) fn hand_out(&mut self, now: Instant, id: OrderId) {
        let Some((_, packet)) = self.seal_try(now, id) else { return };
        self.say_local(id, packet);
    }

    /// Gives the last packet of an order out again: the same under the same counter.
    pub(super) fn hand_out_again(&mut self, id: OrderId) {
        if let Some(packet) = self.last_packet(id) {
            self.say_local(id, packet);
        }
    }

    fn last_packet(&self, id: OrderId) -> Option<Vec<u8>> {
        let order = self.state.orders.get(&id)?;
        let before = order.last_try()?.counter.value().checked_sub(1)?;
        let before = polysim_ota::Counter::new(before)?;
        let (tar, data) = self.write_message(id, order)?;
        let mut sender = Sender::new(self.keys.downlink(order.eid)?, before);
        Some(sender.seal(tar, self.config.spi, &data).ok()?.packet)
    }

    fn say_local(&mut self, id: OrderId, packet: Vec<u8>) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let (request, eid) = (order.request, order.eid);
        let answer = BusinessAnswer::Local(LocalWrite { order: Some(id), eid, packet });
        self.say(PlatformOutput::Business { request, answer });
    }

    /// Returns which key a card gets for what is written.
    pub(super) fn key_for(&self, eid: Eid, write: &Write) -> Option<KeyChoice> {
        match write.method {
            Method::Applet => self.keys.choose(eid, write.imsi),
            Method::Files => self.keys.preloaded(eid, write.imsi).map(KeyChoice::Preloaded),
        }
    }

    /// Returns which application of the card is written to.
    pub(super) const fn tar_of(&self, method: Method) -> Tar {
        match method {
            Method::Applet => self.config.tar,
            Method::Files => Tar::USIM_FILES,
        }
    }

    fn write_message(&self, id: OrderId, order: &Order) -> Option<(Tar, Zeroizing<Vec<u8>>)> {
        let Write { imsi, msisdn, method, .. } = order.write;
        let key = self.key_for(order.eid, &order.write)?;
        let networks = self.config.networks.iter().filter(|it| imsi.belongs_to(it.home));
        let network = networks.max_by_key(|it| it.home.mnc_len());
        let subscription = Subscription {
            imsi,
            mnc_len: network.map_or(2, |it| it.home.mnc_len()),
            msisdn: Some(msisdn),
            centre: network.and_then(|it| it.centre),
            key,
        };
        let data = match method {
            Method::Applet => {
                AppletMessage::Write { order: id, eid: order.eid, subscription }.encode()
            }
            Method::Files => {
                let (sizes, newest) = (&self.config.sizes, self.config.generation);
                let script = subscription.script(sizes, ScriptBase::Usim, newest);
                Zeroizing::new(script.octets().to_vec())
            }
        };
        Some((self.tar_of(method), data))
    }
}

/// Returns how many texts a packet takes.
fn texts(len: usize) -> u64 {
    let texts = if len <= ALONE { 1 } else { len.div_ceil(IN_PART) };
    u64::try_from(texts).unwrap_or(u64::MAX)
}
