//! Every case of the vectors: contents read to the values told and written back to the same bytes.

use serde_json::{Value, json};
use std::{format, string::String, vec, vec::Vec};

use super::hex;
use crate::ef::*;
use crate::{AccessMode, AccessRules, Condition, decode_alpha};
use polysim_base::{Hex, Imsi, Plmn};

#[test]
fn the_vectors_read_and_write_back() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../../tests/vectors/ef_codecs.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 44);
    for case in cases {
        let bytes = hex(case["hex"].as_str().unwrap());
        let file = case["file"].as_str().unwrap();
        if case["direction"] == "encode" {
            assert_eq!(encoded(file, &case["decoded"], bytes.len()), bytes, "{file}");
        } else {
            assert_eq!(decoded(file, &bytes), case["decoded"], "{file}");
        }
    }
}

/// The one case that is told only one way: a number without name, network specific.
fn encoded(file: &str, value: &Value, size: usize) -> Vec<u8> {
    assert_eq!(file, "EF_MSISDN");
    let digits = value["msisdn"].as_str().unwrap().into();
    let number = Some(Number { ton_npi: 0xB1, digits });
    Adn { number, ..Adn::default() }.emit(size).unwrap()
}

fn decoded(file: &str, bytes: &[u8]) -> Value {
    match file {
        "EF_IMSI" | "EF_ACC" | "EF_AD" | "EF_HPPLMN" | "EF_EHPLMNPI" | "EF_PWS" | "EF_AAeM"
        | "EF_VGCSS" | "EF_UAC_AIC" | "EF_UMPC" => plain(file, bytes),
        "EF_ADN" | "EF_MSISDN" | "EF_CFIS" | "EF_ECC" | "EF_SMSP" | "EF_MBI" => {
            dialling(file, bytes)
        }
        "EF_LOCI" | "EF_LOCIGPRS" | "EF_Kc" | "EF_SUCI_Calc_Info" => context(file, bytes),
        "EF_PLMNsel" | "EF_xPLMNwAcT" | "EF_EARFCNList" | "EF_OPL" | "EF_PL" | "EF_SPN" => {
            network(file, bytes)
        }
        _ => objects(file, bytes),
    }
}

/// Reads and checks that the very same bytes are written.
fn same<T: Contents>(bytes: &[u8]) -> T {
    let contents = T::parse(bytes).unwrap();
    assert_eq!(contents.emit(bytes.len()).unwrap(), bytes);
    contents
}

fn lower(bytes: &[u8]) -> String {
    format!("{}", Hex(bytes)).to_lowercase()
}

fn mcc_mnc(plmn: Plmn) -> (String, String) {
    let digits = format!("{plmn}");
    (digits[..3].into(), digits[3..].into())
}

fn dashed(plmn: Plmn) -> String {
    let (mcc, mnc) = mcc_mnc(plmn);
    format!("{mcc}-{mnc}")
}

fn plain(file: &str, bytes: &[u8]) -> Value {
    match file {
        "EF_IMSI" => json!({ "imsi": format!("{}", same::<Imsi>(bytes)) }),
        "EF_ACC" => {
            let classes: AccessClasses = same(bytes);
            let named = (0..16).map(|n| (format!("ACC{n}"), classes.contains(n).into()));
            Value::Object(named.collect())
        }
        "EF_AD" => {
            let ad: Administrative = same(bytes);
            assert_eq!((ad.mode, ad.mnc_len), (OperationMode::Normal, None));
            json!({
                "ms_operation_mode": "normal",
                "rfu1": ad.info[0],
                "rfu2": ad.info[1] >> 1,
                "ofm": ad.ciphering_indicator(),
                "extensions": Value::Null,
            })
        }
        "EF_HPPLMN" => json!(same::<Octet>(bytes).0),
        "EF_EHPLMNPI" => {
            assert_eq!(same::<EhplmnIndication>(bytes), EhplmnIndication::All);
            json!({ "presentation_ind": "display_all" })
        }
        "EF_PWS" => {
            let flags: PwsFlags = same(bytes);
            json!({ "pws_configuration": {
                "ignore_pws_in_hplmn_and_equivalent": flags.contains(PwsFlags::IGNORE_HOME),
                "ignore_pws_in_vplmn": flags.contains(PwsFlags::IGNORE_VISITED),
            } })
        }
        "EF_AAeM" => {
            let levels: AutoAnswer = same(bytes);
            json!({ "auto_answer_prio_levels": {
                "A": levels.contains(AutoAnswer::LEVEL_A),
                "B": levels.contains(AutoAnswer::LEVEL_B),
                "zero": levels.contains(AutoAnswer::LEVEL_0),
                "one": levels.contains(AutoAnswer::LEVEL_1),
                "two": levels.contains(AutoAnswer::LEVEL_2),
                "three": levels.contains(AutoAnswer::LEVEL_3),
                "four": levels.contains(AutoAnswer::LEVEL_4),
            } })
        }
        "EF_VGCSS" => {
            let flags: GroupFlags = same(bytes);
            let bits: Vec<_> =
                (0..GroupFlags::COUNT).map(|n| u8::from(flags.is_active(n))).collect();
            assert!(!flags.is_active(GroupFlags::COUNT));
            json!({ "flags": bits })
        }
        "EF_UAC_AIC" => {
            let access: UacAccess = same(bytes);
            json!({ "uac_access_id_config": {
                "multimedia_priority_service": access.contains(UacAccess::MULTIMEDIA_PRIORITY),
                "mission_critical_service": access.contains(UacAccess::MISSION_CRITICAL),
            } })
        }
        _ => {
            let power: CardPower = same(bytes);
            json!({
                "max_current_mA": power.current_max,
                "t_op_s": power.timeout,
                "addl_info": {
                    "req_inc_idle_current": power.increased_idle_current,
                    "support_uicc_suspend": power.suspension,
                },
            })
        }
    }
}

fn ton_npi(byte: u8) -> Value {
    json!({
        "ext": byte & 0x80 != 0,
        "type_of_number": match (byte >> 4) & 7 {
            0 => "unknown",
            1 => "international",
            3 => "network_specific",
            7 => "reserved_for_extension",
            other => panic!("{other}"),
        },
        "numbering_plan_id": match byte & 0x0F {
            1 => "isdn_e164",
            15 => "reserved_for_extension",
            other => panic!("{other}"),
        },
    })
}

/// Length in bytes, type and digits as told of a field that may be unused.
fn number(number: Option<&Number>) -> (Value, Value, Value) {
    match number {
        Some(number) => {
            let len = number.digits.len().div_ceil(2) + 1;
            (json!(len), ton_npi(number.ton_npi), json!(number.digits))
        }
        None => (json!(255), ton_npi(0xFF), json!("")),
    }
}

fn dialling(file: &str, bytes: &[u8]) -> Value {
    match file {
        "EF_ADN" => {
            let adn: Adn = same(bytes);
            let (len, ton_npi, digits) = number(adn.number.as_ref());
            json!({
                "alpha_id": adn.name,
                "len_of_bcd": len,
                "ton_npi": ton_npi,
                "dialing_nr": digits,
                "cap_conf_id": adn.configuration.unwrap_or(255),
                "ext1_record_id": adn.extension.unwrap_or(255),
            })
        }
        "EF_MSISDN" => {
            let adn: Adn = same(bytes);
            let (len, ton_npi, digits) = number(adn.number.as_ref());
            json!({ "alpha_id": adn.name, "len_of_bcd": len, "ton_npi": ton_npi, "dialing_nr": digits })
        }
        "EF_CFIS" => {
            let cfis: Cfis = same(bytes);
            let (len, ton_npi, digits) = number(cfis.number.as_ref());
            json!({
                "msp_number": cfis.profile,
                "cfu_indicator_status": {
                    "voice": cfis.status.contains(CallForwardStatus::VOICE),
                    "fax": cfis.status.contains(CallForwardStatus::FAX),
                    "data": cfis.status.contains(CallForwardStatus::DATA),
                    "rfu": cfis.status.0 >> 3,
                },
                "len_of_bcd": len,
                "ton_npi": ton_npi,
                "dialing_nr": digits,
                "cap_conf_id": cfis.configuration.unwrap_or(255),
                "ext7_record_id": cfis.extension.unwrap_or(255),
            })
        }
        "EF_ECC" => {
            let ecc: Ecc = same(bytes);
            assert_eq!(ecc.name, "");
            let services = [
                ("police", EmergencyServices::POLICE),
                ("ambulance", EmergencyServices::AMBULANCE),
                ("fire_brigade", EmergencyServices::FIRE_BRIGADE),
                ("marine_guard", EmergencyServices::MARINE_GUARD),
                ("mountain_rescue", EmergencyServices::MOUNTAIN_RESCUE),
                ("manual_ecall", EmergencyServices::MANUAL_ECALL),
                ("automatic_ecall", EmergencyServices::AUTOMATIC_ECALL),
            ];
            let services = services
                .map(|(name, service)| (String::from(name), ecc.services.contains(service).into()));
            json!({ "call_code": ecc.digits, "service_category": Value::Object(services.into_iter().collect()) })
        }
        "EF_SMSP" => smsp(&same(bytes)),
        _ => {
            let ids: MailboxIds = same(bytes);
            let [voice, fax, mail, other] = ids.records;
            json!({
                "mbi_voicemail": voice,
                "mbi_fax": fax,
                "mbi_email": mail,
                "mbi_other": other,
                "mbi_videocall": ids.video,
            })
        }
    }
}

fn smsp(smsp: &Smsp) -> Value {
    let (_, to_type, to_digits) = number(smsp.destination.as_ref());
    let to_len = smsp.destination.as_ref().map_or(255, |number| number.digits.len());
    let (centre_len, centre_type, centre_digits) = number(smsp.service_centre.as_ref());
    let byte = |field: Option<u8>| format!("{:02x}", field.unwrap_or(255));
    json!({
        "alpha_id": smsp.name,
        "parameter_indicators": {
            "tp_dest_addr": smsp.destination.is_some(),
            "tp_sc_addr": smsp.service_centre.is_some(),
            "tp_pid": smsp.protocol.is_some(),
            "tp_dcs": smsp.coding.is_some(),
            "tp_vp": smsp.validity.is_some(),
        },
        "tp_dest_addr": { "length": to_len, "ton_npi": to_type, "call_number": to_digits },
        "tp_sc_addr": { "length": centre_len, "ton_npi": centre_type, "call_number": centre_digits },
        "tp_pid": byte(smsp.protocol),
        "tp_dcs": byte(smsp.coding),
        "tp_vp_minutes": validity_minutes(smsp.validity.unwrap_or(255)),
    })
}

fn context(file: &str, bytes: &[u8]) -> Value {
    let status = |status| match status {
        UpdateStatus::Updated => "updated",
        UpdateStatus::NotUpdated => "not_updated",
        other @ (UpdateStatus::NotAllowed
        | UpdateStatus::AreaNotAllowed
        | UpdateStatus::Reserved(_)) => panic!("{other:?}"),
    };
    match file {
        "EF_LOCI" => {
            let loci: Loci = same(bytes);
            json!({
                "tmsi": lower(&loci.tmsi),
                "lai": lower(&loci.lai.0),
                "tmsi_time": loci.tmsi_time,
                "lu_status": status(loci.status),
            })
        }
        "EF_LOCIGPRS" => {
            let loci: PsLoci = same(bytes);
            json!({
                "ptmsi": lower(&loci.ptmsi),
                "ptmsi_sig": lower(&loci.signature),
                "rai": lower(&loci.rai.0),
                "rau_status": status(loci.status),
            })
        }
        "EF_Kc" => {
            let key: GsmKey = same(bytes);
            json!({ "kc": lower(&key.kc), "cksn": key.cksn })
        }
        _ => {
            let info: SuciCalcInfo = same(bytes);
            let schemes = info.schemes.iter().enumerate().map(|(priority, scheme)| {
                json!({
                    "priority": priority,
                    "identifier": scheme.scheme,
                    "key_index": scheme.key_index,
                })
            });
            let keys = info.keys.iter().map(
                |key| json!({ "hnet_pubkey_identifier": key.id, "hnet_pubkey": lower(&key.key) }),
            );
            json!({
                "prot_scheme_id_list": schemes.collect::<Vec<_>>(),
                "hnet_pubkey_list": keys.collect::<Vec<_>>(),
            })
        }
    }
}

fn network(file: &str, bytes: &[u8]) -> Value {
    match file {
        "EF_PLMNsel" => {
            let list: PlmnList = same(bytes);
            let entries = list.0.into_iter().map(mcc_mnc);
            entries.map(|(mcc, mnc)| json!({ "mcc": mcc, "mnc": mnc })).collect()
        }
        "EF_xPLMNwAcT" => {
            let list: PlmnActList = same(bytes);
            let entries = list.0.into_iter().map(|entry| {
                let (mcc, mnc) = mcc_mnc(entry.plmn);
                json!({ "mcc": mcc, "mnc": mnc, "act": technologies(entry.technologies) })
            });
            entries.collect()
        }
        "EF_EARFCNList" => {
            let list: EarfcnList = same(bytes);
            let number = |[a, b, c]: [u8; 3]| u32::from_be_bytes([0, a, b, c]);
            let carriers = list.0.into_iter().map(|carrier| {
                let areas = carrier.areas.into_iter().map(|area| {
                    let points = area.into_iter().map(|point| {
                        json!({
                            "latitude": number(point.latitude),
                            "longitude": number(point.longitude),
                        })
                    });
                    json!({ "geographical_area": points.collect::<Vec<_>>() })
                });
                let mut objects = vec![json!({ "earfcn": carrier.earfcn })];
                objects.extend(areas);
                json!({ "earfcn_list_tlv": objects })
            });
            carriers.collect()
        }
        "EF_OPL" => {
            let opl: Opl = same(bytes);
            json!({
                "lai": {
                    "mcc_mnc": dashed(opl.network().unwrap().unwrap()),
                    "lac_min": format!("{:04x}", opl.first_area),
                    "lac_max": format!("{:04x}", opl.last_area),
                },
                "pnn_record_id": opl.name_record,
            })
        }
        "EF_PL" => {
            let languages: Languages = same(bytes);
            let text = |code: [u8; 2]| String::from_utf8(code.to_vec()).unwrap();
            languages.0.into_iter().map(|code| json!(code.map(text))).collect()
        }
        _ => {
            let spn: Spn = same(bytes);
            json!({
                "rfu": 0,
                "hide_in_oplmn": spn.hide_abroad,
                "show_in_hplmn": spn.show_network,
                "spn": spn.name,
            })
        }
    }
}

fn technologies(set: AccessTechnologies) -> Value {
    let mut names = Vec::new();
    for (there, name) in [
        (set.e_utran_nb(), "E-UTRAN NB-S1"),
        (set.e_utran_wb(), "E-UTRAN WB-S1"),
        (set.ec_gsm_iot(), "EC-GSM-IoT"),
        (set.gsm(), "GSM"),
        (set.ng_ran(), "NG-RAN"),
        (set.utran(), "UTRAN"),
    ] {
        if there {
            names.push(name);
        }
    }
    json!(names)
}

fn objects(file: &str, bytes: &[u8]) -> Value {
    match file {
        "EF_ARR" => access_rules(bytes),
        "EF_ACSGL" => json!({ "csg_list": closed_group(&same(bytes)) }),
        "EF_OCSGL" => json!({ "operator_csg_list": closed_group(&same(bytes)) }),
        "EF_CSGT" => {
            let kind: GroupType = same(bytes);
            let text = decode_alpha(&kind.text.unwrap()).unwrap();
            json!([{ "text_csg_type": text }, { "graphics_csg_type_uri": kind.icon }])
        }
        "EF_DIR" => {
            let application: Application = same(bytes);
            assert_eq!(application.others[..2], [0x73, 0x0E]);
            json!({ "application_template": [
                { "application_id": lower(&application.aid) },
                { "application_label": application.label },
                { "discretionary_template": lower(&application.others[2..]) },
            ] })
        }
        "EF_IMPI" => json!({ "nai": same::<ImsText>(bytes).0 }),
        "EF_NAFKCA" => json!({ "naf_key_centre_address": same::<ImsText>(bytes).0 }),
        "EF_PCSCF" => {
            let address: NetworkAddress = same(bytes);
            assert!(matches!(address, NetworkAddress::V6(_)));
            let address = format!("{address}");
            json!({ "pcscf_address": { "address": address, "type_of_address": "IPv6" } })
        }
        "EF_ePDGId" => {
            let address: NetworkAddress = same(bytes);
            let kind = match address {
                NetworkAddress::V4(_) => "IPv4",
                NetworkAddress::V6(_) => "IPv6",
                NetworkAddress::Name(_) => panic!("{address}"),
            };
            let address = format!("{address}");
            json!({ "e_pdg_id": { "type_of_ePDG_address": kind, "ePDG_address": address } })
        }
        "EF_ePDGSelection" => {
            let list: EpdgSelections = same(bytes);
            let entries = list.0.into_iter().map(|entry| {
                let format =
                    if entry.by_location { "location_based" } else { "operator_identified" };
                json!({
                    "plmn": dashed(entry.plmn.unwrap()),
                    "epdg_priority": entry.priority,
                    "epdg_fqdn_format": format,
                })
            });
            json!({ "e_pdg_selection": entries.collect::<Vec<_>>() })
        }
        other => panic!("no codec for {other}"),
    }
}

fn closed_group(groups: &ClosedGroups) -> Value {
    let [group] = groups.0.as_slice() else { panic!("{groups:?}") };
    let mut objects = vec![json!({ "plmn": dashed(group.plmn.unwrap()) })];
    objects.extend(group.groups.iter().map(|information| {
        assert_eq!((information.type_record, information.name_record), (0, 0));
        json!({ "csg_information": {
            "csg_type": "from_other_sources",
            "hnb_name_indication": "from_other_sources",
            "csg_id": { "id": information.id },
        } })
    }));
    objects.extend(group.display.map(|display| {
        assert_eq!(display, 0);
        json!({ "csg_display_indicator": "all_available_csg_ids" })
    }));
    json!(objects)
}

fn access_rules(bytes: &[u8]) -> Value {
    let rules = AccessRules::parse(bytes).unwrap();
    let mut out = Vec::new();
    rules.emit(&mut out);
    assert_eq!(out, bytes);
    let rules = rules.rules.into_iter().map(|rule| {
        let mode = match rule.mode {
            AccessMode::Bits(0x01) => json!({ "access_mode": ["read_search_compare"] }),
            AccessMode::Bits(0x02) => json!({ "access_mode": ["update_erase"] }),
            AccessMode::Bits(0x18) => {
                json!({ "access_mode": ["activate_file_or_record", "deactivate_file_or_record"] })
            }
            AccessMode::Commands { parts: 4, values } => {
                json!({ "command_header": { "INS": values[0] } })
            }
            other @ (AccessMode::Bits(_) | AccessMode::Commands { .. }) => panic!("{other:?}"),
        };
        let condition = match rule.conditions.as_slice() {
            [Condition::Always] => json!({ "always": Value::Null }),
            [Condition::Never] => json!({ "never": Value::Null }),
            [Condition::Verified { key, usage: Some(8) }] => {
                json!({ "control_reference_template": format!("{key}") })
            }
            other => panic!("{other:?}"),
        };
        json!([mode, condition])
    });
    rules.collect()
}
