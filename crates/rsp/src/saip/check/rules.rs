//! Rules that an installation does not enforce.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use polysim_apdu::AccessRules;
use polysim_apdu::ef::{AccessClasses, Contents as _};
use polysim_base::Iccid;

use super::{Finding, Severity};
use crate::saip::element::{AlgorithmId, AlgorithmSource, ElementKind, PinSource, ProfileElement};
use crate::saip::image::{FileIndex, Image, ImageFile};
use crate::saip::package::ProfilePackage;
use crate::saip::template::Template;
use crate::saip::{Service, Services};

/// Test keys that everybody knows: 00 to 0F (GSMA TS.48), and of test set 1 of TS 35.208.
const KNOWN_KEYS: [[u8; 16]; 2] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [
        0x46, 0x5B, 0x5C, 0xE8, 0xB1, 0x99, 0xB4, 0x9F, 0xAA, 0x5F, 0x0A, 0x2E, 0xE2, 0x38, 0xA6,
        0xBC,
    ],
];

fn find(
    findings: &mut Vec<Finding>,
    element: impl Into<Option<usize>>,
    severity: Severity,
    message: String,
) {
    findings.push(Finding { element: element.into(), severity, message });
}

/// Identifications, and elements that are there once at most.
pub(super) fn elements(package: &ProfilePackage, findings: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    for (at, element) in package.elements().enumerate() {
        let kind = element.kind();
        if let Some(header) = element.header()
            && let Some(first) = seen.insert(header.identification, at)
        {
            let id = header.identification;
            let message = format!(
                "identification {id} is that of element {first}, too; give each its own, \
                 or an error cannot be told apart"
            );
            find(findings, at, Severity::Warning, message);
        }
        let once = [ElementKind::Mf, ElementKind::Cd, ElementKind::Telecom].contains(&kind);
        if let Some(first) = kinds.insert(kind, at).filter(|_| once) {
            let message = format!("{} is there as element {first} already", kind.name());
            find(findings, at, Severity::Warning, message);
        }
    }
    let needed = [
        (ElementKind::Mf, "files of the MF"),
        (ElementKind::Usim, "a USIM"),
        (ElementKind::PinCodes, "PINs"),
        (ElementKind::AkaParameter, "keys"),
    ];
    for (kind, what) in needed {
        if !kinds.contains_key(&kind) {
            let name = kind.name();
            let message = format!("the profile has no {what}; add the element \"{name}\"");
            find(findings, None, Severity::Warning, message);
        }
    }
}

/// What the header says of the other elements.
pub(super) fn header(package: &ProfilePackage, iccid: Option<&Iccid>, findings: &mut Vec<Finding>) {
    let Some(header) = package.header() else { return };
    let own = header.iccid();
    match (own, iccid) {
        (None, _) => {
            let message = "the ICCID of the header has no 18 to 20 digits".into();
            find(findings, 0, Severity::Error, message);
        }
        (Some(own), Some(other)) if own != *other => {
            let message = format!("the ICCID is {own}, but {other} in the metadata");
            find(findings, 0, Severity::Error, message);
        }
        (Some(own), _) if !own.check_digit_holds() => {
            let message = format!("the last digit of the ICCID {own} is no check digit");
            find(findings, 0, Severity::Note, message);
        }
        (Some(_), _) => {}
    }
    let used = services(package);
    for service in used.without(header.mandatory_services).iter() {
        let message = format!(
            "the profile needs {service:?}, which the header does not list as mandatory; \
             an eUICC without it will notice late"
        );
        find(findings, 0, Severity::Warning, message);
    }
    for (at, element) in package.elements().enumerate() {
        let ProfileElement::Files(set) = element else { continue };
        if !header.mandatory_templates.contains(&set.template) {
            let oid = &set.template;
            let message = format!("the template {oid} is not in the list of the header; add it");
            find(findings, at, Severity::Warning, message);
        }
        if Template::of(&set.template).is_some_and(|template| template.kind != set.kind) {
            let message = format!("the template is not one of {}", set.kind.name());
            find(findings, at, Severity::Error, message);
        }
    }
}

/// Returns the services that the elements cannot do without.
fn services(package: &ProfilePackage) -> Services {
    let mut services = Services::NONE;
    for element in package.elements() {
        if element.kind() == ElementKind::Usim {
            services = services.with(Service::Usim);
        } else if element.kind() == ElementKind::Isim {
            services = services.with(Service::Isim);
        } else if let ProfileElement::AkaParameter(parameter) = element
            && let AlgorithmSource::Own(own) = &parameter.source
            && let Some(service) = own.service()
        {
            services = services.with(service);
        }
    }
    services
}

/// Keys and codes that everybody knows.
pub(super) fn secrets(package: &ProfilePackage, findings: &mut Vec<Finding>) {
    for (at, element) in package.elements().enumerate() {
        if let Some(what) = known_secret(element) {
            let message = format!("{what}; it must not be used live");
            find(findings, at, Severity::Warning, message);
        }
    }
}

fn known_secret(element: &ProfileElement) -> Option<&'static str> {
    if let ProfileElement::AkaParameter(parameter) = element
        && let AlgorithmSource::Own(own) = &parameter.source
    {
        let test = "the test algorithm is secret to nobody";
        let known = "K is a test key that everybody knows";
        let test = (own.algorithm == AlgorithmId::Test).then_some(test);
        return test.or_else(|| is_known(own.key.as_bytes()).then_some(known));
    }
    if let ProfileElement::SecurityDomain(domain) = element {
        let mut keys = domain.keys.iter().flatten().flat_map(|key| &key.components);
        let known = "a key for packets over the air is a test key that everybody knows";
        return keys.any(|key| is_known(key.data.as_bytes())).then_some(known);
    }
    if let ProfileElement::PukCodes(codes) = element {
        let known = codes.codes.iter().any(|code| is_known(code.value.bytes()));
        return known.then_some("a PUK can be guessed");
    }
    if let ProfileElement::PinCodes(codes) = element
        && let PinSource::Own(pins) = &codes.source
    {
        let known = "an administrative key can be guessed";
        let mut pins = pins.iter().filter(|pin| pin.reference.is_administrative());
        return pins.any(|pin| is_known(pin.value.bytes())).then_some(known);
    }
    None
}

fn is_known(key: &[u8]) -> bool {
    let same = key.windows(2).all(|pair| pair.first() == pair.last());
    same || KNOWN_KEYS.iter().any(|known| key.starts_with(known))
}

/// What the files of the profile say of each other.
pub(super) fn image(image: &Image, findings: &mut Vec<Finding>) {
    let mut tell = |severity, message| find(findings, None, severity, message);
    match (image.iccid, image.ef_iccid()) {
        (Some(header), Some(file)) if header != file => {
            tell(
                Severity::Error,
                format!("the ICCID is {header} in the header, {file} in EF.ICCID"),
            );
        }
        (_, None) => tell(Severity::Error, "EF.ICCID holds no ICCID".into()),
        (_, Some(_)) => {}
    }
    if image.usim().is_some() && image.imsi().is_none() {
        tell(Severity::Error, "EF.IMSI holds no IMSI".into());
    }
    let acc = image.usim().and_then(|adf| image.child(adf, 0x6F78)).and_then(|acc| image.ef(acc));
    let acc = acc.and_then(|ef| AccessClasses::parse(&ef.contents).ok());
    if acc == Some(AccessClasses(0)) {
        let message = "EF.ACC has no access class, so the phone may not access any cell";
        tell(Severity::Warning, message.into());
    }
    for (at, file) in (0..).zip(image.files()) {
        let index = FileIndex::of(at);
        if let Some(missing) = missing_rule(image, index, file) {
            tell(Severity::Warning, missing);
        }
    }
    let without = |adf: FileIndex| !image.aka.iter().any(|aka| aka.directory == adf);
    if image.usim().is_some_and(without) {
        tell(Severity::Warning, "the USIM has no keys; add akaParameter after it".into());
    }
    for pin in &image.pins {
        if pin.directory == FileIndex::MF && pin.reference.is_second_pin() {
            let pin = pin.reference;
            let message = format!("{pin} is of one application, but stands among those of the MF");
            tell(Severity::Warning, message);
        }
    }
}

fn missing_rule(image: &Image, index: FileIndex, file: &ImageFile) -> Option<String> {
    let fid = file.fid;
    let (arr, record) = (file.arr.file, file.arr.record);
    let rules = image.arr_file(index).and_then(|at| image.ef(at))?;
    let rule = rules.record(record.into()).map(AccessRules::parse);
    match rule {
        Some(Ok(rules)) if !rules.rules.is_empty() => None,
        _ => Some(format!(
            "file {fid:04X} has the access rules of record {record} in {arr:04X}, where there are \
             none; nobody will have access"
        )),
    }
}
