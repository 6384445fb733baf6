//! What is known after a restart.

use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_lease::{Epoch, Grantor, LeaseState};

use super::{Ended, Master, MasterRecord, SlaveId};

impl Master {
    /// Replays one record.
    pub(super) fn replay(&mut self, record: MasterRecord) {
        match record {
            MasterRecord::Paired { slave, key, name } => self.add(slave, key, name),
            MasterRecord::Unpaired(id) => {
                if let Some(slave) = self.slave_mut(id) {
                    slave.paired = false;
                }
            }
            MasterRecord::Wiped(id) => {
                self.number_used(id);
                self.slaves.retain(|slave| slave.id != id);
            }
            MasterRecord::Consented { .. } => {}
            MasterRecord::Granted { holder, epoch } => {
                self.lease = Grantor::restored(epoch, Some(holder));
                self.outdated = false;
            }
            MasterRecord::Locked { slave, epoch } => {
                if let Some(slave) = self.slave_mut(slave) {
                    slave.locked = epoch;
                }
            }
            MasterRecord::Free { epoch, .. } => {
                self.lease = Grantor::restored(epoch, None);
                self.outdated = false;
            }
            MasterRecord::Sequence(sequence) => self.sequence = sequence,
            MasterRecord::Replaced { set, since } => self.replaced_by(set, since),
        }
    }

    /// Returns the records that stand for all that it has written: restored from them, it is what it
    /// would be restored from the whole journal. As an audit log they are no substitute: they say where
    /// things are, not how they came there.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<MasterRecord> {
        let mut records = self.group();
        let replaced = MasterRecord::Replaced { set: self.config.set.clone(), since: self.since };
        if self.replaced {
            records.push(replaced.clone());
        }
        let epoch = self.epoch();
        match self.lease.state() {
            LeaseState::Free if epoch == Epoch::NONE => {}
            LeaseState::Free => {
                records.push(MasterRecord::Free { epoch, ended: Ended::Confirmed });
            }
            LeaseState::Held { holder, .. }
            | LeaseState::Revoking { holder, .. }
            | LeaseState::InDoubt { holder, .. } => {
                records.push(MasterRecord::Granted { holder, epoch });
                if self.outdated {
                    records.push(replaced);
                }
            }
        }
        if self.sequence != SqnArray::default() {
            records.push(MasterRecord::Sequence(self.sequence.clone()));
        }
        records
    }

    /// Returns the records of the slaves. That the last number was used is said by the record that ends
    /// the use of a number.
    fn group(&self) -> Vec<MasterRecord> {
        let mut records = Vec::new();
        if let Some(last) = self.next.checked_sub(1).map(SlaveId)
            && self.slave(last).is_none()
        {
            records.push(MasterRecord::Wiped(last));
        }
        for slave in &self.slaves {
            let (id, key, name) = (slave.id, slave.key, slave.name.clone());
            records.push(MasterRecord::Paired { slave: id, key, name });
            if slave.locked != Epoch::NONE {
                records.push(MasterRecord::Locked { slave: id, epoch: slave.locked });
            }
            if !slave.paired {
                records.push(MasterRecord::Unpaired(id));
            }
        }
        records
    }
}
