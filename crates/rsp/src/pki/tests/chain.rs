use super::super::authority::Template;
use super::*;

/// Bends a template, and what a chain with that is refused for.
type Case = (fn(&mut Template), ChainError);

fn server_with(world: &mut World, bend: impl FnOnce(&mut Template)) -> Certificate {
    let oid = Oid::parse(OID).unwrap();
    let mut template = world.authority.server_template(Role::DpAuth, &oid, "smdp.example.com");
    bend(&mut template);
    world.authority.issue(&mut world.randomness, &template).unwrap().certificate
}

fn euicc_with(world: &mut World, bend: impl FnOnce(&mut Template)) -> Certificate {
    let mut template = world.eum.euicc_template(&eid());
    bend(&mut template);
    world.eum.issue(&mut world.randomness, &template).unwrap().certificate
}

/// Judges the eUICC of a manufacturer whose certificate was bent.
fn verdict_under(bend: impl FnOnce(&mut Template)) -> Result<Eid, ChainError> {
    let mut world = world();
    let mut template = world.authority.eum_template("Test EUM", &["89049032"]);
    bend(&mut template);
    let eum = Eum::restore(world.authority.issue(&mut world.randomness, &template).unwrap());
    let euicc = eum.euicc(&mut world.randomness, &eid()).unwrap();
    world.judge_euicc(&euicc.certificate, &euicc.eum)
}

#[test]
fn a_bent_server_certificate_is_refused_for_its_reason() {
    let cases: [Case; 7] = [
        (|t| t.not_after = NOW.unwrap() - 1, ChainError::Expired(Role::DpAuth)),
        (|t| t.not_before = NOW.unwrap() + 1, ChainError::NotYetValid(Role::DpAuth)),
        (|t| t.policies.clear(), ChainError::WrongRole(Role::DpAuth)),
        (|t| t.policies = std::vec![Role::DpPb], ChainError::WrongRole(Role::DpAuth)),
        (|t| t.key_usage = KeyUsage::CERTIFICATE_SIGN, ChainError::WrongUsage(Role::DpAuth)),
        (|t| t.ca = true, ChainError::WrongUsage(Role::DpAuth)),
        (|t| t.registered_id = None, ChainError::OidMissing(Role::DpAuth)),
    ];
    for (bend, expected) in cases {
        let mut world = world();
        let certificate = server_with(&mut world, bend);
        assert_eq!(world.judge_server(&certificate, Role::DpAuth), Err(expected));
        assert_eq!(expected.role(), Some(Role::DpAuth));
    }
}

#[test]
fn the_first_and_the_last_second_of_a_validity_belong_to_it() {
    let mut world = world();
    let now = NOW.unwrap();
    let certificate = server_with(&mut world, |t| (t.not_before, t.not_after) = (now, now));
    assert_eq!(world.judge_server(&certificate, Role::DpAuth), Ok(()));
}

#[test]
fn a_party_without_a_clock_judges_everything_but_validity() {
    let mut world = world();
    let expired = server_with(&mut world, |t| t.not_after = 0);
    let judge =
        |certificate, role| world.trust.verify_server(&P256, certificate, role, &world.ci, None);
    assert_eq!(judge(&expired, Role::DpAuth), Ok(()));
    assert_eq!(judge(&expired, Role::DpPb), Err(ChainError::WrongRole(Role::DpPb)));
}

#[test]
fn another_root_is_unknown_and_never_signs_for_this_one() {
    let mut world = world();
    let mut randomness = randomness(7);
    let other = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
    let oid = Oid::parse(OID).unwrap();
    let foreign = other.server(&mut randomness, Role::DpAuth, &oid, "x").unwrap().certificate;
    let verdict = world.judge_server(&foreign, Role::DpAuth);
    assert_eq!(verdict, Err(ChainError::WrongIssuer(Role::DpAuth)));
    let key_id = other.root().subject_key_id().unwrap();
    let verdict = world.trust.verify_server(&P256, &foreign, Role::DpAuth, &key_id, NOW);
    assert_eq!(verdict, Err(ChainError::UnknownRoot { key_id }));
    let eum = other.eum(&mut randomness, "Test EUM", &["89049032"]).unwrap();
    let verdict = world.judge_euicc(&world.euicc.certificate, eum.certificate());
    assert_eq!(verdict, Err(ChainError::UnknownRoot { key_id }));
    // Somebody else's key under the trusted root's name and key identifier.
    let template = world.authority.server_template(Role::DpAuth, &oid, "x");
    let key = PrivateKey::generate(&mut world.randomness);
    let forged = template.sign(&key.public(), world.authority.root(), &key).unwrap();
    let verdict = world.judge_server(&forged, Role::DpAuth);
    assert_eq!(verdict, Err(ChainError::BadSignature(Role::DpAuth)));
}

#[test]
fn a_bent_manufacturer_is_refused_for_its_reason() {
    assert_eq!(verdict_under(|_| {}), Ok(eid()));
    let expired = verdict_under(|t| t.not_after = NOW.unwrap() - 1);
    assert_eq!(expired, Err(ChainError::Expired(Role::Eum)));
    assert!(expired.unwrap_err().is_expiry());
    let refused = verdict_under(|t| t.policies = std::vec![Role::Euicc]);
    assert_eq!(refused, Err(ChainError::WrongRole(Role::Eum)));
    let refused = verdict_under(|t| t.ca = false);
    assert_eq!(refused, Err(ChainError::WrongUsage(Role::Eum)));
    let refused = verdict_under(|t| t.key_usage = KeyUsage::DIGITAL_SIGNATURE);
    assert_eq!(refused, Err(ChainError::WrongUsage(Role::Eum)));
}

#[test]
fn a_manufacturer_signs_for_its_own_range_of_eids() {
    let eins = |list: &'static [&'static str]| {
        verdict_under(move |t| {
            t.permitted_eins = list.iter().map(|ein| (*ein).into()).collect();
        })
    };
    assert_eq!(eins(&["89049032"]), Ok(eid()));
    assert_eq!(eins(&["89001567", "89049032"]), Ok(eid()));
    assert_eq!(eins(&["89049033"]), Err(ChainError::EidOutOfRange));
    assert_eq!(eins(&[""]), Err(ChainError::EidOutOfRange));
    assert_eq!(eins(&[]), Err(ChainError::EidOutOfRange));
    let mut world = world();
    let renamed = euicc_with(&mut world, |t| t.subject.organization = "Another".into());
    let verdict = world.judge_euicc(&renamed, world.eum.certificate());
    assert_eq!(verdict, Err(ChainError::EidOutOfRange));
}

#[test]
fn a_bent_euicc_certificate_is_refused_for_its_reason() {
    let cases: [Case; 6] = [
        (|t| t.subject.serial_number = None, ChainError::EidMissing),
        (|t| t.subject.serial_number = Some("8904".into()), ChainError::EidMissing),
        (|t| t.policies = std::vec![Role::Eum], ChainError::WrongRole(Role::Euicc)),
        (|t| t.key_usage = KeyUsage::CRL_SIGN, ChainError::WrongUsage(Role::Euicc)),
        (|t| t.not_after = NOW.unwrap() - 1, ChainError::Expired(Role::Euicc)),
        (|t| t.ca = true, ChainError::WrongUsage(Role::Euicc)),
    ];
    for (bend, expected) in cases {
        let mut world = world();
        let certificate = euicc_with(&mut world, bend);
        let verdict = world.judge_euicc(&certificate, world.eum.certificate());
        assert_eq!(verdict, Err(expected));
        assert_eq!(expected.role(), Some(Role::Euicc));
    }
    let mut world = world();
    let key = PrivateKey::generate(&mut world.randomness);
    let template = world.eum.euicc_template(&eid());
    let forged = template.sign(&key.public(), world.eum.certificate(), &key).unwrap();
    let verdict = world.judge_euicc(&forged, world.eum.certificate());
    assert_eq!(verdict, Err(ChainError::BadSignature(Role::Euicc)));
}

#[test]
fn an_euicc_does_not_sign_and_a_server_is_no_manufacturer() {
    let mut world = world();
    let server = world.server(Role::DpAuth).certificate;
    let verdict = world.judge_euicc(&world.euicc.certificate, &server);
    assert_eq!(verdict, Err(ChainError::WrongRole(Role::Eum)));
    let other = world.authority.eum(&mut world.randomness, "Test EUM", &["89049032"]).unwrap();
    let verdict = world.judge_euicc(&world.euicc.certificate, other.certificate());
    assert_eq!(verdict, Err(ChainError::WrongIssuer(Role::Euicc)));
}

#[test]
fn binding_and_authentication_are_of_one_operator() {
    let mut world = world();
    let (auth, pb) = (world.server(Role::DpAuth).certificate, world.server(Role::DpPb).certificate);
    let judge =
        |trust: &Trust, pb: &Certificate| trust.verify_binding(&P256, pb, &auth, &world.ci, NOW);
    assert_eq!(judge(&world.trust, &pb), Ok(()));
    assert_eq!(judge(&world.trust, &auth), Err(ChainError::WrongRole(Role::DpPb)));
    let template =
        world.authority.server_template(Role::DpPb, &Oid::parse("2.999.11").unwrap(), "x");
    let other = world.authority.issue(&mut world.randomness, &template).unwrap().certificate;
    assert_eq!(judge(&world.trust, &other), Err(ChainError::OidMismatch));
}

#[test]
fn a_manufacturer_is_verified_once_for_all_its_euiccs() {
    let mut world = world();
    let counting = Counting::default();
    let mut euiccs = std::vec::Vec::new();
    for number in 0..4_u32 {
        let eid = Eid::with_check_digits(&std::format!("8904903200000000000000{number:08}"));
        euiccs.push(world.eum.euicc(&mut world.randomness, &eid.unwrap()).unwrap());
    }
    for euicc in euiccs.iter().chain(&euiccs) {
        let verdict = world.trust.verify_euicc(&counting, &euicc.certificate, &euicc.eum, NOW);
        assert!(verdict.is_ok(), "{verdict:?}");
    }
    assert_eq!(counting.0.load(Ordering::Relaxed), 1 + euiccs.len());
}

#[test]
fn the_memory_of_verified_certificates_is_bounded_and_bad_ones_do_not_enter_it() {
    let mut world = world();
    let counting = Counting::default();
    let key = PrivateKey::generate(&mut world.randomness);
    let forged = world.eum.euicc_template(&eid());
    let forged = forged.sign(&key.public(), world.eum.certificate(), &key).unwrap();
    for _ in 0..3 {
        let eum = world.eum.certificate();
        assert!(world.trust.verify_euicc(&counting, &forged, eum, NOW).is_err());
    }
    assert_eq!(counting.0.load(Ordering::Relaxed), 1 + 3);
    let first = world.server(Role::DpAuth).certificate;
    assert_eq!(world.judge_server(&first, Role::DpAuth), Ok(()));
    for _ in 0..64 {
        let next = world.server(Role::DpAuth).certificate;
        assert_eq!(world.judge_server(&next, Role::DpAuth), Ok(()));
    }
    let counting = Counting::default();
    let verdict = world.trust.verify_server(&counting, &first, Role::DpAuth, &world.ci, NOW);
    assert_eq!((verdict, counting.0.load(Ordering::Relaxed)), (Ok(()), 1));
}

#[test]
fn an_issuer_is_meant_by_its_name_too() {
    let mut world = world();
    let config = AuthorityConfig { name: "Another".into(), ..AuthorityConfig::default() };
    let renamed = Authority::new(&mut randomness(1), &config).unwrap();
    assert_eq!(renamed.root().public_key(), world.authority.root().public_key());
    let oid = Oid::parse(OID).unwrap();
    let server = renamed.server(&mut world.randomness, Role::DpAuth, &oid, "x").unwrap();
    let verdict = world.judge_server(&server.certificate, Role::DpAuth);
    assert_eq!(verdict, Err(ChainError::WrongIssuer(Role::DpAuth)));
}

#[test]
fn a_certificate_for_tls_says_so() {
    let mut world = world();
    let oid = Oid::parse(OID).unwrap();
    let mut template = world.authority.server_template(Role::DpTls, &oid, "x");
    template.tls = false;
    let server = world.authority.issue(&mut world.randomness, &template).unwrap();
    let verdict = world.judge_server(&server.certificate, Role::DpTls);
    assert_eq!(verdict, Err(ChainError::WrongUsage(Role::DpTls)));
}

#[test]
fn nothing_outlives_its_root() {
    let mut world = world();
    let end = world.authority.root().validity().1;
    let server = server_with(&mut world, |t| t.not_after = end + 10);
    let judge = |now| world.trust.verify_server(&P256, &server, Role::DpAuth, &world.ci, Some(now));
    assert_eq!(judge(end), Ok(()));
    assert_eq!(judge(end + 1), Err(ChainError::Expired(Role::Ci)));
}

#[test]
fn a_remembered_signature_is_one_of_its_key() {
    let world = world();
    let verdicts = verdicts::Verdicts::new(4);
    let euicc = &world.euicc.certificate;
    let (right, wrong) = (world.eum.certificate(), world.authority.root());
    for _ in 0..2 {
        assert!(verdicts.is_signed_by(&P256, euicc, right.public_key()));
        assert!(!verdicts.is_signed_by(&P256, euicc, wrong.public_key()));
    }
}

#[test]
fn many_threads_judge_by_one_trust() {
    let World { trust, euicc, .. } = world();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let verdict = trust.verify_euicc(&P256, &euicc.certificate, &euicc.eum, NOW);
                    assert_eq!(verdict, Ok(eid()));
                }
            });
        }
    });
}
