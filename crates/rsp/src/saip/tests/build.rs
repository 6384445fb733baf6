use std::format;
use std::vec::Vec;

use polysim_aka::{Key, Milenage, Opc};
use polysim_apdu::{AccessRules, Operation, Pin};
use polysim_base::{Iccid, Imsi, Msisdn};

use crate::saip::element::{ElementKind, ProfileElement};
use crate::saip::{
    AkaKeys, BuildError, Builder, Codes, EuiccCapabilities, FileIndex, Image, Personal,
    PersonaliseError, ProfilePackage, Severity, SubscriptionKeys, check, install, personalise,
    testkit,
};

fn image(package: &ProfilePackage) -> Image {
    install(package, &EuiccCapabilities::default()).image.unwrap()
}

fn contents(image: &Image, path: &[u16]) -> Vec<u8> {
    image.ef(image.find(path).unwrap()).unwrap().contents.clone()
}

#[test]
fn a_built_package_is_small_and_is_read_as_it_was_written() {
    let package = testkit::builder().build().unwrap();
    let der = package.encode();
    assert!((1_500..12_000).contains(&der.len()), "{} octets", der.len());
    let read = ProfilePackage::decode(&der).unwrap();
    assert!(read.elements().eq(package.elements()));
    assert_eq!(read.encode(), der);
}

#[test]
fn a_built_package_has_nothing_to_complain_about_but_its_guessable_codes() {
    let mut builder = testkit::builder();
    builder.personal.keys = Some(SubscriptionKeys::Milenage {
        key: Key::from([1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 1]),
        opc: Opc::from([3; 16]),
    });
    builder.personal.codes = other().codes;
    builder.operator.remote = None;
    let findings = check(&builder.build().unwrap(), &EuiccCapabilities::default());
    let said: Vec<_> = findings.iter().map(|finding| format!("{finding}")).collect();
    assert_eq!(said, Vec::<&str>::new());

    builder.personal.codes = Codes::default();
    let findings = check(&builder.build().unwrap(), &EuiccCapabilities::default());
    let warned: Vec<_> = findings.iter().map(|found| (found.element, found.severity)).collect();
    assert_eq!(warned, [(Some(2), Severity::Warning), (Some(3), Severity::Warning)]);
}

#[test]
fn a_built_profile_has_the_values_that_it_was_made_of() {
    let mut builder = testkit::builder();
    builder.personal.msisdn = Some(Msisdn::parse("+88213000001").unwrap());
    builder.operator.smsc = Some(Msisdn::parse("+88213999999").unwrap());
    let image = image(&builder.build().unwrap());

    assert_eq!(image.iccid, Some(builder.personal.iccid));
    assert_eq!(image.ef_iccid(), Some(builder.personal.iccid));
    assert_eq!(image.imsi(), Some(builder.personal.imsi));
    assert_eq!(image.profile_type.as_deref(), Some("example profile"));
    let adf = image.file(image.usim().unwrap()).unwrap().fid;
    assert_eq!(&contents(&image, &[adf, 0x6F46])[..8], b"\x00Example");
    assert_eq!(contents(&image, &[adf, 0x6FAD]), [0, 0, 0, 2]);
    assert_eq!(contents(&image, &[adf, 0x6F78]), [0x02, 0x00]);
    assert_eq!(&contents(&image, &[adf, 0x6F62]), &[0x00, 0xF1, 0x10, 0xC8, 0x80]);
    let msisdn = contents(&image, &[adf, 0x6F40]);
    assert_eq!(&msisdn[14..22], &[0x07, 0x91, 0x88, 0x12, 0x03, 0x00, 0x00, 0xF1]);
    assert_eq!(&contents(&image, &[adf, 0x6F7E])[7..], &[0x00, 0x00, 0xFF, 0x01]);
    assert_eq!(contents(&image, &[adf, 0x6F3C]).len(), 1_760);
    assert_eq!(contents(&image, &[0x7F10, 0x5F3A, 0x4F58]).len(), 50 * 28);
    assert_eq!(image.pins.len(), 3);
    assert!(image.pins.iter().all(|pin| pin.enabled == (pin.reference.0 != 1)));
    assert_eq!((image.domains.len(), image.remote.len()), (1, 2));
    let AkaKeys::Own(own) = &image.aka[0].keys else { panic!("own keys") };
    let algorithm = own.algorithm().unwrap();
    let milenage = Milenage::new(Key::from([0x46; 16]), Opc::from([0xCD; 16]));
    assert_eq!(builder.personal.keys, Some(SubscriptionKeys::from(&milenage)));
    assert_eq!(algorithm, milenage.into());
    assert!((5_000..12_000).contains(&image.memory()), "{}", image.memory());
}

#[test]
fn every_file_of_a_built_profile_has_its_access_rules() {
    let image = image(&testkit::builder().build().unwrap());
    for at in 0..image.files().len() {
        let index = FileIndex::of(at);
        let file = image.file(index).unwrap();
        let arr = image.ef(image.arr_file(index).unwrap()).unwrap();
        let rules = AccessRules::parse(arr.record(file.arr.record.into()).unwrap()).unwrap();
        let nobody = |_| false;
        let may_read = rules.allow(Operation::Read, nobody);
        match file.fid {
            0x2FE2 | 0x6F46 => assert!(may_read, "{:04X} can be read by all", file.fid),
            0x6F07 | 0x6F08 => assert!(!may_read, "{:04X} cannot be read by all", file.fid),
            _ => {}
        }
        assert!(!rules.allow(Operation::Update, nobody), "{:04X}", file.fid);
    }
}

#[test]
fn a_name_that_does_not_fit_is_refused() {
    let mut builder = testkit::builder();
    builder.operator.name = "An operator with quite a long name".into();
    let error = builder.build().unwrap_err();
    assert!(matches!(error, BuildError::Value { what: "name", .. }), "{error}");
}

#[test]
fn no_keys_and_too_many_networks_are_refused() {
    let mut builder = testkit::builder();
    builder.operator.texts = 0;
    let count = BuildError::Count { what: "records of texts", count: 0, min: 1, max: 180 };
    assert_eq!(builder.build().unwrap_err(), count);
    builder.operator.texts = 1;
    builder.personal.keys = None;
    assert_eq!(builder.build().unwrap_err(), BuildError::NoKeys);
}

#[test]
fn an_isim_has_identities_that_follow_from_the_imsi() {
    let mut builder = testkit::builder();
    builder.operator.ims = true;
    let package = personalise(&builder.build().unwrap(), &other()).unwrap();
    let image = image(&package);
    let adf = image.file(image.isim().unwrap()).unwrap().fid;
    let domain = b"ims.mnc001.mcc001.3gppnetwork.org";
    assert_eq!(&contents(&image, &[adf, 0x6F03])[2..][..domain.len()], domain);
    let user = b"001010000000007@ims.mnc001.mcc001.3gppnetwork.org";
    assert_eq!(&contents(&image, &[adf, 0x6F02])[2..][..user.len()], user);
    assert_eq!(&contents(&image, &[adf, 0x6F04])[2..8], b"sip:00");
    assert_eq!(image.aka.len(), 2);
}

fn other() -> Personal {
    Personal {
        iccid: Iccid::parse("8988211000000000025").unwrap(),
        imsi: Imsi::parse("001010000000007").unwrap(),
        keys: Some(SubscriptionKeys::Milenage {
            key: Key::from([0x21; 16]),
            opc: Opc::from([0x43; 16]),
        }),
        msisdn: Some(Msisdn::parse("+88213000002").unwrap()),
        codes: Codes {
            pin1: Pin::from_digits("2468"),
            puk1: Pin::from_digits("13571357"),
            pin2: Pin::from_digits("8642"),
            puk2: Pin::from_digits("75317531"),
            adm1: Pin::from_digits("11223344"),
        },
    }
}

#[test]
fn a_personalised_package_is_the_one_that_would_have_been_built() {
    let mut builder = testkit::builder();
    builder.personal.msisdn = Some(Msisdn::parse("+88213000001").unwrap());
    let package = builder.build().unwrap();
    let personalised = personalise(&package, &other()).unwrap();
    let built = Builder { personal: other(), ..builder }.build().unwrap();
    assert!(personalised.elements().eq(built.elements()));
    assert_eq!(personalised.encode(), built.encode());
}

#[test]
fn profiles_of_one_package_differ_in_their_personal_files_only() {
    let mut builder = testkit::builder();
    builder.personal.msisdn = Some(Msisdn::parse("+88213000001").unwrap());
    let package = builder.build().unwrap();
    let one = image(&package);
    let another = image(&personalise(&package, &other()).unwrap());
    let different = one.differences(&another).unwrap();
    let fids: Vec<u16> = different.iter().map(|at| one.file(*at).unwrap().fid).collect();
    assert_eq!(fids, [0x2FE2, 0x6F07, 0x6F78, 0x6F40]);
    assert_eq!(one.differences(&one), Some(Vec::new()));

    builder.operator.texts = 11;
    assert_eq!(one.differences(&image(&builder.build().unwrap())), None);
    builder.operator.texts = 10;
    builder.operator.phonebook = 0;
    assert_eq!(one.differences(&image(&builder.build().unwrap())), None);
}

#[test]
fn a_package_without_a_usim_cannot_be_personalised() {
    let package = testkit::builder().build().unwrap();
    let elements = package.elements().filter(|element| element.kind() != ElementKind::Usim);
    let package = ProfilePackage::new(elements.cloned().collect());
    assert_eq!(personalise(&package, &other()), Err(PersonaliseError::Missing("usim")));
}

#[test]
fn codes_that_are_not_given_stay() {
    let package = testkit::builder().build().unwrap();
    let personal = Personal { codes: Codes::default(), keys: None, ..other() };
    let personalised = personalise(&package, &personal).unwrap();
    let of = |package: &ProfilePackage| {
        let kept = [ElementKind::PinCodes, ElementKind::PukCodes, ElementKind::AkaParameter];
        let kept = |element: &&ProfileElement| kept.contains(&element.kind());
        package.elements().filter(kept).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of(&personalised), of(&package));
}
