use crate::SiteId;
use alloc::collections::VecDeque;

/// Of how many sites it is remembered what they said by USSD last.
const SITES_MAX: usize = 64;

/// What sites said by USSD: each says it more than once.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Dialogues(VecDeque<(SiteId, u64)>);

impl Dialogues {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Takes note of what a site says, and returns whether it is the first time.
    pub(super) fn is_news(&mut self, site: SiteId, number: u64) -> bool {
        if let Some((_, last)) = self.0.iter_mut().find(|(known, _)| *known == site) {
            let news = number > *last;
            *last = number.max(*last);
            return news;
        }
        if self.0.len() == SITES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((site, number));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_says_again_is_no_news() {
        let mut dialogues = Dialogues::new();
        let said = [(1, 5), (1, 5), (2, 5), (1, 6), (1, 5)];
        let news = said.map(|(site, number)| dialogues.is_news(SiteId(site), number));
        assert_eq!(news, [true, false, true, true, false]);
    }
}
