//! A table by radio: pages of a few entries, made when first used.

use crate::air::RadioId;

/// Entries of one page.
const PAGE: usize = 64;

/// Radios are numbered from 0; there are at most this many.
pub(crate) const RADIOS_MAX: usize = 1 << 24;

/// A value per radio; `T::default()` stands for none.
#[derive(Clone, Debug, Default)]
pub(crate) struct RadioTable<T> {
    pages: Vec<Option<Box<[T; PAGE]>>>,
}

impl<T: Copy + Default + Eq> RadioTable<T> {
    pub(crate) fn get(&self, radio: RadioId) -> T {
        let index = usize::try_from(radio.0).unwrap_or(usize::MAX);
        let page = self.pages.get(index / PAGE).and_then(Option::as_deref);
        page.and_then(|page| page.get(index % PAGE)).copied().unwrap_or_default()
    }

    /// Sets a value; returns whether there is room for this radio.
    pub(crate) fn set(&mut self, radio: RadioId, value: T) -> bool {
        let index = usize::try_from(radio.0).unwrap_or(usize::MAX);
        if index >= RADIOS_MAX {
            return value == T::default();
        }
        let page = index / PAGE;
        if page >= self.pages.len() {
            if value == T::default() {
                return true;
            }
            self.pages.resize_with(page + 1, || None);
        }
        if let Some(slot) = self.pages.get_mut(page)
            && let Some(entry) =
                slot.get_or_insert_with(|| Box::new([T::default(); PAGE])).get_mut(index % PAGE)
        {
            *entry = value;
        }
        true
    }

    /// Returns the radios that have a value, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RadioId, T)> + '_ {
        let pages = (0_u32..).step_by(PAGE).zip(&self.pages);
        pages
            .filter_map(|(first, page)| Some((first, page.as_deref()?)))
            .flat_map(|(first, page)| (first..).map(RadioId).zip(page.iter().copied()))
            .filter(|(_, value)| *value != T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps: Vec<(u8, u8)>) {
            let (mut table, mut model) = (RadioTable::default(), BTreeMap::new());
            for (radio, value) in steps {
                let radio = RadioId(u32::from(radio));
                prop_assert!(table.set(radio, value));
                if value == 0 { model.remove(&radio); } else { model.insert(radio, value); }
                prop_assert_eq!(table.get(radio), value);
            }
            prop_assert_eq!(table.iter().collect::<BTreeMap<_, _>>(), model);
        }
    }

    #[test]
    fn a_radio_beyond_the_limit_is_refused() {
        let mut table = RadioTable::default();
        assert!(!table.set(RadioId(u32::MAX), 1_u16));
        assert_eq!(table.get(RadioId(u32::MAX)), 0);
        assert!(table.set(RadioId((1 << 24) - 1), 1));
    }
}
