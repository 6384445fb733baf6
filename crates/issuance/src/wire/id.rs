//! Numbers that tell one thing from another.

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
            Deserialize,
        )]
        pub struct $name(pub $inner);
    };
}

number! {
    /// One order to write one card, given by the platform; the card is told it, and never carries
    /// out an order twice. Of two orders for a card the later has the higher number, and none has
    /// 0: that stands for a write by remote file management.
    OrderId(u32)
}
number! {
    /// One request of a business platform, given by it. Asking again with the same number changes
    /// nothing and is answered the same.
    RequestId(u64)
}
number! {
    /// One packet that the platform gave to the service centre.
    MessageId(u64)
}
number! {
    /// One connection of a card to the platform.
    StreamId(u64)
}
