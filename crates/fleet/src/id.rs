//! What the parts of a fleet are called. Cards are called by their ICCID.

use core::fmt;
use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($repr:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        pub struct $name(pub $repr);
    };
}

number!(
    /// A place with banks and modems, on one link to the exchange.
    SiteId(u16)
);
number!(
    /// Somebody with terminals.
    UserId(u32)
);
number!(
    /// A set of SIMs of which any may be picked for a use.
    GroupId(u32)
);
number!(
    /// A set of modems of which any may serve a SIM.
    PoolId(u16)
);
number!(
    /// A tariff of an operator.
    PlanId(u16)
);
number!(
    /// A device that its user calls and texts with. It is named once, over all its lives.
    TerminalId(u32)
);
number!(
    /// A server of the fleet, of which one leads.
    ServerId(u8)
);
number!(
    /// Something that has come for a SIM, in the order in which it was recorded. 0 is before all.
    MailId(u64)
);
number!(
    /// What a terminal calls its request; the answer carries it.
    RequestId(u64)
);

impl RequestId {
    /// Returns the name of a request of a terminal, which has none of that number twice.
    #[must_use]
    pub const fn of(terminal: TerminalId, number: u32) -> Self {
        Self((terminal.0 as u64) << 32 | number as u64)
    }

    /// Returns the terminal whose request it is.
    #[must_use]
    pub const fn terminal(self) -> TerminalId {
        TerminalId((self.0 >> 32) as u32)
    }
}

/// A slot of a bank.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct SlotId {
    /// Where the bank is.
    pub site: SiteId,
    /// Which bank of the site.
    pub bank: u16,
    /// Which slot of the bank.
    pub slot: u16,
}

/// A modem of a site.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ModemId {
    /// Where the modem is.
    pub site: SiteId,
    /// Which modem of the site.
    pub number: u16,
}

impl fmt::Display for ModemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site.0, self.number)
    }
}
