//! File control parameters, the answer to SELECT and STATUS (TS 102.221, 11.1.1.4).

mod descriptor;
mod pin_status;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, BerReader, TlvError, put_ber};

use crate::{FileId, Sfi};
pub use descriptor::{FileDescriptor, FileStructure, Records};
pub use pin_status::{PIN_STATES_MAX, PinState, PinStatus};

/// What is wrong with an FCP template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FcpError {
    /// No data object, or one that does not fit into what is there.
    #[error("FCP: {0}")]
    Tlv(#[from] TlvError),
    /// The template is not `62`.
    #[error("FCP: template {tag:X}, not 62")]
    Template {
        /// The tag found.
        tag: u32,
    },
    /// A value of an impossible length.
    #[error("FCP: object {tag:X} of {len} bytes")]
    Length {
        /// Tag of the object.
        tag: u32,
        /// Its length.
        len: usize,
    },
    /// A value that means nothing.
    #[error("FCP: object {tag:X} starts with {value:02X}")]
    Value {
        /// Tag of the object.
        tag: u32,
        /// The byte that means nothing.
        value: u8,
    },
    /// The file descriptor is missing.
    #[error("FCP: no file descriptor")]
    NoDescriptor,
    /// More PINs than [`PIN_STATES_MAX`].
    #[error("FCP: more than {limit} PINs")]
    TooManyPins {
        /// The limit.
        limit: usize,
    },
}

/// File control parameters of one file.
///
/// Reading keeps every object of TS 102.221; writing puts them into the order of its tables.
/// Objects without a meaning there are passed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fcp<'a> {
    /// `82`: what kind of file it is.
    pub descriptor: FileDescriptor,
    /// `83`: its identifier; an ADF may have none.
    pub file_id: Option<FileId>,
    /// `84`: the AID of an ADF.
    pub df_name: Option<&'a [u8]>,
    /// `A5`: proprietary information.
    pub proprietary: Option<Proprietary<'a>>,
    /// `8A`: life cycle status.
    pub life_cycle: Option<LifeCycle>,
    /// `8B`, `8C` or `AB`: where the access rules are.
    pub security: Option<Security<'a>>,
    /// `80`: bytes of the body of an EF.
    pub file_size: Option<u32>,
    /// `81`: bytes that the file takes altogether.
    pub total_size: Option<u32>,
    /// `88`: the short identifier of an EF.
    pub sfi: ShortId,
    /// `C6`: which PINs are enabled.
    pub pin_status: Option<PinStatus>,
}

/// The object `88` (TS 102.221, 11.1.1.4.8).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ShortId {
    /// No object: the five low bits of the file identifier.
    #[default]
    Implied,
    /// An empty object: the EF has none.
    None,
    /// An object with a value.
    Given(Sfi),
}

impl ShortId {
    /// Returns the short identifier of an EF with this file identifier, if it has one.
    #[must_use]
    pub const fn of(self, file: FileId) -> Option<Sfi> {
        match self {
            Self::Implied => Sfi::new(file.bytes()[1] & 0x1F),
            Self::None => None,
            Self::Given(sfi) => Some(sfi),
        }
    }
}

/// Life cycle status (TS 102.221, 11.1.1.4.9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LifeCycle {
    /// `00`: nothing said.
    Unspecified,
    /// `01`: being created.
    Creation,
    /// `03`: being initialised.
    Initialisation,
    /// `05` or `07`: operational, activated.
    Activated,
    /// `04` or `06`: operational, deactivated.
    Deactivated,
    /// `0C` to `0F`: terminated.
    Terminated,
    /// `10` and above: proprietary.
    Proprietary(u8),
}

impl LifeCycle {
    /// Reads the status byte; `None` for reserved values.
    #[must_use]
    pub const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0x00 => Some(Self::Unspecified),
            0x01 => Some(Self::Creation),
            0x03 => Some(Self::Initialisation),
            0x04 | 0x06 => Some(Self::Deactivated),
            0x05 | 0x07 => Some(Self::Activated),
            0x0C..=0x0F => Some(Self::Terminated),
            0x10.. => Some(Self::Proprietary(byte)),
            0x02 | 0x08..=0x0B => None,
        }
    }

    /// Returns the status byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Unspecified => 0x00,
            Self::Creation => 0x01,
            Self::Initialisation => 0x03,
            Self::Deactivated => 0x04,
            Self::Activated => 0x05,
            Self::Terminated => 0x0C,
            Self::Proprietary(byte) => byte,
        }
    }
}

/// Security attributes (TS 102.221, 11.1.1.4.7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security<'a> {
    /// `8B` of three bytes: a record of an EF.ARR.
    Referenced {
        /// The EF.ARR.
        file: FileId,
        /// The record number.
        record: u8,
    },
    /// `8B` with a record for each security environment.
    ReferencedBySe {
        /// The EF.ARR.
        file: FileId,
        /// Pairs of security environment and record number.
        records: &'a [u8],
    },
    /// `8C`: compact format.
    Compact(&'a [u8]),
    /// `AB`: expanded format, as in a record of EF.ARR.
    Expanded(&'a [u8]),
}

/// Proprietary information, a sequence of data objects (TS 102.221, 11.1.1.4.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proprietary<'a>(&'a [u8]);

impl<'a> Proprietary<'a> {
    /// Takes the value of the object `A5`.
    ///
    /// # Errors
    /// [`FcpError::Tlv`] if it is no sequence of data objects.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FcpError> {
        BerReader::new(bytes).try_for_each(|object| object.map(drop))?;
        Ok(Self(bytes))
    }

    /// Returns the value of an object inside.
    #[must_use]
    pub fn find(self, tag: u32) -> Option<&'a [u8]> {
        BerReader::new(self.0).find(tag).ok().flatten()
    }

    /// `80`: UICC characteristics, clock stop and voltage.
    #[must_use]
    pub fn characteristics(self) -> Option<u8> {
        self.find(0x80)?.first().copied()
    }

    /// `81`: voltage classes, milliamperes, reference frequency in 100 kHz of an application.
    #[must_use]
    pub fn power_consumption(self) -> Option<[u8; 3]> {
        self.find(0x81)?.try_into().ok()
    }

    /// `82`: the lowest clock of an application, in 100 kHz; 255 for none.
    #[must_use]
    pub fn min_clock(self) -> Option<u8> {
        self.find(0x82)?.first().copied()
    }

    /// `83`: bytes of memory left.
    #[must_use]
    pub fn available_memory(self) -> Option<u32> {
        number(self.find(0x83)?)
    }

    /// `87`: supported file system commands; bit 1 is TERMINAL CAPABILITY.
    #[must_use]
    pub fn supported_commands(self) -> Option<u8> {
        self.find(0x87)?.first().copied()
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Fcp<'a> {
    /// Returns the parameters of a file of which only the kind is known.
    #[must_use]
    pub const fn new(descriptor: FileDescriptor) -> Self {
        Self {
            descriptor,
            file_id: None,
            df_name: None,
            proprietary: None,
            life_cycle: None,
            security: None,
            file_size: None,
            total_size: None,
            sfi: ShortId::Implied,
            pin_status: None,
        }
    }

    /// Reads a template `62`. Bytes behind it are passed over.
    ///
    /// # Errors
    /// [`FcpError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FcpError> {
        let (template, _) = Ber::read(bytes)?;
        if template.tag != 0x62 {
            return Err(FcpError::Template { tag: template.tag });
        }
        let mut descriptor = None;
        let mut fcp = Self::new(FileDescriptor::DF);
        for object in template.children() {
            let object = object?;
            if object.tag == 0x82 {
                descriptor = Some(FileDescriptor::parse(object.value)?);
            } else {
                fcp.take(object)?;
            }
        }
        fcp.descriptor = descriptor.ok_or(FcpError::NoDescriptor)?;
        Ok(fcp)
    }

    fn take(&mut self, object: Ber<'a>) -> Result<(), FcpError> {
        let Ber { tag, value } = object;
        let wrong = FcpError::Length { tag, len: value.len() };
        match (tag, value) {
            (0x83, &[high, low]) => self.file_id = Some(FileId::from([high, low])),
            (0x84, [_, ..]) if value.len() <= 16 => self.df_name = Some(value),
            (0xA5, _) => self.proprietary = Some(Proprietary::new(value)?),
            (0x8A, &[value]) => {
                let status = LifeCycle::of_byte(value);
                self.life_cycle = Some(status.ok_or(FcpError::Value { tag, value })?);
            }
            (0x8B, &[high, low, record]) => {
                let file = FileId::from([high, low]);
                self.security = Some(Security::Referenced { file, record });
            }
            (0x8B, [high, low, records @ ..])
                if !records.is_empty() && records.len().is_multiple_of(2) =>
            {
                let file = FileId::from([*high, *low]);
                self.security = Some(Security::ReferencedBySe { file, records });
            }
            (0x8C, [_, ..]) => self.security = Some(Security::Compact(value)),
            (0xAB, _) => self.security = Some(Security::Expanded(value)),
            (0x80, _) => self.file_size = Some(number(value).ok_or(wrong)?),
            (0x81, _) => self.total_size = Some(number(value).ok_or(wrong)?),
            (0x88, []) => self.sfi = ShortId::None,
            (0x88, &[value]) => {
                let sfi = Sfi::new(value >> 3).filter(|_| value & 0x07 == 0);
                self.sfi = ShortId::Given(sfi.ok_or(FcpError::Value { tag, value })?);
            }
            (0xC6, _) => self.pin_status = Some(PinStatus::parse(value)?),
            (0x83 | 0x84 | 0x8A | 0x8B | 0x8C | 0x88, _) => return Err(wrong),
            _ => {}
        }
        Ok(())
    }

    /// Appends the template.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0x62, 0]);
        self.emit_objects(out);
        let len = out.len() - start - 2;
        match (u8::try_from(len), out.get_mut(start + 1)) {
            (Ok(len @ 0..=0x7F), Some(length)) => *length = len,
            _ => {
                let value = out.split_off(start + 2);
                out.truncate(start);
                put_ber(out, 0x62, &value);
            }
        }
    }

    fn emit_objects(&self, out: &mut Vec<u8>) {
        self.descriptor.emit(out);
        if let Some(file) = self.file_id {
            put_ber(out, 0x83, &file.bytes());
        }
        if let Some(name) = self.df_name {
            put_ber(out, 0x84, name);
        }
        if let Some(Proprietary(value)) = self.proprietary {
            put_ber(out, 0xA5, value);
        }
        if let Some(status) = self.life_cycle {
            out.extend_from_slice(&[0x8A, 1, status.byte()]);
        }
        match self.security {
            Some(Security::Referenced { file, record }) => {
                let [high, low] = file.bytes();
                out.extend_from_slice(&[0x8B, 3, high, low, record]);
            }
            Some(Security::ReferencedBySe { file, records }) => {
                let mut value = file.bytes().to_vec();
                value.extend_from_slice(records);
                put_ber(out, 0x8B, &value);
            }
            Some(Security::Compact(value)) => put_ber(out, 0x8C, value),
            Some(Security::Expanded(value)) => put_ber(out, 0xAB, value),
            None => {}
        }
        for (tag, size) in [(0x80, self.file_size), (0x81, self.total_size)] {
            if let Some(size) = size {
                emit_size(tag, size, out);
            }
        }
        match self.sfi {
            ShortId::Implied => {}
            ShortId::None => out.extend_from_slice(&[0x88, 0]),
            ShortId::Given(sfi) => out.extend_from_slice(&[0x88, 1, sfi.number() << 3]),
        }
        if let Some(pins) = self.pin_status {
            pins.emit(out);
        }
    }
}

/// Reads a big-endian number of 1 to 4 bytes.
fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    Some(bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

/// Appends a size in two bytes, or in as many as it takes.
fn emit_size(tag: u8, size: u32, out: &mut Vec<u8>) {
    match size.to_be_bytes() {
        [0, 0, high, low] => out.extend_from_slice(&[tag, 2, high, low]),
        [0, bytes @ ..] => {
            out.extend_from_slice(&[tag, 3]);
            out.extend_from_slice(&bytes);
        }
        bytes => {
            out.extend_from_slice(&[tag, 4]);
            out.extend_from_slice(&bytes);
        }
    }
}
