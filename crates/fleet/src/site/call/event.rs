//! What the driver of a modem tells of calls.

use super::{Call, Stage};
use crate::site::Site;
use crate::site::modem::Purpose;
use crate::wire::{CallEnding, CallRef, Direction};
use polysim_at::{CallDirection, CallState};
use polysim_modem::{CallEnd, CallId, CallInfo, HangUp, ModemCommand, ModemError, Reply};

impl Site {
    /// A call was set up, or was not.
    pub(in crate::site) fn dialled(&mut self, name: CallRef, outcome: Result<Reply, ModemError>) {
        let number = name.modem.number;
        match outcome {
            Ok(Reply::Dialled(id)) => self.is_called(name, id),
            Ok(_) => {}
            Err(error) => {
                let why = match error {
                    ModemError::CallEnded(end) => ending_of(end),
                    ModemError::Reset | ModemError::PortLost | ModemError::Unresponsive => {
                        CallEnding::Lost
                    }
                    ModemError::QueueFull { .. }
                    | ModemError::Timeout
                    | ModemError::Refused
                    | ModemError::Cme(_)
                    | ModemError::Cms(_)
                    | ModemError::BadAnswer { .. }
                    | ModemError::AnswerTooLong { .. }
                    | ModemError::PinRequired { .. }
                    | ModemError::PinRefusedBefore
                    | ModemError::NoSuchCall
                    | ModemError::StaleChannel
                    | ModemError::Card { .. }
                    | ModemError::Text(_)
                    | ModemError::Argument(_)
                    | ModemError::NotRaw => CallEnding::Failed,
                };
                if self.calls.contains_key(&name) {
                    self.over(name, why);
                    // It may have been set up all the same.
                    self.command(number, Purpose::Nothing, ModemCommand::HangUp(HangUp::All));
                }
            }
        }
    }

    /// The driver has a name for a call; one that was hung up before is ended by it now.
    fn is_called(&mut self, name: CallRef, id: CallId) {
        let number = name.modem.number;
        let Some(call) = self.calls.get_mut(&name) else {
            return self.hang_up_all(number);
        };
        let fresh = call.id.replace(id).is_none();
        if fresh && matches!(call.stage, Stage::Ending { .. }) {
            let hang_up = ModemCommand::HangUp(HangUp::Call(id));
            self.command(number, Purpose::Nothing, hang_up);
        }
    }

    /// The modem took a call, or could not.
    pub(in crate::site) fn answered(&mut self, name: CallRef, outcome: &Result<Reply, ModemError>) {
        let now = self.now;
        let answering = |call: &&mut Call| call.stage == Stage::Answering;
        let Some(call) = self.calls.get_mut(&name).filter(answering) else { return };
        if outcome.is_err() {
            return self.end_call(name, CallEnding::Failed, Purpose::Nothing);
        }
        // Most modems have told so by its state; some do not list calls.
        call.stage = Stage::Active;
        call.talked_since = Some(now);
        self.say_phase(name);
    }

    pub(in crate::site) fn call_changed(&mut self, number: u16, info: &CallInfo) {
        let dialled = |call: &Call| call.id.is_none() && call.direction == Direction::Outgoing;
        let name = self.call_named(number, info.call).or_else(|| {
            let originated = info.direction == CallDirection::Originated;
            let mut calls = self.calls_of(number).filter(|(_, call)| dialled(call));
            calls.next().filter(|_| originated).map(|(name, _)| *name)
        });
        let Some(name) = name else {
            // A call that was over here goes on at the modem.
            if self.calls_of(number).next().is_none() {
                self.hang_up_all(number);
            }
            return;
        };
        self.is_called(name, info.call);
        let now = self.now;
        let Some(call) = self.calls.get_mut(&name) else { return };
        let stage = match (&call.stage, info.state) {
            (Stage::Ending { .. } | Stage::Ringing { .. }, _) => return,
            (_, CallState::Active) => Stage::Active,
            (_, CallState::Held) => Stage::Held,
            (_, CallState::Dialing) => Stage::Dialling,
            (_, CallState::Alerting) => Stage::Alerting,
            (_, CallState::Incoming | CallState::Waiting | CallState::Other(_)) => return,
        };
        if stage == Stage::Active {
            call.talked_since.get_or_insert(now);
        }
        if call.stage != stage {
            call.stage = stage;
            self.say_phase(name);
        }
    }

    pub(in crate::site) fn call_ended(&mut self, number: u16, id: CallId, cause: CallEnd) {
        if let Some(name) = self.call_named(number, id) {
            self.over(name, ending_of(cause));
        }
    }
}

const fn ending_of(end: CallEnd) -> CallEnding {
    match end {
        CallEnd::HungUp => CallEnding::HungUp,
        CallEnd::Released => CallEnding::Released,
        CallEnd::Busy => CallEnding::Busy,
        CallEnd::NoAnswer => CallEnding::NoAnswer,
        CallEnd::NoDialtone => CallEnding::NoService,
        CallEnd::Lost => CallEnding::Lost,
    }
}
