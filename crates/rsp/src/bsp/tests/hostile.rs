use super::*;
use proptest::prelude::*;

fn with_binding(bend: impl FnOnce(&mut Binding)) -> Result<Vec<Command>, Refusal> {
    let mut binding = binding();
    bend(&mut binding);
    install(&build(|_| {}).unwrap(), binding)
}

#[test]
fn a_package_for_another_session_key_or_euicc_is_refused_for_its_reason() {
    let first = BppCommandId::InitialiseSecureChannel;
    assert!(with_binding(|_| {}).is_ok());
    let verdict = with_binding(|binding| binding.transaction_id = std::vec![1]);
    assert_eq!(verdict, refused(first, ErrorReason::InvalidTransactionId));
    let verdict = with_binding(|binding| binding.signer = key(10).public());
    assert_eq!(verdict, refused(first, ErrorReason::InvalidSignature));
    let verdict = with_binding(|binding| binding.one_time_key = key(10));
    assert_eq!(verdict, refused(first, ErrorReason::InvalidSignature));
    let other = Eid::with_check_digits("890490321234512345123456789099").unwrap();
    let verdict = with_binding(|binding| binding.eid = other);
    assert_eq!(verdict, refused(BppCommandId::ConfigureIsdp, ErrorReason::Scp03tSecurityError));
}

/// Opens a channel by a request whose parts were replaced, signed as it should be.
fn opened(operation: u8, template: &[u8], point: &[u8]) -> Result<Vec<Command>, Refusal> {
    use crate::pki::tlv;
    let request = [
        tlv(0x82, &[&[operation]]),
        tlv(0x80, &[&TRANSACTION]),
        tlv(0xA6, &[template]),
        tlv(0x5F49, &[point]),
    ];
    let request = request.concat();
    let signed = [&request[..], &tlv(0x5F49, &[key(8).public().as_bytes()])].concat();
    let signature = tlv(0x5F37, &[&key(9).sign(&signed)]);
    let initialise = tlv(0xBF23, &[&request, &signature]);
    let package = tlv(0xBF36, &[&initialise, &[0xA0, 0]]);
    Unprotect::new(binding()).segment(&P256, &package[..package.len() - 2])
}

#[test]
fn a_channel_of_another_kind_is_refused_for_its_reason() {
    let template = [0x80, 1, 0x88, 0x81, 1, 0x10, 0x84, 1, 0x41];
    let point = key(7).public().to_bytes();
    let first = BppCommandId::InitialiseSecureChannel;
    assert_eq!(opened(1, &template, &point), Ok(std::vec![Command::ChannelInitialised]));
    let verdict = opened(2, &template, &point);
    assert_eq!(verdict, refused(first, ErrorReason::UnsupportedRemoteOperationType));
    for (at, octet) in [(2, 0x80), (5, 0x20)] {
        let mut bent = template;
        bent[at] = octet;
        let verdict = opened(1, &bent, &point);
        assert_eq!(verdict, refused(first, ErrorReason::UnsupportedCrtValues));
    }
    let verdict = opened(1, &[0x80, 1, 0x88, 0x81, 1, 0x10, 0x84, 0], &point);
    assert_eq!(verdict, refused(first, ErrorReason::UnsupportedCrtValues));
    let verdict = opened(1, &template[..6], &point);
    assert_eq!(verdict, refused(first, ErrorReason::IncorrectInputValues));
    let mut off = point;
    off[64] ^= 1;
    let verdict = opened(1, &template, &off);
    assert_eq!(verdict, refused(first, ErrorReason::IncorrectInputValues));
}

/// The package of the negative set, with keys of its own, and where each of its segments belongs.
fn package() -> (Vec<u8>, Vec<BppCommandId>) {
    let stream = Stream::derive(1, 1, Purpose::Test, 0);
    let ppk = SessionKeys::draw(&mut Randomness::Simulated(stream));
    let package = build(|parts| parts.profile_keys = Some(ppk)).unwrap();
    let place = |segment: &&[u8]| match segment[0] {
        0xBF => BppCommandId::InitialiseSecureChannel,
        0xA0 => BppCommandId::ConfigureIsdp,
        0xA1 | 0x88 => BppCommandId::StoreMetadata,
        0xA2 => BppCommandId::ReplaceSessionKeys,
        _ => BppCommandId::LoadProfileElements,
    };
    let places = segments(&package).unwrap().iter().map(place).collect();
    (package, places)
}

/// Feeds segments of which the one at `bad` was spoiled.
fn fed(package: &[u8], bad: usize, spoil: impl FnOnce(&mut Vec<u8>)) -> Refusal {
    let mut unprotect = Unprotect::new(binding());
    let cut = segments(package).unwrap();
    for segment in &cut[..bad] {
        unprotect.segment(&P256, segment).unwrap();
    }
    let mut spoiled = cut[bad].to_vec();
    spoil(&mut spoiled);
    let refusal = unprotect.segment(&P256, &spoiled).unwrap_err();
    // The session is over: not even the right segment helps.
    assert_eq!(unprotect.segment(&P256, cut[bad]), Err(refusal));
    refusal
}

#[test]
fn a_segment_that_was_changed_on_the_way_is_refused_where_it_stands() {
    let (package, places) = package();
    let is_header = |bad: &usize| segments(&package).unwrap()[*bad].len() <= 4;
    for bad in (0..places.len()).filter(|bad| !is_header(bad)) {
        let refusal = fed(&package, bad, |segment| *segment.last_mut().unwrap() ^= 1);
        let first = places[bad] == BppCommandId::InitialiseSecureChannel;
        let reason =
            if first { ErrorReason::InvalidSignature } else { ErrorReason::Scp03tSecurityError };
        assert_eq!(refusal, Refusal { command: places[bad], reason }, "segment {bad}");
    }
}

#[test]
fn a_header_that_was_changed_is_refused_with_the_segments_behind_it() {
    let (package, places) = package();
    for (header, offset) in [(2, 1), (5, 3)] {
        for change in [1, 3] {
            let mut unprotect = Unprotect::new(binding());
            let mut verdict = Ok(Vec::new());
            for (at, segment) in segments(&package).unwrap().into_iter().enumerate() {
                let mut segment = segment.to_vec();
                if at == header {
                    segment[offset] ^= change;
                }
                verdict = verdict.and_then(|_| unprotect.segment(&P256, &segment));
            }
            let refusal = verdict.unwrap_err();
            assert_eq!(refusal.reason, ErrorReason::Scp03tStructureError);
            assert!(refusal.command.code() >= places[header].code(), "{refusal}");
        }
    }
}

#[test]
fn a_segment_that_was_cut_is_refused_where_it_stands() {
    let (package, places) = package();
    for (bad, place) in places.iter().enumerate() {
        let refusal = fed(&package, bad, |segment| segment.truncate(segment.len() - 1));
        let first = *place == BppCommandId::InitialiseSecureChannel;
        let expected = if first {
            ErrorReason::IncorrectInputValues
        } else {
            ErrorReason::Scp03tStructureError
        };
        assert_eq!(refusal, Refusal { command: *place, reason: expected }, "segment {bad}");
    }
}

#[test]
fn segments_that_are_lost_doubled_or_exchanged_are_refused() {
    let (package, _) = package();
    let cut = segments(&package).unwrap();
    let refusal = |order: &[usize]| {
        let mut unprotect = Unprotect::new(binding());
        let verdicts: Vec<_> = order.iter().map(|at| unprotect.segment(&P256, cut[*at])).collect();
        assert!(!unprotect.is_complete());
        verdicts.into_iter().find_map(Result::err).map(|refusal| refusal.reason)
    };
    let security = Some(ErrorReason::Scp03tSecurityError);
    let structure = Some(ErrorReason::Scp03tStructureError);
    assert_eq!(refusal(&[0, 1, 2, 3, 4, 5, 7]), security, "lost");
    assert_eq!(refusal(&[0, 1, 2, 3, 4, 5, 6, 6]), security, "doubled");
    assert_eq!(refusal(&[0, 1, 2, 3, 4, 5, 7, 6]), security, "exchanged");
    assert_eq!(refusal(&[0, 1, 2, 3, 5, 6]), security, "without the keys of the profile");
    assert_eq!(refusal(&[0, 1, 2, 3, 4, 4]), structure, "keys replaced twice");
    assert_eq!(refusal(&[0, 2]), structure, "without a place for the profile");
    assert_eq!(refusal(&[1]), Some(ErrorReason::IncorrectInputValues), "without a channel");
    assert_eq!(refusal(&[0, 1, 2, 3, 4, 5, 6, 7]), None, "the last is still to come");
}

#[test]
fn the_lengths_of_a_package_must_agree() {
    let (package, _) = package();
    for (at, delta) in [(3, 1_u8), (3, 0xFF)] {
        let mut bent = package.clone();
        bent[at + 1] = bent[at + 1].wrapping_add(delta);
        let mut unprotect = Unprotect::new(binding());
        let verdict = unprotect.segment(&P256, &bent);
        let expected =
            refused(BppCommandId::LoadProfileElements, ErrorReason::Scp03tStructureError);
        assert_eq!(verdict, expected, "{delta:+}");
        assert!(segments(&bent).is_err());
    }
    let (package, more) = (build(|_| {}).unwrap(), [0x86, 0]);
    let mut unprotect = Unprotect::new(binding());
    unprotect.segment(&P256, &package).unwrap();
    let verdict = unprotect.segment(&P256, &more);
    assert_eq!(verdict.unwrap_err().reason, ErrorReason::Scp03tStructureError);
}

#[test]
fn what_is_under_the_check_but_is_no_command_is_refused() {
    let secret = key(7).agree(&key(8).public());
    let first = segments(&build(|_| {}).unwrap()).unwrap()[0].to_vec();
    let keys = SessionKeys::derive(&secret, b"dp.example.com", &eid());
    let configured = |plain: &[u8]| {
        let mut sealed = Vec::new();
        Channel::new(&keys).encrypt(0x87, plain, &mut sealed);
        let mut unprotect = Unprotect::new(binding());
        unprotect.segment(&P256, &first).unwrap();
        unprotect.segment(&P256, &crate::pki::tlv(0xA0, &[&sealed])).unwrap_err()
    };
    let place = BppCommandId::ConfigureIsdp;
    let expected = Refusal { command: place, reason: ErrorReason::IncorrectInputValues };
    assert_eq!(configured(&[0xBF, 0x25, 0]), expected);
    assert_eq!(configured(&[0; 9_000]), expected);
    let mut unprotect = Unprotect::new(binding());
    unprotect.segment(&P256, &first).unwrap();
    let empty = unprotect.segment(&P256, &[0xA0, 0]).unwrap_err();
    assert_eq!(empty, expected);
}

#[test]
fn a_package_takes_no_more_memory_than_it_may() {
    let long = build(|parts| parts.metadata.icon = Some(std::vec![0x55; 9_000].into())).unwrap();
    let verdict = install(&long, binding());
    let expected = refused(BppCommandId::StoreMetadata2, ErrorReason::IncorrectInputValues);
    assert_eq!(verdict, expected);
    let mut unprotect = Unprotect::new(binding());
    let verdict = unprotect.segment(&P256, &[0xBF, 0x36, 0x83, 0xFF, 0xFF, 0xFF, 0xBF, 0x23, 0]);
    let reason = ErrorReason::InstallFailedDueToInsufficientMemoryForProfile;
    assert_eq!(verdict, refused(BppCommandId::InitialiseSecureChannel, reason));
}

proptest! {
    #[test]
    fn octets_never_panic(octets: Vec<u8>) {
        prop_assert!(segments(&octets).is_err());
        prop_assert!(Unprotect::new(binding()).segment(&P256, &octets).is_err());
    }

    #[test]
    fn spoiled_packages_are_never_installed(at: prop::sample::Index, with in 1_u8..) {
        let mut bent = build(|_| {}).unwrap();
        let at = at.index(bent.len());
        bent[at] ^= with;
        let mut unprotect = Unprotect::new(binding());
        let verdict = unprotect.segment(&P256, &bent);
        prop_assert!(verdict.is_err() || !unprotect.is_complete());
        if let Ok(cut) = segments(&bent) {
            prop_assert_eq!(cut.concat(), bent);
        }
    }
}
