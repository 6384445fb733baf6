//! The SM-DP+ as a machine.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Instant, Machine, Out, Queue};
use polysim_rsp::es9::{self, Refusal};
use polysim_rsp::pki::{ChainError, Identity, Role};

use super::download::Stage;
use super::outbox::Outbox;
use super::state::State;
use super::stock::Inventory;
use super::{
    Change, OutboxId, ProfileState, RequestId, SmdpConfig, SmdpInput, SmdpOutput, SmdpRecord,
    SmdpTimer, Terminated,
};
use crate::door::{ConfigError, Credentials, Door, Refusals, admit, admit_identity};

/// An SM-DP+.
#[derive(Debug)]
pub struct Smdp {
    pub(super) door: Door<Stage>,
    pub(super) binding: Identity,
    pub(super) inventory: Inventory,
    pub(super) state: State,
    pub(super) outbox: Outbox,
    /// Who waits for the answer to `ConfirmOrder` until the operator has the subscription.
    pub(super) waiting: BTreeMap<Iccid, Vec<RequestId>>,
    out: Queue<Out<SmdpRecord, SmdpOutput>>,
}

impl Smdp {
    /// Makes an SM-DP+ without orders. `binding` is its certificate for profile binding, with the
    /// key.
    ///
    /// # Errors
    /// [`ConfigError`] where it could not work so.
    pub fn new(
        config: SmdpConfig,
        credentials: Credentials,
        binding: Identity,
    ) -> Result<Self, ConfigError> {
        let SmdpConfig { address, epoch, mode, profiles, order_lifetime, session_lifetime } =
            config;
        admit(&credentials, Role::DpAuth, mode, epoch)?;
        admit_identity(&credentials, &binding, Role::DpPb, mode, epoch)?;
        let oid = |identity: &Identity| identity.certificate.registered_ids().first().copied();
        if oid(&credentials.auth) != oid(&binding) {
            return Err(ConfigError::Chain { which: "CERT.DPpb", error: ChainError::OidMismatch });
        }
        let refusals = Refusals {
            address: Refusal::SmdpAddressRefused,
            security: Refusal::SmdpSecurityUnsupported,
            version: Refusal::SmdpVersionUnsupported,
            certificate: Refusal::SmdpCertificateUnavailable,
        };
        Ok(Self {
            door: Door::new(address, epoch, credentials, refusals, session_lifetime),
            binding,
            inventory: Inventory::new(profiles)?,
            state: State::new(order_lifetime),
            outbox: Outbox::default(),
            waiting: BTreeMap::new(),
            out: Queue::new(),
        })
    }

    /// Returns its host name.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.door.address
    }

    /// Returns how far a profile is; nothing for one that was never ordered.
    #[must_use]
    pub fn profile_state(&self, iccid: Iccid) -> Option<ProfileState> {
        self.state.profiles.get(&iccid).map(|profile| profile.state)
    }

    /// Returns the eUICC that has a profile, or may have it.
    #[must_use]
    pub fn holder(&self, iccid: Iccid) -> Option<Eid> {
        self.state.profiles.get(&iccid)?.holder
    }

    /// Returns all profiles that were ever ordered, and how far they are.
    pub fn profiles(&self) -> impl Iterator<Item = (Iccid, ProfileState)> {
        self.state.profiles.iter().map(|(iccid, profile)| (*iccid, profile.state))
    }

    /// Returns how many sessions are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.door.sessions.len()
    }

    /// Returns how much is to be told yet.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.state.outbox.len().saturating_add(self.state.unprovisioned.len())
    }

    pub(super) fn say(&mut self, output: SmdpOutput) {
        self.out.push(Out::Do(output));
    }

    pub(super) fn record(&mut self, at: Instant, change: Change) {
        let record = SmdpRecord { at, change };
        self.fold(&record);
        self.out.push(Out::Record(record));
    }

    fn fold(&mut self, record: &SmdpRecord) {
        let letters: Vec<OutboxId> = self.state.apply(record);
        self.outbox.tell(letters);
        if let Change::Confirmed { iccid, .. } = record.change {
            self.outbox.provision(iccid);
        }
    }

    fn es9(&mut self, now: Instant, from: RequestId, request: es9::Request) {
        let answer = match request {
            es9::Request::InitiateAuthentication(request) => {
                match self.door.initiate(now, &request) {
                    Ok(answer) => es9::Answer::InitiateAuthentication(answer.into()),
                    Err(refusal) => es9::Answer::Refused(refusal.status()),
                }
            }
            es9::Request::AuthenticateClient(request) => {
                self.authenticate_client(now, &request).unwrap_or_else(es9::Answer::Refused)
            }
            es9::Request::GetBoundProfilePackage(request) => {
                self.bound_profile_package(now, &request).unwrap_or_else(es9::Answer::Refused)
            }
            es9::Request::HandleNotification(notification) => {
                self.notification(now, *notification).unwrap_or_else(es9::Answer::Refused)
            }
            es9::Request::CancelSession(request) => {
                self.cancel_session(now, &request).unwrap_or_else(es9::Answer::Refused)
            }
        };
        self.say(SmdpOutput::Es9 { to: from, answer });
    }

    fn expire(&mut self, now: Instant) {
        self.door.sessions.expire(now);
        while let Some((at, iccid)) = self.state.expiry.first().copied()
            && at <= now
        {
            let eid = self.holder(iccid);
            let why = Terminated::Expired;
            self.record(now, Change::Terminated { iccid, eid, why });
        }
    }
}

impl Machine for Smdp {
    type Input = SmdpInput;
    type Output = SmdpOutput;
    type Record = SmdpRecord;
    type Timer = SmdpTimer;

    fn handle(&mut self, now: Instant, input: SmdpInput) {
        self.expire(now);
        match input {
            SmdpInput::Es9 { from, request } => self.es9(now, from, request),
            SmdpInput::Es2 { from, request } => self.order(now, from, request),
            SmdpInput::Provisioned { iccid } => self.provisioned(now, iccid),
            SmdpInput::ProgressTaken { id } => self.taken(now, id, None),
            SmdpInput::Es12 { id, answer } => self.event_answered(now, id, answer),
        }
        self.tell_due(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.expire(now);
        self.tell_due(now);
    }

    fn poll_output(&mut self) -> Option<Out<SmdpRecord, SmdpOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, SmdpTimer)> {
        let session = self.door.sessions.next_due().map(|at| (at, SmdpTimer::Session));
        let order = self.state.expiry.first().map(|(at, _)| (*at, SmdpTimer::Order));
        let outbox = self.outbox.next_due().map(|at| (at, SmdpTimer::Outbox));
        [session, order, outbox].into_iter().flatten().min()
    }

    fn restore(&mut self, record: SmdpRecord) {
        self.fold(&record);
    }
}
