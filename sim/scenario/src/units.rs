//! Values with units as files write them: `"1:05"`, `"30s"`, `"20..60ms"`, `0.05`.

use polysim_base::{Duration, Instant};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use std::fmt;

/// The units of durations, longest name first where one ends in another.
const UNITS: [(&str, u64); 7] = [
    ("days", 86_400_000_000),
    ("min", 60_000_000),
    ("ms", 1_000),
    ("us", 1),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
    ("s", 1_000_000),
];
const DURATION_FORM: &str = "a duration such as \"30s\", \"1.5min\" or \"200ms\"";
const MOMENT_FORM: &str = "a time such as \"1:05\", \"1:02:03.5\" or \"90s\"";
const SHARE_FORM: &str = "a share such as \"20%\", or a number from 0 to 1";
const PPM: u64 = 1_000_000;
const OFTEN_FORM: &str = "a number, or a range of them such as \"3..5\"";
const RANGE_FORM: &str = "a duration or a range of them, such as \"40ms\" or \"20..60ms\"";
const SPEED_FORM: &str = "a data rate such as \"24kbit/s\" or \"1.5Mbit/s\"";
/// The fastest data rate, in kilobits per second.
const SPEED_MAX: u64 = 1_000_000;

/// A length of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span(pub Duration);

/// A virtual time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment(pub Instant);

/// A range of durations to draw from; the ends are the same where the file gives one value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpanRange {
    /// The least.
    pub min: Duration,
    /// The most.
    pub max: Duration,
}

/// A decimal number in millionths.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Micro(pub u64);

/// A share in parts per million.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Share(pub u32);

/// A data rate in kilobits per second, 1 Gbit/s at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Speed(pub u32);

/// How often something happens; the ends are the same where the file gives one number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Often {
    /// The least.
    pub min: u64,
    /// The most.
    pub max: u64,
}

impl Often {
    /// Tells whether something that happened so many times happened so often.
    #[must_use]
    pub const fn contains(&self, times: u64) -> bool {
        self.min <= times && times <= self.max
    }
}

/// Reads a duration.
///
/// # Errors
/// What form is expected.
pub fn parse_span(text: &str) -> Result<Span, &'static str> {
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| text.strip_suffix(name).map(|number| (number.trim(), *unit)))
        .ok_or(DURATION_FORM)?;
    decimal(number, unit).map(|micros| Span(Duration::from_micros(micros))).ok_or(DURATION_FORM)
}

/// Reads a time: clock form or a duration since the start.
pub(crate) fn parse_moment(text: &str) -> Result<Moment, &'static str> {
    if !text.contains(':') {
        return parse_span(text)
            .map(|span| Moment(Instant::ZERO.plus(span.0)))
            .map_err(|_| MOMENT_FORM);
    }
    let mut parts = text.rsplit(':');
    let seconds = parts.next().and_then(|s| decimal(s, 1_000_000)).ok_or(MOMENT_FORM)?;
    let minutes = parts.next().and_then(|m| m.parse::<u64>().ok()).ok_or(MOMENT_FORM)?;
    let hours = parts.next().map_or(Some(0), |h| h.parse::<u64>().ok()).ok_or(MOMENT_FORM)?;
    let clock = seconds < 60_000_000 && (hours == 0 || minutes < 60) && hours < 1_000_000;
    if !clock || minutes > 60_000_000 || parts.next().is_some() {
        return Err(MOMENT_FORM);
    }
    let micros = (hours * 3_600 + minutes * 60) * 1_000_000 + seconds;
    Ok(Moment(Instant::from_micros(micros)))
}

/// Reads `20..60ms` or `40ms`.
pub(crate) fn parse_range(text: &str) -> Result<SpanRange, &'static str> {
    let Some((low, high)) = text.split_once("..") else {
        return parse_span(text)
            .map(|span| SpanRange { min: span.0, max: span.0 })
            .map_err(|_| RANGE_FORM);
    };
    let max = parse_span(high).map_err(|_| RANGE_FORM)?.0;
    let unit = UNITS.iter().find(|(name, _)| high.ends_with(name)).map_or(1, |(_, unit)| *unit);
    let min = match parse_span(low) {
        Ok(span) => span.0,
        Err(_) => Duration::from_micros(decimal(low.trim(), unit).ok_or(RANGE_FORM)?),
    };
    if min > max {
        return Err("a range whose first value is not above its second");
    }
    Ok(SpanRange { min, max })
}

/// Reads `24kbit/s` or `1.5Mbit/s`.
pub(crate) fn parse_speed(text: &str) -> Result<Speed, &'static str> {
    let kilobits = [("kbit/s", 1), ("Mbit/s", 1_000), ("Gbit/s", SPEED_MAX)].into_iter();
    let mut of_unit = kilobits.filter_map(|(name, unit)| {
        let number = text.strip_suffix(name)?;
        decimal(number.trim(), unit).filter(|kbit_s| *kbit_s <= SPEED_MAX)
    });
    let kbit_s = of_unit.next().and_then(|kbit_s| u32::try_from(kbit_s).ok());
    kbit_s.map(Speed).ok_or(SPEED_FORM)
}

/// Reads `20%`.
pub(crate) fn parse_share(text: &str) -> Result<Share, &'static str> {
    let percent = text.strip_suffix('%').and_then(|number| decimal(number.trim(), PPM / 100));
    let ppm = percent.filter(|ppm| *ppm <= PPM).and_then(|ppm| u32::try_from(ppm).ok());
    ppm.map(Share).ok_or(SHARE_FORM)
}

/// Reads `3..5`.
pub(crate) fn parse_often(text: &str) -> Result<Often, &'static str> {
    let (low, high) = text.split_once("..").ok_or(OFTEN_FORM)?;
    match (low.trim().parse(), high.trim().parse()) {
        (Ok(min), Ok(max)) if min <= max => Ok(Often { min, max }),
        _ => Err(OFTEN_FORM),
    }
}

/// Reads a decimal number times `unit` without floating point; digits below the unit are refused.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let parts = whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(fraction)?;
    parts.checked_mul(unit).map(|micros| micros / scale)
}

macro_rules! text_unit {
    ($name:ident, $parse:ident, $format:literal, $about:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'_, str>::deserialize(deserializer)?;
                $parse(&text).map_err(|form| de::Error::custom(format!("expected {form}")))
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "description": $about })
            }
        }
    };
}
text_unit!(Span, parse_span, "polysim-span", "a duration: 30s, 1.5min, 200ms, 2h");
text_unit!(Moment, parse_moment, "polysim-moment", "a virtual time: 1:05, 1:02:03.5, 90s");
text_unit!(Speed, parse_speed, "polysim-speed", "a data rate: 24kbit/s, 1.5Mbit/s");
text_unit!(SpanRange, parse_range, "polysim-range", "a duration or a range of them: 20..60ms");

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Number(f64),
        }
        let number = |number: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 10^6 is checked, and rounding is meant"
            )]
            (0.0..=1.0).contains(&number).then(|| Self((number * 1e6).round() as u32))
        };
        match Form::deserialize(deserializer)? {
            Form::Text(text) => parse_share(&text),
            Form::Number(share) => number(share).ok_or(SHARE_FORM),
        }
        .map_err(|form| de::Error::custom(format!("expected {form}")))
    }
}
impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"], "minimum": 0, "maximum": 1, "format": "polysim-share",
            "description": "a share: 20%, or a number from 0 to 1"
        })
    }
}

impl<'de> Deserialize<'de> for Often {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer) {
            Ok(Form::Number(number)) => Ok(Self { min: number, max: number }),
            Ok(Form::Text(text)) => parse_often(&text),
            Err(_) => Err(OFTEN_FORM),
        }
        .map_err(|form| de::Error::custom(format!("expected {form}")))
    }
}
impl JsonSchema for Often {
    fn schema_name() -> Cow<'static, str> {
        "Often".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+\\.\\.[0-9]+$",
            "description": "how often: a number, or a range of them such as 3..5"
        })
    }
}
impl fmt::Display for Often {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            write!(f, "{} times", self.min)
        } else {
            write!(f, "{} to {} times", self.min, self.max)
        }
    }
}

impl<'de> Deserialize<'de> for Micro {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if !(0.0..=1e12).contains(&value) {
            return Err(de::Error::custom("expected an amount of 0 to 10^12"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10^18 is checked, and rounding is meant"
        )]
        let micro = (value * 1e6).round() as u64;
        Ok(Self(micro))
    }
}
impl JsonSchema for Micro {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "description": "an amount, to millionths" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn micros(text: &str) -> Option<u64> {
        parse_span(text).ok().map(|span| span.0.as_micros())
    }

    #[test]
    fn durations_carry_units() {
        assert_eq!(micros("30s"), Some(30_000_000));
        assert_eq!(micros("1.5min"), Some(90_000_000));
        assert_eq!(micros("200ms"), Some(200_000));
        assert_eq!(micros("2h"), Some(7_200_000_000));
        assert_eq!(micros("30"), None);
        assert_eq!(micros("-1s"), None);
        assert_eq!(micros("99999999999999999999h"), None);
    }

    #[test]
    fn moments_read_like_a_clock() {
        let at = |text| parse_moment(text).ok().map(|m| m.0.as_micros());
        assert_eq!(at("1:05"), Some(65_000_000));
        assert_eq!(at("90:00"), Some(5_400_000_000));
        assert_eq!(at("1:02:03.5"), Some(3_723_500_000));
        assert_eq!(at("90s"), Some(90_000_000));
        assert_eq!(at("1:60"), None);
        assert_eq!(at("1:60:00"), None);
        assert_eq!(at("1:2:3:4"), None);
    }

    #[test]
    fn ranges_take_the_unit_of_their_end() {
        let range = |text| parse_range(text).ok().map(|r| (r.min.as_millis(), r.max.as_millis()));
        assert_eq!(range("20..60ms"), Some((20, 60)));
        assert_eq!(range("20ms..2s"), Some((20, 2_000)));
        assert_eq!(range("40ms"), Some((40, 40)));
        assert_eq!(range("60..20ms"), None);
    }

    #[test]
    fn data_rates_are_in_kilobits_per_second() {
        let speed = |text| parse_speed(text).map(|speed| speed.0).ok();
        assert_eq!(speed("24kbit/s"), Some(24));
        assert_eq!(speed("1.5Mbit/s"), Some(1_500));
        assert_eq!(speed("1Gbit/s"), Some(1_000_000));
        assert_eq!(speed("2Gbit/s"), None);
        assert_eq!(speed("24"), None);
    }

    #[test]
    fn shares_are_parts_of_a_whole() {
        assert_eq!(parse_share("2.5%"), Ok(Share(25_000)));
        assert_eq!(parse_share("100%"), Ok(Share(1_000_000)));
        assert!(parse_share("101%").is_err() && parse_share("5").is_err());
    }

    #[test]
    fn how_often_is_a_number_or_a_range() {
        assert_eq!(parse_often("3..5"), Ok(Often { min: 3, max: 5 }));
        assert!(parse_often("5..3").is_err() && parse_often("3").is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text: String) {
            let _ = (parse_span(&text).is_ok(), parse_moment(&text).is_ok(), parse_range(&text).is_ok());
            let _ = (parse_share(&text).is_ok(), parse_often(&text).is_ok());
            let _ = parse_speed(&text).is_ok();
        }
    }
}
