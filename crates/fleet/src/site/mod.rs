//! The site: banks with cards, modems, and what passes between them, terminals and the exchange.
//!
//! # What holds
//! - A card is used by the newest lease only, after a reset, and until that lease runs out by the
//!   site's own clock; a fence for each SIM says so, and its highest epoch outlives a crash.
//! - Each command of a modem to a card is executed once, also over a link that loses and doubles.
//! - A modem goes on air with a SIM only after its own memory was emptied of the last one's texts.
//! - A text is recorded before its modem gets it, and handed to a modem once; after a crash it is
//!   unknown and never sent again. What it was answered for good, accepted or refused, it is
//!   answered again, in every life and after its lease; and a SIM that is said to have moved is
//!   never served by that lease again. So a terminal may go on to another site, and no two send it.
//! - A received text stays in the modem until the exchange has it.
//! - Of all terminals that answer a call one has it, and each call ends with one record. How a call
//!   is, is said every few seconds, and that it is over a few times.
//!
//! # What the owner does
//! It gives [`SiteInput::Start`] first, then [`CardReply::Inserted`](crate::wire::CardReply) for
//! each card that is in a bank, also after a restart; it carries what goes to and comes from the
//! drivers of the modems, whose plan of initialisation has no step that turns the radio on.

mod api;
mod call;
mod contact;
mod dialogue;
mod identify;
mod inspect;
mod lease;
mod machine;
mod modem;
mod record;
mod request;
mod rights;
mod slot;
mod speech;
#[cfg(test)]
mod tests;
mod text_in;
mod text_out;
mod timer;
mod uplink;

pub use api::{SiteConfig, SiteInput, SiteModem, SiteOutput};
pub use inspect::{FenceView, ModemPhase, ModemView, SiteCounters};
pub use machine::Site;
pub use record::SiteRecord;
pub use timer::SiteTimer;
