//! Notifications: each server is told in the order of the numbers, and what it has taken is removed.
//! The eUICC keeps what nobody has taken, so nothing of this needs a journal.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_rsp::data::{
    DeleteNotificationStatus, ListNotificationRequest, ListNotificationResponse,
    NotificationMetadata, NotificationSearch, NotificationSentRequest, NotificationSentResponse,
    NotificationsError, PendingNotification, RetrieveNotificationsListRequest,
    RetrieveNotificationsListResponse, encode,
};
use polysim_rsp::es9::{self, Failure};

use super::{Ended, Link};
use crate::{LpaError, LpaEvent, LpaRecord, NotificationReport, Taken};

/// Delivers what waits, and tells what came of each.
pub(crate) async fn round(mut link: Link) -> Ended {
    match Box::pin(deliver(&mut link)).await {
        Ok(reports) => Ended::Round { clear: is_clear(&reports) },
        Err(_) => Ended::Round { clear: false },
    }
}

/// Whether nothing is left that could be delivered.
fn is_clear(reports: &[NotificationReport]) -> bool {
    reports.iter().all(|report| report.taken == Taken::Yes)
}

/// Lists what waits, in the order of the numbers.
pub(super) async fn list(link: &mut Link) -> Result<Vec<NotificationMetadata>, LpaError> {
    let request = encode(&ListNotificationRequest::default());
    match link.read("ListNotification", request).await? {
        ListNotificationResponse::Ok(mut list) => {
            list.sort_by_key(|notification| notification.seq_number);
            Ok(list)
        }
        ListNotificationResponse::Error(NotificationsError::NoResultAvailable) => Ok(Vec::new()),
        ListNotificationResponse::Error(error) => Err(LpaError::Notifications(error)),
    }
}

/// Delivers what waits. A server that cannot be reached holds up its own alone.
pub(super) async fn deliver(link: &mut Link) -> Result<Vec<NotificationReport>, LpaError> {
    let mut by_server: BTreeMap<String, Vec<NotificationMetadata>> = BTreeMap::new();
    for notification in list(link).await? {
        by_server.entry(notification.notification_address.clone()).or_default().push(notification);
    }
    let mut reports = Vec::new();
    for (_, notifications) in by_server {
        let mut is_down = false;
        for notification in notifications {
            let taken = if is_down { Taken::Behind } else { one(link, &notification).await };
            is_down |= matches!(taken, Taken::Failed(ref failure) if is_outage(failure));
            let report = NotificationReport { notification, taken };
            link.tell(LpaEvent::Notified(report.clone())).await;
            reports.push(report);
        }
    }
    if is_clear(&reports) {
        link.record(LpaRecord::Owed(false)).await;
    }
    Ok(reports)
}

/// Whether the next notification would fare no better.
const fn is_outage(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable
        | Failure::Timeout
        | Failure::TlsBadCertificate { .. }
        | Failure::Http(_) => true,
        Failure::Garbled { .. } => false,
    }
}

async fn one(link: &mut Link, notification: &NotificationMetadata) -> Taken {
    let seq_number = notification.seq_number;
    let pending = match retrieve(link, NotificationSearch::SeqNumber(seq_number)).await {
        Ok(list) => list.into_iter().next(),
        Err(error) => return Taken::Unread(error),
    };
    // Somebody else has removed it.
    let Some(pending) = pending else { return Taken::Yes };
    let request = es9::Request::HandleNotification(Box::new(pending));
    match link.ask_server(&notification.notification_address, request).await {
        Ok(es9::Answer::HandleNotification) => match remove(link, seq_number).await {
            Ok(_) => Taken::Yes,
            Err(error) => Taken::NotRemoved(error),
        },
        Ok(es9::Answer::Refused(status)) => Taken::Refused(status),
        Ok(
            es9::Answer::InitiateAuthentication(_)
            | es9::Answer::AuthenticateClient(_)
            | es9::Answer::Events { .. }
            | es9::Answer::GetBoundProfilePackage { .. }
            | es9::Answer::CancelSession,
        ) => Taken::Failed(Failure::Garbled { reason: "the answer to another function".into() }),
        Err(failure) => Taken::Failed(failure),
    }
}

/// Reads notifications themselves.
pub(super) async fn retrieve(
    link: &mut Link,
    search: NotificationSearch,
) -> Result<Vec<PendingNotification>, LpaError> {
    let request = encode(&RetrieveNotificationsListRequest { search_criteria: Some(search) });
    match link.read("RetrieveNotificationsList", request).await? {
        RetrieveNotificationsListResponse::Ok(list) => Ok(list),
        RetrieveNotificationsListResponse::Error(NotificationsError::NoResultAvailable) => {
            Ok(Vec::new())
        }
        RetrieveNotificationsListResponse::Error(error) => Err(LpaError::Notifications(error)),
    }
}

/// Removes one; returns whether it was there. Removing it twice is as good as once, for no number
/// comes twice.
pub(super) async fn remove(link: &mut Link, seq_number: u64) -> Result<bool, LpaError> {
    let request = encode(&NotificationSentRequest { seq_number });
    let response: NotificationSentResponse = link.read("RemoveNotification", request).await?;
    match response.delete_notification_status {
        DeleteNotificationStatus::Ok => Ok(true),
        DeleteNotificationStatus::NothingToDelete => Ok(false),
        error @ (DeleteNotificationStatus::UndefinedError | DeleteNotificationStatus::Other(_)) => {
            Err(LpaError::Notifications(NotificationsError::from_code(error.code())))
        }
    }
}
