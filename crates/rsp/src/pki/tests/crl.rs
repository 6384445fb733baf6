use super::super::authority::{RevocationList, Template};
use super::*;
use crate::data::LoadCrlErrorCode;
use std::vec;
use std::vec::Vec;

const IN_FORCE: (i64, i64) = (1_700_000_000, 1_800_000_000);

#[test]
fn a_revoked_certificate_is_refused_even_where_it_was_verified_before() {
    let mut world = world();
    let (bad, good) =
        (world.server(Role::DpAuth).certificate, world.server(Role::DpAuth).certificate);
    assert_eq!(world.judge_server(&bad, Role::DpAuth), Ok(()));
    let eum = world.eum.certificate().clone();
    let list = world.authority.crl(&RevocationList::whole(1, IN_FORCE, &[&bad, &eum]));
    assert_eq!(world.trust.load_crl(&P256, &list, NOW), Ok(vec![]));
    assert_eq!(world.judge_server(&bad, Role::DpAuth), Err(ChainError::Revoked(Role::DpAuth)));
    assert_eq!(world.judge_server(&good, Role::DpAuth), Ok(()));
    let verdict = world.judge_euicc(&world.euicc.certificate, &eum);
    assert_eq!(verdict, Err(ChainError::Revoked(Role::Eum)));
}

#[test]
fn an_older_list_does_not_end_a_revocation_and_a_newer_one_may() {
    let mut world = world();
    let bad = world.server(Role::DpAuth).certificate;
    let revoked = Err(ChainError::Revoked(Role::DpAuth));
    for (number, list, expected) in
        [(5, vec![&bad], revoked), (4, vec![], revoked), (5, vec![], revoked), (6, vec![], Ok(()))]
    {
        let crl = world.authority.crl(&RevocationList::whole(number, IN_FORCE, &list));
        assert_eq!(world.trust.load_crl(&P256, &crl, NOW), Ok(vec![]));
        assert_eq!(world.judge_server(&bad, Role::DpAuth), expected, "list {number}");
    }
}

#[test]
fn a_list_in_parts_says_what_is_missing_and_holds_from_its_first_part() {
    let mut world = world();
    let certificates: Vec<Certificate> =
        (0..3).map(|_| world.server(Role::DpAuth).certificate).collect();
    let load = |world: &mut World, number: usize| {
        let mut list = RevocationList::whole(9, IN_FORCE, &[&certificates[number - 1]]);
        list.part = (u64::try_from(number).unwrap(), 3);
        let crl = world.authority.crl(&list);
        world.trust.load_crl(&P256, &crl, NOW)
    };
    assert_eq!(load(&mut world, 2), Ok(vec![1, 3]));
    let revoked = Err(ChainError::Revoked(Role::DpAuth));
    assert_eq!(world.judge_server(&certificates[1], Role::DpAuth), revoked);
    assert_eq!(world.judge_server(&certificates[0], Role::DpAuth), Ok(()));
    assert_eq!(load(&mut world, 2), Ok(vec![1, 3]));
    assert_eq!(load(&mut world, 1), Ok(vec![3]));
    assert_eq!(load(&mut world, 3), Ok(vec![]));
    for certificate in &certificates {
        assert_eq!(world.judge_server(certificate, Role::DpAuth), revoked);
    }
}

#[test]
fn a_list_that_is_not_taken_has_its_code_and_changes_nothing() {
    let mut world = world();
    let bad = world.server(Role::DpAuth).certificate;
    let list = RevocationList::whole(1, IN_FORCE, &[&bad]);
    let good = world.authority.crl(&list);
    let mut bent = good.clone();
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let mut other = randomness(9);
    let other = Authority::new(&mut other, &AuthorityConfig::default()).unwrap();
    let old = world.authority.crl(&RevocationList { next_update: 1_700_000_001, ..list.clone() });
    let early = RevocationList { this_update: 1_790_000_000, ..list.clone() };
    let early = world.authority.crl(&early);
    let odd = world.authority.crl(&RevocationList { part: (4, 3), ..list.clone() });
    let serials = (0..20_001_u32).map(|n| [&[0x40], &n.to_be_bytes()[..]].concat()).collect();
    let long = world.authority.crl(&RevocationList { revoked: serials, ..list.clone() });
    let cases = [
        (bent, LoadCrlErrorCode::InvalidSignature),
        (other.crl(&list), LoadCrlErrorCode::VerificationKeyNotFound),
        (good[..good.len() - 1].to_vec(), LoadCrlErrorCode::InvalidCrlFormat),
        (world.authority.root().der().to_vec(), LoadCrlErrorCode::InvalidCrlFormat),
        (odd, LoadCrlErrorCode::InvalidCrlFormat),
        (long, LoadCrlErrorCode::NotEnoughMemorySpace),
        (old, LoadCrlErrorCode::UndefinedError),
        (early, LoadCrlErrorCode::UndefinedError),
    ];
    for (crl, expected) in cases {
        let verdict = world.trust.load_crl(&P256, &crl, NOW);
        assert_eq!(verdict.map_err(LoadCrlError::code), Err(expected));
        assert_eq!(world.judge_server(&bad, Role::DpAuth), Ok(()));
    }
    assert_eq!(world.trust.load_crl(&P256, &good, None), Ok(vec![]));
}

#[test]
fn a_root_that_may_not_sign_lists_revokes_nothing() {
    let world = world();
    let key = world.authority.key();
    let mut template = Template::new(Role::Ci, IN_FORCE);
    template.key_usage = KeyUsage::CERTIFICATE_SIGN;
    let root = template.sign_itself(key).unwrap();
    let mut trust = Trust::new();
    trust.add_root(root.clone(), Mode::Simulation).unwrap();
    let identity = Identity { certificate: root, key: key.clone() };
    let list = Authority::restore(identity).crl(&RevocationList::whole(1, IN_FORCE, &[]));
    assert_eq!(trust.load_crl(&P256, &list, NOW), Err(LoadCrlError::InvalidSignature));
}
