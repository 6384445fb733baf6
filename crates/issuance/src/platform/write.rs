//! What business platforms ask.

use polysim_base::{Eid, Instant};
use polysim_ota::Counter;

use super::order::Phase;
use super::record::{Change, End, TryFate, Way, Write};
use super::state::{Card, Requested, Standing};
use super::uplink::{FrameError, Path};
use super::{Platform, PlatformOutput};
use crate::wire::{
    BusinessAnswer, BusinessRequest, OrderId, Refusal, RequestId, RequestKind, Route, UplinkFrame,
    WriteFailure,
};

impl Platform {
    pub(super) fn business(&mut self, now: Instant, request: BusinessRequest) {
        let id = request.id;
        match request.kind {
            RequestKind::Write { imei, imsi, msisdn, route, method } => {
                self.write(now, id, Write { imei, imsi, msisdn, route, method });
            }
            RequestKind::Bind { frame } => self.bind_on_site(now, id, &frame),
            RequestKind::Proved { order, proof } if !self.state.requests.contains_key(&id) => {
                self.proved_on_site(now, id, order, proof);
            }
            RequestKind::Cancel { write } if !self.state.requests.contains_key(&id) => {
                self.cancel(now, id, write);
            }
            RequestKind::Proved { .. } | RequestKind::Cancel { .. } => {
                self.answer(id, BusinessAnswer::Refused(Refusal::Reused));
            }
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, answer: BusinessAnswer) {
        self.say(PlatformOutput::Business { request, answer });
    }

    fn write(&mut self, now: Instant, request: RequestId, write: Write) {
        match self.state.requests.get(&request) {
            Some(Requested::Write { write: known, .. }) if *known == write => {
                return self.answer_again(now, request);
            }
            Some(Requested::Write { .. } | Requested::Bind { .. }) => {
                return self.answer(request, BusinessAnswer::Refused(Refusal::Reused));
            }
            None => {}
        }
        match self.check_write(&write) {
            Ok((eid, None)) => {
                self.record(now, Change::NotTaken { request, write, refusal: None });
                self.answer(request, BusinessAnswer::Done { eid });
            }
            Ok((eid, Some(way))) => {
                let order = OrderId(self.state.last_order.0.saturating_add(1));
                self.record(now, Change::Ordered { order, request, eid, write, way });
                self.answer(request, BusinessAnswer::Accepted);
            }
            Err(refusal) => {
                self.record(now, Change::NotTaken { request, write, refusal: Some(refusal) });
                self.answer(request, BusinessAnswer::Refused(refusal));
            }
        }
    }

    /// Returns the card of a write and which way it goes; none if the card has it already.
    fn check_write(&self, write: &Write) -> Result<(Eid, Option<Way>), Refusal> {
        let eid = *self.state.by_imei.get(&write.imei).ok_or(Refusal::NotBound)?;
        let card = self.state.card(eid).ok_or(Refusal::NotBound)?;
        if card.order.is_some() {
            return Err(Refusal::Busy);
        }
        let is_taken = self.state.imsi_is_taken(write.imsi, eid)
            || self.state.number_is_taken(write.msisdn, eid);
        if is_taken {
            return Err(Refusal::InUse);
        }
        if card.imsi == Some(write.imsi) {
            let is_same = card.number.is_none_or(|number| number == write.msisdn);
            return if is_same { Ok((eid, None)) } else { Err(Refusal::InUse) };
        }
        let way = way(card, write.route)?;
        self.key_for(eid, write).ok_or(Refusal::NoKey)?;
        self.keys.downlink(eid).ok_or(Refusal::NoKey)?;
        Ok((eid, Some(way)))
    }

    /// Answers a write that is known, as it stands.
    fn answer_again(&mut self, now: Instant, request: RequestId) {
        let Some(Requested::Write { standing, .. }) = self.state.requests.get(&request) else {
            return;
        };
        let id = match *standing {
            Standing::Open(id) => id,
            Standing::Refused(refusal) => {
                return self.answer(request, BusinessAnswer::Refused(refusal));
            }
            Standing::Done(eid) => return self.answer(request, BusinessAnswer::Done { eid }),
            Standing::Failed(failure) => {
                return self.answer(request, BusinessAnswer::Failed(failure));
            }
        };
        let Some(order) = self.state.orders.get(&id) else { return };
        match (order.phase, order.way) {
            (Phase::Proved, _) => self.answer(request, BusinessAnswer::Pending),
            // A tool has brought the last one, and the card may want another.
            (Phase::Sending, Way::Site)
                if order.last_try().is_some_and(|it| it.fate != TryFate::Unknown) =>
            {
                self.hand_out(now, id);
            }
            (Phase::Sending, Way::Site) if order.was_said() => self.hand_out_again(id),
            (Phase::Provisioning | Phase::Sending, _) => {
                self.answer(request, BusinessAnswer::Accepted);
            }
        }
    }

    /// Asks the operator, and sets the time for asking again.
    pub(super) fn provision(&mut self, now: Instant, id: OrderId) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let (eid, Write { imsi, msisdn, .. }) = (order.eid, order.write);
        let Some(key) = self.key_for(eid, &order.write) else {
            let failure = WriteFailure::Card(crate::wire::Outcome::NoSuchKey);
            return self.end(now, id, End::Failed(failure));
        };
        self.say(PlatformOutput::Provision { order: id, imsi, msisdn, eid, key });
        let asked = self.flight.asked.entry(id).or_default();
        *asked = asked.saturating_add(1);
        let wait = self.config.retry.wait(*asked);
        self.put_off(id, Some(now.plus(wait)));
    }

    pub(super) fn provisioned(&mut self, now: Instant, id: OrderId, ready: bool) {
        let Some(order) = self.state.orders.get(&id) else { return };
        match (order.phase, ready) {
            (Phase::Provisioning, true) => self.record(now, Change::Ready { order: id }),
            (Phase::Provisioning, false) => {
                self.end(now, id, End::Failed(WriteFailure::NotProvisioned));
            }
            (Phase::Sending | Phase::Proved, _) => {}
        }
    }

    fn bind_on_site(&mut self, now: Instant, request: RequestId, frame: &UplinkFrame) {
        // A tool may deliver the card's last word more than once.
        let last = self.state.card(frame.eid).map_or(Counter::ZERO, |card| card.uplink);
        let before = Counter::new(last.value().saturating_sub(1)).unwrap_or_default();
        let (counter, message) = match self.open(frame, before) {
            Ok(opened) => opened,
            Err(error @ (FrameError::NotAuthentic | FrameError::Replayed)) => {
                self.alarm_frame(now, frame.eid, error);
                return self.answer(request, BusinessAnswer::Refused(Refusal::NotAuthentic));
            }
        };
        let asked = Requested::Bind { eid: frame.eid, counter };
        match self.state.requests.get(&request) {
            Some(known) if *known == asked => {}
            Some(_) => return self.answer(request, BusinessAnswer::Refused(Refusal::Reused)),
            None => self.record(now, Change::Asked { request, eid: frame.eid, counter }),
        }
        self.heard(now, counter, &message, Path::Site(request));
    }

    fn cancel(&mut self, now: Instant, request: RequestId, write: RequestId) {
        let refusal = match self.state.requests.get(&write) {
            None | Some(Requested::Bind { .. }) => Refusal::Unknown,
            Some(Requested::Write { standing, .. }) => match *standing {
                Standing::Failed(WriteFailure::Cancelled) => {
                    return self.answer(request, BusinessAnswer::Accepted);
                }
                Standing::Open(id) => {
                    let open = self.state.orders.get(&id);
                    if open.is_some_and(|order| !order.may_be_carried_out()) {
                        self.end(now, id, End::Failed(WriteFailure::Cancelled));
                        return self.answer(request, BusinessAnswer::Accepted);
                    }
                    Refusal::TooLate
                }
                Standing::Refused(_) | Standing::Done(_) | Standing::Failed(_) => Refusal::TooLate,
            },
        };
        self.answer(request, BusinessAnswer::Refused(refusal));
    }
}

fn way(card: &Card, route: Route) -> Result<Way, Refusal> {
    let has_air = card.imsi.is_some() && card.number.is_some();
    match route {
        Route::OnSite => Ok(Way::Site),
        Route::Any if !has_air => Ok(Way::Site),
        Route::Air if !has_air => Err(Refusal::NoSeed),
        Route::Any | Route::Air => Ok(Way::Air),
    }
}
