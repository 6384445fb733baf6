//! `tests/vectors/gsm7.json` and the UCS-2 cases of `tests/vectors/ucs2.json`.

use super::hex;
use crate::{Concatenation, DataCoding, Element, HeaderBuf, Reference, UserData, gsm7, ucs2};

fn cases(json: &str) -> alloc::vec::Vec<serde_json::Value> {
    let file: serde_json::Value = serde_json::from_str(json).unwrap();
    file["cases"].as_array().unwrap().clone()
}

#[test]
fn gsm7_vectors_hold() {
    let cases = cases(include_str!("../../../../tests/vectors/gsm7.json"));
    assert_eq!(cases.len(), 10);
    let mut header = HeaderBuf::new();
    let number = Concatenation::new(Reference::Eight(7), 2, 1).unwrap();
    header.push(Element::Concatenation(number)).unwrap();
    for case in cases {
        let field = |name: &str| hex(case[name].as_str().unwrap());
        let text = case["text"].as_str().unwrap();
        let septets = gsm7::encode(text).unwrap();
        assert_eq!(septets, field("unpacked"), "{text}");
        assert_eq!(septets.len() as u64, case["septets"].as_u64().unwrap());
        assert_eq!(gsm7::pack(&septets, 0), field("packed"), "{text}");
        assert_eq!(gsm7::unpack(&field("packed"), septets.len(), 0), septets);
        assert_eq!(gsm7::decode(&septets), text);
        let after_header = field("packed_after_6byte_udh_fill1");
        assert_eq!(gsm7::pack(&septets, 1), after_header, "{text}");
        assert_eq!(gsm7::unpack(&after_header, septets.len(), 1), septets);
        let part = UserData::from_septets(DataCoding::GSM7, &header, &septets).unwrap();
        assert_eq!(part.payload(), after_header, "{text}");
        assert_eq!(part.text().unwrap(), text);
    }
}

#[test]
fn ucs2_vectors_hold() {
    let mut seen = 0;
    for case in cases(include_str!("../../../../tests/vectors/ucs2.json")) {
        // The alpha identifiers of cards are tested where cards are.
        if case["type"] != "ucs2" {
            continue;
        }
        let (text, octets) = (case["text"].as_str().unwrap(), hex(case["hex"].as_str().unwrap()));
        assert_eq!(ucs2::encode(text), octets);
        assert_eq!(ucs2::decode(&octets).unwrap(), text);
        assert_eq!(UserData::from_text(text).unwrap().text().unwrap(), text);
        seen += 1;
    }
    assert_eq!(seen, 3);
}
