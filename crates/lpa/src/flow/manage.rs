//! Profiles and settings. A change is asked for once; where its answer is lost, the card is asked
//! what is, before it is asked for again.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_rsp::data::{
    CertificateDer, DataError, DeleteProfileRequest, DeleteProfileResponse, DeleteResult,
    DisableProfileRequest, DisableProfileResponse, DisableResult, EnableProfileRequest,
    EnableProfileResponse, EnableResult, EuiccMemoryResetRequest, EuiccMemoryResetResponse,
    EuiccMemoryResetResult, Iccid, LoadCrlRequest, LoadCrlResponse, ProfileIdentifier, ProfileInfo,
    ProfileState, ResetOptions, SetDefaultDpAddressRequest, SetDefaultDpAddressResponse,
    SetDefaultDpAddressResult, SetNicknameRequest, SetNicknameResponse, SetNicknameResult, decode,
    encode,
};

use super::Link;
use crate::transport::CardError;
use crate::{LpaDone, LpaError};

/// A change of the card.
struct Change {
    function: &'static str,
    request: Vec<u8>,
    /// What is so when it is done.
    wanted: Wanted,
    judge: fn(&[u8]) -> Result<Verdict, DataError>,
}

/// What is so when a change is done.
enum Wanted {
    /// The profile is enabled.
    Enabled(ProfileIdentifier),
    /// The profile is disabled, or was deleted in the same step (PPR3).
    Disabled(ProfileIdentifier),
    /// There is no such profile.
    Absent(ProfileIdentifier),
    /// Nothing that can be seen: doing it twice is as good as once.
    Unseen,
}

/// Says what a result means. Where there is a `busy` one, the card would do it later.
fn verdict<C: Copy + PartialEq>(
    result: C,
    (ok, done): (C, LpaDone),
    busy: Option<C>,
    error: fn(C) -> LpaError,
) -> Verdict {
    if result == ok {
        Verdict::Done(done)
    } else if Some(result) == busy {
        Verdict::Busy(error(result))
    } else {
        Verdict::Failed(error(result))
    }
}

/// What the card's answer means.
enum Verdict {
    Done(LpaDone),
    /// The card would do it later.
    Busy(LpaError),
    Failed(LpaError),
}

impl Wanted {
    async fn holds(&self, link: &mut Link) -> Result<bool, LpaError> {
        let (id, state) = match self {
            Self::Enabled(id) => (id, Some(ProfileState::Enabled)),
            Self::Disabled(id) => (id, Some(ProfileState::Disabled)),
            Self::Absent(id) => (id, None),
            Self::Unseen => return Ok(false),
        };
        let profiles = link.profiles().await?;
        let found = profiles.iter().find(|profile| is(profile, id));
        Ok(match (state, found) {
            (None, found) => found.is_none(),
            (Some(ProfileState::Disabled), None) => true,
            (Some(_), None) => false,
            (Some(state), Some(profile)) => profile.profile_state == Some(state),
        })
    }
}

fn is(profile: &ProfileInfo, id: &ProfileIdentifier) -> bool {
    match id {
        ProfileIdentifier::IsdpAid(aid) => profile.isdp_aid.as_ref() == Some(aid),
        ProfileIdentifier::Iccid(iccid) => profile.iccid == Some(*iccid),
    }
}

async fn make(link: &mut Link, change: Change) -> Result<LpaDone, LpaError> {
    let Change { function, request, wanted, judge } = change;
    let tries = link.config.card_tries;
    let mut attempt = 1;
    loop {
        let answer = link.change(function, request.clone()).await?;
        let error = match answer.map(|answer| judge(&answer)) {
            Some(Ok(Verdict::Done(done))) => return Ok(done),
            Some(Ok(Verdict::Failed(error))) => return Err(error),
            Some(Ok(Verdict::Busy(error))) => error,
            // The answer is lost, or is none.
            None | Some(Err(_)) if wanted.holds(link).await? => return Ok(wanted.done()),
            None => LpaError::Card { function, error: CardError::NoAnswer },
            Some(Err(error)) => error.into(),
        };
        if attempt >= tries {
            return Err(error);
        }
        link.pause(attempt).await;
        attempt += 1;
    }
}

impl Wanted {
    const fn done(&self) -> LpaDone {
        match self {
            Self::Enabled(_) => LpaDone::Enabled,
            Self::Disabled(_) => LpaDone::Disabled,
            Self::Absent(_) | Self::Unseen => LpaDone::Deleted,
        }
    }
}

/// Enables a profile.
pub(super) async fn enable(
    link: &mut Link,
    profile: ProfileIdentifier,
    refresh: bool,
) -> Result<LpaDone, LpaError> {
    link.owe().await;
    let request =
        EnableProfileRequest { profile_identifier: profile.clone(), refresh_flag: refresh };
    let judge = |answer: &[u8]| {
        let answer: EnableProfileResponse = decode("EnableProfile", answer)?;
        let done = (EnableResult::Ok, LpaDone::Enabled);
        Ok(verdict(answer.enable_result, done, Some(EnableResult::CatBusy), LpaError::Enable))
    };
    let wanted = Wanted::Enabled(profile);
    make(link, Change { function: "EnableProfile", request: encode(&request), wanted, judge }).await
}

/// Disables a profile.
pub(super) async fn disable(
    link: &mut Link,
    profile: ProfileIdentifier,
    refresh: bool,
) -> Result<LpaDone, LpaError> {
    link.owe().await;
    let request =
        DisableProfileRequest { profile_identifier: profile.clone(), refresh_flag: refresh };
    let judge = |answer: &[u8]| {
        let answer: DisableProfileResponse = decode("DisableProfile", answer)?;
        let done = (DisableResult::Ok, LpaDone::Disabled);
        Ok(verdict(answer.disable_result, done, Some(DisableResult::CatBusy), LpaError::Disable))
    };
    let wanted = Wanted::Disabled(profile);
    make(link, Change { function: "DisableProfile", request: encode(&request), wanted, judge })
        .await
}

/// Deletes a profile.
pub(super) async fn delete(
    link: &mut Link,
    profile: ProfileIdentifier,
) -> Result<LpaDone, LpaError> {
    link.owe().await;
    let request = match profile.clone() {
        ProfileIdentifier::IsdpAid(aid) => DeleteProfileRequest::IsdpAid(aid),
        ProfileIdentifier::Iccid(iccid) => DeleteProfileRequest::Iccid(iccid),
    };
    let judge = |answer: &[u8]| {
        let answer: DeleteProfileResponse = decode("DeleteProfile", answer)?;
        let done = (DeleteResult::Ok, LpaDone::Deleted);
        Ok(verdict(answer.delete_result, done, None, LpaError::Delete))
    };
    let wanted = Wanted::Absent(profile);
    make(link, Change { function: "DeleteProfile", request: encode(&request), wanted, judge }).await
}

/// Names a profile.
pub(super) async fn nickname(
    link: &mut Link,
    iccid: Iccid,
    profile_nickname: String,
) -> Result<LpaDone, LpaError> {
    let request = encode(&SetNicknameRequest { iccid, profile_nickname });
    let judge = |answer: &[u8]| {
        let answer: SetNicknameResponse = decode("SetNickname", answer)?;
        let done = (SetNicknameResult::Ok, LpaDone::Named);
        Ok(verdict(answer.set_nickname_result, done, None, LpaError::Nickname))
    };
    make(link, Change { function: "SetNickname", request, wanted: Wanted::Unseen, judge }).await
}

/// Deletes many profiles, or the default SM-DP+.
pub(super) async fn memory_reset(
    link: &mut Link,
    reset_options: ResetOptions,
) -> Result<LpaDone, LpaError> {
    link.owe().await;
    let request = encode(&EuiccMemoryResetRequest { reset_options });
    let judge = |answer: &[u8]| {
        let answer: EuiccMemoryResetResponse = decode("eUICCMemoryReset", answer)?;
        if answer.reset_result == EuiccMemoryResetResult::NothingToDelete {
            return Ok(Verdict::Done(LpaDone::MemoryReset(false)));
        }
        let done = (EuiccMemoryResetResult::Ok, LpaDone::MemoryReset(true));
        let busy = Some(EuiccMemoryResetResult::CatBusy);
        Ok(verdict(answer.reset_result, done, busy, LpaError::MemoryReset))
    };
    make(link, Change { function: "eUICCMemoryReset", request, wanted: Wanted::Unseen, judge })
        .await
}

/// Sets the default SM-DP+.
pub(super) async fn set_default(
    link: &mut Link,
    default_dp_address: String,
) -> Result<LpaDone, LpaError> {
    let request = encode(&SetDefaultDpAddressRequest { default_dp_address });
    let judge = |answer: &[u8]| {
        let answer: SetDefaultDpAddressResponse = decode("SetDefaultDpAddress", answer)?;
        let done = (SetDefaultDpAddressResult::Ok, LpaDone::DefaultSmdpSet);
        Ok(verdict(answer.set_default_dp_address_result, done, None, LpaError::DefaultSmdp))
    };
    make(link, Change { function: "SetDefaultDpAddress", request, wanted: Wanted::Unseen, judge })
        .await
}

/// Gives a revocation list to the eUICC.
pub(super) async fn load_crl(link: &mut Link, crl: CertificateDer) -> Result<LpaDone, LpaError> {
    let request = encode(&LoadCrlRequest { crl });
    let judge = |answer: &[u8]| {
        Ok(match decode("LoadCRL", answer)? {
            LoadCrlResponse::Ok(ok) => {
                let missing = ok.missing_parts.unwrap_or_default();
                let missing = missing.iter().map(|part| part.number).collect();
                Verdict::Done(LpaDone::CrlLoaded { missing })
            }
            LoadCrlResponse::Error(error) => Verdict::Failed(LpaError::LoadCrl(error)),
        })
    };
    make(link, Change { function: "LoadCRL", request, wanted: Wanted::Unseen, judge }).await
}
