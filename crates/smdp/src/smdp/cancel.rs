//! ES9+: a device gives a session up (SGP.22, 5.6.5).

use polysim_base::{Eid, Iccid, Instant};
use polysim_rsp::crypto::PublicKey;
use polysim_rsp::data::{CancelSessionReason, CancelSessionResponse};
use polysim_rsp::es9::{Answer, CancelSession, Refusal, Status};

use super::download::Stage;
use super::{Change, ProfileState, Smdp, Terminated};
use crate::door::{TransactionKey, transaction_key};

impl Smdp {
    pub(super) fn cancel_session(
        &mut self,
        now: Instant,
        request: &CancelSession,
    ) -> Result<Answer, Status> {
        let transaction = transaction_key(&request.transaction_id)?;
        let Some((eid, key, iccid)) = self.party(&transaction) else {
            // The eUICC has not said who it is; nothing hangs on this session.
            let session = self.door.sessions.close(&transaction);
            return session
                .map(|_| Answer::CancelSession)
                .ok_or_else(|| Refusal::TransactionUnknown.status());
        };
        let CancelSessionResponse::Ok(response) = &*request.cancel_session_response else {
            // The eUICC knows of no such session, so nothing becomes of it any more.
            self.door.sessions.close(&transaction);
            return Ok(Answer::CancelSession);
        };
        let signed = &response.euicc_cancel_session_signed;
        let signature = &response.euicc_cancel_session_signature;
        if !self.door.is_signed(&key, &[signed.der()], signature) {
            return Err(Refusal::EuiccNotVerified.into());
        }
        if *signed.transaction_id != transaction {
            return Err(Refusal::TransactionUnknown.into());
        }
        if self.oid().as_ref() != Some(&signed.smdp_oid) {
            return Err(Refusal::SmdpInvalidAssociation.into());
        }
        self.door.sessions.close(&transaction);
        if ends_order(signed.reason) && self.is_open(iccid) {
            let why = Terminated::Cancelled(signed.reason.code());
            self.record(now, Change::Terminated { iccid, eid: Some(eid), why });
        }
        Ok(Answer::CancelSession)
    }

    /// Returns the eUICC of a session, its key, and the profile. A session that ended, in a crash or
    /// by its time, is known by the package that was handed out.
    fn party(&self, transaction: &TransactionKey) -> Option<(Eid, PublicKey, Iccid)> {
        let session = self.door.sessions.get(transaction);
        if let Some(Stage::Authenticated(offer)) = session.map(|session| &session.progress) {
            return Some((offer.eid, offer.key, offer.iccid));
        }
        let (iccid, bound) = self.bound_of(transaction)?;
        Some((bound.eid, PublicKey::from_bytes(&bound.euicc_key).ok()?, iccid))
    }

    fn is_open(&self, iccid: Iccid) -> bool {
        let state = self.profile_state(iccid);
        matches!(state, Some(ProfileState::Released | ProfileState::Downloaded))
    }
}

/// Tells whether the order ends, too. The user may want it later, or the device may try again; what
/// became of a package that could not be loaded, the eUICC says by itself.
const fn ends_order(reason: CancelSessionReason) -> bool {
    match reason {
        CancelSessionReason::Postponed
        | CancelSessionReason::Timeout
        | CancelSessionReason::LoadBppExecutionError => false,
        CancelSessionReason::EndUserRejection
        | CancelSessionReason::PprNotAllowed
        | CancelSessionReason::MetadataMismatch
        | CancelSessionReason::UndefinedReason
        | CancelSessionReason::Other(_) => true,
    }
}
