//! The template around an expanded script: of definite or indefinite length
//! (TS 102.226, 5.2; tags of TS 101.220, table 7.18).

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, put_ber};

use super::ScriptError;

/// How the length of the template is written. An answer is written like its script.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LengthCoding {
    /// A length in front.
    #[default]
    Definite,
    /// Two zero octets behind.
    Indefinite,
}

/// The two tags of one kind of template.
pub(super) struct Template {
    pub(super) definite: u8,
    pub(super) indefinite: u8,
}

/// What follows a tag in the indefinite form.
const INDEFINITE: u8 = 0x80;
/// What ends the indefinite form.
const END: [u8; 2] = [0, 0];

/// Objects of a template, in their order.
pub(super) struct Objects<'a> {
    all: &'a [u8],
    rest: &'a [u8],
    coding: LengthCoding,
}

impl Template {
    pub(super) fn open<'a>(
        &self,
        octets: &'a [u8],
    ) -> Result<(LengthCoding, Objects<'a>), ScriptError> {
        let (coding, rest) = match octets {
            [tag, INDEFINITE, rest @ ..] if *tag == self.indefinite => {
                (LengthCoding::Indefinite, rest)
            }
            [tag, ..] if *tag == self.definite => {
                let (outer, behind) = Ber::read(octets)?;
                if !behind.is_empty() {
                    return Err(ScriptError::Trailing { at: octets.len() - behind.len() });
                }
                (LengthCoding::Definite, outer.value)
            }
            [tag, ..] => return Err(ScriptError::Tag { at: 0, tag: u32::from(*tag) }),
            [] => return Err(ScriptError::Truncated { at: 0, needed: 2, left: 0 }),
        };
        Ok((coding, Objects { all: octets, rest, coding }))
    }

    pub(super) fn close(&self, coding: LengthCoding, objects: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(objects.len() + 6);
        match coding {
            LengthCoding::Definite => put_ber(&mut out, u32::from(self.definite), objects),
            LengthCoding::Indefinite => {
                out.extend_from_slice(&[self.indefinite, INDEFINITE]);
                out.extend_from_slice(objects);
                out.extend_from_slice(&END);
            }
        }
        out
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<(usize, Ber<'a>), ScriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.all.len() - self.rest.len();
        match (self.coding, self.rest) {
            (LengthCoding::Definite, []) => return None,
            (LengthCoding::Indefinite, [0, 0, behind @ ..]) => {
                (self.rest, self.coding) = (&[], LengthCoding::Definite);
                return (!behind.is_empty()).then_some(Err(ScriptError::Trailing { at: at + 2 }));
            }
            (LengthCoding::Definite | LengthCoding::Indefinite, _) => {}
        }
        match Ber::read(self.rest) {
            Ok((object, behind)) => {
                self.rest = behind;
                Some(Ok((at, object)))
            }
            Err(error) => {
                (self.rest, self.coding) = (&[], LengthCoding::Definite);
                Some(Err(moved(error, at).into()))
            }
        }
    }
}

/// Counts a position from the start of the script.
fn moved(error: polysim_base::tlv::TlvError, by: usize) -> polysim_base::tlv::TlvError {
    use polysim_base::tlv::TlvError;
    match error {
        TlvError::Truncated { at } => TlvError::Truncated { at: at + by },
        TlvError::ValueTooLong { at, len, left } => {
            TlvError::ValueTooLong { at: at + by, len, left }
        }
        TlvError::Tag { at } => TlvError::Tag { at: at + by },
        TlvError::LengthForm { at, first } => TlvError::LengthForm { at: at + by, first },
    }
}
