use core::num::NonZeroU8;
use std::boxed::Box;
use std::vec::Vec;

use proptest::prelude::*;

use crate::testkit::{WindowModel, fuzz_aka_autn};
use crate::*;

fn algorithm() -> impl Strategy<Value = Algorithm> {
    let lengths = prop_oneof![
        Just(TuakResLength::Bits32),
        Just(TuakResLength::Bits64),
        Just(TuakResLength::Bits128)
    ];
    let tuak = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<bool>(), lengths, 1..4_u8).prop_map(
        |(key, topc, long, res, iterations)| {
            let key = if long {
                TuakKey::Bits256(Key256::from(key))
            } else {
                TuakKey::Bits128(Key::try_from(&key[..16]).unwrap())
            };
            let iterations = NonZeroU8::new(iterations).unwrap();
            Tuak::new(key, TopC::from(topc), iterations, res).unwrap()
        },
    );
    prop_oneof![
        (any::<[u8; 16]>(), any::<[u8; 16]>()).prop_map(|(key, opc)| Milenage::new(
            Key::from(key),
            Opc::from(opc)
        )
        .into()),
        tuak.prop_map(|tuak| Algorithm::Tuak(Box::new(tuak))),
    ]
}

fn sqn() -> impl Strategy<Value = Sqn> {
    let seq = prop_oneof![
        4 => 0..40_u64,
        1 => SqnArray::DELTA - 3..SqnArray::DELTA + 40,
        1 => 2 * SqnArray::DELTA - 3..2 * SqnArray::DELTA + 40,
        1 => 0..=Sqn::SEQ_MAX,
        1 => Sqn::SEQ_MAX - 3..=Sqn::SEQ_MAX,
    ];
    (seq, 0..32_u8).prop_map(|(seq, ind)| Sqn::new(seq, ind).unwrap())
}

fn rand() -> impl Strategy<Value = Rand> {
    any::<[u8; 16]>().prop_map(Rand::from)
}

fn amf() -> impl Strategy<Value = Amf> {
    any::<[u8; 2]>().prop_map(Amf::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_card_with_a_lower_sqn_accepts_the_networks_vector(
        algorithm in algorithm(), rand in rand(), amf in amf(),
        seq in 1..=Sqn::SEQ_MAX, behind in 1..SqnArray::DELTA, ind in 0..32_u8, ind_ms in 0..32_u8,
    ) {
        let sqn = Sqn::new(seq, ind).unwrap();
        let sqn_ms = Sqn::new(seq.saturating_sub(behind), ind_ms).unwrap();
        let vector = AuthVector::generate(&algorithm, rand, sqn, amf).unwrap();
        let mut window = SqnArray::starting_at(sqn_ms);
        match authenticate(&algorithm, &mut window, &rand, &vector.autn).unwrap() {
            AuthOutcome::Success { res, ck, ik, kc } => {
                prop_assert_eq!(gsm(&algorithm, &rand), (c2(&res), kc));
                prop_assert_eq!((res, ck, ik), (vector.xres, vector.ck, vector.ik));
                prop_assert_eq!(window.highest(), sqn);
                prop_assert_eq!(vector.autn.amf(), amf);
            }
            outcome @ (AuthOutcome::SyncFailure { .. } | AuthOutcome::MacFailure) => {
                prop_assert!(false, "{:?}", outcome);
            }
        }
    }

    #[test]
    fn a_flipped_bit_of_autn_is_a_mac_failure(
        algorithm in algorithm(), rand in rand(), amf in amf(), sqn in sqn(), sqn_ms in sqn(),
        bit in 0..128_u32,
    ) {
        let vector = AuthVector::generate(&algorithm, rand, sqn, amf).unwrap();
        let flipped = u128::from_be_bytes(*vector.autn.as_bytes()) ^ 1 << bit;
        let autn = Autn::from(flipped.to_be_bytes());
        let mut window = SqnArray::starting_at(sqn_ms);
        let outcome = authenticate(&algorithm, &mut window, &rand, &autn);
        prop_assert_eq!(outcome, Ok(AuthOutcome::MacFailure));
        prop_assert_eq!(window, SqnArray::starting_at(sqn_ms));
    }

    #[test]
    fn an_auts_is_verified_and_the_next_vector_accepted(
        algorithm in algorithm(), first in rand(), second in rand(),
        sqn_he in sqn(), accepted in proptest::collection::vec(sqn(), 1..12), bit in 0..112_u32,
    ) {
        let mut window = SqnArray::default();
        for sqn in accepted {
            window.accept(sqn);
        }
        let generator = SqnGenerator::after(sqn_he);
        let mut auc = Subscriber::with_generator(algorithm.clone(), Amf::EPS, generator);
        let Ok(vector) = auc.next_vector(first) else { return Ok(()) };
        let outcome = authenticate(&algorithm, &mut window, &first, &vector.autn).unwrap();
        let AuthOutcome::SyncFailure { auts } = outcome else { return Ok(()) };

        let mut bytes = [0; 16];
        bytes[2..].copy_from_slice(auts.as_bytes());
        let flipped = (u128::from_be_bytes(bytes) ^ 1 << bit).to_be_bytes();
        let forged = Auts::try_from(&flipped[2..]).unwrap();
        let before = auc.clone();
        prop_assert_eq!(auc.resynchronise(&first, &forged), Err(AutsError::Mac));
        if first != second {
            prop_assert_eq!(auc.resynchronise(&second, &auts), Err(AutsError::Mac));
        }
        prop_assert_eq!(&auc, &before);

        prop_assert_eq!(auc.resynchronise(&first, &auts), Ok(window.highest()));
        match auc.next_vector(second) {
            Ok(vector) => {
                let outcome = authenticate(&algorithm, &mut window, &second, &vector.autn);
                prop_assert!(matches!(outcome, Ok(AuthOutcome::Success { .. })), "{:?}", outcome);
            }
            Err(error) => {
                prop_assert_eq!(error, AucError::SqnExhausted(SqnExhausted));
                prop_assert_eq!(window.highest().seq(), Sqn::SEQ_MAX);
            }
        }
    }

    #[test]
    fn the_window_is_that_of_the_model(numbers in proptest::collection::vec(sqn(), 0..200)) {
        let (mut window, mut model) = (SqnArray::default(), WindowModel::default());
        for sqn in numbers {
            prop_assert_eq!(window.accept(sqn), model.accept(sqn), "{}", sqn);
            prop_assert_eq!(window.highest(), model.highest());
        }
    }

    #[test]
    fn a_small_window_is_that_of_the_model(
        numbers in proptest::collection::vec((0..6_u64, 0..4_u8), 0..60),
    ) {
        let (mut window, mut model) = (SqnArray::default(), WindowModel::default());
        for (seq, ind) in numbers {
            let sqn = Sqn::new(seq, ind).unwrap();
            prop_assert_eq!(window.accept(sqn), model.accept(sqn), "{}", sqn);
            prop_assert_eq!(window.highest(), model.highest());
        }
    }

    #[test]
    fn a_merge_never_takes_an_entry_back_and_takes_every_higher_one_over(
        one in proptest::collection::vec((0..6_u64, 0..4_u8), 0..12),
        other in proptest::collection::vec((0..6_u64, 0..4_u8), 0..12),
    ) {
        let window = |numbers: Vec<(u64, u8)>| {
            let mut window = SqnArray::default();
            for (seq, ind) in numbers {
                window.accept(Sqn::new(seq, ind).unwrap());
            }
            window
        };
        let (one, other) = (window(one), window(other));
        let (mut merged, mut reverse) = (one.clone(), other.clone());
        merged.merge(&other);
        reverse.merge(&one);
        for ind in 0..32 {
            prop_assert_eq!(merged.seq_ms(ind), one.seq_ms(ind).max(other.seq_ms(ind)));
        }
        prop_assert_eq!(&merged, &reverse);
        merged.merge(&other);
        prop_assert_eq!(merged, reverse, "again changes nothing");
    }

    #[test]
    fn vector_after_vector_is_accepted_once(algorithm in algorithm(), rand in rand(), count in 1..70) {
        let mut auc = Subscriber::new(algorithm.clone(), Amf::EPS);
        let mut window = SqnArray::default();
        let mut latest = None;
        for _ in 0..count {
            let vector = auc.next_vector(rand).unwrap();
            let outcome = authenticate(&algorithm, &mut window, &rand, &vector.autn).unwrap();
            let accepted = matches!(outcome, AuthOutcome::Success { .. });
            prop_assert!(accepted, "{:?}", outcome);
            latest = Some(vector);
        }
        let outcome = authenticate(&algorithm, &mut window, &rand, &latest.unwrap().autn).unwrap();
        let refused = matches!(outcome, AuthOutcome::SyncFailure { .. });
        prop_assert!(refused, "{:?}", outcome);
    }

    #[test]
    fn the_fuzz_body_holds_for_arbitrary_bytes(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz_aka_autn(&data);
    }

    #[test]
    fn values_round_trip_through_text(bytes in any::<[u8; 14]>(), res in proptest::collection::vec(any::<u8>(), 4..=16)) {
        let auts = Auts::from(bytes);
        prop_assert_eq!(std::string::ToString::to_string(&auts).parse(), Ok(auts));
        prop_assert_eq!(Res::try_from(res.as_slice()).map(|res| Vec::from(res.as_bytes())), Ok(res));
    }

    #[test]
    fn comp128_has_no_aka(key in any::<[u8; 16]>(), rand in rand(), bytes in any::<[u8; 16]>()) {
        let algorithm = Algorithm::from(Comp128::new(Comp128Version::V1, Key::from(key)));
        let mut auc = Subscriber::new(algorithm.clone(), Amf::ZERO);
        let before = auc.clone();
        prop_assert_eq!(auc.next_vector(rand), Err(AucError::GsmOnly(GsmOnly)));
        prop_assert_eq!(auc, before);
        let autn = Autn::from(bytes);
        prop_assert_eq!(authenticate(&algorithm, &mut SqnArray::default(), &rand, &autn), Err(GsmOnly));
    }
}
