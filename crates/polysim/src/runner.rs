//! Runs any machine over whatever is around it, in the time of any clock.

use polysim_base::{Instant, Machine, Out};
use polysim_hal::Clock;
use std::future::Future;
use std::pin::Pin;

/// What is around a machine: where its inputs come from and its outputs go to.
pub trait Environment<M: Machine>: Send {
    /// Why records could not be made durable.
    type Failure;

    /// Looks at the machine after an input was served: all outputs are out. Returns whether to go
    /// on.
    fn settled(&mut self, machine: &M) -> bool;

    /// Waits for the next input; `None` when there will be no more.
    ///
    /// Dropping the future loses no input.
    fn next(&mut self) -> impl Future<Output = Option<M::Input>> + Send;

    /// Lets an output take effect. What goes wrong is an input later.
    fn perform(&mut self, output: M::Output) -> impl Future<Output = ()> + Send;

    /// Makes records durable, all of them, in order. Nothing later takes effect before.
    fn record(
        &mut self,
        records: Vec<M::Record>,
    ) -> impl Future<Output = Result<(), Self::Failure>> + Send;
}

/// Why a machine was stopped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Stopped<F> {
    /// Records could not be made durable. The machine has crashed: the effects that waited for
    /// them are dropped; restore a new machine from what is durable.
    #[error("a record could not be made durable")]
    NotDurable(F),
    /// The machine serves a deadline without end.
    #[error("the machine does not get past its deadline {timer}")]
    Stuck {
        /// The reason of the deadline.
        timer: String,
    },
}

/// Runs a machine until its environment has no more inputs or wants no more.
///
/// Records that follow each other are made durable together, before any output that comes after
/// them takes effect. A deadline that is due goes before an input that waits.
///
/// # Errors
/// [`Stopped`]. Do not go on with the machine then.
pub async fn drive<M, E>(
    machine: &mut M,
    environment: &mut E,
    clock: &dyn Clock,
) -> Result<(), Stopped<E::Failure>>
where
    M: Machine,
    E: Environment<M>,
{
    let mut alarm = Alarm { clock, set: None };
    loop {
        drain(machine, environment).await?;
        if !environment.settled(machine) {
            return Ok(());
        }
        let deadline = machine.poll_timeout().map(|(due, _)| due);
        let input = tokio::select! {
            biased;
            () = alarm.rings(deadline) => None,
            input = environment.next() => Some(input),
        };
        match input {
            Some(Some(input)) => machine.handle(clock.now(), input),
            Some(None) => return Ok(()),
            None => serve_deadline(machine, environment, clock.now()).await?,
        }
        // Inputs without end do not keep other tasks of the thread from running.
        tokio::task::coop::consume_budget().await;
    }
}

async fn serve_deadline<M, E>(
    machine: &mut M,
    environment: &mut E,
    now: Instant,
) -> Result<(), Stopped<E::Failure>>
where
    M: Machine,
    E: Environment<M>,
{
    if machine.poll_timeout().is_none_or(|(due, _)| due > now) {
        // The alarm was set for an earlier deadline, which has moved since.
        return Ok(());
    }
    machine.handle_timeout(now);
    drain(machine, environment).await?;
    match machine.poll_timeout() {
        Some((due, timer)) if due <= now => Err(Stopped::Stuck { timer: format!("{timer:?}") }),
        Some(_) | None => Ok(()),
    }
}

async fn drain<M, E>(machine: &mut M, environment: &mut E) -> Result<(), Stopped<E::Failure>>
where
    M: Machine,
    E: Environment<M>,
{
    let mut records = Vec::new();
    while let Some(out) = machine.poll_output() {
        match out {
            Out::Record(record) => records.push(record),
            Out::Do(output) => {
                commit(environment, &mut records).await?;
                environment.perform(output).await;
            }
        }
    }
    commit(environment, &mut records).await
}

async fn commit<M, E>(
    environment: &mut E,
    records: &mut Vec<M::Record>,
) -> Result<(), Stopped<E::Failure>>
where
    M: Machine,
    E: Environment<M>,
{
    if records.is_empty() {
        return Ok(());
    }
    environment.record(std::mem::take(records)).await.map_err(Stopped::NotDurable)
}

type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A timer that is set anew only when it has to ring earlier: deadlines move with nearly every
/// input, mostly further away, and setting a timer costs more than handling most inputs.
struct Alarm<'a> {
    clock: &'a dyn Clock,
    set: Option<(Instant, Sleep<'a>)>,
}

impl Alarm<'_> {
    /// Waits until `due`, or rings early.
    async fn rings(&mut self, due: Option<Instant>) {
        let Some(due) = due else { return std::future::pending().await };
        if self.set.as_ref().is_none_or(|(at, _)| *at > due) {
            self.set = Some((due, self.clock.sleep_until(due)));
        }
        if let Some((_, sleep)) = &mut self.set {
            sleep.await;
        }
        self.set = None;
    }
}

#[cfg(test)]
mod tests;
