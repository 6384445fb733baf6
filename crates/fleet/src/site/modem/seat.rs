//! A SIM is put into a modem, and taken out of it.

use super::{Failure, Phase, Purpose, Tenant};
use crate::site::contact::Contacts;
use crate::site::{Site, SiteOutput};
use crate::wire::{CallEnding, CardReply, Fault, LeaseClaim, SiteReport};
use crate::{ModemId, SiteId};
use alloc::vec::Vec;
use polysim_base::{Duration, Iccid};
use polysim_modem::{HangUp, ModemCommand, PowerDown};

/// How long a modem may take to leave its network before the card is taken out anyway.
const LEAVE_MAX: Duration = Duration::from_secs(10);

impl Tenant {
    /// Returns what the exchange is told of whether something runs.
    const fn service(&self) -> SiteReport {
        if self.in_service {
            SiteReport::ServiceBegan(self.claim, self.services)
        } else {
            SiteReport::ServiceEnded(self.claim, self.services)
        }
    }
}

impl Site {
    /// Gives a SIM to a modem.
    pub(in crate::site) fn seat(&mut self, number: u16, claim: LeaseClaim, card: SiteId) {
        if self.tenant(number).is_some_and(|tenant| tenant.claim == claim) {
            return;
        }
        self.unseat(number);
        let attach_by = self.now.plus(self.config.attach_max);
        let lease = self.leases.get(&claim.iccid);
        let contacts = lease.map_or(0, |lease| lease.contacts);
        let told = lease.map(|lease| lease.services).filter(|(epoch, _)| *epoch == claim.epoch);
        let Some(modem) = self.modems.get_mut(&number) else {
            return self.report(SiteReport::AttachFailed(claim, Fault::Modem));
        };
        modem.tenant = Some(Tenant {
            claim,
            card,
            phase: Phase::Silencing,
            contact: Contacts::after(contacts),
            attached: false,
            in_service: false,
            services: told.map_or(0, |(_, number)| number),
            ending: false,
            attach_by,
            rejected: false,
            stranger: false,
            step: None,
            again_at: None,
        });
        self.text_holder_known(number);
        self.silence(number);
    }

    /// Takes a SIM from whichever modem has it, at once.
    pub(in crate::site) fn unseat_sim(&mut self, iccid: Iccid) {
        let has = |number: &u16| self.tenant(*number).is_some_and(|t| t.claim.iccid == iccid);
        let modems: Vec<u16> = self.modems.keys().copied().filter(has).collect();
        modems.into_iter().for_each(|number| self.unseat(number));
    }

    /// Takes the SIM out of a modem at once.
    pub(in crate::site) fn unseat(&mut self, number: u16) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        let was_leaving = matches!(tenant.phase, Phase::Leaving { .. });
        tenant.ending = true;
        if !was_leaving {
            self.fall_silent(number, Purpose::Nothing);
        }
        self.empty(number);
    }

    /// Makes a modem give its SIM up: calls end, the radio goes off, then the card goes.
    pub(in crate::site) fn leave(&mut self, number: u16) {
        let until = self.now.plus(LEAVE_MAX);
        let Some(tenant) = self.tenant_mut(number) else { return };
        if matches!(tenant.phase, Phase::Leaving { .. }) {
            return;
        }
        tenant.ending = true;
        tenant.phase = Phase::Leaving { until };
        tenant.again_at = Some(until);
        let step = self.fall_silent(number, Purpose::Step);
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.step = Some(step);
        }
    }

    /// Makes a modem give its SIM up as soon as nothing runs with it.
    pub(in crate::site) fn leave_when_idle(&mut self, number: u16) {
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.ending = true;
        }
        if !self.is_running(number) {
            self.leave(number);
        }
    }

    /// Ends what runs, and turns the radio off.
    fn fall_silent(&mut self, number: u16, purpose: Purpose) -> u64 {
        let on_air = self.calls_of(number).next().is_some();
        self.end_calls(number, CallEnding::LeaseEnded);
        self.drop_texts(number);
        self.end_dialogue(number);
        if on_air {
            self.command(number, Purpose::Nothing, ModemCommand::HangUp(HangUp::All));
        }
        self.command(number, purpose, ModemCommand::PowerOff(PowerDown::Flight))
    }

    /// The radio is off, or had its time: the card goes, and the lease is let go.
    pub(super) fn left(&mut self, number: u16) {
        let Some(claim) = self.tenant(number).map(|tenant| tenant.claim) else { return };
        self.empty(number);
        self.let_go(claim);
    }

    fn empty(&mut self, number: u16) {
        let Some(modem) = self.modems.get_mut(&number) else { return };
        let Some(tenant) = modem.tenant.take() else { return };
        modem.ordinals.clear();
        if let Some(lease) = self.leases.get_mut(&tenant.claim.iccid) {
            lease.contacts = tenant.contact.number();
            // What ran does not any more.
            let services = tenant.services.saturating_add(tenant.in_service.into());
            lease.services = (tenant.claim.epoch, services);
        }
        self.forget_rights(tenant.claim);
        if tenant.contact.inserted {
            self.emit(SiteOutput::ModemCard(number, CardReply::Removed));
        }
    }

    /// The card does not answer this modem in time: for it the card is gone.
    pub(in crate::site) fn card_failed(&mut self, number: u16) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        tenant.contact.remove();
        self.emit(SiteOutput::ModemCard(number, CardReply::Removed));
        match self.tenant(number).map(|tenant| tenant.phase) {
            // Its site may not have heard of the lease yet.
            Some(Phase::Silencing | Phase::Initialising | Phase::Draining | Phase::Attaching) => {
                self.silence_later(number);
            }
            Some(Phase::Standby | Phase::Lost { .. }) => self.fail(number, Fault::Modem),
            Some(Phase::Leaving { .. } | Phase::Failed(_)) | None => {}
        }
    }

    /// A modem gives up on its SIM, says so, and waits for the lease to be taken back.
    pub(in crate::site) fn fail(&mut self, number: u16, fault: Fault) {
        self.counters.modem_failures = self.counters.modem_failures.saturating_add(1);
        if self.tenant(number).is_some_and(|tenant| tenant.ending) {
            // It is to be given up anyway.
            return self.leave(number);
        }
        self.fall_silent(number, Purpose::Nothing);
        let Some(tenant) = self.tenant_mut(number) else { return };
        let failure = if tenant.attached { Failure::Modem } else { Failure::Attach(fault) };
        tenant.phase = Phase::Failed(failure);
        tenant.step = None;
        tenant.again_at = None;
        self.take_card_out(number);
        self.say_tenant(number);
    }

    /// Takes the card out of a modem that keeps its lease.
    pub(super) fn take_card_out(&mut self, number: u16) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        let inserted = tenant.contact.inserted;
        tenant.contact.remove();
        if inserted {
            self.emit(SiteOutput::ModemCard(number, CardReply::Removed));
        }
    }

    /// Says again how far a modem has got with its SIM.
    pub(in crate::site) fn say_tenant(&mut self, number: u16) {
        let Some(tenant) = self.tenant(number) else { return };
        let (claim, service) = (tenant.claim, tenant.service());
        match tenant.phase {
            Phase::Failed(Failure::Attach(fault)) => {
                self.report(SiteReport::AttachFailed(claim, fault));
            }
            Phase::Failed(Failure::Modem) => {
                let site = self.config.site;
                self.report(SiteReport::ModemFailed(ModemId { site, number }));
            }
            Phase::Standby | Phase::Lost { .. } => {
                self.report(SiteReport::Attached(claim));
                self.report(service);
            }
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Attaching
            | Phase::Leaving { .. } => {}
        }
    }

    /// Returns whether a call that comes in may ring: the modem is on air, and is to stay there.
    pub(in crate::site) fn is_rung(&self, number: u16) -> bool {
        self.tenant(number).is_some_and(|tenant| match tenant.phase {
            Phase::Attaching | Phase::Standby | Phase::Lost { .. } => !tenant.ending,
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Leaving { .. }
            | Phase::Failed(_) => false,
        })
    }

    /// Returns whether a call, text or dialogue runs.
    pub(in crate::site) fn is_running(&self, number: u16) -> bool {
        let Some(modem) = self.modems.get(&number) else { return false };
        let busy = modem.sending.is_some() || modem.dialogue.is_some() || modem.apdu;
        busy || !modem.queue.is_empty() || self.calls_of(number).next().is_some()
    }

    /// Tells the exchange when something begins or ends to run, and gives the SIM up if that was
    /// waited for.
    pub(in crate::site) fn service_changed(&mut self, number: u16) {
        let running = self.is_running(number);
        let Some(tenant) = self.tenant_mut(number) else { return };
        let up = matches!(tenant.phase, Phase::Standby | Phase::Lost { .. });
        if up && tenant.in_service != running {
            tenant.in_service = running;
            tenant.services = tenant.services.saturating_add(1);
            let service = tenant.service();
            self.report(service);
        }
        let ends = self.tenant(number).is_some_and(|tenant| tenant.ending);
        if ends && !running {
            self.leave(number);
        }
    }
}
