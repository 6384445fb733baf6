//! ES9+: a profile is downloaded (SGP.22, 5.6.2 and 5.6.3).

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Instant};
use polysim_rsp::crypto::{PrivateKey, PublicKey, Signature};
use polysim_rsp::data::{
    CertificateDer, EuiccInfo2, ExtCardResource, Extensions, PprIds, PrepareDownloadResponse,
    PrepareDownloadResponseOk, Raw, SmdpSigned2,
};
use polysim_rsp::es2::ConfirmationCode;
use polysim_rsp::es9::{
    Answer, AuthenticateClient, AuthenticateClientOk, GetBoundProfilePackage, Refusal, Status,
};
use subtle::ConstantTimeEq;

use super::state::{Order, Profile};
use super::{ATTEMPTS_MAX, Bound, CODES_MAX, Change, ProfileState, Smdp, Terminated};
use crate::door::{Authenticated, SIGNATURE_HEAD, TransactionKey, transaction_key};

/// How far a session is.
#[derive(Debug, Default)]
pub(super) enum Stage {
    /// The server has said its word.
    #[default]
    Initiated,
    /// The eUICC has said its word, and may have a profile.
    Authenticated(Box<Offer>),
}

/// A profile that an eUICC may have.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) eid: Eid,
    pub(super) key: PublicKey,
    pub(super) iccid: Iccid,
    pub(super) signature2: Signature,
    /// The package was bound: to which key of the eUICC's, and with which of our own.
    handed_out: Option<(PublicKey, PrivateKey)>,
    /// The digest of the last confirmation code that was wrong: the same one again is the same
    /// request, which was repeated on its way.
    code_refused: Option<[u8; 32]>,
}

impl Smdp {
    pub(super) fn authenticate_client(
        &mut self,
        now: Instant,
        request: &AuthenticateClient,
    ) -> Result<Answer, Status> {
        let euicc = self.door.authenticate(now, request)?;
        let iccid = self.find_order(&euicc)?;
        self.check_attempts(now, iccid, euicc.eid, &euicc.transaction)?;
        let (profile, order) = self.open_order(iccid)?;
        let kind = self.inventory.kind(&profile.profile_type);
        let kind = kind.ok_or_else(|| Refusal::ProfileUnavailable.status())?;
        check_eligibility(kind.settings.capabilities, kind.settings.memory, &euicc.info)?;
        check_rules(kind.settings.metadata.policy_rules, &euicc.info)?;
        let last = order.bound.last().filter(|_| profile.state == ProfileState::Downloaded);
        let smdp_signed2 = Raw::new(SmdpSigned2 {
            transaction_id: request.transaction_id.clone(),
            cc_required_flag: order.terms.code.is_some(),
            bpp_euicc_otpk: last.map(|bound| bound.euicc_otpk.clone().into()),
            extensions: Extensions::default(),
        });
        let signed = [smdp_signed2.der(), &SIGNATURE_HEAD, &euicc.signature1].concat();
        let smdp_signature2 = self.binding.key.sign(&signed);
        let answer = AuthenticateClientOk {
            transaction_id: request.transaction_id.clone(),
            profile_metadata: Raw::new(self.metadata(kind, iccid)),
            smdp_signed2,
            smdp_signature2,
            smdp_certificate: CertificateDer::new(self.binding.certificate.der().to_vec()),
        };
        self.offer(now, &euicc, iccid, smdp_signature2);
        Ok(Answer::AuthenticateClient(Box::new(answer)))
    }

    /// Keeps the offer with the session. Where the device repeats its request, what was handed out
    /// before stays with it.
    fn offer(&mut self, now: Instant, euicc: &Authenticated, iccid: Iccid, signature2: Signature) {
        let Some(session) = self.door.sessions.touch(now, &euicc.transaction) else { return };
        if let Stage::Authenticated(offer) = &session.progress
            && offer.signature2 == signature2
        {
            return;
        }
        let Authenticated { eid, key, .. } = *euicc;
        let (handed_out, code_refused) = (None, None);
        let offer = Offer { eid, key, iccid, signature2, handed_out, code_refused };
        session.progress = Stage::Authenticated(Box::new(offer));
    }

    fn find_order(&self, euicc: &Authenticated) -> Result<Iccid, Refusal> {
        let Some(id) = &euicc.matching_id else {
            let waiting = self.state.by_eid.get(&euicc.eid).into_iter().flatten();
            let mut ready = waiting.filter(|iccid| self.check_order(**iccid, euicc.eid).is_ok());
            return ready.next().copied().ok_or(Refusal::MatchingIdRefused);
        };
        let iccid = *self.state.by_matching.get(id).ok_or(Refusal::MatchingIdRefused)?;
        self.check_order(iccid, euicc.eid)?;
        Ok(iccid)
    }

    /// Checks that an order may be downloaded now, by this eUICC.
    fn check_order(&self, iccid: Iccid, eid: Eid) -> Result<(), Refusal> {
        let (profile, _) = self.open_order(iccid)?;
        if profile.eid().is_some_and(|wanted| wanted != eid) {
            return Err(Refusal::EidRefused);
        }
        let is_ready = profile.is_provisioned || profile.personal.subscription.is_none();
        match profile.state {
            ProfileState::Released | ProfileState::Downloaded if is_ready => Ok(()),
            ProfileState::Released
            | ProfileState::Downloaded
            | ProfileState::Allocated
            | ProfileState::Linked
            | ProfileState::Confirmed => Err(Refusal::ProfileNotReleased),
            ProfileState::Error(Terminated::Expired) => Err(Refusal::OrderExpired),
            ProfileState::Error(Terminated::TooManyAttempts) => Err(Refusal::OrderRetriesExceeded),
            ProfileState::Error(Terminated::TooManyCodes) => {
                Err(Refusal::ConfirmationCodeRetriesExceeded)
            }
            ProfileState::Available
            | ProfileState::Installed
            | ProfileState::Error(Terminated::Cancelled(_) | Terminated::NotInstalled(_))
            | ProfileState::Unavailable => Err(Refusal::MatchingIdRefused),
        }
    }

    /// Ends an order that was tried often enough, unless it is a request of the last try again.
    fn check_attempts(
        &mut self,
        now: Instant,
        iccid: Iccid,
        eid: Eid,
        transaction: &TransactionKey,
    ) -> Result<(), Refusal> {
        let (_, order) = self.open_order(iccid)?;
        let is_last = order.bound.last().is_some_and(|it| it.transaction == *transaction);
        if is_last || order.bound.len() < ATTEMPTS_MAX {
            return Ok(());
        }
        let (eid, why) = (Some(eid), Terminated::TooManyAttempts);
        self.record(now, Change::Terminated { iccid, eid, why });
        Err(Refusal::OrderRetriesExceeded)
    }

    fn open_order(&self, iccid: Iccid) -> Result<(&Profile, &Order), Refusal> {
        let profile = self.state.profiles.get(&iccid);
        profile
            .and_then(|profile| Some((profile, profile.order.as_deref()?)))
            .ok_or(Refusal::MatchingIdRefused)
    }

    pub(super) fn bound_profile_package(
        &mut self,
        now: Instant,
        request: &GetBoundProfilePackage,
    ) -> Result<Answer, Status> {
        let transaction = transaction_key(&request.transaction_id)?;
        let Some(Stage::Authenticated(offer)) =
            self.door.sessions.touch(now, &transaction).map(|session| &session.progress)
        else {
            return Err(Refusal::TransactionUnknown.into());
        };
        let (eid, key, iccid) = (offer.eid, offer.key, offer.iccid);
        let before = offer.handed_out.clone();
        let signature2 = offer.signature2;
        let ready = match &*request.prepare_download_response {
            PrepareDownloadResponse::Ok(ready) => ready,
            PrepareDownloadResponse::Error(error) => {
                self.door.sessions.close(&transaction);
                let why = format!("the eUICC does not get ready: {}", error.download_error_code);
                return Err(Status { message: Some(why), ..Refusal::EuiccNotVerified.status() });
            }
        };
        let signed = &ready.euicc_signed2;
        let parts = [signed.der(), &SIGNATURE_HEAD, &signature2];
        if !self.door.is_signed(&key, &parts, &ready.euicc_signature2) {
            return Err(Refusal::EuiccNotVerified.into());
        }
        if *signed.transaction_id != transaction {
            return Err(Refusal::TransactionUnknown.into());
        }
        let otpk =
            PublicKey::from_bytes(&signed.euicc_otpk).map_err(|_| Refusal::EuiccNotVerified)?;
        self.check_order(iccid, eid)?;
        self.check_code(now, iccid, eid, ready)?;
        if before.is_none() {
            // Sessions that began before the last try may be many.
            self.check_attempts(now, iccid, eid, &transaction)?;
        }
        let own = match before {
            Some((bound_to, own)) if bound_to == otpk => own,
            // A session hands out one package. Another key of the eUICC's needs another session.
            Some(_) => return Err(Refusal::ProfileUnavailable.into()),
            None => PrivateKey::generate(&mut self.door.credentials.randomness),
        };
        let package = self.package(&transaction, iccid, eid, &own, &otpk)?;
        self.hand_out(now, transaction, otpk, own);
        Ok(Answer::GetBoundProfilePackage {
            transaction_id: request.transaction_id.clone(),
            bound_profile_package: package,
        })
    }

    /// Writes down that this eUICC gets this profile, before it does.
    fn hand_out(
        &mut self,
        now: Instant,
        transaction: TransactionKey,
        otpk: PublicKey,
        own: PrivateKey,
    ) {
        let Some(session) = self.door.sessions.touch(now, &transaction) else { return };
        let Stage::Authenticated(offer) = &mut session.progress else { return };
        if offer.handed_out.is_some() {
            return;
        }
        offer.handed_out = Some((otpk, own));
        let bound = Bound {
            transaction,
            eid: offer.eid,
            euicc_key: Vec::from(offer.key.to_bytes()),
            euicc_otpk: Vec::from(otpk.to_bytes()),
        };
        let iccid = offer.iccid;
        self.record(now, Change::Bound { iccid, bound });
    }

    fn check_code(
        &mut self,
        now: Instant,
        iccid: Iccid,
        eid: Eid,
        ready: &PrepareDownloadResponseOk,
    ) -> Result<(), Refusal> {
        let (_, order) = self.open_order(iccid)?;
        let Some(code) = &order.terms.code else { return Ok(()) };
        let signed = &ready.euicc_signed2;
        let given = signed.hash_cc.as_ref().ok_or(Refusal::ConfirmationCodeMissing)?;
        let wanted = ConfirmationCode::session_digest(code, &signed.transaction_id);
        if bool::from(wanted.ct_eq(&**given)) {
            return Ok(());
        }
        let is_last = order.codes_refused.saturating_add(1) >= CODES_MAX;
        if self.is_repeated(now, &signed.transaction_id, **given) {
            return Err(Refusal::ConfirmationCodeRefused);
        }
        self.record(now, Change::CodeRefused { iccid, eid });
        Err(if is_last {
            Refusal::ConfirmationCodeRetriesExceeded
        } else {
            Refusal::ConfirmationCodeRefused
        })
    }

    /// Tells whether a wrong code was given in this session just before, and remembers it.
    fn is_repeated(&mut self, now: Instant, transaction: &[u8], given: [u8; 32]) -> bool {
        let session = transaction_key(transaction).ok();
        let session = session.and_then(|key| self.door.sessions.touch(now, &key));
        let Some(Stage::Authenticated(offer)) = session.map(|session| &mut session.progress) else {
            return false;
        };
        offer.code_refused.replace(given) == Some(given)
    }
}

fn check_eligibility(
    capabilities: polysim_rsp::data::UiccCapability,
    memory: u32,
    info: &EuiccInfo2,
) -> Result<(), Refusal> {
    if !info.uicc_capability.has(capabilities) {
        return Err(Refusal::NotEligible);
    }
    let free = ExtCardResource::read(&info.ext_card_resource).free_non_volatile;
    if free < memory { Err(Refusal::InsufficientMemory) } else { Ok(()) }
}

/// An eUICC tells which policy rules it allows no profile to have.
fn check_rules(rules: Option<PprIds>, info: &EuiccInfo2) -> Result<(), Refusal> {
    let forbidden = info.forbidden_profile_policy_rules.unwrap_or_default();
    let rules = rules.unwrap_or_default();
    let clashes = [PprIds::PPR1, PprIds::PPR2, PprIds::PPR3]
        .into_iter()
        .any(|rule| rules.has(rule) && forbidden.has(rule));
    if clashes { Err(Refusal::NotEligible) } else { Ok(()) }
}
