mod properties;
mod vectors;

use super::*;
use polysim_base::{Imsi, Plmn};
use std::{vec, vec::Vec};

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.as_bytes()).unwrap()
}

fn same<T: Contents>(file: &str) -> T {
    let bytes = hex(file);
    let contents = T::parse(&bytes).unwrap();
    assert_eq!(contents.emit(bytes.len()).unwrap(), bytes);
    contents
}

#[test]
fn files_of_a_real_card_read_and_write_back() {
    let blank: Loci = same("fffffffffffffffffeff03");
    assert_eq!(blank.status, UpdateStatus::AreaNotAllowed);
    let ps: PsLoci = same("ffffffffffffffffff00fffeff02");
    assert_eq!(ps.status, UpdateStatus::NotAllowed);
    assert!(ps.rai.plmn().is_err());
    let eps: EpsLoci = same("0bf6fffffffffffffffffffffffffffffe01");
    assert_eq!(eps.tai, AreaId::DELETED);
    let keys: CipherKeys = same(&std::format!("07{}", "ff".repeat(32)));
    assert_eq!(keys, CipherKeys::BLANK);
    let context: EpsSecurity =
        same(&std::format!("a0348001078120{}8204ffffffff8304ffffffff840100", "ff".repeat(32)));
    assert_eq!(context, EpsSecurity::BLANK);
    let spn: Spn = same("034d61676963ffffffffffffffffffffff");
    assert_eq!((spn.name.as_str(), spn.show_network, spn.hide_abroad), ("Magic", true, true));
    let home: PlmnActList = same(&std::format!("00f110ffff{}", "ffffff0000".repeat(11)));
    assert_eq!(home.0.len(), 1);
    assert_eq!(home.0[0].plmn, Plmn::parse("00101").unwrap());
    let forbidden: PlmnList = same("62f21062f22062f230ffffff");
    assert_eq!(forbidden.0.len(), 3);
    let table: ServiceTable = same("beff9f9de73e0408400170330000002e00000000");
    assert!(table.contains(2) && !table.contains(1) && table.contains(27));
    let unused: Ecc = same("ffffffffffffffffffffffffffffff00");
    assert_eq!(unused, Ecc::default());
    let hfn: StartHfn = same("000000000000");
    assert_eq!(hfn, StartHfn::default());
    assert_eq!(same::<Threshold>("ffffff"), Threshold([0xFF; 3]));
    let number: Smsp = same(&std::format!(
        "{}e1{}0581005155f5ffffffffffff000000",
        "ff".repeat(24),
        "ff".repeat(12)
    ));
    assert_eq!(number.service_centre.unwrap().digits, "0015555");
    assert_eq!(same::<Application>(&"ff".repeat(43)), Application::default());
    let isim: Application = same(&std::format!(
        "61194f10a0000000871004ffffffff890709000050054953696d31{}",
        "ff".repeat(16)
    ));
    assert_eq!(isim.label.as_deref(), Some("ISim1"));
    let free: SmsRecord = same(&std::format!("00{}", "ff".repeat(175)));
    assert_eq!(free.state, SmsState::Free);
    assert_eq!(
        same::<SmsStatus>("ffff"),
        SmsStatus { last_reference: 0xFF, memory_exceeded: false }
    );
    assert_eq!(same::<Pnn>(&"ff".repeat(24)), Pnn::default());
}

#[test]
fn a_subscriber_number_of_a_real_card_reads_even_with_its_name_displaced() {
    let record = hex(&std::format!("ff0791942143658709{}", "ff".repeat(25)));
    let adn = Adn::parse(&record).unwrap();
    assert_eq!(adn, Adn::default());
}

#[test]
fn location_files_are_arrays() {
    let plmn = Plmn::parse("26201").unwrap();
    let loci = Loci {
        tmsi: [1, 2, 3, 4],
        lai: AreaId::new(plmn, 0x1234),
        tmsi_time: 0xFF,
        status: UpdateStatus::Updated,
    };
    assert_eq!(loci.bytes(), [1, 2, 3, 4, 0x62, 0xF2, 0x10, 0x12, 0x34, 0xFF, 0]);
    assert_eq!(loci.lai.plmn(), Ok(Some(plmn)));
    assert_eq!(loci.lai.code(), [0x12, 0x34]);
    assert_eq!(AreaId::routing(loci.lai, 7).0[5], 7);
    assert_eq!(AreaId::tracking(plmn, 0x0001_0203).code(), [1, 2, 3]);
    assert_eq!(FiveGsLoci::BLANK.emit(20).unwrap().len(), 20);
    assert_eq!(FiveGsLoci::parse(&FiveGsLoci::BLANK.emit(20).unwrap()), Ok(FiveGsLoci::BLANK));
    assert_eq!(Loci::parse(&[0; 10]), Err(EfError::Short { len: 10, min: 11 }));
    assert_eq!(EpsLoci::parse(&[0; 17]), Err(EfError::Short { len: 17, min: 18 }));
}

#[test]
fn services_are_numbered_from_1() {
    let mut table = ServiceTable::of(&[1, 27, 33]);
    assert_eq!(table.0, [0x01, 0, 0, 0x04, 0x01]);
    assert_eq!(table.services().collect::<Vec<_>>(), [1, 27, 33]);
    table.set(27, false);
    table.set(200, false);
    assert!(!table.contains(27) && !table.contains(0) && !table.contains(200));
    assert_eq!(table.emit(7).unwrap(), [1, 0, 0, 0, 1, 0, 0]);
    assert_eq!(table.emit(4), Err(EfError::Long { len: 5, size: 4 }));
}

#[test]
fn the_access_class_is_the_last_digit_of_the_imsi() {
    let imsi = Imsi::parse("001010000000127").unwrap();
    let classes = AccessClasses::of_imsi(&imsi);
    assert_eq!(classes.emit(2).unwrap(), [0x00, 0x80]);
    assert!(classes.contains(7) && !classes.contains(8) && !classes.contains(16));
    assert_eq!(same::<Imsi>("080910100000001032"), Imsi::parse("001010000000123").unwrap());
}

#[test]
fn names_of_networks_are_packed_or_ucs2() {
    for (text, country) in
        [("Polysim", false), ("Network8", true), ("ab", false), ("Сеть", true), ("", false)]
    {
        let name = NetworkName { text: text.into(), add_country: country };
        assert_eq!(NetworkName::parse(&name.bytes()), Ok(name));
    }
    let name = NetworkName { text: "Magic".into(), add_country: false };
    let record = Pnn { full: Some(name.clone()), short: None };
    assert_eq!(record.emit(24).unwrap()[..8], [0x43, 6, 0x85, 0xCD, 0xF0, 0x39, 0x3D, 0x06]);
    assert_eq!(Pnn::parse(&record.emit(24).unwrap()), Ok(record));
    assert_eq!(NetworkName::parse(&[0xA0]), Err(EfError::Value { at: 0, value: 0xA0 }));
}

#[test]
fn texts_of_the_card_keep_their_state() {
    for (byte, state) in [
        (0, SmsState::Free),
        (1, SmsState::Read),
        (3, SmsState::Unread),
        (5, SmsState::Sent { report: 0 }),
        (0x1D, SmsState::Sent { report: 3 }),
        (7, SmsState::ToBeSent),
    ] {
        let record = SmsRecord { state, message: vec![2, 0x91, 0x21, 4, 5] };
        let bytes = record.emit(176).unwrap();
        assert_eq!((bytes.len(), bytes[0]), (176, byte));
        assert_eq!(SmsRecord::parse(&bytes), Ok(record.clone()));
        assert_eq!(record.parts(), Some((&[0x91, 0x21][..], &[4, 5][..])));
    }
    assert_eq!(SmsRecord::parse(&[9]), Err(EfError::Value { at: 0, value: 9 }));
    assert_eq!(SmsRecord { state: SmsState::Read, message: vec![9] }.parts(), None);
}

#[test]
fn what_does_not_fit_is_refused() {
    let long = Number::new("+123456789012345678901");
    let adn = Adn { number: Some(long), ..Adn::default() };
    assert_eq!(adn.emit(30), Err(EfError::TooManyDigits { len: 21, limit: 20 }));
    let named = Adn { name: "four".into(), ..Adn::default() };
    assert!(matches!(named.emit(17), Err(EfError::Alpha(_))));
    assert_eq!(named.emit(13), Err(EfError::Long { len: 14, size: 13 }));
    assert!(named.emit(18).is_ok());
    let ecc = Ecc { digits: "1234567".into(), ..Ecc::default() };
    assert_eq!(ecc.emit(4), Err(EfError::TooManyDigits { len: 7, limit: 6 }));
    assert_eq!(ImsText("name".into()).emit(5), Err(EfError::Long { len: 6, size: 5 }));
    assert_eq!(
        RoutingIndicator("12345".into()).emit(4),
        Err(EfError::TooManyDigits { len: 5, limit: 4 })
    );
    let group = CsgInformation { id: 1 << 27, ..CsgInformation::default() };
    let groups = ClosedGroups(vec![ClosedGroup { groups: vec![group], ..ClosedGroup::default() }]);
    assert!(groups.emit(50).is_err());
}

#[test]
fn contents_that_mean_nothing_are_refused() {
    assert_eq!(Administrative::parse(&hex("00000004")), Err(EfError::Value { at: 3, value: 4 }));
    assert_eq!(EhplmnIndication::parse(&[3]), Err(EfError::Value { at: 0, value: 3 }));
    assert_eq!(ImsText::parse(&hex("8101ff")), Err(EfError::Missing { tag: 0x80 }));
    assert_eq!(ImsText::parse(&hex("8001ff")), Err(EfError::Utf8 { tag: 0x80, at: 0 }));
    assert_eq!(ImsText::parse(&hex("8005ff")).map_err(|e| matches!(e, EfError::Tlv(_))), Err(true));
    assert_eq!(
        NetworkAddress::parse(&hex("800301c0a8")),
        Err(EfError::Object { tag: 0x80, len: 3 })
    );
    assert_eq!(NetworkAddress::parse(&hex("80020300")), Err(EfError::Value { at: 2, value: 3 }));
    assert_eq!(EarfcnList::parse(&hex("a00480020100")), Err(EfError::Object { tag: 0x80, len: 2 }));
    assert_eq!(EarfcnList::parse(&hex("a003810100")), Err(EfError::Object { tag: 0x81, len: 1 }));
    assert_eq!(SuciCalcInfo::parse(&hex("a00100")), Err(EfError::Object { tag: 0xA0, len: 1 }));
    assert_eq!(SuciCalcInfo::parse(&hex("a103810100")), Err(EfError::Missing { tag: 0x80 }));
    assert_eq!(Application::parse(&hex("62024f00")), Err(EfError::Missing { tag: 0x61 }));
    assert_eq!(Application::parse(&hex("61024f00")), Err(EfError::Object { tag: 0x4F, len: 0 }));
    assert_eq!(Application::parse(&hex("6103500141")), Err(EfError::Missing { tag: 0x4F }));
    assert!(matches!(PlmnList::parse(&hex("a2f210")), Err(EfError::Plmn(_))));
    let mut record = vec![0xFF; 14];
    record[0] = 12;
    assert_eq!(Adn::parse(&record), Err(EfError::Value { at: 0, value: 12 }));
}

#[test]
fn validity_periods_are_minutes() {
    assert_eq!(
        [0, 143, 144, 167, 168, 196, 197, 255].map(validity_minutes),
        [5, 720, 750, 1_440, 2_880, 43_200, 50_400, 635_040]
    );
}

#[test]
fn keys_of_5g_read_back() {
    let file = FiveGsSecurity::BLANK.emit(57).unwrap();
    assert_eq!(file[..5], [0xA0, 0x37, 0x80, 1, 7]);
    assert_eq!(FiveGsSecurity::parse(&file), Ok(FiveGsSecurity::BLANK));
    let eps = EpsSecurity::BLANK.emit(54).unwrap();
    assert_eq!(FiveGsSecurity::parse(&eps), Err(EfError::Missing { tag: 0x85 }));
    let keys = FiveGsAuthKeys { k_ausf: Some([1; 32]), k_seaf: Some([2; 32]) };
    assert_eq!(FiveGsAuthKeys::parse(&keys.emit(68).unwrap()), Ok(keys));
    let wrong = Err(EfError::Object { tag: 0x81, len: 1 });
    assert_eq!(FiveGsAuthKeys::parse(&[0x81, 1, 5]), wrong);
}

#[test]
fn keys_hide_themselves() {
    let keys = CipherKeys { ksi: 1, ck: [0x5E; 16], ik: [0x5E; 16] };
    assert_eq!(std::format!("{keys:?}"), "CipherKeys { … }");
}
