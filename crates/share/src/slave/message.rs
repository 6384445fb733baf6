//! What reaches a slave, what leaves it, and what it writes down.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::Instant;
use polysim_lease::Epoch;

use crate::wire::{HeldBy, ToMaster, ToSlave};
use crate::{SetDigest, StorageKey, Timing, VirtualSim};

/// How a slave works.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SlaveConfig {
    /// Under which it stores the set.
    pub storage: StorageKey,
    /// Whether it wants the subscription whenever it is connected, or only when its user says so.
    pub wants: bool,
    /// How long what may take.
    pub timing: Timing,
}

/// What reaches a slave.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SlaveInput {
    /// It runs: the first input of each life. The link is down. Its modem may be anywhere: it is told to
    /// leave first.
    Start,
    /// The link to the master is up, in a new session.
    Up,
    /// It is down: nothing of that session is handed in after it. Since when, by the own clock: the timer
    /// counts from there, also where the process is told late, because it was stopped or its disk was slow.
    Down(Instant),
    /// The master says something.
    Message(ToSlave),
    /// The user wants something.
    Command(SlaveCommand),
    /// The modem is on no network, and its card is out: after [`ModemOrder::Leave`] or
    /// [`ModemOrder::CutPower`], or by itself when it has given up.
    ///
    /// It is about the newest order: one that was meant before the modem took the last attach order is
    /// dropped by whoever hands it in. Else a modem that has left by itself and then confirms an order to
    /// leave would be taken to have left twice, the second time when it is on the network again.
    Left,
    /// The soft card has accepted another sequence number. What it answers to the network may leave it
    /// once that is written down.
    Sequence(SqnArray),
    /// The SIM Access Profile client says something to the card.
    Card(Vec<u8>),
}

/// What the user of a slave wants.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SlaveCommand {
    /// To have the subscription, now or as soon as it is free.
    Want,
    /// To leave the network, and not to be served again until the user wants it.
    Release,
    /// The same, and to erase the stored set.
    Forget,
}

/// What leaves a slave.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SlaveOutput {
    /// To the master, whose link is up.
    Send(ToMaster),
    /// To the modem.
    Modem(ModemOrder),
    /// To the SIM Access Profile client: what the server says.
    Card(Vec<u8>),
    /// Something happened.
    Tell(SlaveEvent),
}

/// To the modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ModemOrder {
    /// Put this card in, and go to the network.
    ///
    /// The soft card lives in the process that runs the slave. When that process dies, the card is gone
    /// from the modem, and the modem leaves the network: nobody would be there to end the slave's timer.
    Attach(Box<SoftCard>),
    /// Connect the SIM Access Profile client to the slot, and go to the network. The client lives in the
    /// process that runs the slave, as a soft card does.
    AttachRemote,
    /// Leave the network, and take the card out; confirmed by [`SlaveInput::Left`].
    Leave,
    /// That took too long: cut the modem's power. Confirmed by [`SlaveInput::Left`].
    CutPower,
}

/// A card made of parameters.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SoftCard {
    /// The static set.
    pub set: VirtualSim,
    /// The sequence numbers accepted so far.
    pub sequence: SqnArray,
}

/// What happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SlaveEvent {
    /// The link to the master is up.
    Connected,
    /// It is down.
    Lost,
    /// Not served, and why.
    Busy(HeldBy),
    /// Parameters were received and stored.
    Stored,
    /// It goes to the network.
    Activated(Epoch),
    /// The link was back in time.
    Resumed,
    /// It leaves the network.
    Leaving(Why),
    /// It has left the network.
    Left {
        /// Why it was told to.
        why: Why,
        /// How.
        left: Left,
    },
    /// The stored set was erased.
    Wiped,
}

/// Why a slave leaves the network.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Why {
    /// The master says so.
    Revoked,
    /// The user says so.
    User,
    /// The link was down for too long.
    Timer,
    /// The card stays with the master, and the link is down.
    CardLost,
    /// The modem has left by itself.
    Modem,
    /// It was started, and its modem may be anywhere.
    Started,
}

/// How a slave has left the network.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Left {
    /// The modem has signed off.
    Detached,
    /// The modem's power was cut.
    PowerCut,
}

/// What a slave writes down.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SlaveRecord {
    /// The newest lease that it has activated, or was told to leave before it could. Neither that one nor
    /// an older one is activated again. [`Epoch::NONE`] after it was unpaired.
    Activated(Epoch),
    /// The set, sealed.
    Stored {
        /// Its digest.
        digest: SetDigest,
        /// It, enciphered under the storage key and the lock key.
        sealed: Vec<u8>,
    },
    /// Nothing is stored.
    Wiped,
    /// The sequence numbers accepted under the newest lease; the empty array where none are known.
    Sequence(SqnArray),
    /// Whether the user wants the subscription.
    Wants(bool),
}

/// Why a slave wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SlaveTimer {
    /// The link has been down for so long that it leaves the network.
    Link,
    /// Leaving takes too long.
    Detach,
    /// Something was not answered.
    Retry,
}
