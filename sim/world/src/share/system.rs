//! The groups of a world, and where what their devices say goes.

use super::config::ShareLinks;
use super::device::{Device, Order};
use super::issuer::Issuer;
use super::message::{End, ShareMessage};
use super::tell::Counts;
use super::tie::Tie;
use super::truth::Truth;
use crate::config::LatencyRange;
use crate::durable::{Did, Durable};
use crate::links::Links;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Instant, Machine, Stream};
use polysim_card::{Card, PinConfig};
use polysim_kernel::{Context, NodeId};
use polysim_share::PeerKey;
use polysim_share::master::{
    Master, MasterCommand, MasterConfig, MasterInput, MasterOutput, Mode, OwnOrder, SlaveId,
};
use polysim_share::sap::{Client, ClientInput, Server};
use polysim_share::slave::{ModemOrder, Slave, SlaveConfig, SlaveInput, SlaveOutput};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub(crate) type Ctx<'a> = Context<'a, Message>;

/// The groups of a world.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) seed: u64,
    /// The radio of the first phone.
    pub(crate) first_radio: u32,
    /// How long a device takes to make records durable.
    pub(crate) sync: LatencyRange,
    pub(crate) groups: Vec<Group>,
    pub(crate) members: Vec<Member>,
    /// What each phone is, by index.
    pub(crate) places: Vec<Option<Place>>,
    pub(crate) links: Links<ShareLinks>,
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) pins: Arc<PinConfig>,
    /// What is to be done with modems.
    pub(crate) orders: VecDeque<(u32, Order)>,
    /// Somebody is at it.
    pub(crate) carrying_out: bool,
    /// How long disks take.
    pub(crate) disks: Stream,
    pub(crate) counts: Counts,
    /// Each message is encoded and decoded on its way.
    pub(crate) encode: bool,
    /// What is true of each group, where somebody looks on.
    pub(crate) truth: Option<Box<Truth>>,
}

/// A group, with its master.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) node: Durable<Master>,
    /// What the master is set up with.
    pub(crate) config: Box<MasterConfig>,
    pub(crate) device: Device,
    /// The master's modem has the subscription at first.
    pub(crate) own: bool,
    /// Whose subscription it is.
    pub(crate) operator: usize,
    /// Its slaves, among the members.
    pub(crate) slaves: Range<u32>,
    /// How often the set was replaced.
    pub(crate) replaced: u32,
    /// The card, while it is in no slot: it stays with the master where it is lent.
    pub(crate) card: Option<Box<Card>>,
    /// What lends it.
    pub(crate) server: Option<Box<Server>>,
}

/// A slave.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) node: Durable<Slave>,
    pub(crate) config: SlaveConfig,
    pub(crate) device: Device,
    pub(crate) group: u32,
    pub(crate) key: PeerKey,
    /// It is paired at first.
    pub(crate) paired: bool,
    /// How its master numbers it, or did last.
    pub(crate) id: Option<SlaveId>,
    /// The link with its master.
    pub(crate) tie: Tie,
    /// What stands in the slot of its modem for a card that stays with the master.
    pub(crate) client: Option<Box<Client>>,
}

/// What a phone is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// The phone of the master of a group.
    Master(u32),
    /// That of a slave.
    Slave(u32),
}

impl Share {
    pub(crate) fn place(&self, phone: u32) -> Option<Place> {
        self.places.get(phone as usize).copied().flatten()
    }

    pub(crate) fn group(&self, group: u32) -> Option<&Group> {
        self.groups.get(group as usize)
    }

    pub(crate) fn group_mut(&mut self, group: u32) -> Option<&mut Group> {
        self.groups.get_mut(group as usize)
    }

    pub(crate) fn member(&self, slave: u32) -> Option<&Member> {
        self.members.get(slave as usize)
    }

    pub(crate) fn member_mut(&mut self, slave: u32) -> Option<&mut Member> {
        self.members.get_mut(slave as usize)
    }

    pub(crate) fn device(&self, place: Place) -> Option<&Device> {
        match place {
            Place::Master(group) => self.group(group).map(|group| &group.device),
            Place::Slave(slave) => self.member(slave).map(|member| &member.device),
        }
    }

    pub(crate) fn device_mut(&mut self, place: Place) -> Option<&mut Device> {
        match place {
            Place::Master(group) => self.group_mut(group).map(|group| &mut group.device),
            Place::Slave(slave) => self.member_mut(slave).map(|member| &mut member.device),
        }
    }

    /// Returns the group that a device belongs to.
    pub(crate) fn group_of(&self, place: Place) -> Option<u32> {
        match place {
            Place::Master(group) => Some(group),
            Place::Slave(slave) => self.member(slave).map(|member| member.group),
        }
    }

    /// Returns the slave that a master has numbered so.
    pub(crate) fn numbered(&self, group: u32, id: SlaveId) -> Option<u32> {
        let mut slaves = self.group(group)?.slaves.clone();
        slaves.find(|slave| self.member(*slave).is_some_and(|member| member.id == Some(id)))
    }

    /// Everything starts, and what is paired at first gets to know each other.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>, mut observer: Option<&mut Observer>) {
        for group in (0_u32..).take(self.groups.len()) {
            self.tell_master(ctx, observer.as_deref_mut(), group, MasterInput::Start);
            let slaves = self.group(group).map_or(0..0, |group| group.slaves.clone());
            for slave in slaves.clone() {
                self.tell_slave(ctx, observer.as_deref_mut(), slave, SlaveInput::Start);
                if self.member(slave).is_some_and(|member| member.paired) {
                    self.pair(ctx, observer.as_deref_mut(), slave);
                }
            }
            if self.group(group).is_some_and(|group| group.own) {
                let pick = MasterCommand::Pick(polysim_share::master::Holder::Own);
                let pick = MasterInput::Command(pick);
                self.tell_master(ctx, observer.as_deref_mut(), group, pick);
            }
            slaves.for_each(|slave| self.look_at_link(ctx, slave));
        }
    }

    /// Gives a master something.
    pub(crate) fn tell_master(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        group: u32,
        input: MasterInput,
    ) {
        self.master_does(ctx, observer, group, |machine, now| machine.handle(now, input));
    }

    /// Gives a slave something.
    pub(crate) fn tell_slave(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        slave: u32,
        input: SlaveInput,
    ) {
        self.slave_does(ctx, observer, slave, |machine, now| machine.handle(now, input));
    }

    pub(crate) fn tell_slave_down(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        slave: u32,
    ) {
        self.slave_does(ctx, observer, slave, |machine, now| {
            machine.handle(now, SlaveInput::Down(now));
        });
    }

    fn master_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        group: u32,
        give: impl FnOnce(&mut Master, Instant),
    ) {
        let now = ctx.now();
        let truth = self.truth.as_deref_mut();
        let Some(of) = self.groups.get_mut(group as usize) else { return };
        let did = match truth {
            Some(truth) => of.node.give_watched(now, give, |record| truth.recorded(group, record)),
            None => of.node.give(now, give),
        };
        self.master_did(ctx, observer, group, did);
    }

    fn slave_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        slave: u32,
        give: impl FnOnce(&mut Slave, Instant),
    ) {
        let now = ctx.now();
        let Some(member) = self.member_mut(slave) else { return };
        let did = member.node.give(now, give);
        self.slave_did(ctx, observer, slave, did);
    }

    /// A node is woken.
    pub(crate) fn wake(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        (kind, node): (Kind, u32),
    ) {
        let now = ctx.now();
        if kind == Kind::Master {
            if self.group_mut(node).is_some_and(|group| group.node.armed.fired(now)) {
                self.master_does(ctx, observer.as_deref_mut(), node, Machine::handle_timeout);
                self.server_does(ctx, observer, node, Machine::handle_timeout);
            }
        } else if self.member_mut(node).is_some_and(|member| member.node.armed.fired(now)) {
            self.slave_does(ctx, observer.as_deref_mut(), node, Machine::handle_timeout);
            self.client_does(ctx, observer, node, Machine::handle_timeout);
        }
    }

    /// A message arrives at a node. Returns the phone whose card may answer now, as what it has accepted
    /// is written down.
    pub(crate) fn deliver(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        (kind, node): (Kind, u32),
        message: ShareMessage,
    ) -> Option<u32> {
        match message {
            ShareMessage::ToMaster { slave, session, said } => {
                let member = self.member(slave).filter(|it| it.tie.hears(End::Master, session));
                if let Some(id) = member.and_then(|member| member.id) {
                    let input = MasterInput::Message(id, said);
                    self.tell_master(ctx, observer, node, input);
                }
            }
            ShareMessage::ToSlave { session, said } => {
                if self.member(node).is_some_and(|it| it.tie.hears(End::Slave, session)) {
                    self.tell_slave(ctx, observer, node, SlaveInput::Message(said));
                }
            }
            ShareMessage::Terminal(signal) => {
                self.tell_client(ctx, observer, node, ClientInput::Terminal(signal));
            }
            ShareMessage::Open { session } => self.open(ctx, observer, node, session),
            ShareMessage::Down { session, end } => self.down(ctx, observer, node, session, end),
            ShareMessage::Written(life) if kind == Kind::Master => {
                let group = self.group_mut(node)?;
                let did = Did { now: group.node.written(life), writes: false };
                group.node.compact(Master::checkpoint);
                let phone = (group.node.life == life).then_some(group.device.phone);
                self.master_did(ctx, observer, node, did);
                return phone;
            }
            ShareMessage::Written(life) => {
                let member = self.member_mut(node)?;
                let did = Did { now: member.node.written(life), writes: false };
                member.node.compact(Slave::checkpoint);
                let phone = (member.node.life == life).then_some(member.device.phone);
                self.slave_did(ctx, observer, node, did);
                return phone;
            }
        }
        None
    }

    /// Has the disk of a node write.
    fn write(&mut self, ctx: &mut Ctx<'_>, to: NodeId, life: u32) {
        let delay = self.disks.duration(self.sync.min, self.sync.max);
        ctx.send(delay, to, Message::Share(Box::new(ShareMessage::Written(life))));
    }

    /// Carries out what a master has done.
    fn master_did(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        group: u32,
        did: Did<MasterOutput>,
    ) {
        if let (true, Some(life)) = (did.writes, self.group(group).map(|group| group.node.life)) {
            self.write(ctx, Kind::Master.node(group), life);
        }
        for output in did.now {
            match output {
                MasterOutput::Send(id, said) => {
                    if let Some(slave) = self.numbered(group, id) {
                        self.say_to_slave(ctx, slave, said);
                    }
                }
                MasterOutput::Own(order) => self.order_own(group, order),
                MasterOutput::Card(order) => {
                    self.order_card(ctx, observer.as_deref_mut(), group, order);
                }
                MasterOutput::Disconnect(id) => {
                    if let Some(slave) = self.numbered(group, id) {
                        self.look_at_link(ctx, slave);
                    }
                }
                MasterOutput::Tell(event) => {
                    self.counts.count(&event);
                    if let Some(observer) = observer.as_deref_mut() {
                        self.tell_of_master(ctx.now(), observer, group, &event);
                    }
                }
            }
        }
        self.arm_master(ctx, group);
    }

    /// A master is woken when it wants to be, or the server of its card does.
    pub(super) fn arm_master(&mut self, ctx: &mut Ctx<'_>, group: u32) {
        let Some(of) = self.group_mut(group) else { return };
        let server = of.server.as_ref().and_then(|server| server.poll_timeout());
        let deadline = of.node.deadline().into_iter().chain(server.map(|(at, _)| at)).min();
        of.node.armed.arm(ctx, Kind::Master.node(group), deadline);
    }

    /// Carries out what a slave has done.
    fn slave_did(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        slave: u32,
        did: Did<SlaveOutput>,
    ) {
        if let (true, Some(life)) = (did.writes, self.member(slave).map(|member| member.node.life))
        {
            self.write(ctx, Kind::Slave.node(slave), life);
        }
        for output in did.now {
            match output {
                SlaveOutput::Send(said) => self.say_to_master(ctx, slave, said),
                SlaveOutput::Modem(order) => self.order_modem(slave, order),
                SlaveOutput::Card(octets) => {
                    let octets = ClientInput::Octets(octets);
                    self.tell_client(ctx, observer.as_deref_mut(), slave, octets);
                }
                SlaveOutput::Tell(event) => {
                    if let Some(observer) = observer.as_deref_mut() {
                        self.tell_of_slave(ctx.now(), observer, slave, &event);
                    }
                }
            }
        }
        self.arm_slave(ctx, slave);
    }

    /// The same for a slave, and the client in the slot of its modem.
    pub(super) fn arm_slave(&mut self, ctx: &mut Ctx<'_>, slave: u32) {
        let Some(member) = self.member_mut(slave) else { return };
        let client = member.client.as_ref().and_then(|client| client.poll_timeout());
        let deadline = member.node.deadline().into_iter().chain(client.map(|(at, _)| at)).min();
        member.node.armed.arm(ctx, Kind::Slave.node(slave), deadline);
    }

    fn order_own(&mut self, group: u32, order: OwnOrder) {
        let Some(of) = self.group(group) else { return };
        let phone = of.device.phone;
        let order = match order {
            OwnOrder::Leave => Order::Leave,
            OwnOrder::Attach(_) if of.config.mode == Mode::Remote => Order::AttachHome,
            OwnOrder::Attach(sequence) => {
                let set = self.shared_set(group);
                set.map_or(Order::Leave, |set| {
                    Order::Attach(Box::new(polysim_share::slave::SoftCard { set, sequence }))
                })
            }
        };
        self.orders.push_back((phone, order));
    }

    fn order_modem(&mut self, slave: u32, order: ModemOrder) {
        let Some(phone) = self.member(slave).map(|member| member.device.phone) else { return };
        let order = match order {
            ModemOrder::Attach(card) => Order::Attach(card),
            ModemOrder::AttachRemote => Order::AttachRemote,
            ModemOrder::Leave => Order::Leave,
            ModemOrder::CutPower => Order::CutPower,
        };
        self.orders.push_back((phone, order));
    }
}
