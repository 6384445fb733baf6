//! The flows of an on-site tool over a link to a card.

use polysim_base::procedure::{Procedure, Step};
use polysim_base::{Imsi, Instant, Machine as _, Out};
use polysim_hal::{CardChannel, CardError, CardErrorKind, CardLink, Clock, Reset};
use polysim_issuance::on_site::{
    Ask, Brought, Delivery, Lane, OnSiteError, Reply, Terminal, ToolPort, bring, read_imsi,
    read_pair, read_state,
};
use polysim_issuance::wire::apdu::{AppletState, StoredPair};
use polysim_sms::{Address, Reference, Timestamp};
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// A moment long ago, where the clock tells none that a message can carry.
const NO_TIME: Timestamp = Timestamp::from_octets([0x00, 0x10, 0x10, 0x00, 0x00, 0x00, 0x00]);

/// Why a tool could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolFault {
    /// The way to the card failed.
    #[error(transparent)]
    Link(#[from] CardError),
    /// The card, or what it says.
    #[error(transparent)]
    Card(#[from] OnSiteError),
}

/// A tool with a card at hand: in a reader, or in a modem.
pub struct Tool {
    link: Box<dyn CardLink>,
    terminal: Terminal,
    clock: Arc<dyn Clock>,
    channel: Option<CardChannel>,
    fault: Option<CardError>,
    reference: u8,
}

impl Tool {
    /// Takes the card behind a link. In a reader the tool is the terminal; where the link leads
    /// through a modem, that is.
    #[must_use]
    pub fn new(link: Box<dyn CardLink>, terminal: Terminal, clock: Arc<dyn Clock>) -> Self {
        Self { link, terminal, clock, channel: None, fault: None, reference: 0 }
    }

    /// Reads the pair that the applet of this identifier has stored.
    ///
    /// # Errors
    /// [`ToolFault`].
    pub async fn pair(&mut self, aid: &[u8]) -> Result<StoredPair, ToolFault> {
        let (aid, terminal) = (aid.to_vec(), self.terminal);
        self.run(|port| read_pair(port, aid, terminal)).await
    }

    /// Reads what the applet is doing.
    ///
    /// # Errors
    /// [`ToolFault`].
    pub async fn state(&mut self, aid: &[u8]) -> Result<AppletState, ToolFault> {
        let (aid, terminal) = (aid.to_vec(), self.terminal);
        self.run(|port| read_state(port, aid, terminal)).await
    }

    /// Brings a command packet to the card, as a message from that number.
    ///
    /// # Errors
    /// [`ToolFault`].
    pub async fn bring(&mut self, packet: Vec<u8>, from: Address) -> Result<Brought, ToolFault> {
        self.reference = self.reference.wrapping_add(1);
        let at = timestamp(self.clock.now());
        let delivery = Delivery { packet, from, at, reference: Reference::Eight(self.reference) };
        let terminal = self.terminal;
        self.run(|port| bring(port, delivery, terminal)).await
    }

    /// Reads the subscription on a card in a reader; `None` where that takes a PIN, or where a
    /// modem holds the card.
    ///
    /// # Errors
    /// [`ToolFault`].
    pub async fn imsi(&mut self) -> Result<Option<Imsi>, ToolFault> {
        match self.terminal {
            Terminal::Tool => self.run(read_imsi).await,
            Terminal::Modem => Ok(None),
        }
    }

    /// Gives the link back.
    #[must_use]
    pub fn into_link(self) -> Box<dyn CardLink> {
        self.link
    }

    async fn run<T, F>(&mut self, flow: impl FnOnce(ToolPort) -> F) -> Result<T, ToolFault>
    where
        F: Future<Output = Result<T, OnSiteError>> + Send + 'static,
        T: Send + Sync + 'static,
    {
        let mut procedure = Procedure::start(self.clock.now(), flow);
        loop {
            match procedure.poll_output() {
                Some(Out::Do(Step::Ask(ticket, ask))) => {
                    let reply = self.answer(ask).await;
                    procedure.handle(self.clock.now(), (ticket, reply));
                }
                Some(Out::Do(Step::Done(result))) => {
                    return result.map_err(|error| match (error, self.fault.take()) {
                        (OnSiteError::NoAnswer, Some(fault)) => ToolFault::Link(fault),
                        (error, _) => ToolFault::Card(error),
                    });
                }
                Some(Out::Record(record)) => match record {},
                None => {
                    let due = procedure.poll_timeout().map(|(due, _)| due);
                    self.clock.sleep_until(due.unwrap_or_default()).await;
                    procedure.handle_timeout(self.clock.now());
                }
            }
        }
    }

    async fn answer(&mut self, ask: Ask) -> Reply {
        match ask {
            Ask::Open(aid) => match self.link.open_channel(&aid).await {
                Ok((channel, _)) => {
                    self.channel = Some(channel);
                    Reply::Done
                }
                Err(error) => self.failed(error),
            },
            Ask::Close => {
                if let Some(channel) = self.channel.take() {
                    // It is closed with the next reset, at the latest.
                    drop(self.link.close_channel(channel).await);
                }
                Reply::Done
            }
            Ask::Transmit { on, apdu } => {
                let basic = CardChannel::basic(self.link.epoch());
                let channel = match on {
                    Lane::Basic => basic,
                    Lane::Opened => self.channel.unwrap_or(basic),
                };
                match self.link.transmit(channel, &apdu).await {
                    Ok(answer) => Reply::Response(answer),
                    Err(error) => self.failed(error),
                }
            }
            Ask::Reset => {
                self.channel = None;
                match self.link.reset(Reset::Cold).await {
                    Ok(_) => Reply::Done,
                    Err(error) => self.failed(error),
                }
            }
        }
    }

    fn failed(&mut self, error: CardError) -> Reply {
        if let CardErrorKind::Refused(status) = *error.kind() {
            return Reply::Refused(status);
        }
        if *error.kind() == CardErrorKind::Unsupported {
            return Reply::Unable;
        }
        self.fault = Some(error);
        Reply::Failed
    }
}

fn timestamp(now: Instant) -> Timestamp {
    const MICROS: u64 = 1_000_000;
    Timestamp::from_unix(now.as_micros() / MICROS, 0).unwrap_or(NO_TIME)
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}
