//! The session of a slave with its master.

use super::{SessionEnd, SlavePace, TermsRefusal};
use crate::share::frame::{self, Frame, Terms};
use crate::share::link::{Device, LinkHandle, Number, Stream, Told, spawn};
use polysim_base::Instant;
use polysim_hal::Clock;
use polysim_share::PeerKey;
use polysim_share::link::{InvalidLink, LinkEnd, LinkEvent, LinkInput, Role};
use polysim_share::wire::{ToMaster, ToSlave};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// What a link has told and the slave has not heard.
const TOLD_MAX: usize = 256;

/// One session after the other.
pub(super) struct Sessions {
    device: Device,
    pace: SlavePace,
    clock: Arc<dyn Clock>,
    last: Number,
    session: Option<Session>,
    news: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
}

struct Session {
    number: Number,
    handle: LinkHandle,
    stage: Stage,
    done: oneshot::Sender<SessionEnd>,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Nobody knows who is at the other end.
    Greeting,
    /// The master is, and has not said its terms.
    Known,
    /// The machine was told that it is up.
    Up,
}

/// What a link means to the slave.
#[derive(Debug)]
pub(super) enum Heard {
    /// The user is to compare; or it is the master, perhaps paired just now.
    Event(LinkEvent),
    /// The master has said its terms: the session is up for the machine once they are agreed.
    Terms(Terms),
    /// The master says something.
    Message(ToSlave),
    /// The session is down, since then; the machine had been told that it was up.
    Down(Instant),
    /// Nothing.
    Nothing,
}

impl Sessions {
    pub(super) fn new(device: Device, pace: SlavePace, clock: Arc<dyn Clock>) -> Self {
        let (news, told) = mpsc::channel(TOLD_MAX);
        Self { device, pace, clock, last: 0, session: None, news, told }
    }

    /// Makes a link of no stream.
    pub(super) fn try_out(&self) -> Result<(), InvalidLink> {
        let supervised = (self.pace.supervision, self.pace.margin);
        self.device.link(Role::Initiator, Vec::new(), true, supervised).map(drop)
    }

    /// Begins a session with the master, or with an unknown device; returns since when one that was up is
    /// down by that.
    pub(super) fn connect(
        &mut self,
        stream: Box<dyn Stream>,
        master: Option<PeerKey>,
        done: oneshot::Sender<SessionEnd>,
    ) -> Option<Instant> {
        let was_up = self.end(SessionEnd::Replaced);
        let supervised = (self.pace.supervision, self.pace.margin);
        let known: Vec<_> = master.into_iter().collect();
        let pairing = known.is_empty();
        let Ok(link) = self.device.link(Role::Initiator, known, pairing, supervised) else {
            // It was tried out at the start.
            done.send(LinkEnd::Closed.into()).unwrap_or_default();
            return was_up;
        };
        self.last = self.last.saturating_add(1);
        let (number, news) = (self.last, self.news.clone());
        let handle = spawn(number, stream, link, Arc::clone(&self.clock), news);
        self.session = Some(Session { number, handle, stage: Stage::Greeting, done });
        was_up
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
        let now = self.clock.now();
        let Some(session) = self.session.as_mut().filter(|session| session.number == number) else {
            return Heard::Nothing;
        };
        match event {
            event @ LinkEvent::Compare { .. } => Heard::Event(event),
            event @ LinkEvent::Up { .. } => {
                session.stage = Stage::Known;
                Heard::Event(event)
            }
            // This process did not run for a while, and the master may have let somebody else have it since.
            LinkEvent::Received(_) if session.handle.over_since(now).is_some() => {
                self.refuse(LinkEnd::Supervision.into())
            }
            LinkEvent::Received(octets) => {
                // There are keys in some.
                let octets = Zeroizing::new(octets);
                let heard = read(session.stage, &octets);
                heard.unwrap_or_else(|| self.refuse(TermsRefusal::Missing.into()))
            }
            LinkEvent::Down(end) => self.refuse(end.into()),
        }
    }

    /// The terms of the master are agreed, and the machine is told.
    pub(super) fn agreed(&mut self) {
        if let Some(session) = &mut self.session {
            session.stage = Stage::Up;
        }
    }

    /// Ends the session.
    pub(super) fn refuse(&mut self, end: SessionEnd) -> Heard {
        self.end(end).map_or(Heard::Nothing, Heard::Down)
    }

    /// Ends the session; returns since when it is down, if the machine had been told that it was up.
    fn end(&mut self, end: SessionEnd) -> Option<Instant> {
        let now = self.clock.now();
        let session = self.session.take()?;
        // Who does not wait any more is not told.
        session.done.send(end).unwrap_or_default();
        let since = session.handle.over_since(now).unwrap_or(now);
        (session.stage == Stage::Up).then_some(since)
    }

    /// Says something to the master; returns whether there was room.
    pub(super) fn send(&self, message: &ToMaster) -> bool {
        let octets = frame::message(&message.encode());
        self.session.as_ref().is_none_or(|it| it.handle.tell(LinkInput::Send(octets)))
    }

    /// Tells the link what the user says.
    pub(super) fn compared(&self, equal: bool) {
        if let Some(session) = &self.session {
            session.handle.tell(LinkInput::Compared(equal));
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.stage == Stage::Up)
    }
}

/// Reads what came: the terms first, and once.
fn read(stage: Stage, octets: &[u8]) -> Option<Heard> {
    match (stage, frame::read(octets)) {
        (Stage::Known, Ok(Frame::Terms(terms))) => Some(Heard::Terms(terms)),
        (Stage::Up, Ok(Frame::Message(message))) => {
            ToSlave::decode(message).ok().map(Heard::Message)
        }
        (Stage::Greeting | Stage::Known | Stage::Up, _) => None,
    }
}
