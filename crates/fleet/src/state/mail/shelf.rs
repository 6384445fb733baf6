use crate::MailId;
use crate::state::Handover;
use crate::wire::MailItem;
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Instant};

/// Mail in the order in which it came, and when it came by the clock of who leads now.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Shelf(BTreeMap<MailId, (Instant, MailItem)>);

impl Shelf {
    pub(super) fn put(&mut self, item: MailItem) {
        self.0.insert(item.id, (item.at, item));
    }

    /// Returns the first item behind that one.
    pub(crate) fn after(&self, id: MailId) -> Option<&MailItem> {
        self.0.range(MailId(id.0.checked_add(1)?)..).next().map(|(_, (_, item))| item)
    }

    pub(crate) fn handed_over(&mut self, by: Handover) {
        self.0.values_mut().for_each(|(at, _)| by.moves(at));
    }

    /// Forgets what is older than `keep`, and the oldest beyond `max`.
    pub(super) fn forget(&mut self, now: Instant, keep: Duration, max: usize) {
        while let Some(first) = self.0.first_entry() {
            if first.get().0.plus(keep) > now && self.0.len() <= max {
                return;
            }
            self.0.pop_first();
        }
    }
}
