//! A download, from the order to what came of it (SGP.22, 3.1.3).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use polysim_rsp::activation::ActivationCode;
use polysim_rsp::data::{
    CancelSessionReason, DeviceInfo, ErrorReason, PrepareDownloadRequest, PrepareDownloadResponse,
    Raw, decode, encode,
};
use polysim_rsp::es9::{self, AuthenticateClientOk};
use rasn::types::FixedOctetString;

use super::cancel::cancel;
use super::consent::{Code, Decider, check_withdrawn, confirm, consent};
use super::install::{Load, load, look};
use super::package::cut;
use super::session::{Peer, Session, Trouble, authenticate_client, authenticate_server, initiate};
use super::{Ended, Link, info, notify};
use crate::{
    CommandId, Decide, Download, Installed, LpaDone, LpaError, LpaEvent, LpaRecord, OpenOrder,
    Order, OrderStage, Settled, Source, Stage, WrongServer,
};

/// Begins a download and sees it through.
pub(super) async fn download(link: &mut Link, id: CommandId, download: Download) {
    let Download { source, device, confirmation_code: code, consent } = download;
    let order = match order(link, source, &device, consent).await {
        Ok(order) if order.needs_code && code.is_none() && consent == Decide::Auto => {
            Err(LpaError::ConfirmationCodeNeeded)
        }
        order => order,
    };
    let order = match order {
        Ok(order) => order,
        Err(error) => return link.tell(LpaEvent::Finished { id, result: Err(error) }).await,
    };
    let open = OpenOrder { id, order, stage: OrderStage::Begun, resumptions: 0 };
    link.record(LpaRecord::Ordered(Box::new(open.clone()))).await;
    let result = see_through(link, open, Code { code, refused: false }).await;
    settle(link, id, result).await;
}

/// Goes on with a download that was open when the assistant stopped.
pub(crate) async fn recover(mut link: Link, mut open: OpenOrder) -> Ended {
    let link = &mut link;
    let id = open.id;
    if let OrderStage::Settled(settled) = open.stage {
        let result = match settled {
            Settled::Installed(installed) => Ok(LpaDone::Downloaded(installed)),
            Settled::Failed(words) => Err(LpaError::Before(words)),
        };
        close(link, id, result).await;
        return Ended::Command;
    }
    link.record(LpaRecord::Resumed).await;
    open.resumptions = open.resumptions.saturating_add(1);
    link.tell(LpaEvent::Progressed { id, stage: Stage::Resumed }).await;
    let result = Box::pin(see_through(link, open, Code::default())).await;
    settle(link, id, result).await;
    Ended::Command
}

async fn settle(link: &mut Link, id: CommandId, result: Result<Installed, LpaError>) {
    let settled = match &result {
        Ok(installed) => Settled::Installed(installed.clone()),
        Err(error) => Settled::Failed(error.to_string()),
    };
    link.record(LpaRecord::Staged(OrderStage::Settled(settled))).await;
    close(link, id, result.map(LpaDone::Downloaded)).await;
}

async fn close(link: &mut Link, id: CommandId, result: Result<LpaDone, LpaError>) {
    link.tell(LpaEvent::Finished { id, result }).await;
    link.record(LpaRecord::Closed).await;
}

async fn order(
    link: &mut Link,
    source: Source,
    device: &DeviceInfo,
    consent: Decide,
) -> Result<Order, LpaError> {
    let code = match source {
        Source::ActivationCode(code) => *code,
        Source::DefaultSmdp => {
            let address = info::addresses(link).await?.default_dp_address.unwrap_or_default();
            if address.is_empty() {
                return Err(LpaError::NoDefaultSmdp);
            }
            parse(address, "")?
        }
        Source::Event(entry) => parse(entry.rsp_server_address, &entry.event_id)?,
    };
    Ok(Order {
        address: code.address().to_string(),
        matching_id: code.token().clone(),
        oid: code.oid().map(ToString::to_string),
        ci_key_id: code.ci_key_id().map(<[u8]>::to_vec),
        needs_code: code.confirmation_code_required(),
        device: encode(device),
        consent,
    })
}

fn parse(address: String, token: &str) -> Result<ActivationCode, LpaError> {
    ActivationCode::new(&address, token).map_err(|_| LpaError::Address(address))
}

/// An interruption that the eUICC tells of is told to the server, and tried again.
async fn again_if_interrupted(link: &mut Link, open: &mut OpenOrder, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Over(error) if is_interruption(&error) => {
            report(link, open).await;
            Trouble::Again(error)
        }
        Trouble::Over(_) | Trouble::Again(_) | Trouble::GiveUp(..) | Trouble::WrongCode(_) => {
            trouble
        }
    }
}

/// Tries until there is a result, or no try is left.
async fn see_through(
    link: &mut Link,
    mut open: OpenOrder,
    mut code: Code,
) -> Result<Installed, LpaError> {
    let times = open.resumptions;
    let (mut attempt, mut codes) = (1, 1);
    loop {
        let trouble = match found(link, &open).await {
            Ok(Some(Ok(installed))) => return Ok(installed),
            Ok(Some(Err(error))) => Trouble::Over(error),
            Ok(None) if times > link.config.resumptions => {
                let error = LpaError::Interrupted { times };
                Trouble::GiveUp(CancelSessionReason::Postponed, error)
            }
            Ok(None) => match Box::pin(session(link, &mut open, &mut code)).await {
                Ok(installed) => return Ok(installed),
                Err(trouble) => trouble,
            },
            Err(error) => error.into(),
        };
        let trouble = again_if_interrupted(link, &mut open, trouble).await;
        match trouble {
            Trouble::Over(error) => return Err(error),
            Trouble::GiveUp(reason, error) => {
                give_up(link, &open, reason).await;
                return Err(error);
            }
            Trouble::WrongCode(error) => {
                if open.order.consent == Decide::Auto || codes >= link.config.code_tries {
                    return Err(error);
                }
                codes += 1;
                code = Code { code: None, refused: true };
            }
            Trouble::Again(error) if attempt >= link.config.sessions => {
                let reason = match open.stage {
                    OrderStage::Loading { .. } => CancelSessionReason::LoadBppExecutionError,
                    OrderStage::Begun | OrderStage::Session { .. } | OrderStage::Settled(_) => {
                        CancelSessionReason::Timeout
                    }
                };
                give_up(link, &open, reason).await;
                return Err(error);
            }
            Trouble::Again(error) => {
                link.pause(attempt).await;
                attempt += 1;
                let stage = Stage::Again { attempt, why: Box::new(error) };
                link.tell(LpaEvent::Progressed { id: open.id, stage }).await;
            }
        }
    }
}

/// Whether the eUICC says for certain that nothing was installed because it was interrupted. A server
/// keeps the profile for another try then.
fn is_interruption(error: &LpaError) -> bool {
    matches!(error, LpaError::Install(result)
        if result.error_reason == ErrorReason::InstallFailedDueToInterruption)
}

/// Brings the eUICC's word to the server, which gives the profile out again after that alone; the
/// session is over.
async fn report(link: &mut Link, open: &mut OpenOrder) {
    stage(link, open, OrderStage::Begun).await;
    if link.config.notify {
        // What cannot be delivered now is delivered later.
        drop(notify::deliver(link).await);
    }
}

/// Asks the eUICC what came of a package that was being loaded.
async fn found(
    link: &mut Link,
    open: &OpenOrder,
) -> Result<Option<Result<Installed, LpaError>>, LpaError> {
    match &open.stage {
        OrderStage::Loading { transaction_id, profile, was_there } => {
            look(link, transaction_id, profile, *was_there).await
        }
        OrderStage::Begun | OrderStage::Session { .. } | OrderStage::Settled(_) => Ok(None),
    }
}

async fn give_up(link: &mut Link, open: &OpenOrder, reason: CancelSessionReason) {
    match &open.stage {
        OrderStage::Session { transaction_id } | OrderStage::Loading { transaction_id, .. } => {
            cancel(link, &open.order.address, transaction_id, reason).await;
        }
        OrderStage::Begun | OrderStage::Settled(_) => {}
    }
}

/// Writes down how far a download is.
async fn stage(link: &mut Link, open: &mut OpenOrder, stage: OrderStage) {
    open.stage = stage.clone();
    link.record(LpaRecord::Staged(stage)).await;
}

async fn tell(link: &mut Link, id: CommandId, stage: Stage) {
    link.tell(LpaEvent::Progressed { id, stage }).await;
}

/// One session: from the challenge to the result of the installation.
async fn session(
    link: &mut Link,
    open: &mut OpenOrder,
    code: &mut Code,
) -> Result<Installed, Trouble> {
    check_withdrawn(link)?;
    let order = open.order.clone();
    let id = open.id;
    tell(link, id, Stage::Authenticating { address: order.address.clone() }).await;
    let (session, ok) = Box::pin(authenticate(link, open, &order)).await?;
    check(&session, &ok)
        .map_err(|error| Trouble::GiveUp(CancelSessionReason::UndefinedReason, error))?;
    let decider = Decider { id, consent: order.consent };
    let was_there = consent(link, decider, &ok.profile_metadata, code).await?;
    let hash_cc = match ok.smdp_signed2.cc_required_flag {
        true => Some(confirm(link, decider, code).await?.hash(&session.transaction_id)),
        false => None,
    };
    let metadata = ok.profile_metadata.der().to_vec();
    let profile = Installed {
        iccid: ok.profile_metadata.iccid.to_bytes(),
        aid: Vec::new(),
        service_provider: ok.profile_metadata.service_provider_name.clone(),
        name: ok.profile_metadata.profile_name.clone(),
    };
    check_withdrawn(link)?;
    tell(link, id, Stage::Preparing).await;
    let prepared = prepare(link, &session, *ok, hash_cc).await?;
    check_withdrawn(link)?;
    tell(link, id, Stage::Fetching).await;
    let package = fetch(link, &session, prepared).await?;
    let broken = |error| {
        let error = LpaError::Package(error);
        Trouble::GiveUp(CancelSessionReason::LoadBppExecutionError, error)
    };
    let package = cut(&package).map_err(broken)?;
    if package.metadata != metadata {
        let error = session.wrong(WrongServer::Metadata);
        return Err(Trouble::GiveUp(CancelSessionReason::MetadataMismatch, error));
    }
    check_withdrawn(link)?;
    link.owe().await;
    let transaction_id = session.transaction_id.to_vec();
    let loading = OrderStage::Loading { transaction_id, profile: profile.clone(), was_there };
    stage(link, open, loading).await;
    Box::pin(load(link, &Load { id, session: &session, profile: &profile, was_there }, package))
        .await
}

async fn authenticate(
    link: &mut Link,
    open: &mut OpenOrder,
    order: &Order,
) -> Result<(Session, Box<AuthenticateClientOk>), Trouble> {
    let device = decode("DeviceInfo", &order.device).map_err(LpaError::from)?;
    let peer = Peer {
        address: &order.address,
        matching_id: order.matching_id.expose(),
        oid: order.oid.as_deref(),
        ci_key_id: order.ci_key_id.as_deref(),
        device,
    };
    let (session, ok) = initiate(link, &peer).await?;
    let transaction_id = session.transaction_id.to_vec();
    stage(link, open, OrderStage::Session { transaction_id }).await;
    let response = authenticate_server(link, &session, &peer, *ok).await?;
    check_withdrawn(link)?;
    match authenticate_client(link, &session, response).await? {
        es9::Answer::AuthenticateClient(ok) => Ok((session, ok)),
        es9::Answer::InitiateAuthentication(_)
        | es9::Answer::Events { .. }
        | es9::Answer::GetBoundProfilePackage { .. }
        | es9::Answer::HandleNotification
        | es9::Answer::CancelSession
        | es9::Answer::Refused(_) => {
            let error = session.wrong(WrongServer::Answer);
            Err(Trouble::GiveUp(CancelSessionReason::UndefinedReason, error))
        }
    }
}

fn check(session: &Session, ok: &AuthenticateClientOk) -> Result<(), LpaError> {
    session.check(&ok.transaction_id)?;
    session.check(&ok.smdp_signed2.transaction_id)
}

/// Has the eUICC get ready for the package.
async fn prepare(
    link: &mut Link,
    session: &Session,
    ok: AuthenticateClientOk,
    hash_cc: Option<[u8; 32]>,
) -> Result<Raw<PrepareDownloadResponse>, Trouble> {
    const FUNCTION: &str = "PrepareDownload";
    let request = PrepareDownloadRequest {
        smdp_signed2: ok.smdp_signed2,
        smdp_signature2: FixedOctetString::new(ok.smdp_signature2),
        hash_cc: hash_cc.map(FixedOctetString::new),
        smdp_certificate: ok.smdp_certificate,
    };
    let give_up = |error| Trouble::GiveUp(CancelSessionReason::UndefinedReason, error);
    let answer = session.step(link, FUNCTION, encode(&request)).await?;
    let response: Raw<PrepareDownloadResponse> =
        decode(FUNCTION, &answer).map_err(|error| give_up(error.into()))?;
    match &*response {
        PrepareDownloadResponse::Ok(_) => Ok(response),
        PrepareDownloadResponse::Error(error) => {
            Err(give_up(LpaError::Prepare(error.download_error_code)))
        }
    }
}

/// Fetches the package.
async fn fetch(
    link: &mut Link,
    session: &Session,
    prepare_download_response: Raw<PrepareDownloadResponse>,
) -> Result<Vec<u8>, Trouble> {
    let transaction_id = session.transaction_id.clone();
    let body = es9::GetBoundProfilePackage { transaction_id, prepare_download_response };
    let request = es9::Request::GetBoundProfilePackage(Box::new(body));
    let answer = match session.server(link, request).await {
        Err(Trouble::Over(error)) if is_wrong_code(&error) => {
            return Err(Trouble::WrongCode(error));
        }
        answer => answer?,
    };
    let give_up = |error| Trouble::GiveUp(CancelSessionReason::UndefinedReason, error);
    let es9::Answer::GetBoundProfilePackage { transaction_id, bound_profile_package } = answer
    else {
        return Err(give_up(session.wrong(WrongServer::Answer)));
    };
    session.check(&transaction_id).map_err(give_up)?;
    Ok(bound_profile_package)
}

/// Whether the confirmation code is wrong, and another one may be tried.
fn is_wrong_code(error: &LpaError) -> bool {
    matches!(error, LpaError::Refused { status, .. }
        if es9::Refusal::from_status(status) == Some(es9::Refusal::ConfirmationCodeRefused))
}
