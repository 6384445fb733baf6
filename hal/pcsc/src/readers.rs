//! The readers of this machine.

use crate::link::{PATIENCE, PcscLink};
use crate::service;
use crate::watch::Watch;
use async_trait::async_trait;
use pcsc::ShareMode;
use polysim_hal::{CardError, CardLink, CardReader, ReaderEvent, ReaderStatus};
use std::time::Duration;

/// Whom a connection to a card lets at it besides.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Sharing {
    /// Nobody. When the link is dropped the card is reset, so that no verified PIN stays behind.
    #[default]
    Exclusive,
    /// Other programs, outside of [`begin`](CardLink::begin) and [`end`](CardLink::end). They may
    /// reset the card: the next command is then answered
    /// [`Stale`](polysim_hal::CardErrorKind::Stale). When the link is dropped the card stays as it
    /// is.
    Shared,
}

impl Sharing {
    pub(crate) const fn mode(self) -> ShareMode {
        match self {
            Self::Exclusive => ShareMode::Exclusive,
            Self::Shared => ShareMode::Shared,
        }
    }
}

/// The readers of this machine, as the card service knows them.
///
/// Making it does not touch the service; it may start later, stop, and come back.
///
/// Beyond the contract of [`CardReader::changed`]: when the service stops, all readers are gone
/// with it and none is told as removed; when it is back, those that are there are told as added.
/// A card that does not answer to reset is told as inserted with an empty answer.
#[derive(Debug)]
pub struct PcscReaders {
    sharing: Sharing,
    patience: Duration,
    watch: Option<Watch>,
}

impl PcscReaders {
    /// Returns the readers; cards are connected to exclusively.
    #[must_use]
    pub fn new() -> Self {
        Self::sharing(Sharing::Exclusive)
    }

    /// Returns the readers; cards are connected to in this way.
    #[must_use]
    pub fn sharing(sharing: Sharing) -> Self {
        Self { sharing, patience: PATIENCE, watch: None }
    }

    /// Waits this long for an answer in place of [`PATIENCE`]; longer than the longest that a
    /// command may take.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl Default for PcscReaders {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl CardReader for PcscReaders {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        service::on_a_thread("pcsc-list", service::list).await
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            none => none.insert(Watch::start()?),
        };
        watch.next().await
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        Ok(Box::new(PcscLink::connect(reader, self.sharing, self.patience).await?))
    }
}
