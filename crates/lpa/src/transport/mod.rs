//! ES10 functions as APDUs (SGP.22, 5.7.2).
//!
//! A function goes to the ISD-R as the data of a chain of STORE DATA commands, and its response comes
//! back by GET RESPONSE. [`exchange`] does one function; it is a flow over a port, and whoever runs it
//! keeps the lane that it gives back for the next one:
//!
//! ```
//! use polysim_apdu::contact::{Ask, RawChannel};
//! use polysim_base::procedure::{Procedure, Step};
//! use polysim_base::{Instant, Machine as _, Out};
//! use polysim_lpa::transport::{TransportConfig, exchange};
//! use std::sync::Arc;
//!
//! let config = Arc::new(TransportConfig::default());
//! let (mut raw, mut lane) = (RawChannel::default(), None);
//! let now = Instant::ZERO;
//! # let card = |apdu: &[u8]| Some(match apdu[1] { 0x70 => vec![1, 0x90, 0], _ => vec![0x90, 0] });
//! let mut flow = Procedure::start(now, |port| exchange(port, lane, config, vec![0xBF, 0x2D, 0x00]));
//! let reply = loop {
//!     match flow.poll_output() {
//!         Some(Out::Do(Step::Ask(ticket, ask))) => flow.handle(now, (ticket, raw.answer(ask, card))),
//!         Some(Out::Do(Step::Done((opened, reply)))) => {
//!             lane = opened;
//!             break reply;
//!         }
//!         other => panic!("{other:?}"),
//!     }
//! };
//! assert_eq!((reply, lane.is_some()), (Ok(vec![]), true));
//! ```

mod config;
mod error;
mod flow;
#[cfg(test)]
mod tests;

pub use config::{BLOCK_LEN, ISD_R, TransportConfig, TransportConfigError};
pub use error::{CardError, Refusal};
pub use flow::{FUNCTION_BLOCKS_MAX, close, exchange};
