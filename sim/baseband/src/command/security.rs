//! The card and its PINs (TS 27.007, 7.4, 7.5, 8.3, 8.17, 8.18, 8.43 to 8.48, 8.65).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::card::{self, CardState, Lock};
use polysim_apdu::{KeyRef, Pin};
use polysim_at::{
    ClckInfo, ClckSet, CmeError, Command, CpinInfo, CpinSet, CpwdSet, Facility, Form, Password,
    PinStatus, Text,
};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn secured(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Cpin(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Read => self.pin_state(),
                Form::Set(set) => self.enter_pin(set),
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpinr(form) => self.tries_left(form),
            Command::Clck(form) => match form {
                Form::Test => self.test(
                    "+CLCK",
                    "(\"SC\",\"FD\",\"PF\",\"PN\",\"PU\",\"PP\",\"PC\",\"AO\",\"OI\",\"OX\",\"AI\",\"IR\",\"AB\",\"AG\",\"AC\")",
                ),
                Form::Set(set) => self.lock(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpwd(form) => match form {
                Form::Test => self.test("+CPWD", "(\"SC\",8),(\"P2\",8)"),
                Form::Set(set) => self.change_password(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Csim(_)
            | Command::Crsm(_)
            | Command::Ccho(_)
            | Command::Cchc(_)
            | Command::Cgla(_)
            | Command::Cuad(_) => self.card(command),
            _ => return None,
        })
    }

    /// `+CPIN?` (TS 27.007, 8.3).
    fn pin_state(&mut self) -> Progress {
        if self.core.slot.is_starting() {
            return Ok(Step::WaitForCard);
        }
        let status = match self.core.slot.state() {
            CardState::Ready => PinStatus::Ready,
            CardState::Locked(Lock::Pin) => PinStatus::SimPin,
            CardState::Locked(Lock::Puk) => PinStatus::SimPuk,
            CardState::Absent => return Err(CmeError::SimNotInserted.into()),
            CardState::Off
            | CardState::Bare
            | CardState::Unusable
            | CardState::Activating
            | CardState::Starting(_) => return Err(CmeError::SimFailure.into()),
        };
        self.line(&CpinInfo { status })
    }

    fn enter_pin(&mut self, set: &CpinSet) -> Progress {
        if self.core.slot.is_starting() {
            return Ok(Step::WaitForCard);
        }
        let pin = pin_of(&set.pin)?;
        let new = set.new_pin.as_ref().map(pin_of).transpose()?;
        match (self.core.slot.state(), &new) {
            (CardState::Locked(Lock::Pin), None) => {}
            (CardState::Locked(Lock::Puk), Some(_)) => {}
            (CardState::Locked(Lock::Puk), None) => return Err(CmeError::SimPukRequired.into()),
            (CardState::Locked(Lock::Pin), Some(_)) => {
                return Err(CmeError::IncorrectParameters.into());
            }
            (CardState::Ready, _) => return Err(CmeError::OperationNotAllowed.into()),
            (CardState::Absent, _) => return Err(CmeError::SimNotInserted.into()),
            _ => return Err(CmeError::SimFailure.into()),
        }
        self.with_powered_card(move |port| card::enter_pin(port, pin, new))
    }

    fn tries_left(&mut self, form: &Form<Text>) -> Progress {
        let codes = match form {
            Form::Test => return Ok(Step::Done),
            Form::Execute | Form::Read => {
                vec![PinStatus::SimPin, PinStatus::SimPuk, PinStatus::SimPin2, PinStatus::SimPuk2]
            }
            Form::Set(code) => {
                let code = PinStatus::from_word(code.as_bytes());
                vec![code.ok_or(CmeError::IncorrectParameters)?]
            }
        };
        self.with_powered_card(move |port| card::tries(port, codes))
    }

    /// `+CLCK` (TS 27.007, 7.4). Device locks are open and no calls are barred; only the PIN of
    /// the card can be switched.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are no locks of this device")]
    fn lock(&mut self, set: &ClckSet) -> Progress {
        if set.mode > 2 {
            return Err(CmeError::IncorrectParameters.into());
        }
        match set.facility {
            Facility::Sim => {
                let mode = set.mode;
                let pin = match mode {
                    2 => None,
                    _ => Some(pin_of(set.password.as_ref().ok_or(CmeError::IncorrectParameters)?)?),
                };
                if mode == 2 {
                    return self.with_powered_card(move |port| card::lock_pin(port, mode, pin));
                }
                self.with_card(move |port| card::lock_pin(port, mode, pin))
            }
            _ if set.mode == 2 => self.line(&ClckInfo { status: 0, class: None }),
            // What is open can be opened.
            _ if set.mode == 0 => Ok(Step::Done),
            _ => Self::refused(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are no locks of this device")]
    fn change_password(&mut self, set: &CpwdSet) -> Progress {
        let key = match set.facility {
            Facility::Sim => KeyRef::PIN1,
            Facility::Pin2 => KeyRef::PIN2,
            _ => return Self::refused(),
        };
        let (old, new) = (pin_of(&set.old)?, pin_of(&set.new)?);
        self.with_card(move |port| card::change_pin(port, key, old, new))
    }
}

/// A PIN or PUK has 4 to 8 digits.
fn pin_of(password: &Password) -> Result<Pin, CmeError> {
    let digits = core::str::from_utf8(password.expose()).ok();
    let digits = digits.filter(|digits| (4..=8).contains(&digits.len()));
    digits.and_then(Pin::from_digits).ok_or(CmeError::IncorrectPassword)
}
