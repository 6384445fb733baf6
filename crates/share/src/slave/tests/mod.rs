//! A slave between a master, a user and a modem that the tests speak for.

mod activation;
mod crash;
mod leaving;
mod link;
mod random;
mod remote;
mod unpairing;
mod wishes;

use super::*;
use crate::wire::{HeldBy, ToMaster, ToSlave};
use crate::{LockKey, PeerKey, StorageKey, Timing, VirtualSim};
use polysim_aka::{Key, Milenage, Opc, Sqn};
use polysim_base::Duration;
use polysim_lease::{Margin, Term};

/// The octets of K.
const K: [u8; 16] = [0x46; 16];
const STORAGE: StorageKey = StorageKey([3; 32]);

fn timing() -> Timing {
    let timing = Timing {
        supervision: Duration::from_secs(2),
        timer: Duration::from_secs(30),
        detach: Duration::from_secs(5),
        margin: Margin::new(500, Duration::from_millis(100)).unwrap(),
        retry: Duration::from_secs(1),
    };
    timing.check().unwrap();
    timing
}

fn config() -> SlaveConfig {
    SlaveConfig { storage: STORAGE, wants: true, timing: timing() }
}

fn set(number: u8) -> VirtualSim {
    VirtualSim {
        iccid: std::format!("894900000000000000{number}").parse().unwrap(),
        imsi: std::format!("00101000000000{number}").parse().unwrap(),
        msisdn: None,
        smsc: None,
        spn: "Test".into(),
        algorithm: Milenage::new(Key::from(K), Opc::from([0xCD; 16])).into(),
    }
}

fn lease(count: u32) -> Epoch {
    Epoch::new(Term(0), count)
}

/// The key of the set that was sent with a lease.
fn lock(count: u32) -> LockKey {
    LockKey([9; 32]).derive(&PeerKey([5; 32]), lease(count))
}

/// The memory of a card that has accepted these, by IND.
fn accepted(numbers: &[(u64, u8)]) -> SqnArray {
    let mut array = SqnArray::default();
    for (seq, ind) in numbers {
        assert!(array.accept(Sqn::new(*seq, *ind).unwrap()));
    }
    array
}

fn take(count: u32) -> SlaveInput {
    take_set(count, set(1), &[(10, 1)])
}

fn take_set(count: u32, set: VirtualSim, numbers: &[(u64, u8)]) -> SlaveInput {
    let (epoch, lock, sequence) = (lease(count), lock(count), accepted(numbers));
    SlaveInput::Message(ToSlave::Take { epoch, set: Box::new(set), lock, sequence })
}

/// To activate under a lease what was sent with an older one.
fn activate(count: u32, sent: u32) -> SlaveInput {
    let (epoch, lock, sequence) = (lease(count), lock(sent), accepted(&[(10, 1)]));
    SlaveInput::Message(ToSlave::Activate { epoch, lock, sequence })
}

const READ: SlaveInput = SlaveInput::Message(ToSlave::Read);
const WIPE: SlaveInput = SlaveInput::Message(ToSlave::Wipe);
const WANT: SlaveInput = SlaveInput::Command(SlaveCommand::Want);
const RELEASE: SlaveInput = SlaveInput::Command(SlaveCommand::Release);
const FORGET: SlaveInput = SlaveInput::Command(SlaveCommand::Forget);

fn lend(count: u32) -> SlaveInput {
    SlaveInput::Message(ToSlave::Lend { epoch: lease(count) })
}

fn resume(count: u32) -> SlaveInput {
    SlaveInput::Message(ToSlave::Resume { epoch: lease(count) })
}

fn revoke(count: u32) -> SlaveInput {
    SlaveInput::Message(ToSlave::Revoke { epoch: lease(count) })
}

fn noted(count: u32) -> SlaveInput {
    SlaveInput::Message(ToSlave::Noted { epoch: lease(count) })
}

fn busy() -> SlaveInput {
    SlaveInput::Message(ToSlave::Busy { holder: HeldBy::Master, for_at_most: None })
}

type Output = Out<SlaveRecord, SlaveOutput>;

fn order(order: ModemOrder) -> Output {
    Out::Do(SlaveOutput::Modem(order))
}

fn attach(set: VirtualSim, numbers: &[(u64, u8)]) -> Output {
    order(ModemOrder::Attach(Box::new(SoftCard { set, sequence: accepted(numbers) })))
}

fn say(message: ToMaster) -> Output {
    Out::Do(SlaveOutput::Send(message))
}

fn tell(event: SlaveEvent) -> Output {
    Out::Do(SlaveOutput::Tell(event))
}

fn say_active(count: u32) -> Output {
    say(ToMaster::Active { epoch: lease(count) })
}

/// Hello of one that has nothing and never had.
fn hello() -> ToMaster {
    ToMaster::Hello { holds: None, newest: Epoch::NONE, wants: true, sequence: None }
}

fn released(count: u32, numbers: &[(u64, u8)], wants: bool) -> Output {
    let sequence = Some(accepted(numbers)).filter(|it| *it != SqnArray::default());
    say(ToMaster::Released { epoch: lease(count), sequence, wants })
}

/// A slave, the time, and what it has written.
struct Bench {
    slave: Slave,
    now: Instant,
    records: Vec<SlaveRecord>,
}

impl Bench {
    fn new(config: SlaveConfig) -> Self {
        Self { slave: Slave::new(config), now: Instant::ZERO, records: Vec::new() }
    }

    /// One that was started, has left and is connected; its greeting was said.
    fn connected() -> Self {
        let mut bench = Self::new(config());
        bench.give(SlaveInput::Start);
        bench.give(SlaveInput::Left);
        assert_eq!(bench.give(SlaveInput::Up), [tell(SlaveEvent::Connected), say(hello())]);
        bench
    }

    /// One that is active under the first lease.
    fn active() -> Self {
        let mut bench = Self::connected();
        bench.give(take(1));
        assert_eq!(bench.slave.active(), Some(lease(1)));
        bench
    }

    fn give(&mut self, input: SlaveInput) -> Vec<Output> {
        self.slave.handle(self.now, input);
        self.drain()
    }

    fn down(&mut self) -> Vec<Output> {
        self.give(SlaveInput::Down(self.now))
    }

    /// Lets time go by, and serves what falls due, each at its time.
    fn wait(&mut self, time: Duration) -> Vec<Output> {
        let end = self.now.plus(time);
        let mut out = Vec::new();
        while let Some((due, _)) = self.slave.poll_timeout().filter(|(due, _)| *due <= end) {
            assert!(due >= self.now, "a deadline in the past");
            self.now = due;
            self.slave.handle_timeout(due);
            out.extend(self.drain());
            assert!(self.slave.poll_timeout().is_none_or(|(next, _)| next > due));
        }
        self.now = end;
        out
    }

    fn drain(&mut self) -> Vec<Output> {
        let out: Vec<_> = core::iter::from_fn(|| self.slave.poll_output()).collect();
        for record in &out {
            if let Out::Record(record) = record {
                self.records.push(record.clone());
            }
        }
        out
    }

    /// The process dies; its records are found.
    fn restart(&mut self) {
        let mut fresh = Slave::new(self.slave.config().clone());
        self.records.iter().cloned().for_each(|record| fresh.restore(record));
        self.slave = fresh;
    }
}

/// What of it goes to the modem.
fn orders(out: &[Output]) -> Vec<&ModemOrder> {
    let order = |output| {
        if let &Out::Do(SlaveOutput::Modem(ref order)) = output { Some(order) } else { None }
    };
    out.iter().filter_map(order).collect()
}

/// What of it goes to the master.
fn said(out: &[Output]) -> Vec<&ToMaster> {
    let message = |output| {
        if let &Out::Do(SlaveOutput::Send(ref message)) = output { Some(message) } else { None }
    };
    out.iter().filter_map(message).collect()
}

#[test]
fn a_slave_is_small() {
    assert!(size_of::<Slave>() <= 256, "{} octets", size_of::<Slave>());
}
