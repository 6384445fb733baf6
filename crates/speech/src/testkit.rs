//! For the tests of those who build on this crate: the body of the fuzz target.

use crate::Rtp;

/// Reads octets as a packet of RTP, and plays what it holds.
///
/// # Panics
/// When a packet that was read is not the same after writing and reading it.
pub fn fuzz_rtp(data: &[u8]) {
    if let Ok(rtp) = Rtp::parse(data) {
        let octets = rtp.emit();
        assert!(octets.len() <= data.len(), "more octets than were read");
        assert_eq!(Rtp::parse(&octets), Ok(rtp.clone()));
        if let Some(frame) = rtp.packet.frame() {
            assert_eq!(frame.samples().len(), crate::Frame::SAMPLES);
        }
    }
}
