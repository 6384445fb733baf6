//! Notifications: what happened to a profile, kept until the server that wants to know has it
//! (SGP.22, 3.5 and 5.7.9 to 5.7.11).

use std::collections::VecDeque;

use polysim_apdu::Status;
use polysim_rsp::data::{
    ListNotificationResponse, NotificationEvent, NotificationMetadata, NotificationSearch,
    NotificationsError, OtherSignedNotification, PendingNotification, ProfileInstallationResult,
    Raw, RetrieveNotificationsListResponse,
};
use polysim_rsp::pki::EuiccIdentity;

use super::Euicc;
use super::identity::chain;

/// Most notifications that are kept. Where one more comes, the oldest that is no result of an
/// installation gives way; the gap in the numbers shows it.
pub const NOTIFICATIONS_MAX: usize = 64;

/// A notification that no server has taken. Those that the eUICC signs itself are signed when they
/// are asked for: the signature is the same each time.
#[derive(Clone, Debug)]
struct Pending {
    metadata: NotificationMetadata,
    installation: Option<Box<ProfileInstallationResult>>,
}

impl Pending {
    fn signed(self, identity: &EuiccIdentity) -> PendingNotification {
        if let Some(result) = self.installation {
            return PendingNotification::ProfileInstallationResult(result);
        }
        let tbs_other_notification = Raw::new(self.metadata);
        let signature = identity.key.sign(tbs_other_notification.der());
        let [euicc_certificate, eum_certificate] = chain(identity);
        PendingNotification::OtherSignedNotification(Box::new(OtherSignedNotification {
            tbs_other_notification,
            euicc_notification_signature: signature.into(),
            euicc_certificate,
            eum_certificate,
        }))
    }
}

/// All of them, and the number of the next: durable.
#[derive(Debug, Default)]
pub(super) struct Notifications {
    last: u64,
    pending: VecDeque<Pending>,
}

impl Notifications {
    /// Takes the next number.
    pub(super) const fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &NotificationMetadata> {
        self.pending.iter().map(|pending| &pending.metadata)
    }

    pub(super) fn push(&mut self, metadata: NotificationMetadata) {
        self.add(Pending { metadata, installation: None });
    }

    pub(super) fn push_installation(&mut self, result: ProfileInstallationResult) {
        let metadata = result.profile_installation_result_data.notification_metadata.clone();
        self.add(Pending { metadata, installation: Some(Box::new(result)) });
    }

    fn add(&mut self, pending: Pending) {
        if self.pending.len() >= NOTIFICATIONS_MAX {
            let gives_way = self.pending.iter().position(|one| one.installation.is_none());
            self.pending.remove(gives_way.unwrap_or(0));
        }
        self.pending.push_back(pending);
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.pending.iter().any(|pending| pending.metadata.seq_number == number)
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.pending.retain(|pending| pending.metadata.seq_number != number);
    }
}

fn is_about(metadata: &NotificationMetadata, wanted: NotificationEvent) -> bool {
    wanted.has(metadata.profile_management_operation)
}

impl Euicc {
    pub(super) fn list_notifications(
        &self,
        wanted: Option<NotificationEvent>,
    ) -> ListNotificationResponse {
        let all = self.notifications.all();
        let found = all.filter(|metadata| wanted.is_none_or(|event| is_about(metadata, event)));
        ListNotificationResponse::Ok(found.cloned().collect())
    }

    pub(super) fn retrieve_notifications(
        &mut self,
        wanted: Option<&NotificationSearch>,
    ) -> Result<RetrieveNotificationsListResponse, Status> {
        let matches = |metadata: &NotificationMetadata| match wanted {
            None => true,
            Some(NotificationSearch::SeqNumber(number)) => metadata.seq_number == *number,
            Some(NotificationSearch::ProfileManagementOperation(event)) => {
                is_about(metadata, *event)
            }
        };
        let all = self.notifications.pending.iter();
        let found: Vec<_> = all.filter(|pending| matches(&pending.metadata)).cloned().collect();
        if found.is_empty() {
            let nothing = NotificationsError::NoResultAvailable;
            return Ok(RetrieveNotificationsListResponse::Error(nothing));
        }
        let identity = self.identity()?;
        let signed = found.into_iter().map(|pending| pending.signed(&identity));
        Ok(RetrieveNotificationsListResponse::Ok(signed.collect()))
    }
}
