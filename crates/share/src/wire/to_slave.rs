//! How the master writes what it says.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_base::{InvalidOctets, OctetReader};
use zeroize::Zeroizing;

use super::octets::{
    begin, card, duration, epoch, lock, open, put_duration, put_epoch, put_optional, put_sequence,
    sequence,
};
use super::{HeldBy, ToSlave, WireError};
use crate::{DeviceName, VirtualSim};

const BUSY: u8 = 0x01;
const READ: u8 = 0x02;
const TAKE: u8 = 0x03;
const ACTIVATE: u8 = 0x04;
const LEND: u8 = 0x05;
const RESUME: u8 = 0x06;
const REVOKE: u8 = 0x07;
const NOTED: u8 = 0x08;
const WIPE: u8 = 0x09;
const CARD: u8 = 0x0A;

impl ToSlave {
    /// Writes the message. Some have keys in them.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(begin(self.kind()));
        match self {
            Self::Busy { holder, for_at_most } => {
                put_holder(&mut out, holder);
                put_optional(&mut out, *for_at_most, put_duration);
            }
            Self::Read | Self::Wipe => {}
            Self::Take { epoch, set, lock, sequence } => {
                put_epoch(&mut out, *epoch);
                out.extend_from_slice(&lock.0);
                put_sequence(&mut out, sequence);
                out.extend_from_slice(&set.encode());
            }
            Self::Activate { epoch, lock, sequence } => {
                put_epoch(&mut out, *epoch);
                out.extend_from_slice(&lock.0);
                put_sequence(&mut out, sequence);
            }
            Self::Lend { epoch }
            | Self::Resume { epoch }
            | Self::Revoke { epoch }
            | Self::Noted { epoch } => put_epoch(&mut out, *epoch),
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
            BUSY => {
                Self::Busy { holder: holder(&mut reader)?, for_at_most: reader.optional(duration)? }
            }
            READ => Self::Read,
            TAKE => take(&mut reader)?,
            ACTIVATE => Self::Activate {
                epoch: epoch(&mut reader)?,
                lock: lock(&mut reader)?,
                sequence: sequence(&mut reader)?,
            },
            LEND => Self::Lend { epoch: epoch(&mut reader)? },
            RESUME => Self::Resume { epoch: epoch(&mut reader)? },
            REVOKE => Self::Revoke { epoch: epoch(&mut reader)? },
            NOTED => Self::Noted { epoch: epoch(&mut reader)? },
            WIPE => Self::Wipe,
            CARD => Self::Card { epoch: epoch(&mut reader)?, message: card(&mut reader)? },
            _ => return Err(reader.refuse(1).into()),
        };
        reader.end()?;
        Ok(message)
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Busy { .. } => BUSY,
            Self::Read => READ,
            Self::Take { .. } => TAKE,
            Self::Activate { .. } => ACTIVATE,
            Self::Lend { .. } => LEND,
            Self::Resume { .. } => RESUME,
            Self::Revoke { .. } => REVOKE,
            Self::Noted { .. } => NOTED,
            Self::Wipe => WIPE,
            Self::Card { .. } => CARD,
        }
    }
}

/// The set is all that is left.
fn take(reader: &mut OctetReader<'_>) -> Result<ToSlave, WireError> {
    let (epoch, lock, sequence) = (epoch(reader)?, lock(reader)?, sequence(reader)?);
    let len = reader.rest().len();
    let set = Box::new(VirtualSim::decode(reader.slice(len)?)?);
    Ok(ToSlave::Take { epoch, set, lock, sequence })
}

fn put_holder(out: &mut Vec<u8>, holder: &HeldBy) {
    match holder {
        HeldBy::Master => out.push(0),
        HeldBy::Slave(name) => {
            let name = name.as_str().as_bytes();
            out.extend_from_slice(&[1, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
            out.extend_from_slice(name);
        }
        HeldBy::Consent => out.push(2),
    }
}

fn holder(reader: &mut OctetReader<'_>) -> Result<HeldBy, InvalidOctets> {
    Ok(match reader.octet()? {
        0 => HeldBy::Master,
        1 => {
            let name = reader.text()?;
            HeldBy::Slave(DeviceName::new(name).map_err(|_| reader.refuse(name.len()))?)
        }
        2 => HeldBy::Consent,
        _ => return Err(reader.refuse(1)),
    })
}
