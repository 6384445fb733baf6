//! Values that go into the files of an element.

use alloc::{boxed::Box, format, vec::Vec};

use polysim_apdu::ef::{Contents, EfError, ImsText};
use polysim_base::{Imsi, Plmn};

use super::element::{File, FileItem, FileSet};
use super::template::Template;
use super::{FILE_SIZE_MAX, PersonaliseError};

/// A value for a file.
pub(super) struct Value {
    contents: Box<dyn Emit>,
    /// Whether the file is written although the element says nothing about it.
    always: bool,
}

/// [`Contents`] of any type.
trait Emit {
    /// Returns the contents of a file or record of this size, or as long as they are.
    fn emit_to(&self, size: Option<usize>) -> Result<Vec<u8>, EfError>;
}

impl<T: Contents> Emit for T {
    fn emit_to(&self, size: Option<usize>) -> Result<Vec<u8>, EfError> {
        let mut out = Vec::new();
        match size {
            Some(size) => self.emit(size),
            None => self.put(0, &mut out).map(|()| out),
        }
    }
}

impl Value {
    pub(super) fn always(contents: impl Contents + 'static) -> Self {
        Self { contents: Box::new(contents), always: true }
    }

    pub(super) fn if_there(contents: impl Contents + 'static) -> Self {
        Self { contents: Box::new(contents), always: false }
    }

    /// Puts the value in the place of what the element says the file holds.
    pub(super) fn write(&self, set: &mut FileSet, fid: u16) -> Result<(), PersonaliseError> {
        let template = Template::of(&set.template).unwrap_or_else(|| Template::new(set.kind));
        let Some((number, row)) = template.find(fid) else { return Ok(()) };
        let place = set.files.iter().position(|(known, _)| *known >= number);
        let place = place.unwrap_or(set.files.len());
        if set.files.get(place).is_none_or(|(known, _)| *known != number) {
            if !self.always {
                return Ok(());
            }
            set.files.insert(place, (number, File::default()));
        }
        let Some((_, file)) = set.files.get_mut(place) else { return Ok(()) };
        file.0.retain(|item| matches!(item, FileItem::Descriptor(_)));
        let stated = match file.0.first() {
            Some(FileItem::Descriptor(fcp)) => match fcp.descriptor.as_deref() {
                Some([_, _, high, low]) => Some(u16::from_be_bytes([*high, *low]).into()),
                Some(_) | None => fcp.file_size.and_then(|size| usize::try_from(size).ok()),
            },
            Some(FileItem::DoNotCreate | FileItem::Offset(_) | FileItem::Content(_)) | None => None,
        };
        let size = stated.map(|size| size.min(FILE_SIZE_MAX)).or_else(|| row.shape.record_len());
        let content = self.contents.emit_to(size);
        let content = content.map_err(|error| PersonaliseError::Value { file: row.name, error })?;
        file.0.push(FileItem::Content(content));
        Ok(())
    }
}

/// Identities of the IMS as they follow from an IMSI (TS 23.003, 13): private, public, and the
/// home domain.
pub(super) fn ims_texts(imsi: &Imsi, home: Plmn) -> [ImsText; 3] {
    let mnc = home.digits().skip(3).fold(0_u16, |mnc, digit| mnc * 10 + u16::from(digit));
    let domain = format!("ims.mnc{mnc:03}.mcc{:03}.3gppnetwork.org", home.mcc());
    let [private, public] = [format!("{imsi}@{domain}"), format!("sip:{imsi}@{domain}")];
    [private, public, domain].map(ImsText)
}

/// Returns the identities of the IMS for the files of an ISIM that has them.
pub(super) fn ims_values(imsi: &Imsi, home: Plmn) -> Vec<(u16, Value)> {
    let files = [0x6F02, 0x6F04, 0x6F03].into_iter().zip(ims_texts(imsi, home));
    files.map(|(fid, text)| (fid, Value::if_there(text))).collect()
}
