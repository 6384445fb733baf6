//! The card of a server.

use alloc::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant};

use super::Server;
use crate::sap::{CardReaderStatus, Failure, Message, Payload, StatusChange};

/// For how long a card may be silent that is to answer.
const CARD_MAX: Duration = Duration::from_secs(10);
/// Octets of the shortest answer to a command: a status word.
const STATUS_LEN: usize = 2;

/// How the card is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Card {
    /// Not there.
    Absent,
    /// Off.
    Off,
    /// On; its answer to the last reset.
    On(Vec<u8>),
    /// On, and it does not answer; what it answered to the last reset.
    Mute(Vec<u8>),
}

/// What waits for the card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Waiting {
    pub(super) what: Awaits,
    /// Then the card is mute.
    pub(super) until: Instant,
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Awaits {
    /// `CONNECT_REQ`, or the end of a call: the answer to reset.
    Connect,
    /// `POWER_SIM_ON_REQ`: the answer to reset.
    PowerOn,
    /// `RESET_SIM_REQ`: the answer to reset.
    Reset,
    /// `TRANSFER_APDU_REQ`: the answer to the command.
    Apdu,
}

impl Card {
    /// Returns why the card cannot be asked now.
    pub(super) const fn usable(&self) -> Result<(), Failure> {
        match self {
            Self::Absent => Err(Failure::Removed),
            Self::Off => Err(Failure::PoweredOff),
            Self::On(_) => Ok(()),
            Self::Mute(_) => Err(Failure::NotAccessible),
        }
    }

    /// Returns the status of the reader; nothing where the card does not say how it is.
    pub(super) const fn reader_status(&self) -> Result<CardReaderStatus, Failure> {
        match self {
            Self::Absent => Ok(CardReaderStatus::EMPTY),
            Self::Off => Ok(CardReaderStatus::CARD_OFF),
            Self::On(_) => Ok(CardReaderStatus::CARD_ON),
            Self::Mute(_) => Err(Failure::NoData),
        }
    }
}

impl Server {
    /// Has the card do something, and waits for what it says.
    pub(super) fn ask_card(&mut self, now: Instant, what: Awaits, signal: CardSignal) {
        self.waiting = Some(Waiting { what, until: now.plus(CARD_MAX) });
        self.signal(signal);
    }

    /// Switches the card off, if it is on for a client or is being switched on. What waits for it is
    /// answered no more.
    pub(super) fn switch_off(&mut self) {
        let waiting = self.waiting.take().is_some();
        match self.card {
            Card::Absent => {}
            Card::Off if !waiting => {}
            Card::Off | Card::On(_) | Card::Mute(_) => {
                self.card = Card::Off;
                self.signal(CardSignal::PowerOff);
            }
        }
    }

    /// The card says something.
    pub(super) fn card_says(&mut self, now: Instant, reply: CardReply) {
        match reply {
            CardReply::Inserted => self.card_changed(StatusChange::Inserted),
            CardReply::Removed => self.card_changed(StatusChange::Removed),
            CardReply::Atr(atr) => self.card_was_reset(atr),
            CardReply::Response(response) => self.card_responds(response),
            CardReply::MoreTime => {
                if let Some(waiting) = &mut self.waiting {
                    waiting.until = now.plus(CARD_MAX);
                }
            }
        }
    }

    fn card_was_reset(&mut self, atr: Vec<u8>) {
        match self.waiting.map(|waiting| waiting.what) {
            Some(what @ (Awaits::Connect | Awaits::PowerOn | Awaits::Reset)) => {
                self.waiting = None;
                self.card = Card::On(atr);
                match what {
                    Awaits::Connect => self.connected(Ok(())),
                    Awaits::PowerOn => self.send(&Message::PowerSimOnResp(Ok(()))),
                    Awaits::Reset | Awaits::Apdu => self.send(&Message::ResetSimResp(Ok(()))),
                }
            }
            // An answer to what was overtaken.
            Some(Awaits::Apdu) => {}
            None => {
                if let Card::Mute(last) = &mut self.card {
                    *last = atr;
                    self.recovered();
                }
            }
        }
    }

    fn card_responds(&mut self, response: Vec<u8>) {
        match self.waiting.map(|waiting| waiting.what) {
            Some(Awaits::Apdu) => {
                self.waiting = None;
                let whole = response.len() >= STATUS_LEN;
                let response = Payload::new(response).ok().filter(|_| whole);
                self.send_payload(response.ok_or(Failure::NoReason), Message::TransferApduResp);
            }
            // An answer to what was overtaken.
            Some(Awaits::Connect | Awaits::PowerOn | Awaits::Reset) => {}
            None => self.recovered(),
        }
    }

    /// Sends a result, or says that there is none where it is too long for what was agreed.
    pub(super) fn send_payload(
        &mut self,
        result: Result<Payload, Failure>,
        message: fn(Result<Payload, Failure>) -> Message,
    ) {
        let response = message(result);
        if self.fits(&response) {
            self.send(&response);
        } else {
            self.send(&message(Err(Failure::NoReason)));
        }
    }

    /// Something happened to the card.
    pub(super) fn card_changed(&mut self, change: StatusChange) {
        match (change, &self.card) {
            (StatusChange::Inserted, Card::Absent) => {
                self.card = Card::Off;
                self.indicate(change);
            }
            // It is in its place already.
            (StatusChange::Inserted, Card::Off | Card::On(_) | Card::Mute(_)) => {}
            (StatusChange::Removed, Card::Absent) => {}
            (StatusChange::Removed, Card::Off | Card::On(_) | Card::Mute(_)) => {
                self.card = Card::Absent;
                // A client that connects is told so with the connection.
                if !self.fail(Failure::Removed) {
                    self.indicate(change);
                }
            }
            (StatusChange::NotAccessible, _) => {
                if !self.mute() {
                    self.indicate(change);
                }
            }
            (StatusChange::Recovered, _) => self.recovered(),
            (StatusChange::Reset | StatusChange::Unknown, _) => self.indicate(change),
        }
    }

    /// The card did not answer in time.
    pub(super) fn card_is_late(&mut self, now: Instant) {
        if self.waiting.is_some_and(|waiting| waiting.until <= now) {
            self.mute();
        }
    }

    /// The card does not answer; returns whether that has told a client that connects.
    fn mute(&mut self) -> bool {
        match &mut self.card {
            Card::On(atr) => self.card = Card::Mute(core::mem::take(atr)),
            Card::Off if self.waiting.is_some() => self.card = Card::Mute(Vec::new()),
            Card::Absent | Card::Off | Card::Mute(_) => {}
        }
        self.fail(Failure::NotAccessible)
    }

    /// A card that was mute says something, late.
    fn recovered(&mut self) {
        if let Card::Mute(atr) = &mut self.card {
            self.card = Card::On(core::mem::take(atr));
            self.indicate(StatusChange::Recovered);
        }
    }

    /// Ends what waits for the card; returns whether that has told a client that connects.
    fn fail(&mut self, why: Failure) -> bool {
        let Some(waiting) = self.waiting.take() else { return false };
        match waiting.what {
            Awaits::Connect => self.connected(Err(why)),
            Awaits::PowerOn => self.send(&Message::PowerSimOnResp(Err(why))),
            Awaits::Reset => self.send(&Message::ResetSimResp(Err(why))),
            Awaits::Apdu => self.send(&Message::TransferApduResp(Err(why))),
        }
        waiting.what == Awaits::Connect
    }
}
