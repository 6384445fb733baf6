//! What is of one subscription, and putting it into a package.

use core::num::NonZeroU8;

use alloc::{format, vec, vec::Vec};

use polysim_aka::{Key, Milenage, Opc, TopC, TuakKey};
use polysim_apdu::ef::{AccessClasses, Administrative, Adn, Contents as _, EfError, Number};
use polysim_apdu::{KeyRef, Pin};
use polysim_base::{Iccid, Imsi, Msisdn};

use super::element::{
    AkaParameter, AlgorithmId, AlgorithmParameter, AlgorithmSource, ElementKind, FileSet, PinCodes,
    PinSource, ProfileElement, ProfileHeader, PukCodes,
};
use super::package::ProfilePackage;
use super::template::Template;
use super::value::{Value, ims_values};
use super::{Secret, Service, Services};

/// PUK that unblocks PIN 1, and PUK that unblocks PIN 2.
pub(super) const PUK1: KeyRef = KeyRef(0x01);
pub(super) const PUK2: KeyRef = KeyRef(0x81);

/// Keys of a subscription.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SubscriptionKeys {
    /// MILENAGE.
    Milenage {
        /// K.
        key: Key,
        /// `OPc`.
        opc: Opc,
    },
    /// TUAK.
    Tuak {
        /// K.
        key: TuakKey,
        /// `TOPc`.
        topc: TopC,
        /// Iterations of Keccak.
        iterations: NonZeroU8,
    },
    /// The test algorithm (TS 34.108, 8.1.2), never for a live profile.
    Test {
        /// K.
        key: Key,
    },
}

impl From<&Milenage> for SubscriptionKeys {
    fn from(milenage: &Milenage) -> Self {
        Self::Milenage { key: milenage.key().clone(), opc: milenage.opc().clone() }
    }
}

impl SubscriptionKeys {
    /// Returns the algorithm as an element has it.
    #[must_use]
    pub fn parameter(&self) -> AlgorithmParameter {
        let (algorithm, key, opc, iterations) = match self {
            Self::Milenage { key, opc } => {
                (AlgorithmId::Milenage, &key.as_bytes()[..], &opc.as_bytes()[..], None)
            }
            Self::Tuak { key, topc, iterations } => {
                let key = match key {
                    TuakKey::Bits128(key) => &key.as_bytes()[..],
                    TuakKey::Bits256(key) => &key.as_bytes()[..],
                };
                (AlgorithmId::Tuak, key, &topc.as_bytes()[..], Some(iterations.get()))
            }
            Self::Test { key } => (AlgorithmId::Test, &key.as_bytes()[..], &[0; 16][..], None),
        };
        AlgorithmParameter {
            algorithm,
            options: 0x01,
            key: Secret::new(key),
            opc: Secret::new(opc),
            rotation: None,
            xoring: None,
            counter_max: None,
            keccak_iterations: iterations.filter(|iterations| *iterations > 1),
        }
    }

    /// Returns the service that an eUICC needs for them.
    #[must_use]
    pub const fn service(&self) -> Service {
        match self {
            Self::Milenage { .. } => Service::Milenage,
            Self::Tuak { key: TuakKey::Bits128(_), .. } => Service::Tuak128,
            Self::Tuak { key: TuakKey::Bits256(_), .. } => Service::Tuak256,
            Self::Test { .. } => Service::UsimTestAlgorithm,
        }
    }

    /// The services of all algorithms of USIMs.
    const SERVICES: [Service; 4] =
        [Service::Milenage, Service::Tuak128, Service::Tuak256, Service::UsimTestAlgorithm];
}

/// Codes; what is `None` stays as the package has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Codes {
    /// PIN of the card holder.
    pub pin1: Option<Pin>,
    /// What unblocks it.
    pub puk1: Option<Pin>,
    /// Second PIN.
    pub pin2: Option<Pin>,
    /// What unblocks it.
    pub puk2: Option<Pin>,
    /// First administrative key.
    pub adm1: Option<Pin>,
}

/// What is of one subscription.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Personal {
    /// ICCID.
    pub iccid: Iccid,
    /// IMSI.
    pub imsi: Imsi,
    /// Its keys; `None` leaves those of the package.
    pub keys: Option<SubscriptionKeys>,
    /// Number, for packages that have a file for it.
    pub msisdn: Option<Msisdn>,
    /// Codes.
    pub codes: Codes,
}

impl Personal {
    /// A subscription with keys of its own; codes are those of the package.
    #[must_use]
    pub fn new(iccid: Iccid, imsi: Imsi, keys: SubscriptionKeys) -> Self {
        Self { iccid, imsi, keys: Some(keys), msisdn: None, codes: Codes::default() }
    }
}

/// Why a package cannot be personalised.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonaliseError {
    /// The package lacks an element that a subscription needs.
    #[error("the package has no element \"{0}\" to put the subscription into; add one")]
    Missing(&'static str),
    /// A value that its file cannot hold.
    #[error("{file}: {error}; make the file of the package larger, or the value shorter")]
    Value {
        /// Which file.
        file: &'static str,
        /// Why.
        error: EfError,
    },
}

/// Puts a subscription into a package; elements that are not of one subscription are shared with
/// the package that it is made from.
///
/// # Errors
/// [`PersonaliseError`] where the package has no place for a value.
pub fn personalise(
    package: &ProfilePackage,
    personal: &Personal,
) -> Result<ProfilePackage, PersonaliseError> {
    let mut result = package.clone();
    let mut done = Done::default();
    let mut mnc_len = None;
    for (index, element) in package.elements().enumerate() {
        let element = match element {
            ProfileElement::Header(header) => Some(personal.header(header)),
            ProfileElement::Files(set) => {
                done.mark(set.kind);
                if set.kind == ElementKind::Usim {
                    mnc_len = mnc_len_of(set);
                }
                personal.files(set, mnc_len)?.map(ProfileElement::Files)
            }
            ProfileElement::PinCodes(codes) => personal.pins(codes),
            ProfileElement::PukCodes(codes) => personal.puks(codes),
            ProfileElement::AkaParameter(parameter) => {
                done.aka = true;
                personal.aka(parameter)
            }
            ProfileElement::GenericFileManagement(_)
            | ProfileElement::SecurityDomain(_)
            | ProfileElement::Rfm(_)
            | ProfileElement::End(_)
            | ProfileElement::Other(_) => None,
        };
        if let Some(element) = element {
            result.replace(index, element);
        }
    }
    let missing = done.missing(package.header().is_some(), personal.keys.is_some());
    missing.map_or(Ok(result), |element| Err(PersonaliseError::Missing(element)))
}

/// Which elements a subscription went into.
#[derive(Default)]
struct Done {
    mf: bool,
    usim: bool,
    aka: bool,
}

impl Done {
    fn mark(&mut self, kind: ElementKind) {
        self.mf |= kind == ElementKind::Mf;
        self.usim |= kind == ElementKind::Usim;
    }

    fn missing(&self, header: bool, keys: bool) -> Option<&'static str> {
        let needed = [
            (header, "header"),
            (self.mf, "mf"),
            (self.usim, "usim"),
            (self.aka || !keys, "akaParameter"),
        ];
        needed.into_iter().find(|(there, _)| !there).map(|(_, element)| element)
    }
}

impl Personal {
    fn header(&self, header: &ProfileHeader) -> ProfileElement {
        let mut header = header.clone();
        header.iccid_digits = ProfileHeader::digits_of(&self.iccid);
        let algorithms = Services::of(&SubscriptionKeys::SERVICES);
        let others = header.mandatory_services.without(algorithms);
        if let Some(keys) = self.keys.as_ref().filter(|_| others != header.mandatory_services) {
            header.mandatory_services = others.with(keys.service());
        }
        ProfileElement::Header(header)
    }

    fn files(
        &self,
        set: &FileSet,
        mnc_len: Option<u8>,
    ) -> Result<Option<FileSet>, PersonaliseError> {
        let values = self.values(set.kind, mnc_len);
        if values.is_empty() {
            return Ok(None);
        }
        let mut set = set.clone();
        for (fid, value) in values {
            value.write(&mut set, fid)?;
        }
        Ok(Some(set))
    }

    /// Returns what goes into the files of an element.
    fn values(&self, kind: ElementKind, mnc_len: Option<u8>) -> Vec<(u16, Value)> {
        if kind == ElementKind::Mf {
            return vec![(0x2FE2, Value::always(self.iccid))];
        }
        if kind == ElementKind::Usim {
            let class = AccessClasses::of_imsi(&self.imsi);
            return vec![(0x6F07, Value::always(self.imsi)), (0x6F78, Value::always(class))];
        }
        if kind == ElementKind::OptUsim {
            let msisdn = self.msisdn.as_ref().map(|msisdn| Adn {
                number: Some(Number::new(&format!("{msisdn}"))),
                ..Adn::default()
            });
            return msisdn.map(|adn| (0x6F40, Value::if_there(adn))).into_iter().collect();
        }
        let home = mnc_len.and_then(|mnc_len| self.imsi.home(mnc_len));
        match home.filter(|_| kind == ElementKind::Isim) {
            Some(home) => ims_values(&self.imsi, home),
            None => Vec::new(),
        }
    }

    fn pins(&self, codes: &PinCodes) -> Option<ProfileElement> {
        let mut codes = codes.clone();
        let PinSource::Own(pins) = &mut codes.source else { return None };
        let mut changed = false;
        for pin in pins {
            let value = match pin.reference {
                KeyRef::PIN1 => self.codes.pin1,
                KeyRef::PIN2 => self.codes.pin2,
                KeyRef::ADM1 => self.codes.adm1,
                _ => None,
            };
            changed |= value.is_some();
            pin.value = value.unwrap_or(pin.value);
        }
        changed.then_some(ProfileElement::PinCodes(codes))
    }

    fn puks(&self, codes: &PukCodes) -> Option<ProfileElement> {
        let mut codes = codes.clone();
        let mut changed = false;
        for puk in &mut codes.codes {
            let value = match puk.reference {
                PUK1 => self.codes.puk1,
                PUK2 => self.codes.puk2,
                _ => None,
            };
            changed |= value.is_some();
            puk.value = value.unwrap_or(puk.value);
        }
        changed.then_some(ProfileElement::PukCodes(codes))
    }

    fn aka(&self, parameter: &AkaParameter) -> Option<ProfileElement> {
        let keys = self.keys.as_ref()?;
        let AlgorithmSource::Own(_) = parameter.source else { return None };
        Some(ProfileElement::AkaParameter(AkaParameter {
            source: AlgorithmSource::Own(keys.parameter()),
            // New keys have accepted nothing yet.
            sqn_init: None,
            ..parameter.clone()
        }))
    }
}

/// Returns the length of the MNC in EF.AD, if the element says it.
fn mnc_len_of(set: &FileSet) -> Option<u8> {
    let (number, _) = Template::new(set.kind).find(0x6FAD)?;
    let content = set.file(number)?.first_content()?;
    Administrative::parse(content).ok()?.mnc_len
}
