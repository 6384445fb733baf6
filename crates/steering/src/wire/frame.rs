//! Frames: who says it, under which counter, and the proof of both.

use alloc::vec::Vec;

use polysim_base::{Eid, InvalidOctets, OctetReader};
use subtle::ConstantTimeEq as _;

use super::octets::{WireError, Writer};
use super::{Downlink, FRAME_LEN_MAX, Uplink};
use crate::DeviceKey;

/// The first octet of what devices say: version and direction.
const UP: u8 = 0x10;
/// The first octet of what the platform says.
const DOWN: u8 = 0x11;
/// Octets of a MAC: a CMAC, cut.
const MAC: usize = 8;
/// Octets of an uplink frame beside its message.
pub(super) const UP_OVERHEAD: usize = 1 + 16 + 4 + MAC;
/// Octets of a downlink frame beside its message. The device knows who it is: its EID is under the
/// MAC only.
pub(super) const DOWN_OVERHEAD: usize = 1 + 4 + MAC;

/// A frame of a device whose layout holds, before its MAC is checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UplinkView<'a> {
    eid: Eid,
    counter: u32,
    covered: &'a [u8],
    body: &'a [u8],
    mac: &'a [u8; MAC],
}

impl<'a> UplinkView<'a> {
    /// Finds the parts of a frame.
    ///
    /// # Errors
    /// [`WireError`] where it is none.
    pub fn parse(frame: &'a [u8]) -> Result<Self, WireError> {
        let (covered, mac) = split(frame, UP)?;
        let mut reader = OctetReader::new(covered);
        reader.octet()?;
        let (eid, counter) = (reader.eid()?, reader.u32()?);
        let body = covered.get(UP_OVERHEAD - MAC..).unwrap_or_default();
        Ok(Self { eid, counter, covered, body, mac })
    }

    /// Returns who says that it says this.
    #[must_use]
    pub const fn eid(&self) -> Eid {
        self.eid
    }

    /// Checks the MAC, and reads the message.
    ///
    /// # Errors
    /// [`WireError`] where it is not authentic, or cannot be read.
    pub fn open(&self, key: &DeviceKey) -> Result<(u32, Uplink), WireError> {
        check(key, &[self.covered], self.mac)?;
        Ok((self.counter, Uplink::parse(self.body)?))
    }
}

/// Makes a frame of a device. The counter is used only once.
#[must_use]
pub fn seal_uplink(key: &DeviceKey, eid: Eid, counter: u32, message: &Uplink) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(super::TEXT_LEN_MAX));
    out.octet(UP);
    out.octets(eid.octets());
    out.octets(counter.to_be_bytes());
    message.put(&mut out);
    let mac = key.mac(&[&out.0]);
    finish(out, mac)
}

/// Makes a frame for a device. The counter is used only once.
#[must_use]
pub fn seal_downlink(key: &DeviceKey, eid: Eid, counter: u32, message: &Downlink) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(super::TEXT_LEN_MAX));
    out.octet(DOWN);
    out.octets(counter.to_be_bytes());
    message.put(&mut out);
    let mac = key.mac(&[&eid.octets(), &out.0]);
    finish(out, mac)
}

/// Checks a frame for this device, and reads it: its counter and its message.
///
/// # Errors
/// [`WireError`] where it is none, is not authentic, or cannot be read.
pub fn open_downlink(
    key: &DeviceKey,
    eid: Eid,
    frame: &[u8],
) -> Result<(u32, Downlink), WireError> {
    let (covered, mac) = split(frame, DOWN)?;
    let mut reader = OctetReader::new(covered);
    reader.octet()?;
    let counter = reader.u32()?;
    check(key, &[&eid.octets(), covered], mac)?;
    let body = covered.get(DOWN_OVERHEAD - MAC..).unwrap_or_default();
    Ok((counter, Downlink::parse(body)?))
}

fn split(frame: &[u8], kind: u8) -> Result<(&[u8], &[u8; MAC]), WireError> {
    let len = frame.len();
    if len > FRAME_LEN_MAX {
        return Err(WireError::TooLong { len, limit: FRAME_LEN_MAX });
    }
    match frame.first() {
        Some(first) if *first == kind => {}
        Some(first) => return Err(WireError::Version { found: *first }),
        None => return Err(InvalidOctets::Truncated { at: 0, needed: 1, left: 0 }.into()),
    }
    let short = InvalidOctets::Truncated { at: 0, needed: MAC, left: len };
    frame.split_last_chunk::<MAC>().ok_or_else(|| short.into())
}

fn check(key: &DeviceKey, parts: &[&[u8]], mac: &[u8; MAC]) -> Result<(), WireError> {
    let [first, ..] = *key.mac(parts).as_chunks::<MAC>().0 else {
        return Err(WireError::NotAuthentic);
    };
    if bool::from(first.ct_eq(mac)) { Ok(()) } else { Err(WireError::NotAuthentic) }
}

fn finish(mut out: Writer, mac: [u8; 16]) -> Vec<u8> {
    out.0.extend(mac.iter().take(MAC));
    out.0
}
