//! How a slave writes what it says.

use alloc::vec::Vec;

use super::octets::{begin, card, epoch, open, put_epoch, put_optional, put_sequence, sequence};
use super::{ToMaster, WireError};
use crate::SetDigest;

const HELLO: u8 = 0x81;
const HAVE: u8 = 0x82;
const ACTIVE: u8 = 0x83;
const UNABLE: u8 = 0x84;
const RELEASED: u8 = 0x85;
const SEQUENCE: u8 = 0x86;
const WIPED: u8 = 0x87;
const CARD: u8 = 0x88;

impl ToMaster {
    /// Writes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = begin(self.kind());
        match self {
            Self::Hello { holds, newest, wants, sequence } => {
                put_optional(&mut out, *holds, put_epoch);
                put_epoch(&mut out, *newest);
                out.push(u8::from(*wants));
                put_optional(&mut out, sequence.as_ref(), put_sequence);
            }
            Self::Have { digest } => {
                put_optional(&mut out, *digest, |out, digest| out.extend_from_slice(&digest.0));
            }
            Self::Active { epoch } | Self::Unable { epoch } => put_epoch(&mut out, *epoch),
            Self::Released { epoch, sequence, wants } => {
                put_epoch(&mut out, *epoch);
                out.push(u8::from(*wants));
                put_optional(&mut out, sequence.as_ref(), put_sequence);
            }
            Self::Sequence { epoch, sequence } => {
                put_epoch(&mut out, *epoch);
                put_sequence(&mut out, sequence);
            }
            Self::Wiped => {}
            Self::Card { epoch, message } => {
                put_epoch(&mut out, *epoch);
                out.extend_from_slice(message);
            }
        }
        out
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(octets: &[u8]) -> Result<Self, WireError> {
        let (kind, mut reader) = open(octets)?;
        let message = match kind {
            HELLO => Self::Hello {
                holds: reader.optional(epoch)?,
                newest: epoch(&mut reader)?,
                wants: reader.flag()?,
                sequence: reader.optional(sequence)?,
            },
            HAVE => Self::Have { digest: reader.optional(|reader| reader.take().map(SetDigest))? },
            ACTIVE => Self::Active { epoch: epoch(&mut reader)? },
            UNABLE => Self::Unable { epoch: epoch(&mut reader)? },
            RELEASED => Self::Released {
                epoch: epoch(&mut reader)?,
                wants: reader.flag()?,
                sequence: reader.optional(sequence)?,
            },
            SEQUENCE => {
                Self::Sequence { epoch: epoch(&mut reader)?, sequence: sequence(&mut reader)? }
            }
            WIPED => Self::Wiped,
            CARD => Self::Card { epoch: epoch(&mut reader)?, message: card(&mut reader)? },
            _ => return Err(reader.refuse(1).into()),
        };
        reader.end()?;
        Ok(message)
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Hello { .. } => HELLO,
            Self::Have { .. } => HAVE,
            Self::Active { .. } => ACTIVE,
            Self::Unable { .. } => UNABLE,
            Self::Released { .. } => RELEASED,
            Self::Sequence { .. } => SEQUENCE,
            Self::Wiped => WIPED,
            Self::Card { .. } => CARD,
        }
    }
}
