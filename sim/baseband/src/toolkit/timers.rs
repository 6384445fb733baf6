//! The eight timers of a terminal (TS 102.223, 6.4.21 and 7.4).

use super::mail::Content;
use crate::core::Core;
use crate::effects::Effects;
use polysim_base::{Duration, Instant};
use polysim_cat::{
    GeneralResult, ResponseData, TimerAction, TimerId, TimerManagement, TimerResponse, TimerValue,
};

/// The shortest time that a timer runs.
const SHORTEST: Duration = Duration::from_secs(1);

/// Those that run; each at most once.
#[derive(Debug, Default)]
pub(super) struct Timers(Vec<Running>);

#[derive(Debug)]
struct Running {
    timer: TimerId,
    started: Instant,
    until: Instant,
}

impl Timers {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|running| running.until).min()
    }

    /// Takes those out that have run out.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<Content> {
        let over = self.0.extract_if(.., |running| running.until <= now);
        over.map(|Running { timer, started, .. }| Content::Timer { timer, started }).collect()
    }

    fn start(&mut self, timer: TimerId, now: Instant, value: TimerValue) {
        self.stop(timer);
        let until = now.plus(value.span().max(SHORTEST));
        self.0.push(Running { timer, started: now, until });
    }

    /// Returns when it would have run out, if it ran.
    fn stop(&mut self, timer: TimerId) -> Option<Instant> {
        let at = self.0.iter().position(|running| running.timer == timer)?;
        Some(self.0.remove(at).until)
    }

    fn end_of(&self, timer: TimerId) -> Option<Instant> {
        self.0.iter().find(|running| running.timer == timer).map(|running| running.until)
    }
}

impl Core {
    pub(super) fn manage_timer(&mut self, fx: &mut Effects, wanted: TimerManagement) {
        let (now, timer) = (fx.now, wanted.timer);
        let timers = &mut self.toolkit().timers;
        let left = match wanted.action {
            TimerAction::Start(value) => {
                timers.start(timer, now, value);
                Some(None)
            }
            TimerAction::Deactivate => timers.stop(timer).map(Some),
            TimerAction::GetCurrentValue => timers.end_of(timer).map(Some),
        };
        let result = match left {
            Some(_) => GeneralResult::Performed,
            None => GeneralResult::TimerContradiction,
        };
        let value = left.flatten().map(|until| TimerValue::of_span(until.since(now)));
        let data = ResponseData::Timer(TimerResponse { timer: Some(timer), value });
        self.conclude_with(fx, result, data);
    }
}
