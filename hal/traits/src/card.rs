//! Readers, and the card in one of them.

use crate::{CardError, CardErrorKind};
use async_trait::async_trait;

/// An answer to reset, as it came.
pub type Atr = Vec<u8>;

/// Counts the lives of a card in a reader: it grows with every reset and removal, whoever caused
/// it. What was selected, verified or opened in one life is gone in the next.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CardEpoch(pub u64);

impl CardEpoch {
    /// Returns the epoch after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A logical channel, of one life of a card. In a later life it is refused, never used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CardChannel {
    /// Its number for the link: 0 is the basic channel.
    pub number: u8,
    /// The life of the card that it belongs to.
    pub epoch: CardEpoch,
}

impl CardChannel {
    /// Returns the basic channel of a life of a card.
    #[must_use]
    pub const fn basic(epoch: CardEpoch) -> Self {
        Self { number: 0, epoch }
    }
}

/// How to reset a card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// Take its power away and give it back.
    Cold,
    /// Reset it under power.
    Warm,
}

/// A reader, and whether a card is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReaderStatus {
    /// Its name.
    pub name: String,
    /// The answer to reset of the card in it; `None` if it is empty or the card is mute.
    pub atr: Option<Atr>,
}

/// What changed about readers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReaderEvent {
    /// A reader is there.
    ReaderAdded(String),
    /// A reader is gone, and the card in it with it.
    ReaderRemoved(String),
    /// A card is in this reader.
    CardInserted {
        /// The reader.
        reader: String,
        /// The card's answer to reset.
        atr: Atr,
    },
    /// The card is gone from this reader.
    CardRemoved {
        /// The reader.
        reader: String,
    },
}

/// The card readers of a machine, or of a simulated one.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait CardReader: Send {
    /// Lists the readers as they are now.
    ///
    /// # Errors
    /// [`ServiceGone`](CardErrorKind::ServiceGone) while the card service does not run.
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError>;

    /// Waits for the next change. The first calls tell what is there already. Dropping the future
    /// loses nothing.
    ///
    /// # Errors
    /// [`ServiceGone`](CardErrorKind::ServiceGone), once, when the card service stops; the next
    /// call waits until it is back.
    async fn changed(&mut self) -> Result<ReaderEvent, CardError>;

    /// Connects to the card in a reader, exclusively.
    ///
    /// # Errors
    /// [`NoCard`](CardErrorKind::NoCard), [`Busy`](CardErrorKind::Busy),
    /// [`ReaderGone`](CardErrorKind::ReaderGone), [`Mute`](CardErrorKind::Mute).
    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError>;
}

/// A card, wherever it is.
///
/// # Contract
/// - A command is a whole APDU. The link puts the channel into its class byte.
/// - The answer is data and status word as the card sent them. The link sends no GET RESPONSE by
///   itself; `61xx` and `6Cxx` are for the caller. (A modem between may do so on its own.)
/// - A channel of an earlier life is refused with [`Stale`](CardErrorKind::Stale).
/// - After [`CardGone`](CardErrorKind::CardGone), [`ReaderGone`](CardErrorKind::ReaderGone) or
///   [`ServiceGone`](CardErrorKind::ServiceGone) the link is of no more use: connect anew.
/// - Dropping a future may leave the card at work on the command: reset it before going on.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait CardLink: Send {
    /// Returns the answer to the last reset; empty if the link does not know it (as through a
    /// modem).
    fn atr(&self) -> Atr;

    /// Returns the present life of the card, as far as the link knows.
    fn epoch(&self) -> CardEpoch;

    /// Sends a command on a channel and returns data and status word.
    ///
    /// # Errors
    /// [`Stale`](CardErrorKind::Stale), [`CardGone`](CardErrorKind::CardGone),
    /// [`Mute`](CardErrorKind::Mute), [`BadCommand`](CardErrorKind::BadCommand) and others.
    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError>;

    /// Opens a channel to the application of an AID; returns it, and what the application said
    /// when it was selected, status word last (nothing where a modem does not tell).
    ///
    /// # Errors
    /// [`Refused`](CardErrorKind::Refused) where the card has no such application or no channel.
    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError>;

    /// Closes a channel.
    ///
    /// # Errors
    /// As [`transmit`](Self::transmit).
    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError>;

    /// Resets the card and returns its new life.
    ///
    /// # Errors
    /// [`Unsupported`](CardErrorKind::Unsupported) where the link cannot;
    /// [`Mute`](CardErrorKind::Mute), [`CardGone`](CardErrorKind::CardGone).
    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError>;

    /// Keeps every other program away from the card until [`end`](Self::end).
    ///
    /// # Errors
    /// [`Busy`](CardErrorKind::Busy).
    async fn begin(&mut self) -> Result<(), CardError>;

    /// Lets other programs at the card again.
    ///
    /// # Errors
    /// As [`transmit`](Self::transmit).
    async fn end(&mut self) -> Result<(), CardError>;
}

#[async_trait]
impl<R: CardReader + ?Sized> CardReader for Box<R> {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        (**self).list().await
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        (**self).changed().await
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        (**self).connect(reader).await
    }
}

#[async_trait]
impl<L: CardLink + ?Sized> CardLink for Box<L> {
    fn atr(&self) -> Atr {
        (**self).atr()
    }

    fn epoch(&self) -> CardEpoch {
        (**self).epoch()
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        (**self).transmit(channel, command).await
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        (**self).open_channel(aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        (**self).close_channel(channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        (**self).reset(kind).await
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        (**self).begin().await
    }

    async fn end(&mut self) -> Result<(), CardError> {
        (**self).end().await
    }
}

/// Refuses a channel of an earlier life: the first thing a link does with a channel.
///
/// # Errors
/// [`Stale`](CardErrorKind::Stale).
pub fn live(channel: CardChannel, epoch: CardEpoch, place: &str) -> Result<u8, CardError> {
    if channel.epoch == epoch {
        Ok(channel.number)
    } else {
        Err(CardError::new(CardErrorKind::Stale, place))
    }
}
