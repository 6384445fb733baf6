//! A profile of a package, as a terminal finds it.

use polysim_aka::{Algorithm, Amf, AuthVector, Key, Milenage, Opc, Rand, Sqn};
use polysim_rsp::saip::{self, EuiccCapabilities, ProfilePackage};

use super::*;
use crate::Profile;
use crate::card::Card;
use crate::euicc::install::profile_of;
use crate::testkit::server::{NEW_ICCID, NEW_IMSI, NEW_KEYS, Order};

fn card() -> Card {
    let package = ProfilePackage::decode(&Order::default().upp).unwrap();
    let image = saip::install(&package, &EuiccCapabilities::default()).image.unwrap();
    let parked = profile_of(&image, Profile::bare().config());
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
