//! Speech as it goes over the air and between cores.

use alloc::boxed::Box;
use core::fmt;
use polysim_base::Duration;

/// 20 ms of speech: 160 linear samples of 16 bits at 8 kHz, the frame of the telephony codecs
/// (TS 26.071). Codecs themselves are left out.
///
/// It lies in a box, so that messages which carry one are no larger than others.
#[derive(Clone, Eq, PartialEq)]
pub struct SpeechFrame(Box<[i16; Self::SAMPLES]>);

impl SpeechFrame {
    /// How many samples a frame has.
    pub const SAMPLES: usize = 160;
    /// How many octets a frame has on a PCM port.
    pub const OCTETS: usize = 2 * Self::SAMPLES;
    /// How long a frame lasts.
    pub const DURATION: Duration = Duration::from_millis(20);

    /// Returns the samples.
    #[must_use]
    pub const fn samples(&self) -> &[i16; Self::SAMPLES] {
        &self.0
    }

    /// Reads a frame as PCM ports carry it: little-endian samples without framing.
    #[must_use]
    pub fn from_octets(octets: &[u8; Self::OCTETS]) -> Self {
        let mut samples = [0; Self::SAMPLES];
        let (pairs, _) = octets.as_chunks();
        for (sample, pair) in samples.iter_mut().zip(pairs) {
            *sample = i16::from_le_bytes(*pair);
        }
        Self::from(samples)
    }

    /// Returns the frame as PCM ports carry it.
    #[must_use]
    pub fn to_octets(&self) -> [u8; Self::OCTETS] {
        let mut octets = [0; Self::OCTETS];
        let (pairs, _) = octets.as_chunks_mut();
        for (pair, sample) in pairs.iter_mut().zip(self.samples()) {
            *pair = sample.to_le_bytes();
        }
        octets
    }

    /// Returns a number that tells frames apart (FNV-1a over the samples).
    fn digest(&self) -> u64 {
        self.samples().iter().fold(0xCBF2_9CE4_8422_2325, |digest, sample| {
            (digest ^ u64::from(sample.cast_unsigned())).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }
}

impl From<[i16; Self::SAMPLES]> for SpeechFrame {
    fn from(samples: [i16; Self::SAMPLES]) -> Self {
        Self(Box::new(samples))
    }
}

/// Shows a digest: traces tell frames apart, and nobody's words stand in a log.
impl fmt::Debug for SpeechFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpeechFrame({:016x})", self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn samples_are_little_endian() {
        let mut samples = [0; SpeechFrame::SAMPLES];
        (samples[0], samples[1], samples[159]) = (0x0102, -2, i16::MIN);
        let octets = SpeechFrame::from(samples).to_octets();
        assert_eq!(octets[..5], [0x02, 0x01, 0xFE, 0xFF, 0]);
        assert_eq!(octets[318..], [0x00, 0x80]);
    }

    #[test]
    fn a_frame_shows_no_samples_and_differs_from_others() {
        let silence = SpeechFrame::from([0; SpeechFrame::SAMPLES]);
        let mut samples = *silence.samples();
        samples[159] = 1;
        assert_ne!(format!("{silence:?}"), format!("{:?}", SpeechFrame::from(samples)));
        assert_eq!(format!("{silence:?}").len(), "SpeechFrame(0123456789abcdef)".len());
    }

    proptest! {
        #[test]
        fn any_octets_come_back(octets in prop::collection::vec(any::<u8>(), SpeechFrame::OCTETS)) {
            let octets = octets.try_into().unwrap();
            prop_assert_eq!(SpeechFrame::from_octets(&octets).to_octets(), octets);
        }
    }
}
