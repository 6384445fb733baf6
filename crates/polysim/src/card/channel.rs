//! Logical channels.

use super::{Card, CardFault, File};
use polysim_hal::{CardChannel, CardErrorKind};

impl Card {
    /// Opens a channel to an application and goes on there. Whoever uses the basic channel, such
    /// as the modem that the card is in, is not disturbed.
    ///
    /// The channel in use before stays open unless it was the basic one: close it first.
    ///
    /// # Errors
    /// [`CardFault::NoApplication`] if the card has none or no channel is free, and others.
    pub async fn open_channel(&mut self, aid: &[u8]) -> Result<File, CardFault> {
        match self.link.open_channel(aid).await {
            Ok((channel, answer)) => {
                self.channel = channel;
                let template = answer.split_last_chunk::<2>().map(|(template, _)| template);
                Ok(File::new(template.unwrap_or_default().to_vec()))
            }
            Err(error) if matches!(error.kind(), CardErrorKind::Refused([0x6A, 0x82])) => {
                Err(CardFault::NoApplication { aid: aid.to_vec() })
            }
            Err(error) if *error.kind() == CardErrorKind::Stale => {
                self.channel = CardChannel::basic(self.link.epoch());
                Err(CardFault::Reset)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Closes the present channel and goes back to the basic one.
    ///
    /// # Errors
    /// [`CardFault::Link`]. Commands go to the basic channel even so.
    pub async fn close_channel(&mut self) -> Result<(), CardFault> {
        let basic = CardChannel::basic(self.link.epoch());
        let channel = std::mem::replace(&mut self.channel, basic);
        if channel.number == 0 || channel.epoch != basic.epoch {
            return Ok(());
        }
        Ok(self.link.close_channel(channel).await?)
    }
}
