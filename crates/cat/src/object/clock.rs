//! Timers and the clock.

use alloc::vec::Vec;

use crate::{
    error::{Flaw, OutOfRange},
    object::Object,
};

/// One of the eight timers of a terminal (TS 102.223, 8.37).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TimerId(u8);

/// How many timers a terminal has.
pub const TIMERS: u8 = 8;

impl TimerId {
    /// Returns the timer of a number, 1 to 8.
    ///
    /// # Errors
    /// [`OutOfRange`] for another number.
    pub fn new(number: u8) -> Result<Self, OutOfRange> {
        in_range("timer", number, 1, TIMERS).map(Self)
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Object for TimerId {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let number = value.first().ok_or(Flaw::Length)?;
        Self::new(*number).map_err(|_| Flaw::Contents(0))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
}

/// The value of a timer, up to 24 hours (TS 102.223, 8.38).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TimerValue {
    hours: u8,
    minutes: u8,
    seconds: u8,
}

impl TimerValue {
    /// Returns the value of 0 to 24 hours, 0 to 59 minutes and seconds.
    ///
    /// # Errors
    /// [`OutOfRange`] names what is too great.
    pub fn new(hours: u8, minutes: u8, seconds: u8) -> Result<Self, OutOfRange> {
        Ok(Self {
            hours: in_range("hours", hours, 0, 24)?,
            minutes: in_range("minutes", minutes, 0, 59)?,
            seconds: in_range("seconds", seconds, 0, 59)?,
        })
    }

    /// Returns the value of a span of time in whole seconds; what is longer counts as 24 hours.
    #[must_use]
    pub fn of_span(span: polysim_base::Duration) -> Self {
        let seconds = span.as_secs().min(24 * 3_600);
        let [hours, minutes, seconds] = [seconds / 3_600, seconds / 60 % 60, seconds % 60]
            .map(|number| u8::try_from(number).unwrap_or(0));
        Self { hours, minutes, seconds }
    }

    /// Returns the span of time.
    #[must_use]
    pub fn span(self) -> polysim_base::Duration {
        let [hours, minutes, seconds] = [self.hours, self.minutes, self.seconds].map(u64::from);
        polysim_base::Duration::from_secs(hours * 3_600 + minutes * 60 + seconds)
    }
}

impl Object for TimerValue {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [hours, minutes, seconds, ..] = value else { return Err(Flaw::Length) };
        let value = Self {
            hours: decimal(*hours, 0, 24).ok_or(Flaw::Contents(0))?,
            minutes: decimal(*minutes, 0, 59).ok_or(Flaw::Contents(1))?,
            seconds: decimal(*seconds, 0, 59).ok_or(Flaw::Contents(2))?,
        };
        Ok(value)
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([self.hours, self.minutes, self.seconds].map(swapped));
    }
}

/// Date, time and time zone, coded as in TS 23.040 (9.2.3.11) (TS 102.223, 8.39).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DateTime {
    year: u8,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    zone_quarters: Option<i8>,
}

/// The zone octet of a terminal that does not know its zone.
const ZONE_UNKNOWN: u8 = 0xFF;
/// The greatest offset a zone can have, in quarters of an hour.
const ZONE_MAX: u8 = 79;

impl DateTime {
    /// Returns a moment: year of the century, month and day; hour, minute and second; the zone's
    /// offset in quarters of an hour, -79 to 79, if it is known.
    ///
    /// # Errors
    /// [`OutOfRange`] names what is not possible.
    pub fn new(
        (year, month, day): (u8, u8, u8),
        (hour, minute, second): (u8, u8, u8),
        zone_quarters: Option<i8>,
    ) -> Result<Self, OutOfRange> {
        in_range("zone", zone_quarters.unwrap_or(0).unsigned_abs(), 0, ZONE_MAX)?;
        Ok(Self {
            year: in_range("year", year, 0, 99)?,
            month: in_range("month", month, 1, 12)?,
            day: in_range("day", day, 1, 31)?,
            hour: in_range("hour", hour, 0, 23)?,
            minute: in_range("minute", minute, 0, 59)?,
            second: in_range("second", second, 0, 59)?,
            zone_quarters,
        })
    }

    /// Returns year of the century, month and day.
    #[must_use]
    pub const fn date(self) -> (u8, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Returns hour, minute and second.
    #[must_use]
    pub const fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// Returns the zone's offset in quarters of an hour, if it is known.
    #[must_use]
    pub const fn zone_quarters(self) -> Option<i8> {
        self.zone_quarters
    }
}

impl Object for DateTime {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [year, month, day, hour, minute, second, zone, ..] = value else {
            return Err(Flaw::Length);
        };
        let zone_quarters = match *zone {
            ZONE_UNKNOWN => None,
            octet => {
                // Bit 4 is the sign, in the tens of the swapped digits.
                let quarters = decimal(octet & !0x08, 0, ZONE_MAX).ok_or(Flaw::Contents(6))?;
                let quarters = quarters.cast_signed();
                Some(if octet & 0x08 == 0 { quarters } else { -quarters })
            }
        };
        Ok(Self {
            year: decimal(*year, 0, 99).ok_or(Flaw::Contents(0))?,
            month: decimal(*month, 1, 12).ok_or(Flaw::Contents(1))?,
            day: decimal(*day, 1, 31).ok_or(Flaw::Contents(2))?,
            hour: decimal(*hour, 0, 23).ok_or(Flaw::Contents(3))?,
            minute: decimal(*minute, 0, 59).ok_or(Flaw::Contents(4))?,
            second: decimal(*second, 0, 59).ok_or(Flaw::Contents(5))?,
            zone_quarters,
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        let clock = [self.year, self.month, self.day, self.hour, self.minute, self.second];
        out.extend(clock.map(swapped));
        out.push(match self.zone_quarters {
            None => ZONE_UNKNOWN,
            Some(quarters) => {
                swapped(quarters.unsigned_abs()) | if quarters < 0 { 0x08 } else { 0x00 }
            }
        });
    }
}

fn in_range(field: &'static str, number: u8, least: u8, most: u8) -> Result<u8, OutOfRange> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let [found, least, most] = [number, least, most].map(usize::from);
    Err(OutOfRange { field, found, least, most })
}

/// Writes a number below 100 as two digits, the tens in the low nibble.
const fn swapped(number: u8) -> u8 {
    ((number % 10) << 4) | (number / 10 % 10)
}

fn decimal(octet: u8, least: u8, most: u8) -> Option<u8> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    let number = tens * 10 + units;
    (tens < 10 && units < 10 && (least..=most).contains(&number)).then_some(number)
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{DateTime, TIMERS, TimerId, TimerValue};
    use crate::sample::{Draw, Sample};

    impl Sample for TimerId {
        fn sample(draw: &mut Draw) -> Self {
            Self(1 + draw.below(TIMERS))
        }
    }

    impl Sample for TimerValue {
        fn sample(draw: &mut Draw) -> Self {
            let (hours, minutes, seconds) = (draw.below(25), draw.below(60), draw.below(60));
            Self { hours, minutes, seconds }
        }
    }

    impl Sample for DateTime {
        fn sample(draw: &mut Draw) -> Self {
            let quarters = draw.below(80).cast_signed();
            let zone = Option::<bool>::sample(draw);
            Self {
                year: draw.below(100),
                month: 1 + draw.below(12),
                day: 1 + draw.below(31),
                hour: draw.below(24),
                minute: draw.below(60),
                second: draw.below(60),
                zone_quarters: zone.map(|east| if east { quarters } else { -quarters }),
            }
        }
    }
}
