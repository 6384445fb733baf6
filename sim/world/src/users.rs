//! The users of phones whose modems are no part of a simulation.

use crate::action::Action;
use crate::build::{BuildError, user};
use crate::config::WorldConfig;
use crate::event::{Event, Value};
use crate::observer::{Names, Observer};
use crate::request::Request;
use crate::user::{User, Whereabouts};
use polysim_base::{Duration, Instant, Plmn};
use polysim_modem::{
    CurrentOperator, ModemCommand, ModemEvent, ModemInput, ModemOutput, PowerDown,
    RegistrationState, Reply,
};
use std::sync::Arc;

/// The users of a world's phones, without that world: what they ask of modems, and what they see
/// and remember of what modems tell. It is the same as in a simulation, except that
///
/// - a phone is switched on by initialising its modem, and off by its flight mode: a modem outside
///   keeps its power;
/// - where a modem is registered is asked from the modem, with one command for each change.
///
/// What phones ask and are told is for whoever drives the modems, one
/// [`Modem`](polysim_modem::Modem) each.
#[derive(Debug)]
pub struct Users {
    phones: Vec<Phone>,
    observer: Observer,
}

#[derive(Debug)]
struct Phone {
    user: User,
    on: bool,
    /// The modem has told of a registration, and is asked with this number where that is.
    registers: Option<(u64, RegistrationState)>,
}

impl Users {
    /// Returns the users of this world. Of its phones their names, numbers, PINs and habits count.
    ///
    /// # Errors
    /// [`BuildError::Pin`] where a PIN is none.
    pub fn new(config: &WorldConfig) -> Result<Self, BuildError> {
        let phone = |phone| Ok(Phone { user: user(phone)?, on: false, registers: None });
        let phones = config.phones.iter().map(phone).collect::<Result<_, _>>()?;
        Ok(Self { phones, observer: Observer::new(Arc::new(Names::new(config))) })
    }

    /// Lets a user do something now; returns what to give to the modem of which phone. `None` where
    /// a modem has nothing to do with it.
    pub fn ask(&mut self, at: Instant, action: &Action) -> Option<(usize, ModemInput)> {
        if let Action::Power { phone, on } = action {
            return Some((*phone, self.switch(at, *phone, *on)?));
        }
        let request = Request::of(action, &self.observer.names)?;
        let phone = request.phone;
        let user = &mut self.phones.get_mut(phone)?.user;
        Some((phone, user.ask(request, &self.observer.names)))
    }

    /// Switches a phone, unless it is so already.
    fn switch(&mut self, at: Instant, phone: usize, on: bool) -> Option<ModemInput> {
        let index = u32::try_from(phone).ok()?;
        let phone = self.phones.get_mut(phone)?;
        if core::mem::replace(&mut phone.on, on) == on {
            return None;
        }
        let command = if on {
            ModemCommand::Initialise { pin: phone.user.pin }
        } else {
            phone.registers = None;
            phone.user.switched_off(at, index, &mut self.observer);
            ModemCommand::PowerOff(PowerDown::Flight)
        };
        Some(phone.user.command(command, None))
    }

    /// A phone's modem says something; returns what to give to it, and after how long.
    pub fn hears(
        &mut self,
        at: Instant,
        phone: usize,
        output: ModemOutput,
    ) -> Option<(Duration, ModemInput)> {
        let index = u32::try_from(phone).ok()?;
        let Self { phones, observer } = self;
        let phone = phones.get_mut(phone)?;
        match output {
            ModemOutput::Bytes(_) => None,
            ModemOutput::Event(ModemEvent::Registration(state)) if state.is_registered() => {
                let input = phone.user.command(ModemCommand::Operator, None);
                let ModemInput::Command { id, .. } = &input else { return None };
                phone.registers = Some((*id, state));
                Some((Duration::ZERO, input))
            }
            ModemOutput::Event(event) => {
                if matches!(event, ModemEvent::Registration(_)) {
                    phone.registers = None;
                }
                phone.user.hears(at, index, event, None, observer)
            }
            ModemOutput::Done { id, outcome } => {
                let registers = phone.registers.take_if(|(asked, _)| *asked == id);
                let operator = if let Ok(Reply::Operator(Some(operator))) = &outcome {
                    name_of(operator, &observer.names)
                } else {
                    String::new()
                };
                phone.user.done(at, index, id, outcome, observer);
                let (_, state) = registers?;
                let place = Some(Whereabouts { operator: &operator });
                phone.user.hears(at, index, ModemEvent::Registration(state), place, observer)
            }
        }
    }

    /// Takes what happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.observer.take()
    }

    /// Returns what a phone is like: the fields of [`PHONE_STATE`](crate::PHONE_STATE), except
    /// where it is.
    #[must_use]
    pub fn phone_state(&self, phone: usize) -> Vec<(&'static str, Value)> {
        let Some(phone) = self.phones.get(phone) else { return Vec::new() };
        let mut state = phone.user.state(phone.user.registration());
        state.push(("power", phone.on.into()));
        state.sort_unstable_by_key(|(field, _)| *field);
        state
    }
}

/// Returns the world's operator of that network; else what the modem calls it.
fn name_of(operator: &CurrentOperator, names: &Names) -> String {
    let code = operator.code.as_str().unwrap_or_default();
    match Plmn::parse(code) {
        Ok(plmn) => names.operator(plmn),
        Err(_) => code.to_owned(),
    }
}

#[cfg(test)]
mod tests;
