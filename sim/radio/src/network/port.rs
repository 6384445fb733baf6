//! What every concern of a core needs: the time, deadlines, and ways out.

use crate::{
    air::{Downlink, RadioId},
    clock::Clock,
    deadlines::{Deadline, Deadlines},
    directory::Directory,
    event::{NetworkEvent, Observe, SmsEvent},
    ids::{OperatorId, RegionId},
    message::CoreMessage,
};
use alloc::{collections::VecDeque, sync::Arc};
use core::convert::Infallible;
use polysim_base::{Duration, Imsi, Instant, Msisdn, Out, Queue};

use super::CoreOutput;

/// How long a core waits for another core.
pub(crate) const QUESTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a core wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CoreTimer {
    /// A device or its home network has not answered during registration.
    Attach(RadioId),
    /// The core before has not confirmed that it dropped the subscription.
    Relocation(Imsi),
    /// A service centre has not answered a submission.
    Submission(RadioId, u8),
    /// A device has not acknowledged a text (TR1N, TS 24.011, 10).
    Delivery(RadioId),
    /// The home network has not answered a USSD message.
    Ussd(RadioId),
    /// A USSD menu has been left alone.
    UssdSession(Imsi),
    /// The home network has not answered a service request.
    Service(RadioId),
    /// The home network has not authorised a packet context.
    Packet(RadioId, u8),
    /// A call takes too long in its state, or its money is used up.
    Call(u32),
    /// A called device does not alert, or is not answered.
    Leg(RadioId, u8),
    /// It is time to try a recipient of texts again.
    Recipient(Msisdn),
    /// The validity of a text ends.
    Expiry(u32),
}

/// The time, deadlines, and ways out of a core.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) id: OperatorId,
    pub(crate) now: Instant,
    pub(crate) clock: Clock,
    pub(crate) directory: Arc<Directory>,
    observe: Observe,
    out: Queue<Out<Infallible, CoreOutput>>,
    /// What the core says to itself.
    own: VecDeque<CoreMessage>,
    deadlines: Deadlines<CoreTimer>,
}

impl Port {
    pub(crate) fn new(
        id: OperatorId,
        directory: Arc<Directory>,
        unix_start_s: u64,
        observe: Observe,
    ) -> Self {
        Self {
            id,
            now: Instant::ZERO,
            clock: Clock { unix_start_s },
            directory,
            observe,
            out: Queue::new(),
            own: VecDeque::new(),
            deadlines: Deadlines::new(),
        }
    }

    /// Sends to a core, perhaps to this one.
    pub(crate) fn send(&mut self, to: OperatorId, message: impl Into<CoreMessage>) {
        let message = message.into();
        if to == self.id {
            self.own.push_back(message);
        } else {
            self.out.push(Out::Do(CoreOutput::ToCore { to, message }));
        }
    }

    pub(crate) fn next_own(&mut self) -> Option<CoreMessage> {
        self.own.pop_front()
    }

    pub(crate) fn tell_device(&mut self, region: RegionId, radio: RadioId, downlink: Downlink) {
        let output = CoreOutput::ToRegion { region, radio, downlink };
        self.out.push(Out::Do(output));
    }

    /// Says something to the outside.
    pub(crate) fn give(&mut self, output: CoreOutput) {
        self.out.push(Out::Do(output));
    }

    /// Tells an event to those who watch everything.
    pub(crate) fn event(&mut self, event: impl FnOnce() -> NetworkEvent) {
        if self.observe >= Observe::Everything {
            self.out.push(Out::Do(CoreOutput::Event(event())));
        }
    }

    /// Tells an event to those who watch failures as well.
    pub(crate) fn failure(&mut self, event: impl FnOnce() -> NetworkEvent) {
        if self.observe >= Observe::Failures {
            self.out.push(Out::Do(CoreOutput::Event(event())));
        }
    }

    /// Tells what becomes of a text: to those who watch as much as `level`, and always to a sender
    /// outside who gave it a tag.
    pub(crate) fn sms_event(
        &mut self,
        level: Observe,
        tag: Option<u64>,
        event: impl FnOnce() -> SmsEvent,
    ) {
        if tag.is_some() || self.observe >= level {
            self.give(CoreOutput::Event(NetworkEvent::Sms(event())));
        }
    }

    pub(crate) fn wake_after(&mut self, delay: Duration, reason: CoreTimer) -> Deadline {
        self.deadlines.set(self.now.plus(delay), reason)
    }

    pub(crate) fn wake_at(&mut self, due: Instant, reason: CoreTimer) -> Deadline {
        // Never in the past: an overdue deadline would be served within the same moment for ever.
        self.deadlines.set(due.max(self.now), reason)
    }

    pub(crate) fn cancel(&mut self, deadline: impl Into<Option<Deadline>>) {
        if let Some(deadline) = deadline.into() {
            self.deadlines.cancel(deadline);
        }
    }

    pub(crate) fn pop_due(&mut self) -> Option<CoreTimer> {
        self.deadlines.pop(self.now)
    }

    pub(crate) fn next_deadline(&self) -> Option<(Instant, CoreTimer)> {
        self.deadlines.next()
    }

    pub(crate) fn pop_output(&mut self) -> Option<Out<Infallible, CoreOutput>> {
        self.out.pop()
    }
}
