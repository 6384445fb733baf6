//! Notifications, which an eUICC keeps until a server has them (SGP.22, 5.7.8 to 5.7.11).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::object::{CertificateDer, Raw};
use super::{Iccid, NotificationEvent, ProfileInstallationResult};

/// Asks which notifications there are.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 40))]
pub struct ListNotificationRequest {
    /// Of which operations; of all without.
    #[rasn(tag(context, 1))]
    pub profile_management_operation: Option<NotificationEvent>,
}

/// Which notifications there are.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 40)))]
pub enum ListNotificationResponse {
    /// These.
    Ok(Vec<NotificationMetadata>),
    /// Why there is no list.
    Error(NotificationsError),
}

/// What a notification is about.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(tag(context, 47))]
pub struct NotificationMetadata {
    /// Its number; the eUICC gives none twice.
    #[rasn(tag(context, 0))]
    pub seq_number: u64,
    /// One operation.
    #[rasn(tag(context, 1))]
    pub profile_management_operation: NotificationEvent,
    /// The host name of the server that is told.
    pub notification_address: String,
    /// The profile.
    pub iccid: Option<Iccid>,
}

codes! {
    /// Why there are no notifications.
    pub enum NotificationsError {
        /// there is no such notification
        NoResultAvailable = 1,
        /// an error without a name
        UndefinedError = 127,
    }

    /// What came of removing a notification.
    pub enum DeleteNotificationStatus {
        /// it is removed
        Ok = 0,
        /// there was no such notification
        NothingToDelete = 1,
        /// an error without a name
        UndefinedError = 127,
    }
}

/// Asks for notifications themselves.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 43), automatic_tags)]
pub struct RetrieveNotificationsListRequest {
    /// Which; all without.
    pub search_criteria: Option<NotificationSearch>,
}

/// Which notifications.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum NotificationSearch {
    /// The one with this number.
    #[rasn(tag(context, 0))]
    SeqNumber(u64),
    /// Those of these operations.
    #[rasn(tag(context, 1))]
    ProfileManagementOperation(NotificationEvent),
}

/// Notifications.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 43)))]
pub enum RetrieveNotificationsListResponse {
    /// These.
    Ok(Vec<PendingNotification>),
    /// Why there are none.
    Error(NotificationsError),
}

/// A notification that no server has taken yet.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum PendingNotification {
    /// Of an installation.
    #[rasn(tag(context, 55))]
    ProfileInstallationResult(Box<ProfileInstallationResult>),
    /// Of another operation.
    OtherSignedNotification(Box<OtherSignedNotification>),
}

/// Of an operation that is no installation.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct OtherSignedNotification {
    /// What is signed.
    pub tbs_other_notification: Raw<NotificationMetadata>,
    /// Over that, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_notification_signature: FixedOctetString<64>,
    /// The eUICC's certificate.
    pub euicc_certificate: CertificateDer,
    /// The certificate of its maker.
    pub eum_certificate: CertificateDer,
}

/// A server has a notification: it may be removed.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 48))]
pub struct NotificationSentRequest {
    /// Which.
    #[rasn(tag(context, 0))]
    pub seq_number: u64,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 48), automatic_tags)]
pub struct NotificationSentResponse {
    /// What came of it.
    pub delete_notification_status: DeleteNotificationStatus,
}
