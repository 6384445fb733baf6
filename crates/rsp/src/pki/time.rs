//! Times of certificates: `UTCTime` and `GeneralizedTime`, to and from seconds since 1970.

use alloc::format;
use alloc::vec::Vec;

use super::der::{DerError, Reader, tlv};

const UTC_TIME: u32 = 0x17;
const GENERALIZED_TIME: u32 = 0x18;

/// Days from 0000-03-01 to 1970-01-01, in the proleptic Gregorian calendar.
const DAYS_TO_1970: i64 = 719_468;

/// Reads a Time of X.509, always in UTC with seconds.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<i64, DerError> {
    let error = reader.error();
    let (tag, text, _) = reader.any()?;
    let (year, rest) = match (tag, text.len()) {
        (UTC_TIME, 13) => {
            let (year, rest) = text.split_at(2);
            let year = number(year).ok_or(error)?;
            // RFC 5280, 4.1.2.5.1.
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 15) => {
            let (year, rest) = text.split_at(4);
            (number(year).ok_or(error)?, rest)
        }
        _ => return Err(error),
    };
    let [o1, o2, d1, d2, h1, h2, m1, m2, s1, s2, b'Z'] = rest else { return Err(error) };
    let field = |high: &u8, low: &u8, least: i64, most: i64| {
        number(&[*high, *low]).filter(|value| (least..=most).contains(value)).ok_or(error)
    };
    let days = days_of(year, field(o1, o2, 1, 12)?, field(d1, d2, 1, 31)?);
    let (hour, minute) = (field(h1, h2, 0, 23)?, field(m1, m2, 0, 59)?);
    Ok(((days * 24 + hour) * 60 + minute) * 60 + field(s1, s2, 0, 60)?)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// Writes a Time as RFC 5280 asks: `UTCTime` until 2049. Years beyond 9999 become the last second of
/// 9999, which stands for "no end".
pub(super) fn write(seconds: i64) -> Vec<u8> {
    let seconds = seconds.clamp(date(1950, 1, 1), date(9999, 12, 31) + 86_399);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let tail = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if year < 2050 {
        tlv(UTC_TIME, &[format!("{:02}", year % 100).as_bytes(), tail.as_bytes()])
    } else {
        tlv(GENERALIZED_TIME, &[format!("{year:04}").as_bytes(), tail.as_bytes()])
    }
}

/// Returns the first second of a day.
pub(super) const fn date(year: i64, month: i64, day: i64) -> i64 {
    days_of(year, month, day) * 86_400
}

/// Days since 1970; the year begins in March, so that a leap day is its last.
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - DAYS_TO_1970
}

const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}
