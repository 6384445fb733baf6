//! Carries out actions on a world.

use crate::action::{Action, Fault, Party};
use crate::fleet::FleetFault;
use crate::message::Message;
use crate::node::{Kind, Node};
use crate::phone::Power;
use crate::request::Request;
use crate::world::MobileWorld;
use polysim_base::{Duration, Instant, Machine as _, Msisdn};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_kernel::Context;
use polysim_modem::{Modem, ModemCommand, ModemInput};
use polysim_radio::air::{CellId, RadioId, RejectCause};
use polysim_radio::{CoreCommand, CoreFault, CoreInput, OperatorId, OutsideSms, RegionInput};

type Ctx<'a> = Context<'a, Message>;

const PPM: u32 = 1_000_000;

/// Switches a phone on after a while.
pub(crate) fn power_on_later(ctx: &mut Ctx<'_>, phone: u32, delay: Duration) {
    ctx.send(delay, Kind::Baseband.node(phone), Message::Baseband(BasebandInput::Power(true)));
}

/// Does what an action says, at this moment.
pub(crate) fn apply(world: &mut MobileWorld, ctx: &mut Ctx<'_>, action: &Action) {
    match action {
        Action::Power { phone, on } => {
            let Ok(index) = u32::try_from(*phone) else { return };
            world.switch(ctx, index, *on);
        }
        Action::Move { phone, region } => world.carry(ctx, *phone, *region),
        Action::Text { from: Party::Outside(from), to, text, .. } => {
            let content = OutsideSms::Text(text.clone());
            let from = polysim_radio::Party::Number(*from);
            let (to, tag, validity) = (*to, None, None);
            let command = CoreCommand::OutsideSms { from, to, content, tag, validity };
            world.command_core_of(ctx, to, command);
        }
        Action::Call { from: Party::Outside(from), to, hide, rings } => {
            world.outside.begin(*from, *rings);
            let from = (!hide).then_some(*from);
            world.command_core_of(ctx, *to, CoreCommand::OutsiderCalls { from, to: *to });
        }
        Action::Fault { fault, on } => world.fault(ctx, fault, *on),
        Action::Fleet(action) => {
            if let (Some(fleet), Some(observer)) = (&mut world.fleet, &mut world.observer) {
                fleet.apply(ctx, observer, action);
            }
        }
        Action::Issuance(action) => world.issuance_action(ctx, action),
        Action::Steering(action) => world.steering_action(ctx, action),
        Action::Share(action) => world.share_action(ctx, action),
        Action::Courier(action) => world.courier_action(ctx, action),
        Action::Text { from: Party::Phone(_), .. }
        | Action::Call { from: Party::Phone(_), .. }
        | Action::Answer { .. }
        | Action::HangUp { .. }
        | Action::Swap { .. }
        | Action::Dtmf { .. }
        | Action::Ussd { .. }
        | Action::Data { .. }
        | Action::EnterPin { .. }
        | Action::SelectOperator { .. }
        | Action::CallWaiting { .. }
        | Action::Forward { .. } => world.ask(ctx, action),
    }
}

impl MobileWorld {
    /// Lets the user of a phone ask something of its modem.
    fn ask(&mut self, ctx: &mut Ctx<'_>, action: &Action) {
        let Self { phones, observer: Some(observer), .. } = self else { return };
        let Some(request) = Request::of(action, &observer.names) else { return };
        let Ok(index) = u32::try_from(request.phone) else { return };
        let user = phones.get_mut(request.phone).and_then(|phone| phone.user.as_mut());
        let Some(user) = user else { return };
        let input = user.ask(request, &observer.names);
        self.host_input(ctx, index, input);
    }

    /// Switches a phone, unless it is so already.
    pub(crate) fn switch(&mut self, ctx: &mut Ctx<'_>, index: u32, on: bool) {
        if self.phone(index).is_some_and(|phone| (phone.power == Power::On) != on) {
            self.baseband(ctx, index, BasebandInput::Power(on));
            self.powered(ctx, index, on);
        }
    }

    /// The modem was switched: its host learns it as it learns of an unplugged device.
    pub(crate) fn powered(&mut self, ctx: &mut Ctx<'_>, index: u32, on: bool) {
        let now = ctx.now();
        let pooled = self.is_pooled(index);
        let Self { phones, observer, .. } = self;
        let Some(phone) = phones.get_mut(index as usize) else { return };
        let before = core::mem::replace(&mut phone.power, if on { Power::On } else { Power::Off });
        let input = match (on, before) {
            // The site of a modem of the fleet sets it up.
            (true, Power::NeverOn) if phone.user.is_none() && pooled => ModemInput::PortOpened,
            (true, Power::NeverOn) => {
                let pin = phone.user.as_ref().and_then(|user| user.pin);
                let command = ModemCommand::Initialise { pin };
                match &mut phone.user {
                    Some(user) => user.command(command, None),
                    None => ModemInput::Command { id: 0, command },
                }
            }
            (true, _) => ModemInput::PortOpened,
            (false, _) => ModemInput::PortLost,
        };
        if let (false, Some(agent)) = (on, &mut phone.agent) {
            agent.restart();
        }
        if let (false, Some(user), Some(observer)) = (on, &mut phone.user, observer) {
            user.switched_off(now, index, observer);
        }
        self.host_input(ctx, index, input);
        if on && before != Power::NeverOn {
            self.share_powered(ctx, index);
        }
    }

    fn carry(&mut self, ctx: &mut Ctx<'_>, phone: usize, region: usize) {
        let (Ok(index), Ok(to)) = (u32::try_from(phone), u16::try_from(region)) else { return };
        let radio = RadioId(self.first_radio + index);
        let Some(phone) = self.phone_mut(index) else { return };
        let from = core::mem::replace(&mut phone.region, to);
        if from == to {
            return;
        }
        self.region(ctx, from.into(), |r, now| r.handle(now, RegionInput::Leave(radio)));
        self.region(ctx, to.into(), |r, now| r.handle(now, RegionInput::Enter(radio)));
        self.baseband(ctx, index, BasebandInput::LinkLost);
    }

    /// Gives a command to the network that is home to a number, or else to the first one.
    fn command_core_of(&mut self, ctx: &mut Ctx<'_>, number: Msisdn, command: CoreCommand) {
        let home = self.observer.as_ref().and_then(|observer| observer.names.home_of(&number));
        let home = home.unwrap_or(0);
        self.core(ctx, home, |core, now| core.handle(now, CoreInput::Command(command)));
    }

    fn fault(&mut self, ctx: &mut Ctx<'_>, fault: &Fault, on: bool) {
        match fault {
            Fault::CellOutage { region, cell } => {
                let first = self.first_cells.get(*region).copied();
                let (Some(first), Ok(cell), Ok(region)) =
                    (first, u32::try_from(*cell), u32::try_from(*region))
                else {
                    return;
                };
                let input = RegionInput::Outage { cell: CellId(first + cell), on };
                self.region(ctx, region, |r, now| r.handle(now, input));
            }
            Fault::RejectAttach { operator, cause, share_ppm } => {
                let Some(cause) = RejectCause::from_number(*cause) else { return };
                let share = (*share_ppm).min(PPM);
                let begins = CoreFault::Reject { share, cause, until: Instant::MAX };
                self.core_fault(ctx, *operator, begins, on);
            }
            Fault::TextCongestion { operator } => {
                let begins = CoreFault::SmsCongestion { until: Instant::MAX };
                self.core_fault(ctx, *operator, begins, on);
            }
            Fault::TextLoss { operator, share_ppm } => {
                let share = (*share_ppm).min(PPM);
                let begins = CoreFault::SmsLoss { share, until: Instant::MAX };
                self.core_fault(ctx, *operator, begins, on);
            }
            Fault::TextDuplicate { operator, share_ppm } => {
                let share = (*share_ppm).min(PPM);
                let begins = CoreFault::SmsDuplicate { share, until: Instant::MAX };
                self.core_fault(ctx, *operator, begins, on);
            }
            Fault::TextDelay { operator, by } => {
                let begins = CoreFault::SmsDelay { by: *by, until: Instant::MAX };
                self.core_fault(ctx, *operator, begins, on);
            }
            Fault::ModemHang { phone } => {
                let Ok(index) = u32::try_from(*phone) else { return };
                let Some(phone) = self.phone_mut(index) else { return };
                if on {
                    phone.hung.get_or_insert_default();
                } else {
                    self.revive(ctx, index);
                }
            }
            Fault::ModemReset { phone } => {
                let Ok(index) = u32::try_from(*phone) else { return };
                if on {
                    // A modem of the fleet takes its port with it, and its host sees that.
                    let pooled = self.is_pooled(index);
                    if pooled {
                        self.host_input(ctx, index, ModemInput::PortLost);
                    }
                    self.baseband(ctx, index, BasebandInput::PowerLost);
                    self.baseband(ctx, index, BasebandInput::Power(true));
                    if pooled {
                        self.host_input(ctx, index, ModemInput::PortOpened);
                    }
                }
            }
            Fault::CardPulled { phone } => self.pull_card(ctx, *phone, on),
            Fault::Fleet(fault) => self.fleet_fault(ctx, fault, on),
            Fault::Issuance(fault) => self.issuance_fault(ctx, fault, on),
            Fault::Steering(fault) => self.steering_fault(ctx, fault, on),
            Fault::Share(fault) => self.share_fault(ctx, fault, on),
            Fault::Courier(fault) => self.courier_fault(ctx, fault, on),
        }
    }

    fn core_fault(&mut self, ctx: &mut Ctx<'_>, operator: usize, fault: CoreFault, on: bool) {
        let Ok(id) = u16::try_from(operator) else { return };
        let fault = if on { fault } else { CoreFault::Heal };
        let input = CoreInput::Command(CoreCommand::Fault(fault));
        self.core(ctx, OperatorId(id).0.into(), |core, now| core.handle(now, input));
    }

    /// Returns whether a phone is a modem of the fleet.
    fn is_pooled(&self, index: u32) -> bool {
        self.fleet.as_deref().is_some_and(|fleet| fleet.modem_in(index).is_some())
    }

    /// Something breaks in the fleet. A site that crashes takes with it the software that drives
    /// its modems: that begins anew, on ports that were closed meanwhile.
    fn fleet_fault(&mut self, ctx: &mut Ctx<'_>, fault: &FleetFault, on: bool) {
        let (Some(fleet), Some(observer)) = (&mut self.fleet, &mut self.observer) else { return };
        let Some(site) = fleet.fault(ctx, observer, fault, on) else { return };
        let first = fleet.first_phone;
        let modems = (first..).zip(&fleet.modems);
        let modems = modems.filter(|(_, modem)| usize::from(modem.site.0) == site);
        let driver = crate::fleet::driver();
        for phone in modems.map(|(phone, _)| phone).collect::<Vec<_>>() {
            if let (true, Some(phone)) = (on, self.phone_mut(phone)) {
                phone.host = Some(Node::new(Modem::new(driver.clone())));
            }
            let port = if on { BasebandInput::PortClosed(0) } else { BasebandInput::PortOpened(0) };
            self.baseband(ctx, phone, port);
        }
    }

    fn pull_card(&mut self, ctx: &mut Ctx<'_>, phone: usize, pulled: bool) {
        let Ok(index) = u32::try_from(phone) else { return };
        let Some(phone) = self.phone_mut(index) else { return };
        // A card that is lent to a reader is in no slot.
        let Some(card) = &mut phone.card else { return };
        card.power_off();
        let change = if pulled { CardToTerminal::Removed } else { CardToTerminal::Inserted };
        self.baseband(ctx, index, BasebandInput::Card(change));
    }
}
