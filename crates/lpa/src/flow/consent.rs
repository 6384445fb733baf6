//! Whether a profile is wanted, and may be (SGP.22, 3.1.3.2).

use polysim_rsp::activation::ConfirmationCode;
use polysim_rsp::data::{CancelSessionReason, PprIds, StoreMetadataRequest};

use super::link::Link;
use super::session::Trouble;
use super::{info, rules};
use crate::{CommandId, Decide, Decision, LpaError, LpaEvent, Question, Stage, Withdrawal};

/// What is known of the confirmation code.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    pub(super) code: Option<ConfirmationCode>,
    /// The one before was wrong.
    pub(super) refused: bool,
}

/// Who decides on which command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decider {
    pub(super) id: CommandId,
    pub(super) consent: Decide,
}

const fn given_up(why: Withdrawal) -> Trouble {
    let reason = match why {
        Withdrawal::Rejected => CancelSessionReason::EndUserRejection,
        Withdrawal::Postponed => CancelSessionReason::Postponed,
    };
    give_up(reason)
}

const fn give_up(reason: CancelSessionReason) -> Trouble {
    Trouble::GiveUp(reason, LpaError::Cancelled(reason))
}

/// Says so where whoever gave the command has given it up meanwhile.
pub(super) fn check_withdrawn(link: &Link) -> Result<(), Trouble> {
    link.withdrawn().map_or(Ok(()), |why| Err(given_up(why)))
}

/// Holds the profile against the rules, and asks whoever decides. Returns whether a profile with this
/// ICCID is there already.
pub(super) async fn consent(
    link: &mut Link,
    decider: Decider,
    profile: &StoreMetadataRequest,
    code: &mut Code,
) -> Result<bool, Trouble> {
    let stage = Stage::Described(profile.clone().into());
    link.tell(LpaEvent::Progressed { id: decider.id, stage }).await;
    let present = link.profiles().await?;
    let was_there = present.iter().any(|other| other.iccid == Some(profile.iccid));
    let policies = profile.profile_policy_rules.unwrap_or_default();
    let mut needs_consent = PprIds::NONE;
    if policies.has(PprIds::PPR1) || policies.has(PprIds::PPR2) {
        let rules = info::rules(link).await?.unwrap_or_default();
        let judgement = rules::judge(profile, &rules, &present);
        if !judgement.forbidden.is_none() {
            let error = LpaError::PolicyNotAllowed(judgement.forbidden);
            return Err(Trouble::GiveUp(CancelSessionReason::PprNotAllowed, error));
        }
        needs_consent = judgement.needs_consent;
    }
    check_withdrawn(link)?;
    match decider.consent {
        Decide::Auto => {}
        // Who types the code anew has agreed before.
        Decide::Ask if code.refused => {}
        Decide::Ask => {
            let question =
                Question::Consent { profile: profile.clone().into(), rules: needs_consent };
            ask(link, decider.id, question, code).await?;
        }
    }
    Ok(was_there)
}

/// Sees that there is a confirmation code.
pub(super) async fn confirm(
    link: &mut Link,
    decider: Decider,
    code: &mut Code,
) -> Result<ConfirmationCode, Trouble> {
    if code.code.is_none() && decider.consent == Decide::Ask {
        let question = Question::ConfirmationCode { refused: code.refused };
        ask(link, decider.id, question, code).await?;
    }
    // The server keeps the profile for whoever comes back with a code.
    code.code.clone().ok_or_else(|| {
        Trouble::GiveUp(CancelSessionReason::Postponed, LpaError::ConfirmationCodeNeeded)
    })
}

async fn ask(
    link: &mut Link,
    id: CommandId,
    question: Question,
    code: &mut Code,
) -> Result<(), Trouble> {
    match link.decide(id, question).await {
        Some(Decision::Agree) => Ok(()),
        Some(Decision::ConfirmationCode(given)) => {
            code.code = Some(given);
            Ok(())
        }
        Some(Decision::Withdraw(why)) => Err(given_up(why)),
        None => Err(give_up(CancelSessionReason::Timeout)),
    }
}
