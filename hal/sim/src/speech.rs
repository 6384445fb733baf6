//! The speech of a lent modem: frames both ways while a call is up.

use crate::live::Shared;
use async_trait::async_trait;
use polysim_baseband::BasebandInput;
use polysim_hal::{AudioFrame, AudioPort, PortError, PortErrorKind};
use polysim_radio::air::SpeechFrame;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;

/// Most frames that wait for a listener, one second of speech; the oldest are lost beyond.
const UNHEARD_MAX: usize = 50;

/// What a modem has heard and nobody has taken yet.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    state: Mutex<Frames>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Frames {
    waiting: VecDeque<SpeechFrame>,
    off: bool,
}

impl Unheard {
    fn lock(&self) -> MutexGuard<'_, Frames> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, frame: SpeechFrame) {
        let mut frames = self.lock();
        if frames.waiting.len() == UNHEARD_MAX {
            frames.waiting.pop_front();
        }
        frames.waiting.push_back(frame);
        drop(frames);
        self.changed.notify_one();
    }

    /// Takes the oldest frame; where there is none, says whether the modem is off.
    fn take(&self) -> Result<SpeechFrame, bool> {
        let mut frames = self.lock();
        let off = frames.off;
        frames.waiting.pop_front().ok_or(off)
    }

    pub(crate) fn power(&self, on: bool) {
        self.lock().off = !on;
        self.changed.notify_one();
    }
}

/// The speech of a lent modem.
///
/// Frames pass while a call is active and the modem has its speech port on: as models have it, at
/// once or after a command (`AT+QPCMV=1,0`, `AT+CPCMREG=1`). Others are dropped.
#[derive(Debug)]
pub struct Speech {
    world: Arc<Shared>,
    phone: usize,
    unheard: Arc<Unheard>,
    /// The modem was found switched off: the port is gone for good.
    gone: bool,
}

impl Speech {
    pub(crate) fn new(world: Arc<Shared>, phone: usize) -> Self {
        let unheard = world.unheard(phone);
        Self { world, phone, unheard, gone: false }
    }

    fn say(&self, frame: SpeechFrame) {
        self.world.modem_input(self.phone, BasebandInput::Speech(frame));
    }

    /// Waits for a frame; `None` when the modem is switched off.
    async fn hear(&self) -> Option<SpeechFrame> {
        loop {
            let changed = self.unheard.changed.notified();
            match self.unheard.take() {
                Ok(frame) => return Some(frame),
                Err(off) if off => return None,
                Err(_) => changed.await,
            }
        }
    }

    /// Waits for a frame, through times in which the modem is switched off.
    async fn hear_even_off(&self) -> SpeechFrame {
        loop {
            let changed = self.unheard.changed.notified();
            match self.unheard.take() {
                Ok(frame) => return frame,
                Err(_) => changed.await,
            }
        }
    }

    fn error(&self) -> PortError {
        PortError::new(PortErrorKind::Gone, format!("speech of simulated modem {}", self.phone))
    }
}

#[async_trait]
impl AudioPort for Speech {
    async fn read_frame(&mut self) -> Result<AudioFrame, PortError> {
        let frame = if self.gone { None } else { self.hear().await };
        self.gone = frame.is_none();
        frame.map(|frame| *frame.samples()).ok_or_else(|| self.error())
    }

    async fn write_frame(&mut self, frame: &AudioFrame) -> Result<(), PortError> {
        self.gone |= self.unheard.lock().off;
        if self.gone {
            return Err(self.error());
        }
        self.say(SpeechFrame::from(*frame));
        Ok(())
    }
}

/// Carries speech both ways, as samples of two octets with the low one first, until the program at
/// the other end has gone. Dropping the future ends it as well.
///
/// While the program does not read, the oldest frames are lost.
///
/// # Errors
/// When the program's end fails.
pub async fn serve_speech<R, W>(
    mut reader: R,
    mut writer: W,
    speech: &Speech,
) -> std::io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let said = async {
        let mut octets = [0; SpeechFrame::OCTETS];
        loop {
            reader.read_exact(&mut octets).await?;
            speech.say(SpeechFrame::from_octets(&octets));
        }
    };
    let heard = async {
        loop {
            writer.write_all(&speech.hear_even_off().await.to_octets()).await?;
        }
    };
    tokio::select! {
        biased;
        ended = said => ended,
        ended = heard => ended,
    }
}
