//! The elements with codes and keys, and remote management.

use alloc::{vec, vec::Vec};

use polysim_apdu::{KeyRef, Pin};

use super::files::USIM_AID;
use super::{Builder, RemoteKeys};
use crate::saip::element::{
    AdfAccess, AkaParameter, AlgorithmSource, ApplicationInstance, KeyComponent, KeyObject,
    PeHeader, PinCodes, PinConfiguration, PinSource, ProfileElement, PukCodes, PukConfiguration,
    Rfm, SecurityDomain, Tries,
};
use crate::saip::personal::{PUK1, PUK2};
use crate::saip::{Secret, SubscriptionKeys};

/// Codes of a profile that is given none: known to everybody, so good for one thing only, that a
/// PIN which is not enabled has a value.
const PIN: Pin = Pin::new(*b"0000\xFF\xFF\xFF\xFF");
const CODE: Pin = Pin::new(*b"00000000");

/// The classes of remote file management and of the security domain of an operator
/// (`GlobalPlatform` UICC Configuration, 10).
const DOMAIN_PACKAGE: [u8; 7] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x53, 0x50];
const DOMAIN_CLASS: [u8; 8] = [0xA0, 0x00, 0x00, 0x02, 0x51, 0x53, 0x50, 0x41];
const DOMAIN: [u8; 8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00];
/// Identifiers of the instances of remote file management.
const UICC_FILES: [u8; 9] = [0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0x00, 0x01];
const USIM_FILES: [u8; 9] = [0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0x00, 0x02];
/// Secured packets over SMS (SCP80).
const SCP80: [u8; 4] = [0x81, 0x02, 0x80, 0x00];
/// Packets must be ciphered and signed, with a counter (TS 102.225, 5.1.1).
const SECURITY: u8 = 0x16;
/// Access domain: everything; administration: as ADM 1 may.
const ACCESS: [u8; 1] = [0x00];
/// AES.
const AES: u8 = 0x88;
/// Octets of the MAC of an AES key.
const MAC_LEN: u8 = 8;

impl Builder {
    pub(super) fn puks(&self, header: PeHeader) -> ProfileElement {
        let codes = [(PUK1, self.personal.codes.puk1), (PUK2, self.personal.codes.puk2)];
        let codes = codes.map(|(reference, value)| PukConfiguration {
            reference,
            value: value.unwrap_or(CODE),
            tries: Some(Tries::PUK),
        });
        ProfileElement::PukCodes(PukCodes { header, codes: codes.into() })
    }

    pub(super) fn global_pins(&self, header: PeHeader) -> ProfileElement {
        let codes = &self.personal.codes;
        let pin1 = PinConfiguration {
            reference: KeyRef::PIN1,
            value: codes.pin1.unwrap_or(PIN),
            unblocked_by: Some(PUK1),
            attributes: Some(if self.pin_enabled { 7 } else { 6 }),
            tries: Some(Tries::PIN),
        };
        let adm1 = PinConfiguration {
            reference: KeyRef::ADM1,
            value: codes.adm1.unwrap_or(CODE),
            unblocked_by: None,
            attributes: Some(3),
            tries: Some(Tries::PUK),
        };
        ProfileElement::PinCodes(PinCodes { header, source: PinSource::Own(vec![pin1, adm1]) })
    }

    pub(super) fn local_pins(&self, header: PeHeader) -> ProfileElement {
        let pin2 = PinConfiguration {
            reference: KeyRef::PIN2,
            value: self.personal.codes.pin2.unwrap_or(PIN),
            unblocked_by: Some(PUK2),
            attributes: Some(3),
            tries: Some(Tries::PIN),
        };
        ProfileElement::PinCodes(PinCodes { header, source: PinSource::Own(vec![pin2]) })
    }

    pub(super) fn aka(header: PeHeader, keys: &SubscriptionKeys) -> ProfileElement {
        ProfileElement::AkaParameter(AkaParameter {
            header,
            source: AlgorithmSource::Own(keys.parameter()),
            sqn_options: None,
            sqn_delta: None,
            sqn_age_limit: None,
            sqn_init: None,
        })
    }
}

impl RemoteKeys {
    pub(super) fn domain(&self, header: PeHeader) -> ProfileElement {
        // Key 1 ciphers, key 2 signs, key 3 protects keys (GlobalPlatform UICC Configuration).
        let keys = [(1, 0x18, &self.kic), (2, 0x14, &self.kid), (3, 0x48, &self.kik)];
        let keys = keys.map(|(identifier, usage, key)| self.key(identifier, usage, key));
        ProfileElement::SecurityDomain(SecurityDomain {
            header,
            instance: ApplicationInstance {
                package: DOMAIN_PACKAGE.to_vec(),
                class: DOMAIN_CLASS.to_vec(),
                instance: DOMAIN.to_vec(),
                domain: None,
                privileges: vec![0x82, 0xDC, 0x00],
                life_cycle: Some(0x0F),
                parameters: SCP80.to_vec(),
                others: Vec::new(),
            },
            keys: Some(keys.into()),
            others: Vec::new(),
        })
    }

    fn key(&self, identifier: u8, usage: u8, key: &Secret) -> KeyObject {
        KeyObject {
            usage: vec![usage],
            access: None,
            identifier,
            version: self.version,
            counter: None,
            components: vec![KeyComponent {
                kind: vec![AES],
                data: key.clone(),
                mac_len: Some(MAC_LEN),
            }],
        }
    }

    pub(super) fn uicc_files(header: PeHeader) -> ProfileElement {
        remote_files(header, &UICC_FILES, [0xB0, 0x00, 0x00], None)
    }

    pub(super) fn usim_files(header: PeHeader) -> ProfileElement {
        let adf = AdfAccess {
            aid: USIM_AID.to_vec(),
            access: ACCESS.to_vec(),
            admin_access: ACCESS.to_vec(),
        };
        remote_files(header, &USIM_FILES, [0xB0, 0x00, 0x10], Some(adf))
    }
}

fn remote_files(
    header: PeHeader,
    instance: &[u8],
    tar: [u8; 3],
    adf: Option<AdfAccess>,
) -> ProfileElement {
    ProfileElement::Rfm(Rfm {
        header,
        instance: instance.to_vec(),
        domain: None,
        tars: Some(vec![tar]),
        security: SECURITY,
        access: ACCESS.to_vec(),
        admin_access: ACCESS.to_vec(),
        adf,
    })
}
