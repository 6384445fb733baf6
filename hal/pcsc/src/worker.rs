//! The thread that a card's connection lives on.

use crate::error::{card_error, ends_the_link, kind};
use crate::readers::Sharing;
use crate::{service, tpdu};
use pcsc::{Card, Disposition, MAX_BUFFER_SIZE_EXTENDED, Protocol, Protocols, Transaction};
use polysim_hal::{Atr, CardChannel, CardEpoch, CardError, CardErrorKind, Reset, live};
use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long the service may take to notice that a card was pulled out; it looks every 400 ms.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(1);
/// How often it is asked meanwhile.
const REMOVAL_INTERVAL: Duration = Duration::from_millis(50);

/// Where an answer goes. It may have no taker any more.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, CardError>>;

/// What the thread is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    Transmit { channel: CardChannel, command: Vec<u8>, reply: Reply<Vec<u8>> },
    Reset { kind: Reset, reply: Reply<CardEpoch> },
    Begin(Reply<()>),
    End(Reply<()>),
}

/// The present life of the card. It is shared, so that the owner of the link knows it even where
/// it did not wait for the answer that changed it.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) epoch: CardEpoch,
    pub(crate) atr: Atr,
    /// Why the link is of no more use, once it is.
    ended: Option<CardErrorKind>,
}

/// A life that link and thread share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Life>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Life> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, inside a transaction or outside.
trait Connection {
    fn card(&self) -> &Card;
    fn reconnect(&mut self, sharing: Sharing, first: Disposition) -> Result<(), pcsc::Error>;
}

impl Connection for Card {
    fn card(&self) -> &Card {
        self
    }

    fn reconnect(&mut self, sharing: Sharing, first: Disposition) -> Result<(), pcsc::Error> {
        Self::reconnect(self, sharing.mode(), Protocols::ANY, first)
    }
}

impl Connection for Transaction<'_> {
    fn card(&self) -> &Card {
        self
    }

    fn reconnect(&mut self, sharing: Sharing, first: Disposition) -> Result<(), pcsc::Error> {
        Transaction::reconnect(self, sharing.mode(), Protocols::ANY, first)
    }
}

/// What the thread holds beside the connection.
pub(crate) struct Worker {
    reader: String,
    sharing: Sharing,
    life: Shared,
    requests: mpsc::Receiver<Request>,
    protocol: Option<Protocol>,
    buffer: Vec<u8>,
}

impl Worker {
    pub(crate) fn new(
        reader: &str,
        sharing: Sharing,
        life: Shared,
        requests: mpsc::Receiver<Request>,
    ) -> Self {
        Self {
            reader: reader.to_owned(),
            sharing,
            life,
            requests,
            protocol: None,
            buffer: vec![0; MAX_BUFFER_SIZE_EXTENDED],
        }
    }

    /// Starts the thread. It tells whether it could connect, serves until the link is dropped,
    /// and disconnects.
    pub(crate) fn start(mut self, connected: Reply<()>) -> Result<(), CardError> {
        let place = self.reader.clone();
        thread::Builder::new()
            .name("pcsc-card".to_owned())
            .spawn(move || match self.connect() {
                Ok(card) => {
                    if connected.send(Ok(())).is_ok() {
                        self.run(card);
                    } else {
                        self.disconnect(card);
                    }
                }
                Err(error) => drop(connected.send(Err(error))),
            })
            .map(drop)
            .map_err(|error| CardError::new(CardErrorKind::Io, place).caused_by(error))
    }

    fn connect(&mut self) -> Result<Card, CardError> {
        let name = CString::new(self.reader.as_str()).map_err(|error| {
            CardError::new(CardErrorKind::ReaderGone, self.reader.as_str()).caused_by(error)
        })?;
        let card = service::establish()
            .and_then(|context| context.connect(&name, self.sharing.mode(), Protocols::ANY))
            .map_err(|error| card_error(&self.reader, connecting(error)))?;
        let atr = self.ask_status(&card).map_err(|error| card_error(&self.reader, error))?;
        self.life.lock().atr = atr;
        Ok(card)
    }

    fn disconnect(&self, card: Card) {
        let disposition = match self.sharing {
            Sharing::Exclusive => Disposition::ResetCard,
            Sharing::Shared => Disposition::LeaveCard,
        };
        // There is nobody to tell, and a handle that is unknown is closed already.
        drop(card.disconnect(disposition));
    }

    fn run(mut self, mut card: Card) {
        while let Some(request) = self.requests.blocking_recv() {
            match request {
                Request::Begin(reply) => self.hold(&mut card, reply),
                // As in a transaction that has ended already.
                Request::End(reply) => drop(reply.send(self.check())),
                Request::Transmit { channel, command, reply } => {
                    drop(reply.send(self.transmit(&mut card, channel, &command)));
                }
                Request::Reset { kind, reply } => drop(reply.send(self.reset(&mut card, kind))),
            }
        }
        self.disconnect(card);
    }

    /// Serves inside a transaction until it ends.
    fn hold(&mut self, card: &mut Card, reply: Reply<()>) {
        if let Err(error) = self.check() {
            return drop(reply.send(Err(error)));
        }
        let mut transaction = match card.transaction2() {
            Ok(transaction) => transaction,
            Err((card, error)) => {
                let error = self.failure(card, error);
                return drop(reply.send(Err(error)));
            }
        };
        if reply.send(Ok(())).is_err() {
            return;
        }
        while let Some(request) = self.requests.blocking_recv() {
            match request {
                // It is held already.
                Request::Begin(reply) => drop(reply.send(self.check())),
                Request::End(reply) => {
                    let ended = match transaction.end(Disposition::LeaveCard) {
                        Ok(()) => self.check(),
                        Err((mut transaction, error)) => Err(self.failure(&mut transaction, error)),
                    };
                    return drop(reply.send(ended));
                }
                Request::Transmit { channel, command, reply } => {
                    drop(reply.send(self.transmit(&mut transaction, channel, &command)));
                }
                Request::Reset { kind, reply } => {
                    drop(reply.send(self.reset(&mut transaction, kind)));
                }
            }
        }
    }

    fn transmit(
        &mut self,
        connection: &mut impl Connection,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        self.check()?;
        live(channel, self.life.lock().epoch, &self.reader)?;
        let bad = || CardError::new(CardErrorKind::BadCommand, self.reader.as_str());
        let tpdu;
        let sent = match self.protocol {
            Some(Protocol::T0) => {
                tpdu = tpdu::of_apdu(command).map_err(|error| bad().caused_by(error))?;
                tpdu.as_slice()
            }
            Some(Protocol::T1 | Protocol::RAW) | None => command,
        };
        if self.protocol.is_none() || sent.len() > MAX_BUFFER_SIZE_EXTENDED {
            return Err(bad());
        }
        match connection.card().transmit(sent, &mut self.buffer) {
            Ok(answer) if answer.len() < 2 => {
                Err(CardError::new(CardErrorKind::Mute, self.reader.as_str()))
            }
            Ok(answer) => Ok(answer.to_vec()),
            Err(error) => Err(self.failure(connection, error)),
        }
    }

    fn reset(
        &mut self,
        connection: &mut impl Connection,
        kind: Reset,
    ) -> Result<CardEpoch, CardError> {
        self.check()?;
        let disposition = match kind {
            Reset::Cold => Disposition::UnpowerCard,
            Reset::Warm => Disposition::ResetCard,
        };
        let mut result = connection.reconnect(self.sharing, disposition);
        if result == Err(pcsc::Error::ResetCard) {
            // Another program was faster; the card is to be reset by us all the same.
            result = connection.reconnect(self.sharing, disposition);
        }
        match result {
            Ok(()) => self.begin_life(connection.card()),
            Err(error) => {
                // The card may have lost its state however far this went.
                self.lose_life();
                Err(self.failure(connection, connecting(error)))
            }
        }
    }

    /// Refuses everything once the card, its reader or the service is gone.
    fn check(&self) -> Result<(), CardError> {
        match self.life.lock().ended {
            Some(kind) => Err(CardError::new(kind, self.reader.as_str())),
            None => Ok(()),
        }
    }

    /// Returns what an error means, having connected anew after a reset by another program.
    fn failure(&mut self, connection: &mut impl Connection, error: pcsc::Error) -> CardError {
        let error = if error == pcsc::Error::ResetCard {
            self.resume(connection).err().unwrap_or(error)
        } else if error == pcsc::Error::NotTransacted {
            // The service cannot tell a card that is mute from one that was just pulled out.
            removal(connection.card()).unwrap_or(error)
        } else {
            error
        };
        let kind = kind(error);
        if ends_the_link(kind) {
            let mut life = self.life.lock();
            life.epoch = life.epoch.next();
            life.ended = Some(kind);
        }
        card_error(&self.reader, error)
    }

    /// Takes the card up again after a reset by another program.
    fn resume(&mut self, connection: &mut impl Connection) -> Result<(), pcsc::Error> {
        self.lose_life();
        connection.reconnect(self.sharing, Disposition::LeaveCard)?;
        let atr = self.ask_status(connection.card())?;
        self.life.lock().atr = atr;
        Ok(())
    }

    fn begin_life(&mut self, card: &Card) -> Result<CardEpoch, CardError> {
        self.lose_life();
        let atr = self.ask_status(card).map_err(|error| card_error(&self.reader, error))?;
        let mut life = self.life.lock();
        life.atr = atr;
        Ok(life.epoch)
    }

    fn lose_life(&self) {
        let mut life = self.life.lock();
        life.epoch = life.epoch.next();
        life.atr.clear();
    }

    /// Asks for protocol and answer to reset.
    fn ask_status(&mut self, card: &Card) -> Result<Atr, pcsc::Error> {
        let status = card.status2_owned()?;
        self.protocol = status.protocol2();
        Ok(status.atr().to_vec())
    }
}

/// Returns what an error means where a connection was to be made: no card was there to be removed.
fn connecting(error: pcsc::Error) -> pcsc::Error {
    if error == pcsc::Error::RemovedCard { pcsc::Error::NoSmartcard } else { error }
}

/// Waits a moment for the service to see that the card, or its reader, is gone.
fn removal(card: &Card) -> Option<pcsc::Error> {
    let mut waited = Duration::ZERO;
    loop {
        match card.status2_owned() {
            Err(error) if ends_the_link(kind(error)) => return Some(error),
            Err(pcsc::Error::NoSmartcard) => return Some(pcsc::Error::RemovedCard),
            Ok(_) | Err(_) if waited >= REMOVAL_PATIENCE => return None,
            Ok(_) | Err(_) => {
                thread::sleep(REMOVAL_INTERVAL);
                waited = waited.saturating_add(REMOVAL_INTERVAL);
            }
        }
    }
}
