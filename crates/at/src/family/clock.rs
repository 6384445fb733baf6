//! Clock and time zone (TS 27.007, 8.15, 8.40, 8.41).

use alloc::vec::Vec;

use crate::wire::{Arg, ArgProblem, Param, lines, params, parse_uint};

/// A time zone in quarters of an hour, -96 to 96.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Zone(i8);

impl Zone {
    /// Takes quarters of an hour east of Greenwich; `None` beyond 96 either way.
    #[must_use]
    pub const fn from_quarters(quarters: i8) -> Option<Self> {
        if quarters.unsigned_abs() <= 96 { Some(Self(quarters)) } else { None }
    }

    /// Returns quarters of an hour east of Greenwich.
    #[must_use]
    pub const fn quarters(self) -> i8 {
        self.0
    }

    fn put(self, out: &mut Vec<u8>) {
        out.push(if self.0 < 0 { b'-' } else { b'+' });
        put_two(self.0.unsigned_abs(), out);
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (sign, digits) = text.split_first()?;
        let quarters = i8::try_from(parse_uint(digits).ok()?).ok()?;
        match sign {
            b'+' => Self::from_quarters(quarters),
            b'-' => Self::from_quarters(-quarters),
            _ => None,
        }
    }
}

impl Param for Zone {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        self.put(out);
        out.push(b'"');
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        match arg {
            Arg::Missing => Err(ArgProblem::Missing),
            Arg::Bare(text) | Arg::Quoted(text) => Self::parse(text).ok_or(ArgProblem::OutOfRange),
        }
    }
}

/// A date and time of day as the clock shows it: `"yy/MM/dd,hh:mm:ss±zz"`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Clock {
    fields: [u8; 6],
    zone: Option<Zone>,
}

impl Clock {
    /// Takes `[year of the century, month, day, hour, minute, second]`; `None` if one of them is
    /// out of its range. Months are not checked for their number of days.
    #[must_use]
    pub fn new(fields: [u8; 6], zone: Option<Zone>) -> Option<Self> {
        let [year, month, day, hour, minute, second] = fields;
        let valid = year <= 99
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 59;
        valid.then_some(Self { fields, zone })
    }

    /// Returns `[year of the century, month, day, hour, minute, second]`.
    #[must_use]
    pub const fn fields(self) -> [u8; 6] {
        self.fields
    }

    /// Returns the offset of this local time, if it is told.
    #[must_use]
    pub const fn zone(self) -> Option<Zone> {
        self.zone
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (head, tail) = text.split_at_checked(17)?;
        let mut fields = [0; 6];
        for (field, group) in fields.iter_mut().zip(head.chunks(3)) {
            let (&[tens, units], _) = group.split_first_chunk::<2>()?;
            if !tens.is_ascii_digit() || !units.is_ascii_digit() {
                return None;
            }
            *field = (tens - b'0') * 10 + units - b'0';
        }
        let separators = head.iter().skip(2).step_by(3);
        if !separators.eq(b"//,::") {
            return None;
        }
        let zone = if tail.is_empty() { None } else { Some(Zone::parse(tail)?) };
        Self::new(fields, zone)
    }
}

impl Param for Clock {
    fn encode(&self, out: &mut Vec<u8>) {
        for (field, separator) in self.fields.into_iter().zip(b"\"//,::") {
            out.push(*separator);
            put_two(field, out);
        }
        if let Some(zone) = self.zone {
            zone.put(out);
        }
        out.push(b'"');
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        match arg {
            Arg::Missing => Err(ArgProblem::Missing),
            Arg::Bare(_) => Err(ArgProblem::NotAString),
            Arg::Quoted(text) => Self::parse(text).ok_or(ArgProblem::OutOfRange),
        }
    }
}

fn put_two(value: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'0' + value / 10 % 10, b'0' + value % 10]);
}

params! {
    /// `+CCLK: "<time>"` (TS 27.007, 8.15).
    pub struct CclkInfo {
        /// The clock.
        pub clock: Clock,
    }

    /// `+CTZV: "<tz>"` (TS 27.007, 8.41): the network told another time zone.
    pub struct CtzvUrc {
        /// The zone, daylight saving included.
        pub zone: Zone,
    }

    /// `+CTZE: "<tz>",<dst>[,"<time>"]` (TS 27.007, 8.41).
    pub struct CtzeUrc {
        /// The zone, daylight saving included.
        pub zone: Zone,
        /// Hours of daylight saving in it, 0 to 2.
        pub daylight_saving: u8,
        /// Local time: as the standard's time of the network.
        pub clock: Option<ZonelessClock>,
    }
}

/// The time of `+CTZE`: `"yyyy/MM/dd,hh:mm:ss"`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ZonelessClock(Clock);

impl ZonelessClock {
    /// Takes the fields of [`Clock::new`], in the century from 2000.
    #[must_use]
    pub fn new(fields: [u8; 6]) -> Option<Self> {
        Clock::new(fields, None).map(Self)
    }

    /// Returns the fields of [`Clock::fields`].
    #[must_use]
    pub const fn fields(self) -> [u8; 6] {
        self.0.fields
    }
}

impl Param for ZonelessClock {
    fn encode(&self, out: &mut Vec<u8>) {
        for (field, before) in
            self.0.fields.into_iter().zip([&b"\"20"[..], b"/", b"/", b",", b":", b":"])
        {
            out.extend_from_slice(before);
            put_two(field, out);
        }
        out.push(b'"');
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        let Arg::Quoted(text) = arg else { return Err(ArgProblem::NotAString) };
        let clock = Clock::parse(text.strip_prefix(b"20").ok_or(ArgProblem::OutOfRange)?);
        match clock {
            Some(clock) if clock.zone.is_none() => Ok(Self(clock)),
            Some(_) | None => Err(ArgProblem::OutOfRange),
        }
    }
}

lines! {
    CclkInfo = "+CCLK";
    CtzvUrc = "+CTZV";
    CtzeUrc = "+CTZE";
}

crate::wire::single!(Zone, Clock, ZonelessClock);

#[cfg(any(test, feature = "testkit"))]
mod sample {
    use super::{Clock, Zone, ZonelessClock};
    use crate::testkit::{Sample, Source};

    impl Sample for Zone {
        fn sample(source: &mut Source<'_>) -> Self {
            Self::from_quarters(source.value::<u8>().cast_signed() % 97).unwrap_or_default()
        }
    }

    impl Sample for Clock {
        fn sample(source: &mut Source<'_>) -> Self {
            let limits = [100, 12, 31, 24, 60, 60];
            let mut fields = limits.map(|limit| source.value::<u8>() % limit);
            fields[1] += 1;
            fields[2] += 1;
            Self { fields, zone: source.value() }
        }
    }

    impl Sample for ZonelessClock {
        fn sample(source: &mut Source<'_>) -> Self {
            Self(Clock { zone: None, ..source.value() })
        }
    }
}
