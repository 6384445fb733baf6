//! An eUICC in software that says what a real one would.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid};
use polysim_rsp::bsp::{self, Binding, Command, Unprotect, segments};
use polysim_rsp::crypto::{KeyId, Origin, P256, PrivateKey, Signature, Verifier as _};
use polysim_rsp::data::{
    AuthenticateResponseOk, AuthenticateServerResponse, BppCommandId, CancelSessionReason,
    CancelSessionResponse, CancelSessionResponseOk, CertificateDer, CtxParams1,
    CtxParamsForCommonAuthentication, DeviceCapabilities, DeviceInfo, ErrorReason, ErrorResult,
    EuiccCancelSessionSigned, EuiccInfo1, EuiccInfo2, EuiccSigned1, EuiccSigned2, ExtCardResource,
    Extensions, FinalResult, NotificationEvent, NotificationMetadata, OtherSignedNotification,
    PendingNotification, PrepareDownloadResponse, PrepareDownloadResponseOk,
    ProfileInstallationResult, ProfileInstallationResultData, Raw, RspCapability,
    StoreMetadataRequest, SuccessResult, TransactionId, UiccCapability, Version,
};
use polysim_rsp::es2::ConfirmationCode;
use polysim_rsp::es9::{
    AuthenticateClient, AuthenticateClientOk, CancelSession, GetBoundProfilePackage,
    InitiateAuthentication, InitiateAuthenticationOk, Request,
};
use polysim_rsp::pki::{Certificate, EuiccIdentity};
use rasn::types::{FixedOctetString, ObjectIdentifier};

use super::{ADDRESS, OID};

/// An eUICC in software. It draws nothing: its challenge and one-time keys follow from a counter.
#[derive(Clone, Debug)]
pub struct SoftEuicc {
    /// Its EID.
    pub eid: Eid,
    /// Its certificate and key.
    pub identity: EuiccIdentity,
    /// The issuer that it trusts.
    pub ci: KeyId,
    /// What it says of itself.
    pub info2: EuiccInfo2,
    /// The key of the first signature of its last session.
    signature1: Signature,
    /// Which one-time key is next.
    keys: u8,
    /// The one-time key of its last session, and the server's key for profile binding.
    session: Option<(PrivateKey, Certificate)>,
}

impl SoftEuicc {
    /// Makes one.
    #[must_use]
    pub fn new(eid: Eid, identity: EuiccIdentity, ci: KeyId) -> Self {
        let info2 = EuiccInfo2 {
            profile_version: Version::new(3, 3, 1),
            svn: Version::new(2, 5, 0),
            euicc_firmware_ver: Version::new(1, 0, 0),
            ext_card_resource: ExtCardResource {
                applications: 0,
                free_non_volatile: 300_000,
                free_volatile: 10_000,
            }
            .to_octets(),
            uicc_capability: UiccCapability::USIM_SUPPORT.with(UiccCapability::AKA_MILENAGE),
            javacard_version: None,
            globalplatform_version: None,
            rsp_capability: RspCapability::ADDITIONAL_PROFILE,
            euicc_ci_pk_id_list_for_verification: vec![ci.as_bytes().to_vec().into()],
            euicc_ci_pk_id_list_for_signing: vec![ci.as_bytes().to_vec().into()],
            euicc_category: None,
            forbidden_profile_policy_rules: None,
            pp_version: Version::new(0, 0, 1),
            sas_acreditation_number: "PS-00-0000".to_string(),
            certification_data_object: None,
            extensions: Extensions::default(),
        };
        Self { eid, identity, ci, info2, signature1: [0; 64], keys: 0, session: None }
    }

    /// Begins a session.
    #[must_use]
    pub fn initiate(&self) -> Request {
        self.initiate_with(ADDRESS, self.info1())
    }

    /// Returns what a server is told first.
    #[must_use]
    pub fn info1(&self) -> EuiccInfo1 {
        EuiccInfo1 {
            svn: self.info2.svn,
            euicc_ci_pk_id_list_for_verification: self
                .info2
                .euicc_ci_pk_id_list_for_verification
                .clone(),
            euicc_ci_pk_id_list_for_signing: self.info2.euicc_ci_pk_id_list_for_signing.clone(),
            extensions: Extensions::default(),
        }
    }

    /// Begins a session with a server.
    #[must_use]
    pub fn initiate_with(&self, address: &str, info1: EuiccInfo1) -> Request {
        Request::InitiateAuthentication(Box::new(InitiateAuthentication {
            euicc_challenge: [0xC0; 16],
            smdp_address: address.to_string(),
            euicc_info1: Raw::new(info1),
        }))
    }

    /// Answers a server, whose signature it checks.
    ///
    /// # Panics
    /// Where the server's word does not hold.
    #[must_use]
    pub fn authenticate(
        &mut self,
        server: &InitiateAuthenticationOk,
        matching_id: Option<&str>,
    ) -> Request {
        let certificate =
            Certificate::parse(server.server_certificate.der()).expect("a certificate");
        let holds = P256.verify(
            certificate.public_key(),
            server.server_signed1.der(),
            &server.server_signature1,
        );
        assert!(holds, "the server's signature");
        assert_eq!(*server.server_signed1.euicc_challenge, [0xC0; 16]);
        self.authenticate_as(EuiccSigned1 {
            transaction_id: server.transaction_id.clone(),
            server_address: server.server_signed1.server_address.clone(),
            server_challenge: server.server_signed1.server_challenge,
            euicc_info2: self.info2.clone(),
            ctx_params1: CtxParams1::CommonAuthentication(CtxParamsForCommonAuthentication {
                matching_id: matching_id.map(ToString::to_string),
                device_info: DeviceInfo {
                    tac: vec![0x35, 0x29, 0x06, 0x11].into(),
                    device_capabilities: DeviceCapabilities::default(),
                    imei: None,
                },
            }),
            extensions: Extensions::default(),
        })
    }

    /// Answers a server with anything.
    #[must_use]
    pub fn authenticate_as(&mut self, signed: EuiccSigned1) -> Request {
        let transaction_id = signed.transaction_id.clone();
        let euicc_signed1 = Raw::new(signed);
        self.signature1 = self.identity.key.sign(euicc_signed1.der());
        let response = AuthenticateResponseOk {
            euicc_signature1: FixedOctetString::new(self.signature1),
            euicc_signed1,
            euicc_certificate: der(&self.identity.certificate),
            eum_certificate: der(&self.identity.eum),
            extensions: Extensions::default(),
        };
        Request::AuthenticateClient(Box::new(AuthenticateClient {
            transaction_id,
            authenticate_server_response: Raw::new(AuthenticateServerResponse::Ok(Box::new(
                response,
            ))),
        }))
    }

    /// Gets ready for a package, for which it checks the server's second signature. A key that a
    /// package was bound to before is used again where it still has it.
    ///
    /// # Panics
    /// Where the server's word does not hold.
    #[must_use]
    pub fn prepare(
        &mut self,
        server: &AuthenticateClientOk,
        code: Option<&ConfirmationCode>,
    ) -> Request {
        let certificate = Certificate::parse(server.smdp_certificate.der()).expect("a certificate");
        let signed = [server.smdp_signed2.der(), &[0x5F, 0x37, 0x40], &self.signature1].concat();
        let holds = P256.verify(certificate.public_key(), &signed, &server.smdp_signature2);
        assert!(holds, "the server's second signature");
        let before = self.session.take().map(|(key, _)| key).filter(|key| {
            let wanted = server.smdp_signed2.bpp_euicc_otpk.as_deref();
            wanted == Some(&key.public().to_bytes()[..])
        });
        let key = before.unwrap_or_else(|| self.one_time_key());
        let hash_cc = code.map(|code| {
            let digest = ConfirmationCode::session_digest(&code.digest(), &server.transaction_id);
            FixedOctetString::new(digest)
        });
        let euicc_signed2 = Raw::new(EuiccSigned2 {
            transaction_id: server.transaction_id.clone(),
            euicc_otpk: key.public().to_bytes().to_vec().into(),
            hash_cc,
            extensions: Extensions::default(),
        });
        let signed = [euicc_signed2.der(), &[0x5F, 0x37, 0x40], &server.smdp_signature2].concat();
        let response = PrepareDownloadResponseOk {
            euicc_signature2: FixedOctetString::new(self.identity.key.sign(&signed)),
            euicc_signed2,
        };
        self.session = Some((key, certificate));
        Request::GetBoundProfilePackage(Box::new(GetBoundProfilePackage {
            transaction_id: server.transaction_id.clone(),
            prepare_download_response: Raw::new(PrepareDownloadResponse::Ok(response)),
        }))
    }

    fn one_time_key(&mut self) -> PrivateKey {
        self.keys = self.keys.wrapping_add(1);
        let mut octets = [0x11; 32];
        octets[0..16].copy_from_slice(&self.eid.octets());
        octets[31] = self.keys;
        PrivateKey::from_bytes(&octets, Origin::Simulated).expect("a key")
    }

    /// Opens a package, and returns what it is told of the profile and the profile elements.
    ///
    /// # Errors
    /// As an eUICC reports them.
    ///
    /// # Panics
    /// Where it is not ready.
    pub fn open(
        &self,
        transaction_id: &TransactionId,
        package: &[u8],
    ) -> Result<(StoreMetadataRequest, Vec<u8>), bsp::Refusal> {
        let (key, signer) = self.session.as_ref().expect("it is ready");
        let mut unprotect = Unprotect::new(Binding {
            transaction_id: transaction_id.to_vec(),
            one_time_key: key.clone(),
            eid: self.eid,
            signer: *signer.public_key(),
        });
        let (mut metadata, mut elements) = (None, Vec::new());
        for segment in segments(package).expect("a package") {
            for command in unprotect.segment(&P256, segment)? {
                match command {
                    Command::StoreMetadata(told) => metadata = Some(*told),
                    Command::Elements(octets) => elements.extend_from_slice(&octets),
                    Command::ChannelInitialised
                    | Command::ConfigureIsdp(_)
                    | Command::KeysReplaced
                    | Command::End => {}
                }
            }
        }
        Ok((metadata.expect("metadata"), elements))
    }

    /// Says what became of an installation.
    #[must_use]
    pub fn report(
        &self,
        transaction_id: &TransactionId,
        seq: u64,
        iccid: Iccid,
        error: Option<ErrorReason>,
    ) -> Request {
        let final_result = match error {
            None => FinalResult::Success(SuccessResult {
                aid: vec![0xA0; 16].into(),
                sima_response: vec![0x30, 0].into(),
            }),
            Some(error_reason) => FinalResult::Error(ErrorResult {
                bpp_command_id: BppCommandId::LoadProfileElements,
                error_reason,
                sima_response: None,
            }),
        };
        let data = Raw::new(ProfileInstallationResultData {
            transaction_id: transaction_id.clone(),
            notification_metadata: metadata(seq, NotificationEvent::INSTALL, iccid),
            smdp_oid: Some(oid()),
            final_result,
        });
        let result = ProfileInstallationResult {
            euicc_sign_pir: FixedOctetString::new(self.identity.key.sign(data.der())),
            profile_installation_result_data: data,
        };
        let result = PendingNotification::ProfileInstallationResult(Box::new(result));
        Request::HandleNotification(Box::new(result))
    }

    /// Says what became of a profile that it has.
    #[must_use]
    pub fn managed(&self, seq: u64, event: NotificationEvent, iccid: Iccid) -> Request {
        let tbs = Raw::new(metadata(seq, event, iccid));
        let signature = self.identity.key.sign(tbs.der());
        let other = OtherSignedNotification {
            tbs_other_notification: tbs,
            euicc_notification_signature: FixedOctetString::new(signature),
            euicc_certificate: der(&self.identity.certificate),
            eum_certificate: der(&self.identity.eum),
        };
        let other = PendingNotification::OtherSignedNotification(Box::new(other));
        Request::HandleNotification(Box::new(other))
    }

    /// Gives a session up.
    #[must_use]
    pub fn cancel(&self, transaction_id: &TransactionId, reason: CancelSessionReason) -> Request {
        self.cancel_as(EuiccCancelSessionSigned {
            transaction_id: transaction_id.clone(),
            smdp_oid: oid(),
            reason,
        })
    }

    /// Gives a session up in any words.
    #[must_use]
    pub fn cancel_as(&self, signed: EuiccCancelSessionSigned) -> Request {
        let transaction_id = signed.transaction_id.clone();
        let signed = Raw::new(signed);
        let response = CancelSessionResponseOk {
            euicc_cancel_session_signature: FixedOctetString::new(
                self.identity.key.sign(signed.der()),
            ),
            euicc_cancel_session_signed: signed,
        };
        Request::CancelSession(Box::new(CancelSession {
            transaction_id,
            cancel_session_response: Raw::new(CancelSessionResponse::Ok(response)),
        }))
    }
}

fn metadata(seq: u64, event: NotificationEvent, iccid: Iccid) -> NotificationMetadata {
    NotificationMetadata {
        seq_number: seq,
        profile_management_operation: event,
        notification_address: ADDRESS.to_string(),
        iccid: Some((&iccid).into()),
    }
}

fn oid() -> ObjectIdentifier {
    let arcs = OID.split('.').map(|arc| arc.parse().expect("a number")).collect::<Vec<u32>>();
    ObjectIdentifier::new(arcs).expect("an identifier")
}

fn der(certificate: &Certificate) -> CertificateDer {
    CertificateDer::new(certificate.der().to_vec())
}
