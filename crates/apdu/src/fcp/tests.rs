use super::*;
use crate::{ChvState, KeyRef, SimResponse, SimResponseError, SimStructure};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{format, string::String, vec::Vec};

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.as_bytes()).unwrap()
}

fn lower(bytes: &[u8]) -> String {
    format!("{}", polysim_base::Hex(bytes)).to_lowercase()
}

#[test]
fn the_vectors_read_and_write_back() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/fcp.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let bytes = hex(case["resp_hex"].as_str().unwrap());
        let mut out = Vec::new();
        let told = match case["profile"].as_str().unwrap() {
            "sim" => {
                let response = SimResponse::parse(&bytes).unwrap();
                response.emit(&mut out);
                sim(&response)
            }
            "uicc" => {
                let fcp = Fcp::parse(&bytes).unwrap();
                fcp.emit(&mut out);
                uicc(&fcp)
            }
            other => panic!("{other}"),
        };
        assert_eq!(lower(&out), lower(&bytes));
        assert_eq!(told, case["decoded"]);
    }
}

fn descriptor(descriptor: FileDescriptor) -> Value {
    let (kind, structure) = match descriptor.structure {
        FileStructure::Df => ("df", "no_info_given"),
        FileStructure::Transparent => ("working_ef", "transparent"),
        FileStructure::LinearFixed => ("working_ef", "linear_fixed"),
        FileStructure::Cyclic => ("working_ef", "cyclic"),
        FileStructure::BerTlv => ("working_ef", "ber_tlv"),
        FileStructure::Unspecified => ("working_ef", "no_info_given"),
    };
    json!({
        "file_descriptor_byte": {
            "shareable": descriptor.shareable, "file_type": kind, "structure": structure
        },
        "record_len": descriptor.records.map(|records| records.length),
        "num_of_rec": descriptor.records.map(|records| records.count),
    })
}

fn uicc(fcp: &Fcp<'_>) -> Value {
    let mut told = json!({ "file_descriptor": descriptor(fcp.descriptor) });
    let file = fcp.file_id.unwrap();
    told["file_identifier"] = lower(&file.bytes()).into();
    if let Some(name) = fcp.df_name {
        told["df_name"] = lower(name).into();
    }
    if let Some(proprietary) = fcp.proprietary {
        told["proprietary_information"] = self::proprietary(proprietary);
    }
    assert_eq!(fcp.life_cycle, Some(LifeCycle::Activated));
    told["life_cycle_status_integer"] = "operational_activated".into();
    match fcp.security.unwrap() {
        Security::Referenced { file, record } => {
            let file = lower(&file.bytes());
            told["security_attrib_referenced"] =
                json!({ "ef_arr_file_id": file, "ef_arr_record_nr": record });
        }
        Security::Compact(bytes) => told["security_attrib_compact"] = lower(bytes).into(),
        other @ (Security::ReferencedBySe { .. } | Security::Expanded(_)) => panic!("{other:?}"),
    }
    if let Some(pins) = fcp.pin_status {
        let bits = pins.pins().iter().enumerate();
        let bits = bits.fold(0_u8, |bits, (at, pin)| bits | (u8::from(pin.enabled) << (7 - at)));
        let mut objects = Vec::from([json!({ "ps_do": format!("{bits:02x}") })]);
        objects.extend(pins.pins().iter().map(|pin| json!({ "key_reference": pin.key.0 })));
        told["pin_status_template_do"] = objects.into();
    }
    if let Some(size) = fcp.file_size {
        told["file_size"] = size.into();
    }
    if fcp.sfi != ShortId::Implied {
        told["short_file_identifier"] = fcp.sfi.of(file).map(|sfi| sfi.number()).into();
    }
    told
}

fn proprietary(proprietary: Proprietary<'_>) -> Value {
    let mut told = json!({ "available_memory": proprietary.available_memory() });
    if let Some(byte) = proprietary.characteristics() {
        told["uicc_characteristics"] = format!("{byte:02x}").into();
    }
    if let Some([classes, current, clock]) = proprietary.power_consumption() {
        let class = |bit| classes & bit != 0;
        told["application_power_consumption"] = json!({
            "voltage_class": {
                "a": class(1), "b": class(2), "c": class(4), "d": class(8), "e": class(16)
            },
            "power_consumption_ma": current,
            "reference_freq_100k": clock,
        });
    }
    if let Some(clock) = proprietary.min_clock() {
        told["min_application_clock_frequency"] = clock.into();
    }
    if let Some(commands) = proprietary.supported_commands() {
        told["supported_filesystem_commands"] = json!({ "terminal_capability": commands & 1 != 0 });
    }
    told
}

fn sim(response: &SimResponse) -> Value {
    match response {
        SimResponse::Df(df) => {
            let state = |tries| ChvState { initialised: true, tries };
            assert_eq!(df.codes, [state(3), state(10), state(3), state(10)]);
            json!({
                "file_descriptor": { "file_descriptor_byte": { "file_type": "mf" } },
                "proprietary_info": { "available_memory": df.free_memory },
                "file_id": lower(&df.file.bytes()),
                "file_characteristics": format!("{:02x}", df.characteristics),
                "num_direct_child_df": df.df_count,
                "num_direct_child_ef": df.ef_count,
                "num_chv_unblock_adm_codes": df.code_count,
            })
        }
        SimResponse::Ef(ef) => {
            let SimStructure::LinearFixed { record_len } = ef.structure else { panic!("{ef:?}") };
            assert!(!ef.increase);
            json!({
                "file_descriptor": {
                    "file_descriptor_byte": { "file_type": "working_ef", "structure": "linear_fixed" },
                    "record_len": record_len,
                    "num_of_rec": ef.size / u16::from(record_len),
                },
                "proprietary_info": {},
                "file_id": lower(&ef.file.bytes()),
                "file_size": ef.size,
                "access_conditions": lower(&ef.access),
                "life_cycle_status_int": if ef.status == 1 { "creation" } else { "?" },
            })
        }
    }
}

/// The information elements of FCP and of others share one structure.
#[test]
fn data_objects_of_the_vectors_read_and_write_back() {
    use polysim_base::tlv::{Comprehension, put_comprehension};
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/tlv_ies.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    let mut descriptors = 0;
    for case in cases {
        let bytes = hex(case["hex"].as_str().unwrap());
        let mut out = Vec::new();
        let (object, rest) = Ber::read(&bytes).unwrap();
        assert_eq!((Value::from(object.tag), rest), (case["tag"].clone(), &[][..]));
        put_ber(&mut out, object.tag, object.value);
        assert_eq!(out, bytes);
        let told = &case["decoded"];
        match case["ie"].as_str().unwrap() {
            "FileDescriptor" => {
                let descriptor = FileDescriptor::parse(object.value).unwrap();
                out.clear();
                descriptor.emit(&mut out);
                assert_eq!(out, bytes);
                assert_eq!(&self::descriptor(descriptor), told);
                descriptors += 1;
            }
            "KeyInformationData" => {
                assert_eq!(object.value[0], told["key_identifier"]);
                assert_eq!(object.value[1], told["key_version_number"]);
                assert_eq!(object.value[2..], [0x80, 16]);
            }
            "BearerDescription" | "OtherAddress" | "NetworkAccessName" => {
                let (object, _) = Comprehension::read(&bytes).unwrap();
                assert_eq!(Value::from(object.tag | 0x80), case["tag"]);
                out.clear();
                put_comprehension(&mut out, object.tag, object.required, object.value);
                assert_eq!(out, bytes);
                let told = told.as_str().or_else(|| told["address"].as_str()).unwrap_or_default();
                assert!(lower(object.value).ends_with(told));
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(descriptors, 2);
}

#[test]
fn what_is_no_template_is_refused() {
    let parse = |text: &str| Fcp::parse(&hex(text)).map(drop);
    assert_eq!(parse("6400"), Err(FcpError::Template { tag: 0x64 }));
    assert_eq!(parse("6200"), Err(FcpError::NoDescriptor));
    assert!(matches!(parse("6204820278"), Err(FcpError::Tlv(_))));
    assert_eq!(parse("620482027021"), Err(FcpError::Value { tag: 0x82, value: 0x70 }));
    assert_eq!(parse("62058203782100"), Err(FcpError::Length { tag: 0x82, len: 3 }));
    for (object, error) in [
        ("83013f", FcpError::Length { tag: 0x83, len: 1 }),
        ("8400", FcpError::Length { tag: 0x84, len: 0 }),
        ("8a0102", FcpError::Value { tag: 0x8A, value: 2 }),
        ("8a00", FcpError::Length { tag: 0x8A, len: 0 }),
        ("8b022f06", FcpError::Length { tag: 0x8B, len: 2 }),
        ("8c00", FcpError::Length { tag: 0x8C, len: 0 }),
        ("8000", FcpError::Length { tag: 0x80, len: 0 }),
        ("80050000000000", FcpError::Length { tag: 0x80, len: 5 }),
        ("880101", FcpError::Value { tag: 0x88, value: 1 }),
        ("88020808", FcpError::Length { tag: 0x88, len: 2 }),
        ("c6029000", FcpError::Length { tag: 0xC6, len: 0 }),
    ] {
        let template = format!("62{:02x}82027821{object}", 4 + object.len() / 2);
        assert_eq!(parse(&template), Err(error), "{template}");
    }
    let pins = "830101".repeat(9);
    let template = format!("62{:02x}82027821c61e900100{pins}", 4 + 2 + 3 + 27);
    assert_eq!(parse(&template), Err(FcpError::TooManyPins { limit: 8 }));
}

#[test]
fn sizes_and_long_templates_are_written() {
    let mut fcp = Fcp::new(FileDescriptor::TRANSPARENT);
    for size in [0, 255, 65_535, 65_536, 0x0100_0000] {
        fcp.file_size = Some(size);
        fcp.total_size = Some(size);
        let mut out = Vec::new();
        fcp.emit(&mut out);
        assert_eq!(Fcp::parse(&out), Ok(fcp));
    }
    let rules = [0x80, 1, 1, 0x90, 0].repeat(40);
    fcp.security = Some(Security::Expanded(&rules));
    let mut out = std::vec![0xEE];
    fcp.emit(&mut out);
    assert_eq!(out[..3], [0xEE, 0x62, 0x81]);
    assert_eq!(Fcp::parse(&out[1..]), Ok(fcp));
    fcp.security = Some(Security::ReferencedBySe { file: FileId(0x6F06), records: &[0, 1, 1, 2] });
    out.clear();
    fcp.emit(&mut out);
    assert_eq!(Fcp::parse(&out), Ok(fcp));
}

#[test]
fn an_implied_short_identifier_is_the_end_of_the_file_identifier() {
    assert_eq!(ShortId::Implied.of(FileId(0x6F07)), Sfi::new(7));
    assert_eq!(ShortId::Implied.of(FileId(0x6F40)), None);
    assert_eq!(ShortId::None.of(FileId(0x6F07)), None);
}

#[test]
fn a_2g_answer_that_ends_early_is_told() {
    let error = |text: &str| SimResponse::parse(&hex(text)).unwrap_err();
    assert_eq!(error("0000"), SimResponseError::Short { len: 2, min: 14 });
    assert_eq!(error("000000003f0005"), SimResponseError::FileType { value: 5 });
    assert_eq!(error("000000003f000100"), SimResponseError::Short { len: 8, min: 18 });
    assert_eq!(error("000000346f40040011ffff010202"), SimResponseError::Structure { value: 2 });
    assert_eq!(error("000000346f40040011ffff010201"), SimResponseError::Short { len: 14, min: 15 });
}

proptest! {
    #[test]
    fn templates_round_trip(
        file_id: u16, name in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=16)),
        size: Option<u32>, sfi in 1_u8..=30, record: (u16, u8), shareable: bool, cyclic: bool,
        pins in proptest::collection::vec((any::<u8>(), any::<bool>(), any::<Option<u8>>()), 0..=8),
    ) {
        let mut descriptor = if cyclic {
            FileDescriptor::cyclic(record.0, record.1)
        } else {
            FileDescriptor::linear_fixed(record.0, record.1)
        };
        descriptor.shareable = shareable;
        let pins: Vec<_> = pins
            .into_iter()
            .map(|(key, enabled, usage)| PinState { key: KeyRef(key), enabled, usage })
            .collect();
        let fcp = Fcp {
            file_id: Some(FileId(file_id)),
            df_name: name.as_deref(),
            life_cycle: Some(LifeCycle::Deactivated),
            file_size: size,
            sfi: ShortId::Given(Sfi::new(sfi).unwrap()),
            pin_status: Some(PinStatus::new(&pins).unwrap()),
            ..Fcp::new(descriptor)
        };
        let mut out = Vec::new();
        fcp.emit(&mut out);
        prop_assert_eq!(Fcp::parse(&out), Ok(fcp));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut template = Vec::new();
        put_ber(&mut template, 0x62, &[&[0x82, 2, 0x41, 0x21], bytes.as_slice()].concat());
        for bytes in [&bytes, &template] {
            if let Ok(fcp) = Fcp::parse(bytes) {
                let mut out = Vec::new();
                fcp.emit(&mut out);
                prop_assert_eq!(Fcp::parse(&out), Ok(fcp));
            }
            if let Ok(response) = SimResponse::parse(bytes) {
                let mut out = Vec::new();
                response.emit(&mut out);
                prop_assert!(SimResponse::parse(&out).is_ok());
            }
        }
    }
}
