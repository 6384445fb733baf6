//! Names of a world, and the things they stand for.

use super::Report;
use crate::check::did_you_mean;
use crate::expand::expand;
use crate::spec::Name;
use polysim_base::Msisdn;
use polysim_world::Party;
use std::collections::BTreeMap;

/// Names by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    pub(crate) operators: BTreeMap<String, usize>,
    pub(crate) regions: BTreeMap<String, usize>,
    /// Region and cell.
    pub(crate) cells: BTreeMap<String, (usize, usize)>,
    pub(crate) phones: BTreeMap<String, usize>,
    /// Numbers of the phones, by index.
    pub(crate) numbers: Vec<Msisdn>,
}

/// Finds what a name stands for, or reports it with the nearest name there is.
pub(crate) fn find<T: Copy>(
    names: &BTreeMap<String, T>,
    kind: &str,
    name: &Name,
    report: &mut Report<'_>,
) -> Option<T> {
    let found = names.get(&name.text).copied();
    if found.is_none() {
        let hint = did_you_mean(&name.text, names.keys().map(String::as_str));
        report.with(name.span.clone(), format!("no {kind} is called \"{}\"", name.text), hint);
    }
    found
}

impl Lookup {
    /// Finds the phones that a name or a pattern stands for.
    pub(crate) fn phones(&self, pattern: &Name, report: &mut Report<'_>) -> Vec<usize> {
        match expand(&pattern.text) {
            Ok(names) => names
                .into_iter()
                .filter_map(|text| {
                    let name = Name { text, span: pattern.span.clone() };
                    find(&self.phones, "phone", &name, report)
                })
                .collect(),
            Err(error) => {
                report.at(pattern.span.clone(), error.to_string());
                Vec::new()
            }
        }
    }

    /// Finds the number that a phone's name or an international number stands for.
    pub(crate) fn number(&self, name: &Name, report: &mut Report<'_>) -> Option<Msisdn> {
        match self.party(name, report)? {
            Party::Phone(phone) => self.numbers.get(phone).copied(),
            Party::Outside(number) => Some(number),
        }
    }

    /// Finds the phone, or takes the number outside the world.
    pub(crate) fn party(&self, name: &Name, report: &mut Report<'_>) -> Option<Party> {
        if !name.text.starts_with('+') {
            return find(&self.phones, "phone", name, report).map(Party::Phone);
        }
        match Msisdn::parse(&name.text) {
            Ok(number) => Some(Party::Outside(number)),
            Err(error) => {
                report.at(name.span.clone(), error.to_string());
                None
            }
        }
    }
}
