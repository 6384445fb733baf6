//! Faults stop: does service return?

use super::link::Side;
use super::run::Run;
use super::system::{Action, MASTER, System, Wish};
use crate::slave::{SlaveCommand, SlaveInput};
use std::format;
use std::string::String;

/// A group without faults serves within so many ticks. The guard of a slow master is the longest wait.
const TICKS_MAX: u64 = 24;
/// Nobody has more to say than that in one instant.
const ROUNDS_MAX: usize = 32;

/// Faults stop, and both slaves want it. Returns what is wrong unless one is served; then, when that one
/// lets go, the other one; and then the first one again when it is picked.
pub(super) fn service_returns(system: &System) -> Result<(), String> {
    let mut calm = Calm::new(system);
    let paired = (0..2).filter(|slave| calm.0.id(*slave).is_some()).count();
    if paired == 0 {
        return Ok(());
    }
    let first = calm.served(|_| true)?;
    calm.lets_go(first);
    let second = calm.served(|device| device != first || paired == 1)?;
    let picked = if paired == 1 { second } else { 1 - second };
    if picked != second {
        Run::new(&mut calm.0, None).act(Action::Wish(Wish::Pick(picked)));
        calm.served(|device| device == picked)?;
    }
    Ok(())
}

/// A group in which everything arrives once, in time.
struct Calm(System);

impl Calm {
    fn new(system: &System) -> Self {
        let mut calm = Self(system.clone());
        (calm.0.faults, calm.0.commands) = (0, 0);
        for slave in 0..2 {
            calm.0.links[slave].take();
        }
        for node in [0, 1, MASTER] {
            if !calm.0.is_running(node) {
                calm.0.does(Action::Restart(node));
            }
        }
        for slave in 0..2 {
            calm.0.does(Action::Command(slave, SlaveCommand::Want));
        }
        calm
    }

    /// Waits until one device is on the network.
    fn served(&mut self, is_meant: impl Fn(usize) -> bool) -> Result<usize, String> {
        for _ in 0..TICKS_MAX {
            self.connect();
            self.settle()?;
            let served = self.0.on_network().find(|device| is_meant(*device));
            if let Some(device) = served.filter(|device| !self.0.modems[*device].is_to_leave()) {
                return Ok(device);
            }
            self.0.does(Action::Tick);
            if let Some(wrong) = self.0.wrong() {
                return Err(wrong);
            }
        }
        let holder = self.0.master.machine().holder();
        Err(format!("nobody is served: {holder:?} holds it, modems are {:?}", self.0.modems))
    }

    fn lets_go(&mut self, device: usize) {
        if device == MASTER {
            self.0.does(Action::Wish(Wish::Release));
        } else {
            self.0.does(Action::Command(device, SlaveCommand::Release));
        }
        for slave in (0..2).filter(|slave| *slave != device) {
            self.0.does(Action::Command(slave, SlaveCommand::Want));
        }
    }

    /// Ends of sessions that are ending are told, and new ones begin.
    fn connect(&mut self) {
        for slave in 0..2 {
            for side in Side::BOTH {
                let link = &self.0.links[slave];
                let alone = Side::BOTH.iter().any(|side| link.up(*side).is_none());
                if link.up(side).is_some() && (alone || !link.is_sound(side)) {
                    self.0.does(Action::Down(slave, side));
                }
            }
            for side in Side::BOTH {
                let up = self.0.links[slave].may_come_up(side).is_some();
                if up && self.0.id(slave).is_some() {
                    self.0.does(Action::Up(slave, side));
                }
            }
        }
    }

    /// Everything that was said is heard, what is asked is allowed, and modems leave that were told to.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            let mut quiet = true;
            for slave in 0..2 {
                let (to_slave, to_master) = self.0.links[slave].take();
                quiet &= to_slave.is_empty() && to_master.is_empty();
                for message in to_slave {
                    let input = SlaveInput::Message((*message).clone());
                    Run::new(&mut self.0, None).slave(slave, input);
                }
                for message in to_master {
                    Run::new(&mut self.0, None).master_hears(slave, (*message).clone());
                }
                if self.0.asked[slave] {
                    quiet = false;
                    self.0.does(Action::Answer(slave, true));
                }
            }
            for node in [0, 1, MASTER] {
                if self.0.modems[node].is_to_leave() {
                    quiet = false;
                    self.0.does(Action::Left(node));
                }
            }
            if let Some(wrong) = self.0.wrong() {
                return Err(wrong);
            }
            if quiet {
                return Ok(());
            }
        }
        Err(format!("they talk without end: {:?}", self.0.links))
    }
}
