//! Calls: switching between two sides, of which each may be a device, somebody outside, or an
//! announcement (TS 24.008, 5; TS 23.018).
//!
//! The core of the calling side owns the call. The called device's core owns that device's leg,
//! and both talk by messages even where they are one and the same.

mod dial;
mod ending;
mod leg;
mod outsider;
mod routing;
mod speech;
mod uplink;

use crate::{
    air::{CallCause, RadioId},
    config::OperatorConfig,
    deadlines::Deadline,
    directory::Outsider,
    ids::{CallRef, OperatorId},
    message::RoutingReason,
};
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Imsi, Instant, Msisdn};

/// How often a call is forwarded before it is given up (TS 22.082, 1.4: 1 to 5).
const FORWARDINGS_MAX: u8 = 5;
/// How long a called device may take to ring.
const ALERT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the called device's core may take to say that it rings.
const SETUP_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a call may ring, whatever the called side's own timers do.
const RINGING_MAX: Duration = Duration::from_secs(180);
/// How long an emergency call rings.
const ANNOUNCEMENT_DELAY: Duration = Duration::from_secs(1);
/// One call in conversation, one held, one waiting (TS 22.030, 6.5.5).
const LEGS_MAX: usize = 3;

/// Calls that began here, and legs of the devices served here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    calls: BTreeMap<u32, Call>,
    legs: BTreeMap<(RadioId, u8), Leg>,
    /// The legs of called devices by their call.
    called: BTreeMap<CallRef, (RadioId, u8)>,
    last: u32,
}

/// A call, at the core where it began.
#[derive(Clone, Debug)]
struct Call {
    from: Caller,
    to: Callee,
    /// What the called side may see.
    shown: Option<Msisdn>,
    /// The number dialled; none for an emergency call.
    dialled: Option<Msisdn>,
    /// Where it is at present: the number dialled, or one it was forwarded to.
    target: Option<Msisdn>,
    state: CallState,
    /// Which attempt to reach somebody this is.
    attempt: u8,
    deadline: Option<Deadline>,
    /// How long it may last, where money sets a limit.
    longest: Option<Duration>,
    /// Who pays for which forwarded leg.
    forwarders: Vec<Forwarder>,
}

/// The calling side.
#[derive(Clone, Copy, Debug)]
enum Caller {
    Device { radio: RadioId, transaction: u8, imsi: Imsi, home: OperatorId },
    Outsider,
}

/// The called side.
#[derive(Clone, Copy, Debug)]
enum Callee {
    /// Not known yet.
    Nobody,
    /// A device served by this core.
    Device(OperatorId),
    Outsider(Outsider),
    Announcement,
}

#[derive(Clone, Copy, Debug)]
enum CallState {
    /// The caller's home network is asked whether it may.
    Authorising,
    /// The called number's home network is asked where to.
    Routing,
    /// The called device is searched.
    SettingUp,
    Ringing,
    Active {
        since: Instant,
    },
}

#[derive(Clone, Copy, Debug)]
struct Forwarder {
    imsi: Imsi,
    home: OperatorId,
    to: Msisdn,
}

/// A device's part in a call.
#[derive(Clone, Copy, Debug)]
struct Leg {
    call: CallRef,
    side: Side,
    phase: Phase,
    deadline: Option<Deadline>,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    /// It calls.
    Calling,
    /// It is called.
    Called(CalledLeg),
}

/// What the core of a called device remembers, to ring and to charge.
#[derive(Clone, Copy, Debug)]
struct CalledLeg {
    imsi: Imsi,
    home: OperatorId,
    caller: Option<Msisdn>,
    ring: Duration,
    answered: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// It waits for the other side to answer.
    Calling,
    /// It has been told to ring.
    Incoming,
    Ringing,
    Active,
    Held,
}

/// Which side of a call does something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Who {
    Caller,
    Callee,
    Network,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Returns the legs of a device, with their transactions.
    fn legs_of(&self, radio: RadioId) -> impl Iterator<Item = (u8, &Leg)> + '_ {
        let all = (radio, u8::MIN)..=(radio, u8::MAX);
        let legs = self.legs.range(all);
        legs.map(|((_, transaction), leg)| (*transaction, leg))
    }

    fn call_mut(&mut self, call: CallRef) -> Option<&mut Call> {
        let found = self.calls.get_mut(&call.number)?;
        (found.attempt == call.attempt).then_some(found)
    }
}

impl Call {
    const fn is_active(&self) -> bool {
        matches!(self.state, CallState::Active { .. })
    }
}

/// Why forwarding may apply when a called device's leg ended so; `None`: it does not.
const fn forwarding_reason(cause: CallCause) -> Option<RoutingReason> {
    match cause {
        CallCause::Busy => Some(RoutingReason::Busy),
        CallCause::NoAnswer => Some(RoutingReason::NoReply),
        CallCause::NoUserResponding | CallCause::OutOfOrder => Some(RoutingReason::NotReachable),
        CallCause::Unassigned
        | CallCause::Normal
        | CallCause::Rejected
        | CallCause::Unspecified
        | CallCause::NoCircuit
        | CallCause::NotAuthorised => None,
    }
}

/// The name of a call at the core where it began.
const fn name(config: &OperatorConfig, number: u32, attempt: u8) -> CallRef {
    CallRef { origin: config.id, number, attempt }
}

#[cfg(test)]
impl Calls {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.calls.is_empty() && self.legs.is_empty() && self.called.is_empty()
    }
}
