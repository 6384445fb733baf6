//! The elements with files.

use alloc::{format, string::String, vec, vec::Vec};

use polysim_apdu::ef::{
    AccessClasses, AccessTechnologies, Administrative, Adn, Application, Contents, Ecc,
    EmergencyServices, Languages, NetworkName, Number, Octet, Opl, PlmnAct, PlmnActList, PlmnList,
    Pnn, Raw, ServiceTable, Smsp, Spn,
};
use polysim_base::Plmn;

use super::rules::{RECORD_LEN, RECORDS, records};
use super::{BuildError, Builder};
use crate::saip::Oid;
use crate::saip::element::{ElementKind, Fcp, File, FileSet, PeHeader, ProfileElement};
use crate::saip::template::Template;
use crate::saip::value::ims_texts;

/// The AID of the USIM; its last octets are the maker's.
pub(super) const USIM_AID: [u8; 12] =
    [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF, 0x49, 0xFF, 0x05, 0x89];
/// The AID of the ISIM.
const ISIM_AID: [u8; 12] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04, 0xFF, 0x49, 0xFF, 0x05, 0x89];
/// The identifiers of the ADFs in paths.
const USIM_FID: u16 = 0x7FF0;
const ISIM_FID: u16 = 0x7FF1;
/// References of the PINs of the MF, and of other directories.
const PINS_OF_MF: [u8; 2] = [0x01, 0x0A];
const PINS_OF_DF: [u8; 3] = [0x01, 0x81, 0x0A];
/// Octets of a record of EF.DIR, EF.SMSP, EF.ECC, EF.PNN, EF.MSISDN and EF.ADN.
const DIR_LEN: u16 = 38;
const SMSP_LEN: u16 = 40;
const ECC_LEN: u16 = 4;
const PNN_LEN: u16 = 40;
const NUMBER_LEN: u16 = 28;
/// Octets of the identities of the IMS.
const IMS_LEN: u16 = 80;
/// Services of EF.UST (TS 31.102, 4.2.8) that every profile has: local phone book, FDN, texts and
/// their parameters, SPN, networks by the user, MSISDN, GSM access, download by text, networks by
/// the operator and at home, names of networks, equivalent home networks, EPS.
const SERVICES: [u8; 17] = [2, 10, 12, 19, 20, 21, 27, 28, 33, 38, 42, 43, 45, 46, 71, 85, 122];
const PHONEBOOK_SERVICE: u8 = 1;

/// An element under construction: values by the identifiers of the files.
struct Set {
    kind: ElementKind,
    header: PeHeader,
    files: Vec<(u32, File)>,
}

impl Set {
    const fn new(kind: ElementKind, header: PeHeader) -> Self {
        Self { kind, header, files: Vec::new() }
    }

    fn put(&mut self, fid: u16, file: File) {
        if let Some((number, _)) = Template::new(self.kind).find(fid) {
            self.files.push((number, file));
        }
    }

    /// The directory that the element starts with, or another one.
    fn directory(&mut self, fid: u16, pins: &[u8]) {
        let fcp = Fcp { pin_status: Some(pins.to_vec()), ..Fcp::default() };
        self.put(fid, File::with_descriptor(fcp));
    }

    /// The ADF that the element starts with.
    fn application(&mut self, fid: u16, aid: &[u8]) {
        let fcp = Fcp {
            file_id: Some(fid),
            df_name: Some(aid.to_vec()),
            pin_status: Some(PINS_OF_DF.to_vec()),
            ..Fcp::default()
        };
        self.put(0, File::with_descriptor(fcp));
    }

    /// A transparent file of the size of the template.
    fn binary(
        &mut self,
        fid: u16,
        what: &'static str,
        value: &impl Contents,
    ) -> Result<(), BuildError> {
        let row = Template::new(self.kind).find(fid).and_then(|(_, row)| row.shape.record_len());
        let content = emit(what, value, row.unwrap_or_default())?;
        self.put(fid, File::with_content(content));
        Ok(())
    }

    /// A transparent file of another size.
    fn sized(
        &mut self,
        fid: u16,
        what: &'static str,
        value: &impl Contents,
        size: usize,
    ) -> Result<(), BuildError> {
        let content = emit(what, value, size)?;
        let file_size = u32::try_from(size).ok();
        let file = File::with_descriptor(Fcp { file_size, ..Fcp::default() });
        self.put(fid, file.and_content(content));
        Ok(())
    }

    /// A linear fixed file with these records first.
    fn records<T: Contents>(
        &mut self,
        fid: u16,
        what: &'static str,
        values: &[T],
        (len, count): (u16, u8),
    ) -> Result<(), BuildError> {
        let mut content = Vec::new();
        for value in values {
            content.extend(emit(what, value, len.into())?);
        }
        let file = File::with_descriptor(linear(len, count));
        self.put(fid, if content.is_empty() { file } else { file.and_content(content) });
        Ok(())
    }

    fn arr(&mut self, fid: u16) {
        let file = File::with_descriptor(linear(RECORD_LEN, RECORDS)).and_content(records());
        self.put(fid, file);
    }

    fn finish(mut self) -> ProfileElement {
        self.files.sort_by_key(|(number, _)| *number);
        let template = Template::new(self.kind).oid();
        ProfileElement::Files(FileSet {
            kind: self.kind,
            header: self.header,
            template: template.unwrap_or_else(Oid::empty),
            files: self.files,
        })
    }
}

fn emit(what: &'static str, value: &impl Contents, size: usize) -> Result<Vec<u8>, BuildError> {
    value.emit(size).map_err(|error| BuildError::Value { what, error })
}

/// A linear fixed file.
fn linear(len: u16, count: u8) -> Fcp {
    let [high, low] = len.to_be_bytes();
    Fcp {
        descriptor: Some(vec![0x42, 0x21, high, low]),
        file_size: Some(u32::from(len) * u32::from(count)),
        ..Fcp::default()
    }
}

impl Builder {
    pub(super) fn mf(&self, header: PeHeader) -> Result<ProfileElement, BuildError> {
        let mut set = Set::new(ElementKind::Mf, header);
        set.directory(0x3F00, &PINS_OF_MF);
        set.binary(0x2FE2, "ICCID", &self.personal.iccid)?;
        let application = |aid: [u8; 12], label: &str| Application {
            aid: aid.to_vec(),
            label: Some(label.into()),
            others: Vec::new(),
        };
        let mut applications = vec![application(USIM_AID, "USIM")];
        if self.operator.ims {
            applications.push(application(ISIM_AID, "ISIM"));
        }
        set.records(0x2F00, "EF.DIR", &applications, (DIR_LEN, 2))?;
        set.arr(0x2F06);
        Ok(set.finish())
    }

    pub(super) fn telecom(&self, header: PeHeader) -> Result<ProfileElement, BuildError> {
        let mut set = Set::new(ElementKind::Telecom, header);
        set.directory(0x7F10, &PINS_OF_DF);
        set.arr(0x6F06);
        if self.operator.phonebook > 0 {
            set.directory(0x5F3A, &PINS_OF_DF);
            // EF.ADN is the only file of an entry, and has the short identifier 1.
            let reference = Raw(vec![0xA8, 0x05, 0xC0, 0x03, 0x4F, 0x58, 0x01]);
            set.records(0x4F30, "EF.PBR", &[reference], (16, 1))?;
            let mut fcp = linear(NUMBER_LEN, self.operator.phonebook);
            fcp.short_id = Some(Some(1 << 3));
            set.put(0x4F58, File::with_descriptor(fcp));
        }
        Ok(set.finish())
    }

    pub(super) fn usim(&self, header: PeHeader) -> Result<ProfileElement, BuildError> {
        let (operator, imsi) = (&self.operator, &self.personal.imsi);
        let mut set = Set::new(ElementKind::Usim, header);
        set.application(USIM_FID, &USIM_AID);
        set.binary(0x6F07, "IMSI", imsi)?;
        set.arr(0x6F06);
        set.binary(0x6F31, "search period", &Octet(operator.search_period))?;
        let mut services = ServiceTable::of(&SERVICES);
        services.set(PHONEBOOK_SERVICE, operator.phonebook > 0);
        set.sized(0x6F38, "EF.UST", &services, 17)?;
        let texts = File::with_descriptor(linear(176, operator.texts));
        set.put(0x6F3C, texts);
        let parameters = operator.smsc.as_ref().map(|smsc| Smsp {
            service_centre: Some(Number::new(&format!("{smsc}"))),
            protocol: Some(0),
            coding: Some(0),
            validity: Some(0xA7),
            ..Smsp::default()
        });
        set.records(0x6F42, "service centre", parameters.as_slice(), (SMSP_LEN, 1))?;
        set.binary(0x6F46, "name", &Spn { name: operator.name.clone(), ..Spn::default() })?;
        set.binary(0x6F56, "EF.EST", &Octet(0))?;
        set.binary(0x6F78, "EF.ACC", &AccessClasses::of_imsi(imsi))?;
        set.binary(0x6F7B, "forbidden networks", &PlmnList(operator.forbidden.clone()))?;
        let mnc_len = Some(operator.plmn.mnc_len());
        set.binary(0x6FAD, "EF.AD", &Administrative { mnc_len, ..Administrative::default() })?;
        let numbers: Vec<Ecc> = operator.emergency.iter().map(|digits| emergency(digits)).collect();
        let count = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
        set.records(0x6FB7, "emergency numbers", &numbers, (ECC_LEN, count))?;
        Ok(set.finish())
    }

    pub(super) fn opt_usim(&self, header: PeHeader) -> Result<ProfileElement, BuildError> {
        let operator = &self.operator;
        let mut set = Set::new(ElementKind::OptUsim, header);
        set.binary(0x6F05, "languages", &Languages::default())?;
        let msisdn = self.personal.msisdn.as_ref().map(|msisdn| Adn {
            number: Some(Number::new(&format!("{msisdn}"))),
            ..Adn::default()
        });
        set.records(0x6F40, "MSISDN", msisdn.as_slice(), (NUMBER_LEN, 1))?;
        set.binary(0x6F60, "EF.PLMNwAcT", &PlmnActList::default())?;
        let preferred = PlmnActList(operator.preferred.clone());
        let places = operator.preferred.len().max(8);
        set.sized(0x6F61, "preferred networks", &preferred, places * 5)?;
        set.binary(0x6F62, "home network", &PlmnActList(vec![home(operator.plmn)]))?;
        let name = NetworkName { text: operator.name.clone(), add_country: false };
        let name = Pnn { full: Some(name.clone()), short: Some(name) };
        set.records(0x6FC5, "name", &[name], (PNN_LEN, 1))?;
        let everywhere = Opl {
            plmn: operator.plmn.wire(),
            first_area: 0x0000,
            last_area: 0xFFFE,
            name_record: 1,
        };
        set.records(0x6FC6, "EF.OPL", &[everywhere], (8, 1))?;
        let homes = [operator.plmn].into_iter().chain(operator.equivalent_home.iter().copied());
        let homes = PlmnList(homes.collect());
        let places = homes.0.len().max(5);
        set.sized(0x6FD9, "equivalent home networks", &homes, places * 3)?;
        set.put(0x6FDB, File(Vec::new()));
        Ok(set.finish())
    }

    pub(super) fn isim(&self, header: PeHeader) -> Result<ProfileElement, BuildError> {
        let [user, public, domain] = ims_texts(&self.personal.imsi, self.operator.plmn);
        let mut set = Set::new(ElementKind::Isim, header);
        set.application(ISIM_FID, &ISIM_AID);
        set.sized(0x6F02, "EF.IMPI", &user, IMS_LEN.into())?;
        set.records(0x6F04, "EF.IMPU", &[public], (IMS_LEN, 1))?;
        set.sized(0x6F03, "EF.DOMAIN", &domain, IMS_LEN.into())?;
        set.binary(0x6F07, "EF.IST", &ServiceTable::default())?;
        set.arr(0x6F06);
        Ok(set.finish())
    }

    pub(super) fn gsm_access(header: PeHeader) -> ProfileElement {
        let mut set = Set::new(ElementKind::GsmAccess, header);
        set.directory(0x5F3B, &PINS_OF_DF);
        for fid in [0x4F20, 0x4F52] {
            set.put(fid, File::default());
        }
        set.finish()
    }

    pub(super) fn fifth_generation(header: PeHeader) -> ProfileElement {
        let mut set = Set::new(ElementKind::Df5gs, header);
        set.directory(0x5FC0, &PINS_OF_DF);
        for fid in [0x4F01, 0x4F02, 0x4F03, 0x4F04] {
            set.put(fid, File::default());
        }
        set.finish()
    }
}

/// The home network with all technologies.
fn home(plmn: Plmn) -> PlmnAct {
    let technologies = AccessTechnologies::UTRAN
        .with(AccessTechnologies::E_UTRAN)
        .with(AccessTechnologies::NG_RAN)
        .with(AccessTechnologies::GSM);
    PlmnAct { plmn, technologies }
}

fn emergency(digits: &str) -> Ecc {
    Ecc { digits: digits.into(), name: String::new(), services: EmergencyServices::default() }
}
