//! What reaches the master, what leaves it, and what it writes down.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::Duration;
use polysim_lease::Epoch;

use crate::wire::{ToMaster, ToSlave};
use crate::{DeviceName, LockKey, PeerKey, Timing, VirtualSim};

/// How a master works.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MasterConfig {
    /// The subscription.
    pub set: Box<VirtualSim>,
    /// From which the keys that lock stored sets are made; another one in each group.
    pub lock: LockKey,
    /// Whether parameters are copied, or the card stays.
    pub mode: Mode,
    /// How parameters are transferred.
    pub way: Way,
    /// What the user of the master is asked.
    pub consent: Consent,
    /// How long what may take.
    pub timing: Timing,
}

/// What is shared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Mode {
    /// The parameters are copied to a soft card of the slave.
    #[default]
    Provisioned,
    /// The card stays with the master, and the slave's modem speaks with it over the link (SIM Access
    /// Profile).
    Remote,
}

/// How parameters are transferred.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Way {
    /// Always sent; the slave overwrites what it has.
    Push,
    /// The slave's set is read first; only where it is another one or there is none, parameters are sent.
    #[default]
    Compare,
}

/// What the user of the master is asked. Pairing is always asked, by whoever runs the master.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Consent {
    /// A paired slave may have the subscription.
    #[default]
    Once,
    /// Each time that it becomes active.
    EachTime,
}

/// A slave, as the master numbers it. Numbers are not used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SlaveId(pub u16);

/// Who uses the subscription.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Holder {
    /// The master's own modem.
    Own,
    /// A slave.
    Slave(SlaveId),
}

/// What reaches the master.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MasterInput {
    /// It runs: the first input of each life. All links are down.
    Start,
    /// The link to a slave is up, in a new session. Also to one that was unpaired and has to erase what it
    /// has.
    Up(SlaveId),
    /// It is down.
    Down(SlaveId),
    /// A slave says something.
    Message(SlaveId, ToMaster),
    /// The user of the master, or whoever runs it, wants something.
    Command(MasterCommand),
    /// The own modem has left the network, as it was told by [`OwnOrder::Leave`]. Also after
    /// [`OwnOrder::Attach`], when it has given the subscription up by itself. Said once each time: when
    /// both happen at once, once.
    OwnLeft,
    /// The card here has accepted another sequence number: in the own modem, or while it is lent.
    OwnSequence(SqnArray),
    /// The SIM Access Profile server says something to the slave that holds the card.
    Card(Vec<u8>),
}

/// What the user of the master wants.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MasterCommand {
    /// Both have compared their numbers, and the user allows this device to have the subscription.
    Pair {
        /// Its key.
        key: PeerKey,
        /// What it calls itself.
        name: DeviceName,
    },
    /// A device may have it no more. What is stored there is erased as soon as it can be reached; it is
    /// forgotten then.
    Unpair(SlaveId),
    /// This one shall have it now: the one that is active is revoked first. Forgotten in a restart.
    Pick(Holder),
    /// Nobody shall have it until somebody is picked or a slave asks anew.
    Release,
    /// An answer to [`MasterEvent::Asks`].
    Consent {
        /// Who asks.
        slave: SlaveId,
        /// Whether it may.
        allow: bool,
    },
    /// Another set takes the place of the one that is shared. Whoever is active is revoked; what slaves
    /// have stored is replaced when they activate next.
    Replace(Box<VirtualSim>),
}

/// What leaves the master.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MasterOutput {
    /// To a slave whose link is up.
    Send(SlaveId, ToSlave),
    /// To the own modem.
    Own(OwnOrder),
    /// To the SIM Access Profile server.
    Card(CardOrder),
    /// The slave was unpaired and has erased what it had: close its link.
    Disconnect(SlaveId),
    /// Something happened.
    Tell(MasterEvent),
}

/// To the own modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum OwnOrder {
    /// Go to the network with a card of these sequence numbers.
    Attach(SqnArray),
    /// Leave the network; confirmed by [`MasterInput::OwnLeft`].
    Leave,
}

/// To the SIM Access Profile server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum CardOrder {
    /// A slave has the card now. Said with the lease, before the slave is told.
    Open(SlaveId),
    /// Its client says this.
    Message(Vec<u8>),
    /// Nobody has it: the card is powered off. Said when the lease ends or the link is down.
    Close,
}

/// What happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MasterEvent {
    /// A device is paired.
    Paired(SlaveId),
    /// A device cannot be paired.
    PairRefused {
        /// Its key.
        key: PeerKey,
        /// Why.
        why: PairRefusal,
    },
    /// A device is paired no more.
    Unpaired(SlaveId),
    /// A slave has connected.
    Connected(SlaveId),
    /// The link to a slave is down.
    Lost(SlaveId),
    /// A slave is not served: another one is active.
    Busy {
        /// Which slave.
        slave: SlaveId,
        /// Who is or may be active.
        holder: Holder,
    },
    /// May this slave have the subscription? Answered by [`MasterCommand::Consent`].
    Asks(SlaveId),
    /// A lease was granted.
    Granted {
        /// To whom.
        holder: Holder,
        /// Its number.
        epoch: Epoch,
        /// What was sent for it.
        how: How,
    },
    /// The holder has what it needs and goes to the network.
    Active(Holder),
    /// The link was back in time.
    Resumed(SlaveId),
    /// The holder is told to leave the network.
    Revoked(Holder),
    /// The holder was not heard of within the time of its lease; it will surely have left after the guard.
    InDoubt {
        /// Who.
        holder: Holder,
        /// How long that is.
        guard: Duration,
    },
    /// Nobody holds it any more.
    Free {
        /// Who held it.
        holder: Holder,
        /// How that is known.
        ended: Ended,
    },
    /// Nobody can be picked like that.
    PickRefused {
        /// Who.
        holder: Holder,
        /// Why.
        why: PickRefusal,
    },
}

/// What was sent to a holder.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum How {
    /// The parameters, without asking.
    Pushed,
    /// The parameters: it had another set.
    Different,
    /// The parameters: it had none.
    None,
    /// The activation command only: it had the same set.
    Equal,
    /// The use of the card.
    Lent,
    /// Nothing: the master's own modem.
    Own,
}

/// How it is known that a lease has ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ended {
    /// The holder has confirmed it.
    Confirmed,
    /// Timer and margin have passed.
    Guard,
}

/// Why somebody cannot be picked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PickRefusal {
    /// No such slave is paired.
    NotPaired,
    /// Its link is down.
    NotConnected,
    /// It has it.
    Already,
}

/// Why a device cannot be paired.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PairRefusal {
    /// There are [`SLAVES_MAX`](super::SLAVES_MAX) already: unpair one.
    Full,
    /// It was unpaired and has not erased yet what it had: connect it, then pair it anew.
    NotWiped,
}

/// What the master writes down. It is the audit log, too.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum MasterRecord {
    /// A device was paired: the user of the master has allowed it.
    Paired {
        /// Its number.
        slave: SlaveId,
        /// Its key.
        key: PeerKey,
        /// What it calls itself.
        name: DeviceName,
    },
    /// The user has ended that; what the device has stored is to be erased.
    Unpaired(SlaveId),
    /// The device has erased it.
    Wiped(SlaveId),
    /// The user has allowed or refused an activation.
    Consented {
        /// Who asked.
        slave: SlaveId,
        /// Whether it may.
        allow: bool,
    },
    /// A lease was granted.
    Granted {
        /// To whom.
        holder: Holder,
        /// Its number.
        epoch: Epoch,
    },
    /// Parameters are sent to a slave. What it stores is locked by the key of this lease.
    Locked {
        /// To which slave.
        slave: SlaveId,
        /// The number of the lease.
        epoch: Epoch,
    },
    /// It has ended.
    Free {
        /// Its number.
        epoch: Epoch,
        /// How that is known.
        ended: Ended,
    },
    /// The sequence numbers accepted.
    Sequence(SqnArray),
    /// Another set is shared.
    Replaced {
        /// It.
        set: Box<VirtualSim>,
        /// Sequence numbers that were accepted in leases up to this one are of other keys.
        since: Epoch,
    },
}

/// Why a master wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MasterTimer {
    /// The lease of a holder that is not heard, or its guard.
    Lease,
    /// Something was not answered.
    Retry,
}
