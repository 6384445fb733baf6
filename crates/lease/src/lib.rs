//! Leases that a crash, a lost message or a wrong clock cannot double.
//!
//! A [`Grantor`] gives a subject (a card, a subscription) to one holder at a time. The [`Fence`]
//! stands where the subject is used and refuses everything that is not of the newest [`Epoch`].
//! Neither believes anything about the other's clock but its bounded rate: a [`Margin`].
//!
//! Time is counted so: the edge stamps what it sends with its own clock, and every [`Grant`]
//! carries the last stamp that the grantor had seen, as [`Grant::asked`]. That moment lies before
//! the grant, so an edge that counts from it stops in time, however long the grant was on its way.
//!
//! ```
//! use polysim_base::{Duration, Instant};
//! use polysim_lease::{Fence, Grantor, Margin, Term};
//!
//! let margin = Margin::new(200, Duration::from_millis(500)).unwrap();
//! let ttl = Duration::from_secs(30);
//! let mut grantor = Grantor::new();
//! let mut fence = Fence::new();
//! let (server_now, edge_now) = (Instant::from_micros(7_000_000), Instant::from_micros(99));
//!
//! let epoch = grantor.grant(server_now, "modem 1", Term(1), ttl, margin).unwrap();
//! let grant = grantor.told(server_now, edge_now).unwrap();
//! fence.accept(edge_now, grant, margin).unwrap();
//! assert!(fence.admit(edge_now, epoch).is_err()); // the card is not reset yet
//! fence.reset_done(epoch).unwrap();
//! assert_eq!(fence.admit(edge_now, epoch), Ok(()));
//! ```
#![no_std]
#[cfg(test)]
extern crate std;

mod epoch;
mod fence;
mod grantor;
mod margin;
#[cfg(test)]
mod tests;

pub use epoch::{Epoch, EpochError, Term};
pub use fence::{Admission, Fence, FenceError};
pub use grantor::{Grant, GrantError, Grantor, LeaseState, LeaseTimer, Moved, Revoke, StaleEpoch};
pub use margin::{InvalidMargin, Margin};
