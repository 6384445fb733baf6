mod properties;
mod vectors;
mod window;

use std::format;
use std::string::ToString as _;

use crate::{
    Ck, Kc, Key, NetworkName, OctetsError, Rand, Res, ServingNetworkName, Sqn, SqnRangeError,
};

#[test]
fn secrets_are_masked_and_open_values_are_hex() {
    let key = Key::from([0xAB; 16]);
    assert_eq!(format!("{key} {key:?}"), "*** Key(***)");
    let milenage = crate::Milenage::new(key.clone(), crate::Opc::from([0xCD; 16]));
    let tuak = crate::Tuak::new(
        crate::TuakKey::Bits128(key.clone()),
        crate::TopC::from([0xCD; 32]),
        core::num::NonZeroU8::MIN,
        crate::TuakResLength::Bits64,
    )
    .unwrap();
    let comp128 = crate::Comp128::new(crate::Comp128Version::V1, key);
    for algorithm in [crate::Algorithm::from(milenage), tuak.into(), comp128.into()] {
        let text = format!("{algorithm:?}").to_lowercase();
        assert!(text.contains("***") && !text.contains("abab") && !text.contains("171"), "{text}");
        assert!(!text.contains("cdcd") && !text.contains("205"), "{text}");
    }
    assert_eq!(format!("{:?} {}", Ck::from([1; 16]), Kc::from([1; 8])), "Ck(***) ***");
    let rand = Rand::from([0xAB; 16]);
    assert_eq!(rand.to_string(), "ab".repeat(16));
    assert_eq!(format!("{:?}", Res::from([1, 2, 3, 4])), "Res(01020304)");
}

#[test]
fn hex_errors_say_what_and_where() {
    let wrong = |got| OctetsError::Length { what: "Rand", expected_min: 16, expected_max: 16, got };
    assert_eq!("".parse::<Rand>(), Err(wrong(0)));
    assert_eq!("0".repeat(31).parse::<Rand>(), Err(wrong(15)));
    assert_eq!("0".repeat(33).parse::<Rand>(), Err(wrong(17)));
    assert_eq!(Rand::try_from([0; 15].as_slice()), Err(wrong(15)));
    let text = "0".repeat(20) + "g" + &"0".repeat(11);
    assert_eq!(text.parse::<Rand>(), Err(OctetsError::Digit { what: "Rand", position: 20 }));
    assert_eq!("Aa".repeat(16).parse(), Ok(Rand::from([0xAA; 16])));
    // Two bytes of UTF-8 are no digits either.
    assert!("ä".repeat(16).parse::<Rand>().is_err());
}

#[test]
fn res_has_4_to_16_bytes() {
    for len in 0..=40 {
        let bytes = [0x5A; 40];
        let res = Res::try_from(&bytes[..len]);
        assert_eq!(res.is_ok(), (4..=16).contains(&len), "{len}");
        if let Ok(res) = res {
            assert_eq!(res.as_bytes(), &bytes[..len]);
        }
    }
    assert!(Res::try_from([0; 300].as_slice()).is_err());
    assert_ne!(Res::from([0; 4]), Res::from([0; 8]), "the length counts");
}

#[test]
fn c2_folds_res_of_any_length() {
    assert_eq!(crate::c2(&Res::from([1, 2, 3, 4])).as_bytes(), &[1, 2, 3, 4]);
    let res = Res::try_from([1, 2, 3, 4, 0x10, 0x20].as_slice()).unwrap();
    assert_eq!(crate::c2(&res).as_bytes(), &[0x11, 0x22, 3, 4]);
    let res = Res::from([1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 7]);
    assert_eq!(crate::c2(&res).as_bytes(), &[15, 0, 0, 7]);
}

#[test]
fn sqn_is_seq_and_ind() {
    let sqn = Sqn::new(0x7FF_FFFF_FFFF, 0x1E).unwrap();
    assert_eq!(sqn.to_bytes(), [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]);
    assert_eq!((sqn.seq(), sqn.ind()), (Sqn::SEQ_MAX, 30));
    assert_eq!(Sqn::new(1 << 43, 0), Err(SqnRangeError::Seq { got: 1 << 43 }));
    assert_eq!(Sqn::new(0, 32), Err(SqnRangeError::Ind { got: 32 }));
    assert_eq!(Sqn::try_from(1_u64 << 48), Err(SqnRangeError::Sqn { got: 1 << 48 }));
    assert_eq!("ff9bb4d0b607".parse::<Sqn>().map(Sqn::to_u64), Ok(0xFF9B_B4D0_B607));
    assert_eq!(Sqn::new(1, 2).unwrap().to_string(), "000000000022");
}

#[test]
fn network_names_are_checked() {
    let name = ServingNetworkName::new(262, 7).unwrap();
    assert_eq!(name.name().as_str(), "5G:mnc007.mcc262.3gppnetwork.org");
    assert_eq!(ServingNetworkName::new(1000, 1), None);
    assert_eq!(ServingNetworkName::new(1, 1000), None);
    let long = "x".repeat(NetworkName::LEN_MAX);
    assert!(NetworkName::new(&long).is_ok());
    assert_eq!(NetworkName::new(&(long + "x")).unwrap_err().got, 0x1_0000);
}

#[test]
fn idle_values_are_small() {
    assert!(size_of::<crate::Algorithm>() <= 40);
    assert!(size_of::<crate::SqnArray>() <= 24);
    assert!(size_of::<crate::Subscriber>() <= 56);
}

#[test]
fn the_seed_corpus_of_the_fuzz_target_passes() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/aka_autn");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        crate::testkit::fuzz_aka_autn(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 5, "{count} seeds");
}
