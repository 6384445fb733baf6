//! A card whose answers a test gives.

use crate::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, Reset,
    close_by_manage_channel, command_on, live, open_by_manage_channel,
};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a card does in one life: a command, with the channel in its class byte, and its answer.
type Life = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// A [`CardLink`] to a card that is a function of a test.
pub struct ScriptedCard {
    atr: Atr,
    epoch: CardEpoch,
    make: Box<dyn FnMut() -> Life + Send>,
    life: Life,
    pulled: Arc<AtomicBool>,
    is_gone: bool,
}

/// Pulls a [`ScriptedCard`] out of its reader.
#[derive(Clone, Debug)]
pub struct Pull(Arc<AtomicBool>);

impl Pull {
    /// Pulls it out, for good.
    pub fn pull(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl ScriptedCard {
    /// Returns a link to a card. `make` is called for every life of it and returns what answers
    /// the commands of that life; an answer shorter than a status word is
    /// [`Mute`](CardErrorKind::Mute).
    pub fn new<M, A>(atr: &[u8], mut make: M) -> Self
    where
        M: FnMut() -> A + Send + 'static,
        A: FnMut(&[u8]) -> Vec<u8> + Send + 'static,
    {
        let mut make: Box<dyn FnMut() -> Life + Send> = Box::new(move || Box::new(make()));
        let life = make();
        let pulled = Arc::new(AtomicBool::new(false));
        Self { atr: atr.to_vec(), epoch: CardEpoch(1), make, life, pulled, is_gone: false }
    }

    /// Returns what pulls the card out.
    #[must_use]
    pub fn pull(&self) -> Pull {
        Pull(Arc::clone(&self.pulled))
    }

    fn present(&mut self) -> Result<(), CardError> {
        if self.pulled.load(Ordering::Acquire) && !self.is_gone {
            self.is_gone = true;
            self.epoch = self.epoch.next();
        }
        if self.is_gone { Err(error(CardErrorKind::CardGone)) } else { Ok(()) }
    }
}

fn error(kind: CardErrorKind) -> CardError {
    CardError::new(kind, "scripted card")
}

#[async_trait]
impl CardLink for ScriptedCard {
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
        self.present()?;
        let number = live(channel, self.epoch, "scripted card")?;
        let command = command_on(number, command, "scripted card")?;
        let answer = (self.life)(&command);
        if answer.len() < 2 { Err(error(CardErrorKind::Mute)) } else { Ok(answer) }
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        open_by_manage_channel(self, aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        close_by_manage_channel(self, channel).await
    }

    async fn reset(&mut self, _: Reset) -> Result<CardEpoch, CardError> {
        self.present()?;
        self.life = (self.make)();
        self.epoch = self.epoch.next();
        Ok(self.epoch)
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.present()
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.present()
    }
}

impl fmt::Debug for ScriptedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedCard").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Returns one life of the smallest UICC that passes
/// [`card_link_conformance`](super::card_link_conformance), for [`ScriptedCard::new`]: the MF with
/// EF.ICCID, an application with EF.IMSI, four channels. It answers as over T=0: data after
/// SELECT is fetched with GET RESPONSE.
pub fn tiny_uicc(
    iccid: [u8; 10],
    imsi: [u8; 9],
    aid: Vec<u8>,
) -> impl FnMut(&[u8]) -> Vec<u8> + Send + 'static {
    let mut channels = [None; 4];
    channels[0] = Some(Place::default());
    let mut left = Vec::new();
    move |command| {
        let Ok(apdu) = polysim_apdu::CommandApdu::parse(command) else { return vec![0x67, 0] };
        let channel = usize::from(command[0] & 0x0F);
        let Some(mut place) = channels.get(channel).copied().flatten() else {
            return vec![0x68, 0x81];
        };
        let is_open = channels.map(|channel| channel.is_some());
        match (&command[1..4], apdu.data()) {
            ([0xA4, 0x00, _], [0x3F, 0x00]) => place = Place::default(),
            ([0xA4, 0x00, _], [0x2F, 0xE2]) if !place.in_application => place.in_ef = true,
            ([0xA4, 0x00, _], [0x6F, 0x07]) if place.in_application => place.in_ef = true,
            ([0xA4, 0x04, _], wanted) if aid.starts_with(wanted) => {
                place = Place { in_application: true, in_ef: false };
            }
            ([0xA4, ..], _) => return vec![0x6A, 0x82],
            ([0xB0, 0, 0], _) if place.in_ef => {
                let content: &[u8] = if place.in_application { &imsi } else { &iccid };
                let wanted = apdu.le().map_or(0, polysim_apdu::Le::bytes);
                let len = u8::try_from(content.len()).unwrap();
                return match content.get(..wanted) {
                    Some(read) => [read, &[0x90, 0x00]].concat(),
                    None => vec![0x6C, len],
                };
            }
            ([0xC0, ..], _) => return [&std::mem::take(&mut left)[..], &[0x90, 0x00]].concat(),
            ([0x70, 0x00, 0x00], _) => {
                return match is_open.iter().position(|open| !open) {
                    Some(number) => {
                        channels[number] = Some(Place::default());
                        vec![u8::try_from(number).unwrap(), 0x90, 0x00]
                    }
                    None => vec![0x6A, 0x81],
                };
            }
            ([0x70, 0x80, number @ 1..=3], _) => {
                channels[usize::from(*number)] = None;
                return vec![0x90, 0x00];
            }
            _ => return vec![0x6D, 0x00],
        }
        channels[channel] = Some(place);
        left = vec![0x62, 0x03, 0x8A, 0x01, 0x05];
        vec![0x61, u8::try_from(left.len()).unwrap()]
    }
}

/// Where a channel is.
#[derive(Clone, Copy, Default)]
struct Place {
    in_application: bool,
    in_ef: bool,
}
