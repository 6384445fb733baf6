//! The software that drives one modem: between its line and the phone's user.

use polysim::modem::{Heard, Line};
use polysim::runner::Environment;
use polysim_base::{Duration, Instant};
use polysim_hal::{Clock, PortErrorKind, TokioClock};
use polysim_modem::{Modem, ModemInput, ModemOutput};
use std::convert::Infallible;
use tokio::sync::mpsc;

/// How long what is under way may take when the run is over.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// What is around the machine of one modem.
pub(super) struct Driver {
    pub(super) phone: usize,
    pub(super) line: Line,
    pub(super) clock: TokioClock,
    /// What the user asks; closed when the run is over.
    pub(super) asked: mpsc::Receiver<ModemInput>,
    pub(super) told: mpsc::Sender<Told>,
    /// The run is over: what is under way is finished until then.
    ends: Option<Instant>,
}

/// What a driver tells.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) phone: usize,
    pub(super) at: Instant,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// The modem machine says something.
    Output(ModemOutput),
    /// The port is gone.
    Lost(PortErrorKind),
    /// The port is open again.
    Opened,
}

impl Driver {
    pub(super) const fn new(
        phone: usize,
        line: Line,
        clock: TokioClock,
        asked: mpsc::Receiver<ModemInput>,
        told: mpsc::Sender<Told>,
    ) -> Self {
        Self { phone, line, clock, asked, told, ends: None }
    }

    fn tell(&self, what: What) -> Told {
        Told { phone: self.phone, at: self.clock.now(), what }
    }

    fn hear(&self, heard: Heard) -> ModemInput {
        let note = match &heard {
            Heard::Bytes(_) => None,
            Heard::Lost(kind) => Some(What::Lost(*kind)),
            Heard::Opened => Some(What::Opened),
        };
        if let Some(note) = note {
            // It is a word to whoever watches, and no more: where there is no room, it is not said.
            self.told.try_send(self.tell(note)).unwrap_or_default();
        }
        heard.into()
    }
}

impl Environment<Modem> for Driver {
    type Failure = Infallible;

    fn settled(&mut self, machine: &Modem) -> bool {
        self.ends.is_none_or(|ends| self.clock.now() < ends && !machine.is_idle())
    }

    async fn next(&mut self) -> Option<ModemInput> {
        loop {
            let ends = self.ends;
            tokio::select! {
                biased;
                asked = self.asked.recv(), if ends.is_none() => {
                    if asked.is_some() {
                        return asked;
                    }
                    self.ends = Some(self.clock.now().plus(END_PATIENCE));
                    // Nothing, so that it is looked at whether the machine has something to do.
                    return Some(ModemInput::Bytes(Vec::new()));
                }
                waited = self.line.wait() => {
                    if let Some(heard) = self.line.hear(waited).await {
                        return Some(self.hear(heard));
                    }
                }
                () = self.clock.sleep_until(ends.unwrap_or(Instant::MAX)), if ends.is_some() => {
                    return None;
                }
            }
        }
    }

    async fn perform(&mut self, output: ModemOutput) {
        match output {
            ModemOutput::Bytes(bytes) => self.line.write(&bytes).await,
            ModemOutput::Done { .. } | ModemOutput::Event(_) => {
                let told = self.tell(What::Output(output));
                // Who does not listen any more has no use for it.
                self.told.send(told).await.unwrap_or_default();
            }
        }
    }

    async fn record(&mut self, records: Vec<Infallible>) -> Result<(), Infallible> {
        match records.first() {
            Some(never) => match *never {},
            None => Ok(()),
        }
    }
}
