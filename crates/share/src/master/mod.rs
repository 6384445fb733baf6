//! The master: it has the subscription, and says who may use it.
//!
//! What is said follows from the state: [`Machine::handle`] changes the state and pushes records and
//! events, then whoever waits is served, and at the end each slave is told what it owes an answer to.
//! So nothing is said before its record, and what is not answered is simply said again.

mod command;
mod grant;
mod hear;
mod link;
mod member;
mod message;
mod pairing;
mod restore;
mod say;
#[cfg(test)]
mod tests;

pub use message::{
    CardOrder, Consent, Ended, Holder, How, MasterCommand, MasterConfig, MasterEvent, MasterInput,
    MasterOutput, MasterRecord, MasterTimer, Mode, OwnOrder, PairRefusal, PickRefusal, SlaveId,
    Way,
};

use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::{Instant, Machine, Out, Queue};
use polysim_lease::{Epoch, Grantor, LeaseState, Moved};

use crate::{DeviceName, PeerKey};
use member::Member;

/// Slaves of a group, at most; those that have yet to erase what they had are counted.
pub const SLAVES_MAX: usize = 32;

/// The master of a group.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Master {
    config: MasterConfig,
    /// By their numbers.
    slaves: Vec<Member>,
    /// The number of the next slave.
    next: u16,
    lease: Grantor<Holder>,
    stage: Stage,
    /// The set was replaced since the lease was granted.
    outdated: bool,
    /// Connected slaves that want the subscription, the first come first.
    queue: Vec<SlaveId>,
    picked: Option<Holder>,
    /// The user has taken the subscription from its holder for good: it does not queue anew when it lets
    /// go.
    resting: bool,
    /// The server has the card open for the holder.
    card_open: bool,
    /// The configured set was replaced.
    replaced: bool,
    sequence: SqnArray,
    /// Sequence numbers of leases up to this one are of other keys.
    since: Epoch,
    out: Queue<Out<MasterRecord, MasterOutput>>,
}

/// How far serving somebody has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Stage {
    /// Nobody is being served: the subscription is held and used, or nobody wants it.
    Quiet,
    /// It is free, and the user is asked whether this one may have it.
    Asking(SlaveId),
    /// It is free, and this one is asked what it has stored.
    Reading(SlaveId),
    /// It is leased to a slave, which has been told in this session and has not said that it is active.
    Offering(How),
}

impl Master {
    /// Returns the master of a group without slaves.
    #[must_use]
    pub fn new(config: MasterConfig) -> Self {
        Self {
            config,
            slaves: Vec::new(),
            next: 0,
            lease: Grantor::new(),
            stage: Stage::Quiet,
            outdated: false,
            queue: Vec::new(),
            picked: None,
            resting: false,
            card_open: false,
            replaced: false,
            sequence: SqnArray::default(),
            since: Epoch::NONE,
            out: Queue::new(),
        }
    }

    /// Returns how it is set up, with the set that is shared now.
    #[must_use]
    pub const fn config(&self) -> &MasterConfig {
        &self.config
    }

    /// Returns who is active or may be.
    #[must_use]
    pub const fn holder(&self) -> Option<Holder> {
        self.lease.holder()
    }

    /// Returns the number of the newest lease.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.lease.epoch()
    }

    /// Returns the sequence numbers that were accepted, as far as the master knows.
    #[must_use]
    pub const fn sequence(&self) -> &SqnArray {
        &self.sequence
    }

    /// Returns the slaves whose links may be up: the paired ones, and those that were unpaired and have
    /// yet to erase what they had.
    pub fn slaves(&self) -> impl Iterator<Item = (SlaveId, PeerKey, &DeviceName)> {
        self.slaves.iter().map(|slave| (slave.id, slave.key, &slave.name))
    }

    /// Returns whether a slave is paired.
    #[must_use]
    pub fn is_paired(&self, id: SlaveId) -> bool {
        self.slave(id).is_some_and(|slave| slave.paired)
    }

    /// Returns the slave that has a key.
    #[must_use]
    pub fn slave_with(&self, key: &PeerKey) -> Option<SlaveId> {
        self.slaves().find(|(_, own, _)| own == key).map(|(id, _, _)| id)
    }

    fn slave(&self, id: SlaveId) -> Option<&Member> {
        self.slaves.iter().find(|slave| slave.id == id)
    }

    fn slave_mut(&mut self, id: SlaveId) -> Option<&mut Member> {
        self.slaves.iter_mut().find(|slave| slave.id == id)
    }

    fn holds(&self, id: SlaveId) -> bool {
        self.holder() == Some(Holder::Slave(id))
    }

    const fn is_free(&self) -> bool {
        matches!(self.lease.state(), LeaseState::Free)
    }

    fn record(&mut self, record: MasterRecord) {
        self.out.push(Out::Record(record));
    }

    fn give(&mut self, output: MasterOutput) {
        self.out.push(Out::Do(output));
    }

    fn tell(&mut self, event: MasterEvent) {
        self.give(MasterOutput::Tell(event));
    }

    /// Serves the deadlines of the lease.
    fn pass(&mut self, now: Instant) {
        loop {
            let Some(holder) = self.lease.holder() else { return };
            match self.lease.pass(now) {
                Some(Moved::InDoubt) => {
                    let guard = self.held_for(now).unwrap_or_default();
                    self.tell(MasterEvent::InDoubt { holder, guard });
                }
                Some(Moved::Freed) => self.freed(holder, Ended::Guard),
                Some(Moved::GraceOver) => {}
                None => return,
            }
        }
    }

    /// It runs, and all links are down. The own modem has lost its card with the software before: it
    /// leaves the network, and is served again after that.
    fn start(&mut self, now: Instant) {
        for slave in &mut self.slaves {
            slave.link = None;
        }
        (self.stage, self.card_open) = (Stage::Quiet, false);
        self.queue = Vec::new();
        match self.holder() {
            Some(Holder::Own) => {
                self.picked = Some(Holder::Own);
                if !self.revoke() {
                    self.give(MasterOutput::Own(OwnOrder::Leave));
                }
            }
            Some(Holder::Slave(_)) => {
                self.lose(now);
                if self.must_leave() {
                    self.revoke();
                }
            }
            None => {}
        }
    }
}

impl Machine for Master {
    type Input = MasterInput;
    type Output = MasterOutput;
    type Record = MasterRecord;
    type Timer = MasterTimer;

    fn handle(&mut self, now: Instant, input: MasterInput) {
        self.pass(now);
        match input {
            MasterInput::Start => self.start(now),
            MasterInput::Up(id) => self.up(now, id),
            MasterInput::Down(id) => self.down(now, id),
            MasterInput::Message(id, message) => self.hear(now, id, message),
            MasterInput::Command(command) => self.command(command),
            MasterInput::OwnLeft => self.own_left(),
            MasterInput::OwnSequence(sequence) => self.own_accepted(&sequence),
            MasterInput::Card(message) => self.card_says(message),
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.pass(now);
        self.repeat(now);
        self.settle(now);
    }

    fn poll_output(&mut self) -> Option<Out<MasterRecord, MasterOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, MasterTimer)> {
        let lease = self.lease.deadline().map(|(at, _)| (at, MasterTimer::Lease));
        let lease = lease.filter(|(at, _)| *at < Instant::MAX);
        let retries = self.slaves.iter().filter_map(Member::retry_at);
        retries.map(|at| (at, MasterTimer::Retry)).chain(lease).min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: MasterRecord) {
        self.replay(record);
    }
}
