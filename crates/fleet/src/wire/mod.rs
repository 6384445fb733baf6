//! What exchange, sites and terminals say to each other, and what the exchange records: typed, with
//! serde, and versioned.

mod answer;
mod call;
mod encode;
mod frame;
mod input;
mod inventory;
mod lease;
mod message;
mod modem;
mod output;
mod parameters;
mod record;
mod report;

mod user;

pub use answer::{Answer, DropReason, Placement, Refusal, SimWhy, Why};
pub use call::{CallEnding, CallPhase, CallRecord, CallRef, Direction};
pub use encode::{Envelope, VERSION, WrongVersion};
pub(crate) use encode::{
    duration, instant, optional_duration, optional_instant, optional_text, shared, text,
};
pub use frame::{FRAME_LEN_MAX, FrameReader, FrameTooLong, frame};
pub use input::{Caps, Input, OperatorInput, PlanReport};
pub use inventory::{CardReport, Kind, ModemReport};
pub use lease::{Fault, LeaseClaim};
pub(crate) use message::TEXTS_KNOWN;
pub use message::{MessageId, PartOutcome, ReceivedText, StatusReport, TextOutcome, TextState};
pub use modem::{
    Act, Contact, Done, FromModem, ModemRequest, Relay, RingOver, ToModem, UseRefusal,
};
pub use output::Output;
pub use parameters::{KindWanted, ModemOrder, ModemWanted, Parameters, Reclaim, SimOrder, Target};
pub use polysim_apdu::{CardReply, CardSignal};
pub use polysim_speech::SpeechReport;
pub use record::{
    Cause, Change, ConfigureChange, EndReason, InventoryChange, LeaseChange, Misreport, Record,
};
pub use report::{Budget, Directive, Hello, Kept, ReportId, SiteOrder, SiteReport};
pub use user::{Ask, Mail, MailItem, MailPage, SimView, UserRequest};
