//! Elements one after another.

use alloc::vec::Vec;

use polysim_apdu::ef::{Contents as _, ServiceTable};

use super::create::{Plan, unknown};
use super::fill::Cursor;
use super::{Body, Ef, FileIndex, Image, InstallError, InstallReason, Structure};
use crate::saip::check::EuiccCapabilities;
use crate::saip::element::{
    ElementKind, FileItem, FileSet, GenericFileManagement, ManagementItem, OtherElement, PeHeader,
    ProfileElement, ProfileHeader,
};
use crate::saip::package::ProfilePackage;
use crate::saip::response::{EuiccResponse, PeStatus, Status};
use crate::saip::template::{FIRST_NUMBER, Fill, Template};
use crate::saip::{Service, Services};

/// Services of EF.UST that need one of the eUICC (TS 31.102, 4.2.8): an eUICC that lacks it
/// withdraws them.
const UST_SERVICES: [(u8, Service); 3] =
    [(68, Service::GbaUsim), (69, Service::Mbms), (125, Service::GetIdentity)];

/// The applications, and what an eUICC needs for them.
const APPLICATIONS: [(ElementKind, Service); 3] = [
    (ElementKind::Usim, Service::Usim),
    (ElementKind::Isim, Service::Isim),
    (ElementKind::Csim, Service::Csim),
];
/// Elements with more files of a USIM.
const OF_USIM: [ElementKind; 7] = [
    ElementKind::OptUsim,
    ElementKind::Phonebook,
    ElementKind::GsmAccess,
    ElementKind::Df5gs,
    ElementKind::DfSaip,
    ElementKind::DfSnpn,
    ElementKind::Df5gProse,
];

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
pub(super) struct Installer<'a> {
    capabilities: &'a EuiccCapabilities,
    pub(super) image: Image,
    /// Elements that were left out.
    states: Vec<PeStatus>,
    /// The directory that PINs belong to, if there is one.
    pub(super) directory: Option<FileIndex>,
    /// The applications that there are, the last of each kind.
    usim: Option<FileIndex>,
    isim: Option<FileIndex>,
    csim: Option<FileIndex>,
    /// The application that keys belong to.
    pub(super) application: Option<FileIndex>,
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
        header: Option<PeHeader>,
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
        if other.kind == ElementKind::CdmaParameter && self.has(Service::Csim) {
            self.image.others.push(other.clone());
            return Ok(());
        }
        let applet = other.kind == ElementKind::Application;
        let reason = if applet { InstallReason::NoRuntime } else { InstallReason::NotSupported };
        self.leave_out(other.header, reason)
    }

    fn has(&self, service: Service) -> bool {
        self.capabilities.services.contains(service)
    }

    pub(super) fn need(&self, service: Service) -> Result<(), InstallReason> {
        let lacking = InstallReason::Feature(Services::of(&[service]));
        if self.has(service) { Ok(()) } else { Err(lacking) }
    }

    /// Returns the directory that the files of an element stand in.
    fn parent(&self, kind: ElementKind) -> Result<FileIndex, InstallReason> {
        let (parent, needed) = if kind == ElementKind::Mf {
            (Some(FileIndex::MF), "nothing")
        } else if OF_USIM.contains(&kind) {
            (self.usim, "ADF.USIM")
        } else if kind == ElementKind::OptIsim {
            (self.isim, "ADF.ISIM")
        } else if kind == ElementKind::OptCsim {
            (self.csim, "ADF.CSIM")
        } else if kind == ElementKind::Eap {
            (self.application, "application")
        } else {
            (self.directory.map(|_| FileIndex::MF), "MF")
        };
        parent.ok_or(InstallReason::OutOfOrder { needed })
    }

    fn files(&mut self, set: &FileSet) -> Result<(), InstallReason> {
        let template = Template::of(&set.template).filter(|template| template.kind == set.kind);
        let Some(template) = template else {
            return self.leave_out(Some(set.header), InstallReason::Template(set.template.clone()));
        };
        if [ElementKind::Iot, ElementKind::OptIot].contains(&set.kind) {
            return self.leave_out(Some(set.header), InstallReason::NotSupported);
        }
        if let Some((_, service)) = APPLICATIONS.iter().find(|(kind, _)| *kind == set.kind) {
            self.need(*service)?;
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
        let is_application = APPLICATIONS.iter().any(|(known, _)| *known == kind);
        let shared = [ElementKind::Mf, ElementKind::Cd, ElementKind::Telecom].contains(&kind);
        if is_application {
            self.application = root;
        }
        if is_application || shared {
            self.directory = root;
        }
        if kind == ElementKind::Usim {
            self.usim = root;
            self.withdraw_services();
        } else if kind == ElementKind::Isim {
            self.isim = root;
        } else if kind == ElementKind::Csim {
            self.csim = root;
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
