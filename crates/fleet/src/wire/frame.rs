//! Frames: how messages are told apart on a byte stream, however that is cut.

use alloc::vec::Vec;

/// The longest message, in octets: a [`Hello`](super::Hello) of the largest site fits.
pub const FRAME_LEN_MAX: usize = 4 << 20;
/// The octets of the length, most significant first.
const HEAD: usize = 4;

/// A length that no message has. The stream cannot be read any further: close it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a frame of {given} octets where {FRAME_LEN_MAX} are the most: close this connection")]
pub struct FrameTooLong {
    /// As given.
    pub given: usize,
}

/// Puts a message into a frame: its length in four octets, then itself.
///
/// # Errors
/// [`FrameTooLong`] for more than [`FRAME_LEN_MAX`] octets.
pub fn frame(body: &[u8]) -> Result<Vec<u8>, FrameTooLong> {
    let too_long = FrameTooLong { given: body.len() };
    let length = u32::try_from(body.len()).map_err(|_| too_long)?;
    if body.len() > FRAME_LEN_MAX {
        return Err(too_long);
    }
    Ok([&length.to_be_bytes()[..], body].concat())
}

/// Takes a byte stream apart into frames. It holds one frame at most, and what has come of it:
/// a length alone costs no memory.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct FrameReader {
    held: Vec<u8>,
    broken: Option<usize>,
}

impl FrameReader {
    /// Returns a reader at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes octets off `input` until a frame is whole, and returns that; `None` when more is
    /// needed. Call it until it returns `None`.
    ///
    /// # Errors
    /// [`FrameTooLong`], from then on every time.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, FrameTooLong> {
        if let Some(given) = self.broken {
            return Err(FrameTooLong { given });
        }
        self.take(input, HEAD);
        let Some((head, _)) = self.held.split_first_chunk::<HEAD>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        if length > FRAME_LEN_MAX {
            self.broken = Some(length);
            return Err(FrameTooLong { given: length });
        }
        self.take(input, HEAD + length);
        if self.held.len() < HEAD + length {
            return Ok(None);
        }
        let mut whole = core::mem::take(&mut self.held);
        whole.drain(..HEAD);
        Ok(Some(whole))
    }

    /// Fills up to `until` octets from the input.
    fn take(&mut self, input: &mut &[u8], until: usize) {
        let wanted = until.saturating_sub(self.held.len()).min(input.len());
        let (now, later) = input.split_at(wanted);
        self.held.extend_from_slice(now);
        *input = later;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;

    proptest! {
        #[test]
        fn any_cut_of_the_stream_gives_the_same_frames(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
            cuts in prop::collection::vec(0_usize..20, 1..40),
        ) {
            let stream: Vec<u8> = bodies.iter().flat_map(|body| frame(body).unwrap()).collect();
            let (mut reader, mut rest, mut frames) = (FrameReader::new(), &stream[..], vec![]);
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let at = (*cuts.next().unwrap()).clamp(1, rest.len());
                let (mut piece, later) = rest.split_at(at);
                rest = later;
                while let Some(frame) = reader.next(&mut piece).unwrap() {
                    frames.push(frame);
                }
            }
            prop_assert_eq!(frames, bodies);
            prop_assert_eq!(reader, FrameReader::new());
        }

        #[test]
        fn garbage_is_no_panic_and_bounded_memory(garbage in prop::collection::vec(any::<u8>(), 0..200)) {
            let (mut reader, mut rest) = (FrameReader::new(), &garbage[..]);
            while let Ok(Some(_)) = reader.next(&mut rest) {}
            prop_assert!(reader.held.len() <= garbage.len());
        }
    }

    #[test]
    fn a_length_beyond_the_limit_ends_the_stream_for_good() {
        let mut reader = FrameReader::new();
        let mut input = &[0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3][..];
        assert_eq!(reader.next(&mut input), Err(FrameTooLong { given: 0xFFFF_FFFF }));
        assert_eq!(reader.next(&mut &[0, 0, 0, 0][..]), Err(FrameTooLong { given: 0xFFFF_FFFF }));
        assert_eq!(
            frame(&vec![0; FRAME_LEN_MAX + 1]),
            Err(FrameTooLong { given: FRAME_LEN_MAX + 1 })
        );
    }
}
