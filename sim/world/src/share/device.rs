//! What masters and slaves have in common: a phone, a place, and a modem that comes and goes.

use polysim_aka::SqnArray;
use polysim_apdu::CardReply;
use polysim_baseband::CardToTerminal;
use polysim_share::slave::SoftCard;

/// A device of a group.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) phone: u32,
    /// Where it is.
    pub(crate) spot: usize,
    /// What has befallen it.
    pub(crate) faults: Faults,
    /// What is done with its modem.
    pub(crate) modem: Modem,
    /// Its modem is registered with the shared subscription.
    pub(crate) on_air: bool,
}

/// Why the software of a device is down. Where several are, it is back when all have ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) crash: bool,
    pub(crate) battery: Option<Battery>,
}

/// A device without power.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Battery {
    /// Its phone was switched on before.
    pub(crate) was_on: bool,
}

/// What is done with a modem.
#[derive(Debug, Default)]
pub(crate) struct Modem {
    /// The command that switches its radio off, where that is under way.
    pub(crate) leaving: Option<u64>,
    /// How many commands it was given.
    pub(crate) commands: u64,
    /// What its card has accepted, as the software was told.
    pub(crate) sequence: SqnArray,
    /// What its card answers once the disk is done.
    pub(crate) held: Vec<CardToTerminal>,
}

/// What is to be done with a modem.
#[derive(Debug)]
pub(crate) enum Order {
    /// Put this card in, and go to the network.
    Attach(Box<SoftCard>),
    /// Connect the slot with a card far away, and go to the network.
    AttachRemote,
    /// Put the card in that is kept here, and go to the network.
    AttachHome,
    /// What comes out of a slot that is connected with a card far away.
    Contact(CardReply),
    /// Leave the network, and take the card out.
    Leave,
    /// The same, without a word to the network.
    CutPower,
}

impl Device {
    pub(crate) fn new(phone: u32, spot: usize) -> Self {
        let (faults, modem) = (Faults::default(), Modem::default());
        Self { phone, spot, faults, modem, on_air: false }
    }
}

impl Faults {
    /// Returns whether the software may run.
    pub(crate) const fn allow(&self) -> bool {
        !self.crash && self.battery.is_none()
    }
}
