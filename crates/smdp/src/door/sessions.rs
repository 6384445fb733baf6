//! Sessions that are open, none of them for ever.

use alloc::collections::{BTreeMap, BTreeSet};

use polysim_base::{Duration, Instant};

/// Most sessions at a time. One more ends the one that was not heard of for longest: whoever opens
/// many without going on ends his own.
const SESSIONS_MAX: usize = 100_000;

/// A transaction identifier as this server makes them.
pub(crate) type TransactionKey = [u8; 16];

/// Sessions by their transaction identifiers.
#[derive(Debug)]
pub(crate) struct Sessions<S> {
    lifetime: Duration,
    open: BTreeMap<TransactionKey, (Instant, S)>,
    due: BTreeSet<(Instant, TransactionKey)>,
}

impl<S> Sessions<S> {
    pub(crate) const fn new(lifetime: Duration) -> Self {
        Self { lifetime, open: BTreeMap::new(), due: BTreeSet::new() }
    }

    pub(crate) fn has(&self, id: &TransactionKey) -> bool {
        self.open.contains_key(id)
    }

    pub(crate) fn open(&mut self, now: Instant, id: TransactionKey, session: S) {
        if self.open.len() >= SESSIONS_MAX
            && let Some((_, oldest)) = self.due.pop_first()
        {
            self.open.remove(&oldest);
        }
        let due = now.plus(self.lifetime);
        if let Some((old, _)) = self.open.insert(id, (due, session)) {
            self.due.remove(&(old, id));
        }
        self.due.insert((due, id));
    }

    /// Returns a session that goes on.
    pub(crate) fn touch(&mut self, now: Instant, id: &TransactionKey) -> Option<&mut S> {
        let (due, session) = self.open.get_mut(id)?;
        self.due.remove(&(*due, *id));
        *due = now.plus(self.lifetime);
        self.due.insert((*due, *id));
        Some(session)
    }

    pub(crate) fn get(&self, id: &TransactionKey) -> Option<&S> {
        self.open.get(id).map(|(_, session)| session)
    }

    pub(crate) fn close(&mut self, id: &TransactionKey) -> Option<S> {
        let (due, session) = self.open.remove(id)?;
        self.due.remove(&(due, *id));
        Some(session)
    }

    /// Ends sessions that were not heard of for too long.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((due, id)) = self.due.first().copied()
            && due <= now
        {
            self.due.remove(&(due, id));
            self.open.remove(&id);
        }
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }
}
