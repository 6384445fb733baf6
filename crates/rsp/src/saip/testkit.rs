//! For tests and fuzzing.
#![expect(clippy::expect_used, reason = "values are valid, and fuzz bodies fail loudly")]

use alloc::{string::String, vec};

use polysim_aka::{Key, Opc};
use polysim_base::{Iccid, Imsi, Plmn};

use super::{
    Builder, EuiccCapabilities, Operator, Personal, ProfilePackage, RemoteKeys, Secret, Service,
    Services, SubscriptionKeys, check, install, personalise,
};

/// Returns a subscription of the test network 001-01.
///
/// # Panics
/// Never: its values are valid.
#[must_use]
pub fn personal() -> Personal {
    let keys =
        SubscriptionKeys::Milenage { key: Key::from([0x46; 16]), opc: Opc::from([0xCD; 16]) };
    let iccid = Iccid::with_check_digit("898821100000000001").expect("a valid ICCID");
    Personal::new(iccid, Imsi::parse("001010123456789").expect("a valid IMSI"), keys)
}

/// Returns a builder of profiles of the test network 001-01 with all that it can have.
///
/// # Panics
/// Never: its values are valid.
#[must_use]
pub fn builder() -> Builder {
    let mut operator = Operator::new(Plmn::parse("001-01").expect("a valid PLMN"), "Example");
    let key = |octet| Secret::new(&[octet; 16]);
    operator.remote =
        Some(RemoteKeys { version: 1, kic: key(0x11), kid: key(0x22), kik: key(0x33) });
    operator.phonebook = 50;
    operator.profile_type = String::from("example profile");
    operator.emergency = vec!["112".into()];
    Builder::new(personal(), operator)
}

/// Returns what an eUICC can do that can do everything.
#[must_use]
pub fn everything() -> EuiccCapabilities {
    EuiccCapabilities { services: Services::of(&Service::ALL), ..EuiccCapabilities::default() }
}

/// Reads the input as a package; if it is one, checks, installs and personalises it.
///
/// # Panics
/// When a package that was read is not given on as it was, or does not survive being made again
/// from what was read.
pub fn fuzz_saip_package(data: &[u8]) {
    let Ok(package) = ProfilePackage::decode(data) else { return };
    assert_eq!(&**package.encode(), data, "a package is given on as it was");
    let again = ProfilePackage::new(package.elements().cloned().collect());
    let der = again.encode();
    let read = ProfilePackage::decode(&der).expect("what we make can be read");
    assert!(read.elements().eq(again.elements()), "what we make says what was meant");
    let capabilities = everything();
    let installation = install(&package, &capabilities);
    assert_eq!(installation.response.aborted, installation.image.is_err());
    drop(check(&package, &capabilities));
    if let Ok(other) = personalise(&package, &personal()) {
        assert!(ProfilePackage::decode(&other.encode()).is_ok());
    }
}
