use std::vec::Vec;

use polysim_base::{Eid, Iccid, Plmn};
use polysim_rsp::es2::MatchingId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{DeviceKey, Level, MasterKey, Registration, VisibleNetwork};

fn eid() -> Eid {
    Eid::with_check_digits("890490320000000000000000000001").unwrap()
}

fn key() -> DeviceKey {
    MasterKey::new([7; 16]).device(eid())
}

fn plmn() -> impl Strategy<Value = Plmn> {
    (200_u16..800, 0_u16..100)
        .prop_map(|(mcc, mnc)| Plmn::parse(&std::format!("{mcc:03}{mnc:02}")).unwrap())
}

fn iccid() -> impl Strategy<Value = Iccid> {
    "89[0-9]{17}".prop_map(|text| Iccid::with_check_digit(&text[..18]).unwrap())
}

fn registration() -> impl Strategy<Value = Registration> {
    prop_oneof![
        Just(Registration::Home),
        Just(Registration::Roaming),
        Just(Registration::Searching),
        Just(Registration::NotRegistered),
        any::<u8>().prop_map(|cause| Registration::Denied { cause }),
    ]
}

fn profile() -> impl Strategy<Value = PresentProfile> {
    (iccid(), any::<bool>(), any::<bool>()).prop_map(|(iccid, is_enabled, is_original)| {
        PresentProfile { iccid, is_enabled, is_original }
    })
}

fn network() -> impl Strategy<Value = VisibleNetwork> {
    (plmn(), -300_i16..20)
        .prop_map(|(plmn, dbm)| VisibleNetwork { plmn, level: Level::from_dbm(dbm) })
}

fn list_request() -> impl Strategy<Value = ListRequest> {
    let lists = (vec(profile(), 0..8), vec(network(), 0..40));
    (
        any::<u32>(),
        any::<bool>(),
        registration(),
        proptest::option::of(plmn()),
        any::<Option<u32>>(),
        lists,
    )
        .prop_map(
            |(number, signal, registration, serving, memory_free, (profiles, visible))| {
                ListRequest {
                    number: RequestNumber(number),
                    order: if signal { Order::Signal } else { Order::Tariff },
                    registration,
                    serving,
                    memory_free,
                    profiles,
                    visible,
                }
            },
        )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let failure = prop_oneof![
        Just(DownloadFailure::Unreachable),
        Just(DownloadFailure::Server),
        Just(DownloadFailure::Euicc),
        Just(DownloadFailure::Memory),
        Just(DownloadFailure::Vanished),
    ];
    let numbers = || (any::<u32>().prop_map(RequestNumber), any::<u16>().prop_map(OperatorNumber));
    prop_oneof![
        (numbers(), iccid()).prop_map(|((request, operator), iccid)| Outcome::Downloaded {
            request,
            operator,
            iccid
        }),
        (numbers(), failure).prop_map(|((request, operator), failure)| {
            Outcome::DownloadFailed { request, operator, failure }
        }),
        (iccid(), proptest::option::of(plmn()))
            .prop_map(|(iccid, serving)| Outcome::Switched { iccid, serving }),
        any::<u8>().prop_map(|tried| Outcome::NoneWorked { tried }),
        Just(Outcome::Home),
        Just(Outcome::HomeFailed),
    ]
}

fn uplink() -> impl Strategy<Value = Uplink> {
    prop_oneof![
        list_request().prop_map(|mut request| {
            request.fit();
            Uplink::List(request)
        }),
        (any::<u32>(), any::<u16>(), any::<Option<u32>>(), any::<u16>()).prop_map(
            |(number, operator, memory_free, capabilities)| Uplink::Download(DownloadRequest {
                number: RequestNumber(number),
                operator: OperatorNumber(operator),
                memory_free,
                capabilities: Capabilities(capabilities),
            })
        ),
        (any::<u32>(), outcome(), any::<u16>()).prop_map(|(number, outcome, merged)| {
            Uplink::Report(Report { number: ReportNumber(number), outcome, merged })
        }),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        Just(Refusal::UnknownDevice),
        Just(Refusal::UnknownOperator),
        Just(Refusal::NotEntitled),
        any::<bool>().prop_map(|make_room| Refusal::MemoryTooSmall { make_room }),
        Just(Refusal::CapabilityMissing),
        Just(Refusal::BudgetUsedUp),
        Just(Refusal::TooManyOpen),
        Just(Refusal::OperatorRefused),
    ]
}

fn entries() -> impl Strategy<Value = Vec<ListEntry>> {
    let entry = (any::<u16>(), vec(plmn(), 0..6), proptest::option::of(iccid()));
    let entry = entry.prop_map(|(operator, plmns, iccid)| ListEntry {
        operator: OperatorNumber(operator),
        plmns,
        iccid,
    });
    vec(entry, 0..12)
}

fn downlink() -> impl Strategy<Value = Downlink> {
    let list = prop_oneof![
        entries().prop_map(|entries| ListAnswer::Listed(entries).fit()),
        refusal().prop_map(ListAnswer::Refused),
    ];
    let granted = ("[a-z.]{0,255}", "[0-9A-Z-]{1,255}", iccid());
    let download = prop_oneof![
        granted.prop_map(|(smdp_address, token, iccid)| DownloadAnswer::Granted {
            smdp_address,
            matching_id: MatchingId::parse(&token).unwrap(),
            iccid,
        }),
        Just(DownloadAnswer::Pending),
        refusal().prop_map(DownloadAnswer::Refused),
    ];
    prop_oneof![
        (any::<u32>(), list)
            .prop_map(|(n, answer)| Downlink::List { number: RequestNumber(n), answer }),
        (any::<u32>(), download)
            .prop_map(|(n, answer)| Downlink::Download { number: RequestNumber(n), answer }),
        any::<u32>().prop_map(|n| Downlink::Noted { number: ReportNumber(n) }),
    ]
}

proptest! {
    #[test]
    fn what_a_device_says_is_read_as_it_was_said(counter: u32, message in uplink()) {
        let frame = seal_uplink(&key(), eid(), counter, &message);
        let view = UplinkView::parse(&frame).unwrap();
        prop_assert_eq!(view.eid(), eid());
        prop_assert_eq!(view.open(&key()), Ok((counter, message)));
        prop_assert!(frame.len() <= TEXT_LEN_MAX);
    }

    #[test]
    fn what_the_platform_says_is_read_as_it_was_said(counter: u32, message in downlink()) {
        let frame = seal_downlink(&key(), eid(), counter, &message);
        prop_assert_eq!(open_downlink(&key(), eid(), &frame), Ok((counter, message.clone())));
        let is_list = matches!(message, Downlink::List { .. } | Downlink::Noted { .. });
        let limit = if is_list { TEXT_LEN_MAX } else { FRAME_LEN_MAX };
        prop_assert!(frame.len() <= limit);
    }

    #[test]
    fn a_changed_octet_is_found(counter: u32, message in uplink(), at: prop::sample::Index, by in 1_u8..) {
        let mut frame = seal_uplink(&key(), eid(), counter, &message);
        let at = at.index(frame.len());
        frame[at] ^= by;
        let opened = UplinkView::parse(&frame).and_then(|view| view.open(&key()));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn no_octets_make_it_panic(octets in vec(any::<u8>(), 0..200)) {
        crate::testkit::fuzz_steering_wire(&octets);
    }

    #[test]
    fn a_counter_is_taken_once_however_they_come(order in vec(0_u32..200, 0..400)) {
        let (mut counters, mut taken) = (Counters::default(), std::collections::BTreeSet::new());
        for counter in order {
            if counters.is_fresh(counter) {
                prop_assert!(counter == 0 || taken.insert(counter), "{counter} twice");
            }
            counters.take(counter);
            taken.insert(counter);
        }
    }
}

#[test]
fn a_frame_that_comes_late_is_taken_if_it_is_not_far_behind() {
    let mut counters = Counters::default();
    counters.take(70);
    assert!(counters.is_fresh(69) && counters.is_fresh(7) && !counters.is_fresh(6));
    counters.take(69);
    assert!(!counters.is_fresh(69) && !counters.is_fresh(70));
    counters.take(1_000);
    assert!(!counters.is_fresh(70) && !counters.is_fresh(1_000) && counters.is_fresh(1_001));
}

#[test]
fn a_request_names_the_enabled_profile_and_the_strongest_networks_first() {
    let plmn = |n: u16| Plmn::parse(&std::format!("2620{}", n % 10)).unwrap();
    let iccid = |n: u16| Iccid::with_check_digit(&std::format!("8949{n:014}")).unwrap();
    let mut request = ListRequest {
        number: RequestNumber(1),
        order: Order::Tariff,
        registration: Registration::Roaming,
        serving: Some(plmn(0)),
        memory_free: Some(100_000),
        profiles: (0..6)
            .map(|n| PresentProfile { iccid: iccid(n), is_enabled: n == 5, is_original: n == 4 })
            .collect(),
        visible: (0..40_i16)
            .map(|n| VisibleNetwork {
                plmn: plmn(n.unsigned_abs()),
                level: Level::from_dbm(-110 + n),
            })
            .collect(),
    };
    request.fit();
    assert_eq!(request.profiles.len(), 4);
    assert!(request.profiles[0].is_enabled && request.profiles[1].is_original);
    assert_eq!(request.visible.first().unwrap().level.dbm(), -71);
    assert_eq!(request.visible.len(), 12, "as many as there is room for");
}

#[test]
fn a_frame_for_another_device_is_not_authentic() {
    let other = Eid::with_check_digits("890490320000000000000000000002").unwrap();
    let frame = seal_downlink(&key(), other, 1, &Downlink::Noted { number: ReportNumber(1) });
    assert_eq!(open_downlink(&key(), eid(), &frame), Err(WireError::NotAuthentic));
    assert_ne!(
        MasterKey::new([7; 16]).device(other).mac(&[b"x"]),
        key().mac(&[b"x"]),
        "each device has a key of its own"
    );
}

#[test]
fn keys_are_not_shown() {
    assert_eq!(
        std::format!("{:?} {:?}", key(), MasterKey::new([7; 16])),
        "DeviceKey(..) MasterKey(..)"
    );
}
