//! For tests and fuzzing: the bodies of the fuzz targets. Whatever octets come, nothing panics, and
//! what was read is the same after writing and reading it.
#![expect(clippy::expect_used, reason = "values are valid, and fuzz bodies fail loudly")]

use alloc::vec::Vec;
use core::fmt::Debug;

use polysim_base::Eid;
use rasn::{Decode, Encode};

use crate::activation::{ActivationCode, ConfirmationCode};
use crate::bsp::{Binding, BppBuilder, Channel, Command, SessionKeys, Unprotect, segments};
use crate::crypto::{Mode, Origin, P256, PrivateKey};
use crate::data::{
    self, CertificateDer, ConfigureIsdpRequest, Iccid, StoreMetadataRequest, decode, encode,
};
use crate::pki::files::{read_certificate, read_private_key};
use crate::pki::{Certificate, Crl, Trust};
use crate::{es2, es9, ipa};

/// Names the session of the packages of this module.
const TRANSACTION: [u8; 16] = [7; 16];
/// Names the server's end in the packages of this module.
const HOST: &[u8] = b"smdp.example";

/// Reads octets as one kind of object.
fn object<T: Decode + Encode + Debug + PartialEq>(octets: &[u8]) {
    if let Ok(object) = decode::<T>("object", octets) {
        assert_eq!(decode("object", &encode(&object)), Ok(object));
    }
}

macro_rules! objects {
    ($octets:expr, $($kind:ty),+ $(,)?) => {
        $(object::<$kind>($octets);)+
    };
}

/// Reads octets as each data object that a card or a server may send.
///
/// # Panics
/// When an object that was read is not the same after writing and reading it.
pub fn fuzz_rsp_objects(octets: &[u8]) {
    objects!(
        octets,
        data::AuthenticateServerRequest,
        data::AuthenticateServerResponse,
        data::BoundProfilePackage,
        data::CancelSessionRequest,
        data::CancelSessionResponse,
        data::DeleteProfileRequest,
        data::DisableProfileRequest,
        data::EnableProfileRequest,
        data::EuiccConfiguredAddressesResponse,
        data::EuiccInfo1,
        data::EuiccInfo2,
        data::EuiccMemoryResetRequest,
        data::GetEuiccDataRequest,
        data::GetEuiccDataResponse,
        data::GetRatResponse,
        data::ListNotificationRequest,
        data::ListNotificationResponse,
        data::LoadCrlRequest,
        data::LoadCrlResponse,
        data::NotificationSentRequest,
        data::PendingNotification,
        data::PrepareDownloadRequest,
        data::PrepareDownloadResponse,
        data::ProfileInfoListRequest,
        data::ProfileInfoListResponse,
        data::ProfileInstallationResult,
        data::ReplaceSessionKeysRequest,
        data::RetrieveNotificationsListRequest,
        data::RetrieveNotificationsListResponse,
        data::ServerSigned1,
        data::SetDefaultDpAddressRequest,
        data::SetNicknameRequest,
        data::SmdpSigned2,
        StoreMetadataRequest,
        data::UpdateMetadataRequest,
        ipa::AddInitialEimRequest,
        ipa::EimConfigurationData,
        ipa::EuiccPackageRequest,
        ipa::EuiccPackageResult,
        ipa::GetEimPackageResponse,
        ipa::IpaEuiccDataResponse,
        ipa::ProvideEimPackageResult,
    );
}

/// Reads octets as the body of each request and answer of ES9+, ES11 and ES2+.
///
/// # Panics
/// When a message that was read is not the same after writing and reading it.
pub fn fuzz_rsp_json(body: &[u8]) {
    for function in es9::Function::ALL {
        if let Ok(request) = function.read_request(body) {
            assert_eq!(request.function(), function);
            assert_eq!(function.read_request(&request.body()), Ok(request));
        }
        if let Ok(answer) = function.read_answer(200, body) {
            let (status, again) = answer.body();
            assert_eq!(function.read_answer(status, &again), Ok(answer));
        }
    }
    for function in es2::FunctionName::ALL {
        if let Ok(request) = function.read_request(body) {
            assert_eq!(request.function_name(), function);
            assert_eq!(function.read_request(&request.body()), Ok(request));
        }
        if let Ok(answer) = function.read_answer(200, body) {
            assert_eq!(function.read_answer(200, &answer.body()), Ok(answer));
        }
    }
    if let Ok(progress) = es2::Progress::read(body) {
        assert_eq!(es2::Progress::read(&progress.body()), Ok(progress));
    }
}

/// Reads octets as a certificate, a root, a revocation list, and a file of a certificate or a key.
///
/// # Panics
/// When a certificate or a key that was read is not the same after writing and reading it.
pub fn fuzz_rsp_certificates(octets: &[u8]) {
    if let Ok(certificate) = Certificate::parse(octets) {
        assert_eq!(certificate.der(), octets);
        let pem = crate::pki::files::certificate_pem(&certificate);
        assert_eq!(read_certificate(pem.as_bytes()).as_ref(), Ok(&certificate));
        let mut trust = Trust::new();
        if trust.add_root(certificate, Mode::Simulation).is_ok() {
            assert_eq!(trust.key_ids().count(), 1);
        }
    }
    if let Ok(list) = Crl::parse(octets) {
        assert_eq!(list.is_revoked(&[1]), list.is_revoked(&[1]));
    }
    drop(read_certificate(octets));
    if let Ok(key) = read_private_key(octets, Origin::Live) {
        let pem = crate::pki::files::private_key_pem(&key);
        assert_eq!(read_private_key(pem.as_bytes(), Origin::Live), Ok(key));
    }
    object::<CertificateDer>(octets);
}

/// Reads octets as a bound package, as a command of one under the right keys, and puts them into a
/// package as a profile.
///
/// # Panics
/// When the card's side does not open what the server's side closed, or opens what was never
/// closed.
pub fn fuzz_rsp_package(octets: &[u8]) {
    if let Ok(pieces) = segments(octets) {
        assert_eq!(pieces.concat(), octets);
    }
    drop(Unprotect::new(binding()).segment(&P256, octets));
    let Ok(package) = package(octets) else { return };
    let pieces = segments(&package).expect("what we make can be cut");
    let mut unprotect = Unprotect::new(binding());
    let mut profile = Vec::new();
    for piece in &pieces {
        for command in unprotect.segment(&P256, piece).expect("what we make can be opened") {
            if let Command::Elements(part) = command {
                profile.extend_from_slice(&part);
            }
        }
    }
    assert!(unprotect.is_complete());
    assert_eq!(profile, octets);
    let mut unprotect = Unprotect::new(binding());
    drop(unprotect.segment(&P256, pieces.first().copied().unwrap_or_default()));
    let secret = key(1).agree(&key(2).public());
    let mut sealed = Vec::new();
    Channel::new(&SessionKeys::derive(&secret, HOST, &eid())).encrypt(0x87, octets, &mut sealed);
    drop(unprotect.segment(&P256, &crate::pki::tlv(0xA0, &[&sealed])));
}

/// Reads octets as an activation code and as a confirmation code.
///
/// # Panics
/// When a code that was read is not the same after writing and reading it.
pub fn fuzz_activation_code(octets: &[u8]) {
    let Ok(text) = core::str::from_utf8(octets) else { return };
    if let Ok(code) = text.parse::<ActivationCode>() {
        assert_eq!(alloc::format!("{code}").parse(), Ok(code));
    }
    if let Ok(code) = ConfirmationCode::new(text) {
        assert_eq!(alloc::format!("{code:?}"), "ConfirmationCode(***)");
    }
    drop(es2::MatchingId::parse(text));
}

fn key(octet: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[octet; 32], Origin::Simulated).expect("a valid key")
}

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").expect("a valid EID")
}

fn binding() -> Binding {
    Binding {
        transaction_id: TRANSACTION.to_vec(),
        one_time_key: key(2),
        eid: eid(),
        signer: key(3).public(),
    }
}

fn package(profile: &[u8]) -> Result<Vec<u8>, crate::bsp::BuildError> {
    let metadata = StoreMetadataRequest {
        iccid: Iccid::from_bytes([0x98; 10]),
        service_provider_name: "Operator".into(),
        profile_name: "Profile".into(),
        icon_type: None,
        icon: None,
        profile_class: None,
        notification_configuration_info: None,
        profile_owner: None,
        profile_policy_rules: None,
        extensions: data::Extensions::default(),
    };
    BppBuilder {
        transaction_id: &TRANSACTION,
        host_id: HOST,
        eid: &eid(),
        one_time_key: &key(1),
        euicc_one_time_key: &key(2).public(),
        signer: &key(3),
        configure: &ConfigureIsdpRequest::default(),
        metadata: &metadata,
        profile,
        profile_keys: None,
    }
    .build()
}
