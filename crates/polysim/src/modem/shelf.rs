//! What waits until somebody has taken and confirmed it, for any number of readers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Items in the order they came, each under a number that is not used again.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    items: Mutex<BTreeMap<u64, T>>,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    last: u64,
    closed: bool,
}

impl<T: Clone> Shelf<T> {
    pub(super) fn new() -> Self {
        Self { items: Mutex::default(), state: watch::Sender::default() }
    }

    fn items(&self) -> MutexGuard<'_, BTreeMap<u64, T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.items().len()
    }

    pub(super) fn put(&self, item: T) -> u64 {
        let number = self.state.borrow().last.saturating_add(1);
        self.items().insert(number, item);
        self.state.send_modify(|state| state.last = number);
        number
    }

    pub(super) fn take(&self, number: u64) -> Option<T> {
        self.items().remove(&number)
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.state.send_modify(|state| state.closed = true);
    }

    /// Returns how many read.
    pub(super) fn readers(&self) -> usize {
        self.state.receiver_count()
    }

    /// Reads from the first item on.
    pub(super) fn read(&self) -> Cursor {
        Cursor { after: 0, state: self.state.subscribe() }
    }
}

/// Where a reader is.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    after: u64,
    state: watch::Receiver<State>,
}

impl Cursor {
    /// Waits for the next item that is wanted; `None` when no more will come. Dropping the future
    /// loses nothing.
    pub(super) async fn next<T: Clone>(
        &mut self,
        shelf: &Shelf<T>,
        wanted: impl Fn(&T) -> bool,
    ) -> Option<(u64, T)> {
        loop {
            let State { last, closed } = *self.state.borrow_and_update();
            let found = {
                let items = shelf.items();
                let mut later = items.range(self.after.saturating_add(1)..);
                later.find(|(_, item)| wanted(item)).map(|(number, item)| (*number, item.clone()))
            };
            if let Some((number, item)) = found {
                self.after = number;
                return Some((number, item));
            }
            self.after = self.after.max(last);
            if closed || self.state.changed().await.is_err() {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_reader_sees_what_was_not_taken() {
        let shelf = Shelf::new();
        let first = shelf.put("first");
        shelf.put("second");
        let (mut one, mut other) = (shelf.read(), shelf.read());
        assert_eq!(one.next(&shelf, |_| true).await, Some((1, "first")));
        shelf.take(first);
        assert_eq!(other.next(&shelf, |_| true).await, Some((2, "second")));
        assert_eq!(one.next(&shelf, |_| true).await, Some((2, "second")));
        shelf.close();
        assert_eq!(one.next(&shelf, |_| true).await, None);
        assert_eq!(shelf.read().next(&shelf, |_| true).await, Some((2, "second")));
    }

    #[tokio::test]
    async fn a_reader_that_waits_is_woken() {
        let shelf = Shelf::new();
        let mut reader = shelf.read();
        let wait = reader.next(&shelf, |item| *item > 1);
        let put = async {
            tokio::task::yield_now().await;
            shelf.put(1);
            shelf.put(2);
        };
        assert_eq!(tokio::join!(wait, put).0, Some((2, 2)));
    }
}
