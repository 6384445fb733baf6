//! The one shape of everything that decides.

use crate::Instant;
use core::fmt::Debug;

/// What a machine gives out, in order.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Out<R, O> {
    /// Must be durable before any later [`Out::Do`] takes effect.
    Record(R),
    /// Take effect: bytes to send, events to tell.
    Do(O),
}

/// A state machine without I/O.
///
/// # Contract
/// - After any `handle*`, outputs are polled until `None` before the next input; only then is
///   [`poll_timeout`](Self::poll_timeout) meaningful.
/// - [`handle_timeout`](Self::handle_timeout) serves every deadline up to `now`, tolerates an early
///   call, and leaves the next deadline later than `now` or none.
/// - A runner holds back a [`Out::Do`] until all earlier [`Out::Record`]s are durable. A failed
///   write is a crash: held effects are dropped, and a fresh machine is rebuilt by
///   [`restore`](Self::restore) over the durable records.
pub trait Machine {
    /// What reaches it, owned: bytes, commands, messages.
    type Input;
    /// What leaves it: bytes to send, events to tell.
    type Output;
    /// What must survive a crash; [`core::convert::Infallible`] where nothing does.
    type Record;
    /// Why it wants to be woken.
    type Timer: Copy + Debug;

    /// Takes one input.
    fn handle(&mut self, now: Instant, input: Self::Input);
    /// Serves every deadline up to `now`.
    fn handle_timeout(&mut self, now: Instant);
    /// Returns the next output, `None` when drained.
    fn poll_output(&mut self) -> Option<Out<Self::Record, Self::Output>>;
    /// Returns the next deadline and its reason.
    fn poll_timeout(&self) -> Option<(Instant, Self::Timer)>;
    /// Replays one record after a crash; emits nothing.
    fn restore(&mut self, record: Self::Record);
}
