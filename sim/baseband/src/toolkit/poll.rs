//! Proactive polling: STATUS at the pace that the card wants (TS 102.223, 6.4.6 and 6.4.14).
//! None is sent until the card asks for it.

use crate::card::{CardPort, Outcome, Owner, transmit};
use crate::core::Core;
use crate::effects::Effects;
use polysim_base::{Duration, Instant};
use polysim_cat::{Duration as Interval, GeneralResult, IntervalResponse, ResponseData, TimeUnit};

/// The shortest interval that this terminal polls at.
const SHORTEST: Interval = Interval::seconds(1);
/// STATUS, nothing wanted back: it is sent so that the card can say `91xx`.
const STATUS: [u8; 5] = [0x80, 0xF2, 0x00, 0x0C, 0x00];

/// How often the card is polled.
#[derive(Debug)]
pub(super) struct Polling {
    every: Duration,
    pub(super) next: Instant,
    due: bool,
}

impl Polling {
    pub(super) fn timeout(&mut self, now: Instant) {
        if self.next <= now {
            self.next = now.plus(self.every);
            self.due = true;
        }
    }
}

async fn status(mut port: CardPort) -> Outcome {
    drop(transmit(&mut port, STATUS.to_vec()).await);
    Outcome::done()
}

impl Core {
    pub(super) fn set_polling(&mut self, fx: &mut Effects, wanted: Interval) {
        if wanted.interval == 0 {
            return self.conclude(fx, GeneralResult::DataNotUnderstood);
        }
        let short = wanted.unit == TimeUnit::Tenths && wanted.span() < SHORTEST.span();
        let interval = if short { SHORTEST } else { wanted };
        let every = interval.span();
        self.toolkit().polling = Some(Polling { every, next: fx.now.plus(every), due: false });
        let data = ResponseData::PollInterval(IntervalResponse { interval: Some(interval) });
        self.conclude_with(fx, GeneralResult::Performed, data);
    }

    pub(super) fn stop_polling(&mut self, fx: &mut Effects) {
        self.toolkit().polling = None;
        self.conclude(fx, GeneralResult::Performed);
    }

    /// Polls the card if it is time. Returns whether it is.
    pub(super) fn poll_card(&mut self, now: Instant) -> bool {
        let polling = self.toolkit().polling.as_mut();
        let due = polling.is_some_and(|polling| core::mem::take(&mut polling.due));
        if due {
            self.slot.start(now, Owner::Device, status);
        }
        due
    }
}
