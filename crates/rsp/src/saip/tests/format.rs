use std::format;
use std::vec;
use std::vec::Vec;

use polysim_apdu::{KeyRef, Pin};

use crate::saip::element::{
    AlgorithmSource, ElementKind, Fcp, FileItem, ManagementItem, PeHeader, PinCodes,
    PinConfiguration, PinSource, ProfileElement, Tries,
};
use crate::saip::template::{Shape, Template};
use crate::saip::{
    EuiccResponse, Oid, PeStatus, Problem, ProfilePackage, Service, Services, Status,
};

fn decode(hex: &str) -> ProfileElement {
    let der = polysim_base::parse_hex(hex.as_bytes()).unwrap();
    let element = ProfileElement::decode(&der).unwrap();
    let mut out = Vec::new();
    element.encode(&mut out);
    assert_eq!(out, der, "the element is written as it was read");
    element
}

#[test]
fn a_header_has_the_digits_of_its_iccid_in_order() {
    let ProfileElement::Header(header) = decode(concat!(
        "A030800102810103820454657374830A89882110000000000017A506810084008B00A60E060667810F01",
        "0201060467810F01",
    )) else {
        panic!("a header")
    };
    assert_eq!((header.major, header.minor), (2, 3));
    assert_eq!(header.profile_type.as_deref(), Some("Test"));
    assert_eq!(format!("{}", header.iccid().unwrap()), "89882110000000000017");
    let services = Services::of(&[Service::Usim, Service::Milenage, Service::Javacard]);
    assert_eq!(header.mandatory_services, services);
    assert_eq!(format!("{}", header.mandatory_templates[0]), "2.23.143.1.2.1");
}

#[test]
fn pins_are_read() {
    let element = decode(concat!(
        "A238A0058000810102A12FA02D3016800101810830303030FFFFFFFF820101830106840133301380010A",
        "81083535353535353535830103840155",
    ));
    let pin1 = PinConfiguration {
        reference: KeyRef::PIN1,
        value: Pin::new(*b"0000\xFF\xFF\xFF\xFF"),
        unblocked_by: Some(KeyRef(1)),
        attributes: Some(6),
        tries: Some(Tries { max: 3, left: 3 }),
    };
    let adm1 = PinConfiguration {
        reference: KeyRef::ADM1,
        value: Pin::new(*b"55555555"),
        unblocked_by: None,
        attributes: Some(3),
        tries: Some(Tries { max: 5, left: 5 }),
    };
    assert!(!pin1.enabled() && adm1.enabled());
    let source = PinSource::Own(vec![pin1, adm1]);
    let header = PeHeader { mandated: true, identification: 2 };
    assert_eq!(element, ProfileElement::PinCodes(PinCodes { header, source }));
}

#[test]
fn keys_are_read_and_masked() {
    let element = decode(concat!(
        "A435A005800081010BA12CA12A80010181010182100F0E0D0C0B0A090807060504030201008310001122",
        "33445566778899AABBCCDDEEFF",
    ));
    let ProfileElement::AkaParameter(parameter) = &element else { panic!("keys") };
    let AlgorithmSource::Own(own) = &parameter.source else { panic!("own keys") };
    assert!(own.algorithm().is_ok() && own.standard_constants());
    assert!(!format!("{element:?}").contains("15, 14, 13"));
}

#[test]
fn files_are_read_as_their_template_numbers_them() {
    let element = decode(concat!(
        "B33EA003810108810667810F010204A219A11783027FF0840CA0000000871002FF49FF0589C603010A0B",
        "A314A1078B036F060AA5008309080910101032547698",
    ));
    let ProfileElement::Files(set) = &element else { panic!("files") };
    assert_eq!(set.kind, ElementKind::Usim);
    assert_eq!(set.files.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 3]);
    let FileItem::Descriptor(adf) = &set.file(2).unwrap().0[0] else { panic!("a descriptor") };
    assert_eq!(adf.file_id, Some(0x7FF0));
    assert_eq!(set.file(3).unwrap().first_content().unwrap().len(), 9);
}

#[test]
fn file_management_is_read() {
    let element = decode(concat!(
        "A132A0058000810117A12930278000621582044221007C83022FFB8B032F060E800204D8880080027F10",
        "020205DC810401020304",
    ));
    let ProfileElement::GenericFileManagement(management) = element else { panic!("management") };
    let fcp = Fcp {
        descriptor: Some(vec![0x42, 0x21, 0x00, 0x7C]),
        file_id: Some(0x2FFB),
        security: Some(vec![0x2F, 0x06, 0x0E]),
        file_size: Some(0x04D8),
        short_id: Some(None),
        ..Fcp::default()
    };
    let items = [
        ManagementItem::Path(vec![]),
        ManagementItem::Create(fcp.into()),
        ManagementItem::Path(vec![0x7F, 0x10]),
        ManagementItem::Offset(1_500),
        ManagementItem::Content(vec![1, 2, 3, 4]),
    ];
    assert_eq!(management.commands[0].0, items);
}

#[test]
fn security_domains_and_remote_management_are_read() {
    let element = decode(concat!(
        "A65AA005800081011AA12B4F07A00000015153504F08A0000001515350414F08A0000001510000008203",
        "82DC0083010FC90481028000A22430229501188201018301023017301580018886100001020304050607",
        "08090A0B0C0D0E0F",
    ));
    let ProfileElement::SecurityDomain(domain) = &element else { panic!("a security domain") };
    let key = &domain.keys.as_ref().unwrap()[0];
    assert_eq!((key.identifier, key.version, &key.components[0].kind[..]), (1, 2, &[0x88][..]));

    let element =
        decode("A722A005800081011B4F09A00000055910100001A0050403B00120810102040100040100");
    let ProfileElement::Rfm(rfm) = element else { panic!("remote management") };
    assert_eq!(rfm.tars, Some(vec![[0xB0, 0x01, 0x20]]));
    assert_eq!(rfm.security, 2);
}

#[test]
fn what_is_not_known_is_kept_as_it_is() {
    let ProfileElement::Other(other) = decode("BF2A0AA0058000810105040100") else {
        panic!("other")
    };
    assert_eq!(other.kind, ElementKind::Unknown(42));
    assert_eq!(other.header, Some(PeHeader::mandated(5)));
}

#[test]
fn a_field_in_the_wrong_place_is_told_with_its_position() {
    let der = polysim_base::parse_hex(b"AA03A0018100").unwrap();
    assert!(ProfilePackage::decode(&der).is_err());
    let der = polysim_base::parse_hex(b"AA05A00381010AAA0AA0058000810101800100").unwrap();
    let error = ProfilePackage::decode(&der).unwrap_err();
    // A later version may add fields, but not with the number of one that is there.
    assert!(ProfilePackage::decode(&der[..7]).is_ok());
    assert_eq!((error.element, error.problem), (1, Problem::Unexpected { tag: 0x80 }));
}

#[test]
fn a_response_is_the_one_that_cards_give() {
    assert_eq!(EuiccResponse::ok().encode(), [0x30, 7, 0xA0, 5, 0x30, 3, 0x80, 1, 0]);
    let response = EuiccResponse {
        states: vec![PeStatus::new(Status::PeNotSupported, Some(12))],
        aborted: true,
        message: None,
    };
    let der = response.encode();
    assert_eq!(der, [0x30, 12, 0xA0, 8, 0x30, 6, 0x80, 1, 1, 0x81, 1, 12, 0x81, 0]);
    assert_eq!(EuiccResponse::decode(&der), Ok(response));
}

#[test]
fn templates_are_found_by_their_object_identifiers() {
    let oid = |octets: &[u8]| Oid::from_der(octets).unwrap();
    let usim = Template::of(&oid(&[0x67, 0x81, 0x0F, 1, 2, 4, 2])).unwrap();
    assert_eq!((usim.kind, usim.version), (ElementKind::Usim, 2));
    assert_eq!(usim.find(0x6F38).unwrap().1.shape, Shape::Transparent(17));
    let first = Template::new(ElementKind::Usim);
    assert_eq!(first.find(0x6F38).unwrap().1.shape, Shape::Transparent(14));
    assert_eq!(first.file(2 + 23).name, "ef-epsnsc");
    let names = |kind, numbers: &[u32]| {
        let name = |number: &u32| Template::new(kind).file(*number).name;
        numbers.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(ElementKind::OptUsim, &[2, 31, 38, 67, 72, 87]),
        ["ef-li", "ef-vgcs", "ef-pnn", "ef-nasconfig", "ef-sdnuri", "ef-eaka"]
    );
    assert_eq!(Template::new(ElementKind::Telecom).file(36).name, "df-mmss");
    assert_eq!(Template::of(&oid(&[0x67, 0x81, 0x0F, 1, 2, 99])), None);
    assert_eq!(Template::of(&oid(&[0x67, 0x81, 0x0F, 1, 3, 4])), None);
}

#[test]
fn services_have_the_bits_of_an_euicc_in_another_order() {
    let bits = Services::of(&[Service::Tuak128, Service::Cave, Service::Eaka]).capability();
    let set: Vec<usize> = (0..32).filter(|bit| bits[*bit]).collect();
    assert_eq!(set, [5, 6, 30]);
}
