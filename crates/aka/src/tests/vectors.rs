//! Every case of the vector files; their `source` keys say where they are from.

use core::num::NonZeroU8;
use std::format;
use std::str::FromStr;
use std::string::{String, ToString as _};
use std::vec::Vec;

use serde_json::Value;

use crate::*;

fn cases(file: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(file).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"))
}

fn value<T: FromStr<Err = OctetsError>>(case: &Value, key: &str) -> T {
    text(case, key).parse().unwrap_or_else(|error| panic!("{key} of {case}: {error}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// A window that accepts `sqn` and has seen something.
fn just_below(sqn: Sqn) -> SqnArray {
    SqnArray::starting_at(Sqn::new(sqn.seq() - 1, sqn.ind()).unwrap())
}

/// TS 35.208, 4.3.
#[test]
fn milenage_functions() {
    let cases = cases(include_str!("../../../../tests/vectors/milenage.json"));
    assert_eq!(cases.len(), 10);
    for case in &cases {
        let (key, op): (Key, Op) = (value(case, "k"), value(case, "op"));
        assert_eq!(Opc::derive(&key, &op), value(case, "opc"));
        let milenage = Milenage::from_op(key, &op);
        let (rand, sqn, amf) = (value(case, "rand"), value(case, "sqn"), value(case, "amf"));
        let outputs = milenage.outputs(&rand, sqn, amf);
        assert_eq!(outputs.mac_a, value(case, "f1"));
        assert_eq!(outputs.mac_s, value(case, "f1star"));
        assert_eq!(hex(outputs.res.as_bytes()), text(case, "f2"));
        assert_eq!(outputs.ck, value(case, "f3"));
        assert_eq!(outputs.ik, value(case, "f4"));
        assert_eq!(outputs.ak, value(case, "f5"));
        assert_eq!(outputs.ak_star, value(case, "f5star"));
        let challenge = milenage.challenge(&rand);
        assert_eq!(challenge.f1(sqn, amf), outputs.mac_a);
        assert_eq!(challenge.f1_star(sqn, amf), outputs.mac_s);
        assert_eq!(challenge.f5_star(), outputs.ak_star);
        assert_eq!(challenge.f2345(), (outputs.res, outputs.ck, outputs.ik, outputs.ak));
    }
}

/// AUTN, AUTS, c2, c3 and the derived keys of the same sets.
#[test]
fn milenage_derived() {
    for case in &cases(include_str!("../../../../tests/vectors/milenage.json")) {
        let algorithm = Algorithm::from(Milenage::new(value(case, "k"), value(case, "opc")));
        let (rand, sqn): (Rand, Sqn) = (value(case, "rand"), value(case, "sqn"));
        let derived = &case["derived"];
        let vector = AuthVector::generate(&algorithm, rand, sqn, value(case, "amf")).unwrap();
        assert_eq!(vector.autn, value(derived, "autn"));
        assert_eq!(c2(&vector.xres), value(derived, "gsm_sres_c2"));
        assert_eq!(c3(&vector.ck, &vector.ik), value(derived, "gsm_kc_c3"));
        let triplet = Triplet::generate(&algorithm, rand);
        assert_eq!(triplet.sres, value(derived, "gsm_sres_c2"));
        assert_eq!(triplet.kc, value(derived, "gsm_kc_c3"));

        let auts: Auts = value(derived, "auts_with_sqnms_eq_sqn");
        assert_eq!(auts.mac_s(), value(derived, "mac_s_amf0000"));
        let mut window = SqnArray::starting_at(sqn);
        let outcome = authenticate(&algorithm, &mut window, &rand, &vector.autn);
        assert_eq!(outcome, Ok(AuthOutcome::SyncFailure { auts }));
        assert_eq!(verify_auts(&algorithm, &rand, &auts), Ok(sqn));

        keys_match(&vector, derived);
    }
}

fn keys_match(vector: &AuthVector, derived: &Value) {
    let (ck, ik, sqn_xor_ak) = (&vector.ck, &vector.ik, vector.autn.sqn_xor_ak());
    let name = ServingNetworkName::new(1, 1).unwrap();
    let network = name.name();
    assert_eq!(network.as_str(), text(derived, "serving_network_name"));
    let res_star = res_star(ck, ik, &network, &vector.rand, &vector.xres);
    assert_eq!(res_star, value(derived, "res_star_33501_A4"));
    let k_ausf = k_ausf(ck, ik, &network, sqn_xor_ak);
    assert_eq!(k_ausf, value(derived, "k_ausf_33501_A2"));
    assert_eq!(k_seaf(&k_ausf, &network), value(derived, "k_seaf_33501_A6"));
    let (ck_prime, ik_prime) = ck_prime_ik_prime(ck, ik, &network, sqn_xor_ak);
    let both = hex(ck_prime.as_bytes()) + &hex(ik_prime.as_bytes());
    assert_eq!(both, text(derived, "ck_prime_ik_prime_33402_A2"));
    let plmn = unhex(text(derived, "sn_id_plmn_bcd")).try_into().unwrap();
    assert_eq!(k_asme(ck, ik, plmn, sqn_xor_ak), value(derived, "k_asme_33401_A2"));
}

/// TS 35.233, 6.
#[test]
fn tuak_functions() {
    let cases = cases(include_str!("../../../../tests/vectors/tuak.json"));
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let iterations = u8::try_from(case["keccak_iterations"].as_u64().unwrap()).unwrap();
        let iterations = NonZeroU8::new(iterations).unwrap();
        let key = match text(case, "k").len() {
            32 => TuakKey::Bits128(value(case, "k")),
            _ => TuakKey::Bits256(value(case, "k")),
        };
        let topc: TopC = value(case, "topc");
        assert_eq!(TopC::derive(&key, &value(case, "top"), iterations), topc);

        let tuak = Tuak::new(key, topc, iterations, TuakResLength::Bits64).unwrap();
        let (rand, sqn, amf) = (value(case, "rand"), value(case, "sqn"), value(case, "amf"));
        let mac = match text(case, "f1").len() {
            16 => TuakMacLength::Bits64,
            32 => TuakMacLength::Bits128,
            _ => TuakMacLength::Bits256,
        };
        assert_eq!(hex(tuak.f1(&rand, sqn, amf, mac).as_bytes()), text(case, "f1"));
        assert_eq!(hex(tuak.f1_star(&rand, sqn, amf, mac).as_bytes()), text(case, "f1star"));
        let outputs = tuak.f2345(&rand, tuak_lengths(case));
        assert_eq!(hex(outputs.res.as_bytes()), text(case, "f2"));
        assert_eq!(hex(outputs.ck.as_bytes()), text(case, "f3"));
        assert_eq!(hex(outputs.ik.as_bytes()), text(case, "f4"));
        assert_eq!(outputs.ak, value(case, "f5"));
        assert_eq!(tuak.f5_star(&rand), value(case, "f5star"));
    }
}

fn tuak_lengths(case: &Value) -> TuakLengths {
    let key_length = |key| match text(case, key).len() {
        32 => TuakKeyLength::Bits128,
        _ => TuakKeyLength::Bits256,
    };
    TuakLengths {
        res: match text(case, "f2").len() {
            8 => TuakResLength::Bits32,
            16 => TuakResLength::Bits64,
            32 => TuakResLength::Bits128,
            _ => TuakResLength::Bits256,
        },
        ck: key_length("f3"),
        ik: key_length("f4"),
    }
}

/// The set whose lengths fit AKA, through AKA.
#[test]
fn tuak_through_aka() {
    let case = &cases(include_str!("../../../../tests/vectors/tuak.json"))[0];
    let key = TuakKey::Bits128(value(case, "k"));
    let topc = value(case, "topc");
    assert_eq!(
        Tuak::new(key.clone(), value(case, "topc"), NonZeroU8::MIN, TuakResLength::Bits256),
        Err(TuakResTooLong)
    );
    let tuak = Tuak::new(key, topc, NonZeroU8::MIN, TuakResLength::Bits32).unwrap();
    let algorithm = Algorithm::from(tuak);
    let (rand, sqn): (Rand, Sqn) = (value(case, "rand"), value(case, "sqn"));
    let vector = AuthVector::generate(&algorithm, rand, sqn, value(case, "amf")).unwrap();
    assert_eq!(vector.autn.mac_a(), value(case, "f1"));
    assert_eq!(vector.autn.sqn(&value(case, "f5")), sqn);
    assert_eq!(hex(vector.xres.as_bytes()), text(case, "f2"));
    assert_eq!((vector.ck.clone(), vector.ik.clone()), (value(case, "f3"), value(case, "f4")));

    let outcome = authenticate(&algorithm, &mut just_below(sqn), &rand, &vector.autn);
    let AuthOutcome::Success { res, ck, ik, .. } = outcome.unwrap() else { panic!() };
    assert_eq!((res, ck, ik), (vector.xres, vector.ck, vector.ik));
    let outcome = authenticate(&algorithm, &mut SqnArray::starting_at(sqn), &rand, &vector.autn);
    let AuthOutcome::SyncFailure { auts } = outcome.unwrap() else { panic!() };
    assert_eq!(auts.sqn_ms(&value(case, "f5star")), sqn);
}

#[test]
fn comp128() {
    let cases = cases(include_str!("../../../../tests/vectors/comp128.json"));
    let mut counts = [0; 3];
    for case in &cases {
        let (version, count) = match case["version"].as_u64() {
            Some(1) => (Comp128Version::V1, &mut counts[0]),
            Some(2) => (Comp128Version::V2, &mut counts[1]),
            Some(3) => (Comp128Version::V3, &mut counts[2]),
            _ => panic!("{case}"),
        };
        let algorithm = Algorithm::from(Comp128::new(version, value(case, "ki")));
        let (sres, kc) = gsm(&algorithm, &value(case, "rand"));
        assert_eq!((sres, kc), (value(case, "sres"), value(case, "kc")), "{case}");
        *count += 1;
    }
    assert_eq!(counts, [3, 30, 30]);
}

/// The contents of the commands and responses of TS 31.102, 7.1.2.
#[test]
fn usim_authenticate() {
    let cases = cases(include_str!("../../../../tests/vectors/usim_authenticate_apdu.json"));
    assert_eq!(cases.len(), 40);
    for case in &cases {
        let algorithm = Algorithm::from(Milenage::new(value(case, "k"), value(case, "opc")));
        let command = unhex(text(case, "c_apdu"));
        assert_eq!(command[5], 16);
        let rand = Rand::try_from(&command[6..22]).unwrap();
        let answer = match command[3] {
            0x80 => {
                let (sres, kc) = gsm(&algorithm, &rand);
                Some(format!("04{sres}08{}", hex(kc.as_bytes())))
            }
            _ => answer_3g(&algorithm, case, &rand, &command),
        };
        let sw = if answer.is_some() { "9000" } else { "9862" };
        assert_eq!(sw, text(case, "sw"), "{case}");
        assert_eq!(answer.unwrap_or_default(), text(case, "response"), "{case}");
    }
}

fn answer_3g(algorithm: &Algorithm, case: &Value, rand: &Rand, command: &[u8]) -> Option<String> {
    assert_eq!(command[22], 16);
    let autn = Autn::try_from(&command[23..39]).unwrap();
    let mut window = match case["card_sqnms"].as_str() {
        Some(sqn_ms) => SqnArray::starting_at(sqn_ms.parse().unwrap()),
        // "Any lower": the number itself is only known to the other side.
        None => {
            let Algorithm::Milenage(milenage) = algorithm else { panic!() };
            let (.., ak) = milenage.challenge(rand).f2345();
            just_below(autn.sqn(&ak))
        }
    };
    match authenticate(algorithm, &mut window, rand, &autn).unwrap() {
        AuthOutcome::Success { res, ck, ik, kc } => Some(format!(
            "db{:02x}{res}10{}10{}08{}",
            res.as_bytes().len(),
            hex(ck.as_bytes()),
            hex(ik.as_bytes()),
            hex(kc.as_bytes())
        )),
        AuthOutcome::SyncFailure { auts } => Some("dc0e".to_string() + &auts.to_string()),
        AuthOutcome::MacFailure => None,
    }
}
