//! What a file holds before and after an element fills it.

use alloc::vec::Vec;

use super::InstallReason;
use crate::saip::element::ProprietaryInfo;
use crate::saip::template::Fill;

/// Returns a file, or a record, of `len` octets as it is before anything is written to it.
pub(super) fn blank(len: usize, fill: Fill, proprietary: Option<&ProprietaryInfo>) -> Vec<u8> {
    if let Some(pattern) = proprietary.and_then(|info| info.fill.as_deref()) {
        let last = pattern.last().copied().unwrap_or(0xFF);
        return padded(pattern, last, len);
    }
    if let Some(pattern) = proprietary.and_then(|info| info.repeat.as_deref()) {
        return pattern.iter().copied().cycle().take(len).collect();
    }
    match fill {
        Fill::Required | Fill::Blank => padded(&[], 0xFF, len),
        Fill::Bytes(start) => padded(start, 0xFF, len),
        Fill::Zeros => padded(&[], 0x00, len),
        Fill::Cycle(pattern) => pattern.iter().copied().cycle().take(len).collect(),
        Fill::Tail(end) => {
            let mut bytes = padded(&[], 0xFF, len.saturating_sub(end.len()));
            bytes.extend(end.iter().skip(end.len().saturating_sub(len)));
            bytes
        }
    }
}

fn padded(start: &[u8], filler: u8, len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = start.iter().copied().take(len).collect();
    bytes.resize(len, filler);
    bytes
}

/// Writes to a file from its start on, or after what was written before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor(usize);

impl Cursor {
    /// Passes over so many octets.
    pub(super) fn skip(&mut self, count: u16) {
        self.0 = self.0.saturating_add(count.into());
    }

    /// Writes to a file of a fixed size.
    pub(super) fn write(
        &mut self,
        fid: u16,
        contents: &mut [u8],
        octets: &[u8],
    ) -> Result<(), InstallReason> {
        let size = contents.len();
        let end = self.0.saturating_add(octets.len());
        let room = contents.get_mut(self.0..end);
        room.ok_or(InstallReason::ContentTooLong { fid, end, size })?.copy_from_slice(octets);
        self.0 = end;
        Ok(())
    }

    /// Writes to a file that grows up to `size`.
    pub(super) fn append(
        &mut self,
        (fid, size): (u16, usize),
        contents: &mut Vec<u8>,
        octets: &[u8],
    ) -> Result<(), InstallReason> {
        let end = self.0.saturating_add(octets.len());
        if end > size {
            return Err(InstallReason::ContentTooLong { fid, end, size });
        }
        contents.resize(contents.len().max(end), 0xFF);
        self.write(fid, contents, octets)
    }
}
