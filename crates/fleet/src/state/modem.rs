use super::SimIx;
use crate::wire::Kind;
use crate::{ModemId, PoolId, SlotId};
use alloc::string::String;
use polysim_base::{Imei, Instant};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Modem {
    pub(crate) id: ModemId,
    pub(crate) imei: Imei,
    pub(crate) kind: Kind,
    pub(crate) pool: PoolId,
    pub(crate) address: String,
    pub(crate) present: bool,
    /// Failed, and not tried before then.
    pub(crate) rests_until: Option<Instant>,
    /// Failures in a row.
    pub(crate) failures: u8,
    /// The SIM whose lease is on it.
    pub(crate) leased: Option<SimIx>,
    /// The SIM that it was taken from another for.
    pub(crate) claimed: Option<SimIx>,
    pub(crate) idle_since: Instant,
}

impl Modem {
    /// Returns whether it reaches the card in a slot.
    pub(crate) fn reaches(&self, card: SlotId) -> bool {
        let site = self.id.site;
        match self.kind {
            Kind::BuiltIn => card.site == site,
            Kind::Cloud => true,
            Kind::OwnCard { bank, slot } => card == SlotId { site, bank, slot },
        }
    }

    pub(crate) const fn idle(&self) -> bool {
        self.present
            && self.rests_until.is_none()
            && self.leased.is_none()
            && self.claimed.is_none()
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Site {
    pub(crate) online: bool,
    pub(crate) incarnation: u32,
    pub(crate) revision: u32,
    /// Has said what it has since this term began.
    pub(crate) introduced: bool,
    /// When it counts as away, unless it is heard of.
    pub(crate) silent_at: Instant,
    /// The last stamp of its own clock.
    pub(crate) stamp: Instant,
    /// Failures of modems in a row, with no success between.
    pub(crate) failures: u8,
    pub(crate) suspect_until: Option<Instant>,
}

impl Site {
    pub(crate) fn silence(&self) -> Option<Instant> {
        self.online.then_some(self.silent_at)
    }
}
