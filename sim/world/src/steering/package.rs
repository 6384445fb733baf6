//! The profile packages of operators.

use crate::config::OperatorConfig;
use polysim_aka::{Key, Opc};
use polysim_base::{Iccid, Imsi};
use polysim_rsp::saip::{Builder, Operator, Personal, SubscriptionKeys};
use std::sync::Arc;

/// Octets that a profile of an operator takes on an eUICC, with room for what it writes.
pub(crate) const MEMORY: u32 = 40 * 1_024;
/// Cards of an SM-DP+ are numbered from here on, a block for each operator.
const CARDS: u64 = 8_000_000_000_000;
const BLOCK: u64 = 1_000_000_000;

/// Makes the package that the profiles of an operator are made of; `None` where its names or
/// numbers make none. What it is personalised with here is replaced in each.
pub(crate) fn template(operator: &OperatorConfig, imsi: Imsi) -> Option<Arc<[u8]>> {
    let keys = SubscriptionKeys::Milenage { key: Key::from([0; 16]), opc: Opc::from([0; 16]) };
    let personal = Personal::new(iccid(0, 0)?, imsi, keys);
    let mut of = Operator::new(operator.plmn, &operator.name);
    of.smsc = Some(operator.centre);
    let package = Builder::new(personal, of).build().ok()?;
    Some(package.encode().as_slice().into())
}

/// Returns the number of a card of an operator's profile.
pub(crate) fn iccid(operator: usize, count: u32) -> Option<Iccid> {
    let operator = u64::try_from(operator).ok()?;
    let number = CARDS + operator * BLOCK + u64::from(count);
    Iccid::with_check_digit(&format!("89999{number:013}")).ok()
}
