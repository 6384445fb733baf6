//! What sites say to the exchange, and what it says to them.

use super::call::CallRecord;
use super::inventory::{CardReport, ModemReport};
use super::lease::{Fault, LeaseClaim};
use super::message::{ReceivedText, StatusReport, TextOutcome};
use super::{duration, instant, shared, text};
use crate::{ModemId, Permissions, SlotId, UserId};
use alloc::sync::Arc;
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid, Instant};
use polysim_lease::{Epoch, Revoke, Term};
use serde::{Deserialize, Serialize};

/// What a site says to the exchange. Every report may come twice, late, or out of order.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SiteReport {
    /// The site is there, with everything in it; also whenever cards or modems come and go.
    Hello(Hello),
    /// It is alive and still holds these leases on its modems.
    Renew {
        /// Its incarnation.
        incarnation: u32,
        /// The revision of its newest [`Hello`].
        revision: u32,
        /// Its own clock.
        #[serde(with = "instant")]
        stamp: Instant,
        /// What its modems hold.
        leases: Vec<LeaseClaim>,
    },
    /// The SIM has registered in its modem: on standby.
    Attached(LeaseClaim),
    /// A call, text or USSD dialogue has begun. The number counts both this and
    /// [`ServiceEnded`](Self::ServiceEnded) within the lease, from 1: what one says that was
    /// overtaken by a later one is not so any more.
    ServiceBegan(LeaseClaim, u32),
    /// Nothing runs any more, or, with number 0, nothing has run yet.
    ServiceEnded(LeaseClaim, u32),
    /// It did not get to standby.
    AttachFailed(LeaseClaim, Fault),
    /// The site has stopped using the card and reset it. Only the site where the card is can free
    /// it.
    Released(LeaseClaim),
    /// As [`Released`](Self::Released), for the card was taken out or has fallen mute.
    CardLost(LeaseClaim),
    /// A modem has failed.
    ModemFailed(ModemId),
    /// Something that must not be lost: said again until it is [`SiteOrder::Confirmed`].
    Keep(ReportId, Kept),
}

/// What a site says when its link comes up, or its inventory has changed.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Hello {
    /// Grows with every restart of the site; a restarted site holds no lease.
    pub incarnation: u32,
    /// Grows with every change of the inventory within an incarnation.
    pub revision: u32,
    /// The site's own clock.
    #[serde(with = "instant")]
    pub stamp: Instant,
    /// All cards in its slots.
    pub cards: Vec<CardReport>,
    /// All its modems.
    pub modems: Vec<ModemReport>,
}

/// Names a report that must not be lost. Counts up over all lives of a site.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct ReportId(pub u64);

/// What must not be lost.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Kept {
    /// A text has come. The modem keeps it until this is confirmed.
    Text(ReceivedText),
    /// A delivery report has come. The modem keeps it until this is confirmed.
    Report(StatusReport),
    /// What became of a text that was to be sent.
    Outcome(TextOutcome),
    /// A call is over.
    Call(CallRecord),
}

impl Kept {
    /// Returns the lease that it is about.
    #[must_use]
    pub const fn claim(&self) -> LeaseClaim {
        match self {
            Self::Text(text) => text.claim,
            Self::Report(report) => report.claim,
            Self::Outcome(outcome) => outcome.claim,
            Self::Call(call) => call.claim,
        }
    }
}

/// What the exchange tells a site.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Directive {
    /// In which term the exchange leads: a site listens to the highest one that it has heard.
    pub term: Term,
    /// What to do.
    pub order: SiteOrder,
}

/// What a site shall do. Every order may come twice.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SiteOrder {
    /// Use it, from the last stamp of yours on.
    Grant {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Where its card is.
        slot: SlotId,
        /// On which modem.
        modem: ModemId,
        /// Which lease.
        epoch: Epoch,
        /// The last stamp of the site.
        #[serde(with = "instant")]
        asked: Instant,
        /// For how long from then on.
        #[serde(with = "duration")]
        ttl: Duration,
    },
    /// Who may do what with a SIM on one of your modems, and how much; in place of what was said
    /// before. Comes with each grant, and when it changes. Until it comes nobody may do anything.
    Entitle {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Which lease.
        epoch: Epoch,
        /// Grows with every change of what the operator permits or allows for the SIM: of two of
        /// one epoch, the higher one counts.
        revision: u64,
        /// Who may do what.
        #[serde(with = "shared")]
        users: Arc<[(UserId, Permissions)]>,
        /// How much.
        budget: Budget,
    },
    /// Let it go and confirm.
    Revoke {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Which lease.
        epoch: Epoch,
        /// How.
        how: Revoke,
    },
    /// You speak of a lease that is none any more: close everything up to this epoch.
    Fence {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// The epoch that you spoke of.
        epoch: Epoch,
    },
    /// Say hello: the exchange does not know what there is at your place.
    Introduce,
    /// A report is recorded; it need not be said again.
    Confirmed(ReportId),
}

/// How much may be done with a SIM. All numbers only grow within a revision of
/// [`SiteOrder::Entitle`], so an old message does no harm: a site counts on from the larger one of
/// `used` and its own count, up to the largest `limit` of the newest revision.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Budget {
    /// Texts (by part) that were sent with it, ever.
    pub texts_used: u64,
    /// No part is sent from this count on.
    pub texts_limit: u64,
    /// Calls that were made with it, ever.
    pub calls_used: u64,
    /// No call is made from this count on.
    pub calls_limit: u64,
}
