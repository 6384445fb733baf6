//! The connections of a master: who has shown which key.

use crate::share::frame::{self, Frame, Terms};
use crate::share::link::{Device, LinkHandle, Number, Stream, Told, spawn};
use polysim_base::Duration;
use polysim_hal::Clock;
use polysim_lease::Margin;
use polysim_share::link::{InvalidLink, LinkEvent, LinkInput, Role};
use polysim_share::master::SlaveId;
use polysim_share::wire::{ToMaster, ToSlave};
use polysim_share::{DeviceName, PeerKey};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Connections of which nobody knows whose they are, at most.
const STRANGERS_MAX: usize = 16;
/// What links have told and the master has not heard.
const TOLD_MAX: usize = 256;

/// A connection to a master. Numbers are not used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(pub(super) Number);

/// The connections.
pub(super) struct Sessions {
    device: Device,
    pace: (Duration, Margin),
    terms: Terms,
    clock: Arc<dyn Clock>,
    last: Number,
    strangers: BTreeMap<Number, LinkHandle>,
    up: BTreeMap<SlaveId, (Number, LinkHandle)>,
    news: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
}

/// What a connection means to the master.
#[derive(Debug)]
pub(super) enum Heard {
    /// Both users are to compare.
    Compare(LinkEvent),
    /// Somebody has shown a key.
    Up { peer: PeerKey, name: DeviceName, paired_now: bool },
    /// A slave says something.
    Message(SlaveId, ToMaster),
    /// The session of a slave is down.
    Down(SlaveId),
    /// The connection of a stranger has ended.
    Stranger(polysim_share::link::LinkEnd),
    /// Nothing.
    Nothing,
}

impl Sessions {
    pub(super) fn new(
        device: Device,
        pace: (Duration, Margin),
        terms: Terms,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (news, told) = mpsc::channel(TOLD_MAX);
        let (strangers, up) = (BTreeMap::new(), BTreeMap::new());
        Self { device, pace, terms, clock, last: 0, strangers, up, news, told }
    }

    /// Makes a link of no stream.
    pub(super) fn try_out(&self) -> Result<(), InvalidLink> {
        self.device.link(Role::Responder, Vec::new(), false, self.pace).map(drop)
    }

    /// Takes a connection; returns whether there was room.
    pub(super) fn accept(
        &mut self,
        stream: Box<dyn Stream>,
        known: Vec<PeerKey>,
        pairing: bool,
    ) -> bool {
        if self.strangers.len() >= STRANGERS_MAX {
            return false;
        }
        let link = self.device.link(Role::Responder, known, pairing, self.pace);
        let Ok(link) = link else { return false };
        self.last = self.last.saturating_add(1);
        let news = self.news.clone();
        let handle = spawn(self.last, stream, link, Arc::clone(&self.clock), news);
        self.strangers.insert(self.last, handle);
        true
    }

    /// Waits for what a link tells. Dropping the future loses nothing.
    pub(super) async fn told(&mut self) -> Told {
        match self.told.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }

    /// Returns what that means.
    pub(super) fn hear(&mut self, (number, event): Told) -> Heard {
        let slave = self.up.iter().find(|(_, (own, _))| *own == number).map(|(slave, _)| *slave);
        match (event, slave) {
            (event @ LinkEvent::Compare { .. }, None) if self.strangers.contains_key(&number) => {
                Heard::Compare(event)
            }
            (LinkEvent::Up { peer, name, paired_now }, None)
                if self.strangers.contains_key(&number) =>
            {
                Heard::Up { peer, name, paired_now }
            }
            (LinkEvent::Received(octets), Some(slave)) => match message(&octets) {
                Some(message) => Heard::Message(slave, message),
                // It speaks another language.
                None => self.close(slave).map_or(Heard::Nothing, |()| Heard::Down(slave)),
            },
            (LinkEvent::Down(_), Some(slave)) => {
                self.up.remove(&slave);
                Heard::Down(slave)
            }
            (LinkEvent::Down(why), None) => {
                let known = self.strangers.remove(&number);
                known.map_or(Heard::Nothing, |_| Heard::Stranger(why))
            }
            // Of a session that a newer one has ended.
            (LinkEvent::Compare { .. } | LinkEvent::Up { .. } | LinkEvent::Received(_), _) => {
                Heard::Nothing
            }
        }
    }

    /// A connection is that of a slave from now on; returns whether it still is there.
    pub(super) fn begin(&mut self, number: Number, slave: SlaveId) -> bool {
        let Some(handle) = self.strangers.remove(&number) else { return false };
        let is_there = handle.tell(LinkInput::Send(self.terms.frame()));
        if is_there {
            self.up.insert(slave, (number, handle));
        }
        is_there
    }

    /// Says something to a slave; returns whether there was room.
    pub(super) fn send(&self, slave: SlaveId, message: &ToSlave) -> bool {
        let Some((_, handle)) = self.up.get(&slave) else { return true };
        handle.tell(LinkInput::Send(frame::message(&message.encode())))
    }

    /// Asks a slave's link to close, once all is said.
    pub(super) fn finish(&self, slave: SlaveId) {
        if let Some((_, handle)) = self.up.get(&slave) {
            handle.tell(LinkInput::Close);
        }
    }

    /// Closes the link of a slave, if it is up: nothing more is heard of it.
    pub(super) fn close(&mut self, slave: SlaveId) -> Option<()> {
        self.up.remove(&slave).map(drop)
    }

    /// Closes the connection of a stranger.
    pub(super) fn close_stranger(&mut self, number: Number) {
        self.strangers.remove(&number);
    }

    /// Tells the link of a stranger what its user says.
    pub(super) fn compared(&self, number: Number, equal: bool) {
        if let Some(handle) = self.strangers.get(&number) {
            handle.tell(LinkInput::Compared(equal));
        }
    }

    pub(super) fn is_up(&self, slave: SlaveId) -> bool {
        self.up.contains_key(&slave)
    }
}

fn message(octets: &[u8]) -> Option<ToMaster> {
    match frame::read(octets) {
        Ok(Frame::Message(message)) => ToMaster::decode(message).ok(),
        Ok(Frame::Terms(_)) | Err(_) => None,
    }
}
