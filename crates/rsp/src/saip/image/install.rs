//! Elements one after another.

use alloc::vec::Vec;

use polysim_apdu::ef::{Contents as _, ServiceTable};

use super::create::{Plan, unknown};
use super::fill::Cursor;
use super::{AkaKeys, FileIndex, Image, ImageAka, ImagePin, ImagePuk, InstallError, InstallReason};
use crate::saip::check::EuiccCapabilities;
use crate::saip::element::{
    AkaParameter, AlgorithmId, AlgorithmSource, ElementKind, FileItem, FileSet,
    GenericFileManagement, ManagementItem, OtherElement, PinCodes, PinConfiguration, PinSource,
    ProfileElement, ProfileHeader, PukCodes, Tries,
};
use crate::saip::package::ProfilePackage;
use crate::saip::response::{EuiccResponse, PeStatus, Status};
use crate::saip::template::{FIRST_NUMBER, Fill, Template};
use crate::saip::{Service, Services};

/// Services of EF.UST that need one of the eUICC (TS 31.102, 4.2.8): an eUICC that lacks it
/// withdraws them.
const UST_SERVICES: [(u8, Service); 3] =
    [(68, Service::GbaUsim), (69, Service::Mbms), (125, Service::GetIdentity)];

/// What became of a package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Installation {
    /// What the eUICC answers.
    pub response: EuiccResponse,
    /// The profile, or why there is none.
    pub image: Result<Image, InstallError>,
}

/// Installs a package on an eUICC that can do this.
#[must_use]
pub fn install(package: &ProfilePackage, capabilities: &EuiccCapabilities) -> Installation {
    let mut installer = Installer::new(capabilities);
    match installer.package(package) {
        Ok(()) => {
            let mut response = EuiccResponse::ok();
            if !installer.states.is_empty() {
                response.states = installer.states;
            }
            Installation { response, image: Ok(installer.image) }
        }
        Err(error) => {
            Installation { response: error.response(installer.states), image: Err(error) }
        }
    }
}

/// A profile that is being installed.
struct Installer<'a> {
    capabilities: &'a EuiccCapabilities,
    image: Image,
    /// Elements that were left out.
    states: Vec<PeStatus>,
    /// The directory that PINs belong to, if there is one.
    directory: Option<FileIndex>,
    /// The applications that there are, the last of each kind.
    usim: Option<FileIndex>,
    isim: Option<FileIndex>,
    csim: Option<FileIndex>,
    /// The application that keys belong to.
    application: Option<FileIndex>,
    ended: bool,
}

impl<'a> Installer<'a> {
    fn new(capabilities: &'a EuiccCapabilities) -> Self {
        Self {
            capabilities,
            image: Image::default(),
            states: Vec::new(),
            directory: None,
            usim: None,
            isim: None,
            csim: None,
            application: None,
            ended: false,
        }
    }

    fn package(&mut self, package: &ProfilePackage) -> Result<(), InstallError> {
        for (at, element) in package.elements().enumerate() {
            self.element(at, element).map_err(|reason| InstallError {
                element: at,
                kind: Some(element.kind()),
                identification: element.header().map(|header| header.identification),
                reason,
            })?;
        }
        if self.ended {
            return Ok(());
        }
        let element = package.elements().len();
        let reason = InstallReason::End;
        Err(InstallError { element, kind: None, identification: None, reason })
    }

    fn element(&mut self, at: usize, element: &ProfileElement) -> Result<(), InstallReason> {
        if (at == 0) != (element.kind() == ElementKind::Header) {
            return Err(InstallReason::Header);
        }
        if self.ended {
            return Err(InstallReason::End);
        }
        match element {
            ProfileElement::Header(header) => self.header(header)?,
            ProfileElement::Files(set) => self.files(set)?,
            ProfileElement::GenericFileManagement(management) => self.management(management)?,
            ProfileElement::PukCodes(codes) => self.puks(codes)?,
            ProfileElement::PinCodes(codes) => self.pins(codes)?,
            ProfileElement::AkaParameter(parameter) => self.aka(parameter)?,
            ProfileElement::SecurityDomain(domain) => self.image.domains.push(domain.clone()),
            ProfileElement::Rfm(rfm) => self.image.remote.push(rfm.clone()),
            ProfileElement::Other(other) => self.other(other)?,
            ProfileElement::End(_) => self.ended = true,
        }
        let (needed, free) = (self.image.memory(), self.capabilities.memory_free);
        if needed > free { Err(InstallReason::Memory { needed, free }) } else { Ok(()) }
    }

    fn header(&mut self, header: &ProfileHeader) -> Result<(), InstallReason> {
        if !(2..=3).contains(&header.major) {
            return Err(InstallReason::Version { major: header.major });
        }
        let missing = header.mandatory_services.without(self.capabilities.services);
        if !missing.is_empty() {
            return Err(InstallReason::Services(missing));
        }
        let unknown = header.mandatory_templates.iter().find(|oid| Template::of(oid).is_none());
        if let Some(oid) = unknown {
            return Err(InstallReason::Template(oid.clone()));
        }
        match header.mandatory_applications.as_ref().map_or(0, Vec::len) {
            0 => {}
            count => return Err(InstallReason::Applications { count }),
        }
        self.image.iccid = header.iccid();
        self.image.profile_type.clone_from(&header.profile_type);
        self.image.version = (header.major, header.minor);
        self.image.mandatory_services = header.mandatory_services;
        self.image.connectivity.clone_from(&header.connectivity);
        Ok(())
    }

    /// Leaves an element out that need not be there.
    fn leave_out(
        &mut self,
        header: Option<crate::saip::element::PeHeader>,
        reason: InstallReason,
    ) -> Result<(), InstallReason> {
        if header.is_some_and(|header| header.mandated) {
            return Err(reason);
        }
        let identification = header.map(|header| header.identification);
        self.states.push(PeStatus::new(Status::PeNotSupported, identification));
        Ok(())
    }

    fn other(&mut self, other: &OtherElement) -> Result<(), InstallReason> {
        match other.kind {
            ElementKind::CdmaParameter if self.has(Service::Csim) => {
                self.image.others.push(other.clone());
                Ok(())
            }
            ElementKind::Application => self.leave_out(other.header, InstallReason::NoRuntime),
            _ => self.leave_out(other.header, InstallReason::NotSupported),
        }
    }

    fn has(&self, service: Service) -> bool {
        self.capabilities.services.contains(service)
    }

    fn need(&self, service: Service) -> Result<(), InstallReason> {
        let lacking = InstallReason::Feature(Services::of(&[service]));
        if self.has(service) { Ok(()) } else { Err(lacking) }
    }

    /// Returns the directory that the files of an element stand in.
    fn parent(&self, kind: ElementKind) -> Result<FileIndex, InstallReason> {
        let (parent, needed) = match kind {
            ElementKind::Mf => return Ok(FileIndex::MF),
            ElementKind::OptIsim => (self.isim, "ADF.ISIM"),
            ElementKind::OptCsim => (self.csim, "ADF.CSIM"),
            ElementKind::Eap => (self.application, "application"),
            ElementKind::OptUsim
            | ElementKind::Phonebook
            | ElementKind::GsmAccess
            | ElementKind::Df5gs
            | ElementKind::DfSaip
            | ElementKind::DfSnpn
            | ElementKind::Df5gProse => (self.usim, "ADF.USIM"),
            _ => (self.directory.map(|_| FileIndex::MF), "MF"),
        };
        parent.ok_or(InstallReason::OutOfOrder { needed })
    }

    fn files(&mut self, set: &FileSet) -> Result<(), InstallReason> {
        let template = Template::of(&set.template).filter(|template| template.kind == set.kind);
        let Some(template) = template else {
            return self.leave_out(Some(set.header), InstallReason::Template(set.template.clone()));
        };
        match set.kind {
            ElementKind::Iot | ElementKind::OptIot => {
                return self.leave_out(Some(set.header), InstallReason::NotSupported);
            }
            ElementKind::Usim => self.need(Service::Usim)?,
            ElementKind::Isim => self.need(Service::Isim)?,
            ElementKind::Csim => self.need(Service::Csim)?,
            _ => {}
        }
        let parent = self.parent(set.kind)?;
        let mut here = Place { root: None, current: parent, parent };
        let by_default = if template.created_by_default() { template.files().len() } else { 0 };
        let by_default = FIRST_NUMBER..FIRST_NUMBER + u32::try_from(by_default).unwrap_or(0);
        for number in by_default.clone() {
            match set.file(number) {
                Some(file) => self.file(template, number, &file.0, &mut here)?,
                None => self.default_file(template, number, &mut here)?,
            }
        }
        for (number, file) in set.files.iter().filter(|(number, _)| !by_default.contains(number)) {
            self.file(template, *number, &file.0, &mut here)?;
        }
        self.enter(set.kind, &here);
        Ok(())
    }

    /// Notes what directory the elements after this one belong to.
    fn enter(&mut self, kind: ElementKind, here: &Place) {
        let root = here.root;
        match kind {
            ElementKind::Usim => self.usim = root,
            ElementKind::Isim => self.isim = root,
            ElementKind::Csim => self.csim = root,
            ElementKind::Mf | ElementKind::Cd | ElementKind::Telecom => {
                self.directory = root;
                return;
            }
            _ => return,
        }
        (self.directory, self.application) = (root, root);
        if kind == ElementKind::Usim {
            self.withdraw_services();
        }
    }

    /// Clears the services in EF.UST that the eUICC cannot offer.
    fn withdraw_services(&mut self) {
        let lacking: Vec<u8> = UST_SERVICES
            .into_iter()
            .filter(|(_, service)| !self.has(*service))
            .map(|(number, _)| number)
            .collect();
        let ust = self.usim.and_then(|adf| self.image.child(adf, 0x6F38));
        let Some(contents) = ust.and_then(|ust| self.image.contents_mut(ust)) else { return };
        if let Ok(mut table) = ServiceTable::parse(contents) {
            lacking.iter().for_each(|number| table.set(*number, false));
            contents.copy_from_slice(&table.0);
        }
    }

    /// Creates a file that the element says nothing about.
    fn default_file(
        &mut self,
        template: Template,
        number: u32,
        here: &mut Place,
    ) -> Result<(), InstallReason> {
        let row = template.file(number);
        if row.fill == Fill::Required || row.is_directory() && row.fid == 0 {
            return Err(InstallReason::MissingFile { name: row.name });
        }
        self.file(template, number, &[], here)
    }

    /// Creates a file, or several ones of the same kind, each with a descriptor of its own.
    fn file(
        &mut self,
        template: Template,
        number: u32,
        items: &[FileItem],
        here: &mut Place,
    ) -> Result<(), InstallReason> {
        let row = template.file(number);
        if items.contains(&FileItem::DoNotCreate) && template.kind != ElementKind::Mf {
            return Ok(());
        }
        let described = |item: &FileItem| matches!(item, FileItem::Descriptor(_));
        let starts = items.iter().enumerate().filter(|(at, item)| *at > 0 && described(item));
        let ends = starts.map(|(at, _)| at).chain([items.len()]);
        let mut start = 0;
        for end in ends {
            let items = items.get(start..end).unwrap_or_default();
            start = end;
            let directory = row.is_directory() || items.iter().any(is_directory);
            let parent = match here.root {
                Some(root) if directory => root,
                None if directory => here.parent,
                Some(_) | None => here.current,
            };
            let index = self.image.create_filled(row, items, parent)?;
            self.supported(index)?;
            if directory {
                here.current = index;
                here.root = here.root.or(Some(index));
            }
        }
        Ok(())
    }

    /// Checks that the eUICC can have a file like this.
    fn supported(&self, index: FileIndex) -> Result<(), InstallReason> {
        use super::{Body, Ef, Structure};
        match self.image.file(index).map(|file| &file.body) {
            Some(Body::Ef(Ef { structure: Structure::BerTlv, .. })) => self.need(Service::BerTlv),
            Some(Body::Link(target)) if self.image.ef(*target).is_none() => {
                self.need(Service::DfLink)
            }
            Some(Body::Ef(_) | Body::Directory(_) | Body::Link(_)) | None => Ok(()),
        }
    }

    fn management(&mut self, management: &GenericFileManagement) -> Result<(), InstallReason> {
        if self.image.files().is_empty() {
            return Err(InstallReason::OutOfOrder { needed: "MF" });
        }
        let mut directory = FileIndex::MF;
        let mut file: Option<(FileIndex, Cursor)> = None;
        for item in management.commands.iter().flat_map(|command| &command.0) {
            match item {
                ManagementItem::Path(path) => {
                    let found = self.image.resolve(path)?;
                    let target = self.image.target(found);
                    if self.image.ef(target).is_some() {
                        file = Some((target, Cursor::default()));
                    } else {
                        (directory, file) = (target, None);
                    }
                }
                ManagementItem::Create(fcp) => {
                    let template = unknown(fcp.file_id.unwrap_or(0));
                    let plan = Plan { template, fcp: Some(fcp), parent: directory, content_len: 0 };
                    let index = self.image.create(&plan)?;
                    self.supported(index)?;
                    if plan.is_directory() {
                        (directory, file) = (self.image.target(index), None);
                    } else {
                        file = Some((index, Cursor::default()));
                    }
                }
                ManagementItem::Offset(count) => {
                    let (_, cursor) = file.as_mut().ok_or(InstallReason::NoCurrentFile)?;
                    cursor.skip(*count);
                }
                ManagementItem::Content(octets) => {
                    let (index, cursor) = file.as_mut().ok_or(InstallReason::NoCurrentFile)?;
                    self.image.write(*index, cursor, octets)?;
                }
            }
        }
        Ok(())
    }

    fn puks(&mut self, codes: &PukCodes) -> Result<(), InstallReason> {
        for code in &codes.codes {
            if self.image.puks.iter().any(|known| known.reference == code.reference) {
                return Err(InstallReason::DuplicateCode(code.reference));
            }
            let tries = code.tries.unwrap_or(Tries::PUK);
            let (reference, value) = (code.reference, code.value);
            self.image.puks.push(ImagePuk { reference, value, tries });
        }
        Ok(())
    }

    fn pins(&mut self, codes: &PinCodes) -> Result<(), InstallReason> {
        let Some(directory) = self.directory else {
            return Err(InstallReason::OutOfOrder { needed: "directory" });
        };
        match &codes.source {
            PinSource::Own(pins) => pins.iter().try_for_each(|pin| self.pin(directory, pin)),
            PinSource::Shared(path) => {
                let other = self.image.resolve(path)?;
                self.image.shared_pins.push((directory, other));
                Ok(())
            }
        }
    }

    fn pin(&mut self, directory: FileIndex, pin: &PinConfiguration) -> Result<(), InstallReason> {
        let same = |known: &ImagePin| (known.directory, known.reference);
        if self.image.pins.iter().any(|known| same(known) == (directory, pin.reference)) {
            return Err(InstallReason::DuplicateCode(pin.reference));
        }
        let is_known = |puk| self.image.puks.iter().any(|known| known.reference == puk);
        if let Some(puk) = pin.unblocked_by.filter(|puk| !is_known(*puk)) {
            return Err(InstallReason::PukMissing { pin: pin.reference, puk: puk.0 });
        }
        self.image.pins.push(ImagePin {
            directory,
            reference: pin.reference,
            value: pin.value,
            enabled: pin.enabled(),
            unblocked_by: pin.unblocked_by,
            tries: pin.tries.unwrap_or(Tries::PIN),
        });
        Ok(())
    }

    fn aka(&mut self, parameter: &AkaParameter) -> Result<(), InstallReason> {
        let Some(directory) = self.application else {
            return Err(InstallReason::OutOfOrder { needed: "application" });
        };
        let keys = match &parameter.source {
            AlgorithmSource::Mapping(mapping) => {
                AkaKeys::Mapped { options: mapping.options, application: mapping.source.clone() }
            }
            AlgorithmSource::Own(own) => {
                own.check_lengths()?;
                match own.algorithm {
                    AlgorithmId::Milenage => self.need(Service::Milenage)?,
                    AlgorithmId::Tuak if own.key.as_bytes().len() == 32 => {
                        self.need(Service::Tuak256)?;
                    }
                    AlgorithmId::Tuak => self.need(Service::Tuak128)?,
                    AlgorithmId::Test => self.need(Service::UsimTestAlgorithm)?,
                    AlgorithmId::Other(_) => {}
                }
                if own.algorithm != AlgorithmId::Test {
                    own.algorithm()?;
                }
                AkaKeys::Own(own.clone())
            }
        };
        self.image.aka.push(ImageAka::new(directory, keys, parameter));
        Ok(())
    }
}

/// Where the files of an element go.
struct Place {
    /// The first directory of the element.
    root: Option<FileIndex>,
    /// The directory that was created last.
    current: FileIndex,
    /// Where the first directory stands.
    parent: FileIndex,
}

fn is_directory(item: &FileItem) -> bool {
    match item {
        FileItem::Descriptor(fcp) => fcp
            .descriptor
            .as_deref()
            .and_then(<[u8]>::first)
            .is_some_and(|first| first & 0x3F == 0x38),
        FileItem::DoNotCreate | FileItem::Offset(_) | FileItem::Content(_) => false,
    }
}
