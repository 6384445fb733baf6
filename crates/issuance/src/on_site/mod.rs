//! What a tool does with a card that is at hand: in a reader, or in a modem with a port for AT
//! commands.
//!
//! Flows over a [`ToolPort`]: whoever runs one carries APDUs to the card. [`read_pair`] and
//! [`read_state`] ask the applet, [`bring`] brings a command packet and comes back with the proof.
//!
//! A reader is a terminal too: the tool says what it can do, and carries out what the card wants.
//! It knows no device, so it never gives an IMEI to a card. Where a modem holds the card, the modem
//! is the terminal, and its commands are left to it.
//!
//! ```
//! use polysim_base::procedure::{Procedure, Step};
//! use polysim_base::{Instant, Machine as _, Out};
//! use polysim_issuance::on_site::{Ask, Lane, OnSiteError, Reply, Terminal, read_state};
//!
//! let aid = vec![0xA0, 0, 0, 0, 1];
//! let mut flow =
//!     Procedure::start(Instant::ZERO, |port| async { read_state(port, aid, Terminal::Tool).await });
//! let Some(Out::Do(Step::Ask(ticket, Ask::Open(_)))) = flow.poll_output() else { panic!() };
//! // What a card says that has no such application.
//! flow.handle(Instant::ZERO, (ticket, Reply::Refused([0x6A, 0x82])));
//! let Some(Out::Do(Step::Done(result))) = flow.poll_output() else { panic!() };
//! assert_eq!(result, Err(OnSiteError::NoApplet));
//! ```

mod bring;
mod contact;
mod error;
mod read;
mod session;
#[cfg(test)]
mod tests;

pub use bring::{BUSY_TRIES, Brought, Delivery, bring, read_imsi};
pub use contact::{Terminal, ToolPort};
pub use error::OnSiteError;
pub use polysim_apdu::contact::{Ask, Lane, PIECES_MAX, Reply};
pub use read::{read_pair, read_state};
pub use session::{COMMANDS_MAX, tool_profile};
