use std::collections::BTreeSet;

use super::*;

#[test]
fn every_line_of_the_table_is_an_entry() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!((lines, iter().count()), (980, 980));
    assert!(TABLE.lines().all(|line| line.starts_with('#') || line.split('\t').count() == 4));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    for operator in iter() {
        let KnownOperator { country, mcc, mnc, name, apn } = operator;
        assert!(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase()));
        assert!(mcc.len() == 3 && digits(mcc), "{operator:?}");
        assert!((2..=3).contains(&mnc.len()) && digits(mnc), "{operator:?}");
        assert!(!name.is_empty() && name.trim() == name, "{operator:?}");
        assert!(apn.is_none_or(|apn| !apn.is_empty() && apn.trim() == apn), "{operator:?}");
    }
    let unique: BTreeSet<_> = TABLE.lines().collect();
    assert_eq!(unique.len(), TABLE.lines().count());
}

#[test]
fn the_table_has_the_breadth_it_claims() {
    let countries: BTreeSet<_> = iter().map(|operator| operator.country).collect();
    let plmns: BTreeSet<_> = iter().map(|operator| (operator.mcc, operator.mnc)).collect();
    assert_eq!((countries.len(), plmns.len()), (152, 818));
}

#[test]
fn plmns_are_found_in_both_spellings() {
    let operator = by_plmn("26201").unwrap();
    assert_eq!((operator.country, operator.name), ("de", "T-Mobile(Telekom)"));
    assert_eq!(operator.apn, Some("internet.t-d1.de"));
    assert_eq!(by_plmn("262-01"), Some(operator));
    assert_eq!(by_plmn("310-260").map(|operator| operator.country), Some("us"));
    let names: Vec<_> = all_by_plmn("234-10").map(|operator| operator.name).collect();
    assert_eq!(names, ["O2", "giffgaff", "Tesco Mobile"]);
}

#[test]
fn the_length_of_the_mnc_counts() {
    assert!(by_plmn("722-34").is_some() && by_plmn("722-340").is_some());
    assert_ne!(by_plmn("722-34"), by_plmn("722-340"));
    assert_eq!(by_plmn("262-001"), None);
}

#[test]
fn unknown_and_malformed_plmns_are_not_found() {
    for plmn in ["", "2", "262", "262-", "262--01", "001-01", "99999", "26201x", "ää01", "-"] {
        assert_eq!(by_plmn(plmn), None, "{plmn}");
    }
}

#[test]
fn countries_are_found_in_either_case() {
    assert_eq!(by_country("DE").count(), by_country("de").count());
    assert!(by_country("de").count() > 5);
    assert!(by_country("de").all(|operator| operator.mcc == "262"));
    assert_eq!(by_country("xx").count(), 0);
    assert_eq!(by_country("").count(), 0);
}
