//! Telling what must be heard, until it is.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::ToString;

use polysim_base::{Duration, Iccid, Instant};
use polysim_rsp::{es2, es12};

use super::state::{Kind, Letter};
use super::{Change, OutboxId, Smdp, SmdpOutput};

/// After so long something is told again that was not taken, ...
const AGAIN: Duration = Duration::from_secs(10);
/// ... each time after twice as long, up to this.
const AGAIN_MAX: Duration = Duration::from_secs(600);
/// Most that may wait to be told. More is not taken in: whoever brings it comes again.
pub(super) const OUTBOX_MAX: usize = 1_000_000;

/// What is told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Item {
    Letter(OutboxId),
    Subscription(Iccid),
}

/// When what is told next. A crash forgets it, and all is told anew.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    due: BTreeSet<(Instant, Item)>,
    waits: BTreeMap<Item, (Instant, Duration)>,
}

impl Outbox {
    pub(super) fn tell(&mut self, letters: impl IntoIterator<Item = OutboxId>) {
        letters.into_iter().for_each(|id| self.arm(Item::Letter(id), Instant::ZERO, AGAIN));
    }

    pub(super) fn provision(&mut self, iccid: Iccid) {
        self.arm(Item::Subscription(iccid), Instant::ZERO, AGAIN);
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    fn arm(&mut self, item: Item, at: Instant, wait: Duration) {
        self.forget(item);
        self.due.insert((at, item));
        self.waits.insert(item, (at, wait));
    }

    fn forget(&mut self, item: Item) {
        if let Some((at, _)) = self.waits.remove(&item) {
            self.due.remove(&(at, item));
        }
    }

    /// Takes what is due, to be told again later.
    fn pop(&mut self, now: Instant) -> Option<Item> {
        let (at, item) = self.due.first().copied().filter(|(at, _)| *at <= now)?;
        let wait = self.waits.get(&item).map_or(AGAIN, |(_, wait)| *wait);
        let longer = Duration::from_micros(wait.as_micros().saturating_mul(2)).min(AGAIN_MAX);
        self.arm(item, now.max(at).plus(wait), longer);
        Some(item)
    }
}

impl Smdp {
    pub(super) fn tell_due(&mut self, now: Instant) {
        while let Some(item) = self.outbox.pop(now) {
            let output = match item {
                Item::Letter(id) => self.letter(id),
                Item::Subscription(iccid) => self.subscription(iccid),
            };
            match output {
                Some(output) => self.say(output),
                None => self.outbox.forget(item),
            }
        }
    }

    fn letter(&self, id: OutboxId) -> Option<SmdpOutput> {
        let letter = self.state.outbox.get(&id)?;
        let call = es2::Call { requester: self.requester(), id: format!("{}", id.0) };
        let (smds, function) = match &letter.kind {
            Kind::Register { smds, event_id, .. } => {
                let register = es12::Function::RegisterEvent {
                    eid: letter.eid?,
                    rsp_server_address: self.door.address.clone(),
                    event_id: event_id.clone(),
                    forwarding: false,
                };
                (smds, register)
            }
            Kind::Delete { smds, event_id } => {
                let delete =
                    es12::Function::DeleteEvent { eid: letter.eid?, event_id: event_id.clone() };
                (smds, delete)
            }
            Kind::Downloaded
            | Kind::CodeRefused
            | Kind::Terminated(_)
            | Kind::Reported { .. }
            | Kind::Managed(_)
            | Kind::EventRefused => return self.progress(id, call, letter),
        };
        let request = es12::Request { call, function };
        Some(SmdpOutput::Es12 { id, smds: smds.clone(), request })
    }

    fn progress(&self, id: OutboxId, call: es2::Call, letter: &Letter) -> Option<SmdpOutput> {
        let profile = self.state.profiles.get(&letter.iccid)?;
        let profile_type = &*profile.profile_type;
        let (point, result) = letter.kind.progress()?;
        let progress = Box::new(es2::Progress {
            call,
            eid: letter.eid,
            iccid: letter.iccid,
            profile_type: profile_type.to_string(),
            timestamp: self.door.unix(letter.at),
            point,
            result,
            result_data: letter.kind.result_data(),
        });
        let operator = self.inventory.operator(profile_type)?.to_string();
        Some(SmdpOutput::Progress { id, operator, progress })
    }

    /// Names this server in its calls: by its OID.
    fn requester(&self) -> alloc::string::String {
        let oid = self.binding.certificate.registered_ids().first();
        oid.map(ToString::to_string).unwrap_or_default()
    }

    fn subscription(&self, iccid: Iccid) -> Option<SmdpOutput> {
        if !self.state.unprovisioned.contains(&iccid) {
            return None;
        }
        let profile = self.state.profiles.get(&iccid)?;
        let subscription = profile.personal.subscription.as_ref()?;
        Some(SmdpOutput::Provision {
            operator: self.inventory.operator(&profile.profile_type)?.to_string(),
            iccid,
            imsi: subscription.imsi,
            keys: subscription.milenage(),
            eid: profile.eid(),
        })
    }

    pub(super) fn taken(
        &mut self,
        now: Instant,
        id: OutboxId,
        refused: Option<(alloc::string::String, alloc::string::String)>,
    ) {
        if self.state.outbox.contains_key(&id) {
            self.record(now, Change::Taken { id, refused });
        }
        self.outbox.forget(Item::Letter(id));
    }

    pub(super) fn event_answered(&mut self, now: Instant, id: OutboxId, answer: es12::Answer) {
        let refused = match answer {
            es12::Answer::Done => None,
            es12::Answer::Refused(status) => {
                Some((status.subject.to_string(), status.reason.to_string()))
            }
        };
        self.taken(now, id, refused);
    }

    pub(super) fn provisioned(&mut self, now: Instant, iccid: Iccid) {
        if self.state.unprovisioned.contains(&iccid) {
            self.record(now, Change::Provisioned { iccid });
        }
        self.outbox.forget(Item::Subscription(iccid));
        for to in self.waiting.remove(&iccid).unwrap_or_default() {
            self.confirmed(to, iccid);
        }
    }
}
