//! ES2+: an operator orders profiles (SGP.22, 5.3).

use alloc::string::{String, ToString};

use polysim_base::{Iccid, Instant};
use polysim_rsp::crypto::Randomness;
use polysim_rsp::es2::{
    Answer, Call, CancelOrder, ConfirmOrder, ConfirmOrderOk, ConfirmationCode, DownloadOrder,
    FinalStatus, Function, Matching, MatchingId, Request,
};
use polysim_rsp::es9::Refusal;

use super::outbox::OUTBOX_MAX;
use super::state::Profile;
use super::stock::draw;
use super::{Change, ProfileState, RequestId, Smdp, SmdpOutput, Terms};
use crate::Personal;

/// Of these a matching identifier is made: none is easily taken for another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// So many letters make an identifier that nobody guesses, 5 bits each.
const LETTERS_LEN: usize = 20;
/// Answers to `ConfirmOrder` that wait for one subscription at most.
const WAITING_MAX: usize = 8;

impl Smdp {
    pub(super) fn order(&mut self, now: Instant, from: RequestId, request: Request) {
        let Request { call, function } = request;
        let answer = match function {
            Function::DownloadOrder(order) => self.download_order(now, &call, &order),
            Function::ConfirmOrder(order) => match self.confirm_order(now, &call, &order) {
                Ok(()) => return self.confirmed_or_wait(from, order.iccid),
                Err(refusal) => Err(refusal),
            },
            Function::CancelOrder(order) => self.cancel_order(now, &call, &order),
            Function::ReleaseProfile { iccid } => self.release(now, &call, iccid),
        };
        let answer = answer.unwrap_or_else(|refusal| Answer::Refused(refusal.status()));
        self.say(SmdpOutput::Es2 { to: from, answer });
    }

    fn download_order(
        &mut self,
        now: Instant,
        call: &Call,
        order: &DownloadOrder,
    ) -> Result<Answer, Refusal> {
        let key = (call.requester.clone(), call.id.clone());
        if let Some(iccid) = self.state.by_call.get(&key) {
            return Ok(Answer::DownloadOrder { iccid: *iccid });
        }
        if self.state.outbox.len() >= OUTBOX_MAX {
            return Err(Refusal::SmdpUnavailable);
        }
        let (profile_type, personal) = match order.iccid {
            Some(iccid) => self.choose_profile(&call.requester, iccid, order)?,
            None => self.choose_of_type(&call.requester, order)?,
        };
        let iccid = personal.iccid;
        self.record(now, Change::Ordered { call: key, profile_type, personal, eid: order.eid });
        Ok(Answer::DownloadOrder { iccid })
    }

    fn choose_profile(
        &mut self,
        requester: &str,
        iccid: Iccid,
        order: &DownloadOrder,
    ) -> Result<(String, Personal), Refusal> {
        let known = self.state.profiles.get(&iccid);
        let name = match known {
            Some(profile) => Some(&*profile.profile_type),
            None => self.inventory.type_of(iccid),
        };
        let name = name.ok_or(Refusal::IccidUnknown)?;
        if self.inventory.operator(name) != Some(requester) {
            return Err(Refusal::IccidNotAllowed);
        }
        if order.profile_type.as_deref().is_some_and(|wanted| wanted != name) {
            return Err(Refusal::ProfileTypeRefused);
        }
        let name = name.to_string();
        match known {
            Some(profile) if profile.state == ProfileState::Available => {
                Ok((name, profile.personal.clone()))
            }
            Some(_) => Err(Refusal::IccidInUse),
            None => {
                let kind = self.inventory.kind(&name).ok_or(Refusal::IccidUnknown)?;
                let imsi = kind.numbers_of(iccid).ok_or(Refusal::IccidUnknown)?;
                Ok((name, draw(&mut self.door.credentials.randomness, iccid, imsi)))
            }
        }
    }

    fn choose_of_type(
        &mut self,
        requester: &str,
        order: &DownloadOrder,
    ) -> Result<(String, Personal), Refusal> {
        let name = order.profile_type.clone().ok_or(Refusal::ProfileTypeUnknown)?;
        match self.inventory.operator(&name) {
            None => return Err(Refusal::ProfileTypeUnknown),
            Some(operator) if operator != requester => return Err(Refusal::ProfileTypeNotAllowed),
            Some(_) => {}
        }
        let given_back = self.state.available.get(&*name).and_then(|all| all.first());
        if let Some(profile) = given_back.and_then(|iccid| self.state.profiles.get(iccid)) {
            return Ok((name, profile.personal.clone()));
        }
        let next = self.inventory.next(&self.state, &name);
        let (iccid, imsi) = next.ok_or(Refusal::ProfileTypeUnavailable)?;
        Ok((name, draw(&mut self.door.credentials.randomness, iccid, imsi)))
    }

    fn confirm_order(
        &mut self,
        now: Instant,
        call: &Call,
        order: &ConfirmOrder,
    ) -> Result<(), Refusal> {
        let profile = self.own(call, order.iccid)?;
        let is_open = match profile.state {
            ProfileState::Allocated | ProfileState::Linked => true,
            ProfileState::Confirmed | ProfileState::Released => false,
            ProfileState::Available => return Err(Refusal::IccidInvalidTransition),
            ProfileState::Downloaded
            | ProfileState::Installed
            | ProfileState::Error(_)
            | ProfileState::Unavailable => return Err(Refusal::IccidInUse),
        };
        let terms = self.terms(order)?;
        let profile = self.own(call, order.iccid)?;
        let before = profile.order.as_ref().map(|order| &order.terms);
        if !is_open {
            // A call that is repeated is answered again; another one comes too late.
            let is_same = before.is_some_and(|before| is_repeated(before, order, &terms));
            return if is_same { Ok(()) } else { Err(Refusal::IccidInUse) };
        }
        if let Some(eid) = before.and_then(|before| before.eid)
            && terms.eid != Some(eid)
        {
            return Err(Refusal::EidNotAssociated);
        }
        if let Some(id) = &terms.matching_id
            && self.state.by_matching.contains_key(id)
        {
            return Err(Refusal::MatchingIdInUse);
        }
        let (iccid, release) = (order.iccid, order.release);
        self.record(now, Change::Confirmed { iccid, terms, release });
        Ok(())
    }

    fn terms(&mut self, order: &ConfirmOrder) -> Result<Terms, Refusal> {
        let before = self.state.profiles.get(&order.iccid).and_then(Profile::eid);
        let eid = order.eid.or(before);
        let needs_eid = order.smds_address.is_some() || order.matching_id == Some(Matching::ByEid);
        if eid.is_none() && needs_eid {
            return Err(Refusal::EidMissing);
        }
        let matching_id = match &order.matching_id {
            Some(Matching::Is(id)) => Some(id.as_str().to_string()),
            Some(Matching::ByEid) if order.smds_address.is_none() => None,
            // An event has a name, too.
            Some(Matching::ByEid) | None => {
                Some(make_matching(&mut self.door.credentials.randomness))
            }
        };
        Ok(Terms {
            eid,
            matching_id,
            code: order.confirmation_code.as_ref().map(ConfirmationCode::digest),
            smds: order.smds_address.clone(),
        })
    }

    /// Answers `ConfirmOrder` when the operator has the subscription: a device that attaches at once
    /// is known then.
    fn confirmed_or_wait(&mut self, from: RequestId, iccid: Iccid) {
        if !self.state.unprovisioned.contains(&iccid) {
            return self.confirmed(from, iccid);
        }
        let waiting = self.waiting.entry(iccid).or_default();
        if waiting.len() < WAITING_MAX {
            return waiting.push(from);
        }
        let answer = Answer::Refused(Refusal::SmdpUnavailable.status());
        self.say(SmdpOutput::Es2 { to: from, answer });
    }

    pub(super) fn confirmed(&mut self, to: RequestId, iccid: Iccid) {
        let order = self.state.profiles.get(&iccid).and_then(|profile| profile.order.as_ref());
        let answer = match order {
            Some(order) => Answer::ConfirmOrder(ConfirmOrderOk {
                eid: order.terms.eid,
                matching_id: order
                    .terms
                    .matching_id
                    .as_ref()
                    .and_then(|id| MatchingId::parse(id).ok()),
                smdp_address: self.door.address.clone(),
            }),
            None => Answer::Refused(Refusal::IccidInUse.status()),
        };
        self.say(SmdpOutput::Es2 { to, answer });
    }

    fn cancel_order(
        &mut self,
        now: Instant,
        call: &Call,
        request: &CancelOrder,
    ) -> Result<Answer, Refusal> {
        let profile = self.own(call, request.iccid)?;
        let wants_available = request.final_status == FinalStatus::Available;
        match profile.state {
            // It was taken back already.
            ProfileState::Available if wants_available => return Ok(Answer::CancelOrder),
            ProfileState::Unavailable if !wants_available => return Ok(Answer::CancelOrder),
            ProfileState::Available => {}
            ProfileState::Unavailable | ProfileState::Downloaded | ProfileState::Installed => {
                return Err(Refusal::IccidInUse);
            }
            ProfileState::Allocated
            | ProfileState::Linked
            | ProfileState::Confirmed
            | ProfileState::Released
            | ProfileState::Error(_) => {}
        }
        if let Some(order) = &profile.order {
            if order.terms.eid.is_some() && order.terms.eid != request.eid {
                return Err(Refusal::EidNotAssociated);
            }
            let wanted = request.matching_id.as_ref().map(MatchingId::as_str);
            if order.terms.matching_id.is_some() && order.terms.matching_id.as_deref() != wanted {
                return Err(Refusal::MatchingIdNotAssociated);
            }
        }
        // What may be on an eUICC never goes to another one.
        if profile.holder.is_some() && wants_available {
            return Err(Refusal::IccidInUse);
        }
        let iccid = request.iccid;
        self.record(now, Change::Withdrawn { iccid, available: wants_available });
        for to in self.waiting.remove(&iccid).unwrap_or_default() {
            self.confirmed(to, iccid);
        }
        Ok(Answer::CancelOrder)
    }

    fn release(&mut self, now: Instant, call: &Call, iccid: Iccid) -> Result<Answer, Refusal> {
        match self.own(call, iccid)?.state {
            ProfileState::Confirmed => self.record(now, Change::Released { iccid }),
            // It was released already.
            ProfileState::Released | ProfileState::Downloaded | ProfileState::Installed => {}
            ProfileState::Available
            | ProfileState::Allocated
            | ProfileState::Linked
            | ProfileState::Error(_)
            | ProfileState::Unavailable => return Err(Refusal::IccidInvalidTransition),
        }
        Ok(Answer::ReleaseProfile)
    }

    /// Returns a profile that was ordered and is the caller's.
    fn own(&self, call: &Call, iccid: Iccid) -> Result<&Profile, Refusal> {
        let profile = self.state.profiles.get(&iccid).ok_or(Refusal::IccidUnknown)?;
        if self.inventory.operator(&profile.profile_type) == Some(&*call.requester) {
            Ok(profile)
        } else {
            Err(Refusal::IccidNotAllowed)
        }
    }
}

/// Tells whether a confirmation asks for what was confirmed before. Where no identifier is wanted,
/// the one that was made then is meant.
fn is_repeated(before: &Terms, order: &ConfirmOrder, terms: &Terms) -> bool {
    let is_same_id = match &order.matching_id {
        Some(Matching::Is(id)) => before.matching_id.as_deref() == Some(id.as_str()),
        Some(Matching::ByEid) => before.matching_id.is_none() || before.smds.is_some(),
        None => before.matching_id.is_some(),
    };
    is_same_id && before.eid == terms.eid && before.code == terms.code && before.smds == terms.smds
}

fn make_matching(randomness: &mut Randomness) -> String {
    let octets = randomness.bytes::<LETTERS_LEN>();
    let mut id = String::with_capacity(LETTERS_LEN + 3);
    for (place, octet) in octets.into_iter().enumerate() {
        if place > 0 && place.is_multiple_of(5) {
            id.push('-');
        }
        let letter = LETTERS.get(usize::from(octet % 32)).copied().unwrap_or(b'A');
        id.push(char::from(letter));
    }
    id
}
