//! How many codes were sent to whom: sliding windows of an hour and of a day.

use alloc::collections::{BTreeMap, VecDeque};

use polysim_base::{Duration, Instant, Msisdn};

use crate::TenantId;
use crate::server::{Country, Kept, Limits};
use crate::wire::Refusal;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Codes that are remembered, and so sent in a day, at all.
const CODES_MAX: usize = 1_000_000;

/// The codes of a day, and how many of them went to whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Windows {
    /// All of a day, the oldest first.
    codes: VecDeque<(Instant, Msisdn, TenantId)>,
    /// How many of them, from the oldest, are older than an hour.
    older: usize,
    numbers: Times<Msisdn>,
    ranges: Times<u64>,
    countries: Times<usize>,
    tenants: Times<TenantId>,
}

/// When the codes of each were sent, the oldest first.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Times<K>(BTreeMap<K, VecDeque<Instant>>);

impl<K> Default for Times<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl Windows {
    /// Returns why no code may be sent now.
    pub(super) fn refusal(
        &self,
        now: Instant,
        number: &Msisdn,
        tenant: TenantId,
        limits: &Limits,
    ) -> Option<Refusal> {
        let country = match country(number, &limits.countries) {
            Some((_, 0)) => return Some(Refusal::Country),
            Some((which, limit)) => {
                self.countries.wait(now, &which, count(limit), HOUR).map(Refusal::CountryLimit)
            }
            None if limits.countries.is_empty() => None,
            None => return Some(Refusal::Country),
        };
        let per_number = self.numbers.wait(now, number, usize::from(limits.per_number), HOUR);
        let per_range = self.ranges.wait(now, &range(number), usize::from(limits.per_range), HOUR);
        let per_tenant = self.tenants.wait(now, &tenant, count(limits.per_tenant), DAY);
        let in_all = (self.codes.len() >= CODES_MAX).then_some(HOUR);
        let refusals = [
            per_number.map(Refusal::NumberLimit),
            per_range.map(Refusal::RangeLimit),
            country,
            per_tenant.or(in_all).map(Refusal::TenantLimit),
        ];
        refusals.into_iter().flatten().next()
    }

    /// A code was sent.
    pub(super) fn count(
        &mut self,
        at: Instant,
        number: Msisdn,
        tenant: TenantId,
        countries: &[Country],
    ) {
        self.forget(at, countries);
        self.codes.push_back((at, number, tenant));
        self.numbers.push(number, at);
        self.ranges.push(range(&number), at);
        if let Some((which, _)) = country(&number, countries) {
            self.countries.push(which, at);
        }
        self.tenants.push(tenant, at);
    }

    /// Forgets what is older than the windows.
    pub(super) fn forget(&mut self, now: Instant, countries: &[Country]) {
        while let Some((at, number, _)) = self.codes.get(self.older)
            && at.plus(HOUR) <= now
        {
            self.numbers.forget(number);
            self.ranges.forget(&range(number));
            if let Some((which, _)) = country(number, countries) {
                self.countries.forget(&which);
            }
            self.older += 1;
        }
        while let Some((at, _, tenant)) = self.codes.front()
            && at.plus(DAY) <= now
            && self.older > 0
        {
            self.tenants.forget(tenant);
            self.codes.pop_front();
            self.older -= 1;
        }
    }

    /// Returns what a checkpoint keeps.
    pub(super) fn checkpoint(&self) -> impl Iterator<Item = Kept> {
        self.codes.iter().map(|&(at, number, tenant)| Kept::Code { at, number, tenant })
    }
}

impl<K: Ord> Times<K> {
    fn push(&mut self, of: K, at: Instant) {
        self.0.entry(of).or_default().push_back(at);
    }

    fn forget(&mut self, of: &K) {
        if let Some(times) = self.0.get_mut(of) {
            times.pop_front();
            if times.is_empty() {
                self.0.remove(of);
            }
        }
    }

    /// Returns how long to wait until there are fewer than `limit` within the window.
    fn wait(&self, now: Instant, of: &K, limit: usize, window: Duration) -> Option<Duration> {
        if limit == 0 {
            return Some(window);
        }
        let times = self.0.get(of)?;
        let leaves = times.get(times.len().checked_sub(limit)?)?.plus(window);
        (leaves > now).then(|| leaves.since(now))
    }
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// All but the last two digits.
fn range(number: &Msisdn) -> u64 {
    number.digits().fold(0, |all, digit| all * 10 + u64::from(digit)) / 100
}

/// Returns which country's number it is, by the longest code, and how many codes go there in an hour.
fn country(number: &Msisdn, countries: &[Country]) -> Option<(usize, u32)> {
    let begins = |code: &str| {
        let mut digits = number.digits();
        code.bytes().all(|digit| digits.next() == digit.checked_sub(b'0'))
    };
    let of = countries.iter().enumerate().filter(|(_, country)| begins(&country.code));
    let (which, country) = of.max_by_key(|(_, country)| country.code.len())?;
    Some((which, country.per_hour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn number(n: u64) -> Msisdn {
        Msisdn::parse(&std::format!("{n}")).unwrap()
    }

    fn countries() -> Vec<Country> {
        [("1", 3), ("1242", 0), ("49", 4)]
            .map(|(code, per_hour)| Country { code: String::from(code), per_hour })
            .into()
    }

    fn limits() -> Limits {
        let countries = countries();
        Limits { per_number: 2, per_range: 3, per_tenant: 6, countries, ..Limits::default() }
    }

    #[test]
    fn the_longest_country_code_tells_the_country() {
        assert_eq!(country(&number(12_125_550_000), &countries()), Some((0, 3)));
        assert_eq!(country(&number(12_425_550_000), &countries()), Some((1, 0)));
        assert_eq!(country(&number(33_100_000_000), &countries()), None);
        let refusal =
            |n| Windows::default().refusal(Instant::ZERO, &number(n), TenantId(0), &limits());
        assert_eq!(refusal(12_425_550_000), Some(Refusal::Country));
        assert_eq!(refusal(33_100_000_000), Some(Refusal::Country));
        assert_eq!(refusal(49_100_000_000), None);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_its_limit(
            asks in prop::collection::vec((0_u64..1_200, 0_u64..4, 0_u32..2), 0..200),
        ) {
            let (limits, mut windows, mut now) = (limits(), Windows::default(), Instant::ZERO);
            let mut sent: Vec<(Instant, u64, u32)> = vec![];
            for (pause, which, tenant) in asks {
                now = now.plus(Duration::from_secs(pause));
                let n = [49_100_000_000, 49_100_000_001, 49_100_000_100, 12_125_550_000]
                    [usize::try_from(which).unwrap()];
                let within = |window, like: &dyn Fn(u64, u32) -> bool| {
                    let recent = |at: Instant| at.plus(window) > now;
                    sent.iter().filter(|(at, n, tenant)| recent(*at) && like(*n, *tenant)).count()
                };
                let free = within(HOUR, &|it, _| it == n) < 2
                    && within(HOUR, &|it, _| it / 100 == n / 100) < 3
                    && within(HOUR, &|it, _| (it < 20_000_000_000) == (n < 20_000_000_000))
                        < if n < 20_000_000_000 { 3 } else { 4 }
                    && within(DAY, &|_, it| it == tenant) < 6;
                windows.forget(now, &limits.countries);
                let refusal = windows.refusal(now, &number(n), TenantId(tenant), &limits);
                prop_assert_eq!(refusal.is_none(), free, "{:?}", refusal);
                if free {
                    windows.count(now, number(n), TenantId(tenant), &limits.countries);
                    sent.push((now, n, tenant));
                }
            }
            windows.forget(now.plus(DAY), &limits.countries);
            prop_assert_eq!(windows, Windows::default());
        }
    }
}
