//! What the card is told by ENVELOPE, one at a time (TS 102.223, 7).

use super::CardSaid;
use super::download::Download;
use crate::card::{CardPort, Change, Outcome, Owner, transmit};
use crate::core::Core;
use crate::deadline::Deadline;
use crate::effects::Effects;
use polysim_apdu::Status;
use polysim_base::{Duration, Instant};
use polysim_cat::{
    Envelope, EnvelopeStatus, EventData, Instruction, Message, TimerExpiration, TimerId, TimerValue,
};
use std::collections::VecDeque;

/// Most letters that wait; later ones are lost, but for texts, which are refused.
const WAITING_MAX: usize = 32;
/// How often a letter is sent to a card that is busy (`9300`).
const TRIES_MAX: u8 = 10;
/// Pause before a busy card is told again.
const BUSY_PAUSE: Duration = Duration::from_secs(3);

/// Something that the card is to be told.
#[derive(Debug)]
pub(super) struct Letter {
    content: Content,
    tries: u8,
}

#[derive(Debug)]
pub(super) enum Content {
    Event(Box<EventData>),
    /// The time that has passed is told as of the sending.
    Timer {
        timer: TimerId,
        started: Instant,
    },
    Text(Box<Download>),
}

/// What waits, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Mail {
    waiting: VecDeque<Letter>,
    sent: Option<Letter>,
    /// The card was busy: when it is told again.
    pause: Deadline,
}

/// What a card answered to ENVELOPE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: [u8; 2],
    pub(crate) data: Vec<u8>,
}

impl From<Content> for Letter {
    fn from(content: Content) -> Self {
        Self { content, tries: 0 }
    }
}

impl Letter {
    fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }

    /// Whether another says all that this one does, and later.
    fn is_outdone_by(&self, other: &Self) -> bool {
        let (Content::Event(mine), Content::Event(theirs)) = (&self.content, &other.content) else {
            return false;
        };
        matches!(
            (&**mine, &**theirs),
            (EventData::LocationStatus(_), EventData::LocationStatus(_))
                | (EventData::AccessTechnologyChange(_), EventData::AccessTechnologyChange(_))
        )
    }

    /// The APDU that tells it; nothing if none could.
    fn apdu(&self, now: Instant) -> Option<Vec<u8>> {
        let message = match &self.content {
            Content::Event(event) => Message::Event((**event).clone()),
            Content::Timer { timer, started } => Message::TimerExpiration(TimerExpiration {
                timer: *timer,
                elapsed: TimerValue::of_span(now.since(*started)),
            }),
            Content::Text(download) => return Some(download.apdu.clone()),
        };
        let envelope = Envelope::new(message).encode().ok()?;
        Instruction::Envelope.apdu(&envelope).ok()
    }
}

impl Mail {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_none()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pause.get()
    }

    pub(super) fn timeout(&mut self, now: Instant) {
        if self.pause.is_due(now) {
            self.pause = Deadline::NONE;
        }
    }

    /// Takes a letter. Returns whether there was room.
    pub(super) fn post(&mut self, content: Content) -> bool {
        let letter = Letter::from(content);
        self.waiting.retain(|old| !old.is_outdone_by(&letter));
        if self.waiting.len() >= WAITING_MAX {
            return false;
        }
        self.waiting.push_back(letter);
        true
    }

    /// The next letter: texts come first, and what else there is waits for a pause to end.
    fn next(&mut self, everything: bool) -> Option<&Letter> {
        if self.sent.is_some() {
            return None;
        }
        let text = self.waiting.iter().position(Letter::is_text);
        let other =
            (everything && self.pause == Deadline::NONE && !self.waiting.is_empty()).then_some(0);
        self.sent = self.waiting.remove(text.or(other)?);
        self.sent.as_ref()
    }
}

/// ENVELOPE, and what the card has to say to it. What waits behind a warning is fetched, too
/// (TS 102.221, 7.3.1.1.4).
pub(crate) async fn envelope(port: &mut CardPort, apdu: Vec<u8>) -> Option<Reply> {
    let answer = transmit(port, apdu).await.ok()?;
    let status = u16::from(answer.status).to_be_bytes();
    let mut data = answer.data;
    if data.is_empty() && EnvelopeStatus::of(status) == EnvelopeStatus::DownloadError {
        let more = transmit(port, vec![0x00, 0xC0, 0x00, 0x00, 0x00]).await.ok()?;
        if more.status.is_done() || more.status == Status::from_bytes(status[0], status[1]) {
            data = more.data;
        }
    }
    Some(Reply { status, data })
}

async fn tell(mut port: CardPort, apdu: Vec<u8>) -> Outcome {
    let reply = envelope(&mut port, apdu).await;
    Outcome::done().changed(Change::Toolkit(CardSaid::Reply(reply)))
}

impl Core {
    /// Sends the next letter: any, or texts only, which go during a session as well.
    pub(super) fn send_letter(&mut self, now: Instant, everything: bool) -> bool {
        let mail = &mut self.toolkit().mail;
        while let Some(letter) = mail.next(everything) {
            if let Some(apdu) = letter.apdu(now) {
                self.slot.start(now, Owner::Device, move |port| tell(port, apdu));
                return true;
            }
            mail.sent = None;
        }
        false
    }

    /// What the card said to the letter on its way.
    pub(super) fn take_reply(&mut self, fx: &mut Effects, reply: Option<Reply>) {
        let mail = &mut self.toolkit().mail;
        let Some(mut letter) = mail.sent.take() else { return };
        if let Content::Text(download) = letter.content {
            return super::download::answer(fx, &download, reply);
        }
        let busy = reply.is_some_and(|r| EnvelopeStatus::of(r.status) == EnvelopeStatus::Busy);
        letter.tries += 1;
        if busy && letter.tries < TRIES_MAX {
            mail.waiting.push_front(letter);
            mail.pause = Deadline::at(fx.now.plus(BUSY_PAUSE));
        }
    }
}
