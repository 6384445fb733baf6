//! Commands and responses, with what T=0 and modems make of them put right.

use super::{Card, CardFault};
use polysim_apdu::{
    Case, Class, Command, CommandApdu, Header, Ins, Le, Outcome, Response, ResponseApdu, Status,
};
use polysim_hal::{CardChannel, CardErrorKind};

/// Most bytes of one response, put together from any number of pieces.
pub const RESPONSE_MAX: usize = 65_536;
/// Most commands spent on one response.
pub const EXCHANGES_MAX: usize = 1_024;

const ENDLESS: CardFault = CardFault::Endless { limit: RESPONSE_MAX, exchanges: EXCHANGES_MAX };

impl Card {
    /// Sends one command on the present channel and returns what the card answered to it, data
    /// and status word, without following `61xx` and `6Cxx`.
    ///
    /// # Errors
    /// [`CardFault::Reset`], [`CardFault::Link`].
    pub async fn exchange(&mut self, apdu: &[u8]) -> Result<Vec<u8>, CardFault> {
        let epoch = self.link.epoch();
        if self.channel.epoch != epoch {
            self.channel = CardChannel::basic(epoch);
            return Err(CardFault::Reset);
        }
        match self.link.transmit(self.channel, apdu).await {
            Ok(answer) => Ok(answer),
            Err(error) if *error.kind() == CardErrorKind::Stale => {
                self.channel = CardChannel::basic(self.link.epoch());
                Err(CardFault::Reset)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a command on the present channel and returns its whole response.
    ///
    /// `61xx` (for class `A0`: `9Fxx`) is followed by GET RESPONSE, `6Cxx` by the command with
    /// the right length, and after a warning to a command that sends and expects data the data is
    /// asked for (TS 102.221, 7.3.1.1). It does not matter whether the card, the reader or a
    /// modem does some of that itself.
    ///
    /// # Errors
    /// [`CardFault::Apdu`] if `apdu` is no command or the answer no response,
    /// [`CardFault::Endless`] if the response does not end, and as [`exchange`](Self::exchange).
    /// What the card refuses is a response like any other.
    pub async fn transmit(&mut self, apdu: &[u8]) -> Result<Response, CardFault> {
        let command = CommandApdu::parse(apdu)?;
        let mut next = apdu.to_vec();
        let mut whole = Vec::new();
        let mut warning = None;
        for _ in 0..EXCHANGES_MAX {
            let answer = self.exchange(&next).await?;
            let answer = ResponseApdu::parse(&answer)?;
            let status = answer.status();
            whole.extend_from_slice(answer.data());
            if whole.len() > RESPONSE_MAX {
                return Err(ENDLESS);
            }
            let Some(following) = following(&command, &next, status, whole.len(), warning) else {
                // A warning stands for the whole: the command was done, fetched or not.
                return Ok(Response { data: whole, status: warning.unwrap_or(status) });
            };
            if status.outcome() == Outcome::Warning {
                warning = Some(status);
            }
            next = following;
        }
        Err(ENDLESS)
    }

    /// Sends a command that must succeed, and returns its data.
    pub(super) async fn ask(
        &mut self,
        name: &'static str,
        command: Command<'_>,
    ) -> Result<Vec<u8>, CardFault> {
        let response = self.send(command).await?;
        if response.status.is_done() {
            Ok(response.data)
        } else {
            Err(CardFault::Refused { command: name, status: response.status })
        }
    }

    /// Sends a command and returns its response, whatever it is.
    pub(super) async fn send(&mut self, command: Command<'_>) -> Result<Response, CardFault> {
        let mut apdu = Vec::new();
        command.emit(&mut apdu)?;
        self.transmit(&apdu).await
    }
}

/// Returns what is to be sent after an answer, if anything is.
fn following(
    command: &CommandApdu<'_>,
    sent: &[u8],
    status: Status,
    fetched: usize,
    warning: Option<Status>,
) -> Option<Vec<u8>> {
    let class = Class::parse(command.header().cla).unwrap_or(Class::INTERINDUSTRY);
    let wanted = command.le().map_or(0, Le::bytes);
    match status {
        Status::DataAvailable(length) => get_response(class, length),
        Status::ResponseLength(length) if class == Class::SIM => get_response(class, length),
        Status::WrongLe(length) => with_length(sent, length),
        _ if status.outcome() == Outcome::Warning
            && status.is_done()
            && warning.is_none()
            && command.case() == Case::Four
            && fetched == 0
            && wanted > 0 =>
        {
            get_response(class, 0)
        }
        _ => None,
    }
}

fn get_response(class: Class, length: u8) -> Option<Vec<u8>> {
    let header = Header::new(class.for_get_response().byte(), Ins::GetResponse.byte(), 0, 0);
    Some(CommandApdu::new(header, &[], Some(Le::of_byte(length))).ok()?.to_vec())
}

/// Returns the command with another length expected.
fn with_length(sent: &[u8], length: u8) -> Option<Vec<u8>> {
    let command = CommandApdu::parse(sent).ok()?;
    let le = Some(Le::of_byte(length));
    // The same length again is no correction: the card would say the same for ever.
    (command.le() != le)
        .then(|| CommandApdu::new(command.header(), command.data(), le).ok())?
        .map(|command| command.to_vec())
}
