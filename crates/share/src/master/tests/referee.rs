//! What must hold whatever happens, by rules that are simpler than the master.

use polysim_base::{Instant, Out};
use polysim_lease::Epoch;
use std::collections::{BTreeMap, BTreeSet};

use super::rig::{Output, timing};
use crate::master::{
    CardOrder, Ended, Holder, MasterEvent, MasterInput, MasterOutput, MasterRecord, OwnOrder,
    SlaveId,
};
use crate::wire::{ToMaster, ToSlave};

/// Looks at what a master hears, writes down and says.
#[derive(Clone, Debug, Default)]
pub(super) struct Referee {
    up: BTreeSet<SlaveId>,
    /// Since when the link to the holder has been down, or not been heard that it goes on.
    silent: Option<Instant>,
    lease: Option<(Holder, Epoch)>,
    newest: Epoch,
    /// Whether what is being handled may confirm that this one has left.
    confirms: Option<Holder>,
    paired: BTreeMap<SlaveId, bool>,
    card: Option<SlaveId>,
}

impl Referee {
    pub(super) fn hears(&mut self, now: Instant, input: &MasterInput) {
        self.confirms = None;
        match input {
            MasterInput::Start => {
                self.up.clear();
                self.card = None;
                self.silent = self.silent.or(Some(now));
            }
            MasterInput::Up(id) => {
                if self.paired.contains_key(id) && !self.up.insert(*id) && self.holds(*id) {
                    self.silent = self.silent.or(Some(now)); // the end of the old session was not told
                }
            }
            MasterInput::Down(id) => {
                self.up.remove(id);
                if self.holds(*id) {
                    self.silent = self.silent.or(Some(now));
                }
            }
            MasterInput::Message(
                id,
                ToMaster::Hello { holds: None, .. }
                | ToMaster::Released { .. }
                | ToMaster::Unable { .. },
            ) if self.up.contains(id) => self.confirms = Some(Holder::Slave(*id)),
            MasterInput::OwnLeft => self.confirms = Some(Holder::Own),
            MasterInput::Message(..)
            | MasterInput::Command(_)
            | MasterInput::OwnSequence(_)
            | MasterInput::Card(_) => {}
        }
    }

    pub(super) fn wakes(&mut self, _now: Instant) {
        self.confirms = None;
    }

    pub(super) fn sees(&mut self, now: Instant, output: &Output) {
        match output {
            Out::Record(record) => self.written(now, record),
            Out::Do(MasterOutput::Send(id, word)) => self.said(*id, word),
            Out::Do(MasterOutput::Own(OwnOrder::Attach(_))) => {
                assert_eq!(self.holder(), Some(Holder::Own), "attached without a lease");
            }
            Out::Do(MasterOutput::Own(OwnOrder::Leave)) => {
                assert_eq!(self.holder(), Some(Holder::Own), "left without a lease");
            }
            Out::Do(MasterOutput::Card(order)) => self.card(order),
            Out::Do(MasterOutput::Disconnect(id)) => {
                assert!(!self.paired.contains_key(id), "not forgotten yet");
                self.up.remove(id);
            }
            Out::Do(MasterOutput::Tell(event)) => self.told(event),
        }
    }

    fn written(&mut self, now: Instant, record: &MasterRecord) {
        match record {
            MasterRecord::Granted { holder, epoch } => {
                assert_eq!(self.lease, None, "a second lease");
                assert!(*epoch > self.newest, "epochs grow");
                if let Holder::Slave(id) = holder {
                    assert_eq!(self.paired.get(id), Some(&true), "granted to one not paired");
                    assert!(self.up.contains(id), "granted to one not connected");
                }
                (self.lease, self.newest, self.silent) = (Some((*holder, *epoch)), *epoch, None);
            }
            MasterRecord::Free { epoch, ended } => {
                let (holder, current) = self.lease.expect("nothing to be freed");
                assert_eq!(*epoch, current);
                match ended {
                    Ended::Confirmed => assert_eq!(self.confirms, Some(holder), "nobody said so"),
                    Ended::Guard => {
                        let guard = timing().margin.guard(timing().lease());
                        let silent = self.silent.expect("its link is up");
                        assert!(now >= silent.plus(guard), "too early");
                    }
                }
                self.lease = None;
            }
            MasterRecord::Paired { slave, .. } => {
                assert_eq!(self.paired.insert(*slave, true), None, "numbers are not used again");
            }
            MasterRecord::Unpaired(id) => {
                assert_eq!(self.paired.insert(*id, false), Some(true));
            }
            MasterRecord::Wiped(id) => {
                assert_eq!(self.paired.remove(id), Some(false));
                assert!(!self.holds(*id), "it may be on the network");
            }
            MasterRecord::Locked { slave, epoch } => {
                assert_eq!(self.lease, Some((Holder::Slave(*slave), *epoch)));
            }
            MasterRecord::Consented { .. }
            | MasterRecord::Sequence(_)
            | MasterRecord::Replaced { .. } => {}
        }
    }

    fn said(&mut self, id: SlaveId, word: &ToSlave) {
        assert!(self.up.contains(&id), "said to one that is not connected: {word:?}");
        match word {
            ToSlave::Take { epoch, .. }
            | ToSlave::Activate { epoch, .. }
            | ToSlave::Lend { epoch }
            | ToSlave::Card { epoch, .. } => {
                assert_eq!(self.lease, Some((Holder::Slave(id), *epoch)), "{word:?}");
            }
            ToSlave::Resume { epoch } => {
                assert_eq!(self.lease, Some((Holder::Slave(id), *epoch)));
                self.silent = None;
            }
            ToSlave::Noted { epoch } => {
                assert_ne!(self.lease, Some((Holder::Slave(id), *epoch)), "not written down");
            }
            ToSlave::Wipe => assert_eq!(self.paired.get(&id), Some(&false)),
            ToSlave::Busy { .. } | ToSlave::Read | ToSlave::Revoke { .. } => {}
        }
    }

    fn card(&mut self, order: &CardOrder) {
        match order {
            CardOrder::Open(id) => {
                assert_eq!(self.holder(), Some(Holder::Slave(*id)));
                assert_eq!(self.card.replace(*id), None, "opened twice");
            }
            CardOrder::Message(_) => {
                let id = self.card.expect("the card is closed");
                assert!(self.holds(id) && self.up.contains(&id));
            }
            CardOrder::Close => assert!(self.card.take().is_some(), "closed twice"),
        }
    }

    fn told(&self, event: &MasterEvent) {
        match event {
            MasterEvent::Granted { holder, epoch, .. } => {
                assert_eq!(self.lease, Some((*holder, *epoch)));
            }
            MasterEvent::Free { .. } => assert_eq!(self.lease, None),
            MasterEvent::Paired(id) => assert_eq!(self.paired.get(id), Some(&true)),
            MasterEvent::Unpaired(id) => assert_eq!(self.paired.get(id), Some(&false)),
            MasterEvent::Active(holder)
            | MasterEvent::Revoked(holder)
            | MasterEvent::InDoubt { holder, .. } => assert_eq!(self.holder(), Some(*holder)),
            MasterEvent::Resumed(id) => assert!(self.holds(*id)),
            MasterEvent::PairRefused { .. }
            | MasterEvent::Connected(_)
            | MasterEvent::Lost(_)
            | MasterEvent::Busy { .. }
            | MasterEvent::Asks(_)
            | MasterEvent::PickRefused { .. } => {}
        }
    }

    fn holder(&self) -> Option<Holder> {
        self.lease.map(|(holder, _)| holder)
    }

    fn holds(&self, id: SlaveId) -> bool {
        self.holder() == Some(Holder::Slave(id))
    }
}
