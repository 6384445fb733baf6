//! The SM-DS as a machine.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use polysim_base::{Eid, Instant, Machine, Out, Queue};
use polysim_rsp::es9::{self, AuthenticateClient, EventEntry, Refusal, Status};
use polysim_rsp::es12;
use polysim_rsp::pki::Role;

use super::state::State;
use super::{
    EVENTS_MAX, EVENTS_PER_EID_MAX, EventKey, SmdsChange, SmdsConfig, SmdsInput, SmdsOutput,
    SmdsRecord, SmdsTimer,
};
use crate::door::{ConfigError, Credentials, Door, Refusals, admit};

/// An SM-DS.
#[derive(Debug)]
pub struct Smds {
    door: Door<()>,
    state: State,
    out: Queue<Out<SmdsRecord, SmdsOutput>>,
}

impl Smds {
    /// Makes an SM-DS without events.
    ///
    /// # Errors
    /// [`ConfigError`] where it could not work so.
    pub fn new(config: SmdsConfig, credentials: Credentials) -> Result<Self, ConfigError> {
        let SmdsConfig { address, epoch, mode, event_lifetime, session_lifetime } = config;
        admit(&credentials, Role::DsAuth, mode, epoch)?;
        let refusals = Refusals {
            address: Refusal::SmdsAddressRefused,
            security: Refusal::SmdsSecurityUnsupported,
            version: Refusal::SmdsVersionUnsupported,
            certificate: Refusal::SmdsCertificateUnavailable,
        };
        Ok(Self {
            door: Door::new(address, epoch, credentials, refusals, session_lifetime),
            state: State::new(event_lifetime),
            out: Queue::new(),
        })
    }

    /// Returns its host name.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.door.address
    }

    /// Returns what waits for an eUICC.
    #[must_use]
    pub fn events(&self, eid: Eid) -> Vec<EventEntry> {
        let entry = |event_id: &str, address: &str| EventEntry {
            event_id: event_id.to_string(),
            rsp_server_address: address.to_string(),
        };
        self.state.of(eid).map(|(id, event)| entry(id, &event.address)).collect()
    }

    fn record(&mut self, at: Instant, change: SmdsChange) {
        let record = SmdsRecord { at, change };
        self.state.apply(&record);
        self.out.push(Out::Record(record));
    }

    fn es11(&mut self, now: Instant, request: es9::Request) -> Result<es9::Answer, Status> {
        match request {
            es9::Request::InitiateAuthentication(request) => {
                let answer = self.door.initiate(now, &request)?;
                Ok(es9::Answer::InitiateAuthentication(Box::new(answer)))
            }
            es9::Request::AuthenticateClient(request) => self.events_for(now, &request),
            // ES11 has no more functions.
            es9::Request::GetBoundProfilePackage(_)
            | es9::Request::HandleNotification(_)
            | es9::Request::CancelSession(_) => Err(Refusal::Malformed.into()),
        }
    }

    fn events_for(
        &mut self,
        now: Instant,
        request: &AuthenticateClient,
    ) -> Result<es9::Answer, Status> {
        let euicc = self.door.authenticate(now, request)?;
        let mut entries = self.events(euicc.eid);
        if let Some(wanted) = &euicc.matching_id {
            entries.retain(|entry| entry.event_id == *wanted);
        }
        if entries.is_empty() {
            return Err(Refusal::EventUnknown.into());
        }
        Ok(es9::Answer::Events { transaction_id: request.transaction_id.clone(), entries })
    }

    fn es12(&mut self, now: Instant, request: es12::Request) -> Result<(), Refusal> {
        let call = (request.call.requester, request.call.id);
        match request.function {
            es12::Function::RegisterEvent { eid, rsp_server_address, event_id, forwarding: _ } => {
                let event = EventKey { eid, event_id };
                if self.state.over.contains(&call) {
                    // It came late: what it registers was deleted since.
                    return Ok(());
                }
                let is_full = self.state.events.len() >= EVENTS_MAX
                    || self.state.of(eid).count() >= EVENTS_PER_EID_MAX;
                match self.state.events.get(&event) {
                    Some(known) if known.call == call => return Ok(()),
                    Some(known) if known.call.0 != call.0 => return Err(Refusal::EventInUse),
                    // It takes the place of the one before.
                    Some(_) => {}
                    None if is_full => return Err(Refusal::SmdsExecutionError),
                    None => {}
                }
                let address = rsp_server_address;
                self.record(now, SmdsChange::Registered { event, call, address });
            }
            es12::Function::DeleteEvent { eid, event_id } => {
                let event = EventKey { eid, event_id };
                let known = self.state.events.get(&event).ok_or(Refusal::EventUnknown)?;
                if known.call.0 != call.0 {
                    return Err(Refusal::EventUnknown);
                }
                self.record(now, SmdsChange::Deleted { event });
            }
        }
        Ok(())
    }

    fn expire(&mut self, now: Instant) {
        self.door.sessions.expire(now);
        while let Some((at, event)) = self.state.expiry.first().cloned()
            && at <= now
        {
            self.record(now, SmdsChange::Deleted { event });
        }
    }
}

impl Machine for Smds {
    type Input = SmdsInput;
    type Output = SmdsOutput;
    type Record = SmdsRecord;
    type Timer = SmdsTimer;

    fn handle(&mut self, now: Instant, input: SmdsInput) {
        self.expire(now);
        let output = match input {
            SmdsInput::Es11 { from, request } => {
                let answer = self.es11(now, request).unwrap_or_else(es9::Answer::Refused);
                SmdsOutput::Es11 { to: from, answer }
            }
            SmdsInput::Es12 { from, request } => {
                let answer = match self.es12(now, request) {
                    Ok(()) => es12::Answer::Done,
                    Err(refusal) => es12::Answer::Refused(refusal.status()),
                };
                SmdsOutput::Es12 { to: from, answer }
            }
        };
        self.out.push(Out::Do(output));
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.expire(now);
    }

    fn poll_output(&mut self) -> Option<Out<SmdsRecord, SmdsOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, SmdsTimer)> {
        let session = self.door.sessions.next_due().map(|at| (at, SmdsTimer::Session));
        let event = self.state.expiry.first().map(|(at, _)| (*at, SmdsTimer::Event));
        [session, event].into_iter().flatten().min()
    }

    fn restore(&mut self, record: SmdsRecord) {
        self.state.apply(&record);
    }
}
