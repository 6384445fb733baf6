//! A download is cut at each message of HTTP, and at each command to the card.

use super::*;
use polysim_hal::{Atr, CardChannel, CardEpoch, CardError, CardErrorKind, Reset};

/// Checks that one attempt more ends with the one profile, and that the server hears of it.
async fn ends_well(world: &World, order: &Order, step: &str) {
    let mut esim = world.esim(None).await;
    let recovered = esim.recover(&mut User::default()).await;
    if iccids(&mut esim).await.is_empty() {
        let done = esim.carry_out(order.download(), &mut User::default()).await;
        assert!(matches!(done, Ok(LpaDone::Downloaded(_))), "{step}: {done:?} after {recovered:?}");
    }
    assert_eq!(iccids(&mut esim).await, [order.iccid.to_string()], "{step}: {recovered:?}");
    let told = esim.carry_out(LpaCommand::ProcessNotifications, &mut Unattended).await.unwrap();
    let LpaDone::Processed(reports) = told else { panic!("{told:?}") };
    let taken = reports.iter().all(|report| report.taken == polysim_lpa::Taken::Yes);
    assert!(taken, "{step}: {reports:?}");
}

#[tokio::test(start_paused = true)]
async fn a_download_that_is_cut_at_any_message_of_http_ends_with_one_profile() {
    let whole = {
        let world = World::new().await;
        let order = world.order(None).await;
        world.esim(None).await.carry_out(order.download(), &mut User::default()).await.unwrap();
        world.posts.load(Ordering::Relaxed)
    };
    assert!(whole >= 3, "a download asks three times at least");
    for number in 0..whole {
        for loss in [Loss::Request(number), Loss::Answer(number)] {
            for restart in [false, true] {
                let mut world = World::new().await;
                let order = world.order(None).await;
                let step = format!("{loss:?}, restart {restart}");
                let mut esim = world.esim(Some(loss)).await;
                // It may get over the loss by itself.
                drop(esim.carry_out(order.download(), &mut User::default()).await);
                drop(esim);
                if restart {
                    world.restart_server().await;
                }
                ends_well(&world, &order, &step).await;
            }
        }
    }
}

/// A link that is gone after so many commands; the last one reaches the card, or does not.
struct Cut {
    link: Box<dyn CardLink>,
    left: usize,
    reaches: bool,
    slot: Slot,
}

#[async_trait]
impl CardLink for Cut {
    fn atr(&self) -> Atr {
        self.link.atr()
    }

    fn epoch(&self) -> CardEpoch {
        self.link.epoch()
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            return self.link.transmit(channel, command).await;
        }
        if self.reaches {
            drop(self.link.transmit(channel, command).await);
        }
        // The power is gone: whoever has the card next finds it anew.
        self.slot.power_off();
        Err(CardError::new(CardErrorKind::CardGone, "reader"))
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        polysim_hal::open_by_manage_channel(self, aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        self.link.close_channel(channel).await
    }

    async fn reset(&mut self, _: Reset) -> Result<CardEpoch, CardError> {
        Err(CardError::new(CardErrorKind::CardGone, "reader"))
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        Ok(())
    }

    async fn end(&mut self) -> Result<(), CardError> {
        Ok(())
    }
}

impl World {
    /// Downloads until the process dies with the card's power; returns whether it came to its end.
    async fn cut_at(&self, order: &Order, left: usize, reaches: bool) -> bool {
        let link = self.link().await;
        let cut = Cut { link, left, reaches, slot: self.slot.clone() };
        let servers = Servers::new(Box::new(self.http(None)));
        let journal = Box::new(self.journal.clone());
        let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
        let options = TransportConfig::default().without_announcement();
        let opened = Esim::open(Box::new(cut), options, servers, journal, clock).await;
        let mut user = User::default();
        let mut esim = opened.unwrap();
        let done = esim.carry_out(order.download(), &mut user);
        // A process that dies does not see the end of its patience.
        let done = tokio::time::timeout(std::time::Duration::from_secs(1), done).await;
        matches!(done, Ok(Ok(_)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_that_is_cut_at_any_command_to_the_card_ends_with_one_profile() {
    for reaches in [false, true] {
        for left in 0.. {
            let world = World::new().await;
            let order = world.order(None).await;
            if world.cut_at(&order, left, reaches).await {
                assert!(left > 40, "a package has many commands, not {left}");
                break;
            }
            drop(world.slot.restart(Reset::Cold));
            ends_well(&world, &order, &format!("{left} commands, reaches {reaches}")).await;
        }
    }
}
