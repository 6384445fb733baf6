//! Modems of devices that share a virtual SIM: cards come and go, and radios are switched off before.

use super::device::{Device, Order};
use super::message::ShareMessage;
use super::system::{Ctx, Place, Share};
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use crate::paths::CONTACTS;
use crate::phone::Power;
use crate::world::MobileWorld;
use polysim_aka::SqnArray;
use polysim_baseband::{BasebandInput, CardToTerminal, RegistrationState};
use polysim_card::Card;
use polysim_modem::{ModemCommand, ModemInput, PowerDown};
use polysim_share::master::{MasterInput, Mode};
use polysim_share::slave::SlaveInput;

/// Commands to modems are numbered from here on: behind those of users, before those of tools.
const COMMANDS: u64 = 1 << 62;
const COMMANDS_END: u64 = 1 << 63;

impl MobileWorld {
    /// A message about shared SIMs arrives.
    pub(crate) fn share_input(
        &mut self,
        ctx: &mut Ctx<'_>,
        node: (Kind, u32),
        message: ShareMessage,
    ) {
        let phone = self
            .with_share(ctx, |share, ctx, observer| share.deliver(ctx, observer, node, message));
        if let Some(phone) = phone.flatten() {
            self.card_may_answer(ctx, phone);
        }
    }

    pub(crate) fn wake_share(&mut self, ctx: &mut Ctx<'_>, node: (Kind, u32)) {
        self.with_share(ctx, |share, ctx, observer| share.wake(ctx, observer, node));
    }

    /// Does something with the groups of the world, and then with modems what comes of it.
    pub(crate) fn with_share<R>(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut Share, &mut Ctx<'_>, Option<&mut Observer>) -> R,
    ) -> Option<R> {
        let observer = self.observer.as_deref_mut();
        let share = self.share.as_deref_mut()?;
        let result = work(share, ctx, observer);
        // What comes of an order waits its turn.
        if !core::mem::replace(&mut share.carrying_out, true) {
            while let Some((phone, order)) = self.share.as_mut()?.orders.pop_front() {
                self.carry_out(ctx, phone, order);
            }
            self.share.as_mut()?.carrying_out = false;
        }
        self.watch_leases();
        Some(result)
    }

    fn device(&mut self, phone: u32) -> Option<&mut Device> {
        let share = self.share.as_deref_mut()?;
        let place = share.place(phone)?;
        share.device_mut(place)
    }

    fn carry_out(&mut self, ctx: &mut Ctx<'_>, phone: u32, order: Order) {
        match order {
            Order::Attach(soft) => {
                let Some(share) = self.share.as_deref_mut() else { return };
                let operator = share.operator_of(phone);
                if let Some(card) = operator.and_then(|it| share.soft_card(it, phone, *soft)) {
                    self.attach(ctx, phone, card);
                }
            }
            Order::AttachHome => {
                let share = self.share.as_deref_mut();
                if let Some(card) = share.and_then(|share| share.take_home_card(phone)) {
                    self.attach(ctx, phone, *card);
                }
            }
            Order::AttachRemote => self.attach_remote(ctx, phone),
            Order::Contact(reply) => self.contact(ctx, phone, reply),
            Order::Leave => self.leave(ctx, phone),
            Order::CutPower => self.cut_power(ctx, phone),
        }
    }

    /// Puts a card into a modem, and has that set up by the software that drives it.
    fn attach(&mut self, ctx: &mut Ctx<'_>, phone: u32, card: Card) {
        if let Some(share) = self.share.as_deref_mut() {
            share.carries(phone, &card);
        }
        if let Some(device) = self.device(phone) {
            device.modem.leaving = None;
            device.modem.sequence = card.sequence().cloned().unwrap_or_default();
        }
        if let Some(of) = self.phone_mut(phone) {
            of.card = Some(card);
        }
        self.card_is_in(ctx, phone);
    }

    /// There is a card, here or far away.
    pub(super) fn card_is_in(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        self.baseband(ctx, phone, BasebandInput::Card(CardToTerminal::Inserted));
        self.initialise(ctx, phone);
    }

    /// A phone is on again. The software that drives its modem was told to leave the network, it may be,
    /// and not yet that there is a card again.
    pub(crate) fn share_powered(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        if self.share.is_some() && self.has_card(phone) {
            self.initialise(ctx, phone);
        }
    }

    fn initialise(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        if let Some(id) = self.next_command(phone) {
            let command = ModemCommand::Initialise { pin: None };
            self.host_input(ctx, phone, ModemInput::Command { id, command });
        }
    }

    /// Returns the number of the next command to a modem, if that is on.
    fn next_command(&mut self, phone: u32) -> Option<u64> {
        let of = self.phone(phone)?;
        if of.power != Power::On || of.host.is_none() {
            return None;
        }
        let modem = &mut self.device(phone)?.modem;
        modem.commands += 1;
        Some(COMMANDS + modem.commands)
    }

    fn leave(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        if self.device(phone).is_none_or(|device| device.modem.leaving.is_some()) {
            return;
        }
        let id = if self.has_card(phone) { self.next_command(phone) } else { None };
        if let Some(device) = self.device(phone) {
            // The software may answer at once.
            device.modem.leaving = id;
        }
        let Some(id) = id else { return self.radio_is_off(ctx, phone) };
        let command = ModemCommand::PowerOff(PowerDown::Flight);
        self.host_input(ctx, phone, ModemInput::Command { id, command });
    }

    /// Returns whether there is a card in a modem, or its slot is connected with one far away.
    fn has_card(&self, phone: u32) -> bool {
        let is_remote = self.share.as_ref().is_some_and(|share| share.is_remote(phone));
        is_remote || self.phone(phone).is_some_and(|phone| phone.card.is_some())
    }

    /// The software that drives a modem is done with a command of a group; returns whether it was one.
    pub(crate) fn share_answered(&mut self, ctx: &mut Ctx<'_>, phone: u32, id: u64) -> bool {
        if self.share.is_none() || !(COMMANDS..COMMANDS_END).contains(&id) {
            return false;
        }
        if self.device(phone).is_some_and(|device| device.modem.leaving == Some(id)) {
            self.radio_is_off(ctx, phone);
        }
        true
    }

    /// The radio should be off now: the card is taken out, and then the modem must be on no network.
    fn radio_is_off(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        self.take_out(ctx, phone);
        if !self.is_on_network(phone) {
            return self.left(ctx, phone);
        }
        let place = self.share.as_ref().and_then(|share| share.place(phone));
        if let Some(Place::Master(_)) = place {
            // Nobody else cuts the power of the master's own modem.
            self.cut_power(ctx, phone);
        }
    }

    pub(super) fn is_on_network(&self, phone: u32) -> bool {
        let Some(phone) = self.phone(phone) else { return false };
        phone.hung.is_some() || is_registered(phone.baseband.machine.registration())
    }

    /// Takes whatever card there is out of a modem. A soft one is gone; that of a group stays with it.
    pub(super) fn take_out(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        if !self.has_card(phone) {
            return;
        }
        let card = self.phone_mut(phone).and_then(|phone| phone.card.take());
        if let Some(share) = self.share.as_deref_mut() {
            share.keep_home_card(phone, card);
            share.disconnect_slot(phone);
        }
        if let Some(device) = self.device(phone) {
            device.modem.held.clear();
        }
        self.baseband(ctx, phone, BasebandInput::Card(CardToTerminal::Removed));
    }

    /// Cuts the power of a modem, and gives it back without a card.
    pub(super) fn cut_power(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let is_on = self.phone(phone).is_some_and(|phone| phone.power == Power::On);
        if is_on {
            self.host_input(ctx, phone, ModemInput::PortLost);
        }
        self.baseband(ctx, phone, BasebandInput::PowerLost);
        self.take_out(ctx, phone);
        if is_on {
            self.baseband(ctx, phone, BasebandInput::Power(true));
            self.host_input(ctx, phone, ModemInput::PortOpened);
        }
        self.left(ctx, phone);
    }

    /// A modem is on no network, and without a card.
    fn left(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        if let Some(device) = self.device(phone) {
            device.modem.leaving = None;
        }
        self.with_share(ctx, |share, ctx, observer| match share.place(phone) {
            Some(Place::Master(group)) => {
                share.tell_master(ctx, observer, group, MasterInput::OwnLeft);
            }
            Some(Place::Slave(slave)) => share.tell_slave(ctx, observer, slave, SlaveInput::Left),
            None => {}
        });
    }

    /// The card of a device has handled something. Returns whether what it answers has to wait until it
    /// is written down which sequence numbers it has accepted.
    pub(crate) fn share_saw_card(&mut self, ctx: &mut Ctx<'_>, phone: u32) -> bool {
        let card = self.phones.get(phone as usize).and_then(|phone| phone.card.as_ref());
        let Some(sequence) = card.and_then(Card::sequence) else { return false };
        let Some(share) = self.share.as_deref() else { return false };
        let Some(place) = share.place(phone) else { return false };
        if share.device(place).is_none_or(|device| device.modem.sequence == *sequence) {
            return false;
        }
        let sequence = sequence.clone();
        self.with_share(ctx, |share, ctx, observer| {
            share.accepted(ctx, observer, place, sequence);
            let waits = share.is_writing(place);
            if !waits {
                share.answers(place);
            }
            waits
        })
        .unwrap_or(false)
    }

    /// A card's answer waits for the disk.
    pub(crate) fn hold_answer(&mut self, phone: u32, answer: CardToTerminal) {
        if let Some(device) = self.device(phone) {
            device.modem.held.push(answer);
        }
    }

    /// The disk is done.
    fn card_may_answer(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let Some(device) = self.device(phone).filter(|it| !it.modem.held.is_empty()) else {
            return;
        };
        for answer in core::mem::take(&mut device.modem.held) {
            let message = Message::Baseband(BasebandInput::Card(answer));
            ctx.send(CONTACTS, Kind::Baseband.node(phone), message);
        }
        if let Some(share) = self.share.as_deref_mut()
            && let Some(place) = share.place(phone)
        {
            share.answers(place);
        }
    }
}

/// Returns whether that is service.
pub(super) const fn is_registered(registration: RegistrationState) -> bool {
    match registration {
        RegistrationState::Home | RegistrationState::Roaming => true,
        RegistrationState::NotRegistered
        | RegistrationState::Searching
        | RegistrationState::Denied => false,
    }
}

impl Share {
    fn operator_of(&self, phone: u32) -> Option<usize> {
        let group = self.group_of(self.place(phone)?)?;
        self.group(group).map(|group| group.operator)
    }

    /// Takes the card of a group, for the modem of its master.
    fn take_home_card(&mut self, phone: u32) -> Option<Box<Card>> {
        match self.place(phone)? {
            Place::Master(group) => self.group_mut(group)?.card.take(),
            Place::Slave(_) => None,
        }
    }

    /// A card was taken out of a modem.
    fn keep_home_card(&mut self, phone: u32, card: Option<Card>) {
        let (Some(Place::Master(group)), Some(mut card)) = (self.place(phone), card) else {
            return;
        };
        card.power_off();
        if let Some(group) = self.group_mut(group).filter(|it| it.config.mode == Mode::Remote) {
            group.card = Some(Box::new(card));
        }
    }

    /// The card of a device has accepted another sequence number.
    fn accepted(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        place: Place,
        sequence: SqnArray,
    ) {
        if let Some(device) = self.device_mut(place) {
            device.modem.sequence = sequence.clone();
        }
        match place {
            Place::Master(group) => {
                self.tell_master(ctx, observer, group, MasterInput::OwnSequence(sequence));
            }
            Place::Slave(slave) => {
                self.tell_slave(ctx, observer, slave, SlaveInput::Sequence(sequence));
            }
        }
    }

    /// Returns whether the disk of a device is at work.
    fn is_writing(&self, place: Place) -> bool {
        match place {
            Place::Master(group) => self.group(group).is_some_and(|it| it.node.is_writing()),
            Place::Slave(slave) => self.member(slave).is_some_and(|it| it.node.is_writing()),
        }
    }
}
