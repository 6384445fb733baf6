use core::num::NonZeroU8;
use std::format;
use std::vec;
use std::vec::Vec;

use polysim_aka::{Algorithm, Key256, TopC, TuakKey};
use polysim_apdu::KeyRef;

use crate::saip::element::{
    AlgorithmSource, ElementKind, Fcp, File, FileItem, FileManagement, FileSet,
    GenericFileManagement, ManagementItem, PeHeader, PinSource, ProfileElement, ProprietaryInfo,
};
use crate::saip::{
    AkaKeys, Body, EuiccCapabilities, FileIndex, Image, InstallReason, Installation, PeStatus,
    Personal, ProfilePackage, Secret, Service, Services, Status, Structure, SubscriptionKeys,
    check, install, personalise, testkit,
};

fn elements() -> Vec<ProfileElement> {
    testkit::builder().build().unwrap().elements().cloned().collect()
}

fn at(elements: &[ProfileElement], kind: ElementKind) -> usize {
    elements.iter().position(|element| element.kind() == kind).unwrap()
}

fn installed(elements: Vec<ProfileElement>) -> Installation {
    install(&ProfilePackage::new(elements), &EuiccCapabilities::default())
}

fn refused(elements: Vec<ProfileElement>) -> (ElementKind, InstallReason, Status) {
    let Installation { response, image } = installed(elements);
    let error = image.unwrap_err();
    let state = response.states.last().unwrap();
    assert!(response.aborted);
    assert_eq!(state.identification, error.identification);
    (error.kind.unwrap(), error.reason, state.status)
}

fn managed(items: Vec<ManagementItem>) -> Installation {
    install(&with_management(items), &EuiccCapabilities::default())
}

/// Puts file management behind the USIM.
fn with_management(items: Vec<ManagementItem>) -> ProfilePackage {
    let mut elements = elements();
    let place = at(&elements, ElementKind::OptUsim);
    let header = PeHeader::mandated(100);
    let commands = vec![FileManagement(items)];
    let element = ProfileElement::GenericFileManagement(GenericFileManagement { header, commands });
    elements.insert(place, element);
    ProfilePackage::new(elements)
}

fn create(fid: u16, descriptor: &[u8], size: u32) -> Fcp {
    Fcp {
        descriptor: Some(descriptor.to_vec()),
        file_id: Some(fid),
        security: Some(vec![0x2F, 0x06, 10]),
        file_size: (size > 0).then_some(size),
        ..Fcp::default()
    }
}

fn ef<'a>(image: &'a Image, path: &[u16]) -> &'a crate::saip::Ef {
    image.ef(image.find(path).unwrap()).unwrap()
}

#[test]
fn files_that_no_template_has_are_created_and_filled() {
    let pattern = |fill: &[u8]| ProprietaryInfo { fill: Some(fill.to_vec()), ..<_>::default() };
    let directory = create(0x7F66, &[0x78, 0x21], 0);
    let records = Fcp {
        proprietary: Some(pattern(&[0x00, 0xFF])),
        ..create(0x4F41, &[0x42, 0x21, 0x00, 0x04], 12)
    };
    let link = Fcp {
        link_path: Some(vec![0x7F, 0x66, 0x4F, 0x41]),
        ..create(0x4F42, &[0x42, 0x21, 0x00, 0x04], 0)
    };
    let image = managed(vec![
        ManagementItem::Path(vec![]),
        ManagementItem::Create(directory.into()),
        ManagementItem::Path(vec![0x7F, 0x66]),
        ManagementItem::Create(records.into()),
        ManagementItem::Offset(3),
        ManagementItem::Content(vec![1, 2]),
        ManagementItem::Offset(2),
        ManagementItem::Content(vec![3]),
        ManagementItem::Path(vec![0x7F, 0xF0]),
        ManagementItem::Create(link.into()),
    ])
    .image
    .unwrap();
    let file = ef(&image, &[0x3F00, 0x7F66, 0x4F41]);
    assert_eq!(file.structure, Structure::LinearFixed);
    assert_eq!(file.contents, [0, 255, 255, 1, 2, 255, 255, 3, 0, 255, 255, 255]);
    assert_eq!((file.records(), file.record(2)), (3, Some(&[2, 255, 255, 3][..])));
    assert_eq!(ef(&image, &[0x7FF0, 0x4F42]), file);
    // The short identifier follows from the file identifier if nothing is said.
    let index = image.find(&[0x7F66, 0x4F41]).unwrap();
    assert_eq!(image.file(index).unwrap().sfi, Some(1));
}

#[test]
fn file_management_needs_paths_that_lead_somewhere_and_contents_that_fit() {
    let reason = |items| managed(items).image.unwrap_err().reason;
    let path = vec![0x7F, 0x99];
    let missing = InstallReason::NoSuchFile { path: path.clone() };
    assert_eq!(reason(vec![ManagementItem::Path(path)]), missing);
    let content = ManagementItem::Content(vec![0; 5]);
    assert_eq!(reason(vec![content.clone()]), InstallReason::NoCurrentFile);
    let file = ManagementItem::Create(create(0x2F10, &[0x41, 0x21], 4).into());
    let long = InstallReason::ContentTooLong { fid: 0x2F10, end: 5, size: 4 };
    assert_eq!(reason(vec![file.clone(), content]), long);
    let twice = InstallReason::DuplicateFile { fid: 0x2F10 };
    assert_eq!(reason(vec![file.clone(), file]), twice);
    let huge = create(0x2F10, &[0x41, 0x21], u32::MAX);
    let huge = reason(vec![ManagementItem::Create(huge.into())]);
    assert!(matches!(huge, InstallReason::FileSize { fid: 0x2F10, .. }), "{huge}");
}

#[test]
fn elements_out_of_order_are_refused() {
    let reversed: Vec<_> = elements().into_iter().rev().collect();
    assert_eq!(refused(reversed).1, InstallReason::Header);

    let mut without_end = elements();
    without_end.pop();
    let installation = installed(without_end);
    assert_eq!(installation.image.unwrap_err().reason, InstallReason::End);
    assert_eq!(installation.response.states[0].status, Status::InvalidRequestFormat);

    for (moved, needed) in [
        (ElementKind::OptUsim, "ADF.USIM"),
        (ElementKind::PinCodes, "directory"),
        (ElementKind::AkaParameter, "application"),
        (ElementKind::Telecom, "MF"),
    ] {
        let mut elements = elements();
        let element = elements.remove(at(&elements, moved));
        elements.insert(1, element);
        let (kind, reason, status) = refused(elements);
        assert_eq!((kind, status), (moved, Status::BadValues));
        assert_eq!(reason, InstallReason::OutOfOrder { needed });
    }
}

#[test]
fn an_euicc_that_lacks_a_mandatory_service_refuses_at_once() {
    let package = ProfilePackage::new(elements());
    let capabilities = EuiccCapabilities {
        services: Services::of(&[Service::Usim]),
        ..EuiccCapabilities::default()
    };
    let installation = install(&package, &capabilities);
    let lacking = InstallReason::Services(Services::of(&[Service::Milenage]));
    assert_eq!(installation.image.unwrap_err().reason, lacking);
    let states = [PeStatus::new(Status::FeatureNotSupported, None)];
    assert_eq!(installation.response.states, states);
}

#[test]
fn a_profile_that_needs_more_memory_than_there_is_is_refused() {
    let package = ProfilePackage::new(elements());
    let capabilities = EuiccCapabilities { memory_free: 3_000, ..EuiccCapabilities::default() };
    let installation = install(&package, &capabilities);
    let reason = installation.image.unwrap_err().reason;
    assert!(matches!(reason, InstallReason::Memory { free: 3_000, .. }), "{reason}");
    assert_eq!(installation.response.states[0].status, Status::NotEnoughMemory);
}

#[test]
fn an_element_that_is_not_supported_is_left_out_unless_it_is_mandated() {
    let applet = |mandated: bool| {
        let der = if mandated { "A809A00580008101638100" } else { "A807A0038101638100" };
        let der = polysim_base::parse_hex(der.as_bytes()).unwrap();
        let element = ProfileElement::decode(&der).unwrap();
        let mut elements = elements();
        elements.insert(2, element);
        elements
    };
    let installation = installed(applet(false));
    assert!(installation.image.is_ok());
    let left_out = PeStatus::new(Status::PeNotSupported, Some(0x63));
    assert_eq!(installation.response.states, [left_out]);
    assert!(!installation.response.aborted);

    let (kind, reason, status) = refused(applet(true));
    assert_eq!(kind, ElementKind::Application);
    assert_eq!((reason, status), (InstallReason::NoRuntime, Status::RuntimeNotSupported));
}

#[test]
fn a_pin_needs_the_puk_that_it_names_and_is_there_once() {
    let mut missing = elements();
    missing.remove(at(&missing, ElementKind::PukCodes));
    let (_, reason, status) = refused(missing);
    let puk = InstallReason::PukMissing { pin: KeyRef::PIN1, puk: 1 };
    assert_eq!((reason, status), (puk, Status::PinCodeMissing));

    let mut twice = elements();
    let place = at(&twice, ElementKind::PinCodes);
    if let ProfileElement::PinCodes(codes) = &mut twice[place]
        && let PinSource::Own(pins) = &mut codes.source
    {
        pins.push(pins[0].clone());
    }
    assert_eq!(refused(twice).1, InstallReason::DuplicateCode(KeyRef::PIN1));
}

fn with_keys(
    change: impl Fn(&mut crate::saip::element::AlgorithmParameter),
) -> Vec<ProfileElement> {
    let mut elements = elements();
    let place = at(&elements, ElementKind::AkaParameter);
    if let ProfileElement::AkaParameter(parameter) = &mut elements[place]
        && let AlgorithmSource::Own(own) = &mut parameter.source
    {
        change(own);
    }
    elements
}

#[test]
fn keys_of_a_wrong_length_and_foreign_constants_are_refused() {
    let short = with_keys(|own| own.key = Secret::new(&[1; 15]));
    assert_eq!(refused(short).2, Status::InvalidParameter);
    let constants = with_keys(|own| own.rotation = Some([1, 2, 3, 4, 5]));
    assert_eq!(refused(constants).2, Status::FeatureNotSupported);
}

#[test]
fn test_keys_are_told_and_wrong_keys_too() {
    let known: [u8; 16] = core::array::from_fn(|at| u8::try_from(at).unwrap());
    let package = ProfilePackage::new(with_keys(|own| own.key = Secret::new(&known)));
    let findings = check(&package, &EuiccCapabilities::default());
    let said: Vec<_> = findings.iter().map(|finding| format!("{finding}")).collect();
    assert!(said.iter().any(|said| said.contains("K is a test key")), "{said:?}");
    assert!(said.iter().all(|said| !said.contains("00, 01")), "no key is told");
}

#[test]
fn an_iccid_that_is_another_in_its_file_is_an_error() {
    let mut elements = elements();
    let place = at(&elements, ElementKind::Mf);
    if let ProfileElement::Files(set) = &mut elements[place] {
        let iccid = set.files.iter_mut().find(|(number, _)| *number == 4).unwrap();
        iccid.1 = File::with_content(vec![0x98; 10]);
    }
    let findings = check(&ProfilePackage::new(elements), &EuiccCapabilities::default());
    assert!(findings[0].message.contains("in EF.ICCID"), "{}", findings[0]);
}

#[test]
fn a_file_may_be_left_out_and_a_needed_one_may_not() {
    let usim = |change: fn(&mut FileSet)| {
        let mut elements = elements();
        let place = at(&elements, ElementKind::Usim);
        if let ProfileElement::Files(set) = &mut elements[place] {
            change(set);
        }
        elements
    };
    let without = usim(|set| set.files.insert(3, (5, File(vec![FileItem::DoNotCreate]))));
    let image = installed(without).image.unwrap();
    assert_eq!(image.find(&[0x7FF0, 0x6F08]), None);
    assert!(image.find(&[0x7FF0, 0x6F09]).is_some());

    let imsi = usim(|set| set.files.retain(|(number, _)| *number != 3));
    let missing = InstallReason::MissingFile { name: "ef-imsi" };
    assert_eq!(refused(imsi).1, missing);
}

#[test]
fn services_that_the_euicc_cannot_offer_are_withdrawn() {
    let mut elements = elements();
    let place = at(&elements, ElementKind::Usim);
    if let ProfileElement::Files(set) = &mut elements[place] {
        let ust = set.files.iter_mut().find(|(number, _)| *number == 8).unwrap();
        ust.1 = File::with_content(vec![0xFF; 14]);
    }
    let image = installed(elements).image.unwrap();
    let ust = &ef(&image, &[0x7FF0, 0x6F38]).contents;
    // 68 and 69 are bits 4 and 5 of byte 9.
    assert_eq!((ust[8], ust[7]), (0b1110_0111, 0xFF));
}

#[test]
fn a_directory_has_its_application_identifier_and_its_files() {
    let image = installed(elements()).image.unwrap();
    let usim = image.usim().unwrap();
    let Body::Directory(directory) = &image.file(usim).unwrap().body else { panic!("directory") };
    assert_eq!(directory.pins, [0x01, 0x81, 0x0A]);
    assert_eq!(image.file(usim).unwrap().arr.file, 0x2F06);
    assert!(image.children(usim).count() > 30);
    assert_eq!(image.child(FileIndex::MF, 0x7F10), image.find(&[0x7F10]));
    assert_eq!(image.isim(), None);
}

#[test]
fn an_objects_file_needs_the_service_and_grows_as_it_is_filled() {
    let items = |content: Vec<u8>| {
        vec![
            ManagementItem::Create(create(0x2F20, &[0x79, 0x21], 6).into()),
            ManagementItem::Content(content),
        ]
    };
    let lacking = InstallReason::Feature(Services::of(&[Service::BerTlv]));
    assert_eq!(managed(items(vec![1])).image.unwrap_err().reason, lacking);

    let all = testkit::everything();
    let image = install(&with_management(items(vec![1, 2])), &all).image.unwrap();
    let file = ef(&image, &[0x2F20]);
    assert_eq!((file.structure, &file.contents[..]), (Structure::BerTlv, &[1, 2][..]));
    assert_eq!((file.reserved, file.records(), file.record(1)), (6, 0, None));
    let long = install(&with_management(items(vec![0; 7])), &all).image.unwrap_err().reason;
    assert_eq!(long, InstallReason::ContentTooLong { fid: 0x2F20, end: 7, size: 6 });
}

#[test]
fn a_link_to_a_directory_needs_the_service() {
    let link = Fcp { link_path: Some(vec![0x7F, 0x10]), ..create(0x7F30, &[0x78, 0x21], 0) };
    let items = vec![ManagementItem::Create(link.into())];
    let lacking = InstallReason::Feature(Services::of(&[Service::DfLink]));
    assert_eq!(managed(items.clone()).image.unwrap_err().reason, lacking);
    let image = install(&with_management(items), &testkit::everything()).image.unwrap();
    let arr = image.find(&[0x7F10, 0x6F06]);
    assert!(arr.is_some() && image.find(&[0x7F30, 0x6F06]) == arr);
}

#[test]
fn an_element_may_have_several_files_of_one_kind() {
    let mut elements = elements();
    let place = at(&elements, ElementKind::Telecom);
    if let ProfileElement::Files(set) = &mut elements[place] {
        let second = Fcp {
            descriptor: Some(vec![0x42, 0x21, 0x00, 0x1C]),
            file_id: Some(0x4F59),
            file_size: Some(56),
            ..Fcp::default()
        };
        let adn = &mut set.files.last_mut().unwrap().1;
        adn.0.push(FileItem::Descriptor(second.into()));
        adn.0.push(FileItem::Content(vec![0x41]));
    }
    let image = installed(elements).image.unwrap();
    assert_eq!(ef(&image, &[0x7F10, 0x5F3A, 0x4F58]).records(), 50);
    let second = ef(&image, &[0x7F10, 0x5F3A, 0x4F59]);
    assert_eq!((second.records(), second.contents[0]), (2, 0x41));
}

#[test]
fn a_directory_may_have_the_pins_of_another_one() {
    let mut elements = elements();
    let place = elements.iter().rposition(|element| element.kind() == ElementKind::PinCodes);
    if let ProfileElement::PinCodes(codes) = &mut elements[place.unwrap()] {
        codes.source = PinSource::Shared(vec![]);
    }
    let image = installed(elements).image.unwrap();
    assert_eq!(image.shared_pins, [(image.usim().unwrap(), FileIndex::MF)]);
}

#[test]
fn sequence_numbers_go_on_where_the_package_says() {
    let mut elements = elements();
    let place = at(&elements, ElementKind::AkaParameter);
    if let ProfileElement::AkaParameter(parameter) = &mut elements[place] {
        let mut init = [[0; 6]; 32];
        (init[0][5], init[3][5], init[31][4]) = (7, 9, 1);
        parameter.sqn_init = Some(init.into());
    }
    let image = installed(elements).image.unwrap();
    let array = image.aka[0].sqn_array();
    assert_eq!((array.highest().seq(), array.highest().ind()), (256, 31));
    assert_eq!((array.seq_ms(0), array.seq_ms(3), array.seq_ms(4)), (7, 9, 0));
    assert_eq!(image.aka[0].sqn_delta, 1 << 28);
}

#[test]
fn keys_of_another_algorithm_change_what_the_header_asks_for() {
    let keys = SubscriptionKeys::Tuak {
        key: TuakKey::Bits256(Key256::from([5; 32])),
        topc: TopC::from([6; 32]),
        iterations: NonZeroU8::new(2).unwrap(),
    };
    let personal = Personal { keys: Some(keys), ..testkit::personal() };
    let package = personalise(&testkit::builder().build().unwrap(), &personal).unwrap();
    let services = package.header().unwrap().mandatory_services;
    assert_eq!(services, Services::of(&[Service::Usim, Service::Tuak256]));
    let image = install(&package, &EuiccCapabilities::default()).image.unwrap();
    let AkaKeys::Own(own) = &image.aka[0].keys else { panic!("own keys") };
    assert!(matches!(own.algorithm(), Ok(Algorithm::Tuak(_))));
}
