//! What a modem can be asked for.

use super::{Call, Events, IncomingCalls, Modem, ModemFault, Reports, Texts};
use polysim_at::{Command, DialString, FoundOperator};
use polysim_base::Duration;
use polysim_modem::{
    CallerId, CurrentOperator, HangUp, Identity, ModemCommand, OperatorSelection, OutgoingText,
    Pin, RegistrationState, Reply, SendOutcome, Signal,
};
use polysim_sms::Address;

impl Modem {
    /// Sets the modem up and opens the card; the modem does so again by itself after each reset.
    /// The PIN is only used if the card asks for it, and never twice after it was refused.
    ///
    /// # Errors
    /// [`PinRequired`](polysim_modem::ModemError::PinRequired) and others.
    pub async fn initialise(&self, pin: Option<Pin>) -> Result<Identity, ModemFault> {
        self.order("initialise", ModemCommand::Initialise { pin }).await?;
        Ok(self.status().identity)
    }

    /// Waits until the modem is initialised, for the first time or again.
    ///
    /// # Errors
    /// [`ModemFault::Closed`].
    pub async fn ready(&self) -> Result<Identity, ModemFault> {
        let mut status = self.shared.status.clone();
        let ready = status.wait_for(|status| status.ready).await;
        ready.map(|status| status.identity).map_err(|_| ModemFault::Closed)
    }

    /// Returns who the modem and its card are, as far as initialisation found out.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.status().identity
    }

    /// Chooses how to register, or leaves the network.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn register(&self, selection: OperatorSelection) -> Result<(), ModemFault> {
        self.order("register", ModemCommand::SelectOperator(selection)).await
    }

    /// Waits until the modem is registered.
    ///
    /// # Errors
    /// [`ModemFault::NotRegistered`] if it is not in time; [`ModemFault::Closed`].
    pub async fn wait_registered(&self, within: Duration) -> Result<RegistrationState, ModemFault> {
        let mut status = self.shared.status.clone();
        let late = self.shared.clock.sleep_until(self.shared.clock.now().plus(within));
        tokio::select! {
            biased;
            registered = status.wait_for(|status| status.registration.is_registered()) => {
                registered.map(|status| status.registration).map_err(|_| ModemFault::Closed)
            }
            () = late => {
                let state = self.status().registration;
                Err(ModemFault::NotRegistered { within, state })
            }
        }
    }

    /// Sends a text, in the cheapest alphabet and as many parts as it takes.
    ///
    /// Each part is submitted at most once: what is
    /// [`Unknown`](polysim_modem::PartOutcome::Unknown) is not sent again by itself.
    ///
    /// # Errors
    /// [`ModemFault::Number`] and others; then nothing was sent.
    pub async fn send_text(&self, to: &str, text: &str) -> Result<SendOutcome, ModemFault> {
        self.send(OutgoingText::new(Address::parse_dialled(to)?, text)).await
    }

    /// Sends a text with all that can be said about it, such as that a report is wanted.
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn send(&self, text: OutgoingText) -> Result<SendOutcome, ModemFault> {
        let Reply::Text(outcome) = self.ask(ModemCommand::SendText(Box::new(text))).await?.reply
        else {
            return Err(ModemFault::WrongReply { asked: "text" });
        };
        Ok(outcome)
    }

    /// Reads received texts, those first that nobody has confirmed yet.
    #[must_use]
    pub fn texts(&self) -> Texts {
        Texts { modem: self.clone(), cursor: self.shared.texts.read() }
    }

    /// Reads status reports. Begin before a text is sent: a report that nobody reads is an
    /// [`Event`](super::Event) only.
    #[must_use]
    pub fn reports(&self) -> Reports {
        Reports { modem: self.clone(), cursor: self.shared.reports.read() }
    }

    /// Listens to what the modem tells by itself, texts aside.
    #[must_use]
    pub fn events(&self) -> Events {
        self.shared.hub.listen()
    }

    /// Starts a voice call. Done when the network took it up.
    ///
    /// # Errors
    /// [`CallEnded`](polysim_modem::ModemError::CallEnded) and others.
    pub async fn dial(&self, number: &str) -> Result<Call, ModemFault> {
        let number = DialString::new(number)?;
        let command = ModemCommand::Dial { number, caller_id: CallerId::Subscribed };
        match self.ask(command).await?.call {
            Some(progress) => Ok(Call::new(self.clone(), progress)),
            None => Err(ModemFault::WrongReply { asked: "dial" }),
        }
    }

    /// Waits for calls that come in, those first that ring already.
    #[must_use]
    pub fn incoming_calls(&self) -> IncomingCalls {
        IncomingCalls { modem: self.clone(), cursor: self.shared.calls.read() }
    }

    /// Ends all calls.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn hang_up(&self) -> Result<(), ModemFault> {
        self.order("hang up", ModemCommand::HangUp(HangUp::All)).await
    }

    /// Asks for the signal.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn signal(&self) -> Result<Signal, ModemFault> {
        let Reply::Signal(signal) = self.ask(ModemCommand::Signal).await?.reply else {
            return Err(ModemFault::WrongReply { asked: "signal" });
        };
        Ok(signal)
    }

    /// Asks for the registration.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn registration(&self) -> Result<RegistrationState, ModemFault> {
        let Reply::Registration(state) = self.ask(ModemCommand::Registration).await?.reply else {
            return Err(ModemFault::WrongReply { asked: "registration" });
        };
        Ok(*state)
    }

    /// Asks for the operator; `None` while not registered.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn operator(&self) -> Result<Option<CurrentOperator>, ModemFault> {
        let Reply::Operator(operator) = self.ask(ModemCommand::Operator).await?.reply else {
            return Err(ModemFault::WrongReply { asked: "operator" });
        };
        Ok(operator.map(|operator| *operator))
    }

    /// Looks for networks; takes up to three minutes.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn scan(&self) -> Result<Vec<FoundOperator>, ModemFault> {
        let Reply::Operators(operators) = self.ask(ModemCommand::ScanOperators).await?.reply else {
            return Err(ModemFault::WrongReply { asked: "networks" });
        };
        Ok(operators)
    }

    /// Sends one typed command and returns the lines of its answer.
    ///
    /// # Errors
    /// [`NotRaw`](polysim_modem::ModemError::NotRaw) for what would break the dialogue, or has a
    /// method of its own; what the modem says.
    pub async fn raw(&self, command: Command) -> Result<Vec<Box<[u8]>>, ModemFault> {
        let Reply::Lines(lines) = self.ask(ModemCommand::Raw(Box::new(command))).await?.reply
        else {
            return Err(ModemFault::WrongReply { asked: "raw command" });
        };
        Ok(lines)
    }
}
