//! Dates and times as texts: `2026-11-26T07:30:00Z`.

use alloc::format;
use alloc::string::String;

const DAY_S: i64 = 86_400;

/// Writes seconds since 1970 as date and time in UTC: `2026-11-26T07:30:00Z`.
#[must_use]
pub fn write(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(DAY_S));
    let rest = seconds.rem_euclid(DAY_S);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads seconds since 1970. The zone is `Z` or a difference like `+01:00`; fractions are cut off.
/// The year has four digits in UTC too.
pub(super) fn read(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut fields = date.splitn(3, '-').map(|field| number(field, 4));
    let (year, month, day) = (fields.next()??, fields.next()??, fields.next()??);
    let (time, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at_checked(at)?,
        None => (time, "Z"),
    };
    let mut fields = time.split('.').next()?.splitn(3, ':').map(|field| number(field, 2));
    let (hour, minute) = (fields.next()??, fields.next()??);
    let second = fields.next().unwrap_or(Some(0))?;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = days(year, month, day) * DAY_S + hour * 3_600 + minute * 60 + second;
    let seconds = local - offset(zone)?;
    (days(0, 1, 1) * DAY_S..days(10_000, 1, 1) * DAY_S).contains(&seconds).then_some(seconds)
}

fn number(text: &str, digits_max: usize) -> Option<i64> {
    let is_number = text.len() <= digits_max && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (number(hours, 2)? * 3_600 + number(minutes, 2)? * 60))
}

/// Returns the days since 1970 of a date. Years begin in March here, so that the day that some have
/// more is their last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    era * 146_097 + year * 365 + year / 4 - year / 100 + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Returns the date that is so many days after 1970.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}
