//! What master and slave say to each other, and how they write it: a version, a kind, and the fields. Each
//! message has one way to be written.

mod error;
mod octets;
#[cfg(test)]
pub(crate) mod tests;
mod to_master;
mod to_slave;

pub use error::WireError;
pub use octets::{CARD_LEN_MAX, MESSAGE_LEN_MAX};

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::Duration;
use polysim_lease::Epoch;

use crate::{DeviceName, LockKey, SetDigest, VirtualSim};

/// From the master to a slave.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ToSlave {
    /// Nothing is started: somebody else is active with it, or may be. The slave is served without
    /// reconnecting once that has ended.
    Busy {
        /// Who.
        holder: HeldBy,
        /// For how long at most, where that is known.
        for_at_most: Option<Duration>,
    },
    /// Which set is stored there? Answered by [`ToMaster::Have`].
    Read,
    /// Store these parameters in the place of whatever is there, and activate. Answered by
    /// [`ToMaster::Active`] or [`ToMaster::Unable`].
    Take {
        /// The number of the lease.
        epoch: Epoch,
        /// The static set.
        set: Box<VirtualSim>,
        /// What locks it.
        lock: LockKey,
        /// The sequence numbers accepted so far.
        sequence: SqnArray,
    },
    /// Activate the set that is stored there. Answered as [`ToSlave::Take`].
    Activate {
        /// The number of the lease.
        epoch: Epoch,
        /// What unlocks it.
        lock: LockKey,
        /// The sequence numbers accepted so far.
        sequence: SqnArray,
    },
    /// Use the card that stays here, by [`ToSlave::Card`] and [`ToMaster::Card`]. Answered as
    /// [`ToSlave::Take`].
    Lend {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// The link is back in time: go on.
    Resume {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// Leave the network, and refuse what may still come of this lease. Answered by
    /// [`ToMaster::Released`], also by a slave that does not hold it.
    Revoke {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// The release is written down.
    Noted {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// Leave the network if you are on it, and erase the stored set. Answered by [`ToMaster::Wiped`].
    Wipe,
    /// A message of the SIM Access Profile from the server, of the lease.
    Card {
        /// The number of the lease.
        epoch: Epoch,
        /// The message.
        message: Vec<u8>,
    },
}

/// Who has the subscription.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum HeldBy {
    /// The master itself.
    Master,
    /// Another slave.
    Slave(DeviceName),
    /// Nobody, but the user of the master has not allowed it yet.
    Consent,
}

/// From a slave to the master.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ToMaster {
    /// How things stand, in each new session until the master has answered, and whenever what it wants
    /// changes. Answered by [`ToSlave::Busy`], [`ToSlave::Resume`], or what starts sharing; where it holds
    /// nothing and wants nothing, by [`ToSlave::Noted`] of the newest lease. Not said while the modem
    /// leaves.
    Hello {
        /// The lease under which it is on the network or may be.
        holds: Option<Epoch>,
        /// The newest lease that it knows, [`Epoch::NONE`] if none: that it was told to use or to leave.
        /// Its sequence numbers are of that one.
        newest: Epoch,
        /// Whether it wants the subscription.
        wants: bool,
        /// The sequence numbers that it has accepted, as far as it knows any.
        sequence: Option<SqnArray>,
    },
    /// What is stored there.
    Have {
        /// The digest of the set.
        digest: Option<SetDigest>,
    },
    /// It has what it needs and goes to the network.
    Active {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// It cannot activate that: the stored set is not there or does not open. It is not on the network.
    Unable {
        /// The number of the lease.
        epoch: Epoch,
    },
    /// It is not on the network with this lease, and will never be (again). Said until
    /// [`ToSlave::Noted`] when it has just left, and once in answer to whatever else tells it to use a
    /// lease that is over for it.
    Released {
        /// The number of the lease.
        epoch: Epoch,
        /// The sequence numbers that it has accepted.
        sequence: Option<SqnArray>,
        /// Whether it wants the subscription again.
        wants: bool,
    },
    /// The card has accepted another sequence number.
    Sequence {
        /// The number of the lease.
        epoch: Epoch,
        /// All of them.
        sequence: SqnArray,
    },
    /// Nothing is stored there any more, and it is not on the network.
    Wiped,
    /// A message of the SIM Access Profile from the client, of the lease.
    Card {
        /// The number of the lease.
        epoch: Epoch,
        /// The message.
        message: Vec<u8>,
    },
}
