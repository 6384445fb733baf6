//! Carries out actions on a world.

use crate::action::{Action, Fault, ForwardWhen, Party};
use crate::message::Message;
use crate::node::Kind;
use crate::phone::Power;
use crate::world::MobileWorld;
use polysim_at::{CcwaSet, Command, DialString, DtmfDigit, Form, ForwardReason, PdpType, Text};
use polysim_base::{Duration, Instant, Machine as _, Msisdn, Plmn};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_kernel::Context;
use polysim_modem::{
    CallerId, ContextDefinition, Forwarding, ForwardingAction, HangUp, ModemCommand, ModemInput,
    OperatorSelection, OutgoingText,
};
use polysim_radio::air::{CellId, RadioId, RejectCause};
use polysim_radio::{CoreCommand, CoreFault, CoreInput, OperatorId, OutsideSms, RegionInput};
use polysim_sms::{Address, RelativeValidity, ValidityPeriod};

type Ctx<'a> = Context<'a, Message>;

const CONTEXT: u8 = 1;
/// The service class of speech (TS 27.007, 7.12).
const VOICE: u8 = 1;
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
            world.command_core_of(ctx, *to, CoreCommand::OutsideSms { from, to: *to, content });
        }
        Action::Text { from: Party::Phone(phone), to, text, report, validity } => {
            let mut outgoing = OutgoingText::new(Address::from(to), text.as_str());
            outgoing.report = *report;
            outgoing.validity = validity.map_or(ValidityPeriod::Absent, relative);
            world.ask(ctx, *phone, ModemCommand::SendText(Box::new(outgoing)), Some(*to));
        }
        Action::Call { from: Party::Outside(from), to, hide, rings } => {
            world.outside.begin(*from, *rings);
            let from = (!hide).then_some(*from);
            world.command_core_of(ctx, *to, CoreCommand::OutsiderCalls { from, to: *to });
        }
        Action::Call { from: Party::Phone(phone), to, hide, .. } => {
            let Ok(number) = DialString::new(to.to_string()) else { return };
            let caller_id = if *hide { CallerId::Hidden } else { CallerId::Subscribed };
            world.ask(ctx, *phone, ModemCommand::Dial { number, caller_id }, Some(*to));
        }
        Action::Answer { phone } => world.ask(ctx, *phone, ModemCommand::Answer, None),
        Action::HangUp { phone } => {
            world.ask(ctx, *phone, ModemCommand::HangUp(HangUp::All), None);
        }
        Action::Swap { phone } => world.ask(ctx, *phone, ModemCommand::Swap, None),
        Action::Dtmf { phone, digits } => {
            let digits = digits.chars().filter_map(DtmfDigit::new).collect();
            world.ask(ctx, *phone, ModemCommand::Dtmf(digits), None);
        }
        Action::Ussd { phone, code } => {
            let Ok(code) = Text::new(code) else { return };
            world.ask(ctx, *phone, ModemCommand::Ussd(code), None);
        }
        Action::Data { phone, apn, on } => world.data(ctx, *phone, apn, *on),
        Action::EnterPin { phone, pin } => {
            let Ok(pin) = polysim_modem::Pin::new(pin) else { return };
            world.ask(ctx, *phone, ModemCommand::Initialise { pin: Some(pin) }, None);
        }
        Action::SelectOperator { phone, operator } => {
            let plmn = operator.and_then(|operator| world.plmn(operator));
            let selection = plmn.map_or(OperatorSelection::Automatic, |plmn| {
                OperatorSelection::Manual { plmn, technology: None }
            });
            world.ask(ctx, *phone, ModemCommand::SelectOperator(selection), None);
        }
        Action::CallWaiting { phone, on } => world.call_waiting(ctx, *phone, *on),
        Action::Forward { phone, when, to } => world.forward(ctx, *phone, *when, *to),
        Action::Fault { fault, on } => world.fault(ctx, fault, *on),
    }
}

/// The shortest relative validity that is not shorter (TS 23.040, 9.2.3.12.1).
fn relative(span: Duration) -> ValidityPeriod {
    let minutes = span.as_secs().div_ceil(60);
    let (hours, days) = (minutes.div_ceil(60), minutes.div_ceil(24 * 60));
    let value = match minutes {
        0..=720 => minutes.div_ceil(5).max(1) - 1,
        721..=1_440 => (minutes - 720).div_ceil(30) + 143,
        _ if days <= 30 => days + 166,
        _ => hours.div_ceil(24 * 7).clamp(5, 63) + 192,
    };
    ValidityPeriod::Relative(RelativeValidity(u8::try_from(value).unwrap_or(u8::MAX)))
}

impl MobileWorld {
    /// Lets the user of a phone ask something of its modem.
    fn ask(&mut self, ctx: &mut Ctx<'_>, phone: usize, command: ModemCommand, to: Option<Msisdn>) {
        let Ok(index) = u32::try_from(phone) else { return };
        let names = self.observer.as_ref().map(|observer| observer.names.clone());
        let party = to.map(|to| match &names {
            Some(names) => names.party(&to.to_string()),
            None => to.to_string(),
        });
        let Some(user) = self.phone_mut(index).and_then(|phone| phone.user.as_mut()) else {
            return;
        };
        let input = user.ask(command, party);
        self.host(ctx, index, |host, now| host.handle(now, input));
    }

    /// Switches a phone, unless it is so already.
    pub(crate) fn switch(&mut self, ctx: &mut Ctx<'_>, index: u32, on: bool) {
        if self.phone(index).is_some_and(|phone| (phone.power == Power::On) != on) {
            self.baseband(ctx, index, BasebandInput::Power(on));
            self.powered(ctx, index, on);
        }
    }

    /// The modem was switched: its host learns it as it learns of an unplugged device.
    fn powered(&mut self, ctx: &mut Ctx<'_>, index: u32, on: bool) {
        let now = ctx.now();
        let Self { phones, observer, .. } = self;
        let Some(phone) = phones.get_mut(index as usize) else { return };
        let before = core::mem::replace(&mut phone.power, if on { Power::On } else { Power::Off });
        let input = match (on, before) {
            (true, Power::NeverOn) => {
                let pin = phone.user.as_ref().and_then(|user| user.pin);
                let command = ModemCommand::Initialise { pin };
                match &mut phone.user {
                    Some(user) => user.ask(command, None),
                    None => ModemInput::Command { id: 0, command },
                }
            }
            (true, _) => ModemInput::PortOpened,
            (false, _) => ModemInput::PortLost,
        };
        if let (false, Some(user), Some(observer)) = (on, &mut phone.user, observer) {
            user.switched_off(now, index, observer);
        }
        self.host(ctx, index, |host, now| host.handle(now, input));
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

    fn data(&mut self, ctx: &mut Ctx<'_>, phone: usize, apn: &str, on: bool) {
        let Ok(access_point) = Text::new(apn) else { return };
        let command = if on {
            let kind = PdpType::Ip;
            let definition = ContextDefinition { context: CONTEXT, kind, access_point };
            ModemCommand::ActivateContext(Box::new(definition))
        } else {
            ModemCommand::DeactivateContext { context: CONTEXT }
        };
        self.ask(ctx, phone, command, None);
    }

    fn call_waiting(&mut self, ctx: &mut Ctx<'_>, phone: usize, on: bool) {
        let set = CcwaSet { show: Some(1), mode: Some(on.into()), class: Some(VOICE) };
        let command = ModemCommand::Raw(Box::new(Command::Ccwa(Form::Set(set))));
        self.ask(ctx, phone, command, None);
    }

    fn forward(&mut self, ctx: &mut Ctx<'_>, phone: usize, when: ForwardWhen, to: Option<Msisdn>) {
        let reason = match when {
            ForwardWhen::Always => ForwardReason::Unconditional,
            ForwardWhen::Busy => ForwardReason::Busy,
            ForwardWhen::NoReply => ForwardReason::NoReply,
            ForwardWhen::NotReachable => ForwardReason::NotReachable,
        };
        let number = to.map(|to| DialString::new(to.to_string())).transpose();
        let Ok(number) = number else { return };
        let action = number.map_or(ForwardingAction::Erase, |number| ForwardingAction::Register {
            number,
            seconds: None,
        });
        let forwarding = Forwarding { reason, action };
        self.ask(ctx, phone, ModemCommand::Forwarding(Box::new(forwarding)), None);
    }

    fn plmn(&self, operator: usize) -> Option<Plmn> {
        self.observer.as_ref()?.names.plmn(operator)
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
            Fault::ModemHang { phone } => {
                let Ok(index) = u32::try_from(*phone) else { return };
                if let Some(phone) = self.phone_mut(index) {
                    phone.hung = on;
                }
            }
            Fault::ModemReset { phone } => {
                let Ok(index) = u32::try_from(*phone) else { return };
                if on {
                    self.baseband(ctx, index, BasebandInput::PowerLost);
                    self.baseband(ctx, index, BasebandInput::Power(true));
                }
            }
            Fault::CardPulled { phone } => self.pull_card(ctx, *phone, on),
        }
    }

    fn core_fault(&mut self, ctx: &mut Ctx<'_>, operator: usize, fault: CoreFault, on: bool) {
        let Ok(id) = u16::try_from(operator) else { return };
        let fault = if on { fault } else { CoreFault::Heal };
        let input = CoreInput::Command(CoreCommand::Fault(fault));
        self.core(ctx, OperatorId(id).0.into(), |core, now| core.handle(now, input));
    }

    fn pull_card(&mut self, ctx: &mut Ctx<'_>, phone: usize, pulled: bool) {
        let Ok(index) = u32::try_from(phone) else { return };
        let Some(phone) = self.phone_mut(index) else { return };
        phone.card.power_off();
        let change = if pulled { CardToTerminal::Removed } else { CardToTerminal::Inserted };
        self.baseband(ctx, index, BasebandInput::Card(change));
    }
}
