//! A simulated disk for records, with the semantics of a log file and fsync.

use polysim_base::Stream;

/// Records that were appended; only those before the last [`sync`](Disk::sync) survive for sure.
#[derive(Clone, Debug)]
pub struct Disk<R> {
    durable: Vec<R>,
    pending: Vec<R>,
    write_error_ppm: u32,
    stream: Stream,
}

/// Why a write or a sync failed. The machine that wrote counts as crashed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DiskError {
    /// An injected input or output error.
    #[error("the simulated disk failed to write")]
    Failed,
}

impl<R> Disk<R> {
    /// Returns an empty disk.
    #[must_use]
    pub const fn new(stream: Stream) -> Self {
        Self { durable: Vec::new(), pending: Vec::new(), write_error_ppm: 0, stream }
    }

    /// Sets how often a sync fails, in millionths.
    pub const fn fail_syncs(&mut self, ppm: u32) {
        self.write_error_ppm = ppm;
    }

    /// Appends a record, which is not yet durable.
    pub fn append(&mut self, record: R) {
        self.pending.push(record);
    }

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// [`DiskError::Failed`], as often as [`fail_syncs`](Self::fail_syncs) says. Some of the
    /// pending records may be durable all the same: crash the writer.
    pub fn sync(&mut self) -> Result<(), DiskError> {
        if self.stream.chance(self.write_error_ppm) {
            self.crash();
            return Err(DiskError::Failed);
        }
        self.durable.append(&mut self.pending);
        Ok(())
    }

    /// Loses power: of the pending records a prefix of any length survives. A record torn in the
    /// middle fails its checksum and counts as lost.
    pub fn crash(&mut self) {
        let kept = self.stream.below(self.pending.len() as u64 + 1);
        let kept = usize::try_from(kept).unwrap_or(0);
        self.durable.extend(self.pending.drain(..).take(kept));
    }

    /// Replaces all records by those that stand for them, in one step: a power cut leaves the old ones
    /// or the new ones, from which a machine restores the same. Nothing may be pending.
    pub fn replace(&mut self, records: Vec<R>) {
        debug_assert!(self.pending.is_empty(), "what is pending has to be durable first");
        self.durable = records;
    }

    /// Returns the durable records, oldest first.
    #[must_use]
    pub fn records(&self) -> &[R] {
        &self.durable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::Purpose;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_synced_survives_and_the_rest_is_a_prefix(seed: u64, synced in 0_u32..20, pending in 0_u32..20) {
            let mut disk = Disk::new(Stream::derive(seed, 0, Purpose::Fault, 0));
            (0..synced).for_each(|n| disk.append(n));
            disk.sync().unwrap();
            (synced..synced + pending).for_each(|n| disk.append(n));
            disk.crash();
            let kept = u32::try_from(disk.records().len()).unwrap();
            prop_assert!((synced..=synced + pending).contains(&kept));
            prop_assert_eq!(disk.records(), &(0..kept).collect::<Vec<_>>()[..]);
        }
    }

    #[test]
    fn what_replaces_records_is_followed_by_what_is_appended() {
        let mut disk = Disk::new(Stream::derive(1, 0, Purpose::Fault, 0));
        (1..=9).for_each(|n| disk.append(n));
        disk.sync().unwrap();
        disk.replace(vec![45]);
        disk.append(10);
        disk.sync().unwrap();
        assert_eq!(disk.records(), [45, 10]);
    }

    #[test]
    fn a_failing_sync_says_so() {
        let mut disk = Disk::new(Stream::derive(1, 0, Purpose::Fault, 0));
        disk.fail_syncs(1_000_000);
        disk.append(1);
        assert_eq!(disk.sync(), Err(DiskError::Failed));
    }
}
