//! Which policies a profile may have on this eUICC (SGP.22, 2.9.2).

use polysim_rsp::data::{
    OperatorId, PprFlags, PprIds, ProfileClass, ProfileInfo, ProfilePolicyAuthorisationRule,
    StoreMetadataRequest,
};

/// A nibble that stands for any digit.
const ANY: u8 = 0xE;

/// What the rules say of a profile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Judgement {
    /// Policies that it must not have here.
    pub(super) forbidden: PprIds,
    /// Policies that the user must agree to.
    pub(super) needs_consent: PprIds,
}

/// Holds the policies of a profile against the rules of the eUICC, and what is on it.
pub(super) fn judge(
    profile: &StoreMetadataRequest,
    rules: &[ProfilePolicyAuthorisationRule],
    present: &[ProfileInfo],
) -> Judgement {
    let policies = profile.profile_policy_rules.unwrap_or_default();
    let mut judgement = Judgement { forbidden: PprIds::NONE, needs_consent: PprIds::NONE };
    for policy in [PprIds::PPR1, PprIds::PPR2] {
        if !policies.has(policy) {
            continue;
        }
        let is_second = policy == PprIds::PPR1 && present.iter().any(is_operational);
        let fits = |rule: &&ProfilePolicyAuthorisationRule| {
            let owner = profile.profile_owner.as_ref();
            rule.ppr_ids.has(policy)
                && rule.allowed_operators.iter().any(|allowed| covers(allowed, owner))
        };
        // The first rule that fits counts.
        match rules.iter().find(fits) {
            Some(rule) if !is_second => {
                if rule.ppr_flags.has(PprFlags::CONSENT_REQUIRED) {
                    judgement.needs_consent = judgement.needs_consent.with(policy);
                }
            }
            Some(_) | None => judgement.forbidden = judgement.forbidden.with(policy),
        }
    }
    judgement
}

fn is_operational(profile: &ProfileInfo) -> bool {
    profile.profile_class.unwrap_or(ProfileClass::Operational) == ProfileClass::Operational
}

/// Whether a rule's operator is the profile's: digit by digit, and each group identifier that the rule
/// names.
fn covers(allowed: &OperatorId, owner: Option<&OperatorId>) -> bool {
    let any = allowed.mcc_mnc.iter().all(|octet| *octet == ANY << 4 | ANY);
    let Some(owner) = owner else { return any && allowed.gid1.is_none() && allowed.gid2.is_none() };
    let digits = allowed.mcc_mnc.iter().zip(owner.mcc_mnc.iter());
    let is_same = |rule: u8, digit: u8| rule == ANY || rule == digit;
    digits
        .into_iter()
        .all(|(rule, digit)| is_same(rule >> 4, digit >> 4) && is_same(rule & 0xF, digit & 0xF))
        && (allowed.gid1.is_none() || allowed.gid1 == owner.gid1)
        && (allowed.gid2.is_none() || allowed.gid2 == owner.gid2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_rsp::data::Iccid;
    use std::vec;
    use std::vec::Vec;

    fn operator(mcc_mnc: [u8; 3], gid1: Option<&'static [u8]>) -> OperatorId {
        OperatorId {
            mcc_mnc: rasn::types::FixedOctetString::new(mcc_mnc),
            gid1: gid1.map(Into::into),
            gid2: None,
        }
    }

    fn profile(rules: PprIds, owner: Option<OperatorId>) -> StoreMetadataRequest {
        StoreMetadataRequest {
            iccid: Iccid::from_bytes([0x98; 10]),
            service_provider_name: "A".into(),
            profile_name: "B".into(),
            icon_type: None,
            icon: None,
            profile_class: None,
            notification_configuration_info: None,
            profile_owner: owner,
            profile_policy_rules: Some(rules),
            extensions: Default::default(),
        }
    }

    fn rule(
        ppr_ids: PprIds,
        allowed: OperatorId,
        ppr_flags: PprFlags,
    ) -> ProfilePolicyAuthorisationRule {
        let allowed_operators = vec![allowed];
        ProfilePolicyAuthorisationRule { ppr_ids, allowed_operators, ppr_flags }
    }

    const HOME: [u8; 3] = [0x62, 0xF2, 0x10];

    #[test]
    fn a_profile_without_policies_needs_no_rule() {
        let all = judge(&profile(PprIds::NONE, None), &[], &[]);
        assert_eq!((all.forbidden, all.needs_consent), (PprIds::NONE, PprIds::NONE));
    }

    #[test]
    fn a_policy_without_a_rule_is_forbidden() {
        let wanted = profile(PprIds::PPR1.with(PprIds::PPR2), Some(operator(HOME, None)));
        let rules = [rule(PprIds::PPR2, operator(HOME, None), PprFlags::NONE)];
        assert_eq!(judge(&wanted, &rules, &[]).forbidden, PprIds::PPR1);
        let other = [rule(PprIds::PPR2, operator([0x62, 0xF2, 0x20], None), PprFlags::NONE)];
        assert_eq!(judge(&wanted, &other, &[]).forbidden, wanted.profile_policy_rules.unwrap());
    }

    #[test]
    fn digits_may_be_any_and_group_identifiers_must_be_the_same() {
        let wanted = profile(PprIds::PPR2, Some(operator(HOME, Some(&[1]))));
        let verdicts: Vec<bool> = [
            operator([0xEE; 3], None),
            operator([0x62, 0xF2, 0xE0], None),
            operator(HOME, Some(&[1])),
            operator(HOME, Some(&[2])),
        ]
        .map(|allowed| {
            let rules = [rule(PprIds::PPR2, allowed, PprFlags::NONE)];
            judge(&wanted, &rules, &[]).forbidden.is_none()
        })
        .to_vec();
        // `E0` is any digit and then another last digit than `10` has.
        assert_eq!(verdicts, [true, true, true, false]);
    }

    #[test]
    fn the_first_rule_that_fits_says_whether_the_user_must_agree() {
        let wanted = profile(PprIds::PPR2, Some(operator(HOME, None)));
        let rules = [
            rule(PprIds::PPR2, operator(HOME, None), PprFlags::CONSENT_REQUIRED),
            rule(PprIds::PPR2, operator([0xEE; 3], None), PprFlags::NONE),
        ];
        assert_eq!(judge(&wanted, &rules, &[]).needs_consent, PprIds::PPR2);
    }

    #[test]
    fn a_second_profile_cannot_have_ppr1() {
        let wanted = profile(PprIds::PPR1, Some(operator(HOME, None)));
        let rules = [rule(PprIds::PPR1, operator([0xEE; 3], None), PprFlags::NONE)];
        assert!(judge(&wanted, &rules, &[]).forbidden.is_none());
        let test = ProfileInfo { profile_class: Some(ProfileClass::Test), ..Default::default() };
        assert!(judge(&wanted, &rules, &[test]).forbidden.is_none());
        assert_eq!(judge(&wanted, &rules, &[ProfileInfo::default()]).forbidden, PprIds::PPR1);
    }
}
