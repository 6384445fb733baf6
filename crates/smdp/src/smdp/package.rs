//! What goes to an eUICC: what it is told of a profile, and the bound profile package.

use alloc::vec::Vec;

use polysim_base::{Eid, Iccid};
use polysim_rsp::bsp::BppBuilder;
use polysim_rsp::crypto::{PrivateKey, PublicKey};
use polysim_rsp::data::{
    ConfigureIsdpRequest, DpProprietaryData, Extensions, NotificationConfigurationInformation,
    NotificationEvent, StoreMetadataRequest,
};
use polysim_rsp::es9::Refusal;
use rasn::types::ObjectIdentifier;

use super::Smdp;
use super::stock::Kind;
use crate::door::TransactionKey;

/// The name of this end of the secure channel.
const HOST_ID: &[u8] = b"polysim";

impl Smdp {
    pub(super) fn metadata(&self, kind: &Kind, iccid: Iccid) -> StoreMetadataRequest {
        let metadata = &kind.settings.metadata;
        let icon = metadata.icon.clone();
        StoreMetadataRequest {
            iccid: (&iccid).into(),
            service_provider_name: metadata.service_provider_name.clone(),
            profile_name: metadata.profile_name.clone(),
            icon_type: icon.as_ref().map(|(kind, _)| *kind),
            icon: icon.map(|(_, octets)| octets.into()),
            profile_class: metadata.class,
            notification_configuration_info: Some(Vec::from([
                NotificationConfigurationInformation {
                    profile_management_operation: NotificationEvent::ENABLE
                        .with(NotificationEvent::DISABLE)
                        .with(NotificationEvent::DELETE),
                    notification_address: self.door.address.clone(),
                },
            ])),
            profile_owner: metadata.owner.clone(),
            profile_policy_rules: metadata.policy_rules,
            extensions: Extensions::default(),
        }
    }

    pub(super) fn package(
        &self,
        transaction: &TransactionKey,
        iccid: Iccid,
        eid: Eid,
        own: &PrivateKey,
        otpk: &PublicKey,
    ) -> Result<Vec<u8>, Refusal> {
        let profile = self.state.profiles.get(&iccid).ok_or(Refusal::ProfileUnavailable)?;
        let kind = self.inventory.kind(&profile.profile_type).ok_or(Refusal::ProfileUnavailable)?;
        let upp = kind.package(&profile.personal).ok_or(Refusal::ProfileUnavailable)?;
        let builder = BppBuilder {
            transaction_id: transaction,
            host_id: HOST_ID,
            eid: &eid,
            one_time_key: own,
            euicc_one_time_key: otpk,
            signer: &self.binding.key,
            configure: &ConfigureIsdpRequest {
                dp_proprietary_data: self.oid().map(|dp_oid| DpProprietaryData { dp_oid }),
            },
            metadata: &self.metadata(kind, iccid),
            profile: &upp,
            profile_keys: None,
        };
        builder.build().map_err(|_| Refusal::ProfileUnavailable)
    }

    /// Returns the identifier of this SM-DP+, as data objects have it.
    pub(super) fn oid(&self) -> Option<ObjectIdentifier> {
        let arcs = self.binding.certificate.registered_ids().first()?.arcs();
        let arcs: Option<Vec<u32>> = arcs.into_iter().map(|arc| u32::try_from(arc).ok()).collect();
        ObjectIdentifier::new(arcs?)
    }
}
