//! What becomes of packets, and what cards answer to them.

use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};
use polysim_ota::script::CompactResponse;
use polysim_ota::{Answer, Counter, Response, Sender, StatusCode};

use super::order::Phase;
use super::record::{Change, TryFate, Way};
use super::{Alarm, Fate, Platform};
use crate::wire::{
    AppletAnswer, BusinessAnswer, MessageId, Method, OrderId, Outcome, Refusal, RequestId,
    WriteFailure,
};

/// How often the counter of a card is set ahead for one order.
const JUMPS_MAX: u8 = 6;
/// By how much, the first time; each time after that sixteen times as much.
const JUMP: u64 = 1 << 10;

/// What an answer means for the try that it answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    /// It was carried out.
    Done,
    /// It was not, and it is worth trying again.
    Again,
    /// The card may have carried it out.
    Unclear,
    /// The card's counter is higher.
    Behind,
    /// The card does not take it.
    Refused(WriteFailure),
}

impl Platform {
    /// The service centre tells what became of a packet.
    pub(super) fn sent(&mut self, now: Instant, message: MessageId, fate: Fate) {
        // Notes have no proof, and cards ask for them again.
        let Some(id) = self.state.messages.get(&message).copied() else { return };
        let (proof, fate) = match fate {
            Fate::Delivered { proof } => (proof, TryFate::Delivered),
            Fate::Refused { proof } => (proof, TryFate::Dead),
            Fate::Expired | Fate::NotTaken => (None, TryFate::Dead),
        };
        if proof.is_some_and(|proof| self.judge(now, id, &proof, Some(message))) {
            return;
        }
        let Some(order) = self.state.orders.get(&id) else { return };
        let Some(it) = order.tries.iter().find(|it| it.message == message) else { return };
        // The first word counts.
        if it.fate == TryFate::Unknown {
            let counter = it.counter;
            self.record(now, Change::Tried { order: id, counter, fate });
            self.end_if_certain(now, id);
        }
    }

    /// A card has sent a response packet in a text of its own.
    pub(super) fn proof_from(&mut self, now: Instant, from: Msisdn, packet: &[u8]) {
        let Some(eid) = self.state.by_number.get(&from).copied() else { return };
        let Some((id, _)) = self.state.order_of(eid) else { return };
        if !self.judge(now, id, packet, None) {
            self.alarm_of_anybody(now, Alarm::NotAuthentic { eid });
        }
    }

    /// A tool has brought a write to its card.
    pub(super) fn proved_on_site(
        &mut self,
        now: Instant,
        request: RequestId,
        id: OrderId,
        proof: Option<Vec<u8>>,
    ) {
        let Some(order) = self.state.orders.get(&id).filter(|order| order.way == Way::Site) else {
            // One that is over is answered as the write that it was.
            let is_over = id.0 != 0 && id <= self.state.last_order;
            let refusal = if is_over { Refusal::TooLate } else { Refusal::Unknown };
            return self.answer(request, BusinessAnswer::Refused(refusal));
        };
        let (eid, last) = (order.eid, order.last_try());
        match proof {
            Some(proof) if self.judge(now, id, &proof, last.map(|it| it.message)) => {}
            Some(_) => self.alarm_of_anybody(now, Alarm::NotAuthentic { eid }),
            None => {
                if let Some(it) = last.filter(|it| it.fate == TryFate::Unknown) {
                    let (counter, fate) = (it.counter, TryFate::Delivered);
                    self.record(now, Change::Tried { order: id, counter, fate });
                }
            }
        }
        self.answer(request, BusinessAnswer::Accepted);
    }

    /// Holds an answer against the tries of an order, that of `message` first. Returns whether it
    /// answers one. What nobody has signed counts only as the answer to a message.
    fn judge(
        &mut self,
        now: Instant,
        id: OrderId,
        packet: &[u8],
        message: Option<MessageId>,
    ) -> bool {
        let Some(order) = self.state.orders.get(&id) else { return false };
        let Some(keys) = self.keys.downlink(order.eid) else { return false };
        let method = order.write.method;
        let sender = Sender::new(keys, Counter::ZERO);
        let header = sender.header(self.tar_of(method), self.config.spi);
        let named = order.tries.iter().filter(|it| Some(it.message) == message);
        let others = order.tries.iter().rev().filter(|it| Some(it.message) != message);
        let answered = named.chain(others).find_map(|it| {
            let answer = sender.expect(header, it.counter).judge(packet).ok()?;
            Some((it.counter, answer))
        });
        let Some((counter, answer)) = answered else { return false };
        let (eid, imsi) = (order.eid, order.write.imsi);
        let verdict = match &answer {
            Answer::Proof(response) => verdict(response, method, imsi),
            // Anybody can send a text that seems to come from the card's number.
            Answer::Hint(status) if message.is_none() => {
                self.alarm_of_anybody(now, Alarm::Security { eid, status: status.octet() });
                return true;
            }
            Answer::Hint(status) => match of_status(*status) {
                // Nobody has signed that.
                Verdict::Done | Verdict::Behind => Verdict::Unclear,
                other @ (Verdict::Again | Verdict::Unclear | Verdict::Refused(_)) => other,
            },
        };
        self.take(now, id, counter, verdict);
        true
    }

    fn take(&mut self, now: Instant, id: OrderId, counter: Counter, verdict: Verdict) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let eid = order.eid;
        match verdict {
            // It was so, and the card has gone back since.
            Verdict::Done if order.has_gone_back_from(counter) => {}
            Verdict::Done => self.proved(now, id),
            Verdict::Again => self.tried(now, id, counter, TryFate::Dead),
            Verdict::Unclear => self.tried(now, id, counter, TryFate::Delivered),
            Verdict::Behind => {
                // Something that was sealed later may just have come before it.
                let is_newest = self.state.card(eid).is_some_and(|it| it.downlink == counter);
                let jumps = order.jumps;
                let may_jump = is_newest && order.phase == Phase::Sending && jumps < JUMPS_MAX;
                self.tried(now, id, counter, TryFate::Delivered);
                if may_jump {
                    let step = JUMP << (4 * u32::from(jumps));
                    let to = Counter::new(counter.value().saturating_add(step));
                    let to = to.unwrap_or(Counter::MAX);
                    self.record(now, Change::Jumped { order: id, to });
                    self.alarm(Alarm::Resynchronised { eid });
                }
            }
            Verdict::Refused(failure) => {
                if let WriteFailure::Security(status) = failure {
                    self.alarm(Alarm::Security { eid, status });
                }
                self.refused(now, id, counter, failure);
            }
        }
    }

    fn tried(&mut self, now: Instant, id: OrderId, counter: Counter, fate: TryFate) {
        let Some(order) = self.state.orders.get(&id) else { return };
        if order.tries.iter().any(|it| it.counter == counter && it.fate != fate) {
            self.record(now, Change::Tried { order: id, counter, fate });
            self.end_if_certain(now, id);
        }
    }
}

fn verdict(response: &Response, method: Method, imsi: polysim_base::Imsi) -> Verdict {
    if response.status != StatusCode::Ok {
        return of_status(response.status);
    }
    match method {
        Method::Applet => match AppletAnswer::parse(&response.data) {
            Ok(answer) => of_answer(answer, imsi),
            Err(_) => Verdict::Unclear,
        },
        Method::Files => match CompactResponse::parse(&response.data) {
            Ok(response) if response.status.is_done() => Verdict::Done,
            Ok(response) => Verdict::Refused(WriteFailure::Status(response.status.into())),
            Err(_) => Verdict::Unclear,
        },
    }
}

fn of_answer(answer: AppletAnswer, imsi: polysim_base::Imsi) -> Verdict {
    match answer.outcome {
        Outcome::Done => Verdict::Done,
        Outcome::DoneBefore if answer.imsi == Some(imsi) => Verdict::Done,
        Outcome::DoneBefore => Verdict::Refused(WriteFailure::Reverted),
        Outcome::Busy => Verdict::Again,
        Outcome::AnotherCard
        | Outcome::NoSuchKey
        | Outcome::Malformed
        | Outcome::WriteFailed
        | Outcome::AnotherDevice => Verdict::Refused(WriteFailure::Card(answer.outcome)),
    }
}

const fn of_status(status: StatusCode) -> Verdict {
    match status {
        StatusCode::Ok
        | StatusCode::MoreTime
        | StatusCode::ResponseBySubmit
        | StatusCode::ResponseByUssd
        | StatusCode::Reserved(_) => Verdict::Unclear,
        StatusCode::CounterLow => Verdict::Behind,
        StatusCode::InsufficientMemory => Verdict::Again,
        StatusCode::CheckFailed
        | StatusCode::CounterHigh
        | StatusCode::CounterBlocked
        | StatusCode::CipheringError
        | StatusCode::UnidentifiedSecurity
        | StatusCode::TarUnknown
        | StatusCode::InsufficientSecurity => {
            Verdict::Refused(WriteFailure::Security(status.octet()))
        }
    }
}
