//! A card, whatever it is behind: a reader, a simulation, or a modem.
//!
//! ```
//! # async fn example(link: Box<dyn polysim_hal::CardLink>) -> Result<(), polysim::CardFault> {
//! use polysim::Card;
//! use polysim_apdu::FileId;
//!
//! let mut card = Card::new(link);
//! println!("{}", card.iccid().await?);
//! card.select_usim().await?;
//! let file = card.select(&[FileId::CURRENT_ADF, FileId(0x6F07)]).await?;
//! println!("{:02X?}", card.read(&file).await?);
//! # Ok(())
//! # }
//! ```
#![expect(clippy::wildcard_enum_match_arm, reason = "a status word without a case is a refusal")]

mod authenticate;
mod channel;
mod error;
mod exchange;
mod file;
mod pin;
mod select;
#[cfg(test)]
mod tests;

pub use authenticate::Authenticated;
pub use error::CardFault;
pub use exchange::{EXCHANGES_MAX, RESPONSE_MAX};
pub use file::File;
pub use pin::{PinOutcome, TRIES_KEPT};
pub use select::USIM_AID;

use polysim_hal::{Atr, CardChannel, CardEpoch, CardLink, Reset};
use std::fmt;

/// A card: applications, files, PINs, authentication.
///
/// Commands go to one channel, at first the basic one. The card remembers what is selected and
/// verified, not this value; so when somebody else resets the card, the next call fails with
/// [`CardFault::Reset`], once, and nothing was sent.
///
/// Dropping a future may leave the card at work on a command: [`reset`](Self::reset) it.
pub struct Card {
    link: Box<dyn CardLink>,
    channel: CardChannel,
}

impl Card {
    /// Takes the card behind a link.
    #[must_use]
    pub fn new(link: Box<dyn CardLink>) -> Self {
        let channel = CardChannel::basic(link.epoch());
        Self { link, channel }
    }

    /// Returns the answer to reset; empty where the link does not know it, as through a modem.
    #[must_use]
    pub fn atr(&self) -> Atr {
        self.link.atr()
    }

    /// Returns the present life of the card, as far as the link knows.
    #[must_use]
    pub fn epoch(&self) -> CardEpoch {
        self.link.epoch()
    }

    /// Returns the channel that commands go to.
    #[must_use]
    pub const fn channel(&self) -> CardChannel {
        self.channel
    }

    /// Resets the card. Nothing is selected, verified or open afterwards.
    ///
    /// # Errors
    /// [`CardFault::Link`].
    pub async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardFault> {
        let epoch = self.link.reset(kind).await?;
        self.channel = CardChannel::basic(epoch);
        Ok(epoch)
    }

    /// Keeps every other program away from the card until [`end`](Self::end).
    ///
    /// # Errors
    /// [`CardFault::Link`].
    pub async fn begin(&mut self) -> Result<(), CardFault> {
        Ok(self.link.begin().await?)
    }

    /// Lets other programs at the card again.
    ///
    /// # Errors
    /// [`CardFault::Link`].
    pub async fn end(&mut self) -> Result<(), CardFault> {
        Ok(self.link.end().await?)
    }

    /// Gives the link back.
    #[must_use]
    pub fn into_link(self) -> Box<dyn CardLink> {
        self.link
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("channel", &self.channel).finish_non_exhaustive()
    }
}
