//! The card's PIN: entered once if at all.

use alloc::boxed::Box;

use polysim_at::{
    CmeError, Command, CpinInfo, CpinSet, Csim, FinalResult, Form, HexBytes, PinStatus,
};
use polysim_base::Duration;

use super::Init;
use crate::{
    ModemError, ModemEvent, Pin,
    engine::{Engine, Next},
    link::{Accept, Answer, Outcome, Request},
};

/// With so many attempts left or fewer, no PIN is entered.
const ATTEMPTS_RESERVED: u8 = 2;
/// VERIFY PIN without a PIN: the answer tells the attempts left (TS 102.221, 11.1.9).
const VERIFY_NOTHING: [u8; 5] = [0x00, 0x20, 0x00, 0x01, 0x00];
/// How often a card that is busy is asked again, and when.
const PATIENCE_MAX: u8 = 10;
const PATIENCE: Duration = Duration::from_secs(1);
/// A card that was just given its PIN may take a moment to say so.
const CONFIRMATIONS_MAX: u8 = 3;

/// The PIN, and what is known of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Pins {
    /// None was given.
    #[default]
    None,
    /// Given, and not refused so far.
    Given(Pin),
    /// Entered, and the answer was lost.
    InDoubt(Pin),
    /// Refused by the card: never to be entered again.
    Refused(Pin),
}

impl Pins {
    /// The owner gives a PIN with a command.
    pub(crate) fn give(&mut self, pin: Option<Pin>) {
        let Some(pin) = pin else { return };
        if *self != Self::Refused(pin) {
            *self = Self::Given(pin);
        }
    }

    const fn to_enter(self) -> Option<Pin> {
        match self {
            Self::Given(pin) => Some(pin),
            Self::None | Self::InDoubt(_) | Self::Refused(_) => None,
        }
    }

    /// Refuses a PIN that the card refused before.
    pub(crate) fn check(&self, pin: &Pin) -> Result<(), ModemError> {
        if *self == Self::Refused(*pin) {
            return Err(ModemError::PinRefusedBefore);
        }
        Ok(())
    }

    /// A PIN was used in a command of its own: it was refused, or `new` holds from now on.
    pub(crate) fn note(&mut self, used: Pin, new: Pin, outcome: PinUse) {
        match outcome {
            PinUse::Accepted => *self = Self::Given(new),
            PinUse::Refused => *self = Self::Refused(used),
            PinUse::Unknown => {}
        }
    }

    fn entered(&mut self) {
        if let Self::Given(pin) = *self {
            *self = Self::InDoubt(pin);
        }
    }

    fn accepted(&mut self) {
        if let Self::InDoubt(pin) = *self {
            *self = Self::Given(pin);
        }
    }

    fn refused(&mut self) {
        if let Self::InDoubt(pin) | Self::Given(pin) = *self {
            *self = Self::Refused(pin);
        }
    }
}

/// What became of a PIN that was used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PinUse {
    /// The card took it.
    Accepted,
    /// The card refused it.
    Refused,
    /// Something else went wrong.
    Unknown,
}

/// Where the step of the card is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CardPhase {
    /// What does it wait for?
    Ask,
    /// How many attempts are left?
    CountAttempts,
    /// Here is the PIN.
    Enter,
    /// Is it content now?
    Confirm,
    /// It refused the PIN: how many attempts are left?
    CountAfterRefusal,
}

impl CardPhase {
    /// The answer was lost: what the card made of it is to be asked.
    pub(super) const fn lost_answer(&mut self) {
        match self {
            Self::Enter | Self::Confirm => *self = Self::Confirm,
            Self::Ask | Self::CountAttempts | Self::CountAfterRefusal => {}
        }
    }
}

impl Init {
    pub(super) fn card_next(&mut self, engine: &mut Engine) -> Result<Next, ModemError> {
        let deadline = engine.config.deadlines.card;
        let request = match self.card {
            CardPhase::Ask | CardPhase::Confirm => {
                if core::mem::take(&mut self.waits) {
                    return Ok(Next::Rest(PATIENCE));
                }
                Request::new(&Command::Cpin(Form::Read), deadline).accepting(Accept::Named("+CPIN"))
            }
            CardPhase::CountAttempts | CardPhase::CountAfterRefusal => {
                let verify = Csim { apdu: HexBytes::from(&VERIFY_NOTHING[..]) };
                Request::new(&Command::Csim(Form::Set(verify)), deadline)
                    .accepting(Accept::Named("+CSIM"))
            }
            CardPhase::Enter => {
                let Some(pin) = engine.pins.to_enter() else {
                    return Err(required(engine, PinStatus::SimPin, None));
                };
                let set = CpinSet { pin: pin.password()?, new_pin: None };
                // From here on it counts as used, whatever becomes of the answer.
                engine.pins.entered();
                Request::new(&Command::Cpin(Form::Set(Box::new(set))), deadline)
            }
        };
        Ok(Next::Send(request))
    }

    pub(super) fn card_answered(
        &mut self,
        engine: &mut Engine,
        answer: &Answer,
    ) -> Result<(), ModemError> {
        match self.card {
            CardPhase::Ask | CardPhase::Confirm => self.card_status(engine, answer),
            CardPhase::CountAttempts => match attempts_of(answer) {
                Some(left) if left <= ATTEMPTS_RESERVED => {
                    Err(required(engine, PinStatus::SimPin, Some(left)))
                }
                Some(_) | None => {
                    self.card = CardPhase::Enter;
                    Ok(())
                }
            },
            CardPhase::Enter => {
                self.card = if answer.is_ok() || is_busy(answer) {
                    CardPhase::Confirm
                } else {
                    engine.pins.refused();
                    CardPhase::CountAfterRefusal
                };
                Ok(())
            }
            CardPhase::CountAfterRefusal => {
                Err(required(engine, PinStatus::SimPin, attempts_of(answer)))
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "of another crate; all others are secrets")]
    fn card_status(&mut self, engine: &mut Engine, answer: &Answer) -> Result<(), ModemError> {
        if is_busy(answer) && self.patience < PATIENCE_MAX {
            self.patience = self.patience.saturating_add(1);
            self.waits = true;
            return Ok(());
        }
        match answer.error() {
            // Not every modem has the command; without it there is nothing to enter either.
            Some(ModemError::Refused) => {
                self.advance();
                return Ok(());
            }
            Some(error) => return Err(error),
            None => {}
        }
        let status = answer.parse::<CpinInfo>()?.status;
        match status {
            PinStatus::Ready => {
                engine.pins.accepted();
                self.card = CardPhase::Ask;
                self.advance();
                Ok(())
            }
            PinStatus::SimPin if self.card == CardPhase::Confirm => {
                self.patience = self.patience.saturating_add(1);
                if self.patience < CONFIRMATIONS_MAX {
                    self.waits = true;
                    return Ok(());
                }
                engine.pins.refused();
                self.card = CardPhase::CountAfterRefusal;
                Ok(())
            }
            PinStatus::SimPin if engine.pins.to_enter().is_some() => {
                self.card = CardPhase::CountAttempts;
                Ok(())
            }
            needed => Err(required(engine, needed, None)),
        }
    }
}

fn is_busy(answer: &Answer) -> bool {
    answer.outcome == Outcome::Final(FinalResult::Cme(CmeError::SimBusy))
}

/// Reads `63Cx`.
fn attempts_of(answer: &Answer) -> Option<u8> {
    match *answer.parse::<Csim>().ok()?.apdu {
        [0x63, left] if left & 0xF0 == 0xC0 => Some(left & 0x0F),
        _ => None,
    }
}

/// Tells the owner, and returns the outcome of the command.
fn required(engine: &mut Engine, needed: PinStatus, attempts_left: Option<u8>) -> ModemError {
    engine.event(ModemEvent::PinRequired { needed, attempts_left });
    ModemError::PinRequired { needed, attempts_left }
}
