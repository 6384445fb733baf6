//! The queue of a machine's outputs: one item without allocation, none held when drained.

use alloc::collections::VecDeque;

/// A first-in first-out queue that owns no buffer while it holds one item or none.
///
/// Most inputs cause one output, and most machines of a large world are idle at any moment.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Queue<T>(State<T>);

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
enum State<T> {
    #[default]
    Empty,
    One(T),
    Many(VecDeque<T>),
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Queue<T> {
    /// Returns an empty queue.
    #[must_use]
    pub const fn new() -> Self {
        Self(State::Empty)
    }

    /// Appends an item.
    pub fn push(&mut self, item: T) {
        self.0 = match core::mem::replace(&mut self.0, State::Empty) {
            State::Empty => State::One(item),
            State::One(first) => State::Many(VecDeque::from([first, item])),
            State::Many(mut items) => {
                items.push_back(item);
                State::Many(items)
            }
        };
    }

    /// Takes the oldest item; taking the last one frees the buffer.
    pub fn pop(&mut self) -> Option<T> {
        if let State::Many(items) = &mut self.0
            && items.len() > 1
        {
            return items.pop_front();
        }
        match core::mem::replace(&mut self.0, State::Empty) {
            State::Empty => None,
            State::One(item) => Some(item),
            State::Many(mut items) => items.pop_front(),
        }
    }

    /// Returns how many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            State::Empty => 0,
            State::One(_) => 1,
            State::Many(items) => items.len(),
        }
    }

    /// Returns whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, State::Empty)
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.0 = State::Empty;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn it_is_a_queue(steps: Vec<Option<u8>>) {
            let mut queue = Queue::new();
            let mut model = VecDeque::new();
            for step in steps {
                match step {
                    Some(item) => { queue.push(item); model.push_back(item); }
                    None => prop_assert_eq!(queue.pop(), model.pop_front()),
                }
                prop_assert_eq!((queue.len(), queue.is_empty()), (model.len(), model.is_empty()));
            }
        }
    }
}
