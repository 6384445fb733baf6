//! What came of an installation: the profile, and the result that the server is told (SGP.22, 2.5.6).

use std::sync::Arc;

use polysim_apdu::Status;
use polysim_rsp::data::{
    BppCommandId, ErrorReason, ErrorResult, FinalResult, Iccid, NotificationEvent,
    NotificationMetadata, ProfileClass, ProfileInstallationResult, ProfileInstallationResultData,
    Raw, StoreMetadataRequest, SuccessResult, TransactionId,
};
use rasn::types::ObjectIdentifier;

use super::{Failure, Loading, Ready};
use crate::card::Card;
use crate::euicc::Euicc;
use crate::euicc::config::Metadata;
use crate::euicc::function::{Answered, answer};
use crate::euicc::install::profile_of;
use crate::euicc::isdp::Isdp;
use crate::euicc::manufacture::ISDP_OCTETS;
use crate::euicc::session::oid_of;

fn iccid_of(loading: &Loading) -> Option<Iccid> {
    loading.metadata.as_ref().map(|metadata| metadata.iccid)
}

/// What came of a package.
pub(super) enum Outcome {
    Installed(Box<Ready>),
    Failed(Failure),
}

/// An installation that has begun: durable until it has a result.
#[derive(Clone, Debug)]
pub(in crate::euicc) struct Begun {
    transaction: TransactionId,
    address: String,
    oid: Option<ObjectIdentifier>,
    command: BppCommandId,
    iccid: Option<Iccid>,
}

impl Begun {
    pub(super) fn of(loading: &Loading) -> Self {
        Self {
            transaction: loading.server.transaction.clone(),
            address: loading.server.address.clone(),
            oid: oid_of(&loading.prepared.binding),
            command: loading.channel.position(),
            iccid: iccid_of(loading),
        }
    }

    /// Notes how far it has come.
    pub(super) fn reached(&mut self, loading: &Loading) {
        self.command = loading.channel.position();
        self.iccid = iccid_of(loading);
    }
}

impl Euicc {
    /// Adds the profile or says why there is none, and the result of it: one step.
    pub(super) fn conclude(
        &mut self,
        card: &mut Card,
        loading: &Loading,
        outcome: Outcome,
    ) -> Answered {
        // Whatever takes long or fails is done before the step.
        let begun = Begun::of(loading);
        match outcome {
            Outcome::Failed(failure) => {
                let sima_response = failure.response.map(|response| response.encode().into());
                let result = FinalResult::Error(ErrorResult {
                    bpp_command_id: failure.refusal.command,
                    error_reason: failure.refusal.reason,
                    sima_response,
                });
                let result = self.signed_result(&begun, result)?;
                card.step()?;
                self.begun = None;
                self.notifications.push_installation(result.clone());
                Ok(answer(&result))
            }
            Outcome::Installed(ready) => self.add_profile(card, loading, &begun, *ready),
        }
    }

    fn add_profile(
        &mut self,
        card: &mut Card,
        loading: &Loading,
        begun: &Begun,
        ready: Ready,
    ) -> Answered {
        let Ready { metadata, image, response } = ready;
        let id = self.new_id();
        let isdp = Isdp {
            id,
            iccid: metadata.iccid,
            nickname: None,
            proprietary: loading.proprietary.clone(),
            size: image.memory().saturating_add(ISDP_OCTETS),
            fallback: false,
            preset: false,
            parked: Some(Box::new(profile_of(&image, self.model.bare.config()))),
            metadata: Arc::new(Metadata::from(metadata)),
        };
        let result = FinalResult::Success(SuccessResult {
            aid: id.aid().to_vec().into(),
            sima_response: response.encode().into(),
        });
        let result = self.signed_result(begun, result)?;
        card.step()?;
        self.begun = None;
        self.one_time_key = None;
        self.notifications.push_installation(result.clone());
        let (iccid, metadata) = (isdp.iccid, Arc::clone(&isdp.metadata));
        self.isdps.push(isdp);
        for wanted in &metadata.notifications {
            let address = &wanted.notification_address;
            let event = NotificationEvent::INSTALL;
            if wanted.profile_management_operation.has(event) && *address != begun.address {
                self.tell_server(iccid, event, address);
            }
        }
        Ok(answer(&result))
    }

    /// An installation that a reset or another session has interrupted failed for that.
    pub(in crate::euicc) fn note_interruption(&mut self) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        let result = FinalResult::Error(ErrorResult {
            bpp_command_id: begun.command,
            error_reason: ErrorReason::InstallFailedDueToInterruption,
            sima_response: None,
        });
        if let Ok(result) = self.signed_result(&begun, result) {
            self.notifications.push_installation(result);
        }
    }

    fn signed_result(
        &mut self,
        begun: &Begun,
        final_result: FinalResult,
    ) -> Result<ProfileInstallationResult, Status> {
        let identity = self.identity()?;
        let data = Raw::new(ProfileInstallationResultData {
            transaction_id: begun.transaction.clone(),
            notification_metadata: NotificationMetadata {
                seq_number: self.notifications.number(),
                profile_management_operation: NotificationEvent::INSTALL,
                notification_address: begun.address.clone(),
                iccid: begun.iccid,
            },
            smdp_oid: begun.oid.clone(),
            final_result,
        });
        let euicc_sign_pir = identity.key.sign(data.der()).into();
        Ok(ProfileInstallationResult { profile_installation_result_data: data, euicc_sign_pir })
    }
}

impl From<StoreMetadataRequest> for Metadata {
    fn from(stored: StoreMetadataRequest) -> Self {
        Self {
            service_provider: stored.service_provider_name,
            name: stored.profile_name,
            icon: stored.icon_type.zip(stored.icon.map(|icon| icon.to_vec())),
            class: stored.profile_class.unwrap_or(ProfileClass::Operational),
            notifications: stored.notification_configuration_info.unwrap_or_default(),
            owner: stored.profile_owner,
            rules: stored.profile_policy_rules.unwrap_or_default(),
        }
    }
}
