//! Long flows as prose: an `async fn` over a [`Port`] becomes a [`Machine`].
//!
//! The procedure polls the flow itself with a waker that does nothing: there is no runtime, no
//! clock and no thread, and the compiler writes the state machine. Questions carry [`Ticket`]s, so
//! a late answer never answers the next question. Dropping a wait withdraws its question and its
//! deadline. Dropping a procedure is a crash: what must survive is in records of its owner.
//!
//! ```
//! use polysim_base::procedure::{Port, Procedure, Step};
//! use polysim_base::{Duration, Instant, Machine, Out};
//!
//! async fn sum(mut port: Port<u32, u32>) -> Option<u32> {
//!     let first = port.ask_within(1, Duration::from_secs(1)).await?;
//!     port.sleep(Duration::from_millis(5)).await;
//!     Some(first + port.ask(2).await)
//! }
//! let mut now = Instant::ZERO;
//! let mut procedure = Procedure::start(now, sum);
//! let answer = loop {
//!     match procedure.poll_output() {
//!         Some(Out::Do(Step::Ask(ticket, question))) => procedure.handle(now, (ticket, question * 10)),
//!         Some(Out::Do(Step::Done(answer))) => break answer,
//!         Some(Out::Record(record)) => match record {},
//!         None => {
//!             (now, _) = procedure.poll_timeout().unwrap();
//!             procedure.handle_timeout(now);
//!         }
//!     }
//! };
//! assert_eq!(answer, Some(30));
//! ```

use crate::{Duration, Instant, Machine, Out};
use alloc::{boxed::Box, sync::Arc};
use atomic_refcell::AtomicRefCell;
use core::convert::Infallible;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// Names one question; the answer brings it back.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ticket(u64);

/// What a procedure gives out.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Step<Q, T> {
    /// A question; its answer is handed in with the ticket.
    Ask(Ticket, Q),
    /// The flow is over, with its result. Nothing follows.
    Done(T),
}

/// Why a procedure wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Wake {
    /// The deadline of the question it asked.
    AnswerOverdue,
    /// A sleep ends.
    SleepOver,
}

struct Slot<Q, A> {
    now: Instant,
    next_ticket: u64,
    question: Option<(Ticket, Q)>,
    awaited: Option<Ticket>,
    answer: Option<A>,
    wake: Option<(Instant, Wake)>,
    late_answers: u64,
}

type Shared<Q, A> = Arc<AtomicRefCell<Slot<Q, A>>>;

/// What a flow holds: it asks, sleeps and reads the time. One wait is open at most.
pub struct Port<Q, A>(Shared<Q, A>);

/// Withdraws question and deadline when a wait ends or is dropped.
struct Wait<'a, Q, A>(&'a Shared<Q, A>);

impl<Q, A> Drop for Wait<'_, Q, A> {
    fn drop(&mut self) {
        let mut slot = self.0.borrow_mut();
        slot.question = None;
        slot.awaited = None;
        slot.answer = None;
        slot.wake = None;
    }
}

impl<Q, A> Port<Q, A> {
    /// Returns the time of the input that the flow is being polled for.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.borrow().now
    }

    /// Asks, and waits for the answer however long it takes.
    pub async fn ask(&mut self, question: Q) -> A {
        self.put(question, None);
        let wait = Wait(&self.0);
        poll_fn(|_| wait.0.borrow_mut().answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Asks, and waits for the answer for `limit` at most; `None` when it ran out.
    pub async fn ask_within(&mut self, question: Q, limit: Duration) -> Option<A> {
        let due = self.now().plus(limit);
        self.put(question, Some((due, Wake::AnswerOverdue)));
        let wait = Wait(&self.0);
        poll_fn(|_| {
            let mut slot = wait.0.borrow_mut();
            match slot.answer.take() {
                Some(answer) => Poll::Ready(Some(answer)),
                None if slot.now >= due => Poll::Ready(None),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Waits for `time` to pass. A sleep of zero still waits for the next wake-up.
    pub async fn sleep(&mut self, time: Duration) {
        let due = self.now().plus(time);
        self.0.borrow_mut().wake = Some((due, Wake::SleepOver));
        let wait = Wait(&self.0);
        let mut polled = false;
        poll_fn(|_| {
            let woken = core::mem::replace(&mut polled, true) && wait.0.borrow().now >= due;
            if woken { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn put(&self, question: Q, wake: Option<(Instant, Wake)>) {
        let mut slot = self.0.borrow_mut();
        let ticket = Ticket(slot.next_ticket);
        slot.next_ticket += 1;
        slot.question = Some((ticket, question));
        slot.awaited = Some(ticket);
        slot.wake = wake;
    }
}

/// A flow as a machine; see the [module](self).
pub struct Procedure<Q, A, T> {
    slot: Shared<Q, A>,
    flow: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    done: Option<T>,
}

impl<Q, A, T> Procedure<Q, A, T>
where
    Q: Send + Sync + 'static,
    A: Send + Sync + 'static,
{
    /// Starts a flow and runs it up to its first wait.
    pub fn start<F, Fut>(now: Instant, flow: F) -> Self
    where
        F: FnOnce(Port<Q, A>) -> Fut,
        Fut: Future<Output = T> + Send + 'static,
    {
        let slot = Arc::new(AtomicRefCell::new(Slot {
            now,
            next_ticket: 0,
            question: None,
            awaited: None,
            answer: None,
            wake: None,
            late_answers: 0,
        }));
        let flow = Some(Box::pin(flow(Port(slot.clone()))) as Pin<Box<_>>);
        let mut procedure = Self { slot, flow, done: None };
        procedure.resume(now);
        procedure
    }

    /// Returns how many answers came to a question that nobody waited for any more.
    #[must_use]
    pub fn late_answers(&self) -> u64 {
        self.slot.borrow().late_answers
    }

    fn resume(&mut self, now: Instant) {
        self.slot.borrow_mut().now = now;
        let Some(flow) = &mut self.flow else { return };
        if let Poll::Ready(result) = flow.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            self.done = Some(result);
            self.flow = None;
        }
    }
}

impl<Q, A, T> Machine for Procedure<Q, A, T>
where
    Q: Send + Sync + 'static,
    A: Send + Sync + 'static,
{
    type Input = (Ticket, A);
    type Output = Step<Q, T>;
    type Record = Infallible;
    type Timer = Wake;

    /// An answer to another question than the one awaited is counted and dropped.
    fn handle(&mut self, now: Instant, (ticket, answer): Self::Input) {
        {
            let mut slot = self.slot.borrow_mut();
            if slot.awaited != Some(ticket) {
                slot.late_answers += 1;
                return;
            }
            slot.awaited = None;
            slot.answer = Some(answer);
        }
        self.resume(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due = self.slot.borrow().wake.is_some_and(|(at, _)| at <= now);
        if due {
            self.resume(now);
        }
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, Self::Output>> {
        let question = self.slot.borrow_mut().question.take();
        let step = question.map(|(ticket, question)| Step::Ask(ticket, question));
        step.or_else(|| self.done.take().map(Step::Done)).map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        self.slot.borrow().wake
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}

impl<Q, A> fmt::Debug for Port<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl<Q, A, T> fmt::Debug for Procedure<Q, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.slot.borrow();
        f.debug_struct("Procedure")
            .field("running", &self.flow.is_some())
            .field("awaited", &slot.awaited)
            .field("wake", &slot.wake)
            .field("late_answers", &slot.late_answers)
            .finish()
    }
}

#[cfg(test)]
mod tests;
