use super::job::At;
use super::{OutgoingText, TextOver};
use crate::wire::{TEXTS_KNOWN, Target, TextState};
use alloc::collections::VecDeque;

/// How many texts that are over are remembered, so that a wish that comes again is known.
const OVER_MAX: usize = 64;

/// The texts of this terminal. As many are open as wishes may be.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Outbox {
    texts: VecDeque<Entry>,
    next: u64,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Entry {
    pub(super) text: OutgoingText,
    /// The modem that may have it, and the only one.
    pub(super) aimed: Option<At>,
    pub(super) over: Option<TextOver>,
    /// What was told of it last.
    state: Option<TextState>,
}

impl Outbox {
    /// Returns the number of the next text.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    pub(super) const fn new() -> Self {
        Self { texts: VecDeque::new(), next: 0 }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.texts.iter()
    }

    pub(super) fn keep(&mut self, text: OutgoingText) {
        self.next = self.next.max(text.number.saturating_add(1));
        self.texts.push_back(Entry { text, aimed: None, over: None, state: None });
    }

    pub(super) fn by_wish(&self, wish: u64) -> Option<&Entry> {
        self.texts.iter().find(|entry| entry.text.wish == wish)
    }

    pub(super) fn wish(&self, number: u64) -> Option<u64> {
        self.texts.iter().find(|entry| entry.text.number == number).map(|entry| entry.text.wish)
    }

    pub(super) fn is_open(&self, number: u64) -> bool {
        self.texts.iter().any(|entry| entry.text.number == number && entry.over.is_none())
    }

    /// Returns whether there may be one more: not so far behind an open one that its site could
    /// forget that.
    pub(super) fn has_room(&self) -> bool {
        let open = self.texts.iter().find(|entry| entry.over.is_none());
        open.is_none_or(|open| self.next - open.text.number < u64::from(TEXTS_KNOWN))
    }

    /// Returns where a text goes, once that is settled.
    pub(super) fn aimed(&self, number: u64) -> Option<At> {
        self.texts.iter().find(|entry| entry.text.number == number)?.aimed
    }

    pub(super) fn aim(&mut self, number: u64, at: At) {
        if let Some(entry) = self.entry(number) {
            entry.text.sim = Target::Sim(at.iccid);
            entry.aimed = Some(at);
        }
    }

    pub(super) fn over(&mut self, number: u64, over: TextOver) {
        if let Some(entry) = self.entry(number) {
            entry.over = Some(over);
        }
        let done = self.texts.iter().filter(|entry| entry.over.is_some()).count();
        if done > OVER_MAX
            && let Some(oldest) = self.texts.iter().position(|entry| entry.over.is_some())
        {
            self.texts.remove(oldest);
        }
    }

    /// Takes note of the state of a text, and returns whether that is news: modem and exchange
    /// tell of it each in its own time.
    pub(super) fn state(&mut self, number: u64, state: TextState) -> bool {
        let Some(entry) = self.entry(number) else { return true };
        let news = entry.state.is_none_or(|told| told.may_become(state));
        if news {
            entry.state = Some(state);
        }
        news
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        self.texts.iter_mut().find(|entry| entry.text.number == number)
    }
}
