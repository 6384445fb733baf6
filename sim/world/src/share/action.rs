//! What can be done about a shared SIM, and what can break.

use crate::links::LinkFault;

/// An action. Phones are those of masters or slaves, by index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ShareAction {
    /// Carry a device to a spot: whoever of its group is there is in range, nobody else.
    Carry {
        /// Which phone, of a master or of a slave.
        phone: usize,
        /// Where to, by index of the spots.
        spot: usize,
    },
    /// The user of the master picks the device that shall have the subscription now.
    Pick {
        /// The phone of a slave, or the master's own one.
        phone: usize,
    },
    /// The user of the master wants nobody to have it; the user of a slave lets it go.
    Release {
        /// Which phone.
        phone: usize,
    },
    /// The user of a slave wants the subscription, now or as soon as it is free.
    Want {
        /// The slave's phone.
        phone: usize,
    },
    /// The user of a slave wants it to leave the network and to erase what is stored.
    Forget {
        /// The slave's phone.
        phone: usize,
    },
    /// Both users have compared their numbers: a slave is paired with the master of its group.
    Pair {
        /// The slave's phone.
        phone: usize,
    },
    /// The user of the master ends that.
    Unpair {
        /// The slave's phone.
        phone: usize,
    },
    /// The user of the master answers whether a slave may have the subscription.
    Consent {
        /// The slave's phone.
        phone: usize,
        /// Whether it may.
        allow: bool,
    },
    /// Another set of parameters takes the place of the one that a group shares: the same subscription,
    /// for which the operator shows another name.
    Replace {
        /// Which group.
        group: usize,
    },
}

/// What can break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ShareFault {
    /// The link between a slave and its master is not as it should be. A cut, one way or both, is a link
    /// that is down although both are in range.
    Link {
        /// The slave's phone.
        phone: usize,
        /// How it is.
        fault: LinkFault,
    },
    /// The sharing software of a device dies, and is started again when the fault ends. A soft card, and
    /// a card that is lent, are gone from the modem at that moment; a modem that hangs loses its power.
    Crash {
        /// The phone of a master or of a slave.
        phone: usize,
    },
    /// A device loses its power: its software, and its modem without a word to the network. Both are back
    /// when the fault ends.
    Battery {
        /// The phone of a master or of a slave.
        phone: usize,
    },
}
