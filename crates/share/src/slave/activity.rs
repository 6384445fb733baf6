//! Whether the modem is on the network: going there, and leaving.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::Instant;
use polysim_lease::Epoch;

use super::session::Session;
use super::{
    Left, ModemOrder, Slave, SlaveEvent, SlaveOutput, SlaveRecord, SlaveTimer, SoftCard, Why,
};
use crate::VirtualSim;
use crate::wire::ToMaster;

/// Where the modem is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Activity {
    /// On no network, without a card.
    Idle,
    /// On the network, or on its way there.
    Active {
        lease: Epoch,
        card: Card,
        /// When it leaves, unless the master says before that the lease goes on.
        until: Option<Instant>,
    },
    /// It was told to leave.
    Leaving {
        /// The lease that ends so; none when it was just started.
        lease: Option<Epoch>,
        card: Card,
        why: Why,
        /// When its power is cut; none when it was.
        cut_at: Option<Instant>,
    },
}

/// Where the card is that the modem has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Card {
    /// It is made of parameters, and here.
    Soft,
    /// It is with the master.
    Remote,
    /// There is none, or it was with the master and cannot be reached any more.
    Gone,
}

impl Activity {
    pub(super) const fn lease(&self) -> Option<Epoch> {
        match self {
            Self::Idle => None,
            Self::Active { lease, .. } => Some(*lease),
            Self::Leaving { lease, .. } => *lease,
        }
    }

    pub(super) const fn is_leaving(&self) -> bool {
        matches!(self, Self::Leaving { .. })
    }

    pub(super) fn deadline(&self) -> Option<(Instant, SlaveTimer)> {
        match self {
            Self::Idle => None,
            Self::Active { until, .. } => until.map(|at| (at, SlaveTimer::Link)),
            Self::Leaving { cut_at, .. } => cut_at.map(|at| (at, SlaveTimer::Detach)),
        }
    }

    /// Returns the lease of the card at the master that the modem uses.
    pub(super) const fn lent(&self) -> Option<Epoch> {
        match self {
            Self::Active { card: Card::Remote, lease, .. } => Some(*lease),
            Self::Leaving { card: Card::Remote, lease, .. } => *lease,
            Self::Idle | Self::Active { .. } | Self::Leaving { .. } => None,
        }
    }
}

impl Slave {
    /// The modem may be anywhere: it leaves before anything is said.
    pub(super) fn start(&mut self, now: Instant) {
        self.session = Session::Down;
        self.leave_as(now, self.activity.lease(), Card::Gone, Why::Started);
    }

    /// Goes to the network with a card made of parameters.
    pub(super) fn attach(&mut self, lease: Epoch, set: VirtualSim, sequence: SqnArray) {
        self.record_sequence(sequence.clone());
        let card = Box::new(SoftCard { set, sequence });
        self.activate(lease, Card::Soft, ModemOrder::Attach(card));
    }

    /// Goes to the network with the card of the master.
    pub(super) fn attach_remote(&mut self, lease: Epoch) {
        self.activate(lease, Card::Remote, ModemOrder::AttachRemote);
    }

    fn activate(&mut self, lease: Epoch, card: Card, order: ModemOrder) {
        self.record(SlaveRecord::Activated(lease));
        self.activity = Activity::Active { lease, card, until: None };
        self.effect(SlaveOutput::Modem(order));
        self.tell(SlaveEvent::Activated(lease));
        self.send(ToMaster::Active { epoch: lease });
    }

    /// The master says in this session that the lease goes on.
    pub(super) fn resume(&mut self, epoch: Epoch) {
        if let Activity::Active { lease, until, .. } = &mut self.activity
            && *lease == epoch
        {
            let was_in_doubt = until.take().is_some();
            self.answered();
            if was_in_doubt {
                self.tell(SlaveEvent::Resumed);
            }
        }
    }

    /// Leaves the network, if it is there.
    pub(super) fn leave(&mut self, now: Instant, why: Why) {
        if let Activity::Active { lease, card, .. } = self.activity {
            self.leave_as(now, Some(lease), card, why);
        }
    }

    fn leave_as(&mut self, now: Instant, lease: Option<Epoch>, card: Card, why: Why) {
        let cut_at = Some(now.plus(self.config.timing.detach));
        self.activity = Activity::Leaving { lease, card, why, cut_at };
        self.effect(SlaveOutput::Modem(ModemOrder::Leave));
        self.tell(SlaveEvent::Leaving(why));
    }

    /// The link is down: a soft card may stay for a while, one of the master is lost at once.
    pub(super) fn lost(&mut self, now: Instant, since: Instant) {
        match &mut self.activity {
            Activity::Active { card: Card::Soft, until, .. } => {
                // A session in which the master did not say that it goes on has bought no time.
                until.get_or_insert(since.plus(self.config.timing.leaves_after()));
            }
            Activity::Active { card, .. } => {
                *card = Card::Gone;
                self.leave(now, Why::CardLost);
            }
            Activity::Leaving { card, .. } => *card = Card::Gone,
            Activity::Idle => {}
        }
    }

    /// Serves the deadline of the modem if it has come; returns whether it did.
    pub(super) fn serve_activity(&mut self, now: Instant) -> bool {
        let Some((at, _)) = self.activity.deadline().filter(|(at, _)| *at <= now) else {
            return false;
        };
        if let Activity::Leaving { cut_at, .. } = &mut self.activity {
            *cut_at = None;
            self.effect(SlaveOutput::Modem(ModemOrder::CutPower));
        } else {
            // What is late here is not added to what leaving may take.
            self.leave(at, Why::Timer);
        }
        true
    }

    /// The modem is on no network.
    pub(super) fn left(&mut self, now: Instant) {
        let (lease, why, left) = match self.activity {
            Activity::Idle => return,
            Activity::Active { lease, .. } => (Some(lease), Why::Modem, Left::Detached),
            Activity::Leaving { lease, why, cut_at: Some(_), .. } => (lease, why, Left::Detached),
            Activity::Leaving { lease, why, cut_at: None, .. } => (lease, why, Left::PowerCut),
        };
        self.activity = Activity::Idle;
        self.tell(SlaveEvent::Left { why, left });
        match (&self.session, lease) {
            (Session::Up(_), Some(lease)) => self.release(now, lease),
            (Session::Up(_), None) => self.say(now),
            (Session::Unpaired, lease) => self.forget_master(lease),
            (Session::Down, _) => {}
        }
    }

    /// The soft card has accepted another sequence number.
    pub(super) fn accepted(&mut self, sequence: &SqnArray) {
        let mut merged = self.sequence.clone();
        merged.merge(sequence);
        if merged == self.sequence {
            return;
        }
        self.record(SlaveRecord::Sequence(merged.clone()));
        if let Some(epoch) = self.activity.lease() {
            self.send(ToMaster::Sequence { epoch, sequence: merged });
        }
    }

    /// The SIM Access Profile client says something.
    pub(super) fn client_says(&mut self, message: Vec<u8>) {
        if let Some(epoch) = self.activity.lent() {
            self.send(ToMaster::Card { epoch, message });
        }
    }

    /// The SIM Access Profile server says something.
    pub(super) fn server_says(&mut self, epoch: Epoch, message: Vec<u8>) {
        if self.activity.lent() == Some(epoch) {
            self.effect(SlaveOutput::Card(message));
        }
    }
}
