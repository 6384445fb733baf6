use super::*;
use crate::{InvalidSim, PeerKey};
use polysim_aka::{Sqn, SqnArray};
use polysim_base::InvalidOctets;
use polysim_lease::Term;
use proptest::prelude::*;
use std::string::ToString as _;

fn epoch() -> impl Strategy<Value = Epoch> {
    any::<(u32, u32)>().prop_map(|(term, count)| Epoch::new(Term(term), count))
}

fn sequence() -> impl Strategy<Value = SqnArray> {
    proptest::collection::vec((0..1_u64 << 30, 0..32_u8), 0..40).prop_map(|numbers| {
        let mut array = SqnArray::default();
        for (seq, ind) in numbers {
            array.accept(Sqn::new(seq, ind).unwrap());
        }
        array
    })
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..64)
}

fn holder() -> impl Strategy<Value = HeldBy> {
    prop_oneof![
        Just(HeldBy::Master),
        Just(HeldBy::Consent),
        "[a-zé ]{1,16}".prop_map(|name| HeldBy::Slave(DeviceName::new(&name).unwrap())),
    ]
}

fn to_slave() -> impl Strategy<Value = ToSlave> {
    let lock = || any::<[u8; 32]>().prop_map(LockKey);
    prop_oneof![
        (holder(), any::<Option<u64>>()).prop_map(|(holder, micros)| {
            ToSlave::Busy { holder, for_at_most: micros.map(Duration::from_micros) }
        }),
        Just(ToSlave::Read),
        (epoch(), crate::sim::tests::set(), lock(), sequence()).prop_map(
            |(epoch, set, lock, sequence)| {
                ToSlave::Take { epoch, set: Box::new(set), lock, sequence }
            }
        ),
        (epoch(), lock(), sequence()).prop_map(|(epoch, lock, sequence)| ToSlave::Activate {
            epoch,
            lock,
            sequence
        }),
        epoch().prop_map(|epoch| ToSlave::Lend { epoch }),
        epoch().prop_map(|epoch| ToSlave::Resume { epoch }),
        epoch().prop_map(|epoch| ToSlave::Revoke { epoch }),
        epoch().prop_map(|epoch| ToSlave::Noted { epoch }),
        Just(ToSlave::Wipe),
        (epoch(), message()).prop_map(|(epoch, message)| ToSlave::Card { epoch, message }),
    ]
}

fn to_master() -> impl Strategy<Value = ToMaster> {
    let known = || proptest::option::of(sequence());
    prop_oneof![
        (proptest::option::of(epoch()), epoch(), any::<bool>(), known()).prop_map(
            |(holds, newest, wants, sequence)| ToMaster::Hello { holds, newest, wants, sequence }
        ),
        any::<Option<[u8; 32]>>()
            .prop_map(|digest| ToMaster::Have { digest: digest.map(SetDigest) }),
        epoch().prop_map(|epoch| ToMaster::Active { epoch }),
        epoch().prop_map(|epoch| ToMaster::Unable { epoch }),
        (epoch(), known(), any::<bool>()).prop_map(|(epoch, sequence, wants)| ToMaster::Released {
            epoch,
            sequence,
            wants
        }),
        (epoch(), sequence()).prop_map(|(epoch, sequence)| ToMaster::Sequence { epoch, sequence }),
        Just(ToMaster::Wiped),
        (epoch(), message()).prop_map(|(epoch, message)| ToMaster::Card { epoch, message }),
    ]
}

proptest! {
    #[test]
    fn what_the_master_says_is_the_same_after_writing_and_reading_it(message in to_slave()) {
        let octets = message.encode();
        prop_assert_eq!(octets.capacity(), 512, "it has grown, and left a copy");
        prop_assert_eq!(ToSlave::decode(&octets), Ok(message));
        prop_assert!(ToMaster::decode(&octets).is_err(), "it was taken for a word of a slave");
    }

    #[test]
    fn what_a_slave_says_is_the_same_after_writing_and_reading_it(message in to_master()) {
        let octets = message.encode();
        prop_assert_eq!(ToMaster::decode(&octets), Ok(message));
        prop_assert!(ToSlave::decode(&octets).is_err(), "it was taken for a word of a master");
    }

    #[test]
    fn no_octets_are_a_panic_and_each_message_is_written_in_one_way(
        message in prop_oneof![
            to_slave().prop_map(|it| it.encode().to_vec()),
            to_master().prop_map(|it| it.encode()),
        ],
        changes in proptest::collection::vec(any::<(proptest::sample::Index, u8)>(), 0..4),
    ) {
        let mut octets = message;
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        crate::testkit::fuzz_share_wire(&octets);
    }

    #[test]
    fn what_is_cut_is_refused_or_is_a_shorter_message_of_the_card(
        down in to_slave(),
        up in to_master(),
    ) {
        let octets = down.encode();
        for len in 0..octets.len() {
            let read = ToSlave::decode(&octets[..len]);
            prop_assert!(matches!(read, Err(_) | Ok(ToSlave::Card { .. })), "of {} octets", len);
        }
        let octets = up.encode();
        for len in 0..octets.len() {
            let read = ToMaster::decode(&octets[..len]);
            prop_assert!(matches!(read, Err(_) | Ok(ToMaster::Card { .. })), "of {} octets", len);
        }
    }
}

#[test]
fn a_message_is_taken_up_to_its_limit_and_no_further() {
    let card = |len| ToSlave::Card { epoch: Epoch::NONE, message: std::vec![7; len] };
    let longest = card(CARD_LEN_MAX);
    let mut octets = longest.encode();
    assert_eq!(octets.len(), MESSAGE_LEN_MAX);
    assert_eq!(ToSlave::decode(&octets), Ok(longest));
    octets.push(7);
    let len = MESSAGE_LEN_MAX + 1;
    assert_eq!(ToSlave::decode(&octets), Err(WireError::TooLong { len }));
    assert_eq!(ToMaster::decode(&octets), Err(WireError::TooLong { len }));
}

#[test]
fn another_version_is_refused_by_its_version() {
    let mut octets = ToSlave::Read.encode();
    octets[0] = 2;
    let refused = ToSlave::decode(&octets).unwrap_err();
    assert_eq!(refused, WireError::Version { found: 2 });
    assert!(refused.to_string().contains("update"));
    assert_eq!(ToMaster::decode(&octets), Err(WireError::Version { found: 2 }));
}

#[test]
fn something_behind_the_end_is_refused() {
    let mut octets = ToSlave::Wipe.encode();
    octets.push(0);
    let behind = InvalidOctets::Trailing { at: 2, count: 1 };
    assert_eq!(ToSlave::decode(&octets), Err(WireError::Octets(behind)));
}

#[test]
fn a_set_that_cannot_be_read_is_refused_as_one() {
    let lock = LockKey([0; 32]).derive(&PeerKey([0; 32]), Epoch::NONE);
    let sequence = SqnArray::default();
    let mut octets = ToSlave::Activate { epoch: Epoch::NONE, lock, sequence }.encode();
    octets[1] = ToSlave::Lend { epoch: Epoch::NONE }.encode()[1] - 2;
    octets.push(9);
    let refused = WireError::Sim(InvalidSim::Version { found: 9 });
    assert_eq!(ToSlave::decode(&octets), Err(refused));
}

/// Whoever can write a message could fill memory, or make a card refuse what it should take.
#[test]
fn sequence_numbers_that_no_card_has_are_refused() {
    let array = |numbers: &[(u64, u8)]| {
        let mut octets = ToMaster::Active { epoch: Epoch::NONE }.encode();
        octets[1] = 0x86;
        let (highest, others) = numbers.split_first().unwrap();
        let bytes = |(seq, ind): &(u64, u8)| Sqn::new(*seq, *ind).unwrap().to_bytes();
        octets.extend(bytes(highest));
        octets.push(u8::try_from(others.len()).unwrap());
        octets.extend(others.iter().flat_map(bytes));
        ToMaster::decode(&octets)
    };
    assert!(array(&[(9, 1), (7, 2), (9, 0)][..2]).is_ok());
    let wrong: [&[(u64, u8)]; 6] = [
        &[(9, 1), (10, 2)],
        &[(9, 1), (7, 1)],
        &[(9, 1), (7, 2), (8, 2)],
        &[(9, 1), (7, 3), (7, 2)],
        &[(9, 1), (0, 2)],
        &[(9, 1), (9, 2)],
    ];
    for numbers in wrong {
        assert!(matches!(array(numbers), Err(WireError::Octets(_))), "{numbers:?}");
    }
}
