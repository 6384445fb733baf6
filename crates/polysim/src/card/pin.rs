//! PINs, with care.

use super::{Card, CardFault};
use polysim_apdu::{Channel, Command, KeyRef, Pin, Status};

/// With so many tries left, or fewer, a PIN is not presented: the last ones are for a person with
/// the card in a phone.
pub const TRIES_KEPT: u8 = 2;

/// What became of a PIN.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PinOutcome {
    /// The card took it.
    Verified,
    /// It was not presented: it is disabled, or was verified before.
    NotNeeded,
}

impl Card {
    /// Asks how many tries a PIN has left; `None` where it is verified or disabled.
    ///
    /// # Errors
    /// [`CardFault::PinAtRisk`] if the card does not tell, [`CardFault::PinBlocked`], and others.
    pub async fn tries_left(&mut self, key: KeyRef) -> Result<Option<u8>, CardFault> {
        let response = self.send(Command::tries_left(Channel::BASIC, key)).await?;
        match response.status {
            Status::TriesLeft(0) | Status::AuthenticationBlocked => {
                Err(CardFault::PinBlocked { key })
            }
            Status::TriesLeft(left) => Ok(Some(left)),
            // Disabled, or never to be verified.
            Status::Success | Status::ReferenceDataInvalidated => Ok(None),
            Status::ReferenceDataNotFound => {
                let status = response.status;
                Err(CardFault::Refused { command: "VERIFY PIN", status })
            }
            _ => Err(CardFault::PinAtRisk { key, tries_left: None }),
        }
    }

    /// Presents a PIN, after asking how many tries are left: with [`TRIES_KEPT`] or fewer it is
    /// not presented.
    ///
    /// # Errors
    /// [`CardFault::PinAtRisk`], [`CardFault::PinWrong`], [`CardFault::PinBlocked`], and others.
    pub async fn verify_pin(&mut self, key: KeyRef, pin: Pin) -> Result<PinOutcome, CardFault> {
        let Some(tries_left) = self.tries_left(key).await? else {
            return Ok(PinOutcome::NotNeeded);
        };
        if tries_left <= TRIES_KEPT {
            return Err(CardFault::PinAtRisk { key, tries_left: Some(tries_left) });
        }
        let response = self.send(Command::verify_pin(Channel::BASIC, key, pin)).await?;
        match response.status {
            Status::TriesLeft(0) | Status::AuthenticationBlocked => {
                Err(CardFault::PinBlocked { key })
            }
            Status::TriesLeft(tries_left) => Err(CardFault::PinWrong { key, tries_left }),
            status if status.is_done() => Ok(PinOutcome::Verified),
            status => Err(CardFault::Refused { command: "VERIFY PIN", status }),
        }
    }
}
