//! Identities that a file leaves out: made from operator and count, so that they are readable and
//! never the same twice.

use super::Report;
use crate::expand::nth;
use crate::spec::Name;
use polysim_base::{Imei, Imsi, Msisdn, Plmn};

/// Type allocation code of the test equipment of TS 23.003: digits that no maker was given.
const TAC: &str = "00101900";

/// Reads number `at` of a pattern with `parse`, reporting what is wrong with it.
pub(super) fn from_pattern<T, E: core::fmt::Display>(
    pattern: &Name,
    at: u64,
    parse: impl FnOnce(&str) -> Result<T, E>,
    report: &mut Report<'_>,
) -> Option<T> {
    let text = nth(&pattern.text, at).map_err(|error| error.to_string());
    match text.and_then(|text| parse(&text).map_err(|error| error.to_string())) {
        Ok(value) => Some(value),
        Err(message) => {
            report.at(pattern.span.clone(), message);
            None
        }
    }
}

/// Returns the subscription number `count` of an operator.
pub(super) fn imsi(plmn: Plmn, count: usize) -> Option<Imsi> {
    let width = 15 - 3 - usize::from(plmn.mnc_len());
    Imsi::parse(&format!("{plmn}{:0width$}", count + 1)).ok()
}

/// Returns the telephone number of phone `count` at operator `operator`.
pub(super) fn msisdn(country_code: &str, operator: usize, count: usize) -> Option<Msisdn> {
    Msisdn::parse(&format!("{country_code}7{operator:02}{:07}", count + 1)).ok()
}

/// Returns the service centre's number of an operator.
pub(super) fn centre(country_code: &str, operator: usize) -> Option<Msisdn> {
    Msisdn::parse(&format!("{country_code}9{operator:02}0000")).ok()
}

/// Returns the identity of modem `count`.
pub(super) fn imei(count: usize) -> Option<Imei> {
    Imei::parse(&format!("{TAC}{:06}", (count + 1) % 1_000_000)).ok()
}
