use super::{Atr, AtrError, Interface};
use proptest::prelude::*;
use serde_json::Value;
use std::{string::String, vec, vec::Vec};

fn hex(value: &Value) -> Vec<u8> {
    polysim_base::parse_hex(value.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn the_vectors_read_and_write_back() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/atr.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let bytes = hex(&case["atr"]);
        let (atr, rest) = Atr::parse_prefix(&bytes).unwrap();
        assert_eq!(rest.is_empty(), case["consumed_all"].as_bool().unwrap());
        assert_eq!(Atr::parse(&bytes).is_ok(), rest.is_empty());
        let consumed = &bytes[..bytes.len() - rest.len()];
        assert_eq!(atr.emit().unwrap(), consumed);
        assert_eq!(atr.historical, hex(&case["historical"]));
        let protocols: Vec<_> = atr.protocols().map(Value::from).collect();
        assert_eq!(Value::from(protocols), case["protocols"]);
        let (fi, di) = atr.rates().unwrap();
        assert_eq!((Value::from(fi), Value::from(di)), (case["fi"].clone(), case["di"].clone()));
        let tck = case["tck"].as_str().map(|_| hex(&case["tck"])[0]);
        assert_eq!(tck, atr.has_check().then(|| *consumed.last().unwrap()));
        let groups = case["interface"].as_array().unwrap();
        assert_eq!(groups.len(), atr.interfaces.len());
        for (at, (expected, group)) in groups.iter().zip(&atr.interfaces).enumerate() {
            let named = |letter| expected.get(std::format!("T{letter}{}", at + 1));
            for (letter, byte) in [("A", group.ta), ("B", group.tb), ("C", group.tc)] {
                assert_eq!(named(letter).map(|value| hex(value)[0]), byte);
            }
            let next = atr.interfaces.get(at + 1).map(|next| next.protocol);
            assert_eq!(named("D").map(|value| hex(value)[0] & 0x0F), next);
        }
    }
}

#[test]
fn a_uicc_is_built() {
    let historical =
        [0x80, 0x31, 0xE0, 0x73, 0xFE, 0x21, 0x00, 0x67, 0x4A, 0x4C, 0x75, 0x30, 0x34, 0x05, 0x4B];
    let atr = Atr::uicc(0x01, 0x87, &historical).unwrap();
    let bytes = atr.emit().unwrap();
    let text: String = bytes.iter().map(|byte| std::format!("{byte:02x}")).collect();
    assert_eq!(text, "3b9f01801f878031e073fe2100674a4c753034054b25");
    let objects: Vec<_> = atr.compact_objects().collect();
    assert_eq!(objects[0], (3, &[0xE0][..]));
    assert_eq!(objects[1], (7, &[0xFE, 0x21, 0x00][..]));
    assert_eq!(objects[2].0, 6);
    assert_eq!(Atr::uicc(0, 0, &[0; 16]), Err(AtrError::Historical { len: 16 }));
}

#[test]
fn a_bad_answer_is_told_apart() {
    assert_eq!(Atr::parse(&[]), Err(AtrError::Short { len: 0 }));
    assert_eq!(Atr::parse(&[0x3C, 0]), Err(AtrError::Convention { value: 0x3C }));
    assert_eq!(Atr::parse(&[0x3B, 0x10]), Err(AtrError::Short { len: 2 }));
    assert_eq!(Atr::parse(&[0x3B, 0x02, 1]), Err(AtrError::Short { len: 3 }));
    assert_eq!(Atr::parse(&[0x3B, 0x01, 1, 2]), Err(AtrError::Trailing { len: 1 }));
    let wrong = [0x3B, 0x81, 0x01, 0x55, 0x00];
    assert_eq!(Atr::parse(&wrong), Err(AtrError::Check { found: 0x00, expected: 0xD5 }));
    assert_eq!(Atr::parse(&wrong[..4]), Err(AtrError::Short { len: 4 }));
    assert_eq!(Atr::parse(&[0x3B, 0x00]).unwrap().rates(), Some((372, 1)));
    assert_eq!(Atr::parse(&[0x3F, 0x10, 0x70]).unwrap().rates(), None);
    assert_eq!(Atr::parse(&[0x3F, 0x10, 0x1A]).unwrap().rates(), None);
    let endless = [[0x3B, 0xF0].as_slice(), &[0xF0; 60]].concat();
    assert!(Atr::parse(&endless).is_err());
    let many = vec![Interface::default(); 40];
    let atr = Atr { inverse: false, interfaces: many, historical: Vec::new() };
    assert_eq!(atr.emit(), Err(AtrError::Long { len: 41 }));
}

proptest! {
    #[test]
    fn answers_round_trip(
        inverse: bool,
        groups in proptest::collection::vec(
            (0_u8..16, any::<Option<u8>>(), any::<Option<u8>>(), any::<Option<u8>>()), 1..4
        ),
        historical in proptest::collection::vec(any::<u8>(), 0..=15),
    ) {
        let interfaces = groups
            .into_iter()
            .enumerate()
            .map(|(at, (protocol, ta, tb, tc))| {
                Interface { protocol: if at == 0 { 0 } else { protocol }, ta, tb, tc }
            })
            .collect();
        let atr = Atr { inverse, interfaces, historical };
        let bytes = atr.emit().unwrap();
        prop_assert_eq!(Atr::parse(&bytes), Ok(atr));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let bytes = [&[0x3B][..], &bytes].concat();
        if let Ok((atr, rest)) = Atr::parse_prefix(&bytes) {
            prop_assert_eq!(&atr.emit().unwrap(), &bytes[..bytes.len() - rest.len()]);
            prop_assert!(atr.compact_objects().count() <= 15);
        }
    }
}
