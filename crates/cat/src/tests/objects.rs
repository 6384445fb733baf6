//! How objects are judged that are unknown, misplaced, doubled, short or long, and the objects
//! whose coding is no plain octets.

use super::hex;
use crate::{error::CatErrorKind as Kind, object::Object, *};
use polysim_base::{Imei, Imeisv};
use std::vec::Vec;

const POLL: &str = "8103010300 82028182";

/// A proactive command of details, devices and more objects.
fn wrapped(objects: &str) -> Vec<u8> {
    let objects = hex(objects.replace(' ', ""));
    let mut message = Vec::new();
    polysim_base::tlv::put_ber(&mut message, 0xD0, &objects);
    message
}

fn poll(objects: &str) -> Result<ProactiveCommand, CatError> {
    ProactiveCommand::decode(&wrapped(&std::format!("{POLL} {objects}")))
}

#[test]
fn an_unknown_object_is_passed_over_or_spoils_the_command() {
    let command = poll("8402011E 5A0142").unwrap();
    let tag = tag::Tag::new(0x5A).ignorable();
    assert_eq!(command.others, [RawObject { tag, value: std::vec![0x42] }]);
    let error = poll("8402011E DA0142").unwrap_err();
    assert_eq!(error.kind, Kind::NotUnderstood { object: tag::Tag::new(0x5A) });
    assert_eq!((error.at, error.result()), (15, GeneralResult::DataNotUnderstood));
}

#[test]
fn a_known_object_that_does_not_belong_here_counts_as_unknown() {
    assert_eq!(poll("8402011E 0500").unwrap().others.len(), 1);
    let error = poll("8402011E 8500").unwrap_err();
    assert_eq!(error.kind, Kind::NotUnderstood { object: tag::ALPHA_IDENTIFIER });
}

#[test]
fn the_first_of_doubled_objects_counts() {
    let command = poll("8402011E 0402013C").unwrap();
    assert_eq!(command.command, PollInterval { interval: Duration::seconds(30) }.into());
    assert_eq!(command.others.len(), 1);
    assert!(poll("8402011E 8402013C").is_err());
}

#[test]
fn what_is_missing_of_the_minimum_set_is_named() {
    let error = poll("").unwrap_err();
    assert_eq!(error.kind, Kind::Missing { object: tag::DURATION });
    assert_eq!((error.at, error.result()), (11, GeneralResult::ValuesMissing));
    let error = ProactiveCommand::decode(&wrapped("8103010300")).unwrap_err();
    assert_eq!(error.kind, Kind::Missing { object: tag::DEVICE_IDENTITIES });
}

#[test]
fn reserved_values_and_short_objects_are_named_with_their_place() {
    let error = poll("8402031E").unwrap_err();
    assert_eq!((error.at, error.kind), (13, Kind::Contents { object: tag::DURATION }));
    let error = poll("840101").unwrap_err();
    assert_eq!((error.at, error.kind), (11, Kind::Length { object: tag::DURATION, octets: 1 }));
    // Octets behind what is known of an object are passed over (TS 102.223, 6.10.8).
    assert_eq!(poll("8403011E42"), poll("8402011E"));
}

#[test]
fn an_optional_object_that_is_malformed_is_passed_over_if_it_may_be() {
    let text = "810301218082028102 8D0104";
    let with = |icon: &str| ProactiveCommand::decode(&wrapped(&std::format!("{text} {icon}")));
    let command = with("1E0101").unwrap();
    assert_eq!(command.others.len(), 1);
    assert!(with("9E0101").is_err());
}

#[test]
fn types_qualifiers_and_devices_that_are_none_are_told() {
    let error = ProactiveCommand::decode(&wrapped("8103017F0082028182")).unwrap_err();
    assert_eq!((error.at, error.kind), (2, Kind::CommandType { found: 0x7F }));
    assert_eq!(error.result(), GeneralResult::TypeNotUnderstood);
    let error = ProactiveCommand::decode(&wrapped("8103010142 82028182")).unwrap_err();
    assert_eq!((error.at, error.kind), (2, Kind::Qualifier { found: 0x42 }));
    let error = ProactiveCommand::decode(&wrapped("8103014200 82028182 B70101")).unwrap_err();
    assert_eq!((error.at, error.kind), (7, Kind::Destination { found: Device::Terminal }));
    let error = ProactiveCommand::decode(&wrapped("8103010300 82028199 8402011E")).unwrap_err();
    assert_eq!((error.at, error.kind), (10, Kind::Contents { object: tag::DEVICE_IDENTITIES }));
}

#[test]
fn outer_objects_are_one_and_of_their_tag() {
    let error = ProactiveCommand::decode(&hex("D100")).unwrap_err();
    assert_eq!(error.kind, Kind::OuterTag { found: 0xD1 });
    let error = ProactiveCommand::decode(&hex("D0009000")).unwrap_err();
    assert_eq!((error.at, error.kind), (2, Kind::Trailing { count: 2 }));
    let error = ProactiveCommand::decode(&hex("D00581030103")).unwrap_err();
    assert_eq!(error.kind, Kind::ValueTooLong { len: 5, left: 4 });
    let error = ProactiveCommand::decode(&[0xD0; 256]).unwrap_err();
    assert_eq!(error.kind, Kind::TooLong(TooLong { octets: 256, limit: 255 }));
}

#[test]
fn a_command_too_long_for_a_fetch_is_not_written() {
    let text = TextString::in_coding(&"x".repeat(239), TextCoding::Gsm).unwrap();
    let idle = |text| ProactiveCommand::new(1, SetUpIdleModeText { text, look: Look::default() });
    let fits = idle(text).encode().unwrap();
    // Both lengths take two octets: `D0 81 FC`, `8D 81 F0`.
    assert_eq!((fits.len(), fits[1], fits[2]), (256 - 1, 0x81, 0xFC));
    let long = TextString::in_coding(&"x".repeat(240), TextCoding::Gsm).unwrap();
    assert_eq!(idle(long).encode(), Err(TooLong { octets: 256, limit: 255 }));
}

#[test]
fn identities_are_coded_as_mobile_identities() {
    let imei = Imei::parse("49015420323751").unwrap();
    let mut octets = Vec::new();
    imei.put(&mut octets);
    assert_eq!(octets, hex("4A09512430325701"));
    assert_eq!(<Imei as Object>::parse(&octets), Ok(imei));
    let imeisv = Imeisv { imei, version: 7 };
    octets.clear();
    imeisv.put(&mut octets);
    assert_eq!(octets.len(), 9);
    assert_eq!(octets[0] & 0x0F, 3);
    assert_eq!(<Imeisv as Object>::parse(&octets), Ok(imeisv));
    assert!(<Imei as Object>::parse(&octets).is_err());
}

#[test]
fn locations_are_of_all_generations() {
    let place = |text: &str| LocationInformation::parse(&hex(text)).unwrap();
    assert_eq!(place("00F1100001").area, Area::Code(1));
    let wide = Area::Wide { code: 1, cell: 0x0000_01FF };
    assert_eq!(place("00F1100001000001FF").area, wide);
    let area = Area::NextGeneration { code: [0, 0, 1], cell: [0, 0, 0, 0, 0x1F] };
    assert_eq!(place("00F110000001000000001F").area, area);
    assert_eq!(place("FFFFFF0001").plmn, None);
    assert!(LocationInformation::parse(&hex("00F110")).is_err());
    assert!(LocationInformation::parse(&hex("A0F1100001")).is_err());
}

#[test]
fn clocks_refuse_what_no_clock_shows() {
    assert!(TimerValue::new(24, 0, 0).is_ok());
    assert!(TimerValue::new(0, 60, 0).is_err());
    assert!(TimerId::new(0).is_err() && TimerId::new(9).is_err());
    assert!(TimerValue::parse(&hex("00A000")).is_err());
    assert!(TimerValue::parse(&hex("000600")).is_err());
    let west = DateTime::new((26, 2, 1), (0, 0, 0), Some(-8)).unwrap();
    let mut octets = Vec::new();
    west.put(&mut octets);
    assert_eq!(octets, hex("62201000000088"));
    assert_eq!(DateTime::parse(&octets), Ok(west));
    assert_eq!(DateTime::parse(&hex("622010000000FF")).unwrap().zone_quarters(), None);
    let hour = polysim_base::Duration::from_secs(3_661);
    assert_eq!(TimerValue::of_span(hour), TimerValue::new(1, 1, 1).unwrap());
    assert_eq!(TimerValue::of_span(hour).span(), hour);
}

#[test]
fn numbers_are_dialled_and_read() {
    let address = Address::dialled("+49170*1234567").unwrap();
    assert_eq!((address.type_of_number, address.octets()), (0x91, &hex("9471A0214365F7")[..]));
    assert_eq!(address.digits(), "49170*1234567");
    assert!(Address::dialled("12x").is_err());
    assert!(Address::dialled("+").unwrap().digits().is_empty());
    assert_eq!(DtmfString::of_digits("1p2").unwrap().octets(), hex("C1F2"));
}

#[test]
fn paths_begin_at_the_master_file() {
    let iccid = FilePath::below_mf(&[0x2FE2]).unwrap();
    assert_eq!(iccid.ids(), [0x3F00, 0x2FE2]);
    assert!(FilePath::below_mf(&[0x7FF0, 0x3F00]).is_err());
    assert!(FileList::parse(&hex("012FE2")).is_err());
    assert!(FileList::parse(&hex("023F002FE2")).is_err());
    assert_eq!(FileList::parse(&hex("013F002FE2")), Ok(FileList(std::vec![iccid])));
}

#[test]
fn every_tag_that_messages_use_has_a_name() {
    assert_eq!(std::format!("{}", tag::DURATION), "object 04 (duration)");
    assert_eq!(std::format!("{}", tag::Tag::new(0x5F)), "object 5F");
}
