use crate::{Instant, Machine, Out};
use std::vec::Vec;

/// A machine run with its durable records, so that it can be crashed and rebuilt.
#[derive(Clone, Debug)]
pub struct Durable<M: Machine> {
    machine: M,
    records: Vec<M::Record>,
    effects: Vec<M::Output>,
    polled: usize,
}

impl<M> Durable<M>
where
    M: Machine,
    M::Record: Clone,
{
    /// Returns a machine without records.
    pub const fn new(machine: M) -> Self {
        Self { machine, records: Vec::new(), effects: Vec::new(), polled: 0 }
    }

    /// Gives an input and drains the outputs; stops dead before output number `crash_at`, counted
    /// over the whole run, and returns whether it was reached.
    pub fn handle(&mut self, now: Instant, input: M::Input, crash_at: Option<usize>) -> bool {
        self.machine.handle(now, input);
        self.drain(crash_at)
    }

    /// Serves a due deadline and drains the outputs, as [`handle`](Self::handle) does.
    pub fn handle_timeout(&mut self, now: Instant, crash_at: Option<usize>) -> bool {
        self.machine.handle_timeout(now);
        self.drain(crash_at)
    }

    /// Replaces the machine by `fresh`, rebuilt from the records that were made durable.
    pub fn restart(&mut self, mut fresh: M) {
        self.records.iter().cloned().for_each(|record| fresh.restore(record));
        debug_assert!(fresh.poll_output().is_none(), "restoring emits nothing");
        self.machine = fresh;
    }

    /// Returns what took effect so far, over all restarts.
    pub fn effects(&self) -> &[M::Output] {
        &self.effects
    }

    /// Returns the machine.
    pub const fn machine(&self) -> &M {
        &self.machine
    }

    fn drain(&mut self, crash_at: Option<usize>) -> bool {
        loop {
            if crash_at == Some(self.polled) {
                return true;
            }
            match self.machine.poll_output() {
                Some(Out::Record(record)) => self.records.push(record),
                Some(Out::Do(effect)) => self.effects.push(effect),
                None => return false,
            }
            self.polled += 1;
        }
    }
}

/// Runs `inputs` through a machine once for every crash point: crash before the n-th output, with
/// everything not yet given out lost, restart from the records, and go on with the inputs that
/// `resend` picks (it sees the index of the input during which the crash happened). `check` looks
/// at each run's end. Returns how many crash points there were.
pub fn crash_everywhere<M, I>(
    fresh: impl Fn() -> M,
    inputs: &[I],
    resend: impl Fn(usize) -> usize,
    check: impl Fn(Option<usize>, &Durable<M>),
) -> usize
where
    M: Machine<Input = I>,
    M::Record: Clone,
    I: Clone,
{
    let mut whole = Durable::new(fresh());
    for input in inputs {
        whole.handle(Instant::ZERO, input.clone(), None);
    }
    check(None, &whole);
    for point in 0..whole.polled {
        let mut run = Durable::new(fresh());
        let mut next = 0;
        let mut armed = Some(point);
        while let Some(input) = inputs.get(next) {
            if run.handle(Instant::ZERO, input.clone(), armed) {
                armed = None;
                run.restart(fresh());
                next = resend(next);
            } else {
                next += 1;
            }
        }
        check(Some(point), &run);
    }
    whole.polled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Queue;

    /// Adds deposits by id, acknowledges each after recording it, and tolerates repetition.
    #[derive(Clone, Debug, Default)]
    struct Ledger {
        seen: Vec<u32>,
        out: Queue<Out<u32, u32>>,
        acknowledge_first: bool,
    }

    impl Machine for Ledger {
        type Input = u32;
        type Output = u32;
        type Record = u32;
        type Timer = ();

        fn handle(&mut self, _now: Instant, id: u32) {
            let fresh = !self.seen.contains(&id);
            if self.acknowledge_first {
                self.out.push(Out::Do(id));
            }
            if fresh {
                self.seen.push(id);
                self.out.push(Out::Record(id));
            }
            if !self.acknowledge_first {
                self.out.push(Out::Do(id));
            }
        }
        fn handle_timeout(&mut self, _now: Instant) {}
        fn poll_output(&mut self) -> Option<Out<u32, u32>> {
            self.out.pop()
        }
        fn poll_timeout(&self) -> Option<(Instant, ())> {
            None
        }
        fn restore(&mut self, id: u32) {
            self.seen.push(id);
        }
    }

    /// Every acknowledged deposit is in the restored ledger, once.
    fn acknowledged_is_kept(run: &Durable<Ledger>) -> bool {
        run.effects()
            .iter()
            .all(|id| run.machine().seen.iter().filter(|seen| *seen == id).count() == 1)
    }

    #[test]
    fn what_was_acknowledged_survives_every_crash_point() {
        let points = crash_everywhere(
            Ledger::default,
            &[1, 2, 2, 3],
            |at| at,
            |_, run| {
                assert!(acknowledged_is_kept(run));
                assert_eq!(run.machine().seen, [1, 2, 3], "a resent deposit is taken");
            },
        );
        assert_eq!(points, 7);
    }

    #[test]
    fn the_harness_finds_an_acknowledgement_before_its_record() {
        let careless = || Ledger { acknowledge_first: true, ..Ledger::default() };
        let lost = std::cell::Cell::new(false);
        crash_everywhere(
            careless,
            &[1, 2],
            |at| at + 1,
            |_, run| {
                lost.set(lost.get() || !acknowledged_is_kept(run));
            },
        );
        assert!(lost.get());
    }
}
