//! What can be seen of a site from outside, for checks of what must hold.

use super::modem::Phase;
use super::{Site, SiteConfig};
use crate::Epoch;
use crate::wire::LeaseClaim;
use polysim_base::{Iccid, Instant};

/// What went wrong so far.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SiteCounters {
    /// Orders of a term that is over.
    pub stale_orders: u32,
    /// Messages of another site, or from a modem's slot, that fit nothing.
    pub stray_contacts: u32,
    /// Stored octets that were no text; they were deleted.
    pub unreadable_texts: u32,
    /// Reports of calls for which there was no room.
    pub reports_dropped: u32,
    /// Cards that did not answer in time.
    pub mute_cards: u32,
    /// Modems that failed.
    pub modem_failures: u32,
    /// Packets of speech for a call that the terminal does not have.
    pub stray_speech: u32,
}

/// How far a modem has got with a SIM.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ModemPhase {
    /// It has none.
    Empty,
    /// The radio is turned off, the card put in, the modem set up.
    Preparing,
    /// What its memory holds is handed on and deleted.
    Draining,
    /// It looks for its network.
    Attaching,
    /// Ready for use.
    Standby,
    /// It was on standby, and its network is lost.
    Lost,
    /// A call, text or dialogue runs.
    Service,
    /// It gives the SIM up.
    Leaving,
    /// It did not get to standby or has failed, and waits for the lease to be taken back.
    Failed,
}

/// What a modem has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ModemView {
    /// Which SIM, by which lease.
    pub lease: Option<LeaseClaim>,
    /// How far it has got with it.
    pub phase: ModemPhase,
    /// Whether the contacts of the card are led to it.
    pub card_in: bool,
    /// Whose texts its memory may hold.
    pub memory: Option<LeaseClaim>,
    /// How many calls it has.
    pub calls: usize,
}

/// The fence of a SIM.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FenceView {
    /// The highest epoch seen.
    pub highest: Epoch,
    /// Until when it is open or waits for a reset, unless it hears more; `None`: it is closed.
    pub until: Option<Instant>,
    /// Whether the highest epoch may use the card now.
    pub open: bool,
    /// Whether the card is in a bank of this site.
    pub card_here: bool,
}

impl Site {
    /// Returns what it was set up with.
    #[must_use]
    pub const fn config(&self) -> &SiteConfig {
        &self.config
    }

    /// Returns how often it has started.
    #[must_use]
    pub const fn incarnation(&self) -> u32 {
        self.journal.incarnation
    }

    /// Returns what went wrong so far.
    #[must_use]
    pub const fn counters(&self) -> SiteCounters {
        self.counters
    }

    /// Returns how many reports wait to be confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.journal.kept.len() + self.uplink.unkept.len()
    }

    /// Returns what a modem has; `None` for a number that there is not.
    #[must_use]
    pub fn modem(&self, number: u16) -> Option<ModemView> {
        let modem = self.modems.get(&number)?;
        let phase = modem.tenant.as_ref().map_or(ModemPhase::Empty, |tenant| match tenant.phase {
            Phase::Silencing | Phase::Initialising => ModemPhase::Preparing,
            Phase::Draining => ModemPhase::Draining,
            Phase::Attaching => ModemPhase::Attaching,
            Phase::Standby if tenant.in_service => ModemPhase::Service,
            Phase::Standby => ModemPhase::Standby,
            Phase::Lost { .. } => ModemPhase::Lost,
            Phase::Leaving { .. } => ModemPhase::Leaving,
            Phase::Failed(_) => ModemPhase::Failed,
        });
        Some(ModemView {
            lease: modem.tenant.as_ref().map(|tenant| tenant.claim),
            phase,
            card_in: modem.tenant.as_ref().is_some_and(|tenant| tenant.contact.inserted),
            memory: self.journal.memory.get(&number).copied(),
            calls: self.calls.keys().filter(|call| call.modem.number == number).count(),
        })
    }

    /// Returns the fence of a SIM; `None` for one that was never heard of here.
    #[must_use]
    pub fn fence(&self, now: Instant, iccid: Iccid) -> Option<FenceView> {
        let lease = self.leases.get(&iccid)?;
        let highest = lease.fence.highest();
        Some(FenceView {
            highest,
            until: lease.fence.deadline(),
            open: lease.fence.admit(now, highest).is_ok(),
            card_here: lease.card.is_some(),
        })
    }
}
