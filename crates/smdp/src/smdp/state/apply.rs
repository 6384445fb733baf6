//! Applying a change. This alone changes what must survive a crash.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Instant};
use polysim_rsp::data::ErrorReason;

use super::profile::Seen;
use super::{Event, Kind, Letter, Order, Profile, State};
use crate::Personal;
use crate::smdp::{
    Bound, CODES_MAX, Change, Managed, OutboxId, ProfileState, SmdpRecord, Terminated, Terms,
};

impl State {
    /// Applies a change, and returns what is to be told because of it.
    pub(in super::super) fn apply(&mut self, record: &SmdpRecord) -> Vec<OutboxId> {
        let first_new = self.last;
        let at = record.at;
        match &record.change {
            Change::Ordered { call, profile_type, personal, eid } => {
                self.ordered(at, call, profile_type, personal, *eid);
            }
            Change::Confirmed { iccid, terms, release } => {
                self.confirmed(at, *iccid, terms, *release);
            }
            Change::Provisioned { iccid } => {
                self.unprovisioned.remove(iccid);
                if let Some(profile) = self.profiles.get_mut(iccid) {
                    profile.is_provisioned = true;
                }
            }
            Change::Released { iccid } => self.released(at, *iccid),
            Change::Withdrawn { iccid, available } => self.withdrawn(at, *iccid, *available),
            Change::CodeRefused { iccid, eid } => self.code_refused(at, *iccid, *eid),
            Change::Bound { iccid, bound } => self.bound(at, *iccid, bound),
            Change::Terminated { iccid, eid, why } => self.terminate(at, *iccid, *eid, *why),
            Change::Reported { iccid, transaction, error, data } => {
                self.reported(at, *iccid, *transaction, *error, data);
            }
            Change::Managed { iccid, seq, what } => self.managed(at, *iccid, *seq, *what),
            Change::Taken { id, refused } => self.taken(at, *id, refused.is_some()),
        }
        (first_new..self.last).map(OutboxId).collect()
    }

    fn ordered(
        &mut self,
        at: Instant,
        call: &(String, String),
        profile_type: &str,
        personal: &Personal,
        eid: Option<Eid>,
    ) {
        let iccid = personal.iccid;
        let before = self.profiles.remove(&iccid);
        let profile_type = match &before {
            Some(profile) => profile.profile_type.clone(),
            None => self.type_name(profile_type),
        };
        if let Some(available) = self.available.get_mut(&profile_type) {
            available.remove(&iccid);
        }
        let expires = at.plus(self.order_lifetime);
        let order = Order {
            call: call.clone(),
            terms: Terms { eid, matching_id: None, code: None, smds: None },
            codes_refused: 0,
            bound: Vec::new(),
            expires,
            event: Event::None,
        };
        let profile = Profile {
            profile_type,
            personal: personal.clone(),
            state: if eid.is_some() { ProfileState::Linked } else { ProfileState::Allocated },
            holder: None,
            is_provisioned: before.is_some_and(|profile| profile.is_provisioned),
            seen: Seen::default(),
            order: Some(Box::new(order)),
        };
        self.profiles.insert(iccid, profile);
        self.expiry.insert((expires, iccid));
        self.by_call.insert(call.clone(), iccid);
    }

    fn type_name(&mut self, name: &str) -> Arc<str> {
        if let Some((name, _)) = self.available.get_key_value(name) {
            return name.clone();
        }
        let name: Arc<str> = name.into();
        self.available.insert(name.clone(), BTreeSet::new());
        name
    }

    fn confirmed(&mut self, at: Instant, iccid: Iccid, terms: &Terms, release: bool) {
        self.prolong(at, iccid);
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        let Some(order) = &mut profile.order else { return };
        order.terms = terms.clone();
        profile.state = ProfileState::Confirmed;
        if !profile.is_provisioned && profile.personal.subscription.is_some() {
            self.unprovisioned.insert(iccid);
        }
        match (&terms.matching_id, terms.eid) {
            (Some(id), _) => {
                self.by_matching.insert(id.clone(), iccid);
            }
            (None, Some(eid)) => {
                self.by_eid.entry(eid).or_default().insert(iccid);
            }
            (None, None) => {}
        }
        if release {
            self.released(at, iccid);
        }
    }

    fn released(&mut self, at: Instant, iccid: Iccid) {
        self.prolong(at, iccid);
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        let Some(order) = &profile.order else { return };
        profile.state = ProfileState::Released;
        let Terms { eid, matching_id: Some(event_id), smds: Some(smds), .. } = &order.terms else {
            return;
        };
        let (smds, event_id, eid) = (smds.clone(), event_id.clone(), *eid);
        let kind = Kind::Register { smds, event_id, is_withdrawn: false };
        let id = self.tell(Letter { iccid, eid, at, kind });
        if let Some(order) = self.order_mut(iccid) {
            order.event = Event::Registering(id);
        }
    }

    fn withdrawn(&mut self, at: Instant, iccid: Iccid, available: bool) {
        let is_held = self.profiles.get(&iccid).is_some_and(|profile| profile.holder.is_some());
        if is_held {
            // An eUICC may have it. Its word on that is understood when it comes.
            self.unlink(at, iccid);
        } else {
            self.close(at, iccid);
        }
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        let all = self.available.entry(profile.profile_type.clone()).or_default();
        if available && !is_held {
            profile.state = ProfileState::Available;
            all.insert(iccid);
        } else {
            profile.state = ProfileState::Unavailable;
            all.remove(&iccid);
        }
    }

    fn code_refused(&mut self, at: Instant, iccid: Iccid, eid: Eid) {
        let Some(order) = self.order_mut(iccid) else { return };
        order.codes_refused = order.codes_refused.saturating_add(1);
        if order.codes_refused >= CODES_MAX {
            return self.terminate(at, iccid, Some(eid), Terminated::TooManyCodes);
        }
        self.tell(Letter { iccid, eid: Some(eid), at, kind: Kind::CodeRefused });
    }

    fn bound(&mut self, at: Instant, iccid: Iccid, bound: &Bound) {
        self.prolong(at, iccid);
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        let Some(order) = &mut profile.order else { return };
        order.bound.push(bound.clone());
        profile.holder = Some(bound.eid);
        profile.state = ProfileState::Downloaded;
        self.by_transaction.insert(bound.transaction, iccid);
        self.tell(Letter { iccid, eid: Some(bound.eid), at, kind: Kind::Downloaded });
    }

    fn terminate(&mut self, at: Instant, iccid: Iccid, eid: Option<Eid>, why: Terminated) {
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        profile.state = ProfileState::Error(why);
        if let Some(order) = &profile.order {
            self.expiry.remove(&(order.expires, iccid));
        }
        self.end_event(at, iccid);
        self.tell(Letter { iccid, eid, at, kind: Kind::Terminated(why) });
    }

    fn reported(
        &mut self,
        at: Instant,
        iccid: Iccid,
        transaction: [u8; 16],
        error: Option<i64>,
        data: &[u8],
    ) {
        self.by_transaction.remove(&transaction);
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        let eid = profile.holder;
        let is_last = profile
            .order
            .as_ref()
            .and_then(|order| order.bound.last())
            .is_some_and(|bound| bound.transaction == transaction);
        match error {
            None => {
                profile.state = ProfileState::Installed;
                self.close(at, iccid);
            }
            // What became of an older package says nothing of the newer one.
            Some(reason) if is_last && profile.state == ProfileState::Downloaded => {
                if may_try_again(ErrorReason::from_code(reason)) {
                    profile.state = ProfileState::Released;
                } else {
                    profile.state = ProfileState::Error(Terminated::NotInstalled(reason));
                    if let Some(order) = &profile.order {
                        self.expiry.remove(&(order.expires, iccid));
                    }
                    self.end_event(at, iccid);
                }
            }
            Some(_) => {}
        }
        let kind = Kind::Reported { error, data: data.to_vec() };
        self.tell(Letter { iccid, eid, at, kind });
    }

    fn managed(&mut self, at: Instant, iccid: Iccid, seq: u64, what: Managed) {
        let Some(profile) = self.profiles.get_mut(&iccid) else { return };
        profile.seen.mark(seq);
        if what == Managed::Deleted && profile.state == ProfileState::Installed {
            profile.state = ProfileState::Unavailable;
        }
        let eid = profile.holder;
        self.tell(Letter { iccid, eid, at, kind: Kind::Managed(what) });
    }

    fn taken(&mut self, at: Instant, id: OutboxId, is_refused: bool) {
        let Some(letter) = self.outbox.remove(&id) else { return };
        let Letter { iccid, eid, .. } = letter;
        let Kind::Register { smds, event_id, is_withdrawn } = letter.kind else { return };
        if is_refused {
            self.tell(Letter { iccid, eid, at, kind: Kind::EventRefused });
        } else if is_withdrawn {
            self.tell(Letter { iccid, eid, at, kind: Kind::Delete { smds, event_id } });
            return;
        }
        if let Some(order) = self.order_mut(iccid)
            && order.event == Event::Registering(id)
        {
            order.event = if is_refused { Event::None } else { Event::Registered };
        }
    }

    /// Forgets an order.
    fn close(&mut self, at: Instant, iccid: Iccid) {
        self.unlink(at, iccid);
        let order = self.profiles.get_mut(&iccid).and_then(|profile| profile.order.take());
        for bound in order.iter().flat_map(|order| &order.bound) {
            self.by_transaction.remove(&bound.transaction);
        }
    }

    /// Has no device find an order any more.
    fn unlink(&mut self, at: Instant, iccid: Iccid) {
        self.end_event(at, iccid);
        self.unprovisioned.remove(&iccid);
        let order = self.profiles.get(&iccid).and_then(|profile| profile.order.as_ref());
        let Some(order) = order else { return };
        self.expiry.remove(&(order.expires, iccid));
        match (&order.terms.matching_id, order.terms.eid) {
            (Some(id), _) => {
                if self.by_matching.get(id) == Some(&iccid) {
                    self.by_matching.remove(id);
                }
            }
            (None, Some(eid)) => {
                let waiting = self.by_eid.get_mut(&eid);
                if waiting.is_some_and(|waiting| waiting.remove(&iccid) && waiting.is_empty()) {
                    self.by_eid.remove(&eid);
                }
            }
            (None, None) => {}
        }
    }

    /// Has an SM-DS told that there is nothing any more.
    fn end_event(&mut self, at: Instant, iccid: Iccid) {
        let Some(order) = self.order_mut(iccid) else { return };
        let event = core::mem::replace(&mut order.event, Event::None);
        let terms = &order.terms;
        let (eid, smds, event_id) = (terms.eid, terms.smds.clone(), terms.matching_id.clone());
        match event {
            Event::None => {}
            Event::Registering(id) => {
                let letter = self.outbox.get_mut(&id);
                if let Some(Letter { kind: Kind::Register { is_withdrawn, .. }, .. }) = letter {
                    *is_withdrawn = true;
                }
            }
            Event::Registered => {
                if let (Some(smds), Some(event_id)) = (smds, event_id) {
                    self.tell(Letter { iccid, eid, at, kind: Kind::Delete { smds, event_id } });
                }
            }
        }
    }

    fn prolong(&mut self, at: Instant, iccid: Iccid) {
        let expires = at.plus(self.order_lifetime);
        let Some(order) = self.order_mut(iccid) else { return };
        let old = core::mem::replace(&mut order.expires, expires);
        self.expiry.remove(&(old, iccid));
        self.expiry.insert((expires, iccid));
    }

    fn order_mut(&mut self, iccid: Iccid) -> Option<&mut Order> {
        self.profiles.get_mut(&iccid)?.order.as_deref_mut()
    }

    fn tell(&mut self, letter: Letter) -> OutboxId {
        let id = OutboxId(self.last);
        self.last = self.last.saturating_add(1);
        self.outbox.insert(id, letter);
        id
    }
}

/// Tells whether a profile that was not installed for this reason may be installed yet.
const fn may_try_again(reason: ErrorReason) -> bool {
    match reason {
        ErrorReason::InstallFailedDueToInterruption
        | ErrorReason::InstallFailedDueToInsufficientMemoryForProfile
        | ErrorReason::Scp03tStructureError
        | ErrorReason::Scp03tSecurityError
        | ErrorReason::InvalidSignature
        | ErrorReason::InvalidTransactionId
        | ErrorReason::IncorrectInputValues
        | ErrorReason::InstallFailedDueToUnknownError
        | ErrorReason::Other(_) => true,
        ErrorReason::UnsupportedCrtValues
        | ErrorReason::UnsupportedRemoteOperationType
        | ErrorReason::UnsupportedProfileClass
        | ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc
        | ErrorReason::InstallFailedDueToPeProcessingError
        | ErrorReason::InstallFailedDueToIccidMismatch
        | ErrorReason::TestProfileInstallFailedDueToInvalidNaaKey
        | ErrorReason::PprNotAllowed => false,
    }
}
