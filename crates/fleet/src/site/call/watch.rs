//! Deadlines of calls: ringing, talking, and ending take no longer than they may.

use super::{Call, END_MAX, Stage};
use crate::site::Site;
use crate::site::modem::Purpose;
use crate::wire::{CallEnding, CallRef, Fault};
use alloc::vec::Vec;
use polysim_base::{Duration, Instant};
use polysim_modem::ModemCommand;

impl Call {
    fn due(&self, call_max: Duration) -> Instant {
        let too_long = self.began.plus(call_max);
        match &self.stage {
            Stage::Ringing { until, .. } => self.again_at.min(*until),
            Stage::Answering => too_long,
            Stage::Dialling | Stage::Alerting | Stage::Active | Stage::Held => {
                self.again_at.min(too_long)
            }
            Stage::Ending { until, .. } => *until,
        }
    }
}

impl Site {
    pub(in crate::site) fn calls_due(&self) -> Option<Instant> {
        let calls = self.calls.values().map(|call| call.due(self.config.call_max));
        calls.chain(self.repeats_due()).min()
    }

    pub(in crate::site) fn calls_expire(&mut self) {
        let (now, call_max) = (self.now, self.config.call_max);
        let due = self.calls.iter().filter(|(_, call)| call.due(call_max) <= now);
        let due: Vec<CallRef> = due.map(|(name, _)| *name).collect();
        due.into_iter().for_each(|name| self.call_expires(name));
        self.repeats_expire();
    }

    fn call_expires(&mut self, name: CallRef) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&name) else { return };
        let too_long = call.began.plus(self.config.call_max) <= now;
        match &mut call.stage {
            Stage::Ringing { until, .. } if *until <= now => {
                self.end_call(name, CallEnding::NoAnswer, Purpose::Nothing);
            }
            Stage::Ringing { .. } => self.ring(name),
            Stage::Answering | Stage::Dialling | Stage::Alerting | Stage::Active | Stage::Held
                if too_long =>
            {
                self.end_call(name, CallEnding::TooLong, Purpose::Nothing);
            }
            Stage::Answering => {}
            Stage::Dialling | Stage::Alerting | Stage::Active | Stage::Held => {
                self.say_phase(name);
            }
            Stage::Ending { until, restarted: restarted @ false, .. } => {
                // What does not hang up is restarted.
                *restarted = true;
                *until = now.plus(END_MAX);
                self.command(name.modem.number, Purpose::Nothing, ModemCommand::Restart);
            }
            Stage::Ending { why, .. } => {
                let why = *why;
                self.over(name, why);
                self.fail(name.modem.number, Fault::Modem);
            }
        }
    }
}
