use super::*;
use crate::data::BoundProfilePackage;
use proptest::prelude::*;
use std::format;

fn keys() -> SessionKeys {
    let stream = Stream::derive(1, 1, Purpose::Test, 0);
    SessionKeys::draw(&mut Randomness::Simulated(stream))
}

#[test]
fn a_package_comes_out_as_the_commands_that_went_in() {
    let package = build(|parts| parts.profile_keys = Some(keys())).unwrap();
    let commands = install(&package, binding()).unwrap();
    let [Command::ChannelInitialised, Command::ConfigureIsdp(configure), rest @ ..] = &commands[..]
    else {
        panic!("{commands:?}")
    };
    assert_eq!(*configure, ConfigureIsdpRequest::default());
    let [Command::StoreMetadata(stored), Command::KeysReplaced, rest @ ..] = rest else {
        panic!("{commands:?}")
    };
    assert_eq!(**stored, metadata());
    assert_eq!(rest.last(), Some(&Command::End));
    assert_eq!(elements(rest), profile(2_500));
}

#[test]
fn a_package_is_cut_as_lpas_cut_it() {
    let package = build(|parts| parts.profile_keys = Some(keys())).unwrap();
    let cut = segments(&package).unwrap();
    assert_eq!(cut.concat(), package);
    let starts: Vec<u8> = cut.iter().map(|segment| segment[0]).collect();
    assert_eq!(starts, [0xBF, 0xA0, 0xA1, 0x88, 0xA2, 0xA3, 0x86, 0x86, 0x86]);
    let bare: Vec<usize> = cut.iter().map(|segment| segment.len()).collect();
    assert_eq!((bare[2], bare[5]), (2, 4));
    assert!(cut[6..].iter().all(|segment| segment.len() <= SEGMENT_LEN_MAX));
    assert_eq!(cut[6].len(), SEGMENT_LEN_MAX);
}

#[test]
fn a_package_is_the_object_of_its_name() {
    let package = build(|_| {}).unwrap();
    let object: BoundProfilePackage = decode("package", &package).unwrap();
    assert_eq!(encode(&object), package);
    assert_eq!(object.sequence_of86.len(), 3);
    assert_eq!(object.second_sequence_of87, None);
}

#[test]
fn an_lpa_may_send_several_objects_at_once() {
    let package = build(|_| {}).unwrap();
    let mut unprotect = Unprotect::new(binding());
    let commands = unprotect.segment(&P256, &package).unwrap();
    assert_eq!(elements(&commands), profile(2_500));
    assert!(unprotect.is_complete());
}

#[test]
fn a_segment_is_made_up_to_the_limit_and_not_read_far_beyond_it() {
    let (mut sender, mut receiver) = (Channel::new(&keys()), Channel::new(&keys()));
    let mut segment = Vec::new();
    sender.encrypt(0x86, &profile(1_007), &mut segment);
    assert_eq!(segment.len(), SEGMENT_LEN_MAX);
    assert_eq!(receiver.decrypt(0x86, &segment), Ok(profile(1_007)));
    let long = [&[0x86, 0x82, 0x04, 0x10][..], &[0; 1_040]].concat();
    assert_eq!(receiver.decrypt(0x86, &long), Err(SegmentError::Structure));
}

#[test]
fn what_a_package_cannot_be_made_of_is_refused() {
    let refused = build(|parts| parts.transaction_id.push(17));
    assert_eq!(refused, Err(BuildError::TransactionId { len: 17 }));
    assert_eq!(build(|parts| parts.host_id.clear()), Err(BuildError::HostId { len: 0 }));
    assert_eq!(build(|parts| parts.profile.clear()), Err(BuildError::Profile { len: 0 }));
}

#[test]
fn secrets_are_not_shown() {
    let package = build(|_| {}).unwrap();
    let commands = install(&package, binding()).unwrap();
    let shown = format!("{:?} {:?} {commands:?}", keys(), Channel::new(&keys()));
    assert!(
        shown.contains("SessionKeys(..)") && shown.contains("Elements(1007 octets)"),
        "{shown}"
    );
    assert!(!shown.contains("31, 62"), "{shown}");
}

proptest! {
    #[test]
    fn any_profile_comes_out_again(len in 1_usize..4_000, own_keys: bool) {
        let package = build(|parts| {
            parts.profile = profile(len);
            parts.profile_keys = own_keys.then(keys);
        });
        let commands = install(&package.unwrap(), binding()).unwrap();
        prop_assert_eq!(elements(&commands), profile(len));
    }
}
