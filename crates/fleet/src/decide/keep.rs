//! What must not be lost: recorded once, confirmed as often as it is said.

use super::Context;
use crate::state::SimIx;
use crate::wire::{Cause, Change, Kept, LeaseClaim, Misreport, Output, ReportId, SiteOrder};
use crate::{MailId, Permissions, SiteId, UserId};
use alloc::boxed::Box;
use alloc::collections::BTreeSet;

/// The longest PDU: a service centre's address and a TPDU are shorter (TS 23.040, 9.2.3).
const PDU_LEN_MAX: usize = 256;
/// The longest number or name of another side.
const PEER_LEN_MAX: usize = 64;
/// The most parts of a text (TS 23.040, 9.2.3.24.1).
const PARTS_MAX: usize = 255;

impl Context<'_> {
    pub(super) fn keep(&mut self, site: SiteId, id: ReportId, kept: Kept) {
        let claim = kept.claim();
        let Some(ix) = self.held_by(site, claim) else {
            return self.misreport(site, Misreport::NotItsLease(claim.iccid));
        };
        if !fits(&kept) {
            return self.misreport(site, Misreport::TooMuch(1));
        }
        let known = self.state.boxes.get(&ix).is_some_and(|it| it.has(&kept));
        if !known {
            if matches!(kept, Kept::Text(_)) && self.full(ix) {
                return; // the modem keeps it, and says it again
            }
            let before = self.state.last_mail;
            self.record(Cause::Site(site), Change::Kept(Box::new(kept)));
            self.hint(ix, before);
        }
        self.tell_site(site, SiteOrder::Confirmed(id));
    }

    /// Returns the SIM of a lease that the site has or had: what comes out of a modem may be of
    /// the SIM that it had before.
    fn held_by(&self, site: SiteId, claim: LeaseClaim) -> Option<SimIx> {
        let ix = self.state.find(claim.iccid)?;
        let sim = self.state.sim(ix)?;
        (claim.epoch <= sim.lease.epoch() && sim.served_at.contains(&site)).then_some(ix)
    }

    fn full(&self, ix: SimIx) -> bool {
        let (keep, max) = (self.config.mail_keep, self.config.mail_max);
        self.state.boxes.get(&ix).is_some_and(|it| it.seen_texts.full(self.now, keep, max))
    }

    pub(super) fn parts_due(&mut self, ix: SimIx) {
        let Some(iccid) = self.state.sim(ix).map(|sim| sim.iccid) else { return };
        let before = self.state.last_mail;
        self.record(Cause::Time, Change::Incomplete(iccid));
        self.hint(ix, before);
    }

    /// Tells users that something has come which they may see.
    fn hint(&mut self, ix: SimIx, before: MailId) {
        let last = self.state.last_mail;
        if last == before {
            return;
        }
        for user in self.concerned_by(ix, before) {
            self.say(Output::Mail(user, last));
        }
    }

    fn concerned_by(&self, ix: SimIx, before: MailId) -> BTreeSet<UserId> {
        let mut users = BTreeSet::new();
        let Some((sim, its)) = self.state.sim(ix).zip(self.state.boxes.get(&ix)) else {
            return users;
        };
        let shelves = [(&its.texts, Permissions::TEXT_READ), (&its.missed, Permissions::CALL)];
        for (shelf, wanted) in shelves {
            if shelf.after(before).is_some() {
                let may = sim.permits.all().iter().filter(|(_, set)| set.allow(wanted));
                users.extend(may.map(|(user, _)| *user));
            }
        }
        users.extend(its.senders().filter(|user| {
            self.state.users.get(user).is_some_and(|it| it.states.after(before).is_some())
        }));
        users
    }
}

fn fits(kept: &Kept) -> bool {
    match kept {
        Kept::Text(text) => text.pdu.len() <= PDU_LEN_MAX,
        Kept::Report(report) => report.pdu.len() <= PDU_LEN_MAX,
        Kept::Outcome(outcome) => {
            outcome.parts.len() <= PARTS_MAX && outcome.to.len() <= PEER_LEN_MAX
        }
        Kept::Call(call) => call.peer.as_ref().is_none_or(|peer| peer.len() <= PEER_LEN_MAX),
    }
}
