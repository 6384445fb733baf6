//! A group with its links, modems and clocks, and all that can happen to it next.

use super::fingerprint::{START, fingerprint};
use super::link::{Link, Side};
use super::node::Node;
use super::run::Run;
use super::setup::Setup;
use crate::PeerKey;
use crate::master::{Holder, Master, SlaveId};
use crate::slave::{Slave, SlaveCommand};
use polysim_base::Instant;
use std::rc::Rc;
use std::string::String;
use std::vec::Vec;

/// The index of the master's clock and modem; below it are those of the slaves.
pub(super) const MASTER: usize = 2;

/// Something that happens, and of which machine the power fails in the middle of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) cut: Option<Cut>,
}

/// The node's power fails when it has given out so many effects and records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Cut {
    pub(super) node: usize,
    pub(super) after: u8,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    /// Time passes.
    Tick,
    /// An end of a slave's link is told that it is up.
    Up(usize, Side),
    /// Or down.
    Down(usize, Side),
    /// A slave hears one of the things that were said to it in this session.
    SlaveHears(usize, usize),
    /// The master hears one of the things that this slave has said.
    MasterHears(usize, usize),
    /// A modem that was told to leave has left.
    Left(usize),
    /// A modem leaves by itself.
    Quits(usize),
    /// A process ends, and with it its soft card.
    Crash(usize),
    Restart(usize),
    /// The user of the master answers for a slave.
    Answer(usize, bool),
    /// The user of the master wants something.
    Wish(Wish),
    /// The user of a slave wants something.
    Command(usize, SlaveCommand),
}

/// What the user of the master may want.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    PickOwn,
    Pick(usize),
    Release,
    Pair(usize),
    Unpair(usize),
    Replace,
}

/// Where a modem is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Modem {
    Off,
    On,
    /// It was told to leave, and is still on the network.
    Leaving,
    /// It was told to leave, and has yet to say that it is on none.
    Silent,
}

impl Modem {
    pub(super) fn is_on_network(self) -> bool {
        matches!(self, Self::On | Self::Leaving)
    }

    pub(super) fn is_to_leave(self) -> bool {
        matches!(self, Self::Leaving | Self::Silent)
    }
}

/// A group at one instant.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub(super) setup: Rc<Setup>,
    pub(super) time: u64,
    pub(super) master: Node<Master>,
    pub(super) slaves: [Node<Slave>; 2],
    pub(super) modems: [Modem; 3],
    pub(super) links: [Rc<Link>; 2],
    /// The numbers that the master has for its slaves, or had last.
    pub(super) ids: [Option<SlaveId>; 2],
    /// For whom the user of the master was asked.
    pub(super) asked: [bool; 2],
    /// Which of the two sets is shared.
    pub(super) replaced: bool,
    pub(super) faults: u8,
    pub(super) commands: u8,
    /// How often a modem went to the network.
    pub(super) attached: usize,
    /// A breach of the contract between a machine and its modem.
    pub(super) breach: Option<&'static str>,
}

impl System {
    /// A group whose slaves are paired; nobody is connected.
    pub(super) fn new(setup: &Setup) -> Self {
        let slave = |i| Node::new(Slave::new(setup.slave_config(i)));
        let mut system = Self {
            setup: Rc::new(*setup),
            time: 0,
            master: Node::new(Master::new(setup.master_config())),
            slaves: [slave(0), slave(1)],
            modems: [Modem::Off; 3],
            links: [Rc::default(), Rc::default()],
            ids: [None; 2],
            asked: [false; 2],
            replaced: false,
            faults: setup.faults,
            commands: setup.commands,
            attached: 0,
            breach: None,
        };
        for node in [0, 1, MASTER] {
            system.does(Action::Restart(node));
            if system.modems[node].is_to_leave() {
                system.does(Action::Left(node));
            }
        }
        for slave in [0, 1] {
            Run::new(&mut system, None).act(Action::Wish(Wish::Pair(slave)));
        }
        system
    }

    pub(super) fn clock(&self, node: usize) -> Instant {
        Instant::from_micros(START + self.time * self.setup.rates[node])
    }

    /// Everything but how late it is, as one number.
    pub(super) fn fingerprint(&self) -> u64 {
        let slave = |i: usize| self.slaves[i].fingerprint(self.clock(i));
        let nodes = [slave(0), slave(1), self.master.fingerprint(self.clock(MASTER))];
        let links = self.links.each_ref().map(fingerprint);
        let left = (self.replaced, self.faults, self.commands);
        fingerprint(&(nodes, links, self.modems, self.asked, left))
    }

    pub(super) fn is_paired(&self, slave: usize) -> bool {
        self.id(slave).is_some_and(|id| self.master.machine().is_paired(id))
    }

    /// The number of a slave, while the master has to do with it.
    pub(super) fn id(&self, slave: usize) -> Option<SlaveId> {
        self.master.machine().slave_with(&peer(slave))
    }

    pub(super) fn slave_of(&self, id: SlaveId) -> Option<usize> {
        self.ids.iter().position(|own| *own == Some(id))
    }

    pub(super) fn is_running(&self, node: usize) -> bool {
        self.slaves.get(node).map_or_else(|| self.master.is_running(), Node::is_running)
    }

    /// A link, to be changed.
    pub(super) fn link(&mut self, slave: usize) -> &mut Link {
        Rc::make_mut(&mut self.links[slave])
    }

    /// The devices that are on the network.
    pub(super) fn on_network(&self) -> impl Iterator<Item = usize> {
        let modems = self.modems;
        (0..modems.len()).filter(move |device| modems[*device].is_on_network())
    }

    /// What must not be.
    pub(super) fn wrong(&self) -> Option<String> {
        if let Some(breach) = self.breach {
            return Some(breach.into());
        }
        let devices: Vec<usize> = self.on_network().collect();
        let [device] = devices[..] else {
            let twice = !devices.is_empty();
            return twice.then(|| std::format!("{devices:?} are on the network"));
        };
        if self.setup.broken.is_some() {
            return None;
        }
        let holder = match self.master.durable().holder() {
            Some(Holder::Own) => Some(MASTER),
            Some(Holder::Slave(id)) => self.slave_of(id),
            None => None,
        };
        let reckoned = holder == Some(device);
        (!reckoned).then(|| std::format!("{device} is on the network, not {holder:?} as written"))
    }

    /// All that can follow, also with the power failing in the middle.
    pub(super) fn next(&self) -> Vec<(Step, Self)> {
        let mut all = Vec::new();
        for action in self.actions() {
            let mut next = self.clone();
            let given = next.does(action);
            if next.faults > 0 {
                for (node, given) in given.into_iter().enumerate() {
                    for after in 1..given {
                        let step = Step { action, cut: Some(Cut { node, after }) };
                        let mut next = self.clone();
                        next.spend(step);
                        Run::new(&mut next, step.cut).act(action);
                        all.push((step, next));
                    }
                }
            }
            all.push((Step { action, cut: None }, next));
        }
        all
    }

    /// Does one thing; returns how many effects and records each node has given out.
    pub(super) fn does(&mut self, action: Action) -> [u8; 3] {
        self.spend(Step { action, cut: None });
        Run::new(self, None).act(action)
    }

    pub(super) fn spend(&mut self, step: Step) {
        let fault = self.is_fault(step.action);
        let faults = u8::from(fault) + u8::from(step.cut.is_some());
        let commands = u8::from(step.action.is_command());
        for (left, spent) in [(&mut self.faults, faults), (&mut self.commands, commands)] {
            *left = if *left == u8::MAX { u8::MAX } else { left.saturating_sub(spent) };
        }
    }

    /// Whether something goes wrong. What follows from it is none: the other end of a broken link.
    pub(super) fn is_fault(&self, action: Action) -> bool {
        if let Action::Down(slave, side) = action {
            return self.links[slave].is_sound(side);
        }
        matches!(action, Action::Crash(_) | Action::Quits(_))
    }

    /// All that can happen now.
    pub(super) fn actions(&self) -> Vec<Action> {
        let mut all = std::vec![Action::Tick];
        (0..2).for_each(|slave| self.on_link(slave, &mut all));
        for node in [0, 1, MASTER] {
            if self.modems[node].is_to_leave() {
                all.push(Action::Left(node));
            } else if self.modems[node] == Modem::On && self.faults > 0 {
                all.push(Action::Quits(node));
            }
            if !self.is_running(node) {
                all.push(Action::Restart(node));
            } else if self.faults > 0 {
                all.push(Action::Crash(node));
            }
        }
        for slave in (0..2).filter(|slave| self.asked[*slave]) {
            all.push(Action::Answer(slave, true));
            if self.commands > 0 {
                all.push(Action::Answer(slave, false));
            }
        }
        if self.commands > 0 {
            self.commands(&mut all);
        }
        all
    }

    fn on_link(&self, slave: usize, all: &mut Vec<Action>) {
        let link = &self.links[slave];
        let both = self.master.is_running() && self.is_running(slave);
        for side in Side::BOTH {
            if self.id(slave).is_some() && link.may_come_up(side).is_some_and(|new| both || !new) {
                all.push(Action::Up(slave, side));
            }
            let ends = link.up(side).is_some() && (self.faults > 0 || !link.is_sound(side));
            if ends {
                all.push(Action::Down(slave, side));
            }
        }
        all.extend((0..link.to_slave().len()).map(|mail| Action::SlaveHears(slave, mail)));
        all.extend((0..link.to_master().len()).map(|mail| Action::MasterHears(slave, mail)));
    }

    fn commands(&self, all: &mut Vec<Action>) {
        if self.master.is_running() {
            all.extend([Wish::PickOwn, Wish::Release, Wish::Replace].map(Action::Wish));
            for slave in 0..2 {
                let pairing =
                    if self.is_paired(slave) { Wish::Unpair(slave) } else { Wish::Pair(slave) };
                all.extend([Wish::Pick(slave), pairing].map(Action::Wish));
            }
        }
        for slave in (0..2).filter(|slave| self.is_running(*slave)) {
            let wishes = [SlaveCommand::Want, SlaveCommand::Release, SlaveCommand::Forget];
            all.extend(wishes.map(|command| Action::Command(slave, command)));
        }
    }
}

impl Action {
    /// Whether a user wants something.
    pub(super) fn is_command(self) -> bool {
        matches!(self, Self::Wish(_) | Self::Command(..) | Self::Answer(_, false))
    }
}

pub(super) fn peer(slave: usize) -> PeerKey {
    PeerKey([u8::try_from(slave + 1).unwrap(); 32])
}
