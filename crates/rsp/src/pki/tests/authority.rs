use super::*;

#[test]
fn what_the_authority_makes_is_what_it_says() {
    let mut world = world();
    let root = world.authority.root();
    assert!(root.has_role(Role::Ci) && root.is_ca());
    let both = KeyUsage::CERTIFICATE_SIGN.and(KeyUsage::CRL_SIGN);
    assert_eq!(root.key_usage(), Some(both));
    assert_eq!(root.authority_key_id(), None);
    assert_eq!(root.subject_key_id(), Some(root.public_key().key_id()));
    let eum = world.eum.certificate();
    assert_eq!(eum.authority_key_id(), root.subject_key_id());
    assert_eq!(eum.organization().as_deref(), Some("Test EUM"));
    let euicc = &world.euicc.certificate;
    assert_eq!(euicc.eid(), Some(&eid()));
    assert_eq!(euicc.authority_key_id(), eum.subject_key_id());
    assert_eq!(*euicc.public_key(), world.euicc.key.public());
    let tls = world.server(Role::DpTls).certificate;
    assert!(tls.dns_names().eq(["smdp.example.com"]));
    assert_eq!(tls.registered_ids(), [Oid::parse(OID).unwrap()]);
}

#[test]
fn every_role_is_accepted_as_that_role_only() {
    let mut world = world();
    let servers = [Role::DpTls, Role::DpAuth, Role::DpPb, Role::DsTls, Role::DsAuth];
    for role in servers {
        let certificate = world.server(role).certificate;
        for asked in servers {
            let verdict = world.judge_server(&certificate, asked);
            let expected = if asked == role { Ok(()) } else { Err(ChainError::WrongRole(asked)) };
            assert_eq!(verdict, expected, "{role} as {asked}");
        }
    }
    assert_eq!(world.judge_euicc(&world.euicc.certificate, &world.euicc.eum), Ok(eid()));
}

#[test]
fn a_seed_makes_the_same_octets_again() {
    let (one, other) = (world(), world());
    assert_eq!(one.authority.root().der(), other.authority.root().der());
    assert_eq!(one.euicc, other.euicc);
    let mut randomness = randomness(2);
    let different = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
    assert_ne!(one.authority.root(), different.root());
}

#[test]
fn live_work_refuses_the_root_of_a_simulation_and_takes_a_live_one() {
    let simulated = world().authority.root().clone();
    let key_id = simulated.subject_key_id().unwrap();
    let verdict = Trust::new().add_root(simulated, Mode::Live);
    assert_eq!(verdict, Err(RootError::SimulatedRoot { key_id }));
    let mut counter = 0_u8;
    let mut live = Randomness::Live(std::boxed::Box::new(move |out: &mut [u8]| {
        out.fill_with(|| {
            counter = counter.wrapping_mul(5).wrapping_add(3);
            counter
        });
    }));
    let authority = Authority::new(&mut live, &AuthorityConfig::default()).unwrap();
    assert!(Trust::new().add_root(authority.root().clone(), Mode::Live).is_ok());
}

#[test]
fn a_root_must_be_one_and_have_signed_itself() {
    let mut world = world();
    let server = world.server(Role::DpAuth).certificate;
    assert_eq!(Trust::new().add_root(server, Mode::Simulation), Err(RootError::NotARoot));
    let eum = world.eum.certificate().clone();
    assert_eq!(Trust::new().add_root(eum, Mode::Simulation), Err(RootError::NotARoot));
    let mut bent = world.authority.root().der().to_vec();
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let bent = Certificate::parse(&bent).unwrap();
    assert_eq!(Trust::new().add_root(bent, Mode::Simulation), Err(RootError::BadSignature));
}

#[test]
fn a_restored_authority_issues_under_the_same_root() {
    let mut world = world();
    let (root, key) = (world.authority.root().clone(), world.authority.key().clone());
    world.authority = Authority::restore(Identity::new(root, key, Mode::Simulation).unwrap());
    let certificate = world.server(Role::DpAuth).certificate;
    assert_eq!(world.judge_server(&certificate, Role::DpAuth), Ok(()));
    let eum = Eum::restore(Identity {
        certificate: world.eum.certificate().clone(),
        key: world.eum.key().clone(),
    });
    let euicc = eum.euicc(&mut world.randomness, &eid()).unwrap();
    assert_eq!(world.judge_euicc(&euicc.certificate, &euicc.eum), Ok(eid()));
}

#[test]
fn an_identity_needs_its_own_key_and_live_work_a_live_one() {
    let mut world = world();
    let Identity { certificate, key } = world.server(Role::DpAuth);
    let other = PrivateKey::generate(&mut world.randomness);
    let verdict = Identity::new(certificate.clone(), other, Mode::Simulation);
    assert_eq!(verdict, Err(IdentityError::KeyMismatch));
    assert!(Identity::new(certificate.clone(), key.clone(), Mode::Simulation).is_ok());
    let verdict = Identity::new(certificate.clone(), key.clone(), Mode::Live);
    assert!(matches!(verdict, Err(IdentityError::Origin(_))), "{verdict:?}");
    let live = PrivateKey::from_bytes(&*key.to_bytes(), Origin::Live).unwrap();
    assert!(Identity::new(certificate, live, Mode::Live).is_ok());
}
