//! Simulated cards in simulated readers.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use polysim_base::{Eid, Iccid, Instant};
use polysim_card::{Card, Euicc};
use polysim_hal::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, CardReader, ReaderEvent,
    ReaderStatus, Reset, close_by_manage_channel, command_on, live, open_by_manage_channel,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The slot of a reader, and the card in it, which has power from the moment it is put in. Clones
/// are the same slot.
#[derive(Clone, Debug)]
pub struct Slot {
    state: Arc<Mutex<State>>,
    /// Counts insertions and removals.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    card: Option<Card>,
    epoch: CardEpoch,
    /// Empty where there is no card, or a mute one.
    atr: Atr,
    /// The number of the link that has the card, if one has.
    holder: Option<u64>,
    links: u64,
}

impl Default for Slot {
    fn default() -> Self {
        Self { state: Arc::default(), changes: watch::Sender::new(0) }
    }
}

impl Slot {
    /// Returns a slot with a card in it.
    #[must_use]
    pub fn holding(card: Card) -> Self {
        let slot = Self::default();
        slot.insert(card);
        slot
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a card in. The card that was there, if any, is thrown out and returned.
    pub fn insert(&self, card: Card) -> Option<Card> {
        let mut state = self.lock();
        let before = state.pull();
        state.card = Some(card);
        state.restart(Reset::Cold);
        drop(state);
        self.changes.send_modify(|count| *count += 1);
        before
    }

    /// Pulls the card out. `None` if the slot is empty.
    pub fn pull(&self) -> Option<Card> {
        let card = self.lock().pull()?;
        self.changes.send_modify(|count| *count += 1);
        Some(card)
    }

    /// Returns a receiver that hears of every insertion and removal.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns whether there is no card in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().card.is_none()
    }

    /// Returns the number of the card in it.
    #[must_use]
    pub fn iccid(&self) -> Option<Iccid> {
        self.lock().card.as_ref()?.iccid()
    }

    /// Returns the number of the eUICC in it; `None` where the card is none.
    #[must_use]
    pub fn eid(&self) -> Option<Eid> {
        self.lock().card.as_ref()?.euicc().map(Euicc::eid)
    }

    /// Returns the answer to reset of the card in it; `None` without a card, or with a mute one.
    #[must_use]
    pub fn atr(&self) -> Option<Atr> {
        let state = self.lock();
        (!state.atr.is_empty()).then(|| state.atr.clone())
    }

    /// Resets the card, whoever uses it; its answer to reset. `None` as for [`Self::atr`].
    pub fn restart(&self, kind: Reset) -> Option<Atr> {
        self.lock().restart(kind);
        self.atr()
    }

    /// Takes the card's power away; a reset gives it back.
    pub fn power_off(&self) {
        let mut state = self.lock();
        state.epoch = state.epoch.next();
        if let Some(card) = &mut state.card {
            card.power_off();
        }
    }

    /// Sends a command to the card and puts its answer into `response`, which stays empty where
    /// there is none.
    pub fn exchange(&self, command: &[u8], response: &mut Vec<u8>) {
        self.lock().exchange(command, response);
    }
}

impl State {
    fn pull(&mut self) -> Option<Card> {
        let mut card = self.card.take()?;
        card.power_off();
        self.epoch = self.epoch.next();
        self.holder = None;
        self.atr.clear();
        Some(card)
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) {
        response.clear();
        if let Some(card) = &mut self.card {
            // A card has no clock.
            card.transmit(Instant::ZERO, command, response);
        }
    }

    fn restart(&mut self, kind: Reset) {
        self.epoch = self.epoch.next();
        let Some(card) = &mut self.card else { return };
        let atr = match kind {
            Reset::Warm if card.is_on() => card.reset(),
            Reset::Warm | Reset::Cold => card.power_on(),
        };
        self.atr = atr.as_deref().map(<[u8]>::to_vec).unwrap_or_default();
    }
}

/// Readers with one slot each, by name.
#[derive(Debug)]
pub struct SimulatedReader {
    readers: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    name: String,
    slot: Slot,
    changes: watch::Receiver<u64>,
    /// Whether the reader was told, and the card in it as of which change.
    told: bool,
    card: Option<u64>,
}

impl SimulatedReader {
    /// Returns readers of these names.
    #[must_use]
    pub fn new(readers: impl IntoIterator<Item = (String, Slot)>) -> Self {
        let watched = |(name, slot): (String, Slot)| {
            let changes = slot.changes();
            Watched { name, slot, changes, told: false, card: None }
        };
        Self { readers: readers.into_iter().map(watched).collect() }
    }
}

impl Watched {
    /// Returns what is to be told of this reader next.
    fn news(&mut self) -> Option<ReaderEvent> {
        let reader = self.name.clone();
        if !std::mem::replace(&mut self.told, true) {
            return Some(ReaderEvent::ReaderAdded(reader));
        }
        let change = *self.changes.borrow_and_update();
        let atr = self.slot.atr();
        match (self.card, atr) {
            (Some(told), _) if told != change => {
                self.card = None;
                Some(ReaderEvent::CardRemoved { reader })
            }
            (None, Some(atr)) => {
                self.card = Some(change);
                Some(ReaderEvent::CardInserted { reader, atr })
            }
            (Some(_) | None, _) => None,
        }
    }
}

#[async_trait]
impl CardReader for SimulatedReader {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        let status =
            |reader: &Watched| ReaderStatus { name: reader.name.clone(), atr: reader.slot.atr() };
        Ok(self.readers.iter().map(status).collect())
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        loop {
            if let Some(news) = self.readers.iter_mut().find_map(Watched::news) {
                return Ok(news);
            }
            any_changed(&mut self.readers).await;
        }
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        let error = |kind| CardError::new(kind, reader);
        let found = self.readers.iter().find(|watched| watched.name == reader);
        let found = found.ok_or_else(|| error(CardErrorKind::ReaderGone))?;
        let mut state = found.slot.lock();
        if state.card.is_none() {
            return Err(error(CardErrorKind::NoCard));
        }
        if state.atr.is_empty() {
            return Err(error(CardErrorKind::Mute));
        }
        if state.holder.is_some() {
            return Err(error(CardErrorKind::Busy));
        }
        state.links += 1;
        state.holder = Some(state.links);
        Ok(Box::new(SimulatedLink {
            slot: found.slot.clone(),
            reader: reader.to_owned(),
            number: state.links,
            epoch: state.epoch,
        }))
    }
}

/// Waits until something has changed in one of the slots.
async fn any_changed(readers: &mut [Watched]) {
    let mut waiting: Vec<_> =
        readers.iter_mut().map(|reader| Box::pin(reader.changes.changed())).collect();
    std::future::poll_fn(|cx| {
        let ready = waiting.iter_mut().any(|change| change.as_mut().poll(cx).is_ready());
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// A connection to a simulated card.
#[derive(Debug)]
pub struct SimulatedLink {
    slot: Slot,
    reader: String,
    number: u64,
    epoch: CardEpoch,
}

impl SimulatedLink {
    fn error(&self, kind: CardErrorKind) -> CardError {
        CardError::new(kind, self.reader.as_str())
    }

    /// Returns the state of the slot, for as long as it must not change, if this link still has the
    /// card; learns of resets by others.
    fn held<'a>(&mut self, slot: &'a Slot) -> Result<MutexGuard<'a, State>, CardError> {
        let state = slot.lock();
        let before = std::mem::replace(&mut self.epoch, state.epoch);
        if state.holder != Some(self.number) {
            return Err(self.error(CardErrorKind::CardGone));
        }
        if before != state.epoch {
            return Err(self.error(CardErrorKind::Stale));
        }
        Ok(state)
    }
}

#[async_trait]
impl CardLink for SimulatedLink {
    fn atr(&self) -> Atr {
        self.slot.atr().unwrap_or_default()
    }

    fn epoch(&self) -> CardEpoch {
        self.epoch
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        let slot = self.slot.clone();
        let mut state = self.held(&slot)?;
        let number = live(channel, self.epoch, &self.reader)?;
        let command = command_on(number, command, &self.reader)?;
        let mut response = Vec::new();
        state.exchange(&command, &mut response);
        drop(state);
        match response.len() {
            0 => Err(self.error(CardErrorKind::Mute)),
            1 => Err(self.error(CardErrorKind::BadAnswer)),
            _ => Ok(response),
        }
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        open_by_manage_channel(self, aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        close_by_manage_channel(self, channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        let slot = self.slot.clone();
        let mut state = slot.lock();
        if state.holder != Some(self.number) {
            self.epoch = state.epoch;
            return Err(self.error(CardErrorKind::CardGone));
        }
        state.restart(kind);
        self.epoch = state.epoch;
        let is_mute = state.atr.is_empty();
        if is_mute { Err(self.error(CardErrorKind::Mute)) } else { Ok(self.epoch) }
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        // The link has the card for itself anyway.
        let slot = self.slot.clone();
        self.held(&slot).map(drop)
    }

    async fn end(&mut self) -> Result<(), CardError> {
        let slot = self.slot.clone();
        self.held(&slot).map(drop)
    }
}

impl Drop for SimulatedLink {
    fn drop(&mut self) {
        let mut state = self.slot.lock();
        if state.holder == Some(self.number) {
            state.holder = None;
        }
    }
}
