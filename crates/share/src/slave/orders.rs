//! What the master and the user say.

use polysim_aka::SqnArray;
use polysim_base::Instant;
use polysim_lease::Epoch;

use super::activity::Activity;
use super::session::{Hello, Session};
use super::{Slave, SlaveCommand, SlaveEvent, SlaveRecord, Why};
use crate::wire::{HeldBy, ToMaster, ToSlave};
use crate::{LockKey, VirtualSim};

impl Slave {
    pub(super) fn hear(&mut self, now: Instant, message: ToSlave) {
        match (&self.session, message) {
            (Session::Down, _) => {}
            (_, ToSlave::Wipe) => self.wipe(now),
            (Session::Unpaired, _) => {}
            (Session::Up(_), ToSlave::Busy { holder, .. }) => self.busy(now, holder),
            (Session::Up(_), ToSlave::Read) => {
                if self.activity == Activity::Idle {
                    self.answered();
                }
                self.send(ToMaster::Have { digest: self.stored() });
            }
            (Session::Up(_), ToSlave::Take { epoch, set, lock, sequence }) => {
                if self.may_activate(now, epoch) {
                    self.take(epoch, &set, &lock, sequence);
                }
            }
            (Session::Up(_), ToSlave::Activate { epoch, lock, sequence }) => {
                if self.may_activate(now, epoch) {
                    self.unlock(epoch, &lock, sequence);
                }
            }
            (Session::Up(_), ToSlave::Lend { epoch }) => {
                if self.may_activate(now, epoch) {
                    self.attach_remote(epoch);
                }
            }
            (Session::Up(_), ToSlave::Resume { epoch }) => self.resume(epoch),
            (Session::Up(_), ToSlave::Revoke { epoch }) => self.revoke(now, epoch),
            (Session::Up(_), ToSlave::Noted { epoch }) => self.noted(epoch),
            (Session::Up(_), ToSlave::Card { epoch, message }) => self.server_says(epoch, message),
        }
    }

    pub(super) fn command(&mut self, now: Instant, command: SlaveCommand) {
        match command {
            SlaveCommand::Want => {
                self.ask(true);
                self.greet(now, Hello::Due);
            }
            SlaveCommand::Release => self.decline(now),
            SlaveCommand::Forget => {
                self.erase();
                self.decline(now);
            }
        }
    }

    fn ask(&mut self, wants: bool) {
        if self.asked != Some(wants) {
            self.record(SlaveRecord::Wants(wants));
        }
    }

    fn decline(&mut self, now: Instant) {
        self.ask(false);
        self.leave(now, Why::User);
        self.greet(now, Hello::Declines);
    }

    fn erase(&mut self) {
        if self.stored.is_some() {
            self.record(SlaveRecord::Wiped);
            self.tell(SlaveEvent::Wiped);
        }
    }

    /// Somebody else has it.
    fn busy(&mut self, now: Instant, holder: HeldBy) {
        match self.activity {
            // The master has heard, in this session, under which lease this one is on the network.
            Activity::Active { until: Some(_), .. } => {
                self.leave(now, Why::Revoked);
                self.tell(SlaveEvent::Busy(holder));
            }
            // It was said before the lease was granted.
            Activity::Active { until: None, .. } | Activity::Leaving { .. } => {}
            Activity::Idle => {
                if self.wants() {
                    self.answered();
                    self.tell(SlaveEvent::Busy(holder));
                }
            }
        }
    }

    /// Tells whether a lease may be activated that the master names; if not, says what is to be said.
    fn may_activate(&mut self, now: Instant, epoch: Epoch) -> bool {
        match self.activity {
            Activity::Active { lease, .. } if lease == epoch => {
                self.resume(epoch);
                self.send(ToMaster::Active { epoch });
                false
            }
            // The older one is over, and is left first; the master says this again.
            Activity::Active { lease, .. } if lease < epoch => {
                self.leave(now, Why::Revoked);
                false
            }
            Activity::Active { .. } | Activity::Leaving { .. } => false,
            // It is late, or the master does not know that this one has left.
            Activity::Idle if epoch <= self.newest => {
                let released = self.released(epoch);
                self.send(released);
                false
            }
            Activity::Idle if self.declines() => {
                self.close(epoch);
                self.release(now, epoch);
                false
            }
            Activity::Idle => {
                self.granted();
                true
            }
        }
    }

    /// The set is copied and not moved: what is left of a move is not wiped, what is dropped is.
    fn take(&mut self, epoch: Epoch, set: &VirtualSim, lock: &LockKey, mut sequence: SqnArray) {
        let digest = set.digest();
        if self.stored() == Some(digest) {
            sequence.merge(&self.sequence);
        }
        let sealed = set.seal(&self.config.storage, lock);
        self.record(SlaveRecord::Stored { digest, sealed });
        self.tell(SlaveEvent::Stored);
        self.attach(epoch, set.clone(), sequence);
    }

    fn unlock(&mut self, epoch: Epoch, lock: &LockKey, mut sequence: SqnArray) {
        let storage = &self.config.storage;
        let opened = self.stored.as_ref().map(|it| VirtualSim::open(&it.sealed, storage, lock));
        match opened {
            Some(Ok(set)) => {
                sequence.merge(&self.sequence);
                self.attach(epoch, set, sequence);
            }
            Some(Err(_)) | None => self.send(ToMaster::Unable { epoch }),
        }
    }

    fn revoke(&mut self, now: Instant, epoch: Epoch) {
        match self.activity {
            Activity::Active { lease, .. } if lease <= epoch => self.leave(now, Why::Revoked),
            Activity::Active { .. } | Activity::Leaving { .. } => {}
            Activity::Idle => {
                if epoch > self.newest {
                    self.close(epoch);
                }
                let released = self.released(epoch);
                self.send(released);
            }
        }
    }

    /// Refuses a lease that was not activated, for good. What was accepted before was so under an older
    /// one; the master has heard of it before it granted this one.
    fn close(&mut self, epoch: Epoch) {
        self.record_sequence(SqnArray::default());
        self.record(SlaveRecord::Activated(epoch));
    }

    fn wipe(&mut self, now: Instant) {
        self.session = Session::Unpaired;
        self.erase();
        match self.activity {
            Activity::Active { .. } => self.leave(now, Why::Revoked),
            Activity::Leaving { .. } => {}
            Activity::Idle => self.forget_master(None),
        }
    }

    /// Forgets what it knows of its master's leases, and says that nothing is left.
    pub(super) fn forget_master(&mut self, lease: Option<Epoch>) {
        if let Some(epoch) = lease {
            let released = self.released(epoch);
            self.send(released);
        }
        self.record_sequence(SqnArray::default());
        if self.newest != Epoch::NONE {
            self.record(SlaveRecord::Activated(Epoch::NONE));
        }
        self.send(ToMaster::Wiped);
    }
}
