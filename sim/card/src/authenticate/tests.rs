use std::sync::Arc;

use polysim_aka::{Algorithm, Comp128, Comp128Version, Key, Milenage, Opc, Sqn, SqnArray};
use serde_json::Value;

use crate::testkit::{card_config, profile_config};
use crate::tests::{hex, send};
use crate::{Card, CardConfig, PinConfig, Profile};

const VECTORS: &str = include_str!("../../../../tests/vectors/usim_authenticate_apdu.json");
const SELECT_USIM: &str = "00A4040C07A0000000871002";

fn card_with(algorithm: Algorithm, sequence: SqnArray, gsm_access: bool, pins: PinConfig) -> Card {
    let mut profile = profile_config();
    profile.gsm_access = gsm_access;
    let config = card_config(Profile::new(profile).unwrap());
    let mut card = Card::new(CardConfig {
        algorithm: Some(algorithm),
        sequence,
        pins: Arc::new(pins),
        ..config
    });
    card.power_on().unwrap();
    card
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap()
}

fn algorithm(case: &Value) -> Algorithm {
    let key: Key = text(case, "k").parse().unwrap();
    let opc: Opc = text(case, "opc").parse().unwrap();
    Milenage::new(key, opc).into()
}

/// A card that accepts the vector of a case, or the one that the case describes.
fn card_of(case: &Value) -> Card {
    let sequence = match case["card_sqnms"].as_str() {
        Some(sqn) => SqnArray::starting_at(sqn.parse::<Sqn>().unwrap()),
        // One jump ahead is limited: start half the limit below what the vector has.
        None => SqnArray::starting_at(below(case)),
    };
    card_with(algorithm(case), sequence, true, PinConfig::default())
}

/// Finds the sequence number of the set among the cases that name it, and goes back a little.
fn below(case: &Value) -> Sqn {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let same = all["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|other| other["k"] == case["k"] && other["card_sqnms"].is_string());
    let sqn: Sqn = text(same.unwrap(), "card_sqnms").parse().unwrap();
    Sqn::new(sqn.seq() - 1, sqn.ind()).unwrap()
}

#[test]
fn ts_31_102_7_1_every_vector() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 40);
    for case in cases {
        let name = text(case, "name");
        let mut card = card_of(case);
        assert_eq!(send(&mut card, SELECT_USIM), [0x90, 0x00], "{name}");
        let command = text(case, "c_apdu");
        let expected = hex(&format!("{}{}", text(case, "response"), text(case, "sw")));
        assert_eq!(send(&mut card, command), expected, "{name}");
        if let Some(waits) = case["t0_sw"].as_str() {
            let mut card = card_of(case);
            send(&mut card, SELECT_USIM);
            let tpdu = &command[..command.len() - 2];
            assert_eq!(send(&mut card, tpdu), hex(waits), "{name} over T=0");
            let fetch = format!("00C00000{}", &waits[2..]);
            assert_eq!(send(&mut card, &fetch), expected, "{name} over T=0");
        }
    }
}

#[test]
fn ts_31_102_7_1_kc_only_with_service_27_and_gsm_context_with_38() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let case = &vectors["cases"][0];
    let sequence = SqnArray::starting_at(below(case));
    let mut card = card_with(algorithm(case), sequence, false, PinConfig::default());
    send(&mut card, SELECT_USIM);
    let response = send(&mut card, text(case, "c_apdu"));
    assert_eq!(response.len(), 0x2C + 2);
    assert_eq!(response, [&hex(text(case, "response"))[..0x2C], &[0x90, 0x00]].concat());
    let gsm = "0088008011103a4c2b3245c50eb5c71d08639395764d00";
    assert_eq!(send(&mut card, gsm), [0x98, 0x64]);
    // The operator switches service 27 on, bit 3 of byte 4 of EF.UST.
    assert_eq!(send(&mut card, "0020000A083838383838383838"), [0x90, 0x00]);
    let services = send(&mut card, "00B0840301");
    assert_eq!(send(&mut card, &format!("00D6840301{:02X}", services[0] | 4)), [0x90, 0x00]);
    send(&mut card, SELECT_USIM);
    let case = &vectors["cases"][1];
    assert_eq!(send(&mut card, text(case, "c_apdu"))[..2], [0xDC, 0x0E]);
}

#[test]
fn ts_31_102_7_1_a_vector_works_once() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let case = &vectors["cases"][0];
    let mut card = card_of(case);
    send(&mut card, SELECT_USIM);
    assert_eq!(send(&mut card, text(case, "c_apdu"))[0], 0xDB);
    // What was accepted is remembered over a loss of power.
    card.power_on().unwrap();
    send(&mut card, SELECT_USIM);
    assert_eq!(send(&mut card, text(case, "c_apdu"))[0], 0xDC);
}

#[test]
fn ts_31_102_7_1_needs_the_application_and_pin_1() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let case = &vectors["cases"][0];
    let command = text(case, "c_apdu");
    let pins = PinConfig::default().with_pin1("1234", "12345678").unwrap();
    let sequence = SqnArray::starting_at(below(case));
    let mut card = card_with(algorithm(case), sequence, true, pins);
    assert_eq!(send(&mut card, command), [0x69, 0x85]);
    send(&mut card, SELECT_USIM);
    assert_eq!(send(&mut card, command), [0x69, 0x82]);
    assert_eq!(send(&mut card, "002000010831323334FFFFFFFF"), [0x90, 0x00]);
    assert_eq!(send(&mut card, command)[0], 0xDB);
}

#[test]
fn a_gsm_only_algorithm_has_no_3g_context() {
    let algorithm: Algorithm = Comp128::new(Comp128Version::V1, Key::from([1; 16])).into();
    let mut card = card_with(algorithm, SqnArray::default(), true, PinConfig::default());
    send(&mut card, SELECT_USIM);
    let umts = format!(
        "0088008122{}{}00",
        "1000112233445566778899AABBCCDDEEFF",
        "10".to_owned() + &"00".repeat(16)
    );
    assert_eq!(send(&mut card, &umts), [0x98, 0x64]);
    let gsm = send(
        &mut card,
        "0088008011100011223344556677 8899AABBCCDDEEFF00".replace(' ', "").as_str(),
    );
    assert_eq!((gsm[0], gsm[5], gsm.len()), (4, 8, 16));
    // The same by class A0 in DF.GSM.
    assert_eq!(send(&mut card, "A0A40000027F20"), [0x9F, 0x16]);
    assert_eq!(send(&mut card, "A08800001000112233445566778899AABBCCDDEEFF"), [0x9F, 0x0C]);
    let sim = send(&mut card, "A0C000000C");
    assert_eq!(sim[..4], gsm[1..5]);
    assert_eq!(sim[4..12], gsm[6..14]);
}
