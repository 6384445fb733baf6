//! The clock: set by the network (NITZ) or by a host, run by the device's time (TS 22.042).

use crate::core::Core;
use crate::effects::Effects;
use crate::radio::Told;
use crate::urc::Notice;
use polysim_at::{Clock, Zone, ZonelessClock};
use polysim_base::Instant;
use polysim_radio::air::Information;

/// 1980-01-06, where clocks start that nobody set.
const UNSET: u32 = 315_964_800;
const DAY: i64 = 86_400;

/// What makes local time of the device's time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Clockwork {
    /// Unix time at the device's time zero.
    offset_s: u32,
    /// Local time zone, daylight saving included.
    zone: Zone,
}

impl Default for Clockwork {
    fn default() -> Self {
        Self { offset_s: UNSET, zone: Zone::default() }
    }
}

impl Clockwork {
    fn unix(&self, now: Instant) -> i64 {
        i64::from(self.offset_s) + elapsed(now)
    }

    /// It is `unix` now.
    fn start_at(&mut self, now: Instant, unix: i64) {
        let offset = unix.saturating_sub(elapsed(now));
        self.offset_s = u32::try_from(offset.max(0)).unwrap_or(u32::MAX);
    }

    /// Local time.
    pub(crate) fn local(&self, now: Instant) -> Option<Clock> {
        let local = self.unix(now) + i64::from(self.zone.quarters()) * 900;
        Clock::new(fields(local), Some(self.zone))
    }

    /// Sets local time; the zone stays if none is given.
    pub(crate) fn set(&mut self, now: Instant, clock: Clock) {
        self.zone = clock.zone().unwrap_or(self.zone);
        let utc = seconds(clock.fields()) - i64::from(self.zone.quarters()) * 900;
        self.start_at(now, utc);
    }
}

impl Core {
    /// MM, GMM or EMM INFORMATION.
    pub(crate) fn informed(&mut self, fx: &mut Effects, information: Box<Information>) {
        if self.zone_updates {
            self.take_time(fx, &information);
        }
        self.names = Some(Told { full: information.full_name, short: information.short_name });
    }

    fn take_time(&mut self, fx: &mut Effects, told: &Information) {
        let Some(zone) = Zone::from_quarters(told.zone_quarters) else {
            return;
        };
        let changed = self.clock.zone != zone || self.clock.offset_s == UNSET;
        self.clock.zone = zone;
        let told_s = i64::try_from(told.unix_s).unwrap_or(i64::MAX);
        self.clock.start_at(fx.now, told_s);
        if changed {
            let clock = ZonelessClock::new(fields(told_s));
            fx.notice(Notice::Zone { zone, daylight: told.daylight_h, clock });
        }
    }
}

/// Seconds since the start of the device's time.
fn elapsed(now: Instant) -> i64 {
    i64::try_from(now.as_micros() / 1_000_000).unwrap_or(i64::MAX)
}

/// `[year of the century, month, day, hour, minute, second]` of Unix time, in the proleptic
/// Gregorian calendar.
fn fields(unix: i64) -> [u8; 6] {
    let unix = unix.max(0);
    let (days, time) = (unix / DAY, unix % DAY);
    // Years from 1 March, so that the leap day is the last one.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    [year % 100, month, day, time / 3_600, time / 60 % 60, time % 60]
        .map(|field| u8::try_from(field).unwrap_or(0))
}

/// Unix time of such fields; years from 70 on are those of the last century.
fn seconds([year, month, day, hour, minute, second]: [u8; 6]) -> i64 {
    let century = if year < 70 { 2_000 } else { 1_900 };
    let year = i64::from(year) + century - i64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    days * DAY + i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_dates_come_out() {
        assert_eq!(fields(0), [70, 1, 1, 0, 0, 0]);
        assert_eq!(fields(UNSET.into()), [80, 1, 6, 0, 0, 0]);
        assert_eq!(fields(1_709_210_096), [24, 2, 29, 12, 34, 56]);
    }

    #[test]
    fn a_clock_that_was_set_runs_on() {
        let mut clock = Clockwork::default();
        let zone = Zone::from_quarters(8);
        let set = Clock::new([26, 3, 1, 0, 30, 0], zone).unwrap();
        clock.set(Instant::from_micros(5_000_000), set);
        let later = clock.local(Instant::from_micros(65_000_000)).unwrap();
        assert_eq!(later.fields(), [26, 3, 1, 0, 31, 0]);
        assert_eq!(later.zone(), zone);
    }

    proptest! {
        #[test]
        fn seconds_and_fields_agree(unix in 0_i64..3_155_000_000) {
            prop_assert_eq!(seconds(fields(unix)), unix);
        }
    }
}
