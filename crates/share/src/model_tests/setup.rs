//! What is explored: which group, with which clocks, and how much may go wrong.

use crate::master::{Consent, MasterConfig, Mode, Way};
use crate::slave::SlaveConfig;
use crate::{LockKey, StorageKey, Timing, VirtualSim};
use polysim_aka::{Algorithm, Key, Milenage, Opc};
use polysim_base::{Duration, Iccid, Imsi};
use polysim_lease::Margin;
use std::boxed::Box;
use std::string::String;

/// What clocks show in a tick of true time, which is ten of their units: a fifth of drift, the most that
/// a margin allows for, so that it is whole ticks after a few of them.
pub(super) const SLOW: u64 = 8;
pub(super) const FAST: u64 = 12;
const TICK: u64 = 10;

/// After how many ticks, at most, an end of a link is told that it is down once the other was.
const SUPERVISION: u64 = 1;

/// A group of one master and two slaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) mode: Mode,
    pub(super) way: Way,
    pub(super) consent: Consent,
    pub(super) slaves: Timing,
    pub(super) master: Timing,
    /// What the clocks of the slaves and of the master show in a tick.
    pub(super) rates: [u64; 3],
    /// How much may go wrong: links that break, crashes, modems that give up. `u8::MAX` is no limit.
    pub(super) faults: u8,
    /// How often users may want something.
    pub(super) commands: u8,
    /// What is not as it should be, to see that it is found.
    pub(super) broken: Option<Broken>,
}

/// Ways to break the safety of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Broken {
    /// Times that do not go together.
    Times,
    /// A slave that holds the lease says that it does not.
    HelloDenies,
    /// The disk of the master loses what it granted.
    GrantNotWritten,
    /// Whoever cuts a modem's power leaves it on.
    PowerStays,
    /// The other end of a link is told a tick too late.
    SupervisionLate,
    /// A soft card lives longer than its process.
    CrashLeavesModemOn,
}

/// Times in ticks of a clock that is right, but the time to leave the network and to say again: a tick of
/// the slowest clock.
pub(super) fn timing(timer: u64) -> Timing {
    let timing = Timing {
        supervision: Duration::from_micros(SUPERVISION * TICK),
        timer: Duration::from_micros(timer * TICK),
        detach: Duration::from_micros(SLOW),
        margin: margin(200_000),
        retry: Duration::from_micros(SLOW),
    };
    timing.check().unwrap();
    timing
}

pub(super) fn margin(drift_ppm: u32) -> Margin {
    Margin::new(drift_ppm, Duration::ZERO).unwrap()
}

impl Setup {
    /// Slaves with slow clocks and a master with a fast one: guard and timer end in the same tick.
    pub(super) fn new(timer: u64) -> Self {
        Self {
            mode: Mode::Provisioned,
            way: Way::Push,
            consent: Consent::Once,
            slaves: timing(timer),
            master: timing(timer),
            rates: [SLOW, SLOW, FAST],
            faults: 2,
            commands: 0,
            broken: None,
        }
    }

    /// How many ticks an end that was not told yet has left.
    pub(super) fn supervision(&self) -> u64 {
        SUPERVISION + u64::from(self.broken == Some(Broken::SupervisionLate))
    }

    pub(super) fn master_config(&self) -> MasterConfig {
        MasterConfig {
            set: Box::new(set(false)),
            lock: LockKey([3; 32]),
            mode: self.mode,
            way: self.way,
            consent: self.consent,
            timing: self.master,
        }
    }

    pub(super) fn slave_config(&self, slave: usize) -> SlaveConfig {
        let storage = StorageKey([u8::try_from(slave).unwrap(); 32]);
        SlaveConfig { storage, wants: true, timing: self.slaves }
    }
}

/// The set that is shared, or the one that replaces it.
pub(super) fn set(other: bool) -> VirtualSim {
    VirtualSim {
        iccid: Iccid::parse("8988211000000000018").unwrap(),
        imsi: Imsi::parse("001010000000001").unwrap(),
        msisdn: None,
        smsc: None,
        spn: String::from(if other { "Other" } else { "Test" }),
        algorithm: Algorithm::Milenage(Milenage::new(Key::from([1; 16]), Opc::from([2; 16]))),
    }
}
