//! A slave whose process does not run for a while.

use super::rig::*;
use crate::share::*;
use async_trait::async_trait;
use polysim_base::{Duration, Instant};
use polysim_hal::{Clock, TokioClock};
use polysim_share::master::Holder;
use polysim_share::slave::SlaveCommand;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The clock of a process that can be stopped: it goes on meanwhile, and what waits for it does not know.
struct Stoppable {
    clock: Arc<TokioClock>,
    stopped_us: AtomicU64,
}

impl Stoppable {
    fn new() -> Arc<Self> {
        Arc::new(Self { clock: clock(), stopped_us: AtomicU64::new(0) })
    }

    fn stopped(&self) -> Duration {
        Duration::from_micros(self.stopped_us.load(Ordering::Relaxed))
    }

    fn stop_for(&self, time: Duration) {
        self.stopped_us.fetch_add(time.as_micros(), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for Stoppable {
    fn now(&self) -> Instant {
        self.clock.now().plus(self.stopped())
    }

    async fn sleep_until(&self, at: Instant) {
        let at = at.as_micros().saturating_sub(self.stopped().as_micros());
        self.clock.sleep_until(Instant::from_micros(at)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slave_that_was_stopped_leaves_at_once_when_its_time_is_over() {
    let (air, clock) = (Air::default(), Stoppable::new());
    let mut master = MasterDisk::default().start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start_by(clock.clone(), &air).await;
    pair(&mut slave, &mut master).await;
    slave.is_active().await;
    clock.stop_for(SUPERVISION.plus(TIMER));
    let goes_on = tokio::time::Instant::now();
    slave.is_idle().await;
    // It notices with the next timer, or when it hears something: pings come each second.
    assert!(goes_on.elapsed() < std::time::Duration::from_secs(2), "{:?}", goes_on.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_received_before_a_stop_brings_nobody_to_the_network_after_it() {
    let (air, clock) = (Air::default(), Stoppable::new());
    let mut master = MasterDisk::default().start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start_by(clock.clone(), &air).await;
    let wire = pair(&mut slave, &mut master).await;
    slave.is_active().await;
    slave.desk.command(SlaveCommand::Release).await.unwrap();
    slave.is_idle().await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    // The word that activates it waits while it writes something down, and then it is stopped.
    slave.desk.command(SlaveCommand::Want).await.unwrap();
    master.pick(Holder::Slave(master.id("tablet"))).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    clock.stop_for(SUPERVISION.plus(TIMER));
    soon(wire.session).await.unwrap();
    let activated = |told: &SlaveTold| {
        matches!(told, SlaveTold::Event(polysim_share::slave::SlaveEvent::Activated(_)))
    };
    let mut count = 0;
    let moment = std::time::Duration::from_millis(1);
    while let Ok(Some(told)) = tokio::time::timeout(moment, slave.news.next()).await {
        count += usize::from(activated(&told));
    }
    assert_eq!((count, air.on()), (1, vec![]), "the first time only");
}
