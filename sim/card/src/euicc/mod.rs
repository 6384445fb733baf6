//! The eUICC: a chip whose profiles come and go. ISD-R and ECASD are always there; each profile is
//! in an ISD-P of its own, and the enabled one is what the terminal sees (SGP.22).
//!
//! [`Euicc`] is taken out of its card while a function runs, so that a function has both. What is
//! durable changes between two [`Card::step`]s, all of it or nothing.

mod config;
mod fallback;
mod function;
mod identity;
mod info;
mod install;
mod isdp;
mod isdr;
mod load;
mod manage;
mod manufacture;
mod notify;
mod policy;
mod profiles;
mod session;
mod store_data;
mod switch;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use polysim_base::{Eid, Iccid, Imsi, Instant};
use polysim_rsp::crypto::{PrivateKey, Randomness};
use polysim_rsp::data::{NotificationMetadata, ProfileClass};
use polysim_rsp::pki::Trust;

pub use config::{
    Behaviour, ECASD_AID, EuiccConfig, EuiccError, EuiccModel, ISD_R_AID, IdentitySource, Metadata,
    PresetProfile,
};
use identity::Identity;
use isdp::{Isdp, IsdpId, Parked};
use isdr::Selected;
use load::Begun;
pub use notify::NOTIFICATIONS_MAX;
use notify::Notifications;
use session::Session;
use store_data::Chain;
pub use store_data::ES10_COMMAND_MAX;

use crate::card::Card;

/// Most profiles that an eUICC holds, however small they are.
pub const PROFILES_MAX: usize = 64;

/// What makes a card an eUICC.
#[derive(Debug)]
pub struct Euicc {
    model: Arc<EuiccModel>,
    eid: Eid,
    identity: Identity,
    /// With the revocation lists that were loaded: durable.
    trust: Arc<Trust>,
    randomness: Randomness,
    isdps: Vec<Isdp>,
    /// The number of the next ISD-P.
    next: u16,
    /// Which profile is enabled: durable.
    enabled: Option<IsdpId>,
    /// Which one was before it, to go back to: durable.
    before: Option<IsdpId>,
    /// Which one gave way to the fallback profile: durable.
    left_by_fallback: Option<IsdpId>,
    /// Which one the terminal sees: follows at the next reset, or at once.
    seen: Option<IsdpId>,
    /// The files while none is enabled, when one is.
    bare: Option<Box<Parked>>,
    notifications: Notifications,
    default_dp_address: Option<String>,
    session: Session,
    /// The one-time key of the last download, for a package that was bound to it: durable.
    one_time_key: Option<PrivateKey>,
    /// An installation that has no result yet: durable.
    begun: Option<Begun>,
    selected: Selected,
    chain: Option<Chain>,
    /// Nothing works until the card is reset.
    stuck: bool,
}

/// How a profile of an eUICC stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProfileStatus<'a> {
    /// Its ICCID, if it has one that can be read.
    pub iccid: Option<Iccid>,
    /// The application identifier of its ISD-P.
    pub isdp_aid: [u8; 16],
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether the terminal sees it; differs from `enabled` until the card is reset.
    pub seen: bool,
    /// What it is for.
    pub class: ProfileClass,
    /// Whether it is the one to fall back to.
    pub fallback: bool,
    /// Its name.
    pub name: &'a str,
    /// The operator.
    pub service_provider: &'a str,
    /// Octets of memory that it takes.
    pub size: u32,
}

impl Euicc {
    /// Returns its number.
    #[must_use]
    pub const fn eid(&self) -> Eid {
        self.eid
    }

    /// Returns what it shares with others of its make.
    #[must_use]
    pub const fn model(&self) -> &Arc<EuiccModel> {
        &self.model
    }

    /// Returns its profiles, the oldest first.
    pub fn profiles(&self) -> impl Iterator<Item = ProfileStatus<'_>> {
        self.isdps.iter().map(|isdp| ProfileStatus {
            iccid: isdp.digits(),
            isdp_aid: isdp.id.aid(),
            enabled: self.enabled == Some(isdp.id),
            seen: self.seen == Some(isdp.id),
            class: isdp.metadata.class,
            fallback: isdp.fallback,
            name: &isdp.metadata.name,
            service_provider: &isdp.metadata.service_provider,
            size: isdp.size,
        })
    }

    /// Returns the enabled profile.
    #[must_use]
    pub fn enabled(&self) -> Option<ProfileStatus<'_>> {
        self.profiles().find(|profile| profile.enabled)
    }

    /// Returns the octets of memory that are free.
    #[must_use]
    pub fn free_memory(&self) -> u32 {
        let taken = self.isdps.iter().map(|isdp| isdp.size).fold(0, u32::saturating_add);
        self.model.memory.saturating_sub(taken)
    }

    /// Returns what the notifications are about that no server has taken, in the order of their
    /// numbers.
    pub fn pending_notifications(&self) -> impl Iterator<Item = &NotificationMetadata> {
        self.notifications.all()
    }

    /// Returns whether a session with a server is open.
    #[must_use]
    pub const fn session_is_open(&self) -> bool {
        self.session.is_open()
    }

    /// Returns the server that is asked where nobody names one.
    #[must_use]
    pub fn default_dp_address(&self) -> Option<&str> {
        self.default_dp_address.as_deref()
    }

    fn isdp(&self, id: IsdpId) -> Option<&Isdp> {
        self.isdps.iter().find(|isdp| isdp.id == id)
    }

    fn isdp_mut(&mut self, id: IsdpId) -> Option<&mut Isdp> {
        self.isdps.iter_mut().find(|isdp| isdp.id == id)
    }
}

impl Card {
    /// Returns what makes it an eUICC, if it is one.
    #[must_use]
    pub fn euicc(&self) -> Option<&Euicc> {
        self.rare.as_ref()?.euicc.as_deref()
    }

    /// Carries one function of ES10 out, as if it came in a chain of STORE DATA, and returns the
    /// answer: for what runs on the card itself. Empty where the card is no eUICC, does not know the
    /// function, or loses its power on the way.
    pub fn es10(&mut self, now: Instant, request: &[u8]) -> Vec<u8> {
        if !self.is_on() {
            return Vec::new();
        }
        self.begin_steps();
        let answer = self.with_euicc(|card, euicc| euicc.function(card, now, request));
        let answer = answer.and_then(Result::ok).unwrap_or_default();
        if self.end_steps() {
            self.power_off();
            return Vec::new();
        }
        answer
    }

    /// Returns the IMSI of a profile of an eUICC, whether it is enabled or not: for scenarios and
    /// invariants. `None` if there is no such profile, or no IMSI in it.
    #[must_use]
    pub fn imsi_of(&self, iccid: &Iccid) -> Option<Imsi> {
        let euicc = self.euicc()?;
        let isdp = euicc.isdps.iter().find(|isdp| isdp.digits().as_ref() == Some(iccid))?;
        match &isdp.parked {
            Some(parked) => parked.contents.imsi(),
            None => self.imsi(),
        }
    }

    /// Carries one function out for the agent on the card. It is within the operating system, which
    /// refuses itself nothing: the agent has the card reset after a switch.
    pub(crate) fn es10_of_agent(
        &mut self,
        now: Instant,
        request: &[u8],
    ) -> Result<Vec<u8>, polysim_apdu::Status> {
        let answer = self.with_euicc(|card, euicc| {
            let answer = euicc.function(card, now, request);
            euicc.stuck = false;
            answer
        });
        answer.unwrap_or(Err(polysim_apdu::Status::InsNotSupported))
    }

    /// Works with what makes it an eUICC beside the card.
    pub(crate) fn with_euicc<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Euicc) -> T,
    ) -> Option<T> {
        let mut euicc = self.rare.as_mut()?.euicc.take()?;
        let result = work(self, &mut euicc);
        self.rare.get_or_insert_default().euicc = Some(euicc);
        Some(result)
    }
}
