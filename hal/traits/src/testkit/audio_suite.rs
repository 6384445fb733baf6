//! The contract of [`AudioPort`].

use super::step::{fails, for_a_moment, succeeds, within};
use crate::{AudioFrame, AudioPort, FRAME_SAMPLES, PortErrorKind};
use async_trait::async_trait;

/// The far side of the speech of a call.
#[async_trait]
pub trait AudioHarness: Send {
    /// Returns the near side, in a call. A suite asks once.
    async fn port(&mut self) -> Box<dyn AudioPort>;

    /// Sends a frame to the port.
    async fn send(&mut self, frame: &AudioFrame);

    /// Waits for a frame that the port has written.
    async fn receive(&mut self) -> AudioFrame;

    /// Takes the device away.
    async fn unplug(&mut self);
}

/// Checks the contract of [`AudioPort`] on the port of a harness. A second of speech goes both
/// ways.
///
/// # Panics
/// When the contract does not hold.
pub async fn audio_port_conformance(harness: &mut dyn AudioHarness) {
    const FRAMES: i16 = 50;
    let mut port = harness.port().await;
    for index in 0..FRAMES {
        let (down, up) = (frame(index), frame(index + FRAMES));
        within("sending a frame", harness.send(&down)).await;
        let got = read(port.as_mut(), index).await;
        assert!(got == down, "frame {index} from the far side was changed or another one");
        succeeds("writing a frame", port.write_frame(&up)).await;
        let got = within("receiving a frame", harness.receive()).await;
        assert!(got == up, "frame {index} to the far side was changed or another one");
    }
    within("unplugging", harness.unplug()).await;
    for _ in 0..2 {
        let kind = fails("reading when the device is gone", port.read_frame()).await;
        assert_eq!(kind, PortErrorKind::Gone, "reading when the device is gone");
        let kind = fails("writing when the device is gone", port.write_frame(&frame(0))).await;
        assert_eq!(kind, PortErrorKind::Gone, "writing when the device is gone");
    }
}

/// Reads a frame; calls that are dropped before must lose nothing of it.
async fn read(port: &mut dyn AudioPort, index: i16) -> AudioFrame {
    for round in 0..index.unsigned_abs().into() {
        if let Some(frame) = for_a_moment(round, port.read_frame()).await {
            return frame.expect("a read that may be dropped");
        }
    }
    succeeds("reading a frame", port.read_frame()).await
}

/// Returns a frame that no other is like, with the loudest samples there are.
fn frame(index: i16) -> AudioFrame {
    let mut frame = [i16::MIN; FRAME_SAMPLES];
    for (at, sample) in frame.iter_mut().enumerate().skip(1) {
        *sample =
            index.wrapping_mul(577).wrapping_add(i16::try_from(at).unwrap().wrapping_mul(211));
    }
    frame[FRAME_SAMPLES - 1] = i16::MAX;
    frame[1] = index;
    frame
}
