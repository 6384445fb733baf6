//! Faults of a card.

use super::Faulty;
use crate::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, CardReader, ReaderEvent,
    ReaderStatus, Reset, live,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// Something that goes wrong with a card.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardFault {
    /// The card is pulled out: this link is of no more use.
    Removed,
    /// The card answers no more, until it is reset.
    Mute,
    /// The card does not do the command and answers with this status word.
    Status([u8; 2]),
    /// Another program resets the card before the command reaches it.
    Reset,
}

/// When something goes wrong.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlannedCardFault {
    /// With which command, from 1; those that open and close channels count.
    pub at: u64,
    /// What.
    pub fault: CardFault,
}

/// The plan for a card, and how far it has come: all links of a faulty reader share it.
#[derive(Clone, Debug)]
pub struct CardFaults {
    progress: Arc<Mutex<Progress>>,
    life: Life,
    /// How much further this link's epoch is than that of the link it wraps.
    ahead: u64,
}

#[derive(Debug)]
struct Progress {
    plan: Vec<PlannedCardFault>,
    commands: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Life {
    Answering,
    Mute,
    Gone,
}

impl CardFaults {
    /// Returns a plan that begins.
    #[must_use]
    pub fn new(plan: Vec<PlannedCardFault>) -> Self {
        let progress = Arc::new(Mutex::new(Progress { plan, commands: 0 }));
        Self { progress, life: Life::Answering, ahead: 0 }
    }

    /// Counts a command, and returns what goes wrong with it.
    fn next(&self) -> Option<CardFault> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.commands = progress.commands.saturating_add(1);
        let at = progress.commands;
        progress.plan.iter().find(|planned| planned.at == at).map(|planned| planned.fault)
    }
}

fn error(kind: CardErrorKind) -> CardError {
    CardError::new(kind, "card")
}

impl<L: CardLink> Faulty<L, CardFaults> {
    fn present(&self) -> Result<(), CardError> {
        match self.faults.life {
            Life::Gone => Err(error(CardErrorKind::CardGone)),
            Life::Answering | Life::Mute => Ok(()),
        }
    }

    /// Lets happen what is planned for this command. Returns the status word with which the card
    /// is to answer, if the command is not to reach it.
    async fn suffer(&mut self) -> Result<Option<[u8; 2]>, CardError> {
        self.present()?;
        let mut answer = None;
        match self.faults.next() {
            Some(CardFault::Removed) => {
                self.faults.life = Life::Gone;
                self.faults.ahead = self.faults.ahead.saturating_add(1);
            }
            Some(CardFault::Mute) => self.faults.life = Life::Mute,
            Some(CardFault::Status(status)) => answer = Some(status),
            Some(CardFault::Reset) => self.reset_behind_the_back().await?,
            None => {}
        }
        match self.faults.life {
            Life::Answering => Ok(answer),
            Life::Mute => Err(error(CardErrorKind::Mute)),
            Life::Gone => Err(error(CardErrorKind::CardGone)),
        }
    }

    /// Returns what a channel is called below, if it is of the present life.
    fn below(&self, channel: CardChannel) -> Result<CardChannel, CardError> {
        let number = live(channel, self.epoch(), "card")?;
        Ok(CardChannel { number, epoch: self.inner.epoch() })
    }

    /// Resets the card; if the link cannot, its life ends all the same.
    async fn reset_behind_the_back(&mut self) -> Result<(), CardError> {
        match self.inner.reset(Reset::Warm).await {
            Ok(_) => {}
            Err(refused) if *refused.kind() == CardErrorKind::Unsupported => {
                self.faults.ahead = self.faults.ahead.saturating_add(1);
            }
            Err(error) => return Err(error),
        }
        self.faults.life = Life::Answering;
        Ok(())
    }
}

#[async_trait]
impl<L: CardLink> CardLink for Faulty<L, CardFaults> {
    fn atr(&self) -> Atr {
        self.inner.atr()
    }

    fn epoch(&self) -> CardEpoch {
        CardEpoch(self.inner.epoch().0.saturating_add(self.faults.ahead))
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        self.present()?;
        self.below(channel)?;
        match self.suffer().await? {
            Some(status) => Ok(status.to_vec()),
            None => {
                let channel = self.below(channel)?;
                self.inner.transmit(channel, command).await
            }
        }
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        if let Some(status) = self.suffer().await? {
            return Err(error(CardErrorKind::Refused(status)));
        }
        let (CardChannel { number, .. }, said) = self.inner.open_channel(aid).await?;
        Ok((CardChannel { number, epoch: self.epoch() }, said))
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        self.present()?;
        self.below(channel)?;
        if let Some(status) = self.suffer().await? {
            return Err(error(CardErrorKind::Refused(status)));
        }
        let channel = self.below(channel)?;
        self.inner.close_channel(channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.present()?;
        self.inner.reset(kind).await?;
        self.faults.life = Life::Answering;
        Ok(self.epoch())
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.present()?;
        self.inner.begin().await
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.present()?;
        self.inner.end().await
    }
}

#[async_trait]
impl<R: CardReader> CardReader for Faulty<R, CardFaults> {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        self.inner.list().await
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        self.inner.changed().await
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        let link = self.inner.connect(reader).await?;
        Ok(Box::new(Faulty::new(link, self.faults.clone())))
    }
}
