//! The speech of a call.

use crate::{ModemPort, PortError};
use async_trait::async_trait;

/// Samples of a frame: 20 ms at 8 kHz.
pub const FRAME_SAMPLES: usize = 160;
/// Octets of a frame on a line.
const FRAME_LEN: usize = 2 * FRAME_SAMPLES;

/// 20 ms of speech: 16-bit linear samples at 8 kHz.
pub type AudioFrame = [i16; FRAME_SAMPLES];

/// The speech of a call, both ways. Frames come and go in real time, one each 20 ms, while a call
/// is up.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait AudioPort: Send {
    /// Waits for the next frame. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Gone`](crate::PortErrorKind::Gone) when the port is.
    async fn read_frame(&mut self) -> Result<AudioFrame, PortError>;

    /// Writes a frame.
    ///
    /// # Errors
    /// As [`ModemPort::write`].
    async fn write_frame(&mut self, frame: &AudioFrame) -> Result<(), PortError>;
}

#[async_trait]
impl<A: AudioPort + ?Sized> AudioPort for Box<A> {
    async fn read_frame(&mut self) -> Result<AudioFrame, PortError> {
        (**self).read_frame().await
    }

    async fn write_frame(&mut self, frame: &AudioFrame) -> Result<(), PortError> {
        (**self).write_frame(frame).await
    }
}

/// Speech over a serial port: little-endian samples without framing, as EC25 (`AT+QPCMV=1,0`) and
/// SIM7600 (`AT+CPCMREG=1`) carry it.
#[derive(Debug)]
pub struct PcmPort<P> {
    port: P,
    partial: Vec<u8>,
}

impl<P: ModemPort> PcmPort<P> {
    /// Carries speech over `port`.
    pub const fn new(port: P) -> Self {
        Self { port, partial: Vec::new() }
    }
}

#[async_trait]
impl<P: ModemPort> AudioPort for PcmPort<P> {
    async fn read_frame(&mut self) -> Result<AudioFrame, PortError> {
        let mut buffer = [0; FRAME_LEN];
        while self.partial.len() < FRAME_LEN {
            let room = FRAME_LEN - self.partial.len();
            let read = self.port.read(buffer.get_mut(..room).unwrap_or_default()).await?;
            self.partial.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
        let mut frame = [0; FRAME_SAMPLES];
        let (samples, _) = self.partial.as_chunks::<2>();
        for (sample, octets) in frame.iter_mut().zip(samples) {
            *sample = i16::from_le_bytes(*octets);
        }
        self.partial.clear();
        Ok(frame)
    }

    async fn write_frame(&mut self, frame: &AudioFrame) -> Result<(), PortError> {
        let octets: Vec<u8> = frame.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.port.write(&octets).await
    }
}
