//! A master with three slaves, and short words for what it hears and says.

use polysim_aka::{Key, Milenage, Opc, Sqn, SqnArray};
use polysim_base::{Duration, Instant, Machine, Out};
use polysim_lease::{Epoch, Margin, Term};
use std::boxed::Box;
use std::vec::Vec;

use super::referee::Referee;
use crate::master::{
    Consent, Holder, Master, MasterCommand, MasterConfig, MasterEvent, MasterInput, MasterOutput,
    MasterRecord, Mode, SlaveId, Way,
};
use crate::wire::{HeldBy, ToMaster, ToSlave};
use crate::{DeviceName, LockKey, PeerKey, Timing, VirtualSim};

pub(super) const A: SlaveId = SlaveId(0);
pub(super) const B: SlaveId = SlaveId(1);
pub(super) const C: SlaveId = SlaveId(2);

pub(super) type Output = Out<MasterRecord, MasterOutput>;

pub(super) const LOCK: LockKey = LockKey([9; 32]);

pub(super) fn set(number: u8) -> Box<VirtualSim> {
    Box::new(VirtualSim {
        iccid: "8949000000000000001".parse().unwrap(),
        imsi: std::format!("00101000000000{number}").parse().unwrap(),
        msisdn: None,
        smsc: None,
        spn: "Eins".into(),
        algorithm: Milenage::new(Key::from([0x46; 16]), Opc::from([0xCD; 16])).into(),
    })
}

pub(super) fn timing() -> Timing {
    Timing {
        supervision: secs(10),
        timer: secs(60),
        detach: secs(5),
        margin: Margin::new(1_000, secs(1)).unwrap(),
        retry: secs(3),
    }
}

pub(super) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(super) fn config(way: Way) -> MasterConfig {
    MasterConfig {
        set: set(1),
        lock: LOCK,
        mode: Mode::Provisioned,
        way,
        consent: Consent::Once,
        timing: timing(),
    }
}

pub(super) fn remote() -> MasterConfig {
    MasterConfig { mode: Mode::Remote, ..config(Way::Push) }
}

pub(super) fn asking() -> MasterConfig {
    MasterConfig { consent: Consent::EachTime, ..config(Way::Push) }
}

pub(super) fn key(id: SlaveId) -> PeerKey {
    PeerKey([u8::try_from(id.0).unwrap() + 1; 32])
}

pub(super) fn name(id: SlaveId) -> DeviceName {
    DeviceName::new(["phone", "tablet", "car", "watch"][usize::from(id.0) % 4]).unwrap()
}

pub(super) fn pair(id: SlaveId) -> MasterInput {
    MasterInput::Command(MasterCommand::Pair { key: key(id), name: name(id) })
}

pub(super) const fn pick(holder: Holder) -> MasterInput {
    MasterInput::Command(MasterCommand::Pick(holder))
}

pub(super) fn epoch(count: u32) -> Epoch {
    Epoch::new(Term(0), count)
}

/// It holds nothing, and wants the subscription.
pub(super) fn wants(newest: u32) -> ToMaster {
    ToMaster::Hello { holds: None, newest: epoch(newest), wants: true, sequence: None }
}

/// It holds nothing, and wants nothing.
pub(super) fn idle(newest: u32) -> ToMaster {
    ToMaster::Hello { holds: None, newest: epoch(newest), wants: false, sequence: None }
}

/// It is on the network.
pub(super) fn on(count: u32) -> ToMaster {
    ToMaster::Hello { holds: Some(epoch(count)), newest: epoch(count), wants: true, sequence: None }
}

pub(super) fn active(count: u32) -> ToMaster {
    ToMaster::Active { epoch: epoch(count) }
}

pub(super) fn released(count: u32, wants: bool) -> ToMaster {
    ToMaster::Released { epoch: epoch(count), sequence: None, wants }
}

/// Has accepted number `seq`, of IND `ind`.
pub(super) fn numbers(seq: u64, ind: u8) -> SqnArray {
    SqnArray::starting_at(Sqn::new(seq, ind).unwrap())
}

pub(super) const fn send(id: SlaveId, word: ToSlave) -> Output {
    Out::Do(MasterOutput::Send(id, word))
}

pub(super) const fn tell(event: MasterEvent) -> Output {
    Out::Do(MasterOutput::Tell(event))
}

pub(super) fn revoke(id: SlaveId, count: u32) -> Output {
    send(id, ToSlave::Revoke { epoch: epoch(count) })
}

pub(super) fn noted(id: SlaveId, count: u32) -> Output {
    send(id, ToSlave::Noted { epoch: epoch(count) })
}

pub(super) fn busy(id: SlaveId, holder: SlaveId) -> Output {
    send(id, ToSlave::Busy { holder: HeldBy::Slave(name(holder)), for_at_most: None })
}

pub(super) fn take(id: SlaveId, count: u32, number: u8, sequence: SqnArray) -> Output {
    let epoch = epoch(count);
    let lock = LOCK.derive(&key(id), epoch);
    send(id, ToSlave::Take { epoch, set: set(number), lock, sequence })
}

/// The master, its journal, and the referee that looks at all it says.
#[derive(Clone, Debug)]
pub(super) struct Rig {
    pub(super) config: MasterConfig,
    pub(super) master: Master,
    pub(super) journal: Vec<MasterRecord>,
    pub(super) now: Instant,
    pub(super) referee: Referee,
}

impl Rig {
    /// A master that runs, with the slaves A, B and C.
    pub(super) fn new(config: MasterConfig) -> Self {
        let mut rig = Self {
            master: Master::new(config.clone()),
            config,
            journal: Vec::new(),
            now: Instant::from_micros(1_000_000),
            referee: Referee::default(),
        };
        rig.give(MasterInput::Start);
        for id in [A, B, C] {
            rig.give(pair(id));
        }
        rig
    }

    pub(super) fn give(&mut self, input: MasterInput) -> Vec<Output> {
        self.referee.hears(self.now, &input);
        self.master.handle(self.now, input);
        self.drain()
    }

    pub(super) fn hear(&mut self, id: SlaveId, message: ToMaster) -> Vec<Output> {
        self.give(MasterInput::Message(id, message))
    }

    /// Takes the time to `now + by`, and wakes the master whenever it wants to be.
    pub(super) fn wait(&mut self, by: Duration) -> Vec<Output> {
        let end = self.now.plus(by);
        let mut outputs = Vec::new();
        while let Some((at, _)) = self.master.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.referee.wakes(self.now);
            self.master.handle_timeout(self.now);
            outputs.extend(self.drain());
            let next = self.master.poll_timeout();
            assert!(next.is_none_or(|(at, _)| at > self.now), "served up to now");
        }
        self.now = end;
        outputs
    }

    /// Stops dead and starts anew from its journal.
    pub(super) fn restart(&mut self) -> Vec<Output> {
        self.master = restored(&self.config, &self.journal);
        self.give(MasterInput::Start)
    }

    /// A link comes up, and the slave says how things stand.
    pub(super) fn connect(&mut self, id: SlaveId, hello: ToMaster) -> Vec<Output> {
        assert_eq!(self.give(MasterInput::Up(id)), [tell(MasterEvent::Connected(id))]);
        self.hear(id, hello)
    }

    /// A slave comes, is served by push, and says that it is active.
    pub(super) fn activate(&mut self, id: SlaveId) -> u32 {
        self.connect(id, wants(0));
        let count = self.master.epoch().count();
        self.hear(id, active(count));
        assert_eq!(self.master.holder(), Some(Holder::Slave(id)));
        count
    }

    fn drain(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        while let Some(output) = self.master.poll_output() {
            self.referee.sees(self.now, &output);
            if let Out::Record(record) = &output {
                self.journal.push(record.clone());
            }
            outputs.push(output);
        }
        outputs
    }
}

pub(super) fn restored(config: &MasterConfig, journal: &[MasterRecord]) -> Master {
    let mut master = Master::new(config.clone());
    journal.iter().cloned().for_each(|record| master.restore(record));
    assert_eq!(master.poll_output(), None, "restoring emits nothing");
    master
}
