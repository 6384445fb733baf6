//! Profile packages: what a server does for each download, and an eUICC for each installation.
#![expect(clippy::expect_used, reason = "the values are fixed")]

use divan::Bencher;
use polysim_aka::{Key, Opc};
use polysim_base::{Iccid, Imsi, Plmn};
use polysim_rsp::saip::element::{
    Fcp, FileManagement, GenericFileManagement, ManagementItem, PeHeader, ProfileElement,
};
use polysim_rsp::saip::{
    Builder, EuiccCapabilities, Operator, Personal, ProfilePackage, SubscriptionKeys, install,
    personalise,
};

fn main() {
    divan::main();
}

fn personal() -> Personal {
    let keys = SubscriptionKeys::Milenage { key: Key::from([7; 16]), opc: Opc::from([9; 16]) };
    let iccid = Iccid::parse("8988211000000000017").expect("an ICCID");
    Personal::new(iccid, Imsi::parse("001010000000001").expect("an IMSI"), keys)
}

/// A package of some 12 kB, as operators have them.
fn package() -> ProfilePackage {
    let operator = Operator::new(Plmn::parse("001-01").expect("a network"), "Example");
    let small = Builder::new(personal(), operator).build().expect("a package");
    let mut elements: Vec<ProfileElement> = small.elements().cloned().collect();
    let files = (0x2F10..0x2F30).flat_map(|fid| {
        let fcp = Fcp {
            descriptor: Some(vec![0x41, 0x21]),
            file_id: Some(fid),
            security: Some(vec![0x2F, 0x06, 0x0A]),
            file_size: Some(250),
            ..Fcp::default()
        };
        [ManagementItem::Create(Box::new(fcp)), ManagementItem::Content(vec![0x55; 250])]
    });
    let commands = vec![FileManagement(files.collect())];
    let header = PeHeader::mandated(50);
    let management = GenericFileManagement { header, commands };
    elements.insert(2, ProfileElement::GenericFileManagement(management));
    let package = ProfilePackage::new(elements);
    assert!((11_000..14_000).contains(&package.encoded_len()), "{}", package.encoded_len());
    package
}

#[divan::bench]
fn personalise_and_encode(bencher: Bencher<'_, '_>) {
    let (package, personal) = (package(), personal());
    bencher.bench(|| personalise(&package, &personal).expect("a package").encode());
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let der = package().encode();
    bencher.bench(|| ProfilePackage::decode(&der).expect("a package"));
}

#[divan::bench]
fn install_decoded(bencher: Bencher<'_, '_>) {
    let (package, capabilities) = (package(), EuiccCapabilities::default());
    bencher.bench(|| install(&package, &capabilities).image.expect("a profile"));
}
