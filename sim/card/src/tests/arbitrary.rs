//! Whatever comes, the card answers well formed or not at all.

use proptest::prelude::*;

use crate::testkit::fuzz_card_apdus;

const CORPUS: [&[u8]; 11] = [
    include_bytes!("../../../../fuzz/corpus/card_apdus/authenticate"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/channels"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/files"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/gsm"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/increase"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/modem_start"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/pins"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/records"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/select_forms"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/shell_session"),
    include_bytes!("../../../../fuzz/corpus/card_apdus/toolkit"),
];

#[test]
fn the_corpus_goes_through() {
    CORPUS.into_iter().for_each(fuzz_card_apdus);
}

/// Headers that are likely to mean something, with any data.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let cla = prop::sample::select(&[0x00_u8, 0x00, 0x01, 0x80, 0xA0, 0x40, 0xC0, 0x04][..]);
    let ins = prop_oneof![
        4 => prop::sample::select(&[
            0xA4_u8, 0xB0, 0xB2, 0xD6, 0xDC, 0xA2, 0xF2, 0xC0, 0x32, 0x20, 0x24, 0x26, 0x28, 0x2C,
            0x88, 0x70, 0x84, 0x10, 0x12, 0x14, 0xC2, 0x04, 0x44, 0xAA, 0x76, 0xCA, 0xCB, 0xDB,
        ][..]),
        1 => any::<u8>(),
    ];
    let p1 = prop_oneof![Just(0_u8), 0_u8..12, 0x80_u8..0x9F, any::<u8>()];
    let p2 = prop_oneof![Just(0_u8), 0_u8..16, 0x80_u8..0x85, any::<u8>()];
    let fid =
        prop::sample::select(&[0x2F00_u16, 0x6F07, 0x6F39, 0x7F20, 0x7FF0, 0x7F10, 0x6F3A][..]);
    let body = prop_oneof![
        Just(Vec::new()),
        any::<u8>().prop_map(|le| vec![le]),
        fid.prop_map(|fid| [&[2], &fid.to_be_bytes()[..]].concat()),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|data| {
            let len = u8::try_from(data.len()).unwrap();
            [&[len], data.as_slice()].concat()
        }),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    (cla, ins, p1, p2, body)
        .prop_map(|(cla, ins, p1, p2, body)| [&[cla, ins, p1, p2], body.as_slice()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn likely_commands_are_answered(commands in prop::collection::vec(command(), 0..40)) {
        let data: Vec<u8> = commands
            .into_iter()
            .flat_map(|command| [&[u8::try_from(command.len()).unwrap()], command.as_slice()].concat())
            .collect();
        fuzz_card_apdus(&data);
    }

    #[test]
    fn any_bytes_are_answered(data: Vec<u8>) {
        fuzz_card_apdus(&data);
    }
}
