//! What is done with a courier, and what breaks.

use super::action::{CourierAction, CourierFault, CourierMatter};
use super::config::CourierEnd;
use super::message::CourierMessage;
use super::system::{Call, Courier, Ctx};
use crate::links::LinkFault;
use crate::node::Kind;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_baseband::RegistrationState;
use polysim_courier::client::{CardIdentity, Choice, ClientCommand, ClientInput, Offer};

impl MobileWorld {
    /// A message of the courier arrives.
    pub(crate) fn courier_input(
        &mut self,
        ctx: &mut Ctx<'_>,
        node: (Kind, u32),
        message: CourierMessage,
    ) {
        self.with_courier(ctx, |courier, ctx, observer| {
            courier.deliver(ctx, observer, node, message);
        });
    }

    pub(crate) fn wake_courier(&mut self, ctx: &mut Ctx<'_>, node: (Kind, u32)) {
        self.with_courier(ctx, |courier, ctx, observer| courier.wake(ctx, observer, node));
    }

    /// Does something with the courier, and then with modems and networks what comes of it.
    pub(crate) fn with_courier(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut Courier, &mut Ctx<'_>, Option<&mut Observer>),
    ) {
        let observer = self.observer.as_deref_mut();
        let Some(courier) = self.courier.as_deref_mut() else { return };
        work(courier, ctx, observer);
        // What comes of an order waits its turn.
        if core::mem::replace(&mut courier.carrying_out, true) {
            return;
        }
        while let Some(order) = self.courier.as_mut().and_then(|it| it.orders.pop_front()) {
            self.carry_out_courier(ctx, order);
        }
        if let Some(courier) = &mut self.courier {
            courier.carrying_out = false;
        }
    }

    /// A modem has done something: is there data, and which card?
    pub(crate) fn courier_saw_modem(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let Self { courier: Some(courier), phones, .. } = self else { return };
        let (Some(device), Some(of)) = (courier.on(phone as usize), phones.get(phone as usize))
        else {
            return;
        };
        let modem = &of.baseband.machine;
        let registered = match modem.registration() {
            RegistrationState::Home | RegistrationState::Roaming => modem.is_on(),
            RegistrationState::NotRegistered
            | RegistrationState::Searching
            | RegistrationState::Denied => false,
        };
        let plmn = modem.serving().filter(|_| registered).map(|cell| cell.plmn);
        let serving = plmn.and_then(|plmn| courier.networks.iter().position(|it| it.plmn == plmn));
        let imsi = modem.imsi();
        let card = of.card.as_ref().filter(|card| imsi.is_some() && card.imsi() == imsi);
        let card = card.and_then(|card| Some((card.iccid()?, card.imsi()?)));
        let known = courier.device(device);
        let same_card = known.and_then(|it| it.card).map(|it| (it.iccid, it.imsi));
        let new_card = card.filter(|card| Some(*card) != same_card);
        if new_card.is_none() && known.is_some_and(|it| it.serving == serving) {
            return;
        }
        self.with_courier(ctx, |courier, ctx, observer| {
            courier.phone_is(ctx, device, serving);
            if let Some((iccid, imsi)) = new_card {
                let number = courier.numbers.get(&imsi).copied();
                courier.card_is(ctx, observer, device, CardIdentity { iccid, imsi, number });
            }
        });
    }

    pub(crate) fn courier_action(&mut self, ctx: &mut Ctx<'_>, action: &CourierAction) {
        if let CourierAction::SwapCards { phone, with } = action {
            return self.swap_cards(ctx, *phone, *with);
        }
        self.with_courier(ctx, |courier, ctx, observer| courier.apply(ctx, observer, action));
    }

    pub(crate) fn courier_fault(&mut self, ctx: &mut Ctx<'_>, fault: &CourierFault, on: bool) {
        self.with_courier(ctx, |courier, ctx, observer| courier.fault(ctx, observer, fault, on));
    }
}

impl Courier {
    /// A phone is registered with an operator's network, or with none.
    fn phone_is(&mut self, ctx: &mut Ctx<'_>, device: u32, serving: Option<usize>) {
        if let Some(of) = self.device_mut(device) {
            of.serving = serving;
            self.look_at_link(ctx, device);
        }
    }

    /// A card is in a phone that was in it before, or another one.
    fn card_is(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        mut card: CardIdentity,
    ) {
        let Some(of) = self.device_mut(device) else { return };
        card.number = card.number.filter(|_| of.typed.is_none());
        of.card = Some(card);
        self.tell_device(ctx, observer, device, ClientInput::Card(Some(card)));
        self.may_register(ctx, device);
    }

    fn apply(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        action: &CourierAction,
    ) {
        let Some(device) = self.on(phone_of(action)) else { return };
        if let Some(command) = self.wish(device, action) {
            return self.command(ctx, observer, device, command);
        }
        match action {
            CourierAction::Read { .. } => self.read(ctx, observer, device),
            CourierAction::Link { with, .. } => {
                if let Some(other) = self.on(*with) {
                    self.invite(ctx, observer, device, other);
                }
            }
            CourierAction::Rate { kbps, .. } => {
                if let Some(of) = self.device_mut(device) {
                    of.rate_kbps = *kbps;
                }
            }
            CourierAction::User { user, .. } => {
                if let Some(of) = self.device_mut(device) {
                    of.user = user.clone();
                }
            }
            CourierAction::Register { .. }
            | CourierAction::Confirm { .. }
            | CourierAction::Guess { .. }
            | CourierAction::Contacts { .. }
            | CourierAction::Text { .. }
            | CourierAction::Dial { .. }
            | CourierAction::Answer { .. }
            | CourierAction::HangUp { .. }
            | CourierAction::Choose { .. }
            | CourierAction::Unlink { .. }
            | CourierAction::Deregister { .. }
            | CourierAction::SwapCards { .. } => {}
        }
    }

    /// Returns what an action is to the software of a device, where it is one thing.
    fn wish(&mut self, device: u32, action: &CourierAction) -> Option<ClientCommand> {
        Some(match action {
            CourierAction::Register { number, .. } => {
                let of = self.device_mut(device)?;
                of.mind.has_begun = true;
                ClientCommand::Register(*number)
            }
            CourierAction::Confirm { .. } => {
                ClientCommand::Confirm(self.device_mut(device)?.mind.code.take()?)
            }
            CourierAction::Guess { code, .. } => ClientCommand::Confirm(*code),
            CourierAction::Contacts { contacts, .. } => ClientCommand::Contacts(contacts.clone()),
            CourierAction::Text { to, text, .. } => {
                ClientCommand::Text { to: *to, text: text.clone() }
            }
            CourierAction::Dial { to, .. } => {
                self.device_mut(device)?.mind.dialled = Some(*to);
                ClientCommand::Dial(*to)
            }
            CourierAction::Answer { .. } => {
                let calls = &self.device(device)?.mind.calls;
                let rings = calls.iter().find(|(_, call)| matches!(call, Call::Incoming(_)));
                ClientCommand::Answer(*rings?.0)
            }
            CourierAction::HangUp { .. } => {
                ClientCommand::HangUp(*self.device(device)?.mind.calls.last_key_value()?.0)
            }
            CourierAction::Choose { about, choice, .. } => self.choice(device, *about, *choice)?,
            CourierAction::Unlink { other, .. } => {
                let other = self.device(self.on(*other)?)?;
                ClientCommand::Unlink(other.mind.id?)
            }
            CourierAction::Deregister { .. } => ClientCommand::Deregister,
            CourierAction::Read { .. }
            | CourierAction::Link { .. }
            | CourierAction::Rate { .. }
            | CourierAction::SwapCards { .. }
            | CourierAction::User { .. } => return None,
        })
    }

    /// Returns the answer to the newest offer of a kind; a text can be taken back without one.
    fn choice(
        &mut self,
        device: u32,
        about: CourierMatter,
        choice: Choice,
    ) -> Option<ClientCommand> {
        let mind = &mut self.device_mut(device)?.mind;
        let is_about = |offer: &&Offer| match offer {
            Offer::Call(_) => about == CourierMatter::Call,
            Offer::Text(_) => about == CourierMatter::Text,
        };
        let newest = mind.offers.iter().rev().find(is_about).copied();
        let written = mind.written.filter(|_| about == CourierMatter::Text).map(Offer::Text);
        let offer = newest.or(written)?;
        mind.offers.retain(|other| *other != offer);
        Some(ClientCommand::Choose { offer, choice })
    }

    pub(super) fn read(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        device: u32,
    ) {
        let unread = self.device_mut(device).map(|of| core::mem::take(&mut of.mind.unread));
        for text in unread.into_iter().flatten() {
            self.command(ctx, observer.as_deref_mut(), device, ClientCommand::Read(text));
        }
    }

    fn fault(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        fault: &CourierFault,
        on: bool,
    ) {
        match fault {
            CourierFault::Link { phone, fault } => self.link_fault(ctx, *phone, *fault, on),
            CourierFault::ServerCrash if on => self.crash_server(ctx, observer),
            CourierFault::ServerCrash => self.start_server(ctx, observer),
            CourierFault::DeviceCrash { phone } => {
                let Some(device) = self.on(*phone) else { return };
                if on {
                    self.crash_device(ctx, device);
                } else {
                    self.start_device(ctx, observer, device);
                }
            }
            CourierFault::TextsRefused => self.gateway.refuses = on,
            CourierFault::NoData { operator } => {
                if let Some(network) = self.networks.get_mut(*operator) {
                    network.broken = on;
                }
                self.look_at_links(ctx);
            }
        }
    }

    fn link_fault(&mut self, ctx: &mut Ctx<'_>, phone: usize, fault: LinkFault, on: bool) {
        self.links.fault((CourierEnd::Phone(phone), CourierEnd::Server), fault, on);
        if let Some(device) = self.on(phone) {
            self.look_at_link(ctx, device);
        }
    }
}

/// Returns the phone on whose device something is done.
const fn phone_of(action: &CourierAction) -> usize {
    match action {
        CourierAction::Register { phone, .. }
        | CourierAction::Confirm { phone }
        | CourierAction::Guess { phone, .. }
        | CourierAction::Contacts { phone, .. }
        | CourierAction::Text { phone, .. }
        | CourierAction::Dial { phone, .. }
        | CourierAction::Answer { phone }
        | CourierAction::HangUp { phone }
        | CourierAction::Choose { phone, .. }
        | CourierAction::Read { phone }
        | CourierAction::Link { phone, .. }
        | CourierAction::Unlink { phone, .. }
        | CourierAction::Deregister { phone }
        | CourierAction::Rate { phone, .. }
        | CourierAction::SwapCards { phone, .. }
        | CourierAction::User { phone, .. } => *phone,
    }
}
