//! A slave: it is on the network with the subscription of its master, or not.
//!
//! It goes to the network under a lease that is newer than all that it knows, and only in a session of its
//! link. It leaves by the word of its master or user, or when the link is down for too long; then the lease
//! is over for good, and what may still come of it is refused. What has left for the modem is not kept: the
//! stored set is sealed at all times, and the key that opens it is used once and forgotten.

mod activity;
mod message;
mod orders;
mod session;
#[cfg(test)]
mod tests;

pub use message::{
    Left, ModemOrder, SlaveCommand, SlaveConfig, SlaveEvent, SlaveInput, SlaveOutput, SlaveRecord,
    SlaveTimer, SoftCard, Why,
};

use alloc::boxed::Box;
use alloc::vec::Vec;

use activity::Activity;
use polysim_aka::SqnArray;
use polysim_base::{Instant, Machine, Out, Queue};
use polysim_lease::Epoch;
use session::Session;

use crate::SetDigest;

/// A slave of a group.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Slave {
    config: SlaveConfig,
    /// The newest lease known.
    newest: Epoch,
    stored: Option<Box<Stored>>,
    /// Accepted under the newest lease.
    sequence: SqnArray,
    /// What the user has said last.
    asked: Option<bool>,
    activity: Activity,
    session: Session,
    out: Queue<Out<SlaveRecord, SlaveOutput>>,
}

/// The set as it is stored.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Stored {
    digest: SetDigest,
    sealed: Vec<u8>,
}

impl Slave {
    /// Returns a slave that has nothing.
    #[must_use]
    pub fn new(config: SlaveConfig) -> Self {
        Self {
            config,
            newest: Epoch::NONE,
            stored: None,
            sequence: SqnArray::default(),
            asked: None,
            activity: Activity::Idle,
            session: Session::Down,
            out: Queue::new(),
        }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &SlaveConfig {
        &self.config
    }

    /// Returns the lease under which it is on the network, or may be.
    #[must_use]
    pub const fn active(&self) -> Option<Epoch> {
        self.activity.lease()
    }

    /// Returns the digest of the set that is stored here.
    #[must_use]
    pub fn stored(&self) -> Option<SetDigest> {
        self.stored.as_ref().map(|stored| stored.digest)
    }

    /// Returns whether it wants the subscription: as its user has said, or as it was set up.
    #[must_use]
    pub fn wants(&self) -> bool {
        self.asked.unwrap_or(self.config.wants)
    }

    /// Returns the records that stand for all that it has written.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<SlaveRecord> {
        let mut records = Vec::new();
        if let Some(stored) = &self.stored {
            let Stored { digest, sealed } = &**stored;
            records.push(SlaveRecord::Stored { digest: *digest, sealed: sealed.clone() });
        }
        if let Some(sequence) = self.known_sequence() {
            records.push(SlaveRecord::Sequence(sequence));
        }
        if self.newest != Epoch::NONE {
            records.push(SlaveRecord::Activated(self.newest));
        }
        records.extend(self.asked.map(SlaveRecord::Wants));
        records
    }

    /// Returns the sequence numbers, if any is known.
    fn known_sequence(&self) -> Option<SqnArray> {
        (self.sequence != SqnArray::default()).then(|| self.sequence.clone())
    }

    fn record(&mut self, record: SlaveRecord) {
        self.restore(record.clone());
        self.out.push(Out::Record(record));
    }

    /// Writes sequence numbers down, if they are others than those known.
    fn record_sequence(&mut self, sequence: SqnArray) {
        if sequence != self.sequence {
            self.record(SlaveRecord::Sequence(sequence));
        }
    }

    fn effect(&mut self, output: SlaveOutput) {
        self.out.push(Out::Do(output));
    }

    fn tell(&mut self, event: SlaveEvent) {
        self.effect(SlaveOutput::Tell(event));
    }
}

impl Machine for Slave {
    type Input = SlaveInput;
    type Output = SlaveOutput;
    type Record = SlaveRecord;
    type Timer = SlaveTimer;

    fn handle(&mut self, now: Instant, input: SlaveInput) {
        match input {
            SlaveInput::Start => self.start(now),
            SlaveInput::Up => self.up(now),
            SlaveInput::Down(since) => self.down(now, since),
            SlaveInput::Message(message) => self.hear(now, message),
            SlaveInput::Command(command) => self.command(now, command),
            SlaveInput::Left => self.left(now),
            SlaveInput::Sequence(sequence) => self.accepted(&sequence),
            SlaveInput::Card(message) => self.client_says(message),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        // The modem may be told to leave and be cut at once, where the wake-up comes late.
        while self.serve_activity(now) {}
        self.serve_retry(now);
    }

    fn poll_output(&mut self) -> Option<Out<SlaveRecord, SlaveOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, SlaveTimer)> {
        let retry = self.session.retry().map(|at| (at, SlaveTimer::Retry));
        let due = [self.activity.deadline(), retry];
        due.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: SlaveRecord) {
        match record {
            SlaveRecord::Activated(epoch) => self.newest = epoch,
            SlaveRecord::Stored { digest, sealed } => {
                self.stored = Some(Box::new(Stored { digest, sealed }));
            }
            SlaveRecord::Wiped => self.stored = None,
            SlaveRecord::Sequence(sequence) => self.sequence = sequence,
            SlaveRecord::Wants(wants) => self.asked = Some(wants),
        }
    }
}
