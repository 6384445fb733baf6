//! A slab in blocks: it grows without moving what it holds, so that its peak is its size.

/// Entries of one block.
const BLOCK: usize = 1_024;

/// Values named by small numbers. Freed numbers are used again, the last freed first.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    blocks: Vec<Vec<Option<T>>>,
    free: Vec<u32>,
    len: usize,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { blocks: Vec::new(), free: Vec::new(), len: 0 }
    }

    /// Returns how many there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        self.len += 1;
        if let Some(index) = self.free.pop()
            && let Some(slot) = self.slot_mut(index)
        {
            *slot = Some(value);
            return index;
        }
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let before = (self.blocks.len() - 1) * BLOCK;
        let at = self.blocks.last_mut().map_or(0, |block| {
            block.push(Some(value));
            block.len() - 1
        });
        u32::try_from(before + at).unwrap_or(u32::MAX)
    }

    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        let index = usize::try_from(index).ok()?;
        self.blocks.get(index / BLOCK)?.get(index % BLOCK)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.slot_mut(index)?.as_mut()
    }

    pub(crate) fn remove(&mut self, index: u32) -> Option<T> {
        let value = self.slot_mut(index)?.take()?;
        self.free.push(index);
        self.len -= 1;
        Some(value)
    }

    fn slot_mut(&mut self, index: u32) -> Option<&mut Option<T>> {
        let index = usize::try_from(index).ok()?;
        self.blocks.get_mut(index / BLOCK)?.get_mut(index % BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_map_with_its_own_keys(steps: Vec<Option<u8>>) {
            let (mut slab, mut model) = (Slab::new(), BTreeMap::new());
            for step in steps {
                match step {
                    Some(value) => {
                        prop_assert_eq!(model.insert(slab.insert(value), value), None);
                    }
                    None => if let Some((key, value)) = model.pop_first() {
                        prop_assert_eq!(slab.remove(key), Some(value));
                        prop_assert_eq!(slab.remove(key), None);
                    }
                }
                prop_assert_eq!(slab.len(), model.len());
                prop_assert!(model.iter().all(|(key, value)| slab.get(*key) == Some(value)));
            }
        }
    }

    #[test]
    fn blocks_follow_each_other() {
        let mut slab = Slab::new();
        let keys: Vec<u32> = (0..3_000_u32).map(|n| slab.insert(n)).collect();
        assert_eq!(keys, (0..3_000).collect::<Vec<u32>>());
        assert_eq!(slab.get(2_999), Some(&2_999));
        assert_eq!(slab.get(3_000), None);
    }
}
