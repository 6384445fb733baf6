//! What a device says and hears in a call: a tone, and how loud it is.

use polysim::courier::DeviceAudio;
use polysim_courier::client::{CallEvent, CallId};
use polysim_speech::Frame;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// One turn of a tone of 400 Hz, at 8 kHz.
const TURN: [i16; 20] = [
    0, 2_472, 4_702, 6_472, 7_608, 8_000, 7_608, 6_472, 4_702, 2_472, 0, -2_472, -4_702, -6_472,
    -7_608, -8_000, -7_608, -6_472, -4_702, -2_472,
];
const FRAME: Duration = Duration::from_millis(20);
/// A level is told after so many frames: half a second.
const LEVEL_EVERY: u32 = 25;
/// Cells of a bar: one for each 6 dB.
const CELLS: usize = 15;

/// The sound of a device.
pub(super) struct Sound {
    audio: DeviceAudio,
    tone: Option<Frame>,
    /// The call in which it talks.
    call: Option<CallId>,
    pace: Interval,
    ticks: u32,
    meter: Meter,
}

/// How loud it is: the root of the mean square of samples.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Level(u16);

/// Measures how loud frames are.
#[derive(Debug, Default)]
struct Meter {
    squares: u64,
    samples: u64,
}

impl Sound {
    pub(super) fn new(audio: DeviceAudio, has_tone: bool) -> Self {
        let mut pace = interval(FRAME);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let tone = has_tone.then(tone);
        Self { audio, tone, call: None, pace, ticks: 0, meter: Meter::default() }
    }

    /// Something has become of a call.
    pub(super) fn call(&mut self, call: CallId, event: &CallEvent) {
        match event {
            CallEvent::Answered => {
                while self.audio.loudspeaker.try_recv().is_ok() {}
                (self.meter, self.ticks) = (Meter::default(), 0);
                self.call = Some(call);
                self.pace.reset();
            }
            CallEvent::Ended { .. } if self.call == Some(call) => self.call = None,
            CallEvent::Ringing | CallEvent::Incoming(_) | CallEvent::Ended { .. } => {}
        }
    }

    /// Talks while there is a call; returns how loud the other end is, at intervals. Dropping the future
    /// loses nothing.
    pub(super) async fn next(&mut self) -> Level {
        if self.call.is_none() {
            return std::future::pending().await;
        }
        loop {
            tokio::select! {
                biased;
                Some(frame) = self.audio.loudspeaker.recv() => self.meter.hear(&frame),
                _ = self.pace.tick() => {
                    if let Some(tone) = &self.tone {
                        // The device may be slow: then a frame is lost.
                        drop(self.audio.microphone.try_send(tone.clone()));
                    }
                    self.ticks += 1;
                    if self.ticks == LEVEL_EVERY {
                        self.ticks = 0;
                        return self.meter.take();
                    }
                }
            }
        }
    }
}

fn tone() -> Frame {
    let mut samples = [0; Frame::SAMPLES];
    samples.iter_mut().zip(TURN.iter().cycle()).for_each(|(to, from)| *to = *from);
    Frame::from(samples)
}

impl Meter {
    fn hear(&mut self, frame: &Frame) {
        for sample in frame.samples() {
            let magnitude = u64::from(sample.unsigned_abs());
            self.squares += magnitude * magnitude;
            self.samples += 1;
        }
    }

    fn take(&mut self) -> Level {
        let mean = self.squares.checked_div(self.samples).unwrap_or(0);
        *self = Self::default();
        Level(u16::try_from(mean.isqrt()).unwrap_or(u16::MAX))
    }
}

impl Level {
    /// As loud as a tone that has come whole, or nearly.
    pub(super) fn is_tone(self) -> bool {
        let Self(level) = {
            let mut meter = Meter::default();
            meter.hear(&tone());
            meter.take()
        };
        self.0 > level / 2 && self.0 < level.saturating_mul(2)
    }

    /// In dB under the loudest that there is; `None`: silence.
    fn decibels(self) -> Option<f64> {
        (self.0 > 0).then(|| 20.0 * (f64::from(self.0) / 32_768.0).log10())
    }

    /// How many cells of a bar it fills.
    pub(super) fn cells(self) -> usize {
        let bits = self.0.checked_ilog2().map_or(0, |bits| bits + 1);
        usize::try_from(bits).map_or(CELLS, |cells| cells.min(CELLS))
    }

    /// `[#############  ]  -15 dB`
    pub(super) fn bar(self) -> String {
        let bar = "#".repeat(self.cells());
        let words =
            self.decibels().map_or_else(|| "silence".to_owned(), |it| format!("{it:.0} dB"));
        format!("[{bar:<CELLS$}] {words:>7}")
    }

    pub(super) fn json(self) -> Value {
        json!({ "decibels": self.decibels().map(|it| (it * 10.0).round() / 10.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_a_tone_and_silence_is_none() {
        let mut meter = Meter::default();
        assert_eq!(meter.take(), Level(0));
        assert_eq!(Level(0).bar(), "[               ] silence");
        assert!(!Level(0).is_tone());
        meter.hear(&tone());
        let level = meter.take();
        assert!(level.is_tone());
        assert_eq!(level.bar(), "[#############  ]  -15 dB");
        assert_eq!(level.json()["decibels"], -15.3);
        meter.hear(&Frame::from([i16::MIN; Frame::SAMPLES]));
        assert_eq!(meter.take().bar(), "[###############]    0 dB");
    }
}
