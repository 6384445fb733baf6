//! Commands that set something: power, operator, forwarding, contexts, PINs, tones, USSD.

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{
    CcfcInfo, CcfcSet, CfunSet, CgactSet, Cgdcont, CgpaddrInfo, ClckSet, CmeError, Command,
    CopsMode, CopsSet, CpinSet, CpwdSet, CusdSet, DtmfDigit, Facility, Form, ForwardMode,
    Functionality, Line, OperatorFormat, Text, UssdMode, VtsSet,
};

use crate::{
    ContextDefinition, Deadlines, Forwarding, ForwardingAction, ModemError, OperatorSelection, Pin,
    PowerDown, Reply,
    engine::Engine,
    init::PinUse,
    link::{Accept, Answer, Request},
};

/// Data coding of USSD strings: the default alphabet, no language (TS 23.038, 5).
const USSD_CODING: u8 = 15;
const INTERNATIONAL: u8 = 145;
const NATIONAL: u8 = 129;

/// What is set.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    PowerOff(PowerDown),
    PowerOn,
    Restart,
    Tones(Box<[DtmfDigit]>),
    Ussd(Text),
    UssdCancel,
    Operator(OperatorSelection),
    Forwarding(Box<Forwarding>),
    Activate(Box<ContextDefinition>),
    Deactivate(u8),
    Pin { old: Pin, new: Pin },
    Unblock { puk: Pin, new: Pin },
    Lock { locked: bool, pin: Pin },
}

/// A setting under way.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    change: Change,
    step: u8,
}

impl Setting {
    pub(crate) const fn new(change: Change) -> Self {
        Self { change, step: 0 }
    }

    /// Returns the next command, or nothing if there is nothing to do.
    pub(crate) fn request(&self, engine: &Engine) -> Result<Option<Request>, ModemError> {
        let deadlines = &engine.config.deadlines;
        let (command, deadline) = match &self.change {
            Change::PowerOff(how) => {
                let fun = match how {
                    PowerDown::Minimum => Functionality::Minimum,
                    PowerDown::Flight => Functionality::FlightMode,
                };
                (Command::Cfun(Form::Set(CfunSet { fun, reset: None })), deadlines.network)
            }
            Change::PowerOn => {
                let set = CfunSet { fun: Functionality::Full, reset: None };
                (Command::Cfun(Form::Set(set)), deadlines.network)
            }
            Change::Restart => {
                let set = CfunSet { fun: Functionality::Full, reset: Some(1) };
                (Command::Cfun(Form::Set(set)), deadlines.card)
            }
            Change::Tones(digits) => {
                let Some(digit) = digits.get(usize::from(self.step)) else { return Ok(None) };
                let set = VtsSet { digit: *digit, duration: None };
                (Command::Vts(Form::Set(set)), deadlines.call)
            }
            Change::Ussd(text) => {
                let (text, coding) = (Some(text.clone()), Some(USSD_CODING));
                let set = CusdSet { mode: UssdMode::Enable, text, coding };
                (Command::Cusd(Form::Set(set)), deadlines.network)
            }
            Change::UssdCancel => {
                let set = CusdSet { mode: UssdMode::Cancel, text: None, coding: None };
                (Command::Cusd(Form::Set(set)), deadlines.network)
            }
            Change::Operator(selection) => {
                (Command::Cops(Form::Set(cops(*selection)?)), deadlines.scan)
            }
            Change::Forwarding(forwarding) => {
                let set = Command::Ccfc(Form::Set(Box::new(ccfc(forwarding)?)));
                let request = Request::new(&set, deadlines.network);
                return Ok(Some(request.accepting(Accept::Listed("+CCFC"))));
            }
            Change::Activate(definition) => {
                return Ok(Some(self.activation(definition, deadlines)));
            }
            Change::Deactivate(context) => (activate(*context, 0), deadlines.network),
            Change::Pin { old, new } => {
                engine.pins.check(old)?;
                let (facility, old, new) = (Facility::Sim, old.password()?, new.password()?);
                let set = CpwdSet { facility, old, new };
                (Command::Cpwd(Form::Set(Box::new(set))), deadlines.card)
            }
            Change::Lock { locked, pin } => {
                engine.pins.check(pin)?;
                let (facility, mode) = (Facility::Sim, u8::from(*locked));
                let password = Some(pin.password()?);
                let set = ClckSet { facility, mode, password, class: None };
                (Command::Clck(Form::Set(set)), deadlines.card)
            }
            Change::Unblock { puk, new } => {
                let set = CpinSet { pin: puk.password()?, new_pin: Some(new.password()?) };
                (Command::Cpin(Form::Set(Box::new(set))), deadlines.card)
            }
        };
        Ok(Some(Request::new(&command, deadline)))
    }

    fn activation(&self, definition: &ContextDefinition, deadlines: &Deadlines) -> Request {
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
                Request::new(&Command::Cgdcont(Form::Set(Box::new(set))), deadlines.local)
            }
            1 => Request::new(&activate(context, 1), deadlines.network),
            _ => {
                let ask = Command::Cgpaddr(Form::Set(Vec::from([context])));
                Request::new(&ask, deadlines.local).accepting(Accept::Listed("+CGPADDR"))
            }
        }
    }

    pub(crate) fn absorb(
        &mut self,
        engine: &mut Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        let step = self.step;
        self.step = step.saturating_add(1);
        let pin_use = match answer.error() {
            None => PinUse::Accepted,
            Some(ModemError::Cme(CmeError::IncorrectPassword)) => PinUse::Refused,
            Some(_) => PinUse::Unknown,
        };
        match &self.change {
            Change::Pin { old, new } => engine.pins.note(*old, *new, pin_use),
            Change::Lock { pin, .. } => engine.pins.note(*pin, *pin, pin_use),
            Change::Unblock { new, .. } if pin_use == PinUse::Accepted => {
                engine.pins.note(*new, *new, pin_use);
            }
            Change::PowerOff(how) if answer.is_ok() => engine.turned_off(*how),
            Change::PowerOn if answer.is_ok() => engine.turned_on(),
            Change::Restart if answer.is_ok() => engine.restarts(),
            // The context is active, whether the modem tells its address or not.
            Change::Activate(_) if step >= 2 => {
                let address = answer.parse::<CgpaddrInfo>().ok().and_then(|info| info.first);
                return Ok(Some(Reply::Context(address)));
            }
            Change::Activate(_)
            | Change::PowerOff(_)
            | Change::PowerOn
            | Change::Restart
            | Change::Unblock { .. }
            | Change::Tones(_)
            | Change::Ussd(_)
            | Change::UssdCancel
            | Change::Operator(_)
            | Change::Forwarding(_)
            | Change::Deactivate(_) => {}
        }
        let answer = answer.into_result()?;
        match &self.change {
            Change::Activate(_) => return Ok(None),
            Change::Tones(digits) if usize::from(self.step) < digits.len() => return Ok(None),
            Change::Forwarding(_) => {
                let all = answer.lines().filter_map(|line| CcfcInfo::parse(line).ok());
                return Ok(Some(Reply::Forwarding(all.collect())));
            }
            Change::Pin { .. }
            | Change::Lock { .. }
            | Change::PowerOff(_)
            | Change::PowerOn
            | Change::Restart
            | Change::Unblock { .. }
            | Change::Tones(_)
            | Change::Ussd(_)
            | Change::UssdCancel
            | Change::Operator(_)
            | Change::Deactivate(_) => {}
        }
        Ok(Some(Reply::Done))
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
