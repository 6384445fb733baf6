//! A connected card.

use crate::error::{SERVICE, card_error};
use crate::readers::Sharing;
use crate::worker::{Reply, Request, Shared, Worker};
use async_trait::async_trait;
use polysim_hal::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, Reset,
    close_by_manage_channel, command_on, live, open_by_manage_channel,
};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long the card, its reader and the service may take to answer together. A card that asks for
/// more time stays far below.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How many requests wait while the thread is busy with one that nobody waits for any more.
const REQUESTS_MAX: usize = 8;

/// A card in a PC/SC reader.
///
/// The connection lives on a thread of its own. Dropping the link ends it once the card has
/// answered what it is at.
#[derive(Debug)]
pub struct PcscLink {
    place: String,
    patience: Duration,
    requests: mpsc::Sender<Request>,
    life: Shared,
}

impl PcscLink {
    pub(crate) async fn connect(
        reader: &str,
        sharing: Sharing,
        patience: Duration,
    ) -> Result<Self, CardError> {
        let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
        let (connected, answer) = oneshot::channel();
        let life = Shared::default();
        let worker = Worker::new(reader, sharing, life.clone(), inbox);
        worker.start(connected)?;
        // Nobody but the caller knows how long it may take to power the card, so there is no limit
        // here: dropping the future gives the card back.
        match answer.await {
            Ok(result) => result?,
            Err(error) => return Err(CardError::new(CardErrorKind::Io, reader).caused_by(error)),
        }
        Ok(Self { place: reader.to_owned(), patience, requests, life })
    }

    /// Has the thread carry out a request; `late` is the error if it does not in time.
    async fn ask<T>(
        &self,
        late: CardErrorKind,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, CardError> {
        let (reply, answer) = oneshot::channel();
        let exchange = async {
            // A closed inbox shows in the answer as well: the reply was dropped with the request.
            drop(self.requests.send(request(reply)).await);
            answer.await
        };
        match tokio::time::timeout(self.patience, exchange).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(card_error(SERVICE, pcsc::Error::ServiceStopped)),
            Err(error) => Err(CardError::new(late, self.place.as_str()).caused_by(error)),
        }
    }
}

#[async_trait]
impl CardLink for PcscLink {
    fn atr(&self) -> Atr {
        self.life.lock().atr.clone()
    }

    fn epoch(&self) -> CardEpoch {
        self.life.lock().epoch
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        let number = live(channel, self.epoch(), &self.place)?;
        let command = command_on(number, command, &self.place)?;
        self.ask(CardErrorKind::Timeout, |reply| Request::Transmit { channel, command, reply })
            .await
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        open_by_manage_channel(self, aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        close_by_manage_channel(self, channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.ask(CardErrorKind::Timeout, |reply| Request::Reset { kind, reply }).await
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.ask(CardErrorKind::Busy, Request::Begin).await
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.ask(CardErrorKind::Timeout, Request::End).await
    }
}
