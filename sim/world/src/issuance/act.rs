//! What is done about cards that are opened over the air, and what breaks.

use super::action::{IssuanceAction, IssuanceFault};
use super::build::{fresh_business, fresh_platform};
use super::config::IssuanceNode;
use super::customer::Customer;
use super::message::IssuanceMessage;
use super::system::{Ctx, Issuance};
use crate::node::Kind;
use crate::observer::Observer;
use crate::phone::Power;
use crate::world::MobileWorld;
use polysim_base::{Imei, Machine as _};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::{CardFault, FaultSpan};
use polysim_issuance::business::{BatchId, BusinessInput, CustomerOrder};

/// Batches without a number are counted from here on, beyond those of scenarios.
const OWN_BATCHES: u32 = 1_000_000_000;

impl MobileWorld {
    /// A message about cards that are opened arrives.
    pub(crate) fn issuance_input(
        &mut self,
        ctx: &mut Ctx<'_>,
        (kind, node): (Kind, u32),
        message: IssuanceMessage,
    ) {
        match message {
            IssuanceMessage::Operator(platform, asked) => {
                self.operator_asked(ctx, node, platform, asked);
            }
            IssuanceMessage::Tool(visit) => self.tool_due(ctx, node, visit),
            message @ (IssuanceMessage::Platform(_)
            | IssuanceMessage::Business(_)
            | IssuanceMessage::Written(_)) => {
                self.with_issuance(|issuance, observer| {
                    issuance.deliver(ctx, observer, (kind, node), message);
                });
                self.serve_tools(ctx);
            }
        }
    }

    pub(crate) fn wake_issuance(&mut self, ctx: &mut Ctx<'_>, node: IssuanceNode) {
        self.with_issuance(|issuance, observer| issuance.wake(ctx, observer, node));
        self.serve_tools(ctx);
    }

    /// Does something with what opens cards; there is somebody to tell where the world is observed.
    pub(crate) fn with_issuance<R>(
        &mut self,
        work: impl FnOnce(&mut Issuance, Option<&mut Observer>) -> R,
    ) -> Option<R> {
        let observer = self.observer.as_deref_mut();
        self.issuance.as_deref_mut().map(|issuance| work(issuance, observer))
    }

    pub(crate) fn issuance_action(&mut self, ctx: &mut Ctx<'_>, action: &IssuanceAction) {
        match action {
            IssuanceAction::Order {
                business,
                batch,
                phones,
                imeis,
                operator,
                route,
                method,
                per_s,
            } => {
                let devices = phones.iter().filter_map(|phone| self.imei_of(*phone));
                let order = CustomerOrder {
                    devices: devices.chain(imeis.iter().copied()).collect(),
                    batch: BatchId(batch.unwrap_or_else(|| self.own_batch())),
                    operator: operator.clone(),
                    route: *route,
                    method: *method,
                    per_s: *per_s,
                };
                self.customer_orders(ctx, *business, order);
            }
            IssuanceAction::Cancel { business, batch, phone } => {
                let Some(imei) = self.imei_of(*phone) else { return };
                let input = BusinessInput::Cancel { batch: BatchId(*batch), imei };
                self.customer(ctx, *business, input);
            }
            IssuanceAction::Visit { phone, business, reader, stay } => {
                self.begin_visit(ctx, *phone, (*business, *reader), *stay);
            }
            IssuanceAction::SwapCards { phone, with } => self.swap_cards(ctx, *phone, *with),
            IssuanceAction::Attack { phone, attack } => self.attack(ctx, *phone, *attack),
        }
    }

    fn imei_of(&self, phone: usize) -> Option<Imei> {
        let phone = u32::try_from(phone).ok()?;
        self.issuance.as_ref()?.imei_of(phone)
    }

    /// Returns a number for a batch that no other has.
    fn own_batch(&mut self) -> u32 {
        let Some(issuance) = &mut self.issuance else { return OWN_BATCHES };
        issuance.own_batches = issuance.own_batches.wrapping_add(1);
        OWN_BATCHES.wrapping_add(issuance.own_batches)
    }

    /// A customer orders, beside a business platform.
    pub(crate) fn customer_orders(
        &mut self,
        ctx: &mut Ctx<'_>,
        business: usize,
        order: CustomerOrder,
    ) {
        self.customer(ctx, business, BusinessInput::Order(order));
    }

    /// A customer tells a business platform something, beside it.
    fn customer(&mut self, ctx: &mut Ctx<'_>, business: usize, input: BusinessInput) {
        self.with_issuance(|issuance, observer| {
            if let Some(customer) = issuance.customers.get_mut(business) {
                customer.says(&input);
            }
            issuance.business(ctx, observer, business, |machine, now| machine.handle(now, input));
        });
        self.serve_tools(ctx);
    }

    pub(crate) fn swap_cards(&mut self, ctx: &mut Ctx<'_>, phone: usize, with: usize) {
        let (Ok(one), Ok(other)) = (u32::try_from(phone), u32::try_from(with)) else { return };
        if one == other || self.phone(one).is_none() || self.phone(other).is_none() {
            return;
        }
        // A card that is in a reader goes back first, or it would be lost.
        [one, other].into_iter().for_each(|index| self.interrupt_visit(ctx, index));
        let mut pulled = [one, other].map(|index| {
            let card = self.phone_mut(index).and_then(|phone| phone.card.take());
            self.baseband(ctx, index, BasebandInput::Card(CardToTerminal::Removed));
            card
        });
        pulled.reverse();
        for (index, card) in [one, other].into_iter().zip(pulled) {
            let Some(mut card) = card else { continue };
            card.power_off();
            if let Some(phone) = self.phone_mut(index) {
                phone.card = Some(card);
            }
            self.baseband(ctx, index, BasebandInput::Card(CardToTerminal::Inserted));
        }
        if let Some(issuance) = &mut self.issuance {
            issuance.cards.swap(one, other);
        }
    }

    pub(crate) fn issuance_fault(&mut self, ctx: &mut Ctx<'_>, fault: &IssuanceFault, on: bool) {
        match fault {
            IssuanceFault::PlatformCrash { platform } => {
                self.with_issuance(|issuance, _| issuance.platform_power(ctx, *platform, on));
            }
            IssuanceFault::BusinessCrash { business } => {
                self.with_issuance(|issuance, observer| {
                    issuance.business_power(ctx, observer, *business, on);
                });
            }
            IssuanceFault::Link { from, to, fault } => {
                self.with_issuance(|issuance, _| issuance.links.fault((*from, *to), *fault, on));
            }
            IssuanceFault::CardBusy { phone, times } => {
                let span = times.map_or(FaultSpan::UntilHealed, FaultSpan::Commands);
                self.card_fault(*phone, (CardFault::ToolkitBusy, span), on);
            }
            IssuanceFault::CardPowerCut { phone, after } => {
                let fault = CardFault::PowerLossAfter { steps: *after };
                self.card_fault(*phone, (fault, FaultSpan::Commands(1)), on);
                if !on {
                    self.restart_device(ctx, *phone);
                }
            }
        }
    }

    fn card_fault(&mut self, phone: usize, (fault, span): (CardFault, FaultSpan), on: bool) {
        let card = self.phones.get_mut(phone).and_then(|phone| phone.card.as_mut());
        match (card, on) {
            (Some(card), true) => card.inject(fault, span),
            (Some(card), false) => card.heal(),
            (None, _) => {}
        }
    }

    /// The power comes back to a device whose card has lost it.
    fn restart_device(&mut self, ctx: &mut Ctx<'_>, phone: usize) {
        let Ok(index) = u32::try_from(phone) else { return };
        let dead = |phone: &crate::phone::Phone| {
            phone.power == Power::On && phone.card.as_ref().is_some_and(|card| !card.is_on())
        };
        if self.phone(index).is_some_and(dead) {
            self.baseband(ctx, index, BasebandInput::PowerLost);
            self.baseband(ctx, index, BasebandInput::Power(true));
        }
    }
}

impl Issuance {
    /// Returns the device of a phone.
    fn imei_of(&self, phone: u32) -> Option<Imei> {
        self.imeis.get(phone as usize).copied()
    }

    fn platform_power(&mut self, ctx: &mut Ctx<'_>, node: usize, down: bool) {
        if down {
            self.break_streams(ctx, node);
        }
        let fresh = if down { None } else { fresh_platform(self, node) };
        let Some(platform) = self.platforms.get_mut(node) else { return };
        match fresh {
            None => platform.crash(),
            Some(fresh) => {
                platform.restart(fresh);
            }
        }
        self.arm(ctx, IssuanceNode::Platform(node));
    }

    /// A business platform goes down, or comes back: then its customer says again what has not
    /// come to its end.
    fn business_power(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        node: usize,
        down: bool,
    ) {
        let fresh = if down { None } else { fresh_business(self, node) };
        let Some(business) = self.businesses.get_mut(node) else { return };
        let is_back = match fresh {
            None => {
                business.crash();
                false
            }
            Some(fresh) => business.restart(fresh),
        };
        self.arm(ctx, IssuanceNode::Business(node));
        let customer = self.customers.get(node).filter(|_| is_back);
        for input in customer.map(Customer::says_again).unwrap_or_default() {
            self.business(ctx, observer.as_deref_mut(), node, |machine, now| {
                machine.handle(now, input);
            });
        }
    }
}
