//! ES9+: an eUICC says what became of a profile (SGP.22, 5.6.4).

use polysim_base::{Iccid, Instant};
use polysim_rsp::crypto::PublicKey;
use polysim_rsp::data::{
    FinalResult, NotificationEvent, OtherSignedNotification, PendingNotification,
    ProfileInstallationResult, encode,
};
use polysim_rsp::es9::{Answer, Refusal, Status};

use super::outbox::OUTBOX_MAX;
use super::state::Order;
use super::{Bound, Change, Managed, Smdp};
use crate::door::parse;

impl Smdp {
    /// Takes a notification, or refuses one that is not what an eUICC has signed: the device brings
    /// it again. What is about nothing that is known here is taken, for nobody waits for it.
    pub(super) fn notification(
        &mut self,
        now: Instant,
        notification: PendingNotification,
    ) -> Result<Answer, Status> {
        if self.state.outbox.len() >= OUTBOX_MAX {
            return Err(Refusal::SmdpUnavailable.into());
        }
        match notification {
            PendingNotification::ProfileInstallationResult(it) => self.installed(now, &it)?,
            PendingNotification::OtherSignedNotification(it) => self.managed(now, &it)?,
        }
        Ok(Answer::HandleNotification)
    }

    fn installed(
        &mut self,
        now: Instant,
        result: &ProfileInstallationResult,
    ) -> Result<(), Refusal> {
        let data = &result.profile_installation_result_data;
        let Ok(transaction) = <[u8; 16]>::try_from(&*data.transaction_id) else { return Ok(()) };
        let Some((iccid, bound)) = self.bound_of(&transaction) else { return Ok(()) };
        let key = PublicKey::from_bytes(&bound.euicc_key).map_err(|_| Refusal::EuiccNotVerified)?;
        if !self.door.is_signed(&key, &[data.der()], &result.euicc_sign_pir) {
            return Err(Refusal::EuiccNotVerified);
        }
        let error = match &data.final_result {
            FinalResult::Success(_) => None,
            FinalResult::Error(error) => Some(error.error_reason.code()),
        };
        self.record(now, Change::Reported { iccid, transaction, error, data: encode(result) });
        Ok(())
    }

    /// Returns what a package was bound to whose eUICC has not said yet what became of it.
    pub(super) fn bound_of(&self, transaction: &[u8; 16]) -> Option<(Iccid, &Bound)> {
        let iccid = *self.state.by_transaction.get(transaction)?;
        let order: &Order = self.state.profiles.get(&iccid)?.order.as_deref()?;
        let bound = order.bound.iter().find(|bound| bound.transaction == *transaction)?;
        Some((iccid, bound))
    }

    fn managed(&mut self, now: Instant, other: &OtherSignedNotification) -> Result<(), Refusal> {
        let metadata = &other.tbs_other_notification;
        let eum = parse(&other.eum_certificate, Refusal::EumCertificateNotVerified)?;
        let euicc = parse(&other.euicc_certificate, Refusal::EuiccCertificateNotVerified)?;
        // What an eUICC did is true even when its certificate has expired since.
        let eid = self.door.verify_euicc(&euicc, &eum, None)?;
        let signature = &other.euicc_notification_signature;
        if !self.door.is_signed(euicc.public_key(), &[metadata.der()], signature) {
            return Err(Refusal::EuiccNotVerified);
        }
        let Some(iccid) = metadata.iccid.and_then(|iccid| iccid.digits().ok()) else {
            return Ok(());
        };
        let Some(what) = managed_by(metadata.profile_management_operation) else { return Ok(()) };
        let seq = metadata.seq_number;
        let is_news = self
            .state
            .profiles
            .get(&iccid)
            .is_some_and(|profile| profile.holder == Some(eid) && !profile.seen.has(seq));
        if is_news {
            self.record(now, Change::Managed { iccid, seq, what });
        }
        Ok(())
    }
}

/// Names the operation. That of an installation has its own notification.
fn managed_by(event: NotificationEvent) -> Option<Managed> {
    [
        (NotificationEvent::ENABLE, Managed::Enabled),
        (NotificationEvent::DISABLE, Managed::Disabled),
        (NotificationEvent::DELETE, Managed::Deleted),
    ]
    .into_iter()
    .find_map(|(one, what)| event.has(one).then_some(what))
}
