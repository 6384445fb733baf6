//! Whatever functions come, the eUICC stays sound.

use proptest::prelude::*;

use crate::testkit::fuzz_card_es10;

const CORPUS: [&[u8]; 5] = [
    include_bytes!("../../../../../fuzz/corpus/card_es10/broken_piece"),
    include_bytes!("../../../../../fuzz/corpus/card_es10/download"),
    include_bytes!("../../../../../fuzz/corpus/card_es10/information"),
    include_bytes!("../../../../../fuzz/corpus/card_es10/interrupted"),
    include_bytes!("../../../../../fuzz/corpus/card_es10/switch"),
];

#[test]
fn the_corpus_goes_through() {
    CORPUS.into_iter().for_each(fuzz_card_es10);
}

/// Requests that are likely to mean something, and what goes right between them.
fn item() -> impl Strategy<Value = Vec<u8>> {
    let sound = prop_oneof![
        2 => Just(0xFF00_u16),
        1 => Just(0xFFFF),
        8 => Just(0xFF01),
        2 => 0xFF02_u16..0xFFFE,
    ];
    let tag = prop::sample::select(
        &[
            0x20_u8, 0x21, 0x22, 0x23, 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0x30, 0x31, 0x32, 0x33, 0x34,
            0x35, 0x36, 0x37, 0x38, 0x3C, 0x3E, 0x3F, 0x41, 0x43, 0x58, 0x5D, 0x5E,
        ][..],
    );
    let iccid = prop::sample::select(&["5A0A98440000000000000030", "5A0A98440000000000000110"][..])
        .prop_map(crate::tests::hex);
    let value = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 0..30),
        iccid.clone(),
        (iccid, any::<bool>()).prop_map(|(iccid, refresh)| {
            [&[0xA0, 0x0C], &iccid[..], &[0x81, 0x01, u8::from(refresh) * 0xFF]].concat()
        }),
        Just(vec![0x82, 0x02, 0x05, 0xA0]),
    ];
    let request = (tag, value).prop_map(|(tag, value)| {
        let length = u8::try_from(value.len()).unwrap();
        let request = [&[0xBF, tag, length], &value[..]].concat();
        [&u16::try_from(request.len()).unwrap().to_be_bytes(), &request[..]].concat()
    });
    prop_oneof![3 => sound.prop_map(|word| word.to_be_bytes().to_vec()), 4 => request]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn likely_functions_leave_it_sound(items in prop::collection::vec(item(), 0..40)) {
        fuzz_card_es10(&items.concat());
    }

    #[test]
    fn any_octets_leave_it_sound(data: Vec<u8>) {
        fuzz_card_es10(&data);
    }
}
