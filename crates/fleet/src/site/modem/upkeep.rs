//! From an empty modem to one on standby, and back to the network when that is lost.

use super::{Phase, Purpose, Remedy, Tenant};
use crate::site::{Site, SiteOutput, SiteRecord};
use crate::wire::{CardReply, Fault, SiteReport};
use alloc::vec::Vec;
use polysim_base::{Duration, Instant};
use polysim_modem::{ModemCommand, ModemError, PowerDown, RegistrationState, Reply};

/// After so long a step that failed is tried again.
const STEP_AGAIN: Duration = Duration::from_secs(5);
/// After so long the memory of a modem is looked at again.
const LIST_AGAIN: Duration = Duration::from_secs(2);
/// How often a modem without network is asked, besides what it tells.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// How long a lost network is waited for before anything is done.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after the radio was turned off and on.
const RADIO_MAX: Duration = Duration::from_secs(60);
/// How long after the modem was restarted.
const RESTART_MAX: Duration = Duration::from_secs(120);
/// How long a modem may answer nothing.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// Causes of TS 24.008, 10.5.3.6, that are about the subscription: IMSI unknown in HLR, illegal
/// MS, illegal ME.
const SUBSCRIPTION_CAUSES: [u8; 3] = [2, 3, 6];

impl Site {
    fn step(&mut self, number: u16, phase: Phase, command: ModemCommand) {
        let id = self.command(number, Purpose::Step, command);
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.phase = phase;
            tenant.step = Some(id);
            tenant.again_at = None;
        }
    }

    fn again_in(&mut self, number: u16, wait: Duration) {
        let at = self.now.plus(wait);
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.again_at = Some(at);
        }
    }

    /// Begins: the radio must be off before the card comes in.
    pub(super) fn silence(&mut self, number: u16) {
        self.step(number, Phase::Silencing, ModemCommand::PowerOff(PowerDown::Flight));
    }

    /// Begins again after a while: the card was not there.
    pub(super) fn silence_later(&mut self, number: u16) {
        if let Some(tenant) = self.tenant_mut(number) {
            tenant.phase = Phase::Silencing;
            tenant.step = None;
        }
        self.again_in(number, STEP_AGAIN);
    }

    fn initialise(&mut self, number: u16) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        if !tenant.contact.inserted {
            tenant.contact.inserted = true;
            self.emit(SiteOutput::ModemCard(number, CardReply::Inserted));
        }
        self.step(number, Phase::Initialising, ModemCommand::Initialise { pin: None });
    }

    fn list(&mut self, number: u16) {
        self.step(number, Phase::Draining, ModemCommand::ListTexts);
    }

    /// The memory is empty: what comes from now on is the present SIM's.
    fn go_on_air(&mut self, number: u16) {
        let Some(Tenant { claim, stranger, .. }) = self.tenant(number) else { return };
        let claim = *claim;
        if *stranger {
            return self.prepare_anew(number);
        }
        if self.journal.memory.contains_key(&number) {
            self.record(SiteRecord::Memory { modem: number, holder: None });
        }
        self.record(SiteRecord::Memory { modem: number, holder: Some(claim) });
        self.step(number, Phase::Attaching, ModemCommand::PowerOn);
    }

    /// Takes what became of the command that a step waited for.
    pub(super) fn step_done(&mut self, number: u16, id: u64, outcome: &Result<Reply, ModemError>) {
        let Some(tenant) = self.tenant_mut(number).filter(|tenant| tenant.step == Some(id)) else {
            return;
        };
        tenant.step = None;
        let phase = tenant.phase;
        match (phase, outcome) {
            (Phase::Silencing, Ok(_)) => self.initialise(number),
            // What a modem refuses without being silent it may do all the same.
            (Phase::Silencing, Err(ModemError::Refused | ModemError::Cme(_))) => {
                self.initialise(number);
            }
            (Phase::Initialising, Ok(_)) => self.list(number),
            (Phase::Initialising, Err(ModemError::PinRequired { .. })) => {
                self.fail(number, Fault::Sim);
            }
            (Phase::Draining, Ok(Reply::Stored(0))) if self.is_drained(number) => {
                self.go_on_air(number);
            }
            (Phase::Draining, Ok(_)) => self.again_in(number, LIST_AGAIN),
            // What was told before it was on air counts for nothing.
            (Phase::Attaching | Phase::Lost { .. }, Ok(_)) => self.look_for_network(number),
            (Phase::Leaving { .. }, _) => self.left(number),
            (
                Phase::Silencing
                | Phase::Initialising
                | Phase::Draining
                | Phase::Attaching
                | Phase::Lost { .. },
                Err(_),
            ) => self.again_in(number, STEP_AGAIN),
            (Phase::Standby | Phase::Failed(_), _) => {}
        }
    }

    fn is_drained(&self, number: u16) -> bool {
        self.modems.get(&number).is_some_and(|modem| modem.told.is_empty())
    }

    /// A text was confirmed while the memory is emptied: it may be empty now.
    pub(in crate::site) fn drained_further(&mut self, number: u16) {
        let draining = self
            .tenant(number)
            .is_some_and(|tenant| tenant.phase == Phase::Draining && tenant.step.is_none());
        if draining && self.is_drained(number) {
            self.list(number);
        }
    }

    /// Takes what a modem tells of its registration.
    pub(super) fn registration(&mut self, number: u16, state: &RegistrationState) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        if let Some(reject) = state.reject {
            // What is told before it is on air is about another SIM.
            let ours = tenant.phase == Phase::Attaching;
            let subscription = reject.kind == 0 && SUBSCRIPTION_CAUSES.contains(&reject.cause);
            tenant.rejected |= ours && subscription;
        }
        if state.is_registered() {
            self.registered(number);
        } else {
            self.network_lost(number);
        }
    }

    fn registered(&mut self, number: u16) {
        let Some(tenant) = self.tenant_mut(number) else { return };
        let claim = tenant.claim;
        match tenant.phase {
            Phase::Attaching => {
                tenant.phase = Phase::Standby;
                tenant.again_at = None;
                tenant.attached = true;
                tenant.rejected = false;
                self.report(SiteReport::Attached(claim));
                self.service_changed(number);
            }
            Phase::Lost { .. } => {
                tenant.phase = Phase::Standby;
                tenant.again_at = None;
                self.send_next(number);
            }
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Standby
            | Phase::Leaving { .. }
            | Phase::Failed(_) => {}
        }
    }

    /// The network of a SIM on standby is lost: the lease is kept, and one remedy after the other
    /// is tried.
    pub(super) fn network_lost(&mut self, number: u16) {
        let until = self.now.plus(PATIENCE);
        let ask = self.now.plus(ASK_AGAIN);
        if let Some(tenant) = self.tenant_mut(number).filter(|t| t.phase == Phase::Standby) {
            tenant.phase = Phase::Lost { tried: Remedy::Patience, until };
            tenant.again_at = Some(ask);
        }
    }

    fn remedy(&mut self, number: u16, tried: Remedy) {
        let now = self.now;
        match tried {
            Remedy::Patience => {
                let off = ModemCommand::PowerOff(PowerDown::Flight);
                self.command(number, Purpose::Nothing, off);
                let phase = Phase::Lost { tried: Remedy::Radio, until: now.plus(RADIO_MAX) };
                self.step(number, phase, ModemCommand::PowerOn);
            }
            Remedy::Radio => {
                let phase = Phase::Lost { tried: Remedy::Restart, until: now.plus(RESTART_MAX) };
                self.step(number, phase, ModemCommand::Restart);
            }
            Remedy::Restart => self.fail(number, Fault::Modem),
        }
    }

    /// A modem is set up, again perhaps: after a reset of its own its radio is as it likes.
    pub(super) fn ready(&mut self, number: u16) {
        let Some(tenant) = self.tenant(number) else { return };
        match tenant.phase {
            Phase::Attaching | Phase::Standby | Phase::Lost { .. } => {
                self.command(number, Purpose::Nothing, ModemCommand::PowerOn);
                self.command(number, Purpose::Registration, ModemCommand::Registration);
            }
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Leaving { .. }
            | Phase::Failed(_) => {}
        }
    }

    /// A modem was reset, and its radio may be on. One that must not be on air yet has no card
    /// until it is silenced again.
    pub(super) fn reset(&mut self, number: u16) {
        let waits = self.tenant(number).is_some_and(|tenant| tenant.step.is_none());
        match self.tenant(number).map(|tenant| tenant.phase) {
            // It has no card, and begins again in a moment.
            Some(Phase::Silencing) if waits => {}
            Some(Phase::Silencing | Phase::Initialising | Phase::Draining) => {
                self.take_card_out(number);
                self.silence(number);
            }
            Some(
                Phase::Attaching
                | Phase::Standby
                | Phase::Lost { .. }
                | Phase::Leaving { .. }
                | Phase::Failed(_),
            ) => {}
            None => self.empty_memory(number),
        }
        self.network_lost(number);
    }

    /// A modem without a SIM may hold texts of its last one: they do not wait for the next.
    pub(in crate::site) fn empty_memory(&mut self, number: u16) {
        if self.journal.memory.contains_key(&number) {
            self.command(number, Purpose::Nothing, ModemCommand::ListTexts);
        }
    }

    pub(in crate::site) fn upkeep_due(&self, number: u16) -> Option<Instant> {
        let modem = self.modems.get(&number)?;
        let tenant = modem.tenant.as_ref()?;
        let attach_by = match tenant.phase {
            Phase::Silencing | Phase::Initialising | Phase::Draining | Phase::Attaching => {
                Some(tenant.attach_by)
            }
            Phase::Lost { until, .. } | Phase::Leaving { until } => Some(until),
            Phase::Standby | Phase::Failed(_) => None,
        };
        let silent = modem.silent_since.map(|since| since.plus(SILENT_MAX));
        let over = matches!(tenant.phase, Phase::Failed(_) | Phase::Leaving { .. });
        let silent = silent.filter(|_| !over);
        [attach_by, tenant.again_at, silent].into_iter().flatten().min()
    }

    pub(in crate::site) fn upkeep_expires(&mut self) {
        let due = |number: &u16| self.upkeep_due(*number).is_some_and(|due| due <= self.now);
        let modems: Vec<u16> = self.modems.keys().copied().filter(due).collect();
        modems.into_iter().for_each(|number| self.upkeep_of(number));
    }

    fn upkeep_of(&mut self, number: u16) {
        let now = self.now;
        let Some(modem) = self.modems.get_mut(&number) else { return };
        let silent = modem.silent_since.is_some_and(|since| since.plus(SILENT_MAX) <= now);
        let Some(tenant) = &mut modem.tenant else { return };
        let again = tenant.again_at.is_some_and(|at| at <= now);
        if again {
            tenant.again_at = None;
        }
        let (phase, late, rejected) = (tenant.phase, tenant.attach_by <= now, tenant.rejected);
        let fault = if rejected { Fault::Sim } else { Fault::Modem };
        match phase {
            Phase::Leaving { until } if until <= now => self.left(number),
            Phase::Leaving { .. } | Phase::Failed(_) => {}
            Phase::Silencing | Phase::Initialising | Phase::Draining | Phase::Attaching if late => {
                self.fail(number, fault);
            }
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Attaching
            | Phase::Standby
            | Phase::Lost { .. }
                if silent =>
            {
                self.fail(number, Fault::Modem);
            }
            Phase::Lost { tried, until } if until <= now => self.remedy(number, tried),
            Phase::Silencing if again => self.silence(number),
            Phase::Initialising if again => self.initialise(number),
            Phase::Draining if again => self.list(number),
            Phase::Attaching | Phase::Lost { .. } if again => self.look_for_network(number),
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Attaching
            | Phase::Standby
            | Phase::Lost { .. } => {}
        }
    }

    fn look_for_network(&mut self, number: u16) {
        self.command(number, Purpose::Registration, ModemCommand::Registration);
        self.again_in(number, ASK_AGAIN);
    }
}
