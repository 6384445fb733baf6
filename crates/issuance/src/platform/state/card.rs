use polysim_base::{Iccid, Imei, Imsi, Msisdn};
use polysim_ota::Counter;

use crate::wire::OrderId;

/// What is known of a card.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::platform) struct Card {
    pub(in crate::platform) imei: Option<Imei>,
    pub(in crate::platform) iccid: Option<Iccid>,
    pub(in crate::platform) imsi: Option<Imsi>,
    pub(in crate::platform) number: Option<Msisdn>,
    /// The last counter used towards the card.
    pub(in crate::platform) downlink: Counter,
    /// The last counter that it has used.
    pub(in crate::platform) uplink: Counter,
    /// The order that is under way.
    pub(in crate::platform) order: Option<OrderId>,
    /// The last one that is over.
    pub(in crate::platform) last: Option<OrderId>,
    /// That one was done.
    pub(in crate::platform) last_was_done: bool,
    /// One was done at some time: the subscription is one that was written.
    pub(in crate::platform) is_written: bool,
}
