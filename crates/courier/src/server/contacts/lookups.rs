//! About how many numbers an account may ask: whoever asks about all numbers has a list of all that are
//! registered.

use alloc::collections::BTreeMap;

use polysim_base::{Duration, Instant, Msisdn};

use crate::DeviceId;
use crate::rate::{Allowance, Bucket};
use crate::server::{Limits, Server};

/// A number that is asked about, in what comes back in an hour of what may be asked in a day.
const NUMBER: u64 = 24;
/// With more accounts than this those that may ask everything again are forgotten.
const KEPT: usize = 1_024;

/// What accounts have asked lately. It does not survive a crash.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Lookups {
    of: BTreeMap<Msisdn, Bucket>,
    /// With so many accounts it is looked for some to forget.
    crowded: usize,
}

impl Lookups {
    /// Asks about so many numbers, or none.
    ///
    /// # Errors
    /// After which time the account may ask that.
    fn take(
        &mut self,
        now: Instant,
        account: Msisdn,
        numbers: u64,
        limits: &Limits,
    ) -> Result<(), Duration> {
        if numbers == 0 {
            return Ok(());
        }
        if self.of.len() >= self.crowded.max(KEPT) {
            self.of.retain(|_, bucket| !bucket.is_full(now));
            self.crowded = self.of.len().saturating_mul(2);
        }
        // Whatever is configured, the contacts of a device fit.
        let per_day = u64::from(limits.lookups_per_day.max(u32::from(limits.contacts)));
        let of = Allowance { per_hour: per_day, burst: per_day.saturating_mul(NUMBER) };
        let bucket = self.of.entry(account).or_insert(Bucket::FULL);
        bucket.take(now, numbers.saturating_mul(NUMBER), of).map_err(|at| at.since(now))
    }
}

impl Server {
    /// A device is about to learn of so many numbers whether they are registered.
    ///
    /// # Errors
    /// After which time it may.
    pub(in crate::server) fn look_up(
        &mut self,
        now: Instant,
        device: DeviceId,
        numbers: usize,
    ) -> Result<(), Duration> {
        let Some(account) = self.accounts.number_of(device) else { return Ok(()) };
        let numbers = u64::try_from(numbers).unwrap_or(u64::MAX);
        self.contacts.lookups.take(now, account, numbers, &self.desk.config.limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Instant {
        Instant::ZERO.plus(Duration::from_secs(secs))
    }

    fn number(n: u64) -> Msisdn {
        Msisdn::parse(&alloc::format!("{}", 49_170_000_000 + n)).unwrap()
    }

    #[test]
    fn an_account_asks_what_it_may_in_a_day_and_waits_then() {
        let limits = Limits { lookups_per_day: 86_400, ..Limits::default() };
        let mut lookups = Lookups::default();
        assert_eq!(lookups.take(at(0), number(1), 86_400, &limits), Ok(()));
        assert_eq!(lookups.take(at(0), number(1), 7, &limits), Err(Duration::from_secs(7)));
        assert_eq!(lookups.take(at(0), number(1), 0, &limits), Ok(()), "nothing is free");
        assert_eq!(lookups.take(at(0), number(2), 7, &limits), Ok(()), "others are not hindered");
        assert_eq!(lookups.take(at(7), number(1), 7, &limits), Ok(()));
    }

    #[test]
    fn who_may_ask_everything_again_is_forgotten_and_nobody_else() {
        let limits = Limits::default();
        let mut lookups = Lookups::default();
        for n in 0..10_000 {
            // In an hour more comes back than this.
            lookups.take(at(n * 3_600), number(n), 100, &limits).unwrap();
        }
        assert!(lookups.of.len() <= 2 * KEPT, "{}", lookups.of.len());
        let mut lookups = Lookups::default();
        for n in 0..3_000 {
            lookups.take(at(0), number(n), 10_000, &limits).unwrap();
        }
        assert_eq!(lookups.of.len(), 3_000);
    }
}
