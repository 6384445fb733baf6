//! A modem goes on air as the SIM that it was given, and as no other.

use super::{Phase, Purpose, Tenant};
use crate::site::Site;
use crate::wire::Fault;
use polysim_base::Imsi;
use polysim_modem::{Identity, ModemCommand};

impl Site {
    /// A modem tells whose card it was set up with. One that hung while its card was changed may
    /// still go by what it had read from the last one.
    pub(super) fn identified(&mut self, number: u16, identity: &Identity) {
        let Some(tenant) = self.tenant(number) else { return };
        let (phase, stranger) = (tenant.phase, !self.fits(tenant, identity));
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.stranger = stranger;
        }
        match phase {
            Phase::Attaching if stranger => self.prepare_anew(number),
            Phase::Standby | Phase::Lost { .. } if stranger => self.fail(number, Fault::Modem),
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Attaching
            | Phase::Standby
            | Phase::Lost { .. }
            | Phase::Leaving { .. }
            | Phase::Failed(_) => self.ready(number),
        }
    }

    /// Returns whether all that a modem tells of its card is true of the SIM that it was given.
    fn fits(&self, tenant: &Tenant, identity: &Identity) -> bool {
        let iccid = identity.iccid.is_none_or(|iccid| iccid == tenant.claim.iccid);
        let known = self.imsi_of(tenant);
        iccid && identity.imsi.zip(known).is_none_or(|(told, known)| told == known)
    }

    /// Returns what the card of a SIM said for itself, if it is in a bank of this site.
    fn imsi_of(&self, tenant: &Tenant) -> Option<Imsi> {
        let place = self.leases.get(&tenant.claim.iccid)?.card.as_ref()?.place;
        let card = self.slots.get(&place)?.known()?;
        card.imsi.filter(|_| card.iccid == tenant.claim.iccid)
    }

    /// Makes a modem forget what it holds for its card: the card goes, the modem is restarted, and
    /// all is done again, until the time to attach is over. Its SIM is not to blame, whatever a
    /// network said of the other one.
    pub(super) fn prepare_anew(&mut self, number: u16) {
        self.take_card_out(number);
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.stranger = false;
            tenant.rejected = false;
        }
        self.command(number, Purpose::Nothing, ModemCommand::Restart);
        self.silence_later(number);
    }
}
