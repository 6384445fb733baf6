//! The way to the card, with the errors of a tool.

use alloc::vec::Vec;
use polysim_apdu::Response;
use polysim_apdu::contact::{Contact as Card, ContactError, Lane};

use super::OnSiteError;

/// What a flow holds.
pub type ToolPort = polysim_apdu::contact::ContactPort;

/// Who the terminal is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Terminal {
    /// The tool: the card is in a reader.
    Tool,
    /// The modem that the card is in. It carries out what the card wants.
    Modem,
}

/// A card, by way of a port.
#[derive(Debug)]
pub(super) struct Contact {
    card: Card,
    terminal: Terminal,
}

impl Contact {
    pub(super) const fn new(port: ToolPort, terminal: Terminal) -> Self {
        Self { card: Card::new(port), terminal }
    }

    pub(super) const fn terminal(&self) -> Terminal {
        self.terminal
    }

    pub(super) async fn sleep(&mut self, time: polysim_base::Duration) {
        self.card.sleep(time).await;
    }

    /// Returns whether the card was reset.
    pub(super) async fn reset(&mut self) -> Result<bool, OnSiteError> {
        Ok(self.card.reset().await?)
    }

    /// Selects an application, on a channel of its own if there is one. In a reader nobody else
    /// needs the basic channel.
    pub(super) async fn open(&mut self, aid: &[u8]) -> Result<Lane, OnSiteError> {
        match (self.card.open(aid).await, self.terminal) {
            (Ok(()), _) => Ok(Lane::Opened),
            (Err(ContactError::NoChannel), Terminal::Tool) => {
                self.select(aid).await.map(|()| Lane::Basic)
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Selects an application on the basic channel.
    pub(super) async fn select(&mut self, aid: &[u8]) -> Result<(), OnSiteError> {
        Ok(self.card.select(aid).await?)
    }

    pub(super) async fn close(&mut self, lane: Lane) {
        self.card.close(lane).await;
    }

    /// Sends a command and returns the whole response to it.
    pub(super) async fn transmit(
        &mut self,
        on: Lane,
        apdu: Vec<u8>,
    ) -> Result<Response, OnSiteError> {
        Ok(self.card.transmit(on, apdu).await?)
    }

    /// Sends a command that the card must carry out.
    pub(super) async fn ask(
        &mut self,
        on: Lane,
        command: &'static str,
        apdu: Vec<u8>,
    ) -> Result<Response, OnSiteError> {
        let response = self.transmit(on, apdu).await?;
        let status = response.status;
        if status.is_done() {
            return Ok(response);
        }
        Err(OnSiteError::Refused { command, status })
    }
}
