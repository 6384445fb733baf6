//! A link that plays a recording back.

use super::entry::{CardAct, CardEntry, Mismatch, RecordingError, RecordingErrorKind, entries};
use super::recorded::on_channel;
use crate::{Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, Reset};
use async_trait::async_trait;
use polysim_apdu::ApduSecrets;
use polysim_base::{Hex, parse_hex};
use std::collections::VecDeque;
use std::io::Read;

/// A card that answers as it did when the session was recorded, to the same commands in the same
/// order; octets that were secret are `FF`.
///
/// A driver that asks for something else gets [`Io`](CardErrorKind::Io) with a [`Mismatch`] as its
/// source, then and ever after. When the recording is at its end, the card is gone.
#[derive(Debug)]
pub struct ReplayedCard {
    atr: Atr,
    epoch: CardEpoch,
    entries: VecDeque<Played>,
    secrets: ApduSecrets,
    mismatch: Option<Mismatch>,
}

/// An entry, its octets read.
#[derive(Debug)]
struct Played {
    line: usize,
    what: CardAct,
    went: Result<Vec<u8>, CardErrorKind>,
    epoch: CardEpoch,
    atr: Option<Atr>,
}

impl ReplayedCard {
    /// Reads a recording of a card.
    ///
    /// # Errors
    /// [`RecordingError`] where it is none.
    pub fn new(recording: impl Read) -> Result<Self, RecordingError> {
        let start = |line| RecordingError { line, kind: RecordingErrorKind::Start };
        let mut lines = entries(recording)?.into_iter();
        let Some((first, CardEntry::Card { atr, epoch })) = lines.next() else {
            return Err(start(1));
        };
        let (atr, epoch) = (octets(first, &atr)?, CardEpoch(epoch));
        let mut entries = VecDeque::new();
        for (line, entry) in lines {
            let CardEntry::Did { what, went, epoch, atr } = entry else { return Err(start(line)) };
            let went = match went {
                Ok(text) => Ok(octets(line, &text)?),
                Err(kind) => Err(kind),
            };
            let atr = atr.map(|atr| octets(line, &atr)).transpose()?;
            entries.push_back(Played { line, what, went, epoch: CardEpoch(epoch), atr });
        }
        Ok(Self { atr, epoch, entries, secrets: ApduSecrets::default(), mismatch: None })
    }

    /// Returns what the driver did that was not recorded, if it did.
    #[must_use]
    pub const fn mismatch(&self) -> Option<&Mismatch> {
        self.mismatch.as_ref()
    }

    /// Returns whether all of the recording was played.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.entries.is_empty()
    }

    /// Plays the next entry, if it is what the driver does.
    fn play(&mut self, what: &CardAct) -> Result<Vec<u8>, CardError> {
        let error = |kind| CardError::new(kind, "recorded card");
        if self.mismatch.is_none() {
            match self.entries.pop_front_if(|next| next.what == *what) {
                Some(played) => {
                    self.epoch = played.epoch;
                    self.atr = played.atr.unwrap_or_else(|| std::mem::take(&mut self.atr));
                    return played.went.map_err(error);
                }
                None => {
                    self.mismatch = self.entries.front().map(|next| Mismatch {
                        line: next.line,
                        expected: describe(&next.what),
                        came: describe(what),
                    });
                }
            }
        }
        Err(match &self.mismatch {
            Some(mismatch) => error(CardErrorKind::Io).caused_by(mismatch.clone()),
            None => error(CardErrorKind::CardGone).caused_by("the recording is at its end"),
        })
    }
}

fn describe(what: &CardAct) -> String {
    match what {
        CardAct::Transmit { channel, epoch, command } => {
            format!("{command} on channel {channel} of life {epoch}")
        }
        CardAct::Open { aid } => format!("opening a channel to {aid}"),
        CardAct::Close { channel, epoch } => format!("closing channel {channel} of life {epoch}"),
        CardAct::Reset(Reset::Cold) => "a cold reset".to_owned(),
        CardAct::Reset(Reset::Warm) => "a warm reset".to_owned(),
        CardAct::Begin => "the begin of a transaction".to_owned(),
        CardAct::End => "the end of a transaction".to_owned(),
    }
}

/// Reads octets, masked ones as `FF`.
fn octets(line: usize, text: &str) -> Result<Vec<u8>, RecordingError> {
    parse_hex(text.replace('*', "F").as_bytes())
        .map_err(|_| RecordingError { line, kind: RecordingErrorKind::Hex })
}

#[async_trait]
impl CardLink for ReplayedCard {
    fn atr(&self) -> Atr {
        self.atr.clone()
    }

    fn epoch(&self) -> CardEpoch {
        self.epoch
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        let command = self.secrets.command(&on_channel(channel, command)).to_string();
        let (channel, epoch) = (channel.number, channel.epoch.0);
        self.play(&CardAct::Transmit { channel, epoch, command })
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        let answer = self.play(&CardAct::Open { aid: Hex(aid).to_string() })?;
        match answer.split_first() {
            Some((number, said)) => {
                Ok((CardChannel { number: *number, epoch: self.epoch }, said.to_vec()))
            }
            None => Err(CardError::new(CardErrorKind::BadAnswer, "recorded card")),
        }
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        let (channel, epoch) = (channel.number, channel.epoch.0);
        self.play(&CardAct::Close { channel, epoch }).map(drop)
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.secrets = ApduSecrets::default();
        self.play(&CardAct::Reset(kind))?;
        Ok(self.epoch)
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.play(&CardAct::Begin).map(drop)
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.play(&CardAct::End).map(drop)
    }
}
