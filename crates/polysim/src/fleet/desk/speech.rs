//! The microphone and the ear of a terminal.

use super::Request;
use async_trait::async_trait;
use polysim_fleet::speech::Frame;
use polysim_hal::{AudioFrame, AudioPort, PortError, PortErrorKind};
use tokio::sync::{broadcast, mpsc};

/// Most frames that wait for a listener, one second of speech; the oldest are lost beyond.
pub(in crate::fleet) const HEARD_MAX: usize = 50;

/// The speech of a terminal, as the HAL has speech: frames pass while a call is active.
#[derive(Debug)]
pub struct DeskAudio {
    name: String,
    requests: mpsc::Sender<Request>,
    heard: Option<broadcast::Receiver<Frame>>,
}

impl DeskAudio {
    pub(super) const fn new(
        name: String,
        requests: mpsc::Sender<Request>,
        heard: Option<broadcast::Receiver<Frame>>,
    ) -> Self {
        Self { name, requests, heard }
    }

    fn gone(&self) -> PortError {
        PortError::new(PortErrorKind::Gone, self.name.clone())
    }
}

#[async_trait]
impl AudioPort for DeskAudio {
    async fn read_frame(&mut self) -> Result<AudioFrame, PortError> {
        loop {
            let Some(heard) = &mut self.heard else { return Err(self.gone()) };
            match heard.recv().await {
                Ok(frame) => return Ok(*frame.samples()),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => self.heard = None,
            }
        }
    }

    async fn write_frame(&mut self, frame: &AudioFrame) -> Result<(), PortError> {
        let said = Request::Microphone(Frame::from(*frame));
        self.requests.send(said).await.map_err(|_| self.gone())
    }
}
