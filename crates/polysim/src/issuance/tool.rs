//! The flows of an on-site tool over a link to a card.

use crate::contact::LinkContact;
use polysim_base::{Imsi, Instant};
use polysim_hal::{CardError, CardLink, Clock};
use polysim_issuance::on_site::{
    Brought, Delivery, OnSiteError, Terminal, ToolPort, bring, read_imsi, read_pair, read_state,
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
    contact: LinkContact,
    terminal: Terminal,
    reference: u8,
}

impl Tool {
    /// Takes the card behind a link. In a reader the tool is the terminal; where the link leads
    /// through a modem, that is.
    #[must_use]
    pub fn new(link: Box<dyn CardLink>, terminal: Terminal, clock: Arc<dyn Clock>) -> Self {
        Self { contact: LinkContact::new(link, clock), terminal, reference: 0 }
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
        let at = timestamp(self.contact.clock().now());
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
        self.contact.into_link()
    }

    async fn run<T, F>(&mut self, flow: impl FnOnce(ToolPort) -> F) -> Result<T, ToolFault>
    where
        F: Future<Output = Result<T, OnSiteError>> + Send + 'static,
        T: Send + Sync + 'static,
    {
        let done = self.contact.run(flow).await;
        done.map_err(|error| match (error, self.contact.fault.take()) {
            (OnSiteError::NoAnswer, Some(fault)) => ToolFault::Link(fault),
            (error, _) => ToolFault::Card(error),
        })
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
