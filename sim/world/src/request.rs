//! What an action of a phone's user asks of the phone's modem.

use crate::action::{Action, ForwardWhen, Party};
use crate::observer::Names;
use polysim_at::{CcwaSet, Command, DialString, DtmfDigit, Form, ForwardReason, PdpType, Text};
use polysim_base::{Duration, Msisdn};
use polysim_modem::{
    CallerId, ContextDefinition, Forwarding, ForwardingAction, HangUp, ModemCommand,
    OperatorSelection, OutgoingText, Pin,
};
use polysim_sms::{Address, RelativeValidity, ValidityPeriod};

const CONTEXT: u8 = 1;
/// The service class of speech (TS 27.007, 7.12).
const VOICE: u8 = 1;

/// A command for the modem of a phone.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) phone: usize,
    pub(crate) command: ModemCommand,
    /// Whom it is about.
    pub(crate) to: Option<Msisdn>,
}

impl Request {
    /// Returns what an action asks of a modem. `None` where it asks nothing: it is something that
    /// is done to the world or to a phone's power, or it cannot be put in a command.
    pub(crate) fn of(action: &Action, names: &Names) -> Option<Self> {
        let of = |phone: &usize, command| Some(Self { phone: *phone, command, to: None });
        match action {
            Action::Text { from: Party::Phone(phone), to, text, report, validity } => {
                let mut outgoing = OutgoingText::new(Address::from(to), text.as_str());
                outgoing.report = *report;
                outgoing.validity = validity.map_or(ValidityPeriod::Absent, relative);
                let command = ModemCommand::SendText(Box::new(outgoing));
                Some(Self { phone: *phone, command, to: Some(*to) })
            }
            Action::Call { from: Party::Phone(phone), to, hide, .. } => {
                let number = DialString::new(to.to_string()).ok()?;
                let caller_id = if *hide { CallerId::Hidden } else { CallerId::Subscribed };
                let command = ModemCommand::Dial { number, caller_id };
                Some(Self { phone: *phone, command, to: Some(*to) })
            }
            Action::Answer { phone } => of(phone, ModemCommand::Answer),
            Action::HangUp { phone } => of(phone, ModemCommand::HangUp(HangUp::All)),
            Action::Swap { phone } => of(phone, ModemCommand::Swap),
            Action::Dtmf { phone, digits } => {
                of(phone, ModemCommand::Dtmf(digits.chars().filter_map(DtmfDigit::new).collect()))
            }
            Action::Ussd { phone, code } => of(phone, ModemCommand::Ussd(Text::new(code).ok()?)),
            Action::Data { phone, apn, on } => of(phone, data(apn, *on)?),
            Action::EnterPin { phone, pin } => {
                of(phone, ModemCommand::Initialise { pin: Some(Pin::new(pin).ok()?) })
            }
            Action::SelectOperator { phone, operator } => {
                let plmn = operator.and_then(|operator| names.plmn(operator));
                let selection = plmn.map_or(OperatorSelection::Automatic, |plmn| {
                    OperatorSelection::Manual { plmn, technology: None }
                });
                of(phone, ModemCommand::SelectOperator(selection))
            }
            Action::CallWaiting { phone, on } => of(phone, call_waiting(*on)),
            Action::Forward { phone, when, to } => of(phone, forward(*when, *to)?),
            Action::Power { .. }
            | Action::Move { .. }
            | Action::Text { from: Party::Outside(_), .. }
            | Action::Call { from: Party::Outside(_), .. }
            | Action::Fault { .. }
            | Action::Fleet(_)
            | Action::Issuance(_)
            | Action::Steering(_)
            | Action::Share(_)
            | Action::Courier(_) => None,
        }
    }
}

fn data(apn: &str, on: bool) -> Option<ModemCommand> {
    if !on {
        return Some(ModemCommand::DeactivateContext { context: CONTEXT });
    }
    let (kind, access_point) = (PdpType::Ip, Text::new(apn).ok()?);
    let definition = ContextDefinition { context: CONTEXT, kind, access_point };
    Some(ModemCommand::ActivateContext(Box::new(definition)))
}

fn call_waiting(on: bool) -> ModemCommand {
    let set = CcwaSet { show: Some(1), mode: Some(on.into()), class: Some(VOICE) };
    ModemCommand::Raw(Box::new(Command::Ccwa(Form::Set(set))))
}

fn forward(when: ForwardWhen, to: Option<Msisdn>) -> Option<ModemCommand> {
    let reason = match when {
        ForwardWhen::Always => ForwardReason::Unconditional,
        ForwardWhen::Busy => ForwardReason::Busy,
        ForwardWhen::NoReply => ForwardReason::NoReply,
        ForwardWhen::NotReachable => ForwardReason::NotReachable,
    };
    let number = to.map(|to| DialString::new(to.to_string())).transpose().ok()?;
    let action = number.map_or(ForwardingAction::Erase, |number| ForwardingAction::Register {
        number,
        seconds: None,
    });
    Some(ModemCommand::Forwarding(Box::new(Forwarding { reason, action })))
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
