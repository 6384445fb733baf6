//! What an applet keeps when the power goes.

use alloc::boxed::Box;

use polysim_base::Imei;
use polysim_ota::Counter;

use crate::applet::AppletConfig;
use crate::wire::OrderId;
use crate::wire::apdu::Progress;
use crate::{KeyChoice, KeyIndex, Subscription};

/// Something that an applet remembers from now on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppletRecord(pub(super) Change);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// This counter is used for what goes to the platform.
    CounterUsed(Counter),
    /// This counter of the platform was accepted.
    Heard(Counter),
    /// The card is in this device; the mark is not set.
    Device(Imei),
    /// The mark is set, or taken back.
    Mark(bool),
    /// An order begins.
    Begun(Box<Begun>),
    /// An order goes on.
    Stage(Stage),
    /// A minute of the trial has passed.
    Minute,
    /// The order has failed before anything was written.
    Abandoned,
    /// The order is over, and nobody need be told any more.
    Settled,
    /// The subscription on the card is this one, by its other files.
    Amended(Box<Subscription>),
    /// The terminal has started anew, and what it had written back is blanked.
    Blanked,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Begun {
    pub(super) order: OrderId,
    pub(super) new: Subscription,
    /// [`Stage::Begun`], or [`Stage::Undoing`] for what is not to stay.
    pub(super) stage: Stage,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// The card has the old subscription or the new one, and is to have the new one.
    Begun,
    /// The files are written; the terminal works with the old ones.
    Written,
    /// The terminal has started with the new subscription and looks for service.
    Trial,
    /// It has service; the platform has not noted that.
    Effective,
    /// The card has the old subscription or the new one, and is to have the old one.
    Undoing,
    /// The files are the old ones again; the terminal works with the new ones.
    Undone,
    /// The terminal works with the old subscription; the platform has not noted that.
    Reverted,
}

/// An order that is not over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) new: Subscription,
    pub(super) stage: Stage,
    /// Minutes of the trial without service.
    pub(super) waited: u16,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Memory {
    pub(super) counter: Counter,
    pub(super) heard: Counter,
    /// The device that the card was in last.
    pub(super) imei: Option<Imei>,
    /// The mark: the platform has stored that the card is in that device.
    pub(super) bound: bool,
    /// A terminal has been told of another subscription, and may have written its old location.
    pub(super) stale: bool,
    /// The last order that was carried out.
    pub(super) last: OrderId,
    /// What the card has, or goes back to while there is an order.
    pub(super) settled: Option<Box<Subscription>>,
    pub(super) order: Option<Box<Order>>,
}

impl Memory {
    /// What a card is issued with.
    pub(super) fn new(config: &AppletConfig) -> Self {
        let seed = |imsi| Subscription {
            imsi,
            mnc_len: config.seed_mnc_len,
            msisdn: config.seed_msisdn,
            centre: config.seed_centre,
            key: KeyChoice::Preloaded(KeyIndex(0)),
        };
        Self {
            counter: Counter::ZERO,
            heard: Counter::ZERO,
            imei: None,
            bound: false,
            stale: false,
            last: OrderId(0),
            settled: config.seed.map(seed).map(Box::new),
            order: None,
        }
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        self.order.as_ref().map(|order| order.stage)
    }

    /// The subscription on the card. While it is not known which of two it is, the one that it was.
    pub(super) fn current(&self) -> Option<&Subscription> {
        match &self.order {
            Some(order) if order.stage.has_new() => Some(&order.new),
            Some(_) | None => self.settled.as_deref(),
        }
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::CounterUsed(counter) => self.counter = counter,
            Change::Heard(counter) => self.heard = counter,
            Change::Device(imei) => (self.imei, self.bound) = (Some(imei), false),
            Change::Mark(bound) => self.bound = bound,
            Change::Begun(begun) => {
                let Begun { order: id, new, stage } = *begun;
                self.order = Some(Box::new(Order { id, new, stage, waited: 0 }));
            }
            Change::Stage(stage) => self.go_on(stage),
            Change::Minute => {
                if let Some(order) = &mut self.order {
                    order.waited = order.waited.saturating_add(1);
                }
            }
            Change::Abandoned => self.order = None,
            Change::Settled => self.settle(),
            Change::Amended(subscription) => match &mut self.order {
                Some(order) if order.stage.has_new() => order.new = *subscription,
                Some(_) | None => self.settled = Some(subscription),
            },
            Change::Blanked => self.stale = false,
        }
    }

    fn go_on(&mut self, stage: Stage) {
        let Some(order) = &mut self.order else { return };
        order.stage = stage;
        match stage {
            Stage::Written | Stage::Undone => self.stale = true,
            Stage::Begun | Stage::Trial | Stage::Effective | Stage::Undoing | Stage::Reverted => {}
        }
        if !matches!(stage, Stage::Begun) {
            self.last = self.last.max(order.id);
        }
    }

    fn settle(&mut self) {
        if let Some(order) = self.order.take()
            && order.stage.has_new()
        {
            self.settled = Some(Box::new(order.new));
        }
    }
}

impl Stage {
    const fn has_new(self) -> bool {
        match self {
            Self::Written | Self::Trial | Self::Effective => true,
            Self::Begun | Self::Undoing | Self::Undone | Self::Reverted => false,
        }
    }

    /// What a tool on site is told of it.
    pub(super) const fn progress(self) -> Progress {
        match self {
            Self::Begun => Progress::Writing,
            Self::Written => Progress::Written,
            Self::Trial => Progress::Trial,
            Self::Effective => Progress::Effective,
            Self::Undoing | Self::Undone | Self::Reverted => Progress::Reverted,
        }
    }
}
