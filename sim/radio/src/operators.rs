//! Real operators: countries, PLMNs, names and access points, so that a world can be told "roam
//! from 262-01 to 208-01" and show the names people know.
//!
//! The table is `data/operators.tsv`, made by `data/from-mbpi.py` from the provider list of Debian's
//! `mobile-broadband-provider-info` 20230416-1, which its authors (Antti Kaijanmäki, Dan Williams,
//! Jiří Klimeš, Lubomir Rintel, Guido Günther and contributors) have put into the public domain.
//! Of its 984 network ids four are listed twice for one provider and stand here once. It names
//! service providers, so several may share one PLMN: virtual operators beside the network's owner.
//! It is a snapshot and incomplete; the test networks 001-xx and 999-xx are not in it.
//!
//! ```
//! use polysim_radio::operators;
//!
//! let proximus = operators::by_plmn("206-01").expect("in the table");
//! assert_eq!((proximus.name, proximus.country), ("Proximus", "be"));
//! assert!(operators::by_country("be").any(|operator| operator == proximus));
//! ```

const TABLE: &str = include_str!("../data/operators.tsv");

/// A provider's entry for one PLMN.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KnownOperator {
    /// Country, ISO 3166-1 alpha-2 in lower case; it may differ from the country of the MCC where
    /// territories share one.
    pub country: &'static str,
    /// Mobile country code: three digits.
    pub mcc: &'static str,
    /// Mobile network code: two or three digits; `01` and `001` are different networks.
    pub mnc: &'static str,
    /// The provider's name, as UTF-8.
    pub name: &'static str,
    /// The first access point name for internet access, where one is known.
    pub apn: Option<&'static str>,
}

/// Returns all entries by country and PLMN; within a PLMN the network's owner comes first where
/// the list marks it.
pub fn iter() -> impl Iterator<Item = KnownOperator> {
    TABLE.lines().filter_map(parse)
}

/// Returns the first entry of a PLMN, written `26201` or `262-01`.
#[must_use]
pub fn by_plmn(plmn: &str) -> Option<KnownOperator> {
    all_by_plmn(plmn).next()
}

/// Returns all entries of a PLMN, written `26201` or `262-01`: none if it is unknown or malformed.
pub fn all_by_plmn(plmn: &str) -> impl Iterator<Item = KnownOperator> {
    let (mcc, rest) = plmn.split_at_checked(3).unwrap_or_default();
    let mnc = rest.strip_prefix('-').unwrap_or(rest);
    iter().filter(move |operator| operator.mcc == mcc && operator.mnc == mnc)
}

/// Returns all entries of a country: ISO 3166-1 alpha-2 in either case.
pub fn by_country(country: &str) -> impl Iterator<Item = KnownOperator> {
    iter().filter(move |operator| operator.country.eq_ignore_ascii_case(country))
}

/// Reads a line of the table; `None` for a comment.
fn parse(line: &'static str) -> Option<KnownOperator> {
    let mut fields = line.split('\t');
    let country = fields.next()?;
    let (mcc, mnc) = fields.next()?.split_once('-')?;
    let name = fields.next()?;
    let apn = fields.next().filter(|apn| *apn != "-");
    Some(KnownOperator { country, mcc, mnc, name, apn })
}

#[cfg(test)]
mod tests;
