//! What is said to the servers, and which of them is listened to.

use super::slot::Doing;
use super::{Site, SiteOutput, SiteRecord};
use crate::wire::{
    Directive, Hello, Kept, LeaseClaim, ModemReport, ReportId, SiteOrder, SiteReport,
};
use crate::{ModemId, ServerId, Term};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use polysim_base::{Duration, Instant};

/// After so many renewals without a word, every server is spoken to until one answers.
const RENEWALS_UNHEARD_MAX: u64 = 3;
/// Cards that come at the same time are told of together.
const HELLO_SETTLES: Duration = Duration::from_millis(200);
/// Leases that come back at the same time are renewed together.
const RENEWAL_SETTLES: Duration = Duration::from_millis(100);
/// So many reports are said again at a time.
const KEEP_BATCH: usize = 32;
/// So many reports may wait to be confirmed before nothing new is begun.
pub(super) const KEPT_MAX: usize = 4_096;

/// The site's end of its links to the servers.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Uplink {
    /// The highest term that was heard.
    pub(super) term: Term,
    server: ServerId,
    /// When a server was heard last in this life.
    heard: Option<Instant>,
    /// 0 until the inventory was told of in this life.
    revision: u32,
    hello: Option<HelloDue>,
    renew_at: Instant,
    /// Reports that must not be lost and come again after a crash by themselves: the modem keeps
    /// its texts until they are confirmed.
    pub(super) unkept: BTreeMap<ReportId, Kept>,
    next: u32,
    /// The report that was said again last: the next turn begins after it.
    said: ReportId,
}

/// The inventory has changed and is to be told of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct HelloDue {
    /// When no more changes are waited for.
    at: Instant,
    /// When cards that still say who they are are not waited for any longer.
    by: Instant,
}

impl Uplink {
    pub(super) const fn new() -> Self {
        Self {
            term: Term(0),
            server: ServerId(0),
            heard: None,
            revision: 0,
            hello: None,
            renew_at: Instant::MAX,
            unkept: BTreeMap::new(),
            next: 0,
            said: ReportId(0),
        }
    }

    pub(super) const fn hello_due(&self) -> Option<Instant> {
        match self.hello {
            Some(due) => Some(due.at),
            None => None,
        }
    }

    pub(super) fn renew_due(&self) -> Option<Instant> {
        (self.renew_at != Instant::MAX).then_some(self.renew_at)
    }
}

impl Site {
    pub(super) fn uplink_starts(&mut self) {
        let terms = self.journal.epochs.values().map(|epoch| epoch.term());
        self.uplink.term = terms.max().unwrap_or_default();
        // The cards are not told of as gone only because they are asked anew who they are.
        self.inventory_changed();
        self.say_kept();
        self.uplink.renew_at = self.now.plus(self.config.renew_every);
    }

    /// Takes what a server says, unless a newer one was heard.
    pub(super) fn directive(&mut self, from: ServerId, directive: Directive) {
        if directive.term < self.uplink.term {
            self.counters.stale_orders = self.counters.stale_orders.saturating_add(1);
            return;
        }
        self.uplink.term = directive.term;
        self.uplink.server = from;
        self.uplink.heard = Some(self.now);
        match directive.order {
            SiteOrder::Grant { iccid, slot, modem, epoch, asked, ttl } => {
                let grant = polysim_lease::Grant { epoch, asked, ttl };
                self.granted(iccid, slot, modem, grant);
            }
            SiteOrder::Entitle { iccid, epoch, revision, users, budget } => {
                self.entitle(LeaseClaim { iccid, epoch }, revision, users, budget);
            }
            SiteOrder::Revoke { iccid, epoch, how } => {
                self.revoke(LeaseClaim { iccid, epoch }, how);
            }
            SiteOrder::Fence { iccid, epoch } => {
                self.revoke(LeaseClaim { iccid, epoch }, crate::Revoke::AtOnce);
            }
            SiteOrder::Introduce if self.uplink.revision > 0 => self.say_hello(),
            // It is about to be said anyway.
            SiteOrder::Introduce => {}
            SiteOrder::Confirmed(report) => self.confirmed(report),
        }
    }

    /// Says something to the server that leads, or to all while none is heard.
    pub(super) fn report(&mut self, report: SiteReport) {
        let patience = self.config.renew_every.times(RENEWALS_UNHEARD_MAX);
        if self.uplink.heard.is_some_and(|heard| self.now.since(heard) <= patience) {
            return self.emit(SiteOutput::Server(self.uplink.server, report));
        }
        for server in 0..self.config.servers {
            self.emit(SiteOutput::Server(ServerId(server), report.clone()));
        }
    }

    /// The inventory has changed.
    pub(super) fn inventory_changed(&mut self) {
        let (at, by) = (self.now.plus(HELLO_SETTLES), self.now.plus(self.config.card_max));
        self.uplink.hello.get_or_insert(HelloDue { at, by });
    }

    fn say_hello(&mut self) {
        let hello = Hello {
            incarnation: self.journal.incarnation,
            revision: self.uplink.revision,
            stamp: self.now,
            cards: self.slots.values().filter_map(|slot| slot.known().cloned()).collect(),
            modems: (0..)
                .zip(&self.config.modems)
                .map(|(number, modem)| ModemReport {
                    modem: ModemId { site: self.config.site, number },
                    imei: modem.imei,
                    kind: modem.kind,
                    pool: modem.pool,
                    address: modem.address.clone(),
                })
                .collect(),
        };
        self.report(SiteReport::Hello(hello));
    }

    pub(super) fn uplink_expires(&mut self) {
        if let Some(due) = self.uplink.hello.filter(|due| due.at <= self.now) {
            let asked = self.slots.values().any(|slot| matches!(slot.doing, Doing::Identifying(_)));
            if asked && self.now < due.by {
                let at = due.by.min(self.now.plus(HELLO_SETTLES));
                self.uplink.hello = Some(HelloDue { at, ..due });
            } else {
                self.uplink.hello = None;
                self.uplink.revision = self.uplink.revision.saturating_add(1);
                self.say_hello();
            }
        }
        if self.uplink.renew_at <= self.now {
            let every = self.config.renew_every.max(Duration::from_millis(1));
            self.uplink.renew_at = self.now.plus(every);
            self.renew();
        }
    }

    /// A lease that had run out is back: what is left of its time may be less than the time to the
    /// next renewal.
    pub(super) fn renew_soon(&mut self) {
        self.uplink.renew_at = self.uplink.renew_at.min(self.now.plus(RENEWAL_SETTLES));
    }

    /// Says that the site is alive, and everything again that may have been lost.
    fn renew(&mut self) {
        let held = self.modems.values().filter_map(|modem| modem.tenant.as_ref());
        let leases = held.map(|tenant| tenant.claim).collect();
        self.report(SiteReport::Renew {
            incarnation: self.journal.incarnation,
            revision: self.uplink.revision,
            stamp: self.now,
            leases,
        });
        let modems: Vec<u16> = self.modems.keys().copied().collect();
        for number in modems {
            self.say_tenant(number);
        }
        self.say_kept();
    }

    /// Says again what is not confirmed, all in turn: what the exchange has no room for does not
    /// hold up the rest.
    fn say_kept(&mut self) {
        let said = self.uplink.said;
        let all = self.journal.kept.iter().chain(&self.uplink.unkept);
        let mut due: Vec<(&ReportId, &Kept)> = all.collect();
        due.sort_by_key(|(id, _)| (**id <= said, **id));
        let turn = due.into_iter().take(KEEP_BATCH).map(|(id, kept)| (*id, kept.clone()));
        for (id, kept) in turn.collect::<Vec<_>>() {
            self.uplink.said = id;
            self.report(SiteReport::Keep(id, kept));
        }
    }

    /// Names a report, above all those of earlier lives.
    fn new_report(&mut self) -> ReportId {
        self.uplink.next = self.uplink.next.saturating_add(1);
        ReportId(u64::from(self.journal.incarnation) << 32 | u64::from(self.uplink.next))
    }

    /// Says something until it is confirmed, also after a crash.
    pub(super) fn keep(&mut self, kept: Kept) {
        if self.journal.kept.len() >= KEPT_MAX && matches!(kept, Kept::Call(_)) {
            self.counters.reports_dropped = self.counters.reports_dropped.saturating_add(1);
            if let Some((oldest, _)) = self.journal.kept.first_key_value() {
                self.record(SiteRecord::Confirmed(*oldest));
            }
        }
        let id = self.new_report();
        self.record(SiteRecord::Kept(id, kept.clone()));
        self.report(SiteReport::Keep(id, kept));
    }

    /// Says something until it is confirmed, in this life.
    pub(super) fn keep_here(&mut self, kept: Kept) -> ReportId {
        let id = self.new_report();
        self.uplink.unkept.insert(id, kept.clone());
        self.report(SiteReport::Keep(id, kept));
        id
    }

    fn confirmed(&mut self, report: ReportId) {
        if self.journal.kept.contains_key(&report) {
            self.record(SiteRecord::Confirmed(report));
        }
        if self.uplink.unkept.remove(&report).is_some() {
            self.text_confirmed(report);
        }
    }
}
