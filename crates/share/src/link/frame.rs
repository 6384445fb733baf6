//! Frames: the length in two octets, most significant first, and that many octets.

use alloc::vec::Vec;

use super::LinkEnd;

const HEADER_LEN: usize = 2;

/// Puts frames together from octets that are split anywhere. It keeps the one frame that is not there as
/// a whole, and nothing of a frame that is longer than allowed.
#[derive(Debug, Default)]
pub(super) struct Frames {
    partial: Vec<u8>,
}

impl Frames {
    /// Takes octets away from the front of `octets` until a frame is there.
    pub(super) fn take(
        &mut self,
        octets: &mut &[u8],
        limit: usize,
    ) -> Result<Option<Vec<u8>>, LinkEnd> {
        self.fill(octets, HEADER_LEN);
        let Some(header) = self.partial.first_chunk() else { return Ok(None) };
        let len = usize::from(u16::from_be_bytes(*header));
        if len > limit {
            return Err(LinkEnd::Oversize { len, limit });
        }
        self.fill(octets, HEADER_LEN + len);
        if self.partial.len() < HEADER_LEN + len {
            return Ok(None);
        }
        let frame = self.partial.split_off(HEADER_LEN);
        self.partial = Vec::new();
        Ok(Some(frame))
    }

    fn fill(&mut self, octets: &mut &[u8], until: usize) {
        let missing = until.saturating_sub(self.partial.len());
        let (now, later) = octets.split_at(missing.min(octets.len()));
        self.partial.extend_from_slice(now);
        *octets = later;
    }
}

/// Makes a frame of `body`; `None` where its length does not fit.
pub(super) fn frame(body: &[u8]) -> Option<Vec<u8>> {
    let header = u16::try_from(body.len()).ok()?.to_be_bytes();
    Some([header.as_slice(), body].concat())
}
