use polysim_base::Eid;
use polysim_ota::Counter;

use crate::platform::record::Write;
use crate::wire::{OrderId, Refusal, WriteFailure};

/// A request of a business platform, so that it is answered the same when it is asked again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::platform) enum Requested {
    /// To deliver what a card says.
    Bind { eid: Eid, counter: Counter },
    /// To write a card.
    Write { write: Write, standing: Standing },
}

/// How a request to write stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::platform) enum Standing {
    Open(OrderId),
    Refused(Refusal),
    Done(Eid),
    Failed(WriteFailure),
}
