//! An eUICC without cryptography.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::string::{String, ToString};
use std::vec::Vec;

use polysim_base::Eid;
use polysim_rsp::data::*;
use rasn::types::FixedOctetString;

use super::HOST;
use crate::transport::{CardError, Refusal};

pub(super) type Reply = Result<Vec<u8>, CardError>;

#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) iccid: Iccid,
    pub(super) state: ProfileState,
    notify: Vec<NotificationConfigurationInformation>,
}

impl Profile {
    pub(super) fn also_tell(&mut self, address: &str, events: NotificationEvent) {
        self.notify.push(NotificationConfigurationInformation {
            profile_management_operation: events,
            notification_address: address.to_string(),
        });
    }
}

#[derive(Clone, Debug)]
struct Session {
    transaction_id: TransactionId,
    prepared: bool,
    /// Octets of segments so far.
    package: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct FakeCard {
    pub(super) profiles: Vec<Profile>,
    pub(super) notifications: Vec<(NotificationMetadata, PendingNotification)>,
    pub(super) installs: Vec<Iccid>,
    pub(super) removed: BTreeSet<u64>,
    pub(super) default_dp: Option<String>,
    pub(super) rat: Vec<ProfilePolicyAuthorisationRule>,
    pub(super) cancelled: Vec<i64>,
    /// What the installation of the next package comes to.
    pub(super) install_error: Option<ErrorReason>,
    /// What enabling comes to, before it is done.
    pub(super) enable_results: Vec<EnableResult>,
    /// Does nothing before the next reset.
    pub(super) stuck: bool,
    pub(super) sticks_after_enable: bool,
    /// Somebody else takes the word on an installation at once.
    pub(super) forgets_results: bool,
    challenges: u8,
    seq: u64,
    session: Option<Session>,
}

pub(super) fn signature() -> FixedOctetString<64> {
    FixedOctetString::new([0; 64])
}

pub(super) fn certificate() -> CertificateDer {
    CertificateDer::new([0x30, 0x00].to_vec())
}

impl FakeCard {
    pub(super) fn with_profiles(count: u8) -> Self {
        let mut card = Self::default();
        for n in 0..count {
            let metadata = super::metadata(100 + n, HOST);
            card.add(&metadata);
        }
        if let Some(first) = card.profiles.first_mut() {
            first.state = ProfileState::Enabled;
        }
        card
    }

    fn add(&mut self, metadata: &StoreMetadataRequest) {
        let notify = metadata.notification_configuration_info.clone().unwrap_or_default();
        let state = ProfileState::Disabled;
        self.profiles.push(Profile { iccid: metadata.iccid, state, notify });
    }

    pub(super) fn reset(&mut self) {
        self.session = None;
        self.stuck = false;
    }

    pub(super) fn handle(&mut self, function: &[u8]) -> Reply {
        if self.stuck {
            return Err(CardError::Refused(Refusal::CONDITIONS_NOT_SATISFIED));
        }
        match function {
            [0xBF, 0x36, ..] | [0xA0 | 0xA1 | 0x88 | 0xA2 | 0xA3 | 0x86, ..] => self.load(function),
            [0xBF, tag @ (0x20..=0x22 | 0x2E | 0x38 | 0x3C | 0x3E | 0x41 | 0x43), ..] => {
                self.ask(*tag, function)
            }
            [0xBF, tag, ..] => self.manage(*tag, function),
            _ => Err(CardError::Refused(Refusal::NO_SUCH_DATA)),
        }
    }

    fn ask(&mut self, tag: u8, function: &[u8]) -> Reply {
        Ok(match tag {
            0x20 => encode(&info1()),
            0x21 => self.prepare(function),
            0x22 => encode(&info2()),
            0x2E => {
                self.session = None;
                self.challenges += 1;
                let euicc_challenge = FixedOctetString::new([self.challenges; 16]);
                encode(&GetEuiccChallengeResponse { euicc_challenge })
            }
            0x38 => self.authenticate(function),
            0x3C => encode(&EuiccConfiguredAddressesResponse {
                default_dp_address: self.default_dp.clone(),
                root_ds_address: "smds.example.com".to_string(),
            }),
            0x3E => {
                encode(&GetEuiccDataResponse { eid_value: FixedOctetString::new(eid().octets()) })
            }
            0x41 => self.cancel(function),
            _ => encode(&GetRatResponse { rat: self.rat.clone() }),
        })
    }

    fn authenticate(&mut self, function: &[u8]) -> Vec<u8> {
        let request: AuthenticateServerRequest = decode("AuthenticateServer", function).unwrap();
        let signed = &request.server_signed1;
        if *signed.euicc_challenge != [self.challenges; 16] {
            return encode(&AuthenticateServerResponse::Error(AuthenticateResponseError {
                transaction_id: signed.transaction_id.clone(),
                authenticate_error_code: AuthenticateErrorCode::EuiccChallengeMismatch,
            }));
        }
        let transaction_id = signed.transaction_id.clone();
        let signed1 = EuiccSigned1 {
            transaction_id: transaction_id.clone(),
            server_address: signed.server_address.clone(),
            server_challenge: signed.server_challenge,
            euicc_info2: info2(),
            ctx_params1: request.ctx_params1.clone(),
            extensions: Extensions::default(),
        };
        self.session = Some(Session { transaction_id, prepared: false, package: Vec::new() });
        encode(&AuthenticateServerResponse::Ok(Box::new(AuthenticateResponseOk {
            euicc_signed1: Raw::new(signed1),
            euicc_signature1: signature(),
            euicc_certificate: certificate(),
            eum_certificate: certificate(),
            extensions: Extensions::default(),
        })))
    }

    fn prepare(&mut self, function: &[u8]) -> Vec<u8> {
        let request: PrepareDownloadRequest = decode("PrepareDownload", function).unwrap();
        let transaction_id = request.smdp_signed2.transaction_id.clone();
        match &mut self.session {
            Some(session) if session.transaction_id == transaction_id => session.prepared = true,
            _ => {
                return encode(&PrepareDownloadResponse::Error(PrepareDownloadResponseError {
                    transaction_id,
                    download_error_code: DownloadErrorCode::NoSessionContext,
                }));
            }
        }
        let signed2 = EuiccSigned2 {
            transaction_id,
            euicc_otpk: (&[4; 65][..]).into(),
            hash_cc: request.hash_cc,
            extensions: Extensions::default(),
        };
        encode(&PrepareDownloadResponse::Ok(PrepareDownloadResponseOk {
            euicc_signed2: Raw::new(signed2),
            euicc_signature2: signature(),
        }))
    }

    fn cancel(&mut self, function: &[u8]) -> Vec<u8> {
        let request: CancelSessionRequest = decode("CancelSession", function).unwrap();
        let is_open = self
            .session
            .take_if(|session| session.transaction_id == request.transaction_id)
            .is_some();
        if !is_open {
            let error = CancelSessionError::InvalidTransactionId;
            return encode(&CancelSessionResponse::Error(error));
        }
        self.cancelled.push(request.reason.code());
        let signed = EuiccCancelSessionSigned {
            transaction_id: request.transaction_id,
            smdp_oid: rasn::types::ObjectIdentifier::new_unchecked(
                [2, 999, 10][..].to_vec().into(),
            ),
            reason: request.reason,
        };
        encode(&CancelSessionResponse::Ok(CancelSessionResponseOk {
            euicc_cancel_session_signed: Raw::new(signed),
            euicc_cancel_session_signature: signature(),
        }))
    }

    /// Takes segments until the package is whole.
    fn load(&mut self, segment: &[u8]) -> Reply {
        let refused = Err(CardError::Refused(Refusal(0x6A88)));
        let Some(session) = self.session.as_mut().filter(|session| session.prepared) else {
            return refused;
        };
        session.package.extend_from_slice(segment);
        let Ok(package) = decode::<BoundProfilePackage>("package", &session.package) else {
            return Ok(Vec::new());
        };
        let transaction_id = session.transaction_id.clone();
        self.session = None;
        let plain: Vec<u8> = package
            .sequence_of88
            .iter()
            .flat_map(|part| part.0[..part.0.len() - 8].to_vec())
            .collect();
        let metadata: StoreMetadataRequest = decode("metadata", &plain).unwrap();
        let error = self.install_error.take().or_else(|| {
            let is_there = self.profiles.iter().any(|other| other.iccid == metadata.iccid);
            is_there.then_some(ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc)
        });
        let final_result = match error {
            Some(error_reason) => FinalResult::Error(ErrorResult {
                bpp_command_id: BppCommandId::LoadProfileElements,
                error_reason,
                sima_response: None,
            }),
            None => {
                self.add(&metadata);
                self.installs.push(metadata.iccid);
                FinalResult::Success(SuccessResult {
                    aid: (&[0xA0, 0, 0, 5, 0x59][..]).into(),
                    sima_response: (&[][..]).into(),
                })
            }
        };
        let notification_metadata = self.metadata(NotificationEvent::INSTALL, HOST, metadata.iccid);
        let data = ProfileInstallationResultData {
            transaction_id,
            notification_metadata: notification_metadata.clone(),
            smdp_oid: None,
            final_result,
        };
        let result = ProfileInstallationResult {
            profile_installation_result_data: Raw::new(data),
            euicc_sign_pir: signature(),
        };
        let pending = PendingNotification::ProfileInstallationResult(Box::new(result.clone()));
        if !self.forgets_results {
            self.notifications.push((notification_metadata, pending));
        }
        Ok(encode(&result))
    }

    fn metadata(
        &mut self,
        event: NotificationEvent,
        to: &str,
        iccid: Iccid,
    ) -> NotificationMetadata {
        self.seq += 1;
        NotificationMetadata {
            seq_number: self.seq,
            profile_management_operation: event,
            notification_address: to.to_string(),
            iccid: Some(iccid),
        }
    }

    fn note(&mut self, event: NotificationEvent, profile: &Profile) {
        for wanted in profile.notify.clone() {
            if wanted.profile_management_operation.has(event) {
                let metadata = self.metadata(event, &wanted.notification_address, profile.iccid);
                let other = OtherSignedNotification {
                    tbs_other_notification: Raw::new(metadata.clone()),
                    euicc_notification_signature: signature(),
                    euicc_certificate: certificate(),
                    eum_certificate: certificate(),
                };
                let pending = PendingNotification::OtherSignedNotification(Box::new(other));
                self.notifications.push((metadata, pending));
            }
        }
    }

    fn find(&self, id: &ProfileIdentifier) -> Option<usize> {
        let ProfileIdentifier::Iccid(iccid) = id else { return None };
        self.profiles.iter().position(|profile| profile.iccid == *iccid)
    }

    fn manage(&mut self, tag: u8, function: &[u8]) -> Reply {
        Ok(match tag {
            0x28 => {
                let list = self.notifications.iter().map(|(metadata, _)| metadata.clone());
                encode(&ListNotificationResponse::Ok(list.collect()))
            }
            0x29 => {
                let request: SetNicknameRequest = decode("x", function).unwrap();
                let found = self.find(&ProfileIdentifier::Iccid(request.iccid));
                let set_nickname_result = match found {
                    Some(_) => SetNicknameResult::Ok,
                    None => SetNicknameResult::IccidNotFound,
                };
                encode(&SetNicknameResponse { set_nickname_result })
            }
            0x2B => self.retrieve(function),
            0x2D => encode(&ProfileInfoListResponse::Ok(self.list())),
            0x30 => {
                let request: NotificationSentRequest = decode("x", function).unwrap();
                let before = self.notifications.len();
                self.notifications.retain(|(other, _)| other.seq_number != request.seq_number);
                let delete_notification_status = if self.notifications.len() < before {
                    self.removed.insert(request.seq_number);
                    DeleteNotificationStatus::Ok
                } else {
                    DeleteNotificationStatus::NothingToDelete
                };
                encode(&NotificationSentResponse { delete_notification_status })
            }
            0x31 => {
                let request: EnableProfileRequest = decode("x", function).unwrap();
                let enable_result = self.enable(&request.profile_identifier);
                self.stuck = self.sticks_after_enable && enable_result == EnableResult::Ok;
                encode(&EnableProfileResponse { enable_result })
            }
            0x32 => {
                let request: DisableProfileRequest = decode("x", function).unwrap();
                let disable_result = self.disable(&request.profile_identifier);
                encode(&DisableProfileResponse { disable_result })
            }
            0x33 => self.delete(function),
            0x3F => {
                let request: SetDefaultDpAddressRequest = decode("x", function).unwrap();
                self.default_dp = Some(request.default_dp_address);
                let set_default_dp_address_result = SetDefaultDpAddressResult::Ok;
                encode(&SetDefaultDpAddressResponse { set_default_dp_address_result })
            }
            _ => return Err(CardError::Refused(Refusal::NO_SUCH_DATA)),
        })
    }

    fn list(&self) -> Vec<ProfileInfo> {
        let info = |profile: &Profile| ProfileInfo {
            iccid: Some(profile.iccid),
            profile_state: Some(profile.state),
            ..ProfileInfo::default()
        };
        self.profiles.iter().map(info).collect()
    }

    fn retrieve(&self, function: &[u8]) -> Vec<u8> {
        let request: RetrieveNotificationsListRequest = decode("x", function).unwrap();
        let fits = |metadata: &NotificationMetadata| match request.search_criteria {
            None => true,
            Some(NotificationSearch::SeqNumber(seq)) => metadata.seq_number == seq,
            Some(NotificationSearch::ProfileManagementOperation(event)) => {
                event.has(metadata.profile_management_operation)
            }
        };
        let list: Vec<_> = self
            .notifications
            .iter()
            .filter(|(metadata, _)| fits(metadata))
            .map(|(_, pending)| pending.clone())
            .collect();
        encode(&if list.is_empty() {
            RetrieveNotificationsListResponse::Error(NotificationsError::NoResultAvailable)
        } else {
            RetrieveNotificationsListResponse::Ok(list)
        })
    }

    fn enable(&mut self, id: &ProfileIdentifier) -> EnableResult {
        if let Some(result) = self.enable_results.pop() {
            return result;
        }
        let Some(at) = self.find(id) else { return EnableResult::IccidOrAidNotFound };
        if self.profiles[at].state == ProfileState::Enabled {
            return EnableResult::ProfileNotInDisabledState;
        }
        if let Some(old) = self.profiles.iter().position(|p| p.state == ProfileState::Enabled) {
            self.profiles[old].state = ProfileState::Disabled;
            self.note(NotificationEvent::DISABLE, &self.profiles[old].clone());
        }
        self.profiles[at].state = ProfileState::Enabled;
        self.note(NotificationEvent::ENABLE, &self.profiles[at].clone());
        EnableResult::Ok
    }

    fn disable(&mut self, id: &ProfileIdentifier) -> DisableResult {
        let Some(at) = self.find(id) else { return DisableResult::IccidOrAidNotFound };
        if self.profiles[at].state == ProfileState::Disabled {
            return DisableResult::ProfileNotInEnabledState;
        }
        self.profiles[at].state = ProfileState::Disabled;
        self.note(NotificationEvent::DISABLE, &self.profiles[at].clone());
        DisableResult::Ok
    }

    fn delete(&mut self, function: &[u8]) -> Vec<u8> {
        let request: DeleteProfileRequest = decode("x", function).unwrap();
        let DeleteProfileRequest::Iccid(iccid) = request else { panic!("by ICCID") };
        let delete_result = match self.find(&ProfileIdentifier::Iccid(iccid)) {
            None => DeleteResult::IccidOrAidNotFound,
            Some(at) if self.profiles[at].state == ProfileState::Enabled => {
                DeleteResult::ProfileNotInDisabledState
            }
            Some(at) => {
                let profile = self.profiles.remove(at);
                self.note(NotificationEvent::DELETE, &profile);
                DeleteResult::Ok
            }
        };
        encode(&DeleteProfileResponse { delete_result })
    }
}

pub(super) fn eid() -> Eid {
    Eid::with_check_digits("890490321122334455667788990011").unwrap()
}

pub(super) fn issuer() -> KeyIdentifier {
    (&[0xF5; 20][..]).into()
}

fn info1() -> EuiccInfo1 {
    EuiccInfo1 {
        svn: Version::new(2, 5, 0),
        euicc_ci_pk_id_list_for_verification: [issuer()].into(),
        euicc_ci_pk_id_list_for_signing: [issuer()].into(),
        extensions: Extensions::default(),
    }
}

fn info2() -> EuiccInfo2 {
    EuiccInfo2 {
        profile_version: Version::new(2, 3, 1),
        svn: Version::new(2, 5, 0),
        euicc_firmware_ver: Version::new(1, 0, 0),
        ext_card_resource: ExtCardResource::default().to_octets(),
        uicc_capability: UiccCapability::USIM_SUPPORT,
        javacard_version: None,
        globalplatform_version: None,
        rsp_capability: RspCapability::ADDITIONAL_PROFILE,
        euicc_ci_pk_id_list_for_verification: [issuer()].into(),
        euicc_ci_pk_id_list_for_signing: [issuer()].into(),
        euicc_category: None,
        forbidden_profile_policy_rules: None,
        pp_version: Version::new(1, 0, 0),
        sas_acreditation_number: "none".into(),
        certification_data_object: None,
        extensions: Extensions::default(),
    }
}
