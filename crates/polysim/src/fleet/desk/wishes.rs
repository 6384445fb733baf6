//! What a user wishes.

use super::{Desk, DeskError, Outcome};
use polysim_base::{Duration, Iccid, Msisdn};
use polysim_fleet::SimState;
use polysim_fleet::terminal::{TerminalWish, WishError};
use polysim_fleet::wire::{Answer, MessageId, Parameters, Reclaim, SimView, Target, Why};

/// How often it is looked whether a SIM is on standby.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nobody has answered as such a wish is answered.
const NO_ANSWER: DeskError = DeskError::Wish(WishError::NoAnswer);

impl Desk {
    /// Asks for a modem for a SIM, and waits until it has one or never will. It takes some seconds
    /// more until it is [on standby](Self::on_standby). Meanwhile the events tell how it goes.
    ///
    /// # Errors
    /// [`DeskError::Wish`] and [`DeskError::Dropped`] say why not.
    pub async fn assign(&self, sim: Iccid, parameters: Parameters) -> Result<Answer, DeskError> {
        self.ask(TerminalWish::Assign(sim, parameters)).await
    }

    /// Gives the modem of a SIM back.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn release(&self, sim: Iccid, reclaim: Reclaim) -> Result<Answer, DeskError> {
        self.ask(TerminalWish::Release(sim, reclaim)).await
    }

    /// Asks why a SIM is where it is.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn why(&self, sim: Iccid) -> Result<(SimState, Why), DeskError> {
        let answer = self.ask(TerminalWish::Why(sim)).await?;
        let Answer::Explained(state, why) = answer else { return Err(unexpected(&answer)) };
        Ok((state, why))
    }

    /// Asks for the SIMs of the user.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn sims(&self) -> Result<Vec<SimView>, DeskError> {
        let answer = self.ask(TerminalWish::List).await?;
        let Answer::Sims(sims) = answer else { return Err(unexpected(&answer)) };
        Ok(sims)
    }

    /// Waits until a SIM is on standby, by asking again and again.
    ///
    /// # Errors
    /// [`DeskError::NotOnStandby`] if it is not in time.
    pub async fn on_standby(&self, sim: Iccid, within: Duration) -> Result<(), DeskError> {
        let until = self.now().plus(within);
        loop {
            match self.why(sim).await {
                Ok((SimState::Standby | SimState::InService, _)) => return Ok(()),
                Ok(_) | Err(DeskError::Wish(_)) => {}
                Err(over) => return Err(over),
            }
            let next = self.now().plus(LOOK_EVERY);
            if next > until {
                return Err(DeskError::NotOnStandby);
            }
            self.clock.sleep_until(next).await;
        }
    }

    /// Calls somebody. Done when the modem dials; the events tell what becomes of the call.
    ///
    /// # Errors
    /// [`DeskError::Wish`]. [`WishError::NoAnswer`] leaves open whether it was dialled.
    pub async fn dial(&self, sim: Target, to: Msisdn) -> Result<(), DeskError> {
        self.order(TerminalWish::Dial { sim, to }).await
    }

    /// Texts somebody. Done when the text is recorded where it is sent from: it is sent once from
    /// there, and events and mail tell what becomes of it.
    ///
    /// # Errors
    /// [`DeskError::Wish`]: then it is not sent.
    pub async fn text(
        &self,
        sim: Target,
        to: Msisdn,
        body: impl Into<String>,
    ) -> Result<MessageId, DeskError> {
        self.send(sim, to, body.into(), false).await
    }

    /// Texts somebody and asks for a delivery report, which comes as mail.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub async fn text_with_report(
        &self,
        sim: Target,
        to: Msisdn,
        body: impl Into<String>,
    ) -> Result<MessageId, DeskError> {
        self.send(sim, to, body.into(), true).await
    }

    async fn send(
        &self,
        sim: Target,
        to: Msisdn,
        body: String,
        report: bool,
    ) -> Result<MessageId, DeskError> {
        match self.wish(TerminalWish::Text { sim, to, body, report }).await? {
            Outcome::Accepted(text) => Ok(text),
            Outcome::Done | Outcome::Answered(_) | Outcome::Apdu(_) => Err(NO_ANSWER),
        }
    }

    /// Answers what rings.
    ///
    /// # Errors
    /// [`DeskError::Wish`]: another terminal may have been first.
    pub async fn answer(&self) -> Result<(), DeskError> {
        self.order(TerminalWish::Answer).await
    }

    /// Refuses what rings, for all terminals.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn reject(&self) -> Result<(), DeskError> {
        self.order(TerminalWish::Reject).await
    }

    /// Ends the active call, or else the one on hold, being dialled or ringing.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn hang_up(&self) -> Result<(), DeskError> {
        self.order(TerminalWish::HangUp).await
    }

    /// Holds the active call and takes the other one.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn hold(&self) -> Result<(), DeskError> {
        self.order(TerminalWish::Hold).await
    }

    /// Sends tones in the active call: digits, `*`, `#`, A to D.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn dtmf(&self, digits: impl Into<String>) -> Result<(), DeskError> {
        self.order(TerminalWish::Dtmf(digits.into())).await
    }

    /// Sends a USSD code, or the answer to a question. What the network says is an event.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn ussd(&self, sim: Target, code: impl Into<String>) -> Result<(), DeskError> {
        self.order(TerminalWish::Ussd { sim, code: code.into() }).await
    }

    /// Ends the USSD dialogue.
    ///
    /// # Errors
    /// [`DeskError::Wish`].
    pub async fn ussd_cancel(&self, sim: Iccid) -> Result<(), DeskError> {
        self.order(TerminalWish::UssdCancel { sim }).await
    }

    /// Sends an APDU to the card; returns data and status word.
    ///
    /// # Errors
    /// [`DeskError::Wish`]. [`WishError::NoAnswer`] leaves open whether the card got it.
    pub async fn apdu(&self, sim: Iccid, apdu: Vec<u8>) -> Result<Vec<u8>, DeskError> {
        match self.wish(TerminalWish::Apdu { sim, apdu }).await? {
            Outcome::Apdu(said) => Ok(said),
            Outcome::Done | Outcome::Answered(_) | Outcome::Accepted(_) => Err(NO_ANSWER),
        }
    }

    async fn order(&self, wish: TerminalWish) -> Result<(), DeskError> {
        match self.wish(wish).await? {
            Outcome::Done => Ok(()),
            Outcome::Answered(answer) => Err(unexpected(&answer)),
            Outcome::Accepted(_) | Outcome::Apdu(_) => Err(NO_ANSWER),
        }
    }

    async fn ask(&self, wish: TerminalWish) -> Result<Answer, DeskError> {
        match self.wish(wish).await? {
            Outcome::Answered(Answer::Dropped(why)) => Err(DeskError::Dropped(why)),
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Done | Outcome::Accepted(_) | Outcome::Apdu(_) => Err(NO_ANSWER),
        }
    }
}

/// A server has answered something else than was asked: it may be of another release.
const fn unexpected(answer: &Answer) -> DeskError {
    match answer {
        Answer::Refused(refusal) => DeskError::Wish(WishError::Exchange(*refusal)),
        Answer::Dropped(why) => DeskError::Dropped(*why),
        Answer::Assigned(..)
        | Answer::Unchanged(_)
        | Answer::Waiting(_)
        | Answer::Ended(_)
        | Answer::At(..)
        | Answer::Moved(_)
        | Answer::Explained(..)
        | Answer::Sims(_)
        | Answer::Mail(_) => NO_ANSWER,
    }
}
