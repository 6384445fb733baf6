//! Storing messages, and letting them expire.

use super::{Desk, Kind, Recipient, RecipientState, Smsc, Submission, Text, Validity};
use crate::{
    event::{Observe, SmsEvent},
    ids::Party,
    network::CoreTimer,
};
use alloc::collections::VecDeque;
use polysim_base::{Duration, Instant, Msisdn};
use polysim_sms::{EnhancedPeriod, Status, ValidityPeriod};

/// A message to be stored.
pub(super) struct Incoming {
    pub(super) from: Party,
    pub(super) to: Msisdn,
    pub(super) tpdu: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) tag: Option<u64>,
    pub(super) validity: Validity,
}

impl Smsc {
    /// Returns until when a message is worth delivering (TS 23.040, 9.2.3.12).
    pub(super) fn validity(&self, desk: &Desk<'_>, period: &ValidityPeriod) -> Validity {
        let now = desk.port.now;
        let from_now = |duration: Duration| now.plus(duration);
        let default = from_now(self.config.validity);
        let (until, single_shot) = match period {
            ValidityPeriod::Absent => (default, false),
            ValidityPeriod::Relative(relative) => (from_now(relative.duration()), false),
            ValidityPeriod::Absolute(stamp) => (desk.port.clock.instant(now, stamp), false),
            ValidityPeriod::Enhanced(enhanced) => {
                let until = match enhanced.period {
                    EnhancedPeriod::Unspecified => default,
                    EnhancedPeriod::Relative(relative) => from_now(relative.duration()),
                    EnhancedPeriod::Seconds(secs) => {
                        from_now(Duration::from_secs(u64::from(secs.get())))
                    }
                    EnhancedPeriod::Clock(clock) => {
                        let [hours, minutes, seconds] =
                            clock.hours_minutes_seconds().map(u64::from);
                        from_now(Duration::from_secs(hours * 3_600 + minutes * 60 + seconds))
                    }
                };
                (until, enhanced.single_shot)
            }
        };
        Validity { until, single_shot }
    }

    pub(super) fn default_validity(&self, now: Instant) -> Validity {
        Validity { until: now.plus(self.config.validity), single_shot: false }
    }

    pub(super) fn is_full(&self, desk: &Desk<'_>) -> bool {
        self.texts.len() >= self.config.store_max || desk.faults.congests_sms(desk.port.now)
    }

    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// Stores a message under `id` and tries to deliver it, after those before it.
    pub(super) fn store(&mut self, desk: &mut Desk<'_>, id: u32, incoming: Incoming) {
        let to = incoming.to;
        let until = incoming.validity.until;
        let text = Text {
            to,
            tpdu: incoming.tpdu,
            kind: incoming.kind,
            tag: incoming.tag,
            expiry: desk.port.wake_at(until, CoreTimer::Expiry(id)),
            single_shot: incoming.validity.single_shot,
            overdue: false,
            repeated: false,
        };
        self.texts.insert(id, text);
        if let Some(recipient) = self.recipients.get_mut(&to) {
            recipient.queue.push_back(id);
            return;
        }
        let delay = desk.faults.delays_sms(desk.port.now);
        let at = if delay == Duration::ZERO { Instant::MAX } else { desk.port.now.plus(delay) };
        let deadline = desk.port.wake_at(at, CoreTimer::Recipient(to));
        let recipient = Recipient {
            queue: VecDeque::from([id]),
            state: RecipientState::BackOff(deadline),
            failures: 0,
            alerted: false,
        };
        self.recipients.insert(to, recipient);
        if delay == Duration::ZERO {
            self.attempt(desk, to);
        }
    }

    /// The validity of a message ends. One that is being delivered gets its chance.
    pub(crate) fn expire(&mut self, desk: &mut Desk<'_>, id: u32) {
        let Some(text) = self.texts.get_mut(&id) else {
            return;
        };
        let recipient = self.recipients.get(&text.to);
        let in_flight =
            recipient.is_some_and(|r| r.state.is_attempt() && r.queue.front() == Some(&id));
        if in_flight {
            text.overdue = true;
        } else {
            self.give_up(desk, id, Status::EXPIRED, None);
        }
    }

    /// Takes a message out; returns it.
    pub(super) fn take(&mut self, desk: &mut Desk<'_>, id: u32) -> Option<Text> {
        let text = self.texts.remove(&id)?;
        desk.port.cancel(text.expiry);
        if let Some(recipient) = self.recipients.get_mut(&text.to) {
            recipient.queue.retain(|queued| *queued != id);
            if recipient.queue.is_empty() {
                desk.port.cancel(recipient.state.deadline());
                self.recipients.remove(&text.to);
            }
        }
        Some(text)
    }

    /// Gives a message up, perhaps because of the report of a device: its originator is told if it
    /// asked.
    pub(super) fn give_up(
        &mut self,
        desk: &mut Desk<'_>,
        id: u32,
        status: Status,
        report: Option<Vec<u8>>,
    ) {
        let Some(text) = self.take(desk, id) else {
            return;
        };
        let (to, tag) = (text.to, text.tag);
        let expired = status == Status::EXPIRED;
        if let Kind::Text(submission) = &text.kind {
            if expired {
                desk.counters.sms_expired += 1;
            } else {
                desk.counters.sms_failed += 1;
            }
            desk.port.sms_event(Observe::Failures, tag, || {
                if expired {
                    SmsEvent::Expired { id, tag, to }
                } else {
                    SmsEvent::Failed { id, tag, to, status, report }
                }
            });
            self.report(desk, submission, status);
        }
    }

    /// Returns the stored message of a submission, by what commands and duplicates know of it.
    pub(super) fn find(&self, to: &Msisdn, wanted: impl Fn(&Submission) -> bool) -> Option<u32> {
        let recipient = self.recipients.get(to)?;
        recipient.queue.iter().copied().find(|id| {
            self.texts.get(id).is_some_and(|text| match &text.kind {
                Kind::Text(submission) => wanted(submission),
                Kind::Report => false,
            })
        })
    }
}
