//! A package is loaded, and what came of it is found out (SGP.22, 3.1.3.3).

use polysim_rsp::data::{
    CancelSessionReason, FinalResult, NotificationEvent, NotificationSearch, PendingNotification,
    ProfileInstallationResult, decode,
};

use super::consent::check_withdrawn;
use super::package::Package;
use super::session::{Session, Trouble};
use super::{Link, notify};
use crate::{CommandId, Installed, LpaError, LpaEvent, Stage};

const FUNCTION: &str = "LoadBoundProfilePackage";

/// What is loaded in which session.
pub(super) struct Load<'a> {
    pub(super) id: CommandId,
    pub(super) session: &'a Session,
    pub(super) profile: &'a Installed,
    pub(super) was_there: bool,
}

/// Loads a package, segment by segment. The card says nothing to each, and what came of it to the last.
pub(super) async fn load(
    link: &mut Link,
    load: &Load<'_>,
    package: Package,
) -> Result<Installed, Trouble> {
    let of = package.segments.len();
    for (index, segment) in package.segments.into_iter().enumerate() {
        check_withdrawn(link)?;
        let answer = load.session.step(link, FUNCTION, segment).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(trouble) => return after(link, load, trouble).await,
        };
        if !answer.is_empty() {
            match word_of(&answer, load.session) {
                Some(word) => return verdict(&word, load.profile).map_err(Trouble::Over),
                None => break,
            }
        }
        let stage = Stage::Loading { segment: index + 1, of };
        link.tell(LpaEvent::Progressed { id: load.id, stage }).await;
    }
    after(link, load, Trouble::Over(LpaError::NoResult)).await
}

/// An answer is lost, or the card refuses: the eUICC is asked what is.
async fn after(link: &mut Link, load: &Load<'_>, trouble: Trouble) -> Result<Installed, Trouble> {
    let transaction_id = &load.session.transaction_id;
    match look(link, transaction_id, load.profile, load.was_there).await {
        Ok(Some(result)) => result.map_err(Trouble::Over),
        Ok(None) => Err(match trouble {
            Trouble::Over(error) => {
                Trouble::GiveUp(CancelSessionReason::LoadBppExecutionError, error)
            }
            Trouble::Again(_) | Trouble::GiveUp(..) | Trouble::WrongCode(_) => trouble,
        }),
        Err(error) => Err(error.into()),
    }
}

/// Asks the eUICC what came of an installation: its word on it, if no server has that yet, or else its
/// list of profiles. `None` where nothing was installed, and nothing will be.
pub(super) async fn look(
    link: &mut Link,
    transaction_id: &[u8],
    profile: &Installed,
    was_there: bool,
) -> Result<Option<Result<Installed, LpaError>>, LpaError> {
    let search = NotificationSearch::ProfileManagementOperation(NotificationEvent::INSTALL);
    let pending = notify::retrieve(link, search).await?;
    let word = pending.iter().find_map(|notification| match notification {
        PendingNotification::ProfileInstallationResult(result)
            if *result.profile_installation_result_data.transaction_id == *transaction_id =>
        {
            Some(result)
        }
        PendingNotification::ProfileInstallationResult(_)
        | PendingNotification::OtherSignedNotification(_) => None,
    });
    if let Some(word) = word {
        return Ok(Some(verdict(word, profile)));
    }
    if !was_there && link.has(profile.iccid()).await? {
        return Ok(Some(Ok(profile.clone())));
    }
    Ok(None)
}

/// Reads what the card says to the last segment; `None` where it is something else.
fn word_of(answer: &[u8], session: &Session) -> Option<ProfileInstallationResult> {
    let word: ProfileInstallationResult = decode(FUNCTION, answer).ok()?;
    let transaction_id = &word.profile_installation_result_data.transaction_id;
    (*transaction_id == session.transaction_id).then_some(word)
}

fn verdict(result: &ProfileInstallationResult, profile: &Installed) -> Result<Installed, LpaError> {
    match &result.profile_installation_result_data.final_result {
        FinalResult::Success(success) => {
            Ok(Installed { aid: success.aid.to_vec(), ..profile.clone() })
        }
        FinalResult::Error(error) => Err(LpaError::Install(error.clone())),
    }
}
