//! Choices that the seed makes: `any-of(p{1..20})` in the place of one name.

use crate::spec::Name;

/// The most alternatives that one verb may have, choices multiplied.
pub(super) const ALTERNATIVES_MAX: usize = 10_000;

/// Counts through all alternatives of a verb: each choice that is met is a digit.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// Value and number of values of each choice, in the order in which they are met.
    digits: Vec<(usize, usize)>,
    met: usize,
}

impl Choices {
    /// Returns which of so many it is this time.
    pub(super) fn of(&mut self, count: usize) -> usize {
        if self.met == self.digits.len() {
            self.digits.push((0, count.max(1)));
        }
        let value = self.digits.get(self.met).map_or(0, |(value, _)| *value);
        self.met += 1;
        value
    }

    /// Goes on to the next alternative; returns whether there is one.
    pub(super) fn advance(&mut self) -> bool {
        self.met = 0;
        for (value, count) in self.digits.iter_mut().rev() {
            *value += 1;
            if *value < *count {
                return true;
            }
            *value = 0;
        }
        false
    }

    /// Returns how many alternatives there are.
    pub(super) fn count(&self) -> usize {
        let counts = self.digits.iter().map(|(_, count)| *count);
        counts.fold(1, usize::saturating_mul)
    }
}

/// Returns the patterns of a choice, in order; `None` where a name is none.
pub(super) fn patterns(name: &Name) -> Option<Vec<Name>> {
    let inside = name.text.strip_prefix("any-of(")?.strip_suffix(')')?;
    let name = |text: &str| Name { text: text.trim().to_owned(), span: name.span.clone() };
    Some(inside.split(',').map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_is_met_once() {
        let mut choices = Choices::default();
        let mut met = Vec::new();
        loop {
            met.push((choices.of(2), choices.of(1), choices.of(3)));
            if !choices.advance() {
                break;
            }
        }
        assert_eq!(choices.count(), 6);
        assert_eq!(met.first(), Some(&(0, 0, 0)));
        assert_eq!(met.len(), 6);
        met.dedup();
        assert_eq!(met.len(), 6);
    }
}
