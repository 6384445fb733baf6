//! Putting the parts of long messages together (TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).

use alloc::{boxed::Box, string::String, vec::Vec};

use polysim_base::{Duration, Instant};

use crate::{
    address::Address,
    header::{Concatenation, Reference},
    time::Timestamp,
    tpdu::Deliver,
    user_data::{TextDecoder, TextError, UserData},
};

/// How many messages may be open, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// From the first part to the moment the message counts as incomplete.
    pub window: Duration,
    /// The most open messages of one originator.
    pub open_per_originator: usize,
    /// The most open messages in all.
    pub open: usize,
    /// The most whole messages remembered, so that a late duplicate of a part opens nothing.
    pub remembered: usize,
}

impl Default for Limits {
    /// A day; 64 open of one originator, 1,024 in all; 16 remembered.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(24 * 60 * 60),
            open_per_originator: 64,
            open: 1_024,
            remembered: 16,
        }
    }
}

/// A message, or a part of one, as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part<T> {
    /// TP-OA.
    pub originator: Address,
    /// TP-SCTS.
    pub timestamp: Timestamp,
    /// TP-UD with TP-DCS.
    pub user_data: UserData,
    /// The caller's own: where the part is stored, for example.
    pub tag: T,
}

impl<T> Part<T> {
    /// Returns the part a DELIVER carries.
    #[must_use]
    pub fn new(deliver: Deliver, tag: T) -> Self {
        Self {
            originator: deliver.originator,
            timestamp: deliver.timestamp,
            user_data: deliver.user_data,
            tag,
        }
    }
}

/// What became of a part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Accepted<T> {
    /// It was the last one missing, or a message of its own.
    Complete(Whole<T>),
    /// Others are still missing.
    Pending {
        /// How many are there.
        received: u8,
        /// How many there must be.
        total: u8,
    },
    /// It is there already, or its message was complete before; here it is back.
    Duplicate(Part<T>),
}

/// A part that was not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused<T: core::fmt::Debug> {
    /// The part.
    pub part: Part<T>,
    /// Why.
    pub reason: ReassemblyError,
}

/// Why a part was not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReassemblyError {
    /// Too many open messages in all.
    #[error("{limit} messages are incomplete already")]
    TooManyOpen {
        /// [`Limits::open`].
        limit: usize,
    },
    /// Too many open messages of one originator.
    #[error("{limit} messages of this originator are incomplete already")]
    TooManyOfOriginator {
        /// [`Limits::open_per_originator`].
        limit: usize,
    },
}

/// All parts of a message, in their order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Whole<T> {
    first: Part<T>,
    rest: Vec<Part<T>>,
}

impl<T> Whole<T> {
    /// Returns the first part: its originator and timestamp stand for the message.
    #[must_use]
    pub const fn first(&self) -> &Part<T> {
        &self.first
    }

    /// Returns the parts in their order: at least one.
    pub fn parts(&self) -> impl Iterator<Item = &Part<T>> {
        core::iter::once(&self.first).chain(&self.rest)
    }

    /// Returns the parts in their order: at least one.
    pub fn into_parts(self) -> impl Iterator<Item = Part<T>> {
        core::iter::once(self.first).chain(self.rest)
    }

    /// Returns the text of all parts.
    ///
    /// # Errors
    /// [`TextError`] for data, compressed text, or octets that are no UCS-2.
    pub fn text(&self) -> Result<String, TextError> {
        let octets = self.parts().map(|part| part.user_data.octets().len());
        let mut text = String::with_capacity(octets.sum());
        let mut decoder = TextDecoder::default();
        for part in self.parts() {
            decoder.push(&part.user_data, &mut text)?;
        }
        decoder.finish(&mut text)?;
        Ok(text)
    }

    /// Returns the payload of all parts: 8-bit data without their headers.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        let payloads = self.parts().map(|part| part.user_data.payload());
        payloads.flatten().copied().collect()
    }
}

/// A message that never became whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Incomplete<T> {
    /// How many parts there should be.
    pub total: u8,
    /// The parts that came, each with its number, in their order.
    pub parts: Vec<(u8, Part<T>)>,
}

/// Joins parts by originator, reference number and total.
///
/// Two totals under one reference number are two messages. A part whose place is taken by another
/// content begins a new message: its sender used the number again, and the older message is given
/// up. After each [`Self::accept`], and when [`Self::poll_timeout`] is due, call [`Self::expire`]
/// until it returns nothing.
#[derive(Clone, Debug)]
pub struct Reassembler<T> {
    limits: Limits,
    open: Vec<Open<T>>,
    given_up: Vec<Incomplete<T>>,
    whole: Vec<Remembered>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Key {
    originator: Address,
    reference: Reference,
    total: u8,
}

#[derive(Clone, Debug)]
struct Open<T> {
    key: Key,
    since: Instant,
    /// By number, ascending.
    parts: Vec<(u8, Part<T>)>,
}

/// A message that was whole: enough of each part to know it again.
#[derive(Clone, Debug)]
struct Remembered {
    key: Key,
    since: Instant,
    prints: Box<[(Timestamp, u64)]>,
}

impl<T> Default for Reassembler<T> {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl<T> Reassembler<T> {
    /// Returns a reassembler with nothing in it; it takes no heap until a part waits.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, open: Vec::new(), given_up: Vec::new(), whole: Vec::new() }
    }

    /// Returns how many messages wait for parts.
    #[must_use]
    pub const fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Takes a part, or a message that has no parts.
    ///
    /// # Errors
    /// [`Refused`] gives the part back when it would open one message too many.
    pub fn accept(&mut self, now: Instant, part: Part<T>) -> Result<Accepted<T>, Refused<T>>
    where
        T: core::fmt::Debug,
    {
        let Some(concatenation) = part.user_data.concatenation() else {
            return Ok(Accepted::Complete(alone(part)));
        };
        let key = Key {
            originator: part.originator,
            reference: concatenation.reference(),
            total: concatenation.total(),
        };
        if self.is_remembered(now, key, concatenation.sequence(), &part) {
            return Ok(Accepted::Duplicate(part));
        }
        if key.total == 1 {
            self.remember(now, key, core::iter::once(&part).map(print).collect());
            return Ok(Accepted::Complete(alone(part)));
        }
        let window = self.limits.window;
        if let Some(index) = self.open.iter().position(|open| open.key == key) {
            let joins =
                self.open.get_mut(index).map(|open| open.place(now, window, concatenation, &part));
            match joins {
                Some(Place::Duplicate) => return Ok(Accepted::Duplicate(part)),
                Some(Place::Free(at)) => return Ok(self.join(now, index, at, part)),
                Some(Place::Taken) | None => self.give_up(index),
            }
        }
        match self.refusal(key.originator) {
            Some(reason) => Err(Refused { part, reason }),
            None => Ok(self.begin(now, key, concatenation.sequence(), part)),
        }
    }

    /// Returns a message given up: its window ended by `now`, or its number was used again.
    pub fn expire(&mut self, now: Instant) -> Option<Incomplete<T>> {
        if let Some(incomplete) = self.given_up.pop() {
            if self.given_up.is_empty() {
                self.given_up = Vec::new();
            }
            return Some(incomplete);
        }
        let window = self.limits.window;
        let index = (self.open.iter()).position(|open| open.since.plus(window) <= now)?;
        self.give_up(index);
        self.given_up.pop()
    }

    /// Returns when the next message will be given up.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        // Kept in the order in which they were opened.
        self.open.first().map(|open| open.since.plus(self.limits.window))
    }

    fn refusal(&self, originator: Address) -> Option<ReassemblyError> {
        let Limits { open, open_per_originator, .. } = self.limits;
        let from = self.open.iter().filter(|o| o.key.originator == originator);
        if from.count() >= open_per_originator {
            let limit = open_per_originator;
            return Some(ReassemblyError::TooManyOfOriginator { limit });
        }
        (self.open.len() >= open).then_some(ReassemblyError::TooManyOpen { limit: open })
    }

    fn begin(&mut self, now: Instant, key: Key, sequence: u8, part: Part<T>) -> Accepted<T> {
        let mut parts = Vec::with_capacity(usize::from(key.total).min(4));
        parts.push((sequence, part));
        self.open.push(Open { key, since: now, parts });
        Accepted::Pending { received: 1, total: key.total }
    }

    fn join(&mut self, now: Instant, index: usize, at: usize, part: Part<T>) -> Accepted<T> {
        let Some(open) = self.open.get_mut(index) else {
            return Accepted::Duplicate(part);
        };
        let total = open.key.total;
        let sequence = part.user_data.concatenation().map_or(0, |c| c.sequence());
        open.parts.insert(at, (sequence, part));
        let received = u8::try_from(open.parts.len()).unwrap_or(u8::MAX);
        if received < total {
            return Accepted::Pending { received, total };
        }
        let open = self.close(index);
        let prints = open.parts.iter().map(|(_, part)| print(part)).collect();
        self.remember(now, open.key, prints);
        let mut parts = open.parts.into_iter().map(|(_, part)| part);
        match parts.next() {
            Some(first) => Accepted::Complete(Whole { first, rest: parts.collect() }),
            // A message closes with all its parts, and there are at least two.
            None => Accepted::Pending { received, total },
        }
    }

    fn give_up(&mut self, index: usize) {
        let open = self.close(index);
        self.given_up.push(Incomplete { total: open.key.total, parts: open.parts });
    }

    fn close(&mut self, index: usize) -> Open<T> {
        let open = self.open.remove(index);
        if self.open.is_empty() {
            self.open = Vec::new();
        }
        open
    }

    fn remember(&mut self, now: Instant, key: Key, prints: Box<[(Timestamp, u64)]>) {
        if self.limits.remembered == 0 {
            return;
        }
        self.whole.retain(|whole| whole.key != key);
        while self.whole.len() >= self.limits.remembered {
            self.whole.remove(0);
        }
        self.whole.reserve_exact(1);
        self.whole.push(Remembered { key, since: now, prints });
    }

    fn is_remembered(&mut self, now: Instant, key: Key, sequence: u8, part: &Part<T>) -> bool {
        let window = self.limits.window;
        self.whole.retain(|whole| whole.since.plus(window) > now);
        let index = usize::from(sequence).saturating_sub(1);
        (self.whole.iter())
            .find(|whole| whole.key == key)
            .and_then(|whole| whole.prints.get(index))
            .is_some_and(|known| *known == print(part))
    }
}

/// Where a part belongs in an open message.
enum Place {
    Free(usize),
    Duplicate,
    Taken,
}

impl<T> Open<T> {
    fn place(&self, now: Instant, window: Duration, c: Concatenation, part: &Part<T>) -> Place {
        if self.since.plus(window) <= now {
            return Place::Taken;
        }
        match (self.parts).binary_search_by_key(&c.sequence(), |(sequence, _)| *sequence) {
            Err(at) => Place::Free(at),
            Ok(at) => match self.parts.get(at) {
                Some((_, there)) if there.user_data == part.user_data => Place::Duplicate,
                _ => Place::Taken,
            },
        }
    }
}

const fn alone<T>(part: Part<T>) -> Whole<T> {
    Whole { first: part, rest: Vec::new() }
}

/// What tells a late duplicate from a new part under the same number: the service centre's
/// timestamp and a hash (FNV-1a) of coding and octets.
fn print<T>(part: &Part<T>) -> (Timestamp, u64) {
    let octets = part.user_data.octets().iter();
    let hash = core::iter::once(&part.user_data.coding().0)
        .chain(octets)
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, octet| {
            (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01B3)
        });
    (part.timestamp, hash)
}
