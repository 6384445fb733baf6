//! What is done about shared SIMs, and what breaks.

use super::action::{ShareAction, ShareFault};
use super::build;
use super::device::Battery;
use super::message::End;
use super::system::{Ctx, Place, Share};
use crate::links::LinkFault;
use crate::observer::Observer;
use crate::phone::Power;
use crate::world::MobileWorld;
use polysim_baseband::BasebandInput;
use polysim_share::master::{Holder, MasterCommand, MasterInput, SlaveId};
use polysim_share::slave::{SlaveCommand, SlaveInput};

impl MobileWorld {
    pub(crate) fn share_action(&mut self, ctx: &mut Ctx<'_>, action: &ShareAction) {
        self.with_share(ctx, |share, ctx, observer| share.apply(ctx, observer, action));
    }

    pub(crate) fn share_fault(&mut self, ctx: &mut Ctx<'_>, fault: &ShareFault, on: bool) {
        match fault {
            ShareFault::Link { phone, fault } => {
                self.with_share(ctx, |share, ctx, _| share.link_fault(ctx, *phone, *fault, on));
            }
            ShareFault::Crash { phone } => {
                let Some((phone, place)) = self.shared_phone(*phone) else { return };
                if let Some(device) = self.share.as_mut().and_then(|it| it.device_mut(place)) {
                    device.faults.crash = on;
                }
                self.software(ctx, phone, place);
            }
            ShareFault::Battery { phone } => {
                let Some((phone, place)) = self.shared_phone(*phone) else { return };
                self.battery(ctx, phone, place, on);
            }
        }
    }

    fn shared_phone(&self, phone: usize) -> Option<(u32, Place)> {
        let phone = u32::try_from(phone).ok()?;
        Some((phone, self.share.as_ref()?.place(phone)?))
    }

    /// A device loses its power, or has it back.
    fn battery(&mut self, ctx: &mut Ctx<'_>, phone: u32, place: Place, lost: bool) {
        let is_on = self.phone(phone).is_some_and(|phone| phone.power == Power::On);
        let device = self.share.as_mut().and_then(|it| it.device_mut(place));
        let Some(faults) = device.map(|device| &mut device.faults) else { return };
        match (lost, faults.battery) {
            (true, None) => {
                faults.battery = Some(Battery { was_on: is_on });
                if is_on {
                    self.baseband(ctx, phone, BasebandInput::PowerLost);
                    self.powered(ctx, phone, false);
                }
                self.software(ctx, phone, place);
            }
            (false, Some(Battery { was_on })) => {
                faults.battery = None;
                if was_on {
                    self.switch(ctx, phone, true);
                }
                self.software(ctx, phone, place);
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// The software of a device dies, or starts again, as its faults have it.
    fn software(&mut self, ctx: &mut Ctx<'_>, phone: u32, place: Place) {
        let device = self.share.as_ref().and_then(|it| it.device(place));
        if device.is_some_and(|device| device.faults.allow()) {
            self.with_share(ctx, |share, ctx, observer| share.restart(ctx, observer, place));
        } else {
            self.with_share(ctx, |share, ctx, _| share.crash(ctx, place));
            // With the software, the card that it has made is gone, and the modem leaves. One that
            // hangs is switched off by whatever watches over the device: nobody else is there to do it.
            self.take_out(ctx, phone);
            if self.is_on_network(phone) {
                self.cut_power(ctx, phone);
            }
        }
    }
}

impl Share {
    fn apply(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>, action: &ShareAction) {
        match action {
            ShareAction::Carry { phone, spot } => self.carry(ctx, *phone, *spot),
            ShareAction::Pick { phone } => {
                let Some((group, holder)) = self.holder_on(*phone) else { return };
                self.command(ctx, observer, group, MasterCommand::Pick(holder));
            }
            ShareAction::Release { phone } => match self.place_of(*phone) {
                Some(Place::Master(group)) => {
                    self.command(ctx, observer, group, MasterCommand::Release);
                }
                Some(Place::Slave(_)) | None => {
                    self.user_of(ctx, observer, *phone, SlaveCommand::Release);
                }
            },
            ShareAction::Want { phone } => self.user_of(ctx, observer, *phone, SlaveCommand::Want),
            ShareAction::Forget { phone } => {
                self.user_of(ctx, observer, *phone, SlaveCommand::Forget);
            }
            ShareAction::Pair { phone } => {
                if let Some(Place::Slave(slave)) = self.place_of(*phone) {
                    self.pair(ctx, observer, slave);
                    self.look_at_link(ctx, slave);
                }
            }
            ShareAction::Unpair { phone } => {
                if let Some((slave, group, id)) = self.slave_on(*phone) {
                    self.command(ctx, observer, group, MasterCommand::Unpair(id));
                    self.look_at_link(ctx, slave);
                }
            }
            ShareAction::Consent { phone, allow } => {
                if let Some((_, group, slave)) = self.slave_on(*phone) {
                    let command = MasterCommand::Consent { slave, allow: *allow };
                    self.command(ctx, observer, group, command);
                }
            }
            ShareAction::Replace { group } => {
                let Ok(group) = u32::try_from(*group) else { return };
                if let Some(set) = self.next_set(group) {
                    self.command(ctx, observer, group, MasterCommand::Replace(Box::new(set)));
                }
            }
        }
    }

    fn place_of(&self, phone: usize) -> Option<Place> {
        self.place(u32::try_from(phone).ok()?)
    }

    /// Returns a slave, its group, and how its master numbers it.
    fn slave_on(&self, phone: usize) -> Option<(u32, u32, SlaveId)> {
        match self.place_of(phone)? {
            Place::Slave(slave) => {
                let member = self.member(slave)?;
                Some((slave, member.group, member.id?))
            }
            Place::Master(_) => None,
        }
    }

    fn holder_on(&self, phone: usize) -> Option<(u32, Holder)> {
        match self.place_of(phone)? {
            Place::Master(group) => Some((group, Holder::Own)),
            Place::Slave(_) => {
                let (_, group, id) = self.slave_on(phone)?;
                Some((group, Holder::Slave(id)))
            }
        }
    }

    fn command(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        group: u32,
        command: MasterCommand,
    ) {
        self.tell_master(ctx, observer, group, MasterInput::Command(command));
    }

    fn user_of(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        phone: usize,
        command: SlaveCommand,
    ) {
        if let Some(Place::Slave(slave)) = self.place_of(phone) {
            self.tell_slave(ctx, observer, slave, SlaveInput::Command(command));
        }
    }

    /// Both users have compared their numbers.
    pub(crate) fn pair(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>, slave: u32) {
        let Some(member) = self.member(slave) else { return };
        let (group, key) = (member.group, member.key);
        let Some(name) = build::device_name(member.device.phone, observer.as_deref()) else {
            return;
        };
        self.command(ctx, observer, group, MasterCommand::Pair { key, name });
        self.number(slave);
    }

    /// Learns how a master numbers a slave.
    fn number(&mut self, slave: u32) {
        let Some(member) = self.member(slave) else { return };
        let master = self.group(member.group).and_then(|group| group.node.machine());
        let id = master.and_then(|master| master.slave_with(&member.key));
        if let (Some(id), Some(member)) = (id, self.member_mut(slave)) {
            member.id = Some(id);
        }
    }

    fn carry(&mut self, ctx: &mut Ctx<'_>, phone: usize, spot: usize) {
        let Some(place) = self.place_of(phone) else { return };
        if let Some(device) = self.device_mut(place) {
            device.spot = spot;
        }
        match place {
            Place::Master(group) => self.look_at_links(ctx, group),
            Place::Slave(slave) => self.look_at_link(ctx, slave),
        }
    }

    fn link_fault(&mut self, ctx: &mut Ctx<'_>, phone: usize, fault: LinkFault, on: bool) {
        let Some(Place::Slave(slave)) = self.place_of(phone) else { return };
        let group = self.member(slave).and_then(|member| self.group(member.group));
        let Some(master) = group.map(|group| group.device.phone as usize) else { return };
        self.links.fault((phone, master), fault, on);
        self.look_at_link(ctx, slave);
    }

    fn crash(&mut self, ctx: &mut Ctx<'_>, place: Place) {
        match place {
            Place::Master(group) => {
                let Some(of) = self.group_mut(group) else { return };
                of.node.crash();
                let slaves = of.slaves.clone();
                self.close_card(group);
                slaves.for_each(|slave| self.died(ctx, slave, End::Master));
            }
            Place::Slave(slave) => {
                if let Some(member) = self.member_mut(slave) {
                    member.node.crash();
                    self.died(ctx, slave, End::Slave);
                }
            }
        }
    }

    fn restart(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>, place: Place) {
        match place {
            Place::Master(group) => {
                let Some(of) = self.group_mut(group) else { return };
                if of.node.restart(build::fresh_master(of)) {
                    let master = of.node.machine();
                    let lease = master.map(|master| (master.holder(), master.epoch()));
                    if let (Some((holder, epoch)), Some(truth)) = (lease, &mut self.truth) {
                        truth.restored(group, holder, epoch);
                    }
                    self.tell_master(ctx, observer, group, MasterInput::Start);
                    self.look_at_links(ctx, group);
                }
            }
            Place::Slave(slave) => {
                let Some(member) = self.member_mut(slave) else { return };
                if member.node.restart(build::fresh_slave(member)) {
                    self.tell_slave(ctx, observer, slave, SlaveInput::Start);
                    self.look_at_link(ctx, slave);
                }
            }
        }
    }
}
