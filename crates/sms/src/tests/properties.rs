use alloc::{string::String, vec::Vec};
use proptest::prelude::*;

use crate::{
    AtPdu, Encoding, MobileOriginated, MobileTerminated, NationalLanguage, Part, Reassembler,
    Reference, SegmentOptions, TPDU_OCTETS_MAX, Timestamp, Tpdu, gsm7, segment, testkit, ucs2,
};

fn text() -> impl Strategy<Value = String> {
    let any_char = prop_oneof![
        Just('€'),
        Just('['),
        Just('é'),
        Just('\u{301}'),
        Just('😀'),
        Just('ğ'),
        proptest::char::range('a', 'z'),
        any::<char>(),
    ];
    prop_oneof![
        "[a-zA-Z0-9 \\[\\]{}€]{0,500}",
        "[а-я ğşı]{0,300}",
        proptest::collection::vec(any_char, 0..300).prop_map(|chars| chars.into_iter().collect()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn mobile_terminated_tpdus_round_trip((tpdu, rp) in testkit::mobile_terminated()) {
        let octets = tpdu.to_octets();
        prop_assert!(octets.len() <= TPDU_OCTETS_MAX);
        prop_assert_eq!(MobileTerminated::parse(&octets, rp), Ok(tpdu));
    }

    #[test]
    fn mobile_originated_tpdus_round_trip((tpdu, rp) in testkit::mobile_originated()) {
        let octets = tpdu.to_octets();
        prop_assert!(octets.len() <= TPDU_OCTETS_MAX);
        prop_assert_eq!(MobileOriginated::parse(&octets, rp), Ok(tpdu));
    }

    #[test]
    fn pdus_of_at_round_trip(
        sc in proptest::option::of(testkit::address().prop_filter("digits", |a| !a.is_alphanumeric())),
        (tpdu, rp) in testkit::mobile_terminated(),
        fillers in 0..20_usize,
    ) {
        let pdu = AtPdu { sc, tpdu };
        let mut octets = Vec::new();
        pdu.encode(&mut octets);
        prop_assert_eq!(AtPdu::parse(&octets, rp), Ok(pdu.clone()));
        octets.resize(octets.len() + fillers, 0xFF);
        prop_assert_eq!(AtPdu::parse_stored(&octets, rp), Ok(pdu.clone()));
        let mut line = Vec::new();
        let length = pdu.write_hex(&mut line);
        prop_assert_eq!(length, pdu.tpdu_octets());
        prop_assert_eq!(AtPdu::parse_hex(&line, Some(length), rp), Ok(pdu));
    }

    #[test]
    fn any_octets_are_a_tpdu_or_an_error(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        testkit::fuzz_sms_pdu(&octets);
    }

    #[test]
    fn a_changed_octet_is_a_tpdu_or_an_error(
        (tpdu, _) in testkit::mobile_terminated(),
        (other, _) in testkit::mobile_originated(),
        at: prop::sample::Index,
        value: u8,
    ) {
        for mut octets in [tpdu.to_octets(), other.to_octets()] {
            let at = at.index(octets.len());
            octets[at] = value;
            testkit::fuzz_sms_pdu(&octets);
        }
    }

    /// What is cut is refused: nothing is read that is not there.
    #[test]
    fn a_cut_tpdu_is_an_error((tpdu, rp) in testkit::mobile_originated(), at: prop::sample::Index) {
        let octets = tpdu.to_octets();
        let cut = &octets[..at.index(octets.len())];
        prop_assert!(MobileOriginated::parse(cut, rp).is_err());
    }

    #[test]
    fn any_parts_come_back_once(octets in proptest::collection::vec(any::<u8>(), 0..700)) {
        testkit::fuzz_sms_reassembly(&octets);
    }

    #[test]
    fn texts_survive_segments_in_any_order(
        text in text(),
        reference: u16,
        wide: bool,
        languages in proptest::sample::subsequence(NationalLanguage::ALL.to_vec(), 0..3),
        ucs2_only: bool,
        seed: u64,
    ) {
        let reference = match wide {
            true => Reference::Sixteen(reference),
            false => Reference::Eight(reference.to_be_bytes()[1]),
        };
        let encoding = if ucs2_only { Encoding::Ucs2 } else { Encoding::Cheapest };
        let options = SegmentOptions::default()
            .with_reference(reference)
            .with_languages(&languages)
            .with_encoding(encoding);
        let mut parts: Vec<_> = segment(&text, &options).unwrap().into_iter().enumerate().collect();
        for (_, part) in &parts {
            // Each part is text by itself: no pair and no escape sequence is split.
            prop_assert!(part.text().is_ok());
            prop_assert_ne!(part.septets().last().copied(), Some(0x1B));
        }
        let total = parts.len();
        parts.sort_by_key(|(i, _)| (*i as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut reassembler = Reassembler::default();
        let mut whole = None;
        for (i, user_data) in parts {
            let originator = crate::Address::international("49").unwrap();
            let part = Part { originator, timestamp: Timestamp::default(), user_data, tag: i };
            let accepted = reassembler.accept(polysim_base::Instant::ZERO, part).unwrap();
            if let crate::Accepted::Complete(message) = accepted {
                whole = Some(message);
            } else {
                prop_assert!(matches!(accepted, crate::Accepted::Pending { .. }), "not pending");
            }
        }
        let whole = whole.unwrap();
        prop_assert_eq!(whole.text().unwrap(), text);
        prop_assert!(whole.into_parts().map(|part| part.tag).eq(0..total));
    }

    #[test]
    fn septets_pack_and_unpack(
        septets in proptest::collection::vec(0..128_u8, 0..200),
        fill in 0..7_u8,
    ) {
        let packed = gsm7::pack(&septets, fill);
        prop_assert_eq!(packed.len(), (septets.len() * 7 + usize::from(fill)).div_ceil(8));
        prop_assert_eq!(gsm7::unpack(&packed, septets.len(), fill), septets);
    }

    /// Packed user data reads as its septets do, whatever header shifts them.
    #[test]
    fn packed_text_is_the_text_of_its_septets(data in testkit::user_data()) {
        if data.coding().counts_septets() {
            prop_assert_eq!(data.text(), Ok(gsm7::decode_with(&data.septets(), data.shifts())));
        }
    }

    #[test]
    fn ucs2_round_trips(text: String) {
        prop_assert_eq!(ucs2::decode(&ucs2::encode(&text)), Ok(text.clone()));
        prop_assert_eq!(ucs2::decode_hex(&ucs2::encode_hex(&text)), Ok(text));
    }
}
