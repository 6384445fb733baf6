//! USSD: asking the network, and answering what it asks.

use super::{Event, Events, Modem, ModemFault};
use polysim_at::{Text, UssdStatus};
use polysim_base::Duration;
use polysim_modem::{ModemCommand, ModemError, ModemEvent};

/// How long the network may take to answer a string.
pub const USSD_PATIENCE: Duration = Duration::from_secs(60);

/// What the network answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UssdAnswer {
    /// Whether it waits for an answer, or why it is over.
    pub status: UssdStatus,
    /// What it says.
    pub text: Option<String>,
}

impl UssdAnswer {
    /// Returns whether the network waits for an answer: give it by [`Modem::ussd`].
    #[must_use]
    pub const fn is_question(&self) -> bool {
        matches!(self.status, UssdStatus::ActionRequired)
    }
}

impl Modem {
    /// Sends a USSD string, or the answer to what the network asked, and waits for what the
    /// network says. Several who ask go one after the other.
    ///
    /// # Errors
    /// [`ModemFault::NoUssdAnswer`] behind [`USSD_PATIENCE`]; what the modem says.
    pub async fn ussd(&self, text: &str) -> Result<UssdAnswer, ModemFault> {
        let text = Text::new(text)?;
        let _one_at_a_time = self.shared.ussd.lock().await;
        let mut events = self.events();
        self.order("USSD", ModemCommand::Ussd(text)).await?;
        let late = self.shared.clock.sleep_until(self.shared.clock.now().plus(USSD_PATIENCE));
        tokio::select! {
            biased;
            answer = answer(&mut events) => answer,
            () = late => Err(ModemFault::NoUssdAnswer { within: USSD_PATIENCE }),
        }
    }

    /// Ends the USSD dialogue, in which the network waits for an answer.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn cancel_ussd(&self) -> Result<(), ModemFault> {
        self.order("end of USSD", ModemCommand::UssdCancel).await
    }
}

async fn answer(events: &mut Events) -> Result<UssdAnswer, ModemFault> {
    loop {
        match events.next().await {
            Some(Event::Modem(ModemEvent::Ussd { status, text })) => {
                return Ok(UssdAnswer { status, text });
            }
            Some(Event::PortLost(_)) => return Err(ModemError::PortLost.into()),
            Some(Event::Modem(ModemEvent::Reset)) => return Err(ModemError::Reset.into()),
            Some(Event::Modem(ModemEvent::Unresponsive)) => {
                return Err(ModemError::Unresponsive.into());
            }
            Some(_) => {}
            None => return Err(ModemFault::Closed),
        }
    }
}
