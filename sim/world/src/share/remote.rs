//! A card that stays with the master, and the modem of a slave that speaks with it (SIM Access Profile).

use super::device::Order;
use super::message::ShareMessage;
use super::system::{Ctx, Place, Share};
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use crate::paths::CONTACTS;
use crate::world::MobileWorld;
use polysim_apdu::CardReply;
use polysim_base::{Instant, Machine, Out};
use polysim_baseband::{BasebandInput, TerminalToCard};
use polysim_share::master::{CardOrder, MasterInput};
use polysim_share::sap::{
    Client, ClientEnd, ClientEvent, ClientInput, ClientOutput, MaxMsgSize, Server, ServerInput,
    ServerOutput,
};
use polysim_share::slave::SlaveInput;
use std::collections::VecDeque;

impl MobileWorld {
    /// Connects the slot of a slave's modem with the card of its master.
    pub(super) fn attach_remote(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        self.with_share(ctx, |share, ctx, observer| {
            let Some(Place::Slave(slave)) = share.place(phone) else { return };
            if let Some(member) = share.member_mut(slave) {
                member.device.modem.leaving = None;
                member.client = Some(Box::new(Client::new(MaxMsgSize::COMMON)));
            }
            share.tell_client(ctx, observer, slave, ClientInput::Connect);
        });
    }

    /// Something comes out of a slot that is connected with a card far away.
    pub(super) fn contact(&mut self, ctx: &mut Ctx<'_>, phone: u32, reply: CardReply) {
        if reply == CardReply::Inserted {
            return self.card_is_in(ctx, phone);
        }
        self.baseband(ctx, phone, BasebandInput::Card(reply.into()));
    }
}

impl Share {
    /// Returns the slave whose slot is connected with a card far away.
    pub(crate) fn remote(&self, phone: u32) -> Option<u32> {
        match self.place(phone)? {
            Place::Slave(slave) => self.member(slave)?.client.as_ref().map(|_| slave),
            Place::Master(_) => None,
        }
    }

    pub(super) fn is_remote(&self, phone: u32) -> bool {
        self.remote(phone).is_some()
    }

    /// A modem does something to the card that it believes in its slot.
    pub(crate) fn modem_signals(ctx: &mut Ctx<'_>, slave: u32, signal: TerminalToCard) {
        let message = Message::Share(Box::new(ShareMessage::Terminal(signal.into())));
        ctx.send(CONTACTS, Kind::Slave.node(slave), message);
    }

    /// The slot has nothing to do with the card any more.
    pub(super) fn disconnect_slot(&mut self, phone: u32) {
        if let Some(Place::Slave(slave)) = self.place(phone)
            && let Some(member) = self.member_mut(slave)
        {
            member.client = None;
        }
    }

    /// Gives a client something, if there is one.
    pub(super) fn tell_client(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        slave: u32,
        input: ClientInput,
    ) {
        self.client_does(ctx, observer, slave, |client, now| client.handle(now, input));
    }

    /// Lets a client do something, and carries out what it says.
    pub(super) fn client_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        slave: u32,
        give: impl FnOnce(&mut Client, Instant),
    ) {
        let Some(member) = self.member_mut(slave) else { return };
        let (phone, Some(client)) = (member.device.phone, &mut member.client) else { return };
        give(client, ctx.now());
        let mut said = Vec::new();
        while let Some(Out::Do(output)) = client.poll_output() {
            said.push(output);
        }
        for output in said {
            match output {
                ClientOutput::Octets(octets) => {
                    let input = SlaveInput::Card(octets);
                    self.tell_slave(ctx, observer.as_deref_mut(), slave, input);
                }
                ClientOutput::Terminal(reply) => {
                    self.orders.push_back((phone, Order::Contact(reply)));
                }
                ClientOutput::Tell(ClientEvent::Disconnected(
                    ClientEnd::SentAway | ClientEnd::NoAnswer | ClientEnd::Refused(_),
                )) => self.orders.push_back((phone, Order::Leave)),
                // The slave knows of the link itself, and the rest goes by.
                ClientOutput::Tell(_) => {}
            }
        }
        self.arm_slave(ctx, slave);
    }

    /// The card is not there any more: the software that serves it has died.
    pub(super) fn close_card(&mut self, group: u32) {
        let Some(group) = self.group_mut(group) else { return };
        group.server = None;
        if let Some(card) = &mut group.card {
            card.power_off();
        }
    }

    /// Carries out what a master says to the server of its card.
    pub(super) fn order_card(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        group: u32,
        order: CardOrder,
    ) {
        let input = match order {
            CardOrder::Open(_) => ServerInput::LinkUp,
            CardOrder::Message(octets) => ServerInput::Octets(octets),
            CardOrder::Close => ServerInput::LinkLost,
        };
        if let Some(of) = self.group_mut(group) {
            of.server.get_or_insert_with(|| Box::new(Server::new(MaxMsgSize::COMMON)));
        }
        self.server_does(ctx, observer, group, |server, now| server.handle(now, input));
    }

    /// Lets a server do something with its card, and carries out what it says.
    pub(super) fn server_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        group: u32,
        give: impl FnOnce(&mut Server, Instant),
    ) {
        let now = ctx.now();
        let Some(of) = self.group_mut(group) else { return };
        let Some(server) = &mut of.server else { return };
        give(server, now);
        let (mut replies, mut octets) = (VecDeque::new(), Vec::new());
        loop {
            while let Some(Out::Do(output)) = server.poll_output() {
                match output {
                    ServerOutput::Octets(said) => octets.push(said),
                    ServerOutput::Card(signal) => {
                        let card = of.card.as_mut();
                        replies.extend(card.map_or_else(Vec::new, |it| it.replies(now, signal)));
                    }
                    ServerOutput::Tell(_) => {}
                }
            }
            match replies.pop_front() {
                Some(reply) => server.handle(now, ServerInput::Card(reply)),
                None => break,
            }
        }
        for said in octets {
            self.tell_master(ctx, observer.as_deref_mut(), group, MasterInput::Card(said));
        }
        self.arm_master(ctx, group);
    }
}
