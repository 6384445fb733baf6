//! The directory that all cores share: whose a subscription, a number or a service centre is.

use crate::{
    config::{NumberPrefix, OperatorConfig},
    ids::OperatorId,
};
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Imsi, Msisdn, Plmn};

/// Whose a subscription, a number or a service centre is, and who else can be called.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    plmns: BTreeMap<Plmn, OperatorId>,
    prefixes: BTreeMap<NumberPrefix, OperatorId>,
    numbers: BTreeMap<Msisdn, OperatorId>,
    centres: BTreeMap<Msisdn, OperatorId>,
    outsiders: BTreeMap<Msisdn, Outsider>,
}

/// How somebody outside the simulated networks behaves when called. Texts are always taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outsider {
    /// Answers after ringing for a while, and hangs up after another while if there is one.
    Answers {
        /// How long it rings.
        ring: Duration,
        /// How long the outsider talks; `None`: until the other side hangs up.
        talk: Option<Duration>,
    },
    /// Is engaged.
    Busy,
    /// Rings and never answers.
    Silent,
    /// Does what commands to the core say: [`crate::CoreCommand::OutsiderAnswers`] and the like.
    Manual,
}

impl Directory {
    /// Returns the directory of these operators.
    #[must_use]
    pub fn new<'a>(operators: impl IntoIterator<Item = &'a OperatorConfig>) -> Self {
        let mut directory = Self::default();
        for operator in operators {
            let id = operator.id;
            for plmn in &operator.plmns {
                directory.plmns.insert(*plmn, id);
            }
            for prefix in &operator.prefixes {
                directory.prefixes.insert(*prefix, id);
            }
            directory.centres.insert(operator.smsc.number, id);
        }
        directory
    }

    /// Adds one number outside its operator's ranges.
    #[must_use]
    pub fn with_number(mut self, number: Msisdn, operator: OperatorId) -> Self {
        self.numbers.insert(number, operator);
        self
    }

    /// Adds somebody outside the simulated networks.
    #[must_use]
    pub fn with_outsider(mut self, number: Msisdn, outsider: Outsider) -> Self {
        self.outsiders.insert(number, outsider);
        self
    }

    /// Returns the operator of a subscription.
    #[must_use]
    pub fn home_of(&self, imsi: &Imsi) -> Option<OperatorId> {
        // A two-digit network code is never the start of a three-digit one in one country.
        [3, 2].into_iter().find_map(|mnc_len| self.plmns.get(&imsi.home(mnc_len)?).copied())
    }

    /// Returns the operator of a number: exactly listed, or by the longest of the prefixes.
    #[must_use]
    pub fn operator_of(&self, number: &Msisdn) -> Option<OperatorId> {
        if let Some(operator) = self.numbers.get(number) {
            return Some(*operator);
        }
        if self.prefixes.is_empty() || self.outsiders.contains_key(number) {
            return None;
        }
        let mut value = number.digits().fold(0, |n, digit| n * 10 + u64::from(digit));
        let mut len = u8::try_from(number.digit_count()).unwrap_or(0);
        while len > 0 {
            if let Some(operator) = self.prefixes.get(&NumberPrefix { len, value }) {
                return Some(*operator);
            }
            (len, value) = (len - 1, value / 10);
        }
        None
    }

    /// Returns the operator of a service centre.
    #[must_use]
    pub fn operator_of_centre(&self, centre: &Msisdn) -> Option<OperatorId> {
        self.centres.get(centre).copied()
    }

    /// Returns how the outsider with this number behaves.
    #[must_use]
    pub fn outsider(&self, number: &Msisdn) -> Option<Outsider> {
        self.outsiders.get(number).copied()
    }
}
