//! SIM banks and modem pools: which SIM is on which modem, by leases, and why.
//!
//! The machine [`Exchange`] is the server. It keeps an inventory of sites with SIM slots and
//! modems, takes configuration requests ("this SIM on a modem of that pool"), leases SIMs to
//! modems, takes them back, queues what has to wait or has it take turns, and answers a use request
//! with the modem that serves the SIM. Every decision can be asked [why](wire::Why).
//!
//! What comes in and goes out is kept there as well. Sites say texts, delivery reports, outcomes
//! and calls again until they are confirmed, and they are confirmed when they are recorded: so a
//! text is at its operator, in a modem or in the log at any moment. Long texts are put together
//! from parts that came by any modem, reports find the text that they are about, and terminals
//! fetch from where they were ([`Ask::Mail`](wire::Ask::Mail)). Who may do what with a SIM, and how
//! much of it in a day, is told to the site of its modem with each lease
//! ([`SiteOrder::Entitle`](wire::SiteOrder::Entitle)).
//!
//! Everything that changes is a [`Record`](wire::Record); the state is the fold over the records,
//! and records name who caused them, so the log of records is the audit log. A record leaves before
//! any message that tells of it. Whether an exchange leads is no part of the fold: see
//! [`Exchange`]. What goes in and out is in [`wire`].
//!
//! ```
//! use polysim_base::{Instant, Machine, Out};
//! use polysim_fleet::wire::{Input, Output};
//! use polysim_fleet::{Exchange, ExchangeConfig, Term};
//!
//! let mut exchange = Exchange::new(ExchangeConfig::default());
//! exchange.handle(Instant::ZERO, Input::Lead(Term(1)));
//! let Some(Out::Record(record)) = exchange.poll_output() else { unreachable!() };
//! let mut after_a_crash = Exchange::new(ExchangeConfig::default());
//! after_a_crash.restore(record);
//! assert!(exchange.agrees(&after_a_crash) && exchange.leads() && !after_a_crash.leads());
//! ```
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod decide;
mod exchange;
mod id;
mod permission;
mod policy;
mod prefix;
pub mod site;
mod state;
pub mod terminal;
pub mod wire;

#[cfg(test)]
mod tests;

pub use exchange::{Exchange, ExchangeConfig};
pub use id::{
    GroupId, MailId, ModemId, PlanId, PoolId, RequestId, ServerId, SiteId, SlotId, TerminalId,
    UserId,
};
pub use permission::Permissions;
pub use polysim_lease::{Epoch, Margin, Revoke, Term};
pub use polysim_speech as speech;
pub use prefix::{InvalidPrefix, Prefix};
pub use state::{SimState, Timer};
