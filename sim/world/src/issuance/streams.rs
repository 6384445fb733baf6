//! Connections of cards to platforms.

use polysim_issuance::wire::StreamId;
use polysim_radio::StreamRef;
use std::collections::BTreeMap;

/// The connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    by_name: BTreeMap<StreamRef, (usize, StreamId)>,
    by_id: BTreeMap<StreamId, StreamRef>,
    last: u64,
}

impl Streams {
    /// A card has opened one to a platform.
    pub(crate) fn open(&mut self, name: StreamRef, platform: usize) -> StreamId {
        self.last += 1;
        let id = StreamId(self.last);
        self.by_name.insert(name, (platform, id));
        self.by_id.insert(id, name);
        id
    }

    /// Returns the platform and its number of a connection.
    pub(crate) fn named(&self, name: &StreamRef) -> Option<(usize, StreamId)> {
        self.by_name.get(name).copied()
    }

    /// Returns what networks call a connection.
    pub(crate) fn name(&self, id: StreamId) -> Option<StreamRef> {
        self.by_id.get(&id).copied()
    }

    /// One has ended.
    pub(crate) fn close(&mut self, name: &StreamRef) -> Option<(usize, StreamId)> {
        let closed = self.by_name.remove(name)?;
        self.by_id.remove(&closed.1);
        Some(closed)
    }

    /// All of a platform end.
    pub(crate) fn close_all(&mut self, platform: usize) -> Vec<StreamRef> {
        let own = self.by_name.iter().filter(|(_, (to, _))| *to == platform);
        let names: Vec<_> = own.map(|(name, _)| *name).collect();
        names.iter().for_each(|name| {
            self.close(name);
        });
        names
    }
}
