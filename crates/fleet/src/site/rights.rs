//! Who may do what with a SIM, and how much: it travels with the lease.

use super::Site;
use crate::wire::{Budget, LeaseClaim, UseRefusal};
use crate::{Epoch, Permissions, UserId};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What the exchange said last about a SIM, and what was used since.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Rights {
    epoch: Epoch,
    revision: u64,
    users: Arc<[(UserId, Permissions)]>,
    texts: u64,
    texts_limit: u64,
    calls: u64,
    calls_limit: u64,
}

impl Rights {
    pub(super) fn allow(&self, user: UserId, wanted: Permissions) -> bool {
        self.users.iter().any(|(who, set)| *who == user && set.allow(wanted))
    }
}

impl Site {
    pub(super) fn entitle(
        &mut self,
        claim: LeaseClaim,
        revision: u64,
        users: Arc<[(UserId, Permissions)]>,
        budget: Budget,
    ) {
        let heard = self.leases.get(&claim.iccid).map(|lease| lease.fence.highest());
        if heard.is_some_and(|highest| claim.epoch < highest) {
            return;
        }
        let rights = self.rights.entry(claim.iccid).or_default();
        if (claim.epoch, revision) < (rights.epoch, rights.revision) {
            return; // an older one, overtaken
        }
        if revision > rights.revision {
            // The caps may be lower now.
            (rights.texts_limit, rights.calls_limit) = (0, 0);
        }
        (rights.epoch, rights.revision) = (claim.epoch, revision);
        rights.users = users;
        rights.texts = rights.texts.max(budget.texts_used);
        rights.texts_limit = rights.texts_limit.max(budget.texts_limit);
        rights.calls = rights.calls.max(budget.calls_used);
        rights.calls_limit = rights.calls_limit.max(budget.calls_limit);
        if let Some(modem) = self.seat_of(claim) {
            self.calls_entitled(modem);
            self.dialogue_entitled(modem);
        }
    }

    /// A lease is over. What was said of a newer one stays.
    pub(super) fn forget_rights(&mut self, claim: LeaseClaim) {
        let rights = self.rights.get(&claim.iccid);
        if rights.is_some_and(|rights| rights.epoch <= claim.epoch) {
            self.rights.remove(&claim.iccid);
        }
    }

    /// Returns whether a user may do something by a lease.
    pub(super) fn may(&self, claim: LeaseClaim, user: UserId, wanted: Permissions) -> bool {
        let rights = self.rights.get(&claim.iccid).filter(|rights| rights.epoch == claim.epoch);
        rights.is_some_and(|rights| rights.allow(user, wanted))
    }

    /// Returns whether it was said who may do what by a lease.
    pub(super) fn is_entitled(&self, claim: LeaseClaim) -> bool {
        self.rights.get(&claim.iccid).is_some_and(|rights| rights.epoch == claim.epoch)
    }

    /// Returns the users that may do something by a lease.
    pub(super) fn users_who_may(&self, claim: LeaseClaim, wanted: Permissions) -> Vec<UserId> {
        let rights = self.rights.get(&claim.iccid).filter(|rights| rights.epoch == claim.epoch);
        let users = rights.map_or(&[][..], |rights| &rights.users);
        users.iter().filter(|(_, set)| set.allow(wanted)).map(|(user, _)| *user).collect()
    }

    pub(super) fn spend_texts(
        &mut self,
        claim: LeaseClaim,
        parts: usize,
    ) -> Result<(), UseRefusal> {
        let parts = u64::try_from(parts).unwrap_or(u64::MAX);
        let rights = self.rights.get_mut(&claim.iccid).ok_or(UseRefusal::NotPermitted)?;
        let used = rights.texts.saturating_add(parts);
        if used > rights.texts_limit {
            return Err(UseRefusal::CapReached);
        }
        rights.texts = used;
        Ok(())
    }

    pub(super) fn spend_call(&mut self, claim: LeaseClaim) -> Result<(), UseRefusal> {
        let rights = self.rights.get_mut(&claim.iccid).ok_or(UseRefusal::NotPermitted)?;
        if rights.calls >= rights.calls_limit {
            return Err(UseRefusal::CapReached);
        }
        rights.calls = rights.calls.saturating_add(1);
        Ok(())
    }
}
