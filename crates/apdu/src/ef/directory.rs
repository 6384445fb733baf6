//! What is on the card and what it draws.

use alloc::{string::String, vec::Vec};

use polysim_base::tlv::{Ber, BerReader, put_ber};

use super::{Contents, EfError, first, utf8};

/// Longest application identifier.
const AID_LEN_MAX: usize = 16;

/// A record of EF.DIR: an application (TS 102.221, 13.1).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Application {
    /// `4F`: its identifier, 1 to 16 bytes; empty if the record is unused.
    pub aid: Vec<u8>,
    /// `50`: its label.
    pub label: Option<String>,
    /// Other data objects, as they are.
    pub others: Vec<u8>,
}

impl Contents for Application {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut application = Self::default();
        let Some(template) = BerReader::new(bytes).next().transpose()? else {
            return Ok(application);
        };
        if template.tag != 0x61 {
            return Err(EfError::Missing { tag: 0x61 });
        }
        for object in template.children() {
            let Ber { tag, value } = object?;
            match tag {
                0x4F if (1..=AID_LEN_MAX).contains(&value.len()) => {
                    application.aid = value.to_vec();
                }
                0x4F => return Err(EfError::Object { tag, len: value.len() }),
                0x50 => application.label = Some(utf8(tag, value)?.into()),
                _ => put_ber(&mut application.others, tag, value),
            }
        }
        if application.aid.is_empty() {
            return Err(EfError::Missing { tag: 0x4F });
        }
        Ok(application)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        if self.aid.is_empty() {
            return Ok(());
        }
        if self.aid.len() > AID_LEN_MAX {
            return Err(EfError::Object { tag: 0x4F, len: self.aid.len() });
        }
        let mut value = Vec::new();
        put_ber(&mut value, 0x4F, &self.aid);
        if let Some(label) = &self.label {
            put_ber(&mut value, 0x50, label.as_bytes());
        }
        value.extend_from_slice(&self.others);
        put_ber(out, 0x61, &value);
        Ok(())
    }
}

/// EF.UMPC, maximum power consumption (TS 102.221, 13.5).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct CardPower {
    /// Milliamperes.
    pub current_max: u8,
    /// Seconds until an operation times out; 255 for the default.
    pub timeout: u8,
    /// The card asks for more current while idle.
    pub increased_idle_current: bool,
    /// The card can be suspended.
    pub suspension: bool,
}

impl Contents for CardPower {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[current_max, timeout, info] = first(bytes)?;
        Ok(Self {
            current_max,
            timeout,
            increased_idle_current: info & 0x01 != 0,
            suspension: info & 0x02 != 0,
        })
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let info = u8::from(self.increased_idle_current) | (u8::from(self.suspension) << 1);
        out.extend_from_slice(&[self.current_max, self.timeout, info]);
        out.extend(core::iter::repeat_n(0, size.saturating_sub(3)));
        Ok(())
    }
}
