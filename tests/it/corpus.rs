//! The seed inputs of the fuzz targets, run through the same bodies without a fuzzer.

use crate::tree;
use anyhow::Result;
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;

type Body = fn(&[u8]);

/// Every target: its name, and its body, `fuzz_` and the name.
const BODIES: &[(&str, Body)] = &[
    ("activation_code", polysim_rsp::testkit::fuzz_activation_code),
    ("aka_autn", polysim_aka::testkit::fuzz_aka_autn),
    ("apdu_command", polysim_apdu::testkit::fuzz_apdu_command),
    ("apdu_secrets", polysim_apdu::testkit::fuzz_apdu_secrets),
    ("at_device", polysim_at::testkit::fuzz_at_device),
    ("at_host", polysim_at::testkit::fuzz_at_host),
    ("at_secrets", polysim_at::testkit::fuzz_at_secrets),
    ("atr", polysim_apdu::testkit::fuzz_atr),
    ("baseband_port", polysim_baseband::testkit::fuzz_baseband_port),
    ("card_apdus", polysim_card::testkit::fuzz_card_apdus),
    ("card_es10", polysim_card::testkit::fuzz_card_es10),
    ("cat", polysim_cat::testkit::fuzz_cat),
    ("ef", polysim_apdu::testkit::fuzz_ef),
    ("fcp", polysim_apdu::testkit::fuzz_fcp),
    ("issuance_wire", polysim_issuance::testkit::fuzz_issuance_wire),
    ("modem_host", polysim_modem::testkit::fuzz_modem_host),
    ("ota_receiver", polysim_ota::testkit::fuzz_ota_receiver),
    ("ota_sender", polysim_ota::testkit::fuzz_ota_sender),
    ("pcap", polysim_hal::testkit::fuzz_pcap),
    ("recording", polysim_hal::testkit::fuzz_recording),
    ("rsp_certificates", polysim_rsp::testkit::fuzz_rsp_certificates),
    ("rsp_json", polysim_rsp::testkit::fuzz_rsp_json),
    ("rsp_objects", polysim_rsp::testkit::fuzz_rsp_objects),
    ("rsp_package", polysim_rsp::testkit::fuzz_rsp_package),
    ("rtp", polysim_speech::testkit::fuzz_rtp),
    ("saip_package", polysim_rsp::saip::testkit::fuzz_saip_package),
    ("sap", polysim_share::sap::testkit::fuzz_sap),
    ("share_link", polysim_share::testkit::fuzz_share_link),
    ("share_sim", polysim_share::testkit::fuzz_share_sim),
    ("share_wire", polysim_share::testkit::fuzz_share_wire),
    ("sms_pdu", polysim_sms::testkit::fuzz_sms_pdu),
    ("sms_reassembly", polysim_sms::testkit::fuzz_sms_reassembly),
    ("steering_wire", polysim_steering::testkit::fuzz_steering_wire),
    ("tlv", polysim_base::testkit::fuzz_tlv),
];

fn names() -> BTreeSet<String> {
    BODIES.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn every_corpus_file_passes() -> Result<()> {
    let mut failed = Vec::new();
    for (target, body) in BODIES {
        for file in tree::entries(&tree::path("fuzz/corpus").join(target))? {
            let data = fs::read(&file)?;
            if catch_unwind(|| body(&data)).is_err() {
                failed.push(format!("fuzz/corpus/{target}/{}", tree::name(&file)));
            }
        }
    }
    assert!(failed.is_empty(), "these inputs panic (see above):\n{}", failed.join("\n"));
    Ok(())
}

#[test]
fn every_body_has_a_corpus_and_every_corpus_a_body() -> Result<()> {
    let mut found = BTreeSet::new();
    for folder in tree::entries(&tree::path("fuzz/corpus"))? {
        assert!(!tree::entries(&folder)?.is_empty(), "{} is empty", folder.display());
        found.insert(tree::name(&folder));
    }
    assert_eq!(found, names());
    Ok(())
}

#[test]
fn every_body_in_a_testkit_is_in_the_table() -> Result<()> {
    let mut found = BTreeSet::new();
    for (file, text) in tree::sources()? {
        if !file.to_string_lossy().contains("testkit") {
            continue;
        }
        for rest in text.split("pub fn fuzz_").skip(1) {
            found.extend(rest.split_once('(').map(|(name, _)| name.to_owned()));
        }
    }
    assert_eq!(found, names());
    Ok(())
}

#[test]
fn every_target_hands_its_input_to_the_body_of_its_name() -> Result<()> {
    let manifest = tree::read(&tree::path("fuzz/Cargo.toml"))?;
    let mut found = BTreeSet::new();
    for file in tree::files_below(&tree::path("fuzz/fuzz_targets"), "rs")? {
        let name = tree::name(&file).trim_end_matches(".rs").to_owned();
        let body = format!("::testkit::fuzz_{name}(data)");
        assert!(tree::read(&file)?.contains(&body), "{name} does not call {body}");
        let target = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&target), "{name} is not in fuzz/Cargo.toml");
        found.insert(name);
    }
    assert_eq!(found, names());
    Ok(())
}
