//! What goes into an [`Exchange`](crate::Exchange), what comes out, and what it records: typed,
//! with serde, and versioned.

mod answer;
mod encode;
mod input;
mod output;
mod record;

pub use answer::{Answer, DropReason, Placement, Refusal, SimWhy, Why};
pub use encode::{Envelope, VERSION, WrongVersion};
pub(crate) use encode::{duration, instant, optional_duration, optional_text, text};
pub use input::{
    CardReport, ConfigureInput, Fault, Hello, Input, InventoryInput, Kind, KindWanted, LeaseClaim,
    LeaseInput, ModemOrder, ModemReport, ModemWanted, Parameters, PlanReport, Reclaim, SimOrder,
    Target, UseRequest,
};
pub use output::{Output, SiteMessage};
pub use record::{Cause, Change, ConfigureChange, EndReason, InventoryChange, LeaseChange, Record};
