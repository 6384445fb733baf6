//! A profile of a package, as a terminal finds it.

use polysim_aka::{Algorithm, Amf, AuthVector, Key, Milenage, Opc, Rand, Sqn};
use polysim_rsp::saip::element::{
    Fcp, FileManagement, GenericFileManagement, ManagementItem, PeHeader, ProfileElement,
};
use polysim_rsp::saip::{self, Body, EuiccCapabilities, FileIndex, Image, ProfilePackage};

use super::*;
use crate::Profile;
use crate::card::Card;
use crate::euicc::install::profile_of;
use crate::template::RuleSet;
use crate::testkit::server::{NEW_ICCID, NEW_IMSI, NEW_KEYS, Order};

fn image() -> Image {
    let package = ProfilePackage::decode(&Order::default().upp).unwrap();
    saip::install(&package, &EuiccCapabilities::default()).image.unwrap()
}

fn card() -> Card {
    card_of(&image())
}

fn card_of(image: &Image) -> Card {
    let parked = profile_of(image, Profile::bare().config());
    let stream = Stream::derive(1, 1, Purpose::Test, 0);
    let mut card = Card::of_contents(parked.contents, stream);
    card.power_on().unwrap();
    card
}

#[test]
fn its_files_are_there_with_their_contents_and_rules() {
    let mut card = card();
    assert_eq!(card.iccid(), Some(Iccid::parse(NEW_ICCID).unwrap()));
    assert_eq!(seen(&card).as_deref(), Some(NEW_IMSI));
    assert_eq!(send(&mut card, "00A40004022FE2")[0], 0x61);
    assert_eq!(send(&mut card, "00B000000A").len(), 12);
    assert_eq!(send(&mut card, "00A4040C07A0000000871002"), [0x90, 0x00]);
    let fcp = exchange(&mut card, &hex("00A40004026F07")).0;
    let fcp = polysim_apdu::Fcp::parse(&fcp).unwrap();
    assert_eq!(fcp.file_size, Some(9));
    let imsi = send(&mut card, "00B0000009");
    assert_eq!(imsi[9..], [0x90, 0x00]);
    assert_eq!(Imsi::from_ef(imsi[..9].try_into().unwrap()).unwrap().to_string(), NEW_IMSI);
    assert_eq!(send(&mut card, "00D6000001FF"), [0x69, 0x82], "EF.IMSI is not the user's");
    assert_eq!(send(&mut card, "00A40004026F99"), [0x6A, 0x82]);
}

/// AUTHENTICATE in the USIM with a vector of the keys of the package.
pub(super) fn authenticates(card: &mut Card) {
    let algorithm: Algorithm = Milenage::new(Key::from(NEW_KEYS.0), Opc::from(NEW_KEYS.1)).into();
    let sqn = Sqn::new(1, 0).unwrap();
    let rand = Rand::from([0x55; 16]);
    let vector = AuthVector::generate(&algorithm, rand, sqn, Amf::from([0x80, 0x00])).unwrap();
    assert_eq!(send(card, "00A4040C07A0000000871002"), [0x90, 0x00]);
    let challenge = [
        &[0x00, 0x88, 0x00, 0x81, 0x22, 0x10][..],
        vector.rand.as_bytes(),
        &[0x10],
        vector.autn.as_bytes(),
    ];
    let (answer, status) = exchange(card, &challenge.concat());
    assert_eq!(status, [0x90, 0x00]);
    let res = [&[0xDB, 0x08], vector.xres.as_bytes()].concat();
    assert_eq!(answer[..10], res[..]);
}

#[test]
fn it_authenticates_with_the_keys_of_the_package() {
    authenticates(&mut card());
}

fn path(image: &Image, mut at: FileIndex) -> Vec<u16> {
    let mut path = Vec::new();
    while at != FileIndex::MF {
        let file = image.file(at).unwrap();
        path.insert(0, file.fid);
        at = file.parent;
    }
    path
}

#[test]
fn every_file_has_the_contents_that_the_package_gives_it() {
    let (image, card) = (image(), card());
    let (mut directories, mut count) = (vec![FileIndex::MF], 0);
    while let Some(directory) = directories.pop() {
        for (at, file) in image.children(directory) {
            let path = path(&image, at);
            match &file.body {
                Body::Directory(_) => directories.push(at),
                Body::Ef(_) | Body::Link(_) => {
                    let Some(ef) = image.ef(at) else { continue };
                    let size = ef.contents.len().max(ef.reserved);
                    let length = if ef.record_len == 0 { size } else { ef.record_len.into() };
                    for (number, record) in ef.contents.chunks(length.max(1)).enumerate() {
                        let mut expected = record.to_vec();
                        expected.resize(length, 0xFF);
                        let number = u8::try_from(number + 1).unwrap();
                        let found = card.read_record(&path, number);
                        assert_eq!(found, Some(expected), "{path:04X?} {number}");
                        count += 1;
                    }
                }
            }
        }
    }
    assert!(count > 100, "{count} records");
}

#[test]
fn rules_and_deactivation_are_those_of_the_package() {
    let (image, card) = (image(), card());
    let template = card.contents.profile.template();
    for fid in [0x6F07, 0x6F7E, 0x6F46, 0x6F3C] {
        let usim = image.usim().unwrap();
        let at = image.child(usim, fid).unwrap();
        let file = image.file(at).unwrap();
        let arr = image.ef(image.arr_file(at).unwrap()).unwrap();
        let rules = RuleSet::compile(arr.record(file.arr.record.into()).unwrap());
        let found = template.file(template.child(template.usim(), fid).unwrap());
        assert_eq!(*template.rules(found), rules, "{fid:04X}");
        let begins = file.life_cycle & 0x05 == 0x04;
        let place = template.child(template.usim(), fid).unwrap();
        assert_eq!(card.is_deactivated(place), begins, "{fid:04X}");
    }
}

fn created(fid: u16, descriptor: &[u8], size: u32) -> Fcp {
    Fcp {
        descriptor: Some(descriptor.to_vec()),
        file_id: Some(fid),
        // Read always, update with PIN 1, as the first record of our EF.ARR has it.
        security: Some(vec![0x2F, 0x06, 1]),
        file_size: (size > 0).then_some(size),
        ..Fcp::default()
    }
}

#[test]
fn a_link_is_another_name_of_a_file() {
    let package = ProfilePackage::decode(&Order::default().upp).unwrap();
    let mut elements: Vec<_> = package.elements().cloned().collect();
    let records = [0x42, 0x21, 0x00, 0x04];
    let link =
        Fcp { link_path: Some(vec![0x7F, 0x66, 0x4F, 0x41]), ..created(0x4F42, &records, 0) };
    let commands = vec![FileManagement(vec![
        ManagementItem::Path(vec![]),
        ManagementItem::Create(created(0x7F66, &[0x78, 0x21], 0).into()),
        ManagementItem::Path(vec![0x7F, 0x66]),
        ManagementItem::Create(created(0x4F41, &records, 12).into()),
        ManagementItem::Content(vec![1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]),
        ManagementItem::Path(vec![0x7F, 0xF0]),
        ManagementItem::Create(link.into()),
    ])];
    let management = GenericFileManagement { header: PeHeader::mandated(100), commands };
    elements.insert(elements.len() - 1, ProfileElement::GenericFileManagement(management));
    let installed = saip::install(&ProfilePackage::new(elements), &EuiccCapabilities::default());
    let mut card = card_of(&installed.image.unwrap());
    assert_eq!(card.read_record(&[0x7F66, 0x4F41], 3), Some(vec![1, 2, 3, 4]));
    assert_eq!(card.read_record(&[0x7FF0, 0x4F42], 3), Some(vec![1, 2, 3, 4]));
    assert_eq!(send(&mut card, "00A4040C07A0000000871002"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "00A4000C024F42"), [0x90, 0x00]);
    let updated = send(&mut card, "00DC02040409080706");
    assert_eq!(updated, [0x90, 0x00]);
    for path in [[0x7F66, 0x4F41], [0x7FF0, 0x4F42]] {
        assert_eq!(card.read_record(&path, 2), Some(vec![9, 8, 7, 6]));
    }
}
