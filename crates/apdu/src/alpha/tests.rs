use super::*;
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn the_vectors_read_and_write_back() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/ucs2.json")).unwrap();
    let mut seen = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let bytes = polysim_base::parse_hex(case["hex"].as_str().unwrap().as_bytes()).unwrap();
        let coding = match case["type"].as_str().unwrap() {
            "ucs2" => {
                let field = [&[0x80], bytes.as_slice()].concat();
                assert_eq!(decode_alpha(&field).as_deref(), Ok(text));
                assert_eq!(encode_alpha_as(text, AlphaCoding::Ucs2), Ok(field));
                continue;
            }
            "sim_alpha_80" => AlphaCoding::Ucs2,
            "sim_alpha_81" => AlphaCoding::HalfPage,
            "sim_alpha_82" => AlphaCoding::Window,
            other => panic!("{other}"),
        };
        assert_eq!(decode_alpha(&bytes).as_deref(), Ok(text));
        assert_eq!(encode_alpha_as(text, coding), Ok(bytes));
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_shortest_coding_is_taken() {
    let first = |text| encode_alpha(text).first().copied();
    assert_eq!(encode_alpha("Magic"), b"Magic");
    assert_eq!(encode_alpha("a€"), [0x61, 0x1B, 0x65]);
    assert_eq!(first("Дом 5"), Some(0x81));
    assert_eq!(first("ѿҀҁ ѿҀҁ"), Some(0x82));
    assert_eq!(first("я"), Some(0x80));
    assert_eq!(first("漢字 Дом"), Some(0x80));
    assert_eq!(first("😀"), Some(0x80));
    assert!(encode_alpha("").is_empty());
}

#[test]
fn filler_ends_text() {
    assert_eq!(decode_alpha(&[0xFF; 4]).as_deref(), Ok(""));
    assert_eq!(decode_alpha(&[0x41, 0xFF, 0xFF]).as_deref(), Ok("A"));
    assert_eq!(decode_alpha(&[0x80, 0x04, 0x1F, 0xFF, 0xFF, 0xFF]).as_deref(), Ok("П"));
    assert_eq!(decode_alpha(&[0x81, 1, 0x08, 0x94, 0xFF]).as_deref(), Ok("Д"));
    let mut out = Vec::new();
    assert_eq!(put_alpha("AB", 4, &mut out), Ok(()));
    assert_eq!(out, [0x41, 0x42, 0xFF, 0xFF]);
    assert_eq!(put_alpha("ABC", 2, &mut out), Err(AlphaError::Long { len: 3, limit: 2 }));
    assert_eq!(out.len(), 4);
}

#[test]
fn what_is_no_text_is_told() {
    assert_eq!(decode_alpha(&[0x41, 0x90]), Err(AlphaError::Character { at: 1, value: 0x90 }));
    assert_eq!(decode_alpha(&[0x1B]), Err(AlphaError::Character { at: 0, value: 0x1B }));
    assert_eq!(decode_alpha(&[0x1B, 0x00]), Err(AlphaError::Character { at: 1, value: 0 }));
    assert_eq!(decode_alpha(&[0x80, 0xD8, 0x3D]), Err(AlphaError::Surrogate { at: 1 }));
    assert_eq!(decode_alpha(&[0x81, 5]), Err(AlphaError::Short { len: 2, min: 3 }));
    assert_eq!(decode_alpha(&[0x82, 5, 0]), Err(AlphaError::Short { len: 3, min: 4 }));
    assert_eq!(decode_alpha(&[0x81, 5, 8, 0x41]), Err(AlphaError::Short { len: 4, min: 8 }));
    assert_eq!(
        decode_alpha(&[0x82, 1, 0xD8, 0x00, 0x81]),
        Err(AlphaError::Character { at: 4, value: 0x81 })
    );
    assert_eq!(
        decode_alpha(&[0x81, 1, 8, 0x1B]),
        Err(AlphaError::Character { at: 3, value: 0x1B })
    );
    let error = encode_alpha_as("aД", AlphaCoding::Gsm);
    assert_eq!(error, Err(AlphaError::Uncodable { character: 'Д' }));
    assert!(encode_alpha_as("😀", AlphaCoding::HalfPage).is_err());
    assert!(encode_alpha_as("😀", AlphaCoding::Window).is_err());
    assert!(encode_alpha_as("я漢", AlphaCoding::Window).is_err());
}

proptest! {
    #[test]
    fn text_round_trips(text in "[a-zA-Z0-9 €{}а-яА-Я漢字😀\n]{0,60}") {
        let bytes = encode_alpha(&text);
        prop_assert_eq!(decode_alpha(&bytes), Ok(text.clone()));
        for coding in [AlphaCoding::Gsm, AlphaCoding::Ucs2, AlphaCoding::HalfPage, AlphaCoding::Window] {
            if let Ok(bytes) = encode_alpha_as(&text, coding) {
                prop_assert_eq!(decode_alpha(&bytes), Ok(text.clone()));
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(text) = decode_alpha(&bytes) {
            prop_assert_eq!(decode_alpha(&encode_alpha(&text)), Ok(text));
        }
    }
}
