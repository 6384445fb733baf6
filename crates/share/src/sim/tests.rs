use super::*;
use crate::{Epoch, PeerKey};
use core::num::NonZeroU8;
use polysim_aka::{
    Comp128, Comp128Version, Key, Key256, Milenage, Opc, TopC, Tuak, TuakKey, TuakResLength,
};
use polysim_lease::Term;
use proptest::prelude::*;
use std::string::ToString as _;
use std::vec::Vec;

pub(crate) fn algorithm() -> impl Strategy<Value = Algorithm> {
    let milenage = any::<([u8; 16], [u8; 16])>()
        .prop_map(|(key, opc)| Milenage::new(key.into(), Opc::from(opc)).into());
    let key = prop_oneof![
        any::<[u8; 16]>().prop_map(|key| TuakKey::Bits128(Key::from(key))),
        any::<[u8; 32]>().prop_map(|key| TuakKey::Bits256(Key256::from(key))),
    ];
    let res = prop_oneof![
        Just(TuakResLength::Bits32),
        Just(TuakResLength::Bits64),
        Just(TuakResLength::Bits128),
    ];
    let tuak = (key, any::<[u8; 32]>(), any::<NonZeroU8>(), res).prop_map(
        |(key, topc, iterations, res)| {
            Tuak::new(key, TopC::from(topc), iterations, res).unwrap().into()
        },
    );
    let version =
        prop_oneof![Just(Comp128Version::V1), Just(Comp128Version::V2), Just(Comp128Version::V3),];
    let comp128 = (version, any::<[u8; 16]>())
        .prop_map(|(version, ki)| Comp128::new(version, ki.into()).into());
    prop_oneof![milenage, tuak, comp128]
}

pub(crate) fn set() -> impl Strategy<Value = VirtualSim> {
    let number = || proptest::option::of("[1-9][0-9]{2,14}".prop_map(|it| it.parse().unwrap()));
    ("[0-9]{18,20}", "[0-9]{6,15}", number(), number(), "[a-zé ]{0,8}", algorithm()).prop_map(
        |(iccid, imsi, msisdn, smsc, spn, algorithm)| VirtualSim {
            iccid: iccid.parse().unwrap(),
            imsi: imsi.parse().unwrap(),
            msisdn,
            smsc,
            spn,
            algorithm,
        },
    )
}

fn one() -> VirtualSim {
    VirtualSim {
        iccid: "8949000000000000001".parse().unwrap(),
        imsi: "001010000000001".parse().unwrap(),
        msisdn: Some("491700000001".parse().unwrap()),
        smsc: None,
        spn: "Eins".into(),
        algorithm: Milenage::new(Key::from([0x46; 16]), Opc::from([0xCD; 16])).into(),
    }
}

fn epoch(term: u32, count: u32) -> Epoch {
    Epoch::new(Term(term), count)
}

proptest! {
    #[test]
    fn a_set_is_the_same_after_writing_and_reading_it(set in set()) {
        let octets = set.encode();
        prop_assert!(octets.len() <= VirtualSim::LEN_MAX);
        prop_assert_eq!(octets.capacity(), VirtualSim::LEN_MAX, "it has grown, and left a copy");
        prop_assert_eq!(VirtualSim::decode(&octets), Ok(set));
    }

    #[test]
    fn no_octets_are_a_panic_and_each_set_is_written_in_one_way(
        set in set(),
        changes in proptest::collection::vec(any::<(proptest::sample::Index, u8)>(), 0..4),
    ) {
        let mut octets = set.encode();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        crate::testkit::fuzz_share_sim(&octets);
    }

    #[test]
    fn what_is_cut_or_has_more_behind_it_is_refused(set in set()) {
        let mut octets = set.encode().to_vec();
        for len in 0..octets.len() {
            prop_assert!(VirtualSim::decode(&octets[..len]).is_err(), "of {} octets", len);
        }
        octets.push(0);
        let behind = polysim_base::InvalidOctets::Trailing { at: octets.len() - 1, count: 1 };
        prop_assert_eq!(VirtualSim::decode(&octets), Err(InvalidSim::Octets(behind)));
    }

    #[test]
    fn a_sealed_set_opens_with_both_keys_and_nothing_else(
        set in set(),
        storage: [u8; 32],
        lock: [u8; 32],
        bit in 0..256_usize,
    ) {
        let keys = (StorageKey(storage), LockKey(lock));
        let sealed = set.seal(&keys.0, &keys.1);
        prop_assert!(sealed.len() <= VirtualSim::SEALED_LEN_MAX);
        prop_assert_eq!(VirtualSim::open(&sealed, &keys.0, &keys.1), Ok(set));
        let flip = |mut key: [u8; 32]| {
            key[bit / 8] ^= 1 << (bit % 8);
            key
        };
        let others = [(StorageKey(flip(storage)), LockKey(lock)), (StorageKey(storage), LockKey(flip(lock)))];
        for (storage, lock) in others {
            prop_assert_eq!(VirtualSim::open(&sealed, &storage, &lock), Err(InvalidSim::Sealed));
        }
    }
}

#[test]
fn any_bit_of_a_sealed_set_that_is_changed_is_refused_and_so_is_a_part_of_it() {
    let keys = (StorageKey([1; 32]), LockKey([2; 32]));
    let sealed = one().seal(&keys.0, &keys.1);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(VirtualSim::open(&changed, &keys.0, &keys.1), Err(InvalidSim::Sealed));
    }
    for len in 0..sealed.len() {
        assert_eq!(VirtualSim::open(&sealed[..len], &keys.0, &keys.1), Err(InvalidSim::Sealed));
    }
    let long = Vec::from([0; VirtualSim::SEALED_LEN_MAX + 1]);
    assert_eq!(VirtualSim::open(&long, &keys.0, &keys.1), Err(InvalidSim::Sealed));
}

#[test]
fn what_is_sealed_shows_nothing_of_the_set() {
    let sealed = one().seal(&StorageKey([1; 32]), &LockKey([2; 32]));
    let octets = one().encode();
    assert!(octets.windows(4).all(|part| !sealed.windows(4).any(|it| it == part)));
}

#[test]
fn the_digest_changes_with_each_parameter_and_each_key() {
    let number = |text: &str| Some(text.parse().unwrap());
    let milenage = |key, opc| Milenage::new(Key::from([key; 16]), Opc::from([opc; 16])).into();
    let others = [
        VirtualSim { iccid: "8949000000000000002".parse().unwrap(), ..one() },
        VirtualSim { imsi: "001010000000002".parse().unwrap(), ..one() },
        VirtualSim { msisdn: number("491700000002"), ..one() },
        VirtualSim { msisdn: None, smsc: one().msisdn, ..one() },
        VirtualSim { spn: "Zwei".into(), ..one() },
        VirtualSim { algorithm: milenage(0x47, 0xCD), ..one() },
        VirtualSim { algorithm: milenage(0x46, 0xCE), ..one() },
    ];
    let mut digests = Vec::from(others.map(|set| set.digest()));
    digests.push(one().digest());
    digests.sort_unstable_by_key(|digest| digest.0);
    digests.dedup();
    assert_eq!(digests.len(), 8);
}

/// The digests of stored sets are compared across releases.
#[test]
fn the_digest_is_what_it_was() {
    let SetDigest([a, b, c, d, ..]) = one().digest();
    assert_eq!([a, b, c, d], [200, 175, 93, 165]);
}

#[test]
fn a_name_that_is_too_long_is_cut_between_characters() {
    let long = VirtualSim { spn: "Fünfzehn Zeiché".into(), ..one() };
    assert_eq!(long.spn.len(), 17);
    let read = VirtualSim::decode(&long.encode()).unwrap();
    assert_eq!(read.spn, "Fünfzehn Zeich");
    assert_eq!(read.digest(), long.digest());
}

#[test]
fn a_set_of_another_version_is_refused_by_its_version() {
    let mut octets = one().encode();
    octets[0] = 9;
    let refused = VirtualSim::decode(&octets).unwrap_err();
    assert_eq!(refused, InvalidSim::Version { found: 9 });
    assert!(refused.to_string().contains("update"));
}

#[test]
fn each_slave_each_lease_and_each_group_has_a_lock_key_of_its_own() {
    let (one, two) = (LockKey([1; 32]), LockKey([2; 32]));
    let (a, b) = (PeerKey([1; 32]), PeerKey([2; 32]));
    let keys = [
        one.derive(&a, epoch(0, 1)),
        one.derive(&a, epoch(0, 2)),
        one.derive(&a, epoch(1, 1)),
        one.derive(&b, epoch(0, 1)),
        two.derive(&a, epoch(0, 1)),
    ];
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key));
        assert!(*key != one && *key != two);
    }
    assert_eq!(one.derive(&a, epoch(0, 1)), keys[0]);
}

#[test]
fn keys_are_masked() {
    let shown = std::format!("{:?}", (one(), LockKey([0xAB; 32]), StorageKey([0xAB; 32])));
    let shown = shown.to_lowercase();
    assert!(
        !shown.contains("171") && !shown.contains("ab, ") && !shown.contains("4646"),
        "{shown}"
    );
}

/// The fields of [`one`] begin at the octets 20 (number), 33 (centre) and 34 (name).
#[test]
fn a_number_or_a_name_that_no_card_has_is_refused() {
    let refused = |at: usize, len: usize, field: &[u8]| {
        let mut octets = one().encode().to_vec();
        octets.splice(at..at + len, field.iter().copied());
        VirtualSim::decode(&octets)
    };
    let value = |at| Err(InvalidSim::Octets(polysim_base::InvalidOctets::Value { at }));
    assert_eq!(refused(20, 13, b"\x0C491700000001"), Ok(one()));
    assert_eq!(refused(20, 13, b"\x0D+491700000001"), value(21), "written in another way");
    assert_eq!(refused(20, 13, b"\x0249"), value(21));
    assert_eq!(refused(20, 13, b"\x100000000000000000"), value(21));
    assert_eq!(refused(34, 5, b"\x04Eins"), Ok(one()));
    assert_eq!(refused(34, 5, b"\x11seventeen octets."), value(35));
    assert_eq!(refused(34, 5, b"\x01\xFF"), value(35));
}
