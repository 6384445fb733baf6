//! Calls: exactly one terminal has each, and each ends with one record.

mod act;
mod again;
mod event;
mod ring;
mod watch;

pub(super) use again::Repeat;

use super::modem::Purpose;
use super::{Site, SiteOutput, SiteRecord};
use crate::wire::{
    CallEnding, CallPhase, CallRecord, CallRef, Direction, FromModem, Kept, LeaseClaim, RingOver,
};
use crate::{ModemId, TerminalId, UserId};
use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Duration, Instant, Msisdn};
use polysim_modem::{CallId, HangUp, ModemCommand};

/// How a call is, is told again so often: a terminal may have come, or not have heard it.
const AGAIN: Duration = Duration::from_secs(4);
/// So many endings are remembered, for terminals that have not heard of them.
const ENDED_MAX: usize = 64;
/// How long a modem may take to end a call, before it is restarted, and before it has failed.
const END_MAX: Duration = Duration::from_secs(15);

/// A call of a modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Call {
    pub(super) claim: LeaseClaim,
    /// What the driver calls it, once it has told.
    id: Option<CallId>,
    direction: Direction,
    peer: Option<String>,
    began: Instant,
    /// The terminal that has it.
    pub(super) owner: Option<(UserId, TerminalId)>,
    pub(super) stage: Stage,
    talked_since: Option<Instant>,
    again_at: Instant,
    pub(super) speech: super::speech::Legs,
}

/// A call that is over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Ended {
    call: CallRef,
    claim: LeaseClaim,
    why: CallEnding,
    owner: Option<(UserId, TerminalId)>,
}

/// Where a call is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Stage {
    /// It rings at these users' terminals.
    Ringing {
        /// Until when.
        until: Instant,
        /// Who was told.
        users: Vec<UserId>,
    },
    /// A terminal has taken it, and the modem is about to.
    Answering,
    /// The network takes it up.
    Dialling,
    /// It rings at the other side.
    Alerting,
    /// Both talk.
    Active,
    /// On hold.
    Held,
    /// The modem is to end it.
    Ending {
        /// Why.
        why: CallEnding,
        /// When the modem has had its time.
        until: Instant,
        /// The modem was restarted already.
        restarted: bool,
    },
}

impl Site {
    pub(super) fn calls_of(&self, number: u16) -> impl Iterator<Item = (&CallRef, &Call)> {
        let modem = ModemId { site: self.config.site, number };
        self.calls.iter().filter(move |(name, _)| name.modem == modem)
    }

    fn call_named(&self, number: u16, id: CallId) -> Option<CallRef> {
        self.calls_of(number).find(|(_, call)| call.id == Some(id)).map(|(name, _)| *name)
    }

    /// Begins a call, and takes it down before anybody hears of it.
    fn begin_call(&mut self, number: u16, mut call: Call) -> CallRef {
        self.next_call = self.next_call.saturating_add(1);
        let modem = ModemId { site: self.config.site, number };
        let incarnation = self.journal.incarnation;
        let name = CallRef { modem, incarnation, number: self.next_call };
        call.again_at = self.now;
        self.take_down(name, &call);
        self.calls.insert(name, call);
        self.service_changed(number);
        name
    }

    /// Records how a call is; if nothing more is recorded of it, it was lost.
    fn take_down(&mut self, name: CallRef, call: &Call) {
        let record = record_of(name, call, CallEnding::Lost, self.now);
        self.record(SiteRecord::CallBegan(record));
    }

    /// A call is over: whoever had it or rang is told, and the exchange once.
    fn over(&mut self, name: CallRef, why: CallEnding) {
        let Some(call) = self.calls.remove(&name) else { return };
        let why = match call.stage {
            Stage::Ending { why, .. } => why,
            Stage::Ringing { .. }
            | Stage::Answering
            | Stage::Dialling
            | Stage::Alerting
            | Stage::Active
            | Stage::Held => why,
        };
        if let Stage::Ringing { users, .. } = &call.stage {
            self.rings_no_more(name, users, RingOver::Ended(why));
        }
        let record = record_of(name, &call, why, self.now);
        self.say_ended(&record);
        self.keep(Kept::Call(record));
        self.service_changed(name.modem.number);
    }

    /// Tells the terminal that had a call that it is over.
    fn say_ended(&mut self, record: &CallRecord) {
        let CallRecord { call, claim, ending, .. } = *record;
        if let Some((user, terminal)) = record.terminal {
            let peer = record.peer.as_ref().and_then(|peer| Msisdn::parse(peer).ok());
            let told = told(call, claim, CallPhase::Ended(ending), peer);
            self.insist(user, Some(terminal), told);
            self.insist(user, Some(terminal), FromModem::SpeechEnded(call, record.speech));
        }
        if self.ended.len() >= ENDED_MAX {
            self.ended.pop_front();
        }
        self.ended.push_back(Ended { call, claim, why: ending, owner: record.terminal });
    }

    /// Returns what is said of a call that was over not long ago, to the terminal that had it.
    pub(super) fn ending_of(&self, name: CallRef, by: (UserId, TerminalId)) -> Option<FromModem> {
        let theirs = |ended: &&Ended| ended.call == name && ended.owner == Some(by);
        let Ended { call, claim, why, .. } = *self.ended.iter().find(theirs)?;
        Some(told(call, claim, CallPhase::Ended(why), None))
    }

    fn rings_no_more(&mut self, call: CallRef, users: &[UserId], why: RingOver) {
        for user in users {
            self.insist(*user, None, FromModem::RingOver { call, why });
        }
    }

    /// Tells the terminal that has a call how it is.
    fn say_phase(&mut self, name: CallRef) {
        let again_at = self.now.plus(AGAIN);
        let Some(call) = self.calls.get_mut(&name) else { return };
        let phase = match call.stage {
            Stage::Dialling => CallPhase::Dialling,
            Stage::Alerting => CallPhase::Alerting,
            Stage::Active => CallPhase::Active,
            Stage::Held => CallPhase::Held,
            Stage::Ringing { .. } | Stage::Answering | Stage::Ending { .. } => return,
        };
        call.again_at = again_at;
        let Some((user, terminal)) = call.owner else { return };
        let told = told(name, call.claim, phase, call.peer_number());
        self.emit(SiteOutput::Terminal(user, terminal, told));
    }

    /// Makes the modem end a call.
    fn end_call(&mut self, name: CallRef, why: CallEnding, purpose: Purpose) {
        let until = self.now.plus(END_MAX);
        let Some(call) = self.calls.get_mut(&name) else { return };
        let which = call.id.map_or(HangUp::All, HangUp::Call);
        let before =
            core::mem::replace(&mut call.stage, Stage::Ending { why, until, restarted: false });
        if let Stage::Ringing { users, .. } = before {
            let over = match why {
                CallEnding::HungUp => RingOver::Rejected,
                CallEnding::Released
                | CallEnding::Busy
                | CallEnding::NoAnswer
                | CallEnding::NoService
                | CallEnding::Failed
                | CallEnding::TooLong
                | CallEnding::LeaseEnded
                | CallEnding::NotPermitted
                | CallEnding::Lost => RingOver::Ended(why),
            };
            self.rings_no_more(name, &users, over);
        }
        self.command(name.modem.number, purpose, ModemCommand::HangUp(which));
    }

    /// Ends all calls of a modem for those that have them, whatever the modem does next.
    pub(super) fn end_calls(&mut self, number: u16, why: CallEnding) {
        let names: Vec<CallRef> = self.calls_of(number).map(|(name, _)| *name).collect();
        names.into_iter().for_each(|name| self.over(name, why));
    }

    /// After a restart: calls of earlier lives are lost.
    pub(super) fn keep_calls_of_earlier_lives(&mut self) {
        let lost: Vec<CallRecord> = self.journal.calls.values().cloned().collect();
        for call in lost {
            self.say_ended(&call);
            self.keep(Kept::Call(call));
        }
    }
}

impl Call {
    fn peer_number(&self) -> Option<Msisdn> {
        Msisdn::parse(self.peer.as_ref()?).ok()
    }

    /// Returns whether both sides are connected, or will be by this side's doing.
    fn is_up(&self) -> bool {
        match self.stage {
            Stage::Answering
            | Stage::Dialling
            | Stage::Alerting
            | Stage::Active
            | Stage::Held
            | Stage::Ending { .. } => true,
            Stage::Ringing { .. } => false,
        }
    }
}

const fn told(
    call: CallRef,
    claim: LeaseClaim,
    phase: CallPhase,
    peer: Option<Msisdn>,
) -> FromModem {
    let LeaseClaim { iccid, epoch } = claim;
    FromModem::Call { call, iccid, epoch, phase, peer }
}

fn record_of(name: CallRef, call: &Call, ending: CallEnding, now: Instant) -> CallRecord {
    CallRecord {
        claim: call.claim,
        call: name,
        direction: call.direction,
        peer: call.peer.clone(),
        began: call.began,
        rang: call.talked_since.unwrap_or(now).since(call.began),
        terminal: call.owner,
        talked: call.talked_since.map(|since| now.since(since)),
        ending,
        speech: call.speech.report(),
    }
}
