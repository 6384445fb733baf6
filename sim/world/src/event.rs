//! What can be seen of a world: documented events with named fields.

use polysim_base::Instant;
use std::fmt;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What: one of [`EVENTS`](crate::EVENTS).
    pub name: &'static str,
    /// The particulars, in the order of the catalogue.
    pub fields: Vec<(&'static str, Value)>,
}

/// The value of a field.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A name or a text.
    Text(String),
}

impl Event {
    /// Returns the value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Number(number.into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// `0:05.000123 text.received phone="bert" from="+46…"`
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.name)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// An entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct EventKind {
    /// The name, as files and traces write it.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The fields and what each holds.
    pub fields: &'static [(&'static str, &'static str)],
}

/// Events that no modem tells: who has only the phones does not see them.
pub const SIMULATED_ONLY: &[&str] = &[
    "advisor.cancelled",
    "advisor.granted",
    "advisor.listed",
    "advisor.not-authentic",
    "advisor.refused",
    "advisor.report",
    "agent.not-authentic",
    "agent.refused",
    "agent.stayed",
    "attach.rejected",
    "business.binding",
    "business.not-taken",
    "card.bind-requested",
    "card.bound",
    "card.effective",
    "card.refused",
    "card.reverted",
    "card.unbound",
    "card.written",
    "charge",
    "courier.answered",
    "courier.carrier",
    "courier.changed-hands",
    "courier.code-came",
    "courier.code-issued",
    "courier.code-sent",
    "courier.code-tried",
    "courier.connected",
    "courier.delivered",
    "courier.deregistered",
    "courier.device-linked",
    "courier.device-registered",
    "courier.device-unlinked",
    "courier.down",
    "courier.ended",
    "courier.expired",
    "courier.gone",
    "courier.incoming",
    "courier.invited",
    "courier.key-changed",
    "courier.marked",
    "courier.measured",
    "courier.not-registered",
    "courier.not-written",
    "courier.number-wanted",
    "courier.offered",
    "courier.proof-wanted",
    "courier.received",
    "courier.refused",
    "courier.registered",
    "courier.ringing",
    "courier.server-down",
    "courier.server-up",
    "courier.stored",
    "courier.text",
    "courier.texted",
    "courier.unlinked",
    "courier.up",
    "courier.voice",
    "courier.withdrawn",
    "courier.wrong-code",
    "device.result",
    "discovery.started",
    "download.failed",
    "download.installed",
    "download.postponed",
    "download.started",
    "downloads.used-up",
    "dtmf.received",
    "enable.failed",
    "fence.refused",
    "home.again",
    "home.failed",
    "home.visible",
    "list.received",
    "modem.failed",
    "modem.rested",
    "network.resync",
    "operator.told",
    "phone.refused",
    "platform.alarm",
    "platform.record",
    "platform.silent",
    "profile.attached",
    "profile.deleted",
    "profile.enabled",
    "roaming.detected",
    "server.follows",
    "server.leads",
    "service.missed",
    "share.activated",
    "share.active",
    "share.asks",
    "share.busy",
    "share.connected",
    "share.continued",
    "share.free",
    "share.granted",
    "share.in-doubt",
    "share.leaving",
    "share.left",
    "share.linked",
    "share.lost",
    "share.pair-refused",
    "share.paired",
    "share.pick-refused",
    "share.refused",
    "share.registered",
    "share.resumed",
    "share.revoked",
    "share.stored",
    "share.unlinked",
    "share.unpaired",
    "share.unregistered",
    "share.wiped",
    "sim.assigned",
    "sim.attached",
    "sim.blocked",
    "sim.call",
    "sim.claims",
    "sim.doubtful",
    "sim.dropped",
    "sim.gone",
    "sim.released",
    "sim.revoked",
    "sim.seen",
    "sim.service-began",
    "sim.service-ended",
    "sim.state",
    "sim.text",
    "sim.text-out",
    "sim.waiting",
    "site.away",
    "site.cleared",
    "site.suspect",
    "site.up",
    "switch.failed",
    "switch.succeeded",
    "terminal.answer",
    "terminal.apdu",
    "terminal.call",
    "terminal.done",
    "terminal.incomplete-text",
    "terminal.missed-call",
    "terminal.refused",
    "terminal.ring-over",
    "terminal.rings",
    "terminal.sims",
    "terminal.speech",
    "terminal.text",
    "terminal.text-accepted",
    "terminal.text-state",
    "terminal.ussd",
    "tool.brought",
    "tool.failed",
    "tool.left",
    "tool.read",
    "user.denied",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::EVENTS;

    #[test]
    fn events_of_the_simulation_only_are_in_the_catalogue() {
        let known = |name: &str| EVENTS.iter().any(|kind| kind.name == name);
        assert!(SIMULATED_ONLY.iter().all(|name| known(name)));
    }

    #[test]
    fn the_catalogue_is_sorted_and_has_no_doubles() {
        assert!(EVENTS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
