//! The queue of a machine's outputs: a pointer's width while nothing waits.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// A first-in first-out queue that owns nothing while it is empty.
///
/// Most inputs cause one output, and most machines of a large world are idle at any moment: one
/// item costs one allocation, none costs a null pointer.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Queue<T>(Option<Box<Waiting<T>>>);

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Waiting<T> {
    first: T,
    rest: VecDeque<T>,
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
        Self(None)
    }

    /// Appends an item.
    pub fn push(&mut self, item: T) {
        match &mut self.0 {
            Some(waiting) => waiting.rest.push_back(item),
            None => self.0 = Some(Box::new(Waiting { first: item, rest: VecDeque::new() })),
        }
    }

    /// Takes the oldest item; taking the last one frees the memory.
    pub fn pop(&mut self) -> Option<T> {
        if let Some(waiting) = &mut self.0
            && let Some(next) = waiting.rest.pop_front()
        {
            return Some(core::mem::replace(&mut waiting.first, next));
        }
        self.0.take().map(|last| last.first)
    }

    /// Returns how many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| 1 + waiting.rest.len())
    }

    /// Returns whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.0 = None;
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
