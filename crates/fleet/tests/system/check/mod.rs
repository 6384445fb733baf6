//! What must hold, by name, and the reference model that says when it does not.
//!
//! The model sees what really happens: which records are durable, what is carried out at the
//! edges, what users are told. It believes no machine.

mod audit;
mod calls;
mod lease;
mod texts;
mod uses;

use super::names::{Node, Size};
use super::world::World;
pub(crate) use calls::Calls;
use lease::Leases;
use polysim_base::Instant;
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{Directive, Input, Output, Record, SiteOrder};
use texts::Texts;
pub(crate) use uses::{Uses, Wished};

/// Every invariant, by the name that scenario files use.
pub(crate) const INVARIANTS: [(&str, &str); 20] = [
    ("one-lease-per-sim", "F1"),
    ("one-sim-per-modem", "F2"),
    ("one-active-device-per-imsi", "F3"),
    ("epochs-only-grow", "F4"),
    ("no-apdu-of-an-older-epoch", "F5"),
    ("reset-between-epochs", "F6"),
    ("every-lease-ends", "F7"),
    ("sims-are-conserved", "F8"),
    ("one-slot-per-iccid", "F9"),
    ("identity-survives-moves", "F10"),
    ("only-entitled-use", "F11"),
    ("texts-exactly-once", "F12"),
    ("ring-ends-once", "F13"),
    ("replay-equals-live", "F14"),
    ("same-seed-same-hash", "F15"),
    ("graceful-spares-calls", "F16"),
    ("no-starvation", "F17"),
    ("acknowledgements-by-number", "F18"),
    ("denied-changes-nothing", "F19"),
    ("everything-is-audited", "F20"),
];

/// A violation: which invariant, and what was found.
pub(crate) type Violation = (&'static str, String);

/// The model.
pub(crate) struct Check {
    /// The first violation.
    pub(crate) first: Option<Violation>,
    pub(crate) leases: Leases,
    pub(crate) texts: Texts,
    pub(crate) calls: Calls,
    pub(crate) uses: Uses,
    turn: audit::Turn,
    shadow: polysim_fleet::Exchange,
    /// How many records were checked.
    pub(crate) records: u64,
    looked: u64,
    /// When something went wrong or was put right last.
    disturbed: Instant,
}

impl Check {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            first: None,
            leases: Leases::default(),
            texts: Texts::new(size),
            calls: Calls::default(),
            uses: Uses::default(),
            turn: audit::Turn::default(),
            shadow: polysim_fleet::Exchange::new(super::names::exchange_config()),
            records: 0,
            looked: 0,
            disturbed: Instant::ZERO,
        }
    }

    /// Notes a violation unless there is one already.
    pub(crate) fn fail(&mut self, invariant: &'static str, found: impl FnOnce() -> String) {
        assert!(INVARIANTS.iter().any(|(name, _)| *name == invariant), "{invariant}: no such name");
        if self.first.is_none() {
            self.first = Some((invariant, found()));
        }
    }

    /// A server is given something; what it records from now on is due to that.
    pub(crate) fn asked(&mut self, now: Instant, input: Option<&Input>) {
        self.turn = audit::Turn::of(input, |user, iccid| self.uses.may(user, iccid));
        if let Some(Input::Operator(_)) = input {
            self.disturbed = now;
        }
    }

    /// A record is durable.
    pub(crate) fn recorded(&mut self, now: Instant, record: &Record) {
        use polysim_base::Machine as _;
        self.records += 1;
        self.shadow.restore(record.clone());
        self.audited(record);
        self.lease_recorded(record);
        self.use_recorded(now, record);
        self.text_recorded(record);
        self.call_recorded(record);
    }

    /// A server has said something, after what it recorded was durable.
    pub(crate) fn said(&mut self, output: &Output) {
        self.said_to_user(output);
        if let Output::ToSite(site, Directive { order, .. }) = output {
            self.ordered(*site, order);
        }
    }

    /// A site hears its server.
    pub(crate) fn directed(&mut self, now: Instant, site: u16, directive: &Directive) {
        if let SiteOrder::Revoke { iccid, how, .. } = directive.order {
            self.calls.revoked(now, site, iccid, how);
        }
        if let SiteOrder::Fence { iccid, .. } = directive.order {
            self.calls.revoked(now, site, iccid, polysim_fleet::Revoke::AtOnce);
        }
    }

    /// A terminal has told its user something.
    pub(crate) fn told(&mut self, now: Instant, terminal: u32, event: &TerminalEvent) {
        self.text_told(terminal, event);
        self.call_told(terminal, event);
        self.use_told(now, terminal, event);
    }

    pub(crate) fn crashed(&mut self, now: Instant, node: Node) {
        self.disturbed = now;
        if let Node::Terminal(n) = node {
            self.calls.terminal_crashed(n);
            self.uses.terminal_crashed(n);
        }
    }

    pub(crate) const fn disturbed(&mut self, now: Instant) {
        self.disturbed = now;
    }

    /// Returns whether nothing has gone wrong for long enough that nothing of it goes on.
    fn calm(&self, now: Instant) -> bool {
        let span = super::names::TTL.plus(super::names::SKEW.times(2));
        now.since(self.disturbed) > span.plus(polysim_base::Duration::from_secs(10))
    }
}

impl World {
    /// Looks at everything after an event.
    pub(crate) fn look(&mut self) {
        if self.check.first.is_some() {
            return;
        }
        let found = self.look_at_edges().or_else(|| self.look_at_server());
        if let Some((invariant, found)) = found {
            self.check.fail(invariant, || found);
        }
    }
}
