//! One call, from its first sign to its end.

use super::{Modem, ModemFault};
use polysim_at::{CallDirection, CallState, DtmfDigit};
use polysim_modem::{CallEnd, CallId, CallInfo, HangUp, ModemCommand, ModemError};
use tokio::sync::watch;

/// How far a call is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallProgress {
    /// What the modem says of it.
    pub info: CallInfo,
    /// Why it is over, once it is.
    pub ended: Option<CallEnd>,
}

impl CallProgress {
    pub(super) const fn rings(&self) -> bool {
        self.ended.is_none()
            && matches!(self.info.direction, CallDirection::Terminated)
            && matches!(self.info.state, CallState::Incoming | CallState::Waiting)
    }
}

/// A call. A later call with the same number in the modem's list is another one.
#[derive(Clone, Debug)]
pub struct Call {
    modem: Modem,
    progress: watch::Receiver<CallProgress>,
}

impl Call {
    pub(super) const fn new(modem: Modem, progress: watch::Receiver<CallProgress>) -> Self {
        Self { modem, progress }
    }

    /// Returns its number in the modem's list.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.progress.borrow().info.call
    }

    /// Returns how far it is.
    #[must_use]
    pub fn progress(&self) -> CallProgress {
        self.progress.borrow().clone()
    }

    /// Waits until the other side has answered.
    ///
    /// # Errors
    /// [`ModemError::CallEnded`] if the call ends before.
    pub async fn answered(&mut self) -> Result<(), ModemFault> {
        let up = |progress: &CallProgress| {
            progress.ended.is_some()
                || matches!(progress.info.state, CallState::Active | CallState::Held)
        };
        if let Ok(progress) = self.progress.wait_for(up).await
            && progress.ended.is_none()
        {
            return Ok(());
        }
        Err(self.over())
    }

    /// Waits until the call is over, and returns why.
    pub async fn ended(&mut self) -> CallEnd {
        let over = self.progress.wait_for(|progress| progress.ended.is_some()).await;
        over.ok().and_then(|progress| progress.ended).unwrap_or(CallEnd::Lost)
    }

    /// Answers it. An active call is held.
    ///
    /// # Errors
    /// [`ModemError::CallEnded`] if it is over, and what the modem says.
    pub async fn answer(&self) -> Result<(), ModemFault> {
        self.while_up()?;
        self.modem.order("answer", ModemCommand::Answer).await
    }

    /// Ends or refuses it.
    ///
    /// # Errors
    /// [`ModemError::CallEnded`] if it is over, and what the modem says.
    pub async fn hang_up(&self) -> Result<(), ModemFault> {
        self.while_up()?;
        let which = HangUp::Call(self.id());
        self.modem.order("hang up", ModemCommand::HangUp(which)).await
    }

    /// Sends tones, one after the other.
    ///
    /// # Errors
    /// [`ModemFault::Tone`] for another character, [`ModemError::CallEnded`] if the call is over,
    /// and what the modem says.
    pub async fn dtmf(&self, tones: &str) -> Result<(), ModemFault> {
        self.while_up()?;
        let digits = tones
            .chars()
            .map(|tone| DtmfDigit::new(tone).ok_or(ModemFault::Tone { tone }))
            .collect::<Result<Box<[_]>, _>>()?;
        self.modem.order("tones", ModemCommand::Dtmf(digits)).await
    }

    fn while_up(&self) -> Result<(), ModemFault> {
        if self.progress.borrow().ended.is_some() { Err(self.over()) } else { Ok(()) }
    }

    fn over(&self) -> ModemFault {
        let cause = self.progress.borrow().ended.unwrap_or(CallEnd::Lost);
        ModemError::CallEnded(cause).into()
    }
}
