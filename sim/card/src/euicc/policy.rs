//! Which policy rules a profile may have here (SGP.22, 2.9).

use polysim_rsp::data::{OperatorId, PprIds, ProfileClass};

use super::Euicc;

/// An MCC and MNC that stands for every network; `E` is any digit.
const ANY_DIGIT: u8 = 0x0E;

impl Euicc {
    /// Returns whether a profile of this owner may have these rules. PPR1 is only for the first
    /// operational profile, for it keeps every other one from being enabled.
    pub(super) fn allows_rules(&self, rules: PprIds, owner: Option<&OperatorId>) -> bool {
        let wanted = [PprIds::PPR1, PprIds::PPR2, PprIds::PPR3];
        let mut wanted = wanted.into_iter().filter(|rule| rules.has(*rule));
        let operational = |class| class == ProfileClass::Operational;
        if rules.has(PprIds::PPR1) && self.isdps.iter().any(|isdp| operational(isdp.metadata.class))
        {
            return false;
        }
        wanted.all(|rule| {
            let authorised = self.model.rules.iter().filter(|entry| entry.ppr_ids.has(rule));
            let mut operators = authorised.flat_map(|entry| &entry.allowed_operators);
            operators.any(|allowed| owner.is_some_and(|owner| covers(allowed, owner)))
        })
    }
}

/// An entry covers the owners of its network, and of its group identifiers where it has some.
fn covers(allowed: &OperatorId, owner: &OperatorId) -> bool {
    let nibbles = |id: &OperatorId| {
        id.mcc_mnc.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]).collect::<Vec<_>>()
    };
    let (pattern, network) = (nibbles(allowed), nibbles(owner));
    let same = pattern.iter().zip(&network).all(|(one, other)| *one == ANY_DIGIT || one == other);
    let group = |allowed: &Option<_>, own: &Option<_>| allowed.is_none() || allowed == own;
    same && group(&allowed.gid1, &owner.gid1) && group(&allowed.gid2, &owner.gid2)
}
