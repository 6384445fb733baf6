//! Faults stop: does service return?

use super::link::{Link, Side};
use super::run::Run;
use super::system::{Action, MASTER, System, Wish};
use crate::slave::{SlaveCommand, SlaveInput};
use std::format;
use std::string::String;
use std::vec::Vec;

/// A group without faults serves within so many ticks. The guard of a slow master is the longest wait.
const TICKS_MAX: u64 = 24;
/// What is not answered is said again by then, also by a slow clock.
const TICKS_OF_ANSWERS: u64 = 2;
/// Nobody has more to say than that in one instant.
const ROUNDS_MAX: usize = 32;

/// Faults stop, and both slaves want it. Returns what is wrong unless one is served; then, when that one
/// lets go, the other one; and then the first one again when it is picked. Also when one of them is gone
/// for good, the other one is served.
pub(super) fn service_returns(system: &System) -> Result<(), String> {
    [None, Some(0), Some(1)].into_iter().try_for_each(|away| {
        let calm = |log| Calm { system: system.clone(), away, log };
        calm(None).goes_well().map_err(|_| {
            let mut calm = calm(Some(Vec::new()));
            let wrong = calm.goes_well().err().unwrap_or_default();
            let log = calm.log.unwrap_or_default();
            format!("{wrong}, without {away:?}, after\n  {}", log.join("\n  "))
        })
    })
}

/// A group in which everything arrives once, in time.
struct Calm {
    system: System,
    /// The slave that does not come back.
    away: Option<usize>,
    /// What happens, if that is of interest.
    log: Option<Vec<String>>,
}

impl Calm {
    fn goes_well(&mut self) -> Result<(), String> {
        self.begin();
        match self.members()[..] {
            [one, other] => self.both_are_served([one, other]),
            ref alone => alone.iter().try_for_each(|slave| self.is_served(*slave)),
        }
    }

    /// The slaves that are paired and can be reached.
    fn members(&self) -> Vec<usize> {
        let here = |slave: &usize| self.away != Some(*slave) && self.system.is_paired(*slave);
        (0..2).filter(here).collect()
    }

    fn both_are_served(&mut self, both: [usize; 2]) -> Result<(), String> {
        let first = self.served(|_| true)?;
        self.let_go(first)?;
        let others = both.into_iter().filter(|slave| *slave != first);
        others.for_each(|slave| self.act(Action::Command(slave, SlaveCommand::Want)));
        let second = self.served(|device| device != first)?;
        self.pause()?;
        if let Some(picked) = both.into_iter().find(|slave| *slave != second) {
            self.act(Action::Wish(Wish::Pick(picked)));
            self.served(|device| device == picked)?;
        }
        Ok(())
    }

    fn is_served(&mut self, slave: usize) -> Result<(), String> {
        if self.served(|device| device == slave || device == MASTER)? == MASTER {
            self.let_go(MASTER)?;
            self.act(Action::Command(slave, SlaveCommand::Want));
        }
        self.served(|device| device == slave)?;
        Ok(())
    }

    fn act(&mut self, action: Action) {
        self.log(&action);
        self.run(|run| {
            run.act(action);
        });
    }

    fn log(&mut self, what: &dyn core::fmt::Debug) {
        self.log.iter_mut().for_each(|log| log.push(format!("{what:?}")));
    }

    fn run(&mut self, act: impl FnOnce(&mut Run<'_>)) {
        let mut run = Run::new(&mut self.system, None);
        run.logs = self.log.is_some();
        act(&mut run);
        let said = run.log;
        self.log.iter_mut().for_each(|log| log.extend(said.clone()));
    }

    fn begin(&mut self) {
        (self.system.faults, self.system.commands) = (0, 0);
        for slave in 0..2 {
            self.system.link(slave).take();
        }
        for node in [0, 1, MASTER] {
            if !self.system.is_running(node) {
                self.act(Action::Restart(node));
            }
        }
        for slave in 0..2 {
            self.act(Action::Command(slave, SlaveCommand::Want));
        }
    }

    /// Waits until one device is on the network.
    fn served(&mut self, is_meant: impl Fn(usize) -> bool) -> Result<usize, String> {
        self.connect();
        self.settle()?;
        for _ in 0..TICKS_MAX {
            let served = self.system.on_network().find(|device| is_meant(*device));
            if let Some(device) = served.filter(|device| !self.system.modems[*device].is_to_leave())
            {
                return Ok(device);
            }
            self.tick()?;
        }
        let holder = self.system.master.machine().holder();
        Err(format!("nobody is served: {holder:?} holds it, modems are {:?}", self.system.modems))
    }

    fn tick(&mut self) -> Result<(), String> {
        self.act(Action::Tick);
        self.connect();
        self.settle()
    }

    fn let_go(&mut self, device: usize) -> Result<(), String> {
        self.act(if device == MASTER {
            Action::Wish(Wish::Release)
        } else {
            Action::Command(device, SlaveCommand::Release)
        });
        self.pause()
    }

    /// Until what users have said before is answered.
    fn pause(&mut self) -> Result<(), String> {
        (0..TICKS_OF_ANSWERS).try_for_each(|_| self.tick())
    }

    /// What is left of old sessions ends, and a new one begins.
    fn connect(&mut self) {
        for slave in 0..2 {
            if self.away != Some(slave) && self.system.links[slave].is_whole() {
                continue;
            }
            for side in Side::BOTH {
                if self.system.links[slave].up(side).is_some() {
                    self.act(Action::Down(slave, side));
                }
            }
            *self.system.link(slave) = Link::default();
            if self.away != Some(slave) && self.system.id(slave).is_some() {
                Side::BOTH.into_iter().for_each(|side| self.act(Action::Up(slave, side)));
            }
        }
    }

    /// Everything that was said is heard, what is asked is allowed, and modems leave that were told to.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            let mut quiet = true;
            for slave in 0..2 {
                let (to_slave, to_master) = self.system.link(slave).take();
                quiet &= to_slave.is_empty() && to_master.is_empty();
                for message in to_slave {
                    self.log(&message);
                    let input = SlaveInput::Message((*message).clone());
                    self.run(|run| run.slave(slave, input));
                }
                for message in to_master {
                    self.log(&message);
                    self.run(|run| run.master_hears(slave, (*message).clone()));
                }
                if self.system.asked[slave] {
                    quiet = false;
                    self.act(Action::Answer(slave, true));
                }
            }
            for node in [0, 1, MASTER] {
                if self.system.modems[node].is_to_leave() {
                    quiet = false;
                    self.act(Action::Left(node));
                }
            }
            if let Some(wrong) = self.system.wrong() {
                return Err(wrong);
            }
            if quiet {
                return Ok(());
            }
        }
        Err(format!("they talk without end: {:?}", self.system.links))
    }
}
