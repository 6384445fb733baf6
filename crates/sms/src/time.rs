//! TP-Service-Centre-Time-Stamp and TP-Discharge-Time (TS 23.040, 9.2.3.11 and 9.2.3.13).

use core::fmt;

/// A moment of the service centre's clock, two digits of the year, with its time zone.
///
/// All seven octets are stored as received: a nibble that is no digit counts as 0 when the value
/// is read, yet the field stays what it was (TS 23.040, 9.2.3.11).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Timestamp([u8; 7]);

/// Why numbers are no timestamp.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field} {value} is out of range")]
pub struct InvalidTimestamp {
    /// Which number.
    pub field: &'static str,
    /// What it is.
    pub value: i16,
}

const SECONDS_OF_DAY: u64 = 24 * 60 * 60;
const SECONDS_OF_QUARTER: i64 = 15 * 60;

/// The greatest offset a time zone can say: 79 quarters of an hour.
pub const ZONE_QUARTERS_MAX: i8 = 79;

impl Timestamp {
    /// Returns a timestamp of a year 0 to 99, month 1 to 12, day 1 to 31, hour, minute and second,
    /// and the zone's offset from GMT in quarters of an hour, -79 to 79.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] for a number out of range.
    pub fn new(
        (year, month, day): (u8, u8, u8),
        (hour, minute, second): (u8, u8, u8),
        zone_quarters: i8,
    ) -> Result<Self, InvalidTimestamp> {
        let ranges = [
            ("year", year, 0, 99),
            ("month", month, 1, 12),
            ("day", day, 1, 31),
            ("hour", hour, 0, 23),
            ("minute", minute, 0, 59),
            ("second", second, 0, 59),
        ];
        for (field, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                let value = i16::from(value);
                return Err(InvalidTimestamp { field, value });
            }
        }
        let quarters = zone_quarters.unsigned_abs();
        if quarters > ZONE_QUARTERS_MAX.unsigned_abs() {
            let value = i16::from(zone_quarters);
            return Err(InvalidTimestamp { field: "zone", value });
        }
        let sign = if zone_quarters < 0 { 0x08 } else { 0x00 };
        let [year, month, day, hour, minute, second] =
            [year, month, day, hour, minute, second].map(swapped);
        let zone = swapped(quarters) | sign;
        Ok(Self([year, month, day, hour, minute, second, zone]))
    }

    /// Returns the timestamp of a moment in seconds since 1970, shown in a zone given in quarters
    /// of an hour; the century is lost.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] for a zone out of range.
    pub fn from_unix(seconds: u64, zone_quarters: i8) -> Result<Self, InvalidTimestamp> {
        let offset = i64::from(zone_quarters) * SECONDS_OF_QUARTER;
        let local = seconds.saturating_add_signed(offset);
        let (days, second) = (local / SECONDS_OF_DAY, local % SECONDS_OF_DAY);
        let clock = [second / 3_600, second / 60 % 60, second % 60];
        let [hour, minute, second] = clock.map(|n| u8::try_from(n).unwrap_or(0));
        Self::new(civil(days), (hour, minute, second), zone_quarters)
    }

    /// Returns the moment in seconds since 1970, in the years 1970 to 2069; nothing if the
    /// timestamp is not valid.
    #[must_use]
    pub fn unix_seconds(&self) -> Option<u64> {
        if !self.is_valid() {
            return None;
        }
        let ((year, month, day), (hour, minute, second)) = (self.date(), self.time());
        let days = days(year, month, day);
        let clock = u64::from(hour) * 3_600 + u64::from(minute) * 60 + u64::from(second);
        let offset = i64::from(self.zone_quarters()) * SECONDS_OF_QUARTER;
        (days * SECONDS_OF_DAY + clock).checked_add_signed(-offset)
    }

    /// Returns the timestamp of these seven octets, whatever they are.
    #[must_use]
    pub const fn from_octets(octets: [u8; 7]) -> Self {
        Self(octets)
    }

    /// Returns the seven octets as on the wire.
    #[must_use]
    pub const fn octets(&self) -> [u8; 7] {
        self.0
    }

    /// Returns year (0 to 99), month and day.
    #[must_use]
    pub const fn date(&self) -> (u8, u8, u8) {
        let [year, month, day, ..] = self.0;
        (decimal(year), decimal(month), decimal(day))
    }

    /// Returns hour, minute and second.
    #[must_use]
    pub const fn time(&self) -> (u8, u8, u8) {
        let [_, _, _, hour, minute, second, _] = self.0;
        (decimal(hour), decimal(minute), decimal(second))
    }

    /// Returns the zone's offset from GMT in quarters of an hour.
    #[must_use]
    pub const fn zone_quarters(&self) -> i8 {
        let [.., zone] = self.0;
        // At most 7 * 10 + 9: the sign takes the top bit of the tens.
        let quarters = decimal(zone & !0x08).cast_signed();
        if zone & 0x08 == 0 { quarters } else { -quarters }
    }

    /// Returns whether every number is a decimal in its range.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        Self::new(self.date(), self.time(), self.zone_quarters()).is_ok_and(|canonical| {
            // "Minus zero" is a legal zone.
            let [mut ours, mut theirs] = [self.0, canonical.0];
            if let ([.., a], [.., b]) = (&mut ours, &mut theirs)
                && *a & !0x08 == 0
            {
                (*a, *b) = (0, 0);
            }
            ours == theirs
        })
    }
}

/// `26-11-22 02:14:05+01:00`, as `+CMGR` in text mode has it but for the zone.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), (hour, minute, second)) = (self.date(), self.time());
        let zone = self.zone_quarters();
        let sign = if zone < 0 { '-' } else { '+' };
        let (zone_hours, zone_minutes) = (zone.unsigned_abs() / 4, zone.unsigned_abs() % 4 * 15);
        write!(
            f,
            "{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}\
             {sign}{zone_hours:02}:{zone_minutes:02}"
        )
    }
}

/// Writes a number below 100 as swapped semi-octets.
pub(crate) const fn swapped(value: u8) -> u8 {
    ((value % 10) << 4) | (value / 10 % 10)
}

/// Reads swapped semi-octets; a nibble that is no digit counts as 0.
const fn decimal(octet: u8) -> u8 {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    let tens = if tens > 9 { 0 } else { tens };
    let units = if units > 9 { 0 } else { units };
    tens * 10 + units
}

/// Days of four years, one of them a leap year.
const FOUR_YEARS: u64 = 4 * 365 + 1;
/// Days before each month, counted from March, so that a leap day comes last.
const DAYS_BEFORE: [u64; 12] = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337];
/// Days from 1 March 1968, a leap year, to 1970.
const DAYS_BEFORE_1970: u64 = 671;

/// Year of the century, month and day of a day since 1970; every fourth year is a leap year, as
/// it is up to 2099.
fn civil(days: u64) -> (u8, u8, u8) {
    let days = days.saturating_add(DAYS_BEFORE_1970);
    let (cycle, day) = (days / FOUR_YEARS, days % FOUR_YEARS);
    let year = (day / 365).min(3);
    let day = day - year * 365;
    let after_march = DAYS_BEFORE.partition_point(|before| *before <= day) - 1;
    let first = DAYS_BEFORE.get(after_march).copied().unwrap_or(0);
    let month = (after_march + 2) % 12 + 1;
    let year = 68 + cycle * 4 + year + u64::from(month <= 2);
    let octet = |n: u64| u8::try_from(n).unwrap_or(0);
    (octet(year % 100), u8::try_from(month).unwrap_or(1), octet(day - first + 1))
}

/// Days since 1970 of a date in the years 1970 to 2069.
fn days(year: u8, month: u8, day: u8) -> u64 {
    let since_1968 = u64::from(if year >= 70 { year - 68 } else { year + 32 });
    let year = since_1968 - u64::from(month <= 2);
    let after_march = (usize::from(month) + 9) % 12;
    let before = DAYS_BEFORE.get(after_march).copied().unwrap_or(0);
    let days = year / 4 * FOUR_YEARS + year % 4 * 365 + before + u64::from(day) - 1;
    days.saturating_sub(DAYS_BEFORE_1970)
}
