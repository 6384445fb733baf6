use super::{Answer, duration, instant, text};
use crate::{ModemId, RequestId, SiteId, SlotId, UserId};
use polysim_base::{Duration, Iccid, Instant};
use polysim_lease::{Epoch, Revoke};
use serde::{Deserialize, Serialize};

/// What leaves the exchange.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Output {
    /// To a site.
    ToSite(SiteId, SiteMessage),
    /// To a user's terminals.
    ToUser {
        /// Whose.
        user: UserId,
        /// Which of their requests it is about.
        request: RequestId,
        /// What to say.
        answer: Answer,
    },
}

/// What a site is told about the lease of a SIM. Every message may come twice.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SiteMessage {
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
}
