//! One thing happens: what it makes the machines do, until they have nothing more to do.

use super::link::Side;
use super::setup::{Broken, set};
use super::system::{Action, Cut, MASTER, Modem, System, Wish, peer};
use crate::DeviceName;
use crate::master::{
    Holder, Master, MasterCommand, MasterEvent, MasterInput, MasterOutput, MasterRecord, OwnOrder,
};
use crate::slave::{ModemOrder, Slave, SlaveInput, SlaveOutput};
use crate::wire::ToMaster;
use polysim_base::{Instant, Machine, Out};
use std::boxed::Box;
use std::format;
use std::string::String;
use std::vec::Vec;

/// One action under way.
pub(super) struct Run<'a> {
    system: &'a mut System,
    cut: Option<Cut>,
    /// How many effects and records each node has given out.
    given: [u8; 3],
    /// What the machines gave out, for people who look for a mistake.
    pub(super) log: Vec<String>,
    pub(super) logs: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(system: &'a mut System, cut: Option<Cut>) -> Self {
        Self { system, cut, given: [0; 3], log: Vec::new(), logs: false }
    }

    /// Does it; returns how many effects and records each node has given out.
    pub(super) fn act(&mut self, action: Action) -> [u8; 3] {
        match action {
            Action::Tick => self.tick(),
            Action::Up(slave, side) => self.up(slave, side),
            Action::Down(slave, side) => self.down(slave, side),
            Action::SlaveHears(slave, mail) => {
                let message = (*self.system.links[slave].to_slave()[mail].1).clone();
                self.slave(slave, SlaveInput::Message(message));
            }
            Action::MasterHears(slave, mail) => {
                let message = (*self.system.links[slave].to_master()[mail].1).clone();
                self.master_hears(slave, message);
            }
            Action::Left(node) | Action::Quits(node) => self.left(node),
            Action::Crash(node) => self.crash(node),
            Action::Restart(node) => self.restart(node),
            Action::Answer(slave, allow) => {
                self.system.asked[slave] = false;
                if let Some(slave) = self.system.id(slave) {
                    self.master(MasterInput::Command(MasterCommand::Consent { slave, allow }));
                }
            }
            Action::Wish(wish) => self.wish(wish),
            Action::Command(slave, command) => self.slave(slave, SlaveInput::Command(command)),
        }
        self.given
    }

    /// All clocks go on. Ends of links that must be told by now are told, then deadlines are served,
    /// those of the slaves first: what ends in the same instant as the guard has ended.
    fn tick(&mut self) {
        self.system.time += 1;
        for slave in 0..2 {
            for side in self.system.link(slave).elapse() {
                self.down(slave, side);
            }
        }
        for slave in 0..2 {
            let now = self.system.clock(slave);
            if self.system.slaves[slave].is_due(now) {
                self.drive_slave(slave, Machine::handle_timeout);
                assert!(!self.system.slaves[slave].is_due(now), "a deadline is not served");
            }
        }
        let now = self.system.clock(MASTER);
        if self.system.master.is_due(now) {
            self.drive_master(Machine::handle_timeout);
            assert!(!self.system.master.is_due(now), "a deadline is not served");
        }
    }

    fn up(&mut self, slave: usize, side: Side) {
        let Some(id) = self.system.id(slave) else { return };
        self.system.link(slave).come_up(side);
        match side {
            Side::Master => self.master(MasterInput::Up(id)),
            Side::Slave => self.slave(slave, SlaveInput::Up),
        }
    }

    fn down(&mut self, slave: usize, side: Side) {
        let supervision = self.system.setup.supervision();
        self.system.link(slave).go_down(side, supervision);
        match side {
            Side::Master => {
                if let Some(id) = self.system.id(slave) {
                    self.master(MasterInput::Down(id));
                }
            }
            Side::Slave => {
                let now = self.system.clock(slave);
                self.slave(slave, SlaveInput::Down(now));
            }
        }
    }

    fn left(&mut self, node: usize) {
        self.system.modems[node] = Modem::Off;
        if node == MASTER {
            self.master(MasterInput::OwnLeft);
        } else {
            self.slave(node, SlaveInput::Left);
        }
    }

    fn crash(&mut self, node: usize) {
        if self.system.setup.broken != Some(Broken::CrashLeavesModemOn) {
            self.system.modems[node] = Modem::Off;
        }
        let supervision = self.system.setup.supervision();
        if node == MASTER {
            self.system.master.crash();
            self.system.asked = [false; 2];
            (0..2).for_each(|slave| self.system.link(slave).die(Side::Master, supervision));
        } else {
            self.system.slaves[node].crash();
            self.system.link(node).die(Side::Slave, supervision);
        }
    }

    fn restart(&mut self, node: usize) {
        if node == MASTER {
            self.system.master.start();
            self.master(MasterInput::Start);
        } else {
            self.system.slaves[node].start();
            self.slave(node, SlaveInput::Start);
        }
    }

    fn wish(&mut self, wish: Wish) {
        let id = |slave| self.system.id(slave);
        let command = match wish {
            Wish::PickOwn => Some(MasterCommand::Pick(Holder::Own)),
            Wish::Pick(slave) => id(slave).map(|id| MasterCommand::Pick(Holder::Slave(id))),
            Wish::Release => Some(MasterCommand::Release),
            Wish::Unpair(slave) => id(slave).map(MasterCommand::Unpair),
            Wish::Replace => {
                let next = !self.system.replaced;
                self.system.replaced = next;
                Some(MasterCommand::Replace(Box::new(set(next))))
            }
            Wish::Pair(slave) => {
                let name = DeviceName::new(&format!("{slave}")).unwrap();
                Some(MasterCommand::Pair { key: peer(slave), name })
            }
        };
        if let Some(command) = command {
            self.master(MasterInput::Command(command));
        }
    }

    pub(super) fn master_hears(&mut self, slave: usize, message: ToMaster) {
        if let Some(id) = self.system.id(slave) {
            self.master(MasterInput::Message(id, message));
        }
    }

    pub(super) fn master(&mut self, input: MasterInput) {
        self.drive_master(|master, now| master.handle(now, input));
    }

    pub(super) fn slave(&mut self, slave: usize, input: SlaveInput) {
        self.drive_slave(slave, |machine, now| machine.handle(now, input));
    }

    fn drive_master(&mut self, act: impl FnOnce(&mut Master, Instant)) {
        let now = self.system.clock(MASTER);
        let given = self.system.master.run(|master| act(master, now));
        for slave in 0..2 {
            self.system.ids[slave] = self.system.id(slave).or(self.system.ids[slave]);
        }
        let mut closed = None;
        for out in given {
            if self.logs {
                self.log.push(format!("master: {out:?}"));
            }
            match out {
                Out::Do(MasterOutput::Tell(event)) => self.told(&event),
                Out::Record(_) | Out::Do(_) if self.fails(MASTER) => return,
                Out::Record(record) => self.write(record),
                Out::Do(MasterOutput::Send(id, message)) => {
                    if let Some(slave) = self.system.slave_of(id) {
                        self.system.link(slave).say_to_slave(message);
                    }
                }
                Out::Do(MasterOutput::Own(OwnOrder::Attach(_))) => self.attach(MASTER),
                Out::Do(MasterOutput::Own(OwnOrder::Leave)) => self.leave(MASTER),
                Out::Do(MasterOutput::Disconnect(id)) => closed = Some(id),
                Out::Do(MasterOutput::Card(_)) => {}
            }
        }
        if let Some(slave) = closed.and_then(|id| self.system.slave_of(id)) {
            self.down(slave, Side::Master);
        }
    }

    fn drive_slave(&mut self, slave: usize, act: impl FnOnce(&mut Slave, Instant)) {
        let now = self.system.clock(slave);
        let given = self.system.slaves[slave].run(|machine| act(machine, now));
        let mut is_cut = false;
        for out in given {
            if self.logs {
                self.log.push(format!("slave {slave}: {out:?}"));
            }
            match out {
                Out::Do(SlaveOutput::Tell(_)) => {}
                Out::Record(_) | Out::Do(_) if self.fails(slave) => return,
                Out::Record(record) => self.system.slaves[slave].write(record),
                Out::Do(SlaveOutput::Send(message)) => self.say(slave, message),
                Out::Do(SlaveOutput::Modem(order)) => match order {
                    ModemOrder::Attach(_) | ModemOrder::AttachRemote => self.attach(slave),
                    ModemOrder::Leave => self.leave(slave),
                    ModemOrder::CutPower => {
                        is_cut = self.system.setup.broken != Some(Broken::PowerStays);
                    }
                },
                Out::Do(SlaveOutput::Card(_)) => {}
            }
        }
        if is_cut {
            self.left(slave);
        }
    }

    fn write(&mut self, record: MasterRecord) {
        let lost = self.system.setup.broken == Some(Broken::GrantNotWritten)
            && matches!(record, MasterRecord::Granted { .. });
        if !lost {
            self.system.master.write(record);
        }
    }

    fn say(&mut self, slave: usize, mut message: ToMaster) {
        if let ToMaster::Hello { holds, .. } = &mut message
            && self.system.setup.broken == Some(Broken::HelloDenies)
        {
            *holds = None;
        }
        self.system.link(slave).say_to_master(message);
    }

    fn told(&mut self, event: &MasterEvent) {
        if let MasterEvent::Asks(id) = event
            && let Some(slave) = self.system.slave_of(*id)
        {
            self.system.asked[slave] = true;
        }
    }

    fn attach(&mut self, node: usize) {
        if self.system.modems[node] != Modem::Off {
            self.system.breach = Some("a card is put into a modem that has one");
        }
        self.system.modems[node] = Modem::On;
        self.system.attached += 1;
    }

    fn leave(&mut self, node: usize) {
        let modem = &mut self.system.modems[node];
        *modem = if modem.is_on_network() { Modem::Leaving } else { Modem::Silent };
    }

    /// Counts what a node gives out; its power may fail now.
    fn fails(&mut self, node: usize) -> bool {
        let fails = self.cut == Some(Cut { node, after: self.given[node] });
        if fails {
            self.crash(node);
        }
        self.given[node] += 1;
        fails
    }
}
