use super::{AccessError, AccessMode, AccessRule, AccessRules, Condition, Operation};
use crate::{Header, Ins, KeyRef};
use proptest::prelude::*;
use std::{boxed::Box, vec, vec::Vec};

fn rules(hex: &str) -> AccessRules {
    let bytes = polysim_base::parse_hex(hex.as_bytes()).unwrap();
    let rules = AccessRules::parse(&bytes).unwrap();
    let mut out = Vec::new();
    rules.emit(&mut out);
    assert!(bytes.starts_with(&out));
    assert!(bytes[out.len()..].iter().all(|byte| *byte == 0xFF));
    rules
}

#[test]
fn a_record_of_a_real_card_decides() {
    let rules = rules("80010190008001029700800118a40683010a9501088401d4a40683010a950108ffff");
    let none = |_: KeyRef| false;
    let adm = |key: KeyRef| key == KeyRef::ADM1;
    let resize = Operation::Command(Header::new(0x80, Ins::ResizeFile.byte(), 0, 0));
    let increase = Operation::Command(Header::new(0x80, Ins::Increase.byte(), 0, 0));
    assert!(rules.allow(Operation::Read, none));
    assert!(!rules.allow(Operation::Update, adm));
    assert!(!rules.allow(Operation::Activate, none));
    assert!(rules.allow(Operation::Activate, adm));
    assert!(rules.allow(Operation::Deactivate, adm));
    assert!(!rules.allow(Operation::Terminate, adm));
    assert!(rules.allow(resize, adm));
    assert!(!rules.allow(resize, none));
    assert!(!rules.allow(increase, adm));
}

#[test]
fn conditions_combine() {
    let pin1 = "a406830101950108";
    let adm = "a40683010a950108";
    let both = rules(&std::format!("800103af10{pin1}{adm}"));
    let either = rules(&std::format!("800103a010{pin1}{adm}"));
    let neither = rules(&std::format!("800103a710{pin1}{adm}"));
    let listed = rules(&std::format!("800103{pin1}{adm}"));
    for (pin1, adm) in [(false, false), (true, false), (false, true), (true, true)] {
        let verified = move |key| match key {
            KeyRef::PIN1 => pin1,
            KeyRef::ADM1 => adm,
            _ => false,
        };
        assert_eq!(both.allow(Operation::Read, verified), pin1 && adm);
        assert_eq!(either.allow(Operation::Update, verified), pin1 || adm);
        assert_eq!(neither.allow(Operation::Read, verified), !pin1 && !adm);
        assert_eq!(listed.allow(Operation::Read, verified), pin1 || adm);
    }
}

#[test]
fn proprietary_bits_open_nothing() {
    assert!(!rules("8001889000").allow(Operation::Deactivate, |_| true));
    assert!(rules("8001819000").allow(Operation::Read, |_| true));
    assert!(!rules("8001019e01ff").allow(Operation::Read, |_| true));
    assert!(rules("8001019e0100").allow(Operation::Read, |_| false));
    assert!(!rules("800101").allow(Operation::Read, |_| true));
}

#[test]
fn commands_are_known_by_the_parts_named() {
    let rules = rules("8c0400d400d69000");
    let command = |cla, ins| Operation::Command(Header::new(cla, ins, 9, 9));
    assert!(rules.allow(command(0x00, 0xD6), |_| false));
    assert!(!rules.allow(command(0x80, 0xD6), |_| false));
    assert!(!rules.allow(command(0x00, 0xDC), |_| false));
    let increase = AccessRule {
        mode: AccessMode::instruction(Ins::Increase),
        conditions: vec![Condition::verified(KeyRef::PIN1)],
    };
    let rules = AccessRules { rules: vec![increase] };
    assert!(rules.allow(command(0x80, 0x32), |key| key == KeyRef::PIN1));
}

#[test]
fn what_is_no_rule_is_refused() {
    let parse = |hex: &str| AccessRules::parse(&polysim_base::parse_hex(hex.as_bytes()).unwrap());
    assert_eq!(parse("9000"), Err(AccessError::NoMode { tag: 0x90 }));
    assert_eq!(parse("80020101"), Err(AccessError::Length { tag: 0x80, len: 2 }));
    assert_eq!(parse("800101900100"), Err(AccessError::Length { tag: 0x90, len: 1 }));
    assert_eq!(parse("800101c000"), Err(AccessError::Tag { tag: 0xC0 }));
    assert_eq!(parse("800101a400"), Err(AccessError::Length { tag: 0xA4, len: 0 }));
    assert!(matches!(parse("800105a405"), Err(AccessError::Tlv(_))));
    let deep = "800101a00ca00aa008a006a004a0029000";
    assert_eq!(parse(deep), Err(AccessError::Depth { limit: 4 }));
    assert!(parse("800101a008a006a004a0029000").is_ok());
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Always),
        Just(Condition::Never),
        any::<u8>().prop_map(Condition::Byte),
        (any::<u8>(), any::<Option<u8>>())
            .prop_map(|(key, usage)| Condition::Verified { key: KeyRef(key), usage }),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let inner: Box<dyn Fn() -> _> = {
            let several = proptest::collection::vec(inner, 0..4);
            Box::new(move || several.clone())
        };
        prop_oneof![
            inner().prop_map(Condition::Any),
            inner().prop_map(Condition::All),
            inner().prop_map(Condition::Not),
        ]
    })
}

fn mode() -> impl Strategy<Value = AccessMode> {
    prop_oneof![
        any::<u8>().prop_map(AccessMode::Bits),
        (1_u8..16, proptest::collection::vec(any::<u8>(), 12))
            .prop_map(|(parts, values)| AccessMode::Commands { parts, values }),
    ]
}

proptest! {
    #[test]
    fn rules_round_trip(
        rules in proptest::collection::vec(
            (mode(), proptest::collection::vec(condition(), 0..3)), 0..4
        )
    ) {
        let rules = rules
            .into_iter()
            .map(|(mode, conditions)| AccessRule { mode, conditions })
            .collect();
        let rules = AccessRules { rules };
        let mut out = Vec::new();
        rules.emit(&mut out);
        prop_assert_eq!(AccessRules::parse(&out), Ok(rules));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(rules) = AccessRules::parse(&bytes) {
            let mut out = Vec::new();
            rules.emit(&mut out);
            prop_assert_eq!(AccessRules::parse(&out), Ok(rules));
        }
    }
}
