//! The eUICC behind a link.

use crate::contact::LinkContact;
use polysim_apdu::contact::Lane;
use polysim_hal::{CardError, CardLink, Clock};
use polysim_lpa::transport::{CardError as ChipError, TransportConfig, close, exchange};
use std::sync::Arc;

/// An eUICC, and the way to its ISD-R while that is open.
pub(super) struct Chip {
    contact: LinkContact,
    config: Arc<TransportConfig>,
    isdr: Option<Lane>,
}

impl Chip {
    pub(super) fn new(
        link: Box<dyn CardLink>,
        config: TransportConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let contact = LinkContact::new(link, clock);
        Self { contact, config: Arc::new(config), isdr: None }
    }

    /// Carries out one function, or loads one segment of a package.
    pub(super) async fn carry_out(&mut self, function: Vec<u8>) -> Result<Vec<u8>, ChipError> {
        let (isdr, config) = (self.isdr.take(), Arc::clone(&self.config));
        let done = self.contact.run(|port| exchange(port, isdr, config, function));
        let (isdr, reply) = done.await;
        self.isdr = isdr;
        reply
    }

    /// Resets the card; returns whether that could be done.
    pub(super) async fn reset(&mut self) -> bool {
        self.isdr = None;
        self.contact.reset().await
    }

    /// Returns what was wrong with the link, for whoever wants to know more.
    pub(super) const fn take_fault(&mut self) -> Option<CardError> {
        self.contact.fault.take()
    }

    /// Closes the channel to the ISD-R, and gives the link back.
    pub(super) async fn close(mut self) -> Box<dyn CardLink> {
        let isdr = self.isdr.take();
        self.contact.run(|port| close(port, isdr)).await;
        self.contact.into_link()
    }
}
