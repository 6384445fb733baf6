//! From a card at a tool to a card with its subscription.

use super::{Office, OfficeError, Tool, ToolFault};
use polysim_base::{Eid, Imei, Imsi, Msisdn};
use polysim_issuance::business::{BatchId, BindingResult, CustomerOrder, DeviceResult};
use polysim_issuance::platform::CardState;
use polysim_issuance::wire::apdu::{AppletState, Progress, StoredPair};
use polysim_issuance::wire::{Method, Refusal, Route, WriteFailure};
use polysim_sms::Address;

/// How often a packet is brought to a card for one write: the card may want another counter.
pub const BRINGS_MAX: usize = 8;

/// Why a card was not bound or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteFault {
    /// The tool could not do its work.
    #[error(transparent)]
    Tool(#[from] ToolFault),
    /// The office could not.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// The platform does not take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The card has what it had.
    #[error("the card has what it had: {0}")]
    Failed(FailureText),
    /// The card was brought its answer, and still has no mark.
    #[error(
        "the platform answered the binding request, and the card has not taken the answer: read it again"
    )]
    NotMarked,
    /// Another write is under way.
    #[error(
        "a write of IMSI {imsi} with number {msisdn} for this device is under way: finish that \
         first, or give it up"
    )]
    UnderWay {
        /// Its IMSI.
        imsi: Imsi,
        /// Its number.
        msisdn: Msisdn,
    },
    /// The card has an earlier order to finish, and takes no other before.
    #[error(
        "the card has not finished an earlier write ({0:?}): put it into its device, where it ends \
         when that registers, or finds no service for long"
    )]
    NotFinished(Progress),
    /// The IMSI is not free here.
    #[error("this IMSI is on a card, or reserved for one: take another")]
    NotFree,
    /// The card says nothing that settles it.
    #[error("the card was brought its packet, and its proof is missing: run this again")]
    Unclear,
}

/// Why a write came to nothing, in words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FailureText(pub WriteFailure);

impl std::fmt::Display for FailureText {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the list of failures is open")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            WriteFailure::Card(outcome) => write!(f, "its applet answers {outcome:?}"),
            WriteFailure::Status(status) => write!(f, "a file was refused with {status:04X}"),
            WriteFailure::Security(status) => {
                write!(f, "it refuses the packet's security with status {status:02X}; see its keys")
            }
            WriteFailure::Reverted => f.write_str("its device found no service with the new one"),
            WriteFailure::Expired => f.write_str("it was not heard of in time"),
            WriteFailure::Cancelled => f.write_str("the write was given up"),
            _ => f.write_str("its operator does not have the subscription ready"),
        }
    }
}

/// A card after a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Written {
    /// The card.
    pub eid: Eid,
    /// The device that it is bound to.
    pub imei: Imei,
    /// Whether the binding was made by this.
    pub bound_now: bool,
    /// Whether the subscription has taken effect; else that is known when it has registered.
    pub done: bool,
    /// The subscription that the card has now, as far as it can be read.
    pub imsi: Option<Imsi>,
}

/// Binds the card at a tool to the device that it was in, unless that is done. Returns the pair, and
/// whether it was bound by this.
///
/// # Errors
/// [`WriteFault`].
pub async fn bind_card(
    tool: &mut Tool,
    office: &mut Office,
    aid: &[u8],
) -> Result<(StoredPair, bool), WriteFault> {
    let pair = tool.pair(aid).await?;
    let state = tool.state(aid).await?;
    let eid = pair.frame.eid;
    let known = office.platform().binding(eid).and_then(|binding| binding.imei);
    if state.bound && known == Some(pair.imei) {
        return Ok((pair, false));
    }
    office.read(pair.frame.clone()).await?;
    match office.take_binding(eid) {
        Some(BindingResult::Refused(why)) => return Err(why.into()),
        Some(BindingResult::Failed(why)) => return Err(WriteFault::Failed(FailureText(why))),
        Some(BindingResult::Stored) | None => {}
    }
    let answer = office.jobs(eid).find(|job| job.write.order.is_none()).cloned();
    if let Some(job) = answer {
        let from = Address::from(office.platform().config().number);
        let brought = tool.bring(job.write.packet, from).await?;
        office.brought(job.request, brought.proof).await?;
    }
    if !tool.state(aid).await?.bound {
        return Err(WriteFault::NotMarked);
    }
    Ok((pair, true))
}

/// Writes a subscription into the card at a tool, and binds it first if it has to be. A write that
/// was interrupted goes on where it was, and one that has taken effect is not done again.
///
/// The IMSI must be one of the numbers that the office was opened with, of an operator of its own.
///
/// # Errors
/// [`WriteFault`].
pub async fn write_card(
    tool: &mut Tool,
    office: &mut Office,
    aid: &[u8],
    (imsi, msisdn): (Imsi, Msisdn),
    method: Method,
) -> Result<Written, WriteFault> {
    let (pair, bound_now) = bind_card(tool, office, aid).await?;
    let (eid, imei) = (pair.frame.eid, pair.imei);
    if is_settled(office, eid, (imsi, msisdn)) {
        let imsi = tool.imsi().await?;
        return Ok(Written { eid, imei, bound_now, done: true, imsi });
    }
    let batch = match office.business().batch_of(imei) {
        Some(batch) => batch,
        None => {
            can_begin(&tool.state(aid).await?)?;
            let last = office.business().last_batch();
            let batch = last.map_or(BatchId(1), |BatchId(last)| BatchId(last.saturating_add(1)));
            let operator = imsi.to_string();
            let route = Route::OnSite;
            let devices = vec![imei];
            let order = CustomerOrder { batch, devices, operator, route, method, per_s: 0 };
            office.order(order).await?;
            batch
        }
    };
    match office.business().reserved(imei) {
        Some(reserved) if reserved != (imsi, msisdn) => {
            let (imsi, msisdn) = reserved;
            return Err(WriteFault::UnderWay { imsi, msisdn });
        }
        Some(_) | None => {}
    }
    let mut on_card = None;
    for _ in 0..BRINGS_MAX {
        if let Some(done) = result(office, batch, imei)? {
            let imsi = match on_card {
                Some(imsi) => Some(imsi),
                None => tool.imsi().await?,
            };
            return Ok(Written { eid, imei, bound_now, done, imsi });
        }
        let Some(job) = office.jobs(eid).find(|job| job.write.order.is_some()).cloned() else {
            return Err(WriteFault::Unclear);
        };
        let from = Address::from(office.platform().config().number);
        let brought = tool.bring(job.write.packet, from).await?;
        on_card = brought.imsi;
        office.brought(job.request, brought.proof).await?;
    }
    match result(office, batch, imei)? {
        Some(done) => Ok(Written { eid, imei, bound_now, done, imsi: on_card }),
        None => Err(WriteFault::Unclear),
    }
}

/// A card that looks for service with one subscription takes no other.
const fn can_begin(state: &AppletState) -> Result<(), WriteFault> {
    match state.order {
        None | Some((_, Progress::Effective | Progress::Reverted)) => Ok(()),
        Some((_, progress @ (Progress::Writing | Progress::Written | Progress::Trial))) => {
            Err(WriteFault::NotFinished(progress))
        }
    }
}

/// Tells whether a card has a subscription already, as far as the platform knows.
fn is_settled(office: &Office, eid: Eid, (imsi, msisdn): (Imsi, Msisdn)) -> bool {
    office.platform().binding(eid).is_some_and(|row| {
        row.state == CardState::Settled { imsi: Some(imsi) } && row.msisdn == Some(msisdn)
    })
}

/// Returns whether a write is done; nothing if the card has not proved it yet.
fn result(office: &Office, batch: BatchId, imei: Imei) -> Result<Option<bool>, WriteFault> {
    match office.business().result(batch, imei) {
        None => Ok(None),
        Some(DeviceResult::Pending) => Ok(Some(false)),
        Some(DeviceResult::Done { .. }) => Ok(Some(true)),
        Some(DeviceResult::Refused(why)) => Err(why.into()),
        Some(DeviceResult::Failed(why)) => Err(WriteFault::Failed(FailureText(why))),
        Some(DeviceResult::PoolEmpty | DeviceResult::Ordered) => Err(WriteFault::NotFree),
    }
}
