//! The time of day that networks tell: the world's start plus virtual time.

use polysim_base::Instant;
use polysim_sms::Timestamp;

const DAY_S: i64 = 86_400;
const QUARTER_S: i64 = 15 * 60;

/// Universal time of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Seconds since the Unix epoch at the world's start.
    pub(crate) unix_start_s: u64,
}

impl Clock {
    /// Returns the seconds since the Unix epoch.
    pub(crate) const fn unix_s(self, now: Instant) -> u64 {
        self.unix_start_s.saturating_add(now.as_micros() / 1_000_000)
    }

    /// Returns local time as a service centre stamps it (TS 23.040, 9.2.3.11).
    pub(crate) fn timestamp(self, now: Instant, zone_quarters: i8) -> Timestamp {
        let utc = i64::try_from(self.unix_s(now)).unwrap_or(i64::MAX / 2);
        let local = utc.saturating_add(i64::from(zone_quarters) * QUARTER_S);
        let (year, month, day) = civil(local.div_euclid(DAY_S));
        let second = local.rem_euclid(DAY_S);
        let small = |n: i64| u8::try_from(n).unwrap_or(0);
        Timestamp::new(
            (small(year.rem_euclid(100)), small(month), small(day)),
            (small(second / 3_600), small(second / 60 % 60), small(second % 60)),
            zone_quarters,
        )
        .unwrap_or_default()
    }

    /// Returns the moment of a timestamp, zero where it lies before the world's start. The
    /// century is the one that brings it closest to now.
    pub(crate) fn instant(self, now: Instant, stamp: &Timestamp) -> Instant {
        let (year, month, day) = stamp.date();
        let (hour, minute, second) = stamp.time();
        let today = i64::try_from(self.unix_s(now)).unwrap_or(i64::MAX / 2) / DAY_S;
        let century = civil(today).0.div_euclid(100) * 100;
        let date = |century: i64| days(century + i64::from(year), i64::from(month), i64::from(day));
        let days = [century - 100, century, century + 100]
            .into_iter()
            .map(date)
            .min_by_key(|days| days.abs_diff(today))
            .unwrap_or(today);
        let time = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        let unix = days * DAY_S + time - i64::from(stamp.zone_quarters()) * QUARTER_S;
        let since_start = u64::try_from(unix).unwrap_or(0).saturating_sub(self.unix_start_s);
        Instant::from_micros(since_start.saturating_mul(1_000_000))
    }
}

/// Year, month and day of a day counted from the Unix epoch, in the Gregorian calendar.
const fn civil(day: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last of a year; an era is 400 years.
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The day of a date, counted from the Unix epoch; a day or month of 0 counts on.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments_are_stamped() {
        let stamp =
            |unix_start_s, zone| Clock { unix_start_s }.timestamp(Instant::ZERO, zone).to_string();
        assert_eq!(stamp(0, 0), "70-01-01 00:00:00+00:00");
        assert_eq!(stamp(951_782_400, 0), "00-02-29 00:00:00+00:00");
        assert_eq!(stamp(1_700_000_000, 32), "23-11-15 06:13:20+08:00");
        assert_eq!(stamp(1_700_000_000, -14), "23-11-14 18:43:20-03:30");
    }

    proptest! {
        #[test]
        fn a_stamp_leads_back(start in 0_u64..4_000_000_000, secs in 0_u64..10_000_000, zone in -48_i8..=56) {
            let clock = Clock { unix_start_s: start };
            let now = Instant::from_micros(secs * 1_000_000);
            prop_assert_eq!(clock.instant(now, &clock.timestamp(now, zone)), now);
        }
    }
}
