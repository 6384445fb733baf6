//! Commands that set something: power, operator, forwarding, contexts, PINs, tones, USSD.

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{
    CcfcInfo, CcfcSet, CfunSet, CgactSet, Cgdcont, CgpaddrInfo, ClckSet, CmeError, Command, CopsMode,
    CopsSet, CpinSet, CpwdSet, CusdSet, Facility, Form, ForwardMode, Functionality, Line,
    OperatorFormat, Text, UssdMode, VtsSet,
};
use polysim_base::Duration;

use crate::{
    Deadlines, Forwarding, ForwardingAction, ModemCommand, ModemError, OperatorSelection,
    PowerDown, Reply,
    engine::Engine,
    init::PinUse,
    link::{Accept, Answer, Request},
};

/// Data coding of USSD strings: the default alphabet, no language (TS 23.038, 5).
const USSD_CODING: u8 = 15;
const INTERNATIONAL: u8 = 145;
const NATIONAL: u8 = 129;

/// A setting under way.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    command: ModemCommand,
    step: u8,
}

impl Setting {
    pub(crate) const fn new(command: ModemCommand) -> Self {
        Self { command, step: 0 }
    }

    /// Returns the next command, or nothing if there is nothing to do.
    pub(crate) fn request(&self, engine: &mut Engine) -> Result<Option<Request>, ModemError> {
        let deadlines = engine.config.deadlines;
        let (command, deadline) = match &self.command {
            ModemCommand::PowerOff(how) => {
                let fun = match how {
                    PowerDown::Minimum => Functionality::Minimum,
                    PowerDown::Flight => Functionality::FlightMode,
                };
                (Command::Cfun(Form::Set(CfunSet { fun, reset: None })), deadlines.network)
            }
            ModemCommand::Restart => {
                let set = CfunSet { fun: Functionality::Full, reset: Some(1) };
                (Command::Cfun(Form::Set(set)), deadlines.card)
            }
            ModemCommand::Dtmf(digits) => {
                let Some(digit) = digits.get(usize::from(self.step)) else { return Ok(None) };
                let set = VtsSet { digit: *digit, duration: None };
                (Command::Vts(Form::Set(set)), deadlines.call)
            }
            ModemCommand::Ussd(text) => {
                let (text, coding) = (Some(text.clone()), Some(USSD_CODING));
                let set = CusdSet { mode: UssdMode::Enable, text, coding };
                (Command::Cusd(Form::Set(set)), deadlines.network)
            }
            ModemCommand::SelectOperator(selection) => {
                (Command::Cops(Form::Set(cops(*selection)?)), deadlines.scan)
            }
            ModemCommand::Forwarding(forwarding) => {
                let set = Command::Ccfc(Form::Set(Box::new(ccfc(forwarding)?)));
                let request = Request::new(&set, deadlines.network);
                return Ok(Some(request.accepting(Accept::Listed("+CCFC"))));
            }
            ModemCommand::ActivateContext(definition) => {
                let context = definition.context;
                match self.step {
                    0 => {
                        let set = Cgdcont {
                            context,
                            kind: Some(definition.kind),
                            access_point: Some(definition.access_point.clone()),
                            address: None,
                            data_compression: None,
                            header_compression: None,
                        };
                        (Command::Cgdcont(Form::Set(Box::new(set))), deadlines.local)
                    }
                    1 => (activate(context, 1), deadlines.network),
                    _ => {
                        let ask = Command::Cgpaddr(Form::Set(Vec::from([context])));
                        let request = Request::new(&ask, deadlines.local);
                        return Ok(Some(request.accepting(Accept::Listed("+CGPADDR"))));
                    }
                }
            }
            ModemCommand::DeactivateContext { context } => {
                (activate(*context, 0), deadlines.network)
            }
            ModemCommand::ChangePin { .. }
            | ModemCommand::UnblockPin { .. }
            | ModemCommand::LockPin { .. } => self.pin_command(engine, &deadlines)?,
            _ => {
                let set = CusdSet { mode: UssdMode::Cancel, text: None, coding: None };
                (Command::Cusd(Form::Set(set)), deadlines.network)
            }
        };
        Ok(Some(Request::new(&command, deadline)))
    }

    fn pin_command(
        &self,
        engine: &Engine,
        deadlines: &Deadlines,
    ) -> Result<(Command, Duration), ModemError> {
        let facility = Facility::Sim;
        let command = match &self.command {
            ModemCommand::ChangePin { old, new } => {
                engine.pins.check(old)?;
                let (old, new) = (old.password()?, new.password()?);
                Command::Cpwd(Form::Set(Box::new(CpwdSet { facility, old, new })))
            }
            ModemCommand::LockPin { locked, pin } => {
                engine.pins.check(pin)?;
                let password = Some(pin.password()?);
                let mode = u8::from(*locked);
                Command::Clck(Form::Set(ClckSet { facility, mode, password, class: None }))
            }
            ModemCommand::UnblockPin { puk, new } => {
                let set = CpinSet { pin: puk.password()?, new_pin: Some(new.password()?) };
                Command::Cpin(Form::Set(Box::new(set)))
            }
            _ => Command::Attention,
        };
        Ok((command, deadlines.card))
    }

    pub(crate) fn absorb(
        &mut self,
        engine: &mut Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        let step = self.step;
        self.step = step.saturating_add(1);
        let pin = match answer.error() {
            None => PinUse::Accepted,
            Some(ModemError::Cme(CmeError::IncorrectPassword)) => PinUse::Refused,
            Some(_) => PinUse::Unknown,
        };
        match &self.command {
            ModemCommand::Dtmf(digits) => {
                answer.into_result()?;
                let over = usize::from(self.step) >= digits.len();
                Ok(over.then_some(Reply::Done))
            }
            ModemCommand::ActivateContext(_) if step < 2 => {
                answer.into_result()?;
                Ok(None)
            }
            // The context is active, whether the modem tells its address or not.
            ModemCommand::ActivateContext(_) => {
                let address = answer.parse::<CgpaddrInfo>().ok().and_then(|info| info.first);
                Ok(Some(Reply::Context(address)))
            }
            ModemCommand::Forwarding(_) => {
                let answer = answer.into_result()?;
                let all = answer.lines().filter_map(|line| CcfcInfo::parse(line).ok());
                Ok(Some(Reply::Forwarding(all.collect())))
            }
            ModemCommand::PowerOff(_) => {
                answer.into_result()?;
                engine.turned_off();
                Ok(Some(Reply::Done))
            }
            ModemCommand::Restart => {
                answer.into_result()?;
                engine.restarts();
                Ok(Some(Reply::Done))
            }
            ModemCommand::ChangePin { old, new } => {
                engine.pins.note(*old, *new, pin);
                answer.into_result()?;
                Ok(Some(Reply::Done))
            }
            ModemCommand::LockPin { pin: used, .. } => {
                engine.pins.note(*used, *used, pin);
                answer.into_result()?;
                Ok(Some(Reply::Done))
            }
            ModemCommand::UnblockPin { new, .. } => {
                answer.into_result()?;
                engine.pins.note(*new, *new, PinUse::Accepted);
                Ok(Some(Reply::Done))
            }
            _ => {
                answer.into_result()?;
                Ok(Some(Reply::Done))
            }
        }
    }
}

fn activate(context: u8, state: u8) -> Command {
    Command::Cgact(Form::Set(CgactSet { state, contexts: Vec::from([context]) }))
}

fn cops(selection: OperatorSelection) -> Result<CopsSet, ModemError> {
    let (mode, operator, technology) = match selection {
        OperatorSelection::Automatic => (CopsMode::Automatic, None, None),
        OperatorSelection::Deregister => (CopsMode::Deregister, None, None),
        OperatorSelection::Manual { plmn, technology } => {
            let digits: Vec<u8> = plmn.digits().map(|digit| b'0' + digit).collect();
            (CopsMode::Manual, Some(Text::new(digits)?), technology)
        }
    };
    let format = operator.is_some().then_some(OperatorFormat::Numeric);
    Ok(CopsSet { mode, format, operator, technology })
}

fn ccfc(forwarding: &Forwarding) -> Result<CcfcSet, ModemError> {
    let (mode, number, seconds) = match &forwarding.action {
        ForwardingAction::Query => (ForwardMode::Query, None, None),
        ForwardingAction::Erase => (ForwardMode::Erase, None, None),
        ForwardingAction::Register { number, seconds } => {
            (ForwardMode::Register, Some(number.as_str()), *seconds)
        }
    };
    let address_type =
        number.map(|number| if number.starts_with('+') { INTERNATIONAL } else { NATIONAL });
    Ok(CcfcSet {
        reason: forwarding.reason,
        mode,
        number: number.map(Text::new).transpose()?,
        address_type,
        class: None,
        subaddress: None,
        subaddress_type: None,
        seconds,
    })
}
