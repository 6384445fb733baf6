use std::collections::BTreeSet;

use polysim_apdu::ef::{Adn, Contents, EfError, ImsText, Number, PlmnActList};
use polysim_apdu::{AccessRules, Fcp, KeyRef, Operation as Access};
use polysim_base::Plmn;

use super::contents::{USIM_AID, domain};
use super::rules::{arr_record, record};
use super::*;
use crate::profile::{Applications, NetworkText, Profile, ProfileConfig, ProfileError};
use crate::testkit::profile_config;
use crate::tests::hex;

fn template(config: &ProfileConfig) -> Template {
    Template::build(config).unwrap()
}

fn every(template: &Template) -> impl Iterator<Item = (FileIndex, &File)> {
    let files = template.files.iter().enumerate();
    files.map(|(at, file)| (FileIndex(u16::try_from(at).unwrap()), file))
}

fn views() -> [Applications; 4] {
    [(true, true, true), (true, false, false), (false, false, true), (true, true, false)]
        .map(|(usim, isim, gsm)| Applications { usim, isim, gsm })
}

#[test]
fn every_file_is_found_by_its_path_and_its_sfi() {
    for applications in views() {
        let template = template(&ProfileConfig { applications, ..profile_config() });
        let mut seen = BTreeSet::new();
        for (index, file) in every(&template).skip(1) {
            assert_eq!(template.child(file.parent, file.fid), Some(index));
            assert!(template.is_df(file.parent));
            assert!(seen.insert((file.parent, file.fid)), "{:04X} twice", file.fid);
            if let Some(sfi) = Sfi::new(file.sfi) {
                assert_eq!(template.by_sfi(file.parent, sfi), Some(index), "{:04X}", file.fid);
            }
        }
        assert_eq!(template.usim() == FileIndex::NONE, !applications.usim);
        assert_eq!(template.gsm() == FileIndex::NONE, !applications.gsm);
        assert_ne!(template.imsi(), FileIndex::NONE);
    }
}

#[test]
fn every_fcp_says_what_the_file_is() {
    let template = template(&profile_config());
    for (index, file) in every(&template) {
        let fcp = Fcp::parse(template.fcp(file)).unwrap();
        assert_eq!(fcp.file_id.unwrap().0, file.fid);
        assert_eq!(fcp.proprietary.is_some(), template.is_df(index));
        assert_eq!(fcp.df_name, template.application(index).map(|found| &*found.aid));
        assert_eq!(fcp.pin_status.unwrap().pins().len(), 3);
        assert_ne!((file.fcp_life_cycle, file.fcp_pins), (0, 0));
        let life_cycle = usize::from(file.fcp_life_cycle);
        assert_eq!(template.fcp(file)[life_cycle - 2..=life_cycle], [0x8A, 0x01, 0x05]);
        if let Some(ef) = template.ef(index) {
            assert_eq!(fcp.file_size, Some(u32::try_from(ef.size()).unwrap()));
            assert_eq!(fcp.sfi.of(fcp.file_id.unwrap()), Sfi::new(file.sfi));
        }
    }
}

/// What a card in the field answers, but for the PINs that it names and the memory it has left.
#[test]
fn ts_102_221_11_1_1_fcps_are_those_of_good_cards() {
    let plain = ProfileConfig { pin_status_in_ef: false, ..profile_config() };
    let template = template(&plain);
    let fcp = |path: &[u16]| template.fcp(template.file(template.by_path(path).unwrap())).to_vec();
    let usim = 0x7FF0;
    assert_eq!(fcp(&[usim, 0x6F07]), hex("62178202412183026F078A01058B036F060580020009880138"));
    assert_eq!(fcp(&[0x2FE2]), hex("62178202412183022FE28A01058B032F06038002000A880110"));
    assert_eq!(fcp(&[usim, 0x6FAD]), hex("62178202412183026FAD8A01058B036F060280020004880118"));
    assert_eq!(fcp(&[usim, 0x6F7E]), hex("62178202412183026F7E8A01058B036F06048002000B880158"));
    assert_eq!(fcp(&[0x2F00]), hex("621A8205422100260283022F008A01058B032F06028002004C8801F0"));
    assert_eq!(fcp(&[usim, 0x6F42]), hex("62198205422100340283026F428A01058B036F0604800200688800"));
    let adf = fcp(&[usim]);
    assert_eq!(adf[2..13], hex("8202782183027FF08410A0")[..]);
    assert!(adf.ends_with(&hex("8A01058B032F060FC60C90010083010183018183010A")));
}

#[test]
fn compiled_rules_are_what_the_evaluator_says() {
    for number in 1..=record::COUNT {
        let bytes = arr_record(number);
        let rules = AccessRules::parse(&bytes).unwrap();
        let compiled = RuleSet::compile(&bytes);
        assert!(bytes.len() <= usize::from(rules::ARR_RECORD_LEN), "record {number}");
        for key in [KeyRef::PIN1, KeyRef::PIN2, KeyRef::ADM1, KeyRef::UNIVERSAL] {
            let keys = crate::security::Keys::NONE.with(crate::security::Key::of(key).unwrap());
            for (ours, theirs) in
                [(Operation::Read, Access::Read), (Operation::Update, Access::Update)]
            {
                let expected = rules.allow(theirs, |other| other == key);
                assert_eq!(compiled.allows(ours, keys), expected, "record {number}, {key}");
            }
        }
    }
    assert_eq!(RuleSet::compile(&[0x80, 0x01]), RuleSet::NEVER);
    assert_eq!(RuleSet::compile(&[]), RuleSet::NEVER);
}

#[test]
fn one_file_under_two_names_is_one_body() {
    let both = template(&profile_config());
    let body = |template: &Template, path: &[u16]| {
        template.ef(template.by_path(path).unwrap()).unwrap().body
    };
    for fid in [0x6F07, 0x6F7E, 0x6F46, 0x6F39] {
        assert_eq!(body(&both, &[0x7F20, fid]), body(&both, &[0x7FF0, fid]), "{fid:04X}");
    }
    assert_eq!(body(&both, &[0x7F10, 0x6F3A]), body(&both, &[0x7F10, 0x5F3A, 0x4F3A]));
    let sim = Applications { usim: false, isim: false, gsm: true };
    let sim = template(&ProfileConfig { applications: sim, ..profile_config() });
    let imsi = sim.by_path(&[0x7F20, 0x6F07]).unwrap();
    assert_eq!(body(&sim, &[0x7F20, 0x6F07]), imsi);
}

fn contents(config: &ProfileConfig, path: &[u16]) -> Vec<u8> {
    let template = template(config);
    match template.ef(template.by_path(path).unwrap()).unwrap().source {
        Source::Stored(span) | Source::Repeated(span) => template.bytes(span).to_vec(),
        Source::Personal(_) => unreachable!("not of the operator"),
    }
}

#[test]
fn the_operators_values_are_where_they_belong() {
    let mut config = profile_config();
    let usim = |fid| [0x7FF0, fid];
    let three: Plmn = "001001".parse().unwrap();
    assert_eq!(contents(&config, &usim(0x6FAD)), [0, 0, 0, 2]);
    assert_eq!(contents(&config, &usim(0x6F46))[..9], *b"\0Polynet\xFF");
    assert_eq!(contents(&config, &usim(0x6F62))[..10], hex("00F110C080FFFFFF0000"));
    let operators = PlmnActList::parse(&contents(&config, &usim(0x6F61))).unwrap();
    assert_eq!(operators.0.len(), 1);
    assert_eq!(operators.0[0].plmn.to_string(), "00102");
    assert_eq!(contents(&config, &usim(0x6FD9)), hex("00F110"));
    assert_eq!(contents(&config, &usim(0x6FC6)), hex("00F1100000FFFE01"));
    assert_eq!(
        contents(&config, &usim(0x6F42))[24..],
        *hex("E1FFFFFFFFFFFFFFFFFFFFFFFF0791447700090000FFFFFFFF0000FF")
    );
    // "Polynet" in seven septets, seven bits spare.
    assert_eq!(contents(&config, &usim(0x6FC5))[..10], *hex("430887D0373BEF2ED301"));
    config.plmn = three;
    assert_eq!(contents(&config, &usim(0x6FAD)), [0, 0, 0, 3]);
    assert_eq!(domain(three), "ims.mnc001.mcc001.3gppnetwork.org");
    assert_eq!(
        contents(&config, &[0x2F00])[..20],
        [&[0x61, 0x18, 0x4F, 0x10], &USIM_AID[..]].concat()
    );
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let config = profile_config();
    let refused = |config: ProfileConfig| Profile::new(config).unwrap_err();
    let spn = "a name of nineteen!".to_owned();
    assert!(matches!(
        refused(ProfileConfig { spn, ..config.clone() }),
        ProfileError::Value { what: "spn", error: EfError::Alpha(_) }
    ));
    for number in ["12x", "1234567"] {
        let emergency_numbers = vec![number.to_owned()];
        assert!(matches!(
            refused(ProfileConfig { emergency_numbers, ..config.clone() }),
            ProfileError::Value { what: "emergency_numbers", .. }
        ));
    }
    let none = Applications { usim: false, isim: true, gsm: false };
    assert_eq!(
        refused(ProfileConfig { applications: none, ..config.clone() }),
        ProfileError::NoApplication
    );
    assert!(matches!(
        refused(ProfileConfig { channels: 21, ..config.clone() }),
        ProfileError::Count { what: "channels", count: 21, min: 1, max: 20 }
    ));
    let name = NetworkText { plmn: config.plmn, full: "a".repeat(60), short: String::new() };
    assert!(matches!(
        refused(ProfileConfig { names: vec![name], ..config }),
        ProfileError::Value { what: "names", error: EfError::Long { .. } }
    ));
}

#[test]
fn the_answer_to_reset_has_its_check_byte() {
    let atr = profile_config().atr;
    assert_eq!(atr[1..].iter().fold(0, |check, byte| check ^ byte), 0);
    let parsed = polysim_apdu::Atr::parse(&atr).unwrap();
    assert_eq!(parsed.emit().unwrap(), *atr);
}

#[test]
fn what_is_computed_on_reading_is_what_the_codecs_read() {
    let card = crate::testkit::card(crate::PinConfig::default());
    let usim = |fid| card.read_file(&[0x7FF0, fid]).unwrap();
    assert_eq!(card.imsi().unwrap().to_string(), "001010000000123");
    assert_eq!(card.iccid().unwrap().to_string(), "8944000000000000003");
    assert_eq!(usim(0x6F78), [0x00, 0x08]);
    let number = Adn::parse(&usim(0x6F40)).unwrap();
    assert_eq!(number, Adn { number: Some(Number::new("+447700900123")), ..Adn::default() });
    let blank = card.read_record(&[0x7FF0, 0x6F40], 2).unwrap();
    assert_eq!(blank, [0xFF; 34]);
    let text = |fid, record| {
        let record = card.read_record(&[0x7FF1, fid], record).unwrap();
        ImsText::parse(&record).map(|text| text.0)
    };
    let domain = "ims.mnc001.mcc001.3gppnetwork.org";
    assert_eq!(text(0x6F02, 1), Ok(format!("001010000000123@{domain}")));
    assert_eq!(text(0x6F03, 1), Ok(domain.to_owned()));
    assert_eq!(text(0x6F04, 1), Ok(format!("sip:001010000000123@{domain}")));
    assert_eq!(text(0x6F04, 2), Ok(format!("sip:+447700900123@{domain}")));
    assert!(text(0x6F04, 3).is_err());
}
