//! The speech of a modem, 20 ms at a time.

use polysim_fleet::site::SiteInput;
use polysim_fleet::speech::Frame;
use polysim_hal::AudioPort;
use tokio::sync::mpsc;

/// Most frames that wait for a port: 200 ms. What comes beyond is lost, as speech that is late is.
pub(super) const FRAMES_MAX: usize = 10;

/// Carries speech both ways until the port is gone, or the site has stopped.
pub(super) async fn carry(
    number: u16,
    mut port: Box<dyn AudioPort>,
    site: mpsc::Sender<SiteInput>,
    mut frames: mpsc::Receiver<Frame>,
) {
    loop {
        tokio::select! {
            biased;
            frame = frames.recv() => {
                let Some(frame) = frame else { return };
                if port.write_frame(frame.samples()).await.is_err() {
                    return;
                }
            }
            heard = port.read_frame() => {
                let Ok(heard) = heard else { return };
                // What a site does not keep up with is lost.
                drop(site.try_send(SiteInput::ModemSpeech(number, Frame::from(heard))));
            }
        }
    }
}
